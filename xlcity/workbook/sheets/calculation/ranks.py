"""Ranks: rank key, competition rank, and the order in which `Ranking` lists cities."""

from __future__ import annotations

from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Fix, along
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.styles import CENTER
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import PairLayout
from xlcity.workbook.layout.rows import FIRST, INDEX
from xlcity.workbook.sheets.calculation.calculate import (
    ROW_DECIMALS,
    key_digits,
    rank_key,
)
from xlcity.workbook.sheets.table import (
    Above,
    Address,
    Column,
    RowCells,
    draw_block,
    unit_table,
)


def draw(book: Book, canvas: Canvas) -> None:
    """Draw rank keys, competition ranks, and the order of the node chosen on `Ranking`."""
    layout = book.layout
    rank_blocks(book, canvas, layout, apart=book.spec.apart)
    unit_table(canvas, _chosen(book), left=layout.chosen.left).draw()


def rank_blocks(
    book: Book, canvas: Canvas, of: Layout | PairLayout, *, apart: bool
) -> None:
    """Draw keys and ranks of scores, of cities by population where these are apart."""
    keys = of.keys
    ranks = of.ranks

    def key(code: str, row: int) -> str:
        score = of.scores.at(code, row, canvas.name)
        return rank_key(book, score, keys.at(code, ROW_DECIMALS, canvas.name, Fix.ROW))

    def decimals(code: str) -> str:
        scores = of.scores.over(code, canvas.name)
        # An error among the scores leaves the keys of other cities alone.
        return f"IFERROR({key_digits(f'{scores},-MIN({scores})')},par_rank_digits)"

    def rank(code: str, row: int) -> str:
        """Count larger keys of the same population, and its equal ones down to this row."""
        key = keys.at(code, row, keys.sheet)
        over = keys.over(code, keys.sheet)
        equal = "1"
        count = "COUNTIF"
        whose = ""
        whose_so_far = ""
        if apart:
            first, own = (book.layout.population(line, INDEX) for line in (FIRST, row))
            members = populations_of(book.layout).members.ref(home=INDEX)
            count = "COUNTIFS"
            whose = f"{members},{own},"
            whose_so_far = f"{first}:{own},{own},"
        if book.spec.consecutive_ranks:
            so_far = f"{keys.at(code, FIRST, keys.sheet, Fix.ROW)}:{key}"
            equal = f"{count}({whose_so_far}{so_far},{key})"
        return f'IF(ISNUMBER({key}),{count}({whose}{over},">"&{key})+{equal},"")'

    # A rank key of 100 has thirteen signs.
    draw_block(
        canvas,
        keys,
        key,
        number="0.000000000",
        key="ranks.keys",
        width=16,
        name=quoted,
        above=[
            Above(
                ROW_DECIMALS, "ranks.decimals", of=decimals, role=CENTER, number=INTEGER
            )
        ],
    )
    draw_block(canvas, ranks, rank, CENTER, number=INTEGER, key="ranks.ranks", width=12)


def rank_of(book: Book, key: Address) -> str:
    """Return the rank of a key among all of its column, by the recipe's rule for ties."""
    own = f"COUNTIF({key.so_far},{key})" if book.spec.consecutive_ranks else "1"
    return f'IF(ISNUMBER({key}),COUNTIF({key.column_cells},">"&{key})+{own},"")'


def _chosen(book: Book) -> list[Column]:
    """Return the order by the node chosen on `Ranking`, a column for each population.

    Cities of the same rank are told apart by their rows.
    """
    populations = populations_of(book.layout)
    block = book.layout.ranks
    codes = [
        f"chosen {name}" if book.spec.apart else "chosen" for name in populations.names
    ]

    def order(number: int, cells: RowCells) -> str:
        ranks = Area.of_row(INDEX, cells.row, block.left, block.right)
        key = f'IFERROR({along(ranks.ref(Fix.COLUMN, INDEX), "xl_ranking_column")}+ROW()/1E+6,"")'
        own = populations.number(cells.row)
        return f'IF({own}={number},{key},"")' if book.spec.apart else key

    return [
        Column(
            code,
            "ranks.chosen",
            partial(order, number),
            role=CENTER,
            number="0.######",
            width=16,
            code=code,
        )
        for number, code in enumerate(codes, 1)
    ]
