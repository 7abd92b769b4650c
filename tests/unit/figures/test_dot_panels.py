"""Rows of dots: every dot, band, border and mean is where its number says."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_hex

from tests.unit.figures.test_figures import dot_panels, figure
from xlcity.figures.contents import Dot, DotRow, Label, number_rows
from xlcity.figures.draw_dot_panels import dot_colour
from xlcity.figures.figure import laid_out
from xlcity.figures.style import figure_style


def dots_of(axes):
    """Return the dots drawn: value, row, colour, whether they are open."""
    return [
        (
            float(line.get_xdata()[0]),
            float(line.get_ydata()[0]),
            to_hex(line.get_markerfacecolor()),
            line.get_markerfacecolor() == "white",
        )
        for line in axes.lines
        if line.get_marker() == "o"
    ]


@pytest.fixture
def drawn():
    with laid_out(figure(dot_panels(6)), "en") as picture:
        yield picture.get_axes()[0]


def test_every_dot_has_its_value_row_and_colour(drawn):
    (panel,) = dot_panels(6).panels
    expected = [
        (dot.value, height, dot_colour(dot.shade).lower(), dot.is_open)
        for height, row in enumerate(panel.rows)
        for dot in row.dots
    ]
    assert dots_of(drawn) == expected
    assert len(expected) == 12


def test_bands_borders_and_means_are_where_they_are_told(drawn):
    (band,) = drawn.patches
    assert [*band.get_bbox().intervaly] == [-0.5, 1.5]
    assert to_hex(band.get_facecolor()) == figure_style().colour["band"].lower()
    (bar,) = (line for line in drawn.lines if line.get_marker() == "|")
    assert (bar.get_xdata()[0], bar.get_ydata()[0]) == (3, 6)
    (mean,) = (line for line in drawn.lines if line.get_linestyle() == "--")
    assert {*mean.get_xdata()} == {2}
    places = {text.get_text(): text.get_position()[1] for text in drawn.texts}
    assert places["−1"] == 1.5
    assert (places["one"], places["two"]) == (0.5, 4)


def test_dots_on_gaps_are_open_and_those_of_a_row_can_be_joined():
    then = Dot(Label("then"), 2.0, None)
    now = Dot(Label("now"), 5.0, 0, is_open=True)
    content = dot_panels(6)
    panel = replace(content.panels[0], rows=[DotRow(Label("city"), [then, now])] * 8)
    for joined in (True, False):
        content = replace(content, panels=[panel], is_joined=joined)
        with laid_out(figure(content), "en") as picture:
            (axes,) = picture.get_axes()
            assert [dot[3] for dot in dots_of(axes)[:2]] == [False, True]
            lines = [part.get_segments()[0][:, 0] for part in axes.collections]
        assert sum(tuple(line) == (2.0, 5.0) for line in lines) == 8 * joined


def test_panels_of_one_unit_end_alike_and_others_where_their_dots_do():
    content = dot_panels(6, across=2)
    far = DotRow(Label("far"), [Dot(Label("far"), 500.0)])
    wide = replace(content.panels[1], rows=[*content.panels[1].rows[:-1], far])
    content = replace(content, panels=[content.panels[0], wide])
    for is_one in (True, False):
        own = replace(content, has_one_axis=is_one)
        with laid_out(figure(own), "zh") as picture:
            first, second = (axes.get_xlim() for axes in picture.get_axes())
        assert (first == second) == is_one
        assert second[1] > 500


def test_the_numbers_of_dots_have_plain_headings():
    head, *rows = number_rows(dot_panels(6), "zh")
    assert head == ("项目", "组", "城市", "名次", "名次")
    assert len(rows) == 12
    assert rows[0][2:] == ("1  呼和浩特", 6, 1)
    assert {row[1] for row in rows[6:]} == {"其余"}


def test_a_row_without_a_number_has_no_dot():
    content = dot_panels(4)
    empty = DotRow(Label("none"), [Dot(Label("none"), np.nan)], end=Label("—"))
    panel = replace(content.panels[0], rows=[*content.panels[0].rows[:-1], empty])
    with laid_out(figure(replace(content, panels=[panel])), "en") as picture:
        (axes,) = picture.get_axes()
        assert len([dot for dot in dots_of(axes) if np.isfinite(dot[0])]) == 4
