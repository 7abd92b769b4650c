"""Which values are there: by city, by indicator, and by group of indicators."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.assess.scores import rows_of
from xlcity.index.result import IndexResult
from xlcity.model.dataset import State

#: Least share of values that a city and an indicator should have.
LEAST = 0.65


@dataclass(frozen=True, slots=True)
class UnitAvailability:
    """The share of indicators with a value: of all, and of those below each node under the root."""

    unit: str
    population: str
    share: float
    groups: dict[str, float]
    few: bool


@dataclass(frozen=True, slots=True)
class NodeAvailability:
    """The share of values that the indicators below a node have, over the cities of a group."""

    node: str
    population: str
    share: float
    few: bool


def availability(
    result: IndexResult, least: float = LEAST
) -> tuple[tuple[UnitAvailability, ...], tuple[NodeAvailability, ...]]:
    """Return the shares of values that are there, by unit and by node.

    Parameters
    ----------
    least
        Below this share a unit or node is said to have few values; a unit also where a group of
        indicators has.
    """
    tree = result.framework
    below = {
        node.code: [result.leaf_codes.index(leaf.code) for leaf in tree.leaves_below(node.code)]
        for node in tree.tree_order
    }
    there = result.raw_states == State.VALUE
    for node in tree.composites:
        # Nothing is missing below a node that has a value of its own.
        if node.code in result.dataset.codes:
            given = result.dataset.states[:, result.dataset.column(node.code)] == State.VALUE
            there[:, below[node.code]] |= given[:, None]
    units, nodes = [], []
    for population in result.populations:
        rows = rows_of(result, population)
        for row in rows.tolist():
            groups = {
                child.code: float(there[row, below[child.code]].mean())
                for child in tree.children(tree.root.code)
            }
            share = float(there[row, below[tree.root.code]].mean())
            few = min(share, *groups.values()) < least
            unit = result.dataset.units[row].id
            units.append(UnitAvailability(unit, population, share, groups, few))
        for code, columns in below.items():
            share = float(there[rows][:, columns].mean())
            nodes.append(NodeAvailability(code, population, share, share < least))
    return tuple(units), tuple(nodes)
