"""Draws points with names: scatter charts, maps without borders, networks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from xlcity.figures.contents import Label, NetworkChart, Numbers, ScatterChart
from xlcity.figures.fonts import ems, wrapped
from xlcity.figures.panels import ChartKind, Frame, Size, set_axis
from xlcity.figures.point_names import name_places
from xlcity.figures.style import POINT, figure_style

#: Area of a point without a size of its own, and of the largest point, in square points.
_DOT = 9.0
_LARGEST = 160.0
#: Links of a network that are drawn at most, and the width of the strongest in points.
LINKS = 100
_STRONGEST = 2.4
#: Room for the line of a name beside a network, in cm: longer names have several.
_NAME = 4.0
#: Areas of the least point of a network and what the largest has more, in square points; from how
#: many names on these are tiny; how far from the middle they begin, in lengths of its radius.
_LEAST_POINT = 4.0
_WIDEST_POINT = 60.0
_MANY_NAMES = 60
_OUTSIDE = 1.035
#: What a map shows around its points, as a share of what they span; least width in degrees.
_AROUND = 0.1
_NARROWEST = 1.0
#: Height of a map at least and at most, and of any chart of points at most, in cm.
_LOWEST = 6.5
_HIGHEST_MAP = 10.0
_HIGHEST = 18.0
#: Room for texts in corners beyond all points, as a share of what these span; where these texts
#: are, as shares of both axes.
_BEYOND = 0.09
_CORNERS = (("left", "bottom"), ("left", "top"), ("right", "bottom"), ("right", "top"))
_ENDS = {"left": 0.01, "right": 0.99, "bottom": 0.01, "top": 0.99}
#: Lines that part a chart.
_DASHED = {"ls": "--", "lw": 0.9}


def scatter_size(chart: ScatterChart, lang: str) -> Size:
    """Return the size in cm: the more points, the higher; a map as its degrees are."""
    size = figure_style().size
    width = size["width"]
    if not chart.is_map:
        more = max(4.0, 0.09 * len(chart.rows))
        return width, min(size["plot"] + more, _HIGHEST)
    # Cities on one meridian need some width, too.
    wide = max(float(np.ptp(chart.across)), _NARROWEST)
    high = width * float(np.ptp(chart.up)) / wide
    return width, float(np.clip(high, _LOWEST, _HIGHEST_MAP)) + 1.6


def draw_scatter(chart: ScatterChart, frame: Frame) -> None:
    """Draw points, and names where there is room for them."""
    from matplotlib.colors import to_rgba_array

    colour = figure_style().colour
    areas = _areas(chart)
    (axes,) = frame.axes()
    axes.grid()
    axes.margins(0.06)
    alpha = 0.8 if chart.sizes is not None else 1.0
    shades = to_rgba_array(_shades(chart.classes, len(chart.rows)), alpha)
    faces = shades.copy()
    # An `alpha` of all points would fill the rings with black.
    faces[np.flatnonzero(chart.rings), 3] = 0.0
    # Small points are in front of large ones.
    order = np.argsort(-areas, kind="stable")
    axes.scatter(
        chart.across[order],
        chart.up[order],
        s=areas[order],
        c=faces[order],
        lw=1.0 if chart.rings else 0.5,
        edgecolors=shades[order] if chart.rings else "white",
    )
    for value in chart.limits[0]:
        axes.axvline(value, color=colour["accent"], **_DASHED)
    for value in chart.limits[1]:
        axes.axhline(value, color=colour["accent"], **_DASHED)
    if chart.diagonal:
        ends = np.concatenate([chart.across, chart.up])
        line = [float(np.nanmin(ends)), float(np.nanmax(ends))]
        axes.plot(line, line, color=colour["accent"], **_DASHED)
    if chart.is_map:
        axes.margins(_AROUND)
        axes.set_aspect("equal", adjustable="datalim")
    set_axis(axes.xaxis, chart.x, frame.lang)
    set_axis(axes.yaxis, chart.y, frame.lang)
    _write_corners(axes, chart, frame.lang)
    _legend(chart.legend, frame, ring=bool(chart.rings))
    # Only a drawn picture knows where its points and names are.
    frame.body.figure.draw_without_rendering()
    _name_points(chart, frame, axes, np.sqrt(areas) / 2 + 0.7)


def _write_corners(axes: Any, chart: ScatterChart, lang: str) -> None:
    """Write what stands in the corners, beyond all points."""
    if not chart.corners:
        return
    axes.margins(_BEYOND)
    style = figure_style()
    look = {"size": style.type["label"], "color": style.colour["soft"]}
    for label, (across, upright) in zip(chart.corners, _CORNERS, strict=True):
        axes.text(
            _ENDS[across],
            _ENDS[upright],
            label.text(lang),
            ha=across,
            va=upright,
            transform=axes.transAxes,
            **look,
        )


def _areas(chart: ScatterChart) -> Numbers:
    """Return the areas of points in square points."""
    if chart.sizes is None:
        return np.full(len(chart.rows), 2 * _DOT if chart.rings else _DOT)
    sizes = np.nan_to_num(chart.sizes)
    most = float(np.nanmax(chart.sizes)) or 1.0
    return np.maximum(sizes / most * _LARGEST, _DOT / 2)


def _shades(classes: Sequence[int], count: int) -> list[str]:
    """Return the colour of each point."""
    series = figure_style().colour["series"]
    return [series[of % len(series)] for of in (classes or [0] * count)]


def _legend(legend: Sequence[Label], frame: Frame, *, ring: bool = False) -> None:
    """Write what the colours mean; `ring`: the last text is that of the rings."""
    from matplotlib.lines import Line2D

    shades = _shades(range(len(legend)), len(legend))
    look: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4.5}
    handles = [
        Line2D([], [], color=shade, label=label.text(frame.lang), **look)
        for label, shade in zip(legend, shades, strict=True)
    ]
    if ring:
        handles[-1].set(color=figure_style().colour["soft"], markerfacecolor="none")
    if handles:
        frame.legend(handles)


def _name_points(chart: ScatterChart, frame: Frame, axes: Any, radii: Numbers) -> None:
    """Put each name beside its point, or at the end of a line, or nowhere: see `name_places`."""
    points = axes.transData.transform(np.column_stack([chart.across, chart.up]))
    scale = frame.body.figure.dpi / 72
    renderer = frame.body.figure.canvas.get_renderer()
    look = {"textcoords": "offset points", "size": figure_style().type["small"]}
    names = [
        axes.annotate(label.text(frame.lang), spot, (0, 0), **look)
        for label, spot in zip(
            chart.rows, zip(chart.across, chart.up, strict=True), strict=True
        )
    ]
    boxes = [name.get_window_extent(renderer) for name in names]
    sizes = np.array([[box.width, box.height] for box in boxes])
    ends = axes.get_window_extent().extents
    places = name_places(points / scale, radii, sizes / scale, ends / scale)
    for name, spot_of_name in zip(names, places, strict=True):
        name.set_visible(spot_of_name is not None)
        if spot_of_name is None:
            continue
        offset = spot_of_name.x, spot_of_name.y
        name.set(position=offset, ha=spot_of_name.across, va=spot_of_name.upright)
        if spot_of_name.has_line:
            line = {
                "arrowstyle": "-",
                "color": figure_style().colour["soft"],
                "lw": 0.6,
            }
            axes.annotate(
                "",
                name.xy,
                offset,
                arrowprops={**line, "shrinkA": 1.5, "shrinkB": 0},
                **look,
            )


def network_size(chart: NetworkChart, lang: str) -> Size:
    """Return the size in cm: a circle with names around it."""
    width = figure_style().size["width"]
    return width, width + (0.6 if chart.legend else 0.0)


def draw_network(chart: NetworkChart, frame: Frame) -> None:
    """Draw the points on a circle, and their links as chords."""
    count = len(chart.rows)
    turns = np.pi / 2 - 2 * np.pi * np.arange(count) / max(count, 1)
    places = np.column_stack([np.cos(turns), np.sin(turns)])
    (axes,) = frame.axes()
    _draw_chords(axes, chart.links, places)
    sizes = np.nan_to_num(chart.sizes)
    areas = _LEAST_POINT + _WIDEST_POINT * sizes / (sizes.max(initial=0.0) or 1.0)
    shades = _shades(chart.classes, count)
    axes.scatter(places[:, 0], places[:, 1], s=areas, c=shades, lw=0, zorder=2)
    size = figure_style().type["small" if count <= _MANY_NAMES else "tiny"]
    names = [wrapped(row.text(frame.lang), _NAME, size) for row in chart.rows]
    for lines, place, turn in zip(names, places.tolist(), turns, strict=True):
        look = {"rotation": float(np.degrees(turn)), "size": size}
        _write_around(axes, lines, place, **look)
    radius = (frame.width - 0.6) / 2
    longest = max(map(ems, chain.from_iterable(names)), default=0.0)
    room = longest * size / POINT
    reach = radius / max(radius - room - 0.3, 1.0)
    ends = (-reach, reach)
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    axes.set_axis_off()
    _legend(chart.legend, frame)


def _draw_chords(axes: Any, links: Numbers, places: Numbers) -> None:
    """Draw the strongest links, the strongest of all in front."""
    from matplotlib.collections import LineCollection

    first, second = np.triu_indices(len(places), 1)
    weights = np.nan_to_num(links[first, second])
    strongest = np.argsort(-weights, kind="stable")[:LINKS][::-1]
    strongest = strongest[weights[strongest] > 0]
    share = weights[strongest] / (weights.max(initial=0.0) or 1.0)
    ends = places[first[strongest]], places[second[strongest]]
    chords = LineCollection(
        list(np.stack(ends, axis=1)),
        linewidths=0.2 + _STRONGEST * share,
        alpha=0.15 + 0.55 * share,
        zorder=1,
        colors=figure_style().colour["main"],
    )
    axes.add_collection(chords)


def _write_around(
    axes: Any,
    lines: Sequence[str],
    place: Sequence[float],
    *,
    rotation: float,
    size: float,
) -> None:
    """Write a name outside the circle, readable from below."""
    x, y = place
    is_left = x < 0
    side = "right" if is_left else "left"
    axes.text(
        _OUTSIDE * x,
        _OUTSIDE * y,
        "\n".join(lines),
        size=size,
        linespacing=1.0,
        rotation=rotation + 180 if is_left else rotation,
        rotation_mode="anchor",
        ha=side,
        va="center",
        multialignment=side,
    )


CHART_KINDS = {
    ScatterChart: ChartKind(scatter_size, draw_scatter),
    NetworkChart: ChartKind(network_size, draw_network),
}
