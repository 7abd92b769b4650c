"""The change log: who changed what, when, from what to what, and why, one line a change.

`diff` fills the sheet, people amend it. It is a sheet of the user's own: what else is typed,
coloured or sorted there stays, and `merge` joins its lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.workbook.migrate.leftovers import with_list
from xlcity.workbook.reading.records import day_text, plain_text
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package

SHEET = "ChangeLog"
LOG_COLUMNS = ("edition", "date", "who", "city", "node", "cell", "what", "from", "to", "why")
#: How far down the row of keys is looked for: people insert rows above it.
_FAR = 20
#: Columns that people amend; the others say which change it is.
AMENDED = ("who", "why")


class LoggedChange(NamedTuple):
    """A line of the log; what was and is may be numbers."""

    edition: str = ""
    date: str = ""
    who: str = ""
    city: str = ""
    node: str = ""
    cell: str = ""
    what: str = ""
    before: str | float = ""
    after: str | float = ""
    why: str = ""


def is_log(book: ReadBook) -> bool:
    """Tell whether a workbook has a change log, and not another sheet of that name."""
    return log_area(book) is not None


def log_area(book: ReadBook) -> Range | None:
    """Return the change log with its row of keys; None without a log."""
    rows: dict[int, dict[str, int]] = {}
    cells = book.sheets[SHEET].cells if SHEET in book.sheets else {}
    for (row, column), cell in cells.items():
        if row <= _FAR:
            rows.setdefault(row, {})[plain_text(cell.value)] = column
    # In English the labels above the keys are the same words.
    for row, columns in sorted(rows.items(), reverse=True):
        if {*LOG_COLUMNS} <= columns.keys():
            ends = [columns[name] for name in LOG_COLUMNS]
            filled = [r for (r, c), cell in cells.items() if c in ends and cell.value is not None]
            return Range(SHEET, row, min(ends), max(row, *filled), max(ends))
    return None


def read_log(book: ReadBook) -> tuple[LoggedChange, ...]:
    """Return the lines of a change log that say something."""
    if (area := log_area(book)) is None:
        return ()
    heads, *rows = book.block(area)
    columns = {plain_text(head): index for index, head in enumerate(heads)}
    lines = (
        LoggedChange._make(_logged_value(name, row[columns[name]]) for name in LOG_COLUMNS)
        for row in rows
    )
    return tuple(line for line in lines if line != LoggedChange())


def _logged_value(name: str, value: CellValue) -> str | float:
    """Return an entry: numbers only where values stand, a day that a program counts as a date."""
    if name in ("from", "to") and isinstance(value, (int, float)):
        return float(value)
    return day_text(value) if name == "date" else plain_text(value)


def with_lines(package: Package, lines: Sequence[LoggedChange], language: str) -> Package:
    """Return a workbook with more lines below those of its change log, made if there is none."""
    return with_list(package, SHEET, lines, language, log_area(read_book(package)))
