"""Two minutes: ``make bench-quick``, or ``python -m benchmarks.quick [--smallest | --formulas]``.

Recalculation of a generated book beside other ways to get or to read its numbers: medians of runs
that take turns, as a Markdown table. `formulas` takes eight minutes more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

from benchmarks.books import Size, make_book, stale_copy
from benchmarks.one_file import differing, read_and_copy
from benchmarks.timing import Took, seconds
from xlcity.recalc.engines.registry import available_engines
from xlcity.recalc.files.jobs import Job, run_job

UNIT = "read (calamine) + copy (zip)"
AGAIN = "recalc, the same file again"
OURS = "recalc, a running process, another copy each time"
#: Cities of the book, and of the smallest one.
CITIES = 119
FEW = 3


def _recalculated(source: Path, target: Path, engine: str) -> None:
    problem = run_job(Job(source, target, engine, timeout=600)).entry["error"]
    if problem:
        raise RuntimeError(problem)


def _in_turns(works: Mapping[str, Callable[[], object]], turns: int) -> dict[str, Took]:
    """Return the median times of each."""
    times: dict[str, list[Took]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            times[name].append(seconds(work))
    return {
        name: Took(*(median(values) for values in zip(*took, strict=True)))
        for name, took in times.items()
    }


def _rows(found: Mapping[str, Took]) -> Iterator[str]:
    ours = found[OURS]
    unit = found[UNIT]
    for name, took in found.items():
        yield (
            f"| {name} | {took.wall:.2f} | {took.cpu:.2f} | {took.wall / unit.wall:.1f} | "
            f"{took.wall / ours.wall:.1f} |"
        )


def measure(
    folder: Path, cities: int, engines: Sequence[str], turns: int
) -> Iterator[str]:
    """Yield a table for a book of some cities; other engines run twice."""
    template = make_book(folder, Size(cities))
    target = folder / "quick.xlsx"
    copies = [
        stale_copy(template, folder / f"stale-{cities}-{n}.xlsx", n) for n in (1, 2, 3)
    ]
    book = copies[0]
    others = cycle(copies[1:])
    ours = partial(_recalculated, book, target, "auto")
    first = seconds(ours)
    found = _in_turns(
        {OURS: lambda: _recalculated(next(others), target, "auto")}, turns
    )
    ours()
    found |= _in_turns({AGAIN: ours, UNIT: partial(read_and_copy, book, target)}, turns)
    engine_runs = {
        f"recalc --engine {engine}": partial(
            _recalculated, book, folder / f"{engine}.xlsx", engine
        )
        for engine in engines
    }
    found |= _in_turns(engine_runs, 2)
    ours()
    cells = run_job(Job(book, target)).entry["formula_cells"]
    yield f"{cities} cities x 30 indicators, {cells} formulas, all inputs changed first\n"
    yield "| | seconds | processor seconds | times read + copy | times recalc |"
    yield "|---|---|---|---|---|"
    yield from _rows({**found, "recalc, the first in its process": first})
    for engine in engines:
        other = differing(target, folder / f"{engine}.xlsx")
        yield f"\n{other} of {cells} results differ from {engine} by more than 1e-9."


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.quick", description=__doc__)
    parser.add_argument(
        "--smallest", action="store_true", help="seconds: a small book alone"
    )
    parser.add_argument(
        "--formulas", action="store_true", help="`formulas`, too: minutes more"
    )
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    args = parser.parse_args(words)
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"formulas"} if args.formulas else set()
    wanted |= set() if args.smallest else {"formualizer", "libreoffice"}
    engines = sorted(wanted & set(available_engines()))
    for line in measure(folder, FEW if args.smallest else CITIES, engines, 5):
        sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
