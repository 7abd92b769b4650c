"""`Balance`: how even a city's pillars are."""

from __future__ import annotations

from typing import Any

from xlcity.workbook.canvas import Book
from xlcity.workbook.charts import dots
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.sheets.calculate import first_of
from xlcity.workbook.sheets.leafranks import LeafRanks

SHEET = "Balance"
HEADER = 5
CHART_ROWS = 22
SCORE = "0.0"


def draw(book: Book) -> None:
    """Draw the sheet: the chart on top, the table below."""
    canvas, layout = book.canvas(SHEET), book.layout
    pillars, root = LeafRanks(layout).pillars, book.spec.framework.root.code
    count = len(pillars)
    # rank, city, total, pillars, mean, spread, largest, smallest, deviations, then the helper
    left = 4
    mean = left + count
    deviation = mean + 4
    helper = deviation + count + 1
    canvas.heading("balance", "balance.note", banner_column=6, note_column=3)
    canvas.widths([8, 20, 16, *[14] * count, 12, 11, 18, 18, *[14] * count, 2, 8])
    header = HEADER + CHART_ROWS
    heads = ["ranking.rank", "data.name"]
    for column, key in enumerate(heads, 1):
        canvas.label(header, column, key, "header")
    canvas.sheet.set_row(header - 1, 56)
    for column, code in enumerate((root, *pillars), 3):
        canvas.formula(header, column, layout.framework_cell(code, "display"), "header",
                       font_size=9)  # fmt: skip
    for column, key in enumerate(("mean", "spread", "largest", "smallest"), mean):
        canvas.label(header, column, f"balance.{key}", "header", font_size=9)
    said = book.labels.ref("balance.deviation")
    for column, code in enumerate(pillars, deviation):
        name = layout.framework_cell(code, "display")
        canvas.formula(header, column, f'{said}&" · "&{name}', "header", font_size=9)
    canvas.label(header, helper, "ranking.row", "note", font_size=8)
    places = layout.positions.over(root, SHEET, "rc")
    first, last = header + 1, header + layout.slots
    names = canvas.range(header, left, header, left + count - 1)
    for row in range(first, last + 1):
        place = f"ROWS({cell(header, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
        canvas.formula(row, helper, f'IFERROR(MATCH({place},{places},0),"")', "id", font_size=8)
        at = cell(row, helper, "c")

        def pick(source: str, at: str = at) -> str:
            return f'IF({at}="","",INDEX({source},{at}))'

        rank = layout.ranks.over(root, SHEET, "rc")
        canvas.formula(row, 1, pick(rank), "output_center", "0")
        canvas.formula(row, 2, pick(layout.names("Scores")), "name")
        for column, code in enumerate((root, *pillars), 3):
            role = "output" if column == 3 else "calculation"
            canvas.formula(row, column, pick(layout.scores.over(code, SHEET, "rc")), role, SCORE)
        scores = canvas.range(row, left, row, left + count - 1, fix="c")
        known = f"COUNT({scores})={count}"
        formulas = (
            (f"AVERAGE({scores})", "calculation", SCORE),
            (f"MAX({scores})-MIN({scores})", "output", SCORE),
            (f"INDEX({names},MATCH(MAX({scores}),{scores},0))", "calculation_center", ""),
            (f"INDEX({names},MATCH(MIN({scores}),{scores},0))", "calculation_center", ""),
        )
        for column, (formula, role, number) in enumerate(formulas, mean):
            canvas.formula(row, column, f'IF({known},{formula},"")', role, number, shrink=True)
        for offset in range(count):
            own, score = cell(row, mean, "c"), cell(row, left + offset)
            canvas.formula(
                row,
                deviation + offset,
                f'IF(ISNUMBER({own}),{score}-{own},"")',
                "calculation",
                "+0.0;-0.0;0.0",
            )
    spread = canvas.area(first, mean + 1, last)
    here = cell(first, mean + 1)
    top = f"LARGE({spread.ref('rc', SHEET)},MIN(5,COUNT({spread.ref('rc', SHEET)})))"
    canvas.mark(spread, f"IF(ISNUMBER({here}),{here}>={top},FALSE)", "note")
    # How many cities the chart has is said by a cell: a book with one more city is drawn with more.
    shown = max(len(book.spec.dataset.units), 1)
    canvas.number(header, helper + 1, shown, "note", "0")
    bars = canvas.area(header, helper + 1)
    book.define("xl_balance_bars", bars)
    chart = _chart(book, header, left, count, shown, bars.ref("rc"))
    width = int(0.96 * canvas.pixels(1, deviation + count))
    chart.set_size({"width": width, "height": 20 * CHART_ROWS - 12})
    canvas.sheet.insert_chart(HEADER - 2, 0, chart, {"object_position": 3})
    canvas.finish(last, deviation + count - 1, 2, titles=(0, 0), landscape=False, tall=1)


def _chart(book: Book, header: int, left: int, count: int, shown: int, bars: str) -> Any:
    first, last = header + 1, header + shown
    # A city that is added later stands in the table, and below the chart's last row.
    places = book.layout.positions.over(book.spec.framework.root.code, "Labels", "rc")
    title = book.labels.ref("balance.chart") + "&" + first_of(book, bars, f"COUNT({places})")
    return dots(
        book,
        f"={title}",
        Area(SHEET, first, 2, last, 2),
        tuple(
            (f"={SHEET}!{cell(header, left + offset, 'rc')}",
             Area(SHEET, first, left + offset, last, left + offset))
            for offset in range(count)
        ),
    )  # fmt: skip
