"""The library inside `formulas`, and the only place that imports `formulas`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import CellRows, call, call_filled, read
from xlcity.hosts.sheet_call import SheetCall


def functions(*, fill: bool = True) -> dict[str, Callable[..., Any]]:
    """Return the library as `formulas.get_functions()` takes it.

    Parameters
    ----------
    fill
        Whether an error of a whole call fills the block of its result.

    Notes
    -----
    `formulas` passes an omitted argument as 0: formulas that may omit arguments between others
    must go through `hosts.sheet_call.fill_gaps` first.
    """
    from formulas.functions import wrap_ranges_func

    caller = call_filled if fill else call
    return {name: wrap_ranges_func(partial(_answer_call, caller, name)) for name in FUNCTIONS}


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
    bar = formulas.excel.tqdm.tqdm
    formulas.excel.tqdm = SimpleNamespace(tqdm=partial(bar, disable=True))
    formulas.get_functions().update(functions())
    return formulas


def run(sheet_call: SheetCall) -> CellRows:
    """Compute a call through the parser and the ranges of `formulas`, and return its block."""
    formulas = load_formulas()
    # The call's own table of functions: here a single error must stay single.
    formulas.get_functions().update(functions(fill=False))
    try:
        compiled = formulas.Parser().ast(sheet_call.formula)[1].compile()
        # A compiled formula takes its ranges in an order of its own.
        ranges = [
            formulas.Ranges().push(reference, _engine_block(sheet_call.blocks[reference]))
            for reference in compiled.inputs
        ]
        return read(np.asarray(compiled(*ranges), dtype=object))
    finally:
        formulas.get_functions().update(functions())


def to_host(value: CellValue) -> object:
    """Return a result as `formulas` takes it."""
    if isinstance(value, CellError):
        from formulas.tokens.operand import Error

        return Error.errors[str(value)]
    return "" if value is None else value


def _answer_call(caller: Callable[..., CellRows], name: str, *args: object) -> Any:
    return _object_array([[to_host(cell) for cell in row] for row in caller(name, args)])


def _engine_block(rows: CellRows) -> Any:
    from schedula import EMPTY

    return _object_array(
        [[EMPTY if cell is None else to_host(cell) for cell in row] for row in rows]
    )


def _object_array(rows: list[list[object]]) -> Any:
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    array[:] = rows
    return array
