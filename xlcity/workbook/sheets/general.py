"""`Methods` and `Normalised` where indicators are normalised each by a method of its own."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import (
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_RANGE,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculate import (
    SCORE,
    VALUE,
    block_header,
    define_normalised,
    statistics,
    stubs,
    unit_columns,
    weight_row,
)
from xlcity.workbook.steps.general import COLUMNS, FIRST_ROW, HEADER, LEFT, SHEET, way_for

WIDTHS = (22, 36, 14, 11, 12, 12, 12, 12, 12, 64)
ROW_METHOD, ROW_TWIN = ROW_FIXED_LOW, ROW_FIXED_HIGH


def draw_methods(book: Book) -> None:
    """Draw `Methods`: a row per indicator with its method, parameters and what they mean."""
    canvas, layout = book.canvas(SHEET), book.layout
    canvas.heading("methods", "methods.note")
    canvas.widths(WIDTHS)
    heads = ("code", "name", *COLUMNS, "meaning")
    canvas.fit_labels(HEADER - 1, [(f"methods.{h}", w) for h, w in zip(heads, WIDTHS, strict=True)])
    for column, name in enumerate(heads, 1):
        canvas.label(HEADER - 1, column, f"methods.{name}", "header")
        canvas.text(HEADER, column, name, "stub_code")
    for code in layout.indicators:
        way = way_for(book.spec, code)
        canvas.text(way.row, 1, code, "stub")
        canvas.formula(way.row, 2, layout.framework_cell(code, "display"), "name", text_wrap=True)
        canvas.text(way.row, LEFT, way.method, "stub_center")
        canvas.formula(
            way.row,
            LEFT + 1,
            layout.framework_cell(code, "direction"),
            "calculation_center",
            "0",
        )
        for name in COLUMNS[2:]:
            column, value = LEFT + COLUMNS.index(name), way.values[name]
            if isinstance(value, float):
                canvas.number(way.row, column, value, "stub_center", "General")
            elif value:
                canvas.text(way.row, column, value, "stub_center")
            else:
                canvas.blank(way.row, column, "stub_center")
        canvas.fit_labels(way.row, [(f"method.{way.method}", WIDTHS[-1])], 9, 24)
        canvas.label(
            way.row, len(WIDTHS), f"method.{way.method}", "stub", font_size=9, text_wrap=True
        )
    last = FIRST_ROW + len(layout.indicators) - 1
    book.define("xl_methods", Area(SHEET, HEADER, 1, last, LEFT + len(COLUMNS) - 1))
    canvas.frame(HEADER, 2, titles=(HEADER - 1, HEADER))
    canvas.page(Area(SHEET, 1, 1, last, len(WIDTHS)), a3=True)
    canvas.protect()


def draw(book: Book) -> None:
    """Draw `Normalised`: statistics, bounds and the normalised indicators."""
    canvas, layout = book.canvas("Normalised"), book.layout
    block = layout.normalised
    canvas.heading("normalised", "normalised.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[16] * len(block.codes)])
    canvas.fit_names(ROW_NAME, block.codes, 16, 9)
    block_header(book, canvas, block)
    weight_row(book, canvas, block)
    unit_columns(book, canvas)
    stubs(
        canvas,
        [
            (ROW_WEIGHT, "stat.weight"),
            (ROW_METHOD, "stat.method"),
            (ROW_TWIN, "stat.twin"),
            (ROW_N, "stat.raw_n"),
            (ROW_MEAN, "stat.raw_mean"),
            (ROW_SD, "stat.raw_sd"),
            (ROW_MIN, "stat.raw_min"),
            (ROW_MAX, "stat.raw_max"),
            (ROW_LOW, "stat.from"),
            (ROW_HIGH, "stat.to"),
            (ROW_RANGE, "stat.span"),
        ],
        (),
    )
    for code in block.codes:
        way, column = way_for(book.spec, code), block.column(code)
        raw = layout.raw.over(code, "Normalised")
        canvas.formula(ROW_METHOD, column, way.at("method"), "calculation_center", font_size=9)
        twin = way.udf("")
        shown = "" if twin is None else twin.partition("(")[0]
        canvas.text(ROW_TWIN, column, shown or "—", "stub_center", font_size=7, shrink=True)
        statistics(canvas, column, raw)
        for row, formula in zip(
            (ROW_LOW, ROW_HIGH, ROW_RANGE), way.bounds(column, raw), strict=True
        ):
            canvas.formula(row, column, formula, "calculation", VALUE)
        for row in range(FIRST, layout.last + 1):
            value = layout.raw.at(code, row, "Normalised")
            canvas.formula(row, column, way.native(column, value, raw), "calculation", SCORE)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Normalised", 1, 1, layout.last, block.right), landscape=False)
    canvas.protect()
