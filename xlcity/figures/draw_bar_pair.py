"""Draws two charts of stacked bars with the same rows side by side."""

from __future__ import annotations

from xlcity.figures.contents import BarPair
from xlcity.figures.draw_bars import bar_signs, draw_stack
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    Size,
    plain_rows,
    row_labels,
    rows_size,
    set_axis,
)

#: Room at the ends of an axis for the numbers behind bars, as a share of it.
_BEHIND = 0.16


def bar_pair_size(chart: BarPair, lang: str) -> Size:
    """Return the size in cm."""
    return rows_size(chart.left.rows, lang, tall=True)


def draw_bar_pair(chart: BarPair, frame: Frame) -> None:
    """Draw the bars of both charts, the first row on top, with names on the left alone."""
    labels = row_labels(chart.left.rows, frame.lang)
    sides = (chart.left, chart.right)
    for axes, side in zip(frame.axes(2), sides, strict=True):
        plain_rows(axes, labels, len(labels))
        axes.tick_params(labelleft=side is chart.left)
        axes.grid(axis="x")
        axes.margins(x=_BEHIND)
        draw_stack(axes, side, range(len(labels)))
        set_axis(axes.xaxis, side.axis, frame.lang)
        axes.locator_params(axis="x", nbins=5)
    frame.legend(bar_signs(chart.left, frame.lang))


CHART_KINDS = {BarPair: ChartKind(bar_pair_size, draw_bar_pair)}
