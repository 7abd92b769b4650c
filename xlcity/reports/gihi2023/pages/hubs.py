"""`Hubs`: cities among the first ten of a field, in order, with their kind and class."""

from __future__ import annotations

from functools import partial

from xlcity.functions.cluster import LINKAGES
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell, pick
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.layout.supplementary import FIELD_SHEET, SatelliteLayout
from xlcity.workbook.sheets.calculation.calculate import first_of
from xlcity.workbook.sheets.calculation.satellites import name_of
from xlcity.workbook.sheets.table import Column, Formula, RowCells, item_table

SHEET = "Hubs"
SUPERSTAR, BENCHMARK, CLASSES, LINKAGE = 4, 5, 6, 7  # rows of what may be chosen
MEAN = 8
HEADER, TOP, SHOWN = 10, 11, 45
ORDER, UNIT, NAME, FIELDS, SHARE, PAPERS, GROWTH, KIND, CLASS = range(1, 10)
PROFILE = CLASS + 2


def draw(book: Book) -> None:
    """Draw the sheet."""
    satellites = SatelliteLayout(book.layout)
    canvas = titled_sheet(book, SHEET, [6, 16, 28, 12, 12, 12, 12, 12, 9, 2], 6, note_column=3)
    right = PROFILE + len(satellites.fields) - 1
    canvas.columns(PROFILE, right, 8)
    _draw_choices(canvas)
    canvas.sheet.set_row(HEADER - 1, 76)
    helper = right + 2
    columns = _hub_columns(book, canvas, satellites, helper)
    table = item_table(canvas, HEADER, range(SHOWN), columns).draw()
    _draw_order(book, canvas, satellites, helper, _code_of(satellites, "top_fields"))
    order = canvas.range(FIRST, helper, book.layout.last)
    canvas.formula(HEADER - 1, UNIT, first_of(book, SHOWN, f"MAX({order})"), "note")
    for row in range(table.first, table.last + 1):
        ordinal = f"ROWS({cell(HEADER, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
        match = f'IFERROR(MATCH({ordinal},{order},0),"")'
        canvas.formula(row, helper + 3, match, "id", "0", font_size=8)
    growth = table.area("growth").ref("rc", SHEET)
    canvas.formula(MEAN, 4, f'IF(COUNT({growth})=0,"",AVERAGE({growth}))', "output", "0.00")
    if book.spec.udf:
        profiles = canvas.range(table.first, PROFILE, table.last, right)
        call = f'CLUSTER_LABELS({profiles},$D${CLASSES},$D${LINKAGE},"euclidean")'
        canvas.array(table.area("class"), call, "udf_center", "0")
        canvas.mark(table.area("class"), f"ISERROR({cell(HEADER + 1, CLASS)})", "absent")
    canvas.finish(table.last, right, HEADER, NAME, a3=True)


def _code_of(satellites: SatelliteLayout, kind: str) -> str:
    return next(s.code for s in satellites.others if s.kind == kind)


def _hub_columns(
    book: Book, canvas: Canvas, satellites: SatelliteLayout, helper: int
) -> tuple[Column, ...]:
    """Return the columns: a hub's totals, its kind and class, and its profile."""
    layout, ref = book.layout, book.labels.ref
    names = {satellite.code: name_of(book, satellite) for satellite in satellites.all}
    center, small = "calculation_center", {"font_size": 8}

    def index_row(cells: RowCells) -> str:
        return cell(cells.row, helper + 3, "c")

    def look_up(values: str) -> Formula:
        return lambda cells: pick(values, index_row(cells))

    def scores(name: str, kind: str, form: str) -> Column:
        code = _code_of(satellites, kind)
        values = satellites.field_scores.over(code, SHEET, "rc")
        return Column(name, "", look_up(values), "output_center", form, head=names[code])

    def hub_kind(cells: RowCells) -> str:
        emerging = f"AND({cells.share}<$D${BENCHMARK},{cells.growth}>$D${MEAN})"
        otherwise = f'IF({emerging},{ref("hubs.is_emerging")},"")'
        kind_text = f"IF({cells.fields}>=$D${SUPERSTAR},{ref('hubs.is_superstar')},{otherwise})"
        return f'IF({index_row(cells)}="","",{kind_text})'

    def paper_share(code: str, cells: RowCells) -> str:
        papers = satellites.values.over(code, SHEET, "rc")
        share = f"INDEX({papers},{index_row(cells)})/{cells.papers}"
        return f'IF({index_row(cells)}="","",IF({cells.papers}>0,{share},""))'

    kinds = [(f"{{0}}={ref(f'hubs.is_{word}')}", mark)
             for word, mark in (("superstar", "good"), ("emerging", "note"))]  # fmt: skip
    return (
        Column("", "hubs.order", lambda cells: f'IF({index_row(cells)}="","",{cells.ordinal})',
               center, "0"),
        Column("", "data.id", look_up(layout.ids()), "id"),
        Column("", "data.name", look_up(layout.names()), "name"),
        scores("fields", "top_fields", "0"),
        scores("share", "mean_share", "0.00"),
        Column("papers", "hubs.papers", look_up(canvas.range(FIRST, helper + 1, layout.last)),
               number="0"),
        scores("growth", "growth", "0.00"),
        Column("", "hubs.kind", hub_kind, center, style={"font_size": 9}, marks=kinds),
        Column("class", "hubs.class"),
        Column(),
        *(Column("", "", partial(paper_share, code), number="0.0%", style=small,
                 head=names[field.code], head_style={"font_size": 7})
          for field, code in zip(satellites.fields, satellites.of_fields("papers"), strict=True)),
    )  # fmt: skip


def _draw_choices(canvas: Canvas) -> None:
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


def _draw_order(
    book: Book, canvas: Canvas, satellites: SatelliteLayout, column: int, top: str
) -> None:
    """Write the position of every city in the list, and its papers, out of print."""
    canvas.label(HEADER, column, "hubs.place", "note", font_size=8)
    canvas.label(HEADER, column + 1, "hubs.papers", "note", font_size=8)
    ranks = satellites.field_ranks.column(top)
    for row in range(FIRST, book.layout.last + 1):
        count = satellites.field_scores.at(top, row, SHEET)
        rank = satellites.field_ranks.at(top, row, SHEET)
        before = f"{FIELD_SHEET}!{cell(FIRST, ranks, 'r')}:{cell(row, ranks)}"
        # An empty text is more than any number.
        listed = f'IF(ISNUMBER({count}),IF({count}>=1,{rank}+COUNTIF({before},{rank})-1,""),"")'
        canvas.formula(row, column, listed, "id", "0", font_size=8)
        papers = satellites.values.rows_of(satellites.of_fields("papers"), row, row).ref("c")
        canvas.formula(row, column + 1, f"SUM({papers})", "id", "0", font_size=8)
