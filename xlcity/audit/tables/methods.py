"""Which method printed numbers follow: weights of a sum or of a geometric mean, stated or found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

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
from xlcity.audit.tables.printed_numbers import SCORE, Series
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


#: What rows owe each other, and what is found of them together.
Followed = tuple[list[Relation], TableFinding | None]


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
            scale = max(1.0, *(float(abs(top.value)) for top, _ in rows))
            slack = (
                Decimal(0)
                if self.geometric
                else Decimal(f"{4 * SOLVER_TOLERANCE * scale:.9f}")
            )
        mean = "the weighted geometric mean" if self.geometric else "the weighted sum"
        what = f"{mean} of its parts, "
        return [
            Relation(top, parts, formulas, check, what, slack, suspects)
            for top, parts in rows
        ]

    def _formula(self, constant: float, weights: Sequence[Fraction | float]) -> Formula:
        exact = [
            w if isinstance(w, Fraction) else Fraction(f"{w:.12f}") for w in weights
        ]
        if not self.geometric:
            return weighted_sum(exact, Decimal(f"{constant:.12f}"))
        terms = [f"{{{number}}} ** ({weight})" for number, weight in enumerate(exact)]
        return read_formula(
            " * ".join([f"{math.exp(constant):.12g}"] * bool(constant) + terms)
        )

    def compared(self, rows: Sequence[Row]) -> PrintedMethod:
        """Return the method with the rows that contradict it."""
        values = {
            cell.index: cell.value for top, parts in rows for cell in (top, *parts)
        }
        relations = enumerate(self.relations(rows))
        outside = tuple(row for row, relation in relations if relation.broken(values))
        return replace(self, outside=outside)

    def describe(self, names: Sequence[str]) -> str:
        """Return the method in words."""
        weights: Sequence[Fraction | float] = self.weights
        if self.region is not None:
            weights = simplest(self.region, _TOTALS) or self.region.weight.tolist()
        text = ", ".join(
            f"{n} {float(w):.4g}" for n, w in zip(names, weights, strict=True)
        )
        constant = 0.0 if self.region is None else float(self.region.constant[1])
        if self.geometric:
            factor = f" times {math.exp(constant):.4g}" if self.has_constant else ""
            return f"the geometric mean with {text}{factor}"
        return text + (
            f", and the constant {constant:.4g}" if self.has_constant else ""
        )


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
    for total in totals:
        weights = tuple(
            Fraction(round(weight * total), total) for weight in region.weight.tolist()
        )
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
    cells = [(top, *parts) for top, parts in rows]
    ends = [[(c.value - c.half, c.value + c.half) for c in row] for row in cells]
    numbers = np.array(ends, dtype=float)
    if geometric and (numbers <= 0).any():
        return None
    numbers = np.log(numbers) if geometric else numbers
    middle = numbers.mean(axis=2)
    reach = (numbers[..., 1] - numbers[..., 0]) / 2
    # The solver's tolerance goes by the greatest number: parts are made as great as the node.
    sizes = np.abs(middle).max(axis=0)
    parts = sizes[1:] / (sizes[0] or 1.0) + (sizes[1:] == 0)
    scale = np.ones(len(parts)) if relative else parts
    x = middle[:, 1:] / scale
    half = reach[:, 1:] / scale
    y = middle[:, 0]
    own = reach[:, 0]
    region = weights_from_scores(x, y, half, own, relative=relative, constant=constant)
    if not region.has_region:
        return None
    points = region.points * np.array([1.0, *(1 / scale)])
    weights = tuple(Fraction(f"{weight:.12f}") for weight in points[0, 1:])
    low, middle, high = (
        ends / scale for ends in (region.low, region.weight, region.high)
    )
    region = replace(region, points=points, low=low, weight=middle, high=high)
    return PrintedMethod(weights, geometric, region, constant, region.outside)


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
    sums = ((True, False), (False, False), (False, True))
    means = ((True, False), (True, True), (False, True))
    free = [
        free_method(rows, geometric=geometric, relative=relative, constant=constant)
        for geometric in kinds
        for relative, constant in (means if geometric else sums)
    ]
    fitting = [m for m in free if m is not None and len(m.outside) <= _FEW * len(rows)]
    fewest = min(
        (len(method.outside) for method in fitting), default=int(_FEW * len(rows))
    )
    tried = [method.compared(rows) for method in plain]
    tried = [method for method in tried if len(method.outside) <= fewest] or fitting
    # Rows that only a constant or the other mean fits may be misprints.
    most = max(_ROWS - 1, int(fewest / _LEFT))
    return next((method for method in tried if len(method.outside) <= most), None)


def followed_methods(
    spec: Spec, printed: PrintedTables
) -> tuple[list[Constraint], list[TableFinding], list[TableFinding]]:
    """Return what `[[aggregate]]` asks of rows, a finding for each other method, and notes.

    Where most rows contradict the stated weights or mean, or other weights explain nearly all that
    do, it is the method that is wrong, not the rows: that is one finding. Rows are then compared
    with what fits, or with nothing if nothing does.
    """
    followed = list[Constraint]()
    findings = list[TableFinding]()
    notes = list[TableFinding]()
    for rule in spec.rules["aggregate"]:
        series = [Series(child, SCORE, rule.group) for child in rule.children]
        top = Series(rule.parent, SCORE, rule.group)
        listed = rows_of(printed.book, top, series, rule.tables)
        follow, told = (
            (_rescaled, notes) if rule.method == "rescaled" else (_compared, findings)
        )
        for rows in grouped((row[0].table, row) for row in listed).values():
            relations, finding = follow(rule, rows)
            followed += relations
            told += [finding] if finding else []
    return followed, findings, notes


def _compared(rule: AggregateRule, rows: Sequence[Row]) -> Followed:
    """Return what rows owe the stated method, or the one that they follow, and what it is."""
    total = 1 if rule.method == SUM.name else sum(rule.children.values())
    shares = tuple(weight / total for weight in rule.children.values())
    stated = PrintedMethod(shares, rule.method == GEOMETRIC.name)
    parts = len(shares)
    broken = len(stated.compared(rows).outside)
    most = broken > _MOST * len(rows)
    asked = len(rows) >= parts + _ROWS and (most or broken > parts)
    fit = best_method(rows, stated) if asked else None
    left = len(fit.outside) if fit else broken
    # Each weight can be turned to fit some row: more rows than weights have to be explained.
    explained = left <= _LEFT * broken and broken - left > parts
    if not (asked and (most or explained)):
        return stated.relations(rows), None
    finding = _finding(rows, broken, fit, stated, list(rule.children))
    # Of other weights than the stated ones only the likeliest cell of a row is reported.
    suspects = MOST_SUSPECTS if finding.kind == "rescaled" else 1
    return fit.relations(rows, suspects=suspects) if fit else [], finding


def _rescaled(rule: AggregateRule, rows: Sequence[Row]) -> Followed:
    """Return what rows of a rescaled node owe each other, and the finding about it."""
    children = rule.children
    if len(rows) < len(children) + 2:
        return [], None
    method = free_method(rows, relative=False, constant=True)
    relations = list[Relation]()
    severity = Severity.ERROR
    kind = ""
    top = rows[0][0]
    text = (
        f"No constant and multiples of {', '.join(children)} give {top.node} within rounding, "
        f"even with a third of the {len(rows)} rows set aside."
    )
    if method and (region := method.region):
        relations = method.relations(rows, "affine")
        severity = Severity.NOTE
        kind = "rescaled sum"
        slopes = describe_region(region, children, 4)
        aside = ", ".join(rows[row][0].unit for row in region.outside)
        text = (
            f"{region.used} of {len(rows)} rows fit one constant ({region.constant[0]:.3f} to "
            f"{region.constant[2]:.3f}) and one multiple per part: {slopes}."
        ) + (f" Set aside: {aside}." if aside else "")
    finding = TableFinding(
        "affine", severity, top.table, node=top.node, kind=kind, evidence=text
    )
    return relations, finding


def _finding(
    rows: Sequence[Row],
    broken: int,
    fit: PrintedMethod | None,
    stated: PrintedMethod,
    names: Sequence[str],
) -> TableFinding:
    """Return the finding about a method that the rows do not follow."""
    top = rows[0][0]
    what = "method" if stated.geometric else "weights"
    method = stated.describe(names)
    text = f"{broken} of {len(rows)} rows contradict the stated {what} ({method})."
    kind = "no weights fit"
    fitting = ""
    if fit is None:
        text += " No other constant weights fit, either; the rows are not compared with any."
    else:
        kind = "other weights"
        fitting = fit.describe(names)
        factor = _factor(stated, fit)
        if fit.geometric != stated.geometric:
            kind = "another mean"
            fitting = (
                fitting if fit.geometric else f"the arithmetic mean with {fitting}"
            )
        elif factor and abs(factor - 1) > _SUM:
            kind = "rescaled"
            fitting = f"the stated weights times {factor:.4g}"
            if all(abs(factor * float(share) - 1) < _SUM for share in stated.weights):
                fitting = f"the sum of the parts, not their mean: {fitting}"
        elif fit.has_constant:
            kind = "rescaled"
        follow = len(rows) - len(fit.outside)
        text += f" {follow} of {len(rows)} rows follow {fitting}; the rest is compared with that."
    return TableFinding(
        check="stated-method",
        severity=Severity.ERROR,
        table=top.table,
        node=top.node,
        published=method,
        suggestion=fitting,
        kind=kind,
        evidence=text,
    )


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
