"""`Radar`: the chosen city on every node, with the previous edition and the sample."""

from __future__ import annotations

from xlcity.methods.formulas import varies_condition
from xlcity.reports.iecc2024.pages import editions
from xlcity.reports.iecc2024.pages.editions import Edition
from xlcity.reports.iecc2024.pages.progress import CITY, city_line
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import radar
from xlcity.workbook.drawing.grid import Area, cell, pick
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_LOW, ROW_MEAN, ROW_RANGE, ROW_SD
from xlcity.workbook.steps.normalising import Normalising

SHEET = "Radar"
NODES_HEADER = 6
CHART_LEFT, CHART_COLUMNS, CHART_COLUMN = 11, 7, 13
HELPER = CHART_LEFT + CHART_COLUMNS + 1
#: Letters of names on the axes, with few of them and with many.
FEW, MANY = 26, 16
SCORE = "0.0"

NODE_HEADS = ("radar.node", "radar.axis", "radar.now", "radar.then", "radar.mean")
LEAF_HEADS = (
    "radar.leaf", "radar.axis", "radar.now", "radar.then", "radar.mean", "radar.z", "radar.low",
    "radar.high", "radar.before",
)  # fmt: skip
WIDTHS = (40, 24, 12, 12, 12, 10, 10, 10, 12, 2)


def draw(book: Book, edition: Edition) -> None:
    """Draw the sheet."""
    layout, framework = book.layout, book.spec.framework
    canvas = titled_sheet(book, SHEET, [*WIDTHS, *[CHART_COLUMN] * CHART_COLUMNS, 2, 9], 7)
    city_line(book, canvas, 4)
    position = cell(4, HELPER, "rc")
    canvas.label(4, HELPER + 1, "profile.row", "note", font_size=8)
    places = Area(editions.SHEET, FIRST, editions.POSITION, layout.last, editions.POSITION).ref()
    canvas.formula(4, HELPER, pick(places, CITY), "calculation_center", font_size=8)
    nodes = [code for code in layout.composites if framework.depth(code) == 2]
    canvas.heads(NODES_HEADER, NODE_HEADS, font_size=9)
    for row, code in enumerate(nodes, NODES_HEADER + 1):
        _draw_name(book, canvas, row, code, FEW)
        scores = layout.scores.over(code, SHEET, "rc")
        canvas.formula(row, 3, pick(scores, CITY), "output", SCORE)
        canvas.formula(row, 4, edition.number("value", code, position), "calculation", SCORE)
        mean = f'IF(COUNT({scores})=0,"",AVERAGE({scores}))'
        canvas.formula(row, 5, mean, "calculation", SCORE)
    nodes_last = NODES_HEADER + len(nodes)
    header = nodes_last + 3
    canvas.heads(header, LEAF_HEADS, font_size=9)
    for row, code in enumerate(layout.indicators, header + 1):
        _draw_indicator(book, canvas, edition, row, code, position)
    last = header + len(layout.indicators)
    width = int(0.95 * canvas.pixels(CHART_LEFT, CHART_LEFT + CHART_COLUMNS))
    chart_row = NODES_HEADER
    for title, first, last_row, height in (
        ("radar.nodes", NODES_HEADER + 1, nodes_last, 430),
        ("radar.leaves", header + 1, last, 620),
    ):
        lines = tuple(
            (f"={SHEET}!{cell(NODES_HEADER, column, 'rc')}",
             canvas.area(first, column, last_row))
            for column in (3, 4, 5)
        )  # fmt: skip
        chart = radar(book, canvas.area(first, 2, last_row), lines, low=50, marks_only=(1,))
        canvas.insert_chart(chart, book.labels.ref(title), chart_row, CHART_LEFT, width, height)
        chart_row += height // 20 + 1
    canvas.fit_labels(last + 2, [("radar.scale", sum(WIDTHS[:9]))], least=45)
    scale = book.labels.ref("radar.scale")
    canvas.merged(last + 2, 1, 9, scale, "note", text_wrap=True, valign="top")
    bottom = max(last + 2, chart_row)
    canvas.finish(bottom, CHART_LEFT + CHART_COLUMNS - 1, 4, tall=1)


def _draw_name(book: Book, canvas: Canvas, row: int, code: str, most: int) -> None:
    name = book.layout.framework_cell(code, "display")
    canvas.formula(row, 1, name, "name")
    axis = f'IF(LEN({name})>{most},LEFT({name},{most - 1})&"…",{name})'
    canvas.formula(row, 2, f'"{code} "&{axis}', "id", font_size=8)


def _draw_indicator(
    book: Book, canvas: Canvas, edition: Edition, row: int, code: str, position: str
) -> None:
    layout = book.layout
    values = layout.normalised.over(code, SHEET, "rc")
    z, low, high, before = (cell(row, column, "c") for column in (6, 7, 8, 9))
    omega = "par_omega" if "omega" in book.parameters else "100"

    def scaled(value: str) -> str:
        return f"{omega}*({value}-{low})/({high}-{low})+100-{omega}"

    def shown(value: str, condition: str) -> str:
        return (
            f'IF(COUNT({condition},{low},{high})=3,IF({varies_condition(low, high)},{value},""),"")'
        )

    _draw_name(book, canvas, row, code, MANY)
    canvas.formula(row, 3, shown(scaled(z), z), "output", SCORE)
    scored_column = layout.scores_before_imputing.column(code)
    mean, sd = (f"{INDEX}!{cell(r, scored_column, 'rc')}" for r in (ROW_LOW, ROW_RANGE))
    old_score = f"({before}-{mean})/{sd}"
    if (limit := Normalising(layout, code).plain.at.get("clip")) is not None:
        old_score = f"IF({limit}>0,MAX(-{limit},MIN({limit},{old_score})),{old_score})"
    old_score = f"{layout.framework_cell(code, 'direction')}*{old_score}"
    if code in layout.clipped.codes:
        column = layout.clipped.column(code)
        m, s = (f"{INDEX}!{cell(r, column, 'rc')}" for r in (ROW_MEAN, ROW_SD))
        old_score = f"({old_score}-{m})/{s}"
    bounded_score = f"MAX(100-{omega},MIN(100,{scaled(old_score)}))"
    canvas.formula(
        row, 4, shown(f'IF(ISNUMBER({sd}),{bounded_score},"")', before), "calculation", SCORE
    )
    average = f"AVERAGE({values})"
    canvas.formula(row, 5, shown(scaled(average), low), "calculation", SCORE)
    canvas.formula(row, 6, pick(values, CITY), "calculation", "0.00")
    for column, function in ((7, "MIN"), (8, "MAX")):
        canvas.formula(
            row, column, f'IF(COUNT({values})=0,"",{function}({values}))', "calculation", "0.00"
        )
    # An index of z-scores says nothing of another edition's.
    old_value = '""'
    if layout.construct_method(code) != "zscore_index":
        old_value = edition.number("value", code, position)
    canvas.formula(row, 9, old_value, "calculation", "General")
