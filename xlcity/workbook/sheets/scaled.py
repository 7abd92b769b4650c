"""`Normalised` by bounds: min-max and rating scales."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell, varies
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
from xlcity.workbook.steps import normaliser_for

#: Words of templates in which the bounds of the scale can be chosen.
LABELS = (
    (
        "par.bounds",
        "标准化的上下限：minmax 最小值—最大值，max 0—最大值，mean 0—均值",
        "bounds of the scale: minmax, max (0 to maximum) or mean (0 to mean)",
    ),
    ("par.flat", "各城市数值全部相同时的得分", "score where all cities are equal"),
)


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
            (ROW_FIXED_LOW, "stat.fixed_low"),
            (ROW_FIXED_HIGH, "stat.fixed_high"),
            (ROW_N, "stat.raw_n"),
            (ROW_MEAN, "stat.raw_mean"),
            (ROW_SD, "stat.raw_sd"),
            (ROW_MIN, "stat.raw_min"),
            (ROW_MAX, "stat.raw_max"),
            (ROW_LOW, "stat.low"),
            (ROW_HIGH, "stat.high"),
            (ROW_RANGE, "stat.range"),
        ],
        (),
    )
    for code in block.codes:
        column = block.column(code)
        normaliser = normaliser_for(book.spec, code)
        raw = layout.raw.over(code, "Normalised")
        for row, name in ((ROW_FIXED_LOW, "low"), (ROW_FIXED_HIGH, "high")):
            source = layout.framework_cell(code, name)
            canvas.formula(row, column, f'IF(ISNUMBER({source}),{source},"")', "calculation", VALUE)
        statistics(canvas, column, raw)
        canvas.formula(ROW_LOW, column, normaliser.low_formula(column, raw), "calculation", VALUE)
        canvas.formula(ROW_HIGH, column, normaliser.high_formula(column, raw), "calculation", VALUE)
        low, high = cell(ROW_LOW, column), cell(ROW_HIGH, column)
        canvas.formula(
            ROW_RANGE,
            column,
            f'IF(COUNT({low}:{high})=2,IF({varies(low, high)},{high}-{low},""),"")',
            "calculation",
            VALUE,
        )
        for row in range(FIRST, layout.last + 1):
            canvas.formula(
                row,
                column,
                normaliser.native(column, layout.raw.at(code, row, "Normalised")),
                "calculation",
                SCORE,
            )
    here = cell(FIRST, block.left)
    canvas.mark(block.span(), f'{here}="NA"', "missing")
    _mark_unrated(book, canvas)
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Normalised", 1, 1, layout.last, block.right), landscape=False)
    canvas.protect()


def _mark_unrated(book: Book, canvas: Canvas) -> None:
    """Mark scores that stand for a confirmed missing value."""
    layout = book.layout
    block = layout.normalised
    here = cell(FIRST, block.left)
    canvas.mark(
        block.span(),
        f'AND(ISNUMBER({here}),INDEX(xl_raw,ROW()-{FIRST - 1},COLUMN()-{block.left - 1})="NA")',
        "note",
    )
