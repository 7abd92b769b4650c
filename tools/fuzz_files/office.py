"""Holds broken workbooks that `recalc` called ok against LibreOffice, cell by cell.

`python -m tools.fuzz_files.office COUNT REPORT.jsonl [FIRST]`: files from the number FIRST on go
through `recalc` until COUNT of them ended with exit 0. It goes on after the numbers that the report
has. REPORT.runs has all runs, as `python -m tools.fuzz_files` writes them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.fuzz_files.run import FuzzRun, runs
from xlcity.errors import XlcityError
from xlcity.recalc.compare import agree, relative_difference
from xlcity.recalc.engines.soffice import recalculate_in_office, shared_office
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.package import Package

#: Files for each start of LibreOffice.
_SHARE = 50
#: Seconds for one file, also on a machine that is busy.
_SECONDS = 600.0


def compared(ours: ReadBook, theirs: ReadBook) -> dict[str, Any]:
    """Return how many native cells there are, the largest difference, and those that differ."""
    calls = find_udf_cells(ours, library_names())
    cells = 0
    largest = 0.0
    differing = []
    for name, sheet in ours.sheets.items():
        for at in sheet.cells.computed():
            if at in calls.get(name, ()):
                continue
            value = ours.value(name, *at)
            other = theirs.value(name, *at)
            cells += 1
            largest = max(largest, relative_difference(value, other) or 0.0)
            if not agree(value, other):
                cell = sheet.cells.get(at)
                formula = (
                    "" if cell is None or cell.formula is None else str(cell.formula)
                )
                differing.append(
                    [full_address(name, at), repr(value), repr(other), formula[:200]]
                )
    return {"cells": cells, "largest": largest, "differing": differing[:20]}


def held(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield what LibreOffice, started once, says of each recalculated file."""
    with shared_office():
        for path in paths:
            package = Package.read(path)
            book = read_book(package)
            frozen = {
                name: {at: book.value(name, *at) for at in cells}
                for name, cells in find_udf_cells(book, library_names()).items()
            }
            # What no other program computes is a constant; no result is there to be believed.
            copy = engine_copy(package, book, constants=frozen)
            entry: dict[str, Any] = {"number": int(path.stem)}
            try:
                made = Package.from_bytes(
                    recalculate_in_office(copy.to_bytes(), _SECONDS)
                )
                entry |= compared(book, read_book(made))
            except XlcityError as error:
                entry |= {"cells": 0, "refused": str(error)[:300]}
            yield entry


def main(words: list[str]) -> int:
    """Do it; return 1 if a number differs."""
    count = int(words[0])
    report = Path(words[1])
    number = int(words[2]) if words[2:] else 0
    known = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
    done = len(known)
    number = max([number, *(json.loads(line)["number"] + 1 for line in known)])
    differing = 0
    tried = list[FuzzRun]()
    while done < count:
        with (
            tempfile.TemporaryDirectory() as name,
            report.open("a", encoding="utf-8") as out,
        ):
            folder = Path(name)
            (folder / "ok").mkdir()
            wanted = min(_SHARE, count - done)
            pairs = ((at, "recalc") for at in range(number, sys.maxsize))
            for run in runs(pairs, small=3, keep=folder / "ok"):
                number = run.number + 1
                tried.append(run)
                if len(list((folder / "ok").iterdir())) == wanted:
                    break
            os.environ.pop("XLCITY_SOFFICE")  # hidden from `recalc` only
            for entry in held(sorted((folder / "ok").iterdir())):
                done += 1
                differing += bool(entry.get("differing"))
                out.write(json.dumps(entry, ensure_ascii=False) + "\n")
        with report.with_suffix(".runs").open("a", encoding="utf-8") as out:
            out.writelines(
                json.dumps(run.as_dict(), ensure_ascii=False) + "\n" for run in tried
            )
        tried.clear()
        sys.stdout.write(
            f"{done} files up to number {number - 1}, {differing} differing\n"
        )
        sys.stdout.flush()
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
