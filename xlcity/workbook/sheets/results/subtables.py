"""`Subtables` and `Figures`: subtables, means, and the report's figures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from xlcity.grouping import grouped
from xlcity.methods.formulas import ANY_NUMBER
from xlcity.reports.report import GroupTable
from xlcity.workbook.drawing.canvas import ROW_PIXELS, Book, Canvas, titled_sheet
from xlcity.workbook.drawing.charts import bar
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER, TWO_DECIMALS
from xlcity.workbook.drawing.styles import CENTER, SMALL, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.calculation.calculate import first_of
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    draw_block,
    item_table,
)

SHEET = "Subtables"
ALL = "all"
#: Header of the means; rows between bands of tables, and columns that tables side by side take.
MEANS_HEADER = 5
BAND_GAP = 2
BAND_WIDTH = 36


def position_in_order(
    own: str, keys: Area, row: int, groups: Area | None, group: str
) -> str:
    """Return the formula of a city's position by a key, inside a group of `Cities` if there is one.

    Of equal keys the earlier city comes first.
    """

    def down_to(area: Area) -> str:
        first = Area(
            area.sheet,
            r1=area.r1,
            c1=area.c1,
            r2=area.r1,
            c2=area.c1,
        ).ref()
        return f"{first}:{cell(area.r1 + row - FIRST, area.c1, Fix.COLUMN)}"

    inside = f"{groups.ref()},{group}," if groups else ""
    before = f"{down_to(groups)},{group}," if groups else ""
    above_it = f'COUNTIFS({inside}{keys.ref()},">"&{own})'
    return f"{above_it}+COUNTIFS({before}{down_to(keys)},{own})"


def group_name(book: Book, group_type: str, group: str) -> str:
    """Return the reference to the name of a group, or of all units."""
    return book.labels.ref(
        "group.all" if group_type == ALL else f"group.{group_type}.{group}"
    )


class PlacedSubtable(NamedTuple):
    """A subtable, its first cell on `Subtables`, and its width: rank, city, children, score."""

    subtable: GroupTable
    row: int
    column: int
    width: int

    def columns_of(self, offset: int) -> Area:
        """Return the cells of a column, by its place."""
        column = self.column + offset % self.width
        first = self.row + 2
        return Area.of_column(SHEET, column, first, first + self.subtable.depth - 1)


def place_subtables(layout: Layout) -> Iterator[PlacedSubtable]:
    """Yield every subtable with its first cell: a section per node, bands per group type."""
    row = MEANS_HEADER + 4 + sum(len(t.groups) for t in layout.spec.group_types)
    sections = grouped((table.node, table) for table in layout.spec.subtables)
    for node, tables in sections.items():
        row += 2
        width = 3 + len(layout.spec.framework.children(node))
        abreast = max(1, BAND_WIDTH // (width + 1))
        for alike in grouped((table.group_type, table) for table in tables).values():
            for first in range(0, len(alike), abreast):
                band = alike[first : first + abreast]
                for position, subtable in enumerate(band):
                    left = 1 + position * (width + 1)
                    yield PlacedSubtable(subtable, row, left, width)
                row += 2 + max(subtable.depth for subtable in band) + BAND_GAP


def group_keys(layout: Layout) -> Block:
    """Return the columns right of all tables: per group type and node, group|position in it."""
    codes = dict.fromkeys(f"{s.group_type}|{s.node}" for s in layout.spec.subtables)
    tables = (table.column + table.width for table in place_subtables(layout))
    left = max(6 + len(layout.composites), *tables) + 2
    return Block(SHEET, left, tuple(codes), FIRST, last_row=layout.last)


def draw(book: Book) -> None:
    """Draw `Subtables`: simple means per group, then every subtable of the report."""
    canvas = titled_sheet(book, SHEET, banner=True)
    layout = book.layout
    keys = group_keys(layout)
    _draw_means(book, canvas)
    canvas.columns(1, keys.left - 2, 11)
    breaks: list[int] = []
    tables = list(place_subtables(layout))
    for node in dict.fromkeys(table.subtable.node for table in tables):
        of_node = [table for table in tables if table.subtable.node == node]
        top = of_node[0].row - 1
        canvas.formula(top, 1, layout.node_name(node), "title")
        breaks.append(top - 1)
        for table in of_node:
            _draw_subtable(book, canvas, table, keys)
    _draw_keys(book, canvas, keys)
    # Tables of one node alone follow the means on their page.
    canvas.close(2, breaks=breaks if len(breaks) > 1 else [])


def _draw_keys(book: Book, canvas: Canvas, keys: Block) -> None:
    """Write each city's position inside its groups, which the tables look up."""
    layout = book.layout

    def heading(key: str) -> str:
        group_type, node = key.split("|")
        display = layout.node_name(node)
        return f'{book.labels.ref(f"attribute.{group_type}")}&" · "&{display}'

    def key_in_group(key: str, row: int) -> str:
        group_type, node = key.split("|")
        group = layout.city_cell(group_type, row)
        own = layout.keys.at(node, row, SHEET)
        of_node = layout.keys.span((node,))
        groups = layout.city(group_type)
        position = position_in_order(own, of_node, row, groups, group=group)
        return f'IF(OR({group}="",NOT(ISNUMBER({own}))),"",{group}&"|"&{position})'

    draw_block(canvas, keys, key_in_group, "id", name=heading, width=18, head_size=8)


def _draw_means(book: Book, canvas: Canvas) -> None:
    """Write number and simple mean of every node per group."""
    layout = book.layout
    root = book.layout.composites[0]
    groups = [(ALL, "")]
    for kind in book.spec.group_types:
        groups += [(kind.attribute, group.value) for group in kind.groups]

    def inside(cells: RowCells) -> str:
        group_type, group = cells.item
        return (
            "" if group_type == ALL else f'{layout.city(group_type).ref()},"{group}",'
        )

    def count(cells: RowCells) -> str:
        if not inside(cells):
            return f"COUNT({layout.scores.over(root, SHEET, Fix.BOTH)})"
        return f"COUNTIFS({inside(cells)}{layout.keys.over(root, SHEET, Fix.BOTH)},{ANY_NUMBER})"

    def mean(code: str, cells: RowCells) -> str:
        values = layout.scores.over(code, SHEET, Fix.BOTH)
        if not inside(cells):
            return f'IF(COUNT({values})=0,"",AVERAGE({values}))'
        return f'IFERROR(AVERAGEIF({inside(cells)}{values}),"")'

    canvas.heading(MEANS_HEADER - 1, 1, "subtables.means")
    canvas.put(MEANS_HEADER, 2, role="header")
    item_table(
        canvas,
        MEANS_HEADER,
        groups,
        (
            Column(
                key="groups.group",
                formula=lambda cells: group_name(book, *cells.item),
                role="stub_line",
            ),
            Column(role="stub_line", value=lambda cells: None),
            Column(key="groups.n", formula=count, role=CENTER, number=INTEGER),
            *(
                Column(
                    formula=partial(mean, code),
                    number=TWO_DECIMALS,
                    head_style=TINY,
                    head=layout.node_name(code),
                )
                for code in layout.composites
            ),
        ),
        head_style={},
    ).draw()


def _draw_subtable(
    book: Book, canvas: Canvas, table: PlacedSubtable, keys: Block
) -> None:
    """Write the first cities of a group by a node, with the children of the node."""
    layout = book.layout
    subtable, row, column, width = table
    node = subtable.node
    group_type = subtable.group_type
    group = subtable.group
    key = keys.over(f"{group_type}|{node}", SHEET, Fix.BOTH)
    source, children = layout.children(node)

    def rank(cells: RowCells) -> str:
        # The rank shows only where the group has that many members.
        return f'IF(COUNTIF({key},"{group}|"&{cells.ordinal})>0,{cells.ordinal},"")'

    def look_up(values: str) -> Formula:
        return lambda cells: (
            f'IF({cells.rank}="","",INDEX({values},MATCH("{group}|"&{cells.rank},{key},0)))'
        )

    def score_column(code: str, block: Block, role: str) -> Column:
        name = layout.node_name(code)
        values = block.over(code, SHEET, Fix.BOTH)
        return Column(
            formula=look_up(values),
            role=role,
            number=TWO_DECIMALS,
            head=name,
            head_style=TINY,
        )

    # Composites as they are shown elsewhere, rescaled where nodes are.
    blocks = {
        code: layout.scores if code in layout.scores.codes else source
        for code in children
    }
    item_table(
        canvas,
        row + 1,
        range(subtable.depth),
        (
            Column("rank", "ranking.position", rank, role=CENTER, number=INTEGER),
            Column(
                key="data.name",
                formula=look_up(layout.names()),
                role="name",
                style=SMALL,
            ),
            *(
                score_column(code, block, "calculation")
                for code, block in blocks.items()
            ),
            score_column(node, layout.scores, "output"),
        ),
        left=column,
    ).draw()
    scores = layout.keys.over(node, SHEET, Fix.BOTH)
    size = f"COUNT({scores})"
    if group_type != ALL:
        size = (
            f'COUNTIFS({layout.city(group_type).ref()},"{group}",{scores},{ANY_NUMBER})'
        )
    title = f'{group_name(book, group_type, group)}&" · "&{layout.node_name(node)}'
    title += f"&{first_of(book, subtable.depth, size)}"
    if subtable.label:
        title = f'{book.labels.ref("subtables.table")}&" {subtable.label}  "&{title}'
    canvas.merged(
        row,
        column,
        column + width - 1,
        title,
        role="section",
        font_size=10,
        text_wrap=True,
        valign="bottom",
    )


def draw_figures(book: Book) -> None:
    """Draw `Figures`: bars of the root's subtables by the first group type."""
    canvas = titled_sheet(book, "Figures", banner=True)
    layout = book.layout
    root = book.spec.framework.root.code
    tables = [table for table in place_subtables(layout) if table.subtable.node == root]
    # Tables that a report has a number for are shown as tables.
    shown = [table for table in tables if not table.subtable.label] or tables
    top = bottom = 3
    for position, table in enumerate(shown):
        title = f"{SHEET}!{cell(table.row, table.column, Fix.BOTH)}"
        chart = bar(book, f"={title}", table.columns_of(1), table.columns_of(-1))
        height = 120 + 22 * table.subtable.depth
        if position % 2 == 0:
            top = bottom
        canvas.insert_chart(
            chart, title, top + 1, (position % 2) * 9 + 1, width=560, height=height
        )
        bottom = max(bottom, top + height // ROW_PIXELS + 2)
    canvas.prints_to(56, 18)
    canvas.close(0, landscape=False, tall=1)
