"""Recalculates one workbook in memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from xlcity.errors import CellError, CellValue, doubt_text
from xlcity.messages import Message
from xlcity.recalc.compare import EngineComparison, compare_engines
from xlcity.recalc.engine_selection import (
    EngineRun,
    compute_task,
    compute_values,
    freeze_cells,
)
from xlcity.recalc.engines.protocol import Task, Values
from xlcity.recalc.engines.registry import engine_named
from xlcity.recalc.held_values import find_held_cells
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.support.support_check import refuse_broken_names
from xlcity.xlsx import limits
from xlcity.xlsx.address import Range, full_address, parse_area
from xlcity.xlsx.cells import ReadBook, Sheet, read_book
from xlcity.xlsx.editing.charts import refresh_charts
from xlcity.xlsx.editing.patch import patch_values, write_inputs
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import DEFAULT_TIMEOUT
from xlcity.xlsx.text import same_value

#: Calls whose values no other engine has.
_RANDOM = re.compile(r"\bRAND(?:BETWEEN|ARRAY)?\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recalculated:
    """A workbook computed afresh.

    Attributes
    ----------
    book
        The cells before; `values` are those after.
    values
        Sheet -> position -> value of every formula cell, members of array ranges included.
    engine, version
        What computed it.
    udf_by
        What computed the cells that call the library; ``None`` where there are none.
    formula_cells, udf_cells
        How many cells formulas give the value of, and how many of these call the library.
    errors
        Errors in native cells: a function's #N/A beside a gap is none.
    unverified
        What the workbook uses that the engine is not known to compute as Excel does.
    verified
        How far a second engine agrees, if one was asked.
    notes
        What the person should know about the run.
    find_able_engines
        Returns each doubt about the engine -> the engines that are known to compute it.
    doubtful
        The cells behind `unverified`.
    kept
        Cells that no engine can compute and that keep the value stored.
    doubts
        Why each of the doubtful cells is so.
    shared_errors
        Those of the doubtful cells that are so for an error alone, which a second engine gives,
        too.
    """

    book: ReadBook = field(repr=False)
    values: Values = field(repr=False)
    engine: str
    version: str | None
    udf_by: str | None
    formula_cells: int
    udf_cells: int
    errors: dict[str, int]
    unverified: tuple[str, ...] = ()
    verified: EngineComparison | None = None
    notes: tuple[str, ...] = field(default=())
    find_able_engines: Callable[[], dict[str, tuple[str, ...]]] = field(
        default=dict, repr=False
    )
    doubtful: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    shared_errors: tuple[str, ...] = ()

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return the value of any cell, computed or constant, as it is now."""
        cells = self.values.get(sheet, {})
        return (
            cells[row, column]
            if (row, column) in cells
            else self.book.value(sheet, row, column)
        )

    def block(self, area: Range) -> list[list[CellValue]]:
        """Return the values of an area as `value` does, row by row."""
        computed = self.values.get(area.sheet, {}).get
        rows = []
        for row, line in enumerate(self.book.block(area), area.r1):
            columns = enumerate(line, area.c1)
            rows.append([computed((row, column), old) for column, old in columns])
        return rows

    def as_book(self, values: Values | None = None) -> ReadBook:
        """Return the workbook's cells with the computed values, as its file will have them.

        `values` are other values than the computed ones.
        """
        results = self.values if values is None else values
        sheets = {
            name: replace(sheet, cells=sheet.cells.with_results(results.get(name, {})))
            for name, sheet in self.book.sheets.items()
        }
        return replace(self.book, sheets=sheets)

    @property
    def doubt(self) -> str:
        """A sentence on results that may not be what Excel gives; "" where there are none."""
        return doubt_text(self.unverified, self.engine)

    @property
    def ok(self) -> bool:
        """Whether nothing is left to doubt, and a second engine, if asked, agrees."""
        return not self.unverified and not (self.verified and self.verified.differing)


def recalculate(  # noqa: PLR0913 -- what callers may ask for, by keyword
    package: Package,
    engine: str = "auto",
    timeout: float = DEFAULT_TIMEOUT,
    *,
    verify: str | None = None,
    parallel: bool = True,
    book: ReadBook | None = None,
    keep: bool = False,
) -> Recalculated:
    """Compute every formula cell of a workbook.

    Parameters
    ----------
    package
        The workbook.
    engine
        ``auto``, ``compiled``, ``formualizer``, ``formulas`` or ``libreoffice``.
    timeout
        Seconds an engine may take.
    verify
        A second engine to compute everything again and compare.
    parallel
        Whether an engine may use several threads.
    book
        The cells of `package`, if they are at hand.
    keep
        Whether cells that no engine can compute keep the value stored; such a result is not `ok`.

    Raises
    ------
    EngineError
        If the engine is absent, fails, takes too long or leaves a formula cell without a value.
    WorkbookError
        If the workbook cannot be read, or formulas use names that no engine can compute.
    """
    book = read_book(package) if book is None else book
    refuse_broken_names(book)
    udf_cells = find_udf_cells(book, library_names())
    task = Task(package, book, udf_cells, timeout, parallel=parallel)
    run = compute_task(task, engine, keep=keep)
    name = run.engine.name
    values = run.values
    return Recalculated(
        book=book,
        values=values,
        engine=name,
        version=run.engine.version(),
        udf_by=run.engine.udf_by if task.udf_cells else None,
        formula_cells=sum(map(len, values.values())),
        udf_cells=sum(map(len, task.udf_cells.values())),
        errors=count_native_errors(task, values),
        unverified=run.unverified,
        verified=None if verify is None else _verify_values(task, run, verify),
        notes=(*run.notes, *_remark_on_workbook(package, book, name, verify)),
        find_able_engines=run.find_able_engines,
        doubtful=run.doubtful,
        kept=tuple(full_address(*place) for place in run.kept),
        doubts={full_address(*place): why for place, why in run.doubts.items()},
        shared_errors=tuple(full_address(*place) for place in run.shared_errors),
    )


def _remark_on_workbook(
    package: Package, book: ReadBook, engine: str, verify: str | None
) -> Iterator[str]:
    """Yield notes for the person: on memory, and what verifies nothing."""
    needed = limits.memory_needed(
        (part, len(data)) for part, data in package.parts.items()
    )
    if needed > limits.MUCH_MEMORY:
        yield Message("note.large_workbook", needed=needed / 1e9)
    if verify == engine:
        yield Message("note.compared_with_itself", engine=engine)
    elif verify and any(map(_has_random_numbers, book.sheets.values())):
        yield Message("note.random_numbers")


def _has_random_numbers(sheet: Sheet) -> bool:
    """Return whether a formula of a sheet calls for random numbers."""
    return any(map(_RANDOM.search, sheet.cells.texts().values()))


def _verify_values(task: Task, run: EngineRun, engine: str) -> EngineComparison:
    """Return how far a second engine, given by name, agrees with a run's values.

    Cells that kept the value stored are left out.
    """
    values: Values = {}
    for sheet, cells in run.values.items():
        values[sheet] = {
            position: value
            for position, value in cells.items()
            if (sheet, position) not in run.kept
        }
    second_values = compute_values(freeze_cells(task, run.kept), engine_named(engine))
    return compare_engines(values, second_values, engine)


def count_native_errors(task: Task, values: Values) -> dict[str, int]:
    """Return error -> how many cells have it that call no function of the library.

    Such a function's #N/A beside a missing value is no error.
    """
    counts: Counter[str] = Counter()
    for sheet, cells in values.items():
        if CellError not in set(map(type, cells.values())):
            continue
        udf_cells = task.udf_cells.get(sheet, frozenset())
        for position, value in cells.items():
            if type(value) is CellError and position not in udf_cells:
                counts[str(value)] += 1
    return dict(sorted(counts.items()))


def patch_results(package: Package, result: Recalculated) -> Package:
    """Return the workbook with the new values in its formula cells and in its charts' caches.

    Cells that hold what calls gave last follow.

    Everything else stays byte for byte; where no value changed, so does the whole file.
    """

    def area_named(name: str) -> Range | None:
        """Return the area that a name of the workbook stands for; None if it is no area."""
        text = result.book.names.get(name)
        return None if text is None else parse_area(text)

    def has_changed(sheet: str, row: int, column: int) -> bool:
        """Return whether a cell has another value than before."""
        old = result.book.value(sheet, row, column)
        return not same_value(old, result.value(sheet, row, column))

    new = patch_values(package, result.values, result.book)
    if held := find_held_cells(result.book, result.block):
        new = write_inputs(new, held)
    return refresh_charts(new, result.value, area_named, has_changed)
