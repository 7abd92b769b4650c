"""Values in cells: errors, and numbers as text."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellError
from xlcity.grouping import grouped
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
    library_calls = find_udf_cells(subject.book, library_names())
    wrong: dict[str, dict[Position, CellError]] = {}
    for name, sheet in subject.book.sheets.items():
        calls = library_calls.get(name, frozenset())
        if CellError not in {*map(type, sheet.cells.stored)}:
            continue
        for position, value in zip(
            sheet.cells.computed(), sheet.cells.results(), strict=True
        ):
            if isinstance(value, CellError) and position not in calls:
                wrong.setdefault(name, {})[position] = value

    def shows_error(area: Range, own: Place) -> bool:
        errors = wrong.get(area.sheet, {})
        cells = area.positions if area.rows * area.columns < len(errors) else errors
        return any(
            cell in errors
            and area.holds(area.sheet, cell)
            and (area.sheet, cell) != own
            for cell in cells
        )

    for name, errors in wrong.items():
        for position, value in errors.items():
            form = subject.form(name, position)
            cell = (name, position)
            is_broken = form is not None and reads_gone_cells(
                form
            )  # whatever else it reads
            areas = () if is_broken else subject.graph.reads(*cell)
            if any(shows_error(area, cell) for area in areas):
                continue
            if form is not None and "NA" in form.functions and str(value) == "#N/A":
                continue  # a gap in a chart
            if form is not None and _shows_an_error_on_purpose(form):
                continue
            is_filled = not areas or _reads_a_number(subject, cell)
            if str(value) != "#DIV/0!" or is_filled:
                yield finding_at("E01", *cell, f"{value}.")


def reads_gone_cells(form: NormalisedFormula) -> bool:
    """Tell whether a formula has lost a reference: it has #REF! in its text."""
    return any(token.kind == "error" and "#REF!" in token.text for token in form.tokens)


def _shows_an_error_on_purpose(form: NormalisedFormula) -> bool:
    """Tell whether a formula is there to show an error: =1/0 and =#N/A, but not =#REF!."""
    if form.refs or form.names or form.functions:
        return False
    errors = (token.text for token in form.tokens if token.kind == "error")
    return all(text == "#N/A" for text in errors)


def _reads_a_number(subject: Subject, place: Place) -> bool:
    """Tell whether a formula reads a number: a form that is not filled has sums of nothing."""
    return any(
        is_number(cell.value) and bool(cell.value or not cell.computed)
        for area in subject.graph.reads(*place)
        for position in subject.book.sheets[area.sheet].within(area)
        if (cell := subject.cells(area.sheet).get(position)) is not None
    )


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
    digits = plain.lstrip("+-")
    return not (len(digits) > 1 and digits[0] == "0" and digits[1].isdigit())


@finds()
def numbers_as_text(subject: Subject) -> Iterator[Finding]:
    """Yield texts that read as numbers in columns of numbers, or among inputs of one format."""
    template = subject.template
    styles = subject.package.styles
    few = _FEW if template is None else _FEW_OPTIONS
    # Of a template's data its reader says what is wrong, kind by kind.
    problems = template.problems if template else ()
    named = {(problem.where.sheet, problem.where.cell) for problem in problems}

    def group_of(position: Position, style: int) -> int:
        """Return what a cell is judged with: its column; a template has inputs in rows, too."""
        return position[1] if template is None else style

    for name, sheet in subject.book.sheets.items():
        texts_by_group = grouped(
            (group_of(position, style), (position, text))
            for position, text, style in sheet.cells.typed(str)
            if template is None
            or (
                "unlocked" in styles.look(style)
                and text not in template.framework.inputs
            )
            if reads_as_number(text)
        )
        typed_numbers = sheet.cells.typed(float) if texts_by_group else ()
        numbers_in = Counter(
            group_of(position, style) for position, _, style in typed_numbers
        )
        for group, texts in texts_by_group.items():
            numbers = numbers_in[group]
            if numbers + len(texts) < few or numbers < _MOSTLY * (numbers + len(texts)):
                continue
            for position, text in texts:
                if (name, cell_name(*position)) in named:
                    continue
                message = Message("lint.text_in_input", text=text)
                if template is None:
                    message = Message("lint.text_in_column", text=text)
                if template is not None or not _is_heading(
                    subject, name, position, text
                ):
                    fault = f"texts in {name}" if template is None else ""
                    yield finding_at("W02", name, position, message, fault=fault)


def _is_heading(subject: Subject, sheet: str, position: Position, text: str) -> bool:
    """Tell whether a text is a year, or no number is among three cells above it and below it.

    Those below a word, such as a heading, do not count.
    """
    (row, column), cells = position, subject.cells(sheet)
    above, below = (
        [
            getattr(cells.get((row + side * step, column)), "value", None)
            for step in (1, 2, 3)
        ]
        for side in (-1, 1)
    )
    is_above_word = (
        isinstance(below[0], str) and below[0] and not reads_as_number(below[0])
    )
    near = above if is_above_word else above + below
    return bool(_YEAR.match(text.strip())) or not any(map(is_number, near))
