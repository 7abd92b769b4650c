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
from functools import partial

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
from xlcity.xlsx.read_sheet import keep_text
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
        start = {
            address: book.value(address[0], *address[1]) for address in {**self._now, **scenario}
        }
        wanted = {**start, **scenario}
        changes = {p: v for p, v in wanted.items() if not same_value({**start, **self._now}[p], v)}
        self._now = wanted
        result = self._changed(changes) or self._whole(wanted)
        return [
            wanted[address] if address in wanted else result.value(address[0], *address[1])
            for address in outputs
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


#: The engine whose results can be gone on from.
_COMPILED = "compiled"


@dataclass(slots=True)
class _LastRun:
    """What was computed last, and what computes the next save."""

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
            result = None if changes is None else _again(last_run, book, changes)
            if result is not None:
                self.changes = changes
                self._last_run = replace(last_run, package=package, result=result)
                return result
        result = recalculate(package, "auto", DEFAULT_TIMEOUT, book=book, keep=True)
        self._last_run = _LastRun(package, features_now, result)
        return result

    def prepare(self) -> None:
        """Get ready for the next save, if that is still to be done."""
        if (last_run := self._last_run) is None:
            return
        for sheet in last_run.result.book.sheets.values():
            keep_text(sheet.cells, partial(last_run.package.text, sheet.part))
        if last_run.program is None and _can_go_on(last_run.result):
            with no_collection():
                _load(last_run)
            gc.collect()  # between saves: among so many objects it takes as long as a save


def _load(last_run: _LastRun) -> None:
    """Load what computes the next save."""
    book = last_run.result.book
    last_run.task = Task(
        last_run.package, book, find_udf_cells(book, library_names()), DEFAULT_TIMEOUT
    )
    try:
        last_run.program = LoadedProgram(last_run.task, last_run.result.values)
    except EngineError:
        return


def _can_go_on(result: Recalculated) -> bool:
    return result.engine == _COMPILED and not (result.unverified or result.kept or result.notes)


def _again(
    last_run: _LastRun, book: ReadBook, changes: Mapping[Place, CellValue]
) -> Recalculated | None:
    """Return the values after some typed values changed, or None where they are in doubt."""
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
    """Return the cells without formula that differ, or None where anything else does."""
    before = last_run.result.book
    if (before.names, before.local_names) != (book.names, book.local_names):
        return None
    if [*before.sheets] != [*book.sheets]:
        return None
    texts = last_run.package.parts.get("xl/sharedStrings.xml") == package.parts.get(
        "xl/sharedStrings.xml"
    )
    changed_values: dict[Place, CellValue] = {}
    for name, old in before.sheets.items():
        new = book.sheets[name]
        if texts and last_run.package.parts.get(old.part) == package.parts.get(new.part):
            continue
        if new.cells.copies(old.cells):
            typed = new.cells.typed_since(old.cells)
            changed_values.update(((name, position), value) for position, value in typed)
            continue
        if not _alike(old, new):
            return None
        here, there = _typed(new), _typed(old)
        for position in here.keys() | there.keys():
            value = here.get(position)
            if value != there.get(position) or type(value) is not type(there.get(position)):
                changed_values[name, position] = value
    return changed_values


def _alike(old: Sheet, new: Sheet) -> bool:
    """Return whether two sheets have the same formulas in the same cells."""
    texts = old.cells.texts(), new.cells.texts()
    return old.arrays() == new.arrays() and (
        texts[0] == texts[1] or sorted(texts[0]) == sorted(texts[1])
    )


def _typed(sheet: Sheet) -> dict[tuple[int, int], CellValue]:
    """Return the cells that hold a value and no formula."""
    computed = set(sheet.cells.computed())
    positions = [position for position in sheet.cells if position not in computed]
    values = zip(positions, sheet.values(positions), strict=True)
    return {position: value for position, value in values if value is not None}
