"""`Growth` and `Progress`: growth since the edition before, and where a city has gained most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from xlcity.workbook.canvas import Book, Canvas, shown_text
from xlcity.workbook.charts import columns
from xlcity.workbook.grid import Area, Block, cell
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_N,
    ROW_NAME,
    Layout,
)
from xlcity.workbook.sheets import editions, profile
from xlcity.workbook.sheets.calculate import block_header, unit_columns
from xlcity.workbook.sheets.editions import Edition

GROWTH, SHEET = "Growth", "Progress"
WIDTH = 11
#: Rows of the best on `Progress`, and where its tables begin.
TOP, TOP_HEADER, ALL_HEADER = 5, 7, 31
PERCENT = "0.0%"
COLUMNS = (
    "measure", "uom", "base", "period", "current", "growth", "average", "cities", "printed",
    "printed_average", "base_status", "status", "gain", "place",
)  # fmt: skip
#: Columns of the upper table; gain and place only order the lower one.
SHOWN = COLUMNS[:-2]
WIDTHS = (40, 16, 11, 18, 11, 11, 12, 9, 11, 12, 10, 13, 9, 7)
CITY = f"Profile!{profile.AT_CITY}"

LABELS = (
    (
        "contents.Growth",
        "各城市各指标自上一轮的增长率，以及样本平均",
        "Growth of every city and measure since the edition before, and its average",
    ),
    ("growth.title", "增长率", "Growth"),
    (
        "growth.note",
        "增长率 = 本轮 / 上轮 - 1，两轮都有数值且上轮为正时计算；样本平均 = 各城市增长率的平均。"
        "由 z 分数合成的指数没有零点，不计算。本轮含虚构值的标紫。",
        "Growth = now / then - 1 where both are known and then is positive; sample average = mean "
        "of the cities' growth. Indices of z-scores have no zero and none. Purple: the value now "
        "is synthetic.",
    ),
    ("growth.base", "上轮数值", "Value then"),
    ("growth.growth", "增长率", "Growth"),
    ("growth.invented", "含虚构值的组成部分", "Synthetic parts"),
    ("growth.average", "样本平均增长率", "Sample average"),
    ("growth.printed", "报告印出的平均", "Average as printed"),
    ("contents.Progress", "所选城市的相对进步指标", "Relative progress of the chosen city"),
    ("progress.title", "相对进步", "Relative progress"),
    (
        "progress.note",
        "城市在 Profile 表选择。列出进步最大的五项：增长率为正（逆向指标为下降）；旁边是样本平均与"
        "报告印出的数字。",
        "The city is chosen on Profile. The five largest gains: positive growth (a fall where less "
        "is better), beside the sample average and what the report printed.",
    ),
    ("progress.go", "→ 换城市", "→ another city"),
    ("progress.best", "进步最大的指标", "Largest gains"),
    ("progress.all", "全部指标", "All measures"),
    ("progress.measure", "指标", "Measure"),
    ("progress.uom", "计量单位", "Unit of measure"),
    ("progress.base", "上轮", "Then"),
    ("progress.period", "上轮时期", "Period then"),
    ("progress.current", "本轮", "Now"),
    ("progress.growth", "增长率", "Growth"),
    ("progress.average", "样本平均", "Sample average"),
    ("progress.cities", "城市数", "Cities"),
    ("progress.printed", "印出增长率", "Printed growth"),
    ("progress.printed_average", "印出平均", "Printed average"),
    ("progress.base_status", "上轮状态", "Status then"),
    ("progress.status", "本轮", "Now is"),
    ("progress.gain", "进步", "Gain"),
    ("progress.place", "序", "Place"),
    ("progress.synthetic", "虚构值", "synthetic"),
    (
        "progress.chart",
        "进步最大的五项指标与样本平均",
        "The five largest gains beside the sample average",
    ),
)


@dataclass(frozen=True)
class Growth:
    """Which measures grow, and where their growth stands."""

    layout: Layout

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Indicators with a zero; an index of z-scores has none."""
        layout = self.layout
        return tuple(c for c in layout.indicators if layout.construct_method(c) != "zscore_index")

    def _block(self, left: int) -> Block:
        return Block(GROWTH, left, self.measures, FIRST, self.layout.last)

    @cached_property
    def base(self) -> Block:
        """Values of the edition before."""
        return self._block(3)

    @cached_property
    def growth(self) -> Block:
        """Growth since then, as a share."""
        return self._block(self.base.right + 2)

    @cached_property
    def invented(self) -> Block:
        """How many of the values behind an indicator are synthetic."""
        return self._block(self.growth.right + 2)


def draw_growth(book: Book, edition: Edition) -> None:
    """Draw `Growth`."""
    canvas, layout, growth = book.canvas(GROWTH), book.layout, Growth(book.layout)
    canvas.heading("growth", "growth.note", banner_column=7)
    canvas.widths([16, 20])
    unit_columns(book, canvas)
    canvas.thin(range(ROW_NAME + 1, CODE - 1))
    rows = (
        (ROW_FIXED_LOW, "growth.printed"),
        (ROW_FIXED_HIGH, "growth.average"),
        (ROW_N, "progress.cities"),
    )
    for row, key in rows:
        canvas.sheet.set_row(row - 1, 16)
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, key, "stub")
    canvas.fit_names(ROW_NAME, growth.measures, WIDTH)
    for block, key in (
        (growth.base, "growth.base"),
        (growth.growth, "growth.growth"),
        (growth.invented, "growth.invented"),
    ):
        canvas.columns(block.left, block.right, WIDTH)
        canvas.columns(block.right + 1, block.right + 1, 2)
        canvas.label(CODE - 1, block.left, key, "section")
        block_header(book, canvas, block)
    for code in growth.measures:
        column = growth.growth.column(code)
        values = growth.growth.over(code, GROWTH)
        count = cell(ROW_N, column)
        canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0")
        canvas.formula(
            ROW_FIXED_HIGH, column, f'IF({count}=0,"",AVERAGE({values}))', "output", PERCENT
        )
        if code in edition.averages:
            canvas.number(ROW_FIXED_LOW, column, edition.averages[code], "published", PERCENT)
        else:
            canvas.blank(ROW_FIXED_LOW, column, "published")
        for row in range(FIRST, layout.last + 1):
            position = f"{editions.SHEET}!{cell(row, editions.POSITION, 'c')}"
            canvas.formula(
                row,
                growth.base.column(code),
                edition.number("value", code, position),
                "calculation",
                "General",
            )
            base, now = growth.base.at(code, row, GROWTH), layout.raw.at(code, row, GROWTH)
            canvas.formula(
                row,
                column,
                f'IF(COUNT({base},{now})=2,IF({base}>0,{now}/{base}-1,""),"")',
                "calculation",
                PERCENT,
            )
            codes = (*layout.ingredients_of(code), code)
            letters = layout.letters.rows_of(codes, row, row).ref("c")
            canvas.formula(
                row,
                growth.invented.column(code),
                f'COUNTIF({letters},"Y")',
                "calculation_center",
                "0",
            )
    here, parts = cell(FIRST, growth.growth.left), cell(FIRST, growth.invented.left)
    canvas.mark(growth.growth.span(), f"AND(ISNUMBER({here}),{parts}>0)", "synthetic")
    canvas.mark(growth.invented.span(), f"{parts}=0", "faint")
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area(GROWTH, 1, 1, layout.last, growth.invented.right),
        a3=True,
        split=(growth.growth.left, growth.invented.left),
    )
    canvas.protect()


def draw(book: Book, edition: Edition) -> None:
    """Draw `Progress` for the city chosen on `Profile`."""
    canvas, growth = book.canvas(SHEET), Growth(book.layout)
    canvas.heading("progress", "progress.note", banner_column=4)
    canvas.widths(WIDTHS)
    city_line(book, canvas, 4)
    canvas.label(TOP_HEADER - 1, 1, "progress.best", "section")
    _heads(canvas, TOP_HEADER, SHOWN)
    canvas.label(ALL_HEADER - 1, 1, "progress.all", "section")
    _heads(canvas, ALL_HEADER, COLUMNS)
    first, last = ALL_HEADER + 1, ALL_HEADER + len(growth.measures)
    places = Area(SHEET, first, len(COLUMNS), last, len(COLUMNS)).ref("rc", SHEET)
    for row, code in enumerate(growth.measures, first):
        _measure(book, canvas, edition, growth, code, row)
    for row in range(TOP_HEADER + 1, TOP_HEADER + TOP + 1):
        place = f"ROWS({cell(TOP_HEADER, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
        for column, name in enumerate(SHOWN, 1):
            source = Area(SHEET, first, column, last, column).ref("rc", SHEET)
            role, number = _style(name)
            canvas.formula(
                row,
                column,
                f'IFERROR(INDEX({source},MATCH({place},{places},0)),"")',
                role,
                number,
                **_small(name),
            )
    chart = columns(
        book,
        "progress.chart",
        Area(SHEET, TOP_HEADER + 1, 1, TOP_HEADER + TOP, 1),
        (
            (f"={SHEET}!$B$4", _of("growth")),
            (f"={book.labels.ref('progress.average')}", _of("average")),
        ),
    )
    chart.set_y_axis(
        {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#E4E7EC"}}}
    )
    chart.set_x_axis({"label_position": "low"})
    chart.set_size({"width": int(0.96 * canvas.pixels(1, len(SHOWN))), "height": 300})
    canvas.sheet.insert_chart(TOP_HEADER + TOP + 1, 0, chart, {"object_position": 3})
    canvas.frame(4, 1)
    canvas.page(Area(SHEET, 1, 1, last, len(COLUMNS)), tall=1)
    canvas.protect()


def city_line(book: Book, canvas: Canvas, row: int) -> None:
    """Write the chosen city, and the way to choose another."""
    name = Area("Profile", profile.CITY_ROW, 3, profile.CITY_ROW, 3).ref()
    canvas.label(row, 1, "profile.city", "section")
    canvas.formula(row, 2, name, "title", font_size=14)
    canvas.link(row, 5, "Profile", "progress.go")


def _of(name: str) -> Area:
    column = COLUMNS.index(name) + 1
    return Area(SHEET, TOP_HEADER + 1, column, TOP_HEADER + TOP, column)


def _heads(canvas: Canvas, row: int, names: Sequence[str]) -> None:
    keys = [f"progress.{name}" for name in names]
    canvas.fit_labels(row, zip(keys, WIDTHS, strict=False), 9, least=30)
    for column, key in enumerate(keys, 1):
        canvas.label(row, column, key, "header", font_size=9)


def _style(name: str) -> tuple[str, str]:
    roles = {
        "measure": ("name", ""),
        "uom": ("calculation_center", ""),
        "period": ("calculation_center", ""),
        "base": ("calculation", "General"),
        "current": ("calculation", "General"),
        "growth": ("output", PERCENT),
        "average": ("calculation", PERCENT),
        "printed": ("published", PERCENT),
        "gain": ("calculation", "0.000"),
        "printed_average": ("published", PERCENT),
    }
    return roles.get(name, ("calculation_center", "General"))


def _small(name: str) -> dict[str, object]:
    wrapped = name in ("uom", "period")
    return {"font_size": 8, "text_wrap": True} if wrapped else {}


def _measure(
    book: Book, canvas: Canvas, edition: Edition, growth: Growth, code: str, row: int
) -> None:
    """Write one measure of the chosen city."""
    layout = book.layout
    at = {name: cell(row, column, "c") for column, name in enumerate(COLUMNS, 1)}
    unit = f"INDEX({Area('Scores', FIRST, 1, layout.last, 1).ref()},{CITY})"
    line = f'MATCH({unit}&"|{code}",{edition.listed("key")},0)'

    def pick(block: Block) -> str:
        return f'IF({CITY}="","",INDEX({block.over(code, SHEET, "rc")},{CITY}))'

    def header(row: int) -> str:
        found = f"{GROWTH}!{cell(row, growth.growth.column(code), 'rc')}"
        return f'IF({found}="","",{found})'

    def printed(name: str) -> str:
        """Return what the list has of the same number, "" for a number typed over it."""
        found = f"INDEX({edition.listed(name)},{line})"
        same = f"INDEX({edition.listed('value')},{line})={at['base']}"
        return f'IFERROR(IF(AND({same},{found}<>""),{found},""),"")'

    head = f"{editions.DATA}!{cell(ROW_NAME + 2, edition.column('value', code), 'rc')}"
    period = printed("period")
    uom_zh, uom = (layout.framework_cell(code, name) for name in ("uom_zh", "uom"))
    gain, first, last = COLUMNS.index("gain") + 1, ALL_HEADER + 1, ALL_HEADER + len(growth.measures)
    gains = Area(SHEET, first, gain, last, gain).ref("rc", SHEET)
    above = f"{cell(first, gain, 'rc')}:{cell(row, gain, 'c')}"
    direction = layout.framework_cell(code, "direction")
    letter = f"INDEX({growth.invented.over(code, SHEET, 'rc')},{CITY})"
    formulas = {
        "measure": layout.framework_cell(code, "display"),
        "uom": shown_text(uom, uom_zh),
        "base": pick(growth.base),
        "period": f'IF({at["base"]}="","",IF({period}="",IF({head}="","",{head}),{period}))',
        "current": pick(layout.raw),
        "growth": pick(growth.growth),
        "average": header(ROW_FIXED_HIGH),
        "cities": header(ROW_N),
        "printed": printed("growth"),
        "printed_average": header(ROW_FIXED_LOW),
        "base_status": edition.letter("value", unit, f'"{code}"', at["base"]),
        "status": f"IF(ISNUMBER({at['growth']}),IF({letter}>0,"
        f'{book.labels.ref("progress.synthetic")},""),"")',
        # A fall is a gain where less is better.
        "gain": f"IF(ISNUMBER({at['growth']}),IF({direction}*{at['growth']}>0,"
        f'{direction}*{at["growth"]},""),"")',
        "place": f"IF(ISNUMBER({at['gain']}),_xlfn.RANK.EQ({at['gain']},{gains})"
        f'+COUNTIF({above},{at["gain"]})-1,"")',
    }
    node = book.spec.framework[code]
    canvas.fit(row, [(node.uom_zh, WIDTHS[1]), (node.uom, WIDTHS[1])], 8)
    for position, name in enumerate(COLUMNS, 1):
        role, number = _style(name)
        canvas.formula(row, position, formulas[name], role, number, **_small(name))
