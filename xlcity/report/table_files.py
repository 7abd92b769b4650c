"""Tables and the numbers of figures as files: CSV for programs, a workbook with a sheet each."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from xlcity.figures.contents import Label, number_rows
from xlcity.figures.figure import Figure
from xlcity.model.reading.tables import csv_text
from xlcity.report.contents import (
    DECIMALS,
    FileColumn,
    Marked,
    ReportCell,
    ReportTable,
    Sentence,
    number_pattern,
)
from xlcity.report.notes import cell_marks
from xlcity.report.source import ReportSource
from xlcity.report.texts import heads, invented, say

#: Longest name of a sheet, and what none may have.
_SHEET = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/]")
#: Widths of columns, in characters: of texts at least and at most, and of the list of tables.
_NARROWEST = 8
_WIDEST = 46
_LIST_WIDTH = 70
#: Row of the headings, below the title and the line on invented values.
_HEAD_ROW = 2
#: The number of a size of paper.
_A4 = 9


def table_csv(table: ReportTable, lang: str) -> bytes:
    """Return a table as CSV that Excel reads as UTF-8, with all digits."""
    columns: list[FileColumn] = []
    if table.units:
        columns.append(FileColumn(say("head.unit").text(lang), table.units))
    for number, heading in enumerate(_heads(table, lang)):
        cells = [_plain(row[number], lang) for row in table.rows]
        columns.append(FileColumn(heading, cells))
    marks = [_marks_of(row) for row in table.rows]
    if any(marks):
        columns.append(FileColumn(say("head.mark").text(lang), marks))
    headings = [column.heading for column in columns]
    rows = zip(*(column.cells for column in columns), strict=True)
    return _csv([headings, *rows], table, lang)


def _marks_of(row: Sequence[ReportCell]) -> str:
    """Return the marks of gaps in a row, each once."""
    return "".join(sorted({*cell_marks([row])}))


def _csv(
    rows: Sequence[Sequence[object]], made: ReportTable | Figure, lang: str
) -> bytes:
    """Return rows as CSV; that their values are invented stands in a column of its own."""
    heads, *lines = rows
    mark = invented(made, lang)
    if mark:
        heads = [*heads, say("head.synthetic").text(lang)]
        lines = [[*line, mark] for line in lines]
    return csv_text([heads, *lines]).encode()


def _heads(table: ReportTable, lang: str) -> list[str]:
    """Return the heading of each column, after the one that stands over it."""
    gap = "" if lang == "zh" else " "
    return [
        f"{field.over.text(lang)}{gap}{field.head.text(lang)}".strip()
        for field in table.fields
    ]


def _plain(cell: ReportCell, lang: str) -> object:
    if isinstance(cell, Marked):
        return cell.number
    return cell.text(lang) if isinstance(cell, Label) else cell


def figure_csv(figure: Figure, lang: str) -> bytes:
    """Return the numbers of a figure as CSV: the names of rows, then a column each."""
    return _csv(number_rows(figure.content, lang), figure, lang)


def tables_xlsx(tables: Sequence[ReportTable], lang: str) -> bytes:
    """Return tables as a workbook: a list of them, then a sheet each."""
    from xlcity.xlsx.new_book import close_to_bytes, new_book

    book = new_book()
    contents = book.add_worksheet(say("html.contents").text(lang))
    contents.set_column(0, 0, _LIST_WIDTH)
    formats = _Formats(book)
    for number, table in enumerate(tables):
        name = _sheet_name(number + 1, table)
        _SheetOfTable(book.add_worksheet(name), table, lang, formats).write()
        address = f"internal:'{name}'!A1"
        contents.write_url(number, 0, address, string=table.title.text(lang))
    return close_to_bytes(book)


def _sheet_name(number: int, table: ReportTable) -> str:
    """Return a name that spreadsheets allow."""
    kept = _NOT_IN_SHEET_NAMES.sub("", table.id)
    return f"{number} {kept}"[:_SHEET].rstrip("'")


class _Formats:
    """The formats of a workbook, each added once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._numbers: dict[tuple[str, str], Any] = {}
        self.bold = book.add_format({"bold": True})

    def number(self, kind: str, mark: str) -> Any:
        """Return the format of a kind of numbers with a mark behind them."""
        key = kind, mark
        if key not in self._numbers:
            shape = {"num_format": _number_pattern(kind, mark)}
            self._numbers[key] = self._book.add_format(shape)
        return self._numbers[key]


def _number_pattern(kind: str, mark: str) -> str:
    """Return how spreadsheets write a kind of numbers with a mark behind them."""
    pattern = number_pattern(DECIMALS.get(kind, 0))
    if kind == "change":
        pattern = "+0;-0;0"
    if not mark:
        return pattern
    return ";".join(f'{part}"{mark}"' for part in pattern.split(";"))


class _SheetOfTable:
    """Writes a table on a sheet of its own."""

    def __init__(
        self, page: Any, table: ReportTable, lang: str, formats: _Formats
    ) -> None:
        self._page = page
        self._table = table
        self._lang = lang
        self._formats = formats

    def write(self) -> None:
        """Write title, headings, cells and notes, and set how the sheet is printed."""
        page = self._page
        table = self._table
        page.write_string(0, 0, table.title.text(self._lang), self._formats.bold)
        page.write_string(1, 0, invented(table, self._lang), self._formats.bold)
        heads = _heads(table, self._lang)
        for column, heading in enumerate(heads):
            page.write_string(_HEAD_ROW, column, heading, self._formats.bold)
            page.set_column(column, column, self._width(column))
        page.freeze_panes(_HEAD_ROW + 1, min(2, len(heads) - 1))
        for row, line in enumerate(table.rows, _HEAD_ROW + 1):
            for column, cell in enumerate(line):
                self._write_cell(row, column, cell)
        below = _HEAD_ROW + 1 + len(table.rows)
        page.write_string(below, 0, table.note.text(self._lang))
        page.write_string(below + 1, 0, table.source.text(self._lang))
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_paper(_A4)

    def _width(self, column: int) -> int:
        """Return the width of a column, by the longest of its texts."""
        cells = (line[column] for line in self._table.rows)
        texts = (cell.text(self._lang) for cell in cells if isinstance(cell, Label))
        longest = max(map(len, texts), default=0)
        # Chinese characters are twice as wide as digits.
        widest = 2 * longest if self._lang == "zh" else longest
        return min(max(widest, _NARROWEST) + 2, _WIDEST)

    def _write_cell(self, row: int, column: int, cell: ReportCell) -> None:
        if isinstance(cell, Label):
            self._page.write_string(row, column, cell.text(self._lang))
        elif cell is not None and not math.isnan(cell):
            mark = cell.mark if isinstance(cell, Marked) else ""
            kind = self._table.fields[column].kind
            number_format = self._formats.number(kind, mark)
            self._page.write_number(row, column, cell, number_format)


def sentence_table(source: ReportSource, sentences: Sequence[Sentence]) -> ReportTable:
    """Return sentences as a table, each with the node that it is about."""
    rows = [[source.node(sentence.node), sentence.text] for sentence in sentences]
    title = say("sentences.title")
    fields = heads("node", "sentence")
    return ReportTable("sentences", title, fields, rows, synthetic=source.synthetic)
