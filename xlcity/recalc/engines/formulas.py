"""The reference engine: `formulas`, slow and exact, in a process of its own.

The process can be ended when it takes too long, and keeps what the package prints apart.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from xlcity.errors import CellValue, TimeLimitError
from xlcity.messages import Message
from xlcity.recalc.child_process import ChildProcess, LostError, PrivateFolder
from xlcity.recalc.engines.protocol import (
    PythonEngine,
    Task,
    Values,
    cannot_compute_error,
    late_error,
    require_installed,
)
from xlcity.recalc.library_calls import copy_for_library
from xlcity.xlsx.address import parse_range
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.package import Package

_MOST_REASON_LINES = 3
#: '[book.xlsx]SHEET'!A1:B2, as the solution's keys spell it.
_SOLUTION_KEY = re.compile(
    r"'\[[^\]]*\](.+)'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)\Z", re.DOTALL
)


class Formulas(PythonEngine):
    """Computes a workbook with `formulas`, the library's functions included."""

    name = udf_by = "formulas"
    remedy = "pip install 'formulas>=1.3.4'"

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        require_installed(self)
        copy = copy_for_library(task)
        process = ChildProcess.for_function(compute_file, self.name)
        try:
            with closing(PrivateFolder()) as private:
                source = private.path / "book.xlsx"
                source.write_bytes(copy.to_bytes())
                values: Values = process.ask(
                    str(source), time.monotonic() + task.timeout
                )
        except TimeLimitError as error:
            hint = Message("hint.time_of_formulas")
            raise late_error(task, self.name, hint) from error
        except LostError as error:
            lines = [*filter(None, map(str.strip, str(error).splitlines()))]
            hint = Message("hint.unparsed_formula")
            reason = " ".join(lines[-_MOST_REASON_LINES:])
            raise cannot_compute_error(task, self.name, reason, hint) from error
        finally:
            process.close()
        return values


def compute_file(path: str) -> Values:
    """Return the value of every formula cell of a workbook that `formulas` gives one.

    It keys its solution by cells and by ranges, names of sheets in capitals.
    """
    from xlcity.hosts.formulas import load_formulas

    book = read_book(Package.read(path))
    solution = load_formulas().ExcelModel().loads(path).finish().calculate()
    computed = _read_solution(solution)
    values: Values = {}
    for sheet in book.sheets.values():
        cells = computed.get(sheet.name.upper(), {})
        for position in sheet.cells.computed():
            if position in cells:
                value = cells[position]
                # A formula whose result is a blank shows 0.
                shown = 0.0 if value is None else value
                values.setdefault(sheet.name, {})[position] = shown
    return values


def _read_solution(solution: Mapping[Any, Any]) -> Values:
    """Return the values of all cells of a solution; names of sheets are in capitals."""
    computed: Values = {}
    for key, solved in solution.items():
        match = _SOLUTION_KEY.match(str(key))
        if match is None or not hasattr(solved, "value"):
            continue
        top, left, bottom, right = parse_range(match[2])
        cells = _read_rows(solved.value, top, left)
        known = computed.setdefault(match[1].replace("''", "'"), {})
        if (top, left) == (bottom, right):
            known.update(cells)
            continue
        # A range that merely gathers cells must not hide what a cell itself computed.
        for position, value in cells.items():
            known.setdefault(position, value)
    return computed


def _read_rows(
    rows: Iterable[Iterable[Any]], top: int, left: int
) -> dict[Position, CellValue]:
    """Return the values of rows, whose first cell stands in a row and a column."""
    from xlcity.hosts.cells import read_cell

    cells: dict[Position, CellValue] = {}
    for row, values in enumerate(rows, top):
        for column, value in enumerate(values, left):
            cells[row, column] = read_cell(value)
    return cells
