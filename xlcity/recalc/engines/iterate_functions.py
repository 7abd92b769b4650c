"""The library's functions beside an engine that cannot call them.

Cells that call the library are frozen to their last values, the engine calculates the rest, the
calls are computed from the result; if they changed, the engine calculates once more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

from xlcity.errors import CellError, CellValue, EngineError, Where
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.protocol import Task, Values, too_long
from xlcity.recalc.library_calls import PureCall, library_names, pure_call
from xlcity.xlsx.address import Range, cell_name, parse_range
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.rewrite import engine_copy
from xlcity.xlsx.text import same_value

#: One pass to settle the natives, one for what stands on functions; more only for functions
#: that stand on cells that stand on functions.
_MAX_PASSES = 6

#: What rounding to 15 digits can make of a function's value.
_NOISE = 1e-12

#: (frozen cells, seconds left) -> the value of every formula cell, frozen ones as they are.
Calculate = Callable[[Values, float], Values]


def converge(task: Task, calculate: Calculate, engine: str) -> Values:
    """Return the values of all formula cells once calls and natives agree.

    Parameters
    ----------
    task
        The workbook.
    calculate
        One calculation by the engine.
    engine
        Its name, for messages.

    Raises
    ------
    EngineError
        If they do not settle, or not in time.
    """
    deadline = time.monotonic() + task.timeout
    frozen: Values = {
        sheet: {p: task.book.value(sheet, *p) for p in cells}
        for sheet, cells in task.udf_cells.items()
    }
    for _ in range(_MAX_PASSES):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        values = calculate(frozen, left)
        if not task.udf_cells:
            return values
        new = compute_calls(task, values)
        if _converged(new, frozen):
            return values
        frozen = new
    else:
        raise EngineError(
            f"the functions did not converge after {_MAX_PASSES} iterations.",
            "Look for a circle through cells that call them.",
            "XC513",
            file=task.book.file,
        )
    raise too_long(task, engine)


def _converged(new: Values, frozen: Values) -> bool:
    """Return whether the functions say again what the cells were calculated with.

    Some engines save 15 digits, so the last ones are noise; the values it calculated with are
    kept then, and calculating the result again gives the same.
    """
    return all(
        _same_but_for_noise(value, frozen[sheet].get(position))
        for sheet, cells in new.items()
        for position, value in cells.items()
    )


def _same_but_for_noise(a: CellValue, b: CellValue) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_NOISE, abs_tol=1e-15)
    return same_value(a, b)


def compute_calls(task: Task, values: Values) -> Values:
    """Return the values of the cells that call the library, computed from those of all others.

    Parameters
    ----------
    task
        The workbook.
    values
        The values of its formula cells as last computed.
    """
    names = library_names()
    book = task.book
    out: Values = {}
    mixed: dict[str, set[Position]] = {}
    for sheet, cells in task.udf_cells.items():
        out[sheet] = {}
        for position in cells:
            cell = book.sheets[sheet].cells[position]
            if cell.formula is None:
                continue  # a member of an array: its anchor brings it
            if (call := pure_call(cell.formula, sheet, names, book)) is None:
                mixed.setdefault(sheet, set()).add(position)
                continue
            area = parse_range(cell.array) if cell.array else (*position, *position)
            out[sheet].update(_spread(_call(call, book, values), area))
    if mixed:
        _compute_mixed(task, values, out)
    return out


def _call(call: PureCall, book: ReadBook, values: Values) -> list[list[CellValue]]:
    from xlcity.hosts.cells import call as call_function

    arguments = [
        _block(book, values, argument) if isinstance(argument, Range) else argument
        for argument in call.arguments
    ]
    return call_function(call.name, arguments)


def _block(book: ReadBook, values: Values, area: Range) -> list[list[CellValue]]:
    computed = values.get(area.sheet, {})
    sheet = book.sheets[area.sheet]
    return [
        [
            computed[r, c] if (r, c) in computed else sheet.value(r, c)
            for c in range(area.c1, area.c2 + 1)
        ]
        for r in range(area.r1, area.r2 + 1)
    ]


def _spread(
    block: list[list[CellValue]], area: tuple[int, int, int, int]
) -> dict[Position, CellValue]:
    """Lay a result over an array range as Excel does: repeat, cut off, or fill with #N/A."""
    r1, c1, r2, c2 = area
    height, width = len(block), len(block[0]) if block else 0
    out: dict[Position, CellValue] = {}
    for row in range(r1, r2 + 1):
        for column in range(c1, c2 + 1):
            i = 0 if height == 1 else row - r1
            j = 0 if width == 1 else column - c1
            value: CellValue = CellError.NA
            if i < height and j < width:
                value = block[i][j]
                # A formula that finds a blank shows 0.
                value = 0.0 if value is None else value
            out[row, column] = value
    return out


def _compute_mixed(task: Task, values: Values, out: Values) -> None:
    """Compute formulas that do more than one plain call: the engine's values, our functions."""
    helper = Formualizer()
    cells = [(s, p) for s, udf in task.udf_cells.items() for p in udf if p not in out[s]]
    if not helper.available():
        sheet, position = cells[0]
        raise EngineError(
            "a function of the library is part of another formula, which this engine "
            "cannot compute alone.",
            "Put the function call in separate cells, or install formualizer.",
            "XC514",
            Where(task.book.file, sheet, cell_name(*position)),
        )
    natives = {
        sheet: {p: v for p, v in found.items() if p not in task.udf_cells.get(sheet, ())}
        for sheet, found in values.items()
    }
    frozen = engine_copy(task.package, task.book, frozen=natives)
    small = replace(task, package=frozen, book=read_book(frozen))
    computed = helper.evaluate(small)
    for sheet, position in cells:
        out[sheet][position] = computed[sheet][position]
