"""What the tables say of a claim, and the node and group that it is held against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from xlcity.audit.text.evidence import Group, TextEvidence

Values = Mapping[str, Any]
#: A text that says what the tables hold: its key and its values.
Telling = tuple[str, Values]


@dataclass(frozen=True)
class ClaimOutcome:
    """What the tables say of a claim.

    Attributes
    ----------
    holds
        Whether it is true; None where the tables do not know.
    expected
        What the tables hold.
    unit
        The city that the claim is wrong about.
    """

    holds: bool | None
    expected: tuple[Telling, ...] = ()
    unit: str = ""
    table: str = ""


class JudgedClaim(NamedTuple):
    """A claim: its kind, its words, the node that it was held against, and what is known of it."""

    kind: str
    words: str
    node: str
    outcome: ClaimOutcome

    def left_open(self) -> JudgedClaim:
        """Return the claim as one that the tables do not decide."""
        return self._replace(outcome=replace(self.outcome, holds=None))


#: True; and not known.
TRUE = ClaimOutcome(True)
UNKNOWN = ClaimOutcome(None)


def verdict(
    holds: bool | None,
    key: str,
    *,
    table: str = "",
    unit: str = "",
    **values: Any,
) -> ClaimOutcome:
    """Return true, or the outcome with what the tables hold instead."""
    if holds:
        return TRUE
    about = unit or values.get("city", "")
    return ClaimOutcome(holds, ((key, values),), about, table)


@dataclass(frozen=True)
class ClaimScope:
    """A node and a group that a claim may be about, and what is known of them."""

    evidence: TextEvidence
    node: str
    group: Group = ()
    top: int | None = None

    def ranks(self, population: str = "main") -> dict[str, int]:
        """Return the ranks inside the group."""
        return self.evidence.ranks_in(self.node, self.group, population)

    def rank(self, unit: str) -> int | None:
        """Return the rank of a city inside the group."""
        return self.ranks(self.evidence.unit[unit].population).get(unit)

    def is_within(self, unit: str, low: int, high: int) -> bool | None:
        """Tell whether a city has one of some places; None where that is not known."""
        evidence = self.evidence
        rank = self.rank(unit)
        if rank is not None:
            return low <= rank <= high
        if not evidence.is_in(unit, self.group):
            return False
        population = evidence.unit[unit].population
        are_listed = evidence.knows_first(self.node, high, self.group, population)
        return False if are_listed else None

    def at(self, rank: int) -> list[str]:
        """Return the cities of a place."""
        return [unit for unit, own in self.ranks().items() if own == rank]

    def says(self, unit: str) -> Telling:
        """Return the rank of a city as a text."""
        if not self.evidence.is_in(unit, self.group):
            return "outside", {"city": unit, "group": self.group}
        rank = self.rank(unit)
        values = {"city": unit, "node": self.node, "group": self.group, "rank": rank}
        return ("rank" if rank is not None else "unlisted"), values

    def refuted(self, unit: str) -> ClaimOutcome:
        """Return that a city stands elsewhere."""
        return ClaimOutcome(False, (self.says(unit),), unit, self.table(unit))

    def table(self, *units: str) -> str:
        """Return the table of the node."""
        return self.evidence.table(self.node, units)
