"""The engine that compiles: formulas become Python functions, each shape once."""

from __future__ import annotations

import marshal
import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from xlcity.errors import CellValue, EngineError
from xlcity.recalc.engines.compiled.blocks import areas_of
from xlcity.recalc.engines.compiled.calls import NAMES
from xlcity.recalc.engines.compiled.code import UntranslatableError
from xlcity.recalc.engines.compiled.order import Cell, Cells
from xlcity.recalc.engines.compiled.program import Compiler, Program
from xlcity.recalc.engines.compiled.values import HUGE, DoubtError
from xlcity.recalc.engines.protocol import Task, Values, refused, too_long
from xlcity.recalc.library_calls import library_names
from xlcity.recalc.support.workbook_features import formulas_digest
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.user_cache import find_entry, keep_entry

_FUNCTIONS: dict[str, Callable[..., None]] = {}
#: Programs by what they were made from, or why there is none.
PROGRAMS: dict[object, Program | str] = {}
_MOST_PROGRAMS = 8
_KIND = "program"


class Compiled:
    """Computes a workbook with functions made of its formulas."""

    name = "compiled"
    udf_by = "xlcity"
    remedy = ""
    measured = ""
    turn = 0

    def version(self) -> str | None:
        """Return the version of the package."""
        from xlcity import __version__

        return __version__

    def available(self) -> bool:
        """Return that it is there."""
        return True

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        with calculating(task):
            if not task.partial:
                return _computed(task, program_of(task.book))
            return _as_far_as_possible(task)


@contextmanager
def calculating(task: Task) -> Iterator[None]:
    """Calculate without warnings, and make an engine error of all that may go wrong."""
    try:
        with np.errstate(all="ignore"):
            yield
    except (UntranslatableError, DoubtError) as error:
        raise refused(task, Compiled.name, f"it does not have {error}") from error
    except EngineError:
        raise
    except Exception as error:
        raise refused(task, Compiled.name, f"a formula failed ({error})") from error


def _as_far_as_possible(task: Task) -> Values:
    """Return the values of the formulas that can be computed, with ``None`` for the others."""
    without: set[int] = set()
    while True:
        program = Compiler(task.book, library_names(), without).program()
        doubted: set[int] = set()
        values = _computed(task, program, doubted)
        if not doubted:
            return values
        without |= doubted


def _computed(task: Task, program: Program, doubted: set[int] | None = None) -> Values:
    """Return the values of a program; the places of formulas in doubt are noted, if they may be."""
    values = constants(program, task.book)
    areas = areas_of(program.areas, values)
    deadline = time.monotonic() + task.timeout
    functions = [function(code) for code in program.codes]
    for batch in program.batches:
        number, _, _, done = batch
        cells = program.cells(batch)
        run = partial(functions[number], values, areas, program.names)
        if doubted is None:
            run(cells)
        else:
            doubted.update(cell[0] for cell in cells if not _done(run, cell))
        for area in done:
            areas[area].forget()
        if time.monotonic() > deadline:
            raise too_long(task, "compiled")
    values_by_sheet: Values = {}
    for sheet in task.book.sheets.values():
        places = program.outputs[sheet.name].tolist()
        if places:
            computed = list(map(values.__getitem__, places))
            require_finite(computed)
            if program.missing:
                pairs = zip(places, computed, strict=True)
                computed = [None if p in program.missing else value for p, value in pairs]
            values_by_sheet[sheet.name] = dict(zip(sheet.cells.computed(), computed, strict=True))
    return values_by_sheet


def _done(run: Callable[[Cells], None], cell: Cell) -> bool:
    """Compute one formula; return whether there is no doubt."""
    try:
        run([cell])
    except Exception:
        return False
    return True


def require_finite(computed: Iterable[CellValue]) -> None:
    """Refuse results that are beyond the limits of numbers."""
    numbers = [value for value in computed if value.__class__ is float]
    # A sum that is finite is one of finite numbers.
    if not math.isfinite(sum(numbers)) and not all(map(math.isfinite, numbers)):
        raise DoubtError("numbers beyond the limits")


def program_of(book: ReadBook) -> Program:
    """Return the program of a workbook; copies of one template have the same.

    It is kept for this process and in the user's cache, which saves `recalc` 0.7 s of processor for
    image2025, 1.0 s for iecc2024.
    """
    key = (
        tuple((s.name, s.cells.digest(), tuple(s.arrays().items())) for s in book.sheets.values()),
        tuple(book.names.items()),
        tuple(book.local_names),
    )
    if (program := PROGRAMS.get(key)) is None:
        digest = formulas_digest(book, library_names(), "compiled")
        program = None if digest is None else _kept(digest)
        if program is None:
            program = _made(book)
            if digest is not None:
                content = marshal.dumps(program) if isinstance(program, str) else program.content()
                keep_entry(_KIND, digest, content)
        if len(PROGRAMS) >= _MOST_PROGRAMS:
            PROGRAMS.pop(next(iter(PROGRAMS)))
        PROGRAMS[key] = program
    if isinstance(program, str):
        raise UntranslatableError(program)
    return program


def _made(book: ReadBook) -> Program | str:
    """Return the program of a workbook, or why there is none."""
    try:
        return Compiler(book, library_names()).program()
    except UntranslatableError as error:
        return str(error)


def _kept(digest: str) -> Program | str | None:
    content = find_entry(_KIND, digest)
    try:
        stored = None if content is None else marshal.loads(content)
        return stored if stored is None or isinstance(stored, str) else Program.read(stored)
    except (ValueError, EOFError, TypeError):
        return None  # of another version of Python


def constants(program: Program, book: ReadBook) -> list[CellValue]:
    """Return the values of all cells, with blanks where formulas give them."""
    values: list[CellValue] = [None] * program.size
    for sheet in book.sheets.values():
        offset, rows, columns = program.grids[sheet.name]
        members = sheet.cells.members
        start = offset - rows - 1
        for position, value in sheet.cells.constants():
            row, column = position
            if row <= rows and column <= columns and position not in members:
                values[start + column * rows + row] = value
    require_in_limits(values)
    return values


def require_in_limits(values: Iterable[CellValue]) -> None:
    """Refuse typed numbers that are beyond the limits."""
    numbers = [value for value in values if value.__class__ is float]
    if numbers and (max(numbers) >= HUGE or min(numbers) <= -HUGE):
        raise DoubtError("numbers beyond the limits")


def function(code: str) -> Callable[..., None]:
    """Return the function that a source is."""
    if code not in _FUNCTIONS:
        space: dict[str, Any] = dict(NAMES)
        try:
            exec(compile(code, "<formula>", "exec"), space)
        except (SyntaxError, RecursionError, MemoryError) as error:
            raise UntranslatableError("a formula as deep as this") from error
        _FUNCTIONS[code] = space["formula"]
    return _FUNCTIONS[code]
