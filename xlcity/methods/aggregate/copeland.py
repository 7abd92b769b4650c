"""Copeland scores: how many cities a city beats, less those that beat it."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.combine import copeland_score
from xlcity.methods.aggregate.native import NativeAggregation
from xlcity.methods.aggregate.record import OTHER, Aggregation
from xlcity.methods.record import Settings, Word


def _copeland(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    return copeland_score(values, list(weights), settings.text("missing"), states=states)


COPELAND = Aggregation(
    name="copeland",
    parameters=OTHER,
    words=(Word("copeland"),),
    kernel=_copeland,
    between=False,
    asks_sign=True,
    whole_sample=True,
    scale_free=True,
    native=NativeAggregation(
        by_function=True,
        whole=lambda c: f'COPELAND_SCORE({c.values},{c.weights},"{c.missing}")',
    ),
)
