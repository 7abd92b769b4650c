"""`TopFive` and `TopPairs`: the first cities and pairs of each node, ties and all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.pairs import NAME, ONE, OTHER, PairLayout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.sheets.calculation.ranks import order_block
from xlcity.workbook.sheets.table import Column, Formula, RowCells, item_table

CITIES, PAIRS = "TopFive", "TopPairs"
#: Rows kept for cities or pairs that share the last rank.
TIED = 7
HEADER = 5


@dataclass(frozen=True, slots=True)
class TopLists:
    """What is listed: the nodes, how many of each, and the attribute whose groups are counted."""

    nodes: tuple[str, ...]
    depth: int
    attribute: str


@dataclass(frozen=True)
class Listing:
    """The first of one node: their ranks and positions, and how many are listed (a formula)."""

    canvas: Canvas
    code: str
    ranks: Block
    positions: Block
    depth: str

    @cached_property
    def all_ranks(self) -> str:
        """The ranks of all."""
        return self.ranks.over(self.code, self.canvas.name, "rc")

    def match(self, cells: RowCells) -> str:
        """Return the MATCH of a line's position among the positions of all."""
        positions = self.positions.over(self.code, self.canvas.name, "rc")
        return f"MATCH({cell(cells.row, 1, 'c')},{positions},0)"

    def rank(self, cells: RowCells) -> str:
        """Return the formula of the rank at a line's position, "" beyond the depth."""
        rank = f"INDEX({self.all_ranks},{self.match(cells)})"
        return f'IFERROR(IF({rank}<={self.depth},{rank},""),"")'

    def of(self, value: Callable[[str], str]) -> Formula:
        """Return the formula of a value at the line's match, "" where the line has no rank."""

        def formula(cells: RowCells) -> str:
            position = f'IF({cells.rank}="","",{self.match(cells)})'
            return f'IF({position}="","",{value(position)})'

        return formula

    def draw(self, left: int, rows: int, columns: Sequence[Column]) -> None:
        """Write ranks and the columns beside them."""
        ranks = Column("rank", "", self.rank, "output_center", "0")
        item_table(self.canvas, HEADER, range(rows), (ranks, *columns), left=left).draw()

    def tie(self, row: int, left: int, rows: int) -> None:
        """Write how many share the last rank listed, and how many of them are not shown."""
        ref = self.canvas.book.labels.ref
        listed = f'COUNTIF({self.all_ranks},"<="&{self.depth})'
        last = self.canvas.range(HEADER + 1, left, HEADER + rows, fix="")
        shared = f"COUNTIF({self.all_ranks},MAX({last}))"
        hidden = f'IF({listed}>{rows},{ref("toplist.more")}&({listed}-{rows}),"")'
        note = f'{shared}&" "&{ref("toplist.tie")}&MAX({last})&{hidden}'
        shown = f'IF(COUNT({last})=0,"",IF({shared}>1,{note},""))'
        self.canvas.formula(row, left, shown, "note", font_size=9)


def draw_cities(book: Book, shown: TopLists) -> None:
    """Draw `TopFive`: the first cities of each node, and how many of each group there are."""
    layout = book.layout
    widths = [8, 7, *[5, 20, 12, 1.5] * len(shown.nodes)]
    canvas = titled_sheet(book, CITIES, widths, 6, note_column=3)
    depth, rows = _draw_depth(book, canvas, "par_top_cities", shown.depth), shown.depth + TIED
    canvas.fit_names(HEADER, shown.nodes, 32, 9)
    groups = next(g for g in book.spec.group_types if g.attribute == shown.attribute).groups
    names, attribute = layout.names(), layout.city(shown.attribute).ref()

    def group_at(position: str) -> str:
        return group_text(book, shown.attribute, f"INDEX({attribute},{position})")

    bottom = HEADER + rows + 1
    _draw_positions(canvas, rows)
    order = Block(CITIES, len(widths) + 2, shown.nodes, FIRST, layout.last)
    order_block(book, canvas, order, layout.ranks, apart=book.spec.apart)
    canvas.label(bottom + 1, 1, "toplist.counted", "note")
    for left, code in zip(range(3, 3 + 4 * len(shown.nodes), 4), shown.nodes, strict=True):
        name = layout.framework_cell(code, "display")
        canvas.merged(HEADER, left, left + 2, name, "header", font_size=9)
        listing = Listing(canvas, code, layout.ranks, order, depth)
        columns = (
            Column("", "", listing.of(f"INDEX({names},{{}})".format), "name"),
            Column("", "", listing.of(group_at), "calculation_center", style={"font_size": 9}),
        )
        listing.draw(left, rows, columns)
        listing.tie(bottom, left, rows)
        for row, value in enumerate((g.value for g in groups), bottom + 1):
            canvas.label(row, left + 1, f"group.{shown.attribute}.{value}", "stub", font_size=9)
            counted = f'COUNTIFS({listing.all_ranks},"<="&{depth},{attribute},"{value}")'
            canvas.formula(row, left + 2, counted, "calculation_center", "0")
    canvas.finish(bottom + len(groups), 2 + 4 * len(shown.nodes), HEADER)


def draw_pairs(book: Book, shown: TopLists) -> None:
    """Draw `TopPairs`: the first ten of the root with their regions, then each node's first."""
    layout, pairs = book.layout, PairLayout(book.layout)
    widths = [8, 7, 5, 34, 26, 12, 2, *[5, 32, 1.5] * (len(shown.nodes) - 1)]
    canvas = titled_sheet(book, PAIRS, widths, 5, note_column=3)
    depth = _draw_depth(book, canvas, "par_top_pairs", shown.depth)
    root, *others = shown.nodes
    canvas.fit_names(HEADER, shown.nodes, 30, 9)
    rows = max(2 * shown.depth, shown.depth + TIED)
    _draw_positions(canvas, rows)
    bottom, scores = HEADER + rows + 1, pairs.scores.over(root, PAIRS, "rc")
    names = f"INDEX({pairs.column(NAME).ref()},{{}})".format
    first = Listing(canvas, root, pairs.ranks, pairs.positions, f"2*{depth}")
    columns = (
        Column("", "", first.of(names), "name"),
        Column("", "toplist.region", first.of(partial(_pair_regions, book, pairs, shown.attribute)),
               style={"font_size": 9}),
        Column("", "toplist.score", first.of(f"INDEX({scores},{{}})".format), "output", "0.00"),
    )  # fmt: skip
    first.draw(3, 2 * shown.depth, columns)
    canvas.merged(HEADER, 3, 4, layout.framework_cell(root, "display"), "header", font_size=9)
    for left, code in zip(range(8, 8 + 3 * len(others), 3), others, strict=True):
        name = layout.framework_cell(code, "display")
        canvas.merged(HEADER, left, left + 1, name, "header", font_size=9)
        listing = Listing(canvas, code, pairs.ranks, pairs.positions, depth)
        listing.draw(left, rows, (Column("", "", listing.of(names), "name"),))
        listing.tie(bottom, left, rows)
    canvas.finish(bottom, 7 + 3 * len(others), HEADER)


def group_text(book: Book, attribute: str, value: str) -> str:
    """Return a formula that shows the group a value means."""
    return f'IFERROR({book.word_of(f"group.{attribute}", value)},"")'


def _draw_depth(book: Book, canvas: Canvas, name: str, depth: int) -> str:
    """Write how many are listed, as an input; return its name."""
    canvas.label(3, 1, "toplist.depth", "section")
    canvas.input(3, 3, depth, "chooser", "0")
    book.define(name, canvas.area(3, 3))
    canvas.whole_number(canvas.area(3, 3), 1, depth)
    return name


def _draw_positions(canvas: Canvas, rows: int) -> None:
    """Write the positions of the lines, which the formulas look up."""
    for offset in range(rows):
        canvas.number(HEADER + 1 + offset, 1, offset + 1, "stub_center", "0")


def _pair_regions(book: Book, pairs: PairLayout, attribute: str, position: str) -> str:
    """Return the formula of the regions of a pair's cities, one if both are the same."""
    column = book.layout.city(attribute).ref()
    first, second = (
        f"INDEX({column},INDEX({pairs.column(end).ref()},{position}))" for end in (ONE, OTHER)
    )
    names = [group_text(book, attribute, value) for value in (first, second)]
    within = book.labels.ref("toplist.within")
    return f'IF({first}={second},{names[0]}&{within},{names[0]}&" – "&{names[1]})'
