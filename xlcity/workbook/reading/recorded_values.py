"""What a book recorded of its values: one number per city, to see values that changed places.

Sorting the values of `Data` without their ids leaves every number in its column, at another city,
and nothing in the book looks wrong. So the book keeps, from the last time that xlcity wrote its
values, a weighted sum of each city's row. `check` compares: the same sums at other cities, or all
cities changed while no total did, are values that were moved. How many numbers and gaps each city
and each indicator had is kept, too: a number that was taken away shows there. What is kept of
`Links` and `Items` is a number of each city's lines (`recorded_lines`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlcity.errors import CellValue
from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.workbook.reading.recorded_lines import TABLES, Numbers, units_of
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.xlsx.cells import ReadBook, find_area, resolve

#: City x input -> whether it is so.
Flags = npt.NDArray[np.bool_]
#: Decimals of a recorded sum: sums are of the order of the number of indicators.
DIGITS = 9
#: Weights step through the golden ratio, so that no two rows have the same sum by chance.
_STEP = (5**0.5 - 1) / 2
ROWS = "xl_record"
WEIGHTS = "xl_record_weights"
#: Numbers and gaps of the cities in `ROWS`, and of the inputs in `WEIGHTS`.
ROW_COUNTS = "xl_record_row_counts"
COLUMN_COUNTS = "xl_record_column_counts"


class ValueCounts(NamedTuple):
    """How many numbers there are, and how many gaps: values confirmed missing."""

    numbers: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """Weighted sums of the cities' values, how many values there were, and numbers of lines.

    Books that were made before these were recorded have none; `lines` are by name of the record.
    """

    weights: Mapping[str, float]
    sums: Mapping[str, float]
    by_city: Mapping[str, ValueCounts] = field(default_factory=dict)
    by_input: Mapping[str, ValueCounts] = field(default_factory=dict)
    lines: Mapping[str, Numbers] = field(default_factory=dict)

    def without_counts(self) -> Recorded:
        """Return the record for a book into which values are written: they are counted anew."""
        return Recorded(self.weights, self.sums)


def record(framework: Framework, codes: Sequence[str], dataset: Dataset) -> Recorded:
    """Return what a book records of a dataset: weights of its inputs and sums of its cities."""
    weights = {}
    for number, code in enumerate(codes):
        values = np.abs(_values(framework, code, dataset))
        size = float(np.nanmean(values)) if not np.isnan(values).all() else 0.0
        weights[code] = float(f"{(1 + number * _STEP % 1) / size:.9g}") if size else 0.0
    sums = sums_of(framework, weights, dataset)
    return Recorded(weights, sums, *_count_values(framework, codes, dataset))


def _count_values(
    framework: Framework, codes: Sequence[str], dataset: Dataset
) -> tuple[dict[str, ValueCounts], dict[str, ValueCounts]]:
    """Return the numbers and gaps of each scored city, and of each input."""
    are_numbers, are_gaps = find_numbers_and_gaps(framework, codes, dataset)

    def counts(axis: int, names: Sequence[str]) -> dict[str, ValueCounts]:
        both = (part.sum(axis=axis).tolist() for part in (are_numbers, are_gaps))
        pairs = map(ValueCounts, *both)
        return dict(zip(names, pairs, strict=True))

    by_unit = counts(1, [unit.id for unit in dataset.units])
    scored = [unit.id for unit in dataset.units if unit.population]
    return {unit: by_unit[unit] for unit in scored}, counts(0, codes)


def find_numbers_and_gaps(
    framework: Framework, codes: Sequence[str], dataset: Dataset
) -> tuple[Flags, Flags]:
    """Return where a scored city has a number, and where it is confirmed missing."""
    is_scored = np.array([bool(unit.population) for unit in dataset.units], dtype=bool)
    are_numbers = np.zeros((len(dataset.units), len(codes)), dtype=bool)
    are_gaps = are_numbers.copy()
    for column, code in enumerate(codes):
        are_numbers[:, column] = ~np.isnan(_values(framework, code, dataset))
        if code in dataset.codes:
            states = dataset.states[:, dataset.column(code)]
            are_gaps[:, column] = is_scored & (states == State.MISSING)
    return are_numbers, are_gaps


def renew_record(
    former: Recorded | None,
    framework: Framework,
    codes: Sequence[str],
    dataset: Dataset,
    *,
    lines: Mapping[str, Numbers],
    keeps_counts: bool = False,
) -> Recorded:
    """Return a new record, or the former one as long as values are moved against it.

    `lines` are the numbers of today's lines. With `keeps_counts`, as where a book is drawn again
    and nobody wrote values, the former counts and numbers of what is still there stay.
    """
    if former is not None and moved_values(
        former, sums_of(framework, former.weights, dataset)
    ):
        return former
    new = replace(record(framework, codes, dataset), lines=lines)
    if (
        former is None
        or not keeps_counts
        or former.by_input.keys() != new.by_input.keys()
    ):
        return new
    by_city = {}
    for city, count in new.by_city.items():
        by_city[city] = former.by_city.get(city, count)
    is_same = by_city.keys() == former.by_city.keys()
    by_input = former.by_input if is_same else new.by_input
    kept_lines = _keep_lines(former, lines, {unit.id for unit in dataset.units})
    return replace(new, by_city=by_city, by_input=by_input, lines=kept_lines)


def _keep_lines(
    former: Recorded, lines: Mapping[str, Numbers], units: Container[str]
) -> Mapping[str, Numbers]:
    """Return the former numbers of the cities that are still there, new ones without a record."""
    kept: dict[str, Numbers] = {}
    for name, numbers in lines.items():
        recorded = former.lines.get(name, numbers)
        kept[name] = {unit: recorded[unit] for unit in recorded if unit in units}
    return kept


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
    # Of cities with the same sum the first one counts.
    owners: dict[float, str] = {}
    for unit, total in recorded.sums.items():
        owners.setdefault(total, unit)
    moved = {}
    for unit, own in recorded.sums.items():
        if now[unit] != own:
            moved[unit] = owners.get(now[unit], "")
    if len(moved) < 3 or 2 * len(moved) < len(recorded.sums):
        return {}
    exchanged = [unit for unit, owner in moved.items() if owner]
    # With few indicators, other values may well have the sum of another city.
    if len(recorded.weights) > 2 and 2 * len(exchanged) >= len(recorded.sums):
        return moved
    grown = sum(sums.values()) - sum(recorded.sums.values())
    return moved if abs(grown) < 1e-6 else {}


def read_recorded(book: ReadBook) -> Recorded:
    """Return what a book recorded."""
    weights, heads = book.block(resolve(book, WEIGHTS))
    codes = [*map(plain_text, heads)]
    lines = book.block(resolve(book, ROWS))
    units = [plain_text(unit) for unit, _ in lines]
    sums = {}
    for unit, (_, value) in zip(units, lines, strict=True):
        total = number_of(value)
        if unit and total is not None:
            sums[unit] = total
    numbers = [number_of(weight) or 0.0 for weight in weights]
    recorded = Recorded(
        dict(zip(codes, numbers, strict=True)), sums, lines=_read_lines(book, units)
    )
    if not {ROW_COUNTS, COLUMN_COUNTS} <= book.names.keys():
        return recorded
    by_column = zip(*book.block(resolve(book, COLUMN_COUNTS)), strict=True)
    return replace(
        recorded,
        by_city=_read_counts(units, book.block(resolve(book, ROW_COUNTS))),
        by_input=_read_counts(codes, by_column),
    )


def _read_lines(book: ReadBook, units: Sequence[str]) -> Mapping[str, Numbers]:
    """Return record -> city -> number, of the records that the book has."""
    records: dict[str, Numbers] = {}
    for table in TABLES:
        if (area := find_area(book, table.record)) is None:
            continue
        numbers = {}
        for unit, (value,) in zip(units, book.block(area), strict=False):
            number = number_of(value)
            if unit and number is not None:
                numbers[unit] = number
        records[table.record] = numbers
    return records


def _read_counts(
    names: Sequence[str], lines: Iterable[Sequence[CellValue]]
) -> dict[str, ValueCounts]:
    """Return the counts beside names; none where a cell holds no number."""
    counts = {}
    for name, line in zip(names, lines, strict=False):
        numbers, gaps = map(number_of, line)
        if name and numbers is not None and gaps is not None:
            counts[name] = ValueCounts(int(numbers), int(gaps))
    return counts


def record_cells(
    book: ReadBook, new: Recorded
) -> dict[str, dict[tuple[int, int], CellValue]]:
    """Return what to write where, so that a book records this."""
    row = resolve(book, WEIGHTS)
    codes = [plain_text(code) for code in book.block(row)[1]]
    weights = [new.weights.get(code, 0.0) for code in codes]
    cells: dict[tuple[int, int], CellValue] = {}
    _write_row(cells, (row.r1, row.c1), weights)
    block = resolve(book, ROWS)
    counts = find_area(book, ROW_COUNTS)
    units = dict(enumerate(recorded_units(new), block.r1))
    for number in block.row_numbers:
        unit = units.get(number)
        cells[number, block.c1] = unit
        cells[number, block.c2] = None if unit is None else new.sums.get(unit)
        if counts is not None:
            numbers_and_gaps = new.by_city.get(unit or "", _NOTHING_COUNTED)
            _write_row(cells, (number, counts.c1), numbers_and_gaps)
        for name, numbers in new.lines.items():
            area = find_area(book, name)
            if area is not None:
                cells[number, area.c1] = numbers.get(unit or "")
    counts = find_area(book, COLUMN_COUNTS)
    if counts is not None:
        by_input = [new.by_input.get(code, _NOTHING_COUNTED) for code in codes]
        for number, line in enumerate(zip(*by_input, strict=True), counts.r1):
            _write_row(cells, (number, counts.c1), line)
    return {block.sheet: cells}


#: Numbers and gaps of a city or an input of which neither is known.
_NOTHING_COUNTED = (None, None)


def _write_row(
    cells: dict[tuple[int, int], CellValue],
    first: tuple[int, int],
    values: Iterable[CellValue],
) -> None:
    """Put values side by side, from a cell on."""
    row, left = first
    for column, value in enumerate(values, left):
        cells[row, column] = value


def recorded_units(recorded: Recorded) -> list[str]:
    """Return the cities of a record in the order of its lines."""
    units = (*recorded.sums, *recorded.by_city, *units_of(recorded.lines))
    return [*dict.fromkeys(units)]
