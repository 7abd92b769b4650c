"""Printed columns of ranks, and the rule for ties that each follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xlcity.audit.tables.spec.cells import RANK, PrintedCell, PrintedNumbers, Series
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import RankingRule

#: Rule for ties -> how it counts.
TIE_RULES = {"distinct": "1, 2, 3, 4", "shared": "1, 2, 2, 4", "dense": "1, 2, 2, 3"}


def misfits(ranks: Sequence[int]) -> dict[str, int]:
    """Return how many ranks of a whole list each rule for ties leaves unexplained.

    >>> misfits([1, 2, 2, 4])
    {'distinct': 1, 'shared': 0, 'dense': 1}
    """
    counts = Counter(ranks)
    shared = sum(rank != 1 + sum(other < rank for other in ranks) for rank in ranks)
    dense = sum(rank != 1 + sum(other < rank for other in counts) for rank in ranks)
    return {"distinct": len(ranks) - len(counts), "shared": shared, "dense": dense}


def tie_rule(ranks: Sequence[int], *, complete: bool) -> str:
    """Return the rule that ranks follow; of a part of a list only that none is repeated."""
    misfit_counts = misfits(ranks)
    if not complete:
        return "distinct" if misfit_counts["distinct"] == 0 else "any"
    return min(TIE_RULES, key=lambda rule: misfit_counts[rule])


def ties_of(rule: RankingRule, ranks: Mapping[str, PrintedCell]) -> str:
    """Return the rule for ties of one ranking: the stated one, or the one it follows."""
    if rule.ties != "infer":
        return rule.ties
    return tie_rule([int(cell.value) for cell in ranks.values()], complete=rule.complete)


@dataclass(frozen=True, slots=True)
class Rankings:
    """The printed columns of ranks that one rule of the spec is about."""

    rule: RankingRule
    columns: tuple[tuple[Series, str, Mapping[str, PrintedCell]], ...]


def rankings(spec: Spec, book: PrintedNumbers) -> Iterator[Rankings]:
    """Yield the columns of ranks of each rule: series, table, unit -> cell."""
    for rule in spec.rules["ranking"]:
        columns: dict[tuple[Series, str, str], dict[str, PrintedCell]] = {}
        for series in book.series:
            fits = series.node in rule.nodes and series.quantity == RANK
            fits = fits and series.edition == rule.edition
            if not fits or not (rule.every_group or series.group == rule.group):
                continue
            for unit in book.units(series):
                for cell in book.all(series, unit):
                    if not rule.tables or cell.table in rule.tables:
                        columns.setdefault((series, cell.table, cell.column), {})[unit] = cell
        yield Rankings(
            rule, tuple((series, table, ranks) for (series, table, _), ranks in columns.items())
        )
