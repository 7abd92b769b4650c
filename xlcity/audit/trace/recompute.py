"""Computes a traced number again from its leaves alone."""

from __future__ import annotations

import io
from typing import Any

from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.trace import Trace
from xlcity.errors import CellError, CellValue, UsageError
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.xlsx.address import parse_range
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT


def recompute(
    traced: Trace, engine: str = "auto", timeout: float = DEFAULT_TIMEOUT
) -> tuple[CellValue, tuple[str, ...]]:
    """Return what the traced cell is in a workbook of the traced cells and nothing else.

    With it comes what the engine is not known to compute as Excel does.

    What the trace calls an input is typed there, what it calls a formula is calculated: if a cell
    were missing in the trace, the value would be another.

    Raises
    ------
    UsageError
        If the trace was cut, so that it has no leaves.
    EngineError
        If an engine cannot compute it.
    """
    import xlsxwriter

    if traced.cut:
        raise UsageError("the trace was cut by --depth.", "Recompute needs all of it.")
    subject = Subject.open(traced.path)
    buffer = io.BytesIO()
    workbook: Any = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False})
    sheets = {name: workbook.add_worksheet(name) for name in subject.book.sheets}
    for name, text in subject.book.names.items():
        if not name.startswith("_xlnm"):
            workbook.define_name(name, f"={text}")
    done = set()
    for key, (name, position) in traced.places.items():
        if key not in traced.steps or position is None:
            continue
        if (cell := subject.book.sheets[name].cells.get(position)) is None:
            continue
        if cell.in_array:
            position = cell.in_array
            cell = subject.book.sheets[name].cells[position]
        if (name, position) in done:
            continue
        done.add((name, position))
        row, column = position[0] - 1, position[1] - 1
        if cell.array and cell.formula:
            r1, c1, r2, c2 = parse_range(cell.array)
            area = (r1 - 1, c1 - 1, r2 - 1, c2 - 1)
            sheets[name].write_array_formula(*area, f"{{={cell.formula}}}")
        elif cell.formula is not None:
            sheets[name].write_formula(row, column, f"={cell.formula}")
        else:
            _type(sheets[name], row, column, cell.value)
    workbook.close()
    result = recalculate(Package.from_bytes(buffer.getvalue()), engine, timeout)
    name, position = traced.places[traced.root]
    return result.value(name, *position), _unverified(result)


def _unverified(result: Recalculated) -> tuple[str, ...]:
    """Return what is in doubt; the workbook has just been made, so no values are stored in it."""
    return tuple(what for what in result.unverified if what in result.able)


def _type(sheet: Any, row: int, column: int, value: CellValue) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value)
    elif isinstance(value, CellError):
        sheet.write_formula(row, column, f"={value}")
    elif value is not None:
        sheet.write_string(row, column, value)
