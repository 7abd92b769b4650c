"""List what was remarked on a workbook: comments on cells, and the lines of its sheet Review."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from xlcity.cli.output import emit
from xlcity.cli.table import render
from xlcity.errors import counted
from xlcity.workbook.carry.content import Content, read_content
from xlcity.workbook.read import open_template


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook")
    parser.add_argument("--open", action="store_true", help="only lines that are not closed")


def run(args: argparse.Namespace) -> int:
    """List the remarks."""
    template = open_template(args.file)
    content = read_content(template)
    found = [*_comments(content), *_remarks(content)]
    if args.open:
        found = [line for line in found if line["status"] != "closed"]
    order = {unit.id: at for at, unit in enumerate(content.dataset.units)}
    nodes = {code: at for at, code in enumerate(content.framework.inputs)}
    far = len(order) + len(nodes)
    found.sort(
        key=lambda line: (order.get(line["unit"] or "", far), nodes.get(line["node"] or "", far))
    )
    if args.json:
        emit({"path": args.file, "comments": found})
        return 0
    if found:
        shown = ("unit", "node", "sheet", "author", "text", "answer", "status")
        rows = [[str(line[name] or "").replace("\n", " / ") for name in shown] for line in found]
        sys.stdout.write(render(shown, rows))
    unsettled = sum(line["kind"] == "review" and line["status"] != "closed" for line in found)
    sys.stdout.write(
        f"{args.file}: {counted(len(found), 'remark')}, {unsettled} of Review not closed\n"
    )
    return 0


def _comments(content: Content) -> list[dict[str, Any]]:
    return [
        {
            "kind": "comment",
            "unit": anchor.unit or None,
            "node": anchor.code or None,
            "sheet": anchor.sheet,
            "author": comment.author,
            "text": comment.text,
            "date": "",
            "answer": "",
            "status": "",
        }
        for anchor, comment in content.comments.items()
    ]


def _remarks(content: Content) -> list[dict[str, Any]]:
    return [
        {
            "kind": "review",
            "unit": remark.city or None,
            "node": remark.node or None,
            "sheet": remark.cell or "Review",
            "author": remark.who,
            "text": remark.remark,
            "date": remark.date,
            "answer": remark.answer,
            "status": remark.status or "open",
        }
        for remark in content.remarks
    ]
