"""Scores on a scale between two bounds: min-max, goalposts, efficacy, ratings; or no scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xlcity.functions.block import CellArray, CellState, ErrorCode, Matrix, States, as_matrix
from xlcity.functions.normalise import minmax_scale, own_bounds, rating_scale, zscore_winsor
from xlcity.functions.scale import efficacy_scale, goalpost_scale
from xlcity.methods.formulas import deviation_formula, varies_condition
from xlcity.methods.normalise.record import (
    BASE,
    CONSTANT,
    SCALE,
    SKIPPED,
    ColumnCells,
    Extent,
    Indicator,
    NativeNormalisation,
    Normalisation,
    ScoredColumn,
    make_call,
    scale_shares,
)
from xlcity.methods.record import TEXT, MethodCell, Parameter, Settings, Word


def _normalise_minmax(column: Indicator, settings: Settings) -> ScoredColumn:
    """Score from base at the low bound to scale at the high one; floored cells are marked."""
    lower, upper = settings.optional("lower"), settings.optional("upper")
    base, scale = settings.number("base"), settings.number("scale")
    floor = settings.optional("floor")
    bounds, x, states = settings.text("bounds"), column.values, column.states

    def scaled(floor: float | None) -> CellArray:
        """Return the scores of the column, none below the floor."""
        turn = column.direction
        if base == 0:  # the one base that the function knows
            return minmax_scale(x, lower, upper, scale, floor, turn, bounds, states=states)
        share = minmax_scale(x, lower, upper, 1.0, None, turn, bounds, states=states)
        scores = scale_shares(share, base, scale)
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
    return ScoredColumn(
        scaled(floor), low if lower is None else lower, high if upper is None else upper, marks
    )


def _minmax_formula(c: ColumnCells) -> str:
    """Return the formula of a score between the bounds, not below the floor if there is one."""
    score = c.scaled_formula(c.share_formula)
    return f"MAX({score},{c.cell_of['floor']})" if c.has_cell("floor") else score


def _low_bound_formula(c: ColumnCells) -> str:
    """Return the formula of a column's low bound: the minimum, or 0 by the rule."""
    return f'IF({c.n}=0,"",IF({c.cell_of["rule"]}="minmax",{c.minimum},0))'


def _high_bound_formula(c: ColumnCells) -> str:
    """Return the formula of a column's high bound: the maximum, or the mean by the rule."""
    mean = f"IF(ABS({c.mean})<1E-10*MAX({c.maximum},-{c.minimum}),0,{c.mean})"
    return f'IF({c.n}=0,"",IF({c.cell_of["rule"]}="mean",{mean},{c.maximum}))'


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
    kernel=_normalise_minmax,
    native=NativeNormalisation(
        score=_minmax_formula,
        call=make_call(
            *("MINMAX_SCALE", "a", "b", "scale", "floor", "direction", "rule", "constant"),
            unsupported=("base",),
        ),
        low=lambda c: c.given_or("a", _low_bound_formula(c) if c.has_cell("rule") else c.minimum),
        high=lambda c: c.given_or("b", _high_bound_formula(c) if c.has_cell("rule") else c.maximum),
        span=lambda c: c.span_formula(),
        bound_labels=("low", "high", "range"),
        fixed=lambda c: f"COUNT({c.cell_of['a']},{c.cell_of['b']})>0",
    ),
)


def _normalise_goalposts(column: Indicator, settings: Settings) -> ScoredColumn:
    """Score from the base at the low goalpost to the scale at the high one, clipped at both."""
    low, high = settings.optional("low"), settings.optional("high")
    share = goalpost_scale(column.values, low, high, 1.0, column.direction, states=column.states)
    return ScoredColumn(scale_shares(share, settings.number("base"), settings.number("scale")))


def _check_goalposts(settings: Settings) -> Iterator[str]:
    """Yield a fault where the low goalpost is not below the high one."""
    low, high = settings.optional("low"), settings.optional("high")
    if low is not None and high is not None and low >= high:
        yield f"goalposts {low:g} and {high:g}"


def _advise_goalposts(
    extent: Extent, scores: Matrix, settings: Settings
) -> Iterator[tuple[str, str]]:
    """Yield a note where more than half of the cities score the least or the greatest."""
    low, high = settings.optional("low"), settings.optional("high")
    if low is None or high is None:
        return
    base, scale = settings.number("base"), settings.number("scale")
    clipped = int(((scores == base) | (scores == scale)).sum())
    if (extent.minimum < low or extent.maximum > high) and 2 * clipped > extent.count:
        message = (
            f"values of {extent.code} run from {extent.minimum:g} to {extent.maximum:g}, its "
            f"goalposts from {low:g} to {high:g}: {clipped} of {extent.count} cities score "
            f"{base:g} or {scale:g}."
        )
        yield message, "Goalposts are in the indicator's own unit of measure."


GOALPOSTS = Normalisation(
    name="goalposts",
    parameters=(
        Parameter("low", column="goalpost_low", cell=MethodCell("a", needed=False)),
        Parameter("high", column="goalpost_high", cell=MethodCell("b", needed=False)),
        SCALE,
        BASE,
        CONSTANT,
    ),
    words=(Word("goalposts", ("low", "high")),),
    check=_check_goalposts,
    advice=_advise_goalposts,
    kernel=_normalise_goalposts,
    native=NativeNormalisation(
        score=lambda c: c.scaled_formula(f"MAX(0,MIN(1,{c.share_formula}))"),
        call=make_call(
            "GOALPOST_SCALE", "a", "b", "scale", "direction", unsupported=("base", "constant")
        ),
        low=lambda c: c.given_or("a", c.minimum),
        high=lambda c: c.given_or("b", c.maximum),
        span=lambda c: c.span_formula(),
        bound_labels=("low", "high", "range"),
    ),
)


#: Points between the best and the last.
OMEGA = Parameter("omega", default=40.0, limits=(0.0, 100.0))


def _normalise_efficacy(column: Indicator, settings: Settings) -> ScoredColumn:
    """Score from 100 - omega at the worse bound to 100 at the better one."""
    low, high = settings.optional("low"), settings.optional("high")
    values = column.values
    # Bounds that run downward say by themselves that less is better.
    downward = low is not None and high is not None and low > high
    if column.direction < 0 and not downward:
        # Turned round zero, so that the lowest value gets the full score.
        values = -values
        low, high = (None if high is None else -high), (None if low is None else -low)
    block = efficacy_scale(values, settings.number("omega"), low, high, states=column.states)
    return ScoredColumn(block, *column.span)


_EFFICACY_CALL = make_call("EFFICACY_SCALE", "scale", "a", "b", "constant")


def _efficacy_formula(c: ColumnCells) -> str:
    """Return the formula of an efficacy score; bounds may run downward."""
    share = c.share_formula
    if not c.more_is_better:
        # Bounds that run downward score a reverse indicator by themselves.
        share = f"IF({c.span}<0,{c.x}-{c.low},{c.high}-{c.x})/{c.span}"
    return f"{share}*{c.cell_of['scale']}+(100-{c.cell_of['scale']})"


def _efficacy_span_formula(c: ColumnCells) -> str:
    """Return the formula of high less low, "" where they are equal or a bound is missing."""
    runs_downward = (
        f"AND(COUNT({c.cell_of['a']},{c.cell_of['b']})=2,{varies_condition(c.high, c.low)})"
    )
    difference = f'IF(OR({varies_condition(c.low, c.high)},{runs_downward}),{c.high}-{c.low},"")'
    return f'IF(COUNT({c.low},{c.high})=2,{difference},"")'


EFFICACY = Normalisation(
    name="efficacy",
    parameters=(
        replace(OMEGA, cell=MethodCell("scale")),
        Parameter("low", cell=MethodCell("a", needed=False)),
        Parameter("high", cell=MethodCell("b", needed=False)),
        CONSTANT,
    ),
    words=(Word("efficacy", ("omega",)),),
    kernel=_normalise_efficacy,
    native=NativeNormalisation(
        score=_efficacy_formula,
        call=lambda c: _EFFICACY_CALL(c) if c.more_is_better else None,
        low=lambda c: c.given_or("a", c.minimum),
        high=lambda c: c.given_or("b", c.maximum),
        span=_efficacy_span_formula,
        bound_labels=("low", "high", "range"),
    ),
)


def _normalise_rating(column: Indicator, settings: Settings) -> ScoredColumn:
    """Score ratings as shares of the best possible one; unrated units get a score and a mark."""
    best, scale = settings.number("max"), settings.number("scale")
    unrated = settings.optional("unrated")
    block = rating_scale(column.values, best, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        numbers = column.has_number.reshape(block.values.shape)
        block = CellArray(np.where(numbers, scale - block.values, block.values), block.errors)
    codes = np.flatnonzero(column.states == CellState.MISSING) if unrated is not None else ()
    return ScoredColumn(block, 0.0, best, tuple((int(row), "unrated") for row in codes))


def _advise_rating(extent: Extent, scores: Matrix, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield a note where values lie beyond the best rating."""
    best = settings.number("max")
    if extent.maximum > best:
        message = (
            f"values of {extent.code} go up to {extent.maximum:g}, beyond the best rating {best:g}."
        )
        yield message, "Write rating:MAX with the best rating that can be given."


_RATING_CALL = make_call("RATING_SCALE", "b", "scale", "missing")


def _rating_formula(c: ColumnCells) -> str:
    """Return the formula of a rating's score."""
    score = f"{c.x}/{c.span}*{c.cell_of['scale']}"
    return score if c.more_is_better else f"{c.cell_of['scale']}-{score}"


def _unrated_formula(c: ColumnCells) -> str:
    """Return the formula of an unrated unit's score, "" for none."""
    return f"{c.cell_of['missing']}/{c.span}*{c.cell_of['scale']}" if c.has_cell("missing") else ""


RATING = Normalisation(
    name="rating",
    parameters=(
        Parameter("max", default=5.0, cell=MethodCell("b")),
        Parameter("unrated", cell=MethodCell("missing", named=True, shared="unrated")),
        SCALE,
    ),
    words=(Word("rating", ("max",)),),
    advice=_advise_rating,
    kernel=_normalise_rating,
    native=NativeNormalisation(
        score=_rating_formula,
        call=lambda c: _RATING_CALL(c) if c.more_is_better else None,
        low=lambda c: "0",
        high=lambda c: c.cell_of["b"],
        span=lambda c: f'IF(ISNUMBER({c.high}),IF({c.high}>0,{c.high},""),"")',
        bound_labels=("low", "high", "range"),
        gap=_unrated_formula,
    ),
)


def _keep_values(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return values as they are, negative where less is better."""
    values = as_matrix(column.values * column.direction)
    return ScoredColumn(CellArray(values, np.isnan(values) * np.uint8(ErrorCode.NA)))


NONE = Normalisation(
    name="none",
    words=(Word("none"),),
    kernel=_keep_values,
    signed=True,
    native=NativeNormalisation(lambda c: f"{c.sign}{c.x}"),
)


# -- z-scores --------------------------------------------------------------------------------------
#: In the parameter `pool`: a group's own mean and deviation.
OWN = "own"


def _normalise_zscore(column: Indicator, settings: Settings) -> ScoredColumn:
    """Score by z-scores on a mean and a deviation; clipped cells are marked."""
    clip, ddof = settings.number("clip"), settings.number("ddof")
    mean, sd = settings.number("mean"), settings.number("sd")
    block = _z_scores(column, clip, ddof)
    marks: tuple[tuple[int, str], ...] = ()
    if clip and column.is_single:
        unclipped = _z_scores(column, 0, ddof)
        clipped = np.flatnonzero(np.abs(unclipped.values[:, 0]) > clip)
        marks = tuple((int(row), "clipped") for row in clipped)
    if settings.text("again") == "yes":
        block = zscore_winsor(block.values, 0, 1.0, ddof, states=_blank_unscored(column, block))
    return ScoredColumn(CellArray(mean + sd * block.values, block.errors), marks=marks)


def _z_scores(column: Indicator, limit: float, ddof: float) -> CellArray:
    """Return clipped z-scores by the column's own numbers or by those of its pool.

    A pool is the units whose mean and deviation count; see `Indicator`.
    """
    if column.pool is None:
        return zscore_winsor(column.values, limit, column.direction, ddof, states=column.states)
    # The pool's rows come first, as a group that all rows are measured by, and are cut off again.
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
    """Return the states of the column, blank for a number that has no score in `block`."""
    lacks_score = column.has_number & np.isnan(block.values.reshape(column.values.shape))
    return np.where(lacks_score, CellState.BLANK, column.states).astype(np.uint8)


def _sd_formula(c: ColumnCells) -> str:
    """Return the formula of the standard deviation; 0 without a number, "" if undefined."""
    # With too few numbers n - ddof is 0 or negative: an error, which IFERROR makes "".
    spread = f"SQRT(DEVSQ({c.values})/({c.n}-{c.cell_of['base']}))"
    varies = varies_condition(f"MIN({c.values})", f"MAX({c.values})")
    return f'IFERROR(IF({varies},{spread},IF({c.n}=0,0,"")),"")'


def _zscore_formula(c: ColumnCells) -> str:
    """Return the formula of a z-score, clipped and put on the mean and deviation asked for.

    Above the column, `low` is the mean, `high` the limit of z-scores and `span` the deviation.
    """
    z = deviation_formula(c.x, c.low, c.span, exact_zero=c.exact_zero)
    if c.has_cell("clip"):
        z = f"MAX(-{c.high},MIN({c.high},{z}))"
    z = f"{c.cell_of['b']}*({c.sign}{z})" if c.has_cell("b") else f"{c.sign}{z}"
    return f"{c.cell_of['a']}+{z}" if c.has_cell("a") else z


def _clip_limit_formula(c: ColumnCells) -> str:
    """Return the formula of the limit of z-scores; 0, no limit, becomes one that none reaches."""
    return f"IF({c.cell_of['clip']}>0,{c.cell_of['clip']},1E+99)" if c.has_cell("clip") else SKIPPED


def _zscore_call(c: ColumnCells) -> tuple[str, ...] | None:
    """Return the function and the arguments that give the same scores, as a `Call` does.

    ZSCORE_SCALE puts z-scores on a mean and a deviation, ZSCORE_WINSOR clips them; None where both
    are asked for.
    """
    scale = tuple(
        name if c.has_cell(name) else default for name, default in (("a", "0"), ("b", "1"))
    )
    if scale == ("0", "1"):
        clip = "clip" if c.has_cell("clip") else "0"
        constant = "constant" if c.has_cell("constant") else SKIPPED
        return ("ZSCORE_WINSOR", clip, "direction", "base", "groups", "pools", constant)
    if c.has_cell("clip") or c.has_cell("constant"):
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
    native=NativeNormalisation(
        score=_zscore_formula,
        call=_zscore_call,
        low=lambda c: f'IF({c.n}=0,"",AVERAGE({c.values}))',
        high=_clip_limit_formula,
        span=_sd_formula,
        bound_labels=("mean", "limit", "sd"),
        span_tells_emptiness=True,
        number_format="0.000",
    ),
)
