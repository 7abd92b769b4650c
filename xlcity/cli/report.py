"""Write a report: tables, figures, sentences, a Word chapter, city profiles and an HTML page.

F is a template workbook, REPORT the id of a report; --framework with --data is an index of your
own. Everything goes into the folder DIR. The same input gives the same bytes. What cannot be made
is listed with the data that it needs.

Examples
--------
xlcity report image2025 -o book --lang both
xlcity report image.xlsx -o book --only chapter html
xlcity report image2025 -o book --only ranking-IMG bars-IMG
xlcity report image2025 -o book --only profiles --cities beijing shanghai
xlcity report --framework tree.csv --data data.csv -o book --template house.docx --style house.toml
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.report import LANGUAGES, write_report
from xlcity.api.text_table import TextTable
from xlcity.api.texts import language
from xlcity.cli.figures import add_language, require_drawing
from xlcity.cli.inputs import add_inputs, opened_workbook, read_inputs
from xlcity.cli.notes import kept_notes, synthetic_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.cli.target import require_folder
from xlcity.report.declared import with_series
from xlcity.report.make import MadeReport
from xlcity.report.source import ReportSource


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    add_inputs(parser)
    parser.add_output("the folder to write into", "DIR")
    add_language(parser, "language of what is written (default: yours)")
    for name, metavar, text in (
        ("--only", "ID", "tables and figures by id, or chapter, profiles, html, tables, figures"),
        ("--cities", "ID", "cities that have a profile (default: all that are ranked)"),
    ):
        parser.add_value(name, metavar, text, nargs="+", action="extend", default=[])
    parser.add_argument(
        "--annex",
        action="store_true",
        help="every table and figure, those that a chapter does not choose in an annex",
    )
    parser.add_value("--template", "DOCX", "Word document whose styles, page and header are taken")
    parser.add_value("--series", "CSV", "values of further series (unit, series, key, value)")
    parser.add_value("--style", "S", "colours, fonts and sizes of figures (TOML)")


def run(args: argparse.Namespace) -> Result:
    """Write the report."""
    require_folder(Path(args.out))
    require_drawing(LANGUAGES[args.lang])
    source = _source(args)
    if args.series is not None:
        source = with_series(source, args.series)
    report = write_report(
        source,
        args.out,
        args.lang,
        only=args.only,
        annex=args.annex,
        cities=args.cities,
        template=args.template,
        style=args.style,
        progress=step,
    )
    notes = [*kept_notes(list(report.kept)), *synthetic_notes(source.synthetic)]
    return Result(report.as_dict(), _blocks(report, args.lang), notes=notes)


def _source(args: argparse.Namespace) -> ReportSource:
    """Return the index that is reported."""
    from xlcity.api.index import Index
    from xlcity.api.report import index_source, workbook_source

    if (book := opened_workbook(args)) is not None:
        return workbook_source(book.template)
    return index_source(Index.of(read_inputs(args)))


def _blocks(report: MadeReport, lang: str) -> Iterator[str | TextTable]:
    """Yield how many files of each kind there are, the documents, and what waits for data."""
    kinds = dict.fromkeys(file.kind for file in report.files)
    counts = ", ".join(f"{kind} {sum(f.kind == kind for f in report.files)}" for kind in kinds)
    yield f"{report.folder}: {len(report.files)} files ({counts})"
    yield from (f"  {file.file}" for file in report.files if file.kind in ("docx", "html"))
    if report.waiting:
        yield "\nWaiting for data:"
        # As the other messages, where both languages are written.
        shown = "zh" if "zh" in (lang, language() if lang == "both" else "") else "en"
        yield TextTable(
            ["id", "needs"], [[file.id, file.needs.text(shown)] for file in report.waiting]
        )
