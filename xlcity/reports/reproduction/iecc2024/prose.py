"""Statements in the text: named lists, counts, ranks of the previous edition."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.model.dataset import Unit
from xlcity.reports.report import Record, Report
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    line_of,
    row_cells,
)
from xlcity.reports.reproduction.iecc2024.tables import (
    CITIES_BEFORE,
    best_texts,
    printed_ranks,
    printed_values,
)

#: First word of a counted fact -> attribute and value that its cities share.
MEMBERS = {
    "capitals": ("capital", "capital"),
    "European": ("continent", "europe"),
    "Asian": ("continent", "asia"),
    "North American": ("continent", "north_america"),
    "US": ("country", "United States"),
    "Chinese": ("country", "China"),
}
NODES = {"overall": "IECC", "connectivity": "C", "C1": "C1", "B2": "B2"}


def compare_prose(report: Report) -> tuple[Comparison, ...]:
    """Compare statements with the printed ranks and values."""
    how = "counted in the appendix's ranks and the list of cities"
    counts = compare("group_facts", "counts", _counts(report), how=how)
    return (_edition_ranks(report), _edition_changes(report), *_lists(report), counts)


def _edition_ranks(report: Report) -> Comparison:
    """Compare new ranks that the text prints; a change alone tells no rank."""
    ranks = printed_ranks(report)
    rows = [
        row
        for row in report.published["edition_comparison"].rows
        if not row["how_stated"].startswith("change") or "new rank" in row["how_stated"]
    ]
    cells = row_cells(rows, "rank_2024_edition", lambda r: ranks[r["node"]][r["city_id"]])
    how = "new rank in the text and in the appendix"
    return compare("edition_comparison", "ranks", cells, how=how)


def _edition_changes(report: Report) -> Comparison:
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
    return compare("edition_comparison", "changes", cells, how=how)


def _lists(report: Report) -> Iterator[Comparison]:
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
            place = 1 if kind == "joint first" else 11
            tied = list(ranks[node].values()).count(rank)
            placed.append(ComparedCell(unit, node, place, rank, where, rank == place and tied > 1))
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


def _counts(report: Report) -> Iterator[ComparedCell]:
    ranks = printed_ranks(report)
    for row in report.published["group_facts"].rows:
        fact, where = row["fact"], line_of(row)
        if fact == "cities / level-1 / level-2 / level-3":
            yield from _sizes(report, row["value"], where)
            continue
        group = next((name for name in MEMBERS if fact.startswith(f"{name} ")), None)
        if group is None and not fact.startswith("capitals "):
            continue
        members = {unit.id for unit in report.dataset.units if _belongs(unit, group or "capitals")}
        if "top" in fact:
            words = fact.split(" among ")[-1].split(" in ")[-1].split()
            inside = {u for u, rank in ranks[NODES[words[0]]].items() if rank <= int(words[-1])}
            members &= inside
        yield ComparedCell("", fact, int(row["value"]), len(members), where)


def _belongs(unit: Unit, group: str) -> bool:
    attribute, value = MEMBERS[group]
    return unit.attributes.get(attribute) == value


def _sizes(report: Report, text: str, where: str) -> Iterator[ComparedCell]:
    framework = report.framework
    depths = [framework.depth(node.code) for node in framework.nodes]
    sizes = [len(report.dataset.units), *(depths.count(depth) for depth in (1, 2, 3))]
    names = ("cities", "level-1", "level-2", "level-3")
    for name, printed, size in zip(names, text.split(" / "), sizes, strict=True):
        yield ComparedCell("", name, int(printed), size, where)
