"""Weighted means: arithmetic, geometric, harmonic, and of any power."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.aggregate import POWERS, row_means
from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.aggregate.native import NativeAggregation, NodeCells
from xlcity.methods.aggregate.record import MEAN, Aggregation
from xlcity.methods.record import Parameter, Settings, Word


def _mean(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    power = settings.number("power") if "power" in settings.method.names else 1.0
    exponent = POWERS.get(settings.method.name, power)
    weight = np.asarray(weights, dtype=np.float64)
    return row_means(values, states, weight, exponent, settings.text("missing"))


def _call(c: NodeCells) -> str:
    method = c.settings.method
    more = f",{c.power}" if "power" in method.names else ""
    return f'WEIGHTED_INDEX({c.values},{c.weights},"{method.name}","{c.missing}"{more})'


ARITHMETIC = Aggregation(
    name="arithmetic",
    parameters=MEAN,
    words=(Word("arithmetic", ("threshold",)),),
    kernel=_mean,
    native=NativeAggregation(call=_call, rules=("na", "renormalise", "zero", "refuse")),
)
_POSITIVE = "Values of 0 or less have no geometric or harmonic mean."
GEOMETRIC = Aggregation(
    name="geometric",
    parameters=MEAN,
    words=(Word("geometric", ("threshold",)),),
    kernel=_mean,
    needs=_POSITIVE,
    asks_sign=True,
    scale_free=True,
    native=NativeAggregation(
        turn=lambda x, power: f"LN({x})", back=lambda m, power: f"EXP({m})", call=_call
    ),
)
HARMONIC = Aggregation(
    name="harmonic",
    parameters=MEAN,
    words=(Word("harmonic", ("threshold",)),),
    kernel=_mean,
    needs=_POSITIVE,
    asks_sign=True,
    native=NativeAggregation(
        turn=lambda x, power: f"1/{x}", back=lambda m, power: f"1/{m}", call=_call
    ),
)
POWER = Aggregation(
    name="power",
    parameters=(*MEAN, Parameter("power", default=1.0)),
    words=(Word("power", ("power",), required=True),),
    kernel=_mean,
    needs="A power mean needs scores of 0 or more, a negative power scores above 0.",
    asks_sign=True,
    native=NativeAggregation(
        turn=lambda x, power: f"{x}^{power}",
        back=lambda m, power: f"{m}^(1/{power})",
        zeros=True,
        call=_call,
    ),
)
