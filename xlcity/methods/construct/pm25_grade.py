"""Grades of fine dust by multiples of a guideline."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.construct import pm25_grade
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    as_constructed,
    ingredient_table,
)
from xlcity.methods.record import Parameter, Settings


def _grade_pm25(source: Ingredients, settings: Settings) -> Constructed:
    """Return grades from 1 to 7 of an indicator's one ingredient, a concentration of fine dust."""
    values, states = ingredient_table(source)
    block = pm25_grade(values, settings.number("guideline"), states=states)
    return as_constructed(block, states[:, 0])


def _check_single(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield a fault where an indicator has not one ingredient, but `ingredients` of them."""
    if ingredients != 1:
        yield f"it takes one ingredient, not {ingredients}"


PM25_GRADE = Construction(
    name="pm25_grade",
    parameters=(Parameter("guideline", default=5.0),),
    kernel=_grade_pm25,
    check_ingredients=_check_single,
)
