"""Seeded slips in a workbook, of the kinds that people make, and where each was made.

Cells are drawn from all formulas that give a number and all numbers that are inputs, on every
sheet but those of words alone; a slip is chosen in the sound workbook and made afterwards, so that
several can be made in one copy.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.reading.template import Template, read_template
from xlcity.xlsx import scan
from xlcity.xlsx.address import cell_name, column_number, parse_range
from xlcity.xlsx.cells import Cell, Position, ReadBook, read_book
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, number_text

#: Sheets of words alone.
WORDS = ("README",)
#: Kind -> the rules that name it rightly.
RULES = {
    "overwritten formula": {"E02"},
    "range one row short": {"E04"},
    "$ dropped": {"E03"},
    "sign swapped": {"E03"},
    # A bound on Framework that is a text cannot be used: E06.
    "text number": {"W02", "E06"},
    "full-width digits": {"W02"},
    "stale value": {"E09"},
    "weight typo": {"E06"},
    "hidden row": {"W20"},
    "link to another file": {"W09", "E03"},
    "constant in a formula": {"E03"},
    "duplicated city": {"W06"},
}
#: Kinds that are sure to be named only where the formulas that belong there are known.
WITH_TEMPLATE = (
    "overwritten formula",
    "range one row short",
    "$ dropped",
    "sign swapped",
    "stale value",
    "constant in a formula",
    "weight typo",
    "hidden row",
    "duplicated city",
)
_RANGE = re.compile(
    r"(?<![\w$!'])((?:'[^']+'|[A-Za-z]\w*)!)?(\$?[A-Z]{1,3}\$?)(\d+):(\$?[A-Z]{1,3}\$?)(\d+)(?![\d\w(])"
)
_REF = re.compile(r"(?<![\w!:$'\"\]])([A-Za-z]\w*!)?\$?([A-Z]{1,3})\$?(\d+)(?![\w(:!])")
_SIGN = re.compile(r"(?<=[\w)\]])(?<!\dE)([+-])(?=[\w($])(?![\d.]*E)")
_DOLLAR = re.compile(r"\$(?=[A-Z]{0,3}\$?\d)")
_PLAIN = (0.0, 1.0, 2.0, 100.0)


@dataclass(frozen=True)
class Slip:
    """One slip: its kind, and the cells any of which names it."""

    kind: str
    sheet: str
    cells: frozenset[str]
    what: str
    change: Callable[[Package], Package]
    package: Package | None = None

    def found_by(self, findings) -> bool:
        """Tell whether one finding has the right rule and cell."""
        named = [
            f for f in findings if f.rule in RULES[self.kind] and f.sheet == self.sheet
        ]
        return any(cell in self.cells for _, cell in cells_of(named))


def cells_of(findings) -> set[tuple[str, str]]:
    """Return the rule of each finding with each of its cells."""
    cells = set()
    for finding in findings:
        for area in re.findall(r"[A-Z]+\d+(?::[A-Z]+\d+)?", finding.region) or [
            finding.cell
        ]:
            ends = (0, 0, 0, 0) if not area else parse_range(area)
            places = product(range(ends[0], ends[2] + 1), range(ends[1], ends[3] + 1))
            cells |= {(finding.rule, cell_name(*p) if area else "") for p in places}
    return cells


class Sound:
    """The sound workbook, and the cells slips are drawn from."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.book: ReadBook = read_book(package)

    @cached_property
    def template(self) -> Template:
        return read_template(self.package, self.book, "book.xlsx")

    @cached_property
    def formulas(self) -> list[tuple[str, Position, Cell]]:
        """Formulas that give a number, array formulas left out."""
        return [
            (sheet.name, position, cell)
            for sheet in self.book.sheets.values()
            if sheet.name not in WORDS
            for position, cell in sorted(sheet.cells.items())
            if cell.formula and not cell.array and isinstance(cell.value, float)
        ]

    @cached_property
    def inputs(self) -> list[tuple[str, Position, float]]:
        """Numbers in cells that are unlocked for input."""
        styles = self.package.styles
        return [
            (sheet.name, position, cell.value)
            for sheet in self.book.sheets.values()
            for position, cell in sorted(sheet.cells.items())
            if not cell.computed
            and isinstance(cell.value, float)
            and "unlocked" in styles.look(cell.style)
        ]

    @cached_property
    def read_rows(self) -> list[tuple[str, int]]:
        """Rows with a number that a formula reads."""
        graph = Graph(self.book)
        areas = {
            area for block in graph.blocks() for area in graph.reads_of_block(*block)
        }
        return [
            (sheet.name, row)
            for sheet in self.book.sheets.values()
            if sheet.name not in WORDS
            for row in sorted(
                {
                    p[0]
                    for p, c in sheet.cells.items()
                    if isinstance(c.value, float)
                    and any(a.holds(sheet.name, p) for a in areas)
                }
            )
        ]


def make(package: Package, kind: str, rng: random.Random) -> Slip:
    """Return one slip of a kind, with the changed workbook."""
    sound = Sound(package)
    slip = draw(sound, kind, rng)
    return Slip(
        slip.kind, slip.sheet, slip.cells, slip.what, slip.change, made(sound, [slip])
    )


def draw(sound: Sound, kind: str, rng: random.Random) -> Slip:
    """Choose a slip in a sound workbook, without making it."""
    return _MAKERS[kind](sound, rng)


def apart(slips: Iterable[Slip]) -> Iterator[Slip]:
    """Yield slips that share no cell: each can be judged by itself."""
    taken: set[tuple[str, str]] = set()
    for slip in slips:
        cells = {(slip.sheet, cell) for cell in slip.cells}
        if not cells & taken:
            taken |= cells
            yield slip


def made(sound: Sound, slips: list[Slip]) -> Package:
    """Return a copy with slips made, calculated as a program would."""
    package = sound.package
    for slip in slips:
        if slip.kind != "stale value":
            package = slip.change(package)
    if any(slip.kind not in ("stale value", "hidden row") for slip in slips):
        package = calculated(package)
    for slip in slips:
        if slip.kind == "stale value":
            package = slip.change(package)
    return package


def foreign(package: Package) -> Package:
    """Return a template as somebody else's workbook: its names are others."""
    ours = rb"(xl_|in_|out_|chk_|par_missing)"
    parts = {
        "xl/workbook.xml": re.sub(
            rb'(<definedName name=")' + ours,
            rb"\1my_\2",
            package.parts["xl/workbook.xml"],
        )
    }
    for name, part in package.parts.items():
        if name.startswith("xl/worksheets/sheet"):
            parts[name] = re.sub(
                rb"<f[ >].*?</f>",
                lambda formula: re.sub(
                    rb"(?<![\w.\"])" + ours + rb"(?=\w|\b)", rb"my_\1", formula[0]
                ),
                part,
            )
    return package.replace(parts)


def calculated(package: Package) -> Package:
    """Return a workbook saved with fresh values, as far as its formulas read no other file."""
    book = read_book(package)
    if any(
        "[1]" in text
        for sheet in book.sheets.values()
        for text in sheet.cells.texts().values()
    ):
        return package
    return patch_results(package, recalculate(package, book=book))


def with_text(
    package: Package, book: ReadBook, sheet: str, position: Position, text: str
) -> Package:
    """Return the workbook with a text in a cell."""
    inner = f"<is><t>{escape_xml(text)}</t></is>"
    return with_cell(package, book, sheet, position, inner, ' t="inlineStr"')


def with_cell(
    package: Package,
    book: ReadBook,
    sheet: str,
    position: Position,
    inner: str,
    kind: str = "",
) -> Package:
    """Return the workbook with other content in one cell's element."""
    part = book.sheets[sheet].part
    xml = package.text(part)
    for row in scan.find_rows(xml, *scan.DATA.search(xml).span(3)):
        if row.number != position[0]:
            continue
        for cell in scan.find_cells(xml, row):
            if cell.number == position[1]:
                style = re.search(r'\ss="\d+"', cell.head)
                head = (
                    f'<c r="{cell_name(*position)}"{style[0] if style else ""}{kind}>'
                )
                new = xml[: cell.start] + head + inner + "</c>" + xml[cell.end :]
                return package.replace({part: new.encode()})
    raise LookupError(sheet, position)


def with_formula(
    package: Package,
    book: ReadBook,
    sheet: str,
    position: Position,
    formula: str,
    calculate=True,
) -> Package:
    """Return the workbook with another formula in a cell, calculated as a program would."""
    changed = with_cell(
        package, book, sheet, position, f"<f>{escape_xml(formula)}</f><v>0</v>"
    )
    return calculated(changed) if calculate else changed


def _slip(kind, sheet, position, what, change) -> Slip:
    return Slip(kind, sheet, frozenset({cell_name(*position)}), what, change)


def _has_neighbours(sound, sheet, position, cell):
    """Tell whether three formulas stand below, above, left or right of one, styled alike."""
    cells, (row, column) = sound.book.sheets[sheet].cells, position
    return any(
        all(
            (other := cells.get((row + n * down, column + n * right))) is not None
            and other.formula is not None
            and other.style == cell.style
            for n in (1, 2, 3)
        )
        for down, right in ((1, 0), (-1, 0), (0, 1), (0, -1))
    )


def _overwritten(sound, rng):
    # In a table of one or two rows a number beside formulas cannot be told from a heading.
    sheet, position, cell = rng.choice(
        [f for f in sound.formulas if _has_neighbours(sound, *f)]
    )
    typed = round(cell.value, 2) if cell.value else 1.0

    def change(package):
        return with_cell(
            package, sound.book, sheet, position, f"<v>{number_text(typed)}</v>"
        )

    said = f"{typed} for ={cell.formula}"
    return _slip("overwritten formula", sheet, position, said, change)


def _edited(kind, spots):
    """Return what edits one spot of a formula; `spots` yields (start, end, new text)."""

    def choose_one(sound, rng):
        while True:
            sheet, position, cell = rng.choice(sound.formulas)
            able = list(spots(sound, sheet, cell.formula))
            if not able:
                continue
            start, end, text = rng.choice(able)
            new = cell.formula[:start] + text + cell.formula[end:]

            def change(package, sheet=sheet, position=position, new=new):
                return with_formula(
                    package, sound.book, sheet, position, new, calculate=False
                )

            return _slip(kind, sheet, position, f"={new} for ={cell.formula}", change)

    return choose_one


def _outside_texts(pattern, text):
    quoted = [m.span() for m in re.finditer(r'"[^"]*"', text)]
    for match in pattern.finditer(text):
        if not any(a <= match.start() < b for a, b in quoted):
            yield match


def _short(_sound, _sheet, text):
    for match in _outside_texts(_RANGE, text):
        first = int(match[3])
        last = int(match[5])
        if last - first >= 4:
            yield *match.span(5), str(last - 1)
            yield *match.span(3), str(first + 1)


def _dollars(_sound, _sheet, text):
    for match in _outside_texts(_DOLLAR, text):
        yield *match.span(), ""


def _signs(_sound, _sheet, text):
    for match in _outside_texts(_SIGN, text):
        yield *match.span(), "-" if match[1] == "+" else "+"


def _links(_sound, _sheet, text):
    for match in _outside_texts(_REF, text):
        yield *match.span(), f"[1]Sheet1!{match[0].rpartition('!')[2]}"


def _constants(sound, sheet, text):
    for more in ("*1.05", "+3.7"):
        yield 0, len(text), f"({text}){more}"
    yield len(text), len(text), "+12"
    for match in _outside_texts(_REF, text):
        owner = match[1].removesuffix("!") if match[1] else sheet
        value = sound.book.value(owner, int(match[3]), column_number(match[2]))
        if isinstance(value, float) and value not in _PLAIN and value > 0:
            yield *match.span(), number_text(value)


def _typed(kind, spell):
    def choose_one(sound, rng):
        sheet, position, value = rng.choice(sound.inputs)
        text = spell(number_text(value))

        def change(package):
            return with_text(package, sound.book, sheet, position, text)

        return _slip(kind, sheet, position, repr(text), change)

    return choose_one


def _stale(sound, rng):
    # Numbers beside which what is added counts: 9E+307 stays what it is.
    sheet, position, cell = rng.choice(
        [f for f in sound.formulas if abs(f[2].value) < 1e6]
    )
    value = cell.value + rng.choice((0.01, 1.0, -2.5))

    def change(package):
        inner = f"<f>{escape_xml(cell.formula)}</f><v>{number_text(value)}</v>"
        return with_cell(package, sound.book, sheet, position, inner)

    return _slip("stale value", sheet, position, f"{value} for {cell.value}", change)


def _weight(sound, rng):
    area = sound.template.area("in_weights")
    rows = [
        row
        for row in range(area.r1 + 1, area.r2 + 1)
        if isinstance(sound.book.value(area.sheet, row, area.c1), float)
    ]
    position = rng.choice(rows), area.c1
    old = sound.book.value(area.sheet, *position)
    new = abs(
        rng.choice((round(old + 0.1, 6), round(old * 10, 6), round(old - 0.05, 6)))
    )

    def change(package):
        return with_cell(
            package, sound.book, area.sheet, position, f"<v>{number_text(new)}</v>"
        )

    return _slip("weight typo", area.sheet, position, f"{new} for {old}", change)


def _hidden(sound, rng):
    sheet, row = rng.choice(sound.read_rows)
    part = sound.book.sheets[sheet].part

    def change(package):
        xml = package.text(part)
        xml = re.sub(rf'<row r="{row}"', f'<row r="{row}" hidden="1"', xml, count=1)
        return package.replace({part: xml.encode()})

    return Slip("hidden row", sheet, frozenset((f"A{row}",)), f"row {row}", change)


def _double(sound, rng):
    """One city's id typed over another's, on Data or in the list of cities."""
    book = sound.book
    template = sound.template
    if rng.random() < 0.5:
        rows = template.rows
        sheet = "Data"
        column = template.area("in_units").c1
    else:
        area = template.area("xl_cities")
        head = book.block(area)[0]
        sheet = area.sheet
        column = area.c1 + head.index("id")
        ids = (
            (row, book.value(sheet, row, column))
            for row in range(area.r1 + 1, area.r2 + 1)
        )
        rows = {text: row for row, text in ids if isinstance(text, str) and text}
    first, second = rng.sample(sorted(rows), 2)
    position = rows[second], column

    def change(package):
        return with_text(package, book, sheet, position, first)

    both = frozenset(cell_name(rows[unit], column) for unit in (first, second))
    return Slip("duplicated city", sheet, both, f"{first} for {second}", change)


_MAKERS = {
    "overwritten formula": _overwritten,
    "range one row short": _edited("range one row short", _short),
    "$ dropped": _edited("$ dropped", _dollars),
    "sign swapped": _edited("sign swapped", _signs),
    "text number": _typed("text number", str),
    "full-width digits": _typed(
        "full-width digits", lambda t: "".join(chr(ord(c) + 0xFEE0) for c in t)
    ),
    "stale value": _stale,
    "weight typo": _weight,
    "hidden row": _hidden,
    "link to another file": _edited("link to another file", _links),
    "constant in a formula": _edited("constant in a formula", _constants),
    "duplicated city": _double,
}
