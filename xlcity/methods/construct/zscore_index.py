"""The weighted mean of the z-scores of an indicator's ingredients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.construct import zscore_index
from xlcity.functions.normalise import zscore_winsor
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    as_constructed,
    check_any_ingredient,
    ingredient_table,
    renormalised_marks,
    row_states,
)
from xlcity.methods.record import NUMBERS, Parameter, Settings


def _construct_zscore_index(source: Ingredients, settings: Settings) -> Constructed:
    """Return the weighted mean of the ingredients' z-scores, with marks on clipped cells."""
    values, states = ingredient_table(source)
    clip = settings.number("clip")
    ddof = settings.number("ddof")
    weights = settings.numbers("weights")
    missing = settings.text("missing")
    block = zscore_index(values, weights, clip, missing, ddof, states=states)
    marks = list(renormalised_marks(source.code, states, missing))
    if clip:
        unclipped = zscore_winsor(values, 0, 1.0, ddof, states=states)
        clipped = np.argwhere(np.abs(unclipped.values) > clip)
        marks += [
            (int(row), "clipped", source.ingredients[column]) for row, column in clipped
        ]
    return as_constructed(block, row_states(states), tuple(marks))


def _check_weights(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield faults of the parameter `weights`: not one per ingredient, negative, or all 0.

    `ingredients` is how many the indicator has.
    """
    yield from check_any_ingredient(settings, ingredients)
    weights = settings.numbers("weights")
    if weights is not None and len(weights) != ingredients:
        yield f"{len(weights)} weights for {ingredients} ingredients"
    if weights is not None and (min(weights) < 0 or sum(weights) == 0):
        yield "weights are at least 0 and not all 0"


ZSCORE_INDEX = Construction(
    name="zscore_index",
    parameters=(
        Parameter("weights", NUMBERS),
        Parameter("clip", default=0.0),
        Parameter("missing", ("na", "renormalise", "zero"), "renormalise"),
        Parameter("ddof", default=0.0),
    ),
    kernel=_construct_zscore_index,
    relative=True,
    check_ingredients=_check_weights,
)
