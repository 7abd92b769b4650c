"""What changed between two workbooks, and why the ranks moved; nothing is written to them."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from xlcity.audit.workbook.changes import Change
from xlcity.audit.workbook.compare import Compared, Moved, compare
from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.errors import counted
from xlcity.xlsx.address import quote_sheet

#: Differences of one kind, and reasons of one move, shown at a terminal.
SHOWN, REASONS = 12, 4
#: What is longer stands in a list below the table, in full.
LONGEST = 40


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("a", metavar="A", help="the workbook before")
    parser.add_argument("b", metavar="B", help="the workbook after")
    parser.add_argument(
        "--node", metavar="CODE", help="show the ranks of this node (default: root)"
    )


def run(args: argparse.Namespace) -> int:
    """Compare, and tell; 1 if anything differs."""
    compared = compare(args.a, args.b)
    for note in compared.notes:
        talk(f"xlcity diff: {note}")
    if args.json:
        emit(compared.as_dict())
    else:
        sys.stdout.write(_shown(compared, args.node))
    return 1 if compared.cells or compared.ranks else 0


def _shown(compared: Compared, node: str | None) -> str:
    counts = Counter(change.kind for change in compared.cells)
    said = ", ".join(f"{counted(n, 'difference')} of {kind}" for kind, n in counts.items())
    text = f"{compared.a} → {compared.b}: {said or 'nothing differs'}\n"
    rows, per_kind = [], Counter[str]()
    for change in compared.cells:
        per_kind[change.kind] += 1
        if per_kind[change.kind] <= SHOWN:
            rows.append(_row(change))
    if rows:
        text += render(["kind", "cell", "city", "indicator", "from", "to"], rows, indent="  ")
    for kind, number in per_kind.items():
        if number > SHOWN:
            text += f"  … {number - SHOWN} more of {kind}; --json lists all.\n"
    nodes = list(dict.fromkeys(moved.node for moved in compared.ranks))
    if not nodes:
        return text
    chosen = node or nodes[0]
    moves = [moved for moved in compared.ranks if moved.node == chosen]
    text += f"\n{chosen}: {counted(len(moves), 'rank')} moved\n"
    moves.sort(key=lambda m: m.rank_after or 10**9)
    long: dict[str, str] = {}
    lines = [_move(moved, long) for moved in moves]
    text += render(["city", "rank", "score", "because"], lines, indent="  ")
    return text + "".join(f"  [{mark}] {what}\n" for what, mark in long.items())


def _row(change: Change) -> list[object]:
    cell = f"{quote_sheet(change.sheet)}!{change.cell}" if change.cell else change.sheet
    values = ["" if v is None else str(v)[:60] for v in (change.before, change.after)]
    return [change.kind, cell, change.unit, change.indicator, *values]


def _move(moved: Moved, long: dict[str, str]) -> list[object]:
    """Return a line; reasons that are too long for it go to `long` with a mark."""
    ranks = " → ".join("–" if r is None else str(r) for r in (moved.rank_before, moved.rank_after))
    score = "" if moved.change is None else f"{moved.change:+.4g}"
    told = [
        f"{r.cause} {_brief(r.what, long)}" + ("" if r.effect is None else f" {r.effect:+.4g}")
        for r in moved.because[:REASONS]
    ]
    more = f" … {len(moved.because) - REASONS} more" if len(moved.because) > REASONS else ""
    if not told:
        told = ["others moved"]
    return [moved.unit, ranks, score, "; ".join(told) + more]


def _brief(what: str, long: dict[str, str]) -> str:
    if len(what) <= LONGEST:
        return what
    return f"[{long.setdefault(what, str(len(long) + 1))}]"
