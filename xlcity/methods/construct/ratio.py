"""One value divided by another."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import CellState
from xlcity.functions.construct import denominate, joint_states
from xlcity.messages import Message
from xlcity.methods.construct.record import (
    REFERENCE,
    Constructed,
    Construction,
    ConstructionCells,
    Ingredients,
    NativeConstruction,
    as_constructed,
)
from xlcity.methods.formulas import gap_formula_of_two
from xlcity.methods.record import TEXT, Parameter, Settings

_RATIO_PARTS = ("numerator", "denominator")


def _ratio_inputs(code: str, settings: Settings) -> tuple[str, ...]:
    """Return the codes of the numerator and the denominator of the indicator `code`.

    Ingredients are "CODE.NAME"; `REFERENCE` stands before codes of other indicators.
    """
    names = (settings.text(part) for part in _RATIO_PARTS)
    return tuple(
        name if name.startswith(REFERENCE) else f"{code}.{name}"
        for name in names
        if name
    )


def _construct_ratio(source: Ingredients, settings: Settings) -> Constructed:
    """Return an indicator as numerator over denominator, times a scale, one value per unit."""
    codes = [
        code.removeprefix(REFERENCE) for code in _ratio_inputs(source.code, settings)
    ]
    (numerator, numerator_states), (denominator, denominator_states) = map(
        source.read, codes
    )
    block = denominate(
        numerator,
        denominator,
        settings.number("scale"),
        states=numerator_states,
        denominators_states=denominator_states,
    )
    # 0 / 0 is not a number, yet nothing is left to fill in: it counts as a confirmed gap.
    return as_constructed(
        block,
        joint_states(numerator_states, denominator_states),
        error_state=CellState.MISSING,
    )


def _check_parts(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield which of the parameters `numerator` and `denominator` is not named."""
    for part in _RATIO_PARTS:
        if not settings.text(part):
            yield Message("method.lacks", part=part)


def _formula(cells: ConstructionCells) -> str:
    """Return the formula of the ratio of a city; 0 below is a confirmed gap."""
    x, y = cells.values
    ratio = f'IF({y}=0,"NA",{x}/{y}{_times(cells.settings, "*")})'
    return f"IF(COUNT({x},{y})=2,{ratio},{gap_formula_of_two(x, y)})"


def _call(cells: ConstructionCells) -> str:
    """Return the call that gives the whole column."""
    return f"DENOMINATE({','.join(cells.values)}{_times(cells.settings, ',')})"


def _times(settings: Settings, sign: str) -> str:
    """Return the scale behind a sign, "" where it changes nothing."""
    scale = settings.number("scale")
    return "" if scale == 1 else f"{sign}{scale:.15g}"


RATIO = Construction(
    name="ratio",
    parameters=(
        Parameter("numerator", TEXT),
        Parameter("denominator", TEXT),
        Parameter("scale", default=1.0),
    ),
    kernel=_construct_ratio,
    inputs=_ratio_inputs,
    parts=_RATIO_PARTS,
    native=NativeConstruction(formula=_formula, call=_call),
    check_ingredients=_check_parts,
)
