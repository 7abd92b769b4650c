"""The workbook around its cells: circles, links, what is hidden, protection, styles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from xlcity.audit.workbook.finding import Finding, at
from xlcity.audit.workbook.subject import Subject, is_number
from xlcity.errors import counted
from xlcity.xlsx.address import Area, cell_name, quote_sheet
from xlcity.xlsx.cells import Position

_TELLS = re.compile(r"来源|出处|版本|source|version|prepared by|制表|编制", re.I)
_CALCULATED = ("Calculation", "Output")
_ADD_IN = re.compile(r"_xldudf_\w+", re.I)
_SHOWN = 5


def file_rules(subject: Subject) -> Iterator[Finding]:
    """Yield E11, W09, W11, W14, W16, I02 and I03."""
    yield from _circles(subject)
    yield from _outside(subject)
    yield from _hidden(subject)
    yield from _unlocked(subject)
    yield from _unused(subject)
    yield from _undocumented(subject)
    yield from _styles(subject)


def _circles(subject: Subject) -> Iterator[Finding]:
    for group in subject.graph.circles():
        places = sorted(group)
        shown = [f"{quote_sheet(s)}!{cell_name(*p)}" for s, p in places[:_SHOWN]]
        more = "…" if len(places) > _SHOWN else ""
        sheet, position = places[0]
        yield at("E11", sheet, position, f"a circle of formulas: {', '.join(shown)}{more}.")
    if subject.facts.iterates:
        said = "iterative calculation is switched on: circles are calculated without a word."
        yield Finding("E11", "", "", said)


def _outside(subject: Subject) -> Iterator[Finding]:
    read = set()
    for sheet, position, cell in subject.formulas():
        made = subject.form(sheet, position)
        assert made is not None
        books = [ref.book for ref in made.refs if ref.book]
        if books:
            read.add(sheet)
            yield at("W09", sheet, position, f"the formula reads another file ({books[0]}).")
        elif any(token.kind == "error" and "#REF!" in token.text for token in made.tokens):
            yield at("W09", sheet, position, "the formula reads cells that are gone (#REF!).")
        elif _ADD_IN.search(cell.formula or ""):
            yield at("W09", sheet, position, "the formula calls a function of an absent add-in.")
    if subject.facts.links and not read:
        links = ", ".join(subject.facts.links[:_SHOWN])
        yield Finding("W09", "", "", f"the workbook keeps links to other files: {links}.")
    if subject.facts.connections:
        yield Finding("W09", "", "", "the workbook has data connections.")
    for name, text in subject.book.names.items():
        if "#REF!" in text and not name.startswith("_xlnm"):
            yield Finding("W09", "", "", f"the name {name} points to cells that are gone ({text}).")


def _hidden(subject: Subject) -> Iterator[Finding]:
    """Yield what is hidden and read by a formula: sheets, rows, columns, invisible text."""
    facts = subject.facts
    if not (
        any(facts.hidden_rows.values())
        or any(facts.hidden_columns.values())
        or any(state != "visible" for state in facts.states.values())
        or any(form.invisible for form in facts.formats)
    ):
        return
    for sheet in subject.book.sheets.values():
        told: set[str] = set()
        for position, cell in sorted(subject.cells(sheet.name).items()):
            if cell.value in (None, "") and not cell.computed:
                continue
            how = facts.hidden(sheet.name, *position)
            if not how and facts.format(cell.style).invisible and is_number(cell.value):
                how = "text in the colour of its background"
            if not how or how in told or not subject.read.holds(sheet.name, position):
                continue
            told.add(how)
            what = "the sheet is" if how == "sheet" else f"{how} is"
            yield at("W11", sheet.name, position, f"{what} hidden and feeds formulas.")


def _inside(areas: Iterable[Area], sheet: str, position: Position) -> bool:
    row, column = position
    return any(
        area.sheet == sheet and area.r1 <= row <= area.r2 and area.c1 <= column <= area.c2
        for area in areas
    )


def _unlocked(subject: Subject) -> Iterator[Finding]:
    facts = subject.facts
    for sheet in sorted(facts.protected & subject.book.sheets.keys()):
        loose = [
            position
            for position, cell in sorted(subject.cells(sheet).items())
            if cell.formula is not None
            and not facts.format(cell.style).locked
            # A list that can be sorted on its protected sheet has no locked cell.
            and not _inside(subject.inputs, sheet, position)
        ]
        if loose:
            said = f"{counted(len(loose), 'formula cell is', 'formula cells are')} not locked."
            yield at("W16", sheet, loose[0], said)


def _unused(subject: Subject) -> Iterator[Finding]:
    """Yield filled numeric inputs that no formula reads; for inputs of a template, by column.

    A parameter that a template declares is optional: which sheets read it depends on the method.
    """
    declared = [subject.area(n) for n in subject.book.names if n.lower().startswith("par_")]
    optional = {(a.sheet, (a.r1, a.c1)) for a in declared if a and subject.template is not None}
    for sheet in subject.book.sheets.values():
        columns: dict[int, list[Position]] = defaultdict(list)
        for position, cell in subject.cells(sheet.name).items():
            filled = not cell.computed and is_number(cell.value)
            if filled and subject.facts.format(cell.style).style == "Input":
                columns[position[1]].append(position)
        for positions in columns.values():
            unread = [
                p
                for p in sorted(positions)
                if not subject.read.holds(sheet.name, p) and (sheet.name, p) not in optional
            ]
            if unread:
                said = f"{counted(len(unread), 'input is', 'inputs are')} read by no formula."
                yield at("W14", sheet.name, unread[0], said)


def _undocumented(subject: Subject) -> Iterator[Finding]:
    for sheet in subject.book.sheets.values():
        for cell in subject.cells(sheet.name).values():
            if isinstance(cell.value, str) and _TELLS.search(cell.value):
                return
    yield Finding("I02", "", "", "no cell tells a source or a version.")


def _styles(subject: Subject) -> Iterator[Finding]:
    for sheet in subject.book.sheets.values():
        told = set()
        for position, cell in sorted(subject.cells(sheet.name).items()):
            style = subject.facts.format(cell.style).style
            if style == "Input" and cell.formula is not None:
                said = "a formula has the style of an input."
            elif style in _CALCULATED and not cell.computed and is_number(cell.value):
                said = "a typed number has the style of a calculation."
            else:
                continue
            if (style, position[1]) not in told:
                told.add((style, position[1]))
                yield at("I03", sheet.name, position, said)
