"""Recompute every printed table that the printed data allow, and list each cell that differs.

Differences are compared with the tolerance shown, in printed units, plus 1e-9 for float noise.
Agreement "by construction" (inputs derived from the very cells compared) is shown and not counted.
Exit code 1: some printed cells are outside.
"""

from __future__ import annotations

import argparse
import sys

from xlcity.cli.output import emit
from xlcity.cli.table import render
from xlcity.reports import load_report, report_ids
from xlcity.reports.reproduction import FLOAT_GUARD, Comparison, Reproduction, reproduce_report


def configure(parser: argparse.ArgumentParser) -> None:
    """Take report ids."""
    parser.add_argument("reports", metavar="ID", nargs="*", help="report ids (default: all)")


def run(args: argparse.Namespace) -> int:
    """Print what agrees and what does not."""
    chosen = tuple(dict.fromkeys(args.reports)) or report_ids()
    for report_id in chosen:
        load_report(report_id)  # an unknown id is refused before anything is computed
    found = {report_id: reproduce_report(report_id) for report_id in chosen}
    if args.json:
        emit(
            {
                "reports": {report_id: done.as_dict() for report_id, done in found.items()},
                "float_guard": FLOAT_GUARD,
            }
        )
    else:
        sys.stdout.write("\n".join(_text(done) for done in found.values()))
    return 0 if all(done.confirmed for done in found.values()) else 1


def _text(done: Reproduction) -> str:
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
    header = ("table", "what", "cells", "within", "tolerance", "max diff", "how")
    parts = [f"{report.name_en} / {report.name_zh} ({done.report})\n", render(header, rows)]
    cells = sum(entry.cells for entry in done.counted)
    within = sum(entry.within for entry in done.counted)
    parts.append(f"\n{within} of {cells} printed cells are reproduced; {cells - within} are not")
    parts.append(":\n" if cells > within else ".\n")
    for entry in done.comparisons:
        if entry.outside:
            parts.append(f"\n{entry.table}, {entry.what}\n")
            parts.append(render(("unit", "node", "published", "computed", "where"), _rows(entry)))
    if done.not_reproducible:
        parts.append("\nNot reproducible\n")
        parts.append(render(("table", "reason"), done.not_reproducible))
    return "".join(parts)


def _rows(entry: Comparison) -> list[tuple[object, ...]]:

    return [
        (cell.unit, cell.node, _shown(cell.published), _shown(cell.computed), cell.where)
        for cell in entry.outside
    ]


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
