"""Draws dendrograms, and ranks in several columns joined by lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlcity.figures.contents import Dendrogram, SlopeChart
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    label_ticks,
    row_columns,
    row_height,
    row_labels,
    set_axis,
)
from xlcity.figures.style import figure_style
from xlcity.grouping import grouped


def dendrogram_size(chart: Dendrogram, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    longest = max(len(row_columns(len(chart.rows))[0]), 3)
    height = row_height(chart.rows, lang) * longest + 1.4
    return figure_style().size["width"], height


def draw_dendrogram(chart: Dendrogram, frame: Frame) -> None:
    """Draw the tree of merges, its leaves on the left.

    A long tree is in columns: what leaves one of them at its foot goes on at the top of the next.
    """
    from matplotlib.collections import LineCollection
    from scipy.cluster.hierarchy import leaves_list

    colours = frame.style.colour
    count = len(chart.rows)
    order = leaves_list(chart.merges).tolist()
    classes = _class_by_node(chart.merges, order, chart.classes)
    columns = row_columns(count)
    every = frame.axes(len(columns), sharex=True)
    middle = {leaf: float(row) for row, leaf in enumerate(order)}
    height = dict.fromkeys(range(count), 0.0)
    lines: list[list[tuple[float, float]]] = []
    shades: list[str] = []
    for node, (left, right, distance, _) in enumerate(chart.merges.tolist(), count):
        pair = int(left), int(right)
        ends = [middle[child] for child in pair]
        x = [height[pair[0]], distance, distance, height[pair[1]]]
        y = [ends[0], ends[0], ends[1], ends[1]]
        lines.append([*zip(x, y, strict=True)])
        shades.append(_shade(classes.get(node), colours))
        middle[node], height[node] = sum(ends) / 2, distance
    labels = row_labels(chart.rows, frame.lang)
    for axes, part in zip(every, columns, strict=True):
        axes.add_collection(LineCollection(lines, colors=shades, linewidths=1.0))
        axes.autoscale_view()
        leaves = order[part.start : part.stop]
        label_ticks(axes.yaxis, part, [labels[leaf] for leaf in leaves])
        axes.set_ylim(part.start + len(columns[0]) - 0.5, part.start - 0.5)
        axes.set_xlim(0, 1.02 * float(chart.merges[:, 2].max()))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        set_axis(axes.xaxis, chart.height, frame.lang)


def lone_leaves(merges: np.ndarray, count: int, classes: int) -> list[int]:
    """Return the leaves that are a class by themselves: no line has their colour."""
    return sorted(head for head in _nodes_by_head(merges, count, classes) if head < count)


def _nodes_by_head(merges: np.ndarray, count: int, classes: int) -> dict[int, list[int]]:
    """Return the leaves and merges of each class by its head: the last merges join classes."""
    nodes = {leaf: [leaf] for leaf in range(count)}
    below = merges[: max(count - classes, 0), :2].astype(int).tolist()
    for node, (left, right) in enumerate(below, count):
        nodes[node] = [node, *nodes.pop(left), *nodes.pop(right)]
    return nodes


def _class_by_node(merges: np.ndarray, leaves: list[int], classes: int) -> dict[int, int]:
    """Return the class of each leaf and of each merge below the cut, numbered from the top down."""
    row = {leaf: number for number, leaf in enumerate(leaves)}
    groups = _nodes_by_head(merges, len(leaves), classes).values()
    ordered = sorted(groups, key=lambda nodes: min(row[node] for node in nodes if node in row))
    return {node: number for number, nodes in enumerate(ordered) for node in nodes}


def _shade(of: int | None, colours: dict[str, Any]) -> str:
    return str(colours["soft"] if of is None else colours["series"][of % len(colours["series"])])


def slope_size(chart: SlopeChart, lang: str) -> tuple[float, float]:
    """Return the size in cm."""
    return figure_style().size["width"], 0.34 * float(np.nanmax(_places(chart))) + 1.2


def _places(chart: SlopeChart) -> np.ndarray:
    """Return where ranks stand: those beyond the last row close up below it, in their order."""
    count = len(chart.rows)
    beyond = np.unique(chart.ranks[np.isfinite(chart.ranks) & (chart.ranks > count)])
    below = count + 1.5 + np.searchsorted(beyond, chart.ranks)
    return np.where(chart.ranks > count, below, chart.ranks)


def shifts(ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each row moves, and which rows move most: at most half of those that do.

    Rows that move equally far are treated alike: where all do, all are those that move most.

    >>> shifts(np.array([[1, 4], [2, 1], [3, 2], [4, 3]]))[1].tolist()
    [True, False, False, False]
    """
    shift = np.nanmax(ranks, axis=1) - np.nanmin(ranks, axis=1)
    moved = shift[shift > 0]
    steps = [step for step in np.unique(moved) if (moved >= step).sum() <= min(8, len(moved) / 2)]
    limit = min(steps, default=max(moved, default=np.inf))
    return shift, shift >= limit


def draw_slopes(chart: SlopeChart, frame: Frame) -> None:
    """Draw a line per row through its ranks; those that move most are strong."""
    colour, lang = frame.style.colour, frame.lang
    (axes,) = frame.axes()
    x = np.arange(len(chart.columns))
    places, count = _places(chart), len(chart.rows)
    bottom = float(np.nanmax(places))
    if bottom > count:
        axes.axhline(count + 0.9, color=colour["soft"], lw=1.0, ls=":")
    shift, most = shifts(chart.ranks)
    for row in np.argsort(shift, kind="stable").tolist():
        look = (
            {"color": colour["accent"], "lw": 1.3}
            if most[row]
            else {"color": colour["pale"], "lw": 0.8}
        )
        axes.plot(x, places[row], marker="o", ms=2.2, **look)
        for middle in range(1, len(x) - 1):
            # The place of a point below the line does not say its rank.
            if places[row, middle] > count:
                rank, spot = f"{chart.ranks[row, middle]:.0f}", (x[middle], places[row, middle])
                size = frame.style.type["tiny"]
                axes.annotate(
                    rank, spot, (4, 0), textcoords="offset points", va="center", size=size
                )
    names = [label.text(lang) for label in chart.rows]
    for end, side, gap in ((0, "right", -5), (len(x) - 1, "left", 5)):
        for name, height in _columns_of_names(names, chart.ranks[:, end], places[:, end], lang):
            axes.annotate(
                name,
                (x[end], height),
                xytext=(gap, 0),
                textcoords="offset points",
                ha=side,
                va="center",
                size=frame.style.type["small"],
            )
    axes.set_xticks(x, [label.text(lang) for label in chart.columns])
    axes.set_xlim(-0.35 * max(1, len(x) - 1), (len(x) - 1) + 0.35 * max(1, len(x) - 1))
    axes.set_ylim(max(bottom, count) + 0.6, 0.4)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _columns_of_names(
    names: list[str], ranks: np.ndarray, places: np.ndarray, lang: str
) -> list[tuple[str, float]]:
    """Return names with their ranks and places; names that share a rank share a line."""
    every = zip(names, ranks.tolist(), places.tolist(), strict=True)
    shared = grouped(((rank, height), name) for name, rank, height in every if np.isfinite(rank))
    comma = "、" if lang == "zh" else ", "
    return [(f"{rank:.0f} {comma.join(both)}", height) for (rank, height), both in shared.items()]


CHART_KINDS = {
    SlopeChart: ChartKind(slope_size, draw_slopes),
    Dendrogram: ChartKind(dendrogram_size, draw_dendrogram),
}
