"""Ranks alone: whether any scores in the printed orders have means in the printed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.finding import TableCheck, place_of
from xlcity.audit.tables.spec.cells import RANK, Series
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import FeasibleRule

#: Its findings come after those of modules with a smaller one.
PLACE = 4

#: Scores lie between 0 and this; different ranks are at least a unit apart.
TOP = 1e4


def published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of ranks alone."""
    for rule in spec.rules["feasible"]:
        yield _check(TableCheck("feasible", rule, spec, printed, Severity.ERROR))


def _check(check: TableCheck) -> TableCheck:
    rule: FeasibleRule = check.rule
    parent_ranks = check.printed.book.first(Series(rule.parent, RANK))
    parts = [check.printed.book.first(Series(child, RANK)) for child in rule.children]
    units = [unit for unit in parent_ranks if all(unit in part for part in parts)]
    check.table = parent_ranks[units[0]].table if units else ""
    check.cells = len(units) * (len(parts) + 1)
    total = sum(rule.children.values())
    slack = least_slack(
        [[int(part[unit].value) for part in parts] for unit in units],
        [int(parent_ranks[unit].value) for unit in units],
        [weight / total for weight in rule.children.values()],
    )
    text = ", ".join(f"{child} {float(w / total):.4g}" for child, w in rule.children.items())
    if units and slack.max() <= 1e-6:
        check.add(
            "There are scores in the printed orders of the parts whose means with the weights "
            f"{text} stand in the printed order of {rule.parent} ({len(units)} units).",
            severity=Severity.NOTE,
            node=rule.parent,
            kind="possible from ranks alone",
        )
        return check
    for position in np.argsort(-slack)[: int((slack > 1e-6).sum())]:
        cell = parent_ranks[units[position]]
        check.add(
            f"No scores in the printed orders of the parts have means with the weights {text} in "
            f"the printed order of {rule.parent}; {cell.unit} is out of order in the nearest that "
            "there are.",
            **place_of(cell),
            kind="impossible from ranks alone",
        )
    return check


def least_slack(
    parts: Sequence[Sequence[int]], parent: Sequence[int], weights: Sequence[Fraction]
) -> np.ndarray[Any, Any]:
    """Return by how much each unit's mean must be out of order, at the least sum; 0 = possible.

    Parameters
    ----------
    parts
        (n, k) ranks of the parts; equal ranks are equal scores.
    parent
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
    rows, equal = _orders(ranks, parent, weights)
    width = n * k + n

    def matrix(given: Sequence[dict[int, float]]) -> csr_array:
        cells = [(r, c, v) for r, row in enumerate(given) for c, v in row.items()]
        places = ([r for r, _, _ in cells], [c for _, c, _ in cells])
        return csr_array(([v for _, _, v in cells], places), shape=(len(given), width))

    solution = linprog(
        np.concatenate([np.zeros(n * k), np.ones(n)]),
        A_ub=matrix([row for row, _ in rows]) if rows else None,
        b_ub=[bound for _, bound in rows] if rows else None,
        A_eq=matrix(equal) if equal else None,
        b_eq=np.zeros(len(equal)) if equal else None,
        bounds=[(0.0, TOP)] * (n * k) + [(0.0, None)] * n,
        method="highs",
    )
    return np.asarray(solution.x[n * k :]) + 0.0


def _orders(
    ranks: np.ndarray[Any, Any], parent: Sequence[int], weights: Sequence[Fraction]
) -> tuple[list[tuple[dict[int, float], float]], list[dict[int, float]]]:
    """Return what scores owe each other: rows of at most a bound, and rows that are 0."""
    n, k = ranks.shape
    rows: list[tuple[dict[int, float], float]] = []
    equal: list[dict[int, float]] = []
    for column in range(k):
        order = np.argsort(ranks[:, column], kind="stable")
        for better, worse in pairwise(order.tolist()):
            better_score, worse_score = better * k + column, worse * k + column
            if ranks[better, column] == ranks[worse, column]:
                equal.append({better_score: 1.0, worse_score: -1.0})
            else:
                rows.append(({worse_score: 1.0, better_score: -1.0}, -1.0))
    # Units that share a rank stand in any order among themselves.
    steps = [[unit for unit in range(n) if parent[unit] == rank] for rank in sorted(set(parent))]
    for ahead, behind in pairwise(steps):
        for better, worse in product(ahead, behind):
            row = {better * k + c: -float(w) for c, w in enumerate(weights)}
            row |= {worse * k + c: float(w) for c, w in enumerate(weights)}
            row |= {n * k + better: -1.0, n * k + worse: -1.0}
            rows.append((row, 0.0))
    return rows, equal
