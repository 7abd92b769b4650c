"""The lowest of the children."""

from __future__ import annotations

from xlcity.functions.combine import min_index
from xlcity.methods.aggregate.record import (
    OTHER_PARAMETERS,
    Aggregation,
    LibraryCall,
    NativeAggregation,
)
from xlcity.methods.record import Word

_MINIMUM_CALL = LibraryCall(min_index, ("missing",))
MINIMUM = Aggregation(
    name="minimum",
    parameters=OTHER_PARAMETERS,
    words=(Word("minimum"),),
    kernel=_MINIMUM_CALL.compute,
    weighted=False,
    native=NativeAggregation(
        formula=lambda cells: cells.guarded_formula(f"MIN({cells.values})"),
        call=_MINIMUM_CALL.text,
    ),
)
