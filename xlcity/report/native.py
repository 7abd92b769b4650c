"""Bars as charts that Word draws and edits.

Every series is one of the figure: none is there to place names or to draw a line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from xlcity.figures.contents import BarChart, Chart, Numbers
from xlcity.figures.draw_bars import are_sums, is_dots
from xlcity.figures.figure import content_size
from xlcity.figures.panels import LARGE, row_columns, series_colour
from xlcity.figures.style import POINT, figure_style
from xlcity.report.contents import FileColumn, number_pattern
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
_NONE = {"none": True}
_NO_TICKS = {"major_tick_mark": "none", "minor_tick_mark": "none"}
#: Room for the title that says that values are invented, in cm; for numbers behind bars, as a share
#: of the axis.
_MARK = 0.6
_BEHIND = 1.12
#: From here on numbers of an axis have commas.
_GROUPED = 1000
#: Steps of an axis at most, and sizes of a step.
_STEPS = 6
_STEP_SIZES = (1, 2, 2.5, 5, 10)
#: Pixels of XlsxWriter to the cm.
_PIXELS = POINT * 96 / 72


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
    ends = _bar_ends(chart)
    # No format of a program writes 10,000,000,000 as 100亿.
    if np.abs(ends).max() >= LARGE:
        return []
    has_ends = _has_ends(chart)
    scale = round_scale(ends * (_BEHIND if has_ends else 1.0))
    parts = row_columns(len(chart.rows))
    width, height = content_size(chart, lang)
    look = _Look(
        scale,
        lang,
        synthetic,
        width=width / len(parts),
        height=height + _MARK * bool(synthetic),
    )
    charts = []
    for part in parts:
        columns = _columns(chart, part, len(parts[0]), lang)
        shown = _chart_part(chart, columns, look)
        book, _ = _book(columns)
        workbook = close_to_bytes(book)
        charts.append(NativeChart(shown, workbook, look.width, look.height))
    return charts


class _Look(NamedTuple):
    """What all charts of a figure have in common; their size is in cm."""

    scale: dict[str, float]
    lang: str
    synthetic: int
    width: float
    height: float


def _bar_ends(chart: BarChart) -> Numbers:
    """Return where bars end, and 0."""
    block = np.nan_to_num([series.values for series in chart.series])
    if not chart.stacked:
        return np.append(block, 0.0)
    above = np.maximum(block, 0).sum(axis=0)
    below = np.minimum(block, 0).sum(axis=0)
    return np.append(above, below)


def _has_ends(chart: BarChart) -> bool:
    """Tell whether numbers stand behind the bars."""
    return bool(chart.ends) and not are_sums(chart)


def _columns(chart: BarChart, part: range, length: int, lang: str) -> list[FileColumn]:
    """Return the names and the numbers of some rows, as many cells as the longest part has."""
    names = [chart.rows[row].text(lang) for row in part]
    if _has_ends(chart):
        # The number is that of the bar and moves with it; what stands after it joins the name.
        after = [chart.ends[row].partition(" ")[2] for row in part]
        pairs = zip(names, after, strict=True)
        names = [f"{name} {text}".rstrip() for name, text in pairs]
    names += [""] * (length - len(part))
    columns = [FileColumn("", names)]
    for series in chart.series:
        values = series.values[np.array(part)].tolist()
        cells = [value if np.isfinite(value) else None for value in values]
        columns.append(FileColumn(series.label.text(lang), cells))
    return columns


def round_scale(values: Numbers) -> dict[str, float]:
    """Return round ends of an axis and its step."""
    from matplotlib.ticker import MaxNLocator

    low = float(values.min())
    high = float(values.max())
    high = high if low < high else low + 1.0
    ticks = MaxNLocator(_STEPS, steps=_STEP_SIZES).tick_values(low, high)
    step = ticks[1] - ticks[0]
    scale = {"min": ticks[0], "max": ticks[-1], "major_unit": step}
    return {name: float(f"{number:.9g}") for name, number in scale.items()}


def _add_series(drawn: Any, chart: BarChart, columns: Sequence[FileColumn]) -> None:
    """Add the series of a chart, each with its colour and the cells that it shows."""
    look: dict[str, Any] = {"gap": 38}
    if chart.stacked:
        look["overlap"] = 100
    if _has_ends(chart):
        score, _, _ = chart.ends[0].partition(" ")
        _, _, digits = score.partition(".")
        look["data_labels"] = {
            "value": True,
            "num_format": number_pattern(len(digits)),
            "font": _type(),
            "position": "outside_end",
        }
    last = len(columns[0].cells) + 1
    letters = [column_letters(number + 1) for number in range(len(columns))]
    names, *areas = (f"={_SHEET}!${letter}$2:${letter}${last}" for letter in letters)
    for number, series in enumerate(chart.series):
        own = {
            "name": [_SHEET, 0, number + 1],
            "categories": names,
            "values": areas[number],
            "fill": {"color": series_colour(series, number)},
        }
        drawn.add_series(own | look)


def _type(size: str = "small", **changes: Any) -> dict[str, Any]:
    """Return a type of the style, by the name of its size."""
    style = figure_style()
    look = {"name": style.font["document"][0], "color": style.colour["text"]}
    return {**look, "size": style.type[size], **changes}


def _book(columns: Sequence[FileColumn]) -> tuple[Any, Any]:
    """Return a workbook with names and numbers, and its sheet."""
    book = new_book()
    page = book.add_worksheet(_SHEET)
    page.set_column(0, 0, 20)
    for number, column in enumerate(columns):
        page.write_column(0, number, [column.heading, *column.cells])
    return book, page


def _chart_part(chart: BarChart, columns: Sequence[FileColumn], look: _Look) -> bytes:
    """Return the part of a chart as XlsxWriter writes it, with what Word needs beside."""
    book, page = _book(columns)
    kind = {"type": "bar"}
    if are_sums(chart):
        kind["subtype"] = "stacked"
    drawn = book.add_chart(kind)
    _add_series(drawn, chart, columns)
    _set_axes(drawn, chart, look)
    drawn.set_chartarea({"border": _NONE})
    drawn.set_title(_title(look))
    legend = {"position": "top", "font": _type("label")}
    drawn.set_legend(legend if len(chart.series) > 1 else _NONE)
    sides = {"width": look.width * _PIXELS, "height": look.height * _PIXELS}
    drawn.set_size(sides)
    page.insert_chart(0, len(columns) + 1, drawn)
    with zipfile.ZipFile(io.BytesIO(close_to_bytes(book))) as parts:
        part = parts.read("xl/charts/chart1.xml").decode()
    return _completed(part).encode()


def _set_axes(drawn: Any, chart: BarChart, look: _Look) -> None:
    """Set the axes; of a chart of bars XlsxWriter calls that of names y."""
    down = names_axis(_type()) | _NO_TICKS
    drawn.set_y_axis(down | {"crossing": "max", "label_position": "low"})
    across = values_axis(_type()) | _NO_TICKS | look.scale
    across["num_format"] = "#,##0" if look.scale["max"] >= _GROUPED else "General"
    label = chart.axis.label.text(look.lang)
    if label:
        across |= {"name": label, "name_font": _type("label", bold=False)}
    drawn.set_x_axis(across)


def _title(look: _Look) -> dict[str, Any]:
    """Return the title that says that values are invented; none where none are."""
    if not look.synthetic:
        return _NONE
    text = say("synthetic_chart", n=f"{look.synthetic:,}").text(look.lang)
    shade = figure_style().colour["warning_line"]
    font = _type("label", bold=True, color=shade)
    return {"name": text, "name_font": font, "overlay": False}


def _completed(part: str) -> str:
    """Return the part of a chart with what XlsxWriter leaves out and Word needs."""
    part = re.sub(
        r"<c:printSettings>.*</c:printSettings>", _WORKBOOK, part, flags=re.DOTALL
    )
    part = part.replace(_PLOTTED, f'{_PLOTTED}<c:dispBlanksAs val="gap"/>')
    part = re.sub(r'(?:<c:show\w+ val="1"/>)+', _all_shown, part)
    # XlsxWriter names no font for Chinese letters.
    family = figure_style().font["document"][1]
    chinese = f'<a:ea typeface="{family}"/>'
    return re.sub(r"(<a:latin [^>]*/>)", rf"\1{chinese}", part)


def _all_shown(match: re.Match[str]) -> str:
    """Say also what labels do not show: LibreOffice shows whatever a document does not name."""
    return "".join(
        f'<c:show{what} val="{int(f"<c:show{what} " in match[0])}"/>' for what in _SHOWN
    )
