"""Figures as charts that Word draws and edits: bars and curves.

Every series is one of the figure: none is there to place names or to draw a line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from xlcity.figures.contents import (
    Axis,
    BarChart,
    BarPanels,
    Chart,
    Label,
    LineChart,
    Numbers,
)
from xlcity.figures.draw_bars import is_dots
from xlcity.figures.draw_lines import MARKED
from xlcity.figures.figure import content_size
from xlcity.figures.fonts import wrapped
from xlcity.figures.panels import (
    LARGE,
    LARGEST,
    begins_at_zero,
    decimals_of,
    large_unit,
    row_columns,
    row_labels,
    series_colour,
)
from xlcity.figures.style import POINT, figure_style
from xlcity.report.texts import say
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.new_book import (
    PLAIN_TEXT,
    close_to_bytes,
    marker,
    names_axis,
    new_book,
    values_axis,
)

#: Name of the sheet of the workbook, and when every such workbook was made: bytes stay the same.
_SHEET, _CREATED = "data", datetime(2000, 1, 1)
#: The chart's numbers are in the workbook beside it.
_WORKBOOK = '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData>'
#: Behind this stands what is drawn for an empty cell, which XlsxWriter leaves to the program.
_PLOTTED = '<c:plotVisOnly val="1"/>'
#: What a label may show, in the order of the standard.
_SHOWN = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
_NO_TICKS = {"major_tick_mark": "none", "minor_tick_mark": "none"}
#: Room for the title that says that values are invented, in cm; for numbers behind bars, as a share
#: of the axis.
_MARK, _BEHIND = 0.6, 1.12
#: Room between bars.
_GAP = {"gap": 38}


@dataclass(frozen=True, slots=True)
class NativeChart:
    """One chart: the bytes of its part and of its workbook, and its size in cm."""

    part: bytes
    workbook: bytes
    width: float
    height: float


#: Charts of a figure, line by line.
Lines = list[list[NativeChart]]


def native_charts(content: Chart, lang: str, synthetic: int) -> Lines:
    """Return a figure as native charts; none where office programs have no such kind.

    Parameters
    ----------
    lang
        "zh" or "en".
    synthetic
        How many invented values it rests on; if any, each chart says so.
    """
    make = _MAKERS.get(type(content))
    if make is None:
        return []
    width, height = content_size(content, lang)
    charts = make(content, lang, synthetic, width, height + _MARK * bool(synthetic))
    return [charts] if charts else []


class _ChartSheet:
    """Builds one chart and the sheet of its numbers, a column at a time."""

    def __init__(self, kind: str, lang: str, synthetic: int, subtype: str = "") -> None:
        self.lang, self.synthetic, self._kind = lang, synthetic, kind
        self._columns: list[tuple[str, list[object]]] = []
        self._book = _book()
        self._page = self._book.add_worksheet(_SHEET)
        options = {"type": kind, "subtype": subtype} if subtype else {"type": kind}
        self.chart = self._book.add_chart(options)
        self.chart.set_chartarea({"border": {"none": True}})

    def text(self, size: str = "small", **changes: Any) -> dict[str, Any]:
        """Return a type of the style, by the name of its size."""
        style = figure_style()
        look = {"name": style.font["document"][0], "color": style.colour["text"]}
        return {**look, "size": style.type[size], **changes}

    def column(self, head: str, values: Sequence[object] | Numbers) -> dict[str, str]:
        """Write texts or numbers in the next column; return where they are."""
        listed = values.tolist() if isinstance(values, np.ndarray) else values
        cells = [None if isinstance(v, float) and not np.isfinite(v) else v for v in listed]
        self._columns.append((head, cells))
        _write(self._page, len(self._columns) - 1, head, cells)
        letter = column_letters(len(self._columns))
        area = f"={_SHEET}!${letter}$2:${letter}${max(len(cells), 1) + 1}"
        return {"name": f"={_SHEET}!${letter}$1", "values": area}

    def names(self, labels: Sequence[Label]) -> dict[str, str]:
        """Write the names of rows in the next column."""
        return {
            "categories": self.column("", [label.text(self.lang) for label in labels])["values"]
        }

    def series(self, label: Label, values: Numbers, names: dict[str, str], **look: Any) -> None:
        """Draw a column of numbers."""
        column = self.column(label.text(self.lang), values)
        self.chart.add_series({**column, **names, **look})

    def number_axis(self, axis: Axis, scale: dict[str, float], word: str = "") -> dict[str, Any]:
        """Return an axis of values; a word, such as 亿, stands behind its numbers."""
        number = "0%" if axis.percent else "0" if axis.whole else "General"
        number = "#,##0" if number == "General" and scale.get("max", 0.0) >= 1000 else number
        number += f'"{word}"' if word else ""
        look = {**values_axis(self.text()), **_NO_TICKS, "num_format": number, **scale}
        label = axis.label.text(self.lang)
        named = {"name": label, "name_font": self.text("label", bold=False)}
        return look | (named if label else {})

    def finish(
        self, width: float, height: float, *, title: str = "", legend: bool = False
    ) -> NativeChart:
        """Return the chart in its size in cm; its title says that values are invented."""
        style, invented = figure_style(), bool(self.synthetic)
        shade = style.colour["warning_line" if invented else "text"]
        font = self.text("label", bold=invented, color=shade)
        name = chart_title(title, self.lang, self.synthetic)
        named = {"name": name, "name_font": font, "overlay": False}
        self.chart.set_title(named if name else {"none": True})
        look = {"position": "top", "font": self.text("label")}
        self.chart.set_legend(look if legend else {"none": True})
        self.chart.set_size({"width": width * POINT * 96 / 72, "height": height * POINT * 96 / 72})
        self._page.insert_chart(0, len(self._columns) + 1, self.chart)
        with zipfile.ZipFile(io.BytesIO(close_to_bytes(self._book))) as book:
            part = book.read("xl/charts/chart1.xml").decode()
        part = re.sub(r"<c:printSettings>.*</c:printSettings>", _WORKBOOK, part, flags=re.S)
        part = part.replace(_PLOTTED, f'{_PLOTTED}<c:dispBlanksAs val="gap"/>')
        if self._kind in ("line", "scatter"):
            part = part.replace("</c:ser>", '<c:smooth val="0"/></c:ser>')
        part = re.sub(r'(?:<c:show\w+ val="1"/>)+', _all_shown, part)
        # XlsxWriter names no font for Chinese letters.
        chinese = style.font["document"][1]
        part = re.sub(r"(<a:latin [^>]*/>)", rf'\1<a:ea typeface="{chinese}"/>', part)
        # The workbook has no chart: Word shows it where the numbers are edited.
        plain = _book()
        page = plain.add_worksheet(_SHEET)
        for column, (head, cells) in enumerate(self._columns):
            _write(page, column, head, cells)
        page.set_column(0, 0, 20)
        return NativeChart(part.encode(), close_to_bytes(plain), width, height)


def chart_title(text: str, lang: str, synthetic: int) -> str:
    """Return the title of a chart: a text, and that values are invented where they are."""
    if not synthetic:
        return text
    if text:
        return f"{text} {say('synthetic_short').text(lang).strip()}"
    return say("synthetic_chart", n=f"{synthetic:,}").text(lang)


def _all_shown(match: re.Match[str]) -> str:
    """Say also what labels do not show: LibreOffice shows whatever a document does not name."""
    return "".join(f'<c:show{what} val="{int(f"<c:show{what} " in match[0])}"/>' for what in _SHOWN)


def _book() -> Any:
    book = new_book(**PLAIN_TEXT)
    book.set_properties({"created": _CREATED})
    return book


def _write(page: Any, column: int, head: str, cells: Sequence[object]) -> None:
    page.write_string(0, column, head)
    for row, cell in enumerate(cells, 1):
        if isinstance(cell, str):
            page.write_string(row, column, cell)
        elif cell is not None:
            page.write_number(row, column, cell)


def round_scale(values: Numbers, axis: Axis, most: int = 6) -> dict[str, float]:
    """Return round ends of an axis and its step; ends that it was given stay.

    Parameters
    ----------
    most
        As many steps at most.

    Examples
    --------
    >>> round_scale(np.array([0.0, 83.2]), Axis(Label("")))
    {'min': 0.0, 'max': 100.0, 'major_unit': 20.0}
    """
    finite = values[np.isfinite(values)]
    low = float(finite.min(initial=np.inf)) if axis.low is None else axis.low
    high = float(finite.max(initial=-np.inf)) if axis.high is None else axis.high
    if not low < high:
        low, high = (low, low + 1.0) if np.isfinite(low) else (0.0, 1.0)
    tenth = 10.0 ** np.floor(np.log10((high - low) / most))
    step = float(
        next(size * tenth for size in (1, 2, 2.5, 5, 10, 20) if size * tenth * most >= high - low)
    )
    if axis.whole:
        step = max(1.0, round(step))
    ends = {
        "min": float(np.floor(low / step) * step) if axis.low is None else low,
        "max": float(np.ceil(high / step - 1e-9) * step) if axis.high is None else high,
    }
    return {**ends, "major_unit": step}


def _unit_of(values: Numbers, lang: str) -> tuple[float, str]:
    """Return the size and the word of the unit of large numbers; 1 and no word for others.

    A format can divide by 1,000 only, so that 10,000,000,000 would be 100.00亿 on an axis.
    """
    most = min(float(np.nanmax(np.abs(values), initial=0.0)), LARGEST)
    return large_unit(most, lang) if most >= LARGE else (1.0, "")


def _label_in(label: Label, word: str) -> Label:
    """Return a label with the word of a unit."""
    return Label(f"{label.zh}（{word}）", f"{label.en} ({word})") if word else label


def _axis_in(axis: Axis, size: float) -> Axis:
    """Return an axis whose ends are in a unit."""
    low, high = (None if end is None else end / size for end in (axis.low, axis.high))
    return replace(axis, low=low, high=high)


def _bars(
    chart: BarChart, lang: str, synthetic: int, width: float, height: float
) -> list[NativeChart]:
    """Return bars from the top down, long lists in columns with one scale."""
    if is_dots(chart):
        return []
    columns = row_columns(len(chart.rows))
    block = np.array([series.values for series in chart.series])
    # Series of which each row has one stand in the same place.
    is_stacked = chart.stacked and bool((np.isfinite(block).sum(axis=0) > 1).any())
    has_ends = bool(chart.ends) and not is_stacked
    filled = np.nan_to_num(block)
    drawn = np.append(filled, 0.0)
    if chart.stacked:
        drawn = np.append(np.maximum(filled, 0).sum(axis=0), np.minimum(filled, 0).sum(axis=0))
    size, word = _unit_of(drawn, lang)
    scale = round_scale(drawn / size * (_BEHIND if has_ends else 1.0), _axis_in(chart.axis, size))
    look: dict[str, Any] = {
        **_GAP,
        **({"overlap": 100} if chart.stacked and not is_stacked else {}),
    }
    charts = []
    for part in columns:
        sheet = _ChartSheet("bar", lang, synthetic, "stacked" if is_stacked else "")
        labels = [chart.rows[row] for row in part]
        if has_ends:
            number = chart.ends[0].partition(" ")[0]
            look["data_labels"] = _behind(sheet, len(number.partition(".")[2]), word)
            # The number is that of the bar and moves with it; what stands after it joins the name.
            behind = [chart.ends[row].partition(" ")[2] for row in part]
            labels = [
                Label(f"{name.zh} {text}".rstrip(), f"{name.en} {text}".rstrip())
                for name, text in zip(labels, behind, strict=True)
            ]
        names = sheet.names([*labels, *[Label("")] * (len(columns[0]) - len(part))])
        for position, series in enumerate(chart.series):
            values, colour = series.values[np.array(part)] / size, series_colour(series, position)
            label = _label_in(series.label, word)
            sheet.series(label, values, names, fill={"color": colour}, **look)
        _row_axes(sheet, chart.axis, scale, word)
        charts.append(sheet.finish(width / len(columns), height, legend=len(chart.series) > 1))
    return charts


def _behind(sheet: _ChartSheet, decimals: int, word: str) -> dict[str, Any]:
    """Return how numbers behind bars look."""
    shape = f'#,##0.0"{word}"' if word else "#,##0" + f".{'0' * decimals}" * (decimals > 0)
    font = sheet.text()
    return {"value": True, "num_format": shape, "font": font, "position": "outside_end"}


def _row_axes(
    sheet: _ChartSheet, axis: Axis, scale: dict[str, float], word: str, *, named: bool = True
) -> None:
    """Write names from the top down, and the axis of values below."""
    down = {**names_axis(sheet.text()), **_NO_TICKS, "crossing": "max"}
    sheet.chart.set_y_axis({**down, "label_position": "low" if named else "none"})
    sheet.chart.set_x_axis(sheet.number_axis(axis, scale, word))


def _panels(
    chart: BarPanels, lang: str, synthetic: int, width: float, height: float
) -> list[NativeChart]:
    """Return a chart of bars per quantity side by side; the first one has the names."""
    if not all(begins_at_zero(panel.values) for panel in chart.panels):
        return []
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
        sheet, is_first = _ChartSheet("bar", lang, synthetic), number == 0
        size, word = _unit_of(series.values, lang)
        values = series.values / size
        look = {**_GAP, "data_labels": _behind(sheet, decimals_of(values), word)}
        fill, names = {"color": series_colour(series, number)}, sheet.names(chart.rows)
        sheet.series(_label_in(series.label, word), values, names, fill=fill, **look)
        scale = round_scale(np.append(values, 0) * 1.3, axis, 3)
        _row_axes(sheet, axis, scale, word, named=is_first)
        left, wide = (room, each + room) if is_first else (0.1, each)
        across = {"x": left / wide, "width": 1 - (left + 0.3) / wide}
        sheet.chart.set_plotarea({"layout": {**layout, **across}})
        charts.append(sheet.finish(wide, height, title=series.label.text(lang)))
    return charts


def _curves(
    chart: LineChart, lang: str, synthetic: int, width: float, height: float
) -> list[NativeChart]:
    """Return curves with their points."""
    sheet = _ChartSheet("scatter", lang, synthetic, "straight_with_markers")
    colours = figure_style().colour["series"]
    up, ends = (np.concatenate([getattr(c, side) for c in chart.series]) for side in ("y", "x"))
    size, word = _unit_of(up, lang)
    for number, curve in enumerate(chart.series):
        x = sheet.column(chart.x.label.text(lang), curve.x)["values"]
        colour = colours[number % len(colours)]
        line = {"color": colour, "width": 1.5}
        # Colours that come again are dashed.
        line |= {"dash_type": "dash"} if number >= len(colours) else {}
        # Marks of many points would hide the line, and its dashes.
        mark = marker(colour, 4) if len(curve.x) <= MARKED else {"type": "none"}
        label, names = _label_in(curve.label, word), {"categories": x}
        sheet.series(label, curve.y / size, names, line=line, marker=mark)
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    step = {"major_unit": max(1, round((high - low) / 8))} if chart.x.whole else {}
    across = sheet.number_axis(chart.x, {"min": low, "max": high, **step})
    sheet.chart.set_x_axis({**across, "major_gridlines": {"visible": False}})
    scale = {} if chart.y.log else round_scale(up / size, _axis_in(chart.y, size))
    base = {"log_base": 10} if chart.y.log else {}
    sheet.chart.set_y_axis({**sheet.number_axis(chart.y, scale, word), **base})
    return [sheet.finish(width, height, legend=len(chart.series) > 1)]


_MAKERS: dict[type, Callable[[Any, str, int, float, float], list[NativeChart]]] = {
    BarChart: _bars,
    BarPanels: _panels,
    LineChart: _curves,
}
