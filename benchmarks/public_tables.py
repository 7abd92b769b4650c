"""University rankings with known weights: method, false alarms, three slips, wrong weights.

    python -m benchmarks.public_tables timesData.csv shanghaiData.csv

The files are those of the data set World University Rankings (https://www.kaggle.com/datasets/
mylesoneill/world-university-rankings; copies stand in many public repositories, such as
github.com/GianlucaSimionato/FoCS). They have no licence that lets us keep them here.
Prints a line per table: rows; the method found with the published weights, and other causes of
alarm; slips located and restored of three; causes of alarm with equal weights stated.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.run import audit
from xlcity.audit.tables.spec.read import spec_of

#: Weights as the publishers state them, in per cent: Times Higher Education of 2010-11 and later,
#: Academic Ranking of World Universities.
TIMES_2011 = {"teaching": 30, "international": 5, "research": 30, "citations": 32.5, "income": 2.5}
TIMES = {"teaching": 30, "international": 7.5, "research": 30, "citations": 30, "income": 2.5}
ARWU = {"alumni": 10, "award": 20, "hici": 20, "ns": 20, "pub": 20, "pcp": 10}
Row = dict[str, str]


def rows_of(path: Path, year: str, parts: Mapping[str, float]) -> list[Row]:
    """Return the rows of a year in which all parts and the total are printed."""
    found = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["year"] == year and all(_is_number(row[key]) for key in (*parts, "total_score")):
                found[row["university_name"]] = {
                    "unit": row["university_name"],
                    **{key: row[key] for key in (*parts, "total_score")},
                }
    return list(found.values())


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def alarms(rows: Sequence[Row], weights: Mapping[str, float]) -> list[TableFinding]:
    """Audit a table whose text states these weights; return what is not a note."""
    spec = {
        "table": [{"name": "t", "scores": {key: key for key in (*weights, "total_score")}}],
        "aggregate": [{"parent": "total_score", "children": dict(weights)}],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [*rows[0]])
            writer.writeheader()
            writer.writerows(rows)
        result = audit(spec_of(spec, "spec.toml", Path(folder)), {"t": path})
    return [found for found in result.findings if found.severity is not Severity.NOTE]


def slipped(
    rows: Sequence[Row], seed: int, wrong: set[str]
) -> tuple[list[Row], dict[tuple[str, str], str]]:
    """Return the rows with three slips: two digits exchanged, a digit wrong, a total ten higher."""
    rng = random.Random(seed)
    changed, made = [dict(row) for row in rows], {}
    heavy = [key for key in rows[0] if key not in ("unit", "total_score", "income")]
    sound = [row for row in changed if row["unit"] not in wrong]
    for kind, row in enumerate(rng.sample(sound, 3)):
        key = "total_score" if kind == 2 else rng.choice(heavy)
        old = row[key]
        if kind == 2:
            new = f"{float(old) + (10 if float(old) < 90 else -10):.1f}"
        elif kind == 1 or len(set(old[:2])) < 2 or abs(int(old[0]) - int(old[1])) < 3:
            new = f"{(int(old[0]) + 5) % 10 or 3}{old[1:]}"
        else:
            new = old[1] + old[0] + old[2:]
        row[key] = new
        made[row["unit"], key] = old
    return changed, made


def main(times: Path, shanghai: Path) -> None:
    """Audit each table four times and print the numbers."""
    tables = [("THE", times, str(year), TIMES_2011 if year == 2011 else TIMES)
              for year in range(2011, 2017)]  # fmt: skip
    tables += [("ARWU", shanghai, str(year), ARWU) for year in range(2005, 2016)]
    for name, path, year, weights in tables:
        started = time.perf_counter()
        rows = rows_of(path, year, weights)
        clean = alarms(rows, weights)
        method = next((f.suggestion for f in clean if f.check == "stated-method"), "as stated")
        sound = [f for f in clean if f.check != "stated-method"]
        known = {(f.unit, f.node) for f in sound}
        changed, made = slipped(rows, int(year), {f.unit for f in sound})
        found = [f for f in alarms(changed, weights) if (f.unit, f.node) not in known]
        located = {(f.unit, f.node) for f in found if (f.unit, f.node) in made}
        restored = {
            place
            for place in located
            if any((f.unit, f.node) == place and f.suggestion == made[place] for f in found)
        }
        wrong = alarms(rows, dict.fromkeys(weights, 1))
        kinds = ", ".join(f.kind for f in wrong if f.check == "stated-method")
        seconds, others = time.perf_counter() - started, len({f.group for f in sound})
        print(
            f"{name} {year}\t{len(rows)} rows\tmethod: {method}\tother causes {others}\t"
            f"slips located {len(located)}, restored {len(restored)} of 3\t"
            f"equal weights stated: {len({f.group for f in wrong})} ({kinds})\t{seconds:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
