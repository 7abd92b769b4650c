"""Where units stand in a node, as far as print tells: ranks, or the order of scores."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlcity.audit.tables.spec.cells import RANK, Series
from xlcity.audit.tables.spec.load import PrintedTables

#: A place may be any from the first to the last of these.
Places = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RankPositions:
    """Where each unit stands in a node: the places that printed ranks, or scores, leave it."""

    places: Mapping[str, Places]

    def within(self, members: Sequence[str]) -> RankPositions:
        """Return the standing among some of the units."""
        chosen = {unit: self.places[unit] for unit in members if unit in self.places}
        firsts = sorted(first for first, _ in chosen.values())
        lasts = sorted(last for _, last in chosen.values())
        return RankPositions(
            {
                unit: (1 + bisect_right(lasts, first - 1), bisect_right(firsts, last))
                for unit, (first, last) in chosen.items()
            }
        )


def standing(printed: PrintedTables, node: str) -> RankPositions:
    """Return where units stand in a node.

    Printed ranks count first: with ranks shared by t units, each may be named at any of t places.
    Without ranks the printed scores decide, any order inside equal scores.
    """
    book = printed.book
    ranks = {unit: int(cell.value) for unit, cell in book.first(Series(node, RANK)).items()}
    if ranks:
        tied: dict[int, int] = {}
        for rank in ranks.values():
            tied[rank] = tied.get(rank, 0) + 1
        return RankPositions({unit: (rank, rank + tied[rank] - 1) for unit, rank in ranks.items()})
    scores = {unit: cell.value for unit, cell in book.first(Series(node)).items()}
    ordered = sorted(scores.values())
    places = {}
    for unit, score in scores.items():
        ahead = len(ordered) - bisect_right(ordered, score)
        places[unit] = (ahead + 1, len(ordered) - bisect_left(ordered, score))
    return RankPositions(places)


def order_of(positions: RankPositions, printed: PrintedTables) -> list[str]:
    """Return units by their places; those of one place as the list of units has them."""
    places = positions.places
    return sorted((unit for unit in printed.attributes if unit in places), key=places.__getitem__)


def group_of(row: Mapping[str, str], columns: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a row that name its group."""
    return tuple(row[name] for name in columns)


def members_of(
    printed: PrintedTables, columns: tuple[str, ...], standing_: RankPositions
) -> list[str]:
    """Return the units of a group that is named by attribute and word; "all" is all."""
    if not columns or "all" in columns:
        return list(standing_.places)
    attribute, word = columns
    return [
        unit
        for unit in standing_.places
        if printed.attributes.get(unit, {}).get(attribute, "") == word
    ]
