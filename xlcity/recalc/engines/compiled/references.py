"""Which cells the formulas of a workbook name: a million references as columns of numbers."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping
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
            prefix = match[1]
            is_range = match[5] is not None
            name = sheet
            if prefix is not None:
                unquoted = (
                    prefix[1:-2].replace("''", "'") if prefix[0] == "'" else prefix[:-1]
                )
                name = sheets.get(unquoted.upper(), "")
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
            skeleton_pieces += text[end : match.start()], "\1" if is_range else "\2"
            end = match.end()
        self.skeleton = "".join([*skeleton_pieces, text[end:]])
        ends = [0, *(piece.stop for piece in coordinates)]
        starts = [*(piece.start for piece in coordinates), None]
        gaps = [
            slice(*gap) for gap in zip(ends, starts, strict=True) if gap[0] != gap[1]
        ]
        self.between: Callable[[str], object] = itemgetter(*gaps)
        # A single piece would come without its tuple.
        pieces = coordinates * 2 if len(coordinates) == 2 else coordinates
        self.count = len(pieces) // 2
        self.columns, self.rows = (
            itemgetter(*pieces[start::2]) if pieces else lambda _: ()
            for start in (0, 1)
        )


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
        pieces, counts = np.array(self._cut_sizes, dtype=np.int32).reshape(-1, 2).T
        starts = np.cumsum(counts) - counts
        formulas = np.repeat(np.arange(len(cuts), dtype=np.int32), counts[cuts])
        cut_references = join_ranges(starts[cuts], counts[cuts])
        first_pieces = (np.cumsum(pieces[cuts]) - pieces[cuts])[formulas]
        numbers = np.array(self._cut_references, dtype=np.int32).reshape(-1, 4).T
        sheets, first, last, is_range = (number[cut_references] for number in numbers)
        # `first` and `last` count from the first corner of the formula.
        corners = np.array((self.corner_rows, self.corner_columns))
        both = corners[:, first_pieces + first], corners[:, first_pieces + last]
        (r1, c1), (r2, c2) = np.minimum(*both), np.maximum(*both)
        return References(formulas, sheets, r1, c1, r2, c2, is_range.astype(bool))

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
        targets = (
            offsets[self.sheets] + (self.c1 - 1) * steps[self.sheets] + self.r1 - 1
        )
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
        columns = (start, steps[self.sheets[ranges]], heights, widths)
        specs = zip(*(column[firsts].tolist() for column in columns), strict=True)
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
    places = offsets[table.sheets] + (columns - 1) * steps[table.sheets] + rows - 1
    indices: IntArray = places.astype(np.int32)
    return indices


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
        Indices of cells and numbers of areas that are read, and the formulas that read them.
    spilled
        Of each array formula: its number, the index of its cell, the rows and columns of its range,
        and the step to the next column.
    """

    def __init__(self, indices: IntArray, shapes: IntArray) -> None:
        self.indices = indices
        self.shapes = shapes
        self.numbers = {"o": indices}
        self.cells: tuple[list[IntArray], list[IntArray]] = [], []
        self.areas: tuple[list[IntArray], list[IntArray]] = [], []
        self.spilled: list[tuple[int, int, int, int, int]] = []

    def add_readings(self, formulas: IntArray, target: int, is_range: bool) -> None:
        """Note that formulas read a range or a cell.

        `formulas` are their numbers, `target` is the number of the area or the index of the cell.
        """
        targets, readers = self.areas if is_range else self.cells
        targets.append(np.full(len(formulas), target, dtype=np.int32))
        readers.append(formulas.astype(np.int32))

    def add_array_range(self, formula: int, rows: int, columns: int, step: int) -> None:
        """Note that the array formula of a number fills a range of so many rows and columns.

        `step` leads from an index to that of the cell in the next column.
        """
        self.spilled.append((formula, int(self.indices[formula]), rows, columns, step))
        for name, number in (("rows", rows), ("columns", columns), ("step", step)):
            if name not in self.numbers:
                self.numbers[name] = np.zeros(len(self.indices), dtype=np.int32)
            self.numbers[name][formula] = number

    def readings(self) -> tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]]:
        """Return what is read and by which formula: cells first, then areas."""
        (cells, cell_readers), (areas, area_readers) = self.cells, self.areas
        read_cells = np.concatenate(cells), np.concatenate(cell_readers)
        return read_cells, (np.concatenate(areas), np.concatenate(area_readers))
