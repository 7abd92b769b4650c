"""The share of the best value."""

from __future__ import annotations

from xlcity.functions.distance import fraction_max
from xlcity.methods.normalise.native import ColumnCells, Native, call
from xlcity.methods.normalise.record import CONSTANT, SHARE, Indicator, Normalisation, Scored
from xlcity.methods.record import Settings, Word


def _fracmax(column: Indicator, settings: Settings) -> Scored:
    scale, states = settings.number("scale"), column.states
    return Scored(fraction_max(column.values, column.direction, scale, states=states))


def _fraction(c: ColumnCells) -> str:
    return f"{c.x}/{c.span}" if c.rises else f"{c.span}/{c.x}"


def _span(c: ColumnCells) -> str:
    best = c.most if c.rises else c.least
    return f'IF({c.n}>0,IF({best}>0,{best},""),"")'


FRACMAX = Normalisation(
    name="fracmax",
    parameters=(SHARE, CONSTANT),
    words=(Word("fracmax", ("scale",)),),
    kernel=_fracmax,
    needs="Shares of the best value need values above 0: use another method, such as minmax.",
    native=Native(
        score=lambda c: f"{_fraction(c)}*{c.at['scale']}",
        call=call("FRACTION_MAX", "direction", "scale", lacking=("constant",)),
        span=_span,
    ),
)
