"""Breaks files and runs verbs on them, or summarises the runs.

python -m tools.fuzz_files COUNT REPORT.jsonl [FIRST [VERB…]]   files from the number FIRST on,
                                                                each through two of the verbs
python -m tools.fuzz_files REPORT.jsonl                         runs of each verb, codes, faults

What the report has already is not run again, so that a run that was ended goes on.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tools.fuzz_files.run import VERBS, drawn, runs


def _entries(report: Path) -> list[dict[str, Any]]:
    if not report.exists():
        return []
    return [
        json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()
    ]


def summary(entries: list[dict[str, Any]]) -> str:
    """Return what the entries of a report say together."""
    verbs = Counter(entry["verb"] for entry in entries)
    codes = Counter(entry["code"] for entry in entries)
    faults = [f"{e['number']} {e['verb']}: {e['fault']}" for e in entries if e["fault"]]
    slowest = max(entries, key=lambda entry: float(entry["seconds"]))
    largest = max(entries, key=lambda entry: int(entry["megabytes"]))
    return "\n".join(
        [
            f"{len(entries)} runs of {len({entry['number'] for entry in entries})} files",
            ", ".join(f"{verb} {count}" for verb, count in verbs.most_common()),
            f"exit codes {dict(sorted(codes.items()))}",
            f"slowest {slowest['seconds']} s ({slowest['number']} {slowest['verb']}), "
            f"most memory {largest['megabytes']} MB ({largest['number']} {largest['verb']})",
            *faults,
            f"{len(faults)} faults",
        ]
    )


def main(words: list[str]) -> int:
    """Do it; return 1 if a fault was found."""
    if len(words) == 1:
        sys.stdout.write(summary(_entries(Path(words[0]))) + "\n")
        return 0
    count = int(words[0])
    report = Path(words[1])
    first = int(words[2]) if words[2:] else 0
    known = {(entry["number"], entry["verb"]) for entry in _entries(report)}
    pairs = drawn(range(first, first + count), words[3:] or VERBS)
    faults = 0
    with report.open("a", encoding="utf-8") as out:
        for done in runs((pair for pair in pairs if pair not in known), small=3):
            out.write(json.dumps(done.as_dict(), ensure_ascii=False) + "\n")
            out.flush()
            if done.fault:
                faults += 1
                sys.stdout.write(
                    f"{done.number} {done.verb}: {done.fault} {done.said[-300:]}\n"
                )
                sys.stdout.flush()
    sys.stdout.write(summary(_entries(report)) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
