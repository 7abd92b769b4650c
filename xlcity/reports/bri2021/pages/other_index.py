"""`Beside`: ranks in this index beside ranks in another one, among the cities of both."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.table import RISE_AND_FALL, Column, RowCells, Table, listed_units

SHEET = "Beside"
HEADER = 5


def draw(book: Book, attribute: str) -> None:
    """Draw the cities in the order of `Cities`."""
    layout, ref = book.layout, book.labels.ref
    root, other = book.spec.framework.root.code, layout.city(attribute)
    canvas = titled_sheet(book, SHEET, banner=4)
    canvas.sheet.set_row(HEADER - 1, 44)

    def other_rank(cells: RowCells) -> str:
        return f"Cities!{cell(other.r1 + cells.slot, other.c1, 'c')}"

    def if_both(cells: RowCells, value: str) -> str:
        """Return the formula of a value, by default the rank, for cities that have both ranks."""
        rank = layout.ranks.at(root, FIRST + cells.slot, SHEET)
        shown = value or rank
        outside = other_rank(cells)
        return f'IF(AND(ISNUMBER({rank}),TYPE({outside})=1,{outside}<>""),{shown},"")'

    def relative(name: str) -> Column:
        # Compared as numbers: a criterion is text, and a long number may be less than its text.
        key = "beside.relative" if name == "rank" else "beside.relative_other"

        def formula(cells: RowCells) -> str:
            rank, own = cells[name], "1"
            if book.spec.consecutive_ranks:
                own = f"SUMPRODUCT(({rank.so_far}={rank})*1)"
            return f'IF(ISNUMBER({rank}),SUMPRODUCT(({rank.column_cells}<{rank})*1)+{own},"")'

        return Column(f"relative {name}", key, formula, "output_center", "0", 14)

    def stronger_index(cells: RowCells) -> str:
        here, there, same = (ref(f"beside.{key}") for key in ("here", "there", "same"))
        stronger = f"IF({cells.gain}>0,{here},IF({cells.gain}<0,{there},{same}))"
        return f'IF(ISNUMBER({cells.gain}),{stronger},"")'

    def rank_difference(cells: RowCells) -> str:
        here, there = cells["relative rank"], cells["relative other"]
        return f'IF(ISNUMBER({here}),{there}-{here},"")'

    center = "calculation_center"
    table = Table(canvas, HEADER, HEADER + 1, HEADER + layout.slots, (
        *listed_units(16, 24),
        Column("rank", "ranking.rank", lambda cells: if_both(cells, ""), center, "0", 12),
        Column("other", "beside.other", lambda cells: if_both(cells, other_rank(cells)), center,
               "0", 14),
        relative("rank"),
        relative("other"),
        Column("gain", "beside.difference", rank_difference, center, "+0;-0;0", 10),
        Column("side", "beside.side", stronger_index, center, "", 16),
    )).draw()  # fmt: skip
    differences = table.area("gain", "side")
    for criteria, mark in RISE_AND_FALL:
        canvas.mark(differences, criteria.format(cell(HEADER + 1, table.column("gain"), "c")), mark)
    canvas.finish(table.last, table.right, HEADER, 2, landscape=False)
