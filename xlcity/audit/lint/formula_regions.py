"""Rectangles of one formula: what a reviewer reads once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Position


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of cells with the same formula in R1C1 form."""

    key: str
    area: Range

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return self.area.rows * self.area.columns

    @property
    def place(self) -> str:
        """The range without its sheet."""
        first = cell_name(self.area.r1, self.area.c1)
        last = cell_name(self.area.r2, self.area.c2)
        return first if first == last else f"{first}:{last}"


def regions(subject: Subject, sheet: str) -> Iterator[Region]:
    """Yield the rectangles of a sheet, in reading order: as wide as they go, then as high."""
    keys = subject.keys(sheet)
    done: set[Position] = set()
    for row, column in sorted(keys):
        if (row, column) in done:
            continue
        key = keys[row, column]

        def same(r: int, c: int, key: str = key) -> bool:
            return keys.get((r, c)) == key and (r, c) not in done

        down = row
        while same(down + 1, column):
            down += 1
        right = column
        while all(same(r, right + 1) for r in range(row, down + 1)):
            right += 1
        if right == column and down == row:
            while same(row, right + 1):
                right += 1
        done.update((r, c) for r in range(row, down + 1) for c in range(column, right + 1))
        yield Region(key, Range(sheet, row, column, down, right))
