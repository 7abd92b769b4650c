"""Tables and the numbers of figures as files: CSV for programs, a workbook with a sheet each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from xlcity.figures.contents import Label, number_rows
from xlcity.figures.figure import Figure
from xlcity.model.reading.tables import csv_text
from xlcity.report.contents import (
    DECIMALS,
    Marked,
    ReportCell,
    ReportTable,
    Sentence,
)
from xlcity.report.notes import cell_marks
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, invented, say

#: Longest name of a sheet, and widest column.
_SHEET = 31
_WIDEST = 46


def table_csv(table: ReportTable, lang: str) -> bytes:
    """Return a table as CSV that Excel reads as UTF-8, with all digits."""
    rows: list[list[object]] = [_heads(table, lang)]
    rows += [[_plain(cell, lang) for cell in row] for row in table.rows]
    if table.units:
        ids = [say("head.unit").text(lang), *table.units]
        rows = [[unit, *row] for unit, row in zip(ids, rows, strict=True)]
    marks = ["".join(sorted(set(cell_marks([row])))) for row in table.rows]
    if any(marks):
        heading = say("head.mark").text(lang)
        rows = [[*row, mark] for row, mark in zip(rows, [heading, *marks], strict=True)]
    return _csv(rows, table, lang)


def _csv(
    rows: Sequence[Sequence[object]], made: ReportTable | Figure, lang: str
) -> bytes:
    """Return rows as CSV; that their values are invented stands in a column of its own."""
    if mark := invented(made, lang):
        heading, *others = rows
        rows = [
            [*heading, say("head.synthetic").text(lang)],
            *([*row, mark] for row in others),
        ]
    return b"\xef\xbb\xbf" + csv_text([[*row] for row in rows], with_bom=False).encode(
        "utf-8"
    )


def _heads(table: ReportTable, lang: str) -> list[object]:
    """Return the heading of each column, after the one that stands over it."""
    gap = "" if lang == "zh" else " "
    return [
        gap.join((f.over.text(lang), f.head.text(lang))).strip() for f in table.fields
    ]


def _plain(cell: ReportCell, lang: str) -> object:
    if isinstance(cell, Marked):
        return cell.number
    if isinstance(cell, Label):
        return cell.text(lang)
    return "" if cell is None else cell


def figure_csv(figure: Figure, lang: str) -> bytes:
    """Return the numbers of a figure as CSV: the names of rows, then a column each."""
    return _csv(number_rows(figure.content, lang), figure, lang)


def tables_xlsx(tables: Sequence[ReportTable], lang: str) -> bytes:
    """Return tables as a workbook: a list of them, then a sheet each."""
    from xlcity.xlsx.new_book import close_to_bytes, new_book

    book = new_book()
    contents = book.add_worksheet(say("html.contents").text(lang))
    contents.set_column(0, 0, 70)
    bold = book.add_format({"bold": True})
    number_format = cache(partial(_number_format, book))
    for number, table in enumerate(tables):
        name = f"{number + 1} {''.join(c for c in table.id if c not in '[]:*?/')}"
        name = name[:_SHEET].rstrip("'")
        _write_sheet(book.add_worksheet(name), table, lang, bold, number_format)
        contents.write_url(
            number, 0, f"internal:'{name}'!A1", None, table.title.text(lang)
        )
    return close_to_bytes(book)


def _write_sheet(
    page: Any, table: ReportTable, lang: str, bold: Any, number_format: Any
) -> None:
    """Write a table on a sheet of its own."""
    page.write_string(0, 0, table.title.text(lang), bold)
    page.write_string(1, 0, invented(table, lang), bold)
    heads = _heads(table, lang)
    row = 2
    for column, heading in enumerate(heads):
        page.write_string(row, column, str(heading), bold)
        texts = [
            c.text(lang) for line in table.rows if isinstance(c := line[column], Label)
        ]
        longest = max(
            (len(text) * (2 if lang == "zh" else 1) for text in texts), default=0
        )
        page.set_column(column, column, min(max(longest, 8) + 2, _WIDEST))
    page.freeze_panes(row + 1, min(2, len(heads) - 1))
    for line in table.rows:
        row += 1
        for column, (cell, field) in enumerate(zip(line, table.fields, strict=True)):
            if isinstance(cell, Label):
                page.write_string(row, column, cell.text(lang))
            elif cell is not None and cell == cell:
                mark = cell.mark if isinstance(cell, Marked) else ""
                page.write_number(row, column, cell, number_format(field.kind, mark))
    for label in (table.note, table.source):
        row += 1
        page.write_string(row, 0, label.text(lang))
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_paper(9)


def _number_format(book: Any, kind: str, mark: str = "") -> Any:
    """Return the format of a kind of numbers with a mark behind them."""
    decimals = DECIMALS.get(kind, 0)
    pattern = (
        "+0;-0;0"
        if kind == "change"
        else "#,##0" + f".{'0' * decimals}" * (decimals > 0)
    )
    behind = f'"{mark}"' if mark else ""
    shape = ";".join(f"{part}{behind}" for part in pattern.split(";"))
    return book.add_format({"num_format": shape})


def sentence_table(source: ReportSource, sentences: Sequence[Sentence]) -> ReportTable:
    """Return sentences as a table, each with the node that it is about."""
    rows = [[source.node(sentence.node), sentence.text] for sentence in sentences]
    title = say("sentences.title")
    fields = [head("node"), head("sentence")]
    return ReportTable("sentences", title, fields, rows, synthetic=source.synthetic)
