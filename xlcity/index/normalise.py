"""The step *normalise* for one indicator in one population, by the method its recipe names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xlcity.errors import RecipeError
from xlcity.functions.block import Block
from xlcity.functions.noise import is_flat
from xlcity.functions.normalise import minmax_scale, own_bounds, rating_scale, zscore_winsor
from xlcity.functions.rank import rank_uniform
from xlcity.functions.rescale import efficacy_scale
from xlcity.index.scales import SCALES
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import Node
from xlcity.model.recipe import Step

#: What a constant column (or bounds that leave no room) does to a method: it has no result, or all
#: units get the same one.
FAILS, SAME = "fails", "same"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values of one indicator over the units of one population.

    `pool` holds values and states of the units whose mean and deviation count, None = its own.
    """

    values: FloatArray
    states: StateArray
    direction: float
    pool: tuple[FloatArray, StateArray] | None = None
    #: The indicator, for what the framework says of it; the value of the city that a step names.
    node: Node | None = None
    reference: float | None = None
    #: Minimum and maximum of the numbers; None = not known yet.
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """Scores of the column; `marks` holds (row, kind) of cells that a rule changed."""

    values: FloatArray
    states: StateArray
    low: float = math.nan
    high: float = math.nan
    #: FAILS, SAME or "" for a column that varies and has a result.
    constant: str = ""
    marks: tuple[tuple[int, str], ...] = ()


def normalise(column: Column, step: Step) -> Normalised:
    """Normalise one column.

    Raises
    ------
    RecipeError
        If the method is not known.
    """
    method = _METHODS.get(step.method)
    scale = SCALES.get(step.method)
    if scale is not None and column.node is not None:
        x, states = column.values, column.states
        block = scale(x, states, column.direction, step, column.node, column.reference)
        return _finish(column, step, block)
    if method is None:
        raise RecipeError(
            f"no method {step.method!r} to normalise by.", f"Known: {', '.join(_METHODS)}."
        )
    return method(column, step)


def _parameter(step: Step, name: str) -> float | None:
    """Return a number, or None where the recipe does not set it."""
    value = step.number(name, math.nan)
    return None if math.isnan(value) else value


def _span(column: Column) -> tuple[float, float]:
    if column.span is not None:
        return column.span
    numbers = column.values[column.states == State.VALUE]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (math.nan, math.nan)


def _finish(
    column: Column,
    step: Step,
    block: Block,
    low: float = math.nan,
    high: float = math.nan,
    marks: tuple[tuple[int, str], ...] = (),
) -> Normalised:
    """Take a function's block as scores; a number that became an error is a failed column.

    A failed column has no result for any unit: were its gaps still gaps, a node that leaves gaps
    out would be computed for just the units that lack the value.
    """
    values = block.values[:, 0].copy()
    states = column.states.copy()
    states[~np.isnan(values)] = State.VALUE
    failed = (column.states == State.VALUE) & np.isnan(values)
    minimum, maximum = _span(column)
    constant = SAME if is_flat(minimum, maximum) else ""
    if failed.any():
        constant = FAILS
        stand_in = _parameter(step, "constant")
        if stand_in is None or not is_flat(minimum, maximum):
            values[:], states[:] = np.nan, State.BLANK
        else:
            values[failed], constant = stand_in, SAME
    return Normalised(values, states, low, high, constant, marks)


def _minmax(column: Column, step: Step) -> Normalised:
    lower, upper = _parameter(step, "lower"), _parameter(step, "upper")
    scale, floor = step.number("scale", 100.0), _parameter(step, "floor")
    bounds = str(step.get("bounds", "minmax"))

    base = step.number("base", 0.0)

    def scaled(floor: float | None) -> Block:
        turn = column.direction
        x, states = column.values, column.states
        if base == 0:
            return minmax_scale(x, lower, upper, scale, floor, turn, bounds, states=states)
        share = minmax_scale(x, lower, upper, 1.0, None, turn, bounds, states=states)
        scores = base + (scale - base) * share.values
        lifted = scores if floor is None else np.maximum(scores, floor)
        return Block(lifted, share.errors)

    block = scaled(floor)
    own_low, own_high = _span(column)
    if bounds != "minmax":
        lows, highs = own_bounds(column.values[:, None], column.states[:, None], bounds)
        own_low, own_high = float(lows[0]), float(highs[0])
    marks: tuple[tuple[int, str], ...] = ()
    if floor is not None:
        lifted = np.flatnonzero(scaled(None).values[:, 0] < floor)
        marks = tuple((int(row), "floor") for row in lifted)
    low = own_low if lower is None else lower
    high = own_high if upper is None else upper
    return _finish(column, step, block, low, high, marks)


def _rating(column: Column, step: Step) -> Normalised:
    maximum, unrated = step.number("max", 5.0), _parameter(step, "unrated")
    scale = step.number("scale", 100.0)
    block = rating_scale(column.values, maximum, scale, unrated, states=column.states)
    if column.direction < 0:
        # What counts for an unrated city is said as a score, whichever way ratings run.
        turned = np.where(column.states == State.VALUE, scale - block.values[:, 0], 0.0)
        given = (column.states == State.VALUE)[:, None]
        block = Block(np.where(given, turned[:, None], block.values), block.errors)
    codes = np.flatnonzero(column.states == State.MISSING) if unrated is not None else ()
    return _finish(column, step, block, 0.0, maximum, tuple((int(row), "unrated") for row in codes))


def _zscore(column: Column, step: Step) -> Normalised:
    limit = step.number("limit", 1.96)
    block = _deviations(column, step, limit)
    marks: tuple[tuple[int, str], ...] = ()
    if limit:
        plain = _deviations(column, step, 0)
        clipped = np.flatnonzero(np.abs(plain.values[:, 0]) > limit)
        marks = tuple((int(row), "clipped") for row in clipped)
    if step.get("again") == "yes":
        ddof = step.number("ddof", 0.0)
        block = zscore_winsor(block.values, 0, 1.0, ddof, states=_with_score(column, block))
    return _finish(column, step, block, marks=marks)


def _deviations(column: Column, step: Step, limit: float) -> Block:
    """Return clipped z-scores by the column's own numbers or by those of its pool."""
    ddof = step.number("ddof", 0.0)
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
    return Block(block.values[n:], block.errors[n:])


def _with_score(column: Column, block: Block) -> StateArray:
    """Return states in which a number without a score is a blank."""
    lost = (column.states == State.VALUE) & np.isnan(block.values[:, 0])
    return np.where(lost, State.BLANK, column.states).astype(np.uint8)


def _efficacy(column: Column, step: Step) -> Normalised:
    low, high = _parameter(step, "low"), _parameter(step, "high")
    values = column.values
    # Bounds that run downward say by themselves that less is better.
    downward = low is not None and high is not None and low > high
    if column.direction < 0 and not downward:
        # Turned round zero, so that the lowest value gets the full score.
        values = -values
        low, high = (None if high is None else -high), (None if low is None else -low)
    omega = step.number("omega", 40.0)
    block = efficacy_scale(values, omega, low, high, states=column.states)
    return _finish(column, step, block, *_span(column))


def _rank(column: Column, step: Step) -> Normalised:
    missing = str(step.get("missing", "na"))
    ties = str(step.get("ties", "min"))
    block = rank_uniform(column.values, column.direction, ties, missing, states=column.states)
    codes = np.flatnonzero(column.states == State.MISSING) if missing == "lowest" else ()
    return _finish(column, step, block, marks=tuple((int(row), "lowest") for row in codes))


def _none(column: Column, step: Step) -> Normalised:
    minimum, maximum = _span(column)
    constant = SAME if is_flat(minimum, maximum) else ""
    return Normalised(column.values * column.direction, column.states, constant=constant)


_METHODS: dict[str, Callable[[Column, Step], Normalised]] = {
    "minmax": _minmax,
    "rating": _rating,
    "zscore": _zscore,
    "efficacy": _efficacy,
    "rank": _rank,
    "none": _none,
}
