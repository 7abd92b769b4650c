"""Scores with size taken out: what a city's size lets expect, and what it has beyond that.

This is an analysis beside the index. It changes no score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcity.assess.regression import read_measure
from xlcity.assess.statistics import population_rows
from xlcity.functions.correlate import Fit, fit_line
from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import round_excel
from xlcity.index import IndexResult
from xlcity.model.dataset import FloatArray

#: Digits that residuals are rounded to before they are ranked, as scores are.
DIGITS = 9


@dataclass(frozen=True, slots=True, eq=False)
class SizeComparison:
    """Scores of a group of cities against their size, in the order of the data.

    Attributes
    ----------
    fit
        The straight line of scores by the logarithm of size, or by size itself.
    size, score, expected, residual
        (n,) numbers; `expected` lies on the line, `residual` is the score less that.
    rank
        (n,) of the residual; NaN without one.
    smaller, larger
        (n,) ids of the cities next in size, "" for none: the peers of a city by its size.
    """

    units: tuple[str, ...]
    fit: Fit
    size: FloatArray
    score: FloatArray
    expected: FloatArray
    residual: FloatArray
    rank: FloatArray
    smaller: tuple[str, ...]
    larger: tuple[str, ...]


def compare_with_size(
    result: IndexResult, size: str, population: str, node: str, *, log: bool = True
) -> SizeComparison:
    """Return how scores of a node compare with what size lets expect.

    Parameters
    ----------
    size
        An attribute of the units, a column of the data, or a node.
    log
        Whether its natural logarithm counts; sizes of 0 and below then count as none.

    Raises
    ------
    DataError
        If the size of a unit is not a number.

    Notes
    -----
    Ordinary least squares. Residuals of large samples of cities by the logarithm of population are
    the scale-adjusted indicators of the literature on urban scaling, where scores are logarithms.

    References
    ----------
    Bettencourt, Lobo, Strumsky, West (2010), Urban scaling and its deviations, PLoS ONE 5(11).
    """
    rows = population_rows(result, population)
    sizes, scores = read_measure(result, size, typed=True)[rows], result.column(node)[rows]
    with np.errstate(all="ignore"):
        x = np.where(sizes > 0, np.log(sizes), np.nan) if log else sizes
    # Cities that lack one of the two have no place.
    x = np.where(np.isnan(scores), np.nan, x)
    fit = fit_line(scores, x)
    expected = fit.intercept + fit.slope * x
    residual = scores - expected
    ranks = rank_competition(round_excel(residual, DIGITS)[:, None], ties="min").values[:, 0]
    units = tuple(result.dataset.units[row].id for row in rows.tolist())
    order = [int(row) for row in np.argsort(x, kind="stable") if not np.isnan(x[row])]
    names = ["", *(units[row] for row in order), ""]
    beside = {row: (names[n], names[n + 2]) for n, row in enumerate(order)}
    neighbours = [beside.get(row, ("", "")) for row in range(len(units))]
    smaller, larger = (tuple(pair[side] for pair in neighbours) for side in (0, 1))
    return SizeComparison(units, fit, sizes, scores, expected, residual, ranks, smaller, larger)
