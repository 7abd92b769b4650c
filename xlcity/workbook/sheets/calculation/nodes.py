"""`Aggregates`, and `Scores` where nothing is rescaled: every composite node."""

from __future__ import annotations

from functools import partial

from xlcity.methods.aggregate import NodeCells
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_RANGE,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    block_header,
    define_outputs,
    node_stubs,
    statistics,
    weight_row,
)
from xlcity.workbook.sheets.table import unit_sheet
from xlcity.workbook.steps.means import (
    ROW_POWER,
    ROW_THRESHOLD,
    Turned,
    aggregation_of,
    function_nodes,
    mean_native,
    mean_of,
    native_of,
    power_of,
    threshold_of,
    turned_nodes,
)
from xlcity.workbook.steps.multiple_groups import computed_rows, refused_native
from xlcity.workbook.steps.nodes import missing_rule


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
    means = dict.fromkeys(mean_of(spec, code) for code in block.codes)
    other = key == "scores" and [*means] != ["arithmetic"]
    note = "scores.other.note" if other else f"{key}.note"
    widths = [16, 24, *[14] * len(block.codes), 2, *[14] * len(carried.codes)]
    named = means if other else ()
    canvas = unit_sheet(book, sheet, widths, block.left + 2, note=note, methods=named)
    canvas.fit_names(ROW_NAME, (*block.codes, *carried.codes), 14, 9)
    canvas.thin((ROW_LOW, ROW_HIGH, ROW_RANGE))
    if not spec.apart:
        canvas.thin((ROW_FIXED_LOW, ROW_FIXED_HIGH))
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
        at = partial(layout.carried_from(code).at, home=sheet)
        canvas.fill(carried, at, number=number, codes=(code,))
    turned, functions = turned_nodes(layout), function_nodes(layout)
    for working in turned.values():
        working_columns(book, canvas, working)
    if functions is not None:
        _by_function(book, canvas, functions)
    _thresholds(book, canvas)
    for code in block.codes:
        role = "output" if final and code == spec.framework.root.code else "calculation"
        for row in range(FIRST, layout.last + 1):
            formula = mean_native(layout, code, row, sheet, turned, functions)
            formula = _or_refused(layout, code, row, formula)
            if code in spec.direct_nodes:
                # A value of its own is used, whatever is below it.
                column = layout.computed.column(code)
                canvas.formula(row, column, formula, "calculation", number)
                state, given, made = (
                    part.at(code, row, sheet)
                    for part in (layout.states, layout.cleaned, layout.computed)
                )
                formula = f'IF({state}="ok",{given},{made})'
            canvas.formula(row, block.column(code), formula, role, number)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    if final:
        define_outputs(book)
    parts = (carried, layout.computed, *(part.block for part in turned.values()), functions)
    right = max(block.right, *(part.right for part in parts if part and part.codes), 0)
    canvas.finish(layout.last, right, ROW_NAME, 2)


def _or_refused(layout: Layout, code: str, row: int, formula: str) -> str:
    """Return a node's formula; where a gap stops its whole population, the one that says so."""
    if missing_rule(layout.spec, code) != "refuse":
        return formula
    (source, children), sheet = layout.children(code), layout.aggregates.sheet
    weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", sheet)
    values = source.rows_of(children, row, row).ref("c", sheet)
    return refused_native(layout, code, row, values, weights)


def _thresholds(book: Book, canvas: Canvas) -> None:
    """Write the shares of their children that nodes must have."""
    spec, block = book.spec, book.layout.aggregates
    shares = {code: threshold_of(spec, code) for code in block.codes}
    if not any(shares.values()):
        return
    canvas.stubs([(ROW_THRESHOLD, "scores.threshold")], height=15)
    for code, share in shares.items():
        canvas.number(ROW_THRESHOLD, block.column(code), share, "stub_center", "General")


def _by_function(book: Book, canvas: Canvas, block: Block) -> None:
    """Draw the columns of nodes that only a function can aggregate."""
    layout = book.layout
    canvas.columns(block.left, block.right, 12)
    canvas.columns(block.left - 1, block.left - 1, 2)
    canvas.label(ROW_RANGE, block.left, "scores.function", "section", font_size=9)
    block_header(book, canvas, block)
    for code in block.codes:
        source, children = layout.children(code)
        values = source.span(children).ref("rc", canvas.name)
        weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("rc", canvas.name)
        step, native = book.spec.recipe.step_for("aggregate", code), native_of(book.spec, code)
        assert step is not None
        assert native.whole is not None, "it is by function"
        call = native.whole(NodeCells(values, weights, step.settings()))
        number = "0" if step.method == "copeland" else "0.0000"
        canvas.array(block.span((code,)), call, "udf", number)


def working_columns(book: Book, canvas: Canvas, part: Turned) -> None:
    """Draw the working columns of a node: its children turned, and their mean."""
    layout, block, sheet = part.layout, part.block, part.block.sheet
    source, children = layout.children(part.code)
    canvas.columns(block.left, block.right, 12)
    canvas.columns(block.left - 1, block.left - 1, 2)
    canvas.label(ROW_RANGE, block.left, "scores.working", "section", font_size=9)
    for column, child in zip(block.codes, (*children, part.code), strict=True):
        name = layout.framework_cell(child, "display")
        text = f'"{part.method} · "&{name}'
        canvas.formula(ROW_NAME, block.column(column), text, "header", font_size=9)
        canvas.text(CODE, block.column(column), column, "stub_code")
        if column == part.mean:
            continue
        weight = source.rows_of((child,), ROW_WEIGHT, ROW_WEIGHT).ref("", sheet)
        canvas.formula(ROW_WEIGHT, block.column(column), weight, "calculation_center", "0.####")
    if "power" in aggregation_of(book.spec, part.code).names:
        if layout is book.layout:
            power = power_of(book.spec, part.code)
            canvas.number(ROW_POWER, block.right, power, "stub_center", "General")
        else:
            official = turned_nodes(book.layout)[part.code]
            typed = f"{official.block.sheet}!{official.power}"
            canvas.formula(ROW_POWER, block.right, typed, "stub_center", "General")

    def working(column: str, row: int) -> str:
        return part.middle(row, sheet) if column == part.mean else part.child(column, row, sheet)

    canvas.fill(block, working, number="0.0000")
