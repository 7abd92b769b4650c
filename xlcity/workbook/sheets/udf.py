"""`UDF`: the same steps as calls of the function library over whole columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, Block, cell
from xlcity.workbook.layout import CODE, FIRST, ROW_NAME, ROW_WEIGHT, Layout
from xlcity.workbook.sheets.calculate import SCORE, unit_columns
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps import missing_rule, node_udf, normaliser_runs

#: Header rows of this sheet.
ROW_CALL, ROW_DIFFERENCE, ROW_STATUS = 5, 6, 7
COLUMN = 14


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library function: where it stands, what it says, what it repeats."""

    title: str
    area: Area
    formula: str
    native: Area
    codes: tuple[str, ...]
    number: str


def calls(spec: TemplateSpec, layout: Layout) -> Iterator[Call]:
    """Yield every call with its place, from left to right."""
    left = 3

    def place(native: Area, codes: tuple[str, ...], title: str, formula: str, number: str) -> Call:
        nonlocal left
        area = Area("UDF", FIRST, left, layout.last, left + native.columns - 1)
        left += native.columns + 1
        return Call(title, area, formula, native, codes, number)

    for normaliser, codes in normaliser_runs(spec, layout):
        yield place(
            layout.normalised.span(codes),
            codes,
            "udf.normalise",
            normaliser.udf(layout, codes),
            SCORE,
        )
    for code in layout.composites:
        block, children = layout.children(code)
        values = block.span(children).ref()
        weights = block.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
        yield place(
            layout.scores.span((code,)),
            (code,),
            "udf.aggregate",
            node_udf(values, weights, missing_rule(spec, code)),
            SCORE,
        )
    ranks: Block = layout.ranks
    yield place(
        ranks.span(), ranks.codes, "udf.rank", f"RANK_COMPETITION({layout.keys.span().ref()})", "0"
    )


def draw(book: Book) -> list[Area]:
    """Draw the sheet and return the status cell of every call, for `Checks`."""
    canvas, layout = book.canvas("UDF"), book.layout
    canvas.heading("udf", "udf.note")
    canvas.widths([16, 26])
    names = (*layout.indicators, *layout.composites)
    canvas.fit_names(ROW_NAME, names, COLUMN)
    canvas.thin(range(ROW_STATUS + 1, CODE))
    unit_columns(book, canvas)
    for row, key in (
        (ROW_CALL, "udf.call"),
        (ROW_DIFFERENCE, "udf.difference"),
        (ROW_STATUS, "udf.status"),
    ):
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, key, "stub_line")
    statuses = []
    right = 2
    for call in calls(book.spec, layout):
        statuses.append(_draw_call(book, canvas, call))
        right = call.area.last_column
    canvas.mark(Area("UDF", FIRST, 3, layout.last, right), f"ISERROR({cell(FIRST, 3)})", "faint")
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("UDF", 1, 1, layout.last, right), a3=True)
    canvas.protect()
    return statuses


def _draw_call(book: Book, canvas: Canvas, call: Call) -> Area:
    layout, area = book.layout, call.area
    canvas.columns(area.first_column, area.last_column, COLUMN)
    canvas.columns(area.last_column + 1, area.last_column + 1, 2)
    for offset, code in enumerate(call.codes):
        column = area.first_column + offset
        name = layout.framework_cell(code, "display")
        canvas.formula(ROW_NAME, column, name, "header", font_size=9)
        canvas.text(CODE, column, code, "stub_code")
    canvas.label(ROW_WEIGHT, area.first_column, call.title, "section", font_size=9)
    canvas.text(ROW_CALL, area.first_column, call.formula.split("(")[0], "note", font_size=8)
    canvas.array(area, call.formula, "udf", call.number)
    native, udf = call.native.ref(), area.ref("rc", "UDF")
    anchor = cell(area.first_row, area.first_column, "rc")
    canvas.array(
        Area("UDF", ROW_DIFFERENCE, area.first_column, ROW_DIFFERENCE, area.first_column),
        # Nothing to compare where the functions are not loaded.
        f'IF(IFERROR(ERROR.TYPE({anchor}),0)=5,"",'
        f"MAX(IFERROR(({native}-{udf})^2/(1+{native}^2),0))+(COUNT({native})<>COUNT({udf}))*1)",
        "calculation",
        "0.0E+00",
    )
    status = Area("UDF", ROW_STATUS, area.first_column, ROW_STATUS, area.first_column)
    difference = cell(ROW_DIFFERENCE, area.first_column)
    canvas.formula(
        ROW_STATUS,
        area.first_column,
        f'IF(IFERROR(ERROR.TYPE({anchor}),0)=5,"skipped",IF(IFERROR({difference},1)<='
        f'par_udf_tolerance^2,"pass","fail"))',
        "check",
    )
    for word, mark in (("pass", "good"), ("fail", "bad"), ("skipped", "skipped")):
        canvas.mark(status, f'{cell(ROW_STATUS, area.first_column)}="{word}"', mark)
    return status
