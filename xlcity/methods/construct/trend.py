"""Up, equal or down between an earlier value and a later one."""

from __future__ import annotations

from xlcity.functions.construct import joint_states
from xlcity.functions.impute import trend_state
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    ConstructionCells,
    Ingredients,
    NativeConstruction,
    as_constructed,
)
from xlcity.methods.formulas import gap_formula_of_two
from xlcity.methods.record import TEXT, Parameter, Settings


def _trend_inputs(code: str, settings: Settings) -> tuple[str, ...]:
    """Return the codes of two ingredients of the indicator `code`: the value now and before."""
    return f"{code}.{settings.text('now')}", f"{code}.{settings.text('before')}"


def _construct_trend(source: Ingredients, settings: Settings) -> Constructed:
    """Return 1, 0 or -1: whether the value now is above the value before by a threshold."""
    (now, now_states), (before, before_states) = map(
        source.read, _trend_inputs(source.code, settings)
    )
    threshold = settings.number("threshold")
    block = trend_state(
        now, before, threshold, states=now_states, before_states=before_states
    )
    return as_constructed(block, joint_states(now_states, before_states))


def _formula(cells: ConstructionCells) -> str:
    """Return the formula of 1, 0 or -1: the direction of a change above the threshold."""
    x, y = cells.values
    change = f"IF(ABS({x}-{y})>{cells.limit}*ABS({y}),SIGN({x}-{y}),0)"
    return f"IF(COUNT({x},{y})=2,{change},{gap_formula_of_two(x, y)})"


TREND = Construction(
    name="trend",
    parameters=(
        Parameter("now", TEXT, "now"),
        Parameter("before", TEXT, "before"),
        Parameter("threshold", default=0.0),
    ),
    kernel=_construct_trend,
    inputs=_trend_inputs,
    parts=("now", "before"),
    native=NativeConstruction(
        formula=_formula,
        call=lambda cells: f"TREND_STATE({','.join(cells.values)},{cells.limit})",
        limit="threshold",
    ),
)
