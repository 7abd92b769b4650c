"""Points and lines as native charts: marks in rows, ranks over editions, curves, scatter charts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xlcity.figures.contents import (
    DotChart,
    Label,
    LineChart,
    Numbers,
    ScatterChart,
    SlopeChart,
)
from xlcity.figures.draw_lines import MARKED
from xlcity.figures.draw_trees import shifts
from xlcity.figures.label_places import free_places
from xlcity.figures.panels import row_columns, row_labels, series_colour
from xlcity.figures.style import figure_style
from xlcity.report.chart_part import ChartSheet, Computed
from xlcity.report.native_axes import (
    MARK,
    NO_TICKS,
    Lines,
    axis_in,
    label_in,
    native_size,
    number_axis,
    round_scale,
    series_in,
    straight_line,
    unit_of,
)
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.new_book import marker, values_axis

#: Marks of the values of a row, in turn.
_MARKERS = ("circle", "square", "diamond", "triangle")
#: What the workbook computes of a row -> the same here.
_ENDS = {"MIN": np.min, "MAX": np.max}


def native_dots(chart: DotChart, lang: str, synthetic: int) -> Lines:
    """Return marks in a row per name, joined by a line, long lists in columns with one scale."""
    columns = row_columns(len(chart.rows))
    values = np.concatenate([series.values for series in chart.series])
    size, word = unit_of(float(np.nanmax(np.abs(values))), lang)
    chart = replace(chart, series=[series_in(one, size, word) for one in chart.series])
    scale = round_scale(_beyond(values / size), axis_in(chart.axis, size))
    width, height = native_size(chart, lang, synthetic)
    width /= len(columns)
    room = 0.4 + max(label.width for label in row_labels(chart.rows, lang))
    top, bottom = 0.9 + MARK * bool(synthetic), 1.1
    layout = {"x": room / width, "y": top / height}
    layout |= {"width": 1 - (room + 0.4) / width, "height": 1 - (top + bottom) / height}
    made = []
    for part in columns:
        sheet = ChartSheet("scatter", lang, synthetic)
        _dot_series(sheet, chart, part)
        _named_places(sheet, [chart.rows[row] for row in part], scale["min"])
        down = {"reverse": True, "min": 0.3, "max": len(columns[0]) + 0.7, "crossing": "max"}
        sheet.chart.set_y_axis({**down, "visible": False, "major_gridlines": {"visible": False}})
        sheet.chart.set_x_axis(number_axis(sheet, chart.axis, scale, word))
        sheet.chart.set_plotarea({"layout": layout})
        sheet.legend(shown=True, without=[0, len(chart.series) + 1])
        made.append(sheet.finish(width, height))
    return [made]


def _dot_series(sheet: ChartSheet, chart: DotChart, part: Sequence[int]) -> None:
    """Draw the line from the least to the greatest value of each row, and its marks."""
    colour, count = figure_style().colour, len(chart.series)
    sheet.names("", [chart.rows[row] for row in part])
    places = np.arange(1.0, len(part) + 1)
    up = sheet.column("#", places).cells
    found = [
        (series, sheet.column(series.label.text(sheet.lang), series.values[np.array(part)]))
        for series in chart.series
    ]
    block = np.array([series.values for series in chart.series])[:, np.array(part)]
    # Computed in the workbook, so that the lines follow the marks.
    first, last = (column_letters(3 + at) for at in (0, count - 1))
    ends: list[object] = []
    for row, values in enumerate(block.T, 2):
        known = values[np.isfinite(values)]
        area = f"{first}{row}:{last}{row}"
        both = (Computed(f"={name}({area})", float(end(known))) for name, end in _ENDS.items())
        ends += [*both, None] if len(known) else [None] * 3
    across = sheet.column("min, max", ends)
    twice = sheet.column("#", np.column_stack([places, places, places * np.nan]).ravel())
    line = {"color": colour["pale"], "width": 1.2}
    look = {"line": line, "marker": {"type": "none"}}
    refs = {"name": across.name, "categories": across.cells, "values": twice.cells}
    sheet.chart.add_series({**refs, **look})
    # Two values differ as before and now do; more are series.
    shades = colour["series"] if count > 2 else [colour["main"], colour["accent"]]
    if any(series.shade is not None for series in chart.series):
        shades = [series_colour(series, at) for at, series in enumerate(chart.series)]
    for (_, column), shape, shade in zip(
        found, itertools.cycle(_MARKERS), itertools.cycle(shades), strict=False
    ):
        mark = {"marker": marker(shade, 5, shape), "line": {"none": True}}
        refs = {"name": column.name, "categories": column.cells, "values": up}
        sheet.chart.add_series({**refs, **mark})


def _named_places(sheet: ChartSheet, labels: Sequence[Label], low: float) -> None:
    """Write the names of rows at the left end of the axis."""
    column = sheet.column("x", [low] * len(labels))
    places = sheet.column("#", np.arange(1.0, len(labels) + 1))
    font = sheet.text()
    texts = [{"value": label.text(sheet.lang), "font": font} for label in labels]
    sheet.chart.add_series(
        {
            "name": column.name,
            "categories": column.cells,
            "values": places.cells,
            "marker": {"type": "none"},
            "line": {"none": True},
            "data_labels": {"value": True, "position": "left", "font": font, "custom": texts},
        }
    )


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
    found: list[dict[str, object] | None] = []
    for row, rank in enumerate(ranks.tolist()):
        same = np.flatnonzero(ranks == rank).tolist()
        if len(same) < 2:
            found.append(None)
        elif same[0] == row:
            found.append({"value": f"{comma.join(names[at] for at in same)} {rank:.0f}"})
        else:
            found.append({"delete": True})
    return found


def native_lines(chart: LineChart, lang: str, synthetic: int) -> Lines:
    """Return curves with their points."""
    width, height = native_size(chart, lang, synthetic)
    sheet = ChartSheet("scatter", lang, synthetic, "straight_with_markers")
    colours = figure_style().colour["series"]
    up = np.concatenate([curve.y for curve in chart.series])
    size, word = unit_of(float(np.nanmax(np.abs(up))), lang)
    for at, curve in enumerate(chart.series):
        x = sheet.column(chart.x.label.text(lang), curve.x)
        y = sheet.column(label_in(curve.label, word).text(lang), curve.y / size)
        colour = colours[at % len(colours)]
        line = {"color": colour, "width": 1.5}
        # Colours that come again are dashed.
        line |= {"dash_type": "dash"} if at >= len(colours) else {}
        # Marks of many points would hide the line, and its dashes.
        mark = marker(colour, 4) if len(curve.x) <= MARKED else {"type": "none"}
        look = {"line": line, "marker": mark}
        sheet.chart.add_series({"name": y.name, "categories": x.cells, "values": y.cells, **look})
    ends = np.concatenate([curve.x for curve in chart.series])
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    if chart.limit is not None:
        value, label = chart.limit
        straight_line(sheet, label.text(lang), (low, high), (value / size, value / size))
    sheet.legend(shown=len(chart.series) + (chart.limit is not None) > 1)
    step = {"major_unit": max(1, round((high - low) / 8))} if chart.x.whole else {}
    across = number_axis(sheet, chart.x, {"min": low, "max": high, **step})
    sheet.chart.set_x_axis({**across, "major_gridlines": {"visible": False}})
    if chart.y.log:
        sheet.chart.set_y_axis({**number_axis(sheet, chart.y, {}, word), "log_base": 10})
        return [[sheet.finish(width, height)]]
    scale = round_scale(up / size, axis_in(chart.y, size))
    sheet.chart.set_y_axis(number_axis(sheet, chart.y, scale, word))
    return [[sheet.finish(width, height)]]


def native_scatter(chart: ScatterChart, lang: str, synthetic: int) -> Lines:
    """Return points with names, those of a class in one colour; names without room are left out.

    No map, and no points of several sizes: charts of bubbles have no lines that part them.
    """
    if chart.is_map or chart.sizes is not None or chart.rings:
        return []
    width, height = native_size(chart, lang, synthetic)
    chart, words = _in_units(chart, lang)
    sheet = ChartSheet("scatter", lang, synthetic)
    known = zip((chart.across, chart.up), (chart.x, chart.y), chart.limits, strict=True)
    scales = [round_scale(np.append(_beyond(one), lines), axis, 7) for one, axis, lines in known]
    left, top = 1.6, 0.6 + 0.5 * bool(chart.legend) + MARK * bool(synthetic)
    plot = width - left - 0.5, height - top - 1.5
    layout = {"x": left / width, "y": top / height}
    layout |= {"width": plot[0] / width, "height": plot[1] / height}
    sheet.chart.set_plotarea({"layout": layout})
    points = [
        (values - scale["min"]) / (scale["max"] - scale["min"]) * side
        for values, scale, side in zip((chart.across, chart.up), scales, plot, strict=True)
    ]
    texts = [row.text(lang) for row in chart.rows]
    sides = free_places(texts, points[0], points[1], plot, figure_style().type["small"])
    shown = _point_series(sheet, chart, texts, sides, words)
    drawn = _limits(sheet, chart, [(scale["min"], scale["max"]) for scale in scales])
    sheet.legend(shown=bool(chart.legend), without=range(shown, shown + drawn))
    sheet.chart.set_x_axis(number_axis(sheet, chart.x, scales[0], words[0]))
    sheet.chart.set_y_axis(number_axis(sheet, chart.y, scales[1], words[1]))
    return [[sheet.finish(width, height)]]


def _in_units(chart: ScatterChart, lang: str) -> tuple[ScatterChart, tuple[str, str]]:
    """Return a chart whose large numbers are in units that suit them, and the words of these."""
    most = [float(np.nanmax(np.abs(values))) for values in (chart.across, chart.up)]
    # Equal values are equal only in one unit.
    most = [max(most)] * 2 if chart.diagonal else most
    (wide, x), (high, y) = (unit_of(one, lang) for one in most)
    upright, level = chart.limits
    limits = [one / wide for one in upright], [one / high for one in level]
    made = replace(
        chart,
        across=chart.across / wide,
        up=chart.up / high,
        x=axis_in(chart.x, wide),
        y=axis_in(chart.y, high),
        limits=limits,
    )
    return made, (x, y)


def _point_series(
    sheet: ChartSheet,
    chart: ScatterChart,
    texts: Sequence[str],
    sides: Sequence[str],
    words: tuple[str, str],
) -> int:
    """Draw the points class by class with their names; return how many classes there are."""
    colours = figure_style().colour["series"]
    classes = np.array(chart.classes or [0] * len(texts))
    for of in np.unique(classes).tolist():
        rows = np.flatnonzero(classes == of)
        sheet.column("", [texts[row] for row in rows.tolist()])
        x = sheet.column(label_in(chart.x.label, words[0]).text(sheet.lang), chart.across[rows])
        name = label_in(chart.legend[of] if chart.legend else chart.y.label, words[1])
        y = sheet.column(name.text(sheet.lang), chart.up[rows])
        font = sheet.text()
        labels = [
            {"value": texts[row], "position": sides[row], "font": font}
            if sides[row]
            else {"delete": True}
            for row in rows.tolist()
        ]
        sheet.chart.add_series(
            {
                "name": y.name,
                "categories": x.cells,
                "values": y.cells,
                "marker": marker(colours[of % len(colours)], 4),
                "data_labels": {"value": True, "position": "right", "font": font, "custom": labels},
            }
        )
    return len(np.unique(classes))


def _beyond(values: Numbers) -> Numbers:
    """Return the ends of values with room beyond them."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.05 * (high - low)
    return np.array([low - room, high + room])


def _limits(sheet: ChartSheet, chart: ScatterChart, ends: Sequence[tuple[float, float]]) -> int:
    """Draw the lines across, upright and of equal values; return how many there are."""
    across, up = ends
    lines = [((value, value), up) for value in chart.limits[0]]
    lines += [(across, (value, value)) for value in chart.limits[1]]
    if chart.diagonal:
        both = max(across[0], up[0]), min(across[1], up[1])
        lines.append((both, both))
    for x, y in lines:
        straight_line(sheet, "y", x, y)
    return len(lines)
