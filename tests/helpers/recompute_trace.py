"""Computes a traced number again from its leaves alone: a trace that lost a cell gives another."""

from __future__ import annotations

import io

import xlsxwriter

from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellError
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.address import parse_area, parse_range
from xlcity.xlsx.package import Package


def recompute(traced):
    """Return what the traced cell is in a workbook of the traced cells and nothing else.

    What the trace calls an input is typed there, what it calls a formula is calculated.
    """
    assert not traced.cut
    subject = Subject.of(traced.path)
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_numbers": False}
    )
    sheets = {name: workbook.add_worksheet(name) for name in subject.book.sheets}
    for name, text in subject.book.names.items():
        if not name.startswith("_xlnm"):
            workbook.define_name(name, f"={text}")
    done = set()
    for key, step in traced.steps.items():
        name, position = _place(key)
        cell = subject.book.sheets[name].cells.get(position)
        if cell is None or step.kind == "range":
            continue
        if cell.in_array:
            position = cell.in_array
            cell = subject.book.sheets[name].cells[position]
        if (name, position) in done:
            continue
        done.add((name, position))
        row = position[0] - 1
        column = position[1] - 1
        if cell.array and cell.formula:
            r1, c1, r2, c2 = parse_range(cell.array)
            area = (r1 - 1, c1 - 1, r2 - 1, c2 - 1)
            sheets[name].write_array_formula(*area, f"{{={cell.formula}}}")
        elif cell.formula is not None:
            sheets[name].write_formula(row, column, f"={cell.formula}")
        elif isinstance(cell.value, CellError):
            sheets[name].write_formula(row, column, f"={cell.value}")
        else:
            sheets[name].write(row, column, cell.value)
    workbook.close()
    result = recalculate(Package.from_bytes(buffer.getvalue()))
    name, position = _place(traced.root)
    return result.value(name, *position)


def _place(key):
    """Return sheet and position of the first cell of a step."""
    area = parse_area(key)
    return area.sheet, (area.r1, area.c1)
