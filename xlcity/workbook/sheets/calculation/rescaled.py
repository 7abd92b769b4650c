"""`Scores` where nodes are rescaled after aggregating."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.rows import FIRST, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    block_header,
    define_outputs,
    node_stubs,
    statistics,
    weight_row,
)
from xlcity.workbook.sheets.table import unit_sheet
from xlcity.workbook.steps.multiple_groups import computed_rows
from xlcity.workbook.steps.rescale import (
    ROWS,
    has_own_parameters,
    is_scaled,
    method_of,
    parameters_of,
    scaled_native,
)


def draw(book: Book) -> None:
    """Draw the sheet."""
    layout, spec = book.layout, book.spec
    block = layout.scores
    root = spec.framework.root.code
    methods = dict.fromkeys(method_of(spec, code) for code in block.codes if is_scaled(spec, code))
    other = [*methods] != ["efficacy"]
    note = "scores.linear.note" if other else "scores.rescaled.note"
    named, widths = methods if other else (), [16, 24, *[14] * len(block.codes)]
    canvas = unit_sheet(book, "Scores", widths, block.left + 2, note=note, methods=named)
    canvas.sheet.set_row(ROW_NAME - 1, 48)
    node_stubs(canvas)
    block_header(book, canvas, block)
    weight_row(book, canvas, block)
    _parameters(book, canvas)
    for code in block.codes:
        statistics(canvas, block.column(code), block.over(code, "Scores"))
        role = "output" if code == root else "calculation"
        canvas.fill(block, partial(scaled_native, layout), role, SCORE, (code,))
    rooted = layout.rooted
    block_header(book, canvas, rooted)
    weight_row(book, canvas, rooted)
    for code in rooted.codes:
        canvas.columns(rooted.column(code), rooted.column(code), 14)
        source = layout.rooted_from(code)
        canvas.fill(rooted, partial(source.at, home="Scores"), number=SCORE, codes=(code,))
    if spec.apart:
        computed_rows(canvas, layout, "scores")
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    define_outputs(book)
    right = max(block.right, rooted.right)
    canvas.finish(layout.last, right, ROW_NAME, 2, a3=len(block.codes) > 12)


def _parameters(book: Book, canvas: Canvas) -> None:
    """Write by what each node is rescaled, where that differs from node to node."""
    if not has_own_parameters(book.spec):
        return
    block = book.layout.scores
    rows = ((row, f"scores.p{place}") for place, row in enumerate(ROWS, start=1))
    canvas.stubs(rows, height=15)
    for code in block.codes:
        for row, value in zip(ROWS, parameters_of(book.spec, code), strict=False):
            canvas.number(row, block.column(code), value, "stub_center", "General")
