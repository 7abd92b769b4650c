"""The step *rescale* for one node in one population: aggregates on the scale that is published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcity.functions.noise import is_constant
from xlcity.methods.normalise.record import CONSTANT
from xlcity.methods.registry import method_of
from xlcity.methods.rescale import UNSCALED, Rescaling
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.recipe import Step


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
    """Rescale one column, or (n, m) aggregates of m replicates, each by itself.

    Equal aggregates have no score unless the step names a `constant`.
    """
    method, settings = method_of(Rescaling, step.method), step.settings()
    scores = method.kernel(values, states, settings).values.reshape(values.shape).copy()
    found = states.copy()
    can_fail = CONSTANT.name in method.names
    stand_in = settings.optional(CONSTANT.name) if can_fail else None
    if stand_in is not None:
        scores[(states == State.VALUE) & np.isnan(scores)] = stand_in
    constant = can_fail and values.ndim == 1 and is_constant(values[states == State.VALUE])
    found[(states == State.VALUE) & np.isnan(scores)] = State.BLANK
    return Rescaled(scores, found, constant, constant and stand_in is None)


def overall(step: Step | None) -> str:
    """Return how the root's score is read."""
    return UNSCALED if step is None else step.text("overall")
