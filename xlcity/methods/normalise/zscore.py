"""z-scores: put on a mean and standard deviation of one's own, or clipped."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, CellState, States
from xlcity.functions.normalise import zscore_winsor
from xlcity.functions.scale import zscore_scale
from xlcity.methods.formulas import deviation, varies
from xlcity.methods.normalise.native import SKIPPED, ColumnCells, Native, call
from xlcity.methods.normalise.record import CONSTANT, Indicator, Normalisation, Scored
from xlcity.methods.record import TEXT, MethodCell, Parameter, Settings, Word

#: In the parameter `pool`: a group's own mean and deviation.
OWN = "own"


def _standard(column: Indicator, settings: Settings) -> Scored:
    mean, sd, ddof = (settings.number(name) for name in ("mean", "sd", "ddof"))
    turn, states = column.direction, column.states
    return Scored(zscore_scale(column.values, mean, sd, turn, ddof, states=states))


def _clipped(column: Indicator, settings: Settings) -> Scored:
    limit, ddof = settings.number("limit"), settings.number("ddof")
    block = _deviations(column, limit, ddof)
    marks: tuple[tuple[int, str], ...] = ()
    if limit:
        plain = _deviations(column, 0, ddof)
        clipped = np.flatnonzero(np.abs(plain.values[:, 0]) > limit)
        marks = tuple((int(row), "clipped") for row in clipped)
    if settings.text("again") == "yes":
        block = zscore_winsor(block.values, 0, 1.0, ddof, states=_with_score(column, block))
    return Scored(block, marks=marks)


def _deviations(column: Indicator, limit: float, ddof: float) -> CellArray:
    """Return clipped z-scores by the column's own numbers or by those of its pool."""
    if column.pool is None:
        return zscore_winsor(column.values, limit, column.direction, ddof, states=column.states)
    values, states = column.pool
    n = len(values)
    block = zscore_winsor(
        np.concatenate([values, column.values]),
        limit,
        column.direction,
        ddof,
        ["pool"] * n + ["own"] * len(column.values),
        ["pool"] * (n + len(column.values)),
        states=np.concatenate([states, column.states]),
    )
    return CellArray(block.values[n:], block.errors[n:])


def _with_score(column: Indicator, block: CellArray) -> States:
    """Return states in which a number without a score is a blank."""
    lost = column.known & np.isnan(block.values[:, 0])
    return np.where(lost, CellState.BLANK, column.states).astype(np.uint8)


def _span(c: ColumnCells) -> str:
    ddof = c.at["base"]
    spread = f"{c.sd}*SQRT({c.n}/({c.n}-{ddof}))"
    return f'IF({c.n}>{ddof},IF({varies(c.least, c.most)},{spread},""),"")'


def _score(c: ColumnCells) -> str:
    limit, z = c.at["a"], c.made
    if not c.working:
        return f"{c.sign}{z}"
    return f"{c.sign}IF({limit}>0,MAX(-{limit},MIN({limit},{z})),{z})"


def _clippings(c: ColumnCells) -> str:
    if not c.working:
        return SKIPPED
    limit = c.at["a"]
    return f'IF({limit}>0,COUNTIF({c.working},">"&{limit})+COUNTIF({c.working},"<"&-{limit}),0)'


STANDARD = Normalisation(
    name="standard",
    parameters=(
        Parameter("mean", default=0.0, cell=MethodCell("a")),
        Parameter("sd", default=1.0, above=0.0, cell=MethodCell("b")),
        Parameter("ddof", default=1.0, cell=MethodCell("base")),
        CONSTANT,
    ),
    words=(Word("zscore", ("mean", "sd")),),
    function="ZSCORE_SCALE",
    kernel=_standard,
    signed=True,
    native=Native(
        score=lambda c: f"{c.at['a']}+{c.at['b']}*({c.sign}{deviation(c.x, c.low, c.span)})",
        call=call("ZSCORE_SCALE", "a", "b", "direction", "base", lacking=("constant",)),
        low=lambda c: c.mean,
        high=lambda c: SKIPPED,
        span=_span,
    ),
)
ZSCORE = Normalisation(
    name="zscore",
    parameters=(
        Parameter(
            "limit", default=1.96, cell=MethodCell("a", shared="limit", live_in_groups=False)
        ),
        Parameter("ddof", default=0.0, cell=MethodCell("base", shared="ddof")),
        Parameter("constant", cell=MethodCell("constant", named=True, shared="zscore_constant")),
        Parameter("again", ("no", "yes"), "no", cell=MethodCell("rule", named=True, live=False)),
        Parameter("pool", TEXT, OWN),
    ),
    words=(Word("winsor", ("limit",)),),
    function="ZSCORE_WINSOR",
    kernel=_clipped,
    signed=True,
    native=Native(
        score=_score,
        call=call("ZSCORE_WINSOR", "a", "direction", "base", "groups", "pools", "constant"),
        low=lambda c: c.mean,
        high=_clippings,
        span=_span,
        heads=("from", "clipped", "span"),
        working=lambda c: deviation(c.x, c.low, c.span),
        spread=True,
        form="0.000",
    ),
    in_groups=lambda settings: settings.number("limit") != 0,
)
