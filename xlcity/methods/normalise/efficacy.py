"""The efficacy coefficient method: from 100 - omega to 100."""

from __future__ import annotations

from dataclasses import replace

from xlcity.functions.scale import efficacy_scale
from xlcity.methods.formulas import varies_condition
from xlcity.methods.normalise.between_bounds import native_between_bounds
from xlcity.methods.normalise.record import (
    CONSTANT,
    ColumnCells,
    Indicator,
    Normalisation,
    ScoredColumn,
    call_upward,
    make_call,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word

#: Points between the best and the last.
OMEGA = Parameter("omega", default=40.0, limits=(0.0, 100.0))


def _normalise_efficacy(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores of an indicator from 100 - omega at the worse bound to 100 at the better."""
    low = settings.optional("low")
    high = settings.optional("high")
    values = column.values
    # Bounds that run downward (low above high) say by themselves that less is better.
    downward = low is not None and high is not None and low > high
    if column.direction < 0 and not downward:
        # Turned round zero, so that the lowest value gets the full score.
        values = -values
        low, high = (None if high is None else -high), (None if low is None else -low)
    omega = settings.number("omega")
    block = efficacy_scale(values, omega, low, high, states=column.states)
    return ScoredColumn(block, *(column.span or ()))


_ARGUMENTS = ("scale", "a", "b", "constant")


def _efficacy_formula(cells: ColumnCells) -> str:
    """Return the formula of an efficacy score, from 100 - omega to 100; bounds may run downward."""
    share = cells.share_formula
    if not cells.more_is_better:
        # Bounds that run downward score a reverse indicator by themselves.
        share = f"IF({cells.span}<0,{cells.x}-{cells.low},{cells.high}-{cells.x})/{cells.span}"
    return f"{share}*{cells.cell_of['scale']}+(100-{cells.cell_of['scale']})"


def _efficacy_span_formula(cells: ColumnCells) -> str:
    """Return the formula of high less low, "" where they are equal or a bound is missing."""
    both_given = f"COUNT({cells.cell_of['a']},{cells.cell_of['b']})=2"
    # Only bounds that were given may run downward: the column's own never do.
    runs_downward = f"AND({both_given},{varies_condition(cells.high, cells.low)})"
    differs = f"OR({varies_condition(cells.low, cells.high)},{runs_downward})"
    span = f'IF({differs},{cells.high}-{cells.low},"")'
    return f'IF(COUNT({cells.low},{cells.high})=2,{span},"")'


EFFICACY = Normalisation(
    name="efficacy",
    parameters=(
        replace(OMEGA, cell=MethodCell("scale")),
        Parameter("low", cell=MethodCell("a", needed=False)),
        Parameter("high", cell=MethodCell("b", needed=False)),
        CONSTANT,
    ),
    words=(Word("efficacy", ("omega",)),),
    kernel=_normalise_efficacy,
    native=native_between_bounds(
        by_bounds=True,
        score=_efficacy_formula,
        call=call_upward(make_call("EFFICACY_SCALE", *_ARGUMENTS)),
        span=_efficacy_span_formula,
    ),
)
