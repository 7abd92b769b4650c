"""Lets Gnumeric compute every native cell of a workbook from stripped results."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import CellValue
from xlcity.recalc.compare import agree, relative_difference
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.package import Package

#: Sheet -> positions of cells.
Cells = dict[str, frozenset[Position]]


@dataclass
class SecondProgram:
    """What a program says of one workbook's native cells."""

    program: str
    cells: int = 0
    max_diff: float = 0.0
    differing: tuple[tuple[str, CellValue, CellValue, str], ...] = ()


def _gnumeric(data: bytes) -> ReadBook:
    """Return the cells of a workbook as Gnumeric computes and saves them."""
    if shutil.which("ssconvert") is None:
        raise SystemExit("no Gnumeric: apt-get install gnumeric")
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "in.xlsx")
        target = Path(name, "out.xlsx")
        source.write_bytes(data)
        words = [
            "ssconvert",
            "--recalc",
            "-T",
            "Gnumeric_Excel:xlsx2",
            str(source),
            str(target),
        ]
        subprocess.run(words, capture_output=True, check=True, timeout=1200)
        return read_book(Package.read(target))


def recomputed(path: Path) -> list[SecondProgram]:
    """Hold what Gnumeric computes against formualizer, cell by cell.

    Cells that call the library are constants: no other program has these functions.
    """
    package = Package.read(path)
    book = read_book(package)
    expected = recalculate(package, "formualizer", book=book).values
    calls = find_udf_cells(book, library_names())
    frozen = {
        name: {at: expected[name][at] for at in cells} for name, cells in calls.items()
    }
    stripped = engine_copy(package, book, constants=frozen)
    theirs = _gnumeric(stripped.to_bytes())
    gnumeric = {
        name: {at: theirs.value(name, *at) for at in cells}
        for name, cells in expected.items()
    }
    return [_held("gnumeric", book, calls, expected, gnumeric)]


def _held(
    program: str, book: ReadBook, calls: Cells, expected: Values, theirs: Values
) -> SecondProgram:
    found = SecondProgram(program)
    differing = []
    for name, cells in expected.items():
        for at, value in cells.items():
            if at in calls.get(name, ()):
                continue
            other = theirs.get(name, {}).get(at)
            found.cells += 1
            found.max_diff = max(
                found.max_diff, relative_difference(value, other) or 0.0
            )
            if not agree(value, other):
                formula = book.sheets[name].cells[at].formula or "(array)"
                differing.append((full_address(name, at), value, other, formula))
    found.differing = tuple(differing)
    return found
