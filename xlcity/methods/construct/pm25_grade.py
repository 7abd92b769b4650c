"""Grades of fine dust by multiples of a guideline."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.construct import pm25_grade
from xlcity.messages import Message
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    ConstructionCells,
    Ingredients,
    NativeConstruction,
    as_constructed,
    ingredient_table,
)
from xlcity.methods.formulas import gap_formula
from xlcity.methods.record import Parameter, Settings

#: Name of the cells with the bounds of the grades: multiples of the guideline.
GRADE_BOUNDS = "par_pm25"


def _grade_pm25(source: Ingredients, settings: Settings) -> Constructed:
    """Return grades from 1 to 7 of an indicator's one ingredient, a concentration of fine dust."""
    values, states = ingredient_table(source)
    block = pm25_grade(values, settings.number("guideline"), states=states)
    return as_constructed(block, states[:, 0])


def _check_single(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield a fault where an indicator has not one ingredient, but `ingredients` of them."""
    if ingredients != 1:
        yield Message("method.not_one_ingredient", ingredients=ingredients)


def _formula(cells: ConstructionCells) -> str:
    """Return the formula of a grade, by how many bounds the concentration is above."""
    (x,) = cells.values
    above = f"SUMPRODUCT(({GRADE_BOUNDS}<{x})*1)"
    grade = f"ROWS({GRADE_BOUNDS})+1-{above}"
    return f"IF(ISNUMBER({x}),{grade},{gap_formula(x)})"


PM25_GRADE = Construction(
    name="pm25_grade",
    parameters=(
        Parameter("guideline", default=5.0, defined_name="par_pm25_guideline"),
    ),
    kernel=_grade_pm25,
    native=NativeConstruction(
        formula=_formula,
        call=lambda cells: (
            f"PM25_GRADE({cells.values[0]},{cells.cell_of['guideline']})"
        ),
    ),
    check_ingredients=_check_single,
)
