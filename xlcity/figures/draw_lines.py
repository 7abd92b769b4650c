"""Draws charts with two numeric axes: curves, histograms."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import HistogramChart, LineChart
from xlcity.figures.panels import ChartKind, Frame, end_axis, plain_numbers, set_axis
from xlcity.figures.style import figure_style
from xlcity.figures.text_lines import wrapped

#: Histograms in one line, and in one of many lines; height of a line, and of all, in cm.
_ACROSS, _MANY_ACROSS, _LINE, _PAGE = 4, 5, 3.4, 19.0
#: From here on numbers below small histograms have words: long ones would touch.
_LONG = 1e4
#: Up to so many points of a curve are marked: more would hide the line, and its dashes.
MARKED = 15
#: Kinds of lines, one after the other where colours come again.
_DASHES = ("-", "--", ":", "-.")


def line_size(chart: LineChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    size = figure_style().size
    return size["width"], size["plot"] + 0.4 * (len(chart.series) // 3)


def draw_lines(chart: LineChart, frame: Frame) -> None:
    """Draw curves with their points."""
    from matplotlib.lines import Line2D

    colours = frame.style.colour["series"]
    (axes,) = frame.axes()
    axes.grid(axis="y")
    handles = []
    for number, curve in enumerate(chart.series):
        look = {
            "color": colours[number % len(colours)],
            "lw": 1.4,
            "ls": _DASHES[number // len(colours) % len(_DASHES)],
            "marker": "o" if len(curve.x) <= MARKED else "",
            "ms": 3.5,
            "clip_on": False,
        }
        axes.plot(curve.x, curve.y, **look)
        handles.append(Line2D([], [], label=curve.label.text(frame.lang), **look))
    if chart.limit is not None:
        value, label = chart.limit
        look = {"color": frame.style.colour["accent"], "ls": "--", "lw": 0.9}
        axes.axhline(value, **look)
        handles.append(Line2D([], [], label=label.text(frame.lang), **look))
    for which, axis in ((axes.xaxis, chart.x), (axes.yaxis, chart.y)):
        set_axis(which, axis, frame.lang)
        plain_numbers(which, frame.lang, axis)
        end_axis(which, axis)
    if len(handles) > 1:
        frame.legend(handles)


def histogram_size(chart: HistogramChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    _across, lines = _panels(chart)
    return figure_style().size["width"], min(_LINE * lines, _PAGE) + 0.6


def _panels(chart: HistogramChart) -> tuple[int, int]:
    """Return how many histograms a line has, and how many lines there are."""
    count = len(chart.panels)
    most = _ACROSS if count * _LINE <= _PAGE * _ACROSS else _MANY_ACROSS
    across = min(most, count)
    return across, -(-count // across)


def draw_histograms(chart: HistogramChart, frame: Frame) -> None:
    """Draw small histograms, four in a line."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    colour = frame.style.colour
    across, lines = _panels(chart)
    grid = frame.body.subplots(lines, across, squeeze=False)
    room = frame.width / across - 0.9
    for axes in grid.flat[len(chart.panels) :]:
        axes.set_visible(False)
    for axes, panel in zip(grid.flat, chart.panels, strict=False):
        finite = panel.values[np.isfinite(panel.values)]
        if finite.size:
            axes.hist(
                finite, bins=max(5, min(20, int(np.sqrt(finite.size)) * 2)), color=colour["pale"]
            )
        for limit in panel.limits:
            if np.isfinite(limit):
                axes.axvline(limit, color=colour["accent"], lw=0.9, ls="--")
        size = frame.style.type["small"]
        title = "\n".join(wrapped(panel.label.text(frame.lang), room, size))
        axes.set_title(title, size=size, linespacing=1.1)
        axes.tick_params(labelsize=size)
        axes.locator_params(axis="x", nbins=3 if across <= _ACROSS else 2)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        plain_numbers(axes.xaxis, frame.lang, large=_LONG)
    if chart.count.zh:
        for axes in grid[:, 0]:
            axes.set_ylabel(chart.count.text(frame.lang), size=frame.style.type["small"])
    if any(len(panel.limits) for panel in chart.panels):
        look = {"color": colour["accent"], "ls": "--", "lw": 0.9}
        frame.legend([Line2D([], [], label=chart.legend.text(frame.lang), **look)])


CHART_KINDS = {
    LineChart: ChartKind(line_size, draw_lines),
    HistogramChart: ChartKind(histogram_size, draw_histograms),
}
