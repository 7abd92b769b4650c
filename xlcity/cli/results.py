"""Show the scores and ranks stored in workbooks.

The stored values are read, nothing is computed. Several files give one table with a `file` column.

Examples
--------
xlcity results image.xlsx --top 10
xlcity results image.xlsx --node IMG_INF --sort name_en
xlcity results books/*.xlsx --csv all.csv
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xlcity.api.stored_results import StoredResults, scores_of
from xlcity.api.text_table import TextTable
from xlcity.api.workbook import Workbook
from xlcity.cli.notes import kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import Problem, UsageError, XlcityError, counted
from xlcity.xlsx.save import require_output, write_output


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("files", metavar="F", nargs="+", help="template workbooks")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", metavar="OUT", help="write a table as CSV (- for stdout)")
    form.add_argument("--xlsx", metavar="OUT", help="write a table as a workbook")
    parser.add_argument("--top", type=int, metavar="N", help="only the first N cities")
    parser.add_value("--node", "CODE", "rank by this node and show it (default: the root)")
    parser.add_value(
        "--sort",
        "COLUMN",
        "rank, unit, name_zh, name_en, or a code: its highest score first (default: rank)",
    )


def run(args: argparse.Namespace) -> Result:
    """Read; of several files, one that cannot be read stops no other."""
    several = len(args.files) > 1
    target = args.xlsx or (args.csv if args.csv != "-" else None)
    if target:
        require_output(Path(target), args.files)
    if args.top is not None and args.top < 1:
        raise UsageError("--top must be 1 or more.", "It is a number of cities.")
    shown: list[tuple[str, StoredResults]] = []
    documents: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for file in args.files:
        try:
            stored = Workbook.open(file).results
            ranked = stored.selected(args.node, sort=args.sort, top=args.top)
        except XlcityError as error:
            if not several or isinstance(error, UsageError):
                raise
            problems += error.problems
            continue
        shown.append((file, ranked))
        # Without a choice of order, documents keep the workbook's own.
        chosen = ranked if args.top or args.node or args.sort else stored
        documents.append({"file": file, **chosen.document})
    document = _joined(documents, problems) if several else documents[0]
    table = _table(documents, several)
    blocks: list[str | TextTable] = []
    backup = None
    if target:
        frozen = 5 if several else 4
        data = table.xlsx_file("results", frozen) if args.xlsx else table.csv_file()
        backup = write_output(Path(target), data)
    elif args.csv:
        blocks = [table.csv()]
    else:
        blocks = [*_shown(shown, args.node)]
    written = [f"{target}: {counted(len([*table.rows]), 'row')}"] if target else []
    notes = [*kept_notes(backup), *written, *_notes(documents)]
    return Result(document, blocks, problems, notes, 4 if problems else 0)


def _joined(documents: list[dict[str, Any]], problems: list[Problem]) -> dict[str, Any]:
    """Return several documents as one, each unit and pair with its file."""
    reports = {document["report"] for document in documents}
    return {
        "report": reports.pop() if len(reports) == 1 else None,
        "draft": any(document["draft"] for document in documents),
        "synthetic": sum(document["synthetic"] for document in documents),
        "files": [
            {key: document[key] for key in ("file", "report", "draft", "synthetic")}
            for document in documents
        ],
        **{
            key: [{"file": d["file"], **entry} for d in documents for entry in d[key]]
            for key in ("units", "pairs")
        },
        **({"errors": problems} if problems else {}),
    }


def _table(documents: list[dict[str, Any]], several: bool) -> TextTable:
    """Return all scores, ranks and normalised values, a row per city."""
    rows = [(document["file"], unit) for document in documents for unit in document["units"]]
    nodes = dict.fromkeys(node for _, unit in rows for node in unit["scores"])
    leaves = dict.fromkeys(leaf for _, unit in rows for leaf in unit["normalised"])
    names = ("unit", "name_zh", "name_en", "population")
    header = ["file"] if several else []
    header += [*names, *nodes]
    header += [f"rank_{node}" for node in nodes] + [f"normalised_{leaf}" for leaf in leaves]
    return TextTable(
        header,
        [
            [
                *([file] if several else []),
                *(unit[name] for name in names),
                *(unit["scores"].get(node) for node in nodes),
                *(unit["ranks"].get(node) for node in nodes),
                *(unit["normalised"].get(leaf) for leaf in leaves),
            ]
            for file, unit in rows
        ],
    )


def _shown(files: list[tuple[str, StoredResults]], node: str | None) -> Iterator[str | TextTable]:
    """Yield the cities of each file with the scores of a node and its children."""
    for number, (file, results) in enumerate(files):
        nodes = results.shown_nodes(node)
        rows = [
            [
                unit["ranks"].get(nodes[0]),
                *(unit[name] for name in ("unit", "name_zh", "name_en")),
                *(_score(scores_of(unit).get(code)) for code in nodes),
            ]
            for unit in results.document["units"]
            if unit["population"]
        ]
        if len(files) > 1:
            yield f"\n{file}" if number else file
        yield TextTable(["rank", "unit", "name_zh", "name_en", *nodes], rows)


def _score(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:.2f}"
    return None if value is None else str(value)


def _notes(documents: list[dict[str, Any]]) -> Iterator[str]:
    for document in documents:
        file = document["file"]
        if document["draft"]:
            yield f"{file}: draft, some inputs are not filled yet"
        if document["synthetic"]:
            yield f"{file}: {counted(document['synthetic'], 'value is', 'values are')} synthetic"
