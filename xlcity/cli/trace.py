"""Where a number of a workbook comes from: every step down to what was typed, and its source."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from xlcity.audit.workbook.page import trace_page
from xlcity.audit.workbook.recompute import recompute
from xlcity.audit.workbook.trace import Input, Trace, shown_value, trace
from xlcity.cli.output import emit, talk
from xlcity.cli.target import tell_kept
from xlcity.errors import CellError, CellValue, UsageError
from xlcity.recalc.compare import agree
from xlcity.xlsx.collector import no_collection
from xlcity.xlsx.save import require_output, write_output

#: Steps shown at a terminal, and how deep, unless --depth says otherwise.
SHOWN, DEPTH = 400, 12
#: Members of a range shown at a terminal.
MEMBERS = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="any workbook")
    parser.add_argument("cell", metavar="SHEET!CELL", help="a cell, or a name of one cell")
    parser.add_argument("--depth", type=int, metavar="N", help="follow N steps (default: all)")
    parser.add_argument("--html", metavar="OUT", help="write one page for a browser")
    parser.add_argument(
        "--verify",
        action="store_true",
        help="compute the cell again from its inputs alone; exit 1 if it differs",
    )


@no_collection()
def run(args: argparse.Namespace) -> int:
    """Trace, and print or write."""
    if args.depth is not None and args.depth < 0:
        raise UsageError("--depth counts steps.", "Give 0 or more.")
    if args.html:
        require_output(Path(args.html), [args.file])
    traced = trace(args.file, args.cell, args.depth)
    again = recompute(traced) if args.verify else None
    same = not args.verify or agree(traced.steps[traced.root].value, again)
    if args.html:
        shown = None if again is None else _plain(again)
        page = trace_page(traced, shown).encode("utf-8")
        tell_kept(write_output(Path(args.html), page))
        talk(f"{args.html}: {len(traced.steps)} steps")
    if args.json:
        verified = {"recomputed": again, "agrees": same} if args.verify else {}
        emit({**traced.as_dict(), **verified})
    elif not args.html:
        sys.stdout.write(_shown(traced, args.depth if args.depth is not None else DEPTH))
    if args.verify:
        word = "agrees" if same else "DIFFERS"
        talk(f"computed again from {len(traced.leaves)} inputs: {_plain(again)} ({word})")
    return 0 if same else 1


def _plain(value: CellValue) -> float | str:
    if isinstance(value, (bool, CellError)) or value is None:
        return "" if value is None else str(value)
    return value


def _shown(traced: Trace, depth: int) -> str:
    lines: list[str] = []
    seen: set[str] = set()
    hidden = 0

    def walk(read: Input, level: int) -> None:
        nonlocal hidden
        if len(lines) >= SHOWN:
            hidden += 1
            return
        step = traced.steps[read.key]
        text = f"{'  ' * level}{step.said.label}"
        if step.kind != "range":
            text += f" = {shown_value(step.value)}"
        text += f"  [{step.key}]"
        if step.said.marks:
            text += f" ({', '.join(step.said.marks)})"
        source = step.said.source
        if source:
            told = [source[k] for k in ("source", "source_zh", "period", "year") if k in source]
            text += f" ← {', '.join(dict.fromkeys(told))}" if told else ""
        again = step.key in seen and bool(step.inputs)
        lines.append(text + (" …" if again else ""))
        if again or level >= depth:
            return
        seen.add(step.key)
        inputs = [item for item in step.inputs if item.role == "value"]
        members = inputs[:MEMBERS] if step.kind == "range" else inputs
        for item in members:
            walk(item, level + 1)
        if len(members) < len(inputs):
            lines.append(f"{'  ' * (level + 1)}… {len(inputs) - len(members)} more")

    walk(Input(traced.root, "value"), 0)
    text = "\n".join(lines) + "\n"
    if hidden:
        text += "… more; --json or --html tells all.\n"
    step = traced.steps[traced.root]
    if step.formula:
        text += f"={step.formula}\n"
    return text
