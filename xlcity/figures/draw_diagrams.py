"""Draws radar charts, and trees of names in boxes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlcity.figures.contents import RadarChart, RadarPanels, TreeDiagram
from xlcity.figures.panels import ChartKind, Frame, RowLabel
from xlcity.figures.style import POINT, figure_style
from xlcity.figures.text_lines import balanced, ems, wrapped

#: Lines after the first one, in turn; up to so many series the first one is filled.
_DASHES, _COMPARED = ("--", (0, (1, 1.2)), "-.", (0, (6, 1.5)), (0, (3, 1.5, 1, 1.5, 1, 1.5))), 2
#: Room for names beside a radar chart, above and below it, and in its legend, in cm.
_NAMES, _MIDDLE, _CORNER = 4.0, 3.0, 3.0
#: Texts of a legend that have room in the corner beside the names.
_BESIDE = 2
#: Room inside a box and between two boxes, in cm.
_INSET, _GAP = 0.18, 0.16
#: Room between two levels of a tree, most room for a name before the last level, and the height of
#: a page, in cm.
_BETWEEN, _NAME, _PAGE = 0.6, 2.4, 20.0
#: Room inside and between boxes, as a share of the usual, where a page has no more.
_TIGHT = 0.35


def radar_size(chart: RadarChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    style = figure_style().size
    return style["width"], style["plot"] * 1.25


def draw_radar(chart: RadarChart, frame: Frame) -> None:
    """Draw closed lines over spokes, the first spoke upwards; a short legend is in the corner."""
    (axes,) = frame.axes(subplot_kw={"projection": "polar"})
    handles, size = _radar(axes, chart, frame, _NAMES), frame.style.type["label"]
    if len(handles) > _BESIDE:
        frame.legend(handles)
        return
    for handle in handles:
        handle.set_label("\n".join(wrapped(str(handle.get_label()), _CORNER, size)))
    frame.body.legend(handles=handles, loc="upper left", borderaxespad=0.2)


def change_radar(body: Any, chart: RadarChart, lang: str) -> None:
    """Give a drawn radar chart the numbers and the first name of another one."""
    (axes,) = body.axes
    for line, series in zip(axes.lines, chart.series, strict=True):
        line.set_ydata(np.append(series.values, series.values[0]))
    (area,) = axes.patches
    own = np.nan_to_num(chart.series[0].values)
    corners = np.array(area.get_xy())
    corners[:, 1] = np.append(own, own[0])[: len(corners)]
    area.set_xy(corners)
    body.legends[0].get_texts()[0].set_text(chart.series[0].label.text(lang))


def radar_panels_size(chart: RadarPanels, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    across, lines = _panels(chart)
    width = figure_style().size["width"]
    return width, lines * (width / across * 0.7 + 0.3) + 0.4


def _panels(chart: RadarPanels) -> tuple[int, int]:
    """Return how many panels a line has, and how many lines there are."""
    across = min(3, len(chart.charts))
    return across, -(-len(chart.charts) // across)


def draw_radar_panels(chart: RadarPanels, frame: Frame) -> None:
    """Draw radar charts, three in a line; lines beyond the first two are pale and unnamed."""
    across, lines = _panels(chart)
    grid = frame.body.subplots(lines, across, squeeze=False, subplot_kw={"projection": "polar"})
    size = frame.style.type["label"]
    for axes in grid.flat[len(chart.charts) :]:
        axes.set_visible(False)
    for axes, title, radar in zip(grid.flat, chart.titles, chart.charts, strict=False):
        _radar(axes, radar, frame, 1.35)
        lines_of = wrapped(title.text(frame.lang), frame.width / across - 0.4, size)
        axes.set_title("\n".join(lines_of), size=size, pad=10, linespacing=1.0)


def _radar(axes: Any, chart: RadarChart, frame: Frame, room: float) -> list[Any]:
    """Draw one radar chart into axes; return the handles of its legend."""
    from matplotlib.lines import Line2D

    style, handles = frame.style, []
    colours = style.colour["series"]
    turn = np.linspace(0, 2 * np.pi, len(chart.spokes), endpoint=False)
    axes.set_theta_offset(np.pi / 2)
    axes.set_theta_direction(-1)
    many = len(chart.series) > len(colours)
    dashes = itertools.cycle(_DASHES)
    for number, series in enumerate(chart.series):
        shade = colours[number % len(colours)] if not many or number == 0 else style.colour["pale"]
        look: dict[str, Any] = {"color": shade, "lw": 0.5 if many and number else 1.3}
        look |= {
            "ls": "-" if number == 0 or many else next(dashes),
            "zorder": 2.5 if number == 0 else 2.0,
        }
        axes.plot(np.append(turn, turn[0]), np.append(series.values, series.values[0]), **look)
        # One of several that are equals is not filled.
        if number == 0 and len(chart.series) <= _COMPARED:
            axes.fill(turn, np.nan_to_num(series.values), color=shade, alpha=0.12, lw=0)
        handles.append(Line2D([], [], label=series.label.text(frame.lang), **look))
    size = style.type["small" if room > 2 else "tiny"]
    sides, narrow = np.sin(turn), min(room, _MIDDLE)
    names = [
        "\n".join(balanced(spoke.text(frame.lang), narrow if abs(side) < 0.1 else room, size))
        for spoke, side in zip(chart.spokes, sides.tolist(), strict=True)
    ]
    axes.set_xticks(turn, names, size=size, linespacing=1.15)
    for tick, side, up in zip(axes.get_xticklabels(), sides, np.cos(turn), strict=True):
        across = "center" if abs(side) < 0.1 else "left" if side > 0 else "right"
        # Names above and below the circle grow away from it, the others from their spokes.
        upright = "center" if across != "center" else "bottom" if up > 0 else "top"
        tick.set(ha=across, va=upright, multialignment=across)
    axes.tick_params(axis="x", pad=1)
    axes.set_ylim(chart.axis.low, chart.axis.high)
    axes.tick_params(axis="y", labelsize=style.type["tiny"])
    # Between two spokes, where no line turns.
    axes.set_rlabel_position(180 / len(chart.spokes))
    axes.spines["polar"].set_color(style.colour["line"])
    return handles


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Level, text, middle from the top and height of each box, and width of each level, in cm."""

    levels: list[int]
    texts: list[RowLabel]
    middles: list[float]
    heights: list[float]
    widths: list[float]


def _boxes(chart: TreeDiagram, lang: str) -> _Boxes:
    """Return the boxes: as large as a page has room for.

    The leaves, of which there are most, have what the levels before them leave.
    """
    levels: list[int] = []
    for parent in chart.parents:
        levels.append(0 if parent < 0 else levels[parent] + 1)
    type_, names = figure_style().type, [name.text(lang) for name in chart.names]
    for size, loose in ((type_["label"], 1.0), (type_["small"], 1.0), (type_["small"], _TIGHT)):
        widths = _level_widths(levels, names, size)
        rooms = (widths[level] - 2 * _INSET for level in levels)
        texts = [
            RowLabel(tuple(wrapped(name, room, size)), size)
            for name, room in zip(names, rooms, strict=True)
        ]
        boxes = _Boxes(levels, texts, *_heights(chart, texts, loose), widths)
        if max(boxes.middles) <= _PAGE:
            break
    return boxes


def _level_widths(levels: list[int], names: list[str], size: float) -> list[float]:
    """Return the width of the boxes of each level in cm."""
    depth = max(levels) + 1
    left = figure_style().size["width"] - _BETWEEN * (depth - 1)
    if depth == 1:
        return [left]
    widths = []
    for level in range(depth - 1):
        here = [name for name, of in zip(names, levels, strict=True) if of == level]
        word = max(ems(word) for name in here for word in name.split())
        longest = min(max(map(ems, here)) * size / POINT, _NAME)
        widths.append(max(longest, min(word * size / POINT, left / depth)) + 2 * _INSET)
    last = [name for name, of in zip(names, levels, strict=True) if of == depth - 1]
    need = max(map(ems, last)) * size / POINT + 2 * _INSET
    spare = max(left - sum(widths) - need, 0.0) / depth
    widths = [width + spare for width in widths]
    return [*widths, left - sum(widths)]


def _heights(
    chart: TreeDiagram, texts: list[RowLabel], loose: float
) -> tuple[list[float], list[float]]:
    """Return the middle of each node from the top, and the height of its box, in cm."""
    boxes = [text.height + 2 * _INSET * 0.6 * loose for text in texts]
    children: dict[int, list[int]] = {node: [] for node in range(len(texts))}
    for node, parent in enumerate(chart.parents):
        if parent >= 0:
            children[parent].append(node)
    need = [0.0] * len(texts)
    for node in reversed(range(len(texts))):
        need[node] = max(boxes[node] + _GAP * loose, sum(need[child] for child in children[node]))
    top = [0.0] * len(texts)
    for node in range(len(texts)):
        start = top[node] + (need[node] - max(sum(need[c] for c in children[node]), 0.0)) / 2
        for child in children[node]:
            top[child] = start
            start += need[child]
    return [start + room / 2 for start, room in zip(top, need, strict=True)], boxes


def tree_size(chart: TreeDiagram, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    boxes = _boxes(chart, lang)
    ends = [middle + box / 2 for middle, box in zip(boxes.middles, boxes.heights, strict=True)]
    return figure_style().size["width"] + 0.6, max(ends) + 0.3


def draw_tree(chart: TreeDiagram, frame: Frame) -> None:
    """Draw boxes and the lines between them."""
    from matplotlib.patches import Rectangle

    boxes = _boxes(chart, frame.lang)
    middles, heights, widths = boxes.middles, boxes.heights, boxes.widths
    colour = frame.style.colour
    axes = frame.body.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, frame.width)
    axes.set_ylim(frame.height, 0)
    starts = [0.3 + sum(widths[:level]) + _BETWEEN * level for level in range(len(widths))]
    for node, (level, text) in enumerate(zip(boxes.levels, boxes.texts, strict=True)):
        left, middle, high = starts[level], middles[node], heights[node]
        shade = colour["main"] if level == 0 else colour["band"]
        corner, look = (left, middle - high / 2), {"fc": shade, "ec": colour["line"], "lw": 0.6}
        axes.add_patch(Rectangle(corner, widths[level], high, **look))
        axes.text(
            left + _INSET, middle, text.text, va="center", size=text.size, linespacing=1.05,
            color="white" if level == 0 else colour["text"],
        )  # fmt: skip
        if chart.parents[node] >= 0:
            start, bend = left - _BETWEEN, left - _BETWEEN / 2
            x, y = [start, bend, bend, left], [middles[chart.parents[node]]] * 2 + [middle] * 2
            axes.plot(x, y, color=colour["soft"], lw=0.7)


CHART_KINDS = {
    RadarChart: ChartKind(radar_size, draw_radar),
    RadarPanels: ChartKind(radar_panels_size, draw_radar_panels),
    TreeDiagram: ChartKind(tree_size, draw_tree),
}
