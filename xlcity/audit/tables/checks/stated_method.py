"""Whether most rows contradict the stated weights, and which weights they follow instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from xlcity.audit.tables.constraints.affine import Fitted
from xlcity.audit.tables.constraints.base import Constraint, Linear, Severity, Values
from xlcity.audit.tables.finding import TableFinding
from xlcity.functions.implied import Implied, weights_from_scores

#: A sum is not the printed method where more than this share of its rows contradicts it.
_MOST = Fraction(1, 2)
#: Other weights are the method where at most this share of the rows contradicts them.
_FEW = Fraction(1, 5)
#: Rows beyond the number of parts that say which weights were used.
_ROWS = 4


def followed_methods(
    constraints: Iterable[Constraint], values: Values
) -> tuple[list[Constraint], list[TableFinding]]:
    """Return the constraints with the sums that print follows, and a finding for each other one.

    Where most rows contradict the stated weights, the weights are wrong, not the rows: that is
    one finding. Rows are then compared with the weights that fit, or with none if none do.
    """
    kept: list[Constraint] = []
    sums: dict[object, list[Linear]] = {}
    for one in constraints:
        if isinstance(one, Linear) and one.check == "aggregate" and not one.constant:
            names = tuple(part.series for part in one.parts)
            key = one.whole.table, one.whole.series, names, one.weights, one.scale
            sums.setdefault(key, []).append(one)
        else:
            kept.append(one)
    found: list[TableFinding] = []
    for rows in sums.values():
        broken = sum(row.broken(values) for row in rows)
        if len(rows) < len(rows[0].parts) + _ROWS or broken <= _MOST * len(rows):
            kept += rows
            continue
        region, constant = _region(rows, values)
        found.append(_finding(rows, broken, region, constant))
        if region is not None:
            points = tuple(tuple(point) for point in region.points.tolist())
            kept += (Fitted(row.whole, row.parts, points, row.check) for row in rows)
    return kept, found


def _region(rows: Sequence[Linear], values: Values) -> tuple[Implied | None, bool]:
    """Return the weights that fit: those that sum to 1, else any, else any with a constant."""
    for relative, constant in ((True, False), (False, False), (False, True)):
        region = weights_from_scores(
            [[float(values[cell.index]) for cell in row.parts] for row in rows],
            [float(values[row.whole.index]) for row in rows],
            [[cell.reach for cell in row.parts] for row in rows],
            [row.whole.reach for row in rows],
            relative=relative,
            constant=constant,
        )
        if region.found and len(region.outside) <= _FEW * len(rows):
            return region, constant
    return None, False


def _finding(
    rows: Sequence[Linear], broken: int, region: Implied | None, constant: bool
) -> TableFinding:
    first = rows[0]
    names = [part.node for part in first.parts]
    shares = [Fraction(weight, first.scale) for weight in first.weights]
    stated = _listed(names, [float(share) for share in shares])
    text = f"{broken} of {len(rows)} rows contradict the stated weights ({stated})."
    kind, fitting = "no weights fit", ""
    if region is None:
        text += " No other constant weights fit, either; the rows are not compared with any."
    else:
        fitting = _listed(names, _shortest(region))
        kind = "other weights"
        factor = None if constant else _factor(shares, region)
        if factor is not None:
            kind, fitting = "rescaled", f"the stated weights times {factor:.4g}"
            best = max(row.whole.value for row in rows)
            if abs(best - 100) <= Fraction(1, 2):
                fitting += ", so that the best has 100"
        elif constant:
            kind = "rescaled"
            fitting += f", and the constant {region.constant[1]:.4g}"
        fit = len(rows) - len(region.outside)
        text += f" {fit} of {len(rows)} rows follow {fitting}; the rest is compared with that."
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
    """Return the weights with the fewest decimals that the region leaves; else its middle."""
    low, high = region.low.tolist(), region.high.tolist()
    middle: list[float] = region.weight.tolist()
    for digits in range(1, 5):
        short = [round(weight, digits) for weight in middle]
        inside = all(a <= w <= b for a, w, b in zip(low, short, high, strict=True))
        if inside and abs(sum(short) - sum(middle)) < 10.0**-digits / 2:
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
