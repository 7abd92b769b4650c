"""Better, worse or neither than before: from two ingredients."""

from __future__ import annotations

from xlcity.functions.denominator import joint_states
from xlcity.functions.trend import trend_state
from xlcity.methods.construct.record import Constructed, Construction, Ingredients, finish
from xlcity.methods.record import TEXT, Parameter, Settings


def _inputs(code: str, settings: Settings) -> tuple[str, ...]:
    return f"{code}.{settings.text('now')}", f"{code}.{settings.text('before')}"


def _trend(source: Ingredients, settings: Settings) -> Constructed:
    (now, now_states), (before, before_states) = map(
        source.ingredient, _inputs(source.code, settings)
    )
    threshold = settings.number("threshold")
    block = trend_state(now, before, threshold, states=now_states, before_states=before_states)
    return finish(block, joint_states(now_states, before_states))


TREND = Construction(
    name="trend",
    parameters=(
        Parameter("now", TEXT, "now"),
        Parameter("before", TEXT, "before"),
        Parameter("threshold", default=0.0),
    ),
    kernel=_trend,
    inputs=_inputs,
)
