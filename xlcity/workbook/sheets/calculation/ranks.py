"""Ranks: rank key, competition rank, and the order in which `Ranking` lists cities."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, along, cell
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import PairLayout
from xlcity.workbook.layout.rows import FIRST, INDEX, POPULATION_COLUMN
from xlcity.workbook.sheets.calculation.calculate import CENTER, rank_key
from xlcity.workbook.sheets.table import Address, Column, RowCells, draw_block, unit_table


def draw(book: Book, canvas: Canvas) -> None:
    """Draw rank keys, competition ranks, and the order of the node chosen on `Ranking`."""
    layout = book.layout
    rank_blocks(book, canvas, layout, apart=book.spec.apart)
    unit_table(canvas, _chosen(book), left=layout.chosen.left).draw()


def rank_blocks(book: Book, canvas: Canvas, of: Layout | PairLayout, *, apart: bool) -> None:
    """Draw keys and ranks of scores, of cities by population where these are apart."""
    keys, ranks = of.keys, of.ranks

    def key(code: str, row: int) -> str:
        return rank_key(book, of.scores.at(code, row, canvas.name))

    def rank(code: str, row: int) -> str:
        key, over, own = keys.at(code, row, keys.sheet), keys.over(code, keys.sheet), "1"
        if book.spec.consecutive_ranks:
            own = _earlier(book, keys, code, row, canvas, apart=apart)
        return f'IF(ISNUMBER({key}),{_above(book, over, key, row, apart)}+{own},"")'

    # A rank key of 100 has thirteen signs.
    draw_block(canvas, keys, key, number="0.000000000", key="ranks.keys", width=16, name=quoted)
    draw_block(canvas, ranks, rank, CENTER, "0", key="ranks.ranks", width=12)


def rank_of(book: Book, key: Address) -> str:
    """Return the rank of a key among all of its column, by the recipe's rule for ties."""
    own = f"COUNTIF({key.so_far},{key})" if book.spec.consecutive_ranks else "1"
    return f'IF(ISNUMBER({key}),COUNTIF({key.column_cells},">"&{key})+{own},"")'


def _chosen(book: Book) -> list[Column]:
    """Return the order by the node chosen on `Ranking`, a column for each population.

    Cities of the same rank are told apart by their rows.
    """
    populations, block = populations_of(book.layout), book.layout.ranks

    def order(cells: RowCells) -> str:
        ranks = Area(INDEX, cells.row, block.left, cells.row, block.right)
        return f'IFERROR({along(ranks.ref("c", INDEX), "xl_ranking_column")}+ROW()/1E+6,"")'

    def of_population(number: int) -> Column:
        name, formula = populations.names[number - 1], order
        if book.spec.apart:

            def formula(cells: RowCells) -> str:
                return f'IF({populations.number(cells.row)}={number},{order(cells)},"")'

        code = f"chosen {name}" if book.spec.apart else "chosen"
        return Column(code, "ranks.chosen", formula, CENTER, "0.######", 16, code=code)

    return [of_population(number) for number in range(1, len(populations.names) + 1)]


def _above(book: Book, keys: str, key: str, row: int, apart: bool) -> str:
    """Return how many of the same population have a larger key."""
    if not apart:
        return f'COUNTIF({keys},">"&{key})'
    members, own = populations_of(book.layout).members, book.layout.population(row, INDEX)
    return f'COUNTIFS({members.ref("rc", INDEX)},{own},{keys},">"&{key})'


def _earlier(book: Book, block: Block, code: str, row: int, canvas: Canvas, *, apart: bool) -> str:
    """Return how many rows of the same population have a city's value, down to its own."""
    column, value = block.column(code), block.at(code, row, canvas.name)
    so_far = f"{block.at(code, FIRST, canvas.name, 'r')}:{cell(row, column)}"
    if not apart:
        return f"COUNTIF({so_far},{value})"
    members = f"{book.layout.population(FIRST, canvas.name)}:{cell(row, POPULATION_COLUMN, 'c')}"
    return f"COUNTIFS({members},{book.layout.population(row, canvas.name)},{so_far},{value})"
