"""Cells of populations that are scored apart: each reads the statistics of its own."""

from __future__ import annotations

from xlcity.methods.formulas import mean_formula
from xlcity.workbook.drawing.canvas import Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import SIZE, populations_of
from xlcity.workbook.layout.rows import ROW_FIXED_HIGH, ROW_FIXED_LOW
from xlcity.workbook.steps.nodes import decides

#: Header rows that tell how many cities of the first two populations are computed.
SHOWN = (ROW_FIXED_LOW, ROW_FIXED_HIGH)


def refused_native(layout: Layout, code: str, row: int, values: str, weights: str) -> str:
    """Return a node that is computed where its whole population has all its children."""
    found = populations_of(layout)
    number = found.number(row)
    complete = found.own("aggregates", code, "complete", number)
    mean = f"SUMPRODUCT({values},{weights})/SUM({weights})"
    if decides(layout.spec, code):
        mean = mean_formula(f"SUMPRODUCT({values},{weights})", f"SUM({weights})", values)
    return f'IF({number}="","",IF({complete}=1,{mean},"NA"))'


def computed_rows(canvas: Canvas, layout: Layout, section: str) -> None:
    """Write how many cities of each population have a node, above its column."""
    found = populations_of(layout)
    block = found.block(section)
    for place, row in enumerate(SHOWN[: len(found.names)]):
        text = f'{canvas.book.labels.ref("stat.computed")}&" · {found.names[place]}"'
        canvas.stub(row, text)
        for code in block.codes:
            n, size = found.at(section, code, "n", place), found.header(SIZE, place)
            canvas.formula(
                row, block.column(code), f'{n}&" / "&{size}', "calculation_center", font_size=9
            )
        column = block.left
        first, last = cell(row, column, "r"), block.rows_of(block.codes, row, row)
        size = found.header(SIZE, place)
        canvas.mark(last, f'{first}<>{size}&" / "&{size}', "note")
