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
    down: int
    across: int


def run(sheet_call: SheetCall, timeout: float = TIMEOUT) -> CellRows:
    """Compute one call in a LibreOffice of its own; see `run_all`."""
    return run_all([sheet_call], timeout)[0]


def run_all(sheet_calls: Sequence[SheetCall], timeout: float = TIMEOUT) -> list[CellRows]:
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
        laid = _stacked([(sheet_calls[number], shapes[number]) for number in waiting])
        book = read_book(Package.from_bytes(convert(_workbook(laid), timeout)))
        sheet = book.sheets[_SHEET]
        again = []
        for number, stacked_call in zip(waiting, laid, strict=True):
            shape = _shape(stacked_call, sheet)
            if shape == shapes[number]:
                results[number] = _block(stacked_call, sheet)
            else:  # once more with the room it needs
                shapes[number] = shape
                again.append(number)
        waiting = again
    return [results[number] for number in range(len(sheet_calls))]


def expected_shape(call: SheetCall) -> tuple[int, int]:
    """Return the room a result needs, as Python has it; LibreOffice measures its own."""
    rows = call_function(call.name, list(call.blocks.values()))
    return len(rows), len(rows[0])


def _stacked(wanted: Sequence[tuple[SheetCall, tuple[int, int]]]) -> list[_PlacedCall]:
    laid, top = [], 1
    for call, (down, across) in wanted:
        placed = lay_out(call.name, list(call.blocks.values()), top)
        laid.append(_PlacedCall(placed, down, across))
        # Its shape takes two rows beside the arguments.
        top += max(placed.height, down, 2)
    return laid


def _shape(laid: _PlacedCall, sheet: Sheet) -> tuple[int, int]:
    """Return the shape of the result as the workbook measured it."""
    call = laid.call
    sizes = [sheet.value(call.top + row, call.free_column) for row in (0, 1)]
    if not isinstance(sizes[0], float) or not isinstance(sizes[1], float):
        _require_loaded(laid, sizes[0])
        return 1, 1  # one error, not a block
    return int(sizes[0]), int(sizes[1])


def _require_loaded(laid: _PlacedCall, size: object) -> None:
    given = [cell for rows in laid.call.blocks.values() for row in rows for cell in row]
    if size is CellError.NAME and CellError.NAME not in given:
        raise EngineError(
            "LibreOffice cannot call the functions: its Python scripting does not run.",
            "Install it (Debian: apt install libreoffice-script-provider-python python3-uno).",
        )


def _block(laid: _PlacedCall, sheet: Sheet) -> CellRows:
    top, left = laid.call.top, laid.call.free_column + 1
    return [
        [sheet.value(top + row, left + column) for column in range(laid.across)]
        for row in range(laid.down)
    ]


def _workbook(laid: Sequence[_PlacedCall]) -> bytes:
    """Write the calls; numbers keep all their digits, which no writer of workbooks does."""
    cells: dict[int, dict[int, str]] = {}
    for stacked_call in laid:
        _place(stacked_call, cells)
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


def _place(laid: _PlacedCall, cells: dict[int, dict[int, str]]) -> None:
    call = laid.call
    for row, column, value in call.cells():
        kind, content = constant_xml(value)
        head = f' t="{kind}"' if kind else ""
        cells.setdefault(row, {})[column] = f'<c r="{cell_name(row, column)}"{head}>{content}</c>'
    formula = call.formula[1:]
    free, top = call.free_column, call.top
    last = cell_name(top + laid.down - 1, free + laid.across)
    for row, column, text, end in (
        (top, free, f"ROWS({formula})", cell_name(top, free)),
        (top + 1, free, f"COLUMNS({formula})", cell_name(top + 1, free)),
        (top, free + 1, formula, last),
    ):
        start = cell_name(row, column)
        cells.setdefault(row, {})[column] = (
            f'<c r="{start}"><f t="array" ref="{start}:{end}">{escape_xml(text)}</f></c>'
        )
