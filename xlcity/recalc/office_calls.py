"""Calls of library functions made by LibreOffice: many in one workbook, so that it starts once."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, EngineError
from xlcity.hosts.cells import CellRows
from xlcity.hosts.cells import call as call_function
from xlcity.hosts.sheet_call import SheetCall, lay_out
from xlcity.recalc.engines.soffice import convert
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Sheet, read_book
from xlcity.xlsx.editing.sheet_patch import constant_xml
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml

TIMEOUT = 120.0

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGES = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET = "Calls"
#: All parts but the sheet.
_FRAME = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGES}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    f'PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/><Override '
    f'PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGES}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet '
    f'name="{_SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGES}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


@dataclass(frozen=True, slots=True)
class _PlacedCall:
    """A call with the rows and columns its result is expected to take."""

    call: SheetCall
    rows: int
    columns: int


def run_call(sheet_call: SheetCall, timeout: float = TIMEOUT) -> CellRows:
    """Compute one call in a LibreOffice of its own; see `run_calls`."""
    return run_calls([sheet_call], timeout)[0]


def run_calls(sheet_calls: Sequence[SheetCall], timeout: float = TIMEOUT) -> list[CellRows]:
    """Compute calls in one workbook that LibreOffice opens and calculates.

    Parameters
    ----------
    sheet_calls
        The calls. They stand one below the other: a sheet each would take ten times as long.
    timeout
        Seconds.

    Returns
    -------
    list
        The block that each call gives, in order.

    Raises
    ------
    EngineError
        If LibreOffice is absent, fails, takes too long or cannot run Python.
    """
    shapes = [expected_shape(call) for call in sheet_calls]
    results: dict[int, CellRows] = {}
    waiting = list(range(len(sheet_calls)))
    while waiting:
        placed_calls = _stack_calls([(sheet_calls[number], shapes[number]) for number in waiting])
        book = read_book(Package.from_bytes(convert(_write_workbook(placed_calls), timeout)))
        sheet = book.sheets[_SHEET]
        too_small = []
        for number, placed in zip(waiting, placed_calls, strict=True):
            shape = _measured_shape(placed.call, sheet)
            if shape == shapes[number]:
                results[number] = _read_result(placed, sheet)
            else:
                shapes[number] = shape
                too_small.append(number)
        waiting = too_small
    return [results[number] for number in range(len(sheet_calls))]


def expected_shape(call: SheetCall) -> tuple[int, int]:
    """Return the rows and columns of a call's result in Python; LibreOffice measures its own."""
    rows = call_function(call.name, list(call.blocks.values()))
    return len(rows), len(rows[0])


def _stack_calls(calls: Sequence[tuple[SheetCall, tuple[int, int]]]) -> list[_PlacedCall]:
    """Place calls, each with the rows and columns of its result, one below the other."""
    placed_calls, top = [], 1
    for call, (rows, columns) in calls:
        placed = lay_out(call.name, list(call.blocks.values()), top)
        placed_calls.append(_PlacedCall(placed, rows, columns))
        # Its shape takes two rows beside the arguments.
        top += max(placed.height, rows, 2)
    return placed_calls


def _measured_shape(call: SheetCall, sheet: Sheet) -> tuple[int, int]:
    """Return the rows and columns of a result as LibreOffice has measured them.

    (1, 1) where it is an error.

    Raises
    ------
    EngineError
        If LibreOffice does not know the function.
    """
    sizes = [sheet.value(call.top + row, call.free_column) for row in (0, 1)]
    if isinstance(sizes[0], float) and isinstance(sizes[1], float):
        return int(sizes[0]), int(sizes[1])
    given = [cell for rows in call.blocks.values() for row in rows for cell in row]
    if sizes[0] is CellError.NAME and CellError.NAME not in given:
        raise EngineError(
            "LibreOffice cannot call the functions: its Python scripting does not run.",
            "Install it (Debian: apt install libreoffice-script-provider-python python3-uno).",
        )
    return 1, 1


def _read_result(placed: _PlacedCall, sheet: Sheet) -> CellRows:
    """Return the rows of a call's result from the calculated sheet."""
    top, left = placed.call.top, placed.call.free_column + 1
    return [
        [sheet.value(top + row, left + column) for column in range(placed.columns)]
        for row in range(placed.rows)
    ]


def _write_workbook(placed_calls: Sequence[_PlacedCall]) -> bytes:
    """Return an .xlsx file of the calls; numbers keep all their digits, unlike in other writers."""
    cells: dict[int, dict[int, str]] = {}
    for placed in placed_calls:
        _add_cells(placed, cells)
    rows = "".join(
        f'<row r="{row}">{"".join(cells[row][column] for column in sorted(cells[row]))}</row>'
        for row in sorted(cells)
    )
    parts = {
        **_FRAME,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, _XML + text)
    return target.getvalue()


def _add_cells(placed: _PlacedCall, cells: dict[int, dict[int, str]]) -> None:
    """Add the XML of a call's arguments, its result and the result's shape: row -> column -> XML.

    ROWS and COLUMNS of the result stand in two cells at its left.
    """
    call = placed.call
    for row, column, value in call.cells():
        kind, content = constant_xml(value)
        type_attribute = f' t="{kind}"' if kind else ""
        xml = f'<c r="{cell_name(row, column)}"{type_attribute}>{content}</c>'
        cells.setdefault(row, {})[column] = xml
    formula = call.formula[1:]
    free, top = call.free_column, call.top
    last = cell_name(top + placed.rows - 1, free + placed.columns)
    for row, column, text, end in (
        (top, free, f"ROWS({formula})", cell_name(top, free)),
        (top + 1, free, f"COLUMNS({formula})", cell_name(top + 1, free)),
        (top, free + 1, formula, last),
    ):
        start = cell_name(row, column)
        cells.setdefault(row, {})[column] = (
            f'<c r="{start}"><f t="array" ref="{start}:{end}">{escape_xml(text)}</f></c>'
        )
