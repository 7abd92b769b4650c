"""Every pair of cities scored by the tree of the index, from the links behind its indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xlcity.index.links import pairs_that_count, strengths
from xlcity.model.dataset import Dataset, FloatArray, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import MAIN, Recipe, link_step


@dataclass(frozen=True, slots=True, eq=False)
class PairResult:
    """Scores of pairs, parallel to those of units and neither made from the other.

    Parameters
    ----------
    pairs
        The m pairs as ids, in the order of the units.
    strengths, normalised
        (m, leaves), what counts of the links, and its scores among the pairs.
    scores, ranks, positions
        (m, composites), as of `IndexResult`.
    """

    pairs: tuple[tuple[str, ...], ...]
    leaf_codes: tuple[str, ...]
    node_codes: tuple[str, ...]
    strengths: FloatArray
    normalised: FloatArray
    scores: FloatArray
    ranks: NDArray[np.int64]
    positions: NDArray[np.int64]


def pair_data(
    framework: Framework, recipe: Recipe, dataset: Dataset
) -> tuple[Recipe, Dataset] | None:
    """Return the steps that score pairs, and each as a unit, whose ends are its aliases.

    None where the recipe asks for no pairs. An indicator that is made from no links, or whose table
    is not filled yet, leaves the nodes above it without scores.
    """
    steps = recipe.steps_doing("pairs")
    if not steps:
        return None
    group = next((str(step.get("group")) for step in steps if step.get("group")), None)
    places = pairs_that_count(dataset.units, group)
    ends = (tuple(dataset.units[row].id for row in pair) for pair in places)
    units = tuple(Unit("|".join(both), aliases=both, population=MAIN) for both in ends)
    codes = tuple(node.code for node in framework.indicators)
    values = np.column_stack([_strengths(recipe, dataset, code, places) for code in codes])
    states = np.where(np.isnan(values), State.BLANK, State.VALUE).astype(np.uint8)
    basis = np.full(values.shape, "")
    scoring = tuple(step for step in recipe.steps if step.do in ("normalise", "aggregate", "rank"))
    own = replace(recipe, steps=scoring, options=(), populations=(MAIN,), blank="draft")
    return own, Dataset(units, codes, values, states, basis)


def _strengths(
    recipe: Recipe, dataset: Dataset, code: str, places: Sequence[tuple[int, int]]
) -> FloatArray:
    """Return what counts of an indicator's links for each pair, NaN before any is there."""
    made, counted = link_step(recipe, code), recipe.step_for("pairs", code)
    if made is None or counted is None:
        return np.full(len(places), np.nan)
    net, matrix = strengths(dataset, code, made)
    if not net.filled:
        return np.full(len(places), np.nan)
    at = {row: place for place, row in enumerate(net.rows)}
    found = np.array([matrix[at[a], at[b]] for a, b in places], dtype=np.float64)
    return (found != 0).astype(np.float64) if counted.get("count") == "presence" else found
