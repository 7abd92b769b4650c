"""Scores where nodes are rescaled after aggregating."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_WEIGHT
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    VALUE,
    block_header,
    block_stub,
    block_stubs,
    weight_row,
)
from xlcity.workbook.steps.rescale import (
    ROW_SPAN,
    ROWS,
    has_own_parameters,
    is_scaled,
    parameters_of,
    scaled_native,
)


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the scores."""
    layout, spec = book.layout, book.spec
    block, rooted = layout.scores, layout.root_children
    root = spec.framework.root.code
    block_header(book, canvas, block)
    block_stubs(canvas, block, "scores.title", ((ROW_WEIGHT, "stat.weight"),))
    weight_row(book, canvas, block, _averaged(layout))
    _parameters(book, canvas)
    for code in block.codes:
        role = "output" if code == root else "calculation"
        canvas.fill(block, partial(scaled_native, layout), role, SCORE, (code,))
    if rooted.codes:
        block_header(book, canvas, rooted, title="scores.carried")
        block_stubs(canvas, rooted, "scores.carried", ((ROW_WEIGHT, "stat.weight"),))
        weight_row(book, canvas, rooted)
    for code in rooted.codes:
        source = layout.root_child_block(code)
        canvas.fill(rooted, partial(source.at, home=INDEX), number=SCORE, codes=(code,))
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")


def _averaged(layout: Layout) -> tuple[str, ...]:
    """Return the nodes whose scores others are the mean of: most are, before they are rescaled."""
    sources = [layout.children(code) for code in layout.composites]
    if layout.spec.means_of_scaled:
        sources.append(layout.scaled_children())
    return tuple({c: None for block, codes in sources if block is layout.scores for c in codes})


def _parameters(book: Book, canvas: Canvas) -> None:
    """Write by what each node is rescaled: numbers of its own, or the span of the scores."""
    block = book.layout.scores
    if not has_own_parameters(book.spec):
        if not book.spec.apart:
            block_stub(canvas, block, ROW_SPAN, "scores.omega")
            for code in (code for code in block.codes if is_scaled(book.spec, code)):
                canvas.formula(ROW_SPAN, block.column(code), "par_omega", "calculation", VALUE)
        return
    for number, row in enumerate(ROWS, start=1):
        block_stub(canvas, block, row, f"scores.p{number}")
    for code in block.codes:
        for row, value in zip(ROWS, parameters_of(book.spec, code), strict=False):
            canvas.put(row, block.column(code), value, "stub_center", "General")
