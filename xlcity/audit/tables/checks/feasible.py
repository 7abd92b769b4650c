"""Ranks alone: whether any scores in the printed orders have means in the printed order."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.finding import TableCheck, place_of
from xlcity.audit.tables.spec.cells import RANK, Series
from xlcity.audit.tables.spec.rules import FeasibleRule
from xlcity.functions.block import Matrix

#: Scores lie between 0 and this; different ranks are at least a unit apart.
TOP = 1e4


def check_feasible(check: TableCheck) -> None:
    """Check whether scores in the orders of the parts can have means in the order of the node."""
    rule: FeasibleRule = check.rule
    series = (Series(node, RANK) for node in (rule.parent, *rule.children))
    rows = [*check.printed.book.together(*series).values()]
    check.table = rows[0][0].table if rows else ""
    check.cells = sum(map(len, rows))
    total = sum(rule.children.values())
    slack = least_slack(
        [[int(cell.value) for cell in parts] for _, *parts in rows],
        [int(top.value) for top, *_ in rows],
        [weight / total for weight in rule.children.values()],
    )
    text = ", ".join(f"{child} {float(w / total):.4g}" for child, w in rule.children.items())
    for position in np.argsort(-slack):
        cell, wrong = rows[position][0], bool(slack[position] > 1e-6)
        rank = int(cell.value)
        evidence = (
            f"No scores in the printed orders of the parts have means with the weights {text} in "
            f"the printed order of {rule.parent}; {cell.unit} is out of order in the nearest that "
            "there are."
        )
        check.compare(
            {},
            rank,
            None if wrong else rank,
            evidence,
            right=not wrong,
            **place_of(cell),
            kind="impossible from ranks alone",
        )
    if rows and not check.findings:
        check.add(
            "There are scores in the printed orders of the parts whose means with the weights "
            f"{text} stand in the printed order of {rule.parent} ({len(rows)} units).",
            severity=Severity.NOTE,
            node=rule.parent,
            kind="possible from ranks alone",
        )


def least_slack(
    parts: Sequence[Sequence[int]], parent: Sequence[int], weights: Sequence[Fraction]
) -> np.ndarray[Any, Any]:
    """Return by how much each unit's mean must be out of order, at the least sum; 0 = possible.

    Parameters
    ----------
    parts
        (n, k) ranks of the parts; equal ranks are equal scores.
    parent
        (n,) ranks of the weighted mean; units that share one stand in any order.
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

    ranks = np.asarray(parts)
    n, k = ranks.shape if ranks.size else (0, 0)
    if n == 0:
        return np.zeros(0)
    rows, bounds, equal = order_rows(ranks, parent, [float(weight) for weight in weights])
    limits = np.array([[[0.0, TOP]] * k + [[0.0, np.inf]]] * n)
    solution = linprog(
        np.tile([0.0] * k + [1.0], n),
        A_ub=np.reshape(rows, (len(rows), -1)) if rows else None,
        b_ub=bounds or None,
        A_eq=np.reshape(equal, (len(equal), -1)) if equal else None,
        b_eq=np.zeros(len(equal)) if equal else None,
        bounds=limits.reshape(-1, 2),
        method="highs",
    )
    return np.asarray(solution.x.reshape(n, k + 1)[:, k]) + 0.0


def order_rows(
    ranks: np.ndarray[Any, Any], parent: Sequence[int], weights: Sequence[float]
) -> tuple[list[Matrix], list[float], list[Matrix]]:
    """Return what scores in printed orders owe each other: rows of at most a bound, and rows of 0.

    A row has a coefficient per unit and part, and after the parts one for the unit's slack.
    """
    n, k = ranks.shape
    rows: list[Matrix] = []
    bounds: list[float] = []
    equal: list[Matrix] = []
    for column in range(k):
        for better, worse in pairwise(np.argsort(ranks[:, column], kind="stable").tolist()):
            row = np.zeros((n, k + 1))
            row[worse, column], row[better, column] = 1.0, -1.0
            if ranks[better, column] == ranks[worse, column]:
                equal.append(row)
            else:
                rows.append(row)
                bounds.append(-1.0)
    steps = [[unit for unit in range(n) if parent[unit] == rank] for rank in sorted(set(parent))]
    for ahead, behind in pairwise(steps):
        for better, worse in product(ahead, behind):
            row = np.zeros((n, k + 1))
            row[worse, :k], row[better, :k] = weights, np.negative(weights)
            row[[better, worse], k] = -1.0
            rows.append(row)
            bounds.append(0.0)
    return rows, bounds, equal
