"""Slips in inputs that comparison shows: values moved, exchanged, transposed, rounded or pasted.

Values are compared with what the workbook holds of before: those that a report ships, and those
that the sums recorded at the last filling give back. A slip is reported where it explains values
that changed. What is unlike the last edition the workbook says itself, on `Change` and `Messages`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import counted
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.reports.report import Report
from xlcity.workbook.reading.recorded_values import Recorded, read_recorded, sums_of
from xlcity.workbook.reading.records import CellReader, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import shipped_report
from xlcity.xlsx.address import cell_name, ranges_text

Matrix = npt.NDArray[np.float64]
#: A value's row and column.
_Cell = tuple[int, int]
#: The values that a slip changed, and what it was.
_Slip = tuple[list[_Cell], str]

#: Cities and indicators that are needed to judge; different values that an indicator needs.
CITIES, COLUMNS, DISTINCT = 8, 4, 8
#: Values that one slip changed in an indicator, at least, and the share of the changes it explains.
_FEW, _SHARE = 5, 0.8
#: Values that are another row's, at least, to count as pasted.
_FEW_PASTED = 3
#: Changed values up to which single ones are looked at.
_MANY = 20
#: How far apart numbers are at most that count as equal, as a share and at least.
_EQUAL = 3e-10
#: How near to a power of ten a ratio is (log 10).
_NEAR = 0.05
#: Suspicions reported at most.
_MOST = 5
#: Columns of `Cities` and `Sources` that are held to those of the report.
_NAMES, _SOURCES = ("name_zh", "name_en"), ("source_zh", "source", "period")
#: Rounding of recorded sums.
_RECORDED = 1e-9
_SHIPPED, _WRITTEN = "the shipped values", "the values written last"
#: Factors that put a slip right -> what it was.
_FACTORS = {0.1: "ten times too large", 10.0: "ten times too small", -1.0: "another sign"} | {
    10.0 ** (sign * power): f"{times} times too {size}"
    for power, times in ((2, "a hundred"), (3, "a thousand"), (4, "10,000"), (8, "10^8"))
    for sign, size in ((-1, "large"), (1, "small"))
}


@dataclass(frozen=True, slots=True)
class InputMatrix:
    """Inputs in the order of the rows of `Data`; NaN for what is not a number."""

    units: tuple[str, ...]
    codes: tuple[str, ...]
    values: Matrix

    @classmethod
    def of(cls, template: Template) -> InputMatrix:
        """Return the inputs of a template."""
        units = tuple(sorted(template.rows, key=lambda unit: template.rows[unit]))
        codes = tuple(code for code in template.dataset.codes if code in template.columns)
        return cls(units, codes, _values_of(template.dataset, units, codes))


def _values_of(dataset: Dataset, units: tuple[str, ...], codes: tuple[str, ...]) -> Matrix:
    laid_out = dataset.reindexed(tuple(map(Unit, units)), codes)
    return np.where(laid_out.states == State.VALUE, laid_out.values, np.nan)


class InputComparison:
    """What inputs are compared with: the former value of each.

    It looks for the slips that explain changes; `changed` marks those that none explains yet.
    """

    def __init__(self, inputs: InputMatrix, former: Matrix, source: str) -> None:
        self.units, self.codes, self.values = inputs.units, inputs.codes, inputs.values
        self.former, self.source = former, source
        self.judged = ~np.isnan(self.values - former)
        self.changed = self.judged & ~self.are_former(self.values)

    def are_former(self, values: Matrix | float, cells: Any = ...) -> Any:
        """Tell of which cells, of all where not given, values are the former ones."""
        return np.isclose(values, self.former[cells], rtol=_EQUAL, atol=_EQUAL)

    def find_slips(self, explained: set[_Cell]) -> Iterator[_Slip]:
        """Yield the slips that explain changes; their values are explained from then on."""
        for cell in explained:
            self.changed[cell] = False
        for find in (self._find_column_slips, self._find_exchanges, self._find_digit_slips):
            for cells, message in find():
                explained.update(cells)
                for cell in cells:
                    self.changed[cell] = False
                yield cells, message

    def find_overtyped(self, explained: set[_Cell]) -> Iterator[tuple[_Cell, str]]:
        """Yield the values that are not the former ones, if no slip explains them and few are."""
        left = [(row, column) for row, column in np.argwhere(self.changed).tolist()]
        for cell in left if len(left) <= _FEW else ():
            explained.add(cell)
            now, before = (_number_text(float(by[cell])) for by in (self.values, self.former))
            message = f"{self.codes[cell[1]]} of {self.units[cell[0]]} is {now}, and {before} in "
            yield cell, f"{message}{self.source}."

    def _find_column_slips(self) -> Iterator[_Slip]:
        """Yield indicators of which many values were moved by a row, scaled, rounded, or made 0."""
        for column, code in enumerate(self.codes):
            now, former = self.values[:, column], self.former[:, column]
            rows = np.flatnonzero(self.changed[:, column])
            zeros = np.flatnonzero((now == 0) & np.isnan(former))
            few = 2 * (len(zeros) + len(rows)) <= len(self.units)
            if self.source == _SHIPPED and len(zeros) and few:
                cities = counted(len(zeros), "city", "cities")
                message = f"0 for {cities} without a value in {code}: a missing value is not 0."
                yield [(int(row), column) for row in zeros], message
            if len(rows) < _FEW_PASTED:
                continue
            cells = [(int(row), column) for row in rows]
            if (pasted := self._find_pasted(column, rows)) is not None:
                yield pasted
                continue
            if len(rows) < _FEW:
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                powers = np.log10(np.abs(now[rows] / former[rows]))
            powers = powers[np.isfinite(powers)]
            exponent = round(float(np.median(powers))) if len(powers) >= CITIES else 0
            near = np.abs(powers - exponent) < _NEAR
            if exponent and near.sum() >= _SHARE * len(powers):
                message = f"most values of {code} are 10^{exponent} times those of {self.source}: "
                yield cells, f"{message}another unit of measure?"
            for decimals in range(3):
                present = now[~np.isnan(now)]
                half = 0.5 * 10.0**-decimals + 1e-12
                rounded = (np.round(present, decimals) == present).all()
                if rounded and (np.abs(now[rows] - former[rows]) <= half).all():
                    message = f"{code} is rounded to {counted(decimals, 'decimal')}: {len(rows)} of"
                    yield cells, f"{message} {self.source} have more."
                    break

    def _find_pasted(self, column: int, rows: Any) -> _Slip | None:
        """Return the values of some rows that are those of the next row; blanks may be skipped."""
        now, former = self.values[:, column], self.former[:, column]
        fits_by_side = []
        for order in (np.arange(len(former)), np.flatnonzero(~np.isnan(former))):
            for step, side in ((1, "above"), (-1, "below")):
                shifted = np.full(len(former), np.nan)
                shifted[order[::step][1:]] = former[order[::step][:-1]]
                fits = np.isclose(now[rows], shifted[rows], rtol=_EQUAL, atol=_EQUAL)
                fits_by_side.append((fits, side))
        fits, side = max(fits_by_side, key=lambda fit: int(fit[0].sum()))
        if fits.sum() < max(_FEW_PASTED, _SHARE * len(rows)):
            return None
        message = f"{fits.sum()} values of {self.codes[column]} fit {self.source} in the row {side}"
        pasted = [(int(row), column) for row in rows[fits]]
        return pasted, f"{message}: they were pasted one row off."

    def _find_exchanges(self) -> Iterator[_Slip]:
        """Yield two indicators, two cities, or two values that fit the other way round."""
        columns = np.flatnonzero(self.changed.sum(axis=0) >= CITIES).tolist()
        blocks: dict[str, Any] = {self.codes[column]: np.s_[:, column] for column in columns}
        yield from self._find_exchanged_pairs("the columns {}", blocks, CITIES)
        judged = self.judged.sum(axis=1)
        half = (judged >= COLUMNS) & (2 * self.changed.sum(axis=1) > judged)
        rows = np.flatnonzero(half).tolist()
        blocks = {self.units[row]: np.s_[row, :] for row in rows if len(rows) <= _MANY}
        yield from self._find_exchanged_pairs("the rows of {}", blocks, COLUMNS)
        for column, code in enumerate(self.codes if self._are_few else ()):
            rows = np.flatnonzero(self.changed[:, column]).tolist()
            blocks = {self.units[row]: np.s_[row : row + 1, column] for row in rows}
            yield from self._find_exchanged_pairs(f"{code} of {{}}", blocks, 1)

    def _find_exchanged_pairs(
        self, what: str, blocks: Mapping[str, Any], least: int
    ) -> Iterator[_Slip]:
        """Yield pairs of blocks of cells of which most values fit the other's place."""
        numbers = np.arange(self.values.size).reshape(self.values.shape)
        taken: set[str] = set()
        for pair in combinations(blocks, 2):
            here, there = (blocks[name] for name in pair)
            both = [(self.values[a], b) for a, b in ((there, here), (here, there))]
            judged = [int((~np.isnan(values - self.former[b])).sum()) for values, b in both]
            fits = [int(self.are_former(values, b).sum()) for values, b in both]
            if min(judged) < least or not taken.isdisjoint(pair):
                continue
            if all(2 * fit > number for fit, number in zip(fits, judged, strict=True)):
                taken.update(pair)
                numbered = np.concatenate([numbers[here], numbers[there]]).tolist()
                cells = [divmod(number, len(self.codes)) for number in numbered]
                text = what.format(" and ".join(pair))
                if len(cells) == 2:
                    text += f" ({' and '.join(_number_text(self.values[cell]) for cell in cells)})"
                yield cells, f"{text} look exchanged: the other way round they fit {self.source}."

    def _find_digit_slips(self) -> Iterator[_Slip]:
        """Yield values with digits transposed or the point moved."""
        for row, column in zip(*np.nonzero(self.changed & self._are_few), strict=True):
            value = float(self.values[row, column])
            for text, what in _corrections(value):
                if self.are_former(float(text), (row, column)):
                    message = f"{self.codes[column]} of {self.units[row]} is {_number_text(value)};"
                    message += f" {text} would fit {self.source}: {what}?"
                    yield [(int(row), int(column))], message
                    break

    @property
    def _are_few(self) -> bool:
        return bool(self.changed.sum() <= _MANY)


@finds(
    "W22 a row looks pasted over another | Compare them with their source. | "
    "{} row is suspicious / {} rows are suspicious",
    "W31 an input is not what it was, by a slip | Compare it with its source. | "
    "{} slip in inputs / {} slips in inputs",
    "W32 an input was typed over | Compare it with its source. | "
    "{} input was typed over / {} inputs were typed over",
    order=80,
)
def input_slips(subject: Subject) -> Iterator[Finding]:
    """Yield W31 and W32 where former values prove it, W22 where it is likely."""
    if (template := subject.template) is None:
        return

    def finding(rule: str, cells: list[_Cell], message: str, level: str = "") -> Finding:
        rows, columns = template.rows, template.columns
        positions = [(rows[inputs.units[r]], columns[inputs.codes[c]]) for r, c in cells]
        region = ranges_text(positions) if len(cells) > 1 else ""
        first, sheet = cell_name(*min(positions)), template.area("in_data").sheet
        return Finding(rule, sheet, first, message, region=region, fault=message, level=level)

    inputs, recorded = InputMatrix.of(template), read_recorded(template.book)
    report = shipped_report(template.report, template.text("xl_edition"))
    yield from _changed_tables(template, recorded, report)
    references = []
    if report is not None:
        shipped = _values_of(report.dataset, inputs.units, inputs.codes)
        references.append(InputComparison(inputs, shipped, _SHIPPED))
    written = _written_values(template, inputs, recorded)
    references.append(InputComparison(inputs, written, _WRITTEN))
    explained: set[_Cell] = set()
    for reference in references:
        for cells, message in reference.find_slips(explained):
            yield finding("W31", cells, message)
        for cell, message in reference.find_overtyped(explained):
            yield finding("W32", [cell], message, "note")
    for cells, message in islice(find_pasted_rows(inputs), _MOST):
        yield finding("W22", cells, message)


# -- what values are compared with ----------------------------------------------------------------
def _written_values(template: Template, inputs: InputMatrix, recorded: Recorded) -> Matrix:
    """Return the former values of what was changed since the sums were recorded, else NaN.

    Each indicator has a weight of its own in a city's sum: what the sum is off by gives a former
    value with few decimals in the indicator that was changed, and with many in any other. Changes
    of one indicator explain all cities at once, else each city is explained alone.
    """
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    former = np.full(inputs.values.shape, np.nan)
    apart = {row: recorded.sums[unit] - sums[unit] for row, unit in enumerate(inputs.units)
             if unit in sums and recorded.sums.get(unit, sums[unit]) != sums[unit]}  # fmt: skip
    groups = [[*apart]] if len(apart) > _FEW else [[*apart], *([row] for row in apart)]
    for rows in groups:
        fitting = {}
        for column, code in enumerate(inputs.codes):
            if rows and (weight := recorded.weights.get(code, 0.0)):
                slack = 2 * _RECORDED / weight
                values = inputs.values[rows, column] + [apart[row] / weight for row in rows]
                rounded = np.round(values, math.floor(-math.log10(1000 * slack)))
                if (np.abs(values - rounded) <= slack).all():
                    fitting[column] = rounded
        if len(fitting) == 1:
            ((column, values),) = fitting.items()
            former[:, column] = inputs.values[:, column]
            former[rows, column] = values
            if rows == [*apart]:
                break
    return former


def _corrections(value: float) -> Iterator[tuple[str, str]]:
    text = _number_text(value)
    for digit in range(len(text) - 1):
        a, b = text[digit], text[digit + 1]
        if a.isdigit() and b.isdigit() and a != b:
            yield text[:digit] + b + a + text[digit + 2 :], "two digits transposed"
    for factor, what in _FACTORS.items():
        yield f"{value * factor:.12g}", what


def _number_text(value: float) -> str:
    return f"{value:.12g}"


def find_pasted_rows(inputs: InputMatrix) -> Iterator[_Slip]:
    """Yield the rows that have the numbers of another row, in all indicators that tell cities."""
    numbers = [column[~np.isnan(column)] for column in inputs.values.T]
    telling = [n for n, present in enumerate(numbers) if len(set(present)) >= DISTINCT]
    first_of: dict[tuple[str, ...], str] = {}
    for row, unit in enumerate(inputs.units):
        values = inputs.values[row, telling]
        first = first_of.setdefault(tuple(map(str, values)), unit)
        if first != unit and (count := int(np.isfinite(values).sum())) >= COLUMNS:
            message = f"{first} and {unit} have the same numbers in {count} indicators: "
            cells = [(row, column) for column in range(len(inputs.codes))]
            yield cells, f"{message}a row may have been pasted over the other."


# -- cities, names and sources --------------------------------------------------------------------
def _changed_tables(
    template: Template, recorded: Recorded, report: Report | None
) -> Iterator[Finding]:
    """Yield cities taken out, names exchanged, and other sources than those shipped."""
    if report is None:
        sums = sums_of(template.framework, recorded.weights, template.dataset)
        former = [unit for unit, total in recorded.sums.items() if total or unit in sums]
        yield from _removed_cities(template, former, _WRITTEN)
        return
    scored = [unit.id for unit in report.dataset.units if unit.population]
    yield from _removed_cities(template, scored, _SHIPPED)
    reader = CellReader(template.book, template.file)
    shipped = {unit.id: unit for unit in report.dataset.units}
    for record in reader.records("xl_cities"):
        unit = plain_text(record["id"][0])
        for name in _NAMES if unit in shipped else ():
            text, where = plain_text(record[name][0]), record[name][1]
            owner = next((o.id for o in report.dataset.units if getattr(o, name) == text), unit)
            if owner != unit and getattr(shipped[unit], name) != text:
                message = f"the name of {unit} is that of {owner}, {text}."
                yield Finding("W31", where.sheet or "", where.cell or "", message, fault="names")
    for record in reader.records("xl_sources"):
        code = plain_text(record["code"][0])
        for name in _SOURCES if code in report.framework.inputs else ():
            text, where = plain_text(record[name][0]), record[name][1]
            old = getattr(report.framework.inputs[code], name)
            if old and old != text:
                message = f"{name} of {code}: {text or 'nothing'} instead of {old}."
                yield Finding("W31", where.sheet or "", where.cell or "", message)


def _removed_cities(template: Template, former: list[str], source: str) -> Iterator[Finding]:
    """Yield the cities with former values that are not scored any more, or have no row."""
    scored = {unit.id for unit in template.dataset.units if unit.population}
    gone = [unit for unit in former if unit not in scored or unit not in template.rows]
    if gone and len(gone) < len(former) / 2:
        area = template.area("xl_cities")
        header, *rows = template.book.block(area)
        rows_by_city = {plain_text(row[0]): number for number, row in enumerate(rows, area.r1 + 1)}
        scored_by = area.c1 + header.index("population")
        cells = [cell_name(rows_by_city.get(city, area.r1), scored_by) for city in gone]
        cities = ", ".join(gone[:_FEW]) + (", …" if len(gone) > _FEW else "")
        message = f"{counted(len(gone), 'city', 'cities')} of {source} taken out: {cities}."
        region = ", ".join(dict.fromkeys(cells)) if len(cells) > 1 else ""
        yield Finding("W31", area.sheet, cells[0], message, region=region)
