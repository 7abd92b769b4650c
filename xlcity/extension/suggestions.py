"""What a cell was probably meant to hold, where that is safe to say."""

from __future__ import annotations

import difflib

from xlcity.audit.trace.trace import find_cell
from xlcity.desk.commands import OpenBook
from xlcity.errors import UsageError
from xlcity.model.dataset import State
from xlcity.model.reading.cell_faults import fault_kind
from xlcity.model.reading.values import Converted, read_value


def suggestion(book: OpenBook, cell: str) -> float | str | None:
    """Return the value to put into an input cell, or None where a person has to decide.

    The number of full-width digits and of a number that was typed as text; the id of a city whose
    name is nearly the same.
    """
    template = book.template
    try:
        sheet, (_, column) = find_cell(book.subject, cell)
    except UsageError:
        return None
    value = typed_text(book, cell)
    if value is None or sheet != template.area("in_data").sheet:
        return None
    if column == template.area("in_units").c1:
        return near_city(book, value)
    code = next((code for code, at in template.columns.items() if at == column), None)
    if code is None:
        return None
    # A percent sign, 万 or a comma may mean one thing or another.
    if fault_kind(value) not in ("full_width", "as_text"):
        return None
    read = read_value(value)
    return read.value if isinstance(read, Converted) and read.state == State.VALUE else None


def typed_text(book: OpenBook, cell: str) -> str | None:
    """Return the text that a cell holds, or None if it holds something else."""
    sheet, (row, column) = find_cell(book.subject, cell)
    value = book.template.book.value(sheet, row, column)
    return value if isinstance(value, str) else None


def near_city(book: OpenBook, text: str) -> str | None:
    """Return the id of the city that a text nearly names, if it is one city alone."""
    names = {name.casefold(): unit.id
             for unit in book.template.dataset.units
             for name in (unit.id, unit.name_zh, unit.name_en) if name}  # fmt: skip
    near = difflib.get_close_matches(text.strip().casefold(), names, 3, 0.75)
    found = {names[name] for name in near}
    return found.pop() if len(found) == 1 else None
