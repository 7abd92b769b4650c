"""Arithmetic, geometric, harmonic and power means."""

from __future__ import annotations

import numpy as np

from xlcity.functions.aggregate import POWERS, row_means
from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.aggregate.record import (
    MEAN_PARAMETERS,
    Aggregation,
    NativeAggregation,
    NodeCells,
    Weights,
)
from xlcity.methods.record import Parameter, Settings, Word


def _power_of(settings: Settings) -> float:
    name = settings.method.name
    return POWERS[name] if name in POWERS else settings.number("power")


def _take_mean(
    values: Matrix, states: States, weights: Weights, settings: Settings
) -> CellArray:
    """Return (n, 1) arithmetic, geometric, harmonic or power means, as the method's name says.

    `values` and `states` are (n, children): scores, and what each cell holds.
    """
    weight = np.asarray(weights, dtype=np.float64)
    power = _power_of(settings)
    missing = settings.text("missing")
    return row_means(values, states, weight, exponent=power, missing=missing)


def _mean_call(cells: NodeCells) -> str:
    """Return the call of WEIGHTED_INDEX that gives the same mean, as the text of a formula."""
    method = cells.settings.method
    power = f",{cells.power}" if "power" in method.names else ""
    return (
        f"WEIGHTED_INDEX({cells.values},{cells.weights},"
        f'"{method.name}","{cells.missing}"{power})'
    )


ARITHMETIC = Aggregation(
    name="arithmetic",
    parameters=MEAN_PARAMETERS,
    words=(Word("arithmetic", ("threshold",)),),
    kernel=_take_mean,
    by_share=True,
    exponent=_power_of,
    adds_up=True,
    native=NativeAggregation(call=_mean_call),
)
_NEEDS_POSITIVE = "needs.positive_values"
GEOMETRIC = Aggregation(
    name="geometric",
    parameters=MEAN_PARAMETERS,
    words=(Word("geometric", ("threshold",)),),
    kernel=_take_mean,
    by_share=True,
    exponent=_power_of,
    needs=_NEEDS_POSITIVE,
    asks_sign=True,
    scale_free=True,
    native=NativeAggregation(
        turn_child=lambda child, power: f"LN({child})",
        turn_back=lambda mean, power: f"EXP({mean})",
        call=_mean_call,
    ),
)
HARMONIC = Aggregation(
    name="harmonic",
    parameters=MEAN_PARAMETERS,
    words=(Word("harmonic", ("threshold",)),),
    kernel=_take_mean,
    by_share=True,
    exponent=_power_of,
    needs=_NEEDS_POSITIVE,
    asks_sign=True,
    native=NativeAggregation(
        turn_child=lambda child, power: f"1/{child}",
        turn_back=lambda mean, power: f"1/{mean}",
        call=_mean_call,
    ),
)
POWER = Aggregation(
    name="power",
    parameters=(*MEAN_PARAMETERS, Parameter("power", default=1.0)),
    words=(Word("power", ("power",), required=True),),
    kernel=_take_mean,
    by_share=True,
    exponent=_power_of,
    needs="needs.positive_scores",
    asks_sign=True,
    native=NativeAggregation(
        turn_child=lambda child, power: f"{child}^{power}",
        turn_back=lambda mean, power: f"{mean}^(1/{power})",
        turns_zero=True,
        call=_mean_call,
    ),
)
