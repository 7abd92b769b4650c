"""`Radar`: the chosen city on every node and indicator, with the edition before and the sample."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.charts import radar
from xlcity.workbook.grid import Area, cell, varies
from xlcity.workbook.layout import FIRST, ROW_MEAN, ROW_SD
from xlcity.workbook.sheets import editions
from xlcity.workbook.sheets.editions import Edition
from xlcity.workbook.sheets.progress import CITY, city_line

SHEET = "Radar"
NODES_HEADER = 6
CHART_LEFT, CHART_COLUMNS, CHART_COLUMN = 11, 7, 13
HELPER = CHART_LEFT + CHART_COLUMNS + 1
#: Letters of names on the axes, with few of them and with many.
FEW, MANY = 26, 16
SCORE = "0.0"

LABELS = (
    (
        "contents.Radar",
        "所选城市的二级与三级指标雷达图：本轮、上一轮、样本平均",
        "Radars of the chosen city: this edition, the one before, the mean of the sample",
    ),
    ("radar.title", "城市雷达图", "Radars of a city"),
    (
        "radar.note",
        "城市在 Profile 表选择，两图随之变化。",
        "The city is chosen on Profile; both charts follow.",
    ),
    (
        "radar.scale",
        "三级指标：定向、缩尾的 z 分数按功效系数换算到 60-100"
        "（各指标最低 60，最高 100）；上一轮数值用本轮的均值和标准差换算，"
        "超出范围记在边缘；没有上一轮数值的留空（图中在圆心）。",
        "Indicators: oriented, clipped z-scores on the efficacy "
        "scale (lowest 60, highest 100 of each). Values of the edition before are placed by this "
        "edition's mean and deviation, held to the range; where there is none the cell is empty "
        "(and the mark stands in the centre).",
    ),
    ("radar.node", "二级指标", "Second level"),
    ("radar.leaf", "三级指标", "Third level"),
    ("radar.now", "本轮", "This edition"),
    ("radar.then", "上一轮", "Edition before"),
    ("radar.mean", "样本平均", "Mean of the sample"),
    ("radar.z", "z 分数", "z-score"),
    ("radar.low", "最低 z", "Lowest z"),
    ("radar.high", "最高 z", "Highest z"),
    ("radar.before", "上一轮数值", "Value then"),
    ("radar.axis", "图上的名称", "Name on the axis"),
    ("radar.nodes", "二级指标雷达图（得分）", "Second-level indicators (scores)"),
    (
        "radar.leaves",
        "三级指标雷达图（功效系数 60-100）",
        "Third-level indicators (efficacy scale)",
    ),
)
NODE_HEADS = ("radar.node", "radar.axis", "radar.now", "radar.then", "radar.mean")
LEAF_HEADS = (
    "radar.leaf", "radar.axis", "radar.now", "radar.then", "radar.mean", "radar.z", "radar.low",
    "radar.high", "radar.before",
)  # fmt: skip
WIDTHS = (40, 24, 12, 12, 12, 10, 10, 10, 12, 2)


def draw(book: Book, edition: Edition) -> None:
    """Draw the sheet."""
    canvas, layout, framework = book.canvas(SHEET), book.layout, book.spec.framework
    canvas.heading("radar", "radar.note", banner_column=7)
    canvas.widths([*WIDTHS, *[CHART_COLUMN] * CHART_COLUMNS, 2, 9])
    city_line(book, canvas, 4)
    position = cell(4, HELPER, "rc")
    canvas.label(4, HELPER + 1, "profile.row", "note", font_size=8)
    places = Area(editions.SHEET, FIRST, editions.POSITION, layout.last, editions.POSITION).ref()
    canvas.formula(
        4, HELPER, f'IF({CITY}="","",INDEX({places},{CITY}))', "calculation_center", font_size=8
    )
    nodes = [code for code in layout.composites if framework.depth(code) == 2]
    _heads(canvas, NODES_HEADER, NODE_HEADS)
    for row, code in enumerate(nodes, NODES_HEADER + 1):
        _name(book, canvas, row, code, FEW)
        scores = layout.scores.over(code, SHEET, "rc")
        canvas.formula(row, 3, f'IF({CITY}="","",INDEX({scores},{CITY}))', "output", SCORE)
        canvas.formula(row, 4, edition.number("value", code, position), "calculation", SCORE)
        mean = f"Scores!{cell(ROW_MEAN, layout.scores.column(code), 'rc')}"
        canvas.formula(row, 5, mean, "calculation", SCORE)
    nodes_last = NODES_HEADER + len(nodes)
    header = nodes_last + 3
    _heads(canvas, header, LEAF_HEADS)
    for row, code in enumerate(layout.indicators, header + 1):
        _leaf(book, canvas, edition, row, code, position)
    last = header + len(layout.indicators)
    width = int(0.95 * canvas.pixels(CHART_LEFT, CHART_LEFT + CHART_COLUMNS))
    at = NODES_HEADER
    for title, first, end, height in (
        ("radar.nodes", NODES_HEADER + 1, nodes_last, 430),
        ("radar.leaves", header + 1, last, 620),
    ):
        lines = tuple(
            (f"={SHEET}!{cell(NODES_HEADER, column, 'rc')}",
             Area(SHEET, first, column, end, column))
            for column in (3, 4, 5)
        )  # fmt: skip
        chart = radar(book, title, Area(SHEET, first, 2, end, 2), lines, low=50, marks_only=(1,))
        chart.set_size({"width": width, "height": height})
        canvas.sheet.insert_chart(at - 1, CHART_LEFT - 1, chart, {"object_position": 3})
        at += height // 20 + 1
    canvas.fit_labels(last + 2, [("radar.scale", sum(WIDTHS[:9]))], least=45)
    scale = book.labels.ref("radar.scale")
    canvas.merged(last + 2, 1, 9, scale, "note", text_wrap=True, valign="top")
    canvas.frame(4, 0)
    bottom = max(last + 2, at)
    canvas.page(Area(SHEET, 1, 1, bottom, CHART_LEFT + CHART_COLUMNS - 1), tall=1)
    canvas.protect()


def _heads(canvas: Canvas, row: int, keys: tuple[str, ...]) -> None:
    canvas.fit_labels(row, zip(keys, WIDTHS, strict=False), 9, least=30)
    for column, key in enumerate(keys, 1):
        canvas.label(row, column, key, "header", font_size=9)


def _name(book: Book, canvas: Canvas, row: int, code: str, most: int) -> None:
    name = book.layout.framework_cell(code, "display")
    canvas.formula(row, 1, name, "name")
    axis = f'IF(LEN({name})>{most},LEFT({name},{most - 1})&"…",{name})'
    canvas.formula(row, 2, f'"{code} "&{axis}', "id", font_size=8)


def _leaf(book: Book, canvas: Canvas, edition: Edition, row: int, code: str, position: str) -> None:
    layout = book.layout
    values = layout.normalised.over(code, SHEET, "rc")
    z, low, high, before = (cell(row, column, "c") for column in (6, 7, 8, 9))
    omega = "par_omega" if "omega" in book.parameters else "par_scale"

    def scaled(value: str) -> str:
        return f"{omega}*({value}-{low})/({high}-{low})+par_scale-{omega}"

    def shown(value: str, condition: str) -> str:
        return f'IF(COUNT({condition},{low},{high})=3,IF({varies(low, high)},{value},""),"")'

    _name(book, canvas, row, code, MANY)
    canvas.formula(row, 3, shown(scaled(z), z), "output", SCORE)
    column = layout.clipped.column(code)
    plain = layout.normalised.column(code)
    mean, sd = (f"Normalised!{cell(r, plain, 'rc')}" for r in (ROW_MEAN, ROW_SD))
    then = f"({before}-{mean})/{sd}"
    then = f"IF(par_limit>0,MAX(-par_limit,MIN(par_limit,{then})),{then})"
    then = f"{layout.framework_cell(code, 'direction')}*{then}"
    if book.spec.standardises_again:
        m, s = (f"Normalised!{cell(r, column, 'rc')}" for r in (ROW_MEAN, ROW_SD))
        then = f"({then}-{m})/{s}"
    held = f"MAX(par_scale-{omega},MIN(par_scale,{scaled(then)}))"
    canvas.formula(row, 4, shown(f'IF(ISNUMBER({sd}),{held},"")', before), "calculation", SCORE)
    average = f"AVERAGE({values})"
    canvas.formula(row, 5, shown(scaled(average), low), "calculation", SCORE)
    canvas.formula(row, 6, f'IF({CITY}="","",INDEX({values},{CITY}))', "calculation", "0.00")
    for column, function in ((7, "MIN"), (8, "MAX")):
        canvas.formula(
            row, column, f'IF(COUNT({values})=0,"",{function}({values}))', "calculation", "0.00"
        )
    # An index of z-scores says nothing of another edition's.
    known = '""'
    if layout.construct_method(code) != "zscore_index":
        known = edition.number("value", code, position)
    canvas.formula(row, 9, known, "calculation", "General")
