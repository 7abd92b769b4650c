"""Random formulas: samples of the catalogue with their arguments changed at the borders.

Each formula has cells of its own beside it. An argument is typed into the formula, stands in a
cell, or is computed; ranges get gaps, text, truth values, errors, and other sizes.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tools.formula_search.catalogue import (
    CatalogueEntry,
    Part,
    catalogue,
    literal,
    read_sample,
    stored_name,
)
from xlcity.errors import CellError, CellValue
from xlcity.recalc.support.formula_rules import function_table as table
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.sheet_patch import constant_xml
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml

SHEET = "F"
#: Values at the borders of what functions take, by class.
NUMBERS = (
    0.0,
    1.0,
    -1.0,
    2.0,
    3.0,
    5.0,
    10.0,
    0.5,
    1.5,
    2.5,
    -2.5,
    3.7,
    0.1,
    1 / 3,
    2.0000000000000004,
    0.1 + 0.2,
    0.30000000000000004 * 3,
    1.1 + 2.2,
    1e-10,
    1e-5,
    1e15,
    123456789012345678.0,
    1e20,
    1e300,
    -1e300,
    1e-300,
    0.9999999999999999,
    100.0,
    1000000.0,
    123456.789012345678,
    45000.0,
    45000.75,
    60.0,
    61.0,
    2958465.0,
    2958466.0,
    1.005,
    2.675,
    8.0,
    15.5,
)
TEXTS = (
    "abc",
    "A",
    "a",
    "b",
    "",
    " ",
    " 5",
    "5",
    "5.5",
    "-3",
    "1e3",
    "1,234",
    "1,234.5",
    "12%",
    "$5",
    "2020-01-31",
    "1/2/2020",
    "10:30",
    "1 1/2",
    "(5)",
    "TRUE",
    "true",
    "a*",
    "*",
    "?",
    "~",
    ">2",
    "=1",
    "<>",
    "#N/A",
    "５",
    "5 ",
    "3 Jan 2020",
    "北京",
    'x"y',
    "+4",
    ".5",
    "5.",
    "1E400",
    "inf",
    "nan",
    "1_000",
    "0x10",
    "Jan 2020",
    "5-3",
    "1.2.3",
)
ERRORS = (CellError.NA, CellError.DIV0, CellError.VALUE, CellError.NUM, CellError.REF)
#: Neighbours in the last digits.
NEAR = (
    (0.1 + 0.2, 0.3),
    (1.1 + 2.2, 3.3),
    (43.1 - 43.2, -0.1),
    (1.0, 1.0000000000000002),
    (1e15 + 0.125, 1e15),
    (0.7 * 3, 2.1),
    (4.35 * 100, 435.0),
    (1e-17, 0.0),
    (5.0, 5.0),
)
_HUGE = 1e150
_INFIX = frozenset(["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">="])
#: A large number makes a large result of them.
_GROWING = frozenset(
    name
    for name in catalogue()
    if re.match(
        "MUNIT|SEQUENCE|REPT|FACT|COMBIN|PERMUT|MULTI|BINOM|CRIT|POISSON|HYPG|NEGB|WORKD|NETW"
        "|DB|DDB|SYD|NPER|RATE|BASE|ROMAN",
        name,
    )
)
#: Their values change from one moment to the next.
_MOVING = frozenset(["RAND", "RANDBETWEEN", "NOW", "TODAY"])


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: how it is written, and what it holds.

    ``form`` is ``typed``, ``cell``, ``computed``, ``range`` or ``empty``; ``rows`` its values.
    """

    form: str
    rows: tuple[tuple[CellValue, ...], ...] = ()
    shown: str = "{}"

    @property
    def value(self) -> CellValue:
        """The value of a single one."""
        return self.rows[0][0] if self.rows else None


@dataclass(frozen=True, slots=True)
class Made:
    """A formula: the function and its arguments."""

    name: str
    arguments: tuple[Argument, ...]

    def written(self, shown: list[str], *, stored: bool = False) -> str:
        """Return the text of the formula."""
        name = (
            stored_name(self.name) if stored and self.name[0].isalpha() else self.name
        )
        if self.name in _INFIX:
            return f"{shown[0]}{name}{shown[1]}"
        if self.name == "%":
            return f"{shown[0]}%"
        if self.name in ("u-", "u+"):
            return f"{name[1]}{shown[0]}"
        return f"{name}({','.join(shown)})"

    @property
    def is_array(self) -> bool:
        """Whether it gives an array; the first value is looked at."""
        return catalogue()[self.name].signature.result == "A"

    @property
    def is_huge(self) -> bool:
        """Whether an argument holds a number beyond the limits of our own engine."""
        values = [
            value
            for argument in self.arguments
            for row in argument.rows
            for value in row
        ]
        return any(isinstance(value, float) and abs(value) >= _HUGE for value in values)

    def __str__(self) -> str:
        return self.written([_text(a) for a in self.arguments])


def _text(argument: Argument) -> str:
    if argument.form == "typed":
        return argument.shown
    if argument.form == "empty":
        return ""
    rows = ";".join(",".join(map(_spell, row)) for row in argument.rows)
    return argument.shown.replace("{}", f"[{rows}]")


def _spell(value: CellValue) -> str:
    if value is None:
        return "_"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        quoted = value.replace('"', '""')
        return f'"{quoted}"'
    return str(value)


def functions() -> list[str]:
    """Return the functions that some engine is trusted with in some use."""
    lines = table()
    trusted = (name for name in catalogue() if name in lines and lines[name].engines)
    return [name for name in trusted if name not in _MOVING]


def formulas(
    count: int, seed: int, names: Iterable[str] | None = None
) -> Iterator[Made]:
    """Yield random formulas, each function as often as the others."""
    draw = random.Random(seed)
    chosen = list(names or functions())
    entries = catalogue()
    for number in range(count):
        yield formula(entries[chosen[number % len(chosen)]], draw)


def formula(entry: CatalogueEntry, draw: random.Random) -> Made:
    """Return a random formula that uses one function."""
    sample = draw.choice(entry.samples) if entry.samples else f"{entry.name}()"
    parts = read_sample(entry, sample)
    if entry.name in _INFIX and draw.random() < 0.15:
        pair = draw.choice(NEAR)
        return Made(entry.name, tuple(_single(v, draw) for v in pair))
    changes = 0 if draw.random() < 0.1 else draw.choice((1, 1, 2, 3))
    at = (
        set(draw.sample(range(len(parts)), min(changes, len(parts))))
        if parts
        else set()
    )
    cut = draw.random() < 0.12
    arguments = [
        _argument(
            part,
            entry.signature.letter(i),
            draw,
            change=i in at,
            cut=cut,
            small=entry.name in _GROWING,
        )
        for i, part in enumerate(parts)
    ]
    group = entry.signature.group
    more = (
        entry.signature.letter(len(arguments)) == "r"
        and len(entry.signature.fixed) <= 1
    )
    if group == "r" and more and draw.random() < 0.3:
        arguments.append(_single(_any(draw), draw))
    return Made(entry.name, tuple(arguments))


def _argument(
    part: Part,
    letter: str,
    draw: random.Random,
    *,
    change: bool,
    cut: bool,
    small: bool,
) -> Argument:
    if not part.block and not part.text:
        return Argument("empty")
    if letter in "mf":
        return Argument("typed", ((literal(part.text),),), part.text)
    if part.block and len(part.block) * len(part.block[0]) > 1:
        return _range(part, draw, change=change, cut=cut)
    value = part.block[0][0] if part.block else literal(part.text)
    if change:
        same_kind = draw.random() < 0.55
        value = (
            _like(value, draw, small=small) if same_kind else _any(draw, small=small)
        )
    if letter == "c":
        return _criterion(value, draw)
    return _single(value, draw)


def _criterion(value: CellValue, draw: random.Random) -> Argument:
    if isinstance(value, float) and draw.random() < 0.3:
        value = draw.choice(("<", ">", "<=", ">=", "<>", "=")) + f"{value:.15g}"
    return _single(value, draw, computed=False)


def _like(value: CellValue, draw: random.Random, *, small: bool = False) -> CellValue:
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        if small:
            return (
                draw.choice((value, -value, value + 0.5, 0.0, 1.0, 2.5, 5.0, 12.0))
                + 0.0
            )
        near = (
            value,
            -value,
            value + 0.5,
            value - 1,
            value + 1,
            value * 1e6,
            value + 1e-13,
            0.0,
        )
        return draw.choice(near) + 0.0 if draw.random() < 0.5 else draw.choice(NUMBERS)
    return draw.choice(TEXTS)


def _any(draw: random.Random, *, small: bool = False) -> CellValue:
    kind = draw.random()
    if kind < 0.45:
        return draw.choice(NUMBERS[:16] if small else NUMBERS)
    if kind < 0.75:
        return draw.choice(TEXTS)
    if kind < 0.85:
        return draw.choice((True, False))
    return None if kind < 0.93 else draw.choice(ERRORS)


def _single(
    value: CellValue, draw: random.Random, *, computed: bool = True
) -> Argument:
    form = draw.random()
    rows = ((value,),)
    if (
        computed
        and form < 0.08
        and isinstance(value, float | str)
        and not isinstance(value, bool)
    ):
        return Argument(
            "computed", rows, '({}&"")' if isinstance(value, str) else "({}+0)"
        )
    if form < 0.5 and (text := _typed(value)) is not None:
        return Argument("typed", rows, text)
    return Argument("cell", rows)


def _typed(value: CellValue) -> str | None:
    """Return how a value is typed into a formula; Excel takes 15 digits."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        text = f"{value:.15G}"
        return text if float(text) == value and str(value) != "-0.0" else None
    return _spell(value) if isinstance(value, str) else None


def _range(part: Part, draw: random.Random, *, change: bool, cut: bool) -> Argument:
    rows = [list(row) for row in part.block]
    if change:
        if draw.random() < 0.25:
            draw.shuffle(rows)
        for _ in range(draw.choice((0, 1, 1, 2, 3))):
            row = draw.choice(rows)
            place = draw.randrange(len(row))
            row[place] = _like(row[place], draw) if draw.random() < 0.3 else _any(draw)
        if draw.random() < 0.03:
            rows = [[None] * len(row) for row in rows]
        if cut:
            rows = rows[: draw.randint(1, len(rows))]
    return Argument("range", tuple(map(tuple, rows)))


@dataclass(frozen=True, slots=True)
class Laid:
    """A formula on the sheet: its cell, and its text as a person reads it."""

    made: Made
    row: int
    formula: str
    stored: str
    cells: tuple[tuple[int, int, CellValue], ...]


def lay_out(made: Iterable[Made]) -> list[Laid]:
    """Put formulas below each other, each on rows of its own, its cells beside it."""
    laid = []
    row = 1
    for one in made:
        column = 3
        height = 1
        shown = []
        cells: list[tuple[int, int, CellValue]] = []
        for argument in one.arguments:
            if argument.form in ("typed", "empty"):
                shown.append(argument.shown if argument.form == "typed" else "")
                continue
            down = len(argument.rows)
            across = len(argument.rows[0])
            first = cell_name(row, column)
            last = cell_name(row + down - 1, column + across - 1)
            name = first if argument.form != "range" else f"{first}:{last}"
            shown.append(argument.shown.replace("{}", name))
            cells += [
                (row + i, column + j, value)
                for i, values in enumerate(argument.rows)
                for j, value in enumerate(values)
                if value is not None
            ]
            column, height = column + across + 1, max(height, down)
        laid.append(
            Laid(
                one,
                row,
                one.written(shown),
                one.written(shown, stored=True),
                tuple(cells),
            )
        )
        row += height + 1
    return laid


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def empty_book(*names: str) -> Package:
    """Return a workbook with an empty sheet for formulas, and with some names."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet(SHEET)
        for name in names:
            book.define_name(name, f"={SHEET}!$ZZ$1")
    return Package.from_bytes(out.getvalue())


def with_sheet(path: str) -> Package:
    """Return a workbook of a file with an empty sheet for formulas, as another program saves it."""
    import openpyxl

    out = io.BytesIO()
    book = openpyxl.load_workbook(path)
    book.create_sheet(SHEET)
    book.save(out)
    return Package.from_bytes(out.getvalue())


def workbook(laid: Iterable[Laid], base: Package) -> Package:
    """Return a workbook with the formulas in column A of its sheet; numbers keep all digits."""
    rows: dict[int, dict[int, str]] = {}
    for one in laid:
        array = f' t="array" ref="A{one.row}"' if one.made.is_array else ""
        rows.setdefault(one.row, {})[1] = (
            f'<c r="A{one.row}"><f{array}>{escape_xml(one.stored)}</f></c>'
        )
        for row, column, value in one.cells:
            kind, content = _content(value)
            head = f' t="{kind}"' if kind else ""
            rows.setdefault(row, {})[column] = (
                f'<c r="{cell_name(row, column)}"{head}>{content}</c>'
            )
    data = "".join(
        f'<row r="{row}">{"".join(rows[row][c] for c in sorted(rows[row]))}</row>'
        for row in sorted(rows)
    )
    sheet = (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'
    )
    return base.replace({read_book(base).sheets[SHEET].part: sheet.encode()})


def _content(value: CellValue) -> tuple[str, str]:
    if value == "" and isinstance(value, str):
        return "str", '<f>""</f><v></v>'
    return constant_xml(value)
