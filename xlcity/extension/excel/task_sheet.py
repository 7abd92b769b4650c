"""The sheet of results: a workbook of its own beside the one that was asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlcity.errors import UsageError
from xlcity.extension.texts import words

NAME = "xlcity"
#: Where the sheet says what it is about: the name of the workbook.
SOURCE = "B1"
#: Where it notes which rows were applied last, press by press: "12,13;15".
_APPLIED = "F1"
_FIRST = 3
#: Columns: text, cell, detail, what is suggested, and what the cell held.
_CELL, _COLUMNS = 2, 5
#: Longest text in a formula.
_LITERAL = 255

#: The number format of a cell that makes a text of what is written into it.
_AS_TEXT = "@"

Document = Mapping[str, Any]
#: Text, cell, detail; what is suggested and what the cell held.
_Line = tuple[str, str, str, tuple[str | float, str | float]]
_NO_CHANGE = ("", "")


def is_task_book(book: Any) -> bool:
    """Return whether a workbook is a sheet of results."""
    sheets = book.sheets
    return len(sheets) == 1 and sheets[0].name == NAME and bool(sheets[0].range(SOURCE).value)


def task_cell(book: Any) -> str:
    """Return the cell that the selected row of a sheet of results is about, or ""."""
    row = book.app.selection.row
    return str(book.sheets[0].range((row, _CELL)).value or "") if row >= _FIRST else ""


def jump(book: Any, language: str) -> None:
    """Select the cell that the selected row of a sheet of results is about.

    Raises
    ------
    UsageError
        If the workbook is not a sheet of results, or the row has no cell.
    """
    cell = task_cell(book) if is_task_book(book) else ""
    if "!" not in cell:
        raise UsageError(words("no_row", language))
    source = book.app.books[book.sheets[0].range(SOURCE).value]
    source.activate()
    target = _target_cell(source, cell)
    target.sheet.activate()
    target.select()


def apply(book: Any, language: str) -> str:
    """Put the suggestions of the selected rows into their cells; return what to say.

    Raises
    ------
    UsageError
        If no selected row has a suggestion, or a cell holds something else by now: then nothing is
        changed.
    """
    changes = [*_selected_changes(book)] if is_task_book(book) else []
    if not changes:
        raise UsageError(words("no_suggestion", language))
    _write_changes(book, changes, language)
    applied = book.sheets[0].range(_APPLIED)
    rows = ",".join(str(change.row) for change in changes)
    applied.value = _as_text(";".join(part for part in (applied.value or "", rows) if part))
    return words("applied.excel", language, ", ".join(change.cell for change in changes))


def take_back(book: Any, language: str) -> str:
    """Put back what the cells held that were changed by the last `apply`; return what to say.

    Raises
    ------
    UsageError
        If nothing was applied, or a cell holds something else by now: then nothing is changed.
    """
    results = _task_book(book)
    applied = None if results is None else results.sheets[0].range(_APPLIED)
    if applied is None or not applied.value:
        raise UsageError(words("nothing_applied", language))
    # One row alone is a number by now.
    before, _, rows = str(applied.options(numbers=int).value).rpartition(";")
    changes = [_read_change(applied.sheet, int(row)).reversed() for row in rows.split(",")]
    _write_changes(results, changes, language)
    applied.value = _as_text(before)
    return words("taken_back", language, ", ".join(change.cell for change in changes))


@dataclass(frozen=True, slots=True)
class _Change:
    """What a cell holds, and what it is to hold."""

    row: int
    cell: str
    was: str | float
    value: str | float

    def reversed(self) -> _Change:
        return _Change(self.row, self.cell, self.value, self.was)


def _task_book(book: Any) -> Any:
    """Return the results of a workbook; for results, these."""
    if is_task_book(book):
        return book
    return _results_of(book.app, book.name)


def _results_of(app: Any, source: str) -> Any:
    task_books = (book for book in app.books if is_task_book(book))
    return next((b for b in task_books if b.sheets[0].range(SOURCE).value == source), None)


def _selected_changes(book: Any) -> Iterator[_Change]:
    selected, sheet = book.app.selection, book.sheets[0]
    end = min(selected.row + selected.shape[0] - 1, sheet.used_range.last_cell.row)
    for row in range(max(_FIRST, selected.row), end + 1):
        change = _read_change(sheet, row)
        if change.value not in (None, "") and "!" in change.cell:
            yield change


def _read_change(sheet: Any, row: int) -> _Change:
    cell, _, value, was = sheet.range((row, _CELL), (row, _COLUMNS)).value
    return _Change(row, str(cell or ""), was, value)


def _write_changes(book: Any, changes: Sequence[_Change], language: str) -> None:
    """Write into cells what they are to hold, if all of them hold what they did."""
    source = book.app.books[book.sheets[0].range(SOURCE).value]
    targets = [_target_cell(source, change.cell) for change in changes]
    for change, target in zip(changes, targets, strict=True):
        if target.value != change.was:
            raise UsageError(words("other_by_now", language, change.cell))
    for change, target in zip(changes, targets, strict=True):
        if target.number_format == _AS_TEXT and not isinstance(change.value, str):
            target.number_format = "General"  # else Excel makes a text of the number
        target.value = _stored_value(change.value)


def _target_cell(source: Any, cell: str) -> Any:
    sheet, _, address = cell.rpartition("!")
    return source.sheets[sheet.strip("'")].range(address)


def draw(app: Any, source: str, documents: Sequence[Document], language: str) -> None:
    """Write answers into the sheet of results of a workbook, which is made where there is none."""
    book = _results_of(app, source)
    if book is None:
        book = app.books.add()
        sheet = book.sheets[0]
        sheet.name = NAME
    draw_into(book.sheets[0], source, documents, language)
    book.activate()


def draw_into(sheet: Any, source: str, documents: Sequence[Document], language: str) -> None:
    """Write answers about a workbook into a sheet."""
    sheet.clear()
    rows = [*_result_lines(documents)]
    sheet.range("A1").value = [[_as_text(words("about", language)), _as_text(source)]]
    texts = [
        [
            _as_text(text),
            _link_formula(source, cell),
            _as_text(detail),
            *(_stored_value(value) for value in change),
        ]
        for text, cell, detail, change in rows
    ]
    if texts:
        area = sheet.range((_FIRST, 1), (_FIRST + len(texts) - 1, _COLUMNS))
        area.formula = texts
    if any(change != _NO_CHANGE for *_, change in rows):
        heads = [words("suggested", language), words("was", language)]
        sheet.range((_FIRST - 1, _COLUMNS - 1), (_FIRST - 1, _COLUMNS)).value = [heads]
    for column, width in zip("ABCDE", (70, 18, 60, 14, 14), strict=True):
        sheet.range(f"{column}1").column_width = width


def _result_lines(documents: Sequence[Document]) -> Iterator[_Line]:
    """Yield each line: the verdict first, then sections and their rows."""
    for key in ("headline", "problem", "note"):
        for document in documents:
            if key in document:
                yield document[key], "", "", _NO_CHANGE
    for document in documents:
        if "section" in document:
            yield "", "", "", _NO_CHANGE
            yield document["title"], "", "", _NO_CHANGE
            yield from _row_lines(document["rows"], 1)


def _row_lines(rows: Sequence[Mapping[str, Any]], level: int) -> Iterator[_Line]:
    for row in rows:
        detail, change = row.get("detail", ""), row.get("change")
        shown = detail if detail != row["text"] else ""
        suggested = (change["value"], change["was"]) if change else _NO_CHANGE
        text = "    " * level + row["text"]
        yield text, row.get("cell", ""), shown.replace("\n", "; "), suggested
        yield from _row_lines(row.get("rows", ()), level + 1)


def _stored_value(value: str | float) -> str | float:
    return _as_text(value) if isinstance(value, str) else value


def _as_text(text: str) -> str:
    """Return what makes a cell hold a text, whatever it begins with: names come from strangers."""
    return f"'{text}" if text else ""


def _link_formula(source: str, cell: str) -> str:
    """Return a formula that shows a cell's address and leads to it."""
    sheet, _, address = cell.rpartition("!")
    if not sheet:
        return ""
    name = sheet.strip("'").replace("'", "''")
    target = f"#'[{source}]{name}'!{address}".replace('"', '""')
    shown = cell.replace('"', '""')
    return f'=HYPERLINK("{target}","{shown}")' if len(target) <= _LITERAL else _as_text(cell)
