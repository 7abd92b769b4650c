"""Formulas that read outside of the workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.cell_values import reads_gone_cells
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.properties import read_linked_files

_ADD_IN = re.compile(r"_xldudf_\w+", re.I)


@finds(order=50)
def outside_links(subject: Subject) -> Iterator[Finding]:
    """Yield formulas that read other files, cells that are gone or functions that are absent.

    A link that no formula reads, and a name of cells that are gone, change no value.
    """
    links = read_linked_files(subject.package)
    # What all copies of a formula have alike is asked once.
    for cells, form in subject.distinct():
        sheet, first = cells[0]
        files = form.books
        fault = ""
        if files:
            is_listed = files[0].isdecimal() and 0 < int(files[0]) <= len(links)
            fault = unquote(links[int(files[0]) - 1]) if is_listed else files[0]
            message = f"the formula reads another file ({fault})."
        elif reads_gone_cells(form):
            message = "the formula reads cells that are gone (#REF!)."
        elif _ADD_IN.search(subject.book.sheets[sheet].cells.formula(first) or ""):
            message = "the formula calls a function of an absent add-in."
        else:
            continue
        for cell in cells:
            yield finding_at("W09", *cell, message, fault=fault)
