"""`Tiers`: for the node chosen on `Ranking`, the units of tiered groups in order, by tier."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Block, Fix, cell, nested_if
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.styles import CENTER, INPUT_CENTER, SMALL, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, INDEX
from xlcity.workbook.sheets.results.ranking import CHOSEN, order_column
from xlcity.workbook.sheets.results.subtables import ALL, group_name
from xlcity.workbook.sheets.table import Column, RowCells, draw_block, item_table

SHEET = "Tiers"
#: Row of the names of groups, above the ranks at which tiers end, and header of the lists.
ENDS = 6
TIERS_HEADER = 9


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    layout = book.layout
    canvas.formula(4, 1, CHOSEN, "title", font_size=12)
    canvas.widths([7, *[17, 7, 2] * len(layout.tier_groups)])
    depth = max(_draw_list(canvas, offset) for offset in range(len(layout.tier_groups)))
    positions = Column(
        key="ranking.position",
        formula=lambda cells: cells.ordinal,
        role=CENTER,
        number=INTEGER,
        style=TINY,
    )
    item_table(canvas, TIERS_HEADER, range(depth), (positions,)).draw()
    _draw_keys(book, canvas)
    canvas.close(TIERS_HEADER, 1)


def _keys(layout: Layout) -> Block:
    """Return the columns right of the lists: the position of each city in every tiered group."""
    codes = tuple("|".join(group) for group in layout.tier_groups)
    return Block(SHEET, 3 * len(codes) + 4, codes, FIRST, last_row=layout.last)


def _draw_keys(book: Book, canvas: Canvas) -> None:
    """Write the position of each city in a tiered group, by the order of `Ranking`."""
    layout = book.layout
    order = order_column(book)

    def position_in_group(key: str, row: int) -> str:
        group_type, _, group = key.partition("|")
        own = f"{INDEX}!{cell(row, order.c1, Fix.COLUMN)}"
        # Places in the order are further apart than this number.
        before = f'{order.ref()},"<"&{own}+1E-7'
        if group_type == ALL:
            return f'IF(ISNUMBER({own}),COUNTIF({before}),"")'
        inside = f'{layout.city_cell(group_type, row)}="{group}"'
        position = f'COUNTIFS({layout.city(group_type).ref()},"{group}",{before})'
        return f'IF(AND(ISNUMBER({own}),{inside}),{position},"")'

    draw_block(
        canvas,
        _keys(layout),
        position_in_group,
        CENTER,
        number=INTEGER,
        width=18,
        head_size=8,
        name=lambda key: group_name(book, *key.split("|")),
    )


def _draw_list(canvas: Canvas, offset: int) -> int:
    """Draw the list of a tiered group; return its lines."""
    book = canvas.book
    layout = canvas.book.layout
    left = 2 + 3 * offset
    group_type, group = layout.tier_groups[offset]
    rules = [
        t for t in book.spec.tiers if (t.group_type, t.group) == (group_type, group)
    ]
    rules.sort(key=lambda rule: rule.tier)
    name = group_name(book, group_type, group)
    canvas.merged(
        ENDS,
        left,
        left + 1,
        name,
        role="section",
        font_size=10,
        shrink=True,
    )
    # Rank at which each tier ends: an input, so that another cut is one number away.
    last_ranks = {}
    for number, rule in enumerate(rules[:-1], 1):
        canvas.label(ENDS + number, left, f"tiers.end{number}", "note", **TINY)
        canvas.input(
            ENDS + number,
            left + 1,
            rule.rank_to,
            INPUT_CENTER,
            number=INTEGER,
            **TINY,
        )
        last_ranks[number] = cell(ENDS + number, left + 1, Fix.BOTH)
    key = _keys(layout).over(f"{group_type}|{group}", SHEET, Fix.BOTH)
    names = layout.names()
    depth = layout.slots
    if group_type != ALL:
        depth = max(rule.rank_to for rule in rules) + book.spec.spare_units

    def listed_name(cells: RowCells) -> str:
        return f'IFERROR(INDEX({names},MATCH({cells.ordinal},{key},0)),"")'

    def tier(cells: RowCells) -> str:
        numbers = {
            f"{cells.ordinal}<={end}": number for number, end in last_ranks.items()
        }
        return f'IF({cells.name}="","",{nested_if(numbers, str(len(rules)))})'

    small = SMALL
    table = item_table(
        canvas,
        TIERS_HEADER,
        range(depth),
        (
            Column("name", "data.name", listed_name, "name", style=small),
            Column(
                "tier", "tiers.tier", tier, role=CENTER, number=INTEGER, style=small
            ),
        ),
        left=left,
    ).draw()
    blank = f'{cell(table.first, left, Fix.COLUMN)}=""'
    canvas.mark(table.area("name", "tier"), blank, "blank")
    first_tier = cell(table.first, left + 1, Fix.COLUMN)
    for number in (1, 2):
        canvas.mark(
            table.area("name", "tier"), f"{first_tier}={number}", f"tier{number}"
        )
    return depth
