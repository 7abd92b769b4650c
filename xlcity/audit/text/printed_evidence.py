"""The evidence that a report prints: its tables, read as their specification says."""

from __future__ import annotations

from collections import defaultdict

from xlcity.audit.tables.printed_numbers import RANK, SCORE
from xlcity.audit.tables.reproduction import printed_of
from xlcity.audit.text.evidence import SourcedNumber, TextEvidence
from xlcity.reports.report import Report


def printed_evidence(report: Report) -> TextEvidence:
    """Return what a report prints of its cities.

    Numbers of an indicator are its scores where all cities have one, else values.
    """
    book, tree = printed_of(report)[1].book, report.framework
    units = {unit.id: unit.population for unit in report.dataset.units}
    composites = {node.code for node in tree.composites}
    single: dict[str, dict[tuple[str, str], SourcedNumber]] = defaultdict(dict)
    several: dict[tuple[str, str], list[SourcedNumber]] = defaultdict(list)
    # Of earlier editions the last one counts.
    for series in sorted(book.series, key=lambda series: series.edition, reverse=True):
        code, by_unit = series.node, book.series[series]
        is_now = series.edition in ("", report.edition)
        is_score = series.quantity == SCORE and (code in composites or by_unit.keys() >= {*units})
        for unit, cells in by_unit.items() if code in tree else ():
            if unit not in units or series.group not in ("", units[unit]):
                continue
            numbers = [SourcedNumber(str(cell.value), cell.table) for cell in cells]
            if is_score or series.quantity == RANK:
                what = "score" if is_score else "rank" if is_now else "earlier"
                single[what].setdefault((code, unit), numbers[0])
            else:
                several[code, unit] += numbers
    for value in report.previous:
        if value.rank is not None:
            number = SourcedNumber(str(value.rank), "previous")
            single["earlier"].setdefault((value.code, value.unit), number)
        if value.value is not None:
            several[value.code, value.unit].append(SourcedNumber(f"{value.value:g}", "previous"))
    return TextEvidence(
        report.id, tree, report.dataset.units, report.group_types, report.tier_rules,
        single["score"], single["rank"], single["earlier"], several,
        titles=(report.name_zh, report.name_en),
    )  # fmt: skip
