"""The workbook around its cells: circles, links, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.address import full_address
from xlcity.xlsx.formulas.circles import find_circles

_ADD_IN = re.compile(r"_xldudf_\w+", re.I)
#: Cells of a circle, and linked files, that a message lists.
_SHOWN = 5


@finds(
    "E11 formulas run in a circle | Break the circle; switch iterative calculation off.",
    order=49,
    of_formulas=True,
)
def circular_formulas(subject: Subject) -> Iterator[LintFinding]:
    """Yield E11; W20 where iterative calculation is on, so that circles are meant."""
    for group in find_circles(subject.graph):
        if subject.facts.iterates:
            message = "iterative calculation is on: circles are calculated without a warning."
            yield LintFinding("W20", "", "", message)
            return
        cells = sorted(group)
        listed = ", ".join(full_address(*cell) for cell in cells[:_SHOWN])
        dots = "…" if len(cells) > _SHOWN else ""
        yield finding_at("E11", *cells[0], f"a circle of formulas: {listed}{dots}.")


@finds(
    "W09 a link to something outside, or a name that is gone | Bring the values in.",
    order=50,
)
def outside_links(subject: Subject) -> Iterator[LintFinding]:
    """Yield formulas that read other files, cells that are gone or functions that are absent."""
    # What all copies of a formula have alike is asked once.
    reads_file = False
    for cells, form in subject.distinct():
        files = [ref.book for ref in form.refs if ref.book]
        if files:
            reads_file = True
            message = f"the formula reads another file ({files[0]})."
        elif any(token.kind == "error" and "#REF!" in token.text for token in form.tokens):
            message = "the formula reads cells that are gone (#REF!)."
        elif _ADD_IN.search(subject.cells(cells[0][0])[cells[0][1]].formula or ""):
            message = "the formula calls a function of an absent add-in."
        else:
            continue
        for cell in cells:
            yield finding_at("W09", *cell, message)
    if subject.facts.links and not reads_file:
        links = ", ".join(subject.facts.links[:_SHOWN])
        yield LintFinding("W09", "", "", f"the workbook keeps links to other files: {links}.")
    if subject.facts.connections:
        yield LintFinding("W09", "", "", "the workbook has data connections.")
    for name, text in subject.book.names.items():
        if "#REF!" in text and not name.startswith("_xlnm"):
            message = f"the name {name} points to cells that are gone ({text})."
            yield LintFinding("W09", "", "", message)


@finds(order=51, where="foreign")
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
