"""What people type into a value's cell, and what the raw cell beside it makes of that.

`python -m tests.helpers.typed_cases` prints one table: cases, and what every engine here says.
IronCalc runs in the Python that `IRONCALC_PYTHON` names, or in this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.helpers.mutations import with_cell
from tests.helpers.own import made_book
from xlcity.errors import CellValue
from xlcity.recalc.engines.soffice import find_soffice
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.reading.template import Template, template_of
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml


class Case(NamedTuple):
    """What is typed: its name, the cell's element without its head, its type, what raw says."""

    shown: str
    inner: str
    kind: str
    raw: CellValue


def _text(text: str, raw: CellValue = "?") -> Case:
    inner = f'<is><t xml:space="preserve">{escape_xml(text)}</t></is>'
    return Case(f'"{text}"', inner, ' t="inlineStr"', raw)


def _number(text: str, raw: CellValue) -> Case:
    return Case(text, f"<v>{text}</v>", "", raw)


def _logical(value: int) -> Case:
    shown = "TRUE" if value else "FALSE"
    return Case(shown, f"<v>{value}</v>", ' t="b"', "?")


def _error(text: str) -> Case:
    return Case(text, f"<v>{text}</v>", ' t="e"', "?")


def _formula(text: str, raw: CellValue, kind: str = "") -> Case:
    return Case(f"={text}", f"<f>{escape_xml(text)}</f>", kind, raw)


#: The cases that were tried first; the recipe of the book takes a blank as a missing code.
FIRST = (
    Case("(blank)", "", "", "NA"),
    _formula('""', "NA", ' t="str"'),
    _text("NA", "NA"),
    _text("na", "NA"),
    _text("12,5"),
    _text("12.5"),
    _text("１２"),
    _logical(1),
    _formula("TRUE()", "?", ' t="b"'),
    _formula("1/0", "?", ' t="e"'),
    _number("1E+308", "?"),
    _number("-1E+200", "?"),
    _text("*"),
    _text("<5"),
    _text(" "),
    _text("?"),
    _text("~"),
    _text("5%"),
    _number("0", 0.0),
    _number("-5.25", -5.25),
    _number("12.5", 12.5),
)
#: More of them.
MORE = (
    _logical(0),
    _formula("1=1", "?", ' t="b"'),
    _error("#N/A"),
    _formula("NA()", "?", ' t="e"'),
    _error("#DIV/0!"),
    _number("1E+149", 1e149),
    _number("1E+151", "?"),
    _number("-1E+307", "?"),
    _number("1E-300", 1e-300),
    _number("45000", 45000.0),
    _formula("1+1", 2.0),
    _formula('"12"', "?", ' t="str"'),
    _formula('"NA"', "NA", ' t="str"'),
    _text("TRUE"),
    _text("3-5"),
    _text("12.3万"),
    _text("1e3"),
    _text("--5"),
    _text("n*a"),
    _text("=5"),
    _text("N?"),
)
CASES = (*FIRST, *MORE)
UNITS = tuple(f"city{number:02d}" for number in range(len(CASES) + 3))
CODE = "A0"


def typed_book() -> Package:
    """Return a book with a case in each city's first value; the last three have numbers."""
    package = Package.from_bytes(
        made_book(("--lang", "en", "--cells", "native"), units=UNITS), "typed.xlsx"
    )
    template = template_of(package, package.name)
    data = template.area("in_data")
    heads = template.book.block(data)[0]
    column = data.c1 + list(heads).index(CODE)
    for unit, case in zip(UNITS, CASES, strict=False):
        position = template.rows[unit], column
        package = with_cell(
            package, template.book, data.sheet, position, case.inner, case.kind
        )
    return package


def raw_of(book: Package) -> dict[str, CellValue]:
    """Return what the raw cells hold of each city's case."""
    template = template_of(book, book.name)
    raw = template.area("xl_typed")
    units = template.area("out_units")
    column = raw.c1 + [*_heads(template)].index(CODE)
    values = {}
    for row in range(raw.r1, raw.r2 + 1):
        unit = template.book.value(units.sheet, row, units.c1)
        values[str(unit)] = template.book.value(raw.sheet, row, column)
    return {unit: values.get(unit) for unit in UNITS}


def with_total(book: Package) -> frozenset[str]:
    """Return the cities that have a rank."""
    template = template_of(book, book.name)
    ranks = template.area("out_ranks")
    units = template.area("out_units")
    return frozenset(
        str(template.book.value(units.sheet, row, units.c1))
        for row in range(units.r1, units.r2 + 1)
        if isinstance(template.book.value(ranks.sheet, row, ranks.c2), float)
    )


def _heads(template: Template) -> list[str]:
    return [str(code) for code in template.book.block(template.area("xl_codes"))[0]]


def in_engine(name: str) -> Callable[[Package], Package]:
    """Return what calculates a book with one of the engines that xlcity knows."""
    return lambda book: patch_results(book, recalculate(book, name))


def in_gnumeric(book: Package) -> Package:
    """Return a book as gnumeric calculates it."""
    words = ["ssconvert", "--recalc", "-T", "Gnumeric_Excel:xlsx2"]
    return _through(book, lambda old, new: [*words, old, new])


_IRONCALC = """
import sys, ironcalc
model = ironcalc.load_from_xlsx(sys.argv[1], "en", "UTC", "en")
model.evaluate()
model.save_to_xlsx(sys.argv[2])
"""


def in_ironcalc(book: Package) -> Package:
    """Return a book as IronCalc calculates it."""
    return _through(book, lambda old, new: [_ironcalc(), "-c", _IRONCALC, old, new])


def _ironcalc() -> str:
    return os.environ.get("IRONCALC_PYTHON", sys.executable)


def _through(book: Package, command: Callable[[str, str], list[str]]) -> Package:
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder, "old.xlsx")
        new = Path(folder, "new.xlsx")
        old.write_bytes(book.to_bytes())
        words = command(str(old), str(new))
        subprocess.run(words, check=True, capture_output=True, timeout=600)
        return Package.from_bytes(new.read_bytes(), book.name)


#: Engines that may be here.
ENGINES = ("auto", "formualizer", "libreoffice", "gnumeric", "ironcalc")


def engines() -> Mapping[str, Callable[[Package], Package]]:
    """Return the engines that are here, by name."""
    found = {name: in_engine(name) for name in ("auto", "formualizer")}
    if find_soffice() is not None:
        found["libreoffice"] = in_engine("libreoffice")
    if shutil.which("ssconvert"):
        found["gnumeric"] = in_gnumeric
    imported = [_ironcalc(), "-c", "import ironcalc"]
    if subprocess.run(imported, capture_output=True, check=False).returncode == 0:
        found["ironcalc"] = in_ironcalc
    return found


def shown_table() -> str:
    """Return the table of all cases and engines; what differs has a sign."""
    book = typed_book()
    found = {name: raw_of(engine(book)) for name, engine in engines().items()}
    lines = [f"{'typed':14} {'expected':10} " + " ".join(f"{n:12}" for n in found)]
    for unit, case in zip(UNITS, CASES, strict=False):
        cells = []
        for values in found.values():
            value = "" if values[unit] is None else values[unit]
            sign = "" if value == case.raw else " !"
            cells.append(f"{value!s}{sign}")
        row = " ".join(f"{cell:12}" for cell in cells)
        lines.append(f"{case.shown:14} {case.raw!s:10} {row}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(shown_table())
