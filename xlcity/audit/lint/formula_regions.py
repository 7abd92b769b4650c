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


def keys_of(subject: Subject, sheet: str) -> dict[Position, str]:
    """Return the key of each formula of a sheet; members of an array range have their anchor's."""
    found = {}
    for position, cell in subject.cells(sheet).items():
        if cell.formula is not None:
            made = subject.form(sheet, position)
            assert made is not None
            found[position] = made.key if cell.array is None else f"{{{made.key}}}"
        elif cell.in_array is not None:
            made = subject.form(sheet, cell.in_array)
            if made is not None:
                found[position] = f"{{{made.key}}}"
    return found


def regions(subject: Subject, sheet: str) -> Iterator[Region]:
    """Yield the rectangles of a sheet, in reading order: as wide as they go, then as high."""
    keys = keys_of(subject, sheet)
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
