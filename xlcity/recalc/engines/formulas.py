"""The reference engine: `formulas`, slow and exact, in a process of its own.

The process can be ended when it takes too long, and keeps what the package prints apart.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, TimeLimitError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import CellRows, call, call_filled, read_block
from xlcity.hosts.sheet_call import SheetCall
from xlcity.recalc.child_process import ChildProcess, LostError, PrivateFolder
from xlcity.recalc.engines.protocol import (
    PythonEngine,
    Task,
    Values,
    cannot_compute_error,
    late_error,
    require_installed,
)
from xlcity.recalc.library_calls import call_rewriter, library_names
from xlcity.xlsx.address import parse_range
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.package import Package


def wrap_functions(*, fill: bool = True) -> dict[str, Callable[..., Any]]:
    """Return the library by name, as `formulas.get_functions()` takes it.

    Parameters
    ----------
    fill
        Whether an error of a whole call fills the block of its result.

    Notes
    -----
    `formulas` passes an omitted argument as 0: formulas that may omit arguments between others
    must go through `hosts.sheet_call.write_out_omitted` first.
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
    formulas.get_functions().update(wrap_functions())
    return formulas


def run_sheet_call(sheet_call: SheetCall) -> CellRows:
    """Compute a call through the parser and the ranges of `formulas`; return the result's rows."""
    formulas = load_formulas()
    # For a call of its own an error of the whole call stays a single cell.
    formulas.get_functions().update(wrap_functions(fill=False))
    try:
        compiled = formulas.Parser().ast(sheet_call.formula)[1].compile()
        # A compiled formula takes its ranges in an order of its own.
        ranges = [
            formulas.Ranges().push(reference, _engine_block(sheet_call.blocks[reference]))
            for reference in compiled.inputs
        ]
        return read_block(np.asarray(compiled(*ranges), dtype=object))
    finally:
        formulas.get_functions().update(wrap_functions())


def to_host(value: CellValue) -> object:
    """Return a value as `formulas` takes it; a blank as ""."""
    if isinstance(value, CellError):
        from formulas.tokens.operand import Error

        return Error.errors[str(value)]
    return "" if value is None else value


def _answer_call(caller: Callable[..., CellRows], name: str, *args: object) -> Any:
    """Return the result of a function, which `caller` calls by name, as `formulas` takes it."""
    return _object_array([[to_host(cell) for cell in row] for row in caller(name, args)])


def _engine_block(rows: CellRows) -> Any:
    """Return cells as an array that `formulas` takes for the values of a range."""
    from schedula import EMPTY

    return _object_array(
        [[EMPTY if cell is None else to_host(cell) for cell in row] for row in rows]
    )


def _object_array(rows: list[list[object]]) -> Any:
    array = np.empty((len(rows), len(rows[0])), dtype=object)
    array[:] = rows
    return array


_LAST_LINES = 3
#: '[book.xlsx]SHEET'!A1:B2, as the solution's keys spell it.
_KEY = re.compile(r"'\[[^\]]*\](.+)'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)\Z", re.S)


class Formulas(PythonEngine):
    """Computes a workbook with `formulas`, the library's functions included."""

    name = udf_by = "formulas"
    remedy = "pip install 'formulas>=1.3.4'"

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        require_installed(self)
        copy = engine_copy(
            task.package, task.book, call_rewriter(library_names()), calling=task.udf_cells
        )
        process = ChildProcess.of(compute_file, self.name)
        try:
            with PrivateFolder() as private:
                source = private.path / "book.xlsx"
                source.write_bytes(copy.to_bytes())
                values: Values = process.ask(str(source), time.monotonic() + task.timeout)
        except TimeLimitError as error:
            hint = "It needs about 3 ms a cell; give more time with --timeout."
            raise late_error(task, self.name, hint) from error
        except LostError as error:
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            hint = "One formula it cannot parse is enough; try another --engine."
            reason = " ".join(lines[-_LAST_LINES:])
            raise cannot_compute_error(task, self.name, reason, hint) from error
        finally:
            process.close()
        return values


def compute_file(path: str) -> Values:
    """Return the value of every formula cell of a workbook that `formulas` gives one."""
    from xlcity.hosts.cells import read_cell
    from xlcity.recalc.engines.formulas import load_formulas

    book = read_book(Package.read(path))
    solution = load_formulas().ExcelModel().loads(path).finish().calculate()
    computed: dict[str, dict[Position, CellValue]] = {}
    for key, solved in solution.items():
        match = _KEY.match(str(key))
        if match is None or not hasattr(solved, "value"):
            continue
        r1, c1, r2, c2 = parse_range(match[2])
        cells = computed.setdefault(match[1].replace("''", "'"), {})
        for i, row in enumerate(solved.value):
            for j, value in enumerate(row):
                position = r1 + i, c1 + j
                # A range that merely gathers cells must not hide what a cell itself computed.
                if position not in cells or (r1, c1) == (r2, c2):
                    cells[position] = read_cell(value)
    values: Values = {}
    for sheet in book.sheets.values():
        cells = computed.get(sheet.name.upper(), {})
        for position in sheet.cells.computed():
            # A formula whose result is a blank shows 0.
            if position in cells:
                value = cells[position]
                values.setdefault(sheet.name, {})[position] = 0.0 if value is None else value
    return values
