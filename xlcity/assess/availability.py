"""Which values are there: by city, by indicator, and by group of indicators."""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.assess.scores import default_codes, rows_of
from xlcity.index.prepare import availability
from xlcity.index.result import IndexResult

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


def available(
    result: IndexResult, least: float = LEAST
) -> tuple[tuple[UnitAvailability, ...], tuple[NodeAvailability, ...]]:
    """Return the shares of values that are there, by unit and by node.

    Parameters
    ----------
    least
        Below this share a unit or node is said to have few values; a unit also where a group of
        indicators has.
    """
    shares, root = availability(result), result.framework.root.code
    units, nodes = [], []
    for population in result.populations:
        rows = rows_of(result, population)
        for row in rows.tolist():
            groups = {code: float(shares[code][row]) for code in default_codes(result)}
            share = float(shares[root][row])
            few = min(share, *groups.values()) < least
            unit = result.dataset.units[row].id
            units.append(UnitAvailability(unit, population, share, groups, few))
        for node in result.framework.tree_order:
            code, share = node.code, float(shares[node.code][rows].mean())
            nodes.append(NodeAvailability(code, population, share, share < least))
    return tuple(units), tuple(nodes)
