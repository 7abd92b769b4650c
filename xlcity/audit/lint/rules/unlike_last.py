"""Whole rows and columns against the last edition: moved, in another unit, or pasted from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.audit.lint.finding import LintFinding
from xlcity.audit.lint.rules.expectation import (
    ALIKE,
    CITIES,
    COLUMNS,
    IMPROBABLE,
    Expectation,
    Matrix,
    at_head,
    at_row,
)
from xlcity.workbook.reading.template import Template

#: How near to a power of ten the usual ratio is (log 10).
_NEAR = 0.05


def unlike_last(template: Template, known: Expectation) -> Iterator[tuple[float, LintFinding]]:
    """Yield suspicions about rows and columns, each with its weight."""
    if known.before is None:
        return
    for judge in (_moved, _in_another_unit, _old_rows):
        yield from judge(template, known, known.before)


def _moved(
    template: Template, known: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the indicators whose values are near those of the next or the last row."""
    order = sorted(range(len(known.units)), key=lambda row: template.rows[known.units[row]])
    values, before = known.values[order], last[order]
    for column in np.flatnonzero(~np.isnan(known.usual)):
        now, then = values[:, column], before[:, column]
        stay = _median(now - then)
        for step, where in ((1, "below"), (-1, "above")):
            shifted = np.roll(then, step)
            shifted[0 if step == 1 else -1] = np.nan
            moved = _median(now - shifted)
            if moved < stay / 3:
                code = known.codes[column]
                message = f"{code} looks moved: most values are near those of the row {where} "
                message += f"in {known.source}."
                yield 200.0, at_head(template, code, message)


def _median(apart: Matrix) -> float:
    known = np.abs(apart[~np.isnan(apart)])
    return float(np.median(known)) if len(known) >= CITIES else np.nan


def _in_another_unit(
    template: Template, known: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the indicators whose values are a power of ten of those of the last edition."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.log10(np.abs(known.values / last))
    for column in np.flatnonzero(~np.isnan(known.usual)):
        found = ratios[np.isfinite(ratios[:, column]), column]
        power = float(np.median(found)) if len(found) >= CITIES else 0.0
        whole = round(power)
        if whole and abs(power - whole) < _NEAR:
            code = known.codes[column]
            message = f"most values of {code} are 10^{whole} times those of {known.source}: "
            yield 200.0, at_head(template, code, f"{message}another unit of measure?")


def _old_rows(
    template: Template, known: Expectation, last: Matrix
) -> Iterator[tuple[float, LintFinding]]:
    """Yield the cities of which most values are those of the last edition, unlike others'."""
    both = ~np.isnan(known.values) & ~np.isnan(last) & ~np.isnan(known.usual)
    equal = both & (known.values == last)
    share = equal.sum(axis=0) / np.maximum(both.sum(axis=0), 1)
    weight = (equal * np.log10(np.where(share > 0, share, 1.0))).sum(axis=1)
    for row in np.flatnonzero(weight <= IMPROBABLE):
        count, of = int(equal[row].sum()), int(both[row].sum())
        if count >= max(ALIKE * of, COLUMNS):
            message = f"{count} of {of} values of {known.units[row]} are those of {known.source}: "
            message += "a row may have been pasted from it."
            yield 100 + float(-weight[row]), at_row(template, known.units[row], message)
