"""The mean of the ingredients, or of their z-scores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.aggregate import weighted_index
from xlcity.functions.construct import zscore_index
from xlcity.functions.normalise import zscore_winsor
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    finish,
    renormalised,
    row_states,
    table,
)
from xlcity.methods.record import NUMBERS, Parameter, Settings


def _mean(source: Ingredients, settings: Settings) -> Constructed:
    values, states = table(source)
    missing = settings.text("missing")
    block = weighted_index(values, np.ones(values.shape[1]), missing=missing, states=states)
    return finish(block, row_states(states), renormalised(source.code, states, missing))


def _zscore_index(source: Ingredients, settings: Settings) -> Constructed:
    values, states = table(source)
    clip, ddof = settings.number("clip"), settings.number("ddof")
    weights, missing = settings.numbers("weights"), settings.text("missing")
    block = zscore_index(values, weights, clip, missing, ddof, states=states)
    marks = list(renormalised(source.code, states, missing))
    if clip:
        plain = zscore_winsor(values, 0, 1.0, ddof, states=states)
        clipped = np.argwhere(np.abs(plain.values) > clip)
        marks += [(int(row), "clipped", source.ingredients[at]) for row, at in clipped]
    return finish(block, row_states(states), tuple(marks))


def _check(settings: Settings, ingredients: int) -> Iterator[str]:
    if not ingredients:
        yield "it has no ingredients"


def _check_weights(settings: Settings, ingredients: int) -> Iterator[str]:
    yield from _check(settings, ingredients)
    weights = settings.numbers("weights")
    if weights is not None and len(weights) != ingredients:
        yield f"{len(weights)} weights for {ingredients} ingredients"
    if weights is not None and (min(weights) < 0 or sum(weights) == 0):
        yield "weights are at least 0 and not all 0"


MEAN = Construction(
    name="mean",
    parameters=(Parameter("missing", ("na", "renormalise"), "na"),),
    kernel=_mean,
    check_ingredients=_check,
)
ZSCORE_INDEX = Construction(
    name="zscore_index",
    parameters=(
        Parameter("weights", NUMBERS),
        Parameter("clip", default=0.0),
        Parameter("missing", ("na", "renormalise", "zero"), "renormalise"),
        Parameter("ddof", default=1.0),
    ),
    kernel=_zscore_index,
    relative=True,
    check_ingredients=_check_weights,
)
