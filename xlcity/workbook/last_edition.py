"""What a workbook knows of the edition before: values, scores, ranks, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What became of an indicator: the value can be compared only where it was kept.
STATUSES = ("kept", "redefined", "split", "dropped", "new")


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of one indicator.

    `code` is the code now ("" if dropped), `old` the code then ("" if new).
    """

    status: str
    code: str
    old: str
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class LastEdition:
    """The edition before.

    Attributes
    ----------
    edition
        What it was called.
    units, codes, nodes
        Its scored cities, inputs and composite nodes, in its order.
    values
        (unit, code then) -> value.
    scores, ranks
        (unit, node then) -> score, rank.
    mapping
        What became of each indicator.
    """

    edition: str
    units: tuple[str, ...]
    codes: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    values: Mapping[tuple[str, str], float] = field(default_factory=dict)
    scores: Mapping[tuple[str, str], float] = field(default_factory=dict)
    ranks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    mapping: tuple[Mapped, ...] = ()

    def comparable(self) -> dict[str, str]:
        """Return code now -> code then of the indicators that were kept."""
        return {m.code: m.old for m in self.mapping if m.status == "kept"}
