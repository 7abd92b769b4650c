"""Printed scores of a node as one affine map of the printed scores of its children.

Where weights act on z-scores and every node is put on 60 to 100 afterwards, the score of a node is
a constant plus a multiple of each child's score, the same for all cities of a population. Scores
are printed with two decimals: the map can miss a printed score by no more than the half digits of
it and of its children, each child's times its coefficient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.reports.comparison import ComparedCell, Comparison, compare
from xlcity.reports.report import PublishedTable, Record

#: Half a unit of the second decimal.
HALF_DIGIT = 0.005


@dataclass(frozen=True, slots=True)
class AffineMap:
    """An affine map: its constant, its coefficients, and what rounding lets it miss by."""

    constant: float
    coefficients: tuple[float, ...]
    bound: float

    def __call__(self, children: Sequence[float]) -> float:
        """Return the score that the map gives."""
        parts = zip(self.coefficients, children, strict=True)
        return self.constant + sum(b * x for b, x in parts)


def fit(
    scores: Sequence[float], children: Sequence[Sequence[float]], half: Sequence[float]
) -> AffineMap:
    """Fit a node's scores to its children's by least squares.

    Parameters
    ----------
    scores
        (n,) printed scores.
    children
        (n, k) printed scores of the children.
    half
        (k,) half a unit of the children's last printed digit.
    """
    table = np.column_stack([np.ones(len(scores)), np.asarray(children, dtype=np.float64)])
    solution = np.linalg.lstsq(table, np.asarray(scores, dtype=np.float64), rcond=None)[0].tolist()
    bound = HALF_DIGIT + sum(abs(b) * h for b, h in zip(solution[1:], half, strict=True))
    return AffineMap(solution[0], tuple(solution[1:]), bound)


def map_cells(
    rows: Sequence[Record],
    node: str,
    column: str,
    children: Mapping[str, float],
    where: str,
) -> tuple[AffineMap, list[ComparedCell]]:
    """Return the fitted map and every printed score beside what the map makes of its children.

    Parameters
    ----------
    children
        Column of each child -> half a unit of its last printed digit.
    """
    numbers = [[float(row[name]) for name in children] for row in rows]
    scores = [float(row[column]) for row in rows]
    affine = fit(scores, numbers, list(children.values()))
    cells = [
        ComparedCell(row["city_id"], node, score, affine(parts), where)
        for row, score, parts in zip(rows, scores, numbers, strict=True)
    ]
    return affine, cells


def compare_map(table: PublishedTable, node: str, children: Sequence[str]) -> Comparison:
    """Compare a table's scores of a node with one affine map of those of its children."""
    column = table.column_of(node)
    columns = {table.column_of(child) or "": HALF_DIGIT for child in children}
    assert column is not None
    affine, cells = map_cells(table.rows, node, column, columns, f"table {table.label}")
    return compare(
        table.name, f"map {node}", cells, tolerance=affine.bound, how=described(affine, children)
    )


def described(affine: AffineMap, children: Sequence[str]) -> str:
    """Say the map in words."""
    pairs = zip(affine.coefficients, children, strict=True)
    parts = " ".join(f"{b:+.4g} {child}" for b, child in pairs)
    return f"{affine.constant:.4g} {parts}, fitted; the tolerance is what rounding leaves open"
