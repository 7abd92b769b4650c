"""z-scores, clipped where the recipe says so, on any mean and standard deviation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.block import CellArray, CellState, States
from xlcity.functions.normalise import zscore_winsor
from xlcity.methods.formulas import deviation_formula, varies_condition
from xlcity.methods.normalise.record import (
    SKIPPED,
    ColumnCells,
    Indicator,
    Native,
    Normalisation,
    Scored,
)
from xlcity.methods.record import TEXT, MethodCell, Parameter, Settings, Word

#: In the parameter `pool`: a group's own mean and deviation.
OWN = "own"


def _normalise_zscore(column: Indicator, settings: Settings) -> Scored:
    """Score by z-scores on a mean and a deviation; clipped cells are marked."""
    clip, ddof = settings.number("clip"), settings.number("ddof")
    mean, sd = settings.number("mean"), settings.number("sd")
    block = _z_scores(column, clip, ddof)
    marks: tuple[tuple[int, str], ...] = ()
    if clip and column.is_single:
        plain = _z_scores(column, 0, ddof)
        clipped = np.flatnonzero(np.abs(plain.values[:, 0]) > clip)
        marks = tuple((int(row), "clipped") for row in clipped)
    if settings.text("again") == "yes":
        block = zscore_winsor(block.values, 0, 1.0, ddof, states=_blank_unscored(column, block))
    return Scored(CellArray(mean + sd * block.values, block.errors), marks=marks)


def _z_scores(column: Indicator, limit: float, ddof: float) -> CellArray:
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


def _blank_unscored(column: Indicator, block: CellArray) -> States:
    """Return the states of the column, blank for a number without a score."""
    lost = column.known & np.isnan(block.values.reshape(column.values.shape))
    return np.where(lost, CellState.BLANK, column.states).astype(np.uint8)


def _span_formula(c: ColumnCells) -> str:
    """Return the formula of the standard deviation; 0 without a number, "" if undefined."""
    # Too few numbers have a negative root, or none to divide by.
    spread = f"SQRT(DEVSQ({c.values})/({c.n}-{c.at['base']}))"
    varies = varies_condition(f"MIN({c.values})", f"MAX({c.values})")
    return f'IFERROR(IF({varies},{spread},IF({c.n}=0,0,"")),"")'


def _score_formula(c: ColumnCells) -> str:
    """Return the formula of a z-score, clipped and put on the mean and deviation asked for."""
    z = deviation_formula(c.x, c.low, c.span, exact_zero=c.exact_zero)
    if c.has("clip"):
        z = f"MAX(-{c.high},MIN({c.high},{z}))"
    z = f"{c.at['b']}*({c.sign}{z})" if c.has("b") else f"{c.sign}{z}"
    return f"{c.at['a']}+{z}" if c.has("a") else z


def _limit_formula(c: ColumnCells) -> str:
    """Return the formula of the limit of z-scores; 0, no limit, becomes one that none reaches."""
    return f"IF({c.at['clip']}>0,{c.at['clip']},1E+99)" if c.has("clip") else SKIPPED


def _zscore_call(c: ColumnCells) -> tuple[str, ...] | None:
    """Return the call that repeats the column, as `Call` says.

    ZSCORE_SCALE puts z-scores on a mean and a deviation, ZSCORE_WINSOR clips them; None where both
    are asked for.
    """
    scale = tuple(name if c.has(name) else default for name, default in (("a", "0"), ("b", "1")))
    if scale == ("0", "1"):
        clip = "clip" if c.has("clip") else "0"
        constant = "constant" if c.has("constant") else SKIPPED
        return ("ZSCORE_WINSOR", clip, "direction", "base", "groups", "pools", constant)
    if c.has("clip") or c.has("constant"):
        return None
    return ("ZSCORE_SCALE", *scale, "direction", "base")


def _check_again(settings: Settings) -> Iterator[str]:
    """Yield a fault where a second standardisation has a mean or a deviation of its own."""
    if settings.text("again") == "yes" and {"mean", "sd"} & settings.given.keys():
        yield "z-scores that are standardised again take neither mean nor sd"


ZSCORE = Normalisation(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0, cell=MethodCell("a", named=True)),
        Parameter("sd", default=1.0, above=0.0, cell=MethodCell("b", named=True)),
        Parameter("ddof", default=1.0, cell=MethodCell("base", shared="ddof")),
        Parameter(
            "clip",
            default=0.0,
            cell=MethodCell("clip", named=True, shared="limit", live_in_groups=False),
        ),
        Parameter("constant", cell=MethodCell("constant", named=True, shared="zscore_constant")),
        Parameter("again", ("no", "yes"), "no", cell=MethodCell("rule", named=True, live=False)),
        Parameter("pool", TEXT, OWN),
    ),
    words=(
        Word("zscore", ("mean", "sd")),
        Word("winsor", ("clip",), fixed={"clip": 1.96, "ddof": 0.0}),
    ),
    check=_check_again,
    kernel=_normalise_zscore,
    signed=True,
    native=Native(
        score=_score_formula,
        call=_zscore_call,
        low=lambda c: f'IF({c.n}=0,"",AVERAGE({c.values}))',
        high=_limit_formula,
        span=_span_formula,
        heads=("mean", "limit", "sd"),
        no_numbers=True,
        form="0.000",
    ),
)
