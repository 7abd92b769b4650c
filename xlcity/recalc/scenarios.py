"""What if: thousands of variations of one workbook, with a model that is loaded once.

The workbook is calculated whole, once. What lies between the varied inputs and the wanted results
stays formulas, everything else becomes the values it has; that small model is then calculated
again for every variation. The first and the last variation are calculated from the file, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.compare import agree
from xlcity.recalc.dependency_slice import Place, between
from xlcity.recalc.engines.protocol import Task, addresses
from xlcity.recalc.engines.session import EngineSession
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.editing.patch import write_inputs
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
    slice_cells = between(book, inputs, outputs)
    model, formulas = _load(package, recalculated, slice_cells, timeout)
    rows = list(_rows(model, recalculated, scenarios, inputs, outputs))
    result = ScenarioResults(rows, base, recalculated, formulas)
    _require_agreement(package, scenarios, outputs, result, timeout)
    return result


def _load(
    package: Package, recalculated: Recalculated, slice_cells: set[Place] | None, timeout: float
) -> tuple[EngineSession, int]:
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
    return EngineSession(task), formulas


def _rows(
    model: EngineSession,
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
                f"{addresses(differing)}.",
                "Please report this with the workbook; `recalc` gives the right values.",
                "XC540",
                file=package.name,
            )
