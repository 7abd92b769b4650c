"""`Without`: the index without one of its dimensions, and the effect on the ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlcity.reports.bri2021.pages.toplists import group_text
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import FIRST, ROW_WEIGHT
from xlcity.workbook.sheets.calculation.calculate import whole_key
from xlcity.workbook.sheets.calculation.ranks import order_block, rank_of
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    Formula,
    RowCells,
    Table,
    gap,
    item_table,
    listed_units,
)

SHEET = "Without"
HEADER = 6
#: Best cities that are listed with their ranks, and a rank that is marked.
LISTED, MARKED = 10, 5
#: Left of the list of the first cities.
FIRST_CITIES = 12


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """What is shown: the node left out, its printed effects, the attribute beside the cities."""

    node: str
    attribute: str
    printed: Mapping[str, int] = field(default_factory=dict)


def draw(book: Book, shown: LeaveOneOut) -> None:
    """Draw the cities on the left, the first ten with the ranks of the other nodes on the right."""
    layout = book.layout
    root = book.spec.framework.root.code
    children = tuple(child.code for child in book.spec.framework.children(root))
    others = tuple(code for code in children if code != shown.node)
    canvas = titled_sheet(book, SHEET, banner=8, note_column=3)
    canvas.label(3, 1, "without.left", "section")
    canvas.formula(3, 3, layout.framework_cell(shown.node, "display"), "output")
    canvas.fit_names(HEADER, others, 13, 9)
    table = Table(
        canvas, HEADER, HEADER + 1, HEADER + layout.slots, _city_columns(book, shown, children)
    ).draw()
    left = FIRST_CITIES
    canvas.widths({left - 2: 10, left - 1: 2})
    _draw_first_cities(book, canvas, shown, others, left)
    canvas.finish(table.last, left + 2 + len(others), HEADER, 2)


def _city_columns(book: Book, shown: LeaveOneOut, children: tuple[str, ...]) -> tuple[Column, ...]:
    """Return the columns of the cities: score and rank without the node, and the effect."""
    layout, values, root = book.layout, book.layout.scores, book.spec.framework.root.code
    weights = values.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
    weight = values.at(shown.node, ROW_WEIGHT, SHEET, "rc")
    attribute, units = layout.city(shown.attribute), book.spec.published_units

    def group_name(cells: RowCells) -> str:
        value = cell(attribute.r1 + cells.slot, attribute.c1)
        return group_text(book, shown.attribute, f"Cities!{value}")

    def score_without(cells: RowCells) -> str:
        span = values.rows_of(children, FIRST + cells.slot, FIRST + cells.slot).ref("c", SHEET)
        own = values.at(shown.node, FIRST + cells.slot, SHEET)
        score = f"(SUMPRODUCT({span},{weights})-{own}*{weight})/(SUM({weights})-{weight})"
        return f'IF(COUNT({span})=COUNT({weights}),{whole_key(book, score)},"")'

    def overall_rank(cells: RowCells) -> str:
        rank = layout.ranks.at(root, FIRST + cells.slot, SHEET)
        return f'IF(ISNUMBER({rank}),{rank},"")'

    def printed_effect(cells: RowCells) -> str | None:
        unit = units[cells.slot].id if cells.slot < len(units) else ""
        # The printed effect belongs to the city that the book was shipped with in this row.
        is_printed = unit in shown.printed
        return f'IF({cells.unit}="{unit}",{shown.printed[unit]},"")' if is_printed else None

    def effect(cells: RowCells) -> str:
        return f'IF(COUNT({cells.rank}:{cells.overall})=2,{cells.rank}-{cells.overall},"")'

    center, signed = "calculation_center", "+0;-0;0"
    columns = (
        *listed_units(16, 22),
        Column("group", f"attribute.{shown.attribute}", group_name, center, "", 14,
               {"font_size": 9}),
        Column("score", "without.score", score_without, "calculation", "0.00", 13),
        gap(),
        Column("rank", "without.rank", lambda cells: rank_of(book, cells.score), "output_center",
               "0", 11),
        Column("overall", "without.overall", overall_rank, center, "0", 11),
        Column("effect", "without.effect", effect, "output_center", signed, 11,
               marks=RISE_AND_FALL),
    )  # fmt: skip
    if not shown.printed:
        return (*columns, gap(11))
    printed = Column("printed", "without.printed", printed_effect, "published_center", signed, 11)
    return (*columns, printed)


def _draw_first_cities(
    book: Book, canvas: Canvas, shown: LeaveOneOut, others: tuple[str, ...], left: int
) -> None:
    """List the first cities with their ranks in the other nodes."""
    layout, root = book.layout, book.spec.framework.root.code
    canvas.label(HEADER - 1, left, "without.first", "section")
    order = Block(SHEET, left + len(others) + 5, (root,), FIRST, layout.last)
    order_block(book, canvas, order, layout.ranks, apart=book.spec.apart)
    positions = order.over(root, SHEET, "rc")
    attribute = layout.city(shown.attribute).ref()

    def look_up(source: str) -> Formula:
        return lambda cells: f'IFERROR(INDEX({source},MATCH({cells.item},{positions},0)),"")'

    def group_name(cells: RowCells) -> str:
        value = f"INDEX({attribute},MATCH({cells.item},{positions},0))"
        return group_text(book, shown.attribute, value)

    center, ranks = "calculation_center", layout.ranks.over
    columns = [
        Column("", "ranking.rank", look_up(ranks(root, SHEET, "rc")), "output_center", "0", 6),
        Column("", "data.name", look_up(layout.names()), "name", "", 22),
        Column("", f"attribute.{shown.attribute}", group_name, center, "", 14, {"font_size": 9}),
        *(Column(code, head=layout.framework_cell(code, "display"), role=center, number="0",
                 formula=look_up(ranks(code, SHEET, "rc")), width=13) for code in others),
    ]  # fmt: skip
    table = item_table(canvas, HEADER, range(1, LISTED + 1), columns, left=left).draw()
    first_rank = cell(table.first, left + 3)
    block = table.area(others[0], others[-1])
    canvas.mark(block, f"AND(ISNUMBER({first_rank}),{first_rank}<={MARKED})", "good")
