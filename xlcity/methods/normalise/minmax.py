"""Min-max scaling between the extremes of the column, or between bounds that the step names."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, as_matrix
from xlcity.functions.normalise import minmax_scale, own_bounds
from xlcity.methods.formulas import settled
from xlcity.methods.normalise.native import ColumnCells, Native, call
from xlcity.methods.normalise.record import BASE, SCALE, Indicator, Normalisation, Scored, on_scale
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _minmax(column: Indicator, settings: Settings) -> Scored:
    lower, upper = settings.optional("lower"), settings.optional("upper")
    base, scale = settings.number("base"), settings.number("scale")
    floor = settings.optional("floor")
    bounds, x, states = settings.text("bounds"), column.values, column.states

    def scaled(floor: float | None) -> CellArray:
        turn = column.direction
        if base == 0:
            return minmax_scale(x, lower, upper, scale, floor, turn, bounds, states=states)
        share = minmax_scale(x, lower, upper, 1.0, None, turn, bounds, states=states)
        scores = on_scale(share, base, scale)
        return (
            scores if floor is None else CellArray(np.maximum(scores.values, floor), scores.errors)
        )

    low, high = column.span
    if bounds != "minmax":
        block = as_matrix(x)
        low, high = own_bounds(block, states.reshape(block.shape), bounds)
        if column.is_single:
            low, high = float(low[0]), float(high[0])
    marks: tuple[tuple[int, str], ...] = ()
    if floor is not None and column.is_single:
        lifted = np.flatnonzero(scaled(None).values[:, 0] < floor)
        marks = tuple((int(row), "floor") for row in lifted)
    return Scored(
        scaled(floor), low if lower is None else lower, high if upper is None else upper, marks
    )


def _score(c: ColumnCells) -> str:
    score = c.based(c.share)
    return f"MAX({score},{c.at['floor']})" if c.has("floor") else score


def _least(c: ColumnCells) -> str:
    return f'IF({c.n}=0,"",IF({c.at["rule"]}="minmax",{c.least},0))'


def _most(c: ColumnCells) -> str:
    mean = settled(f"SUM({c.values})", c.n, c.values)
    return f'IF({c.n}=0,"",IF({c.at["rule"]}="mean",{mean},{c.most}))'


MINMAX = Normalisation(
    name="minmax",
    parameters=(
        BASE,
        Parameter("lower", cell=MethodCell("a", needed=False)),
        Parameter("upper", cell=MethodCell("b", needed=False)),
        Parameter("floor", cell=MethodCell("floor", named=True, shared="floor")),
        SCALE,
        Parameter("constant", cell=MethodCell("constant", named=True, shared="flat")),
        Parameter(
            "bounds",
            ("minmax", "max", "mean"),
            "minmax",
            cell=MethodCell("rule", named=True, shared="bounds"),
        ),
    ),
    words=(Word("minmax", ("base", "scale")),),
    kernel=_minmax,
    native=Native(
        score=_score,
        call=call(
            *("MINMAX_SCALE", "a", "b", "scale", "floor", "direction", "rule", "constant"),
            lacking=("base",),
        ),
        low=lambda c: c.given("a", _least(c) if c.has("rule") else c.least),
        high=lambda c: c.given("b", _most(c) if c.has("rule") else c.most),
        span=lambda c: c.room(),
        heads=("low", "high", "range"),
        fixed=lambda c: f"COUNT({c.at['a']},{c.at['b']})>0",
    ),
)
