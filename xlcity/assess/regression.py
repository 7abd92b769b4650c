"""Simple regression of scores on an outside variable, and what its coefficients imply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.assess.scores import default_codes, score_block
from xlcity.errors import DataError, Problem, Where
from xlcity.functions.block import CellState
from xlcity.functions.correlate import regression_simple
from xlcity.index import IndexResult
from xlcity.model.dataset import FloatArray, State, Unit
from xlcity.model.reading.values import Refusal, read_value


@dataclass(frozen=True, slots=True)
class Regression:
    """The least squares line of a node's scores on one predictor.

    `coefficient` is the standardised coefficient: with one predictor Pearson's r, and `r2` its
    square. NaN where there is none.
    """

    code: str
    predictor: str
    slope: float
    intercept: float
    coefficient: float
    r2: float
    p: float
    n: int


def outside_variable(units: Iterable[Unit], name: str) -> FloatArray:
    """Return an attribute of the units as numbers; NaN where it is blank or a missing code.

    Raises
    ------
    DataError
        With every unit whose attribute is not a number.
    """
    values: list[float] = []
    problems: list[Problem] = []
    for unit in units:
        read = read_value(unit.attributes.get(name, ""))
        if isinstance(read, Refusal):
            where = Where(unit=unit.id, indicator=name)
            problems.append(Problem(read.code, read.message, read.hint, where))
            continue
        values.append(read.value if read.state is State.VALUE else np.nan)
    if problems:
        raise DataError(problems)
    return np.array(values, dtype=np.float64)


def regress(
    result: IndexResult,
    predictor: str,
    codes: Sequence[str] | None = None,
    population: str = "main",
) -> tuple[Regression, ...]:
    """Return one simple regression per node on an outside variable.

    Parameters
    ----------
    predictor
        Attribute of the units that holds the variable; units without a value are left out.
    codes
        The nodes; None = the root and those right under it.

    Raises
    ------
    DataError
        If the variable holds something that is not a number.
    """
    chosen = codes if codes is not None else (result.framework.root.code, *default_codes(result))
    x = outside_variable((u for u in result.dataset.units if u.population == population), predictor)
    found = []
    for code in chosen:
        values, states = score_block(result, (code,), population)
        x_states = np.where(np.isnan(x), CellState.BLANK, CellState.NUMBER).astype(np.uint8)
        row = regression_simple(values, x, states=states, x_states=x_states).values[0].tolist()
        slope, intercept, r, r2, p, n = row
        found.append(Regression(code, predictor, slope, intercept, r, r2, p, int(n)))
    return tuple(found)


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
