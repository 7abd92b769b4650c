"""Draws charts with two numeric axes: curves, points with names, histograms."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlcity.figures.contents import HistogramChart, LineChart, ScatterChart
from xlcity.figures.panels import Frame, end_axis, set_axis
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
        end_axis(which, axis)
    if len(handles) > 1:
        frame.legend(handles)


def scatter_size(chart: ScatterChart, lang: str) -> tuple[float, float]:
    """Return the size in cm: the more points, the higher."""
    size = figure_style().size
    return size["width"], min(size["plot"] + 0.09 * len(chart.rows), 18.0)


def draw_scatter(chart: ScatterChart, frame: Frame) -> None:
    """Draw points, and names where there is room for them."""
    colour = frame.style.colour
    (axes,) = frame.axes()
    axes.grid()
    axes.margins(0.06)
    axes.plot(chart.across, chart.up, "o", ms=3, color=colour["main"])
    set_axis(axes.xaxis, chart.x, frame.lang)
    set_axis(axes.yaxis, chart.y, frame.lang)
    # Only a drawn picture knows where its points and names are.
    frame.body.figure.draw_without_rendering()
    _name_points(chart, frame, axes)


def _name_points(chart: ScatterChart, frame: Frame, axes: Any) -> None:
    """Put each name beside its point where it covers neither a name nor a point.

    A name without such a place is drawn further away, with a line to its point, or not at all.
    """
    from matplotlib.transforms import Bbox

    points = axes.transData.transform(np.column_stack([chart.across, chart.up]))
    inside = axes.get_window_extent()
    dot = 2.2 * frame.body.figure.dpi / 72
    taken = [Bbox.from_bounds(x - dot, y - dot, 2 * dot, 2 * dot) for x, y in points.tolist()]
    for row, label in enumerate(chart.rows):
        if not np.isfinite(points[row]).all():
            continue
        name = axes.annotate(
            label.text(frame.lang),
            (chart.across[row], chart.up[row]),
            xytext=(3, 0),
            textcoords="offset points",
            size=frame.style.type["small"],
        )
        best, reach = None, 0.0
        for reach in (3.0, 8.0, 14.0, 21.0, 30.0):
            best = _free_place(name, taken, inside, reach, frame)
            if best is not None:
                taken.append(best)
                break
        name.set_visible(best is not None)
        if best is not None and reach > 3.0:
            x, y = name.get_position()
            axes.annotate(
                "",
                (chart.across[row], chart.up[row]),
                xytext=(x, y),
                textcoords="offset points",
                arrowprops={"arrowstyle": "-", "color": frame.style.colour["line"], "lw": 0.5},
            )


def _free_place(name: Any, taken: list[Any], inside: Any, reach: float, frame: Frame) -> Any:
    """Move a name round its point until it covers nothing; return its box, or None."""
    sides = [("left", 1), ("right", -1), ("center", 0)]
    for side, x in sides:
        for upright, y in (("center", 0), ("bottom", 1), ("top", -1)):
            if not (x or y):
                continue
            name.set_position((x * reach, y * reach))
            name.set_ha(side)
            name.set_va(upright)
            box = name.get_window_extent(frame.body.figure.canvas.get_renderer())
            free = not any(box.overlaps(other) for other in taken)
            if free and inside.contains(box.x0, box.y0) and inside.contains(box.x1, box.y1):
                return box
    return None


def histogram_size(chart: HistogramChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    lines = -(-len(chart.panels) // _ACROSS)
    return figure_style().size["width"], 3.4 * lines + 0.6


def draw_histograms(chart: HistogramChart, frame: Frame) -> None:
    """Draw small histograms, four in a line."""
    from matplotlib.lines import Line2D

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
        axes.ticklabel_format(axis="x", scilimits=(-3, 4), useOffset=False)
        axes.locator_params(nbins=3)
        axes.xaxis.get_offset_text().set_size(size)
    if any(len(panel.limits) for panel in chart.panels):
        look = {"color": colour["accent"], "ls": "--", "lw": 0.9}
        frame.legend([Line2D([], [], label=chart.legend.text(frame.lang), **look)])
