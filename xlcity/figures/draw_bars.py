"""Draws charts with a line per row: bars, bars in panels, several dots, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlcity.figures.contents import BarChart, BarPanels, BarSeries, DotChart, Numbers
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

#: Rows of a column of a chart.
Rows = NDArray[np.int_]
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
    filled = (block != 0).sum(axis=0)
    return chart.stacked and bool((filled > 1).any())


def bar_size(chart: BarChart, lang: str) -> Size:
    """Return the size in cm."""
    lines = 1 if chart.stacked or is_dots(chart) else max(1, len(chart.series))
    width, height = rows_size(chart.rows, lang, lines)
    return width, height + (
        0.4 * (len(chart.series) // 4) if len(chart.series) > 1 else 0
    )


def draw_bars(chart: BarChart, frame: Frame) -> None:
    """Draw bars from the top down; dots where bars from 0 would look alike."""
    has_dots = is_dots(chart)
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        if chart.stacked and not has_dots:
            draw_stack(axes, chart, part)
            continue
        ends = _draw_beside(axes, chart, np.array(part), has_dots=has_dots)
        if chart.ends:
            gap = 6 if has_dots else 3
            _write_ends(axes, [chart.ends[row] for row in part], ends, gap)
        if not has_dots:
            _draw_zero(axes)
    if len(chart.series) > 1:
        frame.legend(bar_signs(chart, frame.lang))


def bar_signs(chart: BarChart, lang: str) -> list[Any]:
    """Return the signs of series in a legend."""
    from matplotlib.patches import Patch

    return [
        Patch(color=series_colour(series, number), label=series.label.text(lang))
        for number, series in enumerate(chart.series)
    ]


def draw_stack(axes: Any, chart: BarChart, part: range) -> None:
    """Draw bars of some rows one on another on both sides of 0, and what stands behind them."""
    ends = _draw_stacked(axes, chart, np.array(part))
    if chart.ends:
        _write_ends(axes, [chart.ends[row] for row in part], ends, 3)
    _draw_zero(axes)


def _draw_zero(axes: Any) -> None:
    axes.axvline(0, color=figure_style().colour["soft"], lw=0.6)


def _draw_stacked(axes: Any, chart: BarChart, rows: Rows) -> Numbers:
    """Draw bars one on another on both sides of 0; return where the last ones end."""
    places = np.arange(len(rows))
    above = np.zeros(len(rows))
    below = np.zeros(len(rows))
    for number, series in enumerate(chart.series):
        values = np.nan_to_num(series.values[rows])
        start = np.where(values >= 0, above, below)
        shade = series_colour(series, number)
        axes.barh(places, values, _THICK, left=start, color=shade, lw=0)
        above += np.maximum(values, 0)
        below += np.minimum(values, 0)
    return above


def _draw_beside(axes: Any, chart: BarChart, rows: Rows, *, has_dots: bool) -> Numbers:
    """Draw bars beside each other, or dots, with their intervals; return the greatest values."""
    places = np.arange(len(rows))
    count = 1 if chart.stacked else len(chart.series)
    thick = _THICK / count
    ends = np.zeros(len(rows))
    if has_dots:
        axes.grid(axis="y")
        axes.margins(x=_BEHIND / 2)
    for number, series in enumerate(chart.series):
        values = np.nan_to_num(series.values[rows])
        shade = series_colour(series, number)
        middle = places if has_dots else places + (number - (count - 1) / 2) * thick
        if has_dots:
            axes.plot(series.values[rows], places, "o", color=shade, ms=3.6)
        else:
            axes.barh(middle, values, thick * 0.92, color=shade, lw=0)
        if series.low is not None and series.high is not None:
            ink = figure_style().colour["text"]
            axes.hlines(middle, series.low[rows], series.high[rows], color=ink, lw=0.8)
        ends = np.maximum(ends, values)
    return ends


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
    rows = max(len(chart.rows), 3)
    height = row_height(row_labels(chart.rows, lang)) * rows + 2.4
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
    every = frame.axes(len(chart.panels))
    is_bars = all(begins_at_zero(series.values) for series in chart.panels)
    for number, (axes, series) in enumerate(zip(every, chart.panels, strict=True)):
        values = series.values
        # Names that are not shown take as long to place; lines behind dots need them.
        plain_rows(axes, [] if number and is_bars else labels, len(labels))
        axes.tick_params(labelleft=number == 0)
        _draw_quantity(axes, values, series_colour(series, number), is_bars=is_bars)
        axes.locator_params(axis="x", nbins=3)
        most = float(np.nanmax(np.abs(values), initial=0.0))
        set_axis(axes.xaxis, chart.axes[number], frame.lang, most=min(most, LARGEST))
        axes.xaxis.set_visible(bool(np.isfinite(values).any()))
        axes.set_title("\n".join(titles[number]), size=size, linespacing=1.1)
        ends = np.maximum(np.nan_to_num(values), 0)
        _write_ends(axes, numbers_alike(values, frame.lang), ends, 3 if is_bars else 5)


def _draw_quantity(axes: Any, values: Numbers, shade: str, *, is_bars: bool) -> None:
    """Draw bars, or dots, with room for the numbers behind them."""
    places = np.arange(len(values))
    if is_bars:
        axes.barh(places, np.nan_to_num(values), _THICK, color=shade, lw=0)
        axes.margins(x=_BEHIND)
        return
    axes.plot(values, places, "o", color=shade, ms=3.6)
    axes.grid(axis="y")
    low = float(np.nanmin(values))
    high = float(np.nanmax(values))
    reach = (high - low) or 1.0
    axes.set_xlim(low - _BEFORE * reach, high + 1.5 * _BEHIND * reach)


def dot_size(chart: DotChart, lang: str) -> Size:
    """Return the size in cm."""
    return rows_size(chart.rows, lang)


class _DotSeries(NamedTuple):
    """Values of all rows with their mark and colour."""

    series: BarSeries
    marker: str
    shade: str


def draw_dots(chart: DotChart, frame: Frame) -> None:
    """Draw the values of each row, and the line from the least to the greatest or its interval."""
    every = _dot_series(chart)
    low, high = _dot_ends(chart)
    shade = figure_style().colour["pale"]
    width = 3.2 if chart.interval else 1.2
    for axes, part in row_panels(frame, chart.rows, chart.axis):
        places = np.arange(len(part))
        rows = np.array(part)
        _shade_groups(axes, chart, part)
        axes.hlines(places, low[rows], high[rows], color=shade, lw=width)
        for own in every:
            look = {"color": own.shade, "ms": 3.4, "clip_on": False}
            axes.plot(own.series.values[rows], places, own.marker, **look)
    _name_dots(chart, every, frame)


def _dot_series(chart: DotChart) -> list[_DotSeries]:
    """Return the series with their looks."""
    colour = figure_style().colour
    shades = [colour["main"], colour["accent"]]
    if any(series.shade is not None for series in chart.series):
        shades = [series_colour(own, n) for n, own in enumerate(chart.series)]
    elif len(chart.series) > 2:
        # Two values differ as before and now do; more are series.
        shades = colour["series"]
    looks = zip(chart.series, cycle(_MARKERS), cycle(shades), strict=False)
    return [_DotSeries(*look) for look in looks]


def _dot_ends(chart: DotChart) -> tuple[Numbers, Numbers]:
    """Return where the line of each row begins and ends."""
    for series in reversed(chart.series):
        if series.low is not None and series.high is not None:
            return series.low, series.high
    block = np.array([series.values for series in chart.series])
    return np.fmin.reduce(block), np.fmax.reduce(block)


def _shade_groups(axes: Any, chart: DotChart, part: range) -> None:
    """Give every other group of rows a ground."""
    shade = figure_style().colour["band"]
    bounds = [*chart.bands, len(chart.rows)]
    for start, stop in [*pairwise(bounds)][1::2]:
        first = max(start, part.start) - part.start
        end = min(stop, part.stop) - part.start
        if first < end:
            axes.axhspan(first - 0.5, end - 0.5, color=shade, lw=0, zorder=0)


def _name_dots(chart: DotChart, every: Sequence[_DotSeries], frame: Frame) -> None:
    """Write what marks and lines mean."""
    from matplotlib.lines import Line2D

    handles = []
    look: dict[str, Any]
    for own in every:
        look = {"ls": "", "marker": own.marker, "color": own.shade, "ms": 4}
        label = own.series.label.text(frame.lang)
        handles.append(Line2D([], [], label=label, **look))
    if chart.interval is not None:
        look = {"color": figure_style().colour["pale"], "lw": 3.2}
        label = chart.interval.text(frame.lang)
        handles.append(Line2D([], [], label=label, **look))
    frame.legend(handles)


CHART_KINDS = {
    BarChart: ChartKind(bar_size, draw_bars),
    BarPanels: ChartKind(panel_size, draw_panels),
    DotChart: ChartKind(dot_size, draw_dots),
}
