"""`Index`: the whole index on one sheet, a row a city, from raw values to ranks."""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.workbook.aggregations import mean_of
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block
from xlcity.workbook.layout.rows import CODE, FIRST, INDEX, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.sheets.calculation import (
    constructed,
    nodes,
    normalised,
    populations,
    prepared,
    ranks,
    rescaled,
    typed,
)
from xlcity.workbook.sheets.calculation.calculate import INDEX_WIDTH
from xlcity.workbook.sheets.checking.udf import draw_in_place
from xlcity.workbook.sheets.table import unit_sheet
from xlcity.workbook.steps.rescale import is_scaled, method_of


def draw(book: Book) -> None:
    """Draw the sheet, block by block."""
    layout, spec = book.layout, book.spec
    methods = dict.fromkeys(mean_of(spec, code) for code in layout.composites)
    methods |= {method_of(spec, c): None for c in layout.composites if is_scaled(spec, c)}
    canvas = unit_sheet(book, INDEX, [16, 22], layout.first_block_left + 2, methods=methods)
    {code for block in layout.blocks.values() for code in block.codes}
    blocks = [block for block in layout.blocks.values() if block.codes]
    for block in blocks:
        canvas.columns(block.left - 1, block.right, INDEX_WIDTH)
    typed.draw(book, canvas)
    if layout.constructed:
        constructed.draw(book, canvas)
    prepared.draw(book, canvas)
    normalised.draw(book, canvas)
    nodes.draw(book, canvas)
    if spec.rescales:
        rescaled.draw(book, canvas)
    ranks.draw(book, canvas)
    if spec.calls_in_place:
        draw_in_place(canvas)
    if spec.apart:
        populations.draw(book, canvas)
    book.define("out_units", canvas.area(FIRST, 1, layout.last))
    book.define("out_nodes", layout.scores.rows_of(layout.from_below, CODE, CODE))
    book.define("out_scores", layout.scores.span())
    book.define("out_leaves", layout.normalised.rows_of(layout.indicators, CODE, CODE))
    book.define("out_normalised", layout.normalised.span())
    book.define("out_ranks", layout.ranks.span())
    _drop_idle_labels(canvas, blocks)
    split = [block.left - 1 for block in blocks[1:]]
    canvas.cut(*split)
    canvas.close(ROW_NAME, 2, head=CODE)


def _drop_idle_labels(canvas: Canvas, blocks: Iterable[Block]) -> None:
    """Take away the labels of rows in which nothing stands above the columns of a block."""
    for row in range(ROW_WEIGHT, CODE):
        cells = canvas.sheet.table.get(row - 1, {})
        for block in blocks:
            if not any(column - 1 in cells for column in range(block.left, block.right + 1)):
                cells.pop(block.left - 2, None)
