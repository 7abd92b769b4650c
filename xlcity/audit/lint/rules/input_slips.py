"""Slips in inputs that comparison shows: values moved, exchanged, transposed, rounded or pasted.

Values are compared with what the workbook holds of before: those that a report ships, and those
that the sums recorded at the last filling give back (both exact); then, as a suspicion, with the
last edition or, without one, with what the other indicators of a city lead one to expect. A slip
is reported where it explains values that fit badly, and its correction fits well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import counted
from xlcity.model.dataset import Dataset, State
from xlcity.reports.report import Report
from xlcity.workbook.reading.recorded_values import Recorded, read_recorded, sums_of
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import read_last, shipped_report
from xlcity.xlsx.address import cell_name, ranges_text

Matrix = npt.NDArray[np.float64]
#: A value's row and column.
_Cell = tuple[int, int]

#: Cities and indicators that are needed to judge; different values that an indicator needs.
CITIES, COLUMNS, DISTINCT = 8, 4, 8
#: How well other indicators have to predict one: the share of its spread that is left at most.
_LEFT = 0.35
#: Deviations from which a value fits badly, and up to which its correction fits well.
_BAD, _GOOD = 6.0, 3.0
#: A correction that leaves so little of the misfit need not fit as well.
_CLEARLY = 50
#: Values that one slip changed in an indicator, at least, and the share of the misfits it explains.
_FEW, _SHARE = 5, 0.8
#: Values that fit badly up to which single ones are looked at.
_MANY = 20
#: How far apart two values are at most that count as pasted, as a share of the larger one; how many
#: of a row's are, and how improbable that has to be (log 10).
_CLOSE, _ALIKE, _IMPROBABLE = 0.01, 0.8, -8.0
#: How near to a power of ten a ratio is (log 10).
_NEAR = 0.05
#: Suspicions reported at most.
_MOST = 5
#: Columns of `Sources` that belong to the values.
_SOURCES = ("source_zh", "source", "period")
#: Rounding of recorded sums.
_RECORDED = 1e-9
_SHIPPED, _WRITTEN = "the shipped values", "the values written last"
#: Factors that put a slip right -> what it was; without former values large ones are only rare.
_FACTORS = {0.1: "ten times too large", 10.0: "ten times too small"}
_OF_FORMER = {
    **_FACTORS,
    -1.0: "another sign",
    0.01: "a hundred times too large",
    100.0: "a hundred times too small",
    0.001: "a thousand times too large",
    1000.0: "a thousand times too small",
    1e-4: "10,000 times too large",
    1e4: "10,000 times too small",
    1e-8: "10^8 times too large",
    1e8: "10^8 times too small",
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """The inputs in the order of the rows of `Data`; NaN for what is no number."""

    template: Template
    units: tuple[str, ...]
    codes: tuple[str, ...]
    values: Matrix

    @classmethod
    def of(cls, template: Template) -> _Typed:
        """Return the inputs of a template."""
        units = tuple(sorted(template.rows, key=lambda unit: template.rows[unit]))
        codes = tuple(code for code in template.dataset.codes if code in template.columns)
        return cls(template, units, codes, _values_of(template.dataset, units, codes))

    def finding(self, rule: str, cells: list[_Cell], message: str, level: str = "") -> Finding:
        """Return a finding about values."""
        template, sheet = self.template, self.template.area("in_data").sheet
        positions = [
            (template.rows[self.units[row]], template.columns[self.codes[column]])
            for row, column in cells
        ]
        region = ranges_text(positions) if len(cells) > 1 else ""
        first = cell_name(*min(positions))
        return Finding(rule, sheet, first, message, region=region, fault=message, level=level)


def _values_of(dataset: Dataset, units: tuple[str, ...], codes: tuple[str, ...]) -> Matrix:
    values = np.full((len(units), len(codes)), np.nan)
    for row, unit in enumerate(units):
        for column, code in enumerate(codes):
            if unit in dataset.rows and code in dataset.codes:
                cell = dataset.rows[unit], dataset.column(code)
                if dataset.states[cell] == State.VALUE:
                    values[row, column] = dataset.values[cell]
    return values


@dataclass(frozen=True, slots=True)
class InputComparison:
    """What values are compared with: what is expected of each, and the usual deviation from it."""

    values: Matrix
    expected: Matrix
    usual: Matrix
    source: str
    is_exact: bool = False
    is_former: bool = True

    def misfit(self, values: Matrix | float, cells: Any = ...) -> Matrix:
        """Return how many usual deviations values of some cells are off; of all where not given."""
        usual = np.broadcast_to(self.usual, self.values.shape)[cells]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.abs(values - self.expected[cells]) / usual)


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
    typed, recorded = _Typed.of(template), read_recorded(template.book)
    report = shipped_report(template.report, template.text("xl_edition"))
    yield from _changed_tables(template, recorded, report)
    explained: set[_Cell] = set()
    for reference in _exact_references(typed, recorded, report):
        slips = list(find_slips(typed.units, typed.codes, reference, explained))
        yield from (typed.finding("W31", cells, message) for _, cells, message in slips)
        yield from _typed_over(typed, reference, explained)
    suspicions = list(find_pasted_rows(typed.units, typed.values))
    if len(typed.units) >= CITIES:
        guess = _last_edition(subject, typed) or _other_indicators(typed)
        if guess is not None:
            suspicions += find_slips(typed.units, typed.codes, guess, explained)
    rows: set[int] = set()
    for _, cells, message in sorted(suspicions, key=lambda slip: -slip[0])[:_MOST]:
        if not rows.issuperset(row for row, _ in cells):
            yield typed.finding("W22", cells, message)
        if len({row for row, _ in cells}) == 1 and len(cells) > 1:
            rows.add(cells[0][0])  # a row that was pasted says all about its cells


def _typed_over(
    typed: _Typed, reference: InputComparison, explained: set[_Cell]
) -> Iterator[Finding]:
    """Yield the few values that are not the former ones, and that no slip explains."""
    bad = zip(*np.nonzero(reference.misfit(reference.values) > _BAD), strict=True)
    cells = [(int(row), int(column)) for row, column in bad]
    left = [cell for cell in cells if cell not in explained]
    for row, column in left if len(left) <= _FEW else ():
        explained.add((row, column))
        tables = typed.values, reference.expected
        now, before = (_number_text(float(table[row, column])) for table in tables)
        message = f"{typed.codes[column]} of {typed.units[row]} is {now}, and {before} in "
        yield typed.finding("W32", [(row, column)], f"{message}{reference.source}.", "note")


# -- what values are compared with ----------------------------------------------------------------
def _exact_references(
    typed: _Typed, recorded: Recorded, report: Report | None
) -> Iterator[InputComparison]:
    """Yield the values that a report ships, and those that recorded sums give back."""
    if report is not None:
        shipped = _values_of(report.dataset, typed.units, typed.codes)
        yield InputComparison(typed.values, shipped, _exactly(shipped), _SHIPPED, is_exact=True)
    written = _written_values(typed, recorded)
    yield InputComparison(typed.values, written, _exactly(written), _WRITTEN, is_exact=True)


def _exactly(expected: Matrix) -> Matrix:
    """Return deviations so small that any other number is a misfit."""
    return 1e-10 * np.maximum(1.0, np.abs(np.nan_to_num(expected)))


def _written_values(typed: _Typed, recorded: Recorded) -> Matrix:
    """Return the former values of what was changed since the sums were recorded, else NaN.

    Each indicator has a weight of its own in a city's sum: what the sum is off by gives a former
    value with few decimals in the indicator that was changed, and with many in any other. Changes
    of one indicator explain all cities at once, else each city is explained alone.
    """
    template = typed.template
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    former = np.full(typed.values.shape, np.nan)
    apart = {row: recorded.sums[unit] - sums[unit] for row, unit in enumerate(typed.units)
             if unit in sums and recorded.sums.get(unit, sums[unit]) != sums[unit]}  # fmt: skip
    groups = [[*apart]] if len(apart) > _FEW else [[*apart], *([row] for row in apart)]
    for rows in groups:
        fitting = {}
        for column, code in enumerate(typed.codes):
            if weight := recorded.weights.get(code, 0.0):
                slack = 2 * _RECORDED / weight
                values = np.array([typed.values[row, column] + apart[row] / weight for row in rows])
                rounded = np.round(values, math.floor(-math.log10(1000 * slack)))
                if rows and (np.abs(values - rounded) <= slack).all():
                    fitting[column] = rounded
        if len(fitting) == 1:
            ((column, values),) = fitting.items()
            former[:, column] = typed.values[:, column]
            former[rows, column] = values
            if rows == [*apart]:
                break
    return former


def _last_edition(subject: Subject, typed: _Typed) -> InputComparison | None:
    """Return what the last edition leads one to expect: the same, plus the usual change."""
    last = read_last(subject.book)
    if last is None:
        return None
    old = {mapped.code: mapped.old for mapped in last.mapping if mapped.old}
    former = [[last.values.get((u, old.get(c, c)), np.nan) for c in typed.codes]
              for u in typed.units]  # fmt: skip
    before = np.array(former, dtype=float)
    expected, usual = np.full(before.shape, np.nan), np.full(len(typed.codes), np.nan)
    for column in range(len(typed.codes)):
        here = ~np.isnan(typed.values[:, column]) & ~np.isnan(before[:, column])
        x, y = before[here, column], typed.values[here, column]
        if here.sum() < CITIES or len(set(x)) < DISTINCT or len(set(y)) < DISTINCT:
            continue
        shift = float(np.median(y - x))
        expected[:, column] = before[:, column] + shift
        # A value that hardly ever changes has no usual change; rounding is the least.
        usual[column] = max(_spread(y - x - shift), 0.01 * _spread(y))
    if np.isnan(usual).all():
        return None
    return InputComparison(typed.values, expected, usual, "the last edition")


def _other_indicators(typed: _Typed) -> InputComparison | None:
    """Return what a city's other indicators lead one to expect of each."""
    values = typed.values
    standard, centres = values.copy(), np.zeros(len(typed.codes))
    spreads = np.ones(len(typed.codes))
    for column in range(len(typed.codes)):
        present = values[~np.isnan(values[:, column]), column]
        if len(present) < CITIES or len(set(present)) < DISTINCT:
            standard[:, column] = np.nan
            continue
        centres[column], spreads[column] = np.median(present), _spread(present) or 1.0
        standard[:, column] = (values[:, column] - centres[column]) / spreads[column]
    expected, usual = np.full(values.shape, np.nan), np.full(len(typed.codes), np.nan)
    for column in range(len(typed.codes)):
        others = np.delete(standard, column, axis=1)
        enough = (~np.isnan(others)).sum(axis=1) >= COLUMNS
        level = np.full(len(values), np.nan)
        if enough.any():
            level[enough] = np.nanmedian(others[enough], axis=1)
        both = ~np.isnan(level) & ~np.isnan(standard[:, column])
        if both.sum() < 2 * CITIES:
            continue
        slope, start = _line(level[both], standard[both, column])
        left = _spread(standard[both, column] - start - slope * level[both])
        if left <= _LEFT:
            expected[:, column] = centres[column] + spreads[column] * (start + slope * level)
            usual[column] = max(left, 0.01) * spreads[column]
    if np.isnan(usual).all():
        return None
    return InputComparison(values, expected, usual, "the other indicators", is_former=False)


def _line(x: Matrix, y: Matrix) -> tuple[float, float]:
    """Return slope and start of the line through most points (median of slopes)."""
    i, j = np.triu_indices(len(x), 1)
    steps = x[j] - x[i]
    slopes = (y[j] - y[i])[steps != 0] / steps[steps != 0]
    slope = float(np.median(slopes)) if len(slopes) else 0.0
    return slope, float(np.median(y - slope * x))


def _spread(values: Matrix) -> float:
    """Return the standard deviation, as the middle half of the values has it."""
    low, high = np.percentile(values, [25, 75])
    return float(high - low) / 1.349


# -- slips ----------------------------------------------------------------------------------------
#: How telling a slip is, the values that it changed, and what it was.
_Slip = tuple[float, list[_Cell], str]


def find_slips(
    units: tuple[str, ...],
    codes: tuple[str, ...],
    reference: InputComparison,
    explained: set[_Cell],
) -> Iterator[_Slip]:
    """Yield the slips that explain misfits; their values are explained from then on."""
    misfit = reference.misfit(reference.values)
    bad = misfit > _BAD
    for cell in explained:
        bad[cell] = False
    for find in (_find_columns, _find_exchanged_columns, _find_exchanged_rows, _find_single):
        for slip in find(units, codes, reference, misfit, bad):
            explained.update(slip[1])
            for cell in slip[1]:
                bad[cell] = False
            yield slip


def _find_columns(
    units: tuple[str, ...],
    codes: tuple[str, ...],
    reference: InputComparison,
    misfit: Matrix,
    bad: Any,
) -> Iterator[_Slip]:
    """Yield indicators of which many values were moved by a row, scaled, rounded, or made 0."""
    for column, code in enumerate(codes):
        now, expected = reference.values[:, column], reference.expected[:, column]
        rows = np.flatnonzero(bad[:, column])
        cells = [(int(row), column) for row in rows]
        source = reference.source
        if reference.is_exact and source == _SHIPPED:
            zeros = np.flatnonzero((now == 0) & np.isnan(expected))
            if len(zeros) > 0 and 2 * (len(zeros) + len(rows)) <= len(units):
                cities = counted(len(zeros), "city", "cities")
                message = f"0 for {cities} without a value in {code}: a missing value is not 0."
                yield 200.0, [(int(row), column) for row in zeros], message
        if len(rows) < _FEW or not reference.is_former:
            continue
        for step, side in ((1, "above"), (-1, "below")):
            shifted = np.roll(expected, step)
            shifted[0 if step == 1 else -1] = np.nan
            usual = np.broadcast_to(reference.usual, reference.values.shape)[rows, column]
            fits = np.abs(now[rows] - shifted[rows]) / usual < _GOOD
            if fits.sum() >= max(_FEW, _SHARE * len(rows)):
                pasted = [(int(row), column) for row in rows[fits]]
                message = f"{len(pasted)} values of {code} fit {source} in the row {side}: "
                yield 200.0, pasted, f"{message}they were pasted one row off."
        with np.errstate(invalid="ignore", divide="ignore"):
            powers = np.log10(np.abs(now[rows] / expected[rows]))
        powers = powers[np.isfinite(powers)]
        exponent = round(float(np.median(powers))) if len(powers) >= CITIES else 0
        near = np.abs(powers - exponent) < _NEAR
        if exponent and near.sum() >= _SHARE * len(powers):
            message = f"most values of {code} are 10^{exponent} times those of {source}: "
            yield 200.0, cells, f"{message}another unit of measure?"
        for decimals in range(3) if reference.is_exact else ():
            present = now[~np.isnan(now)]
            half = 0.5 * 10.0**-decimals + 1e-12
            rounded = (np.round(present, decimals) == present).all()
            if rounded and (np.abs(now[rows] - expected[rows]) <= half).all():
                message = f"{code} is rounded to {counted(decimals, 'decimal')}: {len(rows)} of "
                yield 200.0, cells, f"{message}{source} have more."
                break


def _find_exchanged_columns(
    units: tuple[str, ...],
    codes: tuple[str, ...],
    reference: InputComparison,
    misfit: Matrix,
    bad: Any,
) -> Iterator[_Slip]:
    """Yield two indicators whose columns are each near what is expected of the other."""
    wrong = np.flatnonzero(bad.sum(axis=0) >= CITIES) if reference.is_former else ()
    for i, k in combinations([int(column) for column in wrong], 2):
        apart = {
            (a, b): _median(reference.values[:, a] - reference.expected[:, b])
            for a in (i, k)
            for b in (i, k)
        }
        if apart[i, k] < apart[k, k] / 3 and apart[k, i] < apart[i, i] / 3:
            message = f"the columns {codes[i]} and {codes[k]} look exchanged: the other way round "
            cells = [(row, column) for column in (i, k) for row in range(len(units))]
            yield 200.0, cells, f"{message}they fit {reference.source}."


def _median(apart: Matrix) -> float:
    distances = np.abs(apart[~np.isnan(apart)])
    return float(np.median(distances)) if len(distances) >= CITIES else np.nan


def _find_exchanged_rows(
    units: tuple[str, ...],
    codes: tuple[str, ...],
    reference: InputComparison,
    misfit: Matrix,
    bad: Any,
) -> Iterator[_Slip]:
    """Yield two cities whose rows fit one another better in most indicators."""
    judged = ~np.isnan(misfit)
    half = judged.sum(axis=1) >= COLUMNS
    half &= 2 * (misfit > _BAD / 2).sum(axis=1) > judged.sum(axis=1)
    rows = [int(row) for row in np.flatnonzero(half)]
    taken: set[int] = set()
    for pair in combinations(rows if len(rows) <= _MANY else (), 2):
        new = reference.misfit(reference.values[list(pair[::-1])], list(pair))
        enough = min((~np.isnan(new)).sum(axis=1)) >= COLUMNS
        if enough and taken.isdisjoint(pair) and max(np.nanmedian(new, axis=1)) < _GOOD:
            taken.update(pair)
            message = (
                f"the rows of {units[pair[0]]} and {units[pair[1]]} look exchanged: the other "
            )
            cells = [(row, column) for row in pair for column in range(len(codes))]
            yield 150.0, cells, f"{message}way round they fit {reference.source}."


def _find_single(
    units: tuple[str, ...],
    codes: tuple[str, ...],
    reference: InputComparison,
    misfit: Matrix,
    bad: Any,
) -> Iterator[_Slip]:
    """Yield values that were exchanged, and those with digits transposed or the point moved."""
    if bad.sum() > _MANY * (1 if reference.is_exact else 10):
        return
    for column, code in enumerate(codes):
        for pair in combinations([int(row) for row in np.flatnonzero(bad[:, column])], 2):
            here, there = list(pair), list(pair[::-1])
            new = reference.misfit(reference.values[there, column], (here, column))
            if bad[here, column].all() and max(new) < _GOOD:
                names = " and ".join(units[row] for row in here)
                shown = (_number_text(float(reference.values[row, column])) for row in here)
                message = f"{code} of {names} ({' and '.join(shown)}) look exchanged: the "
                message += f"other way round they fit {reference.source}."
                cells = [(row, column) for row in here]
                yield float(min(misfit[here, column])), cells, message
    for row, column in zip(*np.nonzero(bad), strict=True):
        value = float(reference.values[row, column])
        for text, what in _corrections(value, reference):
            left = reference.misfit(float(text), (row, column))
            if left < _GOOD or left < min(_BAD, misfit[row, column] / _CLEARLY):
                message = f"{codes[column]} of {units[row]} is {_number_text(value)}; {text} would "
                message += f"fit {reference.source}: {what}?"
                yield float(misfit[row, column]), [(int(row), int(column))], message
                break


def _corrections(value: float, reference: InputComparison) -> Iterator[tuple[str, str]]:
    text = _number_text(value)
    for digit in range(len(text) - 1):
        a, b = text[digit], text[digit + 1]
        if a.isdigit() and b.isdigit() and a != b:
            yield text[:digit] + b + a + text[digit + 2 :], "two digits transposed"
    for factor, what in (_OF_FORMER if reference.is_former else _FACTORS).items():
        yield f"{value * factor:.12g}", what


def _number_text(value: float) -> str:
    return f"{value:.12g}"


def find_pasted_rows(units: tuple[str, ...], values: Matrix) -> Iterator[_Slip]:
    """Yield two rows that agree in most indicators, far more closely than chance explains.

    Pairs are looked at row by row: at once, those of 2,000 rows would take gigabytes.
    """
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
    area = template.area("xl_cities")
    heads, *rows = [[plain_text(value) for value in texts] for texts in template.book.block(area)]
    shipped = {unit.id: (unit.name_zh, unit.name_en) for unit in report.dataset.units}
    columns = [heads.index("name_zh"), heads.index("name_en")]
    renamed = [
        (texts[0], row, tuple(texts[column] for column in columns))
        for row, texts in enumerate(rows, area.r1 + 1)
        if texts[0] in shipped and tuple(texts[c] for c in columns) != shipped[texts[0]]
    ]
    for (a, row, names), (b, other, others) in combinations(renamed, 2):
        swapped = [
            n
            for n in range(len(columns))
            if names[n] != others[n] and (names[n], others[n]) == (shipped[b][n], shipped[a][n])
        ]
        if swapped:
            places = [(r, area.c1 + columns[n]) for r in (row, other) for n in swapped]
            pair = ", ".join((names[swapped[0]], others[swapped[0]]))
            message = f"the names of {a} and {b} are exchanged ({pair})."
            region = ranges_text(places)
            yield Finding("W31", area.sheet, cell_name(*places[0]), message, region=region)
    area = template.area("xl_sources")
    heads, *rows = [[plain_text(value) for value in texts] for texts in template.book.block(area)]
    for row, texts in enumerate(rows, area.r1 + 1):
        node = report.framework.inputs.get(texts[0])
        for name in _SOURCES if node is not None else ():
            column = heads.index(name)
            old, new = getattr(node, name), texts[column]
            if old and old != new:
                message = f"{name} of {texts[0]}: {new or 'nothing'} instead of {old}."
                yield Finding("W31", area.sheet, cell_name(row, area.c1 + column), message)


def _removed_cities(template: Template, former: list[str], source: str) -> Iterator[Finding]:
    """Yield the cities with former values that are not scored any more, or have no row."""
    scored = {unit.id for unit in template.dataset.units if unit.population}
    gone = [unit for unit in former if unit not in scored or unit not in template.rows]
    if gone and len(gone) < len(former) / 2:
        area = template.area("xl_cities")
        ids = [plain_text(row[0]) for row in template.book.block(area)]
        cells = [cell_name(area.r1 + (ids.index(u) if u in ids else 0), area.c1) for u in gone]
        cities = ", ".join(gone[:_FEW]) + (", …" if len(gone) > _FEW else "")
        message = f"{counted(len(gone), 'city', 'cities')} of {source} taken out: {cities}."
        region = ", ".join(dict.fromkeys(cells)) if len(cells) > 1 else ""
        yield Finding("W31", area.sheet, cells[0], message, region=region)
