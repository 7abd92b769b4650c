"""`Growth` and `Progress`: growth since the edition before, and where a city has gained most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import columns
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.labels import shown_text
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_FIXED_HIGH, ROW_FIXED_LOW, ROW_N, ROW_NAME
from xlcity.workbook.sheets.previous import editions
from xlcity.workbook.sheets.previous.editions import Edition
from xlcity.workbook.sheets.results import profile
from xlcity.workbook.sheets.table import draw_block, unit_sheet

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


@dataclass(frozen=True)
class Growth:
    """Which measures grow, and where their growth stands."""

    layout: Layout

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Indicators with a zero; an index of z-scores has none."""
        layout = self.layout
        return tuple(c for c in layout.indicators if layout.construct_method(c) != "zscore_index")

    #: Values of the edition before.
    base = block_on(GROWTH, "measures")
    #: Growth since then, as a share.
    growth = block_on(GROWTH, "measures", after="base")
    #: How many of the values behind an indicator are synthetic.
    invented = block_on(GROWTH, "measures", after="growth")


def draw_growth(book: Book, edition: Edition) -> None:
    """Draw `Growth`."""
    layout, growth = book.layout, Growth(book.layout)
    canvas = unit_sheet(book, GROWTH, "growth", 7)
    canvas.thin(range(ROW_NAME + 1, CODE - 1))
    keys = ("growth.printed", "growth.average", "progress.cities")
    canvas.stubs(zip((ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_N), keys, strict=True), "stub", 16)
    canvas.fit_names(ROW_NAME, growth.measures, WIDTH)

    def base(code: str, row: int) -> str:
        position = f"{editions.SHEET}!{cell(row, editions.POSITION, 'c')}"
        return edition.number("value", code, position)

    def grown(code: str, row: int) -> str:
        base, now = growth.base.at(code, row, GROWTH), layout.raw.at(code, row, GROWTH)
        return f'IF(COUNT({base},{now})=2,IF({base}>0,{now}/{base}-1,""),"")'

    def invented(code: str, row: int) -> str:
        letters = layout.letters.rows_of((*layout.ingredients_of(code), code), row, row)
        return f'COUNTIF({letters.ref("c")},"Y")'

    here, parts = cell(FIRST, growth.growth.left), cell(FIRST, growth.invented.left)
    synthetic = [(f"AND(ISNUMBER({here}),{parts}>0)", "synthetic")]
    draw_block(canvas, growth.base, base, number="General", section="growth.base", width=WIDTH)
    draw_block(canvas, growth.growth, grown, number=PERCENT, section="growth.growth", width=WIDTH,
               marks=synthetic)  # fmt: skip
    draw_block(canvas, growth.invented, invented, "calculation_center", "0", width=WIDTH,
               section="growth.invented", marks=[("{0}=0", "faint")])  # fmt: skip
    for code in growth.measures:
        column, values = growth.growth.column(code), growth.growth.over(code, GROWTH)
        canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0")
        average = f'IF({cell(ROW_N, column)}=0,"",AVERAGE({values}))'
        canvas.formula(ROW_FIXED_HIGH, column, average, "output", PERCENT)
        if code in edition.averages:
            canvas.number(ROW_FIXED_LOW, column, edition.averages[code], "published", PERCENT)
        else:
            canvas.blank(ROW_FIXED_LOW, column, "published")
    canvas.finish(
        layout.last,
        growth.invented.right,
        ROW_NAME,
        2,
        a3=True,
        split=(growth.growth.left, growth.invented.left),
    )


def draw(book: Book, edition: Edition) -> None:
    """Draw `Progress` for the city chosen on `Profile`."""
    canvas, growth = book.canvas(SHEET), Growth(book.layout)
    canvas.heading("progress", "progress.note", banner_column=4)
    canvas.widths(WIDTHS)
    city_line(book, canvas, 4)
    canvas.label(TOP_HEADER - 1, 1, "progress.best", "section")
    canvas.heads(TOP_HEADER, [f"progress.{name}" for name in SHOWN], room=WIDTHS, font_size=9)
    canvas.label(ALL_HEADER - 1, 1, "progress.all", "section")
    canvas.heads(ALL_HEADER, [f"progress.{name}" for name in COLUMNS], room=WIDTHS, font_size=9)
    first, last = ALL_HEADER + 1, ALL_HEADER + len(growth.measures)
    places = canvas.range(first, len(COLUMNS), last)
    for row, code in enumerate(growth.measures, first):
        _measure(book, canvas, edition, growth, code, row)
    for row in range(TOP_HEADER + 1, TOP_HEADER + TOP + 1):
        place = f"ROWS({cell(TOP_HEADER, 1, 'rc')}:{cell(row - 1, 1, 'c')})"
        for column, name in enumerate(SHOWN, 1):
            source = canvas.range(first, column, last)
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
        canvas.area(TOP_HEADER + 1, 1, TOP_HEADER + TOP),
        (
            (f"={SHEET}!$B$4", _of("growth")),
            (f"={book.labels.ref('progress.average')}", _of("average")),
        ),
    )
    chart.set_y_axis(
        {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#E4E7EC"}}}
    )
    chart.set_x_axis({"label_position": "low"})
    width = int(0.96 * canvas.pixels(1, len(SHOWN)))
    canvas.insert_chart(chart, TOP_HEADER + TOP + 2, 1, width, 300)
    canvas.finish(last, len(COLUMNS), 4, 1, tall=1)


def city_line(book: Book, canvas: Canvas, row: int) -> None:
    """Write the chosen city, and the way to choose another."""
    name = Area("Profile", profile.CITY_ROW, 3, profile.CITY_ROW, 3).ref()
    canvas.label(row, 1, "profile.city", "section")
    canvas.formula(row, 2, name, "title", font_size=14)
    canvas.link(row, 5, "Profile", "progress.go")


def _of(name: str) -> Area:
    column = COLUMNS.index(name) + 1
    return Area(SHEET, TOP_HEADER + 1, column, TOP_HEADER + TOP, column)


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

    def of_city(block: Block) -> str:
        return pick(block.over(code, SHEET, "rc"), CITY)

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
    gains = canvas.range(first, gain, last)
    above = f"{cell(first, gain, 'rc')}:{cell(row, gain, 'c')}"
    direction = layout.framework_cell(code, "direction")
    letter = f"INDEX({growth.invented.over(code, SHEET, 'rc')},{CITY})"
    formulas = {
        "measure": layout.framework_cell(code, "display"),
        "uom": shown_text(uom, uom_zh),
        "base": of_city(growth.base),
        "period": f'IF({at["base"]}="","",IF({period}="",IF({head}="","",{head}),{period}))',
        "current": of_city(layout.raw),
        "growth": of_city(growth.growth),
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
