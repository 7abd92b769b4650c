"""Goalposts: from one stated value to another, clipped."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.errors import Problem, Where
from xlcity.functions.block import Matrix
from xlcity.functions.scale import goalpost_scale
from xlcity.messages import Message
from xlcity.methods.normalise.between_bounds import (
    BOUND_EDITION,
    REFERENCE,
    check_editions,
    native_between_bounds,
)
from xlcity.methods.normalise.record import (
    BASE,
    CONSTANT,
    SCALE,
    Extent,
    Indicator,
    Normalisation,
    ScoredColumn,
    make_call,
    scale_shares,
)
from xlcity.methods.record import BOUND, MethodCell, Parameter, Settings, Word


def _normalise_goalposts(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores of an indicator from base at the low goalpost to scale at the high, clipped."""
    low = column.bound(settings, "low")
    high = column.bound(settings, "high")
    share = goalpost_scale(
        column.values,
        low,
        high,
        scale=1.0,
        direction=column.direction,
        states=column.states,
    )
    return ScoredColumn(
        scale_shares(share, settings.number("base"), settings.number("scale"))
    )


def _check_goalposts(settings: Settings) -> Iterator[str]:
    """Yield a fault where the low goalpost is not below the high one, or an edition is needed."""
    yield from check_editions(settings)
    if settings.rule("low") or settings.rule("high"):
        return
    low = settings.optional("low")
    high = settings.optional("high")
    if low is not None and high is not None and low >= high:
        yield Message("method.goalposts", low=low, high=high)


def _advise_goalposts(
    extent: Extent, scores: Matrix, settings: Settings
) -> Iterator[Problem]:
    """Yield a note where goalposts are far from the data, perhaps in another unit.

    That is where more than half of the cities score the least or the greatest, and values lie
    beyond the goalposts. `extent` are the least and the greatest value.
    """
    if settings.rule("low") or settings.rule("high"):
        return
    low = settings.optional("low")
    high = settings.optional("high")
    if low is None or high is None:
        return
    base = settings.number("base")
    scale = settings.number("scale")
    clipped = int(((scores == base) | (scores == scale)).sum())
    if (extent.minimum < low or extent.maximum > high) and 2 * clipped > extent.count:
        yield Problem.of(
            "XC358.goalposts_far",
            Where(indicator=extent.code),
            code=extent.code,
            minimum=extent.minimum,
            maximum=extent.maximum,
            low=low,
            high=high,
            clipped=clipped,
            count=extent.count,
            base=base,
            scale=scale,
        )


_ARGUMENTS = ("a", "b", "scale", "direction")
GOALPOSTS = Normalisation(
    name="goalposts",
    parameters=(
        Parameter(
            "low", BOUND, column="goalpost_low", cell=MethodCell("a", needed=False)
        ),
        Parameter(
            "high", BOUND, column="goalpost_high", cell=MethodCell("b", needed=False)
        ),
        SCALE,
        BASE,
        CONSTANT,
        BOUND_EDITION,
        REFERENCE,
    ),
    words=(Word("goalposts", ("low", "high")),),
    check=_check_goalposts,
    advice=_advise_goalposts,
    kernel=_normalise_goalposts,
    native=native_between_bounds(
        score=lambda cells: cells.scaled_formula(
            f"MAX(0,MIN(1,{cells.share_formula}))"
        ),
        call=make_call("GOALPOST_SCALE", *_ARGUMENTS, unsupported=("base", "constant")),
    ),
)
