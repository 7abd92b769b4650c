"""Bars as charts that Word draws and edits.

Every series is one of the figure: none is there to place names or to draw a line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlcity.figures.contents import BarChart, Chart, Numbers
from xlcity.figures.draw_bars import are_sums, is_dots
from xlcity.figures.figure import content_size
from xlcity.figures.panels import LARGE, row_columns, series_colour
from xlcity.figures.style import POINT, figure_style
from xlcity.report.texts import say
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.new_book import close_to_bytes, names_axis, new_book, values_axis

#: Name of the sheet of the workbook.
_SHEET = "data"
#: The chart's numbers are in the workbook beside it.
_WORKBOOK = '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData>'
#: Behind this stands what is drawn for an empty cell, which XlsxWriter leaves to the program.
_PLOTTED = '<c:plotVisOnly val="1"/>'
#: What a label may show, in the order of the standard.
_SHOWN = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
_NO_TICKS = {"major_tick_mark": "none", "minor_tick_mark": "none"}
#: Room for the title that says that values are invented, in cm; for numbers behind bars, as a share
#: of the axis.
_MARK = 0.6
_BEHIND = 1.12
#: Steps of an axis at most, and sizes of a step.
_STEPS = 6
_STEP_SIZES = (1, 2, 2.5, 5, 10)
#: Pixels of XlsxWriter to the cm.
_PIXELS = POINT * 96 / 72

#: Names and numbers under their headings, a column each.
_Columns = Sequence[tuple[str, Sequence[object]]]


@dataclass(frozen=True, slots=True)
class NativeChart:
    """One chart: the bytes of its part and of its workbook, and its size in cm."""

    part: bytes
    workbook: bytes
    width: float
    height: float


def native_charts(chart: Chart, lang: str, synthetic: int) -> list[NativeChart]:
    """Return bars as native charts side by side; none of other figures, or of large numbers.

    Parameters
    ----------
    lang
        "zh" or "en".
    synthetic
        How many invented values it rests on; if any, each chart says so.
    """
    if not isinstance(chart, BarChart) or is_dots(chart):
        return []
    block = np.nan_to_num([series.values for series in chart.series])
    ends = np.append(block, 0.0)
    if chart.stacked:
        ends = np.append(
            np.maximum(block, 0).sum(axis=0), np.minimum(block, 0).sum(axis=0)
        )
    # No format of a program writes 10,000,000,000 as 100亿.
    if np.abs(ends).max() >= LARGE:
        return []
    is_stacked = are_sums(chart)
    has_ends = bool(chart.ends) and not is_stacked
    scale = round_scale(ends * (_BEHIND if has_ends else 1.0))
    look: dict[str, Any] = {"gap": 38, "overlap": 100} if chart.stacked else {"gap": 38}
    if has_ends:
        decimals = len(chart.ends[0].partition(" ")[0].partition(".")[2])
        look["data_labels"] = {
            "value": True,
            "num_format": "#,##0" + f".{'0' * decimals}" * (decimals > 0),
            "font": _type(),
            "position": "outside_end",
        }
    parts = row_columns(len(chart.rows))
    width, height = content_size(chart, lang)
    charts = []
    for part in parts:
        names = [chart.rows[row].text(lang) for row in part]
        if has_ends:
            # The number is that of the bar and moves with it; what stands after it joins the name.
            after = [chart.ends[row].partition(" ")[2] for row in part]
            names = [
                f"{name} {text}".rstrip()
                for name, text in zip(names, after, strict=True)
            ]
        columns = [("", [*names, *[""] * (len(parts[0]) - len(part))])]
        for series in chart.series:
            values = series.values[np.array(part)].astype(object)
            values[~np.isfinite(series.values[np.array(part)])] = None
            columns.append((series.label.text(lang), values.tolist()))
        size = width / len(parts), height + _MARK * bool(synthetic)
        shown = _chart_part(
            chart, columns, scale, look, lang, synthetic, is_stacked, size
        )
        charts.append(NativeChart(shown, close_to_bytes(_book(columns)[0]), *size))
    return charts


def round_scale(values: Numbers) -> dict[str, float]:
    """Return round ends of an axis and its step."""
    from matplotlib.ticker import MaxNLocator

    low = float(values.min())
    high = float(values.max())
    high = high if low < high else low + 1.0
    ticks = MaxNLocator(_STEPS, steps=_STEP_SIZES).tick_values(low, high)
    scale = {"min": ticks[0], "max": ticks[-1], "major_unit": ticks[1] - ticks[0]}
    return {name: float(f"{number:.9g}") for name, number in scale.items()}


def _type(size: str = "small", **changes: Any) -> dict[str, Any]:
    """Return a type of the style, by the name of its size."""
    style = figure_style()
    look = {"name": style.font["document"][0], "color": style.colour["text"]}
    return {**look, "size": style.type[size], **changes}


def _book(columns: _Columns) -> tuple[Any, Any]:
    """Return a workbook with names and numbers, and its sheet."""
    book = new_book()
    page = book.add_worksheet(_SHEET)
    page.set_column(0, 0, 20)
    for column, (head, cells) in enumerate(columns):
        page.write_column(0, column, [head, *cells])
    return book, page


def _chart_part(
    chart: BarChart,
    columns: _Columns,
    scale: dict[str, float],
    look: dict[str, Any],
    lang: str,
    synthetic: int,
    is_stacked: bool,
    size: tuple[float, float],
) -> bytes:
    """Return the part of a chart as XlsxWriter writes it, with what Word needs beside."""
    style = figure_style()
    book, page = _book(columns)
    drawn = book.add_chart(
        {"type": "bar", **({"subtype": "stacked"} if is_stacked else {})}
    )
    areas = [
        f"={_SHEET}!${letter}$2:${letter}${len(columns[0][1]) + 1}"
        for letter in map(column_letters, range(1, len(columns) + 1))
    ]
    for number, series in enumerate(chart.series):
        drawn.add_series(
            {
                "name": [_SHEET, 0, number + 1],
                "categories": areas[0],
                "values": areas[number + 1],
                "fill": {"color": series_colour(series, number)},
                **look,
            }
        )
    down = {
        **names_axis(_type()),
        **_NO_TICKS,
        "crossing": "max",
        "label_position": "low",
    }
    number_format = "#,##0" if scale["max"] >= 1000 else "General"
    across = {**values_axis(_type()), **_NO_TICKS, "num_format": number_format, **scale}
    if label := chart.axis.label.text(lang):
        across |= {"name": label, "name_font": _type("label", bold=False)}
    # Of a chart of bars XlsxWriter calls the axis of names y.
    drawn.set_y_axis(down)
    drawn.set_x_axis(across)
    drawn.set_chartarea({"border": {"none": True}})
    drawn.set_title({"none": True})
    if synthetic:
        font = _type("label", bold=True, color=style.colour["warning_line"])
        text = say("synthetic_chart", n=f"{synthetic:,}").text(lang)
        drawn.set_title({"name": text, "name_font": font, "overlay": False})
    legend = {"position": "top", "font": _type("label")}
    drawn.set_legend(legend if len(chart.series) > 1 else {"none": True})
    drawn.set_size(
        dict(zip(("width", "height"), (side * _PIXELS for side in size), strict=True))
    )
    page.insert_chart(0, len(columns) + 1, drawn)
    with zipfile.ZipFile(io.BytesIO(close_to_bytes(book))) as parts:
        part = parts.read("xl/charts/chart1.xml").decode()
    part = re.sub(
        r"<c:printSettings>.*</c:printSettings>", _WORKBOOK, part, flags=re.DOTALL
    )
    part = part.replace(_PLOTTED, f'{_PLOTTED}<c:dispBlanksAs val="gap"/>')
    part = re.sub(r'(?:<c:show\w+ val="1"/>)+', _all_shown, part)
    # XlsxWriter names no font for Chinese letters.
    chinese = f'<a:ea typeface="{style.font["document"][1]}"/>'
    return re.sub(r"(<a:latin [^>]*/>)", rf"\1{chinese}", part).encode()


def _all_shown(match: re.Match[str]) -> str:
    """Say also what labels do not show: LibreOffice shows whatever a document does not name."""
    return "".join(
        f'<c:show{what} val="{int(f"<c:show{what} " in match[0])}"/>' for what in _SHOWN
    )
