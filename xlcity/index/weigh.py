"""The step *weight* for one node: weights of its children that follow from their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.block import NO_ERROR
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import method_of
from xlcity.methods.weight.record import Weighting
from xlcity.model.dataset import FloatArray, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: A consistency ratio above it means that judgements contradict each other too much.
MOST_INCONSISTENT = 0.1


def weight_step(recipe: Recipe, code: str) -> Step | None:
    """Return the step that finds the weights below a node, None where they are the framework's."""
    step, made = recipe.step_for("weight", code), recipe.step_for("aggregate", code)
    if step is None or method_of(Weighting, step.method).kernel is None:
        return None
    return step if made is None or method_of(Aggregation, made.method).weighted else None


def consistency(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return the consistency ratio of every node whose weights follow from judgements."""
    found = {}
    for node in framework.composites:
        step = recipe.step_for("weight", node.code)
        ratio = None if step is None else method_of(Weighting, step.method).ratio
        if step is not None and ratio is not None:
            found[node.code] = ratio(step.settings(), len(framework.children(node.code)))
    return found


def found_weights(
    values: FloatArray, states: StateArray, step: Step
) -> tuple[list[float], CellError | None, float]:
    """Return weights of (n, children) scores, the error where there are none, and the AHP ratio."""
    method, settings = method_of(Weighting, step.method), step.settings()
    assert method.kernel is not None
    ratio = 0.0 if method.ratio is None else method.ratio(settings, values.shape[1])
    block = method.kernel(values, states, settings)
    errors = block.errors.ravel()
    first = int(np.flatnonzero(errors)[0]) if errors.any() else None
    if first is None:
        return block.values.ravel().tolist(), None, ratio
    place = (0, first) if block.shape[0] == 1 else (first, 0)
    assert errors[first] != NO_ERROR
    return [], block.error(*place), ratio


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
