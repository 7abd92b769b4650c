"""The workbook around its cells: circles, links, what is hidden, protection, styles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import counted
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.circles import find_circles

_TELLS = re.compile(r"来源|出处|版本|source|version|prepared by|制表|编制", re.I)
_CALCULATED = ("Calculation", "Output")
_ADD_IN = re.compile(r"_xldudf_\w+", re.I)
_NAME = re.compile(r"[A-Za-z_]\w*_\w*")
_SHOWN = 5


@finds(
    "E11 formulas run in a circle | Break the circle; switch iterative calculation off.",
    order=49,
    of_formulas=True,
)
def circular_formulas(subject: Subject) -> Iterator[LintFinding]:
    """Yield E11."""
    for group in find_circles(subject.graph):
        places = sorted(group)
        shown = [full_address(s, p) for s, p in places[:_SHOWN]]
        more = "…" if len(places) > _SHOWN else ""
        sheet, position = places[0]
        text = f"a circle of formulas: {', '.join(shown)}{more}."
        # Where iteration is on, circles are meant: I06 says so once.
        yield at("E11", sheet, position, text, surprise=1.0 if subject.facts.iterates else 9.0)


@finds(
    "W09 a link to something outside, or a name that is gone | Bring the values in.",
    "W11 a result depends on something hidden | Show it, or describe it on a visible sheet.",
    "W14 an unused input, or a formula without input | Use it or remove it.",
    "W16 a formula is not protected | Lock the cell and protect the sheet.",
    "I02 the numbers have no source, version or check | State where they come from.",
    "I06 iterative calculation is switched on | Switch it off.",
    "I03 a cell's style is not its role | Give it the style of what it is.",
    order=50,
    not_in_template=("I03",),
)
def file_rules(subject: Subject) -> Iterator[LintFinding]:
    """Yield W09, W11, W14, W16, I02, I03 and I06."""
    if subject.facts.iterates:
        message = "iterative calculation is on: circles are calculated without a warning."
        yield LintFinding("I06", "", "", message)
    yield from _outside(subject)
    yield from _hidden(subject)
    yield from _unlocked(subject)
    yield from _unused(subject)
    yield from _undocumented(subject)
    yield from _styles(subject)


@finds(order=51, not_in_template=("W20",))
def settings(subject: Subject) -> Iterator[LintFinding]:
    """Yield W20 of a workbook that is compared with no template."""
    for (kind, sheet, _, what), text in subject.appearance.aspects.items():
        if kind != "setting":
            continue
        if (what, text) == ("precision", "as displayed"):
            message = "precision as displayed is on: values are rounded to what cells show."
        elif what == "calculation mode":
            message = f"the calculation mode is {text}: stored values may be old."
        elif text == "very hidden":
            message = "the sheet is very hidden: no menu shows it."
        else:
            continue
        yield LintFinding("W20", sheet, "", message)


def _outside(subject: Subject) -> Iterator[LintFinding]:
    odd = subject.known.of("outside", lambda: [*_odd_formulas(subject)])
    read = {sheet for sheet, _, _, is_file in odd if is_file}
    for sheet, position, message, _ in odd:
        yield at("W09", sheet, tuple(position), message)
    if subject.facts.links and not read:
        links = ", ".join(subject.facts.links[:_SHOWN])
        yield LintFinding("W09", "", "", f"the workbook keeps links to other files: {links}.")
    if subject.facts.connections:
        yield LintFinding("W09", "", "", "the workbook has data connections.")
    for name, text in subject.book.names.items():
        if "#REF!" in text and not name.startswith("_xlnm"):
            yield LintFinding(
                "W09", "", "", f"the name {name} points to cells that are gone ({text})."
            )


def _odd_formulas(subject: Subject) -> Iterator[tuple[str, Position, str, bool]]:
    """Yield formulas that read what is not there, what to say, and whether it is another file."""
    # What all copies of a formula have alike is asked once.
    books: dict[str, str] = {}
    gone = set()
    for _, made in subject.distinct():
        if outside := [ref.book for ref in made.refs if ref.book]:
            books[made.key] = outside[0]
        if any(token.kind == "error" and "#REF!" in token.text for token in made.tokens):
            gone.add(made.key)
    for sheet, position, made in subject.formulas():
        if made.key in books:
            message = f"the formula reads another file ({books[made.key]})."
            yield sheet, position, message, True
        elif made.key in gone:
            yield sheet, position, "the formula reads cells that are gone (#REF!).", False
        elif _ADD_IN.search(subject.cells(sheet)[position].formula or ""):
            yield sheet, position, "the formula calls a function of an absent add-in.", False


def _hidden(subject: Subject) -> Iterator[LintFinding]:
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
        reported: set[str] = set()
        for position, cell in sorted(subject.cells(sheet.name).items()):
            if cell.value in (None, "") and not cell.computed:
                continue
            how = facts.hidden(sheet.name, *position)
            if not how and facts.format(cell.style).invisible and is_number(cell.value):
                how = "text in the colour of its background"
            if not how or how in reported or not subject.read.holds(sheet.name, position):
                continue
            reported.add(how)
            what = "the sheet is" if how == "sheet" else f"{how} is"
            yield at("W11", sheet.name, position, f"{what} hidden and feeds formulas.")


def _unlocked(subject: Subject) -> Iterator[LintFinding]:
    facts = subject.facts
    for sheet in sorted(facts.protected & subject.book.sheets.keys()):
        loose = [
            position
            for position, cell in sorted(subject.cells(sheet).items())
            if cell.formula is not None
            # One name alone is the default of an input, to be typed over.
            and not _NAME.fullmatch(cell.formula)
            and not facts.format(cell.style).locked
            # A list that can be sorted on its protected sheet has no locked cell.
            and not any(area.holds(sheet, position) for area in subject.inputs)
        ]
        if loose:
            message = f"{counted(len(loose), 'formula cell is', 'formula cells are')} not locked."
            yield at("W16", sheet, loose[0], message)


def _unused(subject: Subject) -> Iterator[LintFinding]:
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
                message = f"{counted(len(unread), 'input is', 'inputs are')} read by no formula."
                yield at("W14", sheet.name, unread[0], message)


def _undocumented(subject: Subject) -> Iterator[LintFinding]:
    for sheet in subject.book.sheets.values():
        for cell in subject.cells(sheet.name).values():
            if isinstance(cell.value, str) and _TELLS.search(cell.value):
                return
    yield LintFinding("I02", "", "", "no cell states a source or a version.")


def _styles(subject: Subject) -> Iterator[LintFinding]:
    for sheet in subject.book.sheets.values():
        reported = set()
        for position, cell in sorted(subject.cells(sheet.name).items()):
            style = subject.facts.format(cell.style).style
            if style == "Input" and cell.formula is not None:
                message = "a formula has the style of an input."
            elif style in _CALCULATED and not cell.computed and is_number(cell.value):
                message = "a typed number has the style of a calculation."
            else:
                continue
            if (style, position[1]) not in reported:
                reported.add((style, position[1]))
                yield at("I03", sheet.name, position, message)
