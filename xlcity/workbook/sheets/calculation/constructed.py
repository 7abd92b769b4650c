"""Indicators built from their ingredients, or given directly, and the list `Items`."""

from __future__ import annotations

from functools import partial

from xlcity.functions.construct import BAND_UPPERS, BAND_WEIGHTS, PM25_MULTIPLES
from xlcity.methods.formulas import deviation_formula, varies_condition
from xlcity.model.dataset import Dataset, Item
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.live_recipe import list_names, part_name
from xlcity.workbook.sheets.calculation.calculate import (
    block_header,
    block_stub,
    block_stubs,
)
from xlcity.workbook.steps.construct import (
    ROW_LIMIT,
    ROW_PARTS,
    ROW_PARTS_WEIGHT,
    construct_step,
    native,
    weight_range,
)

Z = "0.000"
ITEM_COLUMNS = (
    "code", "unit", "item", "rank_a", "rank_b", "weight_a", "weight_b", "weight", "basis",
)  # fmt: skip
#: Column of the lines as shipped, right of the printed ones.
LINE = len(ITEM_COLUMNS) + 2


def draw(book: Book, canvas: Canvas) -> None:
    """Draw how indicators are constructed, and the value every indicator goes on with."""
    layout, built = book.layout, book.layout.constructed_values
    form = value_formats(book.spec.framework)
    own = {ROW_WEIGHT: "weight", ROW_FIXED_LOW: "method", ROW_LIMIT: "limit"}
    rows = {row: f"constructed.{name}" for row, name in own.items()}
    parts = rows | {ROW_N: "stat.n", ROW_MEAN: "stat.mean", ROW_SD: "stat.raw_sd_ddof"}
    for of, block in layout.weighted_parts.items():
        if block is layout.typed:
            block_stub(canvas, block, ROW_WEIGHT, rows[ROW_WEIGHT])
            continue
        block_header(book, canvas, block, title="constructed.parts")
        block_stubs(canvas, block, "constructed.parts", parts.items())
        title = f"{book.labels.text('constructed.parts')} → {of}"
        canvas.put(ROW_NAME, block.left - 1, title, "section", font_size=9, text_wrap=True)
    block_header(book, canvas, built, title="constructed.built")
    if layout.weighted_parts:
        rows |= {ROW_PARTS: "constructed.number", ROW_PARTS_WEIGHT: "constructed.total"}
    block_stubs(canvas, built, "constructed.built", rows.items())
    for code in layout.constructed:
        _workings(book, canvas, code)
    canvas.mark(built.span(), f'{cell(FIRST, built.left)}="NA"', "missing")
    if (raw := layout.blocks["raw"]).codes:
        block_header(book, canvas, raw, title="constructed.values")
        block_stubs(canvas, raw, "constructed.values")
        for code in raw.codes:
            source = built if code in built.codes else layout.typed
            canvas.fill(raw, partial(source.at, home=INDEX), number=form, codes=(code,))
    if layout.item_codes:
        listed = layout.listed_ids.c1
        canvas.label(ROW_NAME, listed, "constructed.scored", "header", font_size=9)
        canvas.label(CODE, listed, "data.id", "stub_code")
        for row in range(FIRST, layout.last + 1):
            scored = layout.population(row, INDEX)
            canvas.formula(row, listed, f'IF({scored}="","",{cell(row, 1, "c")})', "id")


def _workings(book: Book, canvas: Canvas, code: str) -> None:
    layout, step = book.layout, construct_step(book.layout, code)
    built = layout.constructed_values.column(code)
    canvas.put(ROW_FIXED_LOW, built, step.method, "stub_code")
    form = value_formats(book.spec.framework)

    def value(code: str, row: int) -> str:
        # A value of its own is used, whatever it could be made of.
        given = layout.typed.at(code, row, INDEX)
        return f'IF({given}="",{native(layout, code, row)},{given})'

    canvas.fill(layout.constructed_values, value, "calculation", form, (code,))
    if step.method == "trend":
        threshold = step.number("threshold", 0.0)
        canvas.put(ROW_LIMIT, built, threshold, "stub_center", "General")
    if (block := layout.weighted_parts.get(code)) is None:
        return
    for row, function in ((ROW_PARTS, "COUNT"), (ROW_PARTS_WEIGHT, "SUM")):
        formula = f"{function}({weight_range(layout, code, INDEX)})"
        canvas.formula(row, built, formula, "calculation_center", "0.####")
    scored, parts = step.method == "zscore_index", layout.ingredients_of(code)
    weights = step.numbers("weights") or tuple(1.0 for _ in parts)
    if scored:
        weighted = block.rows_of(parts, ROW_WEIGHT, ROW_WEIGHT)
        book.define(part_name("weights", code), weighted)
        book.define(part_name("limit", code), canvas.area(ROW_LIMIT, built))
        canvas.input(ROW_LIMIT, built, step.number("clip", 0.0), "input_center", "General")
    limit = cell(ROW_LIMIT, built, "rc")

    def subscore(part: str, row: int) -> str:
        x = layout.typed.at(part, row, INDEX)
        mean, sd = (cell(header_row, block.column(part), "r") for header_row in (ROW_MEAN, ROW_SD))
        z = deviation_formula(x, mean, sd)
        clipped = f"IF({limit}>0,MAX(-{limit},MIN({limit},{z})),{z})"
        return f'IF(ISNUMBER({x}),IF(ISNUMBER({sd}),{clipped},""),{x})'

    for part, weight in zip(parts, weights, strict=True):
        canvas.input(ROW_WEIGHT, block.column(part), weight, "input_center", "0.####")
        if scored:
            _statistics(canvas, block.column(part), layout.typed.over(part, INDEX))
    if scored:
        canvas.fill(block, subscore, number=Z)


def _statistics(canvas: Canvas, column: int, values: str) -> None:
    """Write n, mean and deviation of an ingredient above its z-scores, "" where all are equal."""
    n = cell(ROW_N, column, "r")
    mean = f'IF({n}=0,"",AVERAGE({values}))'
    varies = varies_condition(f"MIN({values})", f"MAX({values})")
    spread = f"SQRT(DEVSQ({values})/({n}-par_ddof))"
    sd = f'IF({n}>par_ddof,IF({varies},{spread},""),"")'
    canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0")
    for row, formula in ((ROW_MEAN, mean), (ROW_SD, sd)):
        canvas.formula(row, column, formula, "calculation", "0.0000")


def draw_items(book: Book) -> None:
    """Draw `Items`: the list of institutions with their ranks, bands and weights."""
    layout = book.layout
    canvas = titled_sheet(book, "Items", [12, 18, 44, 14, 14, 11, 11, 11, 14], 5)
    _bands(book, canvas)
    header, right = layout.ITEM_HEADER, len(ITEM_COLUMNS)
    canvas.field_heads(header - 1, "items", ITEM_COLUMNS)
    items = _lines(book, book.spec.dataset)
    shipped = _lines(book, book.spec.defaults) if book.spec.defaults else []
    if shipped:
        canvas.columns(LINE, LINE, 60)
        for column, key in enumerate(("items.line", "items.line_basis"), LINE):
            canvas.label(header - 1, column, key, "header")
            canvas.put(header, column, key, "stub_code")
    for slot in range(layout.item_rows):
        row = layout.ITEM_FIRST + slot
        of, item = items[slot] if slot < len(items) else ("", None)
        for column, value in enumerate(_entries(book, of, item), 1):
            number = float(value) if column > 3 and value.replace(".", "", 1).isdigit() else value
            canvas.input(row, column, number or None, "input", "@" if column < 4 else "General")
        _item(canvas, layout, row, len(shipped))
        if slot < len(shipped):
            code, shipped_item = shipped[slot]
            canvas.put(
                row, LINE, "|".join(_entries(book, code, shipped_item)), "published", font_size=8
            )
            canvas.put(row, LINE + 1, shipped_item.basis, "published_center", font_size=8)
    top, bottom = layout.ITEM_FIRST, layout.ITEM_FIRST + layout.item_rows - 1
    book.define("in_items", canvas.area(header, 1, bottom, right))
    here = cell(top, right, "c")
    canvas.mark(canvas.area(top, 1, bottom, right), f'{here}="synthetic"', "synthetic")
    canvas.choices(canvas.area(top, 1, bottom), list(layout.item_codes))
    canvas.choices(canvas.area(top, 2, bottom), "=xl_units", error_type="warning")
    canvas.close(header - 1, 3)


def _bands(book: Book, canvas: Canvas) -> None:
    """Write the bands of ranks and their weights."""
    canvas.label(3, 1, "items.bands", "section")
    canvas.heads(4, ("items.upper", "items.bandweight"))
    step = construct_step(book.layout, book.layout.item_codes[0])
    uppers = step.numbers("uppers") or BAND_UPPERS
    weights = step.numbers("weights") or BAND_WEIGHTS
    for row, (upper, weight) in enumerate(zip(uppers, weights, strict=True), 5):
        canvas.input(row, 1, upper, "input_center", "0")
        canvas.input(row, 2, weight, "input_center", "0.0000")
    for column, name in ((1, "upper"), (2, "weight")):
        book.define(f"par_band_{name}", canvas.area(5, column, 4 + len(uppers)))


def _item(canvas: Canvas, layout: Layout, row: int, shipped: int) -> None:
    """Write what follows from a line: its weights, and whether it is one as shipped."""
    for column in (4, 5):
        # A rank beyond all bands, and no rank at all, have no weight.
        band = f'COUNTIF(par_band_upper,"<"&{_last_rank(cell(row, column, "c"))})+1'
        weight = f"IFERROR(INDEX(par_band_weight,{band}),0)"
        canvas.formula(row, column + 2, weight, "calculation", "0.0000")
    larger = f"MAX({cell(row, 6, 'c')},{cell(row, 7, 'c')})"
    canvas.formula(row, 8, larger, "calculation", "0.0000")
    # The status belongs to the line: whatever is typed over in it makes it an entered one.
    basis = '"entered"'
    if shipped:
        line = '&"|"&'.join(cell(row, column, "c") for column in range(1, 6))
        last = layout.ITEM_FIRST + shipped - 1
        lines, bases = (canvas.range(layout.ITEM_FIRST, c, last) for c in (LINE, LINE + 1))
        basis = f"IFERROR(INDEX({bases},MATCH({line},{lines},0)),{basis})"
    canvas.formula(row, 9, f'IF({cell(row, 1, "c")}="","",{basis})', "calculation_center")


def _lines(book: Book, dataset: Dataset) -> list[tuple[str, Item]]:
    return [(c, item) for c in book.layout.item_codes for item in dataset.items.get(c, ())]


def _entries(book: Book, code: str, item: Item | None) -> tuple[str, ...]:
    """Return what stands in the first five columns of a line."""
    if item is None:
        return ("",) * 5
    ranks = [item.ranks.get(name, "") for name in list_names(book.spec.recipe, code)]
    return (code, item.unit, item.name, *[*ranks, "", ""][:2])


def _last_rank(typed: str) -> str:
    """Return the number of a typed rank, or the last of a band ("101–150"); else an error."""
    dashed = typed
    for dash in ("–", "—"):
        dashed = f'SUBSTITUTE({dashed},"{dash}","-")'
    return f'VALUE(TRIM(RIGHT(SUBSTITUTE({dashed},"-","{" " * 9}"),9)))'


def draw_parameters(book: Book, canvas: Canvas, row: int) -> int:
    """Write the bounds of the PM2.5 grades on `Framework`; return the last row."""
    step = next(
        construct_step(book.layout, code)
        for code in book.layout.constructed
        if book.layout.construct_method(code) == "pm25_grade"
    )
    canvas.label(row, 1, "constructed.pm25", "section")
    canvas.put(row + 1, 1, "par_pm25_guideline", "stub")
    canvas.input(row + 1, 2, step.number("guideline", 5.0), "input", "General")
    book.define("par_pm25_guideline", Area("Framework", row + 1, 2, row + 1, 2))
    for offset, multiple in enumerate(PM25_MULTIPLES):
        bound_row = row + 2 + offset
        canvas.put(bound_row, 1, multiple, "stub_center", "0")
        canvas.formula(
            bound_row, 2, f"{cell(bound_row, 1)}*par_pm25_guideline", "calculation", "General"
        )
    book.define("par_pm25", Area("Framework", row + 2, 2, row + 1 + len(PM25_MULTIPLES), 2))
    return row + 1 + len(PM25_MULTIPLES)
