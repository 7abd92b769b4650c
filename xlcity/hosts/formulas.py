"""The library inside `formulas`, and the only place that imports `formulas`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import CellRows, call, call_filled, read_block
from xlcity.hosts.sheet_call import SheetCall


def wrap_functions(*, fill_errors: bool = True) -> dict[str, Callable[..., Any]]:
    """Return name -> function of the library, as `formulas.get_functions()` takes them.

    Parameters
    ----------
    fill_errors
        Whether an error of a whole call fills all cells that its result would have.

    Notes
    -----
    `formulas` passes an omitted argument as 0: formulas that may omit arguments between others
    must go through `hosts.sheet_call.write_out_omitted` first.
    """
    from formulas.functions import wrap_ranges_func

    call_function = call_filled if fill_errors else call
    return {
        name: wrap_ranges_func(partial(_answer_call, call_function, name))
        for name in FUNCTIONS
    }


@cache
def load_formulas() -> Any:
    """Import `formulas` with our functions installed and its progress bars silent.

    Returns
    -------
    module
        The `formulas` package.
    """
    import formulas
    import formulas.excel

    # Only the name that formulas.excel looks up is replaced: other users of tqdm keep their bars.
    progress_bar = formulas.excel.tqdm.tqdm
    formulas.excel.tqdm = SimpleNamespace(tqdm=partial(progress_bar, disable=True))
    formulas.get_functions().update(wrap_functions())
    return formulas


def run_sheet_call(sheet_call: SheetCall) -> CellRows:
    """Compute a call through the parser and the ranges of `formulas`; return the result's rows."""
    formulas = load_formulas()
    # For a call of its own an error of the whole call stays a single cell.
    formulas.get_functions().update(wrap_functions(fill_errors=False))
    try:
        compiled = formulas.Parser().ast(sheet_call.formula)[1].compile()
        # A compiled formula takes its ranges in an order of its own: that of `inputs`.
        ranges = [
            formulas.Ranges().push(
                reference, _to_engine_array(sheet_call.blocks[reference])
            )
            for reference in compiled.inputs
        ]
        return read_block(np.asarray(compiled(*ranges), dtype=object))
    finally:  # as `load_formulas` had installed them
        formulas.get_functions().update(wrap_functions())


def to_host(value: CellValue) -> object:
    """Return a cell's value as `formulas` takes it: an error as its own object, a blank as ""."""
    if isinstance(value, CellError):
        from formulas.tokens.operand import Error

        return Error.errors[str(value)]
    return "" if value is None else value


def _answer_call(
    call_function: Callable[..., CellRows], name: str, *args: object
) -> Any:
    """Return the result of a function as the array that `formulas` takes.

    `call_function` takes the function's name and its arguments, and returns rows of cells.
    """
    return _object_array([[*map(to_host, row)] for row in call_function(name, args)])


def _to_engine_array(rows: CellRows) -> Any:
    """Return rows of cells as the array that `formulas` takes for the values of a range."""
    from schedula import EMPTY

    def to_engine(cell: CellValue) -> object:
        return EMPTY if cell is None else to_host(cell)

    return _object_array([[*map(to_engine, row)] for row in rows])


def _object_array(rows: list[list[object]]) -> Any:
    """Return rows as a two-dimensional array of objects, whatever its cells are."""
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    array[:] = rows
    return array
