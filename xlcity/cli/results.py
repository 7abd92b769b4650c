"""Scores and ranks stored in workbooks.

The stored values are read, nothing is computed. Several files give one table with a `file` column.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path
from typing import Any

from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.cli.target import tell_kept
from xlcity.errors import Problem, XlcityError, counted
from xlcity.model.framework import Framework
from xlcity.workbook.read import open_template
from xlcity.workbook.results import stored_results
from xlcity.xlsx.calc_on_load import calculated
from xlcity.xlsx.save import require_output, write_output


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", metavar="F", nargs="+", help="template workbooks")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", metavar="OUT", help="write a table as CSV (- for stdout)")
    form.add_argument("--xlsx", metavar="OUT", help="write a table as a workbook")


def run(args: argparse.Namespace) -> int:
    """Read, and print or write; of several files, one that cannot be read stops no other."""
    several = len(args.files) > 1
    target = args.xlsx or (args.csv if args.csv != "-" else None)
    if target:
        require_output(Path(target), args.files)
    documents: list[dict[str, Any]] = []
    frameworks: list[Framework] = []
    problems: list[Problem] = []
    for file in args.files:
        try:
            template = open_template(file)
        except XlcityError as error:
            if not several:
                raise
            problems += error.problems
            continue
        documents.append({"file": file, **stored_results(template)})
        frameworks.append(template.framework)
    header, rows = _table(documents, several)
    kept = None
    if target:
        # The mark makes Excel read the Chinese names as UTF-8.
        text = b"\xef\xbb\xbf" + _csv(header, rows).encode()
        kept = write_output(Path(target), _workbook(header, rows) if args.xlsx else text)
    if args.json:
        emit(_joined(documents, problems) if several else documents[0])
    elif args.csv == "-":
        sys.stdout.write(_csv(header, rows))
    elif not target:
        sys.stdout.write(_shown(documents, frameworks, several))
    tell_kept(kept)
    if target:
        talk(f"{target}: {counted(len(rows), 'row')}")
    for document in documents:
        ranks = [rank for unit in document["units"] for rank in unit["ranks"].values()]
        if not any(rank is not None for rank in ranks):
            talk(f"{document['file']}: no results are stored; run xlcity recalc on it first")
        if document["draft"]:
            talk(f"{document['file']}: draft, some inputs are not filled yet")
        if document["synthetic"]:
            talk(
                f"{document['file']}: {counted(document['synthetic'], 'value is', 'values are')} "
                "synthetic"
            )
    for problem in problems:
        talk(f"xlcity results: [{problem.code}] {problem}")
    return 4 if problems else 0


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
        **({"errors": [problem.as_dict() for problem in problems]} if problems else {}),
    }


def _table(documents: list[dict[str, Any]], several: bool) -> tuple[list[str], list[list[Any]]]:
    nodes: dict[str, None] = {}
    leaves: dict[str, None] = {}
    for document in documents:
        for unit in document["units"]:
            nodes |= dict.fromkeys(unit["scores"])
            leaves |= dict.fromkeys(unit["normalised"])
    header = ["file"] if several else []
    header += ["unit", "name_zh", "name_en", "population", *nodes]
    header += [f"rank_{node}" for node in nodes] + [f"normalised_{leaf}" for leaf in leaves]
    rows = []
    for document in documents:
        for unit in document["units"]:
            row: list[Any] = [document["file"]] if several else []
            row += [unit[key] for key in ("unit", "name_zh", "name_en", "population")]
            row += [unit["scores"].get(node) for node in nodes]
            row += [unit["ranks"].get(node) for node in nodes]
            row += [unit["normalised"].get(leaf) for leaf in leaves]
            rows.append(row)
    return header, rows


def _csv(header: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _workbook(header: list[str], rows: list[list[Any]]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    calculated(workbook)
    sheet = workbook.add_worksheet("results")
    bold = workbook.add_format({"bold": True})
    sheet.write_row(0, 0, header, bold)
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    sheet.freeze_panes(1, 4)
    sheet.set_column(0, len(header) - 1, 14)
    workbook.close()
    return buffer.getvalue()


def _shown(documents: list[dict[str, Any]], frameworks: list[Framework], several: bool) -> str:
    """Return the units in the order of the root, with its scores and those of its children."""
    parts = []
    for document, framework in zip(documents, frameworks, strict=True):
        root = framework.root.code
        nodes = [root, *(node.code for node in framework.children(root))]
        units = sorted(document["units"], key=lambda u: u["ranks"].get(root) or 10**9)
        rows = [
            [
                unit["ranks"].get(root),
                unit["unit"],
                unit["name_zh"],
                unit["name_en"],
                # A child may be an indicator: then its normalised value is its score.
                *(_score({**unit["normalised"], **unit["scores"]}.get(node)) for node in nodes),
            ]
            for unit in units
            if unit["population"]
        ]
        title = f"{document['file']}\n" if several else ""
        parts.append(title + render(["rank", "unit", "name_zh", "name_en", *nodes], rows))
    return "\n".join(parts)


def _score(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:.2f}"
    return None if value is None else str(value)
