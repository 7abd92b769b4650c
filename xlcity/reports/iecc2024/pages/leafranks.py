"""`LeafRanks` and `Strengths`: ranks of the indicators, and each city's best and worst of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import along, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_FIXED_HIGH, ROW_FIXED_LOW, ROW_N, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import key_digits
from xlcity.workbook.sheets.table import (
    Column,
    RowCells,
    draw_block,
    unit_names,
    unit_sheet,
    unit_table,
)

RANKS, SHEET = "LeafRanks", "Strengths"
#: Best and worst indicators shown of each pillar.
EACH = 2
WIDTH, TEXT = 10, 21


@dataclass(frozen=True)
class LeafRanks:
    """Blocks of the ranks of indicators and of the picks from them."""

    layout: Layout

    @cached_property
    def pillars(self) -> tuple[str, ...]:
        """Composites under the root."""
        framework = self.layout.spec.framework
        return tuple(
            child.code
            for child in framework.children(framework.root.code)
            if not framework.is_indicator(child.code)
        )

    #: Competition ranks.
    ranks = block_on(RANKS, "layout.indicators")
    #: Raw values, rounded so that equal ones are equal in every program.
    keys = block_on(RANKS, "layout.indicators", after="ranks")
    #: Position inside the pillar of each pick, as PILLAR|best|1.
    picks = block_on(
        RANKS,
        lambda leaf_ranks: tuple(
            f"{pillar}|{end}|{place}"
            for pillar in leaf_ranks.pillars
            for end in ("best", "worst")
            for place in range(1, EACH + 1)
        ),
        after="keys",
    )

    def leaves(self, pillar: str) -> tuple[str, ...]:
        """Return the indicators below a pillar."""
        return tuple(leaf.code for leaf in self.layout.spec.framework.leaves_below(pillar))


def draw_ranks(book: Book) -> None:
    """Draw `LeafRanks`."""
    layout, leaf_ranks = book.layout, LeafRanks(book.layout)
    canvas = unit_sheet(book, RANKS, banner=7)
    canvas.thin(range(ROW_NAME + 1, CODE - 1))
    canvas.fit_names(ROW_NAME, layout.indicators, WIDTH)
    stubs = ("framework.direction", "leafranks.place", "stat.n")
    canvas.stubs(zip((ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_N), stubs, strict=True))

    def key(code: str, row: int) -> str:
        value = layout.raw.at(code, row, RANKS)
        return f'IF(ISNUMBER({value}),ROUND({value},{key_digits(value)}),"")'

    def rank(code: str, row: int) -> str:
        key, keys = leaf_ranks.keys.at(code, row, RANKS), leaf_ranks.keys.over(code, RANKS)
        ascending = f"IF({cell(ROW_FIXED_LOW, leaf_ranks.ranks.column(code), 'r')}<0,1,0)"
        return f'IF(ISNUMBER({key}),_xlfn.RANK.EQ({key},{keys},{ascending}),"")'

    def pick(code: str, row: int) -> str:
        # Of equal ranks the first to the left is taken first.
        pillar, end, number = code.split("|")
        leaves = leaf_ranks.leaves(pillar)
        ranks = leaf_ranks.ranks.rows_of(leaves, row, row).ref("c", RANKS)
        positions = leaf_ranks.ranks.rows_of(leaves, ROW_FIXED_HIGH, ROW_FIXED_HIGH).ref(
            "rc", RANKS
        )
        function = "SMALL" if end == "best" else "LARGE"
        rank = f"{function}({ranks},{number})"
        position = f"MATCH({rank},{ranks},0)"
        if int(number) > 1:
            number_before, first = int(number) - 1, positions.partition(":")[0]
            picked_before = leaf_ranks.picks.at(f"{pillar}|{end}|{number_before}", row, RANKS, "c")
            later = f'IF({positions}>{first}-1+{picked_before},{positions},"")'
            later_ties = f'IF({ranks}={rank},{later},"")'
            is_tie = f"{rank}={function}({ranks},{number_before})"
            position = f"IF({is_tie},MIN({later_ties})-{first}+1,{position})"
        return f'IF(COUNT({ranks})<{number},"",{position})'

    center, calculation = "calculation_center", "calculation"
    for name, formula, role, number in (
        ("ranks", rank, "output_center", "0"),
        ("keys", key, calculation, "General"),
    ):
        draw_block(canvas, getattr(leaf_ranks, name), formula, role, number,
                   section=f"leafranks.{name}", width=WIDTH)  # fmt: skip
    draw_block(canvas, leaf_ranks.picks, section="leafranks.picks",
               name=partial(_pick_heading, book), width=WIDTH)  # fmt: skip
    for code in leaf_ranks.picks.codes:
        for row in range(FIRST, layout.last + 1):
            area = canvas.area(row, leaf_ranks.picks.column(code))
            canvas.array(area, pick(code, row), center, "0")
    for position, code in enumerate(layout.indicators, 1):
        column, direction = leaf_ranks.ranks.column(code), layout.framework_cell(code, "direction")
        canvas.formula(ROW_FIXED_LOW, column, direction, center, "0")
        canvas.number(ROW_FIXED_HIGH, column, position, center, "0")
        canvas.formula(ROW_N, column, f"COUNT({leaf_ranks.keys.over(code, RANKS)})", center, "0")
    blocks = (leaf_ranks.keys, leaf_ranks.picks)
    canvas.finish(
        layout.last,
        leaf_ranks.picks.right,
        ROW_NAME,
        2,
        a3=True,
        split=[block.left for block in blocks],
    )


def _pick_heading(book: Book, code: str) -> str:
    """Return the formula of a pick's heading: the pillar, best or worst, and its number."""
    pillar, end, number = code.split("|")
    name = book.layout.framework_cell(pillar, "display")
    return f'{name}&" · "&{book.labels.ref(f"strengths.{end}")}&" {number}"'


def draw(book: Book) -> None:
    """Draw `Strengths`: the picks of each city in words."""
    layout, leaf_ranks = book.layout, LeafRanks(book.layout)
    canvas = titled_sheet(book, SHEET, [16, 20], 4)
    unit_names(book, canvas)
    canvas.heads(ROW_NAME, ("data.id", "data.name"))
    canvas.sheet.set_row(ROW_NAME - 1, 34)
    canvas.thin(range(ROW_NAME + 1, CODE + 1))
    for row in range(FIRST, layout.last + 1):
        canvas.sheet.set_row(row - 1, 36)

    def pick_text(code: str) -> Callable[[RowCells], str]:
        leaves = leaf_ranks.leaves(code.partition("|")[0])
        names = leaf_ranks.ranks.rows_of(leaves, ROW_NAME, ROW_NAME).ref()

        def formula(cells: RowCells) -> str:
            pick = leaf_ranks.picks.at(code, cells.row, SHEET)
            ranks = leaf_ranks.ranks.rows_of(leaves, cells.row, cells.row).ref("c")
            name, rank = along(names, pick), along(ranks, pick)
            return f'IF(ISNUMBER({pick}),{name}&" · "&{rank},"")'

        return formula

    style = {"font_size": 8, "bold": False, "text_wrap": True}
    columns = [
        Column(code, head=_pick_heading(book, code), formula=pick_text(code), width=TEXT,
               style=style, role="output" if "|best|" in code else "calculation")
        for code in leaf_ranks.picks.codes
    ]  # fmt: skip
    table = unit_table(canvas, columns).draw()
    canvas.finish(layout.last, table.right, ROW_NAME, 2, a3=True)
