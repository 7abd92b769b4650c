"""Gaps closed by what other indicators say: regression, neighbours, EM, draws."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.impute_model import (
    NEAREST,
    impute_em,
    impute_neighbours,
    impute_normal,
    impute_regression,
)
from xlcity.messages import Message
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import TEXT, Parameter, Settings, Word

#: Among which indicators a model looks: all, those of the pillar, or those below the same parent.
LEVELS = ("all", "pillar", "parent")
_LEVEL = Parameter("level", LEVELS, "all")


def _check_level_and_counts(settings: Settings) -> Iterator[str]:
    """Yield a fault where the parameter `level` is none of its words, or a count is not whole."""
    if (level := settings.value("level")) not in LEVELS:
        yield Message("method.no_level", level=level, levels=LEVELS)
    for name in [
        n for n in ("nearest", "number", "seed") if n in settings.method.names
    ]:
        if settings.number(name) % 1:
            yield Message("method.not_whole", name=name, value=settings.number(name))


def _regress(
    values: Matrix, states: States, position: int, settings: Settings
) -> CellArray:
    """Return the (n, 1) column at a position, gaps predicted by the others or by a named one.

    `values` and `states` are (n, k); the named predictor is the column behind.
    """
    predictor = position + 2 if settings.text("predictor") else None
    return impute_regression(values, position + 1, predictor, states=states)


REGRESSION = RawImputation(
    name="regression",
    parameters=(Parameter("predictor", TEXT), _LEVEL),
    words=(
        Word("regression", ("level",)),
        Word("regression_on", ("predictor",), required=True),
    ),
    check=_check_level_and_counts,
    model=_regress,
    needs_complete=True,
    function="IMPUTE_REGRESSION",
)
NEIGHBOURS = RawImputation(
    name="neighbours",
    parameters=(Parameter("nearest", default=float(NEAREST), above=0.0), _LEVEL),
    words=(Word("neighbours", ("nearest", "level")),),
    check=_check_level_and_counts,
    model=lambda values, states, position, settings: impute_neighbours(
        values, position + 1, settings.number("nearest"), states=states
    ),
    function="IMPUTE_NEIGHBOURS",
)
EM = RawImputation(
    name="em",
    parameters=(_LEVEL,),
    words=(Word("em", ("level",)),),
    check=_check_level_and_counts,
    model=lambda values, states, position, _: impute_em(
        values, position + 1, states=states
    ),
    function="IMPUTE_EM",
)


def _draw(
    values: Matrix, states: States, position: int, settings: Settings
) -> CellArray:
    """Return the (n, 1) column at a position, gaps drawn at random from the normal model.

    `values` and `states` are (n, k); the parameters say which draw it is.
    """
    draw = int(settings.number("seed")), int(settings.number("number"))
    return impute_normal(values, states, position, draw)


#: One of the draws of a multiple imputation.
DRAW = RawImputation(
    name="draw",
    parameters=(
        Parameter("number", default=1.0, above=0.0),
        Parameter("seed", default=0.0, above=-1.0),
        _LEVEL,
    ),
    words=(Word("draw", ("number", "seed", "level")),),
    check=_check_level_and_counts,
    model=_draw,
)
