"""The library inside formualizer workbooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count, takewhile
from threading import RLock
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import (
    FORMUALIZER_ERRORS,
    CellRows,
    call,
    call_filled,
    read_cell,
)
from xlcity.hosts.sheet_call import SheetCall, literal_formula

_SHEET = "Call"
#: The engine calls from several threads, and two of them that import one package for the first time
#: may each see half of it.
_CALL_LOCK = RLock()
#: Error -> formualizer's name of it.
_KIND_OF_ERROR = {error: name.title() for name, error in FORMUALIZER_ERRORS.items()}


def register_functions(
    workbook: Any, *, fill_errors: bool = True, faults: list[str] | None = None
) -> None:
    """Register every function of the library on a formualizer workbook.

    Parameters
    ----------
    workbook
        A `formualizer.Workbook` that has not been evaluated yet.
    fill_errors
        Whether an error of a whole call fills the block of its result, as an array formula shows
        it in Excel. formualizer does not repeat a single value over an array formula.
    faults
        Gets a line for every function that fails; its cells are #VALUE! then, though the function
        has not returned that.

    Notes
    -----
    formualizer passes an omitted argument as 0: formulas that may omit arguments between others
    must go through `hosts.sheet_call.write_out_omitted` first.
    """
    for name in FUNCTIONS:
        workbook.register_function(
            name,
            partial(_answer_call, call_filled if fill_errors else call, faults, name),
        )


def run_sheet_call(sheet_call: SheetCall) -> CellRows:
    """Compute a call in a workbook of its own and return the rows of its result."""
    import formualizer

    workbook = formualizer.Workbook()
    # Before any cell: functions registered after the first evaluation are not seen.
    register_functions(workbook, fill_errors=False)
    workbook.add_sheet(_SHEET)
    for row, column, value in sheet_call.cells():
        if isinstance(value, (str, CellError)):
            workbook.set_formula(_SHEET, row, column, literal_formula(value))
        else:
            workbook.set_value(_SHEET, row, column, value)
    workbook.set_formula(_SHEET, 1, sheet_call.free_column, sheet_call.formula)
    workbook.evaluate_all()
    return _read_spilled_block(workbook, sheet_call.free_column)


def to_host(value: CellValue) -> object:
    """Return a cell's value as formualizer takes it: an error as a dictionary, a blank as "".

    None would become 0 there.
    """
    if isinstance(value, CellError):
        return {"type": "Error", "kind": _KIND_OF_ERROR[value]}
    return "" if value is None else value


def _answer_call(
    call_function: Callable[..., CellRows],
    faults: list[str] | None,
    name: str,
    *args: object,
) -> object:
    """Return the rows of a function's result as formualizer takes them.

    Parameters
    ----------
    call_function
        `call` or `call_filled`: takes the function's name and the arguments.
    faults
        A list to which a line is added if the call raises; None: nothing is recorded.
    name, args
        The function, and its arguments as formualizer passes them.
    """
    try:
        with _CALL_LOCK:
            rows = call_function(name, args)
    except Exception as error:
        if faults is not None:
            faults.append(f"{name}: {error!r}")
        raise
    return [[*map(to_host, row)] for row in rows]


def _read_spilled_block(workbook: Any, left: int) -> CellRows:
    """Return the rows of the result whose first cell is in row 1 and column `left`, from 1.

    A row ends before the first blank, the result before the first row that is blank at the left.
    """
    rows: CellRows = []
    while True:
        values = (
            workbook.get_value(_SHEET, len(rows) + 1, column) for column in count(left)
        )
        row = [*takewhile(lambda cell: cell is not None, map(read_cell, values))]
        if not row:
            return rows
        rows.append(row)
