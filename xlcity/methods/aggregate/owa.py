"""Ordered weighted averages: weights go by the order of a city's children."""

from __future__ import annotations

from xlcity.functions.combine import owa_index
from xlcity.methods.aggregate.record import (
    OTHER_PARAMETERS,
    Aggregation,
    LibraryCall,
    NativeAggregation,
)
from xlcity.methods.record import Parameter, Word

_OWA_CALL = LibraryCall(owa_index, ("weights", "exponent", "missing"))
OWA = Aggregation(
    name="owa",
    # 1 is the mean; above it the lowest children count more, below it the highest.
    parameters=(Parameter("exponent", default=2.0, above=0.0), *OTHER_PARAMETERS),
    words=(Word("owa", ("exponent",)),),
    kernel=_OWA_CALL.compute,
    native=NativeAggregation(call_for_all=_OWA_CALL.text),
)
