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
from xlcity.recalc.engines.registry import engine_named, engines_by_speed
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.formula_rules import ENGINES, function_table
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
        Addresses of the cells in doubt.
    notes
        What the person should know, in sentences.
    """

    engine: Engine
    values: Values
    unverified: tuple[str, ...] = ()
    able: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class EngineSelector:
    """Computes one workbook with one engine or several, each at most once.

    Parameters
    ----------
    task
        The workbook.
    support
        What engines are trusted with in it.
    """

    def __init__(self, task: Task, support: SupportCheck) -> None:
        self.task, self.support = task, support
        self._values_by_engine: dict[str, Values] = {}

    def values_of(self, engine: Engine) -> Values:
        """Return the value of every formula cell as an engine computes it.

        Raises
        ------
        EngineError
            If the engine fails or leaves a cell without a value.
        """
        if (values := self._values_by_engine.get(engine.name)) is None:
            values = engine.evaluate(self.task)
            require_complete(self.task.book, values, engine.name)
            self._values_by_engine[engine.name] = values
        return values

    def run(self, engine: Engine) -> EngineRun:
        """Compute with one engine and judge the result."""
        values = self.values_of(engine)
        doubts = self._doubts(engine.name, values)
        reasons = sorted({reason for of_cell in doubts.values() for reason in of_cell})
        cells = tuple(full_address(*cell) for cell in sorted(doubts))
        able = self._engines_trusted_with(engine.name, doubts, values)
        return EngineRun(engine, values, (*reasons, *self.support.features), able, cells)

    def run_fastest(self) -> EngineRun:
        """Compute with the fastest engine, and with others while some cells are in doubt.

        Returns
        -------
        EngineRun
            The run with the fewest doubtful cells.

        Raises
        ------
        EngineError
            If no engine can compute the workbook.
        """
        engines, notes = engines_by_speed()
        usual = engines[0]
        doubted = self.support.refusals(usual.name)
        if doubted:
            engines.reverse()  # LibreOffice first
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
        return replace(best, notes=(*_explain_engine(notes, best.engine.name), *best.notes))

    def _doubts(self, engine: str, values: Values) -> Doubts:
        """Return the cells in doubt; in a template, but for those our own engine computes alike."""
        if engine == OWN or not is_template(self.task.book.names):
            return self.support.doubts(engine, values)
        own_values = self._own_values()
        unlike = {
            (sheet, position)
            for sheet, cells in values.items()
            for position, value in cells.items()
            if (own := own_values.get(sheet, {}).get(position)) is None or not _is_alike(own, value)
        }
        # The rules take longer than our own engine does.
        doubts = self.support.doubts(engine, values) if unlike else {}
        return {cell: reasons for cell, reasons in doubts.items() if cell in unlike}

    def _own_values(self) -> Values:
        """Return the values that our own engine computes without doubt; {} if it fails."""
        engine = engine_named(OWN)
        for task in (self.task, replace(self.task, partial=True)):
            with suppress(EngineError):
                return engine.evaluate(task)
        return {}

    def _engines_trusted_with(
        self, engine: str, doubts: Doubts, values: Values
    ) -> dict[str, tuple[str, ...]]:
        """Return each reason of an engine's doubts -> the engines that doubt none of its cells."""
        cells_by_reason: dict[str, set[Place]] = {}
        for cell, reasons in doubts.items():
            for reason in reasons:
                cells_by_reason.setdefault(reason, set()).add(cell)
        doubts_by_engine = {
            other: doubts if other == engine else self.support.doubts(other, values)
            for other in (ENGINES if doubts else ())
        }
        return {
            reason: tuple(n for n, others in doubts_by_engine.items() if cells.isdisjoint(others))
            for reason, cells in sorted(cells_by_reason.items())
        }


def _is_alike(own: CellValue, value: CellValue) -> bool:
    """Return whether engines agree, and on what is 0: rounding may leave something of it."""
    return agree(own, value) and (own == 0.0) == (value == 0.0)


def _explain_engine(notes: list[str], engine: str) -> list[str]:
    """Return notes as sentences; with another engine than the usual one, that it computes."""
    if engine != "formualizer" and notes:
        title = "LibreOffice" if engine == "libreoffice" else engine
        return [f"{'; '.join(notes)}: {title} computes instead."]
    return [f"{note}." for note in notes]


#: Functions that read from outside the workbook, however an engine answers.
_OUTSIDE = frozenset(("GETPIVOTDATA", "RTD", "WEBSERVICE", "CUBEVALUE", "DDE"))
#: Calculations in which cells that cannot be computed are looked for.
_MOST_ROUNDS = 4
#: What engines give for a function that they lack; LibreOffice calls LAMBDA a wrong value.
_NO_ANSWER = (None, CellError.NAME, CellError.VALUE)


@dataclass(frozen=True, slots=True)
class ComputedTask:
    """A run, and the cells that kept their value.

    Attributes
    ----------
    selector, run
        What has computed it, and the result.
    kept
        The cells that kept the value stored.
    why
        What of them no engine can compute, in words.
    """

    selector: EngineSelector
    run: EngineRun
    kept: dict[Place, CellValue]
    why: tuple[str, ...]


def compute_task(task: Task, engine: str, *, keep: bool) -> ComputedTask:
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
            return _run_engine(task, OWN, _check_support(task))
        except EngineError:
            own = _compute_own_part(task)
    support = _check_support(task)
    outside = support.find_linked_cells() | support.find_cells_with(_OUTSIDE) if keep else ()
    uncomputable = _all_stored_or_none(task.book, outside)
    for rounds in range(_MOST_ROUNDS):
        stored = {cell: task.book.value(cell[0], *cell[1]) for cell in sorted(uncomputable)}
        rest = _freeze_cells(task, own | stored)
        try:
            computed = _run_engine(rest, engine, support if rest is task else _check_support(rest))
        except CannotComputeError:
            unanswered = _find_cells_without_value(rest, engine) - uncomputable if keep else ()
            missing = _all_stored_or_none(task.book, unanswered)
            if not missing or rounds == _MOST_ROUNDS - 1:
                raise
        else:
            unanswered = _find_unknown(task.book, computed) if keep else ()
            if not (missing := _all_stored_or_none(task.book, unanswered)):
                break
        uncomputable |= missing
    return _merge_values(computed, support, own, stored)


def _check_support(task: Task) -> SupportCheck:
    spilling = find_spilling_cells(task.package, task.book)
    return SupportCheck(task.book, library_names(), find_ignored_features(task.package), spilling)


def _run_engine(task: Task, engine: str, support: SupportCheck) -> ComputedTask:
    """Compute a task with an engine of a name, or ``auto``; every cell is computed."""
    selector = EngineSelector(task, support)
    run = selector.run_fastest() if engine == "auto" else selector.run(engine_named(engine))
    return ComputedTask(selector, run, {}, ())


def _compute_own_part(task: Task) -> dict[Place, CellValue]:
    """Return the cells of a template that our own engine computes without doubt."""
    try:
        values = engine_named(OWN).evaluate(replace(task, partial=True))
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


def _merge_values(
    computed: ComputedTask,
    support: SupportCheck,
    own: dict[Place, CellValue],
    stored: dict[Place, CellValue],
) -> ComputedTask:
    """Return the task with the values of our own engine and those kept, and a note on these.

    Parameters
    ----------
    computed
        The other cells, computed.
    support
        Of the whole workbook.
    own, stored
        Values of our own engine, and those that keep the value stored.
    """
    if not own and not stored:
        return computed
    values: Values = {
        name: {
            p: stored.get((name, p), own.get((name, p), computed.run.values.get(name, {}).get(p)))
            for p in sheet.cells.computed()
        }
        for name, sheet in support.book.sheets.items()
        if sheet.cells.computed()
    }
    run = replace(computed.run, values=values)
    if not stored:
        return replace(computed, run=run)
    note = (
        f"{counted(len(stored), 'cell')} kept the value stored, which no engine can compute: "
        f"{list_addresses(list(stored))}."
    )
    unknown = set(support.find_functions_of(stored) - function_table().keys() - library_names())
    if support.find_linked_cells() & stored.keys():
        unknown.add("a reference to another workbook")
    return replace(
        computed,
        run=replace(run, notes=(*run.notes, note)),
        kept=stored,
        why=tuple(sorted(unknown)) or ("what no engine can compute",),
    )


def _all_stored_or_none(book: ReadBook, places: Collection[Place]) -> set[Place]:
    """Return the cells if all of them have a stored value to keep, else none."""
    if any(book.value(sheet, *position) is None for sheet, position in places):
        return set()
    return set(places)


def _find_cells_without_value(task: Task, engine: str) -> set[Place]:
    """Return the cells that no engine gives a value; else those that the ablest one leaves out."""
    missing = []
    for candidate in engines_by_speed()[0] if engine == "auto" else [engine_named(engine)]:
        try:
            values = candidate.evaluate(replace(task, partial=True))
        except XlcityError:
            continue
        missing.append(
            {
                (sheet.name, sheet.cells.members.get(position, position))
                for sheet in task.book.sheets.values()
                for position in sheet.cells.computed()
                if values.get(sheet.name, {}).get(position) is None
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


def _find_unknown(book: ReadBook, computed: ComputedTask) -> set[Place]:
    """Return the cells with functions outside the table for which the engine has no value."""
    support, values = computed.selector.support, computed.run.values
    names = support.find_functions() - function_table().keys() - library_names()
    return {
        (sheet, position)
        for sheet, position in support.find_cells_with(names, unread=True)
        if values.get(sheet, {}).get(position) in _NO_ANSWER
        and book.value(sheet, *position) not in _NO_ANSWER
    }


def _freeze_cells(task: Task, values: dict[Place, CellValue]) -> Task:
    """Return the task with constants instead of the formulas of some cells."""
    if not values:
        return task
    frozen: Values = {}
    for (sheet, position), value in values.items():
        frozen.setdefault(sheet, {})[position] = value
    package = engine_copy(task.package, task.book, frozen=frozen)
    book = read_book(package)
    udf_cells = find_udf_cells(book, library_names())
    return replace(task, package=package, book=book, udf_cells=udf_cells)
