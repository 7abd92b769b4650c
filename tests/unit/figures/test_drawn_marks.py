"""Every mark is drawn inside its axes: no bar is cut, no corner is on the opposite spoke."""

import numpy as np
import pytest

from tests.helpers.drawn_marks import marks_outside
from tests.unit.figures.test_figures import AXIS, figure, kinds, names
from xlcity.figures import contents as c
from xlcity.figures.figure import laid_out
from xlcity.figures.style import figure_style

#: Rows of a chart that stand in one column, in two, and in three.
ROWS = (7, 50, 130)
#: Numbers as quantities have them: scores, z-scores, all below 0, with gaps.
QUANTITIES = {
    "scores": lambda rng, n: rng.uniform(55, 95, n),
    "from zero": lambda rng, n: rng.uniform(0, 1, n) ** 4 * 90,
    "z-scores": lambda rng, n: rng.normal(size=n),
    "below zero": lambda rng, n: -rng.uniform(1, 3, n),
    "gaps": lambda rng, n: np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)),
}


def outside(content):
    with laid_out(figure(content), "en") as picture:
        return marks_outside(picture)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_its_marks_inside(kind):
    assert outside(kinds()[kind]) == []


@pytest.mark.parametrize("n", ROWS)
def test_all_columns_of_many_rows_end_where_the_greatest_value_is(n):
    """The first column has the first ranks alone."""
    ranks = np.arange(1.0, n + 1)
    series = c.BarSeries(c.Label("名次", "rank"), ranks, ranks - 0.5, ranks + 3)
    axis = c.Axis(c.Label("名次", "rank"), low=0.5, whole=True)
    bars = c.BarSeries(c.Label("得分", "score"), ranks)
    for content in (
        c.DotChart(names(n), [series], axis, c.Label("区间", "interval")),
        c.BarChart(names(n), [bars], AXIS),
    ):
        assert outside(content) == []


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_all_quantities_are_inside(quantity):
    rng = np.random.default_rng(5)
    n = 50
    values = [QUANTITIES[quantity](rng, n) for _ in range(3)]
    low, high = np.fmin(*values[:2]), np.nanmax(values[:2])
    label = c.Label("得分", "score")
    series = [c.BarSeries(label, own) for own in values]
    ends = [c.BarSeries(label, low, low - 1, np.full(n, high) + 1)]
    for content in (
        c.BarChart(names(n), series, c.Axis(label)),
        c.BarChart(names(n), series, c.Axis(label), stacked=True),
        c.BarPanels(
            names(n)[:9], [c.BarSeries(label, v[:9]) for v in values], [AXIS] * 3
        ),
        c.DotChart(names(n), series, c.Axis(label)),
        c.DotChart(names(n), ends, c.Axis(label), label),
        c.Matrix2D(names(n), names(3), np.array(values).T, c.Axis(label)),
        c.LineChart(
            [c.Curve(label, np.arange(float(n)), own) for own in values],
            c.Axis(label),
            c.Axis(label),
        ),
    ):
        assert outside(content) == []


def test_marks_outside_are_found():
    with laid_out(figure(kinds(50)["bars"]), "en") as picture:
        (first, *_) = picture.get_axes()
        first.set_xlim(0, 5)
        assert any("Rectangle" in mark for mark in marks_outside(picture))
    assert figure_style().size["most_rows"] < ROWS[2]
