"""A workbook that stays loaded in the default engine and is calculated again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcity.errors import CellError, CellValue
from xlcity.hosts.formualizer import to_host
from xlcity.recalc.dependency_slice import Place
from xlcity.recalc.engines.formualizer import Formualizer, cell_value, evaluate
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Task,
    addresses,
    require_installed,
    too_long,
)
from xlcity.xlsx.address import Range, full_address, parse_area
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.graph import Graph

#: Arrays that read what reads arrays, and so on.
_MOST_ROUNDS = 8


class EngineSession:
    """A loaded workbook.

    Parameters
    ----------
    task
        The workbook; its time limit is that of one calculation.

    Raises
    ------
    EngineError
        If the engine is absent or cannot load it.
    """

    def __init__(self, task: Task) -> None:
        engine = Formualizer()
        require_installed(engine)
        self._task, self._calculation = task, engine.load(task)
        self._workbook = self._calculation.workbook
        self._readers: list[Place] | None = None
        self._arrays = {
            (name, anchor) for name, sheet in task.book.sheets.items() for anchor in sheet.arrays()
        }

    def calculate(
        self, changes: Mapping[Place, CellValue], outputs: Sequence[Place]
    ) -> list[CellValue]:
        """Change inputs for good, calculate what depends on them, and return some cells.

        Raises
        ------
        EngineError
            If it takes too long or a cell gets no value.
        """
        self._change(changes)
        results = []
        for sheet, position in outputs:
            raw = self._workbook.get_value(sheet, *position)
            value = cell_value(raw)
            if value is None and raw is not None:
                raise self._failed(f"{addresses([(sheet, position)])} gets no value")
            results.append(value)
        return results

    def _change(self, changes: Mapping[Place, CellValue]) -> None:
        for (sheet, position), value in changes.items():
            self._workbook.set_value(sheet, *position, _as_input(value))
        self._evaluate()
        if self._readers is None:
            self._readers = self._find_readers()
        for _ in range(_MOST_ROUNDS if self._readers else 0):
            before = [self._workbook.get_value(sheet, *p) for sheet, p in self._readers]
            for sheet, position in self._readers:
                formula = self._workbook.get_formula(sheet, *position)
                self._workbook.set_formula(sheet, *position, formula)
            self._evaluate()
            if before == [self._workbook.get_value(sheet, *p) for sheet, p in self._readers]:
                return
        if self._readers:
            raise self._failed("cells that read array ranges did not settle")

    def _evaluate(self) -> None:
        failure, late = evaluate(self._workbook, self._task.timeout)
        if late:
            raise too_long(self._task, "formualizer")
        if failure is not None:
            raise self._failed(failure)

    def _find_readers(self) -> list[Place]:
        """Return the cells that read a member of an array and not its anchor.

        The engine does not see that what they read has changed.
        """
        graph = Graph(self._task.book)
        named: dict[Place, tuple[Range, ...]] = {}
        readers: dict[Place, None] = {}
        for name, sheet in self._task.book.sheets.items():
            for position, anchor in sheet.cells.members.items():
                for reader in self._reading(name, position) - readers.keys():
                    if reader not in named:
                        named[reader] = graph.reads(*self._formula_of(reader))
                    if any(area.holds(name, anchor) for area in named[reader]):
                        continue
                    if reader != self._formula_of(reader) or reader in self._arrays:
                        raise self._failed(f"{addresses([reader])} reads a part of an array")
                    readers[reader] = None
        return [*readers]

    def _formula_of(self, cell: Place) -> Place:
        """Return the cell that has the formula of a cell: of an array range, its anchor."""
        members = self._task.book.sheets[cell[0]].cells.members
        return cell[0], members.get(cell[1], cell[1])

    def _reading(self, sheet: str, position: Position) -> set[Place]:
        """Return the cells whose formula names a cell, alone or in a range."""
        report = self._workbook.dependents(full_address(sheet, position))
        if report.truncation.incomplete:
            raise self._failed(f"too many cells read {addresses([(sheet, position)])}")
        areas = (parse_area(dependent.cell) for dependent in report.dependents)
        return {(area.sheet, (area.r1, area.c1)) for area in areas if area is not None}

    def _failed(self, why: str) -> CannotComputeError:
        return CannotComputeError(
            f"formualizer cannot calculate the workbook again: {why}.",
            "`recalc` shows more.",
            file=self._task.book.file,
        )


def _as_input(value: CellValue) -> object:
    return to_host(value) if isinstance(value, CellError) else value
