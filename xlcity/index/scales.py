"""Ways to normalise one indicator: each recipe method over its function of the library."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xlcity.functions.block import Block
from xlcity.functions.distance import above_mean, category_scale, dist_reference, fraction_max
from xlcity.functions.scale import goalpost_scale, percentile_scale, rank_borda, zscore_scale
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import Node
from xlcity.model.recipe import Step

#: Values, states and direction of a column, its step and node, the value of the reference unit.
Scale = Callable[[FloatArray, StateArray, float, Step, Node, float | None], Block]


def _standard(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    mean, sd = step.number("mean", 0.0), step.number("sd", 1.0)
    return zscore_scale(x, mean, sd, turn, step.number("ddof", 1.0), states=states)


def _goalposts(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    low = step.get("low", node.goalpost_low)
    high = step.get("high", node.goalpost_high)
    base, scale = step.number("base", 0.0), step.number("scale", 100.0)
    block = goalpost_scale(x, _number(low), _number(high), 1.0, turn, states=states)
    return Block(base + (scale - base) * block.values, block.errors)


def _percentile(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    ties = str(step.get("ties", "min"))
    return percentile_scale(x, turn, step.number("scale", 1.0), ties, states=states)


def _borda(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    ties = str(step.get("ties", "min"))
    return rank_borda(x, turn, ties, step.number("base", 0.0), states=states)


def _dist2max(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    return dist_reference(x, None, turn, "no", step.number("scale", 1.0), states=states)


def _dist2ref(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    if at is None:
        # The reference city has no value: then there is no distance from it.
        nothing = np.full((len(x), 1), np.nan)
        gaps = np.where(states == State.VALUE, State.MISSING, states).astype(np.uint8)
        return dist_reference(nothing, None, turn, states=gaps)
    cap, scale = str(step.get("cap", "no")), step.number("scale", 1.0)
    return dist_reference(x, at, turn, cap, scale, states=states)


def _dist2target(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    target = _number(step.get("target", node.target))
    cap, scale = str(step.get("cap", "no")), step.number("scale", 1.0)
    return dist_reference(x, target, turn, cap, scale, states=states)


def _fracmax(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    return fraction_max(x, turn, step.number("scale", 1.0), states=states)


def _bands(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    by = str(step.get("by", "value"))
    cuts = step.numbers("cuts") or ()
    return category_scale(x, cuts, step.numbers("scores"), by, turn, states=states)


def _above_mean(
    x: FloatArray, states: StateArray, turn: float, step: Step, node: Node, at: float | None
) -> Block:
    return above_mean(x, step.number("threshold", 0.0), turn, states=states)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


SCALES: dict[str, Scale] = {
    "standard": _standard,
    "goalposts": _goalposts,
    "percentile": _percentile,
    "borda": _borda,
    "dist2max": _dist2max,
    "dist2ref": _dist2ref,
    "dist2target": _dist2target,
    "fracmax": _fracmax,
    "bands": _bands,
    "above_mean": _above_mean,
}
