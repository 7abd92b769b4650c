"""The regression on economic development: identities, since the predictor is not printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xlcity.index import IndexResult
from xlcity.index.steps import child_weights
from xlcity.model.dataset import FloatArray
from xlcity.reports.comparison import ComparedCell, Comparison, compare, line_of
from xlcity.reports.report import Report
from xlcity.reports.vitality2014.reproduce import by_domains, by_indicators

#: Half a unit of the third decimal, the last one of the table (SPSS drops a closing zero).
HALF = 0.0005
TABLE = "regression"


def compare_regression(report: Report) -> Iterator[Comparison]:
    """Compare what the coefficients imply: their squares, and the total's from the domains'."""
    rows = report.published[TABLE].rows
    where = line_of(rows[0])
    how = "the coefficient's square, as an interval of its printed digits"
    yield compare(TABLE, "r-square", [_square(row, where) for row in rows], how=how)
    cells = [ComparedCell("", row["node"], float(row["collinearity"]), 1.0, where) for row in rows]
    yield compare(TABLE, "collinearity", cells, how="1 by definition with one predictor")
    coefficients = {row["node"]: float(row["coefficient"]) for row in rows}
    for what, result in (
        ("total-equal-domains", by_domains(report)),
        ("total-equal-indicators", by_indicators(report)),
    ):
        root = result.framework.root.code
        cell = ComparedCell("", root, coefficients[root], _implied(result, coefficients), where)
        how = "the coefficient that those of the domains and the printed scores imply"
        # Each coefficient is off by half a unit at most, and so is their weighted mean.
        yield compare(TABLE, what, [cell], tolerance=2 * HALF, how=how)


def _square(row: Mapping[str, str], where: str) -> ComparedCell:
    r, square = float(row["coefficient"]), float(row["r_square"])
    low, high = (abs(r) - HALF) ** 2 - HALF, (abs(r) + HALF) ** 2 + HALF
    return ComparedCell("", row["node"], square, r * r, where, right=low <= square <= high)


def _implied(result: IndexResult, coefficients: Mapping[str, float]) -> float:
    root = result.framework.root.code
    step = result.recipe.step_for("aggregate", root)
    assert step is not None
    children = [child.code for child in result.framework.children(root)]
    weights = child_weights(result.framework, root, step)
    return coefficient_of_sum(
        coefficients,
        {code: result.column(code) for code in children},
        dict(zip(children, weights, strict=True)),
    )


def coefficient_of_sum(
    coefficients: Mapping[str, float],
    parts: Mapping[str, FloatArray],
    weights: Mapping[str, float],
) -> float:
    """Return the standardised coefficient of a weighted sum that those of its parts imply.

    Parameters
    ----------
    coefficients
        Standardised coefficient of each part on one and the same predictor.
    parts
        (n,) scores of each part.
    weights
        Weight of each part in the sum.

    Notes
    -----
    Covariances add up, so ``r(sum, x) = sum(w * sd * r) / sd(sum)``: the predictor itself need not
    be known.

    Examples
    --------
    >>> a = np.array([0.0, 1.0, 2.0])
    >>> coefficient_of_sum({"a": 0.5, "b": 0.5}, {"a": a, "b": a}, {"a": 1.0, "b": 3.0})
    0.5
    """
    total = sum((weights[code] * scores for code, scores in parts.items()), np.zeros(1))
    covariances = [weights[c] * scores.std() * coefficients[c] for c, scores in parts.items()]
    return float(sum(covariances) / np.std(total))
