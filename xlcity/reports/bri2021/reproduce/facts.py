"""Counts in the text, in figure 1 and in the lists, against the tables."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xlcity.index.construct import pairs_that_count
from xlcity.model.dataset import Unit
from xlcity.reports.comparison import ComparedCell, line_of, ranks_by_node
from xlcity.reports.report import Record, Report

TOTAL = "BRI"
#: How many cities a printed list has.
FIRST = 5

Ranks = Mapping[str, Mapping[str, int]]
Count = Callable[[Report, Ranks, str, str], "int | str"]


def other_count(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield a count that no group or list gives beside what the tables give."""
    what, node, subject = row["what"], row["node"], row["subject"]
    ranks = ranks_by_node(report.published["ranks"].rows)
    counted = _COUNTS[what](report, ranks, node, subject)
    printed: int | str = row["value"] if isinstance(counted, str) else int(row["value"])
    bound = _BOUNDS.get(what)
    right = bound(counted, printed) if bound is not None else None
    unit = subject if subject in ranks[TOTAL] else ""
    yield ComparedCell(unit, node or what, printed, counted, line_of(row), right=right)


def _units(report: Report) -> tuple[Unit, ...]:
    return report.dataset.units


def _dimensions(ranks: Ranks) -> list[str]:
    return [node for node in ranks if node != TOTAL]


def _items(report: Report, *_: object) -> int:
    """Return the directed links of a full table: every indicator, every city to every other."""
    n = len(_units(report))
    return len(report.framework.indicators) * n * (n - 1)


def _first(ranks: Ranks, node: str, count: int) -> list[str]:
    return [unit for unit, rank in ranks[node].items() if rank <= count]


def _champions(_report: Report, ranks: Ranks, *_: str) -> int:
    return len({unit for node in _dimensions(ranks) for unit in _first(ranks, node, 1)})


def _coastal(report: Report, ranks: Ranks, node: str, _subject: str) -> str:
    """Tell whether more of the first five lie on a coast than inland."""
    coast = {unit.id: unit.attributes["coast"] for unit in _units(report)}
    sides = [coast[unit] for unit in _first(ranks, node, FIRST)]
    return "yes" if sides.count("coastal") > sides.count("inland") else "no"


def _top_pairs(report: Report) -> list[Mapping[str, str]]:
    return [row for row in report.published["pair_ranks"].rows if row["node"] == TOTAL]


def _pairs_with(report: Report, _ranks: Ranks, _node: str, unit: str) -> int:
    """Return how many pairs from the first on have a city at one end, without a break."""
    count = 0
    for row in _top_pairs(report):
        if unit not in (row["city_a"], row["city_b"]):
            break
        count += 1
    return count


def _labelled(report: Report, _ranks: Ranks, _node: str, label: str) -> int:
    return sum(row["region_label_zh"] == label for row in _top_pairs(report))


def _worst_end(report: Report, ranks: Ranks, *_: str) -> int:
    """Return the worst overall rank of a city in the first ten pairs."""
    ends = (row[end] for row in _top_pairs(report) for end in ("city_a", "city_b"))
    return max(ranks[TOTAL][unit] for unit in ends)


def _shared(report: Report, _ranks: Ranks, node: str, _subject: str) -> int:
    rows = report.published["pair_ranks"].rows
    return sum(row["node"] == node and row["rank"] == str(FIRST) for row in rows)


#: What is printed as a bound, not as a number -> how the count relates to it.
_BOUNDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "more_items_than": operator.gt,
    "pairs_from_first": operator.le,
}
_COUNTS: Mapping[str, Count] = {
    "units": lambda report, *_: len(_units(report)),
    "indicators": lambda report, *_: len(report.framework.indicators),
    "dimensions": lambda report, *_: len(report.framework.children(TOTAL)),
    "pairs": lambda report, *_: len(pairs_that_count(_units(report), "country")),
    "more_items_than": _items,
    "champions": _champions,
    "pairs_with": _pairs_with,
    "pairs_labelled": _labelled,
    "pairs_from_first": _worst_end,
    "shared_fifth": _shared,
    "coastal_outnumber_inland": _coastal,
}
