"""Draws charts with a line per row: intervals, and pairs of values."""

from __future__ import annotations

import itertools

import numpy as np

from xlcity.figures.contents import DumbbellChart, IntervalChart
from xlcity.figures.panels import Frame, row_panels, rows_size


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


def dumbbell_size(chart: DumbbellChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    return rows_size(chart.rows, lang)


def draw_dumbbells(chart: DumbbellChart, frame: Frame) -> None:
    """Draw two values per row and the line between them."""
    from matplotlib.lines import Line2D

    colour = frame.style.colour
    looks = ((chart.first, "o", colour["main"]), (chart.second, "s", colour["accent"]))
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        places, rows = np.arange(len(part)), np.array(part)
        axes.hlines(places, chart.first[rows], chart.second[rows], color=colour["pale"], lw=1.2)
        for values, marker, shade in looks:
            axes.plot(values[rows], places, marker, color=shade, ms=3.6, clip_on=False)
    frame.legend(
        [
            Line2D([], [], ls="", marker=marker, color=shade, ms=4, label=label.text(frame.lang))
            for label, (_, marker, shade) in zip(chart.legend, looks, strict=True)
        ]
    )
