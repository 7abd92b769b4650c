"""Min-max scaling between the extremes of the column, or between bounds that the step names."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import Block
from xlcity.functions.normalise import minmax_scale, own_bounds
from xlcity.methods.normalise.record import CONSTANT, Column, Normalisation, Scored, on_scale
from xlcity.methods.record import Parameter, Settings, Word


def _minmax(column: Column, settings: Settings) -> Scored:
    lower, upper = settings.optional("lower"), settings.optional("upper")
    base, scale = settings.number("base"), settings.number("scale")
    floor = settings.optional("floor")
    bounds, x, states = settings.text("bounds"), column.values, column.states

    def scaled(floor: float | None) -> Block:
        turn = column.direction
        if base == 0:
            return minmax_scale(x, lower, upper, scale, floor, turn, bounds, states=states)
        share = minmax_scale(x, lower, upper, 1.0, None, turn, bounds, states=states)
        scores = on_scale(share, base, scale)
        return scores if floor is None else Block(np.maximum(scores.values, floor), scores.errors)

    low, high = column.span
    if bounds != "minmax":
        lows, highs = own_bounds(x[:, None], states[:, None], bounds)
        low, high = float(lows[0]), float(highs[0])
    marks: tuple[tuple[int, str], ...] = ()
    if floor is not None:
        lifted = np.flatnonzero(scaled(None).values[:, 0] < floor)
        marks = tuple((int(row), "floor") for row in lifted)
    return Scored(
        scaled(floor), low if lower is None else lower, high if upper is None else upper, marks
    )


MINMAX = Normalisation(
    name="minmax",
    parameters=(
        Parameter("base", default=0.0),
        Parameter("lower"),
        Parameter("upper"),
        Parameter("floor"),
        Parameter("scale", default=100.0),
        CONSTANT,
        Parameter("bounds", ("minmax", "max", "mean"), "minmax"),
    ),
    words=(Word("minmax", ("base", "scale")),),
    function="MINMAX_SCALE",
    kernel=_minmax,
)
