"""The default engine: formualizer, in this process."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from threading import Thread
from typing import Any

from xlcity.errors import CellError, CellValue, EngineError, counted
from xlcity.hosts.formualizer import PART
from xlcity.recalc.engines.circular import make_circle_error
from xlcity.recalc.engines.protocol import (
    CannotComputeError,
    PythonEngine,
    Task,
    Values,
    list_addresses,
    refused,
    too_long,
)
from xlcity.recalc.library_calls import library_names, plain_calls
from xlcity.xlsx.address import cell_name, parse_range
from xlcity.xlsx.cells import Position, Sheet
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.formulas.circles import sort_formulas
from xlcity.xlsx.formulas.graph import Graph, Place
from xlcity.xlsx.limits import MAX_UNPACKED, MEMORY_VARIABLE, memory_free, memory_used
from xlcity.xlsx.text import normal_value

#: The version whose behaviour was measured; `auto` uses no other.
PINNED = "0.13.0"

_ERRORS = {
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
_LIMITS = ("max_input_bytes", "max_expanded_bytes", "max_part_bytes")


class Formualizer(PythonEngine):
    """Computes a workbook with formualizer, the library's functions included."""

    name = udf_by = "formualizer"
    measured = PINNED
    turn = 1
    remedy = f"pip install formualizer=={PINNED}"

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        copy = engine_copy(
            task.package,
            task.book,
            plain_calls(library_names()),
            calling=task.udf_cells,
            blocks=large_arrays(task),
        )
        calculation = Calculation(copy.to_bytes(packed=False), task)
        _require_names(task, calculation.workbook)
        calculation.run()
        if calculation.late:
            raise too_long(task, "formualizer")
        if calculation.faults:
            # Its cells hold #VALUE! now, as if the function had said so.
            raise refused(task, "formualizer", f"a function failed ({calculation.faults[0]})")
        return _FormualizerValues(task, calculation.workbook, calculation.failure).values()


class Calculation:
    """A workbook of the engine's own, to be calculated once.

    Parameters
    ----------
    copy
        What the engine is to load: the bytes of a file.
    task
        Time limit and threads, and whether the library is called.

    Attributes
    ----------
    workbook
        The engine's workbook.
    faults
        Functions of the library that failed.
    failure
        What the engine said, which may have computed all the same: the cells will tell.
    late
        Whether it took too long.

    Raises
    ------
    CannotComputeError
        If the engine cannot load it.
    """

    def __init__(self, copy: bytes, task: Task) -> None:
        import formualizer

        self.faults: list[str] = []
        self.failure: str | None = None
        self.late = False
        self._timeout = task.timeout
        self._calls = sorted_calls(task)
        settings = formualizer.EvaluationConfig()
        settings.enable_parallel = task.parallel
        if not task.parallel:
            settings.max_threads = 1
        settings.max_eval_time_ms = max(1, int(task.timeout * 1000))
        config = formualizer.WorkbookConfig(eval_config=settings)
        try:
            workbook = formualizer.Workbook.from_bytes(
                copy, config=config, load_limits=dict.fromkeys(_LIMITS, MAX_UNPACKED + len(copy))
            )
        except Exception as error:
            raise refused(task, "formualizer", str(error)) from error
        except BaseException as error:
            # A panic of the Rust library is no Exception, and no reason to stop a batch.
            if type(error).__name__ != "PanicException":
                raise
            raise refused(task, "formualizer", f"it failed ({error})") from error
        if task.udf_cells:
            from xlcity.hosts.formualizer import register

            register(workbook, faults=self.faults)
        workbook.set_temporal_egress("serial")  # dates as the numbers they are
        self.workbook: Any = workbook

    def run(self) -> None:
        """Calculate everything; what goes wrong is kept."""
        self.failure, self.late = evaluate(self.workbook, self._timeout, self._calls)


#: Seconds between two looks at the memory.
_LOOK = 0.05
#: Calculations that took too long and were left to themselves.
_LEFT: list[Thread] = []


def left_running() -> bool:
    """Return whether a calculation that took too long is still under way."""
    return any(thread.is_alive() for thread in _LEFT)


def sorted_calls(task: Task) -> list[Place]:
    """Return the array formulas that call the library, each behind those that it reads.

    The engine does not see that a cell depends on what another formula fills in.
    """
    calls = [
        (name, anchor)
        for name, udf in task.udf_cells.items()
        for anchor in task.book.sheets[name].arrays()
        if anchor in udf
    ]
    return sort_formulas(Graph(task.book), calls) if len(calls) > 1 else []


def evaluate(workbook: Any, seconds: float, calls: Sequence[Place] = ()) -> tuple[str | None, bool]:
    """Let the engine calculate; return what it said, and whether it took too long.

    The `calls` are calculated before all else, in their order.

    Its own limit is looked at between levels of formulas only, and it cannot be interrupted. So
    it calculates on a thread, which is left to itself when time is up.
    """
    reasons: list[str] = []

    def calculate() -> None:
        try:
            for sheet, position in calls:
                workbook.evaluate_cell(sheet, *position)
            workbook.evaluate_all()
        except Exception as error:
            reasons.append(str(error))
        except BaseException as error:  # a panic of the Rust library
            reasons.append(f"it failed ({error})")

    start = time.monotonic()
    thread = Thread(target=calculate, daemon=True)
    thread.start()
    try:
        _wait(thread, start + seconds)
    except BaseException:
        workbook.cancel()
        if thread.is_alive():
            _LEFT.append(thread)
        raise
    if thread.is_alive():
        workbook.cancel()
        _LEFT.append(thread)
        return None, True
    failure = reasons[0] if reasons else None
    return failure, failure is not None and time.monotonic() - start >= seconds


def _wait(thread: Thread, deadline: float) -> None:
    """Wait for a calculation, as long as there is time and memory.

    Texts that double from cell to cell have no end in an engine without Excel's 32,767 characters.
    """
    free, before = memory_free(), memory_used()
    while thread.is_alive() and (left := deadline - time.monotonic()) > 0:
        thread.join(min(left, _LOOK))
        if free is not None and thread.is_alive() and memory_used() - before > free:
            message = (
                f"formualizer takes more than the {free / 1e6:,.0f} MB of memory that are free."
            )
            hint = f"Look for formulas that repeat long texts, or raise {MEMORY_VARIABLE}."
            raise EngineError(message, hint, "XC408")


def _require_names(task: Task, workbook: Any) -> None:
    """Refuse formulas with names that the engine left out: it would say #NAME? for a good one."""
    lost = [str(item.get("name", "")) for item in workbook.name_import_diagnostics]
    if not lost:
        return
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, lost))})(?![\w.(])", re.I)
    for sheet in task.book.sheets.values():
        for position, formula in sheet.cells.texts():
            if match := pattern.search(formula):
                address = f"{sheet.name}!{cell_name(*position)}"
                raise refused(
                    task,
                    "formualizer",
                    f"it has no value for the name {match[0]} used in {address}",
                )


class _FormualizerValues:
    """Takes the values out of a workbook that was computed."""

    def __init__(self, task: Task, workbook: Any, failure: str | None) -> None:
        self.task, self.workbook, self.failure = task, workbook, failure
        self.circular: list[tuple[str, Position]] = []
        self.absent: list[tuple[str, Position]] = []
        self.cancelled = False

    def values(self) -> Values:
        values = {}
        get, finite = self.workbook.get_value, math.isfinite
        for sheet in self.task.book.sheets.values():
            name = sheet.name
            # Texts and finite numbers are most of the cells and need no second look.
            computed = {
                position: raw
                if (kind := type(raw := get(name, *position))) is str
                or (kind is float and finite(raw))
                else self._cell(name, position, raw)
                for position in sheet.cells.computed()
            }
            if computed:
                self._fill_arrays(sheet, computed)
                values[sheet.name] = computed
        self._complain()
        return values

    def _cell(self, sheet: str, position: Position, raw: object) -> CellValue:
        if isinstance(raw, dict):
            kind = raw.get("kind")
            if kind in _ERRORS:
                return _ERRORS[kind]
            if kind == "Circ":
                self.circular.append((sheet, position))
            elif kind == "Cancelled":
                self.cancelled = True
            else:
                self.absent.append((sheet, position))
            return None
        return normal_value(raw)

    def _fill_arrays(self, sheet: Sheet, computed: dict[Position, CellValue]) -> None:
        """Give array ranges larger than their result what Excel gives them.

        A single row or column is repeated over the range; what else is left over is #N/A.
        """
        for anchor, ref in sheet.arrays().items():
            r1, c1, r2, c2 = parse_range(ref)
            block = [(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)]
            if len(block) == 1 or all(computed.get(p) is not None for p in block):
                continue
            if computed.get(anchor) is None:
                continue
            one_row = all(computed.get((r, c)) is None for r, c in block if r > r1)
            one_column = all(computed.get((r, c)) is None for r, c in block if c > c1)
            for r, c in block:
                if computed.get((r, c)) is None:
                    source = (r1 if one_row else r, c1 if one_column else c)
                    value = computed.get(source)
                    computed[r, c] = CellError.NA if value is None else value

    def _complain(self) -> None:
        book = self.task.book
        if self.cancelled:
            raise too_long(self.task, "formualizer")
        if self.task.partial:
            return
        if self.circular:
            raise make_circle_error(book, "formualizer", self.circular)
        if self.absent:
            message = (
                f"formualizer cannot compute {counted(len(self.absent), 'cell')}: "
                f"{list_addresses(self.absent)}."
            ) + (f" It says: {self.failure}" if self.failure else "")
            raise CannotComputeError(message, "Use --engine libreoffice.", file=book.file)


# -- array formulas too large for it, cut into blocks that it can fill ---------------------------
#: Cells of one result, as measured: 100 x 100 is filled, 100 x 101 is #SPILL!. The call stays whole
#: in every block, and a function of ours takes the block's part out of what it returns.
MOST_CELLS = 10_000

#: Anchor of a block -> its range and its formula.
Blocks = dict[Position, tuple[str, str]]


def large_arrays(task: Task) -> dict[str, Blocks]:
    """Return the blocks of arrays that call the library and are too large for one result."""
    blocks_by_sheet: dict[str, Blocks] = {}
    for name, udf in task.udf_cells.items():
        sheet = task.book.sheets[name]
        for anchor, ref in sheet.arrays().items():
            r1, c1, r2, c2 = parse_range(ref)
            if anchor in udf and (r2 - r1 + 1) * (c2 - c1 + 1) > MOST_CELLS:
                cell = sheet.cells[anchor]
                call = plain_calls(library_names())(cell.formula or "", cell)
                blocks_by_sheet.setdefault(name, {}).update(blocks_of_call(call, r1, c1, r2, c2))
    return blocks_by_sheet


def blocks_of_call(call: str, r1: int, c1: int, r2: int, c2: int) -> Blocks:
    """Return the blocks of an array formula, which cover its range once."""
    height = min(r2 - r1 + 1, MOST_CELLS)
    width = max(1, MOST_CELLS // height)
    blocks: Blocks = {}
    for top in range(r1, r2 + 1, height):
        for left in range(c1, c2 + 1, width):
            bottom, right = min(top + height - 1, r2), min(left + width - 1, c2)
            size = f"{top - r1},{left - c1},{bottom - top + 1},{right - left + 1}"
            ref = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
            blocks[top, left] = ref, f"{PART}({call},{size})"
    return blocks
