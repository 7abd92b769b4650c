"""The main job on real data, told as it happens: build, recalculate, reconcile, compare with print.

Everything is done through the same code as the other verbs; the workbooks stay for you to open.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlcity.cli.folder import make_folder
from xlcity.cli.output import emit
from xlcity.cli.table import render
from xlcity.recalc.batch import recalc_file
from xlcity.reports import load_report
from xlcity.reports.report import Report
from xlcity.reports.reproduction import Reproduction, reproduce_report
from xlcity.workbook.build import build
from xlcity.workbook.check import Checked, check_workbook
from xlcity.workbook.from_report import template_spec
from xlcity.workbook.read import open_template
from xlcity.workbook.results import stored_results
from xlcity.xlsx.save import write_output

REPORT = "image2025"
FIRST = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--outdir",
        default="demo",
        metavar="D",
        help="folder for the workbooks (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Do the job, and end with 1 if anything does not agree."""
    folder = Path(args.outdir)
    make_folder(folder)
    report = load_report(REPORT)
    told: dict[str, Any] = {}
    for key, value, text in _steps(report, folder):
        told[key] = value
        if not args.json:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    if args.json:
        emit({"report": REPORT, **told})
    return 0 if told["verdict"] == "pass" and told["differing"] == 0 else 1


def _steps(report: Report, folder: Path) -> Iterator[tuple[str, Any, str]]:
    """Yield (key, figures, what to tell) of each step as it is done."""
    template, result = folder / f"{REPORT}.xlsx", folder / f"{REPORT}-recalculated.xlsx"
    start = time.perf_counter()
    yield (
        "title",
        report.name_en,
        (f"{report.name_zh} {report.edition} / {report.name_en} {report.edition}\n"),
    )
    built = build(template_spec(report))
    write_output(template, built.package)
    filled = len(report.dataset.units)
    counts = built.counts
    figures = {
        "path": str(template),
        "sheets": len(built.sheets),
        "cities": filled,
        "formula_cells": counts.formula_cells,
        "udf_cells": counts.udf_cells,
        "seconds": time.perf_counter() - start,
    }
    yield (
        "built",
        figures,
        (
            f"$ xlcity new {REPORT} -o {template}\n"
            f"  built: {len(built.sheets)} sheets; {filled} cities x {len(report.dataset.codes)} "
            f"indicators filled; {figures['seconds']:.1f} s\n"
            f"  {report.data_note_en}\n"
        ),
    )
    entry = recalc_file(template, result)
    native = entry["formula_cells"] - entry["udf_cells"]
    yield (
        "recalculated",
        entry,
        (
            f"$ xlcity recalc {template} -o {result}\n"
            f"  {entry['formula_cells']} formula cells recalculated by {entry['engine']} "
            f"{entry['engine_version']} in {entry['seconds']:.1f} s:\n"
            f"  {native} native cells and {entry['udf_cells']} cells of xlcity functions "
            f"(computed by {entry['udf_by']})\n"
        ),
    )
    checked = check_workbook(result)
    yield "checks", checked.as_dict()["checks"], _checks_text(checked, result)
    yield "verdict", checked.verdict, f"  verdict: {checked.verdict}\n"
    rows = _first(report, result)
    yield (
        "first",
        rows,
        f"$ xlcity results {result}\n"
        + render(
            ["rank", "printed", "unit", "name_zh", "name_en", "score", "printed score"],
            [
                [
                    r["rank"],
                    r["printed_rank"],
                    r["unit"],
                    r["name_zh"],
                    r["name_en"],
                    f"{r['score']:.4f}",
                    r["printed_score"],
                ]
                for r in rows
            ],
            indent="  ",
        ),
    )
    done = reproduce_report(REPORT)
    yield "reproduced", done.as_dict()["tables"], _reproduced_text(report, done)
    differing = _python_differences(checked)
    yield (
        "differing",
        differing,
        (
            f"native = functions = Python: {'yes' if differing == 0 else 'NO'}. "
            f"Done in {time.perf_counter() - start:.1f} s; "
            f"open {result} in any spreadsheet program."
        ),
    )


def _checks_text(checked: Checked, path: Path) -> str:
    shown = {
        "udf-native": "native cells = xlcity functions",
        "python-native": "native cells = Python without a spreadsheet",
        "contract": "formulas",
        "inputs": "inputs",
    }
    rows = [
        (check.status, shown[check.name], check.detail)
        for check in checked.checks
        if check.name in shown
    ]
    return f"$ xlcity check {path}\n" + render(["status", "check", "detail"], rows, indent="  ")


def _python_differences(checked: Checked) -> int:
    return sum(
        check.status == "fail"
        for check in checked.checks
        if check.name in ("udf-native", "python-native")
    )


def _first(report: Report, path: Path) -> list[dict[str, Any]]:
    """Return the first cities of the workbook beside their printed rank and score."""
    root = report.framework.root.code
    table = next(t for t in report.published.values() if root in t.nodes.values())
    column = table.column_of(root)
    printed = {row["city_id"]: row for row in table.rows}
    units = [u for u in stored_results(open_template(path))["units"] if u["ranks"][root]]
    units.sort(key=lambda unit: unit["ranks"][root])
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
        for unit in units[:FIRST]
    ]


def _reproduced_text(report: Report, done: Reproduction) -> str:
    """Tell how many printed scores and ranks of the main tables other printed numbers confirm."""
    rows = []
    labels = {table.name: table.label for table in report.published.values() if table.nodes}
    for entry in done.counted:
        if entry.table in labels and entry.what in ("scores", "scores-from-pillars", "ranks"):
            rows.append(
                (
                    f"table {labels[entry.table]}",
                    entry.table,
                    entry.what,
                    entry.within,
                    entry.cells,
                    entry.how,
                )
            )
    within, cells = sum(int(row[3]) for row in rows), sum(int(row[4]) for row in rows)
    outside = [
        f"  not reproduced: {cell.unit} {cell.node}, printed {cell.published}, "
        f"computed {cell.computed:.4f} ({cell.where})"
        for entry in done.counted
        if entry.table in labels
        for cell in entry.outside
        if isinstance(cell.computed, float)
    ]
    header = ["table", "", "what", "within", "cells", "how"]
    lines = [
        f"\n$ xlcity reproduce {REPORT}   (main tables)",
        render(
            header, sorted(rows, key=lambda row: int(str(row[0]).split()[1])), indent="  "
        ).rstrip(),
        f"  {within} of {cells} printed numbers of tables "
        f"{', '.join(sorted(set(labels.values()), key=int))} are reproduced within 0.01",
        *outside,
        "",
    ]
    return "\n".join(lines)
