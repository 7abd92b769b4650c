"""Draws charts with two axes: curves, histograms, ranks in several columns joined by lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from xlcity.figures.contents import (
    Axis,
    HistogramChart,
    Label,
    LineChart,
    Numbers,
    SlopeChart,
)
from xlcity.figures.fonts import wrapped
from xlcity.figures.panels import ChartKind, Frame, Size, set_axis
from xlcity.figures.style import figure_style
from xlcity.grouping import grouped

#: Histograms in a line; height of a line, of all on a page, and of a line of very many, in cm.
_ACROSS = 4
_LINE = 3.4
_PAGE = 19.0
_LEAST_LINE = 2.3
#: From here on numbers below small histograms have words: long ones would touch.
_LONG = 1e4
#: Up to so many points of a curve are marked: more would hide the line, and its dashes.
_MARKED = 15
#: Kinds of lines, one after the other where colours come again.
_DASHES = ("-", "--", ":", "-.")
#: Room for names beside slopes, as a share of the room between them.
_BESIDE = 0.35


def line_size(chart: LineChart, lang: str) -> Size:
    """Return the size in cm."""
    size = figure_style().size
    return size["width"], size["plot"] + 0.4 * (len(chart.series) // 3)


def draw_lines(chart: LineChart, frame: Frame) -> None:
    """Draw curves with their points."""
    colours = figure_style().colour["series"]
    (axes,) = frame.axes()
    axes.grid(axis="y")
    handles: list[Any] = []
    for number, curve in enumerate(chart.series):
        handles += axes.plot(
            curve.x,
            curve.y,
            color=colours[number % len(colours)],
            lw=1.4,
            ms=3.5,
            clip_on=False,
            ls=_DASHES[number // len(colours) % len(_DASHES)],
            marker="o" if len(curve.x) <= _MARKED else "",
            label=curve.label.text(frame.lang),
        )
    for which, axis in ((axes.xaxis, chart.x), (axes.yaxis, chart.y)):
        set_axis(which, axis, frame.lang)
    if len(handles) > 1:
        frame.legend(handles)


def histogram_size(chart: HistogramChart, lang: str) -> Size:
    """Return the size in cm."""
    lines = -(-len(chart.panels) // _ACROSS)
    height = max(min(_LINE * lines, _PAGE), _LEAST_LINE * lines)
    return figure_style().size["width"], height + 0.6


def draw_histograms(chart: HistogramChart, frame: Frame) -> None:
    """Draw small histograms, four in a line."""
    from matplotlib.ticker import MaxNLocator

    size = figure_style().type["small"]
    across = min(_ACROSS, len(chart.panels))
    limits: list[Any] = []
    look = {"color": figure_style().colour["accent"], "ls": "--", "lw": 0.9}
    every = frame.grid(len(chart.panels), across)
    for number, (axes, panel) in enumerate(zip(every, chart.panels, strict=True)):
        finite = panel.values[np.isfinite(panel.values)]
        bins = max(5, min(20, int(np.sqrt(finite.size)) * 2))
        axes.hist(finite, bins=bins, color=figure_style().colour["pale"])
        limits += [axes.axvline(x, **look) for x in panel.limits if np.isfinite(x)]
        title = wrapped(panel.label.text(frame.lang), frame.width / across - 0.9, size)
        axes.set_title("\n".join(title), size=size, linespacing=1.1)
        axes.tick_params(labelsize=size)
        axes.locator_params(axis="x", nbins=3)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        axes.set_ylabel(
            chart.count.text(frame.lang) if number % across == 0 else "", size=size
        )
        set_axis(axes.xaxis, Axis(Label("")), frame.lang, large=_LONG)
    if limits:
        limits[0].set_label(chart.legend.text(frame.lang))
        frame.legend(limits[:1])


def slope_size(chart: SlopeChart, lang: str) -> Size:
    """Return the size in cm."""
    size = figure_style().size
    return size["width"], size["row"] * float(np.nanmax(_places(chart))) + 1.2


def _places(chart: SlopeChart) -> Numbers:
    """Return where ranks stand: those beyond the last row close up below it, in their order."""
    count = len(chart.rows)
    beyond = np.unique(chart.ranks[np.isfinite(chart.ranks) & (chart.ranks > count)])
    below = count + 1.5 + np.searchsorted(beyond, chart.ranks)
    return np.where(chart.ranks > count, below, chart.ranks)


def shifts(ranks: Numbers) -> tuple[Numbers, Numbers]:
    """Return how far each row moves, and which rows move most: at most half of those that do.

    Rows that move equally far are treated alike: where all do, all are those that move most.

    >>> shifts(np.array([[1, 4], [2, 1], [3, 2], [4, 3]]))[1].tolist()
    [True, False, False, False]
    """
    shift = np.nanmax(ranks, axis=1) - np.nanmin(ranks, axis=1)
    moved = shift[shift > 0]
    steps = [
        step
        for step in np.unique(moved)
        if (moved >= step).sum() <= min(8, len(moved) / 2)
    ]
    limit = min(steps, default=max(moved, default=np.inf))
    return shift, shift >= limit


def draw_slopes(chart: SlopeChart, frame: Frame) -> None:
    """Draw a line per row through its ranks; those that move most are strong."""
    colour = figure_style().colour
    type_ = figure_style().type
    lang = frame.lang
    (axes,) = frame.axes()
    x = np.arange(len(chart.columns))
    places = _places(chart)
    count = len(chart.rows)
    bottom = max(float(np.nanmax(places)), count)
    if bottom > count:
        axes.axhline(count + 0.9, color=colour["soft"], lw=1.0, ls=":")
    shift, most = shifts(chart.ranks)
    for row in np.argsort(shift, kind="stable").tolist():
        shade, width = (colour["accent"], 1.3) if most[row] else (colour["pale"], 0.8)
        axes.plot(x, places[row], color=shade, lw=width, marker="o", ms=2.2)
    words = {"textcoords": "offset points", "va": "center"}
    for row, middle in np.argwhere(places > count).tolist():
        if not 0 < middle < len(x) - 1:
            continue
        # The place of a point below the line does not say its rank.
        rank = f"{chart.ranks[row, middle]:.0f}"
        spot = (middle, places[row, middle])
        axes.annotate(rank, spot, (4, 0), size=type_["tiny"], **words)
    comma = "、" if lang == "zh" else ", "
    for end, side, gap in ((0, "right", -5), (len(x) - 1, "left", 5)):
        # Names that share a rank share a line.
        ends = zip(
            chart.ranks[:, end].tolist(),
            places[:, end].tolist(),
            chart.rows,
            strict=True,
        )
        shared = grouped(
            ((rank, y), name.text(lang)) for rank, y, name in ends if rank == rank
        )
        for (rank, y), names in shared.items():
            text = f"{rank:.0f} {comma.join(names)}"
            axes.annotate(
                text, (x[end], y), (gap, 0), ha=side, size=type_["small"], **words
            )
    axes.set_xticks(x, [label.text(lang) for label in chart.columns])
    room = _BESIDE * max(1, len(x) - 1)
    axes.set_xlim(-room, len(x) - 1 + room)
    axes.set_ylim(bottom + 0.6, 0.4)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelleft=False)
    axes.spines[:].set_visible(False)


CHART_KINDS = {
    LineChart: ChartKind(line_size, draw_lines),
    HistogramChart: ChartKind(histogram_size, draw_histograms),
    SlopeChart: ChartKind(slope_size, draw_slopes, layouts=2),
}
