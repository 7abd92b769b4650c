"""The change log: who changed what, when, from what to what, and why, one line a change.

`diff` fills the sheet, people amend it. It is a sheet of the user's own: what else is typed,
coloured or sorted there stays, and `merge` joins its lines.
"""

from __future__ import annotations

from typing import NamedTuple

from xlcity.errors import CellValue
from xlcity.workbook.migrate.leftovers import find_list
from xlcity.workbook.reading.records import day_text, plain_text, table_lines
from xlcity.xlsx.cells import ReadBook

SHEET = "ChangeLog"
LOG_COLUMNS = (
    "edition",
    "date",
    "who",
    "city",
    "node",
    "cell",
    "what",
    "from",
    "to",
    "why",
)
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


def read_log(book: ReadBook) -> tuple[LoggedChange, ...]:
    """Return the lines of a change log that say something."""
    if (area := find_list(book, SHEET)) is None:
        return ()
    changes = []
    for line in table_lines(book, area):
        values = (_logged_value(name, line[name]) for name in LOG_COLUMNS)
        changes.append(LoggedChange._make(values))
    return tuple(change for change in changes if change != LoggedChange())


def _logged_value(name: str, value: CellValue) -> str | float:
    """Return an entry: numbers only where values stand, a day that a program counts as a date."""
    if name in ("from", "to") and isinstance(value, (int, float)):
        return float(value)
    return day_text(value) if name == "date" else plain_text(value)
