"""Make a template workbook.

REPORT is an id from `xlcity list`. Without --data, the template contains the report's own values,
each with its status. With --data it contains your values, with --empty none.

With --framework and --empty, the cities come from --cities or from the rows of --data.

Examples
--------
xlcity new image2025 -o image.xlsx
xlcity new image2025 --data survey.csv --lang en -o image.xlsx
xlcity new --framework tree.csv --data data.csv --normalise zscore -o own.xlsx
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from xlcity.api.templates import NewTemplate, new_template
from xlcity.cli.inputs import add_inputs, consistency_notes, read_inputs
from xlcity.cli.notes import kept_notes, reading_document, reading_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.errors import Problem, UsageError
from xlcity.model.dataset import Unit
from xlcity.model.reading.units import read_units_csv
from xlcity.reports.report import Report
from xlcity.workbook.labels import LANGUAGES
from xlcity.workbook.spec import CELLS, NATIVE

#: What the checks that a new workbook is given compare.
_ROUTES = {"udf-native": "Cells and functions", "python-native": "Cells and index"}
#: Cells named where they do not agree.
_SHOWN = 5


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    add_inputs(parser)
    parser.add_output()
    parser.add_flag("--empty", "leave the inputs blank")
    parser.add_value("--cities", "C", "with --empty: the list of cities (CSV)")
    parser.add_argument(
        "--lang",
        choices=LANGUAGES,
        default="zh",
        help="language of labels and tabs (default: zh); rebuild --lang changes it",
    )
    parser.add_argument(
        "--cells",
        choices=CELLS,
        default="",
        help="formulas, calls of functions in their place, or formulas and calls beside them "
        "(default: both for a report, formulas for your own framework)",
    )
    parser.add_argument(
        "--no-udf",
        dest="cells",
        action="store_const",
        const=NATIVE,
        help="the same as --cells native",
    )
    parser.add_pages("--pages", "pages on demand: usual, all, none, or names with commas", "none")


def run(args: argparse.Namespace) -> Result:
    """Build the workbook."""
    if args.empty and args.data and args.report is not None:
        raise UsageError("--empty and --data exclude each other.", "Give one of them, or neither.")
    if args.cities and not args.empty:
        raise UsageError("--cities needs --empty.", "With values, cities are the rows of --data.")
    given = (args.data, args.cities, args.framework, args.recipe)
    inputs = read_inputs(args, empty=args.empty)
    step("building and computing the workbook")
    new = new_template(
        inputs,
        args.out,
        language=args.lang,
        cells=args.cells,
        empty=args.empty,
        cities=_cities(args.cities, inputs.report) if args.empty else None,
        pages=args.pages,
        sources=[path for path in given if path],
    )
    document = new.as_dict()
    counts = new.finished.counts
    text = (
        f"{new.path}: {len(new.finished.sheets)} sheets, {document['units']} cities, "
        f"{counts.input_cells} input cells, {counts.formula_cells} formula cells "
        f"({counts.udf_cells} of them function calls); data: {new.spec.kind}"
    )
    notes = [
        *consistency_notes(document["consistency"]),
        *kept_notes(new.kept),
        *reading_notes(inputs.notes),
        *_notes(new),
    ]
    document |= reading_document(inputs.notes)
    return Result(document, [text], notes=notes, code=1 if new.differing else 0)


def _cities(given: str, report: Report | None) -> Sequence[Unit] | None:
    """Return the cities of an empty template: those given, or those that a system is known for."""
    named = None if report is None else report.folder / "named_cities.csv"
    if given:
        return read_units_csv(given)
    return read_units_csv(named) if named is not None and named.is_file() else None


def _notes(new: NewTemplate) -> Iterator[str | Problem]:
    yield from new.doubts
    if new.spec.kind in ("partial", "synthetic"):
        yield new.spec.note_en
    if new.spec.calls_in_place:
        yield f"Index is computed by {new.finished.counts.calls} function calls."
    for check in new.finished.routes:
        yield f"{_ROUTES[check.name]}: {check.detail}."
    for check in new.differing:
        cells = f": {', '.join(check.cells[:_SHOWN])}" if check.cells else ""
        yield (
            f"The {_ROUTES[check.name].lower()} do not agree ({check.detail}{cells}). Do not use "
            "the scores of this workbook. This is an error of xlcity: please report it with "
            "framework, recipe and data."
        )
