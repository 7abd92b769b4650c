"""Slips that only comparison shows: values exchanged, digits transposed, rows pasted.

Each value is compared with what the last edition leads one to expect, or, without one, what the
other indicators of the city do. A suspicion is reported where a simple slip explains two values
that fit badly, or one that fits badly, and its correction fits well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.model.dataset import State
from xlcity.workbook.reading.template import Template
from xlcity.workbook.spec.from_template import read_last
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.text import number_text

#: Deviations from which a value fits badly, and up to which its correction fits well.
_BAD, _GOOD = 6.0, 3.0
#: A correction that leaves so little of the misfit need not fit as well.
_CLEARLY = 50
#: Cities and indicators that are needed to judge; different values that an indicator needs.
_CITIES, _COLUMNS, _DISTINCT = 8, 4, 8
#: How well other indicators have to predict one: the share of its spread that is left at most.
_LEFT = 0.35
#: Share of the indicators in which pasted rows agree, and how improbable that has to be (log 10).
_ALIKE, _IMPROBABLE = 0.8, -8.0
#: How far apart two values are at most that count as pasted, as a share of the larger one.
_CLOSE = 0.01
#: Suspicions reported at most.
_MOST = 5

_Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Expectation:
    """Values by city and indicator, what was to be expected, and the usual deviation from it."""

    units: tuple[str, ...]
    codes: tuple[str, ...]
    values: _Matrix
    expected: _Matrix
    usual: npt.NDArray[np.float64]
    source: str
    before: _Matrix | None = None

    def misfit(self, values: _Matrix | float, cells: Any = ...) -> _Matrix:
        """Return how many usual deviations values of some cells are off; of all where not given."""
        usual = np.broadcast_to(self.usual, self.values.shape)[cells]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.abs(values - self.expected[cells]) / usual)


@finds(
    "W22 values look exchanged, transposed or pasted | Compare them with their source.",
    order=80,
)
def suspicions(subject: Subject) -> Iterator[LintFinding]:
    """Yield W22 of a template: few, those of whole rows and columns first."""
    template = subject.template
    if template is None:
        return
    found = sorted(_suspicions(subject, template), key=lambda pair: -pair[0])
    rows: set[int] = set()
    left = _MOST
    for _, finding in found:
        row = finding.position[0] if finding.position else 0
        if row in rows or not left:
            continue  # a row that was pasted says all about its cells
        if finding.region:
            rows.add(row)
        left -= 1
        yield finding


def _suspicions(subject: Subject, template: Template) -> Iterator[tuple[float, LintFinding]]:
    data = template.dataset
    rows = [row for row, unit in enumerate(data.units) if unit.id in template.rows]
    codes = tuple(code for code in data.codes if code in template.columns)
    units = tuple(data.units[row].id for row in rows)
    cells = np.ix_(rows, [data.column(code) for code in codes])
    values = np.where(data.states[cells] == State.VALUE, data.values[cells], np.nan)
    if len(units) < _CITIES:
        return
    yield from _pasted(template, units, codes, values)
    for known in (_since_last(subject, units, codes, values), _among(units, codes, values)):
        if known is not None:
            whole = [
                *_exchanged_rows(template, known),
                *_exchanged_columns(template, known),
            ]
            yield from whole
            if not whole:
                yield from _exchanged_values(template, known)
                yield from _mistyped(template, known)
            return


def _since_last(
    subject: Subject, units: tuple[str, ...], codes: tuple[str, ...], values: _Matrix
) -> _Expectation | None:
    """Return what the last edition leads one to expect: the same, times the usual change."""
    last = read_last(subject.book)
    if last is None:
        return None
    old = {mapped.code: mapped.old for mapped in last.mapping if mapped.old}
    before = np.array(
        [[last.values.get((u, old.get(c, c)), np.nan) for c in codes] for u in units], dtype=float
    )
    both = ~np.isnan(values) & ~np.isnan(before)
    expected, usual = np.full(values.shape, np.nan), np.full(len(codes), np.nan)
    for column in range(len(codes)):
        here = both[:, column]
        x, y = before[here, column], values[here, column]
        if here.sum() < _CITIES or len(set(x)) < _DISTINCT or len(set(y)) < _DISTINCT:
            continue
        shift = float(np.median(y - x))
        expected[:, column] = before[:, column] + shift
        usual[column] = _spread(y - x - shift)
        # A value that hardly ever changes has no usual change; rounding is the least.
        usual[column] = max(usual[column], 0.01 * _spread(y))
    if np.isnan(usual).all():
        return None
    return _Expectation(units, codes, values, expected, usual, "the last edition", before)


def _among(units: tuple[str, ...], codes: tuple[str, ...], values: _Matrix) -> _Expectation | None:
    """Return what a city's other indicators lead one to expect of each."""
    standard, centres, spreads = values.copy(), np.zeros(len(codes)), np.ones(len(codes))
    for column in range(len(codes)):
        known = values[~np.isnan(values[:, column]), column]
        if len(known) < _CITIES or len(set(known)) < _DISTINCT:
            standard[:, column] = np.nan
            continue
        centres[column], spreads[column] = np.median(known), _spread(known) or 1.0
        standard[:, column] = (values[:, column] - centres[column]) / spreads[column]
    expected, usual = np.full(values.shape, np.nan), np.full(len(codes), np.nan)
    for column in range(len(codes)):
        others = np.delete(standard, column, axis=1)
        enough = (~np.isnan(others)).sum(axis=1) >= _COLUMNS
        level = np.full(len(units), np.nan)
        if enough.any():
            level[enough] = np.nanmedian(others[enough], axis=1)
        both = ~np.isnan(level) & ~np.isnan(standard[:, column])
        if both.sum() < 2 * _CITIES:
            continue
        slope, start = _line(level[both], standard[both, column])
        left = _spread(standard[both, column] - start - slope * level[both])
        if left <= _LEFT:
            expected[:, column] = centres[column] + spreads[column] * (start + slope * level)
            usual[column] = max(left, 0.01) * spreads[column]
    if np.isnan(usual).all():
        return None
    return _Expectation(units, codes, values, expected, usual, "the other indicators")


def _line(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and start of the line through most points (median of slopes)."""
    i, j = np.triu_indices(len(x), 1)
    steps = x[j] - x[i]
    slopes = (y[j] - y[i])[steps != 0] / steps[steps != 0]
    slope = float(np.median(slopes)) if len(slopes) else 0.0
    return slope, float(np.median(y - slope * x))


def _spread(values: npt.NDArray[np.float64]) -> float:
    """Return the standard deviation, as the middle half of the values has it."""
    low, high = np.percentile(values, [25, 75])
    return float(high - low) / 1.349


def _pasted(
    template: Template, units: tuple[str, ...], codes: tuple[str, ...], values: _Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two rows that agree in most indicators, far more closely than other rows do."""
    usable = [c for c in range(len(codes)) if len(set(values[:, c][~np.isnan(values[:, c])]))
              >= _DISTINCT]  # fmt: skip
    if len(usable) < _COLUMNS:
        return
    pairs, apart, share = _alike_rows(values[:, usable])
    close = apart <= _CLOSE
    weight = (close * np.log10(np.where(close, share, 1.0))).sum(axis=1)
    for pair in np.flatnonzero(weight <= _IMPROBABLE):
        first, second = (units[row] for row in pairs[pair])
        both = int((~np.isnan(apart[pair])).sum())
        message = (
            f"{first} and {second} agree within 1 % in {int(close[pair].sum())} of "
            f"{both} indicators: a row may have been pasted over the other."
        )
        yield 100 + float(-weight[pair]), _at_row(template, second, message)


def _alike_rows(values: _Matrix) -> tuple[list[tuple[int, int]], _Matrix, _Matrix]:
    """Return the pairs of rows that are close in most columns.

    All pairs are looked at row by row: at once, those of 2,000 rows would take gigabytes.

    Returns
    -------
    tuple
        The pairs; how far apart they are in each column; and the share of all pairs that are as
        close there, where they are close.
    """
    pairs: list[tuple[int, int]] = []
    found, columns = [np.zeros((0, values.shape[1]))], [np.zeros(0, dtype=np.int64)]
    closest, known = [np.zeros(0)], np.zeros(values.shape[1])
    for first in range(len(values) - 1):
        row, rest = values[first], values[first + 1 :]
        with np.errstate(invalid="ignore", divide="ignore"):
            apart = np.abs(rest - row) / np.maximum(np.abs(rest), np.abs(row))
        close, both = apart <= _CLOSE, ~np.isnan(apart)
        known += both.sum(axis=0)
        columns.append(np.nonzero(close)[1])
        closest.append(apart[close])
        least = np.maximum(_ALIKE * both.sum(axis=1), _COLUMNS)
        alike = np.flatnonzero(close.sum(axis=1) >= least)
        pairs += [(first, first + 1 + int(other)) for other in alike]
        found.append(apart[alike])
    distances: _Matrix = np.concatenate(found)
    column, among = np.concatenate(columns), np.concatenate(closest)
    share: _Matrix = np.ones_like(distances)
    for number in range(values.shape[1]) if pairs else ():
        order = np.sort(among[column == number])
        share[:, number] = (
            np.searchsorted(order, distances[:, number], side="right") / known[number]
        )
    return pairs, distances, share


def _exchanged_rows(template: Template, known: _Expectation) -> Iterator[tuple[float, LintFinding]]:
    """Yield two cities whose rows each fit the other better in most indicators."""
    misfit = known.misfit(known.values)
    for i, k in _misfitting_pairs(known, misfit):
        old, new = misfit[[i, k]], known.misfit(known.values[[k, i]], [i, k])
        valid = ~np.isnan(old) & ~np.isnan(new)
        if valid.sum() < 2 * _COLUMNS:
            continue
        gain = np.median(old[valid]) - np.median(new[valid])
        if np.median(old[valid]) > _BAD / 2 and np.median(new[valid]) < _GOOD:
            a, b = known.units[i], known.units[k]
            message = f"the rows of {a} and {b} look exchanged: {known.source} fits the other way."
            yield 100 + float(gain), _at_row(template, b, message)


def _misfitting_pairs(known: _Expectation, misfit: _Matrix) -> Iterator[tuple[int, int]]:
    """Yield the pairs of rows of which half the values may fit badly, by counting alone.

    To look at each of the two million pairs of 2,000 rows would take minutes.
    """
    there = (~np.isnan(known.values)).astype(float)
    valid, bad = (~np.isnan(misfit)).astype(float), (misfit > _BAD / 2).astype(float)
    for i in range(len(misfit) - 1):
        rest = slice(i + 1, None)
        both = there[rest] @ valid[i] + valid[rest] @ there[i]
        badly = there[rest] @ bad[i] + bad[rest] @ there[i]
        for k in np.flatnonzero((both >= 2 * _COLUMNS) & (2 * badly >= both)):
            yield i, i + 1 + int(k)


def _exchanged_columns(
    template: Template, known: _Expectation
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two indicators whose columns are each near the other's of the last edition."""
    if known.before is None:
        return
    with np.errstate(invalid="ignore"):
        apart = np.abs(known.values[:, :, None] - known.before[:, None, :])
    enough = (~np.isnan(apart)).sum(axis=0) >= _CITIES
    median = np.full(enough.shape, np.nan)
    median[enough] = np.nanmedian(apart[:, enough], axis=0)
    for i, k in combinations(range(len(known.codes)), 2):
        if median[i, k] < median[k, k] / 3 and median[k, i] < median[i, i] / 3:
            a, b = known.codes[i], known.codes[k]
            message = f"the columns {a} and {b} look exchanged: {known.source} fits the other way."
            area = template.area("in_data")
            position, beside = (area.r1, template.columns[b]), (area.r1, template.columns[a])
            yield 200.0, at("W22", area.sheet, position, message, beside=cell_name(*beside))


def _exchanged_values(
    template: Template, known: _Expectation
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two cities whose values of one indicator each fit the other."""
    misfit = known.misfit(known.values)
    for column, code in enumerate(known.codes):
        bad = np.flatnonzero(misfit[:, column] > _BAD)
        for i, k in combinations(bad, 2):
            if max(known.misfit(known.values[[k, i], column], ([i, k], column))) < _GOOD:
                a, b = known.units[i], known.units[k]
                values = (number_text(float(known.values[row, column])) for row in (i, k))
                message = (
                    f"{code} of {a} and {b} ({' and '.join(values)}) look exchanged: "
                    f"{known.source} fits the other way."
                )
                where = template.area("in_data").sheet
                place = template.rows[b], template.columns[code]
                beside = cell_name(template.rows[a], template.columns[code])
                weight = float(min(misfit[i, column], misfit[k, column]))
                yield weight, at("W22", where, place, message, beside=beside)


def _mistyped(template: Template, known: _Expectation) -> Iterator[tuple[float, LintFinding]]:
    """Yield a value that fits badly and, with two digits transposed or the point moved, well."""
    misfit = known.misfit(known.values)
    for row, column in zip(*np.nonzero(misfit > _BAD), strict=True):
        value = float(known.values[row, column])
        for text, what in _corrections(value):
            left = known.misfit(float(text), (row, column))
            if left < _GOOD or left < min(_BAD, misfit[row, column] / _CLEARLY):
                unit, code = known.units[row], known.codes[column]
                message = (
                    f"{code} of {unit} is {number_text(value)}; {text} would fit {known.source}: "
                    f"{what}?"
                )
                place = template.rows[unit], template.columns[code]
                sheet = template.area("in_data").sheet
                yield float(misfit[row, column]), at("W22", sheet, place, message)
                break


def _corrections(value: float) -> Iterator[tuple[str, str]]:
    text = number_text(value)
    for at_digit in range(len(text) - 1):
        a, b = text[at_digit], text[at_digit + 1]
        if a.isdigit() and b.isdigit() and a != b:
            yield text[:at_digit] + b + a + text[at_digit + 2 :], "two digits transposed"
    for factor, what in ((0.1, "ten times too large"), (10.0, "ten times too small")):
        yield f"{value * factor:.12g}", what


def _at_row(template: Template, unit: str, message: str) -> LintFinding:
    area = template.area("in_units")
    first, last = min(template.columns.values()), max(template.columns.values())
    row = template.rows[unit]
    region = f"{cell_name(row, first)}:{cell_name(row, last)}"
    return at("W22", area.sheet, (row, area.c1), message, region=region)
