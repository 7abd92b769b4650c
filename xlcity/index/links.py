"""Indicators made from links between cities, and pairs of cities scored by the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from xlcity.functions.block import CellArray
from xlcity.functions.links import counted_pairs, link_strength, two_way_strengths
from xlcity.methods.construct import SYMMETRIC, Construction
from xlcity.methods.registry import method_of
from xlcity.model.dataset import Dataset, FloatArray, Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import MAIN, Recipe, Step, flow_of, group_of, link_step


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The links of one indicator among all scored units.

    `rows` are the units' rows in the dataset, `matrix` (m, m) the links as they were given: NaN
    where there is none.
    """

    rows: tuple[int, ...]
    matrix: FloatArray
    filled: bool

    @property
    def complete(self) -> FloatArray:
        """The links with 0 where there is none."""
        values: FloatArray = np.nan_to_num(self.matrix)
        return values


def read_network(dataset: Dataset, code: str) -> Network:
    """Return the network of an indicator: scored units only, missing codes as 0."""
    rows = tuple(row for row, unit in enumerate(dataset.units) if unit.is_scored)
    places = {dataset.units[row].id: position for position, row in enumerate(rows)}
    links: Sequence[Link] = dataset.links.get(code, ())
    matrix = np.full((len(rows), len(rows)), np.nan)
    for link in links:
        if link.start in places and link.end in places and link.start != link.end:
            cell = places[link.start], places[link.end]
            matrix[cell] = 0.0 if np.isnan(link.value) else link.value
    return Network(rows, matrix, bool(links))


def groups_of(units: Sequence[Unit], attribute: str | None) -> tuple[str, ...] | None:
    """Return (units,) groups by an attribute; None for no attribute: links inside groups count."""
    if attribute is None:
        return None
    return tuple(unit.attributes.get(attribute, "") for unit in units)


def node_values(dataset: Dataset, code: str, step: Step) -> tuple[Network, CellArray]:
    """Return what the links of an indicator are worth to each scored unit, as (m, 1) values.

    Before any link is there the block is all #N/A.

    Parameters
    ----------
    code, step
        The indicator, and the step that makes it from links.
    """
    net = read_network(dataset, code)
    if not net.filled:
        return net, link_strength(np.full((len(net.rows),) * 2, np.nan))
    # A symmetric tie that was written once is the same from the other side.
    matrix = _fill_both_ways(net.matrix) if flow_of(step) == SYMMETRIC else net.complete
    groups = groups_of([dataset.units[row] for row in net.rows], group_of(step))
    kernel = method_of(Construction, step.method).network
    assert kernel is not None
    return net, kernel(matrix, groups, step.settings())


def pair_strengths(dataset: Dataset, code: str, step: Step) -> tuple[Network, FloatArray]:
    """Return the network of an indicator, and its (m, m) two-way strengths."""
    net = read_network(dataset, code)
    flow = flow_of(step)
    matrix = _fill_both_ways(net.matrix) if flow == SYMMETRIC else net.complete
    return net, two_way_strengths(matrix, flow, None)[0]


def _fill_both_ways(matrix: FloatArray) -> FloatArray:
    """Return (m, m) links, each gap filled from the other direction, else 0."""
    ties: FloatArray = np.nan_to_num(np.where(np.isnan(matrix), matrix.T, matrix))
    return ties


def pairs_that_count(units: Sequence[Unit], attribute: str | None) -> list[tuple[int, int]]:
    """Return the pairs of scored units, as rows of the dataset, without those inside a group.

    Parameters
    ----------
    attribute
        Attribute of the units that names their group; None = all pairs count.
    """
    rows = [row for row, unit in enumerate(units) if unit.is_scored]
    groups = groups_of([units[row] for row in rows], attribute)
    counted = counted_pairs(len(rows), groups)
    return [(rows[a], rows[b]) for a, b in combinations(range(len(rows)), 2) if counted[a, b]]


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
    """Return the recipe that scores pairs of units, and the data, in which each pair is a unit.

    The aliases of such a unit are the ids of both ends. None where the recipe asks for no pairs. An
    indicator made from no links, or whose table is not filled yet, leaves the nodes above it
    without scores.
    """
    steps = recipe.steps_doing("pairs")
    if not steps:
        return None
    group = next((str(step.get("group")) for step in steps if step.get("group")), None)
    pairs = pairs_that_count(dataset.units, group)
    ends = (tuple(dataset.units[row].id for row in pair) for pair in pairs)
    units = tuple(Unit("|".join(both), aliases=both, population=MAIN) for both in ends)
    codes = tuple(node.code for node in framework.indicators)
    values = np.column_stack([_indicator_strengths(recipe, dataset, code, pairs) for code in codes])
    states = np.where(np.isnan(values), State.BLANK, State.VALUE).astype(np.uint8)
    basis = np.full(values.shape, "")
    scoring = tuple(step for step in recipe.steps if step.do in ("normalise", "aggregate", "rank"))
    own = replace(recipe, steps=scoring, options=(), populations=(MAIN,), blank="draft")
    return own, Dataset(units, codes, values, states, basis)


def _indicator_strengths(
    recipe: Recipe, dataset: Dataset, code: str, pairs: Sequence[tuple[int, int]]
) -> FloatArray:
    """Return what counts of an indicator's links for each pair, NaN before any is there.

    Parameters
    ----------
    pairs
        Rows of both units in the dataset.
    """
    constructing, counted = link_step(recipe, code), recipe.step_for("pairs", code)
    if constructing is None or counted is None:
        return np.full(len(pairs), np.nan)
    net, matrix = pair_strengths(dataset, code, constructing)
    if not net.filled:
        return np.full(len(pairs), np.nan)
    positions = {row: position for position, row in enumerate(net.rows)}
    strength = np.array([matrix[positions[a], positions[b]] for a, b in pairs], dtype=np.float64)
    return (strength != 0).astype(np.float64) if counted.get("count") == "presence" else strength
