"""What `xlcity check --json` says of the slips of `random_slips`, as a table by kind.

python -m tests.helpers.slip_table [--kinds WORD…] [--seed N] [--jobs N] [--show] [--keep]

A slip is found where a finding (or a row of the checks that was not so before) is at one of its
cells and has a word that fits; a finding elsewhere is at a wrong cell. `--show` prints what was
said of each slip that was not found, `--keep` writes tests/golden/slips.csv.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import io
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    os.environ["XLCITY_LANG"] = "en"

from tests.helpers.random_slips import (  # noqa: E402
    BOOKS,
    KINDS_OF_SLIPS,
    SEED,
    Planted,
    Slip,
    drawn_slips,
    sound_book,
)
from xlcity.cli import main as xlcity  # noqa: E402
from xlcity.xlsx.package import Package  # noqa: E402

TABLE = ROOT / "tests" / "golden" / "slips.csv"


class Outcome(Enum):
    """What *check* says of a slip."""

    FOUND = "found"
    NO_WORD = "found, no word that fits"
    ELSEWHERE = "found elsewhere"
    SILENT = "not found"


class Said(NamedTuple):
    """One finding, or one row of the checks: which, where, and all its words."""

    name: str
    sheet: str
    areas: str
    text: str
    is_check: bool

    def __str__(self) -> str:
        return f"{self.name} {self.sheet}!{self.areas}: {self.text}"


@dataclass(frozen=True)
class Judged:
    """A slip, where it is, what is said of it, and what of that is at a wrong cell."""

    kind: str
    number: int
    book: str
    cell: str
    outcome: Outcome
    elsewhere: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def row(self) -> dict[str, str]:
        """The line of the kept table."""
        return {
            "kind": self.kind,
            "number": str(self.number),
            "book": self.book,
            "cell": self.cell,
            "outcome": self.outcome.value,
            "elsewhere": " ".join(name.split()[0] for name in self.elsewhere),
        }


def said_of(package: Package, name: str) -> list[Said]:
    """Return what `xlcity check --json` says of a book."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(package.to_bytes())
        stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        stderr = io.StringIO()
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            xlcity(["check", str(path), "--json"])
        stdout.flush()
        document = json.loads(stdout.buffer.getvalue())
    said = [_error(error) for error in document.get("errors", ())]
    for workbook in document.get("workbooks", ()):
        said += [_finding(finding) for finding in workbook["findings"]]
        said += [_check(check) for check in workbook["checks"]]
    return [line for line in said if line is not None]


def _error(error: dict) -> Said:
    where = error["where"]
    text = f"{error['message']} {error['hint']}"
    return Said(
        error["code"],
        where.get("sheet") or "",
        where.get("cell") or "",
        text,
        is_check=False,
    )


def _finding(finding: dict) -> Said:
    areas = [finding["cell"], *finding["cells"]]
    return Said(
        finding["rule"],
        finding["sheet"],
        " ".join(area.rpartition("!")[2] for area in areas if area),
        f"{finding['message']} {finding['fix']}",
        is_check=False,
    )


def _check(check: dict) -> Said | None:
    """Return a row of the checks that is not as it should be."""
    if check["status"] not in ("fail", "note"):
        return None
    sheets = {cell.rpartition("!")[0].strip("'") for cell in check["cells"]}
    areas = " ".join(cell.rpartition("!")[2] for cell in check["cells"])
    sheet = sheets.pop() if len(sheets) == 1 else ""
    text = f"{check['name']} {check['detail']}"
    return Said(check["name"], sheet, areas, text, is_check=True)


@functools.cache
def said_of_sound(book: str) -> frozenset[Said]:
    """Return what *check* says of a book without slips."""
    sound = sound_book(book)
    return frozenset(said_of(sound.package, sound.name))


def judge(planted: Planted) -> Judged:
    """Ask *check* of a planted book."""
    book = planted.slip.book
    said = said_of(planted.package, sound_book(book).name)
    new = [line for line in said if line not in said_of_sound(book)]
    at_cell = [line for line in new if planted.is_at(line.sheet, line.areas, line.text)]
    elsewhere = [line for line in new if line not in at_cell and not line.is_check]
    return Judged(
        kind=planted.slip.kind.name,
        number=planted.slip.number,
        book=book,
        cell=f"{planted.sheet}!{planted.places[0]}".removeprefix("!"),
        outcome=_outcome(planted, at_cell, elsewhere),
        elsewhere=tuple(map(str, elsewhere)),
        said=tuple(map(str, new)),
    )


def _outcome(planted: Planted, at_cell: list[Said], elsewhere: list[Said]) -> Outcome:
    if any(planted.fits(line.text) for line in at_cell):
        return Outcome.FOUND
    if at_cell:
        return Outcome.NO_WORD
    return Outcome.ELSEWHERE if elsewhere else Outcome.SILENT


def _judge_number(place: int, seed: int) -> Judged:
    """Plant and judge the slip at a place in their order; this runs in a process of its own."""
    os.environ["XLCITY_LANG"] = "en"
    return judge([*drawn_slips(seed)][place].plant())


def judged_slips(
    slips: Iterable[Slip], seed: int = SEED, jobs: int = os.cpu_count() or 1
) -> list[Judged]:
    """Plant and judge slips, in processes beside each other, those of one book in a row."""
    place_of = {
        (slip.kind.name, slip.number): place
        for place, slip in enumerate(drawn_slips(seed))
    }
    order = sorted(slips, key=lambda slip: BOOKS.index(slip.book), reverse=True)
    places = [place_of[slip.kind.name, slip.number] for slip in order]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        judged = [*pool.map(_judge_number, places, [seed] * len(places))]
    return sorted(judged, key=lambda line: place_of[line.kind, line.number])


def table_by_kind(judged: list[Judged]) -> str:
    """Return the table: a line a kind, those counted apart below their sum."""
    apart = {kind.name for kind in KINDS_OF_SLIPS if kind.is_apart}
    lines = [_line("kind", "slips", *(o.value for o in Outcome), "wrong cells")]
    names = dict.fromkeys(line.kind for line in judged)
    for name in (name for name in names if name not in apart):
        lines.append(_counts(name, [line for line in judged if line.kind == name]))
    counted = [line for line in judged if line.kind not in apart]
    lines.append(_counts("all", counted))
    for name in (name for name in names if name in apart):
        lines.append(_counts(name, [line for line in judged if line.kind == name]))
    return "\n".join(lines)


def _counts(name: str, judged: list[Judged]) -> str:
    numbers = [sum(line.outcome is o for line in judged) for o in Outcome]
    wrong = sum(len(line.elsewhere) for line in judged)
    return _line(name, len(judged), *numbers, wrong)


def _line(name: object, *cells: object) -> str:
    return f"{name!s:48}" + "".join(f"{cell!s:>26}" for cell in cells)


def read_table() -> list[dict[str, str]]:
    """Return the kept table."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return [*csv.DictReader(stream)]


def keep_table(judged: list[Judged]) -> None:
    """Write the kept table."""
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*judged[0].row], lineterminator="\n")
        writer.writeheader()
        writer.writerows(line.row for line in judged)


def main() -> None:
    """Plant the slips, ask *check*, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="*", default=[""])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    slips = [
        slip
        for slip in drawn_slips(args.seed)
        if any(word in slip.kind.name for word in args.kinds)
    ]
    judged = judged_slips(slips, args.seed, args.jobs)
    for line in judged if args.show else ():
        if line.outcome is not Outcome.FOUND or line.elsewhere:
            sys.stdout.write(
                f"{line.kind} {line.number} {line.book} {line.cell}"
                f" [{line.outcome.value}]\n"
            )
            sys.stdout.write("".join(f"    {text[:300]}\n" for text in line.said))
    sys.stdout.write(f"{table_by_kind(judged)}\n")
    if args.keep:
        keep_table(judged)


if __name__ == "__main__":
    main()
