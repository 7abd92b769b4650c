"""Which cells the formulas of a workbook name: a million references as columns of numbers."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from xlcity.recalc.engines.compiled.order import IntArray, join_ranges
from xlcity.recalc.engines.compiled.values import UntranslatableError

#: References of a formula; texts, in which there are none, are skipped.
_REFERENCE_PATTERN = re.compile(
    r"""
      "(?:[^"]|"")*"
    | ('(?:[^']|'')+'!|(?<![\w.·‧：])\w[\w.·‧：]*!)?(?<![\w.:$])
      (\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6}))(?::(\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})))?
      (?![\w.(!\[:])
    """,
    re.VERBOSE,
)


class ReferenceCut:
    """How to cut columns and rows out of formulas that have references at the same indices.

    Parameters
    ----------
    text
        One of the formulas.
    sheet
        The sheet of its cell.
    sheets
        Upper-case name -> name.

    Attributes
    ----------
    references
        Sheet of each reference, and which of the corners are its ends.
    is_range
        For each reference whether it is a range.
    skeleton
        The formula with its references taken out.
    between, columns, rows
        Functions that cut a formula: the pieces between the coordinates of corners, and these;
        `columns` and `rows` give nothing but for formulas with references.
    count
        How many pieces `columns` and `rows` give.
    """

    __slots__ = (
        "between",
        "columns",
        "count",
        "is_range",
        "references",
        "rows",
        "skeleton",
    )

    def __init__(self, text: str, sheet: str, sheets: Mapping[str, str]) -> None:
        """Find the references of a formula, and how to cut out their columns and rows."""
        self.references: list[tuple[str, int, int]] = []
        self.is_range: list[bool] = []
        #: Columns and rows in turn.
        coordinates: list[slice] = []
        skeleton_pieces: list[str] = []
        end = 0
        for match in _REFERENCE_PATTERN.finditer(text):
            if match[2] is None:
                continue
            is_range = match[5] is not None
            name = sheet if match[1] is None else sheets.get(_sheet_key(match[1]))
            if not name:
                raise UntranslatableError(f"the references of {text}")
            first = len(coordinates) // 2
            self.references.append((name, first, first + is_range))
            # C9:C9 is a range, though of one cell: its copies may have more.
            self.is_range.append(is_range)
            # Groups of the pattern: column and row of the first end, and of the last.
            groups = (3, 4, 6, 7) if is_range else (3, 4)
            coordinates += [slice(*match.span(group)) for group in groups]
            # In the skeleton \1 stands for a range, \2 for a cell.
            skeleton_pieces.append(text[end : match.start()])
            skeleton_pieces.append("\1" if is_range else "\2")
            end = match.end()
        self.skeleton = "".join([*skeleton_pieces, text[end:]])
        self.between: Callable[[str], object] = itemgetter(*_gaps_between(coordinates))
        # A single piece would come without its tuple.
        pieces = coordinates * 2 if len(coordinates) == 2 else coordinates
        self.count = len(pieces) // 2
        self.columns = _make_cutter(pieces[::2])
        self.rows = _make_cutter(pieces[1::2])


def _sheet_key(prefix: str) -> str:
    """Return the name of a sheet before a reference, with its !, in capitals."""
    if prefix[0] == "'":
        return prefix[1:-2].replace("''", "'").upper()
    return prefix[:-1].upper()


def _gaps_between(pieces: list[slice]) -> Iterator[slice]:
    """Yield what of a text is not cut out of it; nothing where pieces are side by side."""
    end = 0
    for piece in pieces:
        if piece.start != end:
            yield slice(end, piece.start)
        end = piece.stop
    yield slice(end, None)


def _make_cutter(pieces: list[slice]) -> Callable[[str], tuple[str, ...]]:
    """Return a function that cuts two pieces or more out of a text; none gives nothing."""
    if not pieces:
        return lambda _: ()
    return itemgetter(*pieces)


#: Sizes of ranges in bits: how many rows and columns a sheet may have.
_ROW_BITS = 21
_COLUMN_BITS = 15

#: Of an area: the index of its first cell, the step to the next column, rows and columns.
AreaSpec = tuple[int, int, int, int]


def _empty_int_array() -> array[int]:
    """Return an array for whole numbers: a list needs nine times the memory."""
    return array("i")


@dataclass(slots=True)
class FormulaTable:
    """The formulas of a workbook.

    Attributes
    ----------
    sheet_numbers
        Sheet -> its number.
    positions, sheets, shapes, cuts
        For each formula its row and column, and the numbers of its sheet, its shape and its
        `ReferenceCut`.
    arrays
        Number of an array formula -> the range that it fills.
    corner_columns, corner_rows
        What formulas name, as their cuts give it, one formula after the other.
    """

    sheet_numbers: Mapping[str, int]
    positions: array[int] = field(default_factory=_empty_int_array)
    sheets: array[int] = field(default_factory=_empty_int_array)
    shapes: array[int] = field(default_factory=_empty_int_array)
    arrays: dict[int, str] = field(default_factory=dict)
    cuts: array[int] = field(default_factory=_empty_int_array)
    corner_columns: array[int] = field(default_factory=_empty_int_array)
    corner_rows: array[int] = field(default_factory=_empty_int_array)
    _cut_sizes: list[tuple[int, int]] = field(default_factory=list)
    _cut_references: list[list[int]] = field(default_factory=list)

    def add_cut(self, cut: ReferenceCut) -> int:
        """Add a way to cut formulas; return its number."""
        self._cut_sizes.append((cut.count, len(cut.references)))
        for (name, *numbers), is_wide in zip(cut.references, cut.is_range, strict=True):
            self._cut_references.append([self.sheet_numbers[name], *numbers, is_wide])
        return len(self._cut_sizes) - 1

    def add_empty_cut(self) -> int:
        """Add a way to cut a formula that names no cells; return its number."""
        self._cut_sizes.append((0, 0))
        return len(self._cut_sizes) - 1

    def references(self) -> References:
        """Return the references of all formulas."""
        # Of each cut: how many corners it gives (pieces) and references it has (counts).
        cuts = np.array(self.cuts)
        pieces, counts = _columns_of(self._cut_sizes, 2)
        starts = np.cumsum(counts) - counts
        numbers = np.arange(len(cuts), dtype=np.int32)
        formulas = np.repeat(numbers, counts[cuts])
        cut_references = join_ranges(starts[cuts], counts[cuts])
        first_pieces = (np.cumsum(pieces[cuts]) - pieces[cuts])[formulas]
        columns = _columns_of(self._cut_references, 4)
        sheets, first, last, is_range = (column[cut_references] for column in columns)
        # `first` and `last` count from the first corner of the formula.
        upper, lower = self._sort_corners(first_pieces + first, first_pieces + last)
        return References(
            formulas,
            sheets,
            r1=upper[0],
            c1=upper[1],
            r2=lower[0],
            c2=lower[1],
            is_range=is_range.astype(bool),
        )

    def _sort_corners(
        self, firsts: IntArray, lasts: IntArray
    ) -> tuple[IntArray, IntArray]:
        """Return rows and columns of the upper left corners, and of the lower right ones.

        Corners are given by their numbers among those that all formulas name.
        """
        corners = np.array((self.corner_rows, self.corner_columns))
        first_corners = corners[:, firsts]
        last_corners = corners[:, lasts]
        return (
            np.minimum(first_corners, last_corners),
            np.maximum(first_corners, last_corners),
        )

    def addresses(self) -> IntArray:
        """Return an array of two rows: the rows of all formulas, and their columns."""
        return np.array(self.positions).reshape(-1, 2).T


@dataclass(frozen=True, slots=True)
class References:
    """All references: numbers of formula and sheet, corners, and whether it is a range."""

    formulas: IntArray
    sheets: IntArray
    r1: IntArray
    c1: IntArray
    r2: IntArray
    c2: IntArray
    is_range: NDArray[np.bool_]

    def last_rows_and_columns(self, sheets: int) -> tuple[IntArray, IntArray]:
        """Return for each of so many sheets the last row, and the last column, that is named."""
        rows = np.ones(sheets, dtype=np.int64)
        columns = np.ones(sheets, dtype=np.int64)
        np.maximum.at(rows, self.sheets, self.r2)
        np.maximum.at(columns, self.sheets, self.c2)
        return rows, columns

    def targets(
        self, offsets: IntArray, steps: IntArray
    ) -> tuple[IntArray, list[AreaSpec]]:
        """Return for each reference what it means, and the distinct ranges.

        A cell is given by its index in the list of all values, a range by its number among the
        distinct ones.

        Parameters
        ----------
        offsets, steps
            Of each sheet: the index of its first cell, and the step to the next column.
        """
        column_starts = offsets[self.sheets] + (self.c1 - 1) * steps[self.sheets]
        targets = column_starts + self.r1 - 1
        ranges = np.nonzero(self.is_range)[0]
        start = targets[ranges]
        r1 = self.r1[ranges]
        c1 = self.c1[ranges]
        heights = self.r2[ranges] - r1 + 1
        widths = self.c2[ranges] - c1 + 1
        # One number for each range, so that equal ranges are found by numpy.
        keys = (start << _ROW_BITS | heights) << _COLUMN_BITS | widths
        _, firsts, numbers = np.unique(keys, return_index=True, return_inverse=True)
        targets[ranges] = numbers
        columns = np.array((start, steps[self.sheets[ranges]], heights, widths))
        specs = map(tuple, columns.T[firsts].tolist())
        return targets.astype(np.int32), list(specs)


def area_columns(
    specs: IntArray,
) -> tuple[tuple[IntArray, IntArray, IntArray], IntArray]:
    """Return the cells of areas, column by column, without those that a shorter area has already.

    A shorter one begins at the same cell and has the same width. Areas that begin at one cell and
    end in each row below, as running sums have, would have half a square of cells.

    Parameters
    ----------
    specs
        A row for each area: see `AreaSpec`.

    Returns
    -------
    tuple
        The columns of all areas: index of the first cell, height, and number of the area; and for
        each area the shorter one that has the cells which are left out, or -1.
    """
    starts, steps, heights, widths = specs.T
    order = np.lexsort((heights, widths, starts))
    previous = order[:-1]
    following = order[1:]
    is_extended = (starts[previous] == starts[following]) & (
        widths[previous] == widths[following]
    )
    shorter = np.full(len(specs), -1)
    skipped = np.zeros_like(heights)
    shorter[following[is_extended]] = previous[is_extended]
    skipped[following[is_extended]] = heights[previous[is_extended]]
    return _split_into_columns(
        starts + skipped, steps, heights - skipped, widths
    ), shorter


def _split_into_columns(
    starts: IntArray, steps: IntArray, heights: IntArray, widths: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the columns of areas: index of the first cell, height, and number of the area.

    Of each area are given the index of its first cell, the step to the next column, its height and
    its width.
    """
    lefts = join_ranges(np.zeros_like(widths), widths) * np.repeat(steps, widths)
    number = np.repeat(np.arange(len(starts), dtype=np.int32), widths)
    return lefts + np.repeat(starts, widths), np.repeat(heights, widths), number


def cell_indices(offsets: IntArray, steps: IntArray, table: FormulaTable) -> IntArray:
    """Return for each formula the index of its cell in the list of all values.

    `grids` has for each sheet the `SheetGrid`: where its cells begin in this list, and its size.
    """
    rows, columns = table.addresses()
    column_starts = offsets[table.sheets] + (columns - 1) * steps[table.sheets]
    indices: IntArray = (column_starts + rows - 1).astype(np.int32)
    return indices


class Readings:
    """Which formulas read which cells, or which areas, in pieces as they are found."""

    def __init__(self) -> None:
        self._targets: list[IntArray] = []
        self._readers: list[IntArray] = []

    def add(self, targets: IntArray, readers: IntArray) -> None:
        """Note that a formula reads a cell or an area, for each of several readings."""
        self._targets.append(targets)
        self._readers.append(readers)

    def add_target(self, target: int, readers: IntArray) -> None:
        """Note that formulas, given by their numbers, read one cell or area."""
        targets = np.full(len(readers), target, dtype=np.int32)
        self.add(targets, readers.astype(np.int32))

    def targets(self) -> IntArray:
        """Return for each reading the index of the cell, or the number of the area."""
        return np.concatenate(self._targets)

    def readers(self) -> IntArray:
        """Return for each reading the number of the formula."""
        return np.concatenate(self._readers)


class FormulaRows:
    """Formulas as numbers: cell and shape of each, what reads what, array formulas.

    Parameters
    ----------
    indices, shapes
        Of each formula: the index of its cell, and the number of its shape.

    Attributes
    ----------
    numbers
        Parameter of a formula's code but the references -> its value for each formula.
    cells, areas
        Which formulas read which cells, by their indices, and which areas, by their numbers.
    spilled
        Of each array formula: its number, the index of its cell, the rows and columns of its range,
        and the step to the next column.
    """

    def __init__(self, indices: IntArray, shapes: IntArray) -> None:
        self.indices = indices
        self.shapes = shapes
        self.numbers = {"o": indices}
        self.cells = Readings()
        self.areas = Readings()
        self.spilled: list[tuple[int, int, int, int, int]] = []

    def add_array_range(self, formula: int, rows: int, columns: int, step: int) -> None:
        """Note that the array formula of a number fills a range of so many rows and columns.

        `step` leads from an index to that of the cell in the next column.
        """
        index = int(self.indices[formula])
        self.spilled.append((formula, index, rows, columns, step))
        for name, number in (("rows", rows), ("columns", columns), ("step", step)):
            if name not in self.numbers:
                self.numbers[name] = np.zeros(len(self.indices), dtype=np.int32)
            self.numbers[name][formula] = number


def _columns_of(numbers: Sequence[Sequence[int]], width: int) -> IntArray:
    """Return (width, n) columns of numbers that were listed row by row."""
    return np.array(numbers, dtype=np.int32).reshape(-1, width).T
