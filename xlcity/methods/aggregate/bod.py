"""Benefit of the doubt: each city by the weights that favour it most."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.model_weights import SHARES_OF, bod_index
from xlcity.messages import Message
from xlcity.methods.aggregate.record import (
    Aggregation,
    LibraryCall,
    NativeAggregation,
    common_parameters,
)
from xlcity.methods.record import Parameter, Settings, Word


def _check_shares(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the parameters `low` and `high`, limits of a child's share."""
    low = settings.number("low")
    high = settings.number("high")
    if not 0 <= low <= high <= 1:
        yield Message("method.shares", low=low, high=high)


_BOD_CALL = LibraryCall(bod_index, ("low", "high", "shares"))
BOD = Aggregation(
    name="bod",
    parameters=(
        # Least and greatest share of each child, in the sum of the weights or in the score.
        Parameter("low", default=0.0, limits=(0.0, 1.0)),
        Parameter("high", default=1.0, limits=(0.0, 1.0)),
        Parameter("shares", SHARES_OF, "weights"),
        *common_parameters("na"),
    ),
    words=(Word("bod", ("low", "high", "shares")),),
    check=_check_shares,
    kernel=_BOD_CALL.compute,
    weighted=False,
    between=False,
    needs="needs.shares",
    asks_sign=True,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(call_for_all=_BOD_CALL.text),
)
