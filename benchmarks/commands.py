"""Whole commands on the templates: ``python -m benchmarks.commands [--turns N] [--only VERB…]``.

Prints tables of medians: seconds on the wall clock and of processor time, and units. A unit is what
reading all sheets with calamine and copying the zip take for the same file, a turn before, in one
process (`benchmarks.one_file.read_and_copy`); wall is divided by wall, processor time by its like.
`--against DIR` runs the commands of another checkout in the same turns, for before and after.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.books import stale_copy
from benchmarks.one_file import read_and_copy
from benchmarks.timing import Took, seconds
from xlcity.recalc.files.jobs import Job, run_job
from xlcity.reports import report_ids
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

ROOT = Path(__file__).resolve().parent.parent
UNIT = "read + copy"
START = "start"
#: What is asked at most, in units; `bare` below is the unit of the commands of `START`.
GOALS = {
    "new": 9,
    "recalc": 5,
    "check": 9,
    "results": 3,
    "trace": 4,
    "diff": 6,
    "findings": 14,
}
#: The whole tree below a score of this template is followed, too: the largest there is.
TREE = "gihi2023"
#: report, verb -> the time of each turn
Times = dict[tuple[str, str], list[Took]]


class Files(NamedTuple):
    """A template, a copy with one other value, one whose results are out of date, and a target."""

    book: Path
    other: Path
    stale: Path
    out: Path


def _files(report: str, folder: Path) -> Files:
    place = folder / report
    found = Files(*(place / f"{n}.xlsx" for n in ("book", "other", "stale", "out")))
    if not found.stale.exists():
        place.mkdir(parents=True, exist_ok=True)
        found.book.write_bytes((ROOT / "workbooks" / f"{report}.xlsx").read_bytes())
        change_one(found.book, found.other)
        stale_copy(found.book, found.stale, 1)
    return found


def change_one(source: Path, target: Path) -> None:
    """Write a recalculated copy in which the first typed number is a tenth larger."""
    package = Package.read(source)
    book = read_book(package)
    areas = [
        resolve(book, name)
        for name in ("in_data", "in_links", "in_fields")
        if name in book.names
    ]
    sheet, position, value = next(
        (area.sheet, position, cell.value)
        for area in areas
        for position in area.positions
        if (cell := book.sheets[area.sheet].cells.get(position)) is not None
        and not cell.computed
        and isinstance(cell.value, float)
    )
    write_inputs(package, {sheet: {position: value * 1.1}}, book).write(target)
    problem = run_job(Job(target, target, backup=False)).entry["error"]
    if problem:
        raise RuntimeError(problem)


def second_score(book: Path) -> str:
    """Return the address of the second city's score: its trace is among the longest."""
    opened = read_book(Package.read(book))
    area = resolve(opened, "out_scores")
    return f"{area.sheet}!{cell_name(area.r1 + 1, area.c1)}"


def _verbs(report: str, files: Files) -> dict[str, list[str]]:
    """Return the words of each command."""
    book = str(files.book)
    out = str(files.out)
    cell = second_score(files.book)
    found = {
        "new": ["new", report, "-o", out],
        "recalc": ["recalc", str(files.stale), "-o", out],
        "check": ["check", book],
        "results": ["results", book],
        "trace": ["trace", book, cell, "--depth", "3"],
        "diff": ["diff", book, str(files.other)],
        "findings": ["check", book, "--findings"],
    }
    if report == TREE:
        found["whole tree"] = ["trace", book, cell]
    return found


def _program(words: Sequence[str], where: Path) -> Callable[[], object]:
    """Return what runs Python; it keeps compiled modules, which an installed package has."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }
    env = {
        **kept,
        "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "benchmarks" / "compiled"),
    }
    return lambda: subprocess.run(
        [sys.executable, *words],
        cwd=where,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def measure(
    reports: Sequence[str], verbs: Sequence[str], turns: int, where: Path, folder: Path
) -> Times:
    """Time the commands in turns; each turn times the unit, too."""
    times: Times = {}
    for report in reports:
        files = _files(report, folder)
        commands = {
            verb: _program(["-m", "xlcity", *words], where)
            for verb, words in _verbs(report, files).items()
            if not verbs or verb in verbs
        }
        for command in commands.values():
            command()  # the first compiles modules and fills the user's cache
        for _ in range(turns):
            for verb, command in commands.items():
                files.out.unlink(missing_ok=True)
                unit = seconds(partial(read_and_copy, files.book, files.out))
                files.out.unlink()
                times.setdefault((report, UNIT), []).append(unit)
                times.setdefault((report, verb), []).append(seconds(command))
    return times


def start(turns: int, where: Path) -> Times:
    """Time what starts at once, beside bare Python."""
    commands = {
        "bare": ["-c", "pass"],
        "--help": ["-m", "xlcity", "--help"],
        "list": ["-m", "xlcity", "list"],
        "import": ["-c", "import xlcity"],
        "API": ["-c", "from xlcity import Index, Workbook, read_data"],
    }
    times: Times = {}
    for _ in range(turns):
        for name, words in commands.items():
            times.setdefault((START, name), []).append(seconds(_program(words, where)))
    return times


def _median(times: Times, key: tuple[str, str]) -> Took:
    return Took(*(median(values) for values in zip(*times[key], strict=True)))


def table(times: Times, unit: str) -> Iterator[str]:
    """Yield a Markdown table: wall and processor seconds, each with its units in brackets."""
    rows, columns = (list(dict.fromkeys(key[i] for key in times)) for i in (0, 1))
    yield f"| | {' | '.join(columns)} |"
    yield f"|---{'|---' * len(columns)}|"
    if set(columns) & set(GOALS):
        yield f"| asked (units) | {' | '.join(str(GOALS.get(name, '')) for name in columns)} |"
    for row in rows:
        base = _median(times, (row, unit))
        cells = []
        for column in columns:
            if (row, column) not in times:
                cells.append("")
                continue
            took = _median(times, (row, column))
            ratios = f"{took.wall / base.wall:.1f}, {took.cpu / base.cpu:.1f}"
            cells.append(f"{took.wall:.3g}, {took.cpu:.3g} ({ratios})")
        yield f"| {row} | {' | '.join(cells)} |"


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.commands", description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="VERB", help="of these alone"
    )
    parser.add_argument("--reports", nargs="*", default=[*report_ids()], metavar="ID")
    parser.add_argument(
        "--against", type=Path, metavar="DIR", help="another checkout, for before"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("build/benchmarks/commands")
    )
    args = parser.parse_args(words)
    sys.stdout.write(
        "Wall, processor seconds (units of wall, of processor time); medians\n"
    )
    for where in [*([args.against] if args.against else []), ROOT]:
        sys.stdout.write(f"\n{'before' if where != ROOT else 'now'}\n\n")
        found = measure(
            args.reports, args.only, args.turns, where, args.folder.resolve()
        )
        for line in [*table(found, UNIT), ""] if found else []:
            sys.stdout.write(f"{line}\n")
        if not args.only or START in args.only:
            for line in table(start(max(20, args.turns), where), "bare"):
                sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
