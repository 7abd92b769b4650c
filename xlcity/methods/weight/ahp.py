"""Weights by pairwise judgements: the analytic hierarchy process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.judge import ahp_ratio, ahp_weights
from xlcity.methods.record import NUMBERS, Parameter, Settings
from xlcity.methods.weight.record import Weighting


def judgement_matrix(judgements: Sequence[float], count: int) -> Matrix:
    """Return the matrix of judgements given row by row above the diagonal; NaN elsewhere."""
    matrix = np.full((count, count), np.nan)
    matrix[np.triu_indices(count, 1)] = judgements
    return matrix


def _matrix(settings: Settings, count: int) -> Matrix:
    return judgement_matrix(settings.numbers("judgements") or (), count)


def _ahp(values: Matrix, states: States, settings: Settings) -> CellArray:
    return ahp_weights(_matrix(settings, values.shape[1]))


def _ratio(settings: Settings, count: int) -> float:
    return float(ahp_ratio(_matrix(settings, count)).values[0, 0])


def _check(settings: Settings, children: int) -> Iterator[str]:
    judgements, pairs = settings.numbers("judgements") or (), children * (children - 1) // 2
    if len(judgements) != pairs:
        yield f"{len(judgements)} judgements for {pairs} pairs of its children"
    if min(judgements, default=1.0) <= 0:
        yield "judgements are above 0"


AHP = Weighting(
    name="ahp",
    parameters=(Parameter("judgements", NUMBERS),),
    check_children=_check,
    kernel=_ahp,
    ratio=_ratio,
)
