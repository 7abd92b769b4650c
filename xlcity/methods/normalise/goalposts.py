"""Scaling between goalposts that do not depend on the data; values outside are clipped."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.block import Matrix
from xlcity.functions.scale import goalpost_scale
from xlcity.methods.normalise.native import Native, call
from xlcity.methods.normalise.record import (
    BASE,
    CONSTANT,
    SCALE,
    Extent,
    Indicator,
    Normalisation,
    Scored,
    on_scale,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _goalposts(column: Indicator, settings: Settings) -> Scored:
    low, high = settings.optional("low"), settings.optional("high")
    share = goalpost_scale(column.values, low, high, 1.0, column.direction, states=column.states)
    return Scored(on_scale(share, settings.number("base"), settings.number("scale")))


def _check(settings: Settings) -> Iterator[str]:
    low, high = settings.optional("low"), settings.optional("high")
    if low is not None and high is not None and low >= high:
        yield f"goalposts {low:g} and {high:g}"


def _advice(extent: Extent, scores: Matrix, settings: Settings) -> Iterator[tuple[str, str]]:
    low, high = settings.optional("low"), settings.optional("high")
    if low is None or high is None:
        return
    base, scale = settings.number("base"), settings.number("scale")
    clipped = int(((scores == base) | (scores == scale)).sum())
    if (extent.minimum < low or extent.maximum > high) and 2 * clipped > extent.count:
        message = (
            f"values of {extent.code} run from {extent.minimum:g} to {extent.maximum:g}, its "
            f"goalposts from {low:g} to {high:g}: {clipped} of {extent.count} cities score "
            f"{base:g} or {scale:g}."
        )
        yield message, "Goalposts are in the indicator's own unit of measure."


GOALPOSTS = Normalisation(
    name="goalposts",
    parameters=(
        Parameter("low", column="goalpost_low", cell=MethodCell("a", needed=False)),
        Parameter("high", column="goalpost_high", cell=MethodCell("b", needed=False)),
        SCALE,
        BASE,
        CONSTANT,
    ),
    words=(Word("goalposts", ("low", "high")),),
    check=_check,
    advice=_advice,
    kernel=_goalposts,
    native=Native(
        score=lambda c: c.based(f"MAX(0,MIN(1,{c.share}))"),
        call=call("GOALPOST_SCALE", "a", "b", "scale", "direction", lacking=("base", "constant")),
        low=lambda c: c.given("a", c.least),
        high=lambda c: c.given("b", c.most),
        span=lambda c: c.room(),
        heads=("low", "high", "range"),
    ),
)
