"""Recalculates a workbook save after save: where only typed values changed, from these alone.

A template that our own engine computes stays loaded: of the next save only the typed values are
handed over, and what these reach is computed. Every other workbook, every other change (a formula,
a sheet, a name, something that no engine takes into account) and every doubt leads to computing it
as the first.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.compiled.incremental import LoadedProgram
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.workbook_features import find_ignored_features
from xlcity.recalc.workbook import Recalculated, count_native_errors, recalculate
from xlcity.xlsx.cells import Position, ReadBook, Sheet, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT, no_collection
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
    base_row = [base.value(sheet, *position) for sheet, position in outputs]
    return ScenarioResults(rows, base_row, base, model.most_changed)


class _ScenarioModel:
    """A workbook that is calculated for one scenario after the other.

    Attributes
    ----------
    recalculated
        The workbook as it is.
    most_changed
        Formula cells that the scenario with most changes has changed.
    """

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
        #: Inputs that a scenario has changed -> what the program has in them now.
        self._current_inputs: dict[Place, CellValue] = {}
        self.most_changed = 0

    def calculate(
        self, scenario: Mapping[Place, CellValue], outputs: Sequence[Place]
    ) -> list[CellValue]:
        """Return the values of the outputs in a scenario: input cell -> value."""
        book = self.recalculated.book
        stored = {
            (sheet, position): book.value(sheet, *position)
            for sheet, position in {**self._current_inputs, **scenario}
        }
        current = {**stored, **self._current_inputs}
        inputs = {**stored, **scenario}
        changes = {p: v for p, v in inputs.items() if not same_value(current[p], v)}
        self._current_inputs = inputs
        result = self._recompute_changes(changes) or self._recalculate_whole(inputs)
        return [
            inputs[output] if output in inputs else result.value(output[0], *output[1])
            for output in outputs
        ]

    def _recompute_changes(self, changes: Mapping[Place, CellValue]) -> Recalculated | None:
        """Recompute what reads changed inputs; None where our own engine cannot or is in doubt."""
        if self._program is None:
            return None
        try:
            values = self._program.values(changes)
        except EngineError:
            self._program = None
            return None
        changed_cells = sum(map(len, self._program.changed.values()))
        self.most_changed = max(self.most_changed, changed_cells)
        return replace(self.recalculated, values=values)

    def _recalculate_whole(self, inputs: Mapping[Place, CellValue]) -> Recalculated:
        """Write inputs into the workbook and compute every formula cell."""
        inputs_by_sheet: dict[str, dict[Position, CellValue]] = {}
        for (sheet, position), value in inputs.items():
            inputs_by_sheet.setdefault(sheet, {})[position] = value
        result = recalculate(write_inputs(self._package, inputs_by_sheet), timeout=self._timeout)
        self.most_changed = result.formula_cells
        return result


#: The engine whose results can be gone on from.
_COMPILED = "compiled"


@dataclass(slots=True)
class _LastRun:
    """What was computed last, and what computes the next save.

    Attributes
    ----------
    package, features
        The workbook, and what in it no engine takes into account.
    result
        Its values.
    task, program
        The loaded workbook; None before `prepare`, or where it cannot be loaded.
    """

    package: Package
    features: tuple[str, ...]
    result: Recalculated
    task: Task | None = None
    program: LoadedProgram | None = None


class RecalculationSession:
    """Computes one workbook again and again.

    Attributes
    ----------
    changes
        The typed values that the last save changed: cell -> value; None where it was computed
        whole.
    """

    def __init__(self) -> None:
        self._last_run: _LastRun | None = None
        self.changes: Mapping[Place, CellValue] | None = None

    def recalculate(self, package: Package, book: ReadBook) -> Recalculated:
        """Compute every formula cell, as `workbook.recalculate` with `keep` does."""
        last_run, self._last_run = self._last_run, None
        self.changes = None
        features_now = tuple(find_ignored_features(package))
        if (
            last_run is not None
            and last_run.program is not None
            and last_run.features == features_now
        ):
            changes = find_typed_changes(last_run, package, book)
            result = None if changes is None else _recompute_changes(last_run, book, changes)
            if result is not None:
                self.changes = changes
                self._last_run = replace(last_run, package=package, result=result)
                return result
        result = recalculate(package, "auto", DEFAULT_TIMEOUT, book=book, keep=True)
        self._last_run = _LastRun(package, features_now, result)
        return result

    def prepare(self) -> None:
        """Load what the next save needs, if it is not loaded."""
        if (last_run := self._last_run) is None:
            return
        if last_run.program is None and _is_certain(last_run.result):
            with no_collection():
                _load_program(last_run)
            gc.collect()  # between saves: among so many objects it takes as long as a save


def _load_program(last_run: _LastRun) -> None:
    """Set the program that computes the next save, unless the workbook cannot be loaded."""
    book = last_run.result.book
    last_run.task = Task(
        last_run.package, book, find_udf_cells(book, library_names()), DEFAULT_TIMEOUT
    )
    try:
        last_run.program = LoadedProgram(last_run.task, last_run.result.values)
    except EngineError:
        return


def _is_certain(result: Recalculated) -> bool:
    """Return whether our own engine computed all cells without doubt."""
    return result.engine == _COMPILED and not (result.unverified or result.kept or result.notes)


def _recompute_changes(
    last_run: _LastRun, book: ReadBook, changes: Mapping[Place, CellValue]
) -> Recalculated | None:
    """Return the result after some typed values changed, or None where it is in doubt."""
    assert last_run.task is not None
    assert last_run.program is not None
    try:
        values = last_run.program.values(changes)
    except EngineError:
        return None
    return replace(
        last_run.result, book=book, values=values, errors=count_native_errors(last_run.task, values)
    )


def find_typed_changes(
    last_run: _LastRun, package: Package, book: ReadBook
) -> dict[Place, CellValue] | None:
    """Return the typed cells whose value differs from the last run; None where more differs."""
    before = last_run.result.book
    if (before.names, before.local_names) != (book.names, book.local_names):
        return None
    if [*before.sheets] != [*book.sheets]:
        return None
    parts, old_parts, texts = package.parts, last_run.package.parts, "xl/sharedStrings.xml"
    has_same_texts = old_parts.get(texts) == parts.get(texts)
    changed_values: dict[Place, CellValue] = {}
    for name, old in before.sheets.items():
        new = book.sheets[name]
        if has_same_texts and old_parts.get(old.part) == parts.get(new.part):
            continue
        if not _has_same_formulas(old, new):
            return None
        values, old_values = _typed_values(new), _typed_values(old)
        for position in values.keys() | old_values.keys():
            value, old_value = values.get(position), old_values.get(position)
            if value != old_value or type(value) is not type(old_value):
                changed_values[name, position] = value
    return changed_values


def _has_same_formulas(old: Sheet, new: Sheet) -> bool:
    """Return whether two sheets have the same formulas in the same cells."""
    texts = old.cells.texts(), new.cells.texts()
    return old.arrays() == new.arrays() and (
        texts[0] == texts[1] or sorted(texts[0]) == sorted(texts[1])
    )


def _typed_values(sheet: Sheet) -> dict[Position, CellValue]:
    """Return the values of the cells that hold one and no formula."""
    computed = set(sheet.cells.computed())
    positions = [position for position in sheet.cells if position not in computed]
    values = zip(positions, sheet.values(positions), strict=True)
    return {position: value for position, value in values if value is not None}
