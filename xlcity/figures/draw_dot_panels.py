"""Draws rows of dots in panels: rankings with tiers, groups on one axis, parts, change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np

from xlcity.figures.contents import DotPanel, DotPanels, DotRow, Label
from xlcity.figures.fonts import ems, wrapped
from xlcity.figures.panels import (
    ChartKind,
    Frame,
    RowLabel,
    Size,
    plain_rows,
    row_height,
    row_labels,
    set_axis,
)
from xlcity.figures.style import POINT, figure_style

#: Height of a row of groups, as rows of one city; room of titles, an axis and a legend in cm.
_GROUP_ROW = 1.8
_TITLE = 0.33
_AXIS = 0.6
_LEGEND = 0.9
#: Most room for the label of a row, as a share of the width of its panel.
_LABEL = 0.4
#: Room before the least dot and behind the greatest one, as shares of what lies between.
_BEFORE = 0.04
_BEHIND = 0.05
#: Sizes of dots, of bars at means and of gaps before texts, in points.
_DOT = 4.0
_MEAN = 13.0
_GAP = 4.0
#: Most room behind dots, as a share of an axis; what is around a panel, in cm.
_MOST_BEHIND = 0.5
_AROUND = 0.9
#: Space between the panels and what stands to the right of them.
_OUTSIDE = 1.015


def dot_panels_size(chart: DotPanels, lang: str) -> Size:
    """Return the size in cm: every line of panels is as high as the one with the most rows."""
    lines = -(-len(chart.panels) // chart.across)
    height = _row_height(chart, lang) * _longest(chart) + _AXIS
    titles = [_title(chart, panel, lang) for panel in chart.panels]
    height += _TITLE * max(map(len, titles))
    return figure_style().size["width"], lines * height + _LEGEND


def _longest(chart: DotPanels) -> int:
    return max(3, *(len(panel.rows) for panel in chart.panels))


def _labels(chart: DotPanels, panel: DotPanel, lang: str) -> list[RowLabel]:
    room = _LABEL * figure_style().size["width"] / chart.across
    return row_labels([row.label for row in panel.rows], lang, room)


def _row_height(chart: DotPanels, lang: str) -> float:
    height = max(row_height(_labels(chart, own, lang)) for own in chart.panels)
    return height * _GROUP_ROW if _has_groups(chart) else height


def _has_groups(chart: DotPanels) -> bool:
    """Tell whether every row has a bar at the mean of its dots."""
    rows = chain.from_iterable(panel.rows for panel in chart.panels)
    return all(np.isfinite(row.mean) for row in rows)


def draw_dot_panels(chart: DotPanels, frame: Frame) -> None:
    """Draw panels with their rows, the first row on top, and the line across them."""
    every = frame.grid(len(chart.panels), chart.across)
    above: Sequence[DotRow] = ()
    for number, (axes, panel) in enumerate(zip(every, chart.panels, strict=True)):
        is_first = number % chart.across == 0
        same = [row.label for row in panel.rows] == [row.label for row in above]
        above = panel.rows
        axes.set_xlim(*_reach(chart, panel, frame))
        _place_rows(axes, panel, _labels(chart, panel, frame.lang), _longest(chart))
        axes.tick_params(labelleft=is_first or not same)
        grounds = _draw_bands(axes, panel, frame.lang)
        for height, row in enumerate(panel.rows):
            _draw_row(axes, height, row, is_joined=chart.is_joined)
            text = _behind(row).text(frame.lang)
            known = _known(row)
            if text and known:
                side = -1 if chart.ends_before else 1
                spot = (max(known), height)
                _write_beside(axes, spot, text, side=side, ground=grounds[height])
        if np.isfinite(panel.line):
            axes.axvline(panel.line, zorder=1, **_line_look())
        title = "\n".join(_title(chart, panel, frame.lang))
        axes.set_title(title, size=figure_style().type["label"], linespacing=1.1)
        _end_axis(axes, chart, panel, frame)
        if number + chart.across < len(every):
            axes.set_xlabel("")
    _write_legend(chart, frame)


def _line_look() -> dict[str, Any]:
    return {"color": figure_style().colour["soft"], "ls": "--", "lw": 0.8}


def _place_rows(
    axes: Any, panel: DotPanel, labels: Sequence[RowLabel], longest: int
) -> None:
    """Name the rows from the top down: where some are strong, these are bold, others pale."""
    colour = figure_style().colour
    plain_rows(axes, labels, longest)
    if not any(row.is_strong for row in panel.rows):
        return
    for tick, row in zip(axes.get_yticklabels(), panel.rows, strict=True):
        # Some fonts have no bold letters.
        tick.set_weight("bold" if row.is_strong else "normal")
        tick.set_color(colour["text" if row.is_strong else "soft"])


def _draw_bands(axes: Any, panel: DotPanel, lang: str) -> list[str]:
    """Give rows that belong together a ground, their name and what their border says.

    Returns the colour behind each row.
    """
    style = figure_style()
    beside = {"transform": axes.get_yaxis_transform(), "va": "center"}
    beside["size"] = style.type["small"]
    ends = [*accumulate((band.count for band in panel.bands), initial=0)]
    grounds = ["white"] * len(panel.rows)
    for band, (first, end) in zip(panel.bands, pairwise(ends), strict=True):
        if band.is_pale:
            ground = style.colour["band"]
            axes.axhspan(first - 0.5, end - 0.5, color=ground, lw=0, zorder=0)
            grounds[first:end] = [ground] * band.count
        name = band.name.text(lang)
        axes.text(_OUTSIDE, (first + end - 1) / 2, name, **beside)
        border = band.border.text(lang)
        if border:
            axes.axhline(end - 0.5, color=style.colour["soft"], lw=0.6, zorder=1)
            shade = style.colour["accent"]
            axes.text(_OUTSIDE, end - 0.5, border, color=shade, **beside)
    return grounds


def _draw_row(axes: Any, height: int, row: DotRow, *, is_joined: bool) -> None:
    """Draw a line up to the greatest dot of a row, its dots, and the bar at their mean."""
    colour = figure_style().colour
    known = _known(row)
    start = axes.get_xlim()[0]
    guide = {"color": colour["line"], "zorder": 0.5}
    axes.hlines(height, start, max(known, default=start), lw=0.4, **guide)
    if is_joined and len(known) > 1:
        axes.hlines(height, min(known), max(known), lw=1.6, **guide)
    for dot in row.dots:
        shade = dot_colour(dot.shade)
        look = {"mec": "white", "mfc": shade, "mew": 0.4}
        if dot.is_open:
            look = {"mec": shade, "mfc": "white", "mew": 0.8}
        axes.plot([dot.value], [height], "o", ms=_DOT, clip_on=False, **look)
    if np.isfinite(row.mean):
        look = {"color": colour["text"], "ms": _MEAN, "mew": 1.6}
        axes.plot([row.mean], [height], "|", **look)


def _write_beside(
    axes: Any, spot: tuple[float, int], text: str, *, side: int, ground: str
) -> None:
    """Write a text behind a dot (side 1) or before it (-1), on the colour that is there."""
    style = figure_style()
    axes.annotate(
        text,
        spot,
        (side * _GAP, 0),
        textcoords="offset points",
        annotation_clip=False,
        size=style.type["small"],
        color=style.colour["soft"],
        bbox={"fc": ground, "ec": "none", "pad": 0.4},
        ha="left" if side > 0 else "right",
        va="center_baseline",
    )


def _known(row: DotRow) -> list[float]:
    return [dot.value for dot in row.dots if np.isfinite(dot.value)]


def dot_colour(shade: int | None) -> str:
    """Return the colour of a place of the list of the style; that of the rest is grey."""
    colour = figure_style().colour
    if shade is None:
        return str(colour["line"])
    return str(colour["series"][shade % len(colour["series"])])


def _title(chart: DotPanels, panel: DotPanel, lang: str) -> list[str]:
    """Return the lines of the title of a panel, which is as wide as its axis."""
    title = panel.title.text(lang)
    size = figure_style().type["label"]
    room = _plot_width(chart, chart.panels, lang) + _AROUND / 2
    return wrapped(title, room, size) if title else []


def _end_axis(axes: Any, chart: DotPanels, panel: DotPanel, frame: Frame) -> None:
    """Write the numbers of an axis, which ends where it does; no number where only texts are."""
    limits = axes.get_xlim()
    set_axis(axes.xaxis, replace(chart.axis, low=None, high=None), frame.lang)
    axes.set_xlim(*limits)
    axes.locator_params(axis="x", nbins=5 if chart.across > 1 else 8)
    greatest = float(np.nanmax(_values(_same_axis(chart, panel))))
    inside = [tick for tick in axes.get_xticks() if limits[0] <= tick <= limits[1]]
    beyond = [tick for tick in inside if tick >= greatest]
    last = min(beyond, default=limits[1])
    axes.set_xticks([tick for tick in inside if tick <= last])


def _same_axis(chart: DotPanels, panel: DotPanel) -> Sequence[DotPanel]:
    """Return the panels whose axes are as long as that of one."""
    return chart.panels if chart.has_one_axis else [panel]


def _values(panels: Sequence[DotPanel]) -> list[float]:
    """Return where dots and lines of panels are."""
    values = [panel.line for panel in panels]
    for row in chain.from_iterable(panel.rows for panel in panels):
        values += _known(row)
    return values


def _reach(chart: DotPanels, panel: DotPanel, frame: Frame) -> tuple[float, float]:
    """Return where the axis of a panel ends: behind the texts of its dots."""
    panels = _same_axis(chart, panel)
    rows = [*chain.from_iterable(own.rows for own in panels)]
    values = _values(panels)
    low = float(np.nanmin(values))
    high = float(np.nanmax(values))
    if chart.axis.low is not None:
        low = min(low, chart.axis.low)
    span = (high - low) or 1.0
    start = low - _BEFORE * span
    end = high + _BEHIND * span
    if chart.ends_before:
        return start, end
    plot = _plot_width(chart, panels, frame.lang)
    for row in rows:
        # A text ends where the axis does: value + share * (end - start) = end.
        width = _width(_behind(row), frame.lang) + _GAP / POINT
        share = min(width / plot, _MOST_BEHIND)
        value = max(_known(row), default=start)
        end = max(end, (value - share * start) / (1 - share))
    return start, end


def _plot_width(chart: DotPanels, panels: Sequence[DotPanel], lang: str) -> float:
    """Return about how much of the width of a panel is between names of rows and of bands."""
    width = figure_style().size["width"] / chart.across
    labels = chain.from_iterable(_labels(chart, own, lang) for own in panels)
    bands = chain.from_iterable(own.bands for own in panels)
    beside = max((_width(band.name, lang) for band in bands), default=0.0)
    beside += max(label.width for label in labels)
    return max(width - beside - _AROUND, width / 3)


def _behind(row: DotRow) -> Label:
    return row.first if row.first.zh or row.first.en else row.end


def _width(text: Label, lang: str) -> float:
    """Return the width of a small text in cm."""
    return ems(text.text(lang)) * figure_style().type["small"] / POINT


def _write_legend(chart: DotPanels, frame: Frame) -> None:
    """Write what colours, the bar and the line mean."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=dot_colour(shade), marker="o", ls="", ms=_DOT)
        for _, shade in chart.legend
    ]
    for handle, (label, _) in zip(handles, chart.legend, strict=True):
        handle.set_label(label.text(frame.lang))
    if line := chart.line_label.text(frame.lang):
        handles.append(Line2D([], [], label=line, **_line_look()))
    if handles:
        frame.legend(handles)


CHART_KINDS = {DotPanels: ChartKind(dot_panels_size, draw_dot_panels, layouts=2)}
