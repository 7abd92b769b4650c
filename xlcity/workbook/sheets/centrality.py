"""`Centrality`: eigenvector centralities by power iteration, vectors laid out as rows."""

from __future__ import annotations

from xlcity.functions.network import SHIFT
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import cell
from xlcity.workbook.layout.links import LEFT, LinkLayout
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.matrices import shown_id

#: How exact a vector has to be.
RESIDUAL = 1e-12


def draw(book: Book) -> None:
    """Draw the power iteration of every network."""
    canvas, links = book.canvas("Centrality"), LinkLayout(book.layout)
    canvas.heading("centrality", "centrality.note", banner_column=LEFT + 4)
    canvas.widths([22, 16, 4, *[7.5] * book.layout.slots])
    codes = links.by("eigen_centrality")
    for code in codes:
        _iteration(book, canvas, links, code)
    last = links.vector(codes[-1]).last_row + 2
    canvas.finish(last, links.right, 2, 3, a3=True)


def _iteration(book: Book, canvas: Canvas, links: LinkLayout, code: str) -> None:
    top, rounds, slots = links.centrality_top(code), links.rounds(code), book.layout.slots
    canvas.text(top, 1, code, "section")
    canvas.formula(top, LEFT, book.layout.framework_cell(code, "display"), "section")
    start = top + 7
    vector, first = start + rounds + 1, links.first(code)

    def over(row: int) -> str:
        return canvas.range(row, LEFT, row, links.right)

    scale, shift, value, residual = (cell(top + n, 2, "rc") for n in (1, 2, 4, 5))
    for offset, key in ((1, "scale"), (2, "shift"), (4, "lambda"), (5, "residual")):
        canvas.label(top + offset, 1, f"centrality.{key}", "stub")
    canvas.formula(top + 1, 2, f"IF(MAX({over(start)})>0,MAX({over(start)}),1)", "calculation")
    canvas.input(top + 2, 2, SHIFT, "input_center", "General")
    canvas.formula(top + 4, 2, f"SUMPRODUCT({over(vector)},{over(vector + 1)})", "calculation")
    canvas.formula(
        top + 5, 2, f'IF({value}>0,SQRT(SUMSQ({over(vector + 2)}))/{value},"")', "output", "0.0E+00"
    )
    canvas.label(top + 6, 1, "centrality.round", "header")
    unweighted = f'{part_name("weighted", code)}="no"'
    negative = f'COUNTIF({links.matrix(code).ref()},"<0")'
    for slot in range(slots):
        column, row = LEFT + slot, first + slot
        unit = f"Matrices!{cell(row, 1, 'rc')}"
        canvas.formula(top + 6, column, shown_id(unit), "header", font_size=8, rotation=90)
        ties = links.row(code, slot).ref()
        ranged = f'IF({unweighted},COUNTIF({ties},">0"),SUM({ties}))'
        canvas.formula(start, column, f'IF({unit}="",0,{ranged})', "calculation", "0.0E+00")

        def image(row: int, ties: str = ties) -> str:
            return (
                f"IF({unweighted},SUMPRODUCT(({ties}<>0)*{over(row)}),"
                f"SUMPRODUCT({ties},{over(row)}))"
            )

        for done in range(rounds):
            here = start + 1 + done
            before = cell(here - 1, column)
            formula = f'IF({unit}="",0,{image(here - 1)}/{scale}+{shift}*{before})'
            canvas.formula(here, column, formula, "calculation", "0.0E+00", font_size=8)
        last, x = cell(vector - 1, column), cell(vector, column)
        square = f"SUMSQ({over(vector - 1)})"
        canvas.formula(
            vector,
            column,
            f'IF(OR({unit}="",{square}=0,{negative}>0),"",{last}/SQRT({square}))',
            "output",
            "0.000000",
        )
        canvas.formula(
            vector + 1,
            column,
            f'IF({x}="",0,{image(vector - 1)}/SQRT({square}))',
            "calculation",
            "0.0E+00",
        )
        canvas.formula(
            vector + 2,
            column,
            f'IF({x}="",0,{cell(vector + 1, column)}-{value}*{x})',
            "calculation",
            "0.0E+00",
        )
    for done in range(rounds + 1):
        canvas.number(start + done, 1, done, "stub_center", "0")
    for offset, key in enumerate(("vector", "image", "difference")):
        canvas.label(vector + offset, 1, f"centrality.{key}", "stub")
    canvas.sheet.set_row(top + 5, 66)
    canvas.mark(canvas.area(top + 5, 2), f"{residual}>={RESIDUAL}", "bad")
