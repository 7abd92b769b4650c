"""Computes a workbook and judges the result: by which engine, and what is left to doubt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from xlcity.errors import CellError, CellValue, EngineError, XlcityError, counted
from xlcity.recalc.compare import agree
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    Engine,
    Task,
    TimeLimitError,
    Values,
    list_addresses,
    require_complete,
)
from xlcity.recalc.engines.registry import by_speed, choose
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.formula_rules import ENGINES, functions
from xlcity.recalc.support.support_check import OWN, Doubts, SupportCheck
from xlcity.recalc.support.workbook_features import (
    find_ignored_features,
    find_spilling_cells,
    is_template,
)
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.formulas.graph import Place


@dataclass(frozen=True, slots=True)
class EngineRun:
    """A workbook computed by one engine.

    Attributes
    ----------
    engine, values
        The engine, and the value of every formula cell.
    unverified
        What is left to doubt, in words.
    able
        Each of these -> the engines known to compute it.
    doubtful
        The cells.
    notes
        What the person should know.
    """

    engine: Engine
    values: Values
    unverified: tuple[str, ...] = ()
    able: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class EngineSelector:
    """One workbook before the engines.

    Parameters
    ----------
    task
        The workbook.
    scan
        What engines are trusted with in it.
    """

    def __init__(self, task: Task, scan: SupportCheck) -> None:
        self.task, self.scan = task, scan
        self._answers: dict[str, Values] = {}

    def ask(self, name: str) -> Values:
        """Return what an engine says, all cells of it."""
        return self._complete(choose(name))

    def run(self, engine: Engine) -> EngineRun:
        """Compute with one engine and judge the result."""
        return self._judged(engine, self._complete(engine))

    def automatic(self) -> EngineRun:
        """Compute with the fastest engine; with LibreOffice where that is not known to be right."""
        engines, notes = by_speed()
        usual = engines[0]
        doubted = self.scan.refusals(usual.name)
        if doubted:
            engines.reverse()
        runs: list[EngineRun] = []
        first: EngineError | None = None
        for engine in engines:
            try:
                run = self.run(engine)
            except (CannotComputeError, TimeLimitError) as error:
                first = first or error
                notes.append(error.problems[0].message.rstrip("."))
                continue
            runs.append(run)
            if not run.doubtful:
                break
            if engine is usual:
                doubted = sorted(run.able)
        if not runs:
            assert first is not None
            raise first
        best = min(runs, key=lambda run: len(run.doubtful))
        if best.engine is not usual and doubted:
            shown = ", ".join(doubted[:5]) + (f" and {len(doubted) - 5} more" * bool(doubted[5:]))
            notes.append(f"{usual.name} is not known to be right for {shown}")
        return replace(best, notes=(*_told(notes, best.engine.name), *best.notes))

    def _complete(self, engine: Engine) -> Values:
        if (values := self._answers.get(engine.name)) is None:
            values = engine.evaluate(self.task)
            require_complete(self.task.book, values, engine.name)
            self._answers[engine.name] = values
        return values

    def _judged(self, engine: Engine, values: Values) -> EngineRun:
        doubts = self._doubts(engine.name, values)
        names = sorted({why for reasons in doubts.values() for why in reasons})
        cells = tuple(full_address(*cell) for cell in sorted(doubts))
        able = self._able(engine.name, doubts, values)
        return EngineRun(engine, values, (*names, *self.scan.features), able, cells)

    def _doubts(self, engine: str, values: Values) -> Doubts:
        """Return the cells in doubt; in a template, but for those our own engine computes alike."""
        if engine == OWN or not is_template(self.task.book.names):
            return self.scan.doubts(engine, values)
        own = self._own_values()
        unlike = {
            (sheet, position)
            for sheet, cells in values.items()
            for position, value in cells.items()
            if (mine := own.get(sheet, {}).get(position)) is None or not _is_alike(mine, value)
        }
        # The rules take longer than our own engine does.
        doubts = self.scan.doubts(engine, values) if unlike else {}
        return {cell: why for cell, why in doubts.items() if cell in unlike}

    def _own_values(self) -> Values:
        """Return what our own engine is sure of."""
        engine = choose(OWN)
        for task in (self.task, replace(self.task, partial=True)):
            with suppress(EngineError):
                return engine.evaluate(task)
        return {}

    def _able(self, engine: str, doubts: Doubts, values: Values) -> dict[str, tuple[str, ...]]:
        """Return what is in doubt -> the engines that are trusted with it."""
        engines_by_doubt = {why: list[str]() for reasons in doubts.values() for why in reasons}
        for other in ENGINES if doubts else ():
            theirs = self.scan.doubts(other, values) if other != engine else doubts
            for why in engines_by_doubt.keys() - {
                why for p, r in doubts.items() if p in theirs for why in r
            }:
                engines_by_doubt[why].append(other)
        return {why: tuple(engines_by_doubt[why]) for why in sorted(engines_by_doubt)}


def _is_alike(own: CellValue, value: CellValue) -> bool:
    """Return whether engines agree, and on what is 0: rounding may leave something of it."""
    return agree(own, value) and (own == 0.0) == (value == 0.0)


def _told(notes: list[str], engine: str) -> list[str]:
    """Say why it is not the usual engine that computed."""
    if engine != "formualizer" and notes:
        title = "LibreOffice" if engine == "libreoffice" else engine
        return [f"{'; '.join(notes)}: {title} computes instead."]
    return [f"{note}." for note in notes]


#: What lies outside the workbook, however an engine answers.
_OUTSIDE = frozenset(("GETPIVOTDATA", "RTD", "WEBSERVICE", "CUBEVALUE", "DDE"))
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


def compute(task: Task, engine: str, *, keep: bool) -> ComputedTask:
    """Compute a workbook; cells that no engine can compute keep what is stored.

    Parameters
    ----------
    task
        The workbook.
    engine
        Its name, or ``auto``.
    keep
        Whether cells may keep their value at all.

    Raises
    ------
    EngineError
        If the rest cannot be computed, or a cell has no stored value to keep.
    """
    own: dict[Place, CellValue] = {}
    if engine == "auto" and is_template(task.book.names):
        try:
            return _computed(task, "compiled", _scan(task))
        except EngineError:
            own = _own_part(task)
    scan = _scan(task)
    outside = scan.find_linked_cells() | scan.find_cells_with(_OUTSIDE) if keep else set[Place]()
    uncomputable = _storing(task.book, outside)
    for rounds in range(_MOST_ROUNDS):
        stored = {cell: task.book.value(cell[0], *cell[1]) for cell in sorted(uncomputable)}
        rest = _frozen(task, own | stored)
        try:
            computed = _computed(rest, engine, scan if rest is task else _scan(rest))
        except CannotComputeError:
            lacking = _storing(task.book, _lacking(rest, engine) - uncomputable) if keep else set()
            if not lacking or rounds == _MOST_ROUNDS - 1:
                raise
        else:
            lacking = _storing(task.book, _unknown(task.book, computed)) if keep else set()
            if not lacking:
                break
        uncomputable |= lacking
    return _with(computed, scan, own, stored)


def _scan(task: Task) -> SupportCheck:
    spilling = find_spilling_cells(task.package, task.book)
    return SupportCheck(task.book, library_names(), find_ignored_features(task.package), spilling)


def _computed(task: Task, engine: str, scan: SupportCheck) -> ComputedTask:
    selector = EngineSelector(task, scan)
    run = selector.automatic() if engine == "auto" else selector.run(choose(engine))
    return ComputedTask(selector, run, {}, ())


def _own_part(task: Task) -> dict[Place, CellValue]:
    """Return the cells of a template that our own engine is sure of."""
    try:
        values = choose("compiled").evaluate(replace(task, partial=True))
    except EngineError:
        return {}
    own_values = {
        (s, p): v for s, cells in values.items() for p, v in cells.items() if v is not None
    }
    # An array range is computed as a whole.
    anchors = {name: sheet.cells.members for name, sheet in task.book.sheets.items()}
    return {
        (s, p): v for (s, p), v in own_values.items() if (s, anchors[s].get(p, p)) in own_values
    }


def _with(
    computed: ComputedTask,
    scan: SupportCheck,
    own: dict[Place, CellValue],
    stored: dict[Place, CellValue],
) -> ComputedTask:
    """Put the values that were computed apart, or kept, among the others."""
    if not own and not stored:
        return computed
    values: Values = {
        name: {
            p: stored.get((name, p), own.get((name, p), computed.run.values.get(name, {}).get(p)))
            for p in sheet.cells.computed()
        }
        for name, sheet in scan.book.sheets.items()
        if sheet.cells.computed()
    }
    run = replace(computed.run, values=values)
    if not stored:
        return replace(computed, run=run)
    note = (
        f"{counted(len(stored), 'cell')} kept the value stored, which no engine can compute: "
        f"{list_addresses(list(stored))}."
    )
    odd = set(scan.find_functions_of(stored) - functions().keys() - library_names())
    if scan.find_linked_cells() & stored.keys():
        odd.add("a reference to another workbook")
    return replace(
        computed,
        run=replace(run, notes=(*run.notes, note)),
        kept=stored,
        why=tuple(sorted(odd)) or ("what no engine can compute",),
    )


def _storing(book: ReadBook, places: Collection[Place]) -> set[Place]:
    """Return the cells if all of them have a stored value; to keep nothing is not a result."""
    if any(book.value(sheet, *position) is None for sheet, position in places):
        return set()
    return set(places)


def _lacking(task: Task, engine: str) -> set[Place]:
    """Return the cells that no engine gives a value; else those that the ablest one lacks."""
    missing = []
    for candidate in by_speed()[0] if engine == "auto" else [choose(engine)]:
        try:
            answer = candidate.evaluate(replace(task, partial=True))
        except XlcityError:
            continue
        missing.append(
            {
                (sheet.name, sheet.cells.members.get(position, position))
                for sheet in task.book.sheets.values()
                for position in sheet.cells.computed()
                if answer.get(sheet.name, {}).get(position) is None
            }
        )
    if not missing:
        return set()
    anchors = set.intersection(*missing) or min(missing, key=len)
    members = {
        (sheet.name, position)
        for sheet in task.book.sheets.values()
        for position, anchor in sheet.cells.members.items()
        if (sheet.name, anchor) in anchors
    }
    return anchors | members


def _unknown(book: ReadBook, computed: ComputedTask) -> set[Place]:
    """Return the cells with functions that are not in the table and that got no answer."""
    scan, values = computed.selector.scan, computed.run.values
    names = scan.find_functions() - functions().keys() - library_names()
    return {
        (sheet, position)
        for sheet, position in scan.find_cells_with(names, unread=True)
        if values.get(sheet, {}).get(position) in _NO_ANSWER
        and book.value(sheet, *position) not in _NO_ANSWER
    }


def _frozen(task: Task, values: dict[Place, CellValue]) -> Task:
    """Return the task with some cells as constants."""
    if not values:
        return task
    frozen: Values = {}
    for (sheet, position), value in values.items():
        frozen.setdefault(sheet, {})[position] = value
    package = engine_copy(task.package, task.book, frozen=frozen)
    book = read_book(package)
    udf_cells = find_udf_cells(book, library_names())
    return replace(task, package=package, book=book, udf_cells=udf_cells)
