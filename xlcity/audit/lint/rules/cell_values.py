"""Values in cells: errors, and numbers as text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellError
from xlcity.messages import Message
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.workbook.reading.records import is_number
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?%?[万亿]?\Z")
#: Years head columns of numbers, often as texts.
_YEAR = re.compile(r"(19|20)\d\d\Z")
#: Share of numbers among a column's constants from which a text that reads as one is a slip.
_MOSTLY = 0.6
#: Constants of a column from which its texts are judged.
_FEW = 5
#: Inputs of one format from which they are judged: as few as a method's options.
_FEW_OPTIONS = 3


@finds(order=60)
def error_values(subject: Subject) -> Iterator[Finding]:
    """Yield the cells that show an error and read none; calls of the library are not meant."""
    wrong = _find_errors(subject)
    for name, errors in wrong.items():
        for position, value in errors.items():
            if _is_own_error(subject, wrong, (name, position)):
                yield finding_at("E01", name, position, f"{value}.")


def _is_own_error(
    subject: Subject, wrong: dict[str, dict[Position, CellError]], cell: Place
) -> bool:
    """Tell whether an error is a cell's own: neither one that it reads, nor meant."""
    name, position = cell
    form = subject.form(name, position)
    # A lost reference is wrong whatever else a formula reads.
    is_broken = form is not None and reads_gone_cells(form)
    areas = [] if is_broken else [*subject.graph.reads(*cell)]
    if any(_shows_error(wrong, area, cell) for area in areas):
        return False
    value = wrong[name][position]
    if form is not None and _is_error_meant(form, value):
        return False
    is_filled = not areas or _reads_a_number(subject, areas)
    return is_filled or str(value) != "#DIV/0!"


def _find_errors(subject: Subject) -> dict[str, dict[Position, CellError]]:
    """Return the errors that formulas show, by sheet and cell, without calls of the library."""
    library_calls = find_udf_cells(subject.book, library_names())
    wrong: dict[str, dict[Position, CellError]] = {}
    for name, sheet in subject.book.sheets.items():
        if CellError not in {*map(type, sheet.cells.stored)}:
            continue
        calls = library_calls.get(name, frozenset())
        results = zip(sheet.cells.computed(), sheet.cells.results(), strict=True)
        for position, value in results:
            if isinstance(value, CellError) and position not in calls:
                wrong.setdefault(name, {})[position] = value
    return wrong


def _shows_error(
    wrong: Mapping[str, Mapping[Position, CellError]], area: Range, own: Place
) -> bool:
    """Tell whether another cell of an area shows an error."""
    errors = wrong.get(area.sheet, {})
    cells = area.positions if area.rows * area.columns < len(errors) else errors
    for cell in cells:
        is_inside = cell in errors and area.holds(area.sheet, cell)
        if is_inside and (area.sheet, cell) != own:
            return True
    return False


def _is_error_meant(form: NormalisedFormula, value: CellError) -> bool:
    """Tell whether a formula is there to show an error: a gap in a chart, =1/0 and =#N/A."""
    if "NA" in form.functions and str(value) == "#N/A":
        return True
    if form.refs or form.names or form.functions:
        return False
    errors = (token.text for token in form.tokens if token.kind == "error")
    return all(text == "#N/A" for text in errors)


def reads_gone_cells(form: NormalisedFormula) -> bool:
    """Tell whether a formula has lost a reference: it has #REF! in its text."""
    return any(token.kind == "error" and "#REF!" in token.text for token in form.tokens)


def _reads_a_number(subject: Subject, areas: Iterable[Range]) -> bool:
    """Tell whether areas have a number: a form that is not filled has sums of nothing."""
    for area in areas:
        cells = subject.cells(area.sheet)
        for position in subject.book.sheets[area.sheet].within(area):
            cell = cells.get(position)
            if cell is None or not is_number(cell.value):
                continue
            if cell.value or not cell.computed:
                return True
    return False


class _Text(NamedTuple):
    """A text that reads as a number, and where it stands."""

    position: Position
    text: str


def reads_as_number(text: str) -> bool:
    """Tell whether a text is a number in disguise; a code with a leading 0 is none.

    >>> [reads_as_number(t) for t in ("12.5", "１２", "1,234", " 7", "01", "007", "0.5", "x")]
    [True, True, True, True, False, False, True, False]
    >>> [reads_as_number(t) for t in ("8 061.46", "1 234 567", "920 20816946")]
    [True, True, False]
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u3000", " ").strip()
    plain = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", plain)
    if not _NUMBER.match(plain):
        return False
    return re.match(r"[+-]*0\d", plain) is None


@finds()
def numbers_as_text(subject: Subject) -> Iterator[Finding]:
    """Yield texts that read as numbers in columns of numbers, or among inputs of one format."""
    template = subject.template
    # Of a template's data its reader says what is wrong, kind by kind.
    problems = template.problems if template else ()
    named = {(problem.where.sheet, problem.where.cell) for problem in problems}
    for name in subject.book.sheets:
        for position, text in _texts_among_numbers(subject, name):
            if (name, cell_name(*position)) in named:
                continue
            if template is not None:
                message = Message("lint.text_in_input", text=text)
                yield finding_at("W02", name, position, message)
            elif not _is_heading(subject, name, position, text):
                message = Message("lint.text_in_column", text=text)
                fault = f"texts in {name}"
                yield finding_at("W02", name, position, message, fault=fault)


def _texts_among_numbers(subject: Subject, sheet: str) -> Iterator[_Text]:
    """Yield the texts that read as numbers where most typed cells are numbers.

    Of a column; a template has inputs in rows, too, which are those of one format.
    """
    few = _FEW if subject.template is None else _FEW_OPTIONS
    cells = subject.book.sheets[sheet].cells
    groups: dict[int, list[_Text]] = {}
    for position, text, style in cells.typed(str):
        if reads_as_number(text) and _may_be_number(subject, text, style):
            group = _group_of(subject, position, style)
            groups.setdefault(group, []).append(_Text(position, text))
    if not groups:
        return
    numbers_in: Counter[int] = Counter()
    for position, _, style in cells.typed(float):
        numbers_in[_group_of(subject, position, style)] += 1
    for group, texts in groups.items():
        numbers = numbers_in[group]
        size = numbers + len(texts)
        if size >= few and numbers >= _MOSTLY * size:
            yield from texts


def _group_of(subject: Subject, position: Position, style: int) -> int:
    """Return what a typed cell is compared by: the format in a template, else the column."""
    return position[1] if subject.template is None else style


def _may_be_number(subject: Subject, text: str, style: int) -> bool:
    """Tell whether a text may be meant as a number: in a template one of an input, not a code."""
    template = subject.template
    if template is None:
        return True
    is_input = "unlocked" in subject.package.styles.look(style)
    return is_input and text not in template.framework.inputs


def _is_heading(subject: Subject, sheet: str, position: Position, text: str) -> bool:
    """Tell whether a text is a year, or no number is among three cells above it and below it.

    Those below a word, such as a heading, do not count.
    """
    if _YEAR.match(text.strip()):
        return True
    row, column = position
    value = subject.book.value
    near = [value(sheet, row - step, column) for step in (1, 2, 3)]
    below = [value(sheet, row + step, column) for step in (1, 2, 3)]
    first = below[0]
    if not isinstance(first, str) or not first or reads_as_number(first):
        near += below
    return not any(map(is_number, near))
