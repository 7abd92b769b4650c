"""The library inside Excel, called through the add-in; only where Excel is."""

from __future__ import annotations

import sys

from xlcity.errors import CellError, EngineError
from xlcity.hosts.cells import COM, CellRows, read_block
from xlcity.hosts.excel.machine import Machine
from xlcity.hosts.sheet_call import SheetCall, literal_formula
from xlcity.hosts.state import ADDIN


def run_sheet_call(sheet_call: SheetCall, machine: Machine | None = None) -> CellRows:
    """Compute a call in an Excel of its own, with the add-in open; return the result's rows.

    `sheet_call` has the arguments laid out as cells, and the formula that reads them. `machine`
    says where Excel and the add-in are, by default on this machine.

    Raises
    ------
    EngineError
        Anywhere but on Windows, where alone xlwings can answer Excel's calls, and where the
        add-in is not installed.
    """
    machine = machine or Machine()
    if not machine.windows:
        raise EngineError(
            f"the host xlwings needs Excel on Windows, and this is {sys.platform}.",
            "Use --host python, formualizer, formulas or libreoffice: they give the same matrix.",
        )
    addin = machine.startup / ADDIN
    if not addin.exists():
        raise EngineError(
            "Excel does not have the functions yet.", "xlcity udf install --host ribbon"
        )
    import xlwings

    app = xlwings.App(visible=False, add_book=False)
    try:
        app.books.open(str(addin))
        sheet = app.books.add().sheets[0]
        for row, column, value in sheet_call.cells():
            cell = sheet.range((row, column))
            if isinstance(value, (str, CellError)):
                cell.formula = literal_formula(value)
            else:
                cell.value = value
        result_cell = sheet.range((1, sheet_call.free_column))
        result_cell.formula2 = (
            sheet_call.formula
        )  # unlike `formula`, lets a result spill
        cell_api = result_cell.api
        result_range = cell_api.SpillingToRange if cell_api.HasSpill else cell_api
        return read_block(result_range.Value, COM)
    finally:
        app.quit()
