"""The mean of an indicator's ingredients."""

from __future__ import annotations

import numpy as np

from xlcity.functions.aggregate import weighted_index
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    NativeConstruction,
    as_constructed,
    check_any_ingredient,
    ingredient_table,
    renormalised_marks,
    row_states,
)
from xlcity.methods.record import Parameter, Settings


def _construct_mean(source: Ingredients, settings: Settings) -> Constructed:
    """Return the mean of an indicator's ingredients, one value per unit."""
    values, states = ingredient_table(source)
    missing = settings.text("missing")
    block = weighted_index(
        values, np.ones(values.shape[1]), missing=missing, states=states
    )
    return as_constructed(
        block, row_states(states), renormalised_marks(source.code, states, missing)
    )


MEAN = Construction(
    name="mean",
    parameters=(Parameter("missing", ("na", "renormalise"), "na"),),
    kernel=_construct_mean,
    native=NativeConstruction(averages=True),
    check_ingredients=check_any_ingredient,
)
