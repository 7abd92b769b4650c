"""What a workbook knows of the edition before: values, scores, ranks, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from xlcity.index.result import IndexResult
from xlcity.model.dataset import Dataset, State

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


def last_of(
    edition: str, dataset: Dataset, result: IndexResult, became: tuple[Mapped, ...]
) -> LastEdition:
    """Return what the next edition knows of one: values, scores and ranks of its scored cities.

    Parameters
    ----------
    edition
        What it was called.
    dataset, result
        Its values and its index.
    became
        What became of each indicator.
    """
    scored = [unit.id for unit in dataset.units if unit.population]
    rows = {unit.id: row for row, unit in enumerate(dataset.units)}
    values = {
        (unit, code): float(dataset.values[rows[unit], column])
        for column, code in enumerate(dataset.codes)
        for unit in scored
        if dataset.states[rows[unit], column] == State.VALUE
    }
    scores, ranks = {}, {}
    for column, node in enumerate(result.node_codes):
        for unit in scored:
            score, rank = result.scores[rows[unit], column], result.ranks[rows[unit], column]
            if not np.isnan(score):
                scores[unit, node] = float(score)
            if rank > 0:
                ranks[unit, node] = int(rank)
    codes = tuple(c for c in dataset.codes if any((unit, c) in values for unit in scored))
    return LastEdition(
        edition, tuple(scored), codes, result.node_codes, values, scores, ranks, became
    )
