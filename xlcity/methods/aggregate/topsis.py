"""TOPSIS: closeness to the best and distance from the worst of all cities."""

from __future__ import annotations

from xlcity.functions.outrank import topsis_score
from xlcity.methods.aggregate.record import (
    Aggregation,
    LibraryCall,
    NativeAggregation,
    common_parameters,
)
from xlcity.methods.record import Parameter, Word

_TOPSIS_CALL = LibraryCall(topsis_score, ("weights", "vector"))
TOPSIS = Aggregation(
    name="topsis",
    parameters=(Parameter("vector", ("no", "yes"), "no"), *common_parameters("na")),
    words=(Word("topsis", ("vector",)),),
    kernel=_TOPSIS_CALL.compute,
    between=False,
    needs="needs.different_scores",
    asks_sign=True,
    whole_sample=True,
    native=NativeAggregation(call_for_all=_TOPSIS_CALL.text),
)
