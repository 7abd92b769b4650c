"""The evidence that a report prints: its tables, read by the names of their columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from xlcity.audit.text.evidence import SourcedNumber, TextEvidence
from xlcity.model.reading.tables import float_of
from xlcity.reports.report import PublishedTable, Report

#: Column of a long table (one row per node and city) -> what it holds.
_VALUES = ("value", "value_printed", "current_value", "base_value", "growth_pct")
_AVERAGE = "sample_average_growth_pct"
_RANKS = ("rank", "rank_printed", "place", "rank_of_43")

#: A list of the first cities in their order.
_ORDERED = re.compile(r"top\d+ ordered")

_Found = tuple[str, str, str, SourcedNumber]


def printed_evidence(report: Report) -> TextEvidence:
    """Return what a report prints of its cities."""
    single: dict[str, dict[tuple[str, str], SourcedNumber]] = defaultdict(dict)
    several: dict[tuple[str, str], list[SourcedNumber]] = defaultdict(list)
    averages: dict[str, list[SourcedNumber]] = defaultdict(list)
    units = {unit.id for unit in report.dataset.units}
    codes = {node.code for node in report.framework.nodes}
    for table in report.published.values():
        for what, code, unit, cell in _cells(table, report.edition):
            if code not in codes or float_of(cell.text) is None:
                continue
            if what == "average":
                averages[code].append(cell)
            elif unit in units and what == "value":
                several[code, unit].append(cell)
            elif unit in units:
                single[what].setdefault((code, unit), cell)
    for value in report.previous:
        if value.rank is not None:
            cell = SourcedNumber(str(value.rank), "previous")
            single["earlier"].setdefault((value.code, value.unit), cell)
        if value.value is not None:
            several[value.code, value.unit].append(SourcedNumber(f"{value.value:g}", "previous"))
    return TextEvidence(
        report.id,
        report.framework,
        report.dataset.units,
        report.group_types,
        report.tier_rules,
        single["score"],
        single["rank"],
        single["earlier"],
        several,
        averages,
        titles=(report.name_zh, report.name_en),
    )


def _cells(table: PublishedTable, edition: str) -> Iterator[_Found]:
    """Yield what a table says: kind, node, city, cell."""
    for row in table.rows:
        unit = row.get("city_id", "")
        for kind, columns in (("score", table.nodes), ("rank", table.ranks)):
            yield from (
                (kind, code, unit, SourcedNumber(row[column], table.name))
                for column, code in columns.items()
            )
        if table.nodes and "rank" in table.columns and "node" not in table.columns:
            yield "rank", [*table.nodes.values()][-1], unit, SourcedNumber(row["rank"], table.name)
        if "node" in table.columns and "group" not in table.columns:
            yield from _long(table, row["node"], unit, row, edition)
        elif "node" in table.columns and "average_growth_pct" in table.columns:
            yield "average", row["node"], "", SourcedNumber(row["average_growth_pct"], table.name)


def _long(
    table: PublishedTable, code: str, unit: str, row: Mapping[str, str], edition: str
) -> Iterator[_Found]:
    cells = {column: SourcedNumber(row[column].strip(), table.name) for column in table.columns}
    if "average_growth_pct" in cells:
        yield "average", code, "", cells["average_growth_pct"]
    if _AVERAGE in cells:
        yield "average", code, "", cells[_AVERAGE]
    if "list_kind" in cells and not _ORDERED.fullmatch(cells["list_kind"].text):
        return
    if row.get("edition", edition) != edition:
        cells = {column: cell for column, cell in cells.items() if column not in _RANKS}
    for column, cell in cells.items():
        if column in _RANKS or (column == "position" and "list_kind" in cells):
            yield "rank", code, unit, cell
        elif column in _VALUES:
            yield "value", code, unit, cell
        elif column.startswith("rank_") and column.removeprefix("rank_")[:4].isdigit():
            year = column.removeprefix("rank_")[:4]
            if year == edition:
                yield "rank", code, unit, cell
            else:
                yield "earlier", code, unit, cell
