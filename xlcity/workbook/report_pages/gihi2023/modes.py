"""`Modes`: means of the development modes by group, and agglomeration beside radiation."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import radar
from xlcity.workbook.drawing.grid import cell, pick
from xlcity.workbook.layout.groups import Populations
from xlcity.workbook.layout.supplementary import SatelliteLayout
from xlcity.workbook.sheets.calculation.satellites import name_of

SHEET = "Modes"
GROUPS = ("us", "europe", "china", "other")
MODES, FLOWS = ("MA", "MB", "MC"), ("AGG", "RAD")
HEADER, TOP = 5, 6
SHOWN = 20
LIST_HEADER = TOP + len(GROUPS) + 4


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, found = book.canvas(SHEET), SatelliteLayout(book.layout)
    canvas.heading("modes", "modes.note", banner_column=6)
    canvas.widths([8, 24, 15, 15, 15, 15, 2])
    canvas.columns(8, 15, 9)
    names = {satellite.code: name_of(book, satellite) for satellite in found.joint}
    canvas.heads(HEADER, ("modes.count", "modes.group"))
    for offset, code in enumerate(MODES, 3):
        canvas.formula(HEADER, offset, names[code], "header", font_size=9)
    canvas.sheet.set_row(HEADER - 1, 40)
    layout = book.layout
    groups = layout.city("bloc").ref()
    members = Populations(layout).members.ref()
    main = book.spec.populations[0]
    for row, group in enumerate(GROUPS, TOP):
        canvas.label(row, 2, f"modes.group.{group}", "stub")
        first = found.joint_scores.over(MODES[0], SHEET, "rc")
        inside = f'{members},"{main}",{groups},"{group}"'
        count = f'COUNTIFS({inside},{first},">=0")'
        canvas.formula(row, 1, count, "calculation_center", "0")
        for offset, code in enumerate(MODES, 3):
            scores = found.joint_scores.over(code, SHEET, "rc")
            mean = f'IF({cell(row, 1, "c")}=0,"",SUMIFS({scores},{inside})/{cell(row, 1, "c")})'
            canvas.formula(row, offset, mean, "output", "0.00")
    chart = radar(
        book,
        "modes.chart",
        canvas.area(HEADER, 3, HEADER, 5),
        tuple(
            (f"={SHEET}!{cell(row, 2, 'rc')}", canvas.area(row, 3, row, 5))
            for row in range(TOP, TOP + len(GROUPS) - 1)
        ),
        scaled=False,
    )
    canvas.insert_chart(chart, 4, 8, 480, 420)
    _list(book, canvas, found, names)
    canvas.finish(LIST_HEADER + SHOWN, 15, HEADER, tall=1)


def _list(book: Book, canvas: Canvas, found: SatelliteLayout, names: dict[str, str]) -> None:
    """Write the first cities of the main list with both flows."""
    layout = book.layout
    canvas.label(LIST_HEADER - 1, 1, "modes.first", "section")
    canvas.label(LIST_HEADER, 1, "modes.position", "header")
    canvas.label(LIST_HEADER, 2, "data.name", "header")
    for offset, code in enumerate(FLOWS, 3):
        canvas.formula(LIST_HEADER, offset, names[code], "header", font_size=9)
    canvas.label(LIST_HEADER, 5, "modes.more", "header")
    root = book.spec.framework.root.code
    places = layout.positions.over(root, SHEET, "rc")
    population = Populations(layout)
    helper = 17
    canvas.columns(helper, helper, 8)
    cities = layout.names("Scores")
    for place in range(1, SHOWN + 1):
        row = LIST_HEADER + place
        canvas.number(row, 1, place, "stub_center", "0")
        # The place among the cities of the main list.
        only = f"({places}={cell(row, 1, 'c')})*({population.numbers.ref()}=1)"
        at = canvas.area(row, helper)
        canvas.array(at, f'IFERROR(MATCH(1,{only},0),"")', "id", "0")
        where = cell(row, helper, "c")
        canvas.formula(row, 2, pick(cities, where), "name")
        for offset, code in enumerate(FLOWS, 3):
            scores = found.joint_scores.over(code, SHEET, "rc")
            made = pick(scores, where)
            canvas.formula(row, offset, made, "output", "0.00")
        a, b = cell(row, 3, "c"), cell(row, 4, "c")
        more = f'IF(COUNT({a},{b})=2,IF({b}>{a},{book.labels.ref("modes.yes")},""),"")'
        canvas.formula(row, 5, more, "calculation_center")
