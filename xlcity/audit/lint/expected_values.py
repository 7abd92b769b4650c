"""What the last edition, or the other indicators of a city, lead one to expect of each value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from xlcity.audit.lint.subject import Subject
from xlcity.workbook.spec.from_template import read_last

#: Cities and indicators that are needed to judge; different values that an indicator needs.
CITIES, COLUMNS, DISTINCT = 8, 4, 8
#: How well other indicators have to predict one: the share of its spread that is left at most.
_LEFT = 0.35

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Values by city and indicator, what was to be expected, and the usual deviation from it."""

    units: tuple[str, ...]
    codes: tuple[str, ...]
    values: Matrix
    expected: Matrix
    usual: npt.NDArray[np.float64]
    source: str
    before: Matrix | None = None

    def misfit(self, values: Matrix | float, cells: Any = ...) -> Matrix:
        """Return how many usual deviations values of some cells are off; of all where not given."""
        usual = np.broadcast_to(self.usual, self.values.shape)[cells]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.abs(values - self.expected[cells]) / usual)


def expect_from_last_edition(
    subject: Subject, units: tuple[str, ...], codes: tuple[str, ...], values: Matrix
) -> Expectation | None:
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
        if here.sum() < CITIES or len(set(x)) < DISTINCT or len(set(y)) < DISTINCT:
            continue
        shift = float(np.median(y - x))
        expected[:, column] = before[:, column] + shift
        usual[column] = _spread(y - x - shift)
        # A value that hardly ever changes has no usual change; rounding is the least.
        usual[column] = max(usual[column], 0.01 * _spread(y))
    if np.isnan(usual).all():
        return None
    return Expectation(units, codes, values, expected, usual, "the last edition", before)


def expect_from_other_indicators(
    units: tuple[str, ...], codes: tuple[str, ...], values: Matrix
) -> Expectation | None:
    """Return what a city's other indicators lead one to expect of each."""
    standard, centres, spreads = values.copy(), np.zeros(len(codes)), np.ones(len(codes))
    for column in range(len(codes)):
        present = values[~np.isnan(values[:, column]), column]
        if len(present) < CITIES or len(set(present)) < DISTINCT:
            standard[:, column] = np.nan
            continue
        centres[column], spreads[column] = np.median(present), _spread(present) or 1.0
        standard[:, column] = (values[:, column] - centres[column]) / spreads[column]
    expected, usual = np.full(values.shape, np.nan), np.full(len(codes), np.nan)
    for column in range(len(codes)):
        others = np.delete(standard, column, axis=1)
        enough = (~np.isnan(others)).sum(axis=1) >= COLUMNS
        level = np.full(len(units), np.nan)
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
    return Expectation(units, codes, values, expected, usual, "the other indicators")


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
