"""One measurement per another: ingredients, or values of other indicators."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import CellState, Matrix, States
from xlcity.functions.denominator import denominate, joint_states
from xlcity.methods.construct.record import (
    REFERENCE,
    Constructed,
    Construction,
    Ingredients,
    finish,
)
from xlcity.methods.record import TEXT, Parameter, Settings

_PARTS = ("numerator", "denominator")


def _inputs(code: str, settings: Settings) -> tuple[str, ...]:
    names = (settings.text(part) for part in _PARTS)
    return tuple(n if n.startswith(REFERENCE) else f"{code}.{n}" for n in names if n)


def _ratio(source: Ingredients, settings: Settings) -> Constructed:
    def column(name: str) -> tuple[Matrix, States]:
        if name.startswith(REFERENCE):
            return source.other(name.removeprefix(REFERENCE))
        return source.ingredient(name)

    (above, above_states), (below, below_states) = map(column, _inputs(source.code, settings))
    block = denominate(
        above,
        below,
        settings.number("scale"),
        states=above_states,
        denominators_states=below_states,
    )
    # Nothing per nothing is not a number, yet all is filled in: a gap like a confirmed one.
    return finish(block, joint_states(above_states, below_states), lost=CellState.MISSING)


def _check(settings: Settings, ingredients: int) -> Iterator[str]:
    for part in _PARTS:
        if not settings.text(part):
            yield f"it lacks {part}"


RATIO = Construction(
    name="ratio",
    parameters=(
        Parameter("numerator", TEXT),
        Parameter("denominator", TEXT),
        Parameter("scale", default=1.0),
    ),
    kernel=_ratio,
    inputs=_inputs,
    check_ingredients=_check,
)
