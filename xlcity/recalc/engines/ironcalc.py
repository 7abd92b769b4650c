"""ironcalc as an engine: native cells, a second opinion beside the default.

It runs in a process of its own, since it knows no time limit; it cannot call the library: see
`converge`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from xlcity.errors import CELL_ERRORS, CellError, CellValue
from xlcity.recalc.engines.circular import circular
from xlcity.recalc.engines.iterate_functions import converge
from xlcity.recalc.engines.private_folder import PrivateFolder
from xlcity.recalc.engines.protocol import (
    PythonEngine,
    Task,
    TimeLimitError,
    Values,
    addresses,
    refused,
    require_installed,
)
from xlcity.xlsx.cells import Position
from xlcity.xlsx.limits import memory_free
from xlcity.xlsx.rewrite import engine_copy
from xlcity.xlsx.text import normal_value

_CHILD = str(Path(__file__).with_name("ironcalc_process.py"))

#: Errors of its own, which no spreadsheet has: it gave up, it does not stand for a value.
_GAVE_UP = frozenset(("#ERROR!", "#N/IMPL!"))
_CIRCLE = "#CIRC!"

#: It wants a result in every formula cell; one that is still there was not computed.
_NOT_COMPUTED = "_not computed_"


class IronCalc(PythonEngine):
    """Computes a workbook with ironcalc, the library's functions by xlcity."""

    name = "ironcalc"
    udf_by = "xlcity"
    #: The series whose behaviour was measured.
    measured = "0.9"
    remedy = "pip install 'xlcity[ironcalc]'"
    #: It takes a second for the largest template, and never ends on some formulas.
    patience = 60.0

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        require_installed(self)
        return converge(task, partial(self._calculate, task), self.name)

    def _calculate(self, task: Task, frozen: Values, seconds: float) -> Values:
        copy = engine_copy(task.package, task.book, frozen=frozen, placeholder=_NOT_COMPUTED)
        wanted = {name: tab.cells.computed() for name, tab in task.book.sheets.items()}
        answer = _computed(task, copy.to_bytes(), {n: c for n, c in wanted.items() if c}, seconds)
        return _IronCalcValues(task, answer, frozen).values()


def _computed(
    task: Task, data: bytes, wanted: dict[str, list[Position]], seconds: float
) -> dict[str, dict[Position, Any]]:
    """Return what ironcalc, in a process of its own, says at some positions."""
    with PrivateFolder() as private:
        source, places, target = (
            private.path / n for n in ("book.xlsx", "places.json", "values.json")
        )
        limits = int(seconds), memory_free() or 0
        source.write_bytes(data)
        places.write_text(json.dumps(wanted), encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-P", _CHILD, *map(str, (source, places, target, *limits))],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeLimitError(
                f"ironcalc took more than {seconds:.4g} seconds.", "Give more time with --timeout."
            ) from error
        if done.returncode or not target.exists():
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise refused(task, "ironcalc", lines[-1] if lines else "no reason given")
        answer = json.loads(target.read_text(encoding="utf-8"))
    return {
        sheet: dict(zip(positions, answer[sheet], strict=True))
        for sheet, positions in wanted.items()
    }


class _IronCalcValues:
    """Takes the values out of a model that was computed."""

    def __init__(self, task: Task, answer: dict[str, dict[Position, Any]], frozen: Values) -> None:
        self.task, self.answer, self.frozen = task, answer, frozen
        self.members = {name: tab.cells.members for name, tab in task.book.sheets.items()}
        self.circular: list[tuple[str, Position]] = []
        self.absent: list[tuple[str, Position]] = []

    def values(self) -> Values:
        values: Values = {}
        for sheet in self.task.book.sheets.values():
            held = self.frozen.get(sheet.name, {})
            found = {
                p: held[p] if p in held else self._cell(sheet.name, p) for p, _ in sheet.formulas()
            }
            if found:
                values[sheet.name] = found
        self._complain()
        return values

    def _cell(self, sheet: str, position: Position) -> CellValue:
        raw = self.answer[sheet][position]
        if isinstance(raw, list):
            return self._error(raw[0], sheet, position)
        if raw == _NOT_COMPUTED:
            self.absent.append((sheet, position))
            return None
        if raw is None:
            # A member of an array range larger than its result holds what Excel fills it with.
            if position in self.members[sheet]:
                return CellError.NA
            self.absent.append((sheet, position))
            return None
        return normal_value(raw)

    def _error(self, raw: str, sheet: str, position: Position) -> CellValue:
        if raw == _CIRCLE:
            self.circular.append((sheet, position))
            return None
        if raw in _GAVE_UP:
            self.absent.append((sheet, position))
            return None
        # Newer errors (#SPILL!, #CALC!) have no code in the file format.
        return CELL_ERRORS.get(raw, CellError.VALUE)

    def _complain(self) -> None:
        if self.task.partial:
            return
        if self.circular:
            raise circular(self.task.book, "ironcalc", self.circular)
        if self.absent:
            raise refused(self.task, "ironcalc", f"it gave up in {addresses(self.absent)}")
