"""Scores on a scale between two bounds: min-max, goalposts, efficacy, ratings; or no scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xlcity.functions.block import CellArray, CellState, ErrorCode, Matrix, as_matrix
from xlcity.functions.normalise import minmax_scale, own_bounds, rating_scale
from xlcity.functions.scale import efficacy_scale, goalpost_scale
from xlcity.methods.formulas import varies_condition
from xlcity.methods.normalise.record import (
    BASE,
    CONSTANT,
    SCALE,
    ColumnCells,
    Extent,
    Indicator,
    Native,
    Normalisation,
    Scored,
    call_with,
    on_scale,
)
from xlcity.methods.record import MethodCell, Parameter, Settings, Word


def _normalise_minmax(column: Indicator, settings: Settings) -> Scored:
    """Score from base at the low bound to scale at the high one; floored cells are marked."""
    lower, upper = settings.optional("lower"), settings.optional("upper")
    base, scale = settings.number("base"), settings.number("scale")
    floor = settings.optional("floor")
    bounds, x, states = settings.text("bounds"), column.values, column.states

    def scaled(floor: float | None) -> CellArray:
        """Return the scores of the column, none below the floor."""
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


def _minmax_formula(c: ColumnCells) -> str:
    """Return the formula of a score between the bounds, not below the floor if there is one."""
    score = c.based(c.share)
    return f"MAX({score},{c.at['floor']})" if c.has("floor") else score


def _least_formula(c: ColumnCells) -> str:
    """Return the formula of a column's low bound: the minimum, or 0 by the rule."""
    return f'IF({c.n}=0,"",IF({c.at["rule"]}="minmax",{c.least},0))'


def _most_formula(c: ColumnCells) -> str:
    """Return the formula of a column's high bound: the maximum, or the mean by the rule."""
    mean = f"IF(ABS({c.mean})<1E-10*MAX({c.most},-{c.least}),0,{c.mean})"
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
    kernel=_normalise_minmax,
    native=Native(
        score=_minmax_formula,
        call=call_with(
            *("MINMAX_SCALE", "a", "b", "scale", "floor", "direction", "rule", "constant"),
            lacking=("base",),
        ),
        low=lambda c: c.given("a", _least_formula(c) if c.has("rule") else c.least),
        high=lambda c: c.given("b", _most_formula(c) if c.has("rule") else c.most),
        span=lambda c: c.room(),
        heads=("low", "high", "range"),
        fixed=lambda c: f"COUNT({c.at['a']},{c.at['b']})>0",
    ),
)


def _normalise_goalposts(column: Indicator, settings: Settings) -> Scored:
    """Score from the base at the low goalpost to the scale at the high one, clipped at both."""
    low, high = settings.optional("low"), settings.optional("high")
    share = goalpost_scale(column.values, low, high, 1.0, column.direction, states=column.states)
    return Scored(on_scale(share, settings.number("base"), settings.number("scale")))


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
    native=Native(
        score=lambda c: c.based(f"MAX(0,MIN(1,{c.share}))"),
        call=call_with(
            "GOALPOST_SCALE", "a", "b", "scale", "direction", lacking=("base", "constant")
        ),
        low=lambda c: c.given("a", c.least),
        high=lambda c: c.given("b", c.most),
        span=lambda c: c.room(),
        heads=("low", "high", "range"),
    ),
)


#: Points between the best and the last.
OMEGA = Parameter("omega", default=40.0, limits=(0.0, 100.0))


def _normalise_efficacy(column: Indicator, settings: Settings) -> Scored:
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
    return Scored(block, *column.span)


_EFFICACY_CALL = call_with("EFFICACY_SCALE", "scale", "a", "b", "constant")


def _efficacy_formula(c: ColumnCells) -> str:
    """Return the formula of an efficacy score; bounds may run downward."""
    way = c.share
    if not c.rises:
        # Bounds that run downward score a reverse indicator by themselves.
        way = f"IF({c.span}<0,{c.x}-{c.low},{c.high}-{c.x})/{c.span}"
    return f"{way}*{c.at['scale']}+(100-{c.at['scale']})"


def _efficacy_span_formula(c: ColumnCells) -> str:
    """Return the formula of high less low, "" where they are equal or a bound is missing."""
    down = f"AND(COUNT({c.at['a']},{c.at['b']})=2,{varies_condition(c.high, c.low)})"
    between = f'IF(OR({varies_condition(c.low, c.high)},{down}),{c.high}-{c.low},"")'
    return f'IF(COUNT({c.low},{c.high})=2,{between},"")'


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
    native=Native(
        score=_efficacy_formula,
        call=lambda c: _EFFICACY_CALL(c) if c.rises else None,
        low=lambda c: c.given("a", c.least),
        high=lambda c: c.given("b", c.most),
        span=_efficacy_span_formula,
        heads=("low", "high", "range"),
    ),
)


def _normalise_rating(column: Indicator, settings: Settings) -> Scored:
    """Score ratings as shares of the best possible one; unrated units get a score and a mark."""
    best, scale = settings.number("max"), settings.number("scale")
    unrated = settings.optional("unrated")
    block = rating_scale(column.values, best, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        numbers = column.known.reshape(block.values.shape)
        block = CellArray(np.where(numbers, scale - block.values, block.values), block.errors)
    codes = np.flatnonzero(column.states == CellState.MISSING) if unrated is not None else ()
    return Scored(block, 0.0, best, tuple((int(row), "unrated") for row in codes))


def _advise_rating(extent: Extent, scores: Matrix, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield a note where values lie beyond the best rating."""
    best = settings.number("max")
    if extent.maximum > best:
        message = (
            f"values of {extent.code} go up to {extent.maximum:g}, beyond the best rating {best:g}."
        )
        yield message, "Write rating:MAX with the best rating that can be given."


_RATING_CALL = call_with("RATING_SCALE", "b", "scale", "missing")


def _rating_formula(c: ColumnCells) -> str:
    """Return the formula of a rating's score."""
    score = f"{c.x}/{c.span}*{c.at['scale']}"
    return score if c.rises else f"{c.at['scale']}-{score}"


def _unrated_formula(c: ColumnCells) -> str:
    """Return the formula of an unrated unit's score, "" for none."""
    return f"{c.at['missing']}/{c.span}*{c.at['scale']}" if c.has("missing") else ""


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
    native=Native(
        score=_rating_formula,
        call=lambda c: _RATING_CALL(c) if c.rises else None,
        low=lambda c: "0",
        high=lambda c: c.at["b"],
        span=lambda c: f'IF(ISNUMBER({c.high}),IF({c.high}>0,{c.high},""),"")',
        heads=("low", "high", "range"),
        gap=_unrated_formula,
    ),
)


def _keep_values(column: Indicator, settings: Settings) -> Scored:
    """Return values as they are, negative where less is better."""
    values = as_matrix(column.values * column.direction)
    return Scored(CellArray(values, np.isnan(values) * np.uint8(ErrorCode.NA)))


NONE = Normalisation(
    name="none",
    words=(Word("none"),),
    kernel=_keep_values,
    signed=True,
    native=Native(lambda c: f"{c.sign}{c.x}"),
)
