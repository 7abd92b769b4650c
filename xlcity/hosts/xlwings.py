"""The library inside Excel, called through xlwings' add-in; only where Excel is."""

from __future__ import annotations

import sys

from xlcity.errors import CellError, EngineError
from xlcity.hosts.cells import COM, CellRows, read_block
from xlcity.hosts.excel.machine import Machine
from xlcity.hosts.excel.xlwings_addin import ADDIN, functions_workbook
from xlcity.hosts.sheet_call import SheetCall, literal_formula


def run_sheet_call(sheet_call: SheetCall, machine: Machine | None = None) -> CellRows:
    """Compute a call in an Excel of its own; return the result's rows.

    A sheet is added, and not saved, to the workbook that the functions were imported into:
    elsewhere Excel does not know their names.

    `sheet_call` has the arguments laid out as cells, and the formula that reads them. `machine`
    says where Excel and the add-in are, by default on this machine.

    Raises
    ------
    EngineError
        Anywhere but on Windows, where alone xlwings can answer Excel's calls, and where the
        functions are not installed or not imported.
    """
    machine = machine or Machine()
    if not machine.windows:
        raise EngineError.of("XC500.xlwings_needs_windows", platform=sys.platform)
    addin = machine.startup / ADDIN
    workbook = functions_workbook(machine)
    if not (addin.exists() and workbook.exists()):
        raise EngineError.of("XC500.no_functions_in_excel")
    import xlwings

    app = xlwings.App(visible=False, add_book=False)
    try:
        # Excel opens nothing of its start folder when a program starts it.
        app.books.open(str(addin))
        sheet = app.books.open(str(workbook)).sheets.add()
        for row, column, value in sheet_call.cells():
            cell = sheet.range((row, column))
            if isinstance(value, (str, CellError)):
                cell.formula = literal_formula(value)
            else:
                cell.value = value
        result_cell = sheet.range((1, sheet_call.free_column))
        # Unlike `formula`, it lets a result spill.
        result_cell.formula2 = sheet_call.formula
        cell_api = result_cell.api
        result_range = cell_api.SpillingToRange if cell_api.HasSpill else cell_api
        rows = read_block(result_range.Value, COM)
    finally:
        app.quit()
    if rows == [[CellError.NAME]]:
        raise EngineError.of("XC500.functions_not_imported", workbook=workbook)
    return rows
