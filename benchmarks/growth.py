"""How the time and the memory of whole commands grow with the rows, the indicators and the levels.

``python -m benchmarks.growth [--rows N…] [--leaves N…] [--levels N] [--turns N] [--only VERB…]``
prints, for each size, processor seconds and the most memory of each command. The books are
generated; each command runs in its own process. `new` is timed twice, because the second time it
finds what the first one has drawn.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.books import Size, make_book, new_words, stale_copy
from benchmarks.commands import change_one, second_score

VERBS = (
    "new",
    "new again",
    "recalc",
    "check",
    "results",
    "trace",
    "diff",
    "findings",
    "seal",
)


class Used(NamedTuple):
    """Processor seconds, wall seconds, and the most megabytes that were held."""

    cpu: float
    wall: float
    memory: float


def measure(
    size: Size, folder: Path, turns: int, only: Sequence[str]
) -> dict[str, Used]:
    """Return what each command takes for a book of a size; the least of several turns."""
    book = make_book(folder, size)
    stale, other, out = (folder / f"{n}-{book.name}" for n in ("stale", "other", "out"))
    if not stale.exists():
        stale_copy(book, stale, 1)
    if not other.exists():
        change_one(book, other)
    words = _words(size, folder, book, stale, other, out)
    found: dict[str, Used] = {}
    for verb in only:
        for _ in range(turns):
            with tempfile.TemporaryDirectory() as empty:
                cache = empty if verb == "new" else str(folder / "cache")
                used = _used(words[verb], cache)
            before = found.get(verb)
            found[verb] = used if before is None else Used(*map(min, used, before))
    return found


def _words(
    size: Size, folder: Path, book: Path, stale: Path, other: Path, out: Path
) -> dict[str, list[str]]:
    new = [*new_words(folder, size), "-o", str(out)]
    return {
        "new": new,
        "new again": new,
        "recalc": ["recalc", str(stale), "-o", str(out)],
        "check": ["check", str(book)],
        "results": ["results", str(book)],
        "trace": ["trace", str(book), second_score(book), "--depth", "3"],
        "diff": ["diff", str(book), str(other)],
        "findings": ["check", str(book), "--findings"],
        "seal": ["seal", str(book), "-o", str(out.with_suffix(".seal"))],
    }


def _used(words: Sequence[str], cache: str) -> Used:
    """Run a command and return what it used, its own processes included."""
    program = (
        "import resource, subprocess, sys, time; start = time.perf_counter();"
        "code = subprocess.run([sys.executable, '-m', 'xlcity', *sys.argv[1:]],"
        " stdout=subprocess.DEVNULL).returncode;"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(code, used.ru_utime + used.ru_stime, time.perf_counter() - start, used.ru_maxrss)"
    )
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONDONTWRITEBYTECODE"
    }
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**kept, "XLCITY_CACHE": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    code, cpu, wall, memory = map(float, done.stdout.split())
    if code > 1:
        raise RuntimeError(f"{words}: {done.stderr}")
    return Used(cpu, wall, memory / (1 << 10))


def table(found: Mapping[Size, Mapping[str, Used]]) -> Iterator[str]:
    """Yield a Markdown table: processor seconds, times the first size, and megabytes."""
    first = next(iter(found.values()))
    yield f"| | {' | '.join(first)} |"
    yield f"|---{'|---' * len(first)}|"
    for size, verbs in found.items():
        cells = (
            f"{used.cpu:.3g} ({used.cpu / first[verb].cpu:.1f}), {used.memory:.0f} MB"
            for verb, used in verbs.items()
        )
        yield f"| {size} | {' | '.join(cells)} |"


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.growth", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[119, 476, 1904])
    parser.add_argument("--leaves", type=int, nargs="*", default=[30])
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument(
        "--only", nargs="*", default=VERBS, choices=VERBS, metavar="VERB"
    )
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks/growth"))
    args = parser.parse_args(words)
    found: dict[Size, dict[str, Used]] = {}
    for rows in args.rows:
        for leaves in args.leaves:
            size = Size(rows, leaves, args.levels)
            found[size] = measure(size, args.folder.resolve(), args.turns, args.only)
            sys.stderr.write(f"{size}: {found[size]}\n")
    sys.stdout.write("Processor seconds (times the first size), most memory\n\n")
    sys.stdout.write("\n".join(table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
