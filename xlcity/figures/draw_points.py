"""Draws points with names: scatter charts, maps without borders, networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlcity.figures.contents import Label, NetworkChart, Numbers, ScatterChart
from xlcity.figures.panels import ChartKind, Frame, end_axis, plain_numbers, set_axis
from xlcity.figures.point_names import name_places
from xlcity.figures.style import POINT, figure_style
from xlcity.figures.text_lines import ems

#: Area of a point without a size of its own, and of the largest point, in square points.
_DOT, _LARGEST = 9.0, 160.0
#: Links of a network that are drawn at most, and the width of the strongest in points.
_LINKS, _STRONGEST = 240, 2.4
#: From more points on, lines lead only to the first ones, and to those so many standard deviations
#: from the middle.
_CROWD, _FIRST, _OUTLYING = 50, 20, 2.0
#: Degrees that a map shows around its points.
_AROUND = 6.0


def scatter_size(chart: ScatterChart, lang: str) -> tuple[float, float]:
    """Return the size in cm: the more points, the higher; a map as its degrees are."""
    size = figure_style().size
    if not chart.is_map:
        return size["width"], min(size["plot"] + 0.09 * len(chart.rows), 18.0)
    wide, high = (np.ptp(values) + 2 * _AROUND for values in (chart.across, chart.up))
    return size["width"], float(np.clip(size["width"] * high / wide, 6.5, 18.0)) + 1.6


def draw_scatter(chart: ScatterChart, frame: Frame) -> None:
    """Draw points, and names where there is room for them."""
    from matplotlib.colors import to_rgba_array

    colour = frame.style.colour
    (axes,) = frame.axes()
    axes.grid()
    axes.margins(0.06)
    alpha = 0.8 if chart.sizes is not None else 1.0
    shades = to_rgba_array(_shades(chart.classes, len(chart.rows), frame), alpha)
    faces = shades.copy()
    # An `alpha` of all points would fill the rings with black.
    faces[np.flatnonzero(chart.rings), 3] = 0.0
    # Small points are in front of large ones.
    order = np.argsort(-_areas(chart), kind="stable")
    axes.scatter(
        chart.across[order], chart.up[order], s=_areas(chart)[order], c=faces[order],
        lw=1.0 if chart.rings else 0.5, edgecolors=shades[order] if chart.rings else "white",
    )  # fmt: skip
    look = {"color": colour["accent"], "ls": "--", "lw": 0.9}
    for value in chart.limits[0]:
        axes.axvline(value, **look)
    for value in chart.limits[1]:
        axes.axhline(value, **look)
    if chart.diagonal:
        ends = np.concatenate([chart.across, chart.up])
        line = [float(np.nanmin(ends)), float(np.nanmax(ends))]
        axes.plot(line, line, **look)
    set_axis(axes.xaxis, chart.x, frame.lang)
    set_axis(axes.yaxis, chart.y, frame.lang)
    for which, axis in ((axes.xaxis, chart.x), (axes.yaxis, chart.y)):
        plain_numbers(which, frame.lang, axis)
    if chart.is_map:
        axes.set_xlim(np.min(chart.across) - _AROUND, np.max(chart.across) + _AROUND)
        axes.set_ylim(np.min(chart.up) - _AROUND, np.max(chart.up) + _AROUND)
    else:
        end_axis(axes.xaxis, chart.x)
        end_axis(axes.yaxis, chart.y)
    _legend(chart.legend, frame, ring=bool(chart.rings))
    # Only a drawn picture knows where its points and names are.
    frame.body.figure.draw_without_rendering()
    _name_points(chart, frame, axes)


def _areas(chart: ScatterChart) -> Numbers:
    """Return the areas of points in square points."""
    if chart.sizes is None:
        return np.full(len(chart.rows), 2 * _DOT if chart.rings else _DOT)
    most = float(np.nanmax(chart.sizes))
    return np.maximum(np.nan_to_num(chart.sizes) / (most or 1.0) * _LARGEST, _DOT / 2)


def _shades(classes: Sequence[int], count: int, frame: Frame) -> list[str]:
    """Return the colour of each point."""
    series = frame.style.colour["series"]
    return [series[of % len(series)] for of in (classes or [0] * count)]


def _legend(legend: Sequence[Label], frame: Frame, *, ring: bool = False) -> None:
    """Write what the colours mean; `ring`: the last text is that of the rings."""
    from matplotlib.lines import Line2D

    series = frame.style.colour["series"]
    look: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4.5}
    handles = [
        Line2D([], [], color=series[number % len(series)], label=label.text(frame.lang), **look)
        for number, label in enumerate(legend)
    ]
    if ring:
        handles[-1].set_color(frame.style.colour["soft"])
        handles[-1].set_markerfacecolor("none")
    if handles:
        frame.legend(handles, min(5, len(handles)))


def network_size(chart: NetworkChart, lang: str) -> tuple[float, float]:
    """Return the size in cm: a circle with names around it."""
    width = figure_style().size["width"]
    return width, width + (0.6 if chart.legend else 0.0)


def draw_network(chart: NetworkChart, frame: Frame) -> None:
    """Draw the points on a circle, and the strongest links as chords."""
    from matplotlib.collections import LineCollection

    colour, count = frame.style.colour, len(chart.rows)
    size = frame.style.type["small" if count <= 60 else "tiny"]
    names = [row.text(frame.lang) for row in chart.rows]
    room = max(map(ems, names), default=0.0) * size / POINT
    turn = np.pi / 2 - 2 * np.pi * np.arange(count) / max(count, 1)
    places = np.column_stack([np.cos(turn), np.sin(turn)])
    (axes,) = frame.axes()
    first, second = np.triu_indices(count, 1)
    weights = np.nan_to_num(chart.links[first, second])
    strongest = np.argsort(-weights, kind="stable")[:_LINKS]
    strongest = strongest[weights[strongest] > 0][::-1]
    share = weights[strongest] / (weights.max(initial=0.0) or 1.0)
    chords = np.stack([places[first[strongest]], places[second[strongest]]], axis=1)
    axes.add_collection(
        LineCollection(
            list(chords), linewidths=0.2 + _STRONGEST * share, colors=colour["main"],
            alpha=0.15 + 0.55 * share, zorder=1,
        )
    )  # fmt: skip
    most = float(np.nanmax(chart.sizes)) or 1.0
    areas = 4.0 + 60.0 * np.nan_to_num(chart.sizes) / most
    shades = _shades(chart.classes, count, frame)
    axes.scatter(places[:, 0], places[:, 1], s=areas, c=shades, lw=0, zorder=2)
    radius = (frame.width - 0.6) / 2
    ring = max(radius - room - 0.3, 1.0)
    shown = _apart(chart.sizes, 2 * np.pi * ring * POINT / (1.02 * size))
    for number, (name, (x, y)) in enumerate(zip(names, places.tolist(), strict=True)):
        angle = float(np.degrees(turn[number]))
        if number not in shown:
            continue
        left = x < 0
        axes.text(
            1.035 * x, 1.035 * y, name, size=size, rotation=angle + 180 if left else angle,
            rotation_mode="anchor", ha="right" if left else "left", va="center",
        )  # fmt: skip
    reach = radius / ring
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_aspect("equal")
    axes.set_axis_off()
    _legend(chart.legend, frame)


def _apart(strengths: Numbers, slots: float) -> set[int]:
    """Return which of the names around a circle have room, the strongest first."""
    count = len(strengths)
    if count <= slots:
        return set(range(count))
    gap, shown = count / slots, list[int]()
    for number in np.argsort(-np.nan_to_num(strengths), kind="stable").tolist():
        turns = [abs(number - neighbour) for neighbour in shown]
        if all(min(turn, count - turn) >= gap for turn in turns):
            shown.append(number)
    return set(shown)


def _name_points(chart: ScatterChart, frame: Frame, axes: Any) -> None:
    """Put each name beside its point, or at the end of a line, or nowhere: see `name_places`.

    Where there are many points, only the first ones and those far from the others have lines.
    """
    points = axes.transData.transform(np.column_stack([chart.across, chart.up]))
    scale = frame.body.figure.dpi / 72
    radii = (np.sqrt(_areas(chart)) / 2 + 0.7) * scale
    renderer = frame.body.figure.canvas.get_renderer()
    names = [
        axes.annotate(
            label.text(frame.lang), spot, (0, 0), textcoords="offset points",
            size=frame.style.type["small"],
        )
        for label, spot in zip(chart.rows, zip(chart.across, chart.up, strict=True), strict=True)
    ]  # fmt: skip
    boxes = [name.get_window_extent(renderer) for name in names]
    sizes = np.array([[box.width, box.height] for box in boxes])
    places = name_places(
        points, radii, sizes, axes.get_window_extent().extents, _lined(points), scale
    )
    for name, spot_of_name in zip(names, places, strict=True):
        name.set_visible(spot_of_name is not None)
        if spot_of_name is None:
            continue
        offset = spot_of_name.x / scale, spot_of_name.y / scale
        name.set(position=offset, ha=spot_of_name.across, va=spot_of_name.upright)
        if spot_of_name.has_line:
            look = {"arrowstyle": "-", "color": frame.style.colour["soft"], "lw": 0.6}
            look |= {"shrinkA": 1.5, "shrinkB": 0}
            axes.annotate("", name.xy, offset, textcoords="offset points", arrowprops=look)


def _lined(points: Numbers) -> list[bool]:
    """Return which names may be away from their points."""
    count = len(points)
    if count <= _CROWD:
        return [True] * count
    with np.errstate(all="ignore"):
        away = (points - np.nanmedian(points, axis=0)) / np.nanstd(points, axis=0)
    far = np.nan_to_num(np.hypot(away[:, 0], away[:, 1])) > _OUTLYING
    return [number < _FIRST or bool(is_far) for number, is_far in enumerate(far.tolist())]


CHART_KINDS = {
    ScatterChart: ChartKind(scatter_size, draw_scatter),
    NetworkChart: ChartKind(network_size, draw_network),
}
