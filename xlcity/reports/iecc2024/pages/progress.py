"""`Growth` and `Progress`: growth since the previous edition, and where a city has gained most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from xlcity.methods.formulas import count_text
from xlcity.reports.iecc2024.pages import editions
from xlcity.reports.iecc2024.pages.editions import Edition
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import columns
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.drawing.number_formats import sized_format, value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import shown_text
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_FIXED_HIGH, ROW_FIXED_LOW, ROW_N, ROW_NAME
from xlcity.workbook.sheets.results import profile
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    draw_block,
    item_table,
    unit_sheet,
)

GROWTH, SHEET = "Growth", "Progress"
WIDTH = 11
#: Rows of the best on `Progress`, and where its tables begin.
TOP, TOP_HEADER, ALL_HEADER = 5, 7, 31
PERCENT = "0.0%"
#: Columns that only order the lower table.
ORDER = 2
CITY = f"Profile!{profile.CITY_POSITION}"


@dataclass(frozen=True)
class Growth:
    """The measures that grow, and the blocks of their growth."""

    layout: Layout

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Indicators with a zero; an index of z-scores has none."""
        layout = self.layout
        return tuple(c for c in layout.indicators if layout.construct_method(c) != "zscore_index")

    #: Values of the previous edition.
    base = block_on(GROWTH, "measures")
    #: Growth since then, as a share.
    growth = block_on(GROWTH, "measures", after="base")
    #: How many of the values behind an indicator are synthetic.
    invented = block_on(GROWTH, "measures", after="growth")


def draw_growth(book: Book, edition: Edition) -> None:
    """Draw `Growth`."""
    layout, growth = book.layout, Growth(book.layout)
    canvas = unit_sheet(book, GROWTH, banner=7)
    canvas.thin(range(ROW_NAME + 1, CODE - 1))
    keys = ("growth.printed", "growth.average", "progress.cities")
    canvas.stubs(zip((ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_N), keys, strict=True))
    canvas.fit_names(ROW_NAME, growth.measures, WIDTH)

    def base(code: str, row: int) -> str:
        position = f"{editions.SHEET}!{cell(row, editions.POSITION, 'c')}"
        return edition.number("value", code, position)

    def grown(code: str, row: int) -> str:
        base, now = growth.base.at(code, row, GROWTH), layout.raw.at(code, row, GROWTH)
        return f'IF(COUNT({base},{now})=2,IF({base}>0,{now}/{base}-1,""),"")'

    def invented(code: str, row: int) -> str:
        letters = layout.letters.rows_of((*layout.ingredients_of(code), code), row, row)
        return count_text(letters.ref("c"), "Y")

    here, parts = cell(FIRST, growth.growth.left), cell(FIRST, growth.invented.left)
    synthetic = [(f"AND(ISNUMBER({here}),{parts}>0)", "synthetic")]
    form = value_formats(book.spec.framework)
    draw_block(canvas, growth.base, base, number=form, section="growth.base", width=WIDTH)
    draw_block(canvas, growth.growth, grown, number=PERCENT, section="growth.growth", width=WIDTH,
               marks=synthetic)  # fmt: skip
    draw_block(canvas, growth.invented, invented, "calculation_center", "0", width=WIDTH,
               section="growth.invented", marks=[("{0}=0", "faint")])  # fmt: skip
    for code in growth.measures:
        column, values = growth.growth.column(code), growth.growth.over(code, GROWTH)
        canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0")
        average = f'IF({cell(ROW_N, column)}=0,"",AVERAGE({values}))'
        canvas.formula(ROW_FIXED_HIGH, column, average, "output", PERCENT)
        printed = edition.averages.get(code)
        canvas.static(ROW_FIXED_LOW, column, printed, "published", PERCENT)
    split = (growth.growth.left, growth.invented.left)
    canvas.finish(layout.last, growth.invented.right, ROW_NAME, 2, a3=True, split=split)


def draw(book: Book, edition: Edition) -> None:
    """Draw `Progress`: all measures of a city, and above them those with the greatest gains."""
    canvas, measures = titled_sheet(book, SHEET, banner=4), Growth(book.layout).measures
    city_line(book, canvas, 4)
    all_columns = _measure_columns(book, edition)
    all_measures = item_table(canvas, ALL_HEADER, measures, all_columns)

    def best(column: Column) -> Column:
        def look_up(cells: RowCells) -> str:
            source = all_measures.area(column.name).ref("rc", SHEET)
            positions = all_measures.area("place").ref("rc", SHEET)
            return f'IFERROR(INDEX({source},MATCH({cells.ordinal},{positions},0)),"")'

        # A measure of any unit may be there.
        number = column.number if isinstance(column.number, str) else sized_format()
        return replace(column, formula=look_up, number=number)

    best_measures = item_table(
        canvas, TOP_HEADER, range(TOP), [best(c) for c in all_columns[:-ORDER]]
    )
    for table, title in ((best_measures, "best"), (all_measures, "all")):
        canvas.label(table.header - 1, 1, f"progress.{title}", "section")
        canvas.fit_labels(table.header, [(c.key, c.width) for c in table.columns], 9, 30)
        table.draw()
    for row, code in enumerate(measures, all_measures.first):
        node = book.spec.framework[code]
        canvas.fit(row, [(text, all_columns[1].width) for text in (node.uom_zh, node.uom)], 8)
    lines = (
        (f"={SHEET}!$B$4", best_measures.area("growth")),
        (book.labels.text("progress.average"), best_measures.area("average")),
    )
    chart = columns(book, best_measures.area("measure"), lines)
    chart.set_y_axis(
        {"num_format": "0%", "major_gridlines": {"visible": True, "line": {"color": "#E4E7EC"}}}
    )
    chart.set_x_axis({"label_position": "low"})
    width = int(0.96 * canvas.pixels(1, best_measures.right))
    canvas.insert_chart(
        chart, book.labels.ref("progress.chart"), best_measures.last + 2, 1, width, 300
    )
    canvas.finish(all_measures.last, all_measures.right, 4, 1, tall=1)


def city_line(book: Book, canvas: Canvas, row: int) -> None:
    """Write the chosen city, and the way to choose another."""
    name = Area("Profile", profile.CITY_ROW, 3, profile.CITY_ROW, 3).ref()
    canvas.label(row, 1, "profile.city", "section")
    canvas.formula(row, 2, name, "title", font_size=14)
    canvas.link(row, 5, "Profile", book.labels.text("progress.go"))


def _progress_column(
    name: str,
    formula: Formula,
    width: float,
    role: str = "calculation_center",
    number: str | Callable[[str], str] = "General",
    **style: Any,
) -> Column:
    return Column(name, f"progress.{name}", formula, role, number, width, style)


def _gain_position(cells: RowCells) -> str:
    """Return the formula of a gain's position among all, the earlier of equal ones first."""
    gain = cells.gain
    position = f"_xlfn.RANK.EQ({gain},{gain.column_cells})+COUNTIF({gain.so_far},{gain})-1"
    return f'IF(ISNUMBER({gain}),{position},"")'


def _measure_columns(book: Book, edition: Edition) -> tuple[Column, ...]:
    """Return the columns of a measure of the chosen city."""
    layout, growth, ref = book.layout, Growth(book.layout), book.labels.ref
    unit = f"INDEX({layout.ids()},{CITY})"
    small: dict[str, Any] = {"font_size": 8, "text_wrap": True}
    center, form = "calculation_center", value_formats(book.spec.framework)

    def of_city(block: Block) -> Formula:
        return lambda cells: pick(block.over(cells.item, SHEET, "rc"), CITY)

    def heading_entry(row: int) -> Formula:
        def formula(cells: RowCells) -> str:
            entry = f"{GROWTH}!{cell(row, growth.growth.column(cells.item), 'rc')}"
            return f'IF({entry}="","",{entry})'

        return formula

    def printed_entry(cells: RowCells, name: str) -> str:
        """Return the formula of an entry of the printed list, "" for a number typed over."""
        line = f'MATCH({unit}&"|{cells.item}",{edition.listed("key")},0)'
        entry = f"INDEX({edition.listed(name)},{line})"
        same = f"INDEX({edition.listed('value')},{line})={cells.base}"
        return f'IFERROR(IF(AND({same},{entry}<>""),{entry},""),"")'

    def measure_unit(cells: RowCells) -> str:
        zh, en = (layout.framework_cell(cells.item, name) for name in ("uom_zh", "uom"))
        return shown_text(en, zh, book.spec.language)

    def period(cells: RowCells) -> str:
        head = f"{editions.DATA}!{cell(ROW_NAME + 2, edition.column('value', cells.item), 'rc')}"
        printed_period = printed_entry(cells, "period")
        shown = f'IF({printed_period}="",IF({head}="","",{head}),{printed_period})'
        return f'IF({cells.base}="","",{shown})'

    def status(cells: RowCells) -> str:
        letter = f"INDEX({growth.invented.over(cells.item, SHEET, 'rc')},{CITY})"
        return f'IF(ISNUMBER({cells.growth}),IF({letter}>0,{ref("progress.synthetic")},""),"")'

    def gain_value(cells: RowCells) -> str:
        # A fall is a gain where less is better.
        gained = f"{layout.framework_cell(cells.item, 'direction')}*{cells.growth}"
        return f'IF(ISNUMBER({cells.growth}),IF({gained}>0,{gained},""),"")'

    return (
        _progress_column("measure", lambda cells: layout.framework_cell(cells.item, "display"), 40,
                         "name", ""),
        _progress_column("uom", measure_unit, 16, center, "", **small),
        _progress_column("base", of_city(growth.base), 11, "calculation", form),
        _progress_column("period", period, 18, center, "", **small),
        _progress_column("current", of_city(layout.raw), 11, "calculation", form),
        _progress_column("growth", of_city(growth.growth), 11, "output", PERCENT),
        _progress_column("average", heading_entry(ROW_FIXED_HIGH), 12, "calculation", PERCENT),
        _progress_column("cities", heading_entry(ROW_N), 9),
        _progress_column("printed", lambda cells: printed_entry(cells, "growth"), 11, "published",
                         PERCENT),
        _progress_column("printed_average", heading_entry(ROW_FIXED_LOW), 12, "published", PERCENT),
        _progress_column("base_status",
                lambda cells: edition.letter("value", unit, f'"{cells.item}"', cells.base), 10),
        _progress_column("status", status, 13),
        _progress_column("gain", gain_value, 9, "calculation", "0.000"),
        _progress_column("place", _gain_position, 7),
    )  # fmt: skip
