"""Computes a workbook and judges the result: by which engine, and what is left to doubt."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from xlcity.errors import CellError, CellValue, EngineError, XlcityError
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.recalc.compare import agree
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    CircleError,
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
    reasons = sorted({reason for reasons in doubts.values() for reason in reasons})
    find_able_engines = partial(
        _find_able_engines, engine.name, values, doubts, support
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
    cells_by_reason = grouped(
        (reason, cell) for cell, reasons in doubts.items() for reason in reasons
    )
    doubts_by_engine = {
        name: doubts if name == engine else support.doubts(name, values)
        for name in (ENGINES if doubts else ())
    }
    return {
        reason: tuple(
            name
            for name, engine_doubts in doubts_by_engine.items()
            if engine_doubts.keys().isdisjoint(cells)
        )
        for reason, cells in sorted(cells_by_reason.items())
    }


#: Seconds that an engine asked after another one has at least.
_LATER_SECONDS = 20.0
#: How many times the seconds before it has, if that is longer: fewer doubts are worth no more.
_LATER_FACTOR = 3.0


def _run_fastest(task: Task, support: SupportCheck) -> EngineRun:
    """Compute with the fastest engine, and with others while some cells are in doubt.

    The run with the fewest cells for which the engine lacks a function is returned, then the one
    with the fewest doubtful cells; `EngineError` is raised if no engine can compute the workbook.
    """
    engines, notes = engines_by_speed()
    fastest = engines[0]
    # What the fastest is not known to compute: by the formulas alone, else by its own results.
    distrusted = support.structural_refusals(fastest.name)
    if distrusted or HIDDEN in support.features:
        engines.reverse()  # LibreOffice first
    runs: list[EngineRun] = []
    errors: list[EngineError] = []
    start = time.monotonic()
    limited_task = task
    for engine in engines:
        if runs:
            seconds = max(_LATER_SECONDS, _LATER_FACTOR * (time.monotonic() - start))
            limited_task = replace(task, timeout=min(task.timeout, seconds))
        try:
            run = _run_engine(limited_task, engine, support)
        except (CannotComputeError, CircleError, TimeLimitError) as error:
            errors.append(error)
            notes.append(error.problems[0].message)
            continue
        runs.append(run)
        if not run.doubtful:
            break
        if engine is fastest:
            whole_workbook = {*map(Message, support.features)}
            distrusted = [
                doubt for doubt in run.unverified if doubt not in whole_workbook
            ]
    if not runs:
        raise errors[0]
    best = min(runs, key=lambda run: (_count_name_errors(task, run), len(run.doubtful)))
    others = [run for run in runs if run is not best]
    best = replace(best, shared_errors=_find_shared_errors(best, others))
    name = best.engine.name
    if best.engine is not fastest and distrusted:
        key = "list.and_more" if distrusted[5:] else "list.all"
        listed = Message(key, words=distrusted[:5], number=len(distrusted) - 5)
        notes.append(Message("doubt.engine", engine=fastest.name, functions=listed))
    if name != "formualizer" and notes:
        title = "LibreOffice" if name == "libreoffice" else name
        return replace(
            best,
            notes=tuple(
                Message("note.computes_instead", title=title, note=note)
                for note in notes
            ),
        )
    return replace(
        best, notes=tuple(Message("note.sentence", note=note) for note in notes)
    )


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


def _count_name_errors(task: Task, run: EngineRun) -> int:
    """Return how many cells an engine gives as #NAME? that the file stores with another value."""
    return sum(
        value is CellError.NAME and task.book.value(sheet, *position) is not value
        for sheet, cells in run.values.items()
        for position, value in cells.items()
    )


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
        (sheet, position)
        for sheet, cells in values.items()
        for position, value in cells.items()
        if not _is_confirmed(own_values.get((sheet, position)), value)
    }
    # The rules take longer than our own engine does.
    doubts = support.doubts(engine, values) if unconfirmed else {}
    return {cell: reasons for cell, reasons in doubts.items() if cell in unconfirmed}


def _compute_with_own_engine(task: Task) -> dict[Place, CellValue]:
    """Return cell -> value of a template, as far as our own engine computes it without doubt."""
    engine = engine_named(OWN_ENGINE)
    for own_task in (task, replace(task, partial=True)):
        with suppress(EngineError):
            values = engine.evaluate(own_task)
            return {
                (sheet, position): value
                for sheet, cells in values.items()
                for position, value in cells.items()
                if value is not None
            }
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
    # Our own engine computes a template, or what it can of it; other engines get the rest.
    own_values: dict[Place, CellValue] = {}
    support = _make_support_check(task)
    if engine == "auto" and is_template(task.book.names):
        try:
            return _run_engine(task, engine_named(OWN_ENGINE), support)
        except EngineError:
            own_values = _compute_own_values(replace(task, partial=True))
    reading_outside: set[Place] = set()
    if keep:
        reading_outside |= support.find_linked_cells()
        reading_outside |= support.find_cells_with(_FUNCTIONS_READING_OUTSIDE)
    uncomputable = _places_if_all_stored(task.book, reading_outside)
    # Uncomputable cells become constants until the rest is computed and shows no more of them.
    for calculation in range(_MOST_CALCULATIONS):
        stored = {(s, p): task.book.value(s, *p) for s, p in sorted(uncomputable)}
        if stored and engine == "auto" and is_template(task.book.names):
            # What stopped our own engine may be a constant now, as a function that no engine has.
            own_task = freeze_cells(task, stored)
            with suppress(EngineError):
                own_support = _make_support_check(own_task)
                run = _run_engine(own_task, engine_named(OWN_ENGINE), own_support)
                return _merge_values(run, support, {}, stored)
        remaining_task = freeze_cells(task, own_values | stored)
        remaining_support = (
            support if remaining_task is task else _make_support_check(remaining_task)
        )
        try:
            if engine == "auto":
                run = _run_fastest(remaining_task, remaining_support)
            else:
                run = _run_engine(
                    remaining_task, engine_named(engine), remaining_support
                )
        except CannotComputeError:
            if not keep or calculation == _MOST_CALCULATIONS - 1:
                raise
            unanswered = (
                _find_cells_without_value(remaining_task, engine) - uncomputable
            )
            if not (newly_uncomputable := _places_if_all_stored(task.book, unanswered)):
                raise
        else:
            if not keep:
                break
            unanswered = _find_unknown_calls(task.book, remaining_support, run.values)
            if not (newly_uncomputable := _places_if_all_stored(task.book, unanswered)):
                break
        uncomputable |= newly_uncomputable
    return (
        _merge_values(run, support, own_values, stored) if own_values or stored else run
    )


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
    values: Values = {
        name: {
            p: stored.get(
                (name, p), own_values.get((name, p), run.values.get(name, {}).get(p))
            )
            for p in sheet.cells.computed()
        }
        for name, sheet in support.book.sheets.items()
        if sheet.cells.computed()
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
    return replace(
        run,
        values=values,
        unverified=(
            *run.unverified,
            *(sorted(unknown) or (Message("doubt.no_engine"),)),
        ),
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
    for candidate in (
        engines_by_speed()[0] if engine == "auto" else [engine_named(engine)]
    ):
        try:
            values = candidate.evaluate(replace(task, partial=True))
        except XlcityError:
            continue
        missing_by_engine.append(
            {
                (sheet.name, sheet.cells.members.get(position, position))
                for sheet in task.book.sheets.values()
                for position in sheet.cells.computed()
                if values.get(sheet.name, {}).get(position) is None
            }
        )
    if not missing_by_engine:
        return set()
    anchors = set.intersection(*missing_by_engine) or min(missing_by_engine, key=len)
    members = {
        (sheet.name, position)
        for sheet in task.book.sheets.values()
        for position, anchor in sheet.cells.members.items()
        if (sheet.name, anchor) in anchors
    }
    return anchors | members


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
