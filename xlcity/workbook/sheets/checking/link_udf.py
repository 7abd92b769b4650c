"""`LinksUDF`: the matrices once more, each by one call of the library over the long table."""

from __future__ import annotations

from xlcity.model.recipe import flow_of
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.links import CODE, FROM, LEFT, TO, VALUE, LinkLayout, link_layout
from xlcity.workbook.sheets.calculation.calculate import VALUE as NUMBER
from xlcity.workbook.sheets.calculation.matrices import shown_id
from xlcity.workbook.sheets.checking.udf import Call, compare_call


def draw(book: Book) -> None:
    """Draw a call per indicator, in the cells that its matrix has on `Matrices`."""
    links = link_layout(book.layout)
    canvas = titled_sheet(book, "LinksUDF", [16, 22, 10, *[7.5] * book.layout.slots])
    # Blocks stand where those of `Matrices` do; the first of these, the mask, has no call.
    for code in links.codes:
        _draw_block(book, canvas, links, code)
    canvas.close(2, 3, head=links.top(links.codes[0]) - 1)


def _draw_block(book: Book, canvas: Canvas, links: LinkLayout, code: str) -> None:
    """Draw the call of an indicator."""
    top, matrix = links.top(code), links.matrix(code)
    canvas.put(top, 1, code, "section")
    canvas.formula(top, LEFT, book.layout.framework_cell(code, "display"), "section")
    canvas.label(top + 1, 1, "udf.difference", "stub", font_size=8, text_wrap=False, shrink=True)
    canvas.label(top + 2, 1, "udf.status", "stub")
    area = canvas.area(matrix.r1, LEFT, matrix.r2, links.right)
    ids = links.unit_column(code, 1).ref()
    starts, ends, values, codes = (links.column(c).ref() for c in (FROM, TO, VALUE, CODE))
    wanted = f"Matrices!{cell(top, 1, 'rc')}"
    flow = flow_of(links.step(code))
    call = f'LINK_MATRIX({ids},{starts},{ends},{values},"{flow}",{codes},{wanted})'
    compared = Call("", matrix, (code,), call, number=NUMBER, area=area)
    compare_call(canvas, compared, (top + 1, 2), (top + 2, 2))
    for row in range(matrix.r1, matrix.r2 + 1):
        for column, role in ((1, "id"), (2, "name")):
            same = shown_id(f"Matrices!{cell(row, column, 'c')}")
            canvas.formula(row, column, same, role)
    first = cell(matrix.r1, LEFT)
    canvas.mark(area, f"ISERROR({first})", "faint")
