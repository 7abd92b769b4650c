"""The efficacy coefficient method: the best city 100, the last one 100 - omega."""

from __future__ import annotations

from dataclasses import replace

from xlcity.functions.rescale import efficacy_scale
from xlcity.methods.formulas import varies
from xlcity.methods.normalise.native import ColumnCells, Native, call
from xlcity.methods.normalise.record import CONSTANT, Indicator, Normalisation, Scored
from xlcity.methods.record import MethodCell, Parameter, Settings, Word

#: Points between the best and the last.
OMEGA = Parameter("omega", default=40.0, limits=(0.0, 100.0))


def _efficacy(column: Indicator, settings: Settings) -> Scored:
    low, high = settings.optional("low"), settings.optional("high")
    values = column.values
    # Bounds that run downward say by themselves that less is better.
    downward = low is not None and high is not None and low > high
    if column.direction < 0 and not downward:
        # Turned round zero, so that the lowest value gets the full score.
        values = -values
        low, high = (None if high is None else -high), (None if low is None else -low)
    block = efficacy_scale(values, settings.number("omega"), low, high, states=column.states)
    return Scored(block, *column.span)


_CALL = call("EFFICACY_SCALE", "scale", "a", "b", "constant")


def _score(c: ColumnCells) -> str:
    way = c.share
    if not c.rises:
        # Bounds that run downward score a reverse indicator by themselves.
        way = f"IF({c.span}<0,{c.x}-{c.low},{c.high}-{c.x})/{c.span}"
    return f"{way}*{c.at['scale']}+(100-{c.at['scale']})"


def _span(c: ColumnCells) -> str:
    down = f"AND(COUNT({c.at['a']},{c.at['b']})=2,{varies(c.high, c.low)})"
    between = f'IF(OR({varies(c.low, c.high)},{down}),{c.high}-{c.low},"")'
    return f'IF(COUNT({c.ends})=2,{between},"")'


EFFICACY = Normalisation(
    name="efficacy",
    parameters=(
        replace(OMEGA, cell=MethodCell("scale")),
        Parameter("low", cell=MethodCell("a", needed=False)),
        Parameter("high", cell=MethodCell("b", needed=False)),
        CONSTANT,
    ),
    words=(Word("efficacy", ("omega",)),),
    kernel=_efficacy,
    native=Native(
        score=_score,
        call=lambda c: _CALL(c) if c.rises else None,
        low=lambda c: c.given("a", c.least),
        high=lambda c: c.given("b", c.most),
        span=_span,
        heads=("low", "high", "range"),
    ),
)
