"""Recompute every printed table that the printed data allow, and list each cell that differs.

Differences are compared with the tolerance shown, in printed units, plus 1e-9 for rounding errors
of the computer. Agreement "by construction" is circular and not counted: the inputs were derived
from the cells compared. Exit code 1: some printed cells are outside the tolerance.

Examples
--------
xlcity reproduce
xlcity reproduce iecc2024 --json
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from xlcity.api.text_table import TextTable
from xlcity.audit.tables.reproduction import Reproduction, reproduce_report
from xlcity.cli import progress
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import Problem, UsageError
from xlcity.reports import load_report, report_ids
from xlcity.reports.comparison import FLOAT_GUARD


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("reports", metavar="ID", nargs="*", help="report ids (default: all)")


def run(args: argparse.Namespace) -> Result:
    """Recompute, and return what agrees and what does not."""
    chosen = tuple(dict.fromkeys(args.reports)) or report_ids()
    unknown: list[Problem] = []
    for report_id in chosen:
        try:
            load_report(report_id)  # an unknown id is refused before anything is computed
        except UsageError as error:
            unknown += error.problems
    if unknown:
        raise UsageError(unknown)
    reproductions = {}
    for number, report_id in enumerate(chosen, 1):
        progress.step(f"{number} of {len(chosen)}, {report_id}")
        reproductions[report_id] = reproduce_report(report_id)
    blocks = (block for done in reproductions.values() for block in _blocks(done))
    code = 0 if all(done.confirmed for done in reproductions.values()) else 1
    return Result({"reports": reproductions, "float_guard": FLOAT_GUARD}, blocks, code=code)


def _blocks(done: Reproduction) -> Iterator[str | TextTable]:
    report = load_report(done.report)
    rows = [
        (
            entry.table,
            entry.what,
            entry.cells,
            entry.within,
            f"{entry.tolerance:g}",
            None if entry.max_diff is None else f"{entry.max_diff:.4f}",
            "by construction: not counted" if entry.by_construction else entry.how,
        )
        for entry in done.comparisons
    ]
    yield f"{report.name_en} / {report.name_zh} ({done.report})"
    yield TextTable(("table", "what", "cells", "within", "tolerance", "max diff", "how"), rows)
    cells = sum(entry.cells for entry in done.counted)
    within = sum(entry.within for entry in done.counted)
    end = ":" if cells > within else "."
    yield f"\n{within} of {cells} printed cells are reproduced; {cells - within} are not{end}"
    for entry in done.comparisons:
        if entry.outside:
            yield f"\n{entry.table}, {entry.what}"
            outside = [
                (cell.unit, cell.node, _shown(cell.published), _shown(cell.computed), cell.where)
                for cell in entry.outside
            ]
            yield TextTable(("unit", "node", "published", "computed", "where"), outside)
    if done.not_reproducible:
        yield "\nNot reproducible"
        yield TextTable(("table", "reason"), done.not_reproducible)
    yield ""


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
