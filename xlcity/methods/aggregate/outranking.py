"""Comparisons of each city with each other one: Copeland and PROMETHEE."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.combine import copeland_score
from xlcity.functions.outrank import promethee_flow
from xlcity.messages import Message
from xlcity.methods.aggregate.record import (
    OTHER_PARAMETERS,
    Aggregation,
    LibraryCall,
    NativeAggregation,
    common_parameters,
)
from xlcity.methods.record import Parameter, Settings, Word

_COPELAND_CALL = LibraryCall(copeland_score, ("weights", "missing"))
COPELAND = Aggregation(
    name="copeland",
    parameters=OTHER_PARAMETERS,
    words=(Word("copeland"),),
    kernel=_COPELAND_CALL.compute,
    between=False,
    asks_sign=True,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(call_for_all=_COPELAND_CALL.text, number_format="0"),
)


def _check_thresholds(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the thresholds of indifference and preference."""
    low = settings.number("indifference")
    high = settings.number("preference")
    if not 0 <= low <= high:
        yield Message("method.thresholds", low=low, high=high)


_PROMETHEE_CALL = LibraryCall(promethee_flow, ("weights", "indifference", "preference"))
PROMETHEE = Aggregation(
    name="promethee",
    parameters=(
        # Leads in points that do not count, and that count in full.
        Parameter("indifference", default=0.0),
        Parameter("preference", default=0.0),
        *common_parameters("na"),
    ),
    words=(Word("promethee", ("indifference", "preference")),),
    check=_check_thresholds,
    kernel=_PROMETHEE_CALL.compute,
    between=False,
    asks_sign=True,
    whole_sample=True,
    native=NativeAggregation(call_for_all=_PROMETHEE_CALL.text),
)
