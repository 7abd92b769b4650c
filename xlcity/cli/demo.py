"""Guided run of the main workflow on real data: build, recalculate, check, compare with print.

It uses the same code as the other verbs. The workbooks are kept for you to open.

Examples
--------
xlcity demo
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlcity.api.index import Index
from xlcity.api.templates import new_template
from xlcity.api.text_table import TextTable
from xlcity.api.workbook import Workbook
from xlcity.audit.check.check import Checked, check_workbook
from xlcity.audit.tables.reproduction import Reproduction, reproduce_report
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.cli.target import make_folder
from xlcity.recalc.files.jobs import recalc_file
from xlcity.reports import load_report
from xlcity.reports.report import Report

REPORT = "image2025"
#: Cities shown.
FIRST = 10
#: Checks shown -> what they compare.
_CHECKS = {
    "udf-native": "native cells = xlcity functions",
    "python-native": "native cells = Python without a spreadsheet",
    "contract": "formulas",
    "inputs": "inputs",
}


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_value(
        "--outdir", "D", "folder for the workbooks (default: %(default)s)", default="demo"
    )


def run(args: argparse.Namespace) -> Result:
    """Do the job, and end with 1 if anything does not agree."""
    folder = Path(args.outdir)
    make_folder(folder)
    result = Result({"report": REPORT}, code=1)
    result.blocks = _steps(load_report(REPORT), folder, result)
    return result


def _steps(report: Report, folder: Path, result: Result) -> Iterator[str | TextTable]:
    """Do one step after the other; yield what it did, and add its figures to the document."""
    document, start = result.document, time.perf_counter()
    template, fresh = folder / f"{REPORT}.xlsx", folder / f"{REPORT}-recalculated.xlsx"
    document["title"] = report.name_en
    yield f"{report.name_zh} {report.edition} / {report.name_en} {report.edition}\n"
    new = new_template(Index(report).inputs, template)
    built = document["built"] = {
        "path": str(new.path),
        "sheets": len(new.finished.sheets),
        "cities": len(new.spec.dataset.units),
        "formula_cells": new.finished.counts.formula_cells,
        "udf_cells": new.finished.counts.udf_cells,
        "seconds": time.perf_counter() - start,
    }
    yield f"$ xlcity new {REPORT} -o {template}"
    yield (
        f"  built: {built['sheets']} sheets; {built['cities']} cities x "
        f"{len(report.dataset.codes)} indicators filled; {built['seconds']:.1f} s"
    )
    yield f"  {report.data_note_en}\n"
    entry = document["recalculated"] = recalc_file(template, fresh)
    native = entry["formula_cells"] - entry["udf_cells"]
    yield f"$ xlcity recalc {template} -o {fresh}"
    yield (
        f"  {entry['formula_cells']} formula cells recalculated by {entry['engine']} "
        f"{entry['engine_version']} in {entry['seconds']:.1f} s:"
    )
    yield (
        f"  {native} native cells and {entry['udf_cells']} cells of xlcity functions "
        f"(computed by {entry['udf_by']})\n"
    )
    checked = check_workbook(fresh)
    document["checks"], document["verdict"] = checked.checks, checked.verdict
    yield from _checks(checked, fresh)
    rows = document["first"] = _first(report, fresh)
    yield f"\n$ xlcity results {fresh}"
    yield TextTable(
        ["rank", "printed", "unit", "name_zh", "name_en", "score", "printed score"],
        [[f"{v:.4f}" if isinstance(v, float) else v for v in row.values()] for row in rows],
        "  ",
    )
    done = reproduce_report(REPORT)
    document["reproduced"] = done.comparisons
    yield from _reproduced(report, done)
    routes = [check for check in checked.checks if check.name in ("udf-native", "python-native")]
    differing = document["differing"] = sum(check.status == "fail" for check in routes)
    result.code = 0 if checked.verdict == "pass" and differing == 0 else 1
    yield (
        f"native = functions = Python: {'yes' if differing == 0 else 'NO'}. Done in "
        f"{time.perf_counter() - start:.1f} s; open {fresh} in any spreadsheet program."
    )


def _checks(checked: Checked, path: Path) -> Iterator[str | TextTable]:
    rows = [
        (check.status, _CHECKS[check.name], check.detail)
        for check in checked.checks
        if check.name in _CHECKS
    ]
    yield f"$ xlcity check {path}"
    yield TextTable(["status", "check", "detail"], rows, "  ")
    yield f"  verdict: {checked.verdict}"


def _first(report: Report, path: Path) -> list[dict[str, Any]]:
    """Return the first cities of the workbook beside their printed rank and score."""
    root = report.framework.root.code
    table = next(t for t in report.published.values() if root in t.nodes.values())
    column = table.column_of(root)
    printed = {row["city_id"]: row for row in table.rows}
    units = Workbook.open(path).results.selected(top=FIRST).document["units"]
    return [
        {
            "rank": unit["ranks"][root],
            "printed_rank": int(printed[unit["unit"]]["rank"]),
            "unit": unit["unit"],
            "name_zh": unit["name_zh"],
            "name_en": unit["name_en"],
            "score": unit["scores"][root],
            "printed_score": printed[unit["unit"]][column or ""],
        }
        for unit in units
    ]


def _reproduced(report: Report, done: Reproduction) -> Iterator[str | TextTable]:
    """Yield how many printed scores and ranks of the main tables other printed numbers confirm."""
    labels = {table.name: table.label for table in report.published.values() if table.nodes}
    shown = [entry for entry in done.counted if entry.table in labels]
    rows = [
        (f"table {labels[e.table]}", e.table, e.what, e.within, e.cells, e.how)
        for e in sorted(shown, key=lambda entry: int(labels[entry.table]))
        if e.what in ("scores", "scores-from-pillars", "ranks")
    ]
    yield f"\n$ xlcity reproduce {REPORT}   (main tables)"
    yield TextTable(["table", "", "what", "within", "cells", "how"], rows, "  ")
    within, cells = sum(row[3] for row in rows), sum(row[4] for row in rows)
    tables = ", ".join(sorted(set(labels.values()), key=int))
    yield f"  {within} of {cells} printed numbers of tables {tables} are reproduced within 0.01"
    for entry in shown:
        for cell in entry.outside:
            if isinstance(cell.computed, float):
                yield (
                    f"  not reproduced: {cell.unit} {cell.node}, printed {cell.published}, "
                    f"computed {cell.computed:.4f} ({cell.where})"
                )
    yield ""
