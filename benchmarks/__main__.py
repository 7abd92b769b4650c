"""Runs the benchmarks: ``python -m benchmarks [SECTION…] [--quick] [--json OUT]``.

Sections: file, many, growth, scenarios, kills. What is made stays in --folder, so that a second
run does not make it again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import growth, kills, many_files, one_file, scenarios
from benchmarks.books import Size, make_book, stale_copy
from xlcity.cli import main as xlcity
from xlcity.reports import report_ids

PACKAGES = ("formualizer", "formulas", "python-calamine", "numpy")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _books(folder: Path, quick: bool) -> dict[str, Path]:
    """Return the generated framework and the template of every report."""
    books = {"119 x 30": make_book(folder)}
    for report in [] if quick else report_ids():
        path = folder / f"{report}.xlsx"
        if not path.exists() and xlcity(["new", report, "-o", str(path)]):
            raise RuntimeError(f"no template of {report}")
        books[report] = path
    return books


def _file(folder: Path, quick: bool) -> dict[str, Any]:
    found = {}
    for name, book in _books(folder, quick).items():
        stale = stale_copy(book, folder / f"stale-{book.name}", 1)
        found[name] = one_file.measure(stale, folder, reference=not quick)
        _say(f"file {name}: {found[name]}")
    return found


def _many(folder: Path, quick: bool) -> dict[str, Any]:
    books = [*_books(folder, quick).values()]
    templates = books if quick else books[1:]
    paths = many_files.make_copies(templates, folder / "copies", 20 if quick else 200)
    found: dict[str, Any] = {
        "throughput": many_files.throughput(paths, folder, 1 if quick else 3)
    }
    _say(f"many {found}")
    resident = many_files.memory(paths, folder)
    found["memory"] = {
        str(n): resident[n - 1] / 2**20 for n in (1, 20, 100, 200) if n <= len(paths)
    }
    _say(f"many {found['memory']}")
    found["cluster"] = many_files.on_a_cluster(paths, folder)
    _say(f"many {found['cluster']}")
    return found


def _growth(folder: Path, quick: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for rows in (119, 476) if quick else (119, 476, 1904):
        verbs = growth.measure(
            Size(rows), folder, 3 if rows == 119 else 1, growth.VERBS
        )
        found[str(rows)] = {verb: used._asdict() for verb, used in verbs.items()}
        _say(f"growth {rows}: {found[str(rows)]}")
    return found


def _scenarios(folder: Path, quick: bool) -> dict[str, Any]:
    return scenarios.measure(make_book(folder), 100 if quick else 1000)


def _kills(folder: Path, quick: bool) -> dict[str, Any]:
    place = folder / "kills"
    place.mkdir(exist_ok=True)
    return kills.measure(
        stale_copy(make_book(folder), place / "stale.xlsx", 1),
        place,
        10 if quick else 100,
    )


SECTIONS: dict[str, Callable[[Path, bool], dict[str, Any]]] = {
    "file": _file,
    "many": _many,
    "growth": _growth,
    "scenarios": _scenarios,
    "kills": _kills,
}


def main(words: list[str]) -> int:
    """Run the sections asked for and write what was found as JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="smaller, without the slow reference"
    )
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    parser.add_argument("--json", type=Path, help="default: FOLDER/results.json")
    args = parser.parse_args(words)
    unknown = set(args.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"there is no section {', '.join(sorted(unknown))}")
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "quick": args.quick,
    }
    for name in args.sections or SECTIONS:
        _say(f"{name} …")
        found[name] = SECTIONS[name](folder, args.quick)
        found["load"] = os.getloadavg() if hasattr(os, "getloadavg") else None
        text = json.dumps(found, ensure_ascii=False, indent=1)
        (args.json or folder / "results.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
