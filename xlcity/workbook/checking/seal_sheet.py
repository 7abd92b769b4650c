"""A seal inside its workbook: the sheet `Seal`, one line of the text a row.

People read it there, and it survives the loss of the file beside the workbook. The sheet itself is
no part of what is sealed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlcity.workbook.migrate.leftovers import KEYS, list_book
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.editing.patch import CellEntry, write_entries
from xlcity.xlsx.editing.transplant import copy_sheets
from xlcity.xlsx.package import Package

SHEET = "Seal"
#: First line; a seal with another one was written by another version and is not read.
HEAD = "xlcity seal 6"
#: A cell holds 32,767 characters: longer lines go on in the next column.
_LONGEST = 30_000
#: What stands for a tab, and what stands before a sign that does not.
_TAB = "⇥"
_PLAIN = "⇤"


def with_seal(package: Package, text: str, language: str) -> Package:
    """Return a workbook with its seal on the sheet, in the place of an older one."""
    book = read_book(package)
    lines = [[*_pieces(line)] for line in text.split("\n")]
    if not has_seal(book):
        return copy_sheets(list_book(SHEET, lines, language), package, {SHEET: SHEET})
    old_cells = (
        position for position in book.sheets[SHEET].cells if position[0] > KEYS
    )
    entries: dict[Position, CellEntry] = dict.fromkeys(old_cells, CellEntry())
    for row, pieces in enumerate(lines, KEYS + 1):
        entries |= {
            (row, column): CellEntry(piece) for column, piece in enumerate(pieces, 1)
        }
    return write_entries(package, {SHEET: entries}, book)


def has_seal(book: ReadBook) -> bool:
    """Tell whether a workbook carries a seal, and not another sheet of that name."""
    return SHEET in book.sheets and book.value(SHEET, KEYS + 1, 1) == HEAD


def seal_of(book: ReadBook) -> str:
    """Return the text of the seal that a workbook carries."""
    rows: dict[int, str] = {}
    for (row, _), cell in sorted(book.sheets[SHEET].cells.items()):
        rows[row] = rows.get(row, "") + plain_text(cell.value)
    numbers = range(KEYS + 1, max(rows) + 1)
    lines = (rows.get(number, "") for number in numbers)
    back = re.compile(f"{_PLAIN}(.)|{_TAB}")

    def plain(match: re.Match[str]) -> str:
        return match[1] or "\t"

    return "".join(back.sub(plain, line) + "\n" for line in lines)


def _pieces(line: str) -> Iterator[str]:
    safe = re.sub(f"[{_PLAIN}{_TAB}]", lambda match: _PLAIN + match[0], line)
    safe = safe.replace("\t", _TAB)
    yield from (
        safe[start : start + _LONGEST] for start in range(0, len(safe), _LONGEST)
    )
