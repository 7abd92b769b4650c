"""Whole rows and columns against the last edition: moved, in another unit, or pasted from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.audit.lint.finding import LintFinding
from xlcity.audit.lint.rules.expected_values import (
    ALIKE,
    CITIES,
    COLUMNS,
    IMPROBABLE,
    Expectation,
    Matrix,
    column_finding,
    row_finding,
)
from xlcity.workbook.reading.template import Template

#: How near to a power of ten the usual ratio is (log 10).
_NEAR = 0.05


def differences_from_last(
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
                yield 200.0, column_finding(template, code, message)


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
            yield 200.0, column_finding(template, code, f"{message}another unit of measure?")


def _rows_from_last(
    template: Template, expectation: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the cities of which most values are those of the last edition, unlike others'."""
    both = ~np.isnan(expectation.values) & ~np.isnan(last) & ~np.isnan(expectation.usual)
    equal = both & (expectation.values == last)
    share = equal.sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    weight = (equal * np.log10(np.where(share > 0, share, 1.0))).sum(axis=1)
    for row in np.flatnonzero(weight <= IMPROBABLE):
        count, of = int(equal[row].sum()), int(both[row].sum())
        if count >= max(ALIKE * of, COLUMNS):
            unit = expectation.units[row]
            message = f"{count} of {of} values of {unit} are those of {expectation.source}: "
            message += "a row may have been pasted from it."
            yield 100 + float(-weight[row]), row_finding(template, unit, message)
