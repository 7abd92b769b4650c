"""Addresses as formulas write them: columns, cells, ranges and blocks of one sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from xlcity.methods.formulas import varies_condition
from xlcity.xlsx.address import Range, column_letters, find_runs, quote_sheet


class Fix(StrEnum):
    """What of an address stays as it is where a formula is copied."""

    NONE = ""
    ROW = "r"
    COLUMN = "c"
    BOTH = "rc"


_COLUMN_SIGN = {
    Fix.NONE: "",
    Fix.ROW: "",
    Fix.COLUMN: "$",
    Fix.BOTH: "$",
}
_ROW_SIGN = {
    Fix.NONE: "",
    Fix.ROW: "$",
    Fix.COLUMN: "",
    Fix.BOTH: "$",
}


def cell(row: int, column: int, fix: Fix = Fix.NONE) -> str:
    """Return an address."""
    return f"{_COLUMN_SIGN[fix]}{column_letters(column)}{_ROW_SIGN[fix]}{row}"


def spread(
    values: str,
    n: str,
    low: str,
    high: str,
    ddof: str,
) -> str:
    """Return the standard deviation by n - ddof, "" for too few numbers or equal ones."""
    deviation = f"_xlfn.STDEV.P({values})*SQRT({n}/({n}-{ddof}))"
    return f'IF({n}>{ddof},IF({varies_condition(low, high)},{deviation},""),"")'


def pick(source: str, position: str) -> str:
    """Return the formula of the cell at a position of a column, "" where there is no position."""
    return f'IF({position}="","",INDEX({source},{position}))'


def along(cells: str, position: str) -> str:
    """Return the cell at a position of a row; where that is one cell, the cell without INDEX."""
    return f"INDEX({cells},1,{position})" if ":" in cells else cells


def nested_if(cases: Mapping[str, object], otherwise: str) -> str:
    """Return the formula of the value of the first condition that holds, by condition.

    >>> nested_if({"A1>2": 1, "A1>1": 2}, "3")
    'IF(A1>2,1,IF(A1>1,2,3))'
    """
    tests = "".join(f"IF({condition},{value}," for condition, value in cases.items())
    return f"{tests}{otherwise}{')' * len(cases)}"


class Area(Range):
    """A rectangle of cells on a sheet, as XlsxWriter and formulas take it."""

    __slots__ = ()

    @classmethod
    def of_column(cls, sheet: str, column: int, first: int, last: int) -> Area:
        """Return the cells of a column from a first row to a last."""
        return cls(sheet, r1=first, c1=column, r2=last, c2=column)

    @classmethod
    def of_row(cls, sheet: str, row: int, first: int, last: int) -> Area:
        """Return the cells of a row from a first column to a last."""
        return cls(sheet, r1=row, c1=first, r2=row, c2=last)

    @property
    def from_zero(self) -> tuple[int, int, int, int]:
        """First row, first column, last row and last column as XlsxWriter counts them."""
        return self.r1 - 1, self.c1 - 1, self.r2 - 1, self.c2 - 1

    def ref(self, fix: Fix = Fix.BOTH, home: str | None = None) -> str:
        """Return the range as text, with its sheet unless `home` is that sheet."""
        first = cell(self.r1, self.c1, fix)
        last = cell(self.r2, self.c2, fix)
        text = first if first == last else f"{first}:{last}"
        return text if home == self.sheet else f"{quote_sheet(self.sheet)}!{text}"


@dataclass(frozen=True, slots=True)
class Block:
    """Columns with a code each over the unit rows of a sheet.

    `columns` maps position to code; column j of the block is sheet column `left + j`.
    """

    sheet: str
    left: int
    codes: tuple[str, ...]
    first_row: int
    last_row: int

    @property
    def right(self) -> int:
        """The last sheet column."""
        return self.left + len(self.codes) - 1

    def column(self, code: str) -> int:
        """Return the sheet column of a code."""
        return self.left + self.codes.index(code)

    def at(
        self,
        code: str,
        row: int,
        home: str,
        fix: Fix = Fix.NONE,
    ) -> str:
        """Return the reference to one cell of a code's column."""
        text = cell(row, self.column(code), fix)
        return text if home == self.sheet else f"{quote_sheet(self.sheet)}!{text}"

    def over(self, code: str, home: str, fix: Fix = Fix.ROW) -> str:
        """Return the reference to a code's whole column."""
        return self.span((code,)).ref(fix, home)

    def span(self, codes: tuple[str, ...] = ()) -> Area:
        """Return the rectangle of adjacent codes over the unit rows (all codes if none named)."""
        return self.rows_of(codes or self.codes, self.first_row, self.last_row)

    def rows_of(self, codes: tuple[str, ...], first: int, last: int) -> Area:
        """Return the rectangle of adjacent codes over the rows named."""
        columns = [self.column(code) for code in codes]
        if columns != list(range(columns[0], columns[0] + len(columns))):
            raise ValueError(f"{codes} do not stand side by side on {self.sheet}")
        return Area(
            self.sheet,
            r1=first,
            c1=columns[0],
            r2=last,
            c2=columns[-1],
        )

    def runs_of(
        self,
        codes: tuple[str, ...],
        row: int,
    ) -> tuple[Area, ...]:
        """Return the cells of some codes in a row, a rectangle for each run of adjacent ones."""
        runs = find_runs(self.column(code) for code in codes)
        return tuple(Area.of_row(self.sheet, row, first, last) for first, last in runs)


@dataclass(frozen=True, slots=True)
class PickedBlock(Block):
    """Columns of a sheet that do not stand side by side, with a code each."""

    columns: tuple[int, ...] = ()

    def column(self, code: str) -> int:
        """Return the sheet column of a code."""
        return self.columns[self.codes.index(code)]
