"""The sheet of results: a workbook of its own beside the one that was asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xlcity.errors import UsageError
from xlcity.extension.texts import words

NAME = "xlcity"
#: Where the sheet says what it is about: the name of the workbook.
SOURCE = "B1"
_FIRST = 3
_COLUMNS = 3
#: Longest text in a formula.
_LITERAL = 255

Document = Mapping[str, Any]


def is_task_book(book: Any) -> bool:
    """Return whether a workbook is a sheet of results."""
    sheets = book.sheets
    return len(sheets) == 1 and sheets[0].name == NAME and bool(sheets[0].range(SOURCE).value)


def task_cell(book: Any) -> str:
    """Return the cell that the selected row of a sheet of results is about, or ""."""
    row = book.app.selection.row
    return str(book.sheets[0].range((row, 2)).value or "") if row >= _FIRST else ""


def jump(book: Any, language: str) -> None:
    """Select the cell that the selected row of a sheet of results is about.

    Raises
    ------
    UsageError
        If the workbook is no sheet of results, or the row has no cell.
    """
    cell = task_cell(book) if is_task_book(book) else ""
    sheet, _, address = cell.rpartition("!")
    if not sheet:
        raise UsageError(words("no_row", language))
    source = book.app.books[book.sheets[0].range(SOURCE).value]
    source.activate()
    target = source.sheets[sheet.strip("'")]
    target.activate()
    target.range(address).select()


def draw(app: Any, source: str, documents: Sequence[Document], language: str) -> None:
    """Write answers into the sheet of results of a workbook, which is made where there is none."""
    found = (book for book in app.books if is_task_book(book))
    book = next((book for book in found if book.sheets[0].range(SOURCE).value == source), None)
    if book is None:
        book = app.books.add()
        sheet = book.sheets[0]
        sheet.name = NAME
    sheet = book.sheets[0]
    sheet.clear()
    rows = [*_rows(documents)]
    sheet.range("A1").value = [[_text(words("about", language)), _text(source)]]
    texts = [[_text(text), _link(source, cell), _text(detail)] for text, cell, detail in rows]
    if texts:
        area = sheet.range((_FIRST, 1), (_FIRST + len(texts) - 1, _COLUMNS))
        area.formula = texts
    for column, width in zip("ABC", (70, 18, 60), strict=True):
        sheet.range(f"{column}1").column_width = width
    book.activate()


def _rows(documents: Sequence[Document]) -> Iterator[tuple[str, str, str]]:
    """Yield text, cell and detail of each line: the verdict first, then sections and their rows."""
    for key in ("headline", "problem", "note"):
        for document in documents:
            if key in document:
                yield document[key], "", ""
    for document in documents:
        if "section" in document:
            yield "", "", ""
            yield document["title"], "", ""
            yield from _lines(document["rows"], 1)


def _lines(rows: Sequence[Mapping[str, Any]], level: int) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        detail = row.get("detail", "")
        shown = detail if detail != row["text"] else ""
        yield "    " * level + row["text"], row.get("cell", ""), shown.replace("\n", "; ")
        yield from _lines(row.get("rows", ()), level + 1)


def _text(text: str) -> str:
    """Return what makes a cell hold a text, whatever it begins with: names come from strangers."""
    return f"'{text}" if text else ""


def _link(source: str, cell: str) -> str:
    """Return a formula that shows a cell's address and leads to it."""
    sheet, _, address = cell.rpartition("!")
    if not sheet:
        return ""
    name = sheet.strip("'").replace("'", "''")
    place = f"#'[{source}]{name}'!{address}".replace('"', '""')
    shown = cell.replace('"', '""')
    return f'=HYPERLINK("{place}","{shown}")' if len(place) <= _LITERAL else _text(cell)
