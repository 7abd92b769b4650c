"""The cells of a sheet as columns; a cell becomes an object only when it is needed.

A workbook has tens of thousands of cells and most work needs one column of them: all values, or
all formulas.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property, wraps
from itertools import compress
from operator import not_
from string import ascii_letters, digits
from typing import Any, TypeVar

from xlcity.errors import CellValue
from xlcity.grouping import grouped
from xlcity.xlsx.parts import parse_index

#: (row, column), both from 1.
Position = tuple[int, int]

_T = TypeVar("_T")

# Reads letters and digits as any others of their kind; no row begins with 0.
_CUT_KEY = bytes.maketrans(
    f"{ascii_letters}{digits}".encode(), f"{'a' * 26}{'A' * 26}0{'1' * 9}".encode()
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes
    ----------
    value
        The stored value.
    formula
        The formula without ``=``; shared formulas are expanded. ``None`` for a constant and for
        the cells of an array range beside its anchor.
    array
        On the anchor of an array formula: its range, ``B2:D9``.
    in_array
        On the other cells of an array range: where the anchor is.
    style
        Index of the cell format.
    """

    value: CellValue
    formula: str | None = None
    array: str | None = None
    in_array: Position | None = None
    style: int = 0

    @property
    def computed(self) -> bool:
        """Whether a formula gives the value: its own, or that of an array range."""
        return self.formula is not None or self.in_array is not None


def _computed_once(make: Callable[[CellTable], _T]) -> Callable[[CellTable], _T]:
    """Return a method that is computed once for a table and its copies with other values."""

    @wraps(make)
    def make_once(table: CellTable) -> _T:
        """Return what the method computed before, or compute it."""
        return table.keep(make.__name__, None, lambda: make(table))

    return make_once


class CellTable(Mapping[Position, Cell]):
    """Cells by position, held as columns in the order of the file.

    Parameters
    ----------
    positions, values, formulas, styles
        A column each; a formula is None where there is none. Styles are indices of cell formats as
        written, None or "" for the first one.
    arrays
        Anchor of an array formula -> its range.
    members
        Other cells of array ranges -> their anchor.
    elements
        How many cells have an element, if all are written in one way, so that a `CutSheet` can be
        made; else 0.
    """

    def __init__(
        self,
        positions: list[Position],
        values: list[CellValue],
        formulas: Sequence[str | None],
        styles: Sequence[str | None],
        arrays: dict[Position, str],
        members: dict[Position, Position],
        elements: int,
    ) -> None:
        self.positions = positions
        self.stored = values
        self.formulas = formulas
        self.arrays = arrays
        self.members = members
        self.elements = elements
        self.styles = styles
        self._kept: dict[str, tuple[object, Any]] = {}
        self._kept_of_values: dict[str, tuple[object, Any]] = {}
        self._index = dict(zip(positions, range(len(positions)), strict=True))

    def with_results(self, results: Mapping[Position, CellValue]) -> CellTable:
        """Return the same cells with other stored values at some positions."""
        new = copy(self)  # what is kept of the formulas stays true
        new.stored = self.stored.copy()
        new._kept_of_values = {}
        for position, value in results.items():
            new.stored[self._index[position]] = value
        return new

    def keep(
        self,
        name: str,
        basis: object,
        make: Callable[[], _T],
        *,
        values: bool = False,
    ) -> _T:
        """Return what `make` gives; it is called again only for another basis.

        What it gives may follow from all of the sheet's part but its values: copies with other
        values share it, under its name. With `values` it may follow from these, too.
        """
        entries = self._kept_of_values if values else self._kept
        if name not in entries or entries[name][0] != basis:
            entries[name] = basis, make()
        content: _T = entries[name][1]
        return content

    def __getitem__(self, position: Position) -> Cell:
        """Return the cell of (row, column) as an object; `KeyError` if it is not there."""
        index = self._index[position]
        return Cell(
            self.stored[index],
            self.formulas[index],
            array=self.arrays.get(position),
            in_array=self.members.get(position),
            style=parse_index(self.styles[index] or ""),
        )

    @cached_property
    def formula_flags(self) -> bytes:
        """For each cell 1 if it has a formula, else 0."""
        return bytes([text is not None for text in self.formulas])

    def constants(self) -> Iterator[tuple[Position, CellValue]]:
        """Yield the cells that hold a value and no formula."""
        columns = zip(self.positions, self.stored, self.formula_flags, strict=True)
        return (
            (position, value)
            for position, value, has_formula in columns
            if not has_formula and value is not None
        )

    def __iter__(self) -> Iterator[Position]:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.positions)

    def __contains__(self, position: object) -> bool:
        return position in self._index

    def _formats_by_style(self) -> dict[str | None, int]:
        """Return the index of each cell format by what is written."""
        return {style: parse_index(style or "") for style in set(self.styles)}

    def objects(self) -> dict[Position, Cell]:
        """Return all cells as `Cell` objects by position."""
        arrays = self.arrays.get
        members = self.members.get
        formats = self._formats_by_style()
        columns = zip(
            self.positions, self.stored, self.formulas, self.styles, strict=True
        )
        return {
            position: Cell(
                value,
                formula,
                arrays(position),
                members(position),
                style=formats[style],
            )
            for position, value, formula, style in columns
        }

    @_computed_once
    def formats(self) -> list[tuple[Position, str]]:
        """Return the cells that are not empty, each with the index of its format as written."""
        members = self.members
        nothing = (None, "")
        columns = zip(
            self.positions, self.stored, self.formula_flags, self.styles, strict=True
        )
        return [
            (position, style or "")
            for position, value, has_formula, style in columns
            if has_formula or value not in nothing or position in members
        ]

    def typed(self, kind: type[_T]) -> list[tuple[Position, _T, int]]:
        """Return the cells with a typed value of a type, each with the index of its format."""
        cells = self._typed_cells()
        stored = self.stored

        def find() -> list[tuple[Position, _T, int]]:
            found = []
            for index, position, style in cells:
                value = stored[index]
                if isinstance(value, kind):
                    found.append((position, value, style))
            return found

        return self.keep(f"typed {kind}", None, find, values=True)

    @_computed_once
    def _typed_cells(self) -> list[tuple[int, Position, int]]:
        """Return the index, position and format of the cells whose value no formula gives."""
        formats = map(self._formats_by_style().__getitem__, self.styles)
        columns = zip(range(len(self)), self.positions, formats, strict=True)
        return [*compress(columns, map(not_, self.computed_flags()))]

    def has_distinct_positions(self) -> bool:
        """Return whether every position is in the table once."""
        return len(self._index) == len(self.positions)

    def value(self, position: Position) -> CellValue:
        """Return a stored value; a cell that is not there is blank."""
        index = self._index.get(position)
        return None if index is None else self.stored[index]

    def formula(self, position: Position) -> str | None:
        """Return the own formula of a cell, None for none."""
        index = self._index.get(position)
        return None if index is None else self.formulas[index]

    def values_at(self, positions: Iterable[Position]) -> list[CellValue]:
        """Return the stored values at some positions; None for a cell that is not in the file."""
        indices = map(self._index.get, positions)
        return [None if index is None else self.stored[index] for index in indices]

    def find_indices(self, positions: Iterable[Position]) -> list[int]:
        """Return the index that each cell has in the table; -1 for one that is not in the file.

        Copies with other values have the same.
        """
        return [self._index.get(position, -1) for position in positions]

    def values_in(self, indices: Iterable[int]) -> list[CellValue]:
        """Return the stored values of the cells that `find_indices` found; None for no cell."""
        stored = [*self.stored, None]
        return [*map(stored.__getitem__, indices)]

    def file_indices(self, positions: Iterable[Position]) -> list[int] | None:
        """Return the index of each cell among those of the file.

        None if one is not in the file, or cells are written in several ways (`elements` is 0).
        """
        try:
            indices = [self._index[position] for position in positions]
        except KeyError:
            return None
        return indices if max(indices, default=-1) < self.elements else None

    @_computed_once
    def computed(self) -> list[Position]:
        """Return the cells whose value a formula gives, in the order of the file."""
        return list(compress(self.positions, self.computed_flags()))

    @_computed_once
    def computed_flags(self) -> bytes:
        """Return for each cell 1 if a formula gives its value, else 0."""
        members = self.members
        pairs = zip(self.positions, self.formula_flags, strict=True)
        return bytes(
            [has_formula or position in members for position, has_formula in pairs]
        )

    def results(self) -> list[CellValue]:
        """Return the stored values of the cells that `computed` returns."""
        return list(compress(self.stored, self.computed_flags()))

    @_computed_once
    def extent(self) -> tuple[int, int]:
        """Return the last row and column with a cell."""
        if not self.positions:
            return 1, 1
        rows, columns = zip(*self.positions, strict=True)
        return max(rows), max(columns)

    @_computed_once
    def columns(self) -> dict[int, list[Position]]:
        """Return the positions of the cells by the number of their column."""
        return grouped((position[1], position) for position in self.positions)

    @_computed_once
    def texts(self) -> dict[Position, str]:
        """Return position -> formula of the cells that have a formula of their own."""
        pairs = zip(self.positions, self.formulas, strict=True)
        return {position: text for position, text in pairs if text is not None}

    @_computed_once
    def digest(self) -> bytes:
        """Return a SHA-256 digest of the formulas, their positions, and the order of results."""
        # Version 2 of marshal writes the same bytes for the same formulas.
        computed = self.computed() if self.members else ()
        content = marshal.dumps((self.texts(), computed), 2)
        return hashlib.sha256(content).digest()

    @_computed_once
    def cut_keys(self) -> list[str]:
        """Return the `cut_keys` of `texts`."""
        return cut_keys([*self.texts().values()])


def cut_keys(formulas: Sequence[str]) -> list[str]:
    """Return a key for each formula: those with the same have references at the same indices.

    It is the formula with other letters and digits. Most copies of a formula have the same.
    """
    joined = "\0".join(formulas).encode("utf-8", "surrogatepass").translate(_CUT_KEY)
    keys = joined.decode("utf-8", "surrogatepass").split("\0") if formulas else []
    # Equal keys become one object.
    distinct: dict[str, str] = {}
    return list(map(distinct.setdefault, keys, keys))
