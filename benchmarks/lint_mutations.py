"""How many seeded slips the lint finds: 200 over the templates, half without a template.

python benchmarks/lint_mutations.py [--count 200] [--seed 2024] [--csv OUT] [--reports ID …]
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from mutations import RULES, make  # noqa: E402

from xlcity.audit.workbook.lint import lint  # noqa: E402
from xlcity.reports import report_ids  # noqa: E402
from xlcity.xlsx.package import Package  # noqa: E402


def main() -> None:
    """Make the slips, lint, and tell the share found by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--workbooks", type=Path, default=ROOT / "workbooks")
    parser.add_argument("--reports", nargs="*", default=list(report_ids()))
    args = parser.parse_args()
    found: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slip.xlsx"
        for number in range(args.count):
            kind = list(RULES)[number % len(RULES)]
            # Kinds, templates and ways of judging run at different paces, so that all meet.
            report = args.reports[(number // len(RULES) + number) % len(args.reports)]
            held = (number // len(RULES)) % 2 == 0
            clean = args.workbooks / f"{report}.xlsx"
            slip = make(Package.read(clean), kind, random.Random(args.seed * 1000 + number))
            slip.package.write(path)
            started = time.perf_counter()
            linted = lint(
                path,
                template=clean if held else None,
                regular_only=not held,
                calculate=kind == "stale value",
            )
            seconds = time.perf_counter() - started
            hit = slip.found_by(linted.findings)
            found[kind, held].append(hit)
            near = [f"{f.rule} {f.sheet}!{f.cell}" for f in linted.findings if f.severity != "info"]
            place = f"{slip.sheet}!{sorted(slip.cells)[0]}"
            judged = "template" if held else "regularity"
            line = (number, report, kind, judged, place, slip.what, hit, " ".join(near[:4]))
            lines.append(line)
            sys.stderr.write(f"{'  ' if hit else '! '}{line} {seconds:.1f} s\n")
    for held, title in ((True, "with the template"), (False, "by regularity alone")):
        hits = [hit for (_, h), several in found.items() if h is held for hit in several]
        sys.stdout.write(f"{title}: {sum(hits)} of {len(hits)} ({sum(hits) / len(hits):.1%})\n")
        for kind in RULES:
            several = found[kind, held]
            if several:
                sys.stdout.write(f"  {kind}: {sum(several)} of {len(several)}\n")
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8-sig") as stream:
            writer = csv.writer(stream)
            writer.writerow(
                ("number", "report", "kind", "judged by", "cell", "what", "found", "told")
            )
            writer.writerows(lines)


if __name__ == "__main__":
    main()
