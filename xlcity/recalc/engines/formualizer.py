"""The default engine: formualizer, in this process."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from itertools import product
from threading import Thread
from typing import Any

from xlcity.errors import CellError, CellValue, EngineError, Where
from xlcity.messages import Message
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    PythonEngine,
    Task,
    Values,
    cannot_compute_error,
    late_error,
    list_addresses,
    make_circle_error,
)
from xlcity.recalc.library_calls import copy_for_library
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position, Sheet
from xlcity.xlsx.editing.engine_copy import engine_title, with_engine_titles
from xlcity.xlsx.formulas.circles import sort_formulas
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.limits import MAX_UNPACKED, MEMORY_VARIABLE, memory_free, memory_used
from xlcity.xlsx.text import normal_value

#: The version whose behaviour was measured; `auto` uses no other.
PINNED = "0.13.0"

_ERROR_OF_KIND = {
    "Na": CellError.NA,
    "Div": CellError.DIV0,
    "Value": CellError.VALUE,
    "Ref": CellError.REF,
    "Name": CellError.NAME,
    "Num": CellError.NUM,
    "Null": CellError.NULL,
    # Newer than the file format's codes; Excel stores it as #VALUE! too.
    "Calc": CellError.VALUE,
    "Error": CellError.VALUE,
}

#: Limits of the engine's reader, which refuses 128 MB. Ours has looked at the file; the copy, which
#: is not packed, has ten times its size.
_READER_LIMITS = ("max_input_bytes", "max_expanded_bytes", "max_part_bytes")


class Formualizer(PythonEngine):
    """Computes a workbook with formualizer, the library's functions included."""

    name = udf_by = "formualizer"
    measured = PINNED
    turn = 1
    remedy = f"pip install formualizer=={PINNED}"

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        copy = with_engine_titles(copy_for_library(task))
        calculation = Calculation(copy.to_bytes(packed=False), task)
        _require_imported_names(task, calculation.workbook)
        calculation.run()  # sets is_late, faults and failure
        if calculation.is_late:
            raise late_error(task, "formualizer")
        if calculation.faults:
            # Its cells hold #VALUE! now, as if the function had said so.
            raise cannot_compute_error(
                task,
                "formualizer",
                Message("reason.function_failed", fault=calculation.faults[0]),
            )
        return _ValueReader(
            task, calculation.workbook, calculation.failure
        ).read_values()


class Calculation:
    """A workbook of the engine's own, to be calculated once.

    Parameters
    ----------
    copy
        The bytes of the file that the engine loads.
    task
        Time limit and threads, and whether the library is called.

    Attributes
    ----------
    workbook
        The engine's workbook.
    faults
        Functions of the library that failed.
    failure
        The engine's error message, or None; cells may be computed all the same.
    is_late
        Whether it took too long.

    Raises
    ------
    CannotComputeError
        If the engine cannot load it.
    """

    def __init__(self, copy: bytes, task: Task) -> None:
        """Load the file into the engine, with its limits and, if it is called, the library."""
        import formualizer

        self.faults: list[str] = []
        self.failure: str | None = None
        self.is_late = False
        self._timeout = task.timeout
        self._calls = sort_array_calls(task)
        settings = formualizer.EvaluationConfig()
        settings.enable_parallel = task.parallel
        if not task.parallel:
            settings.max_threads = 1
        settings.max_eval_time_ms = max(1, int(task.timeout * 1000))
        config = formualizer.WorkbookConfig(eval_config=settings)
        try:
            workbook = formualizer.Workbook.from_bytes(
                copy,
                config=config,
                load_limits=dict.fromkeys(_READER_LIMITS, MAX_UNPACKED + len(copy)),
            )
        except Exception as error:
            raise cannot_compute_error(task, "formualizer", str(error)) from error
        except BaseException as error:
            # A panic of the Rust library is no Exception, and no reason to stop a batch.
            if type(error).__name__ != "PanicException":
                raise
            raise cannot_compute_error(
                task, "formualizer", Message("reason.failed", error=error)
            ) from error
        if task.udf_cells:
            from xlcity.hosts.formualizer import register_functions

            register_functions(workbook, faults=self.faults)
        workbook.set_temporal_egress("serial")  # dates as the numbers they are
        self.workbook: Any = workbook

    def run(self) -> None:
        """Calculate everything, and set `failure` and `is_late`."""
        self.failure, self.is_late = evaluate_all(
            self.workbook, self._timeout, self._calls
        )


#: Seconds between two checks of the memory.
_MEMORY_INTERVAL = 0.05
#: Threads of calculations that took too long and were abandoned.
_LATE_THREADS: list[Thread] = []


def is_late_calculation_running() -> bool:
    """Return whether a calculation that took too long is still under way."""
    return any(thread.is_alive() for thread in _LATE_THREADS)


def sort_array_calls(task: Task) -> list[Place]:
    """Return the anchors of array formulas that call the library, each after those that it reads.

    The engine does not see that a cell depends on what another formula fills in.
    """
    calls: list[Place] = []
    for name, calling_cells in task.udf_cells.items():
        arrays = task.book.sheets[name].arrays()
        calls += [(name, anchor) for anchor in arrays if anchor in calling_cells]
    return sort_formulas(Graph(task.book), calls) if len(calls) > 1 else []


def evaluate_all(
    workbook: Any, seconds: float, calls: Sequence[Place] = ()
) -> tuple[str | None, bool]:
    """Let the engine calculate all cells of its workbook.

    It checks its own limit between levels of formulas only, and cannot be interrupted. So it
    calculates on a thread, which is abandoned when time is up.

    Parameters
    ----------
    workbook
        The engine's workbook.
    seconds
        The time limit.
    calls
        Cells that are calculated first, in this order.

    Returns
    -------
    tuple
        The engine's error message or None, and whether it took too long.
    """
    reasons: list[str] = []

    def calculate() -> None:
        """Calculate the cells of `calls`, then all; a failure is added to `reasons`."""
        try:
            for sheet, position in calls:
                workbook.evaluate_cell(engine_title(sheet), *position)
            workbook.evaluate_all()
        except Exception as error:
            reasons.append(str(error))
        except BaseException as error:  # a panic of the Rust library
            reasons.append(Message("reason.failed", error=error))

    start = time.monotonic()
    thread = Thread(target=calculate, daemon=True)
    thread.start()
    try:
        _wait_for_calculation(thread, start + seconds)
    except BaseException:
        workbook.cancel()
        if thread.is_alive():
            _LATE_THREADS.append(thread)
        raise
    if thread.is_alive():
        workbook.cancel()
        _LATE_THREADS.append(thread)
        return None, True
    failure = reasons[0] if reasons else None
    return failure, failure is not None and time.monotonic() - start >= seconds


def _wait_for_calculation(thread: Thread, deadline: float) -> None:
    """Wait for a calculation until a deadline (of `time.monotonic`).

    Raises
    ------
    EngineError
        If it takes more than the free memory: texts that double from cell to cell have no end in
        an engine without Excel's limit of 32,767 characters.
    """
    free = memory_free()
    before = memory_used()
    while thread.is_alive() and (seconds_left := deadline - time.monotonic()) > 0:
        thread.join(min(seconds_left, _MEMORY_INTERVAL))
        if free is not None and thread.is_alive() and memory_used() - before > free:
            raise EngineError.of(
                "XC408.formualizer", free=free / 1e6, variable=MEMORY_VARIABLE
            )


def _require_imported_names(task: Task, workbook: Any) -> None:
    """Raise `CannotComputeError` if a formula uses a name that the engine did not import.

    It would give #NAME? for it. `workbook` is the engine's.
    """
    names = [
        str(refusal.get("name", "")) for refusal in workbook.name_import_diagnostics
    ]
    if not names:
        return
    pattern = re.compile(
        rf"(?<![\w.])(?:{'|'.join(map(re.escape, names))})(?![\w.(])", re.IGNORECASE
    )
    for sheet in task.book.sheets.values():
        for position, formula in sheet.cells.texts().items():
            if match := pattern.search(formula):
                address = f"{sheet.name}!{cell_name(*position)}"
                raise cannot_compute_error(
                    task,
                    "formualizer",
                    Message("reason.no_value_for_name", name=match[0], cell=address),
                )


class _ValueReader:
    """Reads the values of the task's workbook from `workbook`, the engine's own, which is computed.

    `failure` is the engine's error message, or None; `circular` and `absent` are the cells without
    a value so far: those of a circle or behind one, and others; `cancelled` says whether the
    calculation was cancelled before it had computed a cell.
    """

    def __init__(self, task: Task, workbook: Any, failure: str | None) -> None:
        """Take a computed workbook; no cell without a value is known yet."""
        self.task = task
        self.workbook = workbook
        self.failure = failure
        self.circular: list[tuple[str, Position]] = []
        self.absent: list[tuple[str, Position]] = []
        self.cancelled = False

    def read_values(self) -> Values:
        """Return the value of every formula cell.

        Raises
        ------
        EngineError
            If cells are circular or have none, unless the task is a partial one.
        """
        values = {}
        get_value = self.workbook.get_value
        is_finite = math.isfinite
        for sheet in self.task.book.sheets.values():
            name = sheet.name
            title = engine_title(name)
            computed: dict[Position, CellValue] = {}
            for position in sheet.cells.computed():
                raw = get_value(title, *position)
                kind = type(raw)
                # Texts and finite numbers are most of the cells and are taken as they are.
                if kind is str or (kind is float and is_finite(raw)):
                    computed[position] = raw
                else:
                    computed[position] = self._convert_value(name, position, raw)
            if computed:
                self._fill_array_ranges(sheet, computed)
                values[sheet.name] = computed
        self._require_computed()
        return values

    def _convert_value(self, sheet: str, position: Position, raw: object) -> CellValue:
        """Return the engine's value of a cell as ours; None if it has none.

        Then the cell is added to `circular` or `absent`, or `cancelled` is set. `raw` is the value:
        an error or the lack of a value is a dictionary with its `kind`.
        """
        if isinstance(raw, dict):
            kind = raw.get("kind")
            if kind in _ERROR_OF_KIND:
                return _ERROR_OF_KIND[kind]
            if kind == "Circ":
                self.circular.append((sheet, position))
            elif kind == "Cancelled":
                self.cancelled = True
            else:
                self.absent.append((sheet, position))
            return None
        return normal_value(raw)

    def _fill_array_ranges(
        self, sheet: Sheet, computed: dict[Position, CellValue]
    ) -> None:
        """Fill the cells of array ranges that the engine left without a value, as Excel does.

        A result of a single row or column is repeated over the range; cells beyond another result
        are #N/A. `computed` has the values of the sheet's formula cells, and is changed in place.
        """
        for anchor, ref in sheet.arrays().items():
            r1, c1, r2, c2 = parse_range(ref)
            if computed.get(anchor) is None:  # the formula has no result to be repeated
                continue
            block = list(product(range(r1, r2 + 1), range(c1, c2 + 1)))
            filled = [place for place in block if computed.get(place) is not None]
            # The result has one row, or one column, if nothing stands beyond the first.
            is_one_row = all(row == r1 for row, _ in filled)
            is_one_column = all(column == c1 for _, column in filled)
            for row, column in block:
                if computed.get((row, column)) is not None:
                    continue
                source_row = r1 if is_one_row else row
                source_column = c1 if is_one_column else column
                value = computed.get((source_row, source_column))
                computed[row, column] = CellError.NA if value is None else value

    def _require_computed(self) -> None:
        """Raise the error for a cancelled calculation, or for cells without value.

        The latter may stay without in a partial task.
        """
        book = self.task.book
        if self.cancelled:
            raise late_error(self.task, "formualizer")
        if self.task.partial:
            return
        if self.circular:
            raise make_circle_error(book, "formualizer", self.circular)
        if self.absent:
            key = "XC510.cells_because" if self.failure else "XC510.cells"
            raise CannotComputeError.of(
                key,
                Where(file=book.file),
                hint=Message("hint.use_libreoffice"),
                number=len(self.absent),
                cells=list_addresses(self.absent),
                failure=self.failure,
            )
