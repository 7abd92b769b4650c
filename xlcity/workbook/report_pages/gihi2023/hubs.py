"""`Hubs`: cities among the first ten of a field, in order, with their kind and the like of them."""

from __future__ import annotations

from xlcity.functions.cluster import LINKAGES
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell, pick
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.layout.supplementary import FIELD_SHEET, SatelliteLayout
from xlcity.workbook.sheets.calculation.calculate import first_of
from xlcity.workbook.sheets.calculation.satellites import name_of

SHEET = "Hubs"
SUPERSTAR, BENCHMARK, CLASSES, LINKAGE = 4, 5, 6, 7  # rows of what may be chosen
MEAN = 8
HEADER, TOP, SHOWN = 10, 11, 45
ORDER, UNIT, NAME, FIELDS, SHARE, PAPERS, GROWTH, KIND, CLASS = range(1, 10)
PROFILE = CLASS + 2


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, found = book.canvas(SHEET), SatelliteLayout(book.layout)
    canvas.heading("hubs", "hubs.note", banner_column=6, note_column=3)
    canvas.widths([6, 16, 28, 12, 12, 12, 12, 12, 9, 2])
    right = PROFILE + len(found.fields) - 1
    canvas.columns(PROFILE, right, 8)
    _choices(canvas)
    names = {satellite.code: name_of(book, satellite) for satellite in found.all}
    top, share, growth = (
        next(s.code for s in found.others if s.kind == kind)
        for kind in ("top_fields", "mean_share", "growth")
    )
    for column, key in (
        (ORDER, "hubs.order"), (UNIT, "data.id"), (NAME, "data.name"),
        (PAPERS, "hubs.papers"), (KIND, "hubs.kind"), (CLASS, "hubs.class"),
    ):  # fmt: skip
        canvas.label(HEADER, column, key, "header", font_size=9)
    for column, code in ((FIELDS, top), (SHARE, share), (GROWTH, growth)):
        canvas.formula(HEADER, column, names[code], "header", font_size=9)
    for offset, field in enumerate(found.fields):
        canvas.formula(HEADER, PROFILE + offset, names[field.code], "header", font_size=7)
    canvas.sheet.set_row(HEADER - 1, 76)
    helper = right + 2
    _places(book, canvas, found, helper, top)
    order = canvas.range(FIRST, helper, book.layout.last)
    canvas.formula(HEADER - 1, UNIT, first_of(book, SHOWN, f"MAX({order})"), "note")
    for slot in range(SHOWN):
        _row(book, canvas, found, TOP + slot, helper, (top, share, growth))
    last = TOP + SHOWN - 1
    grown = canvas.range(TOP, GROWTH, last)
    canvas.formula(MEAN, 4, f'IF(COUNT({grown})=0,"",AVERAGE({grown}))', "output", "0.00")
    if book.spec.udf:
        profiles = canvas.range(TOP, PROFILE, last, right)
        call = f'CLUSTER_LABELS({profiles},$D${CLASSES},$D${LINKAGE},"euclidean")'
        canvas.array(canvas.area(TOP, CLASS, last), call, "udf_center", "0")
        listed = canvas.area(TOP, CLASS, last)
        canvas.mark(listed, f"ISERROR({cell(TOP, CLASS)})", "faint")
    kinds = canvas.area(TOP, KIND, last)
    here = cell(TOP, KIND)
    canvas.mark(kinds, f"{here}={book.labels.ref('hubs.is_superstar')}", "good")
    canvas.mark(kinds, f"{here}={book.labels.ref('hubs.is_emerging')}", "note")
    canvas.finish(last, right, HEADER, NAME, a3=True)


def _choices(canvas: Canvas) -> None:
    for row, key, value in (
        (SUPERSTAR, "superstar", 15),
        (BENCHMARK, "benchmark", 1),
        (CLASSES, "k", 4),
        (LINKAGE, "linkage", "ward"),
        (MEAN, "mean", None),
    ):
        canvas.label(row, 1, f"hubs.{key}", "plain")
        if value is not None:
            canvas.input(row, 4, value, "input_center", "General")
    canvas.choices(canvas.area(LINKAGE, 4), list(LINKAGES))


def _places(book: Book, canvas: Canvas, found: SatelliteLayout, column: int, top: str) -> None:
    """Write the place of every city of the list, and its papers, out of print."""
    canvas.label(HEADER, column, "hubs.place", "note", font_size=8)
    canvas.label(HEADER, column + 1, "hubs.papers", "note", font_size=8)
    ranks = found.field_ranks.column(top)
    for row in range(FIRST, book.layout.last + 1):
        count = found.field_scores.at(top, row, SHEET)
        rank = found.field_ranks.at(top, row, SHEET)
        before = f"{FIELD_SHEET}!{cell(FIRST, ranks, 'r')}:{cell(row, ranks)}"
        # An empty text is more than any number.
        listed = f'IF(ISNUMBER({count}),IF({count}>=1,{rank}+COUNTIF({before},{rank})-1,""),"")'
        canvas.formula(row, column, listed, "id", "0", font_size=8)
        papers = found.values.rows_of(found.of_fields("papers"), row, row).ref("c")
        canvas.formula(row, column + 1, f"SUM({papers})", "id", "0", font_size=8)


def _row(
    book: Book,
    canvas: Canvas,
    found: SatelliteLayout,
    row: int,
    helper: int,
    codes: tuple[str, str, str],
) -> None:
    last = book.layout.last
    places = canvas.range(FIRST, helper, last)
    at = cell(row, helper + 3, "c")
    place = f"ROWS({cell(HEADER, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
    made = f'IFERROR(MATCH({place},{places},0),"")'
    canvas.formula(row, helper + 3, made, "id", "0", font_size=8)

    canvas.formula(row, ORDER, f'IF({at}="","",{place})', "calculation_center", "0")
    for column, source in ((UNIT, 1), (NAME, 2)):
        units = Area("Scores", FIRST, source, last, source).ref()
        canvas.formula(row, column, pick(units, at), "id" if column == UNIT else "name")
    for column, code, form in zip(
        (FIELDS, SHARE, GROWTH), codes, ("0", "0.00", "0.00"), strict=True
    ):
        values = found.field_scores.over(code, SHEET, "rc")
        canvas.formula(row, column, pick(values, at), "output_center", form)
    total = canvas.range(FIRST, helper + 1, last)
    canvas.formula(row, PAPERS, pick(total, at), "calculation", "0")
    fields, share, growth = (cell(row, column, "c") for column in (FIELDS, SHARE, GROWTH))
    ref = book.labels.ref
    emerging = f'IF(AND({share}<$D${BENCHMARK},{growth}>$D${MEAN}),{ref("hubs.is_emerging")},"")'
    kind = f"IF({fields}>=$D${SUPERSTAR},{ref('hubs.is_superstar')},{emerging})"
    canvas.formula(row, KIND, f'IF({at}="","",{kind})', "calculation_center", font_size=9)
    papers = cell(row, PAPERS, "c")
    for offset, code in enumerate(found.of_fields("papers")):
        values = found.values.over(code, SHEET, "rc")
        part = f'IF({at}="","",IF({papers}>0,INDEX({values},{at})/{papers},""))'
        canvas.formula(row, PROFILE + offset, part, "calculation", "0.0%", font_size=8)
