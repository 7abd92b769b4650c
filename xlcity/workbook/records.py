"""Tables of a workbook as rows of cells with their addresses, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

from xlcity.errors import CellValue, Problem, Where
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Book, resolve

#: A table row: column -> (value, address).
Record = dict[str, tuple[CellValue, Where]]


def plain_text(value: CellValue) -> str:
    """Return a cell as text: a whole number without its decimal point, a blank as ""."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def match_key(value: CellValue) -> tuple[str, str]:
    """Return what two cells have alike when MATCH finds one by the other."""
    return type(value).__name__, plain_text(value).casefold()


def number_of(value: CellValue) -> float | None:
    """Return the number that a cell holds; TRUE is none."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


class CellReader:
    """Reads cells by the names of the contract and gathers what is wrong with them."""

    def __init__(self, book: Book, file: str) -> None:
        self.book, self.file = book, file
        self.problems: list[Problem] = []

    def one(self, name: str) -> str:
        """Return the text of a one-cell name."""
        return plain_text(self.book.block(resolve(self.book, name))[0][0])

    def records(self, name: str, more: int = 0) -> list[Record]:
        """Return the rows below a header row, each cell with its address.

        `more` rows below the range belong to it, too.
        """
        area = resolve(self.book, name)
        area = replace(area, r2=area.r2 + more)
        header, *rows = self.book.block(area)
        return [
            {
                plain_text(title): (
                    value,
                    Where(self.file, area.sheet, cell_name(area.r1 + down, area.c1 + right)),
                )
                for right, (title, value) in enumerate(zip(header, row, strict=True))
            }
            for down, row in enumerate(rows, 1)
        ]

    def wrong(self, code: str, message: str, hint: str, where: Where, **more: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, message, hint, replace(where, **more)))
