"""How many seeded slips the lint finds: 200 over the templates, half without a template.

python benchmarks/lint_mutations.py [--count 200] [--seed 2024] [--csv OUT] [--reports ID …]
        [--single]

By default each copy of a workbook gets two slips of each kind, in cells of their own.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "helpers"))

from mutations import RULES, WITH_TEMPLATE, Sound, apart, draw, made  # noqa: E402

from xlcity.audit.lint.run import lint  # noqa: E402
from xlcity.reports import report_ids  # noqa: E402
from xlcity.xlsx.package import Package  # noqa: E402

#: Slips of each kind in one copy of a workbook, where several are made together.
TOGETHER = 2


def main() -> None:
    """Make the slips, lint, and tell the share found by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--csv", type=Path)
    parser.add_argument("--workbooks", type=Path, default=ROOT / "workbooks")
    parser.add_argument("--reports", nargs="*", default=list(report_ids()))
    parser.add_argument(
        "--single", action="store_true", help="one slip in each copy: slower, the same question"
    )
    args = parser.parse_args()
    found: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    lines = []
    rng = random.Random(args.seed)
    sounds: dict[str, Sound] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slip.xlsx"
        for report, held, kinds in copies(args.count, args.reports, single=args.single):
            clean = args.workbooks / f"{report}.xlsx"
            if report not in sounds:
                sounds = {report: Sound(Package.read(clean))}
            slips = list(apart(draw(sounds[report], kind, rng) for kind in kinds))
            made(sounds[report], slips).write(path)
            started = time.perf_counter()
            linted = lint(
                path,
                template=clean if held else None,
                regular_only=not held,
                calculate="stale value" in kinds,
            )
            seconds = time.perf_counter() - started
            for slip in slips:
                hit = slip.found_by(linted.findings)
                found[slip.kind, held].append(hit)
                near = [
                    f"{f.rule} {f.sheet}!{f.cell}"
                    for f in linted.findings
                    if f.severity != "info" and f.sheet == slip.sheet and f.cell in slip.cells
                ]
                judged = "template" if held else "regularity"
                place = f"{slip.sheet}!{min(slip.cells)}"
                line = (report, slip.kind, judged, place, slip.what, hit, " ".join(near[:4]))
                lines.append(line)
                sys.stderr.write(f"{'  ' if hit else '! '}{line}\n")
            sys.stderr.write(f"{report}: {len(slips)} slips, lint in {seconds:.1f} s\n")
    for held, title in ((True, "with the template"), (False, "by regularity alone")):
        hits = [hit for (_, h), several in found.items() if h is held for hit in several]
        share = sum(hits) / max(len(hits), 1)
        sys.stdout.write(f"{title}: {sum(hits)} of {len(hits)} ({share:.1%})\n")
        for kind in RULES:
            several = found[kind, held]
            if several:
                sys.stdout.write(f"  {kind}: {sum(several)} of {len(several)}\n")
    if args.csv:
        with args.csv.open("w", newline="", encoding="utf-8-sig") as stream:
            writer = csv.writer(stream)
            writer.writerow(("report", "kind", "judged by", "cell", "what", "found", "told"))
            writer.writerows(lines)


def copies(
    count: int, reports: Sequence[str], *, single: bool
) -> Iterator[tuple[str, bool, list[str]]]:
    """Yield (report, held to its template, kinds of the slips) of each copy, report by report.

    A link to another file keeps stale values from being looked for: they are in other copies.
    Without a template, only kinds that it is not needed for.
    """
    kinds = list(RULES)
    without = [kind for kind in kinds if kind not in WITH_TEMPLATE]
    if single:
        numbers = sorted(range(count), key=lambda n: (n // len(kinds) + n) % len(reports))
        for number in numbers:
            report = reports[(number // len(kinds) + number) % len(reports)]
            kind, held = kinds[number % len(kinds)], (number // len(kinds)) % 2 == 0
            if held or kind in without:
                yield report, held, [kind]
        return
    left = count
    for place in itertools.count():
        report = reports[place // 2 % len(reports)]
        other = "stale value" if place // 2 % 2 else "link to another file"
        held = place % 2 == 0
        chosen = [kind for kind in (kinds if held else without) if kind != other] * TOGETHER
        yield report, held, chosen[:left]
        left -= len(chosen)
        if left <= 0:
            return


if __name__ == "__main__":
    main()
