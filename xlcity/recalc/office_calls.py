"""Calls of library functions made by LibreOffice: many in one workbook, so that it starts once."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.errors import CellError, CellValue, EngineError
from xlcity.hosts.cells import CellRows
from xlcity.hosts.cells import call as call_function
from xlcity.hosts.sheet_call import SheetCall, lay_out_call
from xlcity.recalc.engines.soffice import recalculate_in_office
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.new_book import close_to_bytes, new_book
from xlcity.xlsx.package import Package

TIMEOUT = 120.0
_SHEET = "Calls"


def run_calls(
    sheet_calls: Sequence[SheetCall], timeout: float = TIMEOUT
) -> list[CellRows]:
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
        The block that each call gives, in order; it has the size that it has in Python.

    Raises
    ------
    EngineError
        If LibreOffice is absent, fails, takes too long or cannot run Python.
    """
    cells: dict[Position, CellValue] = {}
    expected_results: list[tuple[Range, CellRows]] = []
    workbook = new_book()
    top = 1
    sheet = workbook.add_worksheet(_SHEET)
    for sheet_call in sheet_calls:
        arguments = list(sheet_call.blocks.values())
        placed = lay_out_call(sheet_call.name, arguments, top)
        expected = call_function(sheet_call.name, arguments)
        cells |= {(row, column): value for row, column, value in placed.cells()}
        # The result stands beside the arguments and has the size that it has in Python.
        bottom = top + len(expected) - 1
        left = placed.free_column
        area = Range(_SHEET, top, left, bottom, left + len(expected[0]) - 1)
        expected_results.append((area, expected))
        # XlsxWriter counts from 0.
        corners = (area.r1 - 1, area.c1 - 1, area.r2 - 1, area.c2 - 1)
        sheet.write_array_formula(*corners, f"{{{placed.formula}}}")
        top = max(top + placed.height, bottom + 1)
    # Numbers keep all their digits, unlike in what XlsxWriter writes.
    package = write_inputs(
        Package.from_bytes(close_to_bytes(workbook)), {_SHEET: cells}
    )
    computed = read_book(
        Package.from_bytes(recalculate_in_office(package.to_bytes(), timeout))
    )
    results = [
        _unfill_error(computed.block(area), expected)
        for area, expected in expected_results
    ]
    for sheet_call, result in zip(sheet_calls, results, strict=True):
        argument_values = [
            v for block in sheet_call.blocks.values() for row in block for v in row
        ]
        if result[0][0] is CellError.NAME and CellError.NAME not in argument_values:
            raise EngineError.of("XC500.no_python_in_libreoffice")
    return results


def _unfill_error(result: CellRows, expected: CellRows) -> CellRows:
    """Return a result, or a single error if that fills it and something else is expected.

    An array formula shows an error of the whole call in each of its cells; `expected` is what the
    call gives in Python.
    """
    errors = {cell for row in result for cell in row if isinstance(cell, CellError)}
    is_filled = len(errors) == 1 and all(
        cell in errors for row in result for cell in row
    )
    return [[*errors]] if is_filled and result != expected else result
