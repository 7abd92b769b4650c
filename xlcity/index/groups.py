"""Groups of units: filtered tables that are ranked afresh, tiers by rank, simple means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.functions.rank import rank_competition
from xlcity.index.rank_keys import tie_rule
from xlcity.index.result import IndexResult
from xlcity.model.dataset import FloatArray, Unit

#: The group that has every unit of the population.
ALL = "all"


@dataclass(frozen=True, slots=True)
class SubtableRow:
    """One row of a group's table: rank inside the group (ties share it), place, score."""

    unit: str
    rank: int
    place: int
    score: float


def in_group(unit: Unit, group_type: str, group: str) -> bool:
    """Tell whether a unit belongs to a group; everyone belongs to "all"."""
    return group_type == ALL or unit.attributes.get(group_type) == group


def members(
    order: Iterable[str], units: Iterable[Unit], group_type: str, group: str
) -> tuple[str, ...]:
    """Return the ids of a group in the order of a table.

    Parameters
    ----------
    order
        Ids from the first place to the last.
    units
        The units with their attributes.
    """
    inside = {unit.id for unit in units if in_group(unit, group_type, group)}
    return tuple(unit_id for unit_id in order if unit_id in inside)


def subtable(
    result: IndexResult,
    code: str,
    group_type: str,
    group: str,
    limit: int | None = None,
    population: str = "main",
) -> tuple[SubtableRow, ...]:
    """Return the table of one group: its units in order, ranked from 1, the first `limit`.

    Ranks are of the same keys and by the same rule for ties as in the main table.
    """
    order = result.order(code, population)
    chosen = members(order, result.dataset.units, group_type, group)
    at = [result.dataset.row(unit_id) for unit_id in chosen]
    ranks, scores = ranks_among(result, code, at), result.column(code)
    rows = tuple(
        SubtableRow(unit_id, rank, place, float(scores[row]))
        for place, (unit_id, rank, row) in enumerate(zip(chosen, ranks, at, strict=True), start=1)
    )
    return rows[:limit]


def ranks_among(
    result: IndexResult, code: str, rows: Sequence[int], keys: FloatArray | None = None
) -> list[int]:
    """Return the ranks of some scored units among themselves, by the rule that ranks a node.

    Parameters
    ----------
    keys
        (units,) what is ranked; None: the keys of the node.
    """
    # The order of the units may settle ties.
    inside = np.sort(np.array(rows, dtype=np.int64))
    every = result.keys[:, result.node_codes.index(code)] if keys is None else keys
    ranks = rank_competition(every[inside], ties=tie_rule(result.recipe, code)).values.ravel()
    places = dict(zip(inside.tolist(), ranks.tolist(), strict=True))
    return [int(places[row]) for row in rows]


def tier(order: Sequence[str], rank_from: int, rank_to: int) -> tuple[str, ...]:
    """Return the ids at the places `rank_from` to `rank_to`, both included, of a group's order."""
    return tuple(order[rank_from - 1 : rank_to])
