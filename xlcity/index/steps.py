"""What each step of a computation made of the codes it acts on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xlcity.index.layers import Layer
from xlcity.index.result import StepResult
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe

#: Steps that act on nodes with children; all others act on indicators.
_ON_NODES = ("aggregate", "rescale")


def step_results(
    framework: Framework, recipe: Recipe, layers: Mapping[str, Layer], ranks: np.ndarray
) -> tuple[StepResult, ...]:
    """Return the values after each step that has a layer, and the ranks.

    Steps that make no values of units (weight, screen, pairs) are left out.
    """
    places = {node.code: at for at, node in enumerate(framework.tree_order)}
    composites = [node.code for node in framework.composites]
    indicators = [node.code for node in framework.indicators]
    found = []
    for step in recipe.steps:
        if step.do == "rank":
            states = np.where(ranks > 0, State.VALUE, State.BLANK).astype(np.uint8)
            shown = np.where(ranks > 0, ranks, np.nan)
            found.append(StepResult(step, tuple(composites), shown, states))
        elif step.do in layers and step.do != "screen":
            layer = layers[step.do]
            nodes = composites if step.do in _ON_NODES else indicators
            codes = [code for code in nodes if recipe.step_for(step.do, code) is step]
            at = [places[code] for code in codes]
            values, states = layer.values[:, at], layer.states[:, at]
            found.append(StepResult(step, tuple(codes), values, states))
    return tuple(found)
