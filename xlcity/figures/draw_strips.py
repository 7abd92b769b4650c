"""Draws strips: where one of many stands between the worst and the best, a line for each row."""

from __future__ import annotations

from typing import Any

from xlcity.figures.contents import Label, StripChart
from xlcity.figures.fonts import wrapped
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    Size,
    plain_rows,
    row_height,
    row_labels,
)
from xlcity.figures.style import figure_style

#: Room above and below the lines in cm.
_AROUND = 0.7
#: Where values and ranks begin, and where the chart ends, in lengths of a line.
_VALUES = 1.06
_RANKS = 1.42
#: Room of a value in cm, where names of rows are as long as can be.
_ROOM = 2.2
_END = 1.56
#: Size of a dot and of a tick in points.
_DOT = 6.0
_TICK = 8.0


def strip_size(chart: StripChart, lang: str) -> Size:
    """Return the size in cm."""
    height = row_height(row_labels(chart.rows, lang), 1) * len(chart.rows)
    return figure_style().size["width"], height + _AROUND


def draw_strips(chart: StripChart, frame: Frame) -> None:
    """Draw a line for each row, a tick at the mean, a dot at what the chart is about."""
    style = figure_style()
    colour = style.colour
    (axes,) = frame.axes()
    labels = row_labels(chart.rows, frame.lang)
    plain_rows(axes, labels, len(labels))
    heights = range(len(labels))
    axes.hlines(heights, 0, 1, color=colour["line"], lw=1.0)
    axes.plot(chart.means, heights, "|", color=colour["soft"], ms=_TICK, mew=1.2)
    axes.plot(chart.places, heights, "o", color=colour["main"], ms=_DOT)
    size = style.type["small"]
    for height, value, rank in zip(heights, chart.texts, chart.marks, strict=True):
        axes.text(_VALUES, height, _shown(value, frame.lang), size=size, va="center")
        axes.text(_RANKS, height, rank, size=size, va="center", ha="right")
    axes.set_xlim(-0.03, _END)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _shown(value: Label, lang: str) -> str:
    """Return a value with its unit, in several lines where it is long."""
    size = figure_style().type["small"]
    return "\n".join(wrapped(value.text(lang), _ROOM, size))


def strip_parts(body: Any) -> list[Any]:
    """Return what differs between strips of cities: dots and texts, from below."""
    (axes,) = body.axes
    return [axes.lines[1], *axes.texts]


def change_strips(body: Any, chart: StripChart, lang: str) -> None:
    """Give drawn strips the dots and texts of another city."""
    (axes,) = body.axes
    axes.lines[1].set_xdata(chart.places)
    for value, text in zip(axes.texts[::2], chart.texts, strict=True):
        value.set_text(_shown(text, lang))
    for rank, mark in zip(axes.texts[1::2], chart.marks, strict=True):
        rank.set_text(mark)


CHART_KINDS = {StripChart: ChartKind(strip_size, draw_strips)}
