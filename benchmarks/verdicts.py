"""From a save to its verdict: ``python -m benchmarks.verdicts [REPORT…]``.

Prints processor seconds of the process behind the companion page, from the bytes of a workbook
that was saved with one other value to what the page shows: reading, then checks. Medians; the
workbook before is loaded, as it is between two saves.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.commands import ROOT, change_one
from benchmarks.timing import seconds
from xlcity.desk.commands import Books, answer
from xlcity.reports import report_ids

SAVES = 7


def saved_copies(report: str, folder: Path) -> list[Path]:
    """Return two recalculated copies of a template that differ in one typed number."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = [folder / f"{report}-{number}.xlsx" for number in (1, 2)]
    template = ROOT / "workbooks" / f"{report}.xlsx"
    # Copies of an older template would be compared with the present one, formula by formula.
    if not copies[1].exists() or copies[1].stat().st_mtime < template.stat().st_mtime:
        change_one(template, copies[0])
        change_one(copies[0], copies[1])
    return copies


def measure(copies: Sequence[Path]) -> tuple[float, float]:
    """Return processor seconds of reading a save and of checking it."""
    books = Books()
    contents = [copy.read_bytes() for copy in copies]
    times = []
    for number in range(SAVES + 2):
        save = {"content": contents[number % 2], "file": str(copies[0])}
        read = seconds(partial(answer, books, "open", save))
        check = seconds(partial(answer, books, "check", {}))
        times.append((read.cpu, check.cpu))
    reads, checks = zip(*times[2:], strict=True)  # the first of its kind is no save
    return median(reads), median(checks)


def main(reports: Sequence[str]) -> int:
    """Measure and print."""
    sys.stdout.write("Processor seconds | reading | checks | together\n")
    for report in reports or report_ids():
        read, check = measure(
            saved_copies(report, Path("build/benchmarks/verdicts").resolve())
        )
        sys.stdout.write(f"{report} | {read:.2f} | {check:.2f} | {read + check:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
