"""Values in cells: errors; in other workbooks numbers as text, double names, sums of weights."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import CellError
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Cell, Position, Sheet
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.syntax import Expr

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?%?[万亿]?\Z")
#: Share of numbers among a column's constants from which a text that reads as one is a slip.
_MOSTLY = 0.6
#: Constants of a column from which its texts are judged.
_FEW = 5
#: Inputs of one format from which they are judged: as few as a method's options.
_FEW_OPTIONS = 3
#: Sums that are meant to be 1 or 100: off by a fifth at most.
_NEAR = 0.2
#: Decimals from which weights are rounded thirds and the like; fewer are exact.
_ROUNDED = 3


@finds(
    "E01 a formula shows an error or depends on one | Correct the first cell in the chain. | "
    "{} formula shows an error / {} formulas show an error",
    order=60,
)
def error_values(subject: Subject) -> Iterator[Finding]:
    """Yield the cells that show an error and read none; calls of the library are not meant."""
    library_calls = find_udf_cells(subject.book, library_names())
    wrong: dict[str, dict[Position, CellError]] = {}
    for name, sheet in subject.book.sheets.items():
        calls = library_calls.get(name, frozenset())
        computed = sheet.cells.computed()
        for position, value in zip(computed, sheet.values(computed), strict=True):
            if isinstance(value, CellError) and position not in calls:
                wrong.setdefault(name, {})[position] = value

    def shows_error(area: Range, own: Place) -> bool:
        errors = wrong.get(area.sheet, {})
        cells = area.positions if area.rows * area.columns < len(errors) else errors
        return any(
            cell in errors and area.holds(area.sheet, cell) and (area.sheet, cell) != own
            for cell in cells
        )

    typed_errors: set[CellError] = set()
    findings = []
    for name, errors in wrong.items():
        for position, value in errors.items():
            form, cell = subject.form(name, position), (name, position)
            if any(shows_error(area, cell) for area in subject.graph.reads(*cell)):
                continue
            if form is not None and "NA" in form.functions and str(value) == "#N/A":
                continue  # a gap in a chart
            if form is not None and not (form.refs or form.names or form.functions):  # =1/0
                typed_errors.add(value)
            if not _is_blank_form(subject, name, value):
                findings.append(finding_at("E01", *cell, f"{value}."))
    # Several kinds of formulas such as =1/0 are there to show errors.
    yield from findings if len(typed_errors) < 2 else ()


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


@finds(
    "W02 a number is stored as text | Type it as a number. | "
    "{} cell is not a number / {} cells are not numbers"
)
def numbers_as_text(subject: Subject) -> Iterator[Finding]:
    """Yield texts that read as numbers in columns of numbers, or among inputs of one format."""
    template, formats = subject.template, subject.facts.formats
    styles = {number for number, form in enumerate(formats) if form.style == "Input"}
    for sheet in subject.book.sheets.values():
        #: Typed cells by column; in a template by format: inputs stand in rows, too.
        groups: dict[int, list[tuple[Position, Cell]]] = defaultdict(list)
        for position, cell in subject.cells(sheet.name).items():
            if not cell.computed and cell.value not in (None, ""):
                if template is None:
                    groups[position[1]].append((position, cell))
                elif cell.style in styles and cell.value not in template.framework.inputs:
                    groups[cell.style].append((position, cell))
        for cells in groups.values():
            numbers = sum(is_number(cell.value) for _, cell in cells)
            texts = [
                (position, cell.value)
                for position, cell in cells
                if isinstance(cell.value, str) and reads_as_number(cell.value)
            ]
            number_like = numbers + len(texts)
            few = _FEW if template is None else _FEW_OPTIONS
            if number_like < few or numbers < _MOSTLY * number_like:
                continue
            for position, text in texts:
                if template is not None:
                    message = f"{text!r} is a text in an input for numbers."
                elif _heads_numbers(subject, sheet, position) or not _beside_numbers(
                    sheet, position
                ):
                    continue
                else:
                    message = f"{text!r} is a text in a column of numbers."
                yield finding_at("W02", sheet.name, position, message)


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
    """Tell whether the next filled cell above or below, up to three rows away, is a number."""
    row, column = position
    for step in (-1, 1):
        values = (sheet.value(row + step * distance, column) for distance in range(1, 4))
        if is_number(next((value for value in values if value not in (None, "")), None)):
            return True
    return False


@finds(
    "W06 a city is listed twice or is unknown | Give each city one row and one spelling. | "
    "{} name is twice or unknown / {} names are twice or unknown"
)
def double_names(subject: Subject) -> Iterator[Finding]:
    """Yield names that are twice in a column by which formulas look things up.

    Reading a template finds its own.
    """
    reported = set()
    lookups = _lookup_columns(subject) if subject.template is None else ()
    for sheet, column, first, last in sorted(lookups):
        first_of_name: dict[str, Position] = {}
        doubles = []
        for row in range(first, last + 1):
            cell = subject.cells(sheet).get((row, column))
            if cell is None or cell.computed or not isinstance(cell.value, str):
                continue
            name = comparable_name(cell.value)
            if not name:
                continue
            before = first_of_name.setdefault(name, (row, column))
            if before != (row, column):
                doubles.append(((row, column), cell.value, before))
        if len(doubles) <= max(2, len(first_of_name) // 10):
            for position, value, before in doubles:
                if (sheet, position) not in reported:
                    reported.add((sheet, position))
                    text = f"{value!r} is already in {cell_name(*before)}."
                    yield finding_at("W06", sheet, position, text)


def _lookup_columns(subject: Subject) -> set[tuple[str, int, int, int]]:
    """Return the columns in which formulas look for a text: sheet, column, first and last row."""
    columns: set[tuple[str, int, int, int]] = set()
    for places, form in subject.distinct():
        sheet, position = places[0]
        expr = subject.syntax(form) if form.functions & {"MATCH", "VLOOKUP"} else None
        for call in () if expr is None else expr.calls("MATCH", "VLOOKUP"):
            if len(call.args) < 2:
                continue
            for area in _areas(subject, call.args[1], sheet, position):
                if area.rows > _FEW:
                    columns.add((area.sheet, area.c1, area.r1, area.r2))
    return columns


def comparable_name(text: str) -> str:
    """Return what spellings of one city have alike: width, case, spaces, a final 市.

    >>> comparable_name("北京市 ") == comparable_name("北京")
    True
    >>> comparable_name("Ｐａｒｉｓ") == comparable_name("paris")
    True
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).casefold()
    return plain.removesuffix("市") if len(plain) > 2 else plain


def _areas(subject: Subject, expr: Expr, sheet: str, position: Position) -> Iterator[Range]:
    if expr.ref is not None:
        area = subject.graph.area(expr.ref, sheet, position)
        if area is not None:
            yield area
    elif expr.kind == "name":
        yield from subject.graph.areas_of_name(expr.text, sheet)


@finds()
def weights_of_sums(subject: Subject) -> Iterator[Finding]:
    """Yield weights of a SUMPRODUCT whose sum is nearly 1 or 100; a template declares its own."""
    if subject.template is not None:
        return
    judged: set[Range] = set()
    for places, form in subject.distinct():
        sheet, position = places[0]
        expr = subject.syntax(form) if "SUMPRODUCT" in form.functions else None
        if expr is None:
            continue
        divided = {a.text for call in expr.calls("SUM") for a in call.args}
        for call in expr.calls("SUMPRODUCT"):
            for arg in call.args:
                if arg.ref is None or arg.ref.single or not arg.ref.fixed or arg.text in divided:
                    continue
                area = subject.graph.area(arg.ref, sheet, position)
                if area is None or area in judged or 1 not in (area.rows, area.columns):
                    continue
                judged.add(area)
                total = _wrong_total(subject, area)
                if total is not None:
                    message = f"the weights {area} sum to {total:.12g}."
                    yield finding_at("E06", area.sheet, (area.r1, area.c1), message)


def _wrong_total(subject: Subject, area: Range) -> float | None:
    """Return the sum of typed weights if it should be 1 or 100 and is not."""
    values = []
    for position in area.positions:
        cell = subject.cells(area.sheet).get(position)
        if cell is None or cell.computed or not isinstance(cell.value, (int, float)):
            return None
        values.append(float(cell.value))
    if min(values) < 0:
        return None
    total = math.fsum(values)
    decimals = max(len(f"{value:.10f}".rstrip("0").partition(".")[2]) for value in values)
    slack = len(values) * 0.5 * 10.0**-decimals if decimals >= _ROUNDED else 1e-9
    for target in (1.0, 100.0):
        if slack < abs(total - target) <= _NEAR * target:
            return total
    return None
