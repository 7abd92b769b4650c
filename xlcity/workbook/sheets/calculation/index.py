"""`Index`: the whole index on one sheet, a row a city, from raw values to ranks."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.labels import Labels
from xlcity.workbook.layout.rows import CODE, FIRST, INDEX, ROW_NAME, UNITS_NAME
from xlcity.workbook.methods_in_cells import mean_of
from xlcity.workbook.sheets.calculation import (
    constructed,
    nodes,
    normalised,
    populations,
    prepared,
    ranks,
    typed,
)
from xlcity.workbook.sheets.checking.udf import draw_in_place
from xlcity.workbook.sheets.table import unit_sheet
from xlcity.workbook.steps.rescale import is_scaled, method_of


def _shown_method(labels: Labels, method: str) -> str:
    """Return the label of a method; one without, such as one's own, has the word of recipes."""
    key = f"aggregation.{method}"
    return labels.text(key) if key in labels.texts else method


def draw(book: Book) -> None:
    """Draw the sheet, block by block."""
    layout = book.layout
    spec = book.spec
    methods = [mean_of(spec, code) for code in layout.composites]
    methods += [method_of(spec, c) for c in layout.composites if is_scaled(spec, c)]
    names = [_shown_method(book.labels, method) for method in dict.fromkeys(methods)]
    canvas = unit_sheet(book, INDEX, [16, 22], banner=True, methods=names)
    for part in (typed, constructed, prepared, normalised, nodes, ranks):
        part.draw(book, canvas)
    if spec.calls_in_place:
        draw_in_place(canvas)
    if spec.apart:
        populations.draw(book, canvas)
    book.define(UNITS_NAME, canvas.area(FIRST, 1, layout.last))
    for name, block in {"nodes": layout.scores, "leaves": layout.normalised}.items():
        book.define(f"out_{name}", block.rows_of(block.codes, CODE, CODE))
    for name in ("scores", "normalised", "ranks"):
        book.define(f"out_{name}", layout.blocks[name].span())
    canvas.close(ROW_NAME, 2, head=CODE)
