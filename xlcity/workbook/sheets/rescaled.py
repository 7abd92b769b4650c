"""`Scores` where nodes are rescaled by the efficacy coefficient after aggregating."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import FIRST, ROW_NAME
from xlcity.workbook.sheets.calculate import (
    SCORE,
    block_header,
    define_outputs,
    node_stubs,
    statistics,
    unit_columns,
    weight_row,
)
from xlcity.workbook.steps.apart import computed_rows
from xlcity.workbook.steps.rescale import scaled_native


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, layout, spec = book.canvas("Scores"), book.layout, book.spec
    block = layout.scores
    root = spec.framework.root.code
    canvas.heading("scores", "scores.rescaled.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[14] * len(block.codes)])
    canvas.sheet.set_row(ROW_NAME - 1, 48)
    unit_columns(book, canvas)
    node_stubs(canvas)
    block_header(book, canvas, block)
    weight_row(book, canvas, block)
    for code in block.codes:
        statistics(canvas, block.column(code), block.over(code, "Scores"))
        for row in range(FIRST, layout.last + 1):
            formula = scaled_native(layout, code, row)
            role = "output" if code == root else "calculation"
            canvas.formula(row, block.column(code), formula, role, SCORE)
    if spec.apart:
        computed_rows(canvas, layout, "scores")
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    define_outputs(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Scores", 1, 1, layout.last, block.right), a3=len(block.codes) > 12)
    canvas.protect()
