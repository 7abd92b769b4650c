"""Seeded slips: how many an audit of printed tables locates, how often its first repair is right.

    python benchmarks/audit_tables.py [TABLES] [FIRST_SEED]

Each table has 40 to 120 units, three pillars of two to five leaves, two decimals, ranks for total
and pillars, pillars printed in two tables, and one to three slips. A slip is identifiable when a
check that shares no code with the audit finds an identity broken that its cell stands in. As many
clean tables are audited for false alarms.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.helpers.printed_tables import Printed, alter, make, outcome
from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.run import audit
from xlcity.audit.tables.spec.read import spec_of


def audited(printed: Printed):
    """Audit tables from files, as a user would."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        return audit(spec_of(printed.spec, "spec.toml", home), printed.write(home))


def main(tables: int, first_seed: int) -> None:
    """Run and print the table of results."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    alarms = Counter()
    seconds = []
    for seed in range(first_seed, first_seed + tables):
        rng = np.random.default_rng(seed)
        printed = make(rng)
        clean = audited(printed)
        alarms["tables"] += any(f.severity is not Severity.NOTE for f in clean.findings)
        alarms["notes"] += len(clean.findings)
        alter(printed, rng, 1 + seed % 3)
        start = time.perf_counter()
        found = audited(printed)
        seconds.append(time.perf_counter() - start)
        for kind, identifiable, located, first, finding in outcome(printed, found):
            for name in (kind, "all"):
                counts[name]["slips"] += 1
                counts[name]["identifiable"] += identifiable
                counts[name]["located"] += identifiable and located
                counts[name]["first"] += identifiable and first
                counts[name]["finding"] += identifiable and finding
    head = (
        "kind",
        "slips",
        "not identifiable",
        "located",
        "repair first",
        "named in a finding",
    )
    print(("{:14}" + "{:>20}" * 5).format(*head))
    for kind, c in sorted(counts.items(), key=lambda item: item[0] == "all"):
        n = c["identifiable"]
        row = [kind, c["slips"], f"{c['slips'] - n} ({1 - n / c['slips']:.1%})"]
        row += [
            f"{c[key]}/{n} ({c[key] / n:.1%})"
            for key in ("located", "first", "finding")
        ]
        print(("{:14}" + "{:>20}" * 5).format(*row))
    print(f"clean tables with an error or a warning: {alarms['tables']} of {tables}")
    print(f"seconds per table: mean {np.mean(seconds):.2f}, longest {max(seconds):.2f}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    main(*(*given, *(100, 0)[len(given) :]))
