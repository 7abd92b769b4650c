"""`Weights`: weights that functions find from scores or judgements, node by node."""

from __future__ import annotations

from xlcity.index.compute import compute
from xlcity.index.steps import MOST_INCONSISTENT
from xlcity.methods.weight.ahp import judgement_matrix
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.number_formats import FOUR_DECIMALS, GENERAL, INTEGER
from xlcity.workbook.drawing.styles import CENTER, STUB_CENTER
from xlcity.workbook.steps.weigh import (
    FOUND,
    LEFT,
    SHEET,
    STORED,
    TARGETS,
    WeightLayout,
    weights_to_store,
)


def draw(book: Book) -> None:
    """Draw the sheet."""
    weight_layout = WeightLayout(book.layout)
    widest = max(len(weight_layout.children(code)) for code in weight_layout.rows)
    canvas = titled_sheet(book, SHEET, [20, 34, *[14] * (widest + 1)])
    spec = book.spec
    # What functions find now, for programs in which they are not loaded.
    index = compute(spec.framework, spec.recipe, spec.dataset)
    for code in weight_layout.rows:
        area = weight_layout.line(code, STORED)
        canvas.stub(area.r1, book.labels.text("weights.stored"))
        for offset, weight in enumerate(weights_to_store(index, code)):
            if weight is not None:
                canvas.put(
                    area.r1, LEFT + offset, weight, STUB_CENTER, number=FOUR_DECIMALS
                )
        _section(book, canvas, weight_layout, code)
    canvas.close(2, 2)


def _section(
    book: Book, canvas: Canvas, weight_layout: WeightLayout, code: str
) -> None:
    """Draw the section of one node."""
    layout = book.layout
    step = weight_layout.step(code)
    row = weight_layout.rows[code]
    canvas.put(row, 1, code, "section")
    canvas.formula(row, 2, layout.node_name(code), "section")
    canvas.put(row, LEFT, step.method, STUB_CENTER)
    for parameter in weight_layout.method(code).cell_parameters:
        canvas.put(row, LEFT + 1, step.settings().value(parameter), STUB_CENTER)
    canvas.stub(row + 2, book.labels.text("weights.found"))
    canvas.node_heads(row + 1, weight_layout.children(code), LEFT)
    if weight_layout.method(code).judges:
        _judgements(book, canvas, weight_layout, code)
        return
    canvas.array(
        weight_layout.line(code, FOUND), weight_layout.call(code), "udf", FOUR_DECIMALS
    )
    if targets := step.numbers("targets"):
        canvas.label(row + TARGETS, 2, "weights.targets", "stub_line")
        for offset, target in enumerate(targets):
            canvas.put(
                row + TARGETS, LEFT + offset, target, STUB_CENTER, number=GENERAL
            )


def _judgements(
    book: Book, canvas: Canvas, weight_layout: WeightLayout, code: str
) -> None:
    """Draw the matrix of judgements, its weights beside it, and how far they agree."""
    area = weight_layout.matrix(code)
    own = weight_layout.own(code)
    weights = weight_layout.line(code, FOUND)
    children = weight_layout.children(code)
    judged = judgement_matrix(
        weight_layout.step(code).numbers("judgements") or (), len(children)
    )
    canvas.label(area.r1 - 1, 2, "weights.judgements", "note")
    for i, child in enumerate(children):
        row = area.r1 + i
        canvas.stub(row, "")
        canvas.formula(row, 2, book.layout.node_name(child), "stub_line")
        for j in range(len(children)):
            column = area.c1 + j
            if i < j:
                canvas.put(
                    row, column, float(judged[i, j]), STUB_CENTER, number="0.###"
                )
            elif i == j:
                canvas.put(row, column, 1, CENTER, number=INTEGER)
            else:
                opposite = f"1/{cell(area.r1 + j, area.c1 + i)}"
                canvas.formula(row, column, opposite, CENTER, number="0.###")
        # The row of weights reads the column that the function gives.
        formula = cell(own.r1 + i, own.c1)
        canvas.formula(weights.r1, weights.c1 + i, formula, number=FOUR_DECIMALS)
    canvas.array(own, weight_layout.call(code), "udf", FOUR_DECIMALS)
    row = area.r2 + 1
    ratio = canvas.area(row, LEFT)
    most = cell(row, LEFT + 2)
    canvas.label(row, 2, "weights.ratio", "stub_line")
    canvas.array(ratio, f"AHP_RATIO({area.ref(home=SHEET)})", "udf", FOUR_DECIMALS)
    good, bad = (
        book.labels.ref(f"weights.{word}") for word in ("consistent", "inconsistent")
    )
    here = cell(row, LEFT)
    canvas.put(row, LEFT + 2, MOST_INCONSISTENT, STUB_CENTER, number="0.0##")
    verdict = f'IF(ISNUMBER({here}),IF({here}<={most},{good},{bad}),"")'
    canvas.formula(row, LEFT + 1, verdict, "check")
    canvas.mark(canvas.area(row, LEFT + 1), f"N({here})>{most}", "bad")
