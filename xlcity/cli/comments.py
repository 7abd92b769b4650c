"""List the comments on cells of a workbook and the lines of its sheet Review.

Examples
--------
xlcity comments image.xlsx --open
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from xlcity.api.text_table import TextTable
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.workbook.migrate.content import read_content, read_notes
from xlcity.workbook.reading.template import Template, open_template
from xlcity.workbook.spec import Remark

_COLUMNS = ("unit", "node", "sheet", "author", "text", "answer", "status")


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_flag("--open", "only lines that are not closed")


def run(args: argparse.Namespace) -> Result:
    """List the remarks, in the order of cities and indicators."""
    template = open_template(args.file)
    spec = read_content(template).spec
    remarks = [*_comments(template), *_remarks(spec.remarks)]
    if args.open:
        remarks = [line for line in remarks if line["status"] != "closed"]
    units = spec.dataset.rows
    nodes = {code: position for position, code in enumerate(spec.framework.inputs)}
    far = len(units) + len(nodes)
    remarks.sort(key=lambda line: (units.get(line["unit"], far), nodes.get(line["node"], far)))
    rows = [[str(line[name] or "").replace("\n", " / ") for name in _COLUMNS] for line in remarks]
    unsettled = sum(line["kind"] == "review" and line["status"] != "closed" for line in remarks)
    blocks = [TextTable(_COLUMNS, rows)] if rows else []
    count = f"{args.file}: {counted(len(remarks), 'remark')}, {unsettled} of Review not closed"
    return Result({"path": args.file, "comments": remarks}, [*blocks, count])


def _comments(template: Template) -> list[dict[str, Any]]:
    return [
        _line("comment", anchor.unit, anchor.code, anchor.sheet, comment.author, comment.text)
        for anchor, comment in read_notes(template)
    ]


def _remarks(remarks: Iterable[Remark]) -> list[dict[str, Any]]:
    return [
        _line(
            "review", remark.city, remark.node, remark.cell or "Review", remark.who, remark.remark
        )
        | {"date": remark.date, "answer": remark.answer, "status": remark.status or "open"}
        for remark in remarks
    ]


def _line(kind: str, unit: str, node: str, sheet: str, author: str, text: str) -> dict[str, Any]:
    line = {"kind": kind, "unit": unit or None, "node": node or None, "sheet": sheet}
    return line | {"author": author, "text": text, "date": "", "answer": "", "status": ""}
