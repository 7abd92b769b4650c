"""The library inside formualizer workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from threading import RLock
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import FORMUALIZER_ERRORS, CellRows, call, call_filled, read_cell
from xlcity.hosts.sheet_call import SheetCall, formula_of

_SHEET = "Call"
#: Takes a block out of a result: see `recalc.large_arrays`.
PART = "XLCITY_PART"
#: The engine calls from several threads, and two of them that import one package for the first time
#: may each see half of it.
_ONE_AT_A_TIME = RLock()
_KIND_OF = {error: name.title() for name, error in FORMUALIZER_ERRORS.items()}


def register(workbook: Any, *, fill: bool = True, faults: list[str] | None = None) -> None:
    """Register every function of the library on a formualizer workbook.

    Parameters
    ----------
    workbook
        A `formualizer.Workbook` that has not been evaluated yet.
    fill
        Whether an error of a whole call fills the block of its result, as an array formula shows
        it in Excel. formualizer does not repeat a single value over an array formula.
    faults
        Gets a line for every function that fails: its cells are #VALUE! then, which is no
        answer of the function.

    Notes
    -----
    formualizer passes an omitted argument as 0: formulas that may omit arguments between others
    must go through `hosts.sheet_call.fill_gaps` first.
    """
    for name in FUNCTIONS:
        workbook.register_function(
            name, partial(_answer_call, call_filled if fill else call, faults, name)
        )
    workbook.register_function(PART, _cut_block)


def _cut_block(answer: object, top: float, left: float, height: float, width: float) -> object:
    """Return a block of a result; a single row or column is repeated, what is left over #N/A."""
    rows = answer if isinstance(answer, list) else [[answer]]
    gap = to_host(CellError.NA)

    def cell(row: int, column: int) -> object:
        line = rows[0] if len(rows) == 1 else rows[row] if row < len(rows) else []
        if len(line) == 1:
            return line[0]
        return line[column] if column < len(line) else gap

    first, start = int(top), int(left)
    return [
        [cell(row, column) for column in range(start, start + int(width))]
        for row in range(first, first + int(height))
    ]


def run(sheet_call: SheetCall) -> CellRows:
    """Compute a call in a workbook of its own and return the block it gives."""
    import formualizer

    workbook = formualizer.Workbook()
    # Before any cell: functions registered after the first evaluation are not seen.
    register(workbook, fill=False)
    workbook.add_sheet(_SHEET)
    for row, column, value in sheet_call.cells():
        if isinstance(value, (str, CellError)):
            workbook.set_formula(_SHEET, row, column, formula_of(value))
        else:
            workbook.set_value(_SHEET, row, column, value)
    workbook.set_formula(_SHEET, 1, sheet_call.free_column, sheet_call.formula)
    workbook.evaluate_all()
    return _read_spilled_block(workbook, sheet_call.free_column)


def to_host(value: CellValue) -> object:
    """Return a result as formualizer takes it; a blank cannot be returned (it would become 0)."""
    if isinstance(value, CellError):
        return {"type": "Error", "kind": _KIND_OF[value]}
    return "" if value is None else value


def _answer_call(
    caller: Callable[..., CellRows], faults: list[str] | None, name: str, *args: object
) -> object:
    try:
        with _ONE_AT_A_TIME:
            rows = caller(name, args)
    except Exception as error:
        if faults is not None:
            faults.append(f"{name}: {error!r}")
        raise
    return [[cell if type(cell) is float else to_host(cell) for cell in row] for row in rows]


def _read_spilled_block(workbook: Any, left: int) -> CellRows:
    """Read the block that spilled from row 1 of a column with nothing else beside it."""
    rows: CellRows = []
    while row := list(_filled_cells(workbook, len(rows) + 1, left)):
        rows.append(row)
    return rows


def _filled_cells(workbook: Any, row: int, left: int) -> Iterator[CellValue]:
    for column in count(left):
        if (cell := read_cell(workbook.get_value(_SHEET, row, column))) is None:
            return
        yield cell
