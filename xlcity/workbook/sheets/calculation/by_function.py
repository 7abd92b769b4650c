"""Columns of `Index` that only functions can compute, and on `UDF` their calls and held values."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from xlcity.recalc.held_values import HELD, HELD_CALLS
from xlcity.workbook.drawing.canvas import Canvas
from xlcity.workbook.drawing.styles import CENTER, SMALL, TINY
from xlcity.workbook.layout.rows import CODE, INDEX, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.sheets.table import Above, draw_block
from xlcity.workbook.steps.by_function import (
    ROW_HELD,
    call_of,
    called_or_held,
    held_flag,
)

#: Row of the name of the function, above a call on `UDF`.
ROW_CALL = 5


def draw_part(
    canvas: Canvas,
    part: str,
    key: str,
    number: Callable[[str], str],
    above: Iterable[Above] = (),
) -> None:
    """Draw a block of `Index`: calls in place, or what the calls on `UDF` give or gave."""
    layout = canvas.book.layout
    block = layout.blocks[part]
    if not layout.spec.calls_in_place:

        def shown(code: str, row: int) -> str:
            return called_or_held(layout, f"{part} {code}", row)

        draw_block(canvas, block, shown, number=number, key=key, above=above)
        return
    draw_block(canvas, block, key=key, above=above)
    for code in block.codes:
        call = call_of(layout, part, code, INDEX)
        canvas.array(block.span((code,)), call, "udf", number(code))


def draw_calls(canvas: Canvas) -> None:
    """Draw these calls on `UDF`, and behind them what they gave last, by the ids of the cities."""
    book = canvas.book
    layout = book.layout
    calls = layout.calls_alone
    held = layout.held
    if not calls.codes:
        return
    columns = [name.split(" ", 1) for name in calls.codes]
    codes = [code for _, code in columns]
    canvas.columns(calls.left, held.right, 14)
    canvas.stub(ROW_HELD, book.labels.text("udf.held_flag"))
    canvas.heading(ROW_WEIGHT, calls.left, "scores.function", **SMALL)
    canvas.heading(ROW_WEIGHT, held.left, "udf.held", **SMALL)
    canvas.node_heads(ROW_NAME, codes, calls.left, CODE)
    canvas.label(ROW_NAME, held.left, "data.id", "header")
    canvas.put(CODE, held.left, "id", "stub_code")
    canvas.node_heads(ROW_NAME, codes, held.left + 1, CODE)
    for name, (part, code) in zip(calls.codes, columns, strict=True):
        call = call_of(layout, part, code, calls.sheet)
        column = calls.column(name)
        canvas.put(ROW_CALL, column, call.split("(")[0], "note", **TINY)
        canvas.array(calls.span((name,)), call, "udf", "General")
        canvas.formula(ROW_HELD, held.column(name), held_flag(layout, name), CENTER)
    for row, column in held.span().positions:
        canvas.put(row, column, role="name" if column == held.left else "calculation")
    book.define(HELD_CALLS, calls.span())
    book.define(HELD, held.span())
