"""Values in cells: errors, numbers as text, blanks that are read, names that stand twice."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator

from xlcity.audit.lint.coverage import merged
from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import CellError, counted
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Cell, Position, Sheet
from xlcity.xlsx.formulas.syntax import Expr
from xlcity.xlsx.formulas.tokens import Ref

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?%?[万亿]?\Z")
#: Share of numbers among a column's constants from which a text that reads as one is a slip.
_MOSTLY = 0.6
_FEW, _FEW_OPTIONS = 5, 3
#: Operators that take a blank cell for 0.
_CALCULATED = frozenset(("+", "-", "*", "/", "^", "<", ">", "<=", ">="))
_GUARDS = frozenset(("ISNUMBER", "ISBLANK", "COUNT", "COUNTA", "N", "ISTEXT", "TYPE", "IFERROR"))


@finds(
    "E01 a formula shows an error or depends on one | Correct the first cell in the chain.",
    "W02 a number is stored as text | Type it as a number.",
    'W03 a formula reads a blank cell | Fill the cell, or ask for it with IF(cell="",…).',
    "W06 a city is listed twice or is unknown | Give each city one row and one spelling.",
    order=40,
)
def cell_errors(subject: Subject) -> Iterator[LintFinding]:
    """Yield E01, W02, W03 and W06 of any workbook."""
    yield from _errors(subject)
    for sheet in subject.book.sheets.values():
        yield from _texts(subject, sheet)
    yield from _blanks(subject)
    yield from _doubles(subject)


def _errors(subject: Subject) -> Iterator[LintFinding]:
    """Yield the first cell of every chain of errors."""
    udf = find_udf_cells(subject.book, library_names())
    wrong: dict[tuple[str, Position], CellError] = {}
    for sheet in subject.book.sheets.values():
        calls = udf.get(sheet.name, frozenset())
        computed = sheet.cells.computed()
        for position, value in zip(computed, sheet.values(computed), strict=True):
            if isinstance(value, CellError) and position not in calls:
                wrong[sheet.name, position] = value
    read: dict[tuple[str, Position], tuple[str, Position]] = {}
    for place in wrong:
        for area in subject.graph.reads(*place):
            inside = (other for other in wrong if other != place and area.holds(*other))
            source = next(inside, None)
            if source is not None:
                read[place] = source
                break
    depend: Counter[tuple[str, Position]] = Counter()
    for place in read:
        first, seen = place, {place}
        while first in read and read[first] not in seen:
            first = read[first]
            seen.add(first)
        depend[first] += 1
    first_of: dict[tuple[str, str, CellError], tuple[str, Position]] = {}
    copies: Counter[tuple[str, Position]] = Counter()
    shown: set[CellError] = set()
    for place, value in wrong.items():
        if place in read and not depend[place]:
            continue
        made = subject.form(*place)
        if made is not None and "NA" in made.functions and str(value) == "#N/A":
            continue  # a gap in a chart
        if made is not None and not (made.refs or made.names or made.functions):  # =1/0
            shown.add(value)
        first = place if made is None else first_of.setdefault((place[0], made.key, value), place)
        copies[first] += 1
        if first != place:
            depend[first] += depend[place]
    for first, cells in copies.items():
        message = f"{wrong[first]}"
        if cells > 1:
            message += f" here and in {counted(cells - 1, 'copy', 'copies')} of the formula"
        if depend[first]:
            more = counted(depend[first], "further cell shows", "further cells show")
            message += f"; {more} an error because of it"
        # A workbook with several kinds of such formulas is there to show errors.
        meant = len(shown) > 1 or _is_blank_form(subject, first[0], wrong[first])
        yield at("E01", *first, f"{message}.", surprise=1.0 if meant else 9.0)


def _is_blank_form(subject: Subject, sheet: str, value: CellError) -> bool:
    """Tell whether a division by 0 is on a sheet without numbers: a form that is not filled."""
    cells = subject.cells(sheet).values()
    return str(value) == "#DIV/0!" and not any(
        is_number(cell.value) and cell.value for cell in cells if not cell.computed
    )


def reads_as_number(text: str) -> bool:
    """Tell whether a text is a number in disguise; a code with a leading 0 is none.

    >>> [reads_as_number(t) for t in ("12.5", "１２", "1,234", " 7", "01", "007", "0.5", "x")]
    [True, True, True, True, False, False, True, False]
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u3000", " ").strip().replace(" ", "")
    if not _NUMBER.match(plain):
        return False
    digits = plain.lstrip("+-")
    return not (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit())


def _texts(subject: Subject, sheet: Sheet) -> Iterator[LintFinding]:
    """Yield texts that read as numbers in columns of numbers, or among inputs of one format."""
    columns: dict[int, list[tuple[Position, Cell]]] = defaultdict(list)
    formats: dict[int, list[tuple[Position, Cell]]] = defaultdict(list)
    for position, cell in subject.cells(sheet.name).items():
        if not cell.computed and cell.value not in (None, ""):
            columns[position[1]].append((position, cell))
            if subject.facts.format(cell.style).style == "Input":
                formats[cell.style].append((position, cell))
    codes = subject.template.framework.inputs if subject.template is not None else {}
    reported = set()

    def is_code(position: Position, value: str) -> bool:
        # The codes of indicators may be whole numbers, such as 12: in headings and in lists.
        if value not in codes:
            return False
        style = subject.cells(sheet.name)[position].style
        if subject.facts.format(style).style != "Input":
            return True
        return any(c.value in codes for p, c in columns[position[1]] if p != position)

    for cells in columns.values():
        for position, value in _suspects(cells):
            if is_code(position, value) or _heads_numbers(subject, sheet, position):
                continue
            if _beside_numbers(sheet, position):
                reported.add(position)
                message = f"{value!r} is a text in a column of numbers."
                yield at("W02", sheet.name, position, message)
    for cells in formats.values():
        # Inputs of one format are of one kind, be they as few as the options of a method.
        for position, value in _suspects(cells, _FEW_OPTIONS):
            if position not in reported and not is_code(position, value):
                message = f"{value!r} is a text in an input for numbers."
                yield at("W02", sheet.name, position, message)


def _suspects(cells: list[tuple[Position, Cell]], few: int = _FEW) -> list[tuple[Position, str]]:
    """Return the texts that read as numbers, if nearly all others are numbers."""
    numbers = sum(is_number(cell.value) for _, cell in cells)
    suspects = [
        (position, cell.value)
        for position, cell in cells
        if isinstance(cell.value, str) and reads_as_number(cell.value)
    ]
    known = numbers + len(suspects)
    return suspects if known >= few and numbers >= _MOSTLY * known else []


def _heads_numbers(subject: Subject, sheet: Sheet, position: Position) -> bool:
    """Tell whether a text such as "2023" is a heading: of another look, in a row without numbers.

    A first value that was typed as text has the look of the values below it, or numbers beside it.
    """
    row, column = position
    cells = subject.cells(sheet.name)
    above = (cells.get((row - step, column)) for step in range(1, 4))
    if any(cell is not None and is_number(cell.value) for cell in above):
        return False
    below = (cells.get((row + step, column)) for step in range(1, 4))
    first = next((c for c in below if c is not None and is_number(c.value)), None)
    if first is None or first.style == cells[position].style:
        return False
    beside = (cells.get((row, column + step)) for step in (-2, -1, 1, 2))
    return not any(cell is not None and is_number(cell.value) for cell in beside)


def _beside_numbers(sheet: Sheet, position: Position) -> bool:
    """Tell whether the cell above or below, as far as one holds something, is a number."""
    row, column = position
    for step in (-1, 1):
        for distance in range(1, 4):
            value = sheet.value(row + step * distance, column)
            if value in (None, ""):
                continue
            if is_number(value):
                return True
            break
    return False


def _blanks(subject: Subject) -> Iterator[LintFinding]:
    """Yield formulas that calculate with a cell that is blank and no declared input."""
    areas = subject.known.of("read as numbers", lambda: merged(_used_as_numbers(subject)))
    ranges = (Range(*area) for area in areas)
    if not any(_is_blank(subject, r.sheet, place) for r in ranges for place in r.positions):
        return
    for places, loose in _with_loose(subject):
        found = []
        for sheet, position in places:
            read = [(ref, subject.graph.area(ref, sheet, position)) for ref in loose]
            there = [(r, a) for r, a in read if a is not None]
            blank = [(r, a) for r, a in there if _is_blank(subject, a.sheet, (a.r1, a.c1))]
            # A line that is blank altogether is not filled yet; one cell of a filled line is a gap.
            if blank and (len(blank) < len(read) or len(places) == 1 or blank[0][0].r1.fixed):
                found.append((sheet, position, blank[0][1]))
        if found:
            sheet, position, area = found[0]
            more = counted(len(found) - 1, "copy reads", "copies read")
            rest = f"; {more} a blank cell, too" if len(found) > 1 else ""
            yield at("W03", sheet, position, f"{area} is blank{rest}.")


def _with_loose(subject: Subject) -> Iterator[tuple[list[tuple[str, Position]], list[Ref]]]:
    """Yield formulas that calculate with cells, their places and these references."""
    for places, made in subject.distinct():
        expr = subject.syntax(made) if any(ref.single for ref in made.refs) else None
        loose = [] if expr is None else [e.ref for e in _unguarded(expr) if e.ref is not None]
        if loose:
            yield places, loose


def _used_as_numbers(subject: Subject) -> Iterator[Range]:
    """Yield the cells that formulas calculate with."""
    for places, loose in _with_loose(subject):
        for place in places:
            for ref in loose:
                area = subject.graph.area(ref, *place)
                if area is not None:
                    yield Range(area.sheet, area.r1, area.c1, area.r1, area.c1)


def _is_blank(subject: Subject, sheet: str, place: Position) -> bool:
    cell = subject.cells(sheet).get(place)
    blank = cell is None or (cell.value is None and not cell.computed)
    return blank and not subject.is_input(sheet, place)


def _unguarded(expr: Expr) -> list[Expr]:
    """Return references to one cell that are used in arithmetic and asked for nowhere."""
    guarded: set[str] = set()
    used: dict[str, Expr] = {}
    for e in expr.walk():
        if e.kind == "call" and e.text in _GUARDS:
            guarded |= {arg.text for arg in e.args if arg.ref is not None}
        elif e.kind == "binary" and e.text in ("=", "<>"):
            if any(arg.kind == "text" for arg in e.args):
                guarded |= {arg.text for arg in e.args if arg.ref is not None}
        elif e.kind == "binary" and e.text in _CALCULATED:
            used |= {a.text: a for a in e.args if a.ref is not None and a.ref.single}
        elif e.kind == "call" and e.text == "IF":
            used |= {a.text: a for a in e.args[1:] if a.ref is not None and a.ref.single}
    return [e for text, e in used.items() if text not in guarded]


def _doubles(subject: Subject) -> Iterator[LintFinding]:
    """Yield names that stand twice in a column by which formulas look things up."""
    columns = subject.known.of("looked up", lambda: sorted(_looked_up(subject)))
    reported = set()
    for sheet, column, first, last in columns:
        seen: dict[str, Position] = {}
        found = []
        for row in range(first, last + 1):
            cell = subject.cells(sheet).get((row, column))
            if cell is None or cell.computed or not isinstance(cell.value, str):
                continue
            name = same_name(cell.value)
            if not name:
                continue
            before = seen.setdefault(name, (row, column))
            if before != (row, column):
                found.append(((row, column), cell.value, before))
        if len(found) <= max(2, len(seen) // 10):
            for position, value, before in found:
                if (sheet, position) not in reported:
                    reported.add((sheet, position))
                    text = f"{value!r} is already in {cell_name(*before)}."
                    yield at("W06", sheet, position, text)


def _looked_up(subject: Subject) -> set[tuple[str, int, int, int]]:
    """Return the columns in which formulas look for a text: sheet, column, first and last row."""
    found: set[tuple[str, int, int, int]] = set()
    table = subject.area("chk_table")  # names of checks are not cities
    checks = "" if table is None else table.sheet
    for places, made in subject.distinct():
        sheet, position = places[0]
        expr = subject.syntax(made) if made.functions & {"MATCH", "VLOOKUP"} else None
        for call in () if expr is None else expr.calls("MATCH", "VLOOKUP"):
            if len(call.args) < 2:
                continue
            for area in _areas(subject, call.args[1], sheet, position):
                if area.rows > _FEW and area.sheet != checks:
                    found.add((area.sheet, area.c1, area.r1, area.r2))
    return found


def same_name(text: str) -> str:
    """Return what spellings of one city have alike: width, case, spaces, a final 市.

    >>> same_name("北京市 ") == same_name("北京"), same_name("Ｐａｒｉｓ") == same_name("paris")
    (True, True)
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    return plain.removesuffix("市") if len(plain) > 2 else plain


def _areas(subject: Subject, expr: Expr, sheet: str, position: Position) -> Iterator[Range]:
    if expr.ref is not None:
        area = subject.graph.area(expr.ref, sheet, position)
        if area is not None:
            yield area
    elif expr.kind == "name":
        yield from subject.graph.name(expr.text, sheet)
