"""A chart that Word draws and edits: its part, and the small workbook with its numbers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from xlcity.figures.contents import Label, Numbers
from xlcity.figures.style import POINT, figure_style
from xlcity.report.texts import say
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.new_book import PLAIN_TEXT, close_to_bytes, new_book

#: Name of the sheet of the workbook, and when every such workbook was made: bytes stay the same.
_SHEET, _CREATED = "data", datetime(2000, 1, 1)
#: The chart's numbers are in the workbook beside it.
#: Behind this stands what is drawn for an empty cell, which XlsxWriter leaves to the program.
_PLOTTED = '<c:plotVisOnly val="1"/>'
#: What a label may show, in the order of the standard.
_SHOWN = ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
_WORKBOOK = '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData>'


@dataclass(frozen=True, slots=True)
class NativeChart:
    """One chart: the bytes of its part and of its workbook, and its size in cm."""

    part: bytes
    workbook: bytes
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """A column of the workbook, as formulas of charts name it."""

    name: str
    cells: str


class ChartSheet:
    """Builds one chart and the sheet of its numbers, a column at a time.

    Parameters
    ----------
    kind, subtype
        As XlsxWriter calls them.
    lang
        "zh" or "en".
    synthetic
        How many invented values the figure rests on; if any, the title of the chart says so.
    """

    def __init__(self, kind: str, lang: str, synthetic: int, subtype: str = "") -> None:
        self.lang, self.synthetic, self._kind = lang, synthetic, kind
        self._columns: list[tuple[str, list[object]]] = []
        self._book = _new_book()
        self._page = self._book.add_worksheet(_SHEET)
        self.chart = self._book.add_chart(
            {"type": kind, **({"subtype": subtype} if subtype else {})}
        )
        self.chart.set_chartarea({"border": {"none": True}})
        self.legend()
        self.title("")

    def text(self, size: str = "small", **changes: Any) -> dict[str, Any]:
        """Return a type of the style, by the name of its size."""
        style = figure_style()
        look = {"name": style.font["document"][0], "color": style.colour["text"]}
        return {**look, "size": style.type[size], **changes}

    def names(self, head: str, labels: Sequence[Label]) -> ChartColumn:
        """Write texts in the next column."""
        return self.column(head, [label.text(self.lang) for label in labels])

    def column(self, head: str, values: Sequence[object] | Numbers) -> ChartColumn:
        """Write texts or numbers in the next column; what is not finite leaves its cell empty."""
        listed = values.tolist() if isinstance(values, np.ndarray) else values
        cells = [None if isinstance(v, float) and not np.isfinite(v) else v for v in listed]
        self._columns.append((head, cells))
        _write(self._page, len(self._columns) - 1, head, cells)
        letter = column_letters(len(self._columns))
        ends = f"={_SHEET}!${letter}$2:${letter}${max(len(cells), 1) + 1}"
        return ChartColumn(f"={_SHEET}!${letter}$1", ends)

    def legend(self, *, shown: bool = False) -> None:
        """Show a legend above the chart, or none."""
        look = {"position": "top", "font": self.text("label")}
        self.chart.set_legend(look if shown else {"none": True})

    def title(self, text: str) -> None:
        """Write a title above the chart; that values are invented is said there too."""
        title = chart_title(text, self.lang, self.synthetic)
        if not title:
            self.chart.set_title({"none": True})
            return
        colour = figure_style().colour["warning_line" if self.synthetic else "text"]
        font = self.text("label", bold=bool(self.synthetic), color=colour)
        self.chart.set_title({"name": title, "name_font": font, "overlay": False})

    def finish(self, width: float, height: float) -> NativeChart:
        """Return the chart in its size in cm."""
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
        chinese = figure_style().font["document"][1]
        part = re.sub(r"(<a:latin [^>]*/>)", rf'\1<a:ea typeface="{chinese}"/>', part)
        return NativeChart(part.encode(), self._workbook(), width, height)

    def _workbook(self) -> bytes:
        """Return the workbook without the chart: Word shows it where the numbers are edited."""
        book = _new_book()
        page = book.add_worksheet(_SHEET)
        for column, (head, cells) in enumerate(self._columns):
            _write(page, column, head, cells)
        page.set_column(0, 0, 20)
        return close_to_bytes(book)


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


def _new_book() -> Any:
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
