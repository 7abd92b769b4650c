"""Draws dendrograms, and trees of names in boxes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

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
    shades = dict(zip(_CLASS_NAMES, itertools.cycle(colours["series"]), strict=False))
    columns = row_columns(len(chart.rows), tall=True)
    labels = row_labels(chart.rows, frame.lang)
    for axes, part in zip(frame.axes(len(columns), sharex=True), columns, strict=True):
        plain_rows(
            axes, [labels[leaf] for leaf in tree["leaves"][part.start : part.stop]], 1
        )
        for x, y, shade in zip(
            tree["dcoord"], tree["icoord"], tree["color_list"], strict=True
        ):
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


def _boxes(chart: TreeDiagram, lang: str) -> _Boxes:
    """Return the boxes, as loose as a page has room for.

    The leaves are all as high; a node before them, with room of its own, may be higher.

    The leaves, of which there are most, have what the levels before them leave.
    """
    levels = list[int]()
    for parent in chart.parents:
        levels.append(0 if parent < 0 else levels[parent] + 1)
    type_ = figure_style().type
    names = [name.text(lang) for name in chart.names]
    leaves = [node for node in range(len(names)) if node not in {*chart.parents}]
    spans = [0] * len(names)
    for leaf in leaves:
        node = leaf
        while node >= 0:
            spans[node] += 1
            node = chart.parents[node]
    for size, gap in (
        (type_["label"], _GAP),
        (type_["small"], _GAP),
        (type_["small"], 0.02),
    ):
        before = [
            [ems(name) for name, own in zip(names, levels, strict=True) if own == level]
            for level in range(max(levels))
        ]
        room = figure_style().size["width"] - _BETWEEN * len(before)
        # All levels have the same room where a page has not enough for the names of each.
        most = min(_NAME + 2 * _INSET, room / (len(before) + 1))
        widths = [min(max(every) * size / POINT + 2 * _INSET, most) for every in before]
        left = room - sum(widths)
        widths.append(left)
        texts = [
            RowLabel(tuple(wrapped(name, widths[level] - 2 * _INSET, size)), size)
            for name, level in zip(names, levels, strict=True)
        ]
        step = max(
            (t.height + 2 * gap) / span for t, span in zip(texts, spans, strict=True)
        )
        is_inside = all(
            text.width <= widths[level] - _INSET
            for text, level in zip(texts, levels, strict=True)
        )
        if is_inside and step * len(leaves) <= _PAGE:
            break
    middles = {leaf: (row + 0.5) * step for row, leaf in enumerate(leaves)}
    # A node stands in the middle of what is below it.
    for node in reversed(range(len(names))):
        below = [
            middles[child]
            for child, parent in enumerate(chart.parents)
            if parent == node
        ]
        middles[node] = (below[0] + below[-1]) / 2 if below else middles[node]
    heights = [max(step - gap, text.height + gap) for text in texts]
    return _Boxes(
        levels, texts, [middles[node] for node in range(len(names))], widths, heights
    )


def tree_size(chart: TreeDiagram, lang: str) -> Size:
    """Return the size in cm."""
    boxes = _boxes(chart, lang)
    ends = (y + high / 2 for y, high in zip(boxes.middles, boxes.heights, strict=True))
    return figure_style().size["width"] + 0.6, max(ends) + 0.3


def draw_tree(chart: TreeDiagram, frame: Frame) -> None:
    """Draw boxes and the lines between them."""
    from matplotlib.patches import Rectangle

    boxes = _boxes(chart, frame.lang)
    colour = figure_style().colour
    widths = boxes.widths
    middles = boxes.middles
    axes = frame.body.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, frame.width), ylim=(frame.height, 0))
    starts = [
        0.3 + sum(widths[:level]) + _BETWEEN * level for level in range(len(widths))
    ]
    for node, (level, text, y) in enumerate(
        zip(boxes.levels, boxes.texts, middles, strict=True)
    ):
        left = starts[level]
        high = boxes.heights[node]
        look = {"ec": colour["line"], "lw": 0.6}
        shade, ink = ("band", colour["text"]) if level else ("main", "white")
        corner = left, y - high / 2
        axes.add_patch(Rectangle(corner, widths[level], high, fc=colour[shade], **look))
        type_ = {"size": text.size, "linespacing": 1.05, "color": ink}
        axes.text(left + _INSET, y, text.text, va="center", **type_)
        if level:
            bend = left - _BETWEEN / 2
            above = middles[chart.parents[node]]
            corners = [left - _BETWEEN, bend, bend, left], [above, above, y, y]
            axes.plot(*corners, color=colour["soft"], lw=0.7)


CHART_KINDS = {
    Dendrogram: ChartKind(dendrogram_size, draw_dendrogram),
    TreeDiagram: ChartKind(tree_size, draw_tree),
}
