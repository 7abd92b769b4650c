"""Cells that no engine can compute keep the value stored in the file.

References to other workbooks, functions that no engine has (LAMBDA, GETPIVOTDATA, add-ins): for
the rest of the workbook such a cell becomes a constant, so that what stands on it is computed from
the value that Excel stored and not from an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from xlcity.errors import CellError, CellValue, XlcityError, counted
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Task,
    Values,
    addresses,
    limited,
)
from xlcity.recalc.engines.registry import choose, independent
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.selection.engine_selection import EngineRun, EngineSelector
from xlcity.recalc.support.compatibility import CompatibilityTable, describe
from xlcity.recalc.support.support_check import Place, SupportCheck
from xlcity.recalc.support.usage import UNREAD
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.rewrite import engine_copy

#: What lies outside the workbook, however an engine answers.
_OUTSIDE = frozenset(
    ("a reference to another workbook", "GETPIVOTDATA", "RTD", "WEBSERVICE", "CUBEVALUE", "DDE")
)
_MOST_ROUNDS = 4
#: What engines say of a function that they lack; LibreOffice calls LAMBDA a wrong value.
_NO_ANSWER = (None, CellError.NAME, CellError.VALUE)


@dataclass(frozen=True, slots=True)
class ComputedTask:
    """A run, and the cells that kept their value."""

    selector: EngineSelector
    run: EngineRun
    kept: dict[Place, CellValue]
    #: Why, in words.
    why: tuple[str, ...]


def compute(task: Task, features: Collection[str], engine: str, *, keep: bool) -> ComputedTask:
    """Compute a workbook; cells that no engine can compute keep what is stored.

    Parameters
    ----------
    task
        The workbook.
    features
        See `SupportCheck`.
    engine
        Its name, or ``auto``.
    keep
        Whether cells may keep their value at all.

    Raises
    ------
    EngineError
        If the rest cannot be computed, or a cell has no stored value to keep.
    """
    names = library_names()
    scan = whole = SupportCheck(task.book, names, features=features)
    kept = _storing(task.book, _cells(whole, _is_outside(whole.table))) if keep else set()
    for _ in range(_MOST_ROUNDS):
        now = task if not kept else _without(task, kept)
        if kept:
            scan = SupportCheck(now.book, names, features=features)
        selector = EngineSelector(now, scan, task.book)
        try:
            run = selector.automatic() if engine == "auto" else selector.run(choose(engine))
        except CannotComputeError:
            more = _storing(task.book, _lacking(selector, engine)) if keep else set()
            if not more:
                raise
        else:
            more = _storing(task.book, _unknown(selector, run, engine)) if keep else set()
            if not more:
                break
        kept |= more
    else:
        selector = EngineSelector(now, scan, task.book)
        run = selector.automatic() if engine == "auto" else selector.run(choose(engine))
    return _with(task.book, whole, ComputedTask(selector, run, {}, ()), kept)


def _with(
    book: ReadBook, whole: SupportCheck, computed: ComputedTask, kept: set[Place]
) -> ComputedTask:
    """Put the values that were kept among those computed."""
    if not kept:
        return computed
    values: Values = {sheet: dict(cells) for sheet, cells in computed.run.values.items()}
    held = {place: book.value(place[0], *place[1]) for place in sorted(kept)}
    for (sheet, position), value in held.items():
        values.setdefault(sheet, {})[position] = value
    uses = whole.uses()
    odd = {
        describe(use)
        for place in kept
        for use in uses.get(_anchor(book, place), ())
        if use.name in _OUTSIDE or not whole.table.knows(use.name)
    }
    note = (
        f"{counted(len(kept), 'cell')} kept the value stored, which no engine can compute: "
        f"{addresses(sorted(kept))}."
    )
    why = sorted(odd) or ["what no engine can compute"]
    return replace(
        computed,
        run=replace(computed.run, values=values, notes=(*computed.run.notes, note)),
        kept=held,
        why=tuple(why),
    )


def _is_outside(table: CompatibilityTable) -> Collection[str]:
    return {name for name in _OUTSIDE if not table.ways(name)}


def _cells(scan: SupportCheck, names: Collection[str]) -> set[Place]:
    """Return the cells whose formula uses one of some names, members of arrays included."""
    if not set(names) & set(scan.functions()):
        return set()
    found = {
        (shape.sheet, position)
        for shape in scan.shapes
        if any(use.name in names for use in shape.uses)
        for position in shape.cells
    }
    return set(_spread(scan.book, found)) if found else found


def _spread(book: ReadBook, places: Collection[Place]) -> Iterator[Place]:
    """Yield cells with the members of their array ranges."""
    yield from places
    for sheet in book.sheets.values():
        for position, anchor in sheet.cells.members.items():
            if (sheet.name, anchor) in places:
                yield sheet.name, position


def _anchor(book: ReadBook, place: Place) -> Place:
    cell = book.sheets[place[0]].cells.get(place[1])
    return place if cell is None or not cell.in_array else (place[0], cell.in_array)


def _storing(book: ReadBook, places: Collection[Place]) -> set[Place]:
    """Return the cells if all of them have a stored value; to keep nothing is not a result."""
    if any(book.value(sheet, *position) is None for sheet, position in places):
        return set()
    return set(places)


def _answers(selector: EngineSelector, engine: str) -> list[Values]:
    """Return what the engines say that load the workbook at all."""
    found = []
    for one in independent("") if engine == "auto" else [choose(engine)]:
        if (answer := selector.cross_check.answers.get(one.name)) is None:
            try:
                task = replace(selector.task, partial=True)
                answer = one.evaluate(limited(task, one) if engine == "auto" else task)
            except XlcityError:
                answer = {}
            selector.cross_check.answers[one.name] = answer
        if any(value is not None for cells in answer.values() for value in cells.values()):
            found.append(answer)
    return found


def _lacking(selector: EngineSelector, engine: str) -> set[Place]:
    """Return the cells that no engine gives a value; else those that the ablest one lacks."""
    book = selector.task.book
    missing = [
        {
            (sheet.name, position)
            for sheet in book.sheets.values()
            for position in sheet.cells.computed()
            if answer.get(sheet.name, {}).get(position) is None
        }
        for answer in _answers(selector, engine)
    ]
    if not missing:
        return set()
    found = set.intersection(*missing) or min(missing, key=len)
    anchors = {_anchor(book, place) for place in found}
    return set(_spread(book, anchors))


def _unknown(selector: EngineSelector, run: EngineRun, engine: str) -> set[Place]:
    """Return the cells with functions that the engine, or every one to choose from, lacks."""
    table = selector.scan.table
    names = {
        name for name in selector.scan.functions() if _is_function(name) and not table.knows(name)
    }
    if not names:
        return set()
    answers = [run.values, *(_answers(selector, engine) if engine == "auto" else ())]
    return {
        (sheet, position)
        for sheet, position in _cells(selector.scan, names)
        if all(v.get(sheet, {}).get(position) in _NO_ANSWER for v in answers)
        and selector.stored.value(sheet, *position) not in _NO_ANSWER
    }


def _is_function(name: str) -> bool:
    # LAMBDA(…)(…) is a formula that the grammar does not have.
    return name == UNREAD or (" " not in name and name[:1].isalpha())


def _without(task: Task, kept: Collection[Place]) -> Task:
    """Return the task with some cells as constants."""
    frozen: Values = {}
    for sheet, position in kept:
        frozen.setdefault(sheet, {})[position] = task.book.value(sheet, *position)
    package = engine_copy(task.package, task.book, frozen=frozen)
    book = read_book(package)
    return replace(
        task,
        package=package,
        book=book,
        udf_cells=find_udf_cells(book, library_names()),
    )
