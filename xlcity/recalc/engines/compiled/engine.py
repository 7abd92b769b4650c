"""The engine that compiles: formulas become Python functions, each shape once."""

from __future__ import annotations

import marshal
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import CodeType
from typing import Any

import numpy as np

from xlcity.errors import CellValue, EngineError
from xlcity.functions.session import declared_functions
from xlcity.functions.settings import own_files
from xlcity.messages import Message
from xlcity.recalc.engines.compiled.blocks import CellArea
from xlcity.recalc.engines.compiled.calls import NAMES_IN_CODE
from xlcity.recalc.engines.compiled.changes import Changes
from xlcity.recalc.engines.compiled.program import (
    Compiler,
    Program,
    SheetGrid,
    read_numbers,
)
from xlcity.recalc.engines.compiled.values import HUGE, DoubtError, UntranslatableError
from xlcity.recalc.engines.protocol import (
    PythonEngine,
    Task,
    Values,
    cannot_compute_error,
    late_error,
)
from xlcity.recalc.library_calls import library_names
from xlcity.recalc.support.support_check import formulas_digest
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.table import CellTable
from xlcity.xlsx.user_cache import find_entry, is_for_record, keep_entry

#: Programs by what they were made from, or why there is none.
PROGRAMS: dict[object, Program | str] = {}
_MOST_PROGRAMS = 8
#: The program that ran last, its typed values and all values: see `Changes`.
_LAST_RUN: list[tuple[Program, list[CellValue], list[CellValue]]] = []
#: Cells of the largest program whose values are kept for that.
_MOST_KEPT_CELLS = 1 << 21
#: Kind of entry in the user's cache.
_KIND = "program"


class Compiled(PythonEngine):
    """Computes a workbook with functions made of its formulas."""

    name = "compiled"
    udf_by = "xlcity"
    remedy = ""

    def version(self) -> str | None:
        """Return the version of the package."""
        from xlcity import __version__

        return __version__

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        with _engine_errors_only(task):
            if not task.partial:
                return _run_program(task, find_or_compile_program(task.book), {})
            return _evaluate_what_compiles(task)

    def evaluate_with(self, task: Task, inputs: Mapping[Place, CellValue]) -> Values:
        """Return the value of every formula cell with other values in some typed cells."""
        with _engine_errors_only(task):
            return _run_program(task, find_or_compile_program(task.book), inputs)


@contextmanager
def _engine_errors_only(task: Task) -> Iterator[None]:
    """Silence numpy in a ``with`` block, and turn all exceptions in it into `EngineError`.

    `task` has the workbook that the error names.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except (UntranslatableError, DoubtError) as error:
        raise cannot_compute_error(
            task, Compiled.name, Message("reason.lacks", error=error)
        ) from error
    except EngineError:
        raise
    except Exception as error:
        raise cannot_compute_error(
            task, Compiled.name, Message("reason.formula_failed", error=error)
        ) from error


def _evaluate_what_compiles(task: Task) -> Values:
    """Return the values of the formulas that can be computed, with None for the others.

    Formulas that turn out to fail or to be in doubt are left out, with all that reads them, and the
    rest is computed again.
    """
    left_out: set[int] = set()
    while True:
        program = Compiler(task.book, library_names(), left_out).compile()
        doubted: set[int] = set()  # takes the cells that cannot be computed, by index
        values = _run_program(task, program, {}, doubted)
        if not doubted:
            return values
        left_out |= doubted


def _run_program(
    task: Task,
    program: Program,
    inputs: Mapping[Place, CellValue],
    doubted: set[int] | None = None,
) -> Values:
    """Return the values of all formula cells of a program.

    Parameters
    ----------
    task, program
        The workbook, and the program compiled of it.
    inputs
        Values of typed cells in place of those that the workbook stores.
    doubted
        Takes the indices of cells whose formulas fail or are in doubt; without it these raise.
    """
    typed = _typed_values(program, task.book, inputs)
    # Functions of one's own may give another value for the same arguments.
    has_own = bool(own_files() or declared_functions())
    is_kept = doubted is None and program.size < _MOST_KEPT_CELLS and not has_own
    changes = _changes_since_last_run(program, typed) if is_kept else None
    values = typed.copy() if changes is None else changes.values
    areas = [CellArea(values, *spec) for spec in program.areas]
    deadline = time.monotonic() + task.timeout
    functions = [make_function(code) for code in program.codes]
    for function_number, count, stored_parameters, unused_areas in program.batches:
        # Of each formula the parameters, the first of which is the index of its cell.
        parameters = read_numbers(stored_parameters).reshape(count, -1)
        if changes is not None:
            parameters = changes.find_affected(function_number, parameters)
        parameter_rows = parameters.tolist()
        run = partial(functions[function_number], values, areas, program.names)
        if doubted is None:
            run(parameter_rows)
        else:
            doubted.update(row[0] for row in parameter_rows if not _succeeds(run, row))
        if changes is not None:
            changes.note_computed(function_number, parameter_rows)
        for area in unused_areas:
            areas[area].forget_values()
        if time.monotonic() > deadline:
            raise late_error(task, Compiled.name)
    computed = _computed_values(program, task.book, values)
    _LAST_RUN[:] = [(program, typed, values)] if is_kept else []
    return computed


def _changes_since_last_run(program: Program, typed: list[CellValue]) -> Changes | None:
    """Return what has changed since this process ran a program last; None if that is no use.

    Where many values have changed, as in another copy of a template, nearly all is computed again.
    """
    for last_program, typed_before, values_before in _LAST_RUN:
        if last_program is not program:
            continue
        changes = Changes(program, typed, typed_before, values_before)
        filled = len(typed) - typed.count(None)
        return changes if 10 * changes.count <= filled else None
    return None


def _computed_values(
    program: Program, book: ReadBook, values: list[CellValue]
) -> Values:
    """Return the values of formula cells by sheet and position, None for those not computed.

    `values` are those of all cells, by the indices that the program gives them. `DoubtError` for
    infinite ones.
    """
    values_by_sheet: Values = {}
    for sheet in book.sheets.values():
        indices = read_numbers(program.outputs[sheet.name]).tolist()
        if not indices:
            continue
        computed = list(map(values.__getitem__, indices))
        _require_finite(computed)
        if program.missing:
            pairs = zip(indices, computed, strict=True)
            computed = [None if i in program.missing else value for i, value in pairs]
        positions = sheet.cells.computed()
        values_by_sheet[sheet.name] = dict(zip(positions, computed, strict=True))
    return values_by_sheet


def _succeeds(
    run: Callable[[list[list[int]]], None],
    parameters: list[int],
) -> bool:
    """Compute one formula; return whether it neither fails nor is in doubt.

    `run` computes formulas of one code, a list of parameters for each; `parameters` is one of them.
    """
    try:
        run([parameters])
    except Exception:
        return False
    return True


def _require_finite(computed: Iterable[CellValue]) -> None:
    """Raise `DoubtError` for results that are infinite or NaN."""
    numbers = [value for value in computed if value.__class__ is float]
    # A sum that is finite is one of finite numbers.
    if not math.isfinite(sum(numbers)) and not all(map(math.isfinite, numbers)):
        raise DoubtError(Message("doubt.beyond_limits"))


def find_or_compile_program(book: ReadBook) -> Program:
    """Return the program of a workbook; copies of one template have the same.

    It is cached in this process and in the user's folder, which saves `recalc` 0.7 s of processor
    for image2025, 1.0 s for iecc2024. Also cached is why a workbook has none.

    Raises
    ------
    UntranslatableError
        If a formula uses what this engine does not have.
    """
    sheets = []
    for sheet in book.sheets.values():
        arrays = tuple(sheet.arrays().items())
        sheets.append((sheet.name, sheet.cells.digest(), arrays))
    key = (
        tuple(sheets),
        tuple(book.names.items()),
        tuple(book.local_names.items()),
    )
    program = None if is_for_record() else PROGRAMS.get(key)
    if program is None:
        program = _load_or_compile_program(book)
        if len(PROGRAMS) >= _MOST_PROGRAMS:
            PROGRAMS.pop(next(iter(PROGRAMS)))  # the oldest
        PROGRAMS[key] = program
    if isinstance(program, str):
        raise UntranslatableError(program)
    return program


def _load_or_compile_program(book: ReadBook) -> Program | str:
    """Return a workbook's program from the user's cache, or compile it; or why there is none."""
    digest = formulas_digest(book, library_names(), "compiled")
    if digest is None:
        return _compile_or_reason(book)
    program = _find_cached_program(digest)
    if program is None:
        program = _compile_or_reason(book)
        keep_entry(_KIND, digest, _to_content(program))
    return program


def _to_content(program: Program | str) -> bytes:
    """Return a program, or why there is none, as it is stored."""
    return marshal.dumps(program) if isinstance(program, str) else program.to_bytes()


def _compile_or_reason(book: ReadBook) -> Program | str:
    """Return the program that computes a workbook, or in words why there is none."""
    try:
        return Compiler(book, library_names()).compile()
    except UntranslatableError as error:
        return str(error)


def _find_cached_program(digest: str) -> Program | str | None:
    """Return a program, or why there is none, from the user's cache; None if it is not stored."""
    content = find_entry(_KIND, digest)
    if content is None:
        return None
    try:
        stored = marshal.loads(content)
        return stored if isinstance(stored, str) else Program(*stored)
    except (ValueError, EOFError, TypeError):
        return None  # of another version of Python


def _typed_values(
    program: Program, book: ReadBook, inputs: Mapping[Place, CellValue]
) -> list[CellValue]:
    """Return the values of all cells of a program's grids, None where a formula gives them.

    `inputs` has values of typed cells in place of those that the workbook stores. Cells of a grid
    stand column by column; rows and columns count from 1. Members of array formulas are results
    too. `DoubtError` if a number is `HUGE`.
    """
    values: list[CellValue] = [None] * program.size
    for sheet in book.sheets.values():
        grid = SheetGrid(*program.grids[sheet.name])
        cells = sheet.cells
        match = partial(_match_typed_cells, cells, grid)
        grid_indices, table_indices = cells.keep("typed cells", grid, match)
        stored = map(cells.stored.__getitem__, table_indices)
        for index, value in zip(grid_indices, stored, strict=True):
            values[index] = value
    for (name, position), value in inputs.items():
        if position not in book.sheets[name].cells.members:
            values[SheetGrid(*program.grids[name]).index_of(*position)] = value
    values[0] = None  # what stands outside of the grids
    numbers = [value for value in values if value.__class__ is float]
    if numbers and (max(numbers) >= HUGE or min(numbers) <= -HUGE):
        raise DoubtError(Message("doubt.beyond_limits"))
    return values


def _match_typed_cells(
    cells: CellTable, grid: SheetGrid
) -> tuple[list[int], list[int]]:
    """Return the indices that a grid gives the typed cells inside it, and theirs in the table."""
    offset = grid.offset
    rows = grid.rows
    columns = grid.columns
    # start: where (0, 0) would be
    start = offset - rows - 1
    members = cells.members
    places = enumerate(zip(cells.positions, cells.formula_flags, strict=True))
    pairs = [
        (start + column * rows + row, index)
        for index, ((row, column), has_formula) in places
        if not has_formula
        and row <= rows
        and column <= columns
        and (row, column) not in members
    ]
    return [index for index, _ in pairs], [index for _, index in pairs]


def make_function(code: CodeType) -> Callable[..., None]:
    """Return the function that a formula's code defines."""
    space: dict[str, Any] = dict(NAMES_IN_CODE)
    exec(code, space)
    function: Callable[..., None] = space["formula"]
    return function
