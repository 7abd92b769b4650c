"""The evidence that a report prints: its tables, read by the names of their columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from xlcity.audit.text.evidence import SourcedNumber, TextEvidence
from xlcity.model.reading.tables import parse_float
from xlcity.reports.report import PublishedTable, Record, Report

#: Column of a long table (one row per node and city) -> what it holds.
_VALUES = ("value", "value_printed", "current_value", "base_value", "growth_pct")
_RANKS = ("rank", "rank_printed", "place", "rank_of_43")

#: A list of the first cities in their order.
_ORDERED = re.compile(r"top\d+ ordered")


def printed_evidence(report: Report) -> TextEvidence:
    """Return what a report prints of its cities."""
    single: dict[str, dict[tuple[str, str], SourcedNumber]] = defaultdict(dict)
    several: dict[tuple[str, str], list[SourcedNumber]] = defaultdict(list)
    units = {unit.id for unit in report.dataset.units}
    codes = {node.code for node in report.framework.nodes}
    for table in report.published.values():
        for what, code, unit, cell in _cells(table, report.edition):
            if code not in codes or parse_float(cell.text) is None:
                continue
            if unit in units and what == "value":
                several[code, unit].append(cell)
            elif unit in units and what:
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
        titles=(report.name_zh, report.name_en),
    )


def _cells(table: PublishedTable, edition: str) -> Iterator[tuple[str, str, str, SourcedNumber]]:
    """Yield what a table says: kind, node, city, cell."""
    wide = [("score", code, column) for column, code in table.nodes.items()]
    wide += [("rank", code, column) for column, code in table.ranks.items()]
    is_long = "node" in table.columns and "group" not in table.columns
    if table.nodes and "rank" in table.columns and "node" not in table.columns:
        wide.append(("rank", [*table.nodes.values()][-1], "rank"))
    for row in table.rows:
        held = (
            [(_kind(column, row, edition), row["node"], column) for column in row]
            if is_long
            else []
        )
        for kind, code, column in (*wide, *held):
            number = SourcedNumber(row[column].strip(), table.name)
            yield kind, code, row.get("city_id", ""), number


def _kind(column: str, row: Record, edition: str) -> str:
    """Return what a column of a long table holds in a row; "" for nothing that is compared."""
    if "list_kind" in row and not _ORDERED.fullmatch(row["list_kind"].strip()):
        return ""
    if column in _RANKS or (column == "position" and "list_kind" in row):
        return "rank" if row.get("edition", edition) == edition else ""
    if column in _VALUES:
        return "value"
    if year := re.match(r"rank_(\d{4})", column):
        return "rank" if year[1] == edition else "earlier"
    return ""
