"""`Normalised` by z-scores: standardise, clip, orient, impute, each in columns of its own."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, Block, cell, spread, varies
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_RANGE,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.populations import Populations
from xlcity.workbook.sheets.calculate import (
    ANY_SIZE,
    block_header,
    define_normalised,
    stubs,
    unit_columns,
    weight_row,
)
from xlcity.workbook.steps.apart import zscore_native
from xlcity.workbook.steps.zscore import (
    ROW_CLIPPED,
    ROW_DIMENSION,
    ROW_DIRECTION,
    ROW_PILLAR,
    Relatives,
    standardised,
)

Z = "0.000"


def draw_apart(book: Book) -> None:
    """Draw the sheet of populations that are scored apart: statistics stand on `Statistics`."""
    canvas, layout = book.canvas("Normalised"), book.layout
    final = layout.normalised
    canvas.heading("normalised", "normalised.apart.note", banner_column=final.left + 2)
    canvas.widths([16, 24, *[12] * len(final.codes)])
    canvas.sheet.set_row(ROW_NAME - 1, 60)
    unit_columns(book, canvas)
    stubs(canvas, [(ROW_WEIGHT, "stat.weight"), (ROW_DIRECTION, "framework.direction")], ())
    canvas.thin((ROW_DIMENSION, ROW_PILLAR, ROW_CLIPPED, ROW_RANGE))
    block_header(book, canvas, final)
    weight_row(book, canvas, final)
    rows = (ROW_N, ROW_MEAN, ROW_SD, ROW_MIN, ROW_MAX)
    node_rows = tuple(zip(rows, ("n", "mean", "sd", "min", "max"), strict=True))
    found = Populations(layout)
    for row, name in node_rows:
        canvas.blank(row, 1, "stub")
        said = f'{book.labels.ref(f"statistics.{name}")}&" · {found.names[0]}"'
        canvas.formula(row, 2, said, "stub_line")
    for code in final.codes:
        column = final.column(code)
        direction = layout.framework_cell(code, "direction")
        canvas.formula(ROW_DIRECTION, column, direction, "calculation_center", "0")
        for row, name in node_rows:
            canvas.formula(row, column, found.at("raw", code, name, 0), "calculation", ANY_SIZE)
        for row in range(FIRST, layout.last + 1):
            canvas.formula(row, column, zscore_native(layout, code, row), "calculation", Z)
    canvas.mark(final.span(), f'{cell(FIRST, final.left)}="NA"', "missing")
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Normalised", 1, 1, layout.last, final.right), a3=True)
    canvas.protect()


def draw(book: Book) -> None:
    """Draw the sheet: final values on the left, the way there on the right."""
    canvas, layout = book.canvas("Normalised"), book.layout
    final, oriented, plain = layout.normalised, layout.oriented, layout.zscores
    clipped = layout.clipped
    canvas.heading("normalised", "normalised.zscore.note", banner_column=final.left + 2)
    canvas.widths([16, 24, *[12] * len(final.codes), 2])
    canvas.sheet.set_row(ROW_NAME - 1, 60)
    unit_columns(book, canvas)
    stubs(
        canvas,
        [
            (ROW_WEIGHT, "stat.weight"),
            (ROW_DIRECTION, "framework.direction"),
            (ROW_DIMENSION, "stat.dimension"),
            (ROW_N, "stat.raw_n"),
            (ROW_MEAN, "stat.raw_mean"),
            (ROW_SD, "stat.raw_sd_ddof"),
            (ROW_MIN, "stat.raw_min"),
            (ROW_MAX, "stat.raw_max"),
            (ROW_PILLAR, "stat.pillar"),
            (ROW_CLIPPED, "stat.marked"),
            (ROW_RANGE, "stat.range"),
        ],
        (),
    )
    sections = {plain: "zscore.plain", clipped: "zscore.oriented", oriented: "zscore.again"}
    sections |= {clipped: "zscore.oriented", final: "zscore.final"}
    for block in sections:
        block_header(book, canvas, block)
        canvas.columns(block.left, block.right, 12)
        canvas.columns(block.right + 1, block.right + 1, 2)
        canvas.label(CODE - 2, block.left, sections[block], "section")
    weight_row(book, canvas, final)
    for code in final.codes:
        _header(book, canvas, code)
        raw = layout.raw
        for row in range(FIRST, layout.last + 1):
            x, column = raw.at(code, row, "Normalised"), final.column(code)
            mean, sd = cell(ROW_MEAN, column, "r"), cell(ROW_SD, column, "r")
            z = plain.at(code, row, "Normalised")
            canvas.formula(
                row,
                plain.column(code),
                standardised(x, mean, sd),
                "calculation",
                Z,
            )
            sign = cell(ROW_DIRECTION, column, "r")
            canvas.formula(
                row,
                clipped.column(code),
                f"IF(ISNUMBER({z}),{sign}*IF(par_limit>0,MAX(-par_limit,MIN(par_limit,{z})),{z}),"
                f"{z})",
                "calculation",
                Z,
            )
            if clipped != oriented:
                canvas.formula(
                    row, oriented.column(code), _again(book, code, row), "calculation", Z
                )
            if oriented != final:
                canvas.formula(row, column, imputed(book, code, row), "calculation", Z)
    _marks(book, canvas, final, oriented, plain)
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    right = max(block.right for block in sections)
    if clipped != oriented:
        for code in clipped.codes:
            _spread(canvas, clipped, code)
    canvas.page(Area("Normalised", 1, 1, layout.last, right), a3=True)
    canvas.protect()


def _header(book: Book, canvas: Canvas, code: str) -> None:
    layout = book.layout
    column = layout.normalised.column(code)
    raw = layout.raw.over(code, "Normalised")
    canvas.formula(
        ROW_DIRECTION,
        column,
        layout.framework_cell(code, "direction"),
        "calculation_center",
        "0",
    )
    near, far = Relatives.of(book.spec).labels(code)
    canvas.text(ROW_DIMENSION, column, near, "stub_code")
    canvas.text(ROW_PILLAR, column, far, "stub_code")
    n, low, high = (cell(row, column, "r") for row in (ROW_N, ROW_MIN, ROW_MAX))
    canvas.formula(ROW_N, column, f"COUNT({raw})", "calculation_center")
    for row, function in ((ROW_MEAN, "AVERAGE"), (ROW_MIN, "MIN"), (ROW_MAX, "MAX")):
        canvas.formula(row, column, f'IF({n}=0,"",{function}({raw}))', "calculation", "0.0000")
    # Numbers that are equal but for rounding are a constant column: their sd is not 0.
    canvas.formula(
        ROW_SD,
        column,
        spread(raw, n, low, high),
        "calculation",
        "0.0000",
    )
    canvas.formula(
        ROW_RANGE,
        column,
        f'IF({n}>1,IF({varies(low, high)},{high}-{low},""),"")',
        "calculation",
        "General",
    )
    plain, final = layout.zscores, layout.normalised
    clipped = plain.over(code, "Normalised")
    oriented = layout.oriented.over(code, "Normalised")
    imputed = (
        f'&" / "&COUNTIF({oriented},"NA")-COUNTIF({final.over(code, "Normalised")},"NA")'
        if layout.oriented != final
        else ""
    )
    canvas.formula(
        ROW_CLIPPED,
        column,
        f'IF(par_limit>0,COUNTIF({clipped},">"&par_limit)+COUNTIF({clipped},"<"&-par_limit),0)'
        f"{imputed}",
        "calculation_center",
    )


def _spread(canvas: Canvas, block: Block, code: str) -> None:
    """Write mean and sd of clipped z-scores, by which they are standardised once more."""
    values, column = block.over(code, "Normalised"), block.column(code)
    n, extremes = f"COUNT({values})", (f"MIN({values})", f"MAX({values})")
    canvas.formula(ROW_MEAN, column, f'IF({n}=0,"",AVERAGE({values}))', "calculation", "0.0000")
    canvas.formula(
        ROW_SD,
        column,
        spread(values, n, *extremes),
        "calculation",
        "0.0000",
    )


def _again(book: Book, code: str, row: int) -> str:
    """Return the formula of one clipped value standardised once more."""
    block = book.layout.clipped
    x, column = block.at(code, row, "Normalised"), block.column(code)
    mean, sd = cell(ROW_MEAN, column, "r"), cell(ROW_SD, column, "r")
    return standardised(x, mean, sd)


def imputed(book: Book, code: str, row: int) -> str:
    """Return the formula of one final value: the oriented one, or a mean of the city's others."""
    block = book.layout.oriented
    here, found = block.at(code, row, "Normalised"), '"NA"'
    for codes in reversed(Relatives.of(book.spec).groups(code)):
        values = ",".join(area.ref("c", "Normalised") for area in block.runs_of(codes, row))
        found = f"IF(COUNT({values})>0,AVERAGE({values}),{found})"
    return f'IF({here}="NA",{found},{here})'


def _marks(book: Book, canvas: Canvas, final: Block, oriented: Block, plain: Block) -> None:
    """Mark clipped values and imputed ones."""
    here = cell(FIRST, plain.left)
    canvas.mark(plain.span(), f"AND(ISNUMBER({here}),par_limit>0,ABS({here})>par_limit)", "note")
    for block in (plain, oriented, final):
        first = cell(FIRST, block.left)
        canvas.mark(block.span(), f'{first}="NA"', "missing")
    if oriented != final:
        book.define("xl_oriented", oriented.span())
        first = cell(FIRST, final.left)
        canvas.mark(
            final.span(),
            f"AND(ISNUMBER({first}),INDEX(xl_oriented,ROW()-{FIRST - 1},"
            f'COLUMN()-{final.left - 1})="NA")',
            "derived",
        )
