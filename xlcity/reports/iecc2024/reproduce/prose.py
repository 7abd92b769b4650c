"""Statements in the text: named lists, counts, ranks of the previous edition."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    line_of,
)
from xlcity.reports.iecc2024.reproduce.tables import (
    CITIES_BEFORE,
    best_texts,
    printed_ranks,
    printed_values,
)
from xlcity.reports.report import Record, Report


def changes(report: Report) -> Iterator[Comparison]:
    """Compare changes: the rank before must be one of 37, and no city that is new has one."""
    ranks = printed_ranks(report)
    new = {u.id for u in report.dataset.units if u.attributes.get("edition") == "new"}
    cells = []
    for row in report.published["edition_comparison"].rows:
        if not row["improvement"]:
            continue
        node, unit, change = row["node"], row["city_id"], int(row["improvement"])
        before = ranks[node][unit] + change
        right = unit not in new and 1 <= before <= CITIES_BEFORE
        if row["how_stated"] == "printed":
            right = right and before == int(row["rank_2022_edition"])
        where = line_of(row)
        computed = before - ranks[node][unit] if right else None
        cells.append(ComparedCell(unit, node, change, computed, where, right))
    how = "old less new rank; the old one is a rank of 37 and, where it is printed, that one"
    yield compare("edition_comparison", "changes", cells, how=how)


def lists(report: Report) -> Iterator[Comparison]:
    """Compare cities that the text names with their printed ranks, values and growth."""
    ranks = printed_ranks(report)
    for entry in printed_values(report):
        if entry.rank is not None:
            ranks.setdefault(entry.code, {})[entry.unit] = entry.rank
    values = {key: float(text) for key, text in best_texts(report).items()}
    growth = {
        (row["node"], row["city_id"]): float(row["growth_pct"])
        for row in report.published["profile_relative_progress"].rows
    }
    placed: list[ComparedCell] = []
    bounded: list[ComparedCell] = []
    grown: list[ComparedCell] = []
    for row in report.published["named_lists"].rows:
        node, unit, kind = row["node"], row["city_id"], row["list_kind"]
        position, where = int(row["position"]), line_of(row)
        rank = ranks.get(node, {}).get(unit)
        if kind.startswith("fastest growth"):
            printed = float(row["note"].rstrip(" %").split(" / ")[position - 1])
            if (node, unit) in growth:
                grown.append(ComparedCell(unit, node, printed, growth[node, unit], where))
        elif kind.startswith("above"):
            if (node, unit) in values:
                limit = float(kind.split()[1])
                value = values[node, unit]
                bounded.append(ComparedCell(unit, node, limit, value, where, value > limit))
        elif rank is None:
            continue
        elif kind.startswith("joint"):
            expected = 1 if kind == "joint first" else 11
            tied = list(ranks[node].values()).count(rank)
            placed.append(
                ComparedCell(unit, node, expected, rank, where, rank == expected and tied > 1)
            )
        elif "unordered" in kind:
            right = rank <= _size(row) and (rank == 1 or position > 1 or "first" not in kind)
            bounded.append(ComparedCell(unit, node, _size(row), rank, where, right))
        elif kind.startswith("top"):
            tied = list(ranks[node].values()).count(rank)
            placed.append(
                ComparedCell(unit, node, position, rank, where, rank <= position < rank + tied)
            )
    yield compare("named_lists", "places", placed, how="place in the list and printed rank")
    how = "inside the first n, or above the limit that the text names"
    yield compare("named_lists", "members", bounded, how=how)
    how = "growth stated in the text and on the city page"
    yield compare("named_lists", "growth", grown, tolerance=0.05, how=how)


def _size(row: Record) -> int:
    """Return the n of a list of the first n."""
    return int(row["list_kind"].split()[0].removeprefix("top"))


def sizes(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield the sizes of the sample and of the levels, which one statement gives."""
    names = "cities / level-1 / level-2 / level-3"
    if row["fact"] == names:
        framework = report.framework
        depths = [framework.depth(node.code) for node in framework.nodes]
        computed = [len(report.dataset.units), *(depths.count(depth) for depth in (1, 2, 3))]
        texts = names.split(" / "), row["value"].split(" / ")
        for name, printed, size in zip(*texts, computed, strict=True):
            yield ComparedCell("", name, int(printed), size, line_of(row))
