"""The grade of a PM2.5 concentration by multiples of a guideline."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.construct import pm25_grade
from xlcity.methods.construct.record import Constructed, Construction, Ingredients, finish, table
from xlcity.methods.record import Parameter, Settings


def _pm25_grade(source: Ingredients, settings: Settings) -> Constructed:
    values, states = table(source)
    block = pm25_grade(values, settings.number("guideline"), states=states)
    return finish(block, states[:, 0])


def _check(settings: Settings, ingredients: int) -> Iterator[str]:
    if ingredients != 1:
        yield f"it takes one ingredient, not {ingredients}"


PM25_GRADE = Construction(
    name="pm25_grade",
    parameters=(Parameter("guideline", default=5.0),),
    kernel=_pm25_grade,
    check_ingredients=_check,
)
