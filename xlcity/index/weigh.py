"""The step *weight* for one node: weights of its children that follow from their scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import CellError
from xlcity.functions.block import ErrorCode
from xlcity.index.steps import child_weights
from xlcity.methods.aggregate import SUM, Aggregation
from xlcity.methods.registry import method_of
from xlcity.methods.weight import GIVEN, Weighting
from xlcity.model.dataset import FloatArray, StateArray
from xlcity.model.framework import SHARE_TOLERANCE, Framework
from xlcity.model.recipe import Recipe, Step

#: A consistency ratio above it means that judgements contradict each other too much.
MOST_INCONSISTENT = 0.1


def weight_step(recipe: Recipe, code: str) -> Step | None:
    """Return the step that finds the weights below a node; None if they are given or not read."""
    step, aggregation = recipe.step_for("weight", code), recipe.step_for("aggregate", code)
    if step is None:
        return None
    method = method_of(Weighting, step.method)
    if method.kernel is None and not method.named:
        return None
    return (
        step if aggregation is None or method_of(Aggregation, aggregation.method).weighted else None
    )


def consistency_ratios(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return the consistency ratio of every node whose weights follow from judgements."""
    ratios = {}
    for node in framework.composites:
        step = recipe.step_for("weight", node.code)
        ratio = None if step is None else method_of(Weighting, step.method).ratio
        if step is not None and ratio is not None:
            ratios[node.code] = ratio(step.settings(), len(framework.children(node.code)))
    return ratios


def find_weights(
    framework: Framework, code: str, values: FloatArray, states: StateArray, step: Step
) -> tuple[list[float], CellError | None, float]:
    """Return the weights of a node's children, the error where there are none, and the AHP ratio.

    Parameters
    ----------
    values, states
        (n, children) scores of the children.
    """
    method, settings = method_of(Weighting, step.method), step.settings()
    if method.kernel is None:
        return framework.set_weights(step.text("set"), code), None, 0.0
    ratio = 0.0 if method.ratio is None else method.ratio(settings, values.shape[1])
    block = method.kernel(values, states, settings)
    errors = block.errors.ravel()
    first = int(np.flatnonzero(errors)[0]) if errors.any() else None
    if first is None:
        return block.values.ravel().tolist(), None, ratio
    position = (0, first) if block.shape[0] == 1 else (first, 0)
    assert errors[first] != ErrorCode.NONE
    return [], block.error(*position), ratio


def used_weights(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return the weight of every node inside the one above it, as the aggregation reads it."""
    weights = {framework.root.code: framework.root.weight}
    for node in framework.composites:
        step, children = recipe.step_for("aggregate", node.code), framework.children(node.code)
        own = [1.0 for _ in children]
        if step is not None:
            own = child_weights(framework, node.code, step)
        weights |= {child.code: weight for child, weight in zip(children, own, strict=True)}
    return weights


def effective_weights(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return the share of every node in the root, by the weights on the way down to it."""
    weights, shares = used_weights(framework, recipe), {framework.root.code: 1.0}
    for node in framework.composites:
        step = recipe.step_for("aggregate", node.code)
        own = {child.code: weights[child.code] for child in framework.children(node.code)}
        # A sum takes weights as they are.
        total = 1.0 if step is not None and step.method == SUM.name else math.fsum(own.values())
        for code, weight in own.items():
            shares[code] = shares[node.code] * weight / total if total else math.nan
    return shares


def set_problems(framework: Framework, recipe: Recipe, step: Step, code: str) -> Iterator[str]:
    """Yield what keeps a step from weighing the children of a node by a named set."""
    name, sets = step.text("set"), framework.weight_sets
    if name not in sets:
        shown = f"known: {', '.join(sets)}" if sets else "the framework has none"
        yield f"unknown set of weights {name!r} ({shown})"
        return
    total = math.fsum(framework.set_weights(name, code))
    if total <= 0:
        yield f"{code}: all weights of the set {name} are 0"
    elif recipe.weights == "shares" and abs(total - 1) > SHARE_TOLERANCE:
        yield f"{code}: the weights of the set {name} sum to {total:.12g}, not 1"


def with_plain_weights(framework: Framework, recipe: Recipe) -> tuple[Framework, Recipe]:
    """Return both with the weights of named sets as the weights of the nodes.

    A set that there is not is left for `refuse_unusable` to name.
    """
    named_weights = {}
    for node in framework.composites:
        step = weight_step(recipe, node.code)
        if step is not None and method_of(Weighting, step.method).named:
            if step.text("set") not in framework.weight_sets:
                return framework, recipe
            named_weights[node.code] = framework.set_weights(step.text("set"), node.code)
    steps = tuple(
        Step(step.do, GIVEN.name, {}, step.codes)
        if step.do == "weight" and method_of(Weighting, step.method).named
        else step
        for step in recipe.steps
    )
    return with_weights(framework, named_weights), replace(recipe, steps=steps)


def with_weights(framework: Framework, weights_by_node: Mapping[str, Sequence[float]]) -> Framework:
    """Return a framework with other weights, NaN for those that stay.

    Parameters
    ----------
    weights_by_node
        Node -> weights of its children, in order.
    """
    if not weights_by_node:
        return framework
    of = {
        child.code: weight
        for code, weights in weights_by_node.items()
        for child, weight in zip(framework.children(code), weights, strict=True)
        if not np.isnan(weight)
    }
    nodes = (replace(node, weight=of.get(node.code, node.weight)) for node in framework.nodes)
    return replace(framework, nodes=tuple(nodes))
