"""What a cell of a template is about: a city and a code, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xlcity.workbook.layout import CODE, FRAMEWORK_HEADER, IN_CODE
from xlcity.workbook.records import plain_text
from xlcity.workbook.sheets.sources import FIRST_INDICATOR
from xlcity.xlsx.cells import Book, Position

#: Row of static codes above the columns; on every other sheet it is that of the calculations.
HEADERS = {
    "Framework": FRAMEWORK_HEADER,
    "Sources": FIRST_INDICATOR - 1,
    "Data": IN_CODE,
    "Cities": IN_CODE,
}
#: Sheets whose rows are nodes, not cities.
BY_NODE = ("Framework", "Sources")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A cell by what it is about.

    Attributes
    ----------
    sheet
        The sheet.
    row, column
        What the row and the column stand for: a city, a node, a code, a heading. "" where they
        stand for nothing; the cell is then known by its address alone.
    nth
        Which of the columns with that code, from 0.
    position
        Row and column where they stand for nothing, else 0: two cells about the same are equal.
    """

    sheet: str
    row: str
    column: str
    nth: int
    position: Position

    @property
    def firm(self) -> bool:
        """Whether the cell is known by more than its address."""
        return bool(self.row and self.column)

    @property
    def unit(self) -> str:
        """The city the cell is about, "" for none."""
        return "" if self.sheet in BY_NODE else self.row

    @property
    def code(self) -> str:
        """The node or heading the cell is about, "" for none."""
        return self.row if self.sheet in BY_NODE else self.column


class Anchors:
    """Finds what cells are about, and the cells that are about something.

    Parameters
    ----------
    book
        The cells of a template.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    def of(self, sheet: str, position: Position) -> Anchor:
        """Return what a cell is about."""
        rows, columns = self._keys.get(sheet, ({}, {}))
        row = rows.get(position[0], "")
        column, nth = columns.get(position[1], ("", 0))
        unknown = 0 if row else position[0], 0 if column else position[1]
        return Anchor(sheet, row, column, nth, unknown)

    def find(self, anchor: Anchor) -> Position | None:
        """Return where the cell stands in this book; ``None`` if there is none any more."""
        if anchor.sheet not in self._book.sheets:
            return None
        rows, columns = self._places.get(anchor.sheet, ({}, {}))
        row = rows.get(anchor.row) if anchor.row else anchor.position[0]
        key = (anchor.column, anchor.nth)
        column = columns.get(key) if anchor.column else anchor.position[1]
        if row is None or column is None:
            return None
        return row, column

    @cached_property
    def _keys(self) -> Mapping[str, tuple[dict[int, str], dict[int, tuple[str, int]]]]:
        found = {}
        for name, sheet in self._book.sheets.items():
            header = HEADERS.get(name, CODE)
            cells = sheet.cells
            columns: dict[int, tuple[str, int]] = {}
            seen: dict[str, int] = {}
            for (row, column), cell in sorted(cells.items()):
                # Codes are static text; a formula there shows something else.
                if row == header and not cell.computed and plain_text(cell.value):
                    code = plain_text(cell.value)
                    columns[column] = code, seen.get(code, 0)
                    seen[code] = seen.get(code, 0) + 1
            if not columns:
                continue
            rows: dict[int, str] = {}
            for (row, column), cell in sorted(cells.items()):
                key = plain_text(cell.value)
                if column == 1 and row > header and key and key not in rows.values():
                    rows[row] = key
            found[name] = rows, columns
        return found

    @cached_property
    def _places(self) -> Mapping[str, tuple[dict[str, int], dict[tuple[str, int], int]]]:
        return {
            name: ({k: n for n, k in rows.items()}, {k: n for n, k in columns.items()})
            for name, (rows, columns) in self._keys.items()
        }
