"""The weighted mean of the z-scores of an indicator's ingredients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.construct import zscore_index
from xlcity.functions.normalise import zscore_winsor
from xlcity.messages import Message
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    ConstructionCells,
    Ingredients,
    NativeConstruction,
    as_constructed,
    check_any_ingredient,
    ingredient_table,
    renormalised_marks,
    row_states,
)
from xlcity.methods.formulas import gap_formula, varies_condition
from xlcity.methods.normalise.zscore import deviation_formula, zscore_formula
from xlcity.methods.record import NUMBERS, Parameter, Settings


def _construct_zscore_index(source: Ingredients, settings: Settings) -> Constructed:
    """Return the weighted mean of the ingredients' z-scores, with marks on clipped cells."""
    values, states = ingredient_table(source)
    clip = settings.number("clip")
    ddof = settings.number("ddof")
    weights = settings.numbers("weights")
    missing = settings.text("missing")
    block = zscore_index(
        values, weights, clip, missing=missing, ddof=ddof, states=states
    )
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
        yield Message(
            "method.weights_for_ingredients",
            weights=len(weights),
            ingredients=ingredients,
        )
    if weights is not None and (min(weights) < 0 or sum(weights) == 0):
        yield Message("method.weights_below_zero")


def part_statistics(values: str, n: str, ddof: str) -> tuple[str, str, str]:
    """Return the formulas of n, mean and deviation of an ingredient, "" where all are equal.

    `n` and `ddof` are the cells of the first of them and of what n is lessened by.
    """
    varies = varies_condition(f"MIN({values})", f"MAX({values})")
    spread = deviation_formula(values, n, ddof)
    return (
        f"COUNT({values})",
        f'IF({n}=0,"",AVERAGE({values}))',
        f'IF({n}>{ddof},IF({varies},{spread},""),"")',
    )


def part_score_formula(x: str, mean: str, sd: str, limit: str) -> str:
    """Return the formula of an ingredient's z-score, clipped where the limit is above 0."""
    clipped = zscore_formula(x, mean, sd, limit=limit)
    z = f"IF({limit}>0,{clipped},{zscore_formula(x, mean, sd)})"
    return f'IF(ISNUMBER({x}),IF(ISNUMBER({sd}),{z},""),{gap_formula(x)})'


def _call(cells: ConstructionCells) -> str:
    """Return the call that gives the whole column."""
    (values,) = cells.values
    missing = cells.settings.text("missing")
    ddof = cells.cell_of["ddof"]
    return f'ZSCORE_INDEX({values},{cells.weights},{cells.limit},"{missing}",{ddof})'


ZSCORE_INDEX = Construction(
    name="zscore_index",
    parameters=(
        Parameter("weights", NUMBERS, defined_name="weights {}"),
        Parameter("clip", default=0.0, defined_name="limit {}"),
        Parameter("missing", ("na", "renormalise", "zero"), "renormalise"),
        Parameter("ddof", default=0.0, defined_name="par_ddof"),
    ),
    kernel=_construct_zscore_index,
    native=NativeConstruction(
        call=_call, averages=True, scores_parts=True, limit="clip"
    ),
    relative=True,
    check_ingredients=_check_weights,
)
