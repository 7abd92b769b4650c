"""Ranks: rank key, competition rank, and the order inside ties."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, along, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.pairs import PairLayout
from xlcity.workbook.layout.rows import FIRST, INDEX, POPULATION_COLUMN
from xlcity.workbook.sheets.calculation.calculate import rank_key
from xlcity.workbook.sheets.table import (
    Address,
    Column,
    RowCells,
    draw_block,
    unit_table,
)


def draw(book: Book, canvas: Canvas) -> None:
    """Draw rank key, competition rank, and the order inside ties."""
    rank_blocks(book, canvas, book.layout, apart=book.spec.apart)
    unit_table(canvas, _chosen(book), left=book.layout.chosen.left).draw()


def rank_blocks(book: Book, canvas: Canvas, of: Layout | PairLayout, *, apart: bool) -> None:
    """Draw keys, ranks and positions of scores, of cities by population where these are apart."""
    keys, ranks, positions = of.keys, of.ranks, of.positions

    def key(code: str, row: int) -> str:
        return rank_key(book, of.scores.at(code, row, canvas.name))

    def rank(code: str, row: int) -> str:
        key, over, own = keys.at(code, row, keys.sheet), keys.over(code, keys.sheet), "1"
        if book.spec.consecutive_ranks:
            before = f"{cell(FIRST, keys.column(code), 'r')}:{key}"
            own = _earlier(book, before, key, row, apart)
        return f'IF(ISNUMBER({key}),{_above(book, over, key, row, apart)}+{own},"")'

    def position(code: str, row: int) -> str:
        rank, column = ranks.at(code, row, ranks.sheet), ranks.column(code)
        before = f"{cell(FIRST, column, 'r')}:{cell(row, column)}"
        return f'IF(ISNUMBER({rank}),{rank}+{_earlier(book, before, rank, row, apart)}-1,"")'

    # A rank key of 100 has thirteen signs.
    draw_block(canvas, keys, key, number="0.000000000", key="ranks.keys", width=16)
    draw_block(canvas, ranks, rank, "calculation_center", "0", key="ranks.ranks")
    draw_block(canvas, positions, position, "calculation_center", "0", key="ranks.positions")


def rank_of(book: Book, key: Address) -> str:
    """Return the rank of a key among all of its column, by the recipe's rule for ties."""
    own = f"COUNTIF({key.so_far},{key})" if book.spec.consecutive_ranks else "1"
    return f'IF(ISNUMBER({key}),COUNTIF({key.whole},">"&{key})+{own},"")'


def _chosen(book: Book) -> list[Column]:
    """Return the positions by the node chosen on `Ranking`, a column for each population."""
    found, block = populations_of(book.layout), book.layout.positions

    def place(at: RowCells) -> str:
        places = Area(INDEX, at.row, block.left, at.row, block.right)
        return along(places.ref("c", INDEX), "xl_ranking_column")

    def of_population(number: int) -> Column:
        name, formula = found.names[number - 1], place
        if book.spec.apart:

            def formula(at: RowCells) -> str:
                return f'IF({found.number(at.row)}={number},{place(at)},"")'

        code = f"chosen {name}" if book.spec.apart else "chosen"
        return Column(code, "ranks.chosen", formula, "calculation_center", "0", 16, code=code)

    return [of_population(number) for number in range(1, len(found.names) + 1)]


def _above(book: Book, keys: str, key: str, row: int, apart: bool) -> str:
    """Return how many of the same population have a larger key."""
    if not apart:
        return f'COUNTIF({keys},">"&{key})'
    members, own = populations_of(book.layout).members, book.layout.population(row, INDEX)
    return f'COUNTIFS({members.ref("rc", INDEX)},{own},{keys},">"&{key})'


def _earlier(book: Book, before: str, value: str, row: int, apart: bool) -> str:
    """Return how many rows of the same population have a value, down to this one."""
    if not apart:
        return f"COUNTIF({before},{value})"
    down = f"{cell(FIRST, POPULATION_COLUMN, 'rc')}:{cell(row, POPULATION_COLUMN, 'c')}"
    return f"COUNTIFS({down},{book.layout.population(row, INDEX)},{before},{value})"
