"""`python -m tools.fuzz_files COUNT REPORT.jsonl [FIRST [VERB…]]`: break files and run verbs.

What the report has already is not run again, so that a run that was ended goes on.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from tools.fuzz_files.run import drawn, runs


def main(words: list[str]) -> int:
    """Do it; return 1 if a fault was found."""
    count, report, first = int(words[0]), Path(words[1]), int(words[2]) if words[2:] else 0
    faults: Counter[str] = Counter()
    codes: Counter[int] = Counter()
    known = set()
    if report.exists():
        entries = map(json.loads, report.read_text(encoding="utf-8").splitlines())
        known = {(entry["number"], entry["verb"]) for entry in entries}
    pairs = drawn(range(first, first + count), words[3:] or None)
    with report.open("a", encoding="utf-8") as out:
        for done in runs((pair for pair in pairs if pair not in known), small=3):
            out.write(json.dumps(done.as_dict(), ensure_ascii=False) + "\n")
            out.flush()
            codes[done.code] += 1
            if done.fault:
                faults[done.fault] += 1
                sys.stdout.write(f"{done.number} {done.verb}: {done.fault} {done.said[-300:]}\n")
                sys.stdout.flush()
    sys.stdout.write(f"exit codes {dict(sorted(codes.items()))}, faults {dict(faults)}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
