"""Pages of what the report prints as it is: history, figures, AI patents, metros."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.report import Report
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import bar
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet

HISTORY, FIGURES, PATENTS, METROS = "RankHistory", "Figures6_7_31", "AIPatents", "Metros"
#: Row of the column titles, and of the first line.
HEADER, TOP = 5, 6
CENTER = "published_center"
#: Nodes whose ranks are printed, with their tables.
HISTORY_NODES = ("GIHI", "A", "B", "C")


def nation_labels(report: Report) -> Iterator[tuple[str, str, str]]:
    """Yield the labels of nations, as the list of cities names them."""
    nations = {u.attributes["country_zh"]: u.attributes["country"] for u in report.dataset.units}
    for zh, en in nations.items():
        yield f"nation.{_nation_key(en)}", zh, en


def _nation_key(nation: str) -> str:
    return nation.lower().replace(" ", "_")


def _draw_city(book: Book, canvas: Canvas, row: int, column: int, unit: str) -> None:
    """Write a city's id and name."""
    layout = book.layout
    canvas.text(row, column, unit, "id", font_size=8)
    match = f"MATCH({cell(row, column)},{layout.city('id').ref()},0)"
    shown = f'IFERROR(INDEX({layout.city("display").ref()},{match}),"{unit}")'
    canvas.formula(row, column + 1, shown, "name")


def draw_history(book: Book, report: Report) -> None:
    """Draw the four tables of ranks side by side."""
    canvas, layout = titled_sheet(book, HISTORY), book.layout
    rows = report.published["rank_history"].rows
    width = 8
    units = layout.ids()
    for index, code in enumerate(HISTORY_NODES):
        left = 1 + index * width
        canvas.widths(dict(zip(range(left, left + width), (11, 22, 7, 7, 7, 8, 8, 2), strict=True)))
        canvas.merged(4, left, left + 6, layout.framework_cell(code, "display"), "header_left")
        canvas.heads(HEADER, ("data.id", "rankhistory.city"), left, font_size=9)
        for offset, year in enumerate((2023, 2022, 2021), 2):
            canvas.number(HEADER, left + offset, year, "header")
        canvas.heads(HEADER, ("rankhistory.change", "rankhistory.here"), left + 5, font_size=9)
        for row, line in enumerate((r for r in rows if r["node"] == code), TOP):
            _draw_city(book, canvas, row, left, line["city_id"])
            for offset, name in enumerate(("rank_2023", "rank_2022", "rank_2021"), 2):
                canvas.printed(row, left + offset, line[name], role=CENTER)
            now, before = cell(row, left + 2), cell(row, left + 3)
            change = f'IF(COUNT({now},{before})=2,{before}-{now},"")'
            canvas.formula(row, left + 5, change, "calculation_center", "+0;-0;0")
            ranks = layout.ranks.over(code, HISTORY, "rc")
            rank_now = f'IFERROR(INDEX({ranks},MATCH({cell(row, left)},{units},0)),"")'
            canvas.formula(row, left + 6, rank_now, "calculation_center", "0")
    right = width * len(HISTORY_NODES) - 1
    canvas.sheet.set_row(HEADER - 1, 30)
    canvas.finish(TOP + 19, right, HEADER, a3=True, tall=1)


def draw_figures(book: Book, report: Report) -> None:
    """Draw the values of figures 6, 7 and 31 with a chart each."""
    canvas = titled_sheet(book, FIGURES, [13, 22, 16, 14, 2, 13, 22, 13, 13, 13, 2])
    canvas.columns(12, 24, 9)
    canvas.heads(HEADER, ("data.id", "rankhistory.city"), 1, font_size=9)
    canvas.node_heads(HEADER, ("01", "02"), 3, 8)
    canvas.sheet.set_row(HEADER - 1, 62)
    first = report.published["fig6_fig7"].rows
    for row, line in enumerate(first, TOP):
        _draw_city(book, canvas, row, 1, line["city_id"])
        canvas.printed(row, 3, line["active_researchers_per_million"], "0.00", CENTER)
        canvas.printed(row, 4, line["top_prize_winners"], role=CENTER)
    keys = ("data.id", "rankhistory.city", "figures.series1", "figures.series2", "figures.sum")
    canvas.heads(HEADER, keys, 6, font_size=9)
    second = report.published["fig31_vc_pe"].rows
    for row, line in enumerate(second, TOP):
        _draw_city(book, canvas, row, 6, line["city_id"])
        canvas.printed(row, 8, line["series_1_musd"], "0.00", CENTER)
        canvas.printed(row, 9, line["series_2_musd"], "0.00", CENTER)
        total = f"SUM({cell(row, 8)}:{cell(row, 9)})"
        canvas.formula(row, 10, total, "calculation", "0.00")
    last = TOP + len(first) - 1
    canvas.merged(last + 2, 1, 10, book.labels.ref("figures.which"), "note")
    for top_row, left, names, column in ((4, 11, 2, 3), (33, 11, 2, 4), (4, 18, 7, 10)):
        # As many cities as the report prints in its figure.
        number_printed = len(first) if column < 5 else len(second)
        head = f"{FIGURES}!{cell(HEADER, column, 'rc')}"
        text = f'SUBSTITUTE({book.labels.ref("figures.printed")},"#",{number_printed})'
        values = canvas.area(TOP, column, last)
        chart = bar(book, f"={head}", canvas.area(TOP, names, last), values)
        # These values are printed, whatever the others in the book are.
        title = f'{head}&" · "&{text}'
        canvas.insert_chart(chart, title, top_row, left + 1, 62 * 6, 560, computed=False)
    canvas.finish(60, 24, HEADER, a3=True, tall=1)


def draw_patents(book: Book, report: Report, total: int) -> None:
    """Draw the IPC groups: counts may be typed over, shares follow."""
    canvas = titled_sheet(book, PATENTS, [6, 14, 38, 14, 12, 12, 12], note_column=3)
    canvas.label(3, 3, "aipatents.total", "stub")
    canvas.input(3, 4, total, "input_center", "0")
    keys = ("no", "group", "name", "count", "share", "printed", "difference")
    canvas.heads(HEADER, [f"aipatents.{key}" for key in keys], 1, font_size=9)
    canvas.sheet.set_row(HEADER - 1, 30)
    rows = report.published["ai_ipc_top30"].rows
    for row, line in enumerate(rows, TOP):
        canvas.number(row, 1, int(line["no"]), "stub_center", "0")
        canvas.text(row, 2, line["ipc"], "stub")
        canvas.label(row, 3, f"ipc.{line['ipc']}", "stub")
        canvas.input(row, 4, int(line["high_quality_patents"]), "input_center", "0")
        share = f'IF(COUNT({cell(row, 4)},$D$3)=2,100*{cell(row, 4)}/$D$3,"")'
        canvas.formula(row, 5, share, "output", "0.00")
        canvas.printed(row, 6, line["share_of_total_pct"], "0.00", CENTER)
        difference = f'IF(ISNUMBER({cell(row, 5)}),ROUND({cell(row, 5)},2)-{cell(row, 6)},"")'
        canvas.formula(row, 7, difference, "calculation_center", "0.00;-0.00;0.00")
    last = TOP + len(rows) - 1
    canvas.finish(last, 7, HEADER, landscape=False, tall=1)


def draw_metros(book: Book, report: Report) -> None:
    """Draw the list of administrative cities."""
    table = report.published["metro_admin_cities"]
    nations = {unit.id: unit.attributes["country"] for unit in report.dataset.units}
    canvas = titled_sheet(book, METROS, [6, 22, 26, 24, 34, 18, 12], note_column=3)
    keys = ("aipatents.no", "data.id", "metros.metro", "metros.admin_zh", "metros.admin_en",
            "metros.country", "metros.count")  # fmt: skip
    canvas.heads(HEADER, keys, 1, font_size=9)
    canvas.sheet.set_row(HEADER - 1, 30)
    last = TOP + len(table.rows) - 1
    ids = canvas.range(TOP, 2, last)
    for row, line in enumerate(table.rows, TOP):
        canvas.number(row, 1, int(line["metro_no"]), "published_center", "0")
        _draw_city(book, canvas, row, 2, line["city_id"])
        for column, name in ((4, "admin_city_zh"), (5, "admin_city_en")):
            canvas.text(row, column, line[name], "published")
        nation = nations[line["city_id"]]
        canvas.label(row, 6, f"nation.{_nation_key(nation)}", "published")
        count = f"COUNTIF({ids},{cell(row, 2, 'c')})"
        canvas.formula(row, 7, count, "calculation_center", "0")
    canvas.sheet.autofilter(HEADER - 1, 0, last - 1, 6)
    canvas.finish(last, 7, HEADER, landscape=False)
