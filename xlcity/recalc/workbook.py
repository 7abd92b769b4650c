"""Recalculates one workbook in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from xlcity.errors import CellError, CellValue
from xlcity.recalc.compare import Comparison, compare
from xlcity.recalc.early import Early, begin
from xlcity.recalc.features import features
from xlcity.recalc.keep import compute
from xlcity.recalc.protocol import Task, Values
from xlcity.recalc.soundness import is_template
from xlcity.recalc.udf import find_udf_cells, library_names
from xlcity.xlsx.address import Area, cell_name, parse_area, quote_sheet
from xlcity.xlsx.cells import Book, BookReader, Recomputed
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
        What the workbook uses that the engine is not known to compute as Excel does, and that
        no other engine confirmed.
    verified
        How far a second engine agrees, if one was asked.
    notes
        What the person should know about the run.
    able
        Each of the `unverified` -> the engines that are known to compute it.
    doubtful
        The cells behind `unverified`.
    kept
        Cells that no engine can compute and that keep the value stored.
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
    able: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return the value of any cell, computed or constant, as it is now."""
        cells = self.values.get(sheet, {})
        if (row, column) in cells:
            return cells[row, column]
        return self.book.value(sheet, row, column)

    def as_book(self) -> Book:
        """Return the workbook's cells with the computed values, as its file will have them."""
        sheets = {
            name: Recomputed.of(sheet, self.values.get(name, {}))
            for name, sheet in self.book.sheets.items()
        }
        return replace(self.book, sheets=dict(sheets))

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
    keep: bool = False,
) -> Recalculated:
    """Compute every formula cell of a workbook.

    Parameters
    ----------
    package
        The workbook.
    engine
        ``auto``, ``formualizer``, ``formulas``, ``ironcalc`` or ``libreoffice``.
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
        If the workbook cannot be read.
    """
    early = None
    if book is None:
        reader = BookReader(package)
        if parallel and (
            engine == "formualizer" or (engine == "auto" and is_template(reader.names))
        ):
            early = begin(reader, timeout)
    try:
        book = reader.book() if book is None else book
        return _computed(
            package, book, engine, timeout, verify, early, parallel=parallel, keep=keep
        )
    finally:
        if early is not None:
            early.cancel()


def _computed(
    package: Package,
    book: Book,
    engine: str,
    timeout: float,
    verify: str | None,
    early: Early | None,
    *,
    parallel: bool,
    keep: bool,
) -> Recalculated:
    names = library_names()
    udf_cells = find_udf_cells(book, names)
    task = Task(package, book, udf_cells, timeout, parallel, ahead=early)
    computed = compute(task, features(package), engine, keep=keep)
    run = computed.run
    second = None if verify is None else computed.trial.ask(verify)
    name, values, notes = run.engine.name, run.values, [*run.notes]
    verified = None
    if verify is not None and second is not None:
        if verify == name:
            notes.append(f"{name} was compared with itself, which verifies nothing.")
        verified = compare(
            {
                sheet: {p: v for p, v in cells.items() if (sheet, p) not in computed.kept}
                for sheet, cells in values.items()
            }
            if computed.kept
            else values,
            second,
            verify,
        )
    return Recalculated(
        book,
        values,
        name,
        run.engine.version(),
        run.engine.udf_by if task.udf_cells else None,
        sum(map(len, values.values())),
        sum(map(len, task.udf_cells.values())),
        _native_errors(task, values),
        (*run.unverified, *computed.why),
        verified,
        tuple(notes),
        run.able,
        run.doubtful,
        tuple(f"{quote_sheet(s)}!{cell_name(*p)}" for s, p in computed.kept),
    )


def _native_errors(task: Task, values: Values) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for sheet, cells in values.items():
        if CellError not in set(map(type, cells.values())):
            continue
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
