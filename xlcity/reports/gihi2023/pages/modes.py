"""`Modes`: means of the development modes by group, and agglomeration beside radiation."""

from __future__ import annotations

from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import radar
from xlcity.workbook.drawing.grid import Block, cell, pick
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.layout.supplementary import SatelliteLayout
from xlcity.workbook.sheets.calculation.ranks import order_block
from xlcity.workbook.sheets.calculation.satellites import name_of
from xlcity.workbook.sheets.table import Column, Formula, RowCells, item_table

SHEET = "Modes"
GROUPS = ("us", "europe", "china", "other")
MODES, FLOWS = ("MA", "MB", "MC"), ("AGG", "RAD")
HEADER, TOP = 5, 6
SHOWN = 20
LIST_HEADER = TOP + len(GROUPS) + 4


def draw(book: Book) -> None:
    """Draw the sheet."""
    satellites = SatelliteLayout(book.layout)
    canvas = titled_sheet(book, SHEET, [8, 24, 15, 15, 15, 15, 2], 6)
    canvas.columns(8, 15, 9)
    names = {satellite.code: name_of(book, satellite) for satellite in satellites.joint}
    canvas.heads(HEADER, ("modes.count", "modes.group"))
    for offset, code in enumerate(MODES, 3):
        canvas.formula(HEADER, offset, names[code], "header", font_size=9)
    canvas.sheet.set_row(HEADER - 1, 40)
    layout = book.layout
    groups = layout.city("bloc").ref()
    members = populations_of(layout).members.ref()
    main = book.spec.populations[0]
    for row, group in enumerate(GROUPS, TOP):
        canvas.label(row, 2, f"modes.group.{group}", "stub")
        first = satellites.joint_scores.over(MODES[0], SHEET, "rc")
        inside = f'{members},"{main}",{groups},"{group}"'
        count = f'COUNTIFS({inside},{first},">=0")'
        canvas.formula(row, 1, count, "calculation_center", "0")
        for offset, code in enumerate(MODES, 3):
            scores = satellites.joint_scores.over(code, SHEET, "rc")
            mean = f'IF({cell(row, 1, "c")}=0,"",SUMIFS({scores},{inside})/{cell(row, 1, "c")})'
            canvas.formula(row, offset, mean, "output", "0.00")
    chart = radar(
        book,
        canvas.area(HEADER, 3, HEADER, 5),
        tuple(
            (f"={SHEET}!{cell(row, 2, 'rc')}", canvas.area(row, 3, row, 5))
            for row in range(TOP, TOP + len(GROUPS) - 1)
        ),
        scaled=False,
    )
    canvas.insert_chart(chart, book.labels.ref("modes.chart"), 4, 8, 480, 420)
    _draw_list(book, canvas, satellites, names)
    canvas.finish(LIST_HEADER + SHOWN, 15, HEADER, tall=1)


def _draw_list(
    book: Book, canvas: Canvas, satellites: SatelliteLayout, names: dict[str, str]
) -> None:
    """List the first cities with their agglomeration and radiation."""
    layout, helper = book.layout, 17
    canvas.label(LIST_HEADER - 1, 1, "modes.first", "section")
    root = book.spec.framework.root.code
    order = Block(SHEET, helper + 2, (root,), FIRST, layout.last)
    order_block(book, canvas, order, layout.ranks, apart=book.spec.apart)
    positions = order.over(root, SHEET, "rc")
    numbers = populations_of(layout).numbers.ref()
    canvas.columns(helper, helper, 8)

    def look_up(values: str) -> Formula:
        return lambda cells: pick(values, cell(cells.row, helper, "c"))

    def radiates(cells: RowCells) -> str:
        a, b = (cells[code] for code in FLOWS)
        return f'IF(COUNT({a},{b})=2,IF({b}>{a},{book.labels.ref("modes.yes")},""),"")'

    own_size: dict[str, Any] = {}
    table = item_table(canvas, LIST_HEADER, range(1, SHOWN + 1), (
        Column("position", "modes.position", role="stub_center", number="0",
               value=lambda cells: cells.item, head_style=own_size),
        Column("", "data.name", look_up(layout.names()), "name", head_style=own_size),
        *(Column(code, "", look_up(satellites.joint_scores.over(code, SHEET, "rc")), "output",
                 "0.00", head=names[code]) for code in FLOWS),
        Column("", "modes.more", radiates, "calculation_center", head_style=own_size),
    )).draw()  # fmt: skip
    for row in range(table.first, table.last + 1):
        only = f"({positions}={cell(row, 1, 'c')})*({numbers}=1)"
        canvas.array(canvas.area(row, helper), f'IFERROR(MATCH(1,{only},0),"")', "id", "0")
