"""Weighted means: arithmetic, geometric, harmonic, and of any power."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import Block, Matrix, States
from xlcity.methods.aggregate.record import MEAN, Aggregation
from xlcity.methods.record import Parameter, Settings, Word


def _mean(values: Matrix, states: States, weights: Sequence[float], settings: Settings) -> Block:
    power = settings.number("power") if "power" in settings.method.names else 1.0
    method, missing = settings.method.name, settings.text("missing")
    return weighted_index(values, weights, method, missing, power, states=states)


ARITHMETIC, GEOMETRIC, HARMONIC = (
    Aggregation(
        name=name, parameters=MEAN, words=(Word(name),), function="WEIGHTED_INDEX", kernel=_mean
    )
    for name in ("arithmetic", "geometric", "harmonic")
)
POWER = Aggregation(
    name="power",
    parameters=(*MEAN, Parameter("power", default=1.0)),
    words=(Word("power", ("power",), required=True),),
    function="WEIGHTED_INDEX",
    kernel=_mean,
)
