"""Recalculates a workbook save after save: where only typed values changed, from these alone.

A template that our own engine computes stays loaded: of the next save only the typed values are
handed over, and what these reach is computed. Every other workbook, every other change (a formula,
a sheet, a name, something that no engine takes into account) and every doubt leads to computing it
as the first.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.compiled.incremental import LoadedProgram
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.workbook_features import find_ignored_features
from xlcity.recalc.workbook import Recalculated, count_native_errors, recalculate
from xlcity.xlsx.cells import ReadBook, Sheet
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT, no_collection
from xlcity.xlsx.read_sheet import keep_text

#: The engine whose results can be gone on from.
_COMPILED = "compiled"


@dataclass(slots=True)
class _Known:
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
        self._known: _Known | None = None
        self.changes: Mapping[Place, CellValue] | None = None

    def recalculate(self, package: Package, book: ReadBook) -> Recalculated:
        """Compute every formula cell, as `workbook.recalculate` with `keep` does."""
        last_run, self._known = self._known, None
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
                self._known = replace(last_run, package=package, result=result)
                return result
        result = recalculate(package, "auto", DEFAULT_TIMEOUT, book=book, keep=True)
        self._known = _Known(package, features_now, result)
        return result

    def prepare(self) -> None:
        """Get ready for the next save, if that is still to be done."""
        if (last_run := self._known) is None:
            return
        for sheet in last_run.result.book.sheets.values():
            keep_text(sheet.cells, partial(last_run.package.text, sheet.part))
        if last_run.program is None and _can_go_on(last_run.result):
            with no_collection():
                _load(last_run)
            gc.collect()  # between saves: among so many objects it takes as long as a save


def _load(last_run: _Known) -> None:
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
    last_run: _Known, book: ReadBook, changes: Mapping[Place, CellValue]
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
    last_run: _Known, package: Package, book: ReadBook
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
