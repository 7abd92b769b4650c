"""Draws charts with two numeric axes: curves, histograms."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import HistogramChart, LineChart
from xlcity.figures.panels import Frame, end_axis, plain_numbers, set_axis
from xlcity.figures.style import figure_style, wrapped

#: Histograms in one line.
_ACROSS = 4


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
    for at, curve in enumerate(chart.series):
        look = {
            "color": colours[at % len(colours)],
            "lw": 1.4,
            # Colours that come again are dashed.
            "ls": "-" if at < len(colours) else "--",
            "marker": "o",
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
        plain_numbers(which, frame.lang)
        end_axis(which, axis)
    if len(handles) > 1:
        frame.legend(handles)


def histogram_size(chart: HistogramChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    lines = -(-len(chart.panels) // _ACROSS)
    return figure_style().size["width"], 3.4 * lines + 0.6


def draw_histograms(chart: HistogramChart, frame: Frame) -> None:
    """Draw small histograms, four in a line."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    colour = frame.style.colour
    across = min(_ACROSS, len(chart.panels))
    lines = -(-len(chart.panels) // across)
    made = frame.body.subplots(lines, across, squeeze=False)
    room = frame.width / across - 0.6
    for axes in made.flat[len(chart.panels) :]:
        axes.set_visible(False)
    for axes, panel in zip(made.flat, chart.panels, strict=False):
        known = panel.values[np.isfinite(panel.values)]
        if known.size:
            axes.hist(
                known, bins=max(5, min(20, int(np.sqrt(known.size)) * 2)), color=colour["pale"]
            )
        for limit in panel.limits:
            if np.isfinite(limit):
                axes.axvline(limit, color=colour["accent"], lw=0.9, ls="--")
        size = frame.style.type["small"]
        title = "\n".join(wrapped(panel.label.text(frame.lang), room, size))
        axes.set_title(title, size=size, linespacing=1.1)
        axes.tick_params(labelsize=size)
        axes.locator_params(axis="x", nbins=3)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        plain_numbers(axes.xaxis, frame.lang)
    if any(len(panel.limits) for panel in chart.panels):
        look = {"color": colour["accent"], "ls": "--", "lw": 0.9}
        frame.legend([Line2D([], [], label=chart.legend.text(frame.lang), **look)])
