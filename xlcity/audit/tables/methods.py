"""Which method printed numbers follow: weights of a sum or of a geometric mean, stated or found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from xlcity.audit.tables.spec.cells import SCORE, PrintedCell, PrintedNumbers, Series
from xlcity.audit.tables.spec.formula import Formula, weighted_sum
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.functions.implied import TOLERANCE, Implied, weights_from_scores
from xlcity.grouping import grouped

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
#: What weights are parts of when they are told, the roundest first.
_TOTALS = (10, 20, 40, 100, 200, 400, 1000, 10000)


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
    region: Implied | None = None
    has_constant: bool = False
    outside: tuple[int, ...] = ()

    def relations(
        self, rows: Sequence[Row], check: str = "aggregate", suspects: int = MOST_SUSPECTS
    ) -> list[Relation]:
        """Return what the rows owe the method."""
        formulas: tuple[Formula, ...] = (self._formula(0.0, self.weights),)
        slack = Decimal(0)
        if self.region is not None:
            points = self.region.points.tolist()
            formulas = tuple(self._formula(constant, weights) for constant, *weights in points)
            scale = max(1.0, *(float(abs(top.value)) for top, _ in rows))
            slack = Decimal(0) if self.geometric else Decimal(f"{4 * TOLERANCE * scale:.9f}")
        mean = "the weighted geometric mean" if self.geometric else "the weighted sum"
        what = f"{mean} of its parts, "
        return [Relation(top, parts, formulas, check, what, slack, suspects) for top, parts in rows]

    def _formula(self, constant: float, weights: Sequence[Fraction | float]) -> Formula:
        exact = [w if isinstance(w, Fraction) else Fraction(f"{w:.12f}") for w in weights]
        if not self.geometric:
            return weighted_sum(exact, Decimal(f"{constant:.12f}"))
        terms = [f"{{{number}}} ** ({weight})" for number, weight in enumerate(exact)]
        return Formula(" * ".join([f"{math.exp(constant):.12g}"] * bool(constant) + terms))

    def compared(self, rows: Sequence[Row]) -> PrintedMethod:
        """Return the method with the rows that contradict it."""
        values = values_of(rows)
        relations = self.relations(rows)
        outside = [row for row, relation in enumerate(relations) if relation.broken(values)]
        return replace(self, outside=tuple(outside))

    def told(self, names: Sequence[str]) -> str:
        """Return the method in words."""
        weights: Sequence[Fraction | float] = self.weights
        if self.region is not None:
            weights = simplest(self.region, _TOTALS) or self.region.weight.tolist()
        text = ", ".join(f"{n} {float(w):.4g}" for n, w in zip(names, weights, strict=True))
        constant = 0.0 if self.region is None else float(self.region.constant[1])
        if self.geometric:
            factor = f" times {math.exp(constant):.4g}" if self.has_constant else ""
            return f"the geometric mean with {text}{factor}"
        return text + (f", and the constant {constant:.4g}" if self.has_constant else "")


def values_of(rows: Iterable[Row]) -> Mapping[int, Decimal]:
    """Return the printed values of the cells of rows, by the index of the cell."""
    return {cell.index: cell.value for top, parts in rows for cell in (top, *parts)}


def simplest(
    region: Implied,
    totals: Iterable[int],
    fits: Callable[[tuple[Fraction, ...]], bool] = lambda _: True,
) -> tuple[Fraction, ...] | None:
    """Return the simplest weights in a region: whole numbers over the first total that fits.

    Parameters
    ----------
    fits
        Tells whether given weights meet every row or pair.
    """
    middle = region.weight.tolist()
    ends = list(zip(region.low.tolist(), region.high.tolist(), strict=True))
    for total in totals:
        weights = tuple(Fraction(round(weight * total), total) for weight in middle)
        inside = all(
            low <= weight + 1e-9 and weight - 1e-9 <= high
            for weight, (low, high) in zip(map(float, weights), ends, strict=True)
        )
        level = abs(float(sum(weights)) - sum(middle)) < 0.5 / total
        if inside and level and fits(weights):
            return weights
    return None


def free_method(
    rows: Sequence[Row],
    *,
    geometric: bool = False,
    relative: bool = True,
    constant: bool = False,
    signs: Sequence[int] = (),
) -> PrintedMethod | None:
    """Return the weights that fit rows within rounding; None if there are none.

    Parameters
    ----------
    relative, constant
        The weights sum to 1; there is a constant, or in a geometric mean a factor.
    signs
        -1 for each part that counts against the number.
    """
    numbers = np.array([[_ends(cell, geometric) for cell in (top, *parts)] for top, parts in rows])
    if np.isnan(numbers).any():
        return None
    middle, reach = numbers.mean(axis=2), (numbers[..., 1] - numbers[..., 0]) / 2
    turned = np.array(signs or [1] * (middle.shape[1] - 1), dtype=float)
    # The solver's tolerance goes by the greatest number: parts are made as great as the node.
    sizes = np.abs(middle).max(axis=0)
    scale = np.ones(len(turned)) if relative else sizes[1:] / (sizes[0] or 1.0) + (sizes[1:] == 0)
    region = weights_from_scores(
        middle[:, 1:] * turned / scale,
        middle[:, 0],
        reach[:, 1:] / scale,
        reach[:, 0],
        relative=relative,
        constant=constant,
    )
    if not region.has_region:
        return None
    points = region.points * np.array([1.0, *(turned / scale)])
    weights = tuple(Fraction(f"{weight:.12f}") for weight in points[0, 1:])
    low, middle, high = (ends / scale for ends in (region.low, region.weight, region.high))
    region = replace(region, points=points, low=low, weight=middle, high=high)
    return PrintedMethod(weights, geometric, region, constant, region.outside)


def _ends(cell: PrintedCell, logs: bool) -> tuple[float, float]:
    """Return the least and greatest number that a cell may stand for, or their logarithms."""
    ends = float(cell.value - cell.below), float(cell.value + cell.above)
    if not logs:
        return ends
    return (math.log(ends[0]), math.log(ends[1])) if ends[0] > 0 else (math.nan, math.nan)


def best_method(rows: Sequence[Row], stated: PrintedMethod) -> PrintedMethod | None:
    """Return the simplest method that leaves no more rows outside than the best one."""
    best = _freest_method(rows, geometric=stated.geometric)
    most = _FEW * len(rows) if best is None else len(best.outside)
    equal = (Fraction(1, len(stated.weights)),) * len(stated.weights)
    plain = [
        PrintedMethod(stated.weights, not stated.geometric),
        PrintedMethod(equal, stated.geometric),
        PrintedMethod(equal, not stated.geometric),
    ]
    fitting = (method.compared(rows) for method in plain)
    return next((method for method in fitting if len(method.outside) <= most), best)


def _freest_method(rows: Sequence[Row], *, geometric: bool) -> PrintedMethod | None:
    """Return the first fit, or that of the other mean if it fits what the first one leaves."""
    fits = _free_methods(rows, geometric=geometric)
    first = next(fits, None)
    if first is None or len(first.outside) < _ROWS:
        return first
    other = next((fit for fit in fits if fit.geometric != first.geometric), first)
    return other if len(other.outside) <= _LEFT * len(first.outside) else first


def _free_methods(rows: Sequence[Row], *, geometric: bool) -> Iterator[PrintedMethod]:
    """Yield weights that fit: of the stated kind of mean, then of the other one.

    Those that sum to 1 come first, then any (of a geometric mean: with a factor), and of a sum any
    with a constant.
    """
    sums = ((True, False), (False, False), (False, True))
    means = ((True, False), (True, True), (False, True))
    for logs in (geometric, not geometric):
        for relative, constant in means if logs else sums:
            method = free_method(rows, geometric=logs, relative=relative, constant=constant)
            if method is not None and len(method.outside) <= _FEW * len(rows):
                yield method


def followed_methods(
    spec: Spec, printed: PrintedTables
) -> tuple[list[Constraint], list[TableFinding], list[TableFinding]]:
    """Return what `[[aggregate]]` asks of rows, a finding for each other method, and notes.

    Where most rows contradict the stated weights or mean, or other weights explain nearly all that
    do, it is the method that is wrong, not the rows: that is one finding. Rows are then compared
    with what fits, or with nothing if nothing does. If none does, the other columns of the table
    are tried as a part that the stated method leaves out.
    """
    followed: list[Constraint] = []
    findings: list[TableFinding] = []
    notes: list[TableFinding] = []
    for method, parts, rows, names in _stated_rows(spec, printed):
        if method is None:
            relations, note = _rescaled(rows, parts)
            followed += relations
            notes.append(note)
            continue
        broken = len(method.compared(rows).outside)
        most = broken > _MOST * len(rows)
        asked = len(rows) >= len(parts) + _ROWS and (most or broken > len(parts))
        fit = best_method(rows, method) if asked else None
        if not asked or not (most or _explains(fit, broken, len(parts))):
            followed += method.relations(rows)
            continue
        if fit is None:
            rows, fit = _with_part_left_out(rows, method, printed.book)
        finding = _finding(rows, broken, fit, method, names)
        findings.append(finding)
        if fit is not None:
            # Of other weights than the stated ones only the likeliest cell of a row is reported.
            suspects = MOST_SUSPECTS if finding.kind == "rescaled" else 1
            followed += fit.relations(rows, suspects=suspects)
    return followed, findings, notes


def _stated_rows(
    spec: Spec, printed: PrintedTables
) -> Iterator[tuple[PrintedMethod | None, Mapping[str, Fraction], list[Row], list[str]]]:
    """Yield the stated methods (None: rescaled), their parts, the rows of a table, and names."""
    for rule in spec.rules["aggregate"]:
        trees = {rule.parent: rule.children} if rule.children else printed.tree
        for parent, children in trees.items():
            if rule.parent not in ("", parent):
                continue
            total = Fraction(1) if rule.method == "sum" else sum(children.values())
            shares = tuple(weight / total for weight in children.values()) if total else ()
            stated = PrintedMethod(shares, rule.method == "geometric")
            series = [Series(child, SCORE, rule.group) for child in children]
            top = Series(parent, SCORE, rule.group)
            rows = rows_of(printed.book, top, series, rule.tables)
            for by_table in grouped((row[0].table, row) for row in rows).values():
                if rule.method != "rescaled":
                    yield stated, children, by_table, list(children)
                elif len(by_table) > len(children) + 1:
                    yield None, children, by_table, list(children)


def _rescaled(
    rows: Sequence[Row], children: Mapping[str, Fraction]
) -> tuple[list[Relation], TableFinding]:
    """Return what rows of a rescaled node owe each other, and what is to be told."""
    signs = [-1 if sign < 0 else 1 for sign in children.values()]
    top = rows[0][0]
    method = free_method(rows, relative=False, constant=True, signs=signs)
    if method is None or method.region is None:
        text = (
            f"No constant and multiples of {', '.join(children)} give {top.node} within rounding, "
            f"even with a third of the {len(rows)} rows set aside."
        )
        severity, relations = Severity.ERROR, []
    else:
        region, relations = method.region, method.relations(rows, "affine")
        slopes = ", ".join(
            f"{child} {low:.4f} to {high:.4f}"
            for child, low, high in zip(children, region.low, region.high, strict=True)
        )
        text = (
            f"{region.used} of {len(rows)} rows fit one constant ({region.constant[0]:.3f} to "
            f"{region.constant[2]:.3f}) and one multiple per part: {slopes}."
        )
        aside = ", ".join(rows[row][0].unit for row in region.outside)
        text, severity = text + (f" Set aside: {aside}." if aside else ""), Severity.NOTE
    kind = "rescaled sum" if relations else ""
    return relations, TableFinding(
        "affine", severity, top.table, node=top.node, kind=kind, evidence=text
    )


def _explains(fit: PrintedMethod | None, broken: int, parts: int) -> bool:
    """Tell whether other weights fit nearly all rows that contradict the stated ones.

    Each weight can be turned to fit some row, so that these must be more rows than weights.
    """
    left = broken if fit is None else len(fit.outside)
    return left <= _LEFT * broken and broken - left > parts


def _with_part_left_out(
    rows: list[Row], stated: PrintedMethod, book: PrintedNumbers
) -> tuple[list[Row], PrintedMethod | None]:
    """Return the rows with one more column of their table as a part, and the fit, if one fits."""
    top, parts = rows[0]
    used = {cell.series for cell in (top, *parts)}
    wider = replace(stated, weights=(*stated.weights, Fraction(0)))
    for series in book.series if len(rows) > len(parts) + _ROWS else ():
        if series in used or series.quantity != parts[0].series.quantity:
            continue
        cells = [book.one(series, own.unit, own.table) for own, _ in rows]
        extended: list[Row] = [
            (own, (*below, cell))
            for (own, below), cell in zip(rows, cells, strict=True)
            if cell is not None
        ]
        if len(extended) == len(rows) and (fit := best_method(extended, wider)) is not None:
            return extended, fit
    return rows, None


def _finding(
    rows: Sequence[Row],
    broken: int,
    fit: PrintedMethod | None,
    stated: PrintedMethod,
    parts: Sequence[str],
) -> TableFinding:
    """Return the finding about a method that the rows do not follow."""
    top, cells = rows[0]
    names = [*parts, *(cell.node for cell in cells[len(parts) :])]
    what = "method" if stated.geometric else "weights"
    text = f"{broken} of {len(rows)} rows contradict the stated {what} ({stated.told(parts)})."
    kind, fitting = "no weights fit", ""
    if fit is None:
        text += " No other constant weights fit, either; the rows are not compared with any."
    else:
        kind, fitting = "other weights", fit.told(names)
        same, left_out = fit.geometric == stated.geometric, names[len(parts) :]
        plain = same and not (fit.has_constant or fit.geometric or left_out)
        factor = _factor(stated.weights, fit.region) if plain and fit.region else None
        if factor is not None and abs(factor - 1) > _SUM:
            kind, fitting = "rescaled", f"the stated weights times {factor:.4g}"
            if all(abs(factor * float(share) - 1) < _SUM for share in stated.weights):
                fitting = f"the sum of the parts, not their mean: {fitting}"
            best = max(own.value for own, _ in rows)
            if abs(best - 100) <= Fraction(1, 2):
                fitting += ", so that the best has 100"
        elif not same:
            kind = "another mean"
            fitting = fitting if fit.geometric else f"the arithmetic mean with {fitting}"
        elif fit.has_constant:
            kind = "rescaled"
        if left_out:
            kind = "part left out"
            text += f" {left_out[0]} is a part as well."
        follow = len(rows) - len(fit.outside)
        text += f" {follow} of {len(rows)} rows follow {fitting}; the rest is compared with that."
    return TableFinding(
        check="stated-method",
        severity=Severity.ERROR,
        table=top.table,
        node=top.node,
        published=stated.told(parts),
        suggestion=fitting,
        kind=kind,
        evidence=text,
    )


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
