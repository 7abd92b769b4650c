"""`Normalised`: every indicator by its method, with statistics and bounds above each column."""

from __future__ import annotations

from xlcity.methods.formulas import deviation_formula
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell, spread
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
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
from xlcity.workbook.normalisers import NATIVE
from xlcity.workbook.sheets.calculation.calculate import (
    ANY_SIZE,
    STATISTICS,
    VALUE,
    block_header,
    define_normalised,
    statistics,
    weight_row,
)
from xlcity.workbook.sheets.inputs.methods import heads_of
from xlcity.workbook.sheets.table import unit_sheet
from xlcity.workbook.steps.impute import ROW_DIMENSION, ROW_IMPUTED, ROW_PILLAR, Relatives
from xlcity.workbook.steps.method_table import method_address, methods_of
from xlcity.workbook.steps.normalising import Normalising

WIDTH = 13
ROW_METHOD = ROW_FIXED_LOW
#: Methods that all indicators have -> the note of the sheet.
NOTES = (
    (frozenset({"minmax", "rating"}), "normalised.note"),
    (frozenset({"zscore"}), "normalised.zscore.note"),
    (frozenset({"rank"}), "normalised.rank.note"),
)


def draw(book: Book) -> None:
    """Draw the sheet: final values on the left, the way there on the right."""
    layout, final = book.layout, book.layout.normalised
    methods = methods_of(book.spec)
    note = next((key for known, key in NOTES if methods <= known), "normalised.general.note")
    if book.spec.apart:
        plain = methods <= {"zscore"} and not layout.working.codes
        note = "normalised.apart.note" if plain else "normalised.groups.note"
    widths = [16, 24, *[WIDTH] * len(final.codes)]
    canvas = unit_sheet(book, "Normalised", widths, final.left + 2, note=note)
    canvas.fit_names(ROW_NAME, final.codes, WIDTH, 9)
    blocks = _blocks(book)
    for block, key in blocks.items():
        block_header(book, canvas, block, width=WIDTH)
        if len(blocks) > 1:
            canvas.label(CODE - 2 if block is final else ROW_WEIGHT, block.left, key, "section")
    weight_row(book, canvas, final)
    _row_labels(book, canvas)
    for code in final.codes:
        _column(book, canvas, code)
    if layout.spec.apart:
        _first_population(book, canvas)
    _marks(book, canvas)
    define_normalised(book)
    right = max(block.right for block in blocks)
    canvas.finish(layout.last, right, ROW_NAME, 2, a3=right > 14)


def _blocks(book: Book) -> dict[Block, str]:
    """Return the blocks of the sheet with the labels of what they hold."""
    layout = book.layout
    found = {
        layout.normalised: "normalised.final",
        layout.working: "normalised.working",
        layout.clipped: "normalised.clipped",
        layout.oriented: "normalised.scored",
    }
    return {block: key for block, key in found.items() if block.codes}


def _row_labels(book: Book, canvas: Canvas) -> None:
    rows = [(ROW_WEIGHT, "stat.weight"), (ROW_METHOD, "stat.method")]
    if book.spec.imputes:
        rows.append((ROW_DIMENSION, "stat.dimension"))
    else:
        canvas.thin((ROW_DIMENSION,))
    if not book.spec.apart:
        heads = zip((ROW_LOW, ROW_HIGH, ROW_RANGE), heads_of(book), strict=True)
        rows += [(row, f"stat.{head}") for row, head in heads]
        rows += [(row, key.replace("stat.", "stat.raw_")) for row, key in STATISTICS]
    else:
        canvas.thin((ROW_LOW, ROW_HIGH, ROW_RANGE))
    canvas.stubs(rows)
    if book.spec.imputes:
        for row, key in ((ROW_PILLAR, "pillar"), (ROW_IMPUTED, "imputed")):
            first = dict(rows)[row]
            both = f'{book.labels.ref(first)}&" · "&{book.labels.ref(f"stat.{key}")}'
            canvas.formula(row, 2, both, "stub_line")


def _column(book: Book, canvas: Canvas, code: str) -> None:
    """Write statistics, bounds, working step and scores of one indicator."""
    layout, here = book.layout, Normalising(book.layout, code)
    column, form = layout.oriented.column(code), NATIVE[here.method].form
    method = method_address(book.spec, code, "method")
    canvas.formula(ROW_METHOD, column, method, "calculation_center", font_size=9)
    if not book.spec.apart:
        own, native = here.own, NATIVE[here.method]
        statistics(canvas, column, own.values)
        above = ((ROW_LOW, native.low), (ROW_HIGH, native.high), (ROW_RANGE, native.span))
        for row, formula in above:
            canvas.formula(row, column, formula(own), "calculation", VALUE)
    scores = layout.clipped if here.again else layout.oriented
    if here.again:
        _spread(book, canvas, code)
    for row in range(FIRST, layout.last + 1):
        if here.works:
            made = here.working_formula(row)
            canvas.formula(row, layout.working.column(code), made, "calculation", form)
        canvas.formula(row, scores.column(code), here.formula(row), "calculation", form)
        if here.again:
            made = _once_more(book, code, row)
            canvas.formula(row, layout.oriented.column(code), made, "calculation", form)
    if book.spec.imputes:
        _imputed(book, canvas, code, form)


def _first_population(book: Book, canvas: Canvas) -> None:
    """Write the statistics of the first population; all of them stand on `Populations`."""
    found, block = populations_of(book.layout), book.layout.normalised
    for row, name in zip(
        (ROW_N, ROW_MEAN, ROW_SD, ROW_MIN, ROW_MAX), ("n", "mean", "sd", "min", "max"), strict=True
    ):
        given = f'{book.labels.ref(f"populations.{name}")}&" · {found.names[0]}"'
        canvas.stub(row, given)
        for code in block.codes:
            value = found.at("raw", code, name, 0)
            canvas.formula(row, block.column(code), value, "calculation", ANY_SIZE)


def _spread(book: Book, canvas: Canvas, code: str) -> None:
    """Write mean and deviation of clipped z-scores, by which they are standardised once more."""
    block = book.layout.clipped
    values, column = block.over(code, "Normalised"), block.column(code)
    n, extremes = f"COUNT({values})", (f"MIN({values})", f"MAX({values})")
    ddof = method_address(book.spec, code, "base")
    mean, sd = f'IF({n}=0,"",AVERAGE({values}))', spread(values, n, *extremes, ddof)
    for row, made in ((ROW_MEAN, mean), (ROW_SD, sd)):
        canvas.formula(row, column, made, "calculation", "0.0000")


def _once_more(book: Book, code: str, row: int) -> str:
    """Return the formula of one clipped value standardised once more."""
    block = book.layout.clipped
    x, column = block.at(code, row, "Normalised"), block.column(code)
    mean, sd = cell(ROW_MEAN, column, "r"), cell(ROW_SD, column, "r")
    score = f"IF(ISNUMBER({x}),{deviation_formula(x, mean, sd)},{x})"
    return f'IF(ISNUMBER({sd}),{score},IF(ISNUMBER({mean}),"",{x}))'


def _imputed(book: Book, canvas: Canvas, code: str, form: str) -> None:
    """Write an indicator with a mean of the city's other scores in place of confirmed gaps."""
    layout = book.layout
    block, before = layout.normalised, layout.oriented
    column, relatives = block.column(code), Relatives.of(book.spec)
    near, far = relatives.labels(code)
    canvas.text(ROW_DIMENSION, column, near, "stub_code")
    canvas.text(ROW_PILLAR, column, far, "stub_code")
    old, new = (part.over(code, "Normalised") for part in (before, block))
    count = f'COUNTIF({old},"NA")-COUNTIF({new},"NA")'
    canvas.formula(ROW_IMPUTED, column, count, "calculation_center", "0")
    groups = relatives.groups(code)
    for row in range(FIRST, layout.last + 1):
        here, found = before.at(code, row, "Normalised"), '"NA"'
        for codes in reversed(groups):
            values = ",".join(area.ref("c", "Normalised") for area in before.runs_of(codes, row))
            found = f"IF(COUNT({values})>0,AVERAGE({values}),{found})"
        canvas.formula(row, column, f'IF({here}="NA",{found},{here})', "calculation", form)


def _marks(book: Book, canvas: Canvas) -> None:
    """Mark gaps, clipped values, and scores that stand for a gap."""
    layout = book.layout
    final, before = layout.normalised, layout.oriented
    for block in _blocks(book):
        canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    for code in layout.working.codes:
        if Normalising(layout, code).method == "zscore":
            here = layout.working.at(code, FIRST, "Normalised")
            limit = method_address(book.spec, code, "clip")
            clipped = f"AND(ISNUMBER({here}),{limit}>0,ABS({here})>{limit})"
            canvas.mark(layout.working.span((code,)), clipped, "note")
    here = cell(FIRST, final.left)
    if before != final:
        book.define("xl_oriented", before.span())
        gap = f'INDEX(xl_oriented,ROW()-{FIRST - 1},COLUMN()-{final.left - 1})="NA"'
        canvas.mark(final.span(), f"AND(ISNUMBER({here}),{gap})", "derived")
    elif not book.spec.prepares:
        gap = f'INDEX(xl_raw,ROW()-{FIRST - 1},COLUMN()-{final.left - 1})="NA"'
        canvas.mark(final.span(), f"AND(ISNUMBER({here}),{gap})", "note")
