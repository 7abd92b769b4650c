"""`Centrality`: eigenvector centralities by power iteration, vectors laid out as rows."""

from __future__ import annotations

from collections.abc import Callable

from xlcity.functions.network import SHIFT
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.links import LEFT, LinkLayout
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.calculation.matrices import shown_id

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
    top, rounds = links.centrality_top(code), links.rounds(code)
    canvas.text(top, 1, code, "section")
    canvas.formula(top, LEFT, book.layout.framework_cell(code, "display"), "section")
    start = top + 7
    vector = start + rounds + 1

    def over(row: int) -> str:
        return canvas.range(row, LEFT, row, links.right)

    value, residual = cell(top + 4, 2, "rc"), cell(top + 5, 2, "rc")
    for offset, key in ((1, "scale"), (2, "shift"), (4, "lambda"), (5, "residual")):
        canvas.label(top + offset, 1, f"centrality.{key}", "stub")
    canvas.formula(top + 1, 2, f"IF(MAX({over(start)})>0,MAX({over(start)}),1)", "calculation")
    canvas.input(top + 2, 2, SHIFT, "input_center", "General")
    canvas.formula(top + 4, 2, f"SUMPRODUCT({over(vector)},{over(vector + 1)})", "calculation")
    off = f'IF({value}>0,SQRT(SUMSQ({over(vector + 2)}))/{value},"")'
    canvas.formula(top + 5, 2, off, "output", "0.0E+00")
    canvas.label(top + 6, 1, "centrality.round", "header")
    for slot in range(book.layout.slots):
        _city(canvas, links, code, slot, over)
    for done in range(rounds + 1):
        canvas.number(start + done, 1, done, "stub_center", "0")
    for row, key in enumerate(("vector", "image", "difference"), vector):
        canvas.label(row, 1, f"centrality.{key}", "stub")
    canvas.sheet.set_row(top + 5, 66)
    canvas.mark(canvas.area(top + 5, 2), f"{residual}>={RESIDUAL}", "bad")


def _city(
    canvas: Canvas, links: LinkLayout, code: str, slot: int, over: Callable[[int], str]
) -> None:
    """Write a city's column: its number after each round, the vector, its image and what is off."""
    top, column = links.centrality_top(code), LEFT + slot
    start, vector = top + 7, top + 8 + links.rounds(code)
    scale, shift, value = (cell(top + n, 2, "rc") for n in (1, 2, 4))
    unweighted = f'{part_name("weighted", code)}="no"'
    negative = f'COUNTIF({links.matrix(code).ref()},"<0")'
    unit = f"Matrices!{cell(links.first(code) + slot, 1, 'rc')}"
    canvas.formula(top + 6, column, shown_id(unit), "header", font_size=8, rotation=90)
    ties = links.row(code, slot).ref()
    ranged = f'IF({unweighted},COUNTIF({ties},">0"),SUM({ties}))'
    small = "0.0E+00"
    canvas.formula(start, column, f'IF({unit}="",0,{ranged})', "calculation", small)

    def image(row: int) -> str:
        counted = f"SUMPRODUCT(({ties}<>0)*{over(row)})"
        return f"IF({unweighted},{counted},SUMPRODUCT({ties},{over(row)}))"

    for row in range(start + 1, vector):
        made = f"{image(row - 1)}/{scale}+{shift}*{cell(row - 1, column)}"
        canvas.formula(row, column, f'IF({unit}="",0,{made})', "calculation", small, font_size=8)
    last, x = cell(vector - 1, column), cell(vector, column)
    square = f"SUMSQ({over(vector - 1)})"
    none = f'OR({unit}="",{square}=0,{negative}>0)'
    canvas.formula(vector, column, f'IF({none},"",{last}/SQRT({square}))', "output", "0.000000")
    for row, made in (
        (vector + 1, f"{image(vector - 1)}/SQRT({square})"),
        (vector + 2, f"{cell(vector + 1, column)}-{value}*{x}"),
    ):
        canvas.formula(row, column, f'IF({x}="",0,{made})', "calculation", small)
