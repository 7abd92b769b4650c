"""The step *rescale* for one node in one population: aggregates on the scale that is printed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from xlcity.functions.block import Block
from xlcity.functions.noise import is_constant
from xlcity.functions.normalise import minmax_scale
from xlcity.functions.rescale import efficacy_scale
from xlcity.functions.scale import zscore_scale
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.recipe import Step

#: Readings of the root's score: the mean of its children's scaled scores, its own aggregate scaled
#: like any other, or its aggregate as it is.
MEAN_OF_SCALED, SCALED, UNSCALED = "mean_of_scaled", "scaled", "unscaled"
#: Parameters of `standard` and their defaults.
_STANDARD = (("mean", 0.0), ("sd", 1.0), ("ddof", 1.0))


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
    if step.method == "linear":
        return Rescaled(values * step.number("factor", 1.0) + step.number("shift", 0.0), states)
    stand_in = step.number("constant", math.nan)
    if step.method == "efficacy":
        block = efficacy_scale(values, step.number("omega", 40.0), constant=stand_in, states=states)
    elif step.method == "minmax":
        base, scale = step.number("base", 0.0), step.number("scale", 100.0)
        plain = minmax_scale(values, scale=1.0, states=states)
        block = Block(base + (scale - base) * plain.values, plain.errors)
    else:
        mean, sd, ddof = (step.number(*word) for word in _STANDARD)
        block = zscore_scale(values, mean, sd, 1.0, ddof, states=states)
    scores, found = block.values[:, 0].copy(), states.copy()
    if not math.isnan(stand_in):
        scores[(states == State.VALUE) & np.isnan(scores)] = stand_in
    numbers = values[states == State.VALUE]
    constant = is_constant(numbers)
    found[(states == State.VALUE) & np.isnan(scores)] = State.BLANK
    return Rescaled(scores, found, constant, constant and math.isnan(stand_in))


def overall(step: Step | None) -> str:
    """Return how the root's score is read."""
    return UNSCALED if step is None else str(step.get("overall", SCALED))
