"""`Methods` and `Normalised` where indicators are normalised each by a method of its own."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
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
from xlcity.workbook.prepare_layout import PrepareLayout
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
from xlcity.workbook.sheets.zscores import imputed
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.general import (
    FIRST_ROW,
    HEADER,
    LEFT,
    SHEET,
    Way,
    columns,
    most_cuts,
    way_for,
)
from xlcity.workbook.steps.zscore import ROW_DIMENSION, ROW_PILLAR, Relatives

#: Widths of code and name, of an entry, and of what the method means.
WIDTHS, ENTRY, MEANING = (22, 36), 12, 64
ROW_METHOD, ROW_TWIN = ROW_FIXED_LOW, ROW_FIXED_HIGH
#: Labels of methods that few templates have.
LABELS = (
    ("methods.cuts", "分界", "Cut"),
    ("methods.values", "分界值", "Cut value"),
    ("methods.scores", "得分", "Score"),
    (
        "method.bands",
        "分档：由差到好第几档即得第几个得分；规则 value 为分界即数值，percentile 为百分位",
        "bands: the score of the band, from the worst; rule value: cuts are values, percentile: "
        "percentiles of the column",
    ),
    (
        "method.dist2ref",
        "与参照城市 a 的距离：最差为 0，参照城市为满分；规则 yes 为超过也只得满分",
        "distance to the city a: 0 for the worst value, scale for that city; rule yes: no more "
        "than that beyond it",
    ),
    ("zscore.scored", "插补前得分", "Scores before imputing"),
)


def draw_methods(book: Book) -> None:
    """Draw `Methods`: a row per indicator with its method, parameters and what they mean."""
    canvas, layout = book.canvas(SHEET), book.layout
    canvas.heading("methods", "methods.note")
    entries = columns(book.spec)
    meaning, wide = LEFT + len(entries), most_cuts(book.spec)
    lists = (*["cuts"] * wide, *["values"] * wide, *["scores"] * (wide + 1)) if wide else ()
    heads = ("code", "name", *entries, "meaning", *lists)
    widths = (*WIDTHS, *[ENTRY] * len(entries), MEANING, *[ENTRY] * len(lists))
    canvas.widths(widths)
    canvas.fit_labels(HEADER - 1, [(f"methods.{h}", w) for h, w in zip(heads, widths, strict=True)])
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
        said = {**way.values, **(prepare.values_of(book.spec, code) if book.spec.prepares else {})}
        for name in entries[2:]:
            column, value = LEFT + entries.index(name), said[name]
            if isinstance(value, float):
                canvas.number(way.row, column, value, "stub_center", "General")
            elif value:
                canvas.text(way.row, column, value, "stub_center")
            else:
                canvas.blank(way.row, column, "stub_center")
        canvas.fit_labels(way.row, [(f"method.{way.method}", MEANING)], 9, 24)
        canvas.label(way.row, meaning, f"method.{way.method}", "stub", font_size=9, text_wrap=True)
        if way.cuts:
            _bands(book, canvas, way, code)
    last = FIRST_ROW + len(layout.indicators) - 1
    book.define("xl_methods", Area(SHEET, HEADER, 1, last, meaning - 1))
    canvas.frame(HEADER, 2, titles=(HEADER - 1, HEADER))
    canvas.page(Area(SHEET, 1, 1, last, len(heads)), a3=True)
    canvas.protect()


def _bands(book: Book, canvas: Canvas, way: Way, code: str) -> None:
    """Write cut points, the values that they mean, and the scores of the bands."""
    cuts, values, scores = way.lists
    raw = PrepareLayout(book.layout).last.over(code, SHEET, "rc")
    for at, cut in enumerate(way.cuts):
        canvas.number(way.row, cuts + at, cut, "stub_center", "General")
        here = cell(way.row, cuts + at)
        formula = here
        if way.values["rule"] == "percentile":
            formula = f'IF(COUNT({raw})=0,"",PERCENTILE({raw},{here}/100))'
        canvas.formula(way.row, values + at, formula, "calculation_center", "General")
    for at, score in enumerate(way.scores):
        canvas.number(way.row, scores + at, score, "stub_center", "General")


def draw(book: Book) -> None:
    """Draw `Normalised`: statistics, bounds and the normalised indicators."""
    canvas, layout = book.canvas("Normalised"), book.layout
    block, final, before = layout.oriented, layout.normalised, PrepareLayout(layout).last
    canvas.heading("normalised", "normalised.general.note", banner_column=final.left + 2)
    canvas.widths([16, 24, *[16] * len(final.codes)])
    canvas.fit_names(ROW_NAME, final.codes, 16, 9)
    block_header(book, canvas, final)
    weight_row(book, canvas, final)
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
    if block != final:
        block_header(book, canvas, block)
        canvas.columns(final.right + 1, final.right + 1, 2)
        canvas.columns(block.left, block.right, 16)
        canvas.label(ROW_WEIGHT, block.left, "zscore.scored", "section")
        for code in final.codes:
            _imputed(book, canvas, code)
    units = Area("Normalised", FIRST, 1, layout.last, 1).ref("rc", "Normalised")
    for code in block.codes:
        way, column = way_for(book.spec, code), block.column(code)
        raw = before.over(code, "Normalised")
        canvas.formula(ROW_METHOD, column, way.at("method"), "calculation_center", font_size=9)
        twin = way.udf("")
        shown = "" if twin is None else twin.partition("(")[0]
        canvas.text(ROW_TWIN, column, shown or "—", "stub_center", font_size=7, shrink=True)
        statistics(canvas, column, raw)
        for row, formula in zip(
            (ROW_LOW, ROW_HIGH, ROW_RANGE), way.bounds(column, raw, units), strict=True
        ):
            canvas.formula(row, column, formula, "calculation", VALUE)
        for row in range(FIRST, layout.last + 1):
            value = before.at(code, row, "Normalised")
            canvas.formula(row, column, way.native(column, value, raw), "calculation", SCORE)
    canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    define_normalised(book)
    canvas.frame(ROW_NAME, 2)
    canvas.page(Area("Normalised", 1, 1, layout.last, block.right), landscape=False)
    canvas.protect()


def _imputed(book: Book, canvas: Canvas, code: str) -> None:
    """Write an indicator with a mean of the city's other scores in place of confirmed gaps."""
    layout = book.layout
    column = layout.normalised.column(code)
    near, far = Relatives.of(book.spec).labels(code)
    canvas.text(ROW_DIMENSION, column, near, "stub_code")
    canvas.text(ROW_PILLAR, column, far, "stub_code")
    for row in range(FIRST, layout.last + 1):
        canvas.formula(row, column, imputed(book, code, row), "calculation", SCORE)
    here, old = cell(FIRST, column), layout.oriented.at(code, FIRST, "Normalised")
    whole = layout.normalised.span((code,))
    canvas.mark(whole, f'AND(ISNUMBER({here}),{old}="NA")', "derived")
    canvas.mark(whole, f'{here}="NA"', "missing")
