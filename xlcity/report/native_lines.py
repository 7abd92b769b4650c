"""Lines as native charts: ranks over editions, and curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import LineChart, Numbers, SlopeChart
from xlcity.figures.draw_lines import MARKED
from xlcity.figures.draw_trees import shifts
from xlcity.figures.style import figure_style
from xlcity.report.chart_part import ChartSheet
from xlcity.report.native_axes import (
    NO_TICKS,
    Lines,
    axis_in,
    label_in,
    native_size,
    number_axis,
    round_scale,
    unit_of,
)
from xlcity.xlsx.new_book import marker, values_axis


def native_slopes(chart: SlopeChart, lang: str, synthetic: int) -> Lines:
    """Return a line per row through its ranks, named at its ends; most moved ones are strong."""
    width, height = native_size(chart, lang, synthetic)
    colour = figure_style().colour
    sheet = ChartSheet("line", lang, synthetic)
    names = sheet.names("", chart.columns)
    most = shifts(chart.ranks)[1]
    texts = [label.text(lang) for label in chart.rows]
    comma = "、" if lang == "zh" else ", "
    ends = [_end_labels(texts, chart.ranks[:, end], comma) for end in (0, -1)]
    between: list[dict[str, object]] = [{"delete": True}] * (len(chart.columns) - 2)
    for row, text in enumerate(texts):
        values = sheet.column(text, chart.ranks[row])
        shade = colour["accent" if most[row] else "pale"]
        labels = {"value": True, "series_name": True, "separator": " ", "position": "right"}
        labels["custom"] = [
            {**(ends[0][row] or {}), "position": "left"},
            *between,
            ends[1][row],
        ]
        sheet.chart.add_series(
            {
                "name": values.name,
                "categories": names.cells,
                "values": values.cells,
                "line": {"color": shade, "width": 1.5 if most[row] else 1.0},
                "marker": marker(shade, 4),
                "data_labels": {**labels, "font": sheet.text()},
            }
        )
    down = {"reverse": True, "min": 1, "max": float(np.nanmax(chart.ranks)), "major_unit": 5}
    sheet.chart.set_y_axis({**values_axis(sheet.text()), **NO_TICKS, **down})
    sheet.chart.set_x_axis({"num_font": sheet.text("label"), "line": {"none": True}})
    return [[sheet.finish(width, height)]]


def _end_labels(names: Sequence[str], ranks: Numbers, comma: str) -> list[dict[str, object] | None]:
    """Return what labels at an end of the lines say; names that share a rank share a label."""
    labels: list[dict[str, object] | None] = []
    for row, rank in enumerate(ranks.tolist()):
        same = np.flatnonzero(ranks == rank).tolist()
        if len(same) < 2:
            labels.append(None)
        elif same[0] == row:
            labels.append({"value": f"{comma.join(names[other] for other in same)} {rank:.0f}"})
        else:
            labels.append({"delete": True})
    return labels


def native_lines(chart: LineChart, lang: str, synthetic: int) -> Lines:
    """Return curves with their points; none with a limit, a line that is no series."""
    if chart.limit is not None:
        return []
    width, height = native_size(chart, lang, synthetic)
    sheet = ChartSheet("scatter", lang, synthetic, "straight_with_markers")
    colours = figure_style().colour["series"]
    up = np.concatenate([curve.y for curve in chart.series])
    size, word = unit_of(float(np.nanmax(np.abs(up))), lang)
    for number, curve in enumerate(chart.series):
        x = sheet.column(chart.x.label.text(lang), curve.x)
        y = sheet.column(label_in(curve.label, word).text(lang), curve.y / size)
        colour = colours[number % len(colours)]
        line = {"color": colour, "width": 1.5}
        # Colours that come again are dashed.
        line |= {"dash_type": "dash"} if number >= len(colours) else {}
        # Marks of many points would hide the line, and its dashes.
        mark = marker(colour, 4) if len(curve.x) <= MARKED else {"type": "none"}
        look = {"line": line, "marker": mark}
        sheet.chart.add_series({"name": y.name, "categories": x.cells, "values": y.cells, **look})
    ends = np.concatenate([curve.x for curve in chart.series])
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    sheet.legend(shown=len(chart.series) > 1)
    step = {"major_unit": max(1, round((high - low) / 8))} if chart.x.whole else {}
    across = number_axis(sheet, chart.x, {"min": low, "max": high, **step})
    sheet.chart.set_x_axis({**across, "major_gridlines": {"visible": False}})
    if chart.y.log:
        sheet.chart.set_y_axis({**number_axis(sheet, chart.y, {}, word), "log_base": 10})
        return [[sheet.finish(width, height)]]
    scale = round_scale(up / size, axis_in(chart.y, size))
    sheet.chart.set_y_axis(number_axis(sheet, chart.y, scale, word))
    return [[sheet.finish(width, height)]]
