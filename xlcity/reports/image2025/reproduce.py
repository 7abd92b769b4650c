"""What the rules of tiers print that their lists do not hold."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.comparison import Comparison, compare, frame, row_cells
from xlcity.reports.report import Report


def compare_tier_ends(report: Report) -> Iterator[Comparison]:
    """Compare the last rank of each tier with the next tier's first, or the size of the group."""
    rows = frame(report.published["tier_rules"])
    units = report.dataset.units
    sizes: list[int] = []
    for kind, group in zip(rows["group_type"], rows["group"], strict=True):
        own = [unit.attributes.get(kind) for unit in units]
        sizes.append(len(units) if kind == "all" else own.count(group))
    later = rows.groupby(["group_type", "group"])["rank_from"].shift(-1) - 1
    ends = later.fillna(dict(enumerate(sizes)))
    cells = row_cells(
        rows, "rank_to", ends, unit="", node="", where="{group} tier {tier}"
    )
    how = "next tier's first rank - 1, or the group's size"
    yield compare("tier_rules", "ends", cells, how=how)
