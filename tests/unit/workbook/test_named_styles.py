"""Cells of a template stand under Excel's built-in styles by what they are for."""

import io

import openpyxl
import pytest
from templates import named_cell, small_read, small_spec, small_template

from xlcity.workbook.build import draw
from xlcity.workbook.drawing.styles import NAMED


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))


def cell_of(book, name):
    area = small_read().area(name)
    return book[area.sheet][named_cell(name)]


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("in_weights", "Input"),
        ("par_scale", "Input"),
        ("out_scores", "Output"),
        ("chk_verdict", "Check Cell"),
        ("out_normalised", "Calculation"),
    ],
)
def test_cells_carry_the_style_of_their_kind(book, name, style) -> None:
    assert cell_of(book, name).style == style


def test_every_input_cell_of_data_is_an_input(book) -> None:
    area = small_read().area("in_data")
    # The row above the closing one is empty, so that the sort button leaves that row alone.
    inside = book["Data"].iter_rows(area.r1 + 1, area.r2 - 2, area.c1, area.c2)
    assert {cell.style for row in inside for cell in row} == {"Input"}


def test_the_styles_are_the_built_in_ones_with_our_looks(book) -> None:
    listed = {style.name: style for style in book._named_styles}
    numbers = {name: listed[name].builtinId for name in NAMED}
    assert numbers == {"Input": 20, "Output": 21, "Calculation": 22, "Check Cell": 23}
    plain_input = cell_of(book, "in_weights")
    assert listed["Input"].fill.fgColor.rgb == plain_input.fill.fgColor.rgb
    assert listed["Input"].font.color.rgb == plain_input.font.color.rgb


def test_the_cells_look_as_they_were_drawn(book) -> None:
    """Hanging a format under a style changes nothing of the format itself."""
    verdict, score = cell_of(book, "chk_verdict"), cell_of(book, "out_scores")
    assert (verdict.font.bold, verdict.font.sz, verdict.alignment.horizontal) == (
        True,
        12,
        "center",
    )
    assert score.font.bold
    assert score.fill.fgColor.rgb == "FFEAF4EA"


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert draw(small_spec())[0].to_bytes() == draw(small_spec())[0].to_bytes()
