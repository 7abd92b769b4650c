"""Tables as files: CSV for programs, and a workbook with a sheet per table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlcity.figures.contents import Label
from xlcity.model.reading.tables import csv_text
from xlcity.report.contents import DECIMALS, NOTHING, Marked, ReportCell, ReportTable
from xlcity.report.notes import cell_marks
from xlcity.report.table_fit import half_ems
from xlcity.report.texts import say

#: The same input gives the same bytes.
_CREATED = datetime(2000, 1, 1)
#: Longest name of a sheet, and widest column.
_SHEET, _WIDEST = 31, 46


def table_csv(table: ReportTable, lang: str) -> bytes:
    """Return a table as CSV that Excel reads as UTF-8, with all digits."""
    heads = [_whole_head(field.over, field.head, lang) for field in table.fields]
    rows: list[list[object]] = [[*heads], *([_plain(c, lang) for c in row] for row in table.rows)]
    if table.units:
        rows = [[unit, *row] for unit, row in zip(["unit", *table.units], rows, strict=True)]
    marks = ["".join(sorted(set(cell_marks([row])))) for row in table.rows]
    if any(marks):
        heading = say("head.mark").text(lang)
        rows = [[*row, mark] for row, mark in zip(rows, [heading, *marks], strict=True)]
    if table.synthetic:
        mark = say("synthetic", n=table.synthetic).text(lang)
        rows = [[*row, "synthetic" if number == 0 else mark] for number, row in enumerate(rows)]
    return b"\xef\xbb\xbf" + csv_text(rows, mark=False).encode("utf-8")


def _whole_head(over: Label, head: Label, lang: str) -> str:
    if over == NOTHING:
        return head.text(lang)
    return f"{over.text(lang)}{'' if lang == 'zh' else ' '}{head.text(lang)}"


def _plain(cell: ReportCell, lang: str) -> object:
    if isinstance(cell, Marked):
        return cell.number
    return cell.text(lang) if isinstance(cell, Label) else "" if cell is None else cell


def tables_xlsx(tables: Sequence[ReportTable], lang: str) -> bytes:
    """Return tables as a workbook: a list of them, then a sheet each."""
    from xlcity.xlsx.new_book import PLAIN_TEXT, close_to_bytes, new_book

    book = new_book(**PLAIN_TEXT)
    book.set_properties({"created": _CREATED})
    contents = book.add_worksheet(say("html.contents").text(lang))
    contents.set_column(0, 0, 70)
    link = book.add_format({"font_color": "#1F4E79", "underline": 1})
    pages = _Pages(book, lang)
    for number, table in enumerate(tables):
        name = pages.add(number + 1, table)
        contents.write_url(number, 0, f"internal:'{name}'!A1", link, table.title.text(lang))
    return close_to_bytes(book)


class _Pages:
    """Writes the sheets of a workbook of tables."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang = book, lang
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.note = book.add_format({"font_size": 9, "font_color": "#5A5A5A"})
        self.warned = book.add_format({"bg_color": "#FFF3CD", "border": 1})
        look = {"bold": True, "text_wrap": True, "valign": "vcenter"}
        self.over = book.add_format({**look, "align": "center", "top": 2, "bottom": 1})
        self.top = book.add_format({**look, "top": 2})
        self.head = book.add_format({**look, "bottom": 1})
        self.only = book.add_format({**look, "top": 2, "bottom": 1})
        self.end = book.add_format({"top": 2})
        formats = {"change": "+0;-0;0"}
        self._patterns = {
            kind: formats.get(kind, "#,##0" + ("." + "0" * places) * (places > 0))
            for kind, places in DECIMALS.items()
        }
        self._numbers: dict[tuple[str, str], Any] = {}

    def _number(self, kind: str, mark: str) -> Any:
        """Return the format of a kind of numbers with a mark behind them; None for a text."""
        if (pattern := self._patterns.get(kind)) is None:
            return None
        if (kind, mark) not in self._numbers:
            behind = f'"{mark}"' if mark else ""
            marked = ";".join(f"{part}{behind}" for part in pattern.split(";"))
            self._numbers[kind, mark] = self.book.add_format({"num_format": marked})
        return self._numbers[kind, mark]

    def add(self, number: int, table: ReportTable) -> str:
        """Write a table on a sheet of its own; return the name of the sheet."""
        lang = self.lang
        name = f"{number} {''.join(c for c in table.id if c not in '[]:*?/')}"[:_SHEET].rstrip("'")
        page = self.book.add_worksheet(name)
        page.write_string(0, 0, table.title.text(lang), self.title)
        row = 1
        if table.synthetic:
            text = say("synthetic", n=f"{table.synthetic:,}").text(lang)
            page.write_string(row, 0, text, self.warned)
            row += 1
        row = self._heads(page, row, table)
        for line in table.rows:
            for column, (cell, field) in enumerate(zip(line, table.fields, strict=True)):
                if isinstance(cell, Label):
                    page.write_string(row, column, cell.text(lang))
                elif cell is not None and cell == cell:
                    mark = cell.mark if isinstance(cell, Marked) else ""
                    page.write_number(row, column, cell, self._number(field.kind, mark))
            row += 1
        for column in range(len(table.fields)):
            page.write_blank(row, column, None, self.end)
        for label in (table.note, table.source):
            if label.text(lang):
                row += 1
                page.write_string(row, 0, label.text(lang), self.note)
        self._widths(page, table)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_paper(9)
        return name

    def _heads(self, page: Any, row: int, table: ReportTable) -> int:
        """Write the headings, in two lines where some stand over others; return the next row."""
        lang = self.lang
        if table.has_heads_over:
            column = 0
            while column < len(table.fields):
                over, first = table.fields[column].over, column
                while (
                    column < len(table.fields)
                    and table.fields[column].over == over
                    and (over != NOTHING or column == first)
                ):
                    column += 1
                text = over.text(lang)
                if over != NOTHING and column - first > 1:
                    page.merge_range(row, first, row, column - 1, text, self.over)
                else:
                    page.write_string(row, first, text, self.over if text else self.top)
            row += 1
        for column, field in enumerate(table.fields):
            look = self.head if table.has_heads_over else self.only
            page.write_string(row, column, field.head.text(lang), look)
        page.freeze_panes(row + 1, min(2, len(table.fields) - 1))
        page.repeat_rows(row)
        return row + 1

    def _widths(self, page: Any, table: ReportTable) -> None:
        for column, field in enumerate(table.fields):
            cells = (row[column] for row in table.rows)
            texts = [cell.text(self.lang) for cell in cells if isinstance(cell, Label)]
            most = max(map(half_ems, texts), default=0)
            head = half_ems(field.head.text(self.lang))
            page.set_column(column, column, min(max(most, min(head, 16), 8) + 2, _WIDEST))
