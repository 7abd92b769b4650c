"""Slips that only comparison shows: values exchanged, moved or pasted, digits transposed.

Each value is compared with what the last edition leads one to expect, or, without one, what the
other indicators of the city do. A suspicion is reported where a simple slip explains two values
that fit badly, or one that fits badly, and its correction fits well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from xlcity.audit.lint.expected_values import (
    CITIES,
    COLUMNS,
    DISTINCT,
    Expectation,
    Matrix,
    expect_from_last_edition,
    expect_from_other_indicators,
)
from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.model.dataset import State
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.text import number_text

#: Deviations from which a value fits badly, and up to which its correction fits well.
_BAD, _GOOD = 6.0, 3.0
#: A correction that leaves so little of the misfit need not fit as well.
_CLEARLY = 50
#: How far apart two values are at most that count as pasted, as a share of the larger one.
_CLOSE = 0.01
#: Factors that put a slip right -> what it was.
_FACTORS = {0.1: "ten times too large", 10.0: "ten times too small"}
#: Those that only the last edition tells from values that are rare.
_OF_LAST = {
    **_FACTORS,
    -1.0: "another sign",
    0.01: "a hundred times too large",
    100.0: "a hundred times too small",
    0.001: "a thousand times too large",
    1000.0: "a thousand times too small",
}
#: Share of values that agree in what was pasted, and how improbable that has to be (log 10).
_ALIKE, _IMPROBABLE = 0.8, -8.0
#: How near to a power of ten the usual ratio is (log 10).
_NEAR = 0.05
#: Values that are moved round by threes at most.
_ROUND = 12
#: Suspicions reported at most.
_MOST = 5


@finds(
    "W22 values look exchanged, transposed or pasted | Compare them with their source.",
    order=80,
)
def suspicious_values(subject: Subject) -> Iterator[LintFinding]:
    """Yield W22 of a template: few, those of whole rows and columns first."""
    template = subject.template
    if template is None:
        return
    weighed = sorted(_weighed_findings(subject, template), key=lambda pair: -pair[0])
    rows: set[int] = set()
    left = _MOST
    for _, finding in weighed:
        row = finding.position[0] if finding.position else 0
        if row in rows or not left:
            continue  # a row that was pasted says all about its cells
        if finding.region:
            rows.add(row)
        left -= 1
        yield finding


def _weighed_findings(subject: Subject, template: Template) -> Iterator[tuple[float, LintFinding]]:
    data = template.dataset
    rows = [row for row, unit in enumerate(data.units) if unit.id in template.rows]
    codes = tuple(code for code in data.codes if code in template.columns)
    units = tuple(data.units[row].id for row in rows)
    cells = np.ix_(rows, [data.column(code) for code in codes])
    values = np.where(data.states[cells] == State.VALUE, data.values[cells], np.nan)
    if len(units) < CITIES:
        return
    yield from _pasted_rows(template, units, codes, values)
    expectation = expect_from_last_edition(subject, units, codes, values)
    if expectation is None:
        expectation = expect_from_other_indicators(units, codes, values)
    if expectation is not None:
        of_lines = [
            *_exchanged_rows(template, expectation),
            *_exchanged_columns(template, expectation),
            *_differences_from_last(template, expectation),
        ]
        yield from of_lines
        if not of_lines:
            explained: set[tuple[int, int]] = set()
            yield from _exchanged_values(template, expectation, explained)
            yield from _mistyped_values(template, expectation, explained)


def _pasted_rows(
    template: Template, units: tuple[str, ...], codes: tuple[str, ...], values: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two rows that agree in most indicators, far more closely than other rows do."""
    usable = [c for c in range(len(codes)) if len(set(values[:, c][~np.isnan(values[:, c])]))
              >= DISTINCT]  # fmt: skip
    if len(usable) < COLUMNS:
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
        yield 100 + float(-weight[pair]), _row_finding(template, second, message)


def _alike_rows(values: Matrix) -> tuple[list[tuple[int, int]], Matrix, Matrix]:
    """Return the pairs of rows that are close in most columns.

    All pairs are looked at row by row: at once, those of 2,000 rows would take gigabytes.

    Returns
    -------
    tuple
        The pairs; how far apart they are in each column; and the share of all pairs that are as
        close there, where they are close.
    """
    pairs: list[tuple[int, int]] = []
    pair_distances = [np.zeros((0, values.shape[1]))]
    close_columns, close_distances = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    compared = np.zeros(values.shape[1])
    for first in range(len(values) - 1):
        row, rest = values[first], values[first + 1 :]
        with np.errstate(invalid="ignore", divide="ignore"):
            apart = np.abs(rest - row) / np.maximum(np.abs(rest), np.abs(row))
        close, both = apart <= _CLOSE, ~np.isnan(apart)
        compared += both.sum(axis=0)
        close_columns.append(np.nonzero(close)[1])
        close_distances.append(apart[close])
        least = np.maximum(_ALIKE * both.sum(axis=1), COLUMNS)
        alike = np.flatnonzero(close.sum(axis=1) >= least)
        pairs += [(first, first + 1 + int(other)) for other in alike]
        pair_distances.append(apart[alike])
    distances: Matrix = np.concatenate(pair_distances)
    column, distance = np.concatenate(close_columns), np.concatenate(close_distances)
    share: Matrix = np.ones_like(distances)
    for number in range(values.shape[1]) if pairs else ():
        order = np.sort(distance[column == number])
        share[:, number] = (
            np.searchsorted(order, distances[:, number], side="right") / compared[number]
        )
    return pairs, distances, share


def _exchanged_rows(
    template: Template, expectation: Expectation
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two or three cities whose rows fit one another better in most indicators."""
    misfit = expectation.misfit(expectation.values)
    pairs = list(_misfitting_pairs(expectation, misfit))
    most = 2 * (misfit > _BAD / 2).sum(axis=1) > (~np.isnan(misfit)).sum(axis=1)
    taken: set[int] = set()
    for order in (*pairs, *_threes({row for pair in pairs for row in pair if most[row]})):
        here, there = list(order), [*order[1:], order[0]]
        old, new = misfit[here], expectation.misfit(expectation.values[there], here)
        valid = ~np.isnan(old) & ~np.isnan(new)
        if min(valid.sum(axis=1)) < COLUMNS or not taken.isdisjoint(here):
            continue
        both = zip(old, new, valid, strict=True)
        medians = np.array([(np.median(a[row]), np.median(b[row])) for a, b, row in both])
        if min(medians[:, 0]) > _BAD / 2 and max(medians[:, 1]) < _GOOD:
            gain = np.median(medians[:, 0] - medians[:, 1])
            taken.update(here)
            units = [expectation.units[row] for row in here]
            message = f"the rows of {_listed(units)} look exchanged: {expectation.source} fits "
            message += "the other way." if len(here) == 2 else _turned(expectation, there)
            yield 100 + float(gain), _row_finding(template, units[-1], message)


def _threes(rows: Collection[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the ways in which three rows may have been moved round: each has that of the next."""
    if len(rows) <= _ROUND:
        for a, b, c in combinations(sorted(rows), 3):
            yield a, b, c
            yield a, c, b


def _turned(expectation: Expectation, order: Sequence[int]) -> str:
    return f"if they are those of {_listed([expectation.units[row] for row in order])}."


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _misfitting_pairs(expectation: Expectation, misfit: Matrix) -> Iterator[tuple[int, int]]:
    """Yield the pairs of rows of which half the values may fit badly, by counting alone.

    To look at each of the two million pairs of 2,000 rows would take minutes.
    """
    there = (~np.isnan(expectation.values)).astype(float)
    valid, bad = (~np.isnan(misfit)).astype(float), (misfit > _BAD / 2).astype(float)
    for i in range(len(misfit) - 1):
        rest = slice(i + 1, None)
        both = there[rest] @ valid[i] + valid[rest] @ there[i]
        badly = there[rest] @ bad[i] + bad[rest] @ there[i]
        for k in np.flatnonzero((both >= 2 * COLUMNS) & (2 * badly >= both)):
            yield i, i + 1 + int(k)


def _exchanged_columns(
    template: Template, expectation: Expectation
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two indicators whose columns are each near the other's of the last edition."""
    if expectation.before is None:
        return
    with np.errstate(invalid="ignore"):
        apart = np.abs(expectation.values[:, :, None] - expectation.before[:, None, :])
    enough = (~np.isnan(apart)).sum(axis=0) >= CITIES
    median = np.full(enough.shape, np.nan)
    median[enough] = np.nanmedian(apart[:, enough], axis=0)
    for i, k in combinations(range(len(expectation.codes)), 2):
        if median[i, k] < median[k, k] / 3 and median[k, i] < median[i, i] / 3:
            a, b = expectation.codes[i], expectation.codes[k]
            message = (
                f"the columns {a} and {b} look exchanged: {expectation.source} fits the other way."
            )
            beside = cell_name(template.area("in_data").r1, template.columns[a])
            yield 200.0, _column_finding(template, b, message, beside)


def _differences_from_last(
    template: Template, expectation: Expectation
) -> Iterator[tuple[float, LintFinding]]:
    """Yield suspicions about rows and columns, each with its weight."""
    if expectation.before is None:
        return
    for judge in (_moved_columns, _columns_in_other_units, _rows_from_last):
        yield from judge(template, expectation, expectation.before)


def _moved_columns(
    template: Template, expectation: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the indicators whose values are near those of the next or the last row."""
    order = sorted(
        range(len(expectation.units)), key=lambda row: template.rows[expectation.units[row]]
    )
    values, before = expectation.values[order], last[order]
    for column in np.flatnonzero(~np.isnan(expectation.usual)):
        now, then = values[:, column], before[:, column]
        stay = _median(now - then)
        for step, where in ((1, "below"), (-1, "above")):
            shifted = np.roll(then, step)
            shifted[0 if step == 1 else -1] = np.nan
            moved = _median(now - shifted)
            if moved < stay / 3:
                code = expectation.codes[column]
                message = f"{code} looks moved: most values are near those of the row {where} "
                message += f"in {expectation.source}."
                yield 200.0, _column_finding(template, code, message)


def _median(apart: Matrix) -> float:
    distances = np.abs(apart[~np.isnan(apart)])
    return float(np.median(distances)) if len(distances) >= CITIES else np.nan


def _columns_in_other_units(
    template: Template, expectation: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the indicators whose values are a power of ten of those of the last edition."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.log10(np.abs(expectation.values / last))
    for column in np.flatnonzero(~np.isnan(expectation.usual)):
        finite = ratios[np.isfinite(ratios[:, column]), column]
        power = float(np.median(finite)) if len(finite) >= CITIES else 0.0
        exponent = round(power)
        if exponent and abs(power - exponent) < _NEAR:
            code = expectation.codes[column]
            message = (
                f"most values of {code} are 10^{exponent} times those of {expectation.source}: "
            )
            yield 200.0, _column_finding(template, code, f"{message}another unit of measure?")


def _rows_from_last(
    template: Template, expectation: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the cities of which most values are those of the last edition, unlike others'."""
    both = ~np.isnan(expectation.values) & ~np.isnan(last) & ~np.isnan(expectation.usual)
    equal = both & (expectation.values == last)
    share = equal.sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    weight = (equal * np.log10(np.where(share > 0, share, 1.0))).sum(axis=1)
    for row in np.flatnonzero(weight <= _IMPROBABLE):
        count, of = int(equal[row].sum()), int(both[row].sum())
        if count >= max(_ALIKE * of, COLUMNS):
            unit = expectation.units[row]
            message = f"{count} of {of} values of {unit} are those of {expectation.source}: "
            message += "a row may have been pasted from it."
            yield 100 + float(-weight[row]), _row_finding(template, unit, message)


def _exchanged_values(
    template: Template, expectation: Expectation, explained: set[tuple[int, int]]
) -> Iterator[tuple[float, LintFinding]]:
    """Yield two or three cities whose values of one indicator fit one another."""
    misfit = expectation.misfit(expectation.values)
    for column, code in enumerate(expectation.codes):
        bad = np.flatnonzero(misfit[:, column] > _BAD).tolist()
        for order in (*combinations(bad, 2), *_threes(bad)):
            here, there = list(order), [*order[1:], order[0]]
            cells = {(row, column) for row in here}
            if len(here) > 2 and not explained.isdisjoint(cells):
                continue
            if max(expectation.misfit(expectation.values[there, column], (here, column))) < _GOOD:
                explained.update(cells)
                units = [expectation.units[row] for row in here]
                values = [number_text(float(expectation.values[row, column])) for row in here]
                message = (
                    f"{code} of {_listed(units)} ({_listed(values)}) look exchanged: "
                    f"{expectation.source} fits "
                )
                turned = f"with {_listed([*values[1:], values[0]])}."
                message += "the other way." if len(here) == 2 else turned
                sheet = template.area("in_data").sheet
                position = template.rows[units[-1]], template.columns[code]
                beside = cell_name(template.rows[units[0]], template.columns[code])
                yield (
                    float(min(misfit[here, column])),
                    finding_at("W22", sheet, position, message, beside=beside),
                )


def _mistyped_values(
    template: Template, expectation: Expectation, explained: Collection[tuple[int, int]]
) -> Iterator[tuple[float, LintFinding]]:
    """Yield a value that fits badly and, with two digits transposed or the point moved, well."""
    misfit = expectation.misfit(expectation.values)
    for row, column in zip(*np.nonzero(misfit > _BAD), strict=True):
        value = float(expectation.values[row, column])
        if (row, column) in explained:
            continue
        for text, what in _corrections(value, _FACTORS if expectation.before is None else _OF_LAST):
            left = expectation.misfit(float(text), (row, column))
            if left < _GOOD or left < min(_BAD, misfit[row, column] / _CLEARLY):
                unit, code = expectation.units[row], expectation.codes[column]
                message = f"{code} of {unit} is {number_text(value)}; {text} would fit "
                message += f"{expectation.source}: {what}?"
                position = template.rows[unit], template.columns[code]
                sheet = template.area("in_data").sheet
                yield float(misfit[row, column]), finding_at("W22", sheet, position, message)
                break


def _corrections(value: float, factors: Mapping[float, str]) -> Iterator[tuple[str, str]]:
    text = number_text(value)
    for at_digit in range(len(text) - 1):
        a, b = text[at_digit], text[at_digit + 1]
        if a.isdigit() and b.isdigit() and a != b:
            yield text[:at_digit] + b + a + text[at_digit + 2 :], "two digits transposed"
    for factor, what in factors.items():
        yield f"{value * factor:.12g}", what


def _row_finding(template: Template, unit: str, message: str) -> LintFinding:
    """Return a suspicion about the row of a city."""
    area = template.area("in_units")
    first, last = min(template.columns.values()), max(template.columns.values())
    row = template.rows[unit]
    region = f"{cell_name(row, first)}:{cell_name(row, last)}"
    return finding_at("W22", area.sheet, (row, area.c1), message, region=region)


def _column_finding(template: Template, code: str, message: str, beside: str = "") -> LintFinding:
    """Return a suspicion about the column of an indicator."""
    area = template.area("in_data")
    heading = area.r1, template.columns[code]
    return finding_at("W22", area.sheet, heading, message, beside=beside)
