"""The step *weight* for one node: weights of its children that follow from their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.block import NO_ERROR, Block
from xlcity.functions.judge import ahp_ratio, ahp_weights
from xlcity.functions.weigh import (
    balance_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    equal_weights,
    pca_weights,
)
from xlcity.model.dataset import FloatArray, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: A consistency ratio above it means that judgements contradict each other too much.
MOST_INCONSISTENT = 0.1


def judgement_matrix(judgements: tuple[float, ...], count: int) -> FloatArray:
    """Return the matrix of judgements given row by row above the diagonal; NaN elsewhere."""
    matrix = np.full((count, count), np.nan)
    matrix[np.triu_indices(count, 1)] = judgements
    return matrix


def consistency(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return the consistency ratio of every node whose weights follow from judgements."""
    found = {}
    for node in framework.composites:
        step = recipe.step_for("weight", node.code)
        if step is not None and step.method == "ahp":
            count = len(framework.children(node.code))
            matrix = judgement_matrix(step.numbers("judgements") or (), count)
            found[node.code] = float(ahp_ratio(matrix).values[0, 0])
    return found


def found_weights(
    values: FloatArray, states: StateArray, step: Step
) -> tuple[list[float], CellError | None, float]:
    """Return weights of (n, children) scores, the error where there are none, and the AHP ratio."""
    ratio = 0.0
    if step.method == "ahp":
        matrix = judgement_matrix(step.numbers("judgements") or (), values.shape[1])
        ratio = float(ahp_ratio(matrix).values[0, 0])
        block = ahp_weights(matrix)
    else:
        block = _METHODS[step.method](values, states, step)
    errors = block.errors.ravel()
    first = int(np.flatnonzero(errors)[0]) if errors.any() else None
    if first is None:
        return block.values.ravel().tolist(), None, ratio
    place = (0, first) if block.shape[0] == 1 else (first, 0)
    assert errors[first] != NO_ERROR
    return [], block.error(*place), ratio


def _cv(values: FloatArray, states: StateArray, step: Step) -> Block:
    return cv_weights(values, step.number("ddof", 1.0), states=states)


def _pca(values: FloatArray, states: StateArray, step: Step) -> Block:
    return pca_weights(values, str(step.get("kind", "handbook")), states=states)


def _balance(values: FloatArray, states: StateArray, step: Step) -> Block:
    return balance_weights(values, step.numbers("targets"), states=states)


_METHODS: dict[str, Callable[[FloatArray, StateArray, Step], Block]] = {
    "equal": lambda values, states, step: equal_weights(values),
    "entropy": lambda values, states, step: entropy_weights(values, states=states),
    "critic": lambda values, states, step: critic_weights(values, states=states),
    "cv": _cv,
    "pca": _pca,
    "balance": _balance,
}


def with_weights(framework: Framework, found: Mapping[str, Sequence[float]]) -> Framework:
    """Return a framework with the weights that were found, by node, in place of those given."""
    if not found:
        return framework
    of = {
        child.code: weight
        for code, weights in found.items()
        for child, weight in zip(framework.children(code), weights, strict=True)
        if not np.isnan(weight)
    }
    nodes = (replace(node, weight=of.get(node.code, node.weight)) for node in framework.nodes)
    return replace(framework, nodes=tuple(nodes))
