"""`Tiers`: for a chosen node, the units of every tiered group in order, by tier."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import CENTER
from xlcity.workbook.sheets.choosers import node_code
from xlcity.workbook.sheets.results.groups import ALL, group_name, position_in_order
from xlcity.workbook.sheets.table import Column, RowCells, draw_block, item_table

SHEET = "Tiers"
#: Row of the names of groups, above the ranks at which tiers end, and header of the lists.
ENDS, TIERS_HEADER = 6, 9


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, layout = titled_sheet(book, SHEET, banner=8, note_column=3), book.layout
    canvas.label(4, 1, "ranking.choose", "section", font_size=10)
    canvas.chooser(4, 3, book.spec.framework.root.code, "=out_nodes", error_type="warning")
    node_column = f"MATCH({node_code(layout, '$C$4')},out_nodes,0)"
    nodes, names = (layout.framework_column(n).ref() for n in ("code", "display"))
    # The title names what is shown, also where the code typed is none of a node.
    shown = f"INDEX({names},MATCH(INDEX(out_nodes,1,xl_tier_column),{nodes},0))"
    canvas.formula(4, 5, f'IF(ISNUMBER({node_column}),"","? → ")&{shown}', "title", font_size=12)
    canvas.formula(5, 3, f"IFERROR({node_column},{len(layout.composites)})", CENTER)
    canvas.label(5, 1, "ranking.column", "note")
    book.define("xl_tier_column", canvas.area(5, 3))
    canvas.widths([7, *[17, 7, 2] * len(layout.tier_groups)])
    depth = max(_draw_list(canvas, offset) for offset in range(len(layout.tier_groups)))
    positions = Column("", "ranking.position", lambda cells: cells.ordinal, CENTER, "0",
                       style={"font_size": 8})  # fmt: skip
    item_table(canvas, TIERS_HEADER, range(depth), (positions,)).draw()
    _draw_keys(book, canvas)
    canvas.close(TIERS_HEADER, 1)


def _keys(layout: Layout) -> Block:
    """Return the columns right of the lists: the position of each city in every tiered group.

    The key of the chosen node stands right of them.
    """
    codes = tuple("|".join(group) for group in layout.tier_groups)
    return Block(SHEET, 3 * len(codes) + 4, codes, FIRST, layout.last)


def _draw_keys(book: Book, canvas: Canvas) -> None:
    """Write the position of each city in a tiered group, for the chosen node."""
    layout, block = book.layout, _keys(book.layout)
    chosen = Area(SHEET, FIRST, block.right + 1, layout.last, block.right + 1)

    def position_in_group(key: str, row: int) -> str:
        group_type, _, group = key.partition("|")
        own, code = cell(row, chosen.c1, "c"), f'"{group}"'
        groups = None if group_type == ALL else layout.city(group_type)
        wanted = f"ISNUMBER({own})"
        if groups is not None:
            wanted = f"AND({wanted},{layout.city_cell(group_type, row)}={code})"
        return f'IF({wanted},{position_in_order(own, chosen, row, groups, code)},"")'

    draw_block(canvas, block, position_in_group, CENTER, "0", width=18, head_size=8,
               name=lambda key: group_name(book, *key.split("|")))  # fmt: skip
    canvas.columns(chosen.c1, chosen.c1, 12)
    canvas.label(ROW_NAME, chosen.c1, "tiers.chosen", "header")
    for row in range(FIRST, layout.last + 1):
        keys = Area(INDEX, row, layout.keys.left, row, layout.keys.right).ref("c")
        canvas.formula(row, chosen.c1, f"INDEX({keys},1,xl_tier_column)", CENTER)


def _draw_list(canvas: Canvas, offset: int) -> int:
    """Draw the list of a tiered group; return its lines."""
    book, layout, left = canvas.book, canvas.book.layout, 2 + 3 * offset
    group_type, group = layout.tier_groups[offset]
    rules = [t for t in book.spec.tiers if (t.group_type, t.group) == (group_type, group)]
    rules.sort(key=lambda rule: rule.tier)
    name = group_name(book, group_type, group)
    canvas.merged(ENDS, left, left + 1, name, "section", font_size=10, shrink=True)
    # Rank at which each tier ends: an input, so that another cut is one number away.
    last_ranks = {}
    for number, rule in enumerate(rules[:-1], 1):
        canvas.label(ENDS + number, left, f"tiers.end{number}", "note", font_size=8)
        canvas.input(ENDS + number, left + 1, rule.rank_to, "input_center", "0", font_size=8)
        last_ranks[number] = cell(ENDS + number, left + 1, "rc")
    key, names = _keys(layout).over(f"{group_type}|{group}", SHEET, "rc"), layout.names()
    depth = layout.slots
    if group_type != ALL:
        depth = max(rule.rank_to for rule in rules) + book.spec.spare_units

    def listed_name(cells: RowCells) -> str:
        return f'IFERROR(INDEX({names},MATCH({cells.ordinal},{key},0)),"")'

    def tier(cells: RowCells) -> str:
        formula = str(len(rules))
        for number, last_rank in reversed(last_ranks.items()):
            formula = f"IF({cells.ordinal}<={last_rank},{number},{formula})"
        return f'IF({cells.name}="","",{formula})'

    small = {"font_size": 9}
    table = item_table(canvas, TIERS_HEADER, range(depth), (
        Column("name", "data.name", listed_name, "name", style=small),
        Column("tier", "tiers.tier", tier, CENTER, "0", style=small),
    ), left=left).draw()  # fmt: skip
    first_tier = cell(table.first, left + 1, "c")
    for number in (1, 2):
        canvas.mark(table.area("name", "tier"), f"{first_tier}={number}", f"tier{number}")
    return depth
