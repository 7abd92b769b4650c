"""Calculates variations of one workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.protocol import Task, Values
from xlcity.recalc.engines.soffice import shared_office
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT


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
        How many formulas got another value in the variation that changed most of them.
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
        If the workbook cannot be calculated.
    """
    book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), timeout)
    try:
        base = recalculate(package, Compiled.name, timeout, book=book)
    except EngineError:
        base = recalculate(package, timeout=timeout, book=book)
    rows = []
    most_changed = 0
    with shared_office():
        for scenario in scenarios:
            values = _calculate(task, base, scenario)
            most_changed = max(most_changed, _count_changed(base.values, values))
            results = replace(base, values=values)
            rows.append([_output(results, scenario, place) for place in outputs])
    base_row = [base.value(sheet, *position) for sheet, position in outputs]
    return ScenarioResults(rows, base_row, base, most_changed)


def _output(
    results: Recalculated, scenario: Mapping[Place, CellValue], place: Place
) -> CellValue:
    """Return a cell's value: of an input of the scenario, a formula or another typed cell."""
    if place in scenario:
        return scenario[place]
    sheet, position = place
    return results.value(sheet, *position)


def _calculate(
    task: Task, base: Recalculated, scenario: Mapping[Place, CellValue]
) -> Values:
    """Return the value of every formula cell in a scenario.

    Our own engine computes it if it computed the workbook as it is, which `base` has; another
    engine, or our own in doubt, computes a copy with the scenario's values. `scenario` maps input
    cells to values.
    """
    if base.engine == Compiled.name:
        try:
            return Compiled().evaluate_with(task, scenario)
        except EngineError:
            pass
    inputs: dict[str, dict[Position, CellValue]] = {}
    for (sheet, position), value in scenario.items():
        inputs.setdefault(sheet, {})[position] = value
    changed = write_inputs(task.package, inputs, task.book)
    return recalculate(changed, timeout=task.timeout).values


def _count_changed(before: Values, after: Values) -> int:
    """Return how many cells have another value after than before."""
    count = 0
    for sheet, cells in after.items():
        old = before[sheet]
        count += sum(value != old[position] for position, value in cells.items())
    return count
