"""What ranks are taken from: scores rounded as the recipe says, and its rule for ties."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xlcity.functions.rounding import round_excel
from xlcity.model.dataset import FloatArray
from xlcity.model.recipe import Recipe

#: Digits of the rank key where a recipe has no rank step.
RANK_DIGITS = 9


def rank_keys(
    recipe: Recipe, nodes: Sequence[str], scores: FloatArray
) -> tuple[FloatArray, list[str]]:
    """Return the keys of (n, nodes) scores, and the rule for ties of each node."""
    keys = np.empty(scores.shape)
    rules = []
    for column, node in enumerate(nodes):
        step = recipe.step_for("rank", node)
        rules.append("min" if step is None else str(step.get("ties", "min")))
        digits = RANK_DIGITS if step is None else step.number("digits", RANK_DIGITS)
        keys[:, column] = round_excel(scores[:, column], int(digits))
        coarse = math.nan if step is None else step.number("round_to", math.nan)
        if not math.isnan(coarse):
            keys[:, column] = round_excel(keys[:, column], int(coarse))
    return keys, rules
