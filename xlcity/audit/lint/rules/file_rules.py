"""Formulas that read outside of the workbook; the rules of what checks find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import declare, finds
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.properties import read_linked_files

_ADD_IN = re.compile(r"_xldudf_\w+", re.I)


# What checks find: rows of `Checks`, fresh values, routes, the seal.
declare(
    "E07 a check of the workbook fails | See its row on the sheet Checks. | "
    "{} check of the workbook fails / {} checks of the workbook fail",
    "E09 a stored value is not what the formula gives | Recalculate and save the workbook. | "
    "{} value is stale / {} values are stale",
    "E10 two ways of computing the scores disagree | Compare them step by step. | "
    "{} way of computing disagrees / {} ways of computing disagree",
    "E16 the workbook is not as it was sealed | Restore it, or seal it again if the change is "
    "meant. | {} change since it was sealed / {} changes since it was sealed",
)


@finds(
    "W09 a reference to what is not in the workbook | Bring the values in, or correct the "
    "reference. | {} formula refers to what is not in the workbook / "
    "{} formulas refer to what is not in the workbook",
    order=50,
)
def outside_links(subject: Subject) -> Iterator[Finding]:
    """Yield formulas that read other files, cells that are gone or functions that are absent.

    A link that no formula reads, and a name of cells that are gone, change no value.
    """
    links = read_linked_files(subject.package)
    # What all copies of a formula have alike is asked once.
    for cells, form in subject.distinct():
        sheet, first = cells[0]
        files = [ref.book for ref in form.refs if ref.book]
        fault = ""
        if files:
            is_listed = files[0].isdecimal() and 0 < int(files[0]) <= len(links)
            fault = unquote(links[int(files[0]) - 1]) if is_listed else files[0]
            message = f"the formula reads another file ({fault})."
        elif any(token.kind == "error" and "#REF!" in token.text for token in form.tokens):
            message = "the formula reads cells that are gone (#REF!)."
        elif _ADD_IN.search(subject.book.sheets[sheet].cells.formula(first) or ""):
            message = "the formula calls a function of an absent add-in."
        else:
            continue
        for cell in cells:
            yield finding_at("W09", *cell, message, fault=fault)
