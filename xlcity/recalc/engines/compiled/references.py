"""Which cells the formulas of a workbook name: a million references as columns of numbers."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import numpy as np

from xlcity.recalc.engines.compiled.code import UntranslatableError
from xlcity.recalc.engines.compiled.order import ranges
from xlcity.xlsx.address import column_number

#: References of a formula; texts, in which there are none, are skipped.
_REFERENCE = re.compile(
    r"""
      "(?:[^"]|"")*"
    | ('(?:[^']|'')+'!|(?<![\w.])[^\W\d][\w.]*!)?(?<![\w.:$])
      (\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6}))(?::(\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})))?
      (?![\w.(!\[:])
    """,
    re.X,
)


class RowCut:
    """Where formulas that differ in digits name rows, and what stands between them.

    Parameters
    ----------
    text
        One of the formulas.
    sheet
        Where it stands.
    sheets
        Upper-case name -> name.

    Attributes
    ----------
    references
        Sheet, first and last column of each reference, and which of `rows` are its ends.
    wide
        Which references are ranges.
    skeleton
        The formula with its references taken out.
    between, rows
        What cuts the pieces out of a formula: all but the rows, and these; without references
        ``None``.
    count
        How many pieces `rows` gives.
    """

    __slots__ = ("between", "count", "references", "rows", "skeleton", "wide")

    def __init__(self, text: str, sheet: str, sheets: Mapping[str, str]) -> None:
        self.references: list[tuple[str, int, int, int, int]] = []
        self.wide: list[bool] = []
        rows: list[slice] = []
        rest: list[str] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            prefix, single_cell, left, _, other, right, _ = match.groups()
            if single_cell is None:
                continue
            name = sheet
            if prefix is not None:
                plain = prefix[1:-2].replace("''", "'") if prefix[0] == "'" else prefix[:-1]
                name = sheets.get(plain.upper(), "")
            first = last = len(rows)
            c1 = c2 = column_number(left)
            rows.append(slice(*match.span(4)))
            if other is not None:
                last, c2 = first + 1, column_number(right)
                rows.append(slice(*match.span(7)))
            if not name:
                raise UntranslatableError(f"the references of {text}")
            self.references.append((name, min(c1, c2), max(c1, c2), first, last))
            # C9:C9 is a range, though of one cell: its copies may have more.
            self.wide.append(other is not None)
            rest += text[end : match.start()], "\1" if self.wide[-1] else "\2"
            end = match.end()
        self.skeleton = "".join([*rest, text[end:]])
        ends, starts = (
            [0, *(single_cell.stop for single_cell in rows)],
            [*(single_cell.start for single_cell in rows), None],
        )
        self.between: Callable[[str], object] = itemgetter(*map(slice, ends, starts))
        # A single piece would come without its tuple.
        pieces = rows * 2 if len(rows) == 1 else rows
        self.rows: Callable[[str], tuple[str, ...]] | None = itemgetter(*pieces) if rows else None
        self.count = len(pieces)


#: Sizes of ranges in bits: how many rows and columns a sheet may have.
_ROW_BITS, _COLUMN_BITS = 21, 15

#: Of an area: its first cell, how far it is to the next column, rows and columns.
AreaSpec = tuple[int, int, int, int]


def _numbers() -> array[int]:
    """Return an array of numbers: a list needs nine times the memory."""
    return array("i")


@dataclass(slots=True)
class FormulaTable:
    """The formulas of a workbook.

    Attributes
    ----------
    sheet_numbers
        Sheet -> its number.
    positions, sheets, shapes, cuts
        For each formula its row and column, and the numbers of its sheet, its shape and its way to
        be cut.
    arrays
        Number of an array formula -> the range that it fills.
    rows
        The rows that formulas name, as their cuts give them, one formula after the other.
    """

    sheet_numbers: Mapping[str, int]
    positions: array[int] = field(default_factory=_numbers)
    sheets: array[int] = field(default_factory=_numbers)
    shapes: array[int] = field(default_factory=_numbers)
    arrays: dict[int, str] = field(default_factory=dict)
    cuts: array[int] = field(default_factory=_numbers)
    rows: array[int] = field(default_factory=_numbers)
    _cuts: list[tuple[int, int]] = field(default_factory=list)
    _references: list[list[int]] = field(default_factory=list)

    def add_cut(self, cut: RowCut, wide: Sequence[bool]) -> int:
        """Return the number of a way to cut formulas, of which code takes some names as ranges."""
        self._cuts.append((cut.count, len(wide)))
        for (name, *numbers), is_wide in zip(cut.references, wide, strict=True):
            self._references.append([self.sheet_numbers[name], *numbers, is_wide])
        return len(self._cuts) - 1

    def without_references(self) -> int:
        """Return the number of a way to cut nothing out."""
        self._cuts.append((0, 0))
        return len(self._cuts) - 1

    def references(self) -> References:
        """Return what all formulas name."""
        cuts, rows = np.array(self.cuts), np.array(self.rows)
        pieces, counts = np.array(self._cuts, dtype=np.int32).reshape(-1, 2).T
        starts = np.cumsum(counts) - counts
        formulas = np.repeat(np.arange(len(cuts), dtype=np.int32), counts[cuts])
        which = ranges(starts[cuts], counts[cuts])
        begins = (np.cumsum(pieces[cuts]) - pieces[cuts])[formulas]
        columns = np.array(self._references, dtype=np.int32).reshape(-1, 6).T
        sheets, c1, c2, first, last, wide = (column[which] for column in columns)
        r1, r2 = rows[begins + first], rows[begins + last]
        r1, r2 = np.minimum(r1, r2), np.maximum(r1, r2)
        return References(formulas, sheets, r1, c1, r2, c2, wide.astype(bool))

    def addresses(self) -> Any:
        """Return the rows of all formulas, and their columns."""
        return np.array(self.positions).reshape(-1, 2).T


@dataclass(frozen=True, slots=True)
class References:
    """References one after the other: the formula, what it names, and whether it is a range."""

    formulas: Any
    sheets: Any
    r1: Any
    c1: Any
    r2: Any
    c2: Any
    wide: Any

    def reach(self, sheets: int) -> tuple[Any, Any]:
        """Return the last row and the last column that are named on each sheet."""
        rows, columns = np.ones(sheets, dtype=np.int64), np.ones(sheets, dtype=np.int64)
        np.maximum.at(rows, self.sheets, self.r2)
        np.maximum.at(columns, self.sheets, self.c2)
        return rows, columns

    def targets(self, offsets: Any, steps: Any) -> tuple[Any, list[AreaSpec]]:
        """Return the place of each cell and the number of each range, and the ranges.

        Parameters
        ----------
        offsets, steps
            Where the cells of each sheet begin, and how far it is to the next column.
        """
        places = offsets[self.sheets] + (self.c1 - 1) * steps[self.sheets] + self.r1 - 1
        wide = np.nonzero(self.wide)[0]
        start, r1, c1 = places[wide], self.r1[wide], self.c1[wide]
        heights, widths = self.r2[wide] - r1 + 1, self.c2[wide] - c1 + 1
        keys = (start << _ROW_BITS | heights) << _COLUMN_BITS | widths
        _, firsts, numbers = np.unique(keys, return_index=True, return_inverse=True)
        places[wide] = numbers
        columns = (start, steps[self.sheets[wide]], heights, widths)
        specs = zip(*(column[firsts].tolist() for column in columns), strict=True)
        return places.astype(np.int32), list(specs)


def area_columns(specs: Any) -> tuple[tuple[Any, Any, Any], Any]:
    """Return which cells areas have, those with one corner and width in common counted once.

    Areas that begin at one cell and end in each row below would be half a square of the rows.

    Returns
    -------
    tuple
        The columns of all areas: first cell, height, and number of the area; and for each area the
        one that has the cells which are left out, or -1.
    """
    starts, steps, heights, widths = specs.T
    order = np.lexsort((heights, widths, starts))
    shorter, longer = order[:-1], order[1:]
    same = (starts[shorter] == starts[longer]) & (widths[shorter] == widths[longer])
    before, skipped = np.full(len(specs), -1), np.zeros_like(heights)
    before[longer[same]] = shorter[same]
    skipped[longer[same]] = heights[shorter[same]]
    return columns_of(starts + skipped, steps, heights - skipped, widths), before


def columns_of(starts: Any, steps: Any, heights: Any, widths: Any) -> tuple[Any, Any, Any]:
    """Return the columns of areas, column by column: first cell, height, and number of the area."""
    lefts = ranges(np.zeros_like(widths), widths) * np.repeat(steps, widths)
    number = np.repeat(np.arange(len(starts), dtype=np.int32), widths)
    return lefts + np.repeat(starts, widths), np.repeat(heights, widths), number


def places_of(grids: Mapping[str, Any], table: FormulaTable) -> Any:
    """Return where formulas stand among all values."""
    offsets = np.array([grids[name].offset for name in table.sheet_numbers])
    steps = np.array([grids[name].rows for name in table.sheet_numbers])
    rows, columns = table.addresses()
    places = offsets[table.sheets] + (columns - 1) * steps[table.sheets] + rows - 1
    return places.astype(np.int32)


class FormulaRows:
    """Formulas as numbers: place and shape of each, what reads what, array formulas.

    Parameters
    ----------
    places, shapes
        Of each formula.

    Attributes
    ----------
    numbers
        Parameter of a function (not a reference) -> what it is for each formula.
    cells, areas
        What is read, and by which formula.
    """

    def __init__(self, places: Any, shapes: Any) -> None:
        self.places, self.shapes = places, shapes
        self.numbers = {"o": places}
        self.cells: tuple[list[Any], list[Any]] = [], []
        self.areas: tuple[list[Any], list[Any]] = [], []
        self.spilled: list[tuple[int, int, int, int, int]] = []

    def reads(self, formulas: Any, target: int, wide: bool) -> None:
        """Note that formulas read an area or a cell."""
        targets, readers = self.areas if wide else self.cells
        targets.append(np.full(len(formulas), target, dtype=np.int32))
        readers.append(formulas.astype(np.int32))

    def fills(self, formula: int, rows: int, columns: int, step: int) -> None:
        """Note that an array formula fills a range."""
        self.spilled.append((formula, int(self.places[formula]), rows, columns, step))
        for name, number in (("rows", rows), ("columns", columns), ("step", step)):
            if name not in self.numbers:
                self.numbers[name] = np.zeros(len(self.places), dtype=np.int32)
            self.numbers[name][formula] = number

    def readings(self) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """Return what is read and by which formula: cells first, then areas."""
        (a, b), (c, d) = self.cells, self.areas
        return (np.concatenate(a), np.concatenate(b)), (np.concatenate(c), np.concatenate(d))
