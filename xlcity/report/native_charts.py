"""Figures as charts that Word edits: one function per kind that office programs can draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    Chart,
    LineChart,
    RadarChart,
    RadarPanels,
    SlopeChart,
)
from xlcity.figures.style import figure_style
from xlcity.figures.text_lines import wrapped
from xlcity.report.chart_part import ChartSheet, NativeChart
from xlcity.report.native_axes import NO_TICKS, Lines, native_size, round_scale
from xlcity.report.native_bars import native_bars, native_panels
from xlcity.report.native_lines import native_lines, native_slopes
from xlcity.xlsx.new_book import radar_axis

#: Where a small radar chart stands, with room for its title and the names around it.
_MIDDLE = {"x": 0.27, "y": 0.24, "width": 0.46, "height": 0.6}


def native_charts(content: Chart, lang: str, synthetic: int) -> Lines:
    """Return a figure as native charts; none where office programs have no such kind.

    Every series is one of the figure: none is there to place names or to draw a line.

    Parameters
    ----------
    lang
        "zh" or "en".
    synthetic
        How many invented values it rests on; if any, each chart says so.
    """
    make = _MAKERS.get(type(content))
    return [] if make is None else make(content, lang, synthetic)


def _radar(chart: RadarChart, lang: str, synthetic: int) -> Lines:
    """Return closed lines over spokes."""
    return [[_one_radar(chart, lang, synthetic, native_size(chart, lang, synthetic))]]


def _radar_panels(chart: RadarPanels, lang: str, synthetic: int) -> Lines:
    """Return radar charts, three in a line."""
    width, height = native_size(chart, lang, synthetic)
    across = min(3, len(chart.charts))
    size = width / across, height / -(-len(chart.charts) // across)
    radars = [
        _one_radar(radar, lang, synthetic, size, title.text(lang))
        for title, radar in zip(chart.titles, chart.charts, strict=True)
    ]
    return [radars[start : start + across] for start in range(0, len(radars), across)]


def _one_radar(
    chart: RadarChart, lang: str, synthetic: int, size: tuple[float, float], title: str = ""
) -> NativeChart:
    style = figure_style()
    colours = style.colour["series"]
    sheet = ChartSheet("radar", lang, synthetic)
    sheet.title(title)
    room, size_of = (1.9, "tiny") if title else (2.8, "small")
    wrapped_names = [
        "\n".join(wrapped(series_there.text(lang), room, style.type[size_of]))
        for series_there in chart.spokes
    ]
    names = sheet.column("", wrapped_names)
    many = len(chart.series) > len(colours)
    drawn = [*enumerate(chart.series)]
    # The first of many is drawn over the others.
    for number, series in reversed(drawn) if many else drawn:
        # What is beyond the axis has no place; the note says so.
        beyond = chart.axis.high is not None and series.values > chart.axis.high
        values = sheet.column(series.label.text(lang), np.where(beyond, np.nan, series.values))
        colour = colours[number % len(colours)] if not many or number == 0 else style.colour["pale"]
        line = {"color": colour, "width": 0.5 if many and number else 1.75}
        line |= {} if many or number == 0 else {"dash_type": "dash"}
        refs = {"name": values.name, "categories": names.cells, "values": values.cells}
        sheet.chart.add_series({**refs, "line": line, "marker": {"type": "none"}})
    small = sheet.text(size_of)
    sheet.chart.set_x_axis({"num_font": small, **NO_TICKS})
    every = np.concatenate([series_there.values for series_there in chart.series])
    ends = round_scale(every, Axis(chart.axis.label, chart.axis.low or 0.0, chart.axis.high))
    quiet = {**radar_axis(small), **NO_TICKS, "num_font": sheet.text("tiny")}
    sheet.chart.set_y_axis({**quiet, **ends, "num_format": "General"})
    if title:
        sheet.chart.set_plotarea({"layout": _MIDDLE})
    sheet.legend(shown=not title)
    return sheet.finish(*size)


_MAKERS: dict[type, Callable[[Any, str, int], Lines]] = {
    BarChart: native_bars,
    BarPanels: native_panels,
    SlopeChart: native_slopes,
    LineChart: native_lines,
    RadarChart: _radar,
    RadarPanels: _radar_panels,
}
