"""Draws charts with a line per row: bars, bars in panels, several dots, intervals."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from xlcity.figures.contents import BarChart, BarPanels, DotChart, Numbers
from xlcity.figures.fonts import wrapped
from xlcity.figures.panels import (
    LARGEST,
    ChartKind,
    Frame,
    Size,
    begins_at_zero,
    numbers_alike,
    plain_rows,
    row_height,
    row_labels,
    row_panels,
    rows_size,
    series_colour,
    set_axis,
)
from xlcity.figures.style import POINT, figure_style

#: Marks of the values of a row, in turn.
_MARKERS = "osD^vP"
#: Height of a bar, as a share of its row; room behind bars for their numbers, and before dots.
_THICK = 0.72
_BEHIND = 0.28
_BEFORE = 0.06
#: Lines that a title above a quantity usually has at most.
_TITLE_LINES = 3


def is_dots(chart: BarChart) -> bool:
    """Tell whether dots are drawn for bars: bars from 0 would look alike."""
    values = np.concatenate([series.values for series in chart.series])
    return not are_sums(chart) and not begins_at_zero(values)


def are_sums(chart: BarChart) -> bool:
    """Tell whether bars stand one on another: of series by class each row has one alone."""
    block = np.nan_to_num([series.values for series in chart.series])
    return chart.stacked and bool(((block != 0).sum(axis=0) > 1).any())


def bar_size(chart: BarChart, lang: str) -> Size:
    """Return the size in cm."""
    lines = 1 if chart.stacked or is_dots(chart) else max(1, len(chart.series))
    width, height = rows_size(chart.rows, lang, lines)
    return width, height + (
        0.4 * (len(chart.series) // 4) if len(chart.series) > 1 else 0
    )


def draw_bars(chart: BarChart, frame: Frame) -> None:
    """Draw bars from the top down; dots where bars from 0 would look alike."""
    from matplotlib.patches import Patch

    has_dots = is_dots(chart)
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        rows = np.array(part)
        places = np.arange(len(part))
        count = 1 if chart.stacked else len(chart.series)
        thick = _THICK / count
        # Where the next bar of a row begins, on both sides of 0.
        ends = np.zeros((2, len(part)))
        for number, series in enumerate(chart.series):
            values = np.nan_to_num(series.values[rows])
            shade = series_colour(series, number)
            middle = places + (0 if has_dots else (number - (count - 1) / 2) * thick)
            if has_dots:
                axes.plot(series.values[rows], places, "o", color=shade, ms=3.6)
                axes.grid(axis="y")
                axes.margins(x=_BEHIND / 2)
            elif chart.stacked:
                start = np.where(values >= 0, *ends)
                axes.barh(places, values, _THICK, left=start, color=shade, lw=0)
                ends += [np.maximum(values, 0), np.minimum(values, 0)]
                continue
            else:
                axes.barh(middle, values, thick * 0.92, color=shade, lw=0)
            if series.low is not None and series.high is not None:
                limits = series.low[rows], series.high[rows]
                axes.hlines(
                    middle, *limits, color=figure_style().colour["text"], lw=0.8
                )
            ends[0] = np.maximum(ends[0], values)
        if chart.ends:
            gap = 6 if has_dots else 3
            _write_ends(axes, [chart.ends[row] for row in part], ends[0], gap)
        if not has_dots:
            axes.axvline(0, color=figure_style().colour["soft"], lw=0.6)
    if len(chart.series) > 1:
        handles = [
            Patch(
                color=series_colour(series, number), label=series.label.text(frame.lang)
            )
            for number, series in enumerate(chart.series)
        ]
        frame.legend(handles)


def _write_ends(axes: Any, texts: list[str], across: Numbers, gap: int) -> None:
    """Write the short texts behind the bars, some points off; no line of the grid crosses them."""
    look = {
        "size": figure_style().type["small"],
        "color": figure_style().colour["soft"],
    }
    # Whether a point is inside is asked for each time that a text is measured.
    look |= {
        "annotation_clip": False,
        "bbox": {"fc": "white", "ec": "none", "pad": 0.5},
    }
    for row, (text, x) in enumerate(zip(texts, across.tolist(), strict=True)):
        if text:
            axes.annotate(
                text,
                (x, row),
                (gap, 0),
                textcoords="offset points",
                va="center",
                **look,
            )


def panel_size(chart: BarPanels, lang: str) -> Size:
    """Return the size in cm; titles of more lines than usual take no room of the rows."""
    width = figure_style().size["width"]
    line = 1.1 * figure_style().type["label"] / POINT
    more = max(len(title) for title in _panel_titles(chart, lang, width)) - _TITLE_LINES
    height = row_height(row_labels(chart.rows, lang)) * max(len(chart.rows), 3) + 2.4
    return width, height + line * max(more, 0)


def _panel_titles(chart: BarPanels, lang: str, width: float) -> list[list[str]]:
    """Return the lines of the title of each quantity."""
    room = (width - 4.0) / len(chart.panels) - 0.3
    size = figure_style().type["label"]
    return [wrapped(series.label.text(lang), room, size) for series in chart.panels]


def draw_panels(chart: BarPanels, frame: Frame) -> None:
    """Draw each quantity with its numbers, in rows that all share."""
    size = figure_style().type["label"]
    labels = row_labels(chart.rows, frame.lang)
    titles = _panel_titles(chart, frame.lang, frame.width)
    places = np.arange(len(chart.rows))
    drawn = zip(frame.axes(len(chart.panels)), chart.panels, chart.axes, strict=True)
    is_bars = all(begins_at_zero(series.values) for series in chart.panels)
    for number, (axes, series, axis) in enumerate(drawn):
        values = series.values
        shade = series_colour(series, number)
        # Names that are not shown take as long to place; lines behind dots need them.
        plain_rows(axes, [] if number and is_bars else labels, len(labels))
        axes.tick_params(labelleft=number == 0)
        if is_bars:
            axes.barh(places, np.nan_to_num(values), _THICK, color=shade, lw=0)
            axes.margins(x=_BEHIND)
        else:
            axes.plot(values, places, "o", color=shade, ms=3.6)
            axes.grid(axis="y")
            reach = float(np.nanmax(values) - np.nanmin(values)) or 1.0
            low = float(np.nanmin(values))
            high = float(np.nanmax(values))
            axes.set_xlim(low - _BEFORE * reach, high + 1.5 * _BEHIND * reach)
        axes.locator_params(axis="x", nbins=3)
        most = float(np.nanmax(np.abs(values), initial=0.0))
        set_axis(axes.xaxis, axis, frame.lang, most=min(most, LARGEST))
        axes.xaxis.set_visible(bool(np.isfinite(values).any()))
        axes.set_title("\n".join(titles[number]), size=size, linespacing=1.1)
        ends = np.maximum(np.nan_to_num(values), 0)
        _write_ends(axes, numbers_alike(values, frame.lang), ends, 3 if is_bars else 5)


def dot_size(chart: DotChart, lang: str) -> Size:
    """Return the size in cm."""
    return rows_size(chart.rows, lang)


def draw_dots(chart: DotChart, frame: Frame) -> None:
    """Draw the values of each row, and the line from the least to the greatest or its interval."""
    from matplotlib.lines import Line2D

    colour = figure_style().colour
    # Two values differ as before and now do; more are series.
    shades = (
        colour["series"]
        if len(chart.series) > 2
        else [colour["main"], colour["accent"]]
    )
    if any(series.shade is not None for series in chart.series):
        shades = [
            series_colour(series, number) for number, series in enumerate(chart.series)
        ]
    looks = [
        *zip(
            chart.series,
            itertools.cycle(_MARKERS),
            itertools.cycle(shades),
            strict=False,
        )
    ]
    block = np.array([series.values for series in chart.series])
    low = np.fmin.reduce(block)
    high = np.fmax.reduce(block)
    for series in chart.series:
        if series.low is not None and series.high is not None:
            low = series.low
            high = series.high
    bounds = [*chart.bands, len(chart.rows)]
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        places = np.arange(len(part))
        rows = np.array(part)
        for first, end in [*itertools.pairwise(bounds)][1::2]:
            first, end = (
                max(first, part.start) - part.start,
                min(end, part.stop) - part.start,
            )
            if first < end:
                axes.axhspan(
                    first - 0.5, end - 0.5, color=colour["band"], lw=0, zorder=0
                )
        width = 3.2 if chart.interval else 1.2
        axes.hlines(places, low[rows], high[rows], color=colour["pale"], lw=width)
        for series, marker, shade in looks:
            axes.plot(
                series.values[rows], places, marker, color=shade, ms=3.4, clip_on=False
            )
    handles = [
        Line2D(
            [],
            [],
            ls="",
            marker=mark,
            color=shade,
            ms=4,
            label=series.label.text(frame.lang),
        )
        for series, mark, shade in looks
    ]
    if chart.interval is not None:
        label = chart.interval.text(frame.lang)
        handles.append(Line2D([], [], color=colour["pale"], lw=3.2, label=label))
    frame.legend(handles)


CHART_KINDS = {
    BarChart: ChartKind(bar_size, draw_bars),
    BarPanels: ChartKind(panel_size, draw_panels),
    DotChart: ChartKind(dot_size, draw_dots),
}
