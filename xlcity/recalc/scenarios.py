"""What if: thousands of variations of one workbook, which is loaded once.

Our own engine goes on from the values it has: of each variation only what the changed inputs reach
is computed. A workbook that it does not take is recalculated whole for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.compiled.incremental import LoadedProgram
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT
from xlcity.xlsx.text import same_value


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
    model = _ScenarioModel(package, timeout)
    base = model.recalculated
    rows = [model.calculate(scenario, outputs) for scenario in scenarios]
    return ScenarioResults(rows, [base.value(s, *p) for s, p in outputs], base, model.most)


class _ScenarioModel:
    """A workbook that is calculated again and again."""

    def __init__(self, package: Package, timeout: float) -> None:
        self._package, self._timeout = package, timeout
        book = read_book(package)
        self._program: LoadedProgram | None = None
        try:
            self.recalculated = recalculate(package, "compiled", timeout, book=book)
            task = Task(package, book, find_udf_cells(book, library_names()), timeout)
            self._program = LoadedProgram(task, self.recalculated.values)
        except EngineError:
            self.recalculated = recalculate(package, timeout=timeout, book=book)
        #: What inputs hold that a variation has changed.
        self._now: dict[Place, CellValue] = {}
        self.most = 0

    def calculate(
        self, scenario: Mapping[Place, CellValue], outputs: Sequence[Place]
    ) -> list[CellValue]:
        """Return some cells of a variation."""
        book = self.recalculated.book
        start = {place: book.value(place[0], *place[1]) for place in {**self._now, **scenario}}
        wanted = {**start, **scenario}
        changes = {p: v for p, v in wanted.items() if not same_value({**start, **self._now}[p], v)}
        self._now = wanted
        result = self._changed(changes) or self._whole(wanted)
        return [
            wanted[place] if place in wanted else result.value(place[0], *place[1])
            for place in outputs
        ]

    def _changed(self, changes: Mapping[Place, CellValue]) -> Recalculated | None:
        """Go on from the last variation; None for what our own engine is in doubt of."""
        if self._program is None:
            return None
        try:
            values = self._program.values(changes)
        except EngineError:
            self._program = None
            return None
        self.most = max(self.most, sum(map(len, self._program.changed.values())))
        return replace(self.recalculated, values=values)

    def _whole(self, wanted: Mapping[Place, CellValue]) -> Recalculated:
        inputs: dict[str, dict[Position, CellValue]] = {}
        for (sheet, position), value in wanted.items():
            inputs.setdefault(sheet, {})[position] = value
        result = recalculate(write_inputs(self._package, inputs), timeout=self._timeout)
        self.most = result.formula_cells
        return result
