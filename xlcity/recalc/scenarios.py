"""What if: thousands of variations of one workbook, with a model that is loaded once.

The workbook is calculated whole, once. What lies between the varied inputs and the wanted results
stays formulas, everything else becomes the values it has; that small model is then calculated
again for every variation. The first and the last variation are calculated from the file, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue, EngineError
from xlcity.hosts.formualizer import to_host
from xlcity.recalc.compare import agree
from xlcity.recalc.dependency_slice import Place, find_cells_between
from xlcity.recalc.engines.formualizer import Formualizer, cell_value, evaluate
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Task,
    list_addresses,
    require_installed,
    too_long,
)
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.xlsx.address import Range, full_address, parse_area
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT
from xlcity.xlsx.text import same_value

_ENGINE = "formualizer"


@dataclass(frozen=True, slots=True)
class ScenarioResults:
    """The results of all variations.

    Attributes
    ----------
    rows
        The outputs of each variation, in the order asked.
    base
        The outputs of the workbook as it is.
    recalculated
        The workbook as it is, calculated whole.
    formula_cells
        How many formulas were left to calculate for each variation.
    """

    rows: list[list[CellValue]]
    base: list[CellValue]
    recalculated: Recalculated
    formula_cells: int


def run_scenarios(
    package: Package,
    scenarios: Sequence[Mapping[Place, CellValue]],
    outputs: Sequence[Place],
    timeout: float = DEFAULT_TIMEOUT,
) -> ScenarioResults:
    """Calculate variations of a workbook.

    Parameters
    ----------
    package
        The workbook.
    scenarios
        Each variation: input cell -> value; what is not named is as in the workbook.
    outputs
        The cells wanted.
    timeout
        Seconds one calculation may take.

    Raises
    ------
    EngineError
        If the workbook cannot be calculated, or the small model gives something else than the
        whole workbook.
    """
    book = read_book(package)
    recalculated = recalculate(package, _ENGINE, timeout, book=book)
    base = [recalculated.value(sheet, *position) for sheet, position in outputs]
    inputs = list(dict.fromkeys(input_cell for scenario in scenarios for input_cell in scenario))
    slice_cells = find_cells_between(book, inputs, outputs)
    model, formulas = _load(package, recalculated, slice_cells, timeout)
    rows = list(_rows(model, recalculated, scenarios, inputs, outputs))
    result = ScenarioResults(rows, base, recalculated, formulas)
    _require_agreement(package, scenarios, outputs, result, timeout)
    return result


def _load(
    package: Package, recalculated: Recalculated, slice_cells: set[Place] | None, timeout: float
) -> tuple[LoadedWorkbook, int]:
    """Return the model with all but some formulas frozen, and how many formulas it has."""
    book = recalculated.book
    if slice_cells is not None:
        frozen: dict[str, dict[Position, CellValue]] = {}
        for sheet, sheet_values in recalculated.values.items():
            # An array is kept or frozen as a whole.
            anchors = {p for s, p in slice_cells if s == sheet}
            members = book.sheets[sheet].cells.members
            anchors |= {members[p] for p in anchors if p in members}
            frozen[sheet] = {
                p: v
                for p, v in sheet_values.items()
                if p not in anchors and members.get(p) not in anchors
            }
        package = engine_copy(package, book, frozen=frozen)
        book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), timeout)
    formulas = sum(len(sheet.cells.computed()) for sheet in book.sheets.values())
    return LoadedWorkbook(task), formulas


def _rows(
    model: LoadedWorkbook,
    recalculated: Recalculated,
    scenarios: Sequence[Mapping[Place, CellValue]],
    inputs: Sequence[Place],
    outputs: Sequence[Place],
) -> Iterator[list[CellValue]]:
    start = {
        input_cell: recalculated.book.value(input_cell[0], *input_cell[1]) for input_cell in inputs
    }
    now = dict(start)
    for scenario in scenarios:
        wanted = {**start, **scenario}
        changes = {
            input_cell: v for input_cell, v in wanted.items() if not same_value(now[input_cell], v)
        }
        now.update(changes)
        yield model.calculate(changes, outputs)


def _require_agreement(
    package: Package,
    scenarios: Sequence[Mapping[Place, CellValue]],
    outputs: Sequence[Place],
    result: ScenarioResults,
    timeout: float,
) -> None:
    for index in sorted({0, len(scenarios) - 1} & set(range(len(scenarios)))):
        inputs: dict[str, dict[Position, CellValue]] = {}
        for (sheet, position), value in scenarios[index].items():
            inputs.setdefault(sheet, {})[position] = value
        fresh = recalculate(write_inputs(package, inputs), _ENGINE, timeout)
        differing = [
            (sheet, position)
            for (sheet, position), value in zip(outputs, result.rows[index], strict=True)
            if not agree(value, fresh.value(sheet, *position))
        ]
        if differing:
            raise EngineError(
                f"scenario {index + 1}, calculated from the file, differs in "
                f"{list_addresses(differing)}.",
                "Please report this with the workbook; `recalc` gives the right values.",
                "XC540",
                file=package.name,
            )


#: Arrays that read what reads arrays, and so on.
_MOST_ROUNDS = 8


class LoadedWorkbook:
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
                raise self._failed(f"{list_addresses([(sheet, position)])} gets no value")
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
                        raise self._failed(f"{list_addresses([reader])} reads a part of an array")
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
            raise self._failed(f"too many cells read {list_addresses([(sheet, position)])}")
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
