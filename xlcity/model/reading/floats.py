"""A frame's columns of numbers, read in one pass: only what needs a word is read by itself."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import Where
from xlcity.model.dataset import Dataset, FloatArray, State, as_slice
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import FileTable
from xlcity.model.reading.values import (
    DataCell,
    is_percent,
    is_usable,
    number_codes,
)


class FloatCells(Collection[DataCell]):
    """Numbers of a wide table that need no remark, and its blanks.

    The rows count that `add_row` names. A number needs a remark if it cannot be computed with, is
    implausible, or means no data.

    Parameters
    ----------
    table
        The table.
    codes
        Column -> code of its indicator.
    inputs
        The indicators by code.
    missing_codes
        What stands for "confirmed missing": numbers among them, too.

    Attributes
    ----------
    others
        The cells of the table that were read by themselves.
    """

    def __init__(
        self,
        table: FileTable,
        codes: Mapping[int, str],
        inputs: Mapping[str, Node | Ingredient],
        missing_codes: tuple[str, ...],
    ) -> None:
        """Tell plain numbers from blanks and from what is to be read cell by cell."""
        self.table = table
        self.codes = {
            column: code
            for column, code in codes.items()
            if column in table.float_columns
        }
        self._others = [cell for cell in codes.items() if cell[0] not in self.codes]
        numbers = (
            np.empty((len(table.rows), 0)) if table.floats is None else table.floats
        )
        columns = [*self.codes]
        self._values = numbers[:, [table.float_columns[column] for column in columns]]
        self._is_plain = is_usable(self._values)
        for column, code in enumerate(self.codes.values()):
            values = self._values[:, column]
            self._is_plain[:, column] &= _is_valid(values, inputs[code])
        for number in number_codes(missing_codes):
            self._is_plain &= self._values != number
        remarkable = ~self._is_plain & ~np.isnan(self._values)
        #: Row -> the columns of numbers in it that need a remark.
        self._remarkable: dict[int, list[int]] = {}
        for row, column in zip(
            *map(np.ndarray.tolist, remarkable.nonzero()), strict=True
        ):
            self._remarkable.setdefault(row, []).append(columns[column])
        self.others: tuple[DataCell, ...] = ()
        self._rows: list[int] = []
        self._units: list[str] = []
        self._basis: list[str] = []

    def cells_beside(self, row: int) -> list[tuple[int, str]]:
        """Return (column, code) of the cells of a row that are to be read by themselves."""
        if row not in self._remarkable:
            return self._others
        remarkable = [(column, self.codes[column]) for column in self._remarkable[row]]
        return sorted([*self._others, *remarkable])

    def add_row(self, row: int, unit: str, basis: str) -> None:
        """Take the numbers of a row for a unit; `basis` is their status."""
        self._rows.append(row)
        self._units.append(unit)
        self._basis.append(basis)

    def __iter__(self) -> Iterator[DataCell]:
        """Yield all written cells of the table with their addresses, the numbers row by row."""
        yield from self.others
        codes = [*self.codes.items()]
        lines = zip(self._rows, self._units, self._basis, strict=True)
        for row, unit, basis in lines:
            for position in np.flatnonzero(self._is_plain[row]).tolist():
                column, code = codes[position]
                value = float(self._values[row, position])
                where = self.table.where(row, column, unit=unit, indicator=code)
                yield DataCell(unit, code, value, State.VALUE, basis=basis, where=where)

    def __len__(self) -> int:
        """Return how many written cells there are."""
        return len(self.others) + int(self._is_plain[self._rows].sum())

    def __contains__(self, cell: object) -> bool:
        """Tell whether a cell is among them."""
        return any(cell == written for written in self)

    def blanks(self) -> Iterator[tuple[str, str]]:
        """Yield (unit, code) of the blanks row by row."""
        codes = [*self.codes.values()]
        is_blank = np.isnan(self._values[self._rows])
        for position, column in zip(
            *map(np.ndarray.tolist, is_blank.nonzero()), strict=True
        ):
            yield self._units[position], codes[column]

    def codes_with_values(self) -> Collection[str]:
        """Return the codes that a row has a number of."""
        has_number = np.asarray(self._is_plain[self._rows].any(axis=0))
        return [*compress(self.codes.values(), has_number)]

    def percentages(
        self, inputs: Mapping[str, Node | Ingredient]
    ) -> Iterator[tuple[str, float, Where]]:
        """Yield code, value and address of numbers in percent, if one may be a fraction."""
        for position, (column, code) in enumerate(self.codes.items()):
            values = self._values[:, position]
            if (
                not is_percent(inputs[code].uom)
                or not ((values > 0) & (values <= 1)).any()
            ):
                continue
            for row, unit in zip(self._rows, self._units, strict=True):
                if self._is_plain[row, position]:
                    where = self.table.where(row, column, unit=unit, indicator=code)
                    yield code, float(values[row]), where

    def write(self, dataset: Dataset) -> None:
        """Write the numbers into arrays of a dataset that has their units and codes."""
        columns = [dataset.columns[code] for code in self.codes.values()]
        rows = as_slice(
            np.array([dataset.rows[unit] for unit in self._units], dtype=np.int64)
        )
        read = as_slice(np.array(self._rows, dtype=np.int64))
        basis = np.array(self._basis)
        for position, column in enumerate(columns):
            is_plain = self._is_plain[read, position]
            dataset.values[rows, column] = np.where(
                is_plain, self._values[read, position], np.nan
            )
            dataset.states[rows, column] = np.where(is_plain, State.VALUE, State.BLANK)
            dataset.basis[rows, column] = np.where(is_plain, basis, "")


def _is_valid(values: FloatArray, node: Node | Ingredient) -> NDArray[np.bool_]:
    """Return which numbers lie between the bounds of an input, and are not its code for none."""
    low = -math.inf if node.valid_low is None else node.valid_low
    high = math.inf if node.valid_high is None else node.valid_high
    is_valid: NDArray[np.bool_] = (values >= low) & (values <= high)
    if node.no_data is not None:
        is_valid &= values != node.no_data
    return is_valid
