"""Ratings: the level of each score by the step *rate*, and the trend since the previous edition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import Problem
from xlcity.functions.rounding import is_constant, round_excel
from xlcity.index.result import IndexResult
from xlcity.messages import Message
from xlcity.methods.rate import BY_RANK, Level, is_falling, levels_of
from xlcity.methods.record import Settings
from xlcity.model.dataset import FloatArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: Digits that numbers and cut points are rounded to before they are compared, as ranks are.
DIGITS = 9
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class NodeRating:
    """The ratings of a node or indicator.

    Attributes
    ----------
    step
        What rates it.
    levels, trends
        (units,) positions among the levels and trends of the step, -1 without one.
    progress
        (units,) what trends are cut from: the change of the score since the previous edition, or
        its share in the change that was due; NaN without one.
    """

    node: str
    step: Step
    levels: Positions
    trends: Positions
    progress: FloatArray

    def scale(self, kind: str) -> tuple[Level, ...]:
        """Return all levels or trends, the lowest first; `kind` is "level" or "trend"."""
        return levels_of(self.step.settings(), "cuts" if kind == "level" else kind)

    def rating(self, kind: str, row: int) -> Level | None:
        """Return the level or trend of a city."""
        position = int((self.levels if kind == "level" else self.trends)[row])
        return None if position < 0 else self.scale(kind)[position]


def rated_nodes(framework: Framework, recipe: Recipe) -> dict[str, Step]:
    """Return what is rated, in the order of the framework, with the step that rates it.

    A step that names no codes rates composite nodes, or indicators where it rates values.
    """
    steps = {}
    for node in framework.tree_order:
        if (step := recipe.step_for("rate", node.code)) is not None:
            of_values = step.settings().text("of") == "values"
            if (
                node.code in step.codes
                or framework.is_indicator(node.code) == of_values
            ):
                steps[node.code] = step
    return steps


def rating_problems(framework: Framework, recipe: Recipe) -> Iterator[Problem]:
    """Yield steps *rate* that cannot share a legend, or rate values of what has none."""
    scales = set()
    for number, step in enumerate(recipe.steps, start=1):
        if step.do != "rate":
            continue
        settings = step.settings()
        scales.add((levels_of(settings), levels_of(settings, "trend")))
        faults = [
            Message("fault.no_values_of_its_own", code=code)
            for code in step.codes
            if settings.text("of") == "values" and not framework.is_indicator(code)
        ]
        if len(scales) > 1:
            faults.append(Message("fault.other_legend"))
        for fault in faults:
            yield Problem.of("XC262.rate", number=number, fault=fault)


def rate_nodes(
    result: IndexResult, scores_before: Mapping[tuple[str, str], float]
) -> tuple[NodeRating, ...]:
    """Return the ratings of everything that the recipe rates.

    Parameters
    ----------
    result
        The index.
    scores_before
        (City, node) -> its score in the previous edition.
    """
    return tuple(
        _rate_node(result, code, step, scores_before)
        for code, step in rated_nodes(result.framework, result.recipe).items()
    )


def _rate_node(
    result: IndexResult,
    code: str,
    step: Step,
    scores_before: Mapping[tuple[str, str], float],
) -> NodeRating:
    """Return the rating of one node or indicator by its step; see `rate_nodes`."""
    units = result.dataset.units
    settings = step.settings()
    of_values = settings.text("of") == "values"
    if of_values:
        numbers = result.raw[:, result.leaf_codes.index(code)]
    else:
        numbers = result.column(code)
    numbers = np.where([unit.is_scored for unit in units], numbers, np.nan)
    keys = [(unit.id, code) for unit in units]
    before = np.array([scores_before.get(key, np.nan) for key in keys])
    progress = np.full(len(units), np.nan) if of_values else numbers - before
    target = settings.optional("target")
    if target is not None:
        with np.errstate(all="ignore"):
            share = progress / ((target - before) * settings.number("due"))
        # Whoever was there already is on track as long as it remains there.
        at_target = np.where(numbers >= target, 1.0, -1.0)
        is_on_the_way = np.isnan(progress) | (before < target)
        progress = np.where(is_on_the_way, share, at_target)
    # Without cut points there is no trend, as where one of them is not known.
    trend_cuts = np.array(settings.numbers("trend") or (np.nan,))
    return NodeRating(
        code,
        step,
        levels=_levels(result, settings, numbers),
        trends=_count_reached_cuts(progress, trend_cuts),
        progress=progress,
    )


def _levels(result: IndexResult, settings: Settings, numbers: FloatArray) -> Positions:
    """Return the level of each of (units,) numbers, group by group; -1 where one is not known."""
    cuts = np.array(settings.numbers("cuts"))
    by = settings.text("by")
    is_around_mean = by == "sd"
    sign = -1 if is_falling(settings) or by in BY_RANK else 1
    levels = np.full(len(numbers), -1)
    for rows in result.dataset.populations.values():
        own = numbers[rows]
        own_cuts = _cuts_around_mean(own, cuts) if is_around_mean else cuts
        if by in BY_RANK:
            own = _ranks_of(own)
            count = np.count_nonzero(~np.isnan(own)) if by == "share" else 1
            own_cuts = cuts * count
        levels[rows] = _count_reached_cuts(
            sign * own,
            sign * own_cuts,
            upper=settings.text("edge") == "upper",
        )
    return levels


def _count_reached_cuts(
    numbers: FloatArray, cuts: FloatArray, *, upper: bool = True
) -> Positions:
    """Return how many rising cut points each number has reached, -1 where one is not known."""
    shown = round_excel(numbers, DIGITS)[:, None]
    shown_cuts = round_excel(cuts, DIGITS)
    is_reached = (shown >= shown_cuts) if upper else (shown > shown_cuts)
    is_unknown = np.isnan(shown[:, 0]) | np.isnan(shown_cuts).any()
    return np.where(is_unknown, -1, is_reached.sum(axis=1))


def _ranks_of(numbers: FloatArray) -> FloatArray:
    """Return how many numbers are larger than each, and 1; NaN without a number."""
    shown = round_excel(numbers, DIGITS)
    larger = (shown[None, :] > shown[:, None]).sum(axis=1)
    return np.where(np.isnan(shown), np.nan, larger + 1.0)


def _cuts_around_mean(numbers: FloatArray, cuts: FloatArray) -> FloatArray:
    """Return cut points that are given in standard deviations from the mean; NaN without any."""
    defined = numbers[~np.isnan(numbers)]
    if not len(defined) or is_constant(defined):
        return np.full(len(cuts), np.nan)
    cut_points: FloatArray = defined.mean() + cuts * defined.std(ddof=1)
    return cut_points
