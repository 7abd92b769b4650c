"""Bars as native charts: ranked, stacked, and of several quantities side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlcity.figures.contents import Axis, BarChart, BarPanels, BarSeries, Label
from xlcity.figures.panels import LARGEST, row_columns, row_labels, series_colour
from xlcity.figures.style import figure_style
from xlcity.figures.text_lines import wrapped
from xlcity.report.chart_part import ChartColumn, ChartSheet, chart_title
from xlcity.report.native_axes import (
    NO_TICKS,
    Lines,
    Scale,
    axis_in,
    native_size,
    number_axis,
    number_format,
    round_scale,
    series_in,
    unit_of,
)
from xlcity.xlsx.new_book import names_axis

#: Room for the numbers behind bars, as a share of the axis.
_BEHIND = 1.12
_NOTHING = Label("")


def native_bars(chart: BarChart, lang: str, synthetic: int) -> Lines:
    """Return bars from the top down, long lists in columns with one scale."""
    width, height = native_size(chart, lang, synthetic)
    columns = row_columns(len(chart.rows))
    finite = np.isfinite([series_there.values for series_there in chart.series])
    apart = chart.stacked and bool((finite.sum(axis=0) > 1).any())
    ends = _ends(chart) if not apart else []
    block = np.nan_to_num([series_there.values for series_there in chart.series])
    sums = np.maximum(block, 0).sum(axis=0), np.minimum(block, 0).sum(axis=0)
    drawn = np.concatenate(sums) if chart.stacked else np.append(block, 0.0)
    size, word = unit_of(min(float(np.abs(drawn).max()), LARGEST), lang)
    scale = round_scale(drawn / size * (_BEHIND if ends else 1.0), axis_in(chart.axis, size))
    charts = []
    for part in columns:
        sheet = ChartSheet("bar", lang, synthetic, "stacked" if apart else "")
        labels = [chart.rows[row] for row in part]
        if ends:
            labels = [_joined(name, ends[row][1]) for name, row in zip(labels, part, strict=True)]
        padding = len(columns[0]) - len(part)
        names = sheet.names("", [*labels, *[_NOTHING] * padding])
        for number, series in enumerate(
            series_in(series_there, size, word) for series_there in chart.series
        ):
            look: dict[str, Any] = {"gap": 38}
            look |= {"overlap": 100} if chart.stacked and not apart else {}
            if ends:
                end_format = f'#,##0.0"{word}"' if word else ends[0][0]
                shown = {"value": True, "num_format": end_format, "font": sheet.text()}
                look["data_labels"] = {**shown, "position": "outside_end"}
            _bar_series(sheet, names, series, part, number, look)
        _row_axes(sheet, chart.axis, scale, word=word)
        sheet.legend(shown=len(chart.series) > 1)
        charts.append(sheet.finish(width / len(columns), height))
    return [charts]


def _bar_series(
    sheet: ChartSheet,
    names: ChartColumn,
    series: BarSeries,
    part: Sequence[int],
    number: int,
    look: dict[str, Any],
) -> None:
    values = sheet.column(series.label.text(sheet.lang), series.values[np.array(part)])
    sheet.chart.add_series(
        {
            "name": values.name,
            "categories": names.cells,
            "values": values.cells,
            "fill": {"color": series_colour(series, number)},
            **look,
        }
    )


def _row_axes(
    sheet: ChartSheet, axis: Axis, scale: Scale, *, named: bool = True, word: str = ""
) -> None:
    """Write names from the top down, and the axis of values below."""
    down = {**names_axis(sheet.text()), **NO_TICKS, "crossing": "max"}
    sheet.chart.set_y_axis({**down, "label_position": "low" if named else "none"})
    sheet.chart.set_x_axis(number_axis(sheet, axis, scale, word))


def native_panels(chart: BarPanels, lang: str, synthetic: int) -> Lines:
    """Return a chart of bars per quantity side by side; the first one has the names."""
    width, height = native_size(chart, lang, synthetic)
    room = min(4.6, 0.6 + max(label.width for label in row_labels(chart.rows, lang)))
    each = (width - room) / len(chart.panels)
    titles = [chart_title(panel.label.text(lang), lang, synthetic) for panel in chart.panels]
    size = figure_style().type["label"]
    lines = max(len(wrapped(title, 0.7 * each, size)) for title in titles)
    # The same rows stand beside each other.
    top, bottom = 0.4 + 0.36 * lines, 1.0
    layout = {"y": top / height, "height": 1 - (top + bottom) / height}
    charts = []
    for number, (series, axis) in enumerate(zip(chart.panels, chart.axes, strict=True)):
        sheet = ChartSheet("bar", lang, synthetic)
        names = sheet.names("", chart.rows)
        most = float(np.nanmax(np.abs(series.values), initial=0.0))
        size, word = unit_of(min(most, LARGEST), lang)
        drawn = series_in(series, size, word)
        finite = drawn.values[np.isfinite(drawn.values)]
        end_format = f'#,##0.0"{word}"' if word else number_format(finite)
        shown = {"value": True, "num_format": end_format, "font": sheet.text()}
        look = {"gap": 38, "data_labels": {**shown, "position": "outside_end"}}
        _bar_series(sheet, names, drawn, range(len(chart.rows)), number, look)
        scale = round_scale(np.append(finite, 0) * 1.3, axis, 3)
        _row_axes(sheet, axis, scale, named=number == 0, word=word)
        left, wide = (room, each + room) if number == 0 else (0.1, each)
        across = {"x": left / wide, "width": 1 - (left + 0.3) / wide}
        sheet.chart.set_plotarea({"layout": {**layout, **across}})
        sheet.title(series.label.text(lang))
        charts.append(sheet.finish(wide, height))
    return [charts]


def _ends(chart: BarChart) -> list[tuple[str, str]]:
    """Return the format of the number behind each bar, and what stands after the number.

    The number is that of the bar and moves with it; what stands after it joins the name.
    """
    formats = []
    for end in chart.ends:
        number, _, behind = end.partition(" ")
        decimals = len(number.partition(".")[2])
        formats.append(("#,##0" + ("." + "0" * decimals) * (decimals > 0), behind))
    return formats


def _joined(name: Label, behind: str) -> Label:
    return (
        Label(f"{name.zh} {behind}", f"{name.en} {behind}" if name.en else "") if behind else name
    )
