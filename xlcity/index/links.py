"""Indicators made from links between cities, and the scores of pairs of cities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from xlcity.functions.block import NO_ERROR, CellArray
from xlcity.functions.links import counted_pairs, link_strength
from xlcity.functions.links import two_way as two_way_strengths
from xlcity.methods.construct import Construction
from xlcity.methods.links import SYMMETRIC
from xlcity.methods.registry import method_of
from xlcity.model.dataset import Dataset, FloatArray, Link, Unit
from xlcity.model.recipe import Step, flow_of, group_of


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
        known: FloatArray = np.nan_to_num(self.matrix)
        return known


def network(dataset: Dataset, code: str) -> Network:
    """Return the network of an indicator: scored units only, missing codes as 0."""
    rows = tuple(row for row, unit in enumerate(dataset.units) if unit.population)
    places = {dataset.units[row].id: place for place, row in enumerate(rows)}
    links: Sequence[Link] = dataset.links.get(code, ())
    matrix = np.full((len(rows), len(rows)), np.nan)
    for link in links:
        if link.start in places and link.end in places and link.start != link.end:
            at = places[link.start], places[link.end]
            matrix[at] = 0.0 if np.isnan(link.value) else link.value
    return Network(rows, matrix, bool(links))


def groups_of(units: Sequence[Unit], attribute: str | None) -> tuple[str, ...] | None:
    """Return the group of each unit, None where links inside groups count."""
    if attribute is None:
        return None
    return tuple(unit.attributes.get(attribute, "") for unit in units)


def node_values(dataset: Dataset, code: str, step: Step) -> tuple[Network, CellArray]:
    """Return what the links of an indicator are worth to each scored unit, as (m, 1) values.

    Notes
    -----
    Before any link is there the block is all #N/A.
    """
    net = network(dataset, code)
    if not net.filled:
        return net, link_strength(np.full((len(net.rows),) * 2, np.nan))
    # A symmetric tie that was written once is the same from the other side.
    matrix = _both_ways(net.matrix) if flow_of(step) == SYMMETRIC else net.complete
    groups = groups_of([dataset.units[row] for row in net.rows], group_of(step))
    kernel = method_of(Construction, step.method).network
    assert kernel is not None
    return net, kernel(matrix, groups, step.settings())


def strengths(dataset: Dataset, code: str, step: Step) -> tuple[Network, FloatArray]:
    """Return the (m, m) two-way strengths of an indicator."""
    net = network(dataset, code)
    flow = flow_of(step)
    matrix = _both_ways(net.matrix) if flow == SYMMETRIC else net.complete
    return net, two_way_strengths(matrix, flow, None)[0]


def _both_ways(matrix: FloatArray) -> FloatArray:
    known: FloatArray = np.nan_to_num(np.where(np.isnan(matrix), matrix.T, matrix))
    return known


def pairs_that_count(units: Sequence[Unit], attribute: str | None) -> list[tuple[int, int]]:
    """Return the pairs of scored units, as rows of the dataset, without those inside a group."""
    rows = [row for row, unit in enumerate(units) if unit.population]
    groups = groups_of([units[row] for row in rows], attribute)
    counted = counted_pairs(len(rows), groups)
    return [(rows[a], rows[b]) for a, b in combinations(range(len(rows)), 2) if counted[a, b]]


def is_number(block: CellArray) -> np.ndarray:
    """Return which rows of a one-column block hold a number."""
    found: np.ndarray = block.errors[:, 0] == NO_ERROR
    return found
