"""Draws dendrograms, and trees of names in boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle
from typing import Any, NamedTuple

import numpy as np

from xlcity.figures.contents import Dendrogram, TreeDiagram
from xlcity.figures.fonts import ems, wrapped
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    RowLabel,
    Size,
    plain_rows,
    row_columns,
    row_labels,
    rows_size,
    set_axis,
)
from xlcity.figures.style import POINT, figure_style

#: What scipy calls the colours of classes, in turn.
_CLASS_NAMES = [f"C{number}" for number in range(1, 10)]
#: Room beside a text in a box of a tree, above it and between boxes, and between levels, in cm.
_INSET = 0.16
_GAP = 0.1
_BETWEEN = 0.6
_CLOSE = 0.02
#: Most room for a name before the last level, and the height of a page, in cm.
_NAME = 3.0
_PAGE = 20.0


def dendrogram_size(chart: Dendrogram, lang: str) -> Size:
    """Return the size in cm."""
    return rows_size(chart.rows, lang, tall=True)


def draw_dendrogram(chart: Dendrogram, frame: Frame) -> None:
    """Draw the tree of merges, its leaves on the left.

    A long tree is in columns: what leaves one of them at its foot goes on at the top of the next.
    """
    from scipy.cluster.hierarchy import dendrogram

    colours = figure_style().colour
    heights = chart.merges[:, 2]
    # The last merges join classes; what is below them has the colour of its class.
    cut = heights[1 - chart.classes] if chart.classes > 1 else np.inf
    soft = colours["soft"]
    tree = dendrogram(
        chart.merges, no_plot=True, color_threshold=cut, above_threshold_color=soft
    )
    shades = dict(zip(_CLASS_NAMES, cycle(colours["series"]), strict=False))
    columns = row_columns(len(chart.rows), tall=True)
    labels = row_labels(chart.rows, frame.lang)
    every = frame.axes(len(columns), sharex=True)
    for axes, part in zip(every, columns, strict=True):
        leaves = tree["leaves"][part.start : part.stop]
        plain_rows(axes, [labels[leaf] for leaf in leaves], 1)
        merges = zip(tree["dcoord"], tree["icoord"], tree["color_list"], strict=True)
        for x, y, shade in merges:
            # scipy puts leaves at 5, 15, 25 …
            across = np.array(y) / 10 - 0.5 - part.start
            axes.plot(x, across, color=shades.get(shade, shade), lw=1.0)
        axes.set_ylim(len(columns[0]) - 0.5, -0.5)
        axes.set_xlim(0, 1.02 * float(heights.max()))
        set_axis(axes.xaxis, chart.height, frame.lang)


@dataclass(frozen=True, slots=True)
class _Boxes:
    """Level, text, middle from the top and height of each box, width of each level."""

    levels: list[int]
    texts: list[RowLabel]
    middles: list[float]
    widths: list[float]
    heights: list[float]


class _TextFit(NamedTuple):
    """Size of type, and room between boxes in cm, that are tried."""

    size: float
    gap: float


def _boxes(chart: TreeDiagram, lang: str) -> _Boxes:
    """Return the boxes, as loose as a page has room for.

    The leaves are all as high; a node before them, with room of its own, may be higher.

    The leaves, of which there are most, have what the levels before them leave.
    """
    type_ = figure_style().type
    levels = _levels(chart)
    leaves = [node for node in range(len(levels)) if node not in {*chart.parents}]
    spans = _spans(chart, leaves)
    tried = (
        _TextFit(type_["label"], _GAP),
        _TextFit(type_["small"], _GAP),
        _TextFit(type_["small"], _CLOSE),
    )
    for fit in tried:
        widths = _widths(chart, levels, lang, fit.size)
        texts = _texts(chart, levels, widths, lang=lang, size=fit.size)
        pairs = zip(texts, spans, strict=True)
        step = max((text.height + 2 * fit.gap) / span for text, span in pairs)
        rooms = [widths[level] - _INSET for level in levels]
        is_inside = all(
            text.width <= room for text, room in zip(texts, rooms, strict=True)
        )
        if is_inside and step * len(leaves) <= _PAGE:
            break
    middles = _middles(chart, {leaf: (n + 0.5) * step for n, leaf in enumerate(leaves)})
    heights = [max(step - fit.gap, text.height + fit.gap) for text in texts]
    return _Boxes(levels, texts, middles, widths=widths, heights=heights)


def _levels(chart: TreeDiagram) -> list[int]:
    """Return how many nodes are above each."""
    levels = list[int]()
    for parent in chart.parents:
        levels.append(0 if parent < 0 else levels[parent] + 1)
    return levels


def _spans(chart: TreeDiagram, leaves: Sequence[int]) -> list[int]:
    """Return how many leaves are below each node; a leaf is its own."""
    spans = [0] * len(chart.names)
    for leaf in leaves:
        node = leaf
        while node >= 0:
            spans[node] += 1
            node = chart.parents[node]
    return spans


def _widths(
    chart: TreeDiagram, levels: Sequence[int], lang: str, size: float
) -> list[float]:
    """Return the width of each level in cm: the last one has what the others leave."""
    before = [0.0] * max(levels)
    for name, level in zip(chart.names, levels, strict=True):
        if level < len(before):
            before[level] = max(before[level], ems(name.text(lang)))
    room = figure_style().size["width"] - _BETWEEN * len(before)
    # All levels have the same room where a page has not enough for the names of each.
    most = min(_NAME + 2 * _INSET, room / (len(before) + 1))
    widths = [min(wide * size / POINT + 2 * _INSET, most) for wide in before]
    return [*widths, room - sum(widths)]


def _texts(
    chart: TreeDiagram,
    levels: Sequence[int],
    widths: Sequence[float],
    *,
    lang: str,
    size: float,
) -> list[RowLabel]:
    """Return the names as they stand in boxes of some widths."""
    rooms = [widths[level] - 2 * _INSET for level in levels]
    return [
        RowLabel(tuple(wrapped(name.text(lang), room, size)), size)
        for name, room in zip(chart.names, rooms, strict=True)
    ]


def _middles(chart: TreeDiagram, of_leaves: Mapping[int, float]) -> list[float]:
    """Return where nodes stand: in the middle of what is below them."""
    middles = {**of_leaves}
    below: dict[int, list[float]] = {}
    for node in reversed(range(len(chart.names))):
        if node in below:
            ends = below[node]
            middles[node] = (ends[0] + ends[-1]) / 2
        below.setdefault(chart.parents[node], []).append(middles[node])
    return [middles[node] for node in range(len(chart.names))]


def tree_size(chart: TreeDiagram, lang: str) -> Size:
    """Return the size in cm."""
    boxes = _boxes(chart, lang)
    pairs = zip(boxes.middles, boxes.heights, strict=True)
    ends = (middle + high / 2 for middle, high in pairs)
    return figure_style().size["width"] + 0.6, max(ends) + 0.3


def draw_tree(chart: TreeDiagram, frame: Frame) -> None:
    """Draw boxes and the lines between them."""
    boxes = _boxes(chart, frame.lang)
    axes = frame.body.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, frame.width), ylim=(frame.height, 0))
    before = accumulate(boxes.widths, initial=0.0)
    starts = [0.3 + wide + _BETWEEN * level for level, wide in enumerate(before)]
    for node, level in enumerate(boxes.levels):
        left = starts[level]
        _draw_node(axes, boxes, node, left)
        if level:
            above = boxes.middles[chart.parents[node]]
            y = boxes.middles[node]
            bend = left - _BETWEEN / 2
            across = [left - _BETWEEN, bend, bend, left]
            soft = figure_style().colour["soft"]
            axes.plot(across, [above, above, y, y], color=soft, lw=0.7)


def _draw_node(axes: Any, boxes: _Boxes, node: int, left: float) -> None:
    """Draw a box with its name; that of the root is dark."""
    from matplotlib.patches import Rectangle

    colour = figure_style().colour
    level = boxes.levels[node]
    text = boxes.texts[node]
    middle = boxes.middles[node]
    high = boxes.heights[node]
    ground = colour["band" if level else "main"]
    ink = colour["text"] if level else "white"
    look = {"fc": ground, "ec": colour["line"], "lw": 0.6}
    corner = left, middle - high / 2
    axes.add_patch(Rectangle(corner, boxes.widths[level], high, **look))
    type_ = {"size": text.size, "linespacing": 1.05, "color": ink}
    axes.text(left + _INSET, middle, text.text, va="center", **type_)


CHART_KINDS = {
    Dendrogram: ChartKind(dendrogram_size, draw_dendrogram),
    TreeDiagram: ChartKind(tree_size, draw_tree),
}
