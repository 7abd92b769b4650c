"""Up, equal or down between an earlier value and a later one."""

from __future__ import annotations

from xlcity.functions.construct import joint_states
from xlcity.functions.impute import trend_state
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    as_constructed,
)
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


TREND = Construction(
    name="trend",
    parameters=(
        Parameter("now", TEXT, "now"),
        Parameter("before", TEXT, "before"),
        Parameter("threshold", default=0.0),
    ),
    kernel=_construct_trend,
    inputs=_trend_inputs,
)
