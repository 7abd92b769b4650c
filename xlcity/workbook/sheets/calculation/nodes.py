"""Every composite node, before it is rescaled where anything is."""

from __future__ import annotations

from functools import partial

from xlcity.methods.aggregate import NodeCells
from xlcity.workbook.aggregations import aggregation_of, native_of
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    STATISTICS,
    block_header,
    block_stub,
    block_stubs,
    statistics,
    weight_row,
)
from xlcity.workbook.steps.means import (
    ROW_POWER,
    ROW_THRESHOLD,
    Turned,
    mean_native,
    power_of,
    refused_native,
    threshold_of,
    turned_nodes,
)
from xlcity.workbook.steps.nodes import missing_rule
from xlcity.workbook.steps.rescale import ROW_SPAN, span_of, statistics_read

#: Row of the number of children, above nodes that may be given directly.
ROW_CHILDREN = ROW_LOW


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the composite nodes, computed from their children."""
    layout, spec = book.layout, book.spec
    block, carried = layout.aggregates, layout.mixed_children
    final = block is layout.scores
    title = "scores.title" if final else "aggregates.title"
    for part, key in ((block, title), (carried, "scores.carried")):
        if not part.codes:
            continue
        block_header(book, canvas, part, title="" if part is layout.scores else key)
        block_stubs(canvas, part, key, ((ROW_WEIGHT, "stat.weight"),))
        weight_row(book, canvas, part)
    if spec.rescales and not spec.apart:
        _extents(book, canvas, block)
    number = SCORE if final else "0.0000"
    for code in carried.codes:
        child_cell = partial(layout.mixed_child_block(code).at, home=INDEX)
        canvas.fill(carried, child_cell, number=number, codes=(code,))
    turned = turned_nodes(layout)
    for working in turned.values():
        working_columns(book, canvas, working)
    if layout.blocks["functions"].codes:
        _by_function(book, canvas, layout.blocks["functions"])
    _thresholds(book, canvas)
    for code in spec.direct_nodes:
        block_stub(canvas, block, ROW_CHILDREN, "scores.children")
        source, children = layout.children(code)
        weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("r", INDEX)
        column = block.column(code)
        canvas.formula(ROW_CHILDREN, column, f"COUNT({weights})", "calculation_center", "0")
    for code in block.codes:
        role = "output" if final and code == spec.framework.root.code else "calculation"
        direct = code in spec.direct_nodes
        children_count = cell(ROW_CHILDREN, block.column(code), "r") if direct else ""
        for row in range(FIRST, layout.last + 1):
            formula = mean_native(layout, code, row, INDEX, turned, children_count)
            formula = _or_refused(layout, code, row, formula)
            if direct:
                # A value of its own is used, whatever is below it.
                given = layout.typed.at(code, row, INDEX)
                formula = f"IF(ISNUMBER({given}),{given},{formula})"
            canvas.formula(row, block.column(code), formula, role, number)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")


def _extents(book: Book, canvas: Canvas, block: Block) -> None:
    """Write the statistics that rescaling reads."""
    layout = book.layout
    rows_of = {code: statistics_read(book.spec, code) for code in block.codes}
    drawn = {row for rows in rows_of.values() for row in rows}
    for row, key in (*STATISTICS, (ROW_SPAN, "stat.range")) if drawn else ():
        if row in drawn or row == ROW_SPAN:
            block_stub(canvas, block, row, key)
    for code, rows in rows_of.items():
        if rows:
            column, span = block.column(code), span_of(layout, code)
            statistics(canvas, column, block.over(code, INDEX), rows)
            canvas.formula(ROW_SPAN, column, span, "calculation", "0.0000")


def _or_refused(layout: Layout, code: str, row: int, formula: str) -> str:
    """Return a node's formula; where a gap stops its whole population, the one that says so."""
    if missing_rule(layout.spec, code) != "refuse":
        return formula
    source, children = layout.children(code)
    weights = source.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref("r", INDEX)
    values = source.rows_of(children, row, row).ref("", INDEX)
    return refused_native(layout, code, row, values, weights)


def _thresholds(book: Book, canvas: Canvas) -> None:
    """Write the shares of their children that nodes must have."""
    spec, block = book.spec, book.layout.aggregates
    shares = {code: threshold_of(spec, code) for code in block.codes}
    if not any(shares.values()):
        return
    block_stub(canvas, block, ROW_THRESHOLD, "scores.threshold")
    for code, share in shares.items():
        canvas.put(ROW_THRESHOLD, block.column(code), share, "stub_center", "General")


def _by_function(book: Book, canvas: Canvas, block: Block) -> None:
    """Draw the columns of nodes that only a function can aggregate."""
    layout = book.layout
    block_stubs(canvas, block, "scores.function")
    block_header(book, canvas, block, title="scores.function")
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
    block_stubs(canvas, block, "scores.working", ((ROW_WEIGHT, "stat.weight"),))
    for column, child in zip(block.codes, (*children, part.code), strict=True):
        name = layout.framework_cell(child, "display")
        text = f'"{part.method} · "&{name}'
        canvas.formula(ROW_NAME, block.column(column), text, "header", font_size=9)
        canvas.put(CODE, block.column(column), column, "stub_code")
        if column == part.mean:
            continue
        weight = source.rows_of((child,), ROW_WEIGHT, ROW_WEIGHT).ref("", sheet)
        canvas.formula(ROW_WEIGHT, block.column(column), weight, "calculation_center", "0.####")
    if "power" in aggregation_of(book.spec, part.code).names:
        if layout is book.layout:
            power = power_of(book.spec, part.code)
            canvas.put(ROW_POWER, block.right, power, "stub_center", "General")
        else:
            official = turned_nodes(book.layout)[part.code]
            typed = f"{official.block.sheet}!{official.power}"
            canvas.formula(ROW_POWER, block.right, typed, "stub_center", "General")

    def working(column: str, row: int) -> str:
        return part.middle(row, sheet) if column == part.mean else part.child(column, row, sheet)

    canvas.fill(block, working, number="0.0000")
