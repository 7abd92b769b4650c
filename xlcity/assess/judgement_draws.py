"""Weights drawn around pairwise judgements (AHP)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from xlcity.functions.block import Matrix
from xlcity.functions.model_weights import ahp_weights
from xlcity.methods.weight import AHP, GIVEN, judgement_matrix
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step


def judged_nodes(framework: Framework, recipe: Recipe) -> dict[str, tuple[float, ...]]:
    """Return the judgements under each node whose weights follow from them."""
    found = {}
    for node in framework.composites:
        step = recipe.step_for("weight", node.code)
        if step is not None and step.method == AHP.name:
            found[node.code] = step.numbers("judgements") or ()
    return found


def without_judgements(recipe: Recipe) -> Recipe:
    """Return a recipe that takes the framework's weights where it has judgements."""
    steps = tuple(
        replace(step, method=GIVEN.name, params={})
        if step.do == "weight" and step.method == AHP.name
        else step
        for step in recipe.steps
    )
    return replace(recipe, steps=steps, options=())


def judged_without(step: Step, children: Sequence[str], gone: Collection[str]) -> Step:
    """Return a step without the judgements of children that are left out."""
    given = step.numbers("judgements")
    if step.method != AHP.name or given is None or not set(children) & set(gone):
        return step
    pairs = zip(combinations(children, 2), given, strict=True)
    kept = tuple(value for pair, value in pairs if not set(pair) & set(gone))
    if not kept:
        return replace(step, method=GIVEN.name, params={})
    return replace(step, params={**step.params, "judgements": kept})


def weights_around(judgements: tuple[float, ...], errors: Matrix, size: float) -> Matrix:
    """Return (replicates, children) weights by judgements with errors.

    Parameters
    ----------
    errors
        (replicates, pairs) standard normal variates.
    size
        Standard deviation of the logarithm of a judgement: its reciprocal has the same error.
    """
    children = round((1 + np.sqrt(1 + 8 * len(judgements))) / 2)
    drawn = np.array(judgements) * np.exp(size * errors)
    return np.array([ahp_weights(judgement_matrix(row, children)).values.ravel() for row in drawn])
