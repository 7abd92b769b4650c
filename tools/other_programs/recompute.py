"""Lets other programs compute every native cell of a workbook from stripped results."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import agree, relative_difference
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.engines.soffice import find_soffice
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.package import Package

#: Sheet -> positions of cells.
Cells = dict[str, frozenset[Position]]
#: (sheet, row, column) -> the value that a program has there.
ValueOf = Callable[[str, int, int], CellValue]
#: The file of a workbook -> the values that a program has in its cells once it has computed them.
Recompute = Callable[[Path], ValueOf]


@dataclass
class SecondProgram:
    """What a program says of one workbook's native cells."""

    program: str
    cells: int = 0
    max_diff: float = 0.0
    differing: tuple[tuple[str, CellValue, CellValue, str], ...] = ()


def _gnumeric(source: Path) -> ValueOf:
    """Return the cells of a workbook as Gnumeric computes and saves them."""
    target = source.with_name("gnumeric.xlsx")
    to_xlsx = ("-T", "Gnumeric_Excel:xlsx2")
    words = ["ssconvert", "--recalc", *to_xlsx, str(source), str(target)]
    subprocess.run(words, capture_output=True, check=True, timeout=1200)
    return read_book(Package.read(target)).value


def _ironcalc(source: Path) -> ValueOf:
    """Return the cells of a workbook as IronCalc computes them."""
    import ironcalc

    with _silence():  # it names every cell without a stored result
        model = ironcalc.load_from_xlsx(str(source), "en", "UTC", "en")
    model.evaluate()
    sheets = [sheet["name"] for sheet in model.get_worksheets_properties()]

    def value_of(sheet: str, row: int, column: int) -> CellValue:
        at = sheets.index(sheet)
        value: CellValue = model.get_cell_value(at, row, column)
        kind = model.get_cell_type(at, row, column)
        is_error = kind == ironcalc.CellType.ErrorValue
        return CellError(value) if is_error else value

    return value_of


def _libreoffice(source: Path) -> ValueOf:
    """Return the cells of a workbook as LibreOffice computes them."""
    return recalculate(Package.read(source), "libreoffice").value


@contextmanager
def _silence() -> Iterator[None]:
    """Keep to itself what a library that is not Python prints."""
    streams = (1, 2)
    kept = [os.dup(stream) for stream in streams]
    with Path(os.devnull).open("w") as nowhere:
        for stream in streams:
            os.dup2(nowhere.fileno(), stream)
        try:
            yield
        finally:
            for stream, copy in zip(streams, kept, strict=True):
                os.dup2(copy, stream)
                os.close(copy)


def _has_ironcalc() -> bool:
    return importlib.util.find_spec("ironcalc") is not None


def _has_gnumeric() -> bool:
    return shutil.which("ssconvert") is not None


def _has_libreoffice() -> bool:
    return find_soffice() is not None


@dataclass(frozen=True)
class Witness:
    """A program that computes workbooks, beside ours: whether it is there, and where it is from."""

    recompute: Recompute
    is_there: Callable[[], bool]
    source: str


#: The programs by name.
WITNESSES = {
    "libreoffice": Witness(
        _libreoffice, _has_libreoffice, "apt-get install libreoffice-calc"
    ),
    "gnumeric": Witness(_gnumeric, _has_gnumeric, "apt-get install gnumeric"),
    "ironcalc": Witness(_ironcalc, _has_ironcalc, "pip install ironcalc"),
}


def recomputed(path: Path, program: str) -> SecondProgram:
    """Hold what a program computes against our own engine, cell by cell.

    Cells that call the library are constants: no other program has these functions.
    """
    package = Package.read(path)
    book = read_book(package)
    expected = recalculate(package, "compiled", book=book).values
    calls = find_udf_cells(book, library_names())
    frozen = {
        name: {at: expected[name][at] for at in cells} for name, cells in calls.items()
    }
    stripped = engine_copy(package, book, constants=frozen)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.xlsx")
        source.write_bytes(stripped.to_bytes())
        value_of = WITNESSES[program].recompute(source)
    return _held(program, book, calls, expected, value_of)


def _held(
    program: str, book: ReadBook, calls: Cells, expected: Values, value_of: ValueOf
) -> SecondProgram:
    found = SecondProgram(program)
    differing = []
    for name, cells in expected.items():
        for at, value in cells.items():
            if at in calls.get(name, ()):
                continue
            other = value_of(name, *at)
            found.cells += 1
            difference = relative_difference(value, other) or 0.0
            found.max_diff = max(found.max_diff, difference)
            if not agree(value, other):
                formula = book.sheets[name].cells[at].formula or "(array)"
                differing.append((full_address(name, at), value, other, formula))
    found.differing = tuple(differing)
    return found
