"""`Normalised` by ranks: 100/N times the ascending rank."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell, rank
from xlcity.workbook.layout import (
    FIRST,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_RANGE,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.calculate import (
    SCORE,
    block_header,
    define_normalised,
    stubs,
    unit_columns,
    weight_row,
)
from xlcity.workbook.steps.uniform import ROW_DIRECTION, options_of

ROW_CODES, ROW_UNITS = ROW_LOW, ROW_HIGH


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, layout = book.canvas("Normalised"), book.layout
    block = layout.normalised
    canvas.heading("normalised", "normalised.rank.note", banner_column=block.left + 2)
    canvas.widths([16, 24, *[13] * len(block.codes)])
    canvas.sheet.set_row(ROW_NAME - 1, 60)
    block_header(book, canvas, block)
    weight_row(book, canvas, block)
    unit_columns(book, canvas)
    stubs(
        canvas,
        [
            (ROW_WEIGHT, "stat.weight"),
            (ROW_DIRECTION, "framework.direction"),
            (ROW_N, "stat.raw_n"),
            (ROW_MIN, "stat.raw_min"),
            (ROW_MAX, "stat.raw_max"),
            (ROW_CODES, "stat.codes"),
            (ROW_UNITS, "stat.units"),
            (ROW_RANGE, "stat.range"),
        ],
        (),
    )
    for code in block.codes:
        ties, missing = options_of(layout, code)
        lowest = missing == "lowest"
        column = block.column(code)
        raw = layout.raw.over(code, "Normalised")
        canvas.formula(
            ROW_DIRECTION,
            column,
            layout.framework_cell(code, "direction"),
            "calculation_center",
            "0",
        )
        n = cell(ROW_N, column, "r")
        canvas.formula(ROW_N, column, f"COUNT({raw})", "calculation_center")
        for row, function in ((ROW_MIN, "MIN"), (ROW_MAX, "MAX")):
            canvas.formula(row, column, f'IF({n}=0,"",{function}({raw}))', "calculation", "General")
        canvas.formula(ROW_CODES, column, f'COUNTIF({raw},"NA")', "calculation_center", "0")
        low, high = cell(ROW_MIN, column), cell(ROW_MAX, column)
        canvas.formula(ROW_RANGE, column, f'IF({n}=0,"",{high}-{low})', "calculation", "General")
        codes = cell(ROW_CODES, column, "r")
        canvas.formula(
            ROW_UNITS, column, f"{n}+{codes}" if lowest else n, "calculation_center", "0"
        )
        for row in range(FIRST, layout.last + 1):
            formula = _score(layout.raw.at(code, row, "Normalised"), raw, column, ties, lowest)
            canvas.formula(row, column, formula, "calculation", SCORE)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Normalised", 1, 1, layout.last, block.right), a3=len(block.codes) > 12)
    canvas.protect()


def _score(x: str, values: str, column: int, ties: str, lowest: bool) -> str:
    """Return 100/N x ascending rank; a missing code is the lowest value, where the recipe says so.

    The smallest is first for a positive direction, the largest for a negative one; the worst value
    is the column's minimum or maximum accordingly.
    """
    sign, units, codes, n, low, high = (
        cell(row, column, "r")
        for row in (ROW_DIRECTION, ROW_UNITS, ROW_CODES, ROW_N, ROW_MIN, ROW_MAX)
    )
    extremes, up = (low, high), f"{sign}=1"
    place = rank(x, values, extremes, up, ties)
    if not lowest:
        return f"IF(ISNUMBER({x}),100/{units}*{place},{x})"
    # The codes join the tie of the worst value; all others move up by their number.
    worst = f"{rank(x, values, extremes, up, 'min')}=1"
    if ties == "min":
        joined, tie = f"IF({worst},{place},{place}+{codes})", "1"
    else:
        same = rank(f"IF({up},{low},{high})", values, extremes, up, "max")
        tie = f"({same}+{codes}+1)/2" if ties == "average" else f"({same}+{codes})"
        joined = f"IF({worst},{tie},{place}+{codes})"
    return (
        f'IF(ISNUMBER({x}),100/{units}*{joined},IF({x}="NA",IF({n}=0,"NA",100/{units}*{tie}),{x}))'
    )
