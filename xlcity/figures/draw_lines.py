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
    set_axis(axes.xaxis, chart.x, frame.lang)
    set_axis(axes.yaxis, chart.y, frame.lang)
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
        ends = [end for end in panel.limits if np.isfinite(end)]
        limits += [axes.axvline(end, **look) for end in ends]
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
    known = chart.ranks[np.isfinite(chart.ranks)]
    beyond = np.unique(known[known > count])
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
    (axes,) = frame.axes()
    places = _places(chart)
    count = len(chart.rows)
    bottom = max(float(np.nanmax(places)), count)
    if bottom > count:
        soft = figure_style().colour["soft"]
        axes.axhline(count + 0.9, color=soft, lw=1.0, ls=":")
    _draw_slope_lines(axes, chart, places)
    _write_ranks_below(axes, chart, places)
    last = len(chart.columns) - 1
    _name_ends(axes, chart, column=0, lang=frame.lang)
    _name_ends(axes, chart, column=last, lang=frame.lang)
    axes.set_xticks(range(last + 1), [own.text(frame.lang) for own in chart.columns])
    room = _BESIDE * max(1, last)
    axes.set_xlim(-room, last + room)
    axes.set_ylim(bottom + 0.6, 0.4)
    axes.xaxis.tick_top()
    axes.tick_params(length=0, labelleft=False)
    axes.spines[:].set_visible(False)


def _draw_slope_lines(axes: Any, chart: SlopeChart, places: Numbers) -> None:
    """Draw the lines, those that move most in front."""
    colour = figure_style().colour
    x = np.arange(len(chart.columns))
    shift, most = shifts(chart.ranks)
    for row in np.argsort(shift, kind="stable").tolist():
        look = {"color": colour["pale"], "lw": 0.8}
        if most[row]:
            look = {"color": colour["accent"], "lw": 1.3}
        axes.plot(x, places[row], marker="o", ms=2.2, **look)


def _write_ranks_below(axes: Any, chart: SlopeChart, places: Numbers) -> None:
    """Write ranks of columns in the middle that are below the line: places do not say these."""
    size = figure_style().type["tiny"]
    look = {"textcoords": "offset points", "va": "center", "size": size}
    for row, middle in np.argwhere(places > len(chart.rows)).tolist():
        if 0 < middle < len(chart.columns) - 1:
            rank = f"{chart.ranks[row, middle]:.0f}"
            axes.annotate(rank, (middle, places[row, middle]), (4, 0), **look)


def _name_ends(axes: Any, chart: SlopeChart, *, column: int, lang: str) -> None:
    """Write ranks and names beside a column: names that share a rank share a line."""
    places = _places(chart)[:, column]
    is_first = column == 0
    look = {"textcoords": "offset points", "va": "center"}
    look["ha"] = "right" if is_first else "left"
    ranks = chart.ranks[:, column].tolist()
    ends = zip(ranks, places.tolist(), chart.rows, strict=True)
    named = [((rank, y), name.text(lang)) for rank, y, name in ends if rank == rank]
    comma = "、" if lang == "zh" else ", "
    size = figure_style().type["small"]
    gap = -5 if is_first else 5
    for (rank, y), names in grouped(named).items():
        text = f"{rank:.0f} {comma.join(names)}"
        axes.annotate(text, (column, y), (gap, 0), size=size, **look)


CHART_KINDS = {
    LineChart: ChartKind(line_size, draw_lines),
    HistogramChart: ChartKind(histogram_size, draw_histograms),
    SlopeChart: ChartKind(slope_size, draw_slopes, layouts=2),
}
