"""Show what changed between two workbooks, and why ranks moved. The files are not changed.

With --into, B is written to F with the differences on its sheet `ChangeLog`: date, city, indicator,
from, to; people add who and why. F may be B, the old file is kept as .bak. What the log says
already is not repeated.

Examples
--------
xlcity diff last-week.xlsx today.xlsx
xlcity diff last-week.xlsx today.xlsx --node IMG_INF
xlcity diff last-week.xlsx today.xlsx --into today.xlsx --who Li --why "yearbook 2025"
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.documents import plain
from xlcity.api.text_table import TextTable
from xlcity.audit.diff.change_lines import log_changes
from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.compare import RankMove, WorkbookDiff, compare
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import UsageError, WorkbookError, counted, did_you_mean
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.formulas.formula import changed_part
from xlcity.xlsx.limits import missing_files
from xlcity.xlsx.process import no_collection

#: Differences of one kind, and reasons of one move, shown at a terminal.
SHOWN, REASONS = 12, 4
#: Longer reasons are listed below the table, in full.
LONGEST = 40


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("a", metavar="A", help="the workbook before")
    parser.add_argument("b", metavar="B", help="the workbook after")
    parser.add_value("--node", "CODE", "show the ranks of this node (default: root)")
    parser.add_value("--into", "F", "write B with the differences in its change log to F")
    parser.add_value("--who", "NAME", "who made the changes, for the change log")
    parser.add_value("--why", "TEXT", "why they were made, for the change log")


@no_collection()  # 0.15 s of 1.15 for image2025
def run(args: argparse.Namespace) -> Result:
    """Compare; 1 if anything differs."""
    if (args.who or args.why) and not args.into:
        raise UsageError("--who and --why need --into.", "Name the file to write.")
    absent = missing_files("XC400", args.a, args.b)
    if absent:
        raise WorkbookError(absent)
    compared = compare(args.a, args.b)
    notes = [f"xlcity diff: {note}" for note in compared.notes]
    nodes = {moved.node for moved in compared.ranks}
    if args.node and args.node not in nodes:
        notes.append(f"No rank of {args.node} moved. {did_you_mean(args.node, sorted(nodes))}")
    code = 1 if compared.cells or compared.ranks else 0
    if not args.into:
        return Result(compared, _blocks(compared, args.node), notes=notes, code=code)
    logged = log_changes(compared, Path(args.into), args.who or "", args.why or "")
    notes.append(f"New lines in the change log of {args.into}: {logged}.")
    document = {**plain(compared), "into": args.into, "logged": logged}
    return Result(document, _blocks(compared, args.node), notes=notes, code=code)


def _blocks(compared: WorkbookDiff, node: str | None) -> Iterator[str | TextTable]:
    counts = Counter(change.kind for change in compared.cells)
    words = ", ".join(f"{counted(n, 'difference')} of {kind}" for kind, n in counts.items())
    yield f"{compared.a} → {compared.b}: {words or 'nothing differs'}"
    rows, per_kind = [], Counter[str]()
    for change in compared.cells:
        per_kind[change.kind] += 1
        if per_kind[change.kind] <= SHOWN:
            rows.append(_row(change))
    if rows:
        yield TextTable(["kind", "cell", "city", "indicator", "from", "to"], rows, "  ")
    for kind, number in per_kind.items():
        if number > SHOWN:
            yield f"  … {number - SHOWN} more of {kind}; --json lists all."
    nodes = list(dict.fromkeys(moved.node for moved in compared.ranks))
    if not nodes:
        return
    chosen = node or nodes[0]
    moves = [moved for moved in compared.ranks if moved.node == chosen]
    yield f"\n{chosen}: {counted(len(moves), 'rank')} moved"
    moves.sort(key=lambda m: m.rank_after or 10**9)
    long: dict[str, str] = {}
    lines = [_move(moved, long) for moved in moves]
    yield TextTable(["city", "rank", "score", "because"], lines, "  ")
    yield from (f"  [{mark}] {what}" for what, mark in long.items())


def _row(change: CellChange) -> list[object]:
    cell = f"{quote_sheet(change.sheet)}!{change.cell}" if change.cell else change.sheet
    values = ["" if v is None else str(v) for v in (change.before, change.after)]
    if change.kind == "formula" and all(text.startswith("=") for text in values):
        values = _from_first_difference(*values)
    return [change.kind, cell, change.unit, change.indicator, *(text[:60] for text in values)]


def _from_first_difference(before: str, after: str) -> list[str]:
    """Return two formulas from the first token that differs, with … for what both have."""
    parts = changed_part(before, after)
    if before.startswith(parts[0]) and after.startswith(parts[1]) and all(parts):
        return [before, after]
    return [f"…{part}" if part else "…" for part in parts]


def _move(moved: RankMove, long: dict[str, str]) -> list[object]:
    """Return a line; reasons that are too long for it go to `long` with a mark."""
    ranks = " → ".join("–" if r is None else str(r) for r in (moved.rank_before, moved.rank_after))
    score = "" if moved.change is None else f"{moved.change:+.4g}"
    reasons = [
        f"{r.cause} {_brief(r.what, long)}" + ("" if r.effect is None else f" {r.effect:+.4g}")
        for r in moved.because[:REASONS]
    ]
    rest = f" … {len(moved.because) - REASONS} more" if len(moved.because) > REASONS else ""
    if not reasons:
        ends = (moved.score_before, "no score before"), (moved.score_after, "no score any more")
        reasons = [text for score, text in ends if score is None][:1] or ["others moved"]
    return [moved.unit, ranks, score, "; ".join(reasons) + rest]


def _brief(what: str, long: dict[str, str]) -> str:
    if len(what) <= LONGEST:
        return what
    return f"[{long.setdefault(what, str(len(long) + 1))}]"
