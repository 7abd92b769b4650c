"""The change log: who changed what, when, from what to what, and why, one line a change.

`diff` fills the sheet, people amend it. It is a sheet of the user's own: what else is typed,
coloured or sorted there stays, and only `merge` joins its lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from xlcity.errors import CellValue
from xlcity.workbook.migrate.listing import list_book
from xlcity.workbook.reading.records import day_text, plain_text
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.editing.patch import CellEntry, write_entries
from xlcity.xlsx.editing.transplant import copy_sheets
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

    @property
    def about(self) -> tuple[Any, ...]:
        """Which change it is; a note without values is another one with each word."""
        fields = zip(LOG_COLUMNS, self, strict=True)
        free = (self.before, self.after) == ("", "")
        return (
            *(value for name, value in fields if name not in AMENDED),
            (self.who, self.why) if free else (),
        )


def is_log(book: ReadBook) -> bool:
    """Tell whether a workbook has a change log, and not another sheet of that name."""
    return _header(book) is not None


def read_log(book: ReadBook) -> tuple[LoggedChange, ...]:
    """Return the lines of a change log that say something."""
    return tuple(_lines_by_row(book).values())


def number_lines(lines: Iterable[LoggedChange]) -> Iterator[tuple[tuple[Any, ...], LoggedChange]]:
    """Yield each line with what tells it from all others: equal ones are counted."""
    seen: Counter[tuple[Any, ...]] = Counter()
    for line in lines:
        yield (*line.about, seen[line.about]), line
        seen[line.about] += 1


def change_of(key: tuple[Any, ...], amended: Mapping[str, Any]) -> LoggedChange:
    """Return the line with a key of `number_lines`, and what people amend."""
    about = iter(key)
    return LoggedChange(
        *(amended[name] if name in AMENDED else next(about) for name in LOG_COLUMNS)
    )


def with_log(package: Package, lines: Iterable[LoggedChange], language: str = "both") -> Package:
    """Return a workbook whose change log has these lines, each where it stood; others are gone.

    New lines stand below. A workbook without the sheet gets one.
    """
    book = read_book(package)
    wanted = dict(number_lines(lines))
    if not is_log(book):
        return copy_sheets(list_book(SHEET, wanted.values(), language), package, {SHEET: SHEET})
    header = _header(book)
    assert header is not None
    header_row, columns = header
    rows = _lines_by_row(book)
    entries: dict[Position, CellEntry] = {}

    def write(row: int, line: LoggedChange, before: LoggedChange) -> None:
        for column, new, old in zip(columns, line, before, strict=True):
            if new != old:
                entries[row, column] = CellEntry(new if new != "" else None)

    for row, (key, line) in zip(rows, number_lines(rows.values()), strict=True):
        write(row, wanted.pop(key, LoggedChange()), line)
    cells = book.sheets[SHEET].cells
    last = max([header_row, *(row for row, column in cells if column in columns)])
    for row, line in enumerate(wanted.values(), last + 1):
        write(row, line, LoggedChange())
    return write_entries(package, {SHEET: entries}, book) if entries else package


def cells_beside(book: ReadBook) -> list[tuple[Position, Any]]:
    """Return what people typed on the sheet beside the lines."""
    header, cells = _header(book), book.sheets[SHEET].cells
    assert header is not None
    header_row, columns = header
    return [
        (position, cell.formula or cell.value)
        for position, cell in sorted(cells.items())
        if position[1] not in columns or position[0] <= header_row
    ]


def _header(book: ReadBook) -> tuple[int, list[int]] | None:
    """Return the row of keys and the columns in the order of `LOG_COLUMNS`; none without a log."""
    if SHEET not in book.sheets:
        return None
    rows: dict[int, dict[str, int]] = {}
    for (row, column), cell in book.sheets[SHEET].cells.items():
        if row <= _FAR:
            rows.setdefault(row, {})[plain_text(cell.value)] = column
    # In English the labels above the keys are the same words.
    for row, columns in sorted(rows.items(), reverse=True):
        if {*LOG_COLUMNS} <= columns.keys():
            return row, [columns[name] for name in LOG_COLUMNS]
    return None


def _lines_by_row(book: ReadBook) -> Mapping[int, LoggedChange]:
    """Return row -> line."""
    if (header := _header(book)) is None:
        return {}
    header_row, columns = header
    sheet, lines = book.sheets[SHEET], {}
    for row in sorted({row for row, _ in sheet.cells if row > header_row}):
        values = [_logged_value(name, sheet.value(row, column))
                  for name, column in zip(LOG_COLUMNS, columns, strict=True)]  # fmt: skip
        if any(value != "" for value in values):
            lines[row] = LoggedChange(*values)  # type: ignore[arg-type]
    return lines


def _logged_value(name: str, value: CellValue) -> str | float:
    """Return an entry: numbers only where values stand, a day that a program counts as a date."""
    if name in ("from", "to") and isinstance(value, (int, float)):
        return float(value)
    return day_text(value) if name == "date" else plain_text(value)
