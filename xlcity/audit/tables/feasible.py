"""Ranks alone: whether any scores in the printed orders have means in the printed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np

from xlcity.audit.tables.cells import RANK, Cell, Series
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed
from xlcity.audit.tables.rules import Feasible
from xlcity.audit.tables.spec import Spec
from xlcity.audit.tables.statistics import Told, finding

#: Scores lie between 0 and this; different ranks are at least a unit apart.
TOP = 1e4


def feasible(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Yield what each check of ranks alone did and found."""
    for rule in spec.rules["feasible"]:
        yield _check(rule, printed)


def _check(rule: Feasible, printed: Printed) -> Told:
    whole = printed.book.first(Series(rule.parent, RANK))
    parts = [printed.book.first(Series(child, RANK)) for child in rule.children]
    units = [unit for unit in whole if all(unit in part for part in parts)]
    shares = [weight / sum(rule.children.values()) for weight in rule.children.values()]
    checked = Checked(
        "feasible", whole[units[0]].table if units else "", len(units) * (len(parts) + 1)
    )
    slack = least_slack(
        [[int(part[unit].value) for part in parts] for unit in units],
        [int(whole[unit].value) for unit in units],
        shares,
    )
    if not slack.size or slack.max() <= 1e-6:
        return checked, [_fine(rule, units, whole)] if units else []
    worst = [units[at] for at in np.argsort(-slack)[: max(1, int((slack > 1e-6).sum()))]]
    return checked, [_broken(rule, unit, whole[unit]) for unit in worst]


def least_slack(
    parts: Sequence[Sequence[int]], whole: Sequence[int], weights: Sequence[Fraction]
) -> np.ndarray[Any, Any]:
    """Return by how much each unit's mean must be out of order, at the least sum; 0 = possible.

    Parameters
    ----------
    parts
        (n, k) ranks of the parts; equal ranks are equal scores.
    whole
        (n,) ranks of the weighted mean.
    weights
        (k,) weights that sum to 1.

    Notes
    -----
    A linear programme over n x k scores: a unit apart where ranks differ, equal where they are
    equal, and means that stand in the order of the whole, each with a slack of its own.

    Examples
    --------
    >>> half = [Fraction(1, 2)] * 2
    >>> least_slack([[1, 2], [2, 1], [3, 3]], [1, 2, 3], half).tolist()
    [0.0, 0.0, 0.0]
    >>> bool(least_slack([[1, 1], [2, 2]], [2, 1], half).max() > 0)
    True
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    ranks = np.asarray(parts)
    n, k = ranks.shape if ranks.size else (0, 0)
    if n == 0:
        return np.zeros(0)
    rows: list[tuple[dict[int, float], float]] = []
    equal: list[dict[int, float]] = []
    for column in range(k):
        order = np.argsort(ranks[:, column], kind="stable")
        for better, worse in pairwise(order.tolist()):
            one, other = better * k + column, worse * k + column
            if ranks[better, column] == ranks[worse, column]:
                equal.append({one: 1.0, other: -1.0})
            else:
                rows.append(({other: 1.0, one: -1.0}, -1.0))
    # Units that share a rank stand in any order among themselves.
    steps = [[at for at in range(n) if whole[at] == rank] for rank in sorted(set(whole))]
    for ahead, behind in pairwise(steps):
        for better, worse in product(ahead, behind):
            row = {better * k + c: -float(w) for c, w in enumerate(weights)}
            row |= {worse * k + c: float(w) for c, w in enumerate(weights)}
            row |= {n * k + better: -1.0, n * k + worse: -1.0}
            rows.append((row, 0.0))
    width = n * k + n

    def matrix(given: Sequence[dict[int, float]]) -> csr_array:
        at = [(r, c, v) for r, row in enumerate(given) for c, v in row.items()]
        places = ([r for r, _, _ in at], [c for _, c, _ in at])
        return csr_array(([v for _, _, v in at], places), shape=(len(given), width))

    found = linprog(
        np.concatenate([np.zeros(n * k), np.ones(n)]),
        A_ub=matrix([row for row, _ in rows]) if rows else None,
        b_ub=[bound for _, bound in rows] if rows else None,
        A_eq=matrix(equal) if equal else None,
        b_eq=np.zeros(len(equal)) if equal else None,
        bounds=[(0.0, TOP)] * (n * k) + [(0.0, None)] * n,
        method="highs",
    )
    return np.asarray(found.x[n * k :]) + 0.0


def _told(rule: Feasible) -> str:
    total = sum(rule.children.values())
    return ", ".join(f"{child} {float(w / total):.4g}" for child, w in rule.children.items())


def _fine(rule: Feasible, units: Sequence[str], whole: dict[str, Cell]) -> Finding:
    return finding(
        "feasible",
        Severity.NOTE,
        whole[units[0]].table,
        node=rule.parent,
        kind="possible from ranks alone",
        evidence=(
            f"There are scores in the printed orders of the parts whose means with the weights "
            f"{_told(rule)} stand in the printed order of {rule.parent} ({len(units)} units)."
        ),
    )


def _broken(rule: Feasible, unit: str, cell: Cell) -> Finding:
    return finding(
        "feasible",
        Severity.ERROR,
        cell.table,
        unit=unit,
        node=rule.parent,
        published=cell.text,
        column=cell.column,
        row=cell.row,
        where=cell.where,
        kind="impossible from ranks alone",
        evidence=(
            f"No scores in the printed orders of the parts have means with the weights "
            f"{_told(rule)} in the printed order of {rule.parent}; {unit} is out of order in the "
            "nearest that there are."
        ),
    )
