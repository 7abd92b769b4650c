"""Which method printed numbers follow: weights of a sum or of a geometric mean, stated or found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

import numpy as np

from xlcity.audit.tables.constraints.build import Row, rows_of
from xlcity.audit.tables.constraints.relations import (
    MOST_SUSPECTS,
    Constraint,
    Relation,
    Severity,
)
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.number_intervals import Formula, read_formula, weighted_sum
from xlcity.audit.tables.printed_numbers import SCORE, PrintedCell, Series
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import AggregateRule
from xlcity.functions.implied import SOLVER_TOLERANCE, WeightRegion, weights_from_scores
from xlcity.grouping import grouped
from xlcity.methods.aggregate.means import GEOMETRIC
from xlcity.methods.aggregate.sum import SUM

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
#: What reported weights are parts of, the roundest first.
_TOTALS = (10, 20, 40, 100, 200, 400, 1000, 10000)


class Followed(NamedTuple):
    """What rows owe each other, and what is found of them together."""

    relations: list[Relation]
    finding: TableFinding | None


class _Freedom(NamedTuple):
    """What free weights may be: whether they sum to 1, and whether there is a constant."""

    relative: bool
    constant: bool


#: What weights of a sum, and of a geometric mean, are tried for, the plainest first.
_FREE_SUMS = (
    _Freedom(relative=True, constant=False),
    _Freedom(relative=False, constant=False),
    _Freedom(relative=False, constant=True),
)
_FREE_MEANS = (
    _Freedom(relative=True, constant=False),
    _Freedom(relative=True, constant=True),
    _Freedom(relative=False, constant=True),
)


@dataclass(frozen=True, slots=True)
class PrintedMethod:
    """How a number is made of its parts.

    Parameters
    ----------
    weights
        Of a sum, or of a geometric mean.
    region
        What the rows leave of the weights, where they were not stated: a constant comes first, in
        a geometric mean the logarithm of a factor.
    outside
        Rows that contradict it.
    """

    weights: tuple[Fraction, ...]
    geometric: bool = False
    region: WeightRegion | None = None
    has_constant: bool = False
    outside: tuple[int, ...] = ()

    def relations(
        self,
        rows: Sequence[Row],
        check: str = "aggregate",
        suspects: int = MOST_SUSPECTS,
    ) -> list[Relation]:
        """Return what the rows owe the method."""
        formulas: tuple[Formula, ...] = (self._formula(0.0, self.weights),)
        slack = Decimal(0)
        if self.region is not None:
            points = self.region.points.tolist()
            formulas = tuple(
                self._formula(constant, weights) for constant, *weights in points
            )
            if not self.geometric:
                scale = max(1.0, *(float(abs(top.value)) for top, _ in rows))
                slack = Decimal(f"{4 * SOLVER_TOLERANCE * scale:.9f}")
        mean = "the weighted geometric mean" if self.geometric else "the weighted sum"
        return [
            Relation(
                top,
                parts,
                formulas,
                check=check,
                what=f"{mean} of its parts, ",
                slack=slack,
                suspects=suspects,
            )
            for top, parts in rows
        ]

    def _formula(self, constant: float, weights: Sequence[Fraction | float]) -> Formula:
        exact = [*map(_exact, weights)]
        if not self.geometric:
            return weighted_sum(exact, Decimal(f"{constant:.12f}"))
        terms = [f"{{{number}}} ** ({weight})" for number, weight in enumerate(exact)]
        if constant:
            terms.insert(0, f"{math.exp(constant):.12g}")
        return read_formula(" * ".join(terms))

    def compared(self, rows: Sequence[Row]) -> PrintedMethod:
        """Return the method with the rows that contradict it."""
        values: dict[int, Decimal] = {}
        for top, parts in rows:
            values |= {cell.index: cell.value for cell in (top, *parts)}
        relations = enumerate(self.relations(rows))
        outside = tuple(row for row, relation in relations if relation.broken(values))
        return replace(self, outside=outside)

    def describe(self, names: Sequence[str]) -> str:
        """Return the method in words."""
        weights: Sequence[Fraction | float] = self.weights
        constant = 0.0
        if self.region is not None:
            weights = simplest(self.region, _TOTALS) or self.region.weight.tolist()
            constant = float(self.region.constant[1])
        named = zip(names, weights, strict=True)
        text = ", ".join(f"{name} {float(weight):.4g}" for name, weight in named)
        if self.geometric:
            factor = f" times {math.exp(constant):.4g}" if self.has_constant else ""
            return f"the geometric mean with {text}{factor}"
        return f"{text}, and the constant {constant:.4g}" if self.has_constant else text


def _exact(weight: Fraction | float) -> Fraction:
    return weight if isinstance(weight, Fraction) else Fraction(f"{weight:.12f}")


def describe_region(region: WeightRegion, names: Iterable[str], digits: int) -> str:
    """Return the least and greatest weight of each part in words."""
    ends = zip(names, region.low, region.high, strict=True)
    return ", ".join(
        f"{name} {low:.{digits}f} to {high:.{digits}f}" for name, low, high in ends
    )


def simplest(
    region: WeightRegion,
    totals: Iterable[int],
    fits: Callable[[tuple[Fraction, ...]], bool] = lambda _: True,
) -> tuple[Fraction, ...] | None:
    """Return the simplest weights in a region: whole numbers over the first total that fits.

    Parameters
    ----------
    fits
        Tells whether given weights meet every row or pair.
    """
    shares = region.weight.tolist()
    for total in totals:
        weights = tuple(Fraction(round(share * total), total) for share in shares)
        numbers = np.array(weights, dtype=float)
        inside = (region.low <= numbers + 1e-9) & (numbers - 1e-9 <= region.high)
        level = abs(numbers.sum() - region.weight.sum()) < 0.5 / total
        if inside.all() and level and fits(weights):
            return weights
    return None


def free_method(
    rows: Sequence[Row],
    *,
    geometric: bool = False,
    relative: bool = True,
    constant: bool = False,
) -> PrintedMethod | None:
    """Return the weights that fit rows within rounding; None if there are none.

    Parameters
    ----------
    relative, constant
        The weights sum to 1; there is a constant, or in a geometric mean a factor.
    """
    ends = [_list_ends(top, *parts) for top, parts in rows]
    numbers = np.array(ends, dtype=float)
    if geometric:
        if (numbers <= 0).any():
            return None
        numbers = np.log(numbers)
    middle = numbers.mean(axis=2)
    reach = (numbers[..., 1] - numbers[..., 0]) / 2
    scale = np.ones(middle.shape[1] - 1)
    if not relative:
        # The solver's tolerance goes by the greatest number: parts are made as great as the node.
        sizes = np.abs(middle).max(axis=0)
        parts = sizes[1:]
        scale = parts / (sizes[0] or 1.0) + (parts == 0)
    region = weights_from_scores(
        middle[:, 1:] / scale,
        middle[:, 0],
        reach[:, 1:] / scale,
        reach[:, 0],
        relative=relative,
        constant=constant,
    )
    if not region.has_region:
        return None
    points = region.points * np.array([1.0, *(1 / scale)])
    weights = tuple(Fraction(f"{weight:.12f}") for weight in points[0, 1:])
    region = replace(
        region,
        points=points,
        low=region.low / scale,
        weight=region.weight / scale,
        high=region.high / scale,
    )
    return PrintedMethod(
        weights,
        geometric=geometric,
        region=region,
        has_constant=constant,
        outside=region.outside,
    )


def _list_ends(*cells: PrintedCell) -> list[tuple[Decimal, Decimal]]:
    """Return the least and greatest number that each cell may stand for."""
    return [(cell.value - cell.half, cell.value + cell.half) for cell in cells]


def _fit_freely(rows: Sequence[Row], geometric: bool) -> Iterator[PrintedMethod]:
    """Yield methods of a kind of mean that leave few rows outside, the least free first."""
    for freedom in _FREE_MEANS if geometric else _FREE_SUMS:
        free = free_method(rows, geometric=geometric, **freedom._asdict())
        if free is not None and len(free.outside) <= _FEW * len(rows):
            yield free


def best_method(rows: Sequence[Row], stated: PrintedMethod) -> PrintedMethod | None:
    """Return the simplest method that leaves hardly more rows outside than the best one.

    The stated weights with the other mean and equal weights come first; then weights that fit, of
    the stated kind of mean before the other: those that sum to 1, any (of a geometric mean: with a
    factor), and of a sum any with a constant.
    """
    equal = (Fraction(1, len(stated.weights)),) * len(stated.weights)
    kinds = (stated.geometric, not stated.geometric)
    plain = [PrintedMethod(stated.weights, kinds[1])]
    plain += [PrintedMethod(equal, geometric) for geometric in kinds]
    fitting = [*chain.from_iterable(_fit_freely(rows, kind) for kind in kinds)]
    outside = [len(method.outside) for method in fitting]
    fewest = min(outside, default=int(_FEW * len(rows)))
    compared = [method.compared(rows) for method in plain]
    tried = [method for method in compared if len(method.outside) <= fewest] or fitting
    # Rows that only a constant or the other mean fits may be misprints.
    most = max(_ROWS - 1, int(fewest / _LEFT))
    return next((method for method in tried if len(method.outside) <= most), None)


class MethodsFollowed(NamedTuple):
    """What rows owe the methods that they follow.

    Attributes
    ----------
    findings
        One for each method that is not the stated one.
    notes
        What rescaled nodes are made of.
    """

    constraints: list[Constraint]
    findings: list[TableFinding]
    notes: list[TableFinding]


def followed_methods(spec: Spec, printed: PrintedTables) -> MethodsFollowed:
    """Return what `[[aggregate]]` asks of rows, a finding for each other method, and notes.

    Where most rows contradict the stated weights or mean, or other weights explain nearly all that
    do, it is the method that is wrong, not the rows: that is one finding. Rows are then compared
    with what fits, or with nothing if nothing does.
    """
    found = MethodsFollowed([], [], [])
    for rule in spec.rules["aggregate"]:
        series = [Series(child, SCORE, rule.group) for child in rule.children]
        top = Series(rule.parent, SCORE, rule.group)
        listed = rows_of(printed.book, top, series, rule.tables)
        is_rescaled = rule.method == "rescaled"
        follow = _rescaled if is_rescaled else _compared
        told = found.notes if is_rescaled else found.findings
        for rows in grouped((row[0].table, row) for row in listed).values():
            relations, finding = follow(rule, rows)
            found.constraints.extend(relations)
            told += [finding] if finding else []
    return found


def _stated_method(rule: AggregateRule) -> PrintedMethod:
    """Return the method that a rule states, its weights as shares unless it is a sum."""
    total = 1 if rule.method == SUM.name else sum(rule.children.values())
    shares = tuple(weight / total for weight in rule.children.values())
    return PrintedMethod(shares, rule.method == GEOMETRIC.name)


def _compared(rule: AggregateRule, rows: Sequence[Row]) -> Followed:
    """Return what rows owe the stated method, or the one that they follow, and what it is."""
    stated = _stated_method(rule)
    parts = len(stated.weights)
    broken = len(stated.compared(rows).outside)
    most = broken > _MOST * len(rows)
    if len(rows) < parts + _ROWS or not (most or broken > parts):
        return Followed(stated.relations(rows), None)
    fit = best_method(rows, stated)
    left = len(fit.outside) if fit else broken
    # Each weight can be turned to fit some row: more rows than weights have to be explained.
    explained = left <= _LEFT * broken and broken - left > parts
    if not (most or explained):
        return Followed(stated.relations(rows), None)
    finding = _finding(rows, broken, fit, stated=stated, names=list(rule.children))
    # Of other weights than the stated ones only the likeliest cell of a row is reported.
    suspects = MOST_SUSPECTS if finding.kind == "rescaled" else 1
    return Followed(fit.relations(rows, suspects=suspects) if fit else [], finding)


def _rescaled(rule: AggregateRule, rows: Sequence[Row]) -> Followed:
    """Return what rows of a rescaled node owe each other, and the finding about it."""
    children = rule.children
    if len(rows) < len(children) + 2:
        return Followed([], None)
    top = rows[0][0]
    finding = TableFinding(
        "affine",
        Severity.ERROR,
        top.table,
        node=top.node,
        evidence=f"No constant and multiples of {', '.join(children)} give {top.node} within "
        f"rounding, even with a third of the {len(rows)} rows set aside.",
    )
    method = free_method(rows, relative=False, constant=True)
    if method is None or method.region is None:
        return Followed([], finding)
    region = method.region
    slopes = describe_region(region, children, 4)
    aside = ", ".join(rows[row][0].unit for row in region.outside)
    text = (
        f"{region.used} of {len(rows)} rows fit one constant ({region.constant[0]:.3f} to "
        f"{region.constant[2]:.3f}) and one multiple per part: {slopes}."
    )
    text += f" Set aside: {aside}." if aside else ""
    note = replace(finding, severity=Severity.NOTE, kind="rescaled sum", evidence=text)
    return Followed(method.relations(rows, "affine"), note)


class _Fitting(NamedTuple):
    """In what a method that fits is unlike the stated one, and its words."""

    kind: str
    words: str


def _finding(
    rows: Sequence[Row],
    broken: int,
    fit: PrintedMethod | None,
    *,
    stated: PrintedMethod,
    names: Sequence[str],
) -> TableFinding:
    """Return the finding about a method that the rows do not follow."""
    top = rows[0][0]
    what = "method" if stated.geometric else "weights"
    method = stated.describe(names)
    text = f"{broken} of {len(rows)} rows contradict the stated {what} ({method})."
    fitting = _Fitting("no weights fit", "")
    if fit is None:
        text += " No other constant weights fit, either; the rows are not compared with any."
    else:
        fitting = _compare_methods(stated, fit, names)
        follow = len(rows) - len(fit.outside)
        text += (
            f" {follow} of {len(rows)} rows follow {fitting.words}; the rest is compared "
            "with that."
        )
    return TableFinding(
        check="stated-method",
        severity=Severity.ERROR,
        table=top.table,
        node=top.node,
        published=method,
        suggestion=fitting.words,
        kind=fitting.kind,
        evidence=text,
    )


def _compare_methods(
    stated: PrintedMethod, fit: PrintedMethod, names: Sequence[str]
) -> _Fitting:
    """Return what a method that fits is beside the stated one."""
    words = fit.describe(names)
    if fit.geometric != stated.geometric:
        if not fit.geometric:
            words = f"the arithmetic mean with {words}"
        return _Fitting("another mean", words)
    factor = _factor(stated, fit)
    if factor and abs(factor - 1) > _SUM:
        words = f"the stated weights times {factor:.4g}"
        if all(abs(factor * float(share) - 1) < _SUM for share in stated.weights):
            words = f"the sum of the parts, not their mean: {words}"
        return _Fitting("rescaled", words)
    return _Fitting("rescaled" if fit.has_constant else "other weights", words)


def _factor(stated: PrintedMethod, fit: PrintedMethod) -> float | None:
    """Return by what the stated weights of a sum are multiplied, if one number does for all."""
    if fit.region is None or fit.has_constant:
        return None
    shares = np.array(stated.weights, dtype=float)
    used = shares != 0
    low = float((fit.region.low[used] / shares[used]).max())
    high = float((fit.region.high[used] / shares[used]).min())
    middle = float(fit.region.weight.sum() / shares.sum())
    return min(max(middle, low), high) if low <= high else None
