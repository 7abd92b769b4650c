"""Draws charts with a line per row: intervals, and several values."""

from __future__ import annotations

import itertools

import numpy as np

from xlcity.figures.contents import DotChart, IntervalChart
from xlcity.figures.panels import ChartKind, Frame, row_panels, rows_size, series_colour

#: Marks of the values of a row, in turn.
_MARKERS = "osD^vP"


def interval_size(chart: IntervalChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    return rows_size(chart.rows, lang)


def draw_intervals(chart: IntervalChart, frame: Frame) -> None:
    """Draw an interval per row, its middle, and a value of its own."""
    from matplotlib.lines import Line2D

    colour, lang = frame.style.colour, frame.lang
    bounds = [*chart.bands, len(chart.rows)]
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        places = np.arange(len(part))
        rows = np.array(part)
        for first, end in list(itertools.pairwise(bounds))[1::2]:
            low, high = max(first, part.start), min(end, part.stop)
            if low < high:
                ends = low - part.start - 0.5, high - part.start - 0.5
                axes.axhspan(*ends, color=colour["band"], lw=0, zorder=0)
        axes.hlines(places, chart.low[rows], chart.high[rows], color=colour["pale"], lw=3.2)
        axes.plot(chart.middle[rows], places, "|", color=colour["main"], ms=6.5, mew=1.4)
        axes.plot(chart.own[rows], places, "D", color=colour["accent"], ms=2.6)
    interval, middle, own = (label.text(lang) for label in chart.legend)
    marks = {"ls": "", "color": colour["main"]}
    frame.legend(
        [
            Line2D([], [], color=colour["accent"], ls="", marker="D", ms=3, label=own),
            Line2D([], [], **marks, marker="|", ms=7, mew=1.4, label=middle),
            Line2D([], [], color=colour["pale"], lw=3.2, label=interval),
        ]
    )


def dot_size(chart: DotChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    return rows_size(chart.rows, lang)


def draw_dots(chart: DotChart, frame: Frame) -> None:
    """Draw the values of each row, and the line from the least to the greatest."""
    from matplotlib.lines import Line2D

    colour = frame.style.colour
    # Two values differ as before and now do; more are series.
    shades = colour["series"] if len(chart.series) > 2 else [colour["main"], colour["accent"]]
    if any(series.shade is not None for series in chart.series):
        shades = [series_colour(series, number) for number, series in enumerate(chart.series)]
    looks = [*zip(chart.series, itertools.cycle(_MARKERS), itertools.cycle(shades), strict=False)]
    block = np.array([series.values for series in chart.series])
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        places, rows = np.arange(len(part)), np.array(part)
        has_value = np.isfinite(block[:, rows]).any(axis=0)
        ends = block[:, rows[has_value]]
        axes.hlines(
            places[has_value], np.nanmin(ends, 0), np.nanmax(ends, 0), color=colour["pale"], lw=1.2
        )
        for series, marker, shade in looks:
            axes.plot(series.values[rows], places, marker, color=shade, ms=3.6, clip_on=False)
    frame.legend(
        [
            Line2D(
                [],
                [],
                ls="",
                marker=marker,
                color=shade,
                ms=4,
                label=series_there.label.text(frame.lang),
            )
            for series_there, marker, shade in looks
        ]
    )


CHART_KINDS = {
    IntervalChart: ChartKind(interval_size, draw_intervals),
    DotChart: ChartKind(dot_size, draw_dots),
}
