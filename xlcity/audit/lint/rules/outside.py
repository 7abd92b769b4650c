"""What formulas read from outside of the workbook, or try to read from what it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.cell_values import reads_gone_cells
from xlcity.audit.lint.subject import Subject
from xlcity.messages import Message
from xlcity.recalc.library_calls import library_names
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.tokens import NormalisedFormula, lex
from xlcity.xlsx.properties import ExternalLink, read_external_links

#: A function that a program found in no add-in, or wrote with the file of its add-in.
_ADD_IN = re.compile(
    r"(?:(_xldudf_)|(?:\[\d+\]|\.xlam?'?)!(?=\w+\())(?P<name>\w+)", re.IGNORECASE
)
#: Functions that fetch from a server, ask a program or run code when they are calculated.
_ASKING = frozenset(
    "WEBSERVICE RTD DDE IMAGE STOCKHISTORY SQL.REQUEST CALL REGISTER.ID EXEC".split()  # noqa: SIM905
)
#: A program that is asked by its name: program|topic!item.
_PROGRAM = re.compile(r"(?<![\w.])([\w.]+|'[^'|]+')\|[^|!]+!")
#: Words that are no defined names: variables of LET and LAMBDA, and Excel's own names.
_NO_NAME = re.compile(r"_XLPM\.|_XLNM\.|\[|.*[\[!]|\d|.*\\", re.DOTALL)


class _Fault(NamedTuple):
    """What is wrong with a formula: a sentence, and what findings with one cause have alike."""

    message: str
    cause: str = ""


@finds(order=50)
def outside_links(subject: Subject) -> Iterator[Finding]:
    """Yield W09 and W33.

    W09: formulas that read other files, cells or sheets that are gone, names that are not defined,
    or functions that are absent. W33: formulas that ask a program or a server.

    A link that no formula reads, and a name of cells that are gone, change no value.
    """
    links = read_external_links(subject.package)
    sheets = {name.casefold() for name in subject.book.sheets}
    names = partial(_is_defined, subject)
    # What all copies of a formula have alike is asked once.
    for cells, form in subject.distinct():
        text = _formula_at(subject, cells[0])
        if (asked := _find_asked(form, text, links)) is not None:
            yield from _in_cells("W33", cells, asked)
            continue
        fault = (
            _read_file(form, links)
            or _lost_cells(form, sheets)
            or _absent_function(text)
            or _unknown_name(form, cells[0], names)
        )
        if fault is not None:
            yield from _in_cells("W09", cells, fault)


def _in_cells(rule: str, cells: Sequence[Place], fault: _Fault) -> Iterator[Finding]:
    for cell in cells:
        yield finding_at(rule, *cell, fault.message, fault=fault.cause)


def _formula_at(subject: Subject, place: Place) -> str:
    sheet, position = place
    return subject.book.sheets[sheet].cells.formula(position) or ""


def _find_asked(
    form: NormalisedFormula, formula: str, links: Sequence[ExternalLink]
) -> _Fault | None:
    """Return that a formula asks a program or a server for values."""
    for book in form.books:
        link = _numbered(book, links)
        if link is not None and link.is_program:
            return _asks(link.target)
    # What stands between quotation marks is text.
    outside_texts = "".join(m[0] for m in lex(formula) if m.lastgroup != "text")
    if (named := _PROGRAM.search(outside_texts)) is not None:
        return _asks(named[0].rstrip("!"))
    for name in sorted(form.functions & _ASKING):
        message = Message("lint.asks_server", name=name)
        return _Fault(message, name)
    return None


def _asks(program: str) -> _Fault:
    return _Fault(Message("lint.asks_program", program=program), program)


def _numbered(book: str, links: Sequence[ExternalLink]) -> ExternalLink | None:
    """Return the link that `[1]` stands for; None for the name of a file, or no such link."""
    if not book.isdecimal() or not 0 < int(book) <= len(links):
        return None
    return links[int(book) - 1]


def _read_file(form: NormalisedFormula, links: Sequence[ExternalLink]) -> _Fault | None:
    """Return that a formula reads another file."""
    if not form.books:
        return None
    link = _numbered(form.books[0], links)
    file = unquote(link.target) if link and link.target else form.books[0]
    return _Fault(Message("lint.other_file", file=file), file)


def _lost_cells(form: NormalisedFormula, sheets: set[str]) -> _Fault | None:
    """Return that a formula reads cells or a sheet that the workbook does not have."""
    if reads_gone_cells(form):
        return _Fault(Message("lint.lost_cells"))
    for ref in form.refs:
        # A:B!C1 is a row of sheets.
        if ref.sheet and ":" not in ref.sheet and ref.sheet.casefold() not in sheets:
            message = Message("lint.lost_sheet", sheet=ref.sheet)
            return _Fault(message, ref.sheet)
    return None


def _absent_function(formula: str) -> _Fault | None:
    """Return that a formula calls a function of an add-in that is not the library."""
    call = _ADD_IN.search(formula)
    if call is None:
        return None
    name = call["name"].upper()
    if name in library_names() and not call[1]:
        return None
    message = Message("lint.absent_add_in", name=name)
    return _Fault(message, name)


def _unknown_name(
    form: NormalisedFormula, place: Place, is_defined: partial[bool]
) -> _Fault | None:
    """Return that a formula uses a name that is not defined."""
    for name in form.names:
        if not _NO_NAME.match(name) and not is_defined(place[0], name):
            message = Message("lint.undefined_name", name=name)
            return _Fault(message, name)
    return None


def _is_defined(subject: Subject, sheet: str, name: str) -> bool:
    """Return whether a name, given in capitals, is one of the workbook, of a sheet or a table."""
    book = subject.book
    if name in book.tables or name in {known.upper() for known in book.names}:
        return True
    return any(
        owner == sheet and known.upper() == name for owner, known in book.local_names
    )
