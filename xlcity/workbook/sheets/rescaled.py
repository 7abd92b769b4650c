"""`Scores` where nodes are rescaled by the efficacy coefficient after aggregating."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import FIRST, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.sheets.calculate import (
    SCORE,
    block_header,
    define_outputs,
    node_stubs,
    statistics,
    unit_columns,
    weight_row,
)
from xlcity.workbook.steps import missing_rule, node_native
from xlcity.workbook.steps.apart import computed_rows, efficacy_apart
from xlcity.workbook.steps.rescale import efficacy_native, has_constant, is_scaled, root_reading


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, layout, spec = book.canvas("Scores"), book.layout, book.spec
    block, source = layout.scores, layout.aggregates
    root = spec.framework.root.code
    canvas.heading("scores", "scores.rescaled.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[14] * len(block.codes)])
    canvas.sheet.set_row(ROW_NAME - 1, 48)
    unit_columns(book, canvas)
    node_stubs(canvas)
    block_header(book, canvas, block)
    weight_row(book, canvas, block)
    constant = "par_constant" if has_constant(spec) else '""'
    for code in block.codes:
        statistics(canvas, block.column(code), block.over(code, "Scores"))
        for row in range(FIRST, layout.last + 1):
            own = source.at(code, row, "Scores")
            if code == root and root_reading(spec) == "mean_of_scaled":
                children = tuple(child.code for child in spec.framework.children(root))
                weights = block.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", "Scores")
                values = block.rows_of(children, row, row).ref("c", "Scores")
                formula = node_native(values, weights, missing_rule(spec, root))
            elif is_scaled(spec, code):
                formula = efficacy_native(own, source, code, constant)
                if spec.apart:
                    formula = efficacy_apart(layout, own, code, row, constant)
            else:
                formula = own
            role = "output" if code == root else "calculation"
            canvas.formula(row, block.column(code), formula, role, SCORE)
    if spec.apart:
        computed_rows(canvas, layout, "scores")
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    define_outputs(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Scores", 1, 1, layout.last, block.right), a3=len(block.codes) > 12)
    canvas.protect()
