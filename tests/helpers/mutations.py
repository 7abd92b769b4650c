"""Seeded slips in a workbook, of the kinds that people make, and where each was made."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.read import Template, read_template
from xlcity.xlsx import scan
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Book, Position, read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import decode
from xlcity.xlsx.patch import patch_values, write_inputs
from xlcity.xlsx.text import escape_xml, number_text

#: Sheets of words and of input: their formulas are no calculation.
WORDS = ("README", "Labels", "Log", "Data", "Intake", "Framework", "Sources", "Checks", "Cities")
#: Kind -> the rules that name it rightly.
RULES = {
    "overwritten formula": {"E02"},
    "range one row short": {"E04", "E05"},
    "$ dropped": {"E07"},
    "sign swapped": {"E03"},
    "text number": {"W02"},
    "full-width digits": {"W02"},
    "stale value": {"E09"},
    "weight typo": {"E06"},
    "hidden row": {"W11"},
    "link to another file": {"W09"},
    "constant in a formula": {"W01"},
    "duplicated city": {"W06"},
}
_RANGE = re.compile(r"(\$?[A-Z]{1,3}\$\d+:\$?[A-Z]{1,3}\$)(\d+)(?!\d)")
_REF = re.compile(r"(?<![A-Za-z!:$'\"])(?:[A-Za-z]+!)?\$?[A-Z]{1,3}\$?\d+(?![\w(:!])")
_SIGN = re.compile(r"(?<=[\w)\]])([+-])(?=[\w($])(?![\d.]*E)")
_DOLLAR = re.compile(r"\$(?=\d)")


@dataclass(frozen=True)
class Slip:
    """One slip: its kind, the changed workbook, and the cells any of which names it."""

    kind: str
    package: Package
    sheet: str
    cells: frozenset[str]
    what: str

    def found_by(self, findings) -> bool:
        """Tell whether one finding has the right rule and cell."""
        return any(
            f.rule in RULES[self.kind] and f.sheet == self.sheet and f.cell in self.cells
            for f in findings
        )


def make(package: Package, kind: str, rng: random.Random) -> Slip:
    """Return the workbook with one slip of a kind."""
    book = read_book(package)
    return _MAKERS[kind](package, book, rng)


def _calculations(book: Book, test: Callable[[str], bool] = lambda _: True):
    return [
        (sheet.name, position, cell)
        for sheet in book.sheets.values()
        if sheet.name not in WORDS
        for position, cell in sorted(sheet.cells.items())
        if cell.formula and not cell.array and isinstance(cell.value, float) and test(cell.formula)
    ]


def with_cell(package: Package, book: Book, sheet: str, position: Position, inner: str) -> Package:
    """Return the workbook with other content in one cell's element."""
    part = book.sheets[sheet].part
    xml = decode(package.parts, part)
    patterns = scan.grammar(xml)
    data = patterns.data.search(xml)
    for row in scan.rows(xml, patterns, data.start(2), data.end(2)):
        if row.number != position[0]:
            continue
        for cell in scan.cells(xml, patterns, row):
            if cell.number == position[1]:
                style = re.search(r'\ss="\d+"', cell.head)
                head = f'<c r="{cell_name(*position)}"{style[0] if style else ""}>'
                new = xml[: cell.start] + head + inner + "</c>" + xml[cell.end :]
                return package.replace({part: new.encode()})
    raise LookupError(sheet, position)


def with_formula(
    package: Package, book: Book, sheet: str, position: Position, formula: str, calculate=True
) -> Package:
    """Return the workbook with another formula in a cell, calculated as a program would."""
    changed = with_cell(package, book, sheet, position, f"<f>{escape_xml(formula)}</f><v>0</v>")
    return patched(changed, recalculate(changed)) if calculate else changed


def _slip(kind, package, sheet, position, what) -> Slip:
    return Slip(kind, package, sheet, frozenset({cell_name(*position)}), what)


def _overwritten(package, book, rng):
    sheet, position, cell = rng.choice(_calculations(book))
    typed = round(cell.value, 2) if cell.value else 1.0
    new = with_cell(package, book, sheet, position, f"<v>{number_text(typed)}</v>")
    new = patched(new, recalculate(new))
    return _slip("overwritten formula", new, sheet, position, f"{typed} for ={cell.formula}")


def _edited(kind, pattern, edit):
    def make_it(package, book, rng):
        able = _calculations(book, lambda text: bool(_spots(pattern, text)))
        sheet, position, cell = rng.choice(able)
        match = rng.choice(_spots(pattern, cell.formula))
        new = cell.formula[: match.start()] + edit(match) + cell.formula[match.end() :]
        outside = kind == "link to another file"
        changed = with_formula(package, book, sheet, position, new, calculate=not outside)
        return _slip(kind, changed, sheet, position, f"={new}")

    return make_it


def _spots(pattern, text):
    """Return where a pattern matches outside quoted texts."""
    quoted = [m.span() for m in re.finditer(r'"[^"]*"', text)]
    found = []
    for match in pattern.finditer(text):
        if any(a <= match.start() < b for a, b in quoted):
            continue
        if pattern is _RANGE:
            first = int(re.search(r"\$(\d+):", match[1])[1])
            if int(match[2]) - first < 4:
                continue
        found.append(match)
    return found


def _constant(package, book, rng):
    sheet, position, cell = rng.choice(_calculations(book))
    new = rng.choice((f"({cell.formula})*1.05", f"({cell.formula})+3.7", f"{cell.formula}+12"))
    changed = with_formula(package, book, sheet, position, new)
    return _slip("constant in a formula", changed, sheet, position, f"={new}")


def _template(package, book) -> Template:
    return read_template(package, book, "book.xlsx")


def _typed(kind, spell):
    def make_it(package, book, rng):
        template = _template(package, book)
        able = [
            (
                (template.rows[unit], column),
                template.book.value("Data", template.rows[unit], column),
            )
            for unit in sorted(template.rows)
            for column in sorted(template.columns.values())
        ]
        able = [(p, v) for p, v in able if isinstance(v, float) and v >= 2]
        position, value = rng.choice(able)
        text = spell(number_text(value))
        new = write_inputs(package, {"Data": {position: text}}, book)
        new = patched(new, recalculate(new))
        return _slip(kind, new, "Data", position, repr(text))

    return make_it


def _stale(package, book, rng):
    sheet, position, cell = rng.choice(_calculations(book))
    value = cell.value + rng.choice((0.01, 1.0, -2.5))
    new = patch_values(package, {sheet: {position: value}}, book)
    return _slip("stale value", new, sheet, position, f"{value} for {cell.value}")


def _weight(package, book, rng):
    template = _template(package, book)
    area = template.area("in_weights")
    rows = [
        row
        for row in range(area.r1 + 1, area.r2 + 1)
        if isinstance(book.value(area.sheet, row, area.c1), float)
    ]
    position = rng.choice(rows), area.c1
    old = book.value(area.sheet, *position)
    new_value = rng.choice((round(old + 0.1, 6), round(old * 10, 6), round(old - 0.05, 6)))
    new = write_inputs(package, {area.sheet: {position: abs(new_value)}}, book)
    new = patched(new, recalculate(new))
    return _slip("weight typo", new, area.sheet, position, f"{new_value} for {old}")


def _hidden(package, book, rng):
    sheet = rng.choice(["Cleaned", "Normalised", "Scores", "Ranks", "Data"])
    cells = book.sheets[sheet].cells
    filled = sorted({row for (row, _), c in cells.items() if isinstance(c.value, float)})
    row = rng.choice(filled)
    part = book.sheets[sheet].part
    xml = decode(package.parts, part)
    xml = re.sub(rf'<row r="{row}"', f'<row r="{row}" hidden="1"', xml, count=1)
    new = package.replace({part: xml.encode()})
    of_row = frozenset(cell_name(*p) for p in cells if p[0] == row)
    return Slip("hidden row", new, sheet, of_row, f"row {row}")


def _double(package, book, rng):
    template = _template(package, book)
    first, second = rng.sample(sorted(template.rows), 2)
    column = template.area("in_units").c1
    position = template.rows[second], column
    new = write_inputs(package, {"Data": {position: first}}, book)
    new = patched(new, recalculate(new))
    both = frozenset(cell_name(template.rows[unit], column) for unit in (first, second))
    return Slip("duplicated city", new, "Data", both, f"{first} for {second}")


_MAKERS = {
    "overwritten formula": _overwritten,
    "range one row short": _edited(
        "range one row short", _RANGE, lambda m: f"{m[1]}{int(m[2]) - 1}"
    ),
    "$ dropped": _edited("$ dropped", _DOLLAR, lambda _: ""),
    "sign swapped": _edited("sign swapped", _SIGN, lambda m: "-" if m[1] == "+" else "+"),
    "text number": _typed("text number", str),
    "full-width digits": _typed(
        "full-width digits", lambda t: "".join(chr(ord(c) + 0xFEE0) for c in t)
    ),
    "stale value": _stale,
    "weight typo": _weight,
    "hidden row": _hidden,
    "link to another file": _edited(
        "link to another file", _REF, lambda m: f"[1]Sheet1!{m[0].rpartition('!')[2]}"
    ),
    "constant in a formula": _constant,
    "duplicated city": _double,
}
