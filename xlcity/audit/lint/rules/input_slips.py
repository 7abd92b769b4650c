"""Slips in inputs that comparison shows: values moved, exchanged, transposed, rounded or pasted.

Values are compared with what the workbook holds of before: those that a report ships, and those
that the sums recorded at the last filling give back (both exact); then, as a suspicion, with the
last edition. A slip is reported where it explains values that fit badly, and its correction fits
well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
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
from xlcity.workbook.spec.from_template import read_last, shipped_report
from xlcity.xlsx.address import cell_name, ranges_text

Matrix = npt.NDArray[np.float64]
#: A value's row and column.
_Cell = tuple[int, int]
#: How telling a slip is, the values that it changed, and what it was.
_Slip = tuple[float, list[_Cell], str]

#: Cities and indicators that are needed to judge; different values that an indicator needs.
CITIES, COLUMNS, DISTINCT = 8, 4, 8
#: Deviations from which a value fits badly, and up to which its correction fits well.
_BAD, _GOOD = 6.0, 3.0
#: A correction that leaves so little of the misfit need not fit as well.
_CLEARLY = 50
#: Values that one slip changed in an indicator, at least, and the share of the misfits it explains.
_FEW, _SHARE = 5, 0.8
#: Values that are exactly another row's, at least, to count as pasted.
_FEW_EXACT = 3
#: Values that fit badly up to which single ones are looked at.
_MANY = 20
#: How far apart two values are at most that count as pasted, as a share of the larger one; how many
#: of a row's are, and how improbable that has to be (log 10).
_CLOSE, _ALIKE, _IMPROBABLE = 0.01, 0.8, -8.0
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


@dataclass
class InputComparison:
    """What inputs are compared with: what is expected of each, and the usual deviation from it.

    It looks for the slips that explain misfits; `bad` marks the misfits left.
    """

    inputs: InputMatrix
    expected: Matrix
    usual: Matrix
    source: str
    is_exact: bool = False

    def __post_init__(self) -> None:
        self.units, self.codes = self.inputs.units, self.inputs.codes
        self.values = self.inputs.values
        self.misfits = self.misfit(self.values)
        self.bad = self.misfits > _BAD

    @classmethod
    def exactly(cls, inputs: InputMatrix, expected: Matrix, source: str) -> InputComparison:
        """Return a comparison in which any other number is a misfit."""
        usual = 1e-10 * np.maximum(1.0, np.abs(np.nan_to_num(expected)))
        return cls(inputs, expected, usual, source, is_exact=True)

    def misfit(self, values: Matrix | float, cells: Any = ...) -> Matrix:
        """Return how many usual deviations values of some cells are off; of all where not given."""
        usual = np.broadcast_to(self.usual, self.expected.shape)[cells]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.abs(values - self.expected[cells]) / usual)

    def find_slips(self, explained: set[_Cell]) -> Iterator[_Slip]:
        """Yield the slips that explain misfits; their values are explained from then on."""
        for cell in explained:
            self.bad[cell] = False
        for find in (self._find_column_slips, self._find_exchanges, self._find_digit_slips):
            for slip in find():
                explained.update(slip[1])
                for cell in slip[1]:
                    self.bad[cell] = False
                yield slip

    def find_overtyped(self, explained: set[_Cell]) -> Iterator[tuple[_Cell, str]]:
        """Yield the values that are not the former ones, if no slip explains them and few are."""
        left = [(int(row), int(column)) for row, column in zip(*np.nonzero(self.bad), strict=True)]
        for cell in left if len(left) <= _FEW else ():
            explained.add(cell)
            now, before = (
                _number_text(float(table[cell])) for table in (self.values, self.expected)
            )
            message = f"{self.codes[cell[1]]} of {self.units[cell[0]]} is {now}, and {before} in "
            yield cell, f"{message}{self.source}."

    def _find_column_slips(self) -> Iterator[_Slip]:
        """Yield indicators of which many values were moved by a row, scaled, rounded, or made 0."""
        for column, code in enumerate(self.codes):
            now, expected = self.values[:, column], self.expected[:, column]
            rows = np.flatnonzero(self.bad[:, column])
            zeros = np.flatnonzero((now == 0) & np.isnan(expected))
            few = 2 * (len(zeros) + len(rows)) <= len(self.units)
            if self.source == _SHIPPED and len(zeros) and few:
                cities = counted(len(zeros), "city", "cities")
                message = f"0 for {cities} without a value in {code}: a missing value is not 0."
                yield 200.0, [(int(row), column) for row in zeros], message
            if len(rows) < (_FEW_EXACT if self.is_exact else _FEW):
                continue
            cells = [(int(row), column) for row in rows]
            if (pasted := self._find_pasted(column, rows)) is not None:
                yield pasted
                continue
            if len(rows) < _FEW:
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                powers = np.log10(np.abs(now[rows] / expected[rows]))
            powers = powers[np.isfinite(powers)]
            exponent = round(float(np.median(powers))) if len(powers) >= CITIES else 0
            near = np.abs(powers - exponent) < _NEAR
            if exponent and near.sum() >= _SHARE * len(powers):
                message = f"most values of {code} are 10^{exponent} times those of {self.source}: "
                yield 200.0, cells, f"{message}another unit of measure?"
            for decimals in range(3) if self.is_exact else ():
                present = now[~np.isnan(now)]
                half = 0.5 * 10.0**-decimals + 1e-12
                rounded = (np.round(present, decimals) == present).all()
                if rounded and (np.abs(now[rows] - expected[rows]) <= half).all():
                    message = f"{code} is rounded to {counted(decimals, 'decimal')}: {len(rows)} of"
                    yield 200.0, cells, f"{message} {self.source} have more."
                    break

    def _find_pasted(self, column: int, rows: Any) -> _Slip | None:
        """Return the values of some rows that are those of the next row; blanks may be skipped."""
        now, expected = self.values[:, column], self.expected[:, column]
        usual = np.broadcast_to(self.usual, self.values.shape)[rows, column]
        fits_by_side = []
        for order in (np.arange(len(expected)), np.flatnonzero(~np.isnan(expected))):
            for step, side in ((1, "above"), (-1, "below")):
                shifted = np.full(len(expected), np.nan)
                shifted[order[::step][1:]] = expected[order[::step][:-1]]
                fits_by_side.append((np.abs(now[rows] - shifted[rows]) / usual < _GOOD, side))
        fits, side = max(fits_by_side, key=lambda fit: int(fit[0].sum()))
        if fits.sum() < max(_FEW_EXACT if self.is_exact else _FEW, _SHARE * len(rows)):
            return None
        message = f"{fits.sum()} values of {self.codes[column]} fit {self.source} in the row {side}"
        pasted = [(int(row), column) for row in rows[fits]]
        return 200.0, pasted, f"{message}: they were pasted one row off."

    def _find_exchanges(self) -> Iterator[_Slip]:
        """Yield two indicators, two cities, or two values that fit well the other way round."""
        columns = np.flatnonzero(self.bad.sum(axis=0) >= CITIES).tolist()
        blocks: dict[str, Any] = {self.codes[column]: np.s_[:, column] for column in columns}
        yield from self._find_exchanged_pairs("the columns {}", blocks, CITIES)
        judged = ~np.isnan(self.misfits)
        half = judged.sum(axis=1) >= COLUMNS
        half &= 2 * (self.misfits > _BAD / 2).sum(axis=1) > judged.sum(axis=1)
        rows = np.flatnonzero(half).tolist()
        blocks = {self.units[row]: np.s_[row, :] for row in rows if len(rows) <= _MANY}
        yield from self._find_exchanged_pairs("the rows of {}", blocks, COLUMNS)
        for column, code in enumerate(self.codes if self._are_few else ()):
            rows = np.flatnonzero(self.bad[:, column]).tolist()
            blocks = {self.units[row]: np.s_[row : row + 1, column] for row in rows}
            yield from self._find_exchanged_pairs(f"{code} of {{}}", blocks, 1)

    def _find_exchanged_pairs(
        self, what: str, blocks: Mapping[str, Any], least: int
    ) -> Iterator[_Slip]:
        """Yield pairs of blocks of cells of which nearly all values fit the other's place."""
        numbers = np.arange(self.values.size).reshape(self.values.shape)
        taken: set[str] = set()
        for pair in combinations(blocks, 2):
            here, there = (blocks[name] for name in pair)
            new = [self.misfit(self.values[a], b) for a, b in ((there, here), (here, there))]
            judged = min(int((~np.isnan(misfit)).sum()) for misfit in new)
            if judged < least or not taken.isdisjoint(pair):
                continue
            if max(float(np.nanmedian(misfit)) for misfit in new) < _GOOD:
                taken.update(pair)
                numbered = np.concatenate([numbers[here], numbers[there]]).tolist()
                cells = [divmod(number, len(self.codes)) for number in numbered]
                text, telling = what.format(" and ".join(pair)), 200.0
                if len(cells) == 2:
                    text += f" ({' and '.join(_number_text(self.values[cell]) for cell in cells)})"
                    telling = min(float(self.misfits[cell]) for cell in cells)
                text += f" look exchanged: the other way round they fit {self.source}."
                yield telling, cells, text

    def _find_digit_slips(self) -> Iterator[_Slip]:
        """Yield values with digits transposed or the point moved."""
        for row, column in zip(*np.nonzero(self.bad & self._are_few), strict=True):
            value, misfit = float(self.values[row, column]), float(self.misfits[row, column])
            for text, what in _corrections(value):
                left = self.misfit(float(text), (row, column))
                if left < _GOOD or left < min(_BAD, misfit / _CLEARLY):
                    message = f"{self.codes[column]} of {self.units[row]} is {_number_text(value)};"
                    message += f" {text} would fit {self.source}: {what}?"
                    yield misfit, [(int(row), int(column))], message
                    break

    @property
    def _are_few(self) -> bool:
        return bool(self.bad.sum() <= _MANY * (1 if self.is_exact else 10))


@finds(
    "W22 values look exchanged, transposed or pasted | Compare them with their source. | "
    "{} value is suspicious / {} values are suspicious",
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
        references.append(InputComparison.exactly(inputs, shipped, _SHIPPED))
    written = _written_values(template, inputs, recorded)
    references.append(InputComparison.exactly(inputs, written, _WRITTEN))
    explained: set[_Cell] = set()
    for reference in references:
        for _, cells, message in reference.find_slips(explained):
            yield finding("W31", cells, message)
        for cell, message in reference.find_overtyped(explained):
            yield finding("W32", [cell], message, "note")
    suspicions = list(find_pasted_rows(inputs))
    if (guess := _last_edition(subject, inputs)) is not None:
        suspicions += guess.find_slips(explained)
    rows: set[int] = set()
    for _, cells, message in sorted(suspicions, key=lambda slip: -slip[0])[:_MOST]:
        if not rows.issuperset(row for row, _ in cells):
            yield finding("W22", cells, message)
        if len({row for row, _ in cells}) == 1 and len(cells) > 1:
            rows.add(cells[0][0])  # a row that was pasted says all about its cells


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


def _last_edition(subject: Subject, inputs: InputMatrix) -> InputComparison | None:
    """Return what the last edition leads one to expect: the same, plus the usual change."""
    last = read_last(subject.book)
    if last is None:
        return None
    old = {mapped.code: mapped.old for mapped in last.mapping if mapped.old}
    former = [[last.values.get((u, old.get(c, c)), np.nan) for c in inputs.codes]
              for u in inputs.units]  # fmt: skip
    before = np.array(former, dtype=float)
    expected, usual = np.full(before.shape, np.nan), np.full(len(inputs.codes), np.nan)
    for column in range(len(inputs.codes)):
        here = ~np.isnan(inputs.values[:, column]) & ~np.isnan(before[:, column])
        x, y = before[here, column], inputs.values[here, column]
        if here.sum() < CITIES or len(set(x)) < DISTINCT or len(set(y)) < DISTINCT:
            continue
        shift = float(np.median(y - x))
        expected[:, column] = before[:, column] + shift
        # A value that hardly ever changes has no usual change; rounding is the least.
        usual[column] = max(_spread(y - x - shift), 0.01 * _spread(y))
    return InputComparison(inputs, expected, usual, "the last edition")


def _spread(values: Matrix) -> float:
    """Return the standard deviation, as the middle half of the values has it."""
    low, high = np.percentile(values, [25, 75])
    return float(high - low) / 1.349


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
    """Yield two rows that agree in most indicators, far more closely than chance explains.

    Pairs are looked at row by row: at once, those of 2,000 rows would take gigabytes.
    """
    units, values = inputs.units, inputs.values
    present = [values[~np.isnan(values[:, c]), c] for c in range(values.shape[1])]
    usable = [c for c, column in enumerate(present) if len(set(column)) >= DISTINCT]
    if len(usable) < COLUMNS or len(values) < CITIES:
        return
    judged = values[:, usable]
    for first in range(len(judged) - 1):
        rest = judged[first + 1 :]
        with np.errstate(invalid="ignore", divide="ignore"):
            apart = np.abs(rest - judged[first]) / np.maximum(np.abs(rest), np.abs(judged[first]))
        close, both = apart <= _CLOSE, (~np.isnan(apart)).sum(axis=1)
        alike = close.sum(axis=1) >= np.maximum(_ALIKE * both, COLUMNS)
        for other in np.flatnonzero(alike):
            second = first + 1 + int(other)
            chances = (
                _share_as_close(present[c], apart[other, n])
                for n, c in enumerate(usable)
                if close[other, n]
            )
            if sum(map(math.log10, chances)) > _IMPROBABLE:
                continue
            message = f"{units[first]} and {units[second]} agree within 1 % in "
            message += f"{int(close[other].sum())} of {int(both[other])} indicators: "
            cells = [(second, column) for column in range(values.shape[1])]
            yield 300.0, cells, f"{message}a row may have been pasted over the other."


def _share_as_close(column: Matrix, apart: float) -> float:
    """Return the share of pairs of values that are as close to each other."""
    order, apart = np.sort(column), apart + 1e-12
    ends = np.where(order >= 0, order / (1 - apart), order * (1 - apart))
    pairs = (np.searchsorted(order, ends, side="right") - np.arange(len(order)) - 1).sum()
    return float(max(pairs, 1) / (len(order) * (len(order) - 1) / 2))


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
