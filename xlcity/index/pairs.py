"""Every pair of cities scored by the tree of the index, from the links behind its indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xlcity.functions.rank import rank_competition
from xlcity.index.aggregate import aggregate, child_weights
from xlcity.index.links import pairs_that_count, strengths
from xlcity.index.normalise import normalise, span_of
from xlcity.index.rank_keys import rank_keys
from xlcity.methods.normalise.record import Indicator
from xlcity.model.dataset import Dataset, FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.links import link_step
from xlcity.model.recipe import Recipe, Step


@dataclass(frozen=True, slots=True, eq=False)
class PairResult:
    """Scores of pairs, parallel to those of units and neither made from the other.

    Parameters
    ----------
    pairs
        The m pairs as ids, in the order of the units.
    strengths, normalised
        (m, leaves), what counts of the links, and its scores among the pairs.
    scores, keys, ranks, positions
        (m, composites), as of `IndexResult`.
    """

    pairs: tuple[tuple[str, str], ...]
    leaf_codes: tuple[str, ...]
    node_codes: tuple[str, ...]
    strengths: FloatArray
    normalised: FloatArray
    scores: FloatArray
    keys: FloatArray
    ranks: NDArray[np.int64]
    positions: NDArray[np.int64]

    def rank(self, code: str) -> NDArray[np.int64]:
        """Return the ranks of a composite."""
        return self.ranks[:, self.node_codes.index(code)]


def score_pairs(framework: Framework, recipe: Recipe, dataset: Dataset) -> PairResult | None:
    """Return the scores of all pairs, None where the recipe asks for none.

    An indicator that is made from no links, or whose table is not filled yet, leaves the nodes
    above it without scores.
    """
    steps = recipe.steps_doing("pairs")
    if not steps:
        return None
    group = next((str(step.get("group")) for step in steps if step.get("group")), None)
    places = pairs_that_count(dataset.units, group)
    values: dict[str, FloatArray] = {}
    states: dict[str, StateArray] = {}
    leaves = [node.code for node in framework.indicators]
    raw = [_strengths(recipe, dataset, code, places) for code in leaves]
    for code, column in zip(leaves, raw, strict=True):
        known = np.where(np.isnan(column), State.BLANK, State.VALUE).astype(np.uint8)
        step = _needed(recipe, "normalise", code)
        node = framework[code]
        done = normalise(
            Indicator(column, known, float(node.direction), span_of(column, known)), step, node
        )
        values[code], states[code] = done.values, done.states
    for node in reversed(framework.composites):
        children = [child.code for child in framework.children(node.code)]
        step = _needed(recipe, "aggregate", node.code)
        made = aggregate(
            np.column_stack([values[code] for code in children]),
            np.column_stack([states[code] for code in children]),
            child_weights(framework, node.code, step),
            step,
        )
        values[node.code], states[node.code] = made.values, made.states
    nodes = [node.code for node in framework.composites]
    scores = np.column_stack([values[code] for code in nodes])
    found = np.column_stack([states[code] for code in nodes])
    keys, ranks, positions = _ranked(recipe, nodes, scores, found)
    units = [unit.id for unit in dataset.units]
    return PairResult(
        pairs=tuple((units[a], units[b]) for a, b in places),
        leaf_codes=tuple(leaves),
        node_codes=tuple(nodes),
        strengths=np.column_stack(raw),
        normalised=np.column_stack([values[code] for code in leaves]),
        scores=scores,
        keys=keys,
        ranks=ranks,
        positions=positions,
    )


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


def _ranked(
    recipe: Recipe, nodes: Sequence[str], scores: FloatArray, states: StateArray
) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.int64]]:
    keys, rules = rank_keys(recipe, nodes, scores)
    ranks, positions = (
        np.nan_to_num(rank_competition(keys, ties=ties, states=states).values, nan=0).astype(
            np.int64
        )
        for ties in (rules, ["ordinal"] * len(rules))
    )
    return keys, ranks, positions


def _needed(recipe: Recipe, do: str, code: str) -> Step:
    step = recipe.step_for(do, code)
    assert step is not None, "checked before"
    return step
