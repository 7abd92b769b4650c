"""What the subtables and the rules of tiers print that their lists do not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlcity.reports.comparison import ComparedCell, Comparison, compare, row_cells
from xlcity.reports.report import Record, Report

#: A subtable stops here unless it lists its whole group.
FIRST = 10


def _size(report: Report, kind: str, group: str) -> int:
    """Return how many units a group has; everyone belongs to "all"."""
    units = report.dataset.units
    return sum(kind == "all" or unit.attributes.get(kind) == group for unit in units)


def rows(report: Report) -> Iterator[Comparison]:
    """Compare the length of each subtable with the size of its group."""
    names = ("table", "node", "group_type", "group")
    printed = Counter(
        tuple(row[name] for name in names) for row in report.published["subtables"].rows
    )
    cells = []
    for (label, node, kind, group), listed in printed.items():
        size = _size(report, kind, group)
        expected = size if listed == size else min(FIRST, size)
        cells.append(ComparedCell("", node, listed, expected, f"table {label}"))
    how = "each group is listed whole or to its tenth place"
    yield compare("subtables", "rows", cells, how=how)


def from_leaves(report: Report) -> Iterator[Comparison]:
    """Compare scores of subtables with those of the two indicators next to them."""

    def computed(row: Record) -> float:
        return sum(
            report.framework[row[f"sub{number}_node"]].weight * float(row[f"sub{number}_score"])
            for number in (1, 2)
        )

    listed = report.published["subtables"].rows
    cells = row_cells(listed, "score", computed, float, where=lambda row: f"table {row['table']}")
    how = "from the two indicators printed next to it"
    yield compare("subtables", "scores-from-leaves", cells, tolerance=0.01, how=how)


def compare_tier_rules(report: Report) -> tuple[Comparison, ...]:
    """Compare the sizes of the tiers with their rank ranges, and the ranges with the groups."""
    rows = report.published["tier_rules"].rows
    sizes, ends = [], []
    for row in rows:
        where = f"{row['group']} tier {row['tier']}"
        first, last = int(row["rank_from"]), int(row["rank_to"])
        sizes.append(ComparedCell("", "", int(row["n"]), last - first + 1, where))
        same = [
            r for r in rows if (r["group_type"], r["group"]) == (row["group_type"], row["group"])
        ]
        later = [int(r["rank_from"]) for r in same if int(r["tier"]) == int(row["tier"]) + 1]
        size = _size(report, row["group_type"], row["group"])
        ends.append(ComparedCell("", "", last, later[0] - 1 if later else size, where))
    return (
        compare("tier_rules", "sizes", sizes, how="ranks from first to last"),
        compare("tier_rules", "ends", ends, how="next tier's first rank - 1, or the group's size"),
    )
