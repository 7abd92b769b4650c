"""`Aggregates`, and `Scores` where nothing is rescaled: every composite node."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import (
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_RANGE,
    ROW_WEIGHT,
)
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
from xlcity.workbook.steps.apart import computed_rows, refused_native


def draw_scores(book: Book) -> None:
    """Draw `Scores` where nodes are not rescaled: each from its children and their weights."""
    draw_nodes(book, "scores")


def draw_aggregates(book: Book) -> None:
    """Draw `Aggregates`: every composite node before it is rescaled."""
    draw_nodes(book, "aggregates")


def draw_nodes(book: Book, key: str) -> None:
    """Draw the sheet of composite nodes computed from their children."""
    layout, spec = book.layout, book.spec
    block, carried = layout.aggregates, layout.carried
    sheet, final = block.sheet, block is layout.scores or block.sheet == "Scores"
    canvas = book.canvas(sheet)
    canvas.heading(key, f"{key}.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[14] * len(block.codes), 2, *[14] * len(carried.codes)])
    canvas.fit_names(ROW_NAME, (*block.codes, *carried.codes), 14, 9)
    canvas.thin((ROW_LOW, ROW_HIGH, ROW_RANGE))
    if not spec.apart:
        canvas.thin((ROW_FIXED_LOW, ROW_FIXED_HIGH))
    unit_columns(book, canvas)
    node_stubs(canvas)
    for part in (block, carried):
        block_header(book, canvas, part)
        weight_row(book, canvas, part)
        for code in part.codes:
            statistics(canvas, part.column(code), part.over(code, sheet))
    if spec.apart:
        computed_rows(canvas, layout, "aggregates")
    number = SCORE if final else "0.0000"
    if layout.computed.codes:
        block_header(book, canvas, layout.computed)
        canvas.label(ROW_RANGE, layout.computed.left, "scores.computed", "section")
        canvas.columns(layout.computed.left, layout.computed.right, 14)
    for code in carried.codes:
        source = layout.normalised if spec.framework.is_indicator(code) else block
        for row in range(FIRST, layout.last + 1):
            canvas.formula(
                row, carried.column(code), source.at(code, row, sheet), "calculation", number
            )
    for code in block.codes:
        source, children = layout.children(code)
        rule = missing_rule(spec, code)
        weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", sheet)
        role = "output" if final and code == spec.framework.root.code else "calculation"
        for row in range(FIRST, layout.last + 1):
            values = source.rows_of(children, row, row).ref("c", sheet)
            formula = node_native(values, weights, rule)
            if rule == "refuse":
                formula = refused_native(book.layout, code, row, values, weights)
            if code in spec.direct_nodes:
                # A value of its own is used, whatever is below it.
                column = layout.computed.column(code)
                canvas.formula(row, column, formula, "calculation", number)
                state, given = (
                    part.at(code, row, sheet) for part in (layout.states, layout.cleaned)
                )
                made = layout.computed.at(code, row, sheet)
                formula = f'IF({state}="ok",{given},{made})'
            canvas.formula(row, block.column(code), formula, role, number)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    if final:
        define_outputs(book)
    canvas.frame(ROW_NAME, 2)
    right = max(block.right, *(part.right for part in (carried, layout.computed) if part.codes), 0)
    canvas.page(Area(sheet, 1, 1, layout.last, right))
    canvas.protect()
