"""Weights by pairwise judgements: the analytic hierarchy process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.model_weights import ahp_ratio, ahp_weights
from xlcity.messages import Message
from xlcity.methods.record import NUMBERS, Parameter, Settings
from xlcity.methods.weight.record import Weighting


def judgement_matrix(judgements: Sequence[float], count: int) -> Matrix:
    """Return the (count, count) matrix of pairwise judgements; NaN on and below the diagonal.

    Parameters
    ----------
    judgements
        Those above the diagonal, row by row.
    count
        Number of children.
    """
    matrix = np.full((count, count), np.nan)
    matrix[np.triu_indices(count, 1)] = judgements
    return matrix


def _judgements_of(settings: Settings, count: int) -> Matrix:
    """Return the step's pairwise judgements of `count` children as a (count, count) matrix."""
    return judgement_matrix(settings.numbers("judgements") or (), count)


def _weigh_by_judgements(
    values: Matrix, states: States, settings: Settings
) -> CellArray:
    """Return the weights that follow from the pairwise judgements among the parameters.

    Of the (n, children) scores only the number of columns is used.
    """
    return ahp_weights(_judgements_of(settings, values.shape[1]))


def _consistency_ratio(settings: Settings, count: int) -> float:
    """Return the consistency ratio of the step's judgements of `count` children."""
    return float(ahp_ratio(_judgements_of(settings, count)).values[0, 0])


def _check_judgements(settings: Settings, children: int) -> Iterator[str]:
    """Yield faults of pairwise judgements: not one for each pair of children, or not above 0.

    `children` is how many the node has.
    """
    judgements = settings.numbers("judgements") or ()
    pairs = children * (children - 1) // 2
    if len(judgements) != pairs:
        yield Message(
            "method.judgements_for_pairs", judgements=len(judgements), pairs=pairs
        )
    if min(judgements, default=1.0) <= 0:
        yield Message("method.judgements_not_positive")


AHP = Weighting(
    name="ahp",
    parameters=(Parameter("judgements", NUMBERS),),
    check_children=_check_judgements,
    kernel=_weigh_by_judgements,
    ratio=_consistency_ratio,
)
