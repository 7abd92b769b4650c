"""Scores on a scale between two bounds: min-max, goalposts, efficacy, ratings; or no scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.functions.block import CellArray, CellState, ErrorCode, Matrix, as_matrix
from xlcity.functions.normalise import (
    minmax_scale,
    own_bounds,
    rating_scale,
    zscore_winsor,
)
from xlcity.functions.scale import efficacy_scale, goalpost_scale
from xlcity.messages import Message
from xlcity.methods.formulas import deviation_formula, spread_formula, varies_condition
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
from xlcity.methods.record import BOUND, TEXT, MethodCell, Parameter, Settings, Word

#: Names the edition that has the bounds, or whose mean lies in the middle of them.
BOUND_EDITION = Parameter("bound", TEXT)
REFERENCE = Parameter("reference", TEXT)


def _check_editions(settings: Settings) -> Iterator[str]:
    """Yield a fault where bounds are those of an edition: with several editions they are known."""
    for parameter in (BOUND_EDITION, REFERENCE):
        if text := settings.text(parameter.name):
            yield Message("method.needs_editions", name=parameter.name, text=text)


def _normalise_minmax(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores from `base` at the low bound to `scale` at the high one, and the bounds.

    `column` has the indicator's values, states and direction. Cells lifted to the parameter `floor`
    are marked.
    """
    lower = settings.optional("lower")
    upper = settings.optional("upper")
    base = settings.number("base")
    scale = settings.number("scale")
    floor = settings.optional("floor")
    bounds = settings.text("bounds")
    x = column.values
    states = column.states
    share = minmax_scale(
        x, lower, upper, 1.0, None, column.direction, bounds, states=states
    )
    scores = scale_shares(share, base, scale)
    marks: tuple[tuple[int, str], ...] = ()
    if floor is not None:
        if column.span is not None:
            lifted = np.flatnonzero(scores.values[:, 0] < floor)
            marks = tuple((int(row), "floor") for row in lifted)
        scores = CellArray(np.maximum(scores.values, floor), scores.errors)
    if column.span is None:
        return ScoredColumn(scores)
    low, high = column.span
    if bounds != "minmax":
        block = as_matrix(x)
        low, high = (
            float(b[0]) for b in own_bounds(block, states.reshape(block.shape), bounds)
        )
    return ScoredColumn(
        scores, low if lower is None else lower, high if upper is None else upper, marks
    )


def _minmax_formula(cells: ColumnCells) -> str:
    """Return the formula of a score from base to scale, not below the floor if there is one."""
    score = cells.scaled_formula(cells.share_formula)
    return (
        f"MAX({score},{cells.cell_of['floor']})" if cells.has_cell("floor") else score
    )


def _low_bound_formula(cells: ColumnCells) -> str:
    """Return the formula of the low bound: the parameter "a", else the column's own low bound.

    That is the minimum, or 0 where the rule, in the cell "rule", is not "minmax".
    """
    own_low = cells.minimum
    if cells.has_cell("rule"):
        own_low = (
            f'IF({cells.n}=0,"",IF({cells.cell_of["rule"]}="minmax",{cells.minimum},0))'
        )
    return cells.bound_formula("a", own_low)


def _high_bound_formula(cells: ColumnCells) -> str:
    """Return the formula of the high bound: the parameter "b", else the column's own high bound.

    That is the maximum, or the mean where the rule, in the cell "rule", is "mean".
    """
    own_high = cells.maximum
    if cells.has_cell("rule"):
        # A mean that is nothing but rounding of values that cancel is 0.
        mean = f"IF(ABS({cells.mean})<1E-10*MAX({cells.maximum},-{cells.minimum}),0,{cells.mean})"
        own_high = f'IF({cells.n}=0,"",IF({cells.cell_of["rule"]}="mean",{mean},{cells.maximum}))'
    return cells.bound_formula("b", own_high)


#: A method in cells with its bounds and their difference above the column.
_native_between_bounds = partial(
    NativeNormalisation,
    low=_low_bound_formula,
    high=_high_bound_formula,
    span=lambda cells: spread_formula(cells.low, cells.high),
    bound_labels=("low", "high", "range"),
)
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
        BOUND_EDITION,
        REFERENCE,
    ),
    words=(
        Word("minmax", ("base", "scale", "bound")),
        # Mazziotta and Pareto: 100 at the reference, 60 points over the range.
        Word(
            "ampi", ("reference",), fixed={"base": 70.0, "scale": 130.0}, required=True
        ),
    ),
    check=_check_editions,
    kernel=_normalise_minmax,
    native=_native_between_bounds(
        score=_minmax_formula,
        call=make_call(
            *(
                "MINMAX_SCALE",
                "a",
                "b",
                "scale",
                "floor",
                "direction",
                "rule",
                "constant",
            ),
            unsupported=("base",),
        ),
        fixed=lambda cells: f"COUNT({cells.cell_of['a']},{cells.cell_of['b']})>0",
    ),
)


def _normalise_goalposts(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores of an indicator from base at the low goalpost to scale at the high, clipped."""
    low = column.bound(settings, "low")
    high = column.bound(settings, "high")
    share = goalpost_scale(
        column.values, low, high, 1.0, column.direction, states=column.states
    )
    return ScoredColumn(
        scale_shares(share, settings.number("base"), settings.number("scale"))
    )


def _check_goalposts(settings: Settings) -> Iterator[str]:
    """Yield a fault where the low goalpost is not below the high one, or an edition is needed."""
    yield from _check_editions(settings)
    if settings.rule("low") or settings.rule("high"):
        return
    low = settings.optional("low")
    high = settings.optional("high")
    if low is not None and high is not None and low >= high:
        yield Message("method.goalposts", low=low, high=high)


def _advise_goalposts(
    extent: Extent, scores: Matrix, settings: Settings
) -> Iterator[Problem]:
    """Yield a note where goalposts are far from the data, perhaps in another unit.

    That is where more than half of the cities score the least or the greatest, and values lie
    beyond the goalposts. `extent` are the least and the greatest value.
    """
    if settings.rule("low") or settings.rule("high"):
        return
    low = settings.optional("low")
    high = settings.optional("high")
    if low is None or high is None:
        return
    base = settings.number("base")
    scale = settings.number("scale")
    clipped = int(((scores == base) | (scores == scale)).sum())
    if (extent.minimum < low or extent.maximum > high) and 2 * clipped > extent.count:
        yield Problem.of(
            "XC358.goalposts_far",
            Where(indicator=extent.code),
            code=extent.code,
            minimum=extent.minimum,
            maximum=extent.maximum,
            low=low,
            high=high,
            clipped=clipped,
            count=extent.count,
            base=base,
            scale=scale,
        )


GOALPOSTS = Normalisation(
    name="goalposts",
    parameters=(
        Parameter(
            "low", BOUND, column="goalpost_low", cell=MethodCell("a", needed=False)
        ),
        Parameter(
            "high", BOUND, column="goalpost_high", cell=MethodCell("b", needed=False)
        ),
        SCALE,
        BASE,
        CONSTANT,
        BOUND_EDITION,
        REFERENCE,
    ),
    words=(Word("goalposts", ("low", "high")),),
    check=_check_goalposts,
    advice=_advise_goalposts,
    kernel=_normalise_goalposts,
    native=_native_between_bounds(
        score=lambda cells: cells.scaled_formula(
            f"MAX(0,MIN(1,{cells.share_formula}))"
        ),
        call=make_call(
            "GOALPOST_SCALE",
            "a",
            "b",
            "scale",
            "direction",
            unsupported=("base", "constant"),
        ),
    ),
)


#: Points between the best and the last.
OMEGA = Parameter("omega", default=40.0, limits=(0.0, 100.0))


def _normalise_efficacy(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return scores of an indicator from 100 - omega at the worse bound to 100 at the better."""
    low = settings.optional("low")
    high = settings.optional("high")
    values = column.values
    # Bounds that run downward (low above high) say by themselves that less is better.
    downward = low is not None and high is not None and low > high
    if column.direction < 0 and not downward:
        # Turned round zero, so that the lowest value gets the full score.
        values = -values
        low, high = (None if high is None else -high), (None if low is None else -low)
    block = efficacy_scale(
        values, settings.number("omega"), low, high, states=column.states
    )
    return ScoredColumn(block, *(column.span or ()))


_EFFICACY_CALL = make_call("EFFICACY_SCALE", "scale", "a", "b", "constant")


def _efficacy_formula(cells: ColumnCells) -> str:
    """Return the formula of an efficacy score, from 100 - omega to 100; bounds may run downward."""
    share = cells.share_formula
    if not cells.more_is_better:
        # Bounds that run downward score a reverse indicator by themselves.
        share = f"IF({cells.span}<0,{cells.x}-{cells.low},{cells.high}-{cells.x})/{cells.span}"
    return f"{share}*{cells.cell_of['scale']}+(100-{cells.cell_of['scale']})"


def _efficacy_span_formula(cells: ColumnCells) -> str:
    """Return the formula of high less low, "" where they are equal or a bound is missing."""
    both_given = f"COUNT({cells.cell_of['a']},{cells.cell_of['b']})=2"
    # Only bounds that were given may run downward: the column's own never do.
    runs_downward = f"AND({both_given},{varies_condition(cells.high, cells.low)})"
    differs = f"OR({varies_condition(cells.low, cells.high)},{runs_downward})"
    span = f'IF({differs},{cells.high}-{cells.low},"")'
    return f'IF(COUNT({cells.low},{cells.high})=2,{span},"")'


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
    native=_native_between_bounds(
        score=_efficacy_formula,
        call=lambda cells: _EFFICACY_CALL(cells) if cells.more_is_better else None,
        span=_efficacy_span_formula,
    ),
)


def _normalise_rating(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return ratings as shares of the best possible one, times the full score.

    Units without a rating get a score, and a mark, where the parameter `unrated` gives them one.
    """
    best = settings.number("max")
    scale = settings.number("scale")
    unrated = settings.optional("unrated")
    block = rating_scale(column.values, best, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        numbers = column.has_number.reshape(block.values.shape)
        block = CellArray(
            np.where(numbers, scale - block.values, block.values), block.errors
        )
    codes = (
        np.flatnonzero(column.states == CellState.MISSING)
        if unrated is not None
        else ()
    )
    return ScoredColumn(block, 0.0, best, tuple((int(row), "unrated") for row in codes))


def _advise_rating(
    extent: Extent, scores: Matrix, settings: Settings
) -> Iterator[Problem]:
    """Yield a note where values lie beyond the best rating, the parameter `max`.

    `extent` has the greatest value.
    """
    best = settings.number("max")
    if extent.maximum > best:
        yield Problem.of(
            "XC358.beyond_best_rating",
            Where(indicator=extent.code),
            code=extent.code,
            maximum=extent.maximum,
            best=best,
        )


_RATING_CALL = make_call("RATING_SCALE", "b", "scale", "missing")


def _rating_formula(cells: ColumnCells) -> str:
    """Return the formula of a rating's score: its share of the best one, times the full score."""
    score = f"{cells.x}/{cells.span}*{cells.cell_of['scale']}"
    return score if cells.more_is_better else f"{cells.cell_of['scale']}-{score}"


def _unrated_formula(cells: ColumnCells) -> str:
    """Return the formula of an unrated unit's score, "" for none."""
    if not cells.has_cell("missing"):
        return ""
    return f"{cells.cell_of['missing']}/{cells.span}*{cells.cell_of['scale']}"


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
        call=lambda cells: _RATING_CALL(cells) if cells.more_is_better else None,
        low=lambda cells: "0",
        high=lambda cells: cells.cell_of["b"],
        span=lambda cells: (
            f'IF(ISNUMBER({cells.high}),IF({cells.high}>0,{cells.high},""),"")'
        ),
        bound_labels=("low", "high", "range"),
        gap=_unrated_formula,
    ),
)


def _keep_values(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return an indicator's values as its scores, negative where less is better."""
    values = as_matrix(column.values * column.direction)
    return ScoredColumn(CellArray(values, np.isnan(values) * ErrorCode.NA))


NONE = Normalisation(
    name="none",
    words=(Word("none"),),
    kernel=_keep_values,
    signed=True,
    native=NativeNormalisation(lambda cells: f"{cells.sign}{cells.x}"),
)


# -- z-scores --------------------------------------------------------------------------------------
#: In the parameter `pool`: a group's own mean and deviation.
OWN = "own"


def _normalise_zscore(column: Indicator, settings: Settings) -> ScoredColumn:
    """Return z-scores of an indicator on a mean and a deviation; clipped cells are marked.

    With the parameter `again` the clipped z-scores are standardised a second time.
    """
    clip = settings.number("clip")
    ddof = settings.number("ddof")
    mean = settings.number("mean")
    sd = settings.number("sd")
    block = _compute_z_scores(column, clip, ddof)
    marks: tuple[tuple[int, str], ...] = ()
    if clip and column.span is not None:
        unclipped = _compute_z_scores(column, 0, ddof)
        clipped = np.flatnonzero(np.abs(unclipped.values[:, 0]) > clip)
        marks = tuple((int(row), "clipped") for row in clipped)
    if settings.text("again") == "yes":
        block = zscore_winsor(
            block.values, 0, 1.0, ddof, states=None
        )  # what has no score is out
    return ScoredColumn(CellArray(mean + sd * block.values, block.errors), marks=marks)


def _compute_z_scores(column: Indicator, limit: float, ddof: float) -> CellArray:
    """Return (n, 1) z-scores of an indicator, clipped at `limit` (0: not clipped).

    Mean and deviation are those of its own numbers, or of its pool: other units to measure by.
    """
    if column.pool is None:
        return zscore_winsor(
            column.values, limit, column.direction, ddof, states=column.states
        )
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


def _sd_formula(cells: ColumnCells) -> str:
    """Return the formula of the standard deviation; 0 without a number, "" if undefined."""
    # The cell "base" holds ddof. With too few numbers n - ddof is 0 or negative: an error, which
    # IFERROR makes "".
    spread = f"SQRT(DEVSQ({cells.values})/({cells.n}-{cells.cell_of['base']}))"
    varies = varies_condition(f"MIN({cells.values})", f"MAX({cells.values})")
    return f'IFERROR(IF({varies},{spread},IF({cells.n}=0,0,"")),"")'


def _zscore_formula(cells: ColumnCells) -> str:
    """Return the formula of a z-score, clipped and put on the mean and deviation asked for.

    Above the column, `low` is the mean, `high` the limit of z-scores and `span` the deviation; the
    cells "a" and "b" hold the mean and the deviation asked for.
    """
    z = deviation_formula(cells.x, cells.low, cells.span, exact_zero=cells.exact_zero)
    if cells.has_cell("clip"):
        z = f"MAX(-{cells.high},MIN({cells.high},{z}))"
    z = (
        f"{cells.cell_of['b']}*({cells.sign}{z})"
        if cells.has_cell("b")
        else f"{cells.sign}{z}"
    )
    return f"{cells.cell_of['a']}+{z}" if cells.has_cell("a") else z


def _clip_limit_formula(cells: ColumnCells) -> str:
    """Return the formula of the limit of z-scores; 0, no limit, becomes one that none reaches."""
    if not cells.has_cell("clip"):
        return SKIPPED
    return f"IF({cells.cell_of['clip']}>0,{cells.cell_of['clip']},1E+99)"


def _zscore_call(cells: ColumnCells) -> tuple[str, ...] | None:
    """Return the function and the arguments that give the same scores, as a `Call` does.

    ZSCORE_SCALE puts z-scores on a mean and a deviation, ZSCORE_WINSOR clips them; None where both
    are asked for.
    """
    scale = tuple(
        name if cells.has_cell(name) else default
        for name, default in (("a", "0"), ("b", "1"))
    )
    if scale == ("0", "1"):
        clip = "clip" if cells.has_cell("clip") else "0"
        constant = "constant" if cells.has_cell("constant") else SKIPPED
        return ("ZSCORE_WINSOR", clip, "direction", "base", "groups", "pools", constant)
    if cells.has_cell("clip") or cells.has_cell("constant"):
        return None
    return ("ZSCORE_SCALE", *scale, "direction", "base")


def _check_again(settings: Settings) -> Iterator[str]:
    """Yield a fault where a second standardisation has a mean or a deviation of its own."""
    if settings.text("again") == "yes" and {"mean", "sd"} & settings.given.keys():
        yield Message("method.again_with_mean")


ZSCORE = Normalisation(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0, cell=MethodCell("a", named=True)),
        Parameter("sd", default=1.0, above=0.0, cell=MethodCell("b", named=True)),
        Parameter("ddof", default=0.0, cell=MethodCell("base", shared="ddof")),
        Parameter(
            "clip",
            default=0.0,
            cell=MethodCell("clip", named=True, shared="limit", live_in_groups=False),
        ),
        Parameter(
            "constant",
            cell=MethodCell("constant", named=True, shared="zscore_constant"),
        ),
        Parameter(
            "again",
            ("no", "yes"),
            "no",
            cell=MethodCell("rule", named=True, live=False),
        ),
        Parameter("pool", TEXT, OWN),
    ),
    words=(
        Word("zscore", ("mean", "sd", "ddof")),
        Word("winsor", ("clip",), fixed={"clip": 1.96}),
    ),
    check=_check_again,
    kernel=_normalise_zscore,
    signed=True,
    native=NativeNormalisation(
        score=_zscore_formula,
        call=_zscore_call,
        low=lambda cells: f'IF({cells.n}=0,"",AVERAGE({cells.values}))',
        high=_clip_limit_formula,
        span=_sd_formula,
        bound_labels=("mean", "limit", "sd_ddof"),
        span_tells_emptiness=True,
        number_format="0.000",
    ),
)
