"""Computes a workbook and judges the result: by which engine, and what is left to doubt."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import NamedTuple

from xlcity.errors import CellError, CellValue, EngineError, XlcityError
from xlcity.messages import Message
from xlcity.recalc.compare import agree
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    CircleError,
    Engine,
    Task,
    TimeLimitError,
    Values,
    each_value,
    list_addresses,
    require_complete,
)
from xlcity.recalc.engines.registry import engine_named, engines_by_speed
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.formula_rules import ENGINES, function_table
from xlcity.recalc.support.support_check import (
    HIDDEN,
    OWN_ENGINE,
    Doubts,
    SupportCheck,
    find_ignored_features,
    find_spilling_cells,
    is_about_error,
    is_template,
)
from xlcity.xlsx.address import full_address
from xlcity.xlsx.cells import ReadBook, counts_from_1904, read_book
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
    find_able_engines
        Returns each reason of a doubt -> the engines known to compute it.
    doubtful
        Addresses of the cells in doubt.
    notes
        What the person should know, in sentences.
    kept
        The cells that kept the value stored, and it.
    doubts
        Why each cell is in doubt.
    shared_errors
        The cells in doubt for an error alone that another engine gives, too.
    """

    engine: Engine
    values: Values
    unverified: tuple[str, ...] = ()
    find_able_engines: Callable[[], dict[str, tuple[str, ...]]] = dict
    doubtful: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept: Mapping[Place, CellValue] = field(default_factory=dict)
    doubts: Doubts = field(default_factory=dict)
    shared_errors: frozenset[Place] = frozenset()


def compute_values(task: Task, engine: Engine) -> Values:
    """Return the value of every formula cell as an engine computes it.

    Raises
    ------
    EngineError
        If the engine fails or leaves a cell without a value.
    """
    values = engine.evaluate(task)
    require_complete(task.book, values, engine.name)
    return values


def _run_engine(task: Task, engine: Engine, support: SupportCheck) -> EngineRun:
    """Compute with one engine; say which cells are in doubt.

    `support` says of the task's workbook what each engine is not known to compute.
    """
    values = compute_values(task, engine)
    doubts = _find_doubts(task, engine.name, values, support)
    reasons = sorted(set(chain.from_iterable(doubts.values())))
    find_able_engines = partial(
        _find_able_engines, engine.name, values, doubts=doubts, support=support
    )
    addresses = tuple(full_address(*cell) for cell in sorted(doubts))
    return EngineRun(
        engine,
        values,
        unverified=(*reasons, *map(Message, support.features)),
        find_able_engines=find_able_engines,
        doubtful=addresses,
        doubts=doubts,
    )


def _find_able_engines(
    engine: str, values: Values, doubts: Doubts, support: SupportCheck
) -> dict[str, tuple[str, ...]]:
    """Return each reason of the `doubts` about an engine -> the engines that have none there.

    `values` are those of the engine; the rules take long, so they are applied only if asked for.
    """
    if not doubts:
        return {}
    doubts_by_engine: dict[str, Doubts] = {}
    for name in ENGINES:
        is_engine = name == engine
        doubts_by_engine[name] = doubts if is_engine else support.doubts(name, values)
    able_engines = {}
    for reason, cells in sorted(_cells_by_reason(doubts).items()):
        able_engines[reason] = tuple(
            name
            for name, engine_doubts in doubts_by_engine.items()
            if engine_doubts.keys().isdisjoint(cells)
        )
    return able_engines


def _cells_by_reason(doubts: Doubts) -> dict[str, list[Place]]:
    """Return each reason of a doubt -> the cells in doubt for it."""
    cells_by_reason: dict[str, list[Place]] = {}
    for cell, reasons in doubts.items():
        for reason in reasons:
            cells_by_reason.setdefault(reason, []).append(cell)
    return cells_by_reason


#: Seconds that an engine asked after another one has at least.
_LATER_SECONDS = 20.0
#: How many times the seconds before it has, if that is longer: fewer doubts are worth no more.
_LATER_FACTOR = 3.0
#: Most functions named in a note.
_MOST_NAMED = 5


class _Attempts(NamedTuple):
    """What engines gave that were asked one after the other: results, and refusals."""

    runs: list[EngineRun]
    errors: list[EngineError]


def _ask_engines(
    task: Task, engines: Collection[Engine], support: SupportCheck
) -> _Attempts:
    """Compute with one engine after the other until a result leaves no cell in doubt."""
    attempts = _Attempts([], [])
    start = time.monotonic()
    limited_task = task
    for engine in engines:
        if attempts.runs:
            seconds = max(_LATER_SECONDS, _LATER_FACTOR * (time.monotonic() - start))
            limited_task = replace(task, timeout=min(task.timeout, seconds))
        try:
            run = _run_engine(limited_task, engine, support)
        except (CannotComputeError, CircleError, TimeLimitError) as error:
            attempts.errors.append(error)
            continue
        attempts.runs.append(run)
        if not run.doubtful:
            break
    return attempts


def _run_fastest(task: Task, support: SupportCheck) -> EngineRun:
    """Compute with the fastest engine, and with others while some cells are in doubt.

    The run with the fewest cells for which the engine lacks a function is returned, then the one
    with the fewest doubtful cells; `EngineError` is raised if no engine can compute the workbook.
    """
    engines, notes = engines_by_speed()
    fastest = engines[0]
    refused = support.structural_refusals(fastest.name)
    if refused or HIDDEN in support.features:
        engines.reverse()  # LibreOffice first
    attempts = _ask_engines(task, engines, support)
    if not attempts.runs:
        raise attempts.errors[0]
    notes += [error.problems[0].message for error in attempts.errors]
    best = min(attempts.runs, key=partial(_rank_run, task.book))
    if best.engine is not fastest:
        distrusted = _find_distrusted(fastest, attempts.runs, support)
        distrusted = refused if distrusted is None else distrusted
        notes += [_distrust_note(fastest, distrusted)] if distrusted else []
    others = [run for run in attempts.runs if run is not best]
    return replace(
        best,
        shared_errors=_find_shared_errors(best, others),
        notes=tuple(_note_of_engine(best.engine.name, note) for note in notes),
    )


def _find_distrusted(
    engine: Engine, runs: Collection[EngineRun], support: SupportCheck
) -> list[str] | None:
    """Return what the results of an engine's own run put in doubt; None if it has no such run.

    What is doubted about the whole workbook is left out.
    """
    whole_workbook = {*map(Message, support.features)}
    for run in runs:
        if run.engine is engine and run.doubtful:
            return [why for why in run.unverified if why not in whole_workbook]
    return None


def _distrust_note(engine: Engine, distrusted: list[str]) -> Message:
    """Return a note on what an engine is not trusted with; the first are named."""
    key = "list.and_more" if len(distrusted) > _MOST_NAMED else "list.all"
    number = len(distrusted) - _MOST_NAMED
    listed = Message(key, words=distrusted[:_MOST_NAMED], number=number)
    return Message("doubt.engine", engine=engine.name, functions=listed)


def _note_of_engine(engine: str, note: str) -> Message:
    """Return a note as the person reads it; of another engine than the usual one it says so."""
    if engine == "formualizer":
        return Message("note.sentence", note=note)
    title = "LibreOffice" if engine == "libreoffice" else engine
    return Message("note.computes_instead", title=title, note=note)


def _find_shared_errors(
    run: EngineRun, others: Collection[EngineRun]
) -> frozenset[Place]:
    """Return the cells that a run doubts for their error alone, and another gives one, too."""
    shared: set[Place] = set()
    for place, reasons in run.doubts.items():
        if not all(map(is_about_error, reasons)) or not _has_error(run, place):
            continue
        if any(_has_error(other, place) for other in others):
            shared.add(place)
    return frozenset(shared)


def _has_error(run: EngineRun, place: Place) -> bool:
    sheet, position = place
    return isinstance(run.values[sheet][position], CellError)


def _rank_run(book: ReadBook, run: EngineRun) -> tuple[int, int]:
    """Return what the best run has least of: functions that are lacking, then cells in doubt."""
    return _count_name_errors(book, run), len(run.doubtful)


def _count_name_errors(book: ReadBook, run: EngineRun) -> int:
    """Return how many cells an engine gives as #NAME? that the file stores with another value."""
    count = 0
    for sheet, cells in run.values.items():
        failed = [p for p, value in cells.items() if value is CellError.NAME]
        count += sum(book.value(sheet, *p) is not CellError.NAME for p in failed)
    return count


def _find_doubts(
    task: Task, engine: str, values: Values, support: SupportCheck
) -> Doubts:
    """Return the cells that an engine is not known to compute as Excel does, and why.

    Of a template, without those in which our own engine gives the same. `engine` is the name of the
    engine that computed `values`.
    """
    if engine == OWN_ENGINE or not is_template(task.book.names):
        return support.doubts(engine, values)
    own_values = _compute_with_own_engine(task)
    unconfirmed = {
        place
        for place, value in each_value(values)
        if not _is_confirmed(own_values.get(place), value)
    }
    # The rules take longer than our own engine does.
    doubts = support.doubts(engine, values) if unconfirmed else {}
    return {cell: reasons for cell, reasons in doubts.items() if cell in unconfirmed}


def _compute_with_own_engine(task: Task) -> dict[Place, CellValue]:
    """Return cell -> value of a template, as far as our own engine computes it without doubt."""
    engine = engine_named(OWN_ENGINE)
    for own_task in (task, replace(task, partial=True)):
        with suppress(EngineError):
            values = each_value(engine.evaluate(own_task))
            return {place: value for place, value in values if value is not None}
    return {}


def _is_confirmed(own_value: CellValue, value: CellValue) -> bool:
    """Return whether our own engine confirms a value: they agree, and both are 0 or neither.

    Where one has 0, rounding may leave the other a rest within the tolerance.
    """
    return (
        own_value is not None
        and agree(own_value, value)
        and (own_value == 0.0) == (value == 0.0)
    )


#: Functions that read from outside the workbook, however an engine answers.
_FUNCTIONS_READING_OUTSIDE = frozenset(
    ("GETPIVOTDATA", "RTD", "WEBSERVICE", "CUBEVALUE", "DDE")
)
#: Calculations in which cells that cannot be computed are looked for.
_MOST_CALCULATIONS = 4
#: What engines give for a function that they lack; LibreOffice calls LAMBDA a wrong value.
_VALUES_WITHOUT_FUNCTION = (None, CellError.NAME, CellError.VALUE)


def compute_task(task: Task, engine: str, *, keep: bool) -> EngineRun:
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
    rest = _Rest(task, engine, _make_support_check(task))
    # Our own engine computes a template, or what it can of it; other engines get the rest.
    if rest.is_ours:
        with suppress(EngineError):
            return _run_engine(task, engine_named(OWN_ENGINE), rest.whole_support)
        rest.own_values = _compute_own_values(replace(task, partial=True))
    if keep:
        return _compute_keeping(rest)
    rest.freeze(())
    return rest.merge(rest.compute())


class _Rest:
    """What of a workbook other engines compute, while some of its cells are constants.

    Parameters
    ----------
    task
        The whole workbook.
    engine
        The engine's name, or ``auto``.
    support
        The check of the whole workbook.
    """

    def __init__(self, task: Task, engine: str, support: SupportCheck) -> None:
        self._whole = task
        self._engine = engine
        self.whole_support = support
        #: Whether it is our own engine that computes the workbook first.
        self.is_ours = engine == "auto" and is_template(task.book.names)
        #: What our own engine computed of the workbook.
        self.own_values: dict[Place, CellValue] = {}
        #: Cells that keep the value stored, and it.
        self.stored: dict[Place, CellValue] = {}
        self._task = task
        self._support = support

    def freeze(self, places: Collection[Place]) -> None:
        """Make constants of what our own engine computed, and of cells that keep their value."""
        self.stored = self._stored_values(places)
        self._task = freeze_cells(self._whole, self.own_values | self.stored)
        is_whole = self._task is self._whole
        self._support = (
            self.whole_support if is_whole else _make_support_check(self._task)
        )

    def compute_with_own_engine(self, places: Collection[Place]) -> EngineRun | None:
        """Return what our own engine computes where cells keep their value; None if it cannot.

        What stopped it may be a constant now, as a function that no engine has.
        """
        if not places or not self.is_ours:
            return None
        stored = self._stored_values(places)
        task = freeze_cells(self._whole, stored)
        with suppress(EngineError):
            run = _run_engine(task, engine_named(OWN_ENGINE), _make_support_check(task))
            return _merge_values(run, self.whole_support, {}, stored)
        return None

    def _stored_values(self, places: Collection[Place]) -> dict[Place, CellValue]:
        """Return cells in the order of the workbook, and what is stored in each."""
        book = self._whole.book
        return {
            (sheet, position): book.value(sheet, *position)
            for sheet, position in sorted(places)
        }

    def compute(self) -> EngineRun:
        """Compute what is no constant."""
        if self._engine == "auto":
            return _run_fastest(self._task, self._support)
        return _run_engine(self._task, engine_named(self._engine), self._support)

    def find_reading_outside(self) -> set[Place]:
        """Return the cells that read from outside the workbook, if all have a value stored."""
        support = self.whole_support
        reading_outside = support.find_linked_cells()
        reading_outside |= support.find_cells_with(_FUNCTIONS_READING_OUTSIDE)
        return _places_if_all_stored(self._whole.book, reading_outside)

    def find_unanswered(self) -> set[Place]:
        """Return more cells that no engine gives a value, if all of them have one stored."""
        unanswered = _find_cells_without_value(self._task, self._engine)
        return _places_if_all_stored(self._whole.book, unanswered - self.stored.keys())

    def find_unknown(self, run: EngineRun) -> set[Place]:
        """Return the calls of unknown functions in a run, if all of them have a value stored."""
        book = self._whole.book
        unknown = _find_unknown_calls(book, self._support, run.values)
        return _places_if_all_stored(book, unknown)

    def merge(self, run: EngineRun) -> EngineRun:
        """Return the run of the whole workbook, given that of the rest."""
        if not self.own_values and not self.stored:
            return run
        return _merge_values(run, self.whole_support, self.own_values, self.stored)


def _compute_keeping(rest: _Rest) -> EngineRun:
    """Compute a workbook; uncomputable cells keep their value.

    They become constants until the rest is computed and shows no more of them.
    """
    uncomputable = rest.find_reading_outside()
    for calculation in range(_MOST_CALCULATIONS):
        own_run = rest.compute_with_own_engine(uncomputable)
        if own_run is not None:
            return own_run
        rest.freeze(uncomputable)
        try:
            run = rest.compute()
        except CannotComputeError:
            if calculation == _MOST_CALCULATIONS - 1:
                raise
            newly_uncomputable = rest.find_unanswered()
            if not newly_uncomputable:
                raise
        else:
            newly_uncomputable = rest.find_unknown(run)
            if not newly_uncomputable:
                break
        uncomputable |= newly_uncomputable
    return rest.merge(run)


def _make_support_check(task: Task) -> SupportCheck:
    """Return what finds the formulas of a workbook that engines are not known to compute."""
    features = find_ignored_features(task.package, task.book)
    spilling = find_spilling_cells(task.package, task.book)
    return SupportCheck(
        task.book,
        library_names(),
        features,
        spilling,
        counts_from_1904=counts_from_1904(task.package),
    )


def _compute_own_values(task: Task) -> dict[Place, CellValue]:
    """Return what our own engine computes of a template.

    Cells that an array formula fills are among it only if the range's first cell, its anchor, is.
    """
    own_values = _compute_with_own_engine(task)
    anchors = {name: sheet.cells.members for name, sheet in task.book.sheets.items()}
    return {
        (s, p): value
        for (s, p), value in own_values.items()
        if (s, anchors[s].get(p, p)) in own_values
    }


def _merge_values(
    run: EngineRun,
    support: SupportCheck,
    own_values: dict[Place, CellValue],
    stored: dict[Place, CellValue],
) -> EngineRun:
    """Return a run of the whole workbook, with a note on the cells that keep the value stored.

    In `run`, of another engine, the cells of `own_values`, which our own engine computed, and of
    `stored`, which keep that value, were constants; `support` is the check of the whole workbook.
    """
    known = own_values | stored
    values: Values = {}
    for name, sheet in support.book.sheets.items():
        computed = run.values.get(name, {})
        positions = sheet.cells.computed()
        if positions:
            values[name] = {
                position: known.get((name, position), computed.get(position))
                for position in positions
            }
    if not stored:
        return replace(run, values=values)
    note = Message(
        "note.kept_stored_values",
        number=len(stored),
        cells=list_addresses(list(stored)),
    )
    unknown = set(
        support.find_functions_of(stored) - function_table().keys() - library_names()
    )
    if support.find_linked_cells() & stored.keys():
        unknown.add("a reference to another workbook")
    reasons = sorted(unknown) if unknown else [Message("doubt.no_engine")]
    return replace(
        run,
        values=values,
        unverified=(*run.unverified, *reasons),
        notes=(*run.notes, note),
        kept=stored,
    )


def _places_if_all_stored(book: ReadBook, places: Collection[Place]) -> set[Place]:
    """Return the cells `places` if all of them have a stored value to keep, else none.

    A cell of an array formula is kept with all cells that the formula fills.
    """
    whole = _with_whole_arrays(book, places)
    if any(book.value(sheet, *position) is None for sheet, position in whole):
        return set()
    return whole


def _with_whole_arrays(book: ReadBook, places: Collection[Place]) -> set[Place]:
    """Return cells, and with a cell of an array formula all cells that the formula fills."""
    whole = set(places)
    for name in {sheet for sheet, _ in places}:
        anchor_of = book.sheets[name].cells.members
        own = (position for sheet, position in places if sheet == name)
        touched = {anchor_of.get(position, position) for position in own}
        for member, anchor in anchor_of.items():
            if anchor in touched:
                whole |= {(name, member), (name, anchor)}
    return whole


def _find_cells_without_value(task: Task, engine: str) -> set[Place]:
    """Return the cells that no engine gives a value.

    If each has some engine that does: those of the engine that leaves fewest without. `engine` is
    the only one asked, or ``auto`` for all. An array formula counts with all cells that it fills;
    an engine that fails is left out.
    """
    missing_by_engine = []
    candidates = engines_by_speed()[0] if engine == "auto" else [engine_named(engine)]
    for candidate in candidates:
        with suppress(XlcityError):
            values = candidate.evaluate(replace(task, partial=True))
            missing_by_engine.append(_find_anchors_without_value(task.book, values))
    if not missing_by_engine:
        return set()
    missing = set.intersection(*missing_by_engine)
    if not missing:
        missing = min(missing_by_engine, key=len)
    return _with_whole_arrays(task.book, missing)


def _find_anchors_without_value(book: ReadBook, values: Values) -> set[Place]:
    """Return the cells without a value; of an array formula the first of all that it fills."""
    anchors: set[Place] = set()
    for sheet in book.sheets.values():
        answers = values.get(sheet.name, {})
        anchor_of = sheet.cells.members
        for position in sheet.cells.computed():
            if answers.get(position) is None:
                anchors.add((sheet.name, anchor_of.get(position, position)))
    return anchors


def _find_unknown_calls(
    book: ReadBook, support: SupportCheck, values: Values
) -> set[Place]:
    """Return the cells with functions unknown to engines that have a value stored but none now.

    Also those whose formula our parser does not read. Functions in `function_table` are known;
    `support` is the check of the workbook, `values` are those computed now.
    """
    names = support.find_functions() - function_table().keys() - library_names()
    return {
        (sheet, position)
        for sheet, position in support.find_cells_with(names, unread=True)
        if values.get(sheet, {}).get(position) in _VALUES_WITHOUT_FUNCTION
        and book.value(sheet, *position) not in _VALUES_WITHOUT_FUNCTION
    }


def freeze_cells(task: Task, values: Mapping[Place, CellValue]) -> Task:
    """Return the task of a copy of the workbook in which some cells have constants, not formulas.

    `values` maps each of these cells to its constant.
    """
    if not values:
        return task
    constants: Values = {}
    for (sheet, position), value in values.items():
        constants.setdefault(sheet, {})[position] = value
    package = engine_copy(task.package, task.book, constants=constants)
    book = read_book(package)
    udf_cells = find_udf_cells(book, library_names())
    return replace(task, package=package, book=book, udf_cells=udf_cells)
