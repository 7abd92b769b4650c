"""`Balance`: how even a city's pillars are."""

from __future__ import annotations

from typing import Any

from xlcity.reports.iecc2024.pages.leafranks import LeafRanks
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import dots
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import FIRST, INDEX
from xlcity.workbook.sheets.calculation.calculate import first_of
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, gap, lookup

SHEET = "Balance"
HEADER = 5
CHART_ROWS = 22
SCORE = "0.0"
#: First of the columns of pillars, behind rank, city and total.
PILLARS = 4


def draw(book: Book) -> None:
    """Draw the sheet: the chart on top, the table below."""
    layout = book.layout
    pillars = LeafRanks(layout).pillars
    canvas = titled_sheet(book, SHEET, banner=6, note_column=3)
    header = HEADER + CHART_ROWS
    canvas.sheet.set_row(header - 1, 56)
    columns = _city_columns(book, canvas, header, pillars)
    table = Table(canvas, header, header + 1, header + layout.slots, columns).draw()
    spread, here = table.area("spread"), cell(table.first, table.column("spread"))
    values = spread.ref("rc", SHEET)
    top = f"LARGE({values},MIN(5,COUNT({values})))"
    canvas.mark(spread, f"IF(ISNUMBER({here}),{here}>={top},FALSE)", "note")
    # How many cities the chart has is said by a cell: a book with one more city is drawn with more.
    shown = max(len(book.spec.dataset.units), 1)
    canvas.number(header, table.right + 1, shown, "note", "0")
    bars = canvas.area(header, table.right + 1)
    book.define("xl_balance_bars", bars)
    left = table.column(pillars[0])
    chart = _chart(book, header, left, len(pillars), shown)
    # A city that is added later stands in the table, and below the chart's last row.
    ranks = book.layout.ranks.over(book.spec.framework.root.code, SHEET, "rc")
    first = first_of(book, bars.ref("rc", SHEET), f"COUNT({ranks})")
    title = f"{book.labels.ref('balance.chart')}&{first}"
    # An empty column stands before the helper.
    right = table.printed - 1
    width = int(0.96 * canvas.pixels(1, right + 1))
    canvas.insert_chart(chart, title, HEADER - 1, 1, width, 20 * CHART_ROWS - 12)
    canvas.finish(table.last, right, 2, titles=(0, 0), landscape=False, tall=1)


def _city_columns(
    book: Book, canvas: Canvas, header: int, pillars: tuple[str, ...]
) -> tuple[Column, ...]:
    """Return rank, city, total, pillars, how they spread, deviations, and the helper."""
    layout, root, count = book.layout, book.spec.framework.root.code, len(pillars)
    names = canvas.range(header, PILLARS, header, PILLARS + count - 1)

    def display(code: str) -> str:
        return layout.framework_cell(code, "display")

    def score(code: str) -> Formula:
        return lookup(layout.scores.over(code, SHEET, "rc"))

    def order(cells: RowCells) -> str:
        """Return the position in the table of the city in this row of `Index`."""
        rank = layout.ranks.at(root, FIRST + cells.slot, SHEET)
        first, own = layout.ranks.at(root, FIRST, SHEET, "r"), FIRST + cells.slot
        ranks_so_far = f"{first}:{layout.ranks.at(root, own, INDEX)}"
        return f'IF(ISNUMBER({rank}),{rank}+COUNTIF({ranks_so_far},{rank})-1,"")'

    def position(cells: RowCells) -> str:
        return f'IFERROR(MATCH({cells.ordinal},{cells.order.column_cells},0),"")'

    def statistic_of_pillars(template: str) -> Formula:
        """Return a formula of all pillars, which stand for {0}."""

        def formula(cells: RowCells) -> str:
            scores = f"{cells[pillars[0]]}:{cells[pillars[-1]]}"
            return f'IF(COUNT({scores})={count},{template.format(scores)},"")'

        return formula

    def deviation(code: str) -> Formula:
        return lambda cells: f'IF(ISNUMBER({cells.mean}),{cells[code]}-{cells.mean},"")'

    center, shrink = "calculation_center", {"shrink": True}
    largest, smallest = (f"INDEX({names},1,MATCH({f}({{0}}),{{0}},0))" for f in ("MAX", "MIN"))
    spread, mean = statistic_of_pillars("MAX({0})-MIN({0})"), statistic_of_pillars("AVERAGE({0})")
    text = book.labels.ref("balance.deviation")
    return (
        Column("rank", "ranking.rank", lookup(layout.ranks.over(root, SHEET, "rc")),
               "output_center", "0", 8, head_style={}),
        Column("name", "data.name", lookup(layout.names()), "name", "", 20,
               head_style={}),
        Column(root, head=display(root), formula=score(root), role="output", number=SCORE,
               width=16),
        *(Column(code, head=display(code), formula=score(code), number=SCORE, width=14)
          for code in pillars),
        Column("mean", "balance.mean", mean, "calculation", SCORE, 12, shrink),
        Column("spread", "balance.spread", spread, "output", SCORE, 11, shrink),
        Column("largest", "balance.largest", statistic_of_pillars(largest), center, "", 18, shrink),
        Column("smallest", "balance.smallest", statistic_of_pillars(smallest), center, "", 18,
               shrink),
        *(Column(head=f'{text}&" · "&{display(code)}', formula=deviation(code),
                 number="+0.0;-0.0;0.0", width=14) for code in pillars),
        gap(),
        Column("position", "ranking.row", position, "id", "", 8, helper=True),
        Column("order", "ranks.positions", order, "id", "", 8, helper=True),
    )  # fmt: skip


def _chart(book: Book, header: int, left: int, count: int, shown: int) -> Any:
    first, last = header + 1, header + shown
    return dots(
        book,
        Area(SHEET, first, 2, last, 2),
        tuple(
            (f"={SHEET}!{cell(header, left + offset, 'rc')}",
             Area(SHEET, first, left + offset, last, left + offset))
            for offset in range(count)
        ),
    )  # fmt: skip
