"""Recalculates one workbook in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import Comparison, compare
from xlcity.recalc.engines import Choice, choose
from xlcity.recalc.protocol import CannotComputeError, Task, Values, require_complete
from xlcity.recalc.soundness import unsound
from xlcity.recalc.udf import find_udf_cells, library_names
from xlcity.xlsx.address import Area, parse_area
from xlcity.xlsx.cells import Book, read_book
from xlcity.xlsx.charts import refresh_charts
from xlcity.xlsx.package import Package
from xlcity.xlsx.patch import patch_values
from xlcity.xlsx.text import same_value

#: Seconds per file. `formulas` takes 3 ms a cell: five minutes for the largest template.
DEFAULT_TIMEOUT = 1200.0


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
    """

    book: Book
    values: Values
    engine: str
    version: str | None
    udf_by: str | None
    formula_cells: int
    udf_cells: int
    errors: dict[str, int]
    unverified: tuple[str, ...] = ()
    verified: Comparison | None = None
    notes: tuple[str, ...] = field(default=())

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return the value of any cell, computed or constant, as it is now."""
        cells = self.values.get(sheet, {})
        if (row, column) in cells:
            return cells[row, column]
        return self.book.value(sheet, row, column)

    @property
    def ok(self) -> bool:
        """Whether nothing is left to doubt."""
        return not self.unverified and not (self.verified and self.verified.differing)


def recalculate(
    package: Package,
    engine: str = "auto",
    timeout: float = DEFAULT_TIMEOUT,
    *,
    verify: str | None = None,
    parallel: bool = True,
    book: Book | None = None,
) -> Recalculated:
    """Compute every formula cell of a workbook.

    Parameters
    ----------
    package
        The workbook.
    engine
        ``auto``, ``formualizer``, ``formulas`` or ``libreoffice``.
    timeout
        Seconds an engine may take.
    verify
        A second engine to compute everything again and compare.
    parallel
        Whether an engine may use several threads.
    book
        The cells of `package`, if they are at hand.

    Raises
    ------
    EngineError
        If the engine is absent, fails, takes too long or leaves a formula cell without a value.
    WorkbookError
        If the workbook cannot be read.
    """
    book = read_book(package) if book is None else book
    names = library_names()
    task = Task(package, book, find_udf_cells(book, names), timeout, parallel)
    choice, values = _compute(task, engine)
    name = choice.engine.name
    notes = [choice.note] if choice.note else []
    unverified = unsound(book, name, names)
    verified = None
    if verify is not None:
        second, again = _compute(task, verify)
        if second.engine.name == name:
            notes.append(f"{name} was compared with itself, which verifies nothing.")
        verified = compare(values, again, second.engine.name)
        if not verified.differing and second.engine.name != name:
            unverified = []
    return Recalculated(
        book,
        values,
        name,
        choice.engine.version(),
        choice.engine.udf_by if task.udf_cells else None,
        sum(map(len, values.values())),
        sum(map(len, task.udf_cells.values())),
        _native_errors(task, values),
        tuple(unverified),
        verified,
        tuple(notes),
    )


def _compute(task: Task, name: str) -> tuple[Choice, Values]:
    choice = choose(name)
    try:
        return choice, _complete(task, choice)
    except CannotComputeError as error:
        # Only `auto` may take another engine than the one it was told.
        if name != "auto" or choice.engine.name == "libreoffice":
            raise
        try:
            other = choose("libreoffice")
        except Exception:
            raise error from None
        note = f"{error.problems[0].message} LibreOffice computes instead."
        other = Choice(other.engine, note)
        return other, _complete(task, other)


def _complete(task: Task, choice: Choice) -> Values:
    values = choice.engine.evaluate(task)
    require_complete(task.book, values, choice.engine.name)
    return values


def _native_errors(task: Task, values: Values) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for sheet, cells in values.items():
        udf = task.udf_cells.get(sheet, frozenset())
        errors = [(p, value) for p, value in cells.items() if type(value) is CellError]
        counts.update(str(value) for position, value in errors if position not in udf)
    return dict(sorted(counts.items()))


def patched(package: Package, result: Recalculated) -> Package:
    """Return the workbook with the new values in its formula cells and in its charts' caches.

    Everything else stays byte for byte; where no value changed, so does the whole file.
    """

    def named(name: str) -> Area | None:
        text = result.book.names.get(name)
        return None if text is None else parse_area(text)

    def changed(sheet: str, row: int, column: int) -> bool:
        old = result.book.value(sheet, row, column)
        return not same_value(old, result.value(sheet, row, column))

    new = patch_values(package, result.values, result.book)
    return refresh_charts(new, result.value, named, changed)
