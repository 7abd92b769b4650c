"""`Groups` and `Figures`: subtables, means, and the report's figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import bar
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.calculation.calculate import above, first_of
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    draw_block,
    item_table,
)
from xlcity.workbook.spec import GroupTable

ALL = "all"
BAND_GAP = 2
#: Height of a row that is not set.
ROW_PIXELS = 20
#: Columns that tables side by side may take.
BAND_WIDTH = 36
#: First of the columns of means.
MEANS_LEFT = 4


def position_in_order(own: str, keys: Area, row: int, groups: Area | None, group: str) -> str:
    """Return the formula of a city's position by a key, inside a group of `Cities` if there is one.

    Of equal keys the earlier city comes first.
    """

    def down_to(area: Area, last: int) -> str:
        first = Area(area.sheet, area.r1, area.c1, area.r1, area.c1).ref()
        return f"{first}:{cell(last, area.c1, 'c')}"

    inside = before = ""
    if groups is not None:
        inside = f"{groups.ref()},{group},"
        before = f"{down_to(groups, groups.r1 + row - FIRST)},{group},"
    above_it = f'COUNTIFS({inside}{keys.ref()},">"&{own})'
    return f"{above_it}+COUNTIFS({before}{down_to(keys, keys.r1 + row - FIRST)},{own})"


def group_keys(layout: Layout) -> Block:
    """Return the columns right of all tables: per group type and node, group|position in it."""
    codes = dict.fromkeys(f"{s.group_type}|{s.node}" for s in layout.spec.subtables)
    tables = (block.column + subtable_width(layout, block.subtable.node)
              for block in place_subtables(layout))  # fmt: skip
    left = max(MEANS_LEFT + len(layout.composites) + 2, *tables) + 2
    return Block("Groups", left, tuple(codes), FIRST, layout.last)


def _draw_keys(book: Book, canvas: Canvas) -> None:
    """Write each city's position inside its groups, which the tables look up."""
    layout = book.layout

    def heading(key: str) -> str:
        group_type, node = key.split("|")
        display = layout.framework_cell(node, "display")
        return f'{book.labels.ref(f"attribute.{group_type}")}&" · "&{display}'

    def key_in_group(key: str, row: int) -> str:
        group_type, node = key.split("|")
        group, own = layout.city_cell(group_type, row), layout.keys.at(node, row, "Groups")
        position = position_in_order(
            own, layout.keys.span((node,)), row, layout.city(group_type), group
        )
        return f'IF(OR({group}="",NOT(ISNUMBER({own}))),"",{group}&"|"&{position})'

    draw_block(canvas, group_keys(layout), key_in_group, "id", name=heading, width=18, head_size=8)


def group_name(book: Book, group_type: str, group: str) -> str:
    """Return the reference to the name of a group, or of all units."""
    return book.labels.ref("group.all" if group_type == ALL else f"group.{group_type}.{group}")


@dataclass(frozen=True, slots=True)
class PlacedSubtable:
    """A subtable and its first cell on `Groups`."""

    subtable: GroupTable
    row: int
    column: int

    @property
    def first(self) -> int:
        """First row of units."""
        return self.row + 2


def place_subtables(layout: Layout) -> Iterator[PlacedSubtable]:
    """Yield every subtable with its first cell: a section per node, bands per group type."""
    row = 6 + _count_means_rows(layout) + 3
    nodes = dict.fromkeys(s.node for s in layout.spec.subtables)
    for node in nodes:
        row += 2
        of_node = [s for s in layout.spec.subtables if s.node == node]
        width = subtable_width(layout, node)
        for group_type in dict.fromkeys(s.group_type for s in of_node):
            of_type = [s for s in of_node if s.group_type == group_type]
            abreast = max(1, BAND_WIDTH // (width + 1))
            for first in range(0, len(of_type), abreast):
                band = of_type[first : first + abreast]
                for offset, subtable in enumerate(band):
                    yield PlacedSubtable(subtable, row, 1 + offset * (width + 1))
                row += 2 + max(s.depth for s in band) + BAND_GAP


def subtable_width(layout: Layout, node: str) -> int:
    """Return the columns of a node's subtables: rank, city, children, score."""
    return 3 + len(layout.spec.framework.children(node))


def _count_means_rows(layout: Layout) -> int:
    return 1 + sum(len(t.groups) for t in layout.spec.group_types)


def draw(book: Book) -> None:
    """Draw `Groups`: simple means per group, then every subtable of the report."""
    canvas, layout = titled_sheet(book, "Groups", banner=5), book.layout
    right = means = _draw_means(book, canvas)
    blocks = list(place_subtables(layout))
    # Tables of one node alone follow the means on their page.
    several = len({block.subtable.node for block in blocks}) > 1
    breaks = []
    bottom = 6 + _count_means_rows(layout)
    seen: set[str] = set()
    for block in blocks:
        if block.subtable.node not in seen:
            seen.add(block.subtable.node)
            canvas.formula(
                block.row - 1, 1, layout.framework_cell(block.subtable.node, "display"), "title"
            )
            if several:
                breaks.append(block.row - 2)
        _draw_subtable(book, canvas, block)
        width = subtable_width(layout, block.subtable.node)
        right = max(right, block.column + width - 1)
        bottom = max(bottom, block.first + block.subtable.depth)
    for column in range(1, right + 1):
        canvas.columns(column, column, 11)
    cuts = sorted({block.column for block in blocks if block.column > means})
    _draw_keys(book, canvas)
    canvas.cut(*cuts)
    canvas.close(2, breaks=breaks)


def _draw_means(book: Book, canvas: Canvas) -> int:
    """Write number and simple mean of every node per group, and how many beat the mean."""
    layout = book.layout
    canvas.label(4, 1, "groups.means", "section")
    canvas.put(5, 2, None, "header")
    canvas.heads(5, ("groups.group", "", "groups.n"))
    canvas.node_heads(5, layout.composites, MEANS_LEFT, 8)
    rows: list[tuple[str, str]] = [(ALL, "")]
    rows += [(t.attribute, g.value) for t in book.spec.group_types for g in t.groups]
    code_column, before = MEANS_LEFT + len(layout.composites), ""
    for row, (group_type, group) in enumerate(rows, 6):
        canvas.merged(row, 1, 2, group_name(book, group_type, group), "stub_line")
        # The code stands right of the table, and beside it what the groups are.
        canvas.put(row, code_column, group, "id", font_size=7, border=0)
        if group_type not in (ALL, before):
            canvas.label(row, code_column + 1, f"attribute.{group_type}", "note", font_size=8)
        before = group_type
        _draw_group_means(book, canvas, row, group_type, cell(row, code_column, "c"))
    row = 6 + len(rows)
    canvas.merged(row, 1, 3, book.labels.ref("groups.above"), "stub_line")
    for column, code in enumerate(layout.composites, MEANS_LEFT):
        values, mean = layout.scores.over(code, "Groups", "rc"), cell(6, column, "r")
        beating = f'IF(ISNUMBER({mean}),COUNTIF({values},{above(mean)}),"")'
        canvas.formula(row, column, beating, "calculation_center", "0")
    return code_column - 1


def _draw_group_means(book: Book, canvas: Canvas, row: int, group_type: str, group: str) -> None:
    """Write the number of a group's cities and the mean of every node."""
    layout, everyone = book.layout, group_type == ALL
    inside = "" if everyone else f"{layout.city(group_type).ref()},{group}"
    keys = layout.keys.over(layout.composites[0], "Groups", "rc")
    count = f'COUNTIFS({inside},{keys},">-1E+300")'
    if everyone:
        count = f"COUNT({layout.scores.over(layout.composites[0], 'Groups', 'rc')})"
    canvas.formula(row, 3, count, "calculation_center", "0")
    for column, code in enumerate(layout.composites, MEANS_LEFT):
        values = layout.scores.over(code, "Groups", "rc")
        mean = f'IFERROR(AVERAGEIF({inside},{values}),"")'
        if everyone:
            mean = f'IF(COUNT({values})=0,"",AVERAGE({values}))'
        canvas.formula(row, column, mean, "calculation", "0.00")


def _draw_subtable(book: Book, canvas: Canvas, block: PlacedSubtable) -> None:
    """Write the first cities of a group by a node, with the children of the node."""
    layout, node = book.layout, block.subtable.node
    gap = block.column + subtable_width(layout, node)
    group = _draw_title(book, canvas, block, gap)
    children = [c.code for c in book.spec.framework.children(node)]
    key = group_keys(layout).over(f"{block.subtable.group_type}|{node}", "Groups", "rc")
    source, _ = layout.children(node)

    def rank(cells: RowCells) -> str:
        # The rank shows only where the group has that many members.
        return f'IF(COUNTIF({key},{group}&"|"&{cells.ordinal})>0,{cells.ordinal},"")'

    def look_up(values: str) -> Formula:
        def formula(cells: RowCells) -> str:
            match = f'MATCH({group}&"|"&{cells.rank},{key},0)'
            return f'IF({cells.rank}="","",INDEX({values},{match}))'

        return formula

    def score_column(code: str, block: Block, role: str) -> Column:
        name, values = layout.framework_cell(code, "display"), block.over(code, "Groups", "rc")
        return Column("", "", look_up(values), role, "0.00", head=name, head_style={"font_size": 8})

    columns = (
        Column("rank", "ranking.position", rank, "calculation_center", "0"),
        Column("", "data.name", look_up(layout.names()), "name", "", 0, {"font_size": 9}),
        # Composites as they are shown elsewhere, rescaled where nodes are.
        *(score_column(code, layout.scores if code in layout.scores.codes else source,
                       "calculation") for code in children),
        score_column(node, layout.scores, "output"),
    )  # fmt: skip
    item_table(
        canvas, block.row + 1, range(block.subtable.depth), columns, left=block.column
    ).draw()


def _draw_title(book: Book, canvas: Canvas, block: PlacedSubtable, gap: int) -> str:
    """Write the title of a subtable, and its group's code in the gap; return the code's address."""
    layout, subtable = book.layout, block.subtable
    title = f'{group_name(book, subtable.group_type, subtable.group)}&" · "&' + (
        layout.framework_cell(subtable.node, "display")
    )
    scores = layout.keys.over(subtable.node, "Groups", "rc")
    size = f"COUNT({scores})"
    if subtable.group_type != ALL:
        within = layout.city(subtable.group_type).ref()
        size = f'COUNTIFS({within},"{subtable.group}",{scores},">-1E+300")'
    title += f"&{first_of(book, subtable.depth, size)}"
    if subtable.label:
        title = f'{book.labels.ref("groups.table")}&" {subtable.label}  "&{title}'
    # The title spans the table; formulas look up the group's code.
    style = {"font_size": 10, "text_wrap": True, "valign": "bottom"}
    canvas.merged(block.row, block.column, gap - 1, title, "section", **style)
    canvas.put(block.row, gap, subtable.group, "id", font_size=7, border=0)
    return cell(block.row, gap, "rc")


def draw_figures(book: Book) -> None:
    """Draw `Figures`: bars of the root's subtables by the first group type."""
    canvas, layout = titled_sheet(book, "Figures", banner=8, note_column=3), book.layout
    root = book.spec.framework.root.code
    blocks = [b for b in place_subtables(layout) if b.subtable.node == root]
    # Tables that a report has a number for are shown as tables.
    shown = [b for b in blocks if not b.subtable.label] or blocks
    width = subtable_width(layout, root)
    top, bottom = 3, 3
    for position, block in enumerate(shown):
        last = block.first + block.subtable.depth - 1
        right = block.column + width - 1
        names = Area("Groups", block.first, block.column + 1, last, block.column + 1)
        values = Area("Groups", block.first, right, last, right)
        title = f"Groups!{cell(block.row, block.column, 'rc')}"
        chart = bar(book, f"={title}", names, values)
        height = 120 + 22 * block.subtable.depth
        if position % 2 == 0:
            top = bottom
        canvas.insert_chart(chart, title, top + 1, (position % 2) * 9 + 1, 560, height)
        bottom = max(bottom, top + height // ROW_PIXELS + 2)
    canvas.prints_to(56, 18)
    canvas.close(0, landscape=False, tall=1)
