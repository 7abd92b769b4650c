"""The reference engine: `formulas`, slow and exact, in a process of its own.

The process can be ended when it takes too long, and keeps what the package prints apart.
"""

from __future__ import annotations

import re
import time
from contextlib import closing

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
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
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
    from xlcity.hosts.cells import read_cell
    from xlcity.hosts.formulas import load_formulas

    book = read_book(Package.read(path))
    solution = load_formulas().ExcelModel().loads(path).finish().calculate()
    computed: dict[str, dict[Position, CellValue]] = {}
    for key, solved in solution.items():
        match = _SOLUTION_KEY.match(str(key))
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
                values.setdefault(sheet.name, {})[position] = (
                    0.0 if value is None else value
                )
    return values
