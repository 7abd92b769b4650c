"""The worst child decides."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.combine import min_index
from xlcity.methods.aggregate.native import NativeAggregation
from xlcity.methods.aggregate.record import OTHER, Aggregation
from xlcity.methods.record import Settings, Word


def _minimum(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    return min_index(values, settings.text("missing"), states=states)


MINIMUM = Aggregation(
    name="minimum",
    parameters=OTHER,
    words=(Word("minimum"),),
    kernel=_minimum,
    weighted=False,
    native=NativeAggregation(
        formula=lambda c: c.of_known(f"MIN({c.values})"),
        call=lambda c: f'MIN_INDEX({c.values},"{c.missing}")',
    ),
)
