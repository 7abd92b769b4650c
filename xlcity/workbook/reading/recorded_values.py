"""What a book recorded of its values: one number per city, to see values that changed places.

Sorting the values of `Data` without their ids leaves every number in its column, at another city,
and nothing in the book looks wrong. So the book keeps, from the last time that xlcity wrote its
values, a weighted sum of each city's row. `check` compares: the same sums at other cities, or all
cities changed while no total did, are values that were moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.errors import CellValue
from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.xlsx.cells import ReadBook, resolve

#: Decimals of a recorded sum: sums are of the order of the number of indicators.
DIGITS = 9
#: Weights step through the golden ratio, so that no two rows have the same sum by chance.
_STEP = (5**0.5 - 1) / 2
ROWS = "xl_record"
WEIGHTS = "xl_record_weights"


@dataclass(frozen=True, slots=True)
class Recorded:
    """Weighted sums of the cities' values."""

    weights: Mapping[str, float]
    sums: Mapping[str, float]


def record(framework: Framework, codes: Sequence[str], dataset: Dataset) -> Recorded:
    """Return what a book records of a dataset: weights of its inputs and sums of its cities."""
    weights = {}
    for number, code in enumerate(codes):
        values = np.abs(_values(framework, code, dataset))
        size = float(np.nanmean(values)) if not np.isnan(values).all() else 0.0
        weights[code] = float(f"{(1 + number * _STEP % 1) / size:.9g}") if size else 0.0
    return Recorded(weights, sums_of(framework, weights, dataset))


def renew_record(
    former: Recorded | None,
    framework: Framework,
    codes: Sequence[str],
    dataset: Dataset,
) -> Recorded:
    """Return a new record, or the former one as long as values are moved against it."""
    if former is not None and moved_values(
        former, sums_of(framework, former.weights, dataset)
    ):
        return former
    return record(framework, codes, dataset)


def _values(framework: Framework, code: str, dataset: Dataset) -> np.ndarray:
    """Return an input's values of the scored cities, NaN where there is none."""
    values = np.full(len(dataset.units), np.nan)
    if code not in dataset.codes or code not in framework.inputs:
        return values
    column = dataset.column(code)
    column_values = dataset.values[:, column]
    counts = np.array([bool(unit.population) for unit in dataset.units], dtype=bool)
    counts &= dataset.states[:, column] == State.VALUE
    if (refused := framework.inputs[code].no_data) is not None:
        counts &= column_values != refused
    values[counts] = column_values[counts]
    return values


def sums_of(
    framework: Framework, weights: Mapping[str, float], dataset: Dataset
) -> dict[str, float]:
    """Return the weighted sum of each city that has a value."""
    total = np.zeros(len(dataset.units))
    filled = np.zeros(len(dataset.units), dtype=bool)
    for code, weight in weights.items():
        values = _values(framework, code, dataset)
        total += np.nan_to_num(values) * weight
        filled |= ~np.isnan(values)
    return {
        unit.id: round(float(total[row]), DIGITS)
        for row, unit in enumerate(dataset.units)
        if filled[row]
    }


def moved_values(recorded: Recorded, sums: Mapping[str, float]) -> dict[str, str]:
    """Return the cities whose values were moved, each with the city whose values it has now, or "".

    A few cities that differ were typed over.
    """
    now = {unit: sums.get(unit, 0.0) for unit in recorded.sums}
    owners = {total: unit for unit, total in [*recorded.sums.items()][::-1]}
    moved = {
        u: owners.get(now[u], "") for u, own in recorded.sums.items() if now[u] != own
    }
    if len(moved) < 3 or 2 * len(moved) < len(recorded.sums):
        return {}
    exchanged = [unit for unit, owner in moved.items() if owner]
    # With few indicators, other values may well have the sum of another city.
    if len(recorded.weights) > 2 and 2 * len(exchanged) >= len(recorded.sums):
        return moved
    same_total = abs(sum(sums.values()) - sum(recorded.sums.values())) < 1e-6
    return moved if same_total else {}


def read_recorded(book: ReadBook) -> Recorded:
    """Return what a book recorded."""
    weights, codes = book.block(resolve(book, WEIGHTS))
    sums = {
        plain_text(unit): number_of(value)
        for unit, value in book.block(resolve(book, ROWS))
    }
    return Recorded(
        {
            plain_text(c): number_of(w) or 0.0
            for c, w in zip(codes, weights, strict=True)
        },
        {unit: value for unit, value in sums.items() if unit and value is not None},
    )


def record_cells(
    book: ReadBook, new: Recorded
) -> dict[str, dict[tuple[int, int], CellValue]]:
    """Return what to write where, so that a book records this."""
    row = resolve(book, WEIGHTS)
    block = resolve(book, ROWS)
    cells: dict[tuple[int, int], CellValue] = {}
    for offset, code in enumerate(book.block(row)[1]):
        cells[row.r1, row.c1 + offset] = new.weights.get(plain_text(code), 0.0)
    lines: list[tuple[str, float] | tuple[None, None]] = [*new.sums.items()]
    lines += [(None, None)] * block.rows
    for offset in range(block.rows):
        row_number = block.r1 + offset
        cells[row_number, block.c1], cells[row_number, block.c2] = lines[offset]
    return {block.sheet: cells}
