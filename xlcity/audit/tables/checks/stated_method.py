"""Whether most rows contradict the stated method, and which method they follow instead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from xlcity.audit.tables.constraints.affine import Fitted
from xlcity.audit.tables.constraints.base import (
    MOST_SUSPECTS,
    Constraint,
    Linear,
    NumberInterval,
    Severity,
    Values,
)
from xlcity.audit.tables.constraints.relations import Geometric
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.spec.cells import PrintedCell, PrintedNumbers
from xlcity.functions.implied import Implied, weights_from_scores

#: A method is not the printed one where more than this share of its rows contradicts it.
_MOST = Fraction(1, 2)
#: Other weights are the method where at most this share of the rows contradicts them.
_FEW = Fraction(1, 5)
#: Or of the rows that contradict the stated ones, where these are fewer than most rows.
_LEFT = Fraction(1, 4)
#: Rows beyond the number of parts that say which weights were used.
_ROWS = 4
#: Weights of 1 to this are those of a sum.
_SUM = 1e-3
#: What weights are multiples of, the roundest first.
_STEPS = (0.1, 0.05, 0.025, 0.01, 0.005, 0.0025, 0.001, 0.0001)

_Row = Linear | Geometric


def followed_methods(
    constraints: Iterable[Constraint], values: Values, book: PrintedNumbers
) -> tuple[list[Constraint], list[TableFinding]]:
    """Return the constraints with the method that print follows, and a finding for each other one.

    Where most rows contradict the stated weights or mean, or other weights explain nearly all that
    do, it is the method that is wrong, not the rows: that is one finding. Rows are then compared
    with what fits, or with nothing if nothing does. If none does, the other columns of the table
    are tried as a part that the stated method leaves out.
    """
    followed: list[Constraint] = []
    stated: dict[object, list[_Row]] = {}
    for constraint in constraints:
        if isinstance(constraint, Geometric) or (
            isinstance(constraint, Linear)
            and constraint.check == "aggregate"
            and not constraint.constant
        ):
            names = tuple(part.series for part in constraint.parts)
            key = (
                type(constraint),
                constraint.whole.table,
                constraint.whole.series,
                names,
                constraint.weights,
            )
            stated.setdefault(key, []).append(constraint)
        else:
            followed.append(constraint)
    findings: list[TableFinding] = []
    for rows in stated.values():
        broken = sum(row.broken(values) for row in rows)
        parts = len(rows[0].parts)
        most = broken > _MOST * len(rows)
        asked = len(rows) >= parts + _ROWS and (most or broken > parts)
        fit = _best_fit(rows, values) if asked else None
        if not asked or not (most or _explains(fit, broken, parts)):
            followed += rows
            continue
        if fit is None:
            rows, fit = _with_part_left_out(rows, values, book)
        told = _finding(rows, broken, fit, parts)
        findings.append(told)
        if fit is not None:
            # Of other weights than the stated ones only the likeliest cell of a row is reported.
            suspects = MOST_SUSPECTS if told.kind == "rescaled" else 1
            followed += fit.constraints(rows, values, suspects)
    return followed, findings


def _explains(fit: _Fit | None, broken: int, parts: int) -> bool:
    """Tell whether other weights fit nearly all rows that contradict the stated ones.

    Each weight can be turned to fit some row, so that these must be more rows than weights.
    """
    left = broken if fit is None else len(fit.region.outside)
    return left <= _LEFT * broken and broken - left > parts


def _with_part_left_out(
    rows: list[_Row], values: Values, book: PrintedNumbers
) -> tuple[list[_Row], _Fit | None]:
    """Return the rows with one more column of their table as a part, and the fit, if one fits."""
    first = rows[0]
    if len(rows) <= len(first.parts) + _ROWS:
        return rows, None
    used = {cell.series for cell in first.cells}
    for series in book.series:
        if series in used or series.quantity != first.parts[0].series.quantity:
            continue
        cells = [book.one(series, row.whole.unit, row.whole.table) for row in rows]
        if None in cells:
            continue
        extended: list[_Row] = [
            replace(row, parts=(*row.parts, cell), weights=(*row.weights, 0))
            for row, cell in zip(rows, cells, strict=True)
            if cell is not None
        ]
        if (fit := _best_fit(extended, values)) is not None:
            return extended, fit
    return rows, None


@dataclass(frozen=True, slots=True)
class _Fit:
    """Weights that fit: of a sum or of a geometric mean, whose logarithms are sums."""

    region: Implied
    logs: bool
    constant: bool

    def constraints(self, rows: Sequence[_Row], values: Values, most: int) -> list[Constraint]:
        """Return what compares the rows with the fit."""
        if not self.logs:
            points = tuple(tuple(point) for point in self.region.points.tolist())
            return [Fitted(row.whole, row.parts, points, row.check, suspects=most) for row in rows]
        tried = (
            [
                Geometric(
                    row.whole,
                    row.parts,
                    tuple(weights),
                    factor=math.exp(self.region.constant[1]),
                    suspects=most,
                )
                for row in rows
            ]
            for weights in (_shortest(self.region), self.region.weight.tolist())
        )
        return list(min(tried, key=lambda all_rows: sum(row.broken(values) for row in all_rows)))

    def told(self, names: Sequence[str]) -> str:
        """Return the fit in words."""
        text = _listed(names, _shortest(self.region))
        if self.logs:
            factor = f" times {math.exp(self.region.constant[1]):.4g}" if self.constant else ""
            return f"the geometric mean with {text}{factor}"
        return text + (f", and the constant {self.region.constant[1]:.4g}" * self.constant)


def _best_fit(rows: Sequence[_Row], values: Values) -> _Fit | None:
    """Return the simplest fit that leaves no more rows than the best one."""
    best = _freest_fit(rows, values)
    most = _FEW * len(rows) if best is None else len(best.region.outside)
    plain = _plain_fits(rows, values)
    return next((fit for fit in plain if len(fit.region.outside) <= most), best)


def _plain_fits(rows: Sequence[_Row], values: Values) -> Iterator[_Fit]:
    """Yield the readings without a free weight: stated ones in the other mean, then equal ones."""
    geometric = isinstance(rows[0], Geometric)
    stated = np.array(_shares(rows[0]), dtype=float)
    equal = np.ones(len(stated))
    for shares, logs in ((stated, not geometric), (equal, geometric), (equal, not geometric)):
        weights = shares / shares.sum()
        points = np.concatenate([[0.0], weights])[None, :]
        region = Implied(weights, weights, weights, np.zeros(3), points, (), len(rows))
        fit = _Fit(region, logs, constant=False)
        compared = fit.constraints(rows, values, 1)
        outside = tuple(index for index, row in enumerate(compared) if row.broken(values))
        yield replace(fit, region=replace(region, outside=outside))


def _freest_fit(rows: Sequence[_Row], values: Values) -> _Fit | None:
    """Return the first fit, or that of the other mean if it fits what the first one leaves."""
    fits = _fits(rows, values)
    first = next(fits, None)
    if first is None or len(first.region.outside) < _ROWS:
        return first
    other = next((fit for fit in fits if fit.logs != first.logs), first)
    left = len(first.region.outside)
    return other if len(other.region.outside) <= _LEFT * left else first


def _fits(rows: Sequence[_Row], values: Values) -> Iterator[_Fit]:
    """Yield weights that fit: of the stated kind of mean, then of the other one.

    Those that sum to 1 come first, then any (of a geometric mean: with a factor), and of a sum any
    with a constant.
    """
    geometric = isinstance(rows[0], Geometric)
    sums = ((True, False), (False, False), (False, True))
    means = ((True, False), (True, True), (False, True))
    for logs in (geometric, not geometric):
        cells = [[row.whole, *row.parts] for row in rows]
        numbers = [[_number(cell, values, logs) for cell in line] for line in cells]
        complete = [line for line in numbers if None not in line]
        if len(complete) < len(rows):
            continue
        middle = [[number[0] for number in line if number] for line in complete]
        reach = [[number[1] for number in line if number] for line in complete]
        for relative, constant in means if logs else sums:
            region = weights_from_scores(
                [line[1:] for line in middle],
                [line[0] for line in middle],
                [line[1:] for line in reach],
                [line[0] for line in reach],
                relative=relative,
                constant=constant,
            )
            if region.has_region and len(region.outside) <= _FEW * len(rows):
                yield _Fit(region, logs, constant)


def _number(cell: PrintedCell, values: Values, logs: bool) -> tuple[float, float] | None:
    """Return the middle and half the width of what a cell may stand for, of its logarithm too."""
    if not logs:
        return float(values[cell.index]), cell.reach
    own = NumberInterval.of(cell, values)
    if own.low <= 0:
        return None
    low, high = math.log(own.low), math.log(own.high)
    return (low + high) / 2, (high - low) / 2


def _shares(row: _Row) -> list[Fraction]:
    """Return the stated weights as shares."""
    if isinstance(row, Linear):
        return [Fraction(weight, row.scale) for weight in row.weights]
    return [Fraction(weight).limit_denominator(10**6) for weight in row.weights]


def _finding(rows: Sequence[_Row], broken: int, fit: _Fit | None, parts: int) -> TableFinding:
    """Return the finding; the method states the first of the parts, as many as it has."""
    first = rows[0]
    names = [part.node for part in first.parts]
    shares = _shares(first)[:parts]
    geometric = isinstance(first, Geometric)
    stated = _listed(names[:parts], [float(share) for share in shares])
    if geometric:
        stated = f"the geometric mean with {stated}"
    what = "method" if geometric else "weights"
    text = f"{broken} of {len(rows)} rows contradict the stated {what} ({stated})."
    kind, fitting = "no weights fit", ""
    if fit is None:
        text += " No other constant weights fit, either; the rows are not compared with any."
    else:
        kind, fitting = "other weights", fit.told(names)
        left_out = names[parts:]
        same = fit.logs == geometric
        plain = same and not (fit.constant or fit.logs or left_out)
        factor = _factor(shares, fit.region) if plain else None
        if factor is not None and abs(factor - 1) > _SUM:
            kind, fitting = "rescaled", f"the stated weights times {factor:.4g}"
            if all(abs(factor * float(share) - 1) < _SUM for share in shares):
                fitting = f"the sum of the parts, not their mean: {fitting}"
            best = max(row.whole.value for row in rows)
            if abs(best - 100) <= Fraction(1, 2):
                fitting += ", so that the best has 100"
        elif not same:
            kind = "another mean"
            if not fit.logs:
                fitting = f"the arithmetic mean with {fitting}"
        elif fit.constant:
            kind = "rescaled"
        if left_out:
            kind = "part left out"
            text += f" {left_out[0]} is a part as well."
        follow = len(rows) - len(fit.region.outside)
        text += f" {follow} of {len(rows)} rows follow {fitting}; the rest is compared with that."
    return TableFinding(
        check="stated-method",
        severity=Severity.ERROR,
        table=first.whole.table,
        node=first.whole.node,
        published=stated,
        suggestion=fitting,
        kind=kind,
        evidence=text,
    )


def _shortest(region: Implied) -> list[float]:
    """Return the roundest weights that the region leaves; else its middle."""
    low, high = region.low.tolist(), region.high.tolist()
    middle: list[float] = region.weight.tolist()
    for step in _STEPS:
        short = [round(round(weight / step) * step, 6) for weight in middle]
        inside = all(a <= w <= b for a, w, b in zip(low, short, high, strict=True))
        if inside and abs(sum(short) - sum(middle)) < step / 2:
            return short
    return middle


def _factor(shares: Sequence[Fraction], region: Implied) -> float | None:
    """Return by what the stated weights are multiplied, if one number does for all."""
    ends = [
        (low / float(share), high / float(share))
        for share, low, high in zip(shares, region.low.tolist(), region.high.tolist(), strict=True)
        if share
    ]
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    middle = sum(region.weight.tolist()) / float(sum(shares))
    return min(max(middle, low), high) if low <= high else None


def _listed(names: Sequence[str], weights: Sequence[float]) -> str:
    return ", ".join(f"{name} {weight:.4g}" for name, weight in zip(names, weights, strict=True))
