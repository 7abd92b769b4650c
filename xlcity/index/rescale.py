"""The step *rescale* for one node in one population: aggregates on the scale that is printed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xlcity.functions.rescale import efficacy_scale
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.recipe import Step

#: Readings of the root's score: the mean of its children's scaled scores, its own aggregate scaled
#: like any other, or its aggregate as it is.
MEAN_OF_SCALED, SCALED, UNSCALED = "mean_of_scaled", "scaled", "unscaled"


@dataclass(frozen=True, slots=True, eq=False)
class Rescaled:
    """Scores of one node.

    `constant` tells that all aggregates are equal, `failed` that this leaves them without a score.
    """

    values: FloatArray
    states: StateArray
    constant: bool = False
    failed: bool = False


def rescale(values: FloatArray, states: StateArray, step: Step) -> Rescaled:
    """Rescale one column; equal aggregates have no score unless the step names a `constant`."""
    stand_in = step.number("constant", math.nan)
    block = efficacy_scale(values, step.number("omega", 40.0), constant=stand_in, states=states)
    scores, found = block.values[:, 0].copy(), states.copy()
    numbers = values[states == State.VALUE]
    constant = bool(numbers.size) and bool(numbers.min() == numbers.max())
    found[(states == State.VALUE) & np.isnan(scores)] = State.BLANK
    return Rescaled(scores, found, constant, constant and math.isnan(stand_in))


def overall(step: Step | None) -> str:
    """Return how the root's score is read."""
    return UNSCALED if step is None else str(step.get("overall", SCALED))
