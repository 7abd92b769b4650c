"""Make a template workbook.

REPORT is one of `xlcity list`. Without --data it is filled with the values the report ships with,
each marked as what it is; --data fills it with your own, --empty leaves the inputs blank.
With --framework, --empty takes the cities from --cities or from the rows of --data, or none.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcity.cli.inputs import (
    add_methods,
    load_inputs,
    tell_consistency,
    tell_notes,
)
from xlcity.cli.output import emit, talk
from xlcity.cli.target import require_xlsx, tell_kept
from xlcity.errors import UsageError
from xlcity.index.compute import compute
from xlcity.model.cities_csv import read_units_csv
from xlcity.workbook.build import build
from xlcity.workbook.check import check_routes
from xlcity.workbook.from_panel import panel_spec
from xlcity.workbook.from_report import own_spec, template_spec
from xlcity.workbook.labels import LANGUAGES
from xlcity.xlsx.save import require_output, write_output

#: What the checks that a new workbook is given compare.
ROUTES = {"udf-native": "Cells and functions", "python-native": "Cells and index"}
#: Notes on a method that was probably meant otherwise.
DOUBTS = ("XC216", "XC358")
#: Cells named where they do not agree.
SHOWN = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("report", metavar="REPORT", nargs="?", help="report id")
    parser.add_argument("-o", "--out", metavar="F", required=True, help="the workbook to write")
    parser.add_argument("--data", metavar="D", help="CSV, folder or xlsx with your values")
    parser.add_argument("--empty", action="store_true", help="leave the inputs blank")
    parser.add_argument("--cities", metavar="C", help="with --empty: the list of cities (CSV)")
    parser.add_argument("--framework", metavar="F", help="a framework of your own")
    parser.add_argument("--recipe", metavar="R", help="the method, as TOML")
    add_methods(parser)
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default="zh",
        help="language of the labels at first (a cell switches it; default: zh)",
    )
    parser.add_argument("--no-udf", action="store_true", help="without the sheet of functions")


def run(args: argparse.Namespace) -> int:
    """Build the workbook."""
    target = Path(args.out)
    require_xlsx(target)
    given = (args.data, args.cities, args.framework, args.recipe)
    require_output(target, [path for path in given if path])
    if args.empty and args.data and args.report is not None:
        raise UsageError("--empty and --data exclude each other.", "Give one of them, or neither.")
    if args.cities and not args.empty:
        raise UsageError("--cities needs --empty.", "With values, cities are the rows of --data.")
    found = load_inputs(args)
    units = read_units_csv(args.cities) if args.cities else None
    if args.empty:
        found = found.emptied(units)
    ratios = tell_consistency(found.framework, found.recipe)
    udf = not args.no_udf
    if found.report is not None:
        own = found.dataset if args.data or units is not None else None
        spec = template_spec(found.report, own, empty=args.empty, language=args.lang, udf=udf)
        spec = replace(spec, recipe=found.recipe)
    else:
        spec = own_spec(found.framework, found.recipe, found.dataset, language=args.lang, udf=udf)
        spec = replace(spec, kind="empty" if args.empty else spec.kind)
        if found.panel is not None:
            spec = panel_spec(spec, found.panel)
    # What the index refuses, such as shares that do not sum to 1, is refused before building.
    result = compute(spec.framework, spec.recipe, spec.dataset)
    doubts = [note for note in result.notes if note.code in DOUBTS]
    built = build(spec)
    routes = check_routes(built, str(target))
    apart = [check for check in routes if check.status == "fail"]
    kept = write_output(target, built.package)
    counts = built.counts
    # The book knows a shipped value by the value, whoever typed it; so does the count.
    shown = spec.dataset.with_basis_of(spec.defaults) if spec.defaults else spec.dataset
    document: dict[str, Any] = {
        "path": str(target),
        "sheets": list(built.sheets),
        "input_cells": counts.input_cells,
        "formula_cells": counts.formula_cells,
        "udf_cells": counts.udf_cells,
        "data": spec.kind,
        "synthetic": shown.synthetic,
        "units": len(spec.dataset.units),
        "kept": None if kept is None else str(kept),
        "option": ",".join(args.option) or None,
        "edition": spec.edition or None,
        "consistency": ratios,
        "converted": [conversion.as_dict() for conversion in found.notes.converted],
        "doubtful": [problem.as_dict() for problem in found.notes.doubtful],
        "ignored": [*found.notes.ignored, *found.notes.remarks],
        "unused": [{"column": c, "reason": r} for c, r in found.notes.unused],
        "notes": [problem.as_dict() for problem in doubts],
        "routes": [check.as_dict() for check in routes],
    }
    if args.json:
        emit(document)
    else:
        sys.stdout.write(
            f"{target}: {len(built.sheets)} sheets, {document['units']} cities, "
            f"{counts.input_cells} input cells, {counts.formula_cells} formula cells "
            f"({counts.udf_cells} of them function calls); data: {spec.kind}\n"
        )
        tell_kept(kept)
        tell_notes(found.notes)
        for problem in doubts:
            talk(f"[{problem.code}] {problem}")
        if spec.kind in ("partial", "synthetic"):
            talk(spec.note_en)
        for check in routes:
            talk(f"{ROUTES[check.name]}: {check.detail}.")
    for check in apart:
        cells = ", ".join(check.cells[:SHOWN])
        talk(
            f"The {ROUTES[check.name].lower()} do not agree ({check.detail}{': ' if cells else ''}"
            f"{cells}). Do not use the scores of this workbook. This is an error of xlcity: "
            "please report it with framework, recipe and data."
        )
    return 1 if apart else 0
