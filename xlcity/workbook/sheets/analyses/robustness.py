"""`Robustness` and `Draws`: the ranks of the total under a hundred other weights of its parts.

Each draw multiplies every weight typed by a factor of its own: the draws follow the weights. A
total is the mean of its parts by the weights of the draw, over those that the city has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from xlcity.functions.block import Matrix
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Block, Fix, cell, pick
from xlcity.workbook.drawing.number_formats import FOUR_DECIMALS, INTEGER, TWO_DECIMALS
from xlcity.workbook.drawing.styles import CENTER, OUTPUT_CENTER, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import side_by_side
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.methods_in_cells import aggregation_of
from xlcity.workbook.sheets.analyses.assessed import fill_text
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    Table,
    draw_block,
    unit_sheet,
)
from xlcity.workbook.steps.nodes import missing_rule

SHEET = "Robustness"
DRAWS = "Draws"
#: How many draws, their factors, and the seed of these: a book drawn again has the same ones.
COUNT = 100
LEAST_FACTOR = 0.75
MOST_FACTOR = 1.25
FACTOR_DECIMALS = 4
SEED = 72
#: Of a hundred ranks the fifth and the ninety-fifth are the ends of the interval.
LOW = 5
HIGH = 95
TOP = 10
#: Row of the headings, right above that of the first city.
HEADER = 4
#: Signs of the picture of an interval.
SIGNS = 40
EMPTY_SIGN = "░"
FULL_SIGN = "█"
#: Rules for missing parts under which a draw has a total.
_RULES = ("na", "renormalise", "zero")


def is_wanted(layout: Layout) -> bool:
    """Return whether the total is an arithmetic mean of parts that stand side by side."""
    spec = layout.spec
    root = spec.framework.root.code
    adds_up = aggregation_of(spec, root).adds_up and missing_rule(spec, root) in _RULES
    has_parts = len(spec.framework.children(root)) > 1
    return adds_up and has_parts and not spec.apart and not spec.direct_nodes


def factors(parts: int) -> Matrix:
    """Return the factors of all draws: (draws, parts)."""
    drawn = np.random.default_rng(SEED).uniform(
        LEAST_FACTOR, MOST_FACTOR, (COUNT, parts)
    )
    return np.asarray(drawn.round(FACTOR_DECIMALS))


@dataclass(frozen=True)
class DrawsLayout:
    """Addresses on `Draws`: a column a draw, below the cities a row a draw."""

    layout: Layout

    @property
    def root(self) -> str:
        """The code of the total."""
        return self.layout.spec.framework.root.code

    @cached_property
    def parts(self) -> tuple[Block, tuple[str, ...]]:
        """The block of `Index` with the parts of the total, and their codes."""
        if self.layout.spec.means_of_scaled:
            return self.layout.scaled_children()
        return self.layout.children(self.root)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """What each city has in every draw, and what follows of that."""
        draws = tuple(f"{number}" for number in range(1, COUNT + 1))
        columns = (
            ("summary", ("order", "low", "median", "high", "top")),
            ("scores", draws),
            ("ranks", draws),
        )
        return side_by_side(DRAWS, 3, columns, self.layout.last)

    @property
    def first(self) -> int:
        """Row of the weights of the first draw, below those typed and their headings."""
        return self.layout.last + 6

    @property
    def typed_row(self) -> int:
        """Row of the weights typed."""
        return self.first - 1

    def weight_column(self, position: int) -> int:
        """Column of the weight of a part in every draw, behind the factors."""
        return 4 + len(self.parts[1]) + position

    def weights(self, draw: str) -> str:
        """Return the weights of a draw."""
        row = self.first + int(draw) - 1
        row = self.first + int(draw) - 1
        last = len(self.parts[1]) - 1
        ends = (self.weight_column(position) for position in (0, last))
        return ":".join(cell(row, column, Fix.BOTH) for column in ends)


def draw_draws(book: Book) -> None:
    """Draw `Draws`."""
    canvas = unit_sheet(book, DRAWS)
    addresses = DrawsLayout(book.layout)
    layout = book.layout
    root = addresses.root
    block, codes = addresses.parts
    zero = missing_rule(book.spec, root) == "zero"
    scores = addresses.blocks["scores"]
    ranks = addresses.blocks["ranks"]

    def score(draw: str, row: int) -> str:
        values = (
            layout.values_of(block)
            .rows_of(
                codes,
                row,
                row,
            )
            .ref(Fix.COLUMN, DRAWS)
        )
        weights = addresses.weights(draw)
        there = f"SUM({weights})"
        if not zero:
            there = f'({there}-SUMIF({values},"NA",{weights}))'
        total = layout.scores.at(root, row, DRAWS, Fix.COLUMN)
        mean = f"SUMPRODUCT({values},{weights})/{there}"
        return f'IF(ISNUMBER({total}),ROUND({mean},par_rank_digits),"")'

    def rank(draw: str, row: int) -> str:
        own = scores.at(draw, row, DRAWS)
        return f'IF({own}="","",_xlfn.RANK.EQ({own},{scores.over(draw, DRAWS)}))'

    def summary(name: str, row: int) -> str:
        official = layout.ranks.at(root, row, DRAWS)
        if name == "order":
            first = layout.ranks.at(root, FIRST, DRAWS, Fix.ROW)
            above = (
                f"COUNTIF({first}:{cell(row, layout.ranks.column(root))},{official})"
            )
            return f'IF(ISNUMBER({official}),{official}+{above}-1,"")'
        own = ranks.rows_of(ranks.codes, row, row).ref(Fix.COLUMN, DRAWS)
        measure = {
            "low": f"SMALL({own},{LOW})",
            "median": f"MEDIAN({own})",
            "high": f"SMALL({own},{HIGH})",
            "top": f'COUNTIF({own},"<={TOP}")/{COUNT}',
        }[name]
        return f'IF(COUNT({own})={COUNT},{measure},"")'

    shown = (
        ("summary", summary, "0.##"),
        ("scores", score, "0.00"),
        ("ranks", rank, "0"),
    )
    for name, formula, number in shown:
        draw_block(
            canvas,
            addresses.blocks[name],
            formula,
            number=number,
            key=f"draws.{name}",
            name=lambda code: f'"{code}"',
            width=9,
        )
    _draw_weights(canvas, addresses)
    canvas.close(ROW_NAME, 2, head=CODE)


def _draw_weights(canvas: Canvas, addresses: DrawsLayout) -> None:
    """Write the weights typed, and for each draw its factors and its weights."""
    block, codes = addresses.parts
    header = addresses.first - 2
    canvas.heading(header - 1, 1, "draws.weights")
    canvas.label(addresses.typed_row, 2, "draws.typed", "note")
    for position, code in enumerate(codes):
        column = addresses.weight_column(position)
        for at in (3 + position, column):
            canvas.put(header, at, code, "helper")
        typed = block.rows_of((code,), ROW_WEIGHT, ROW_WEIGHT).ref(home=DRAWS)
        canvas.formula(addresses.typed_row, column, typed, "helper", number="0.####")
    drawn = factors(len(codes))
    for number, row_factors in enumerate(drawn):
        row = addresses.first + number
        canvas.put(row, 2, number + 1, "helper", number=INTEGER)
        for position, factor in enumerate(row_factors):
            column = addresses.weight_column(position)
            canvas.put(row, 3 + position, float(factor), "helper", number=FOUR_DECIMALS)
            typed = cell(addresses.typed_row, column, Fix.ROW)
            # No total is shown where a weight cannot be used.
            weight = f'IFERROR({cell(row, 3 + position)}*{typed},"")'
            canvas.formula(row, column, weight, "helper", number=FOUR_DECIMALS)


def draw(book: Book) -> None:
    """Draw `Robustness`: the cities in order of rank, each with its interval."""
    canvas = titled_sheet(book, SHEET, banner=True)
    addresses = DrawsLayout(book.layout)
    slots = book.layout.slots
    cost = slots * (2 * COUNT + 5)
    canvas.formula(
        3,
        2,
        fill_text(book.labels.ref("robustness.cost"), str(COUNT), str(cost)),
        "note",
    )
    Table(
        canvas,
        HEADER,
        HEADER + 1,
        last=HEADER + slots,
        columns=tuple(_columns(book, addresses)),
        head_style={},
        items=range(slots),
    ).draw()
    canvas.close(HEADER, 2)


def _columns(book: Book, addresses: DrawsLayout) -> Iterator[Column]:
    """Yield the columns from left to right."""
    layout = book.layout
    root = addresses.root
    summary = addresses.blocks["summary"]

    def looked_up(values: str) -> Formula:
        return lambda cells: pick(values, cells.position)

    def of_draws(name: str, number: str, width: float = 9) -> Column:
        values = summary.over(name, SHEET, Fix.BOTH)
        key = "robustness.top_10" if name == "top" else f"robustness.{name}"
        return Column(
            name, key, looked_up(values), role=CENTER, number=number, width=width
        )

    ranks = layout.ranks.over(root, SHEET, Fix.BOTH)
    scores = layout.scores.over(root, SHEET, Fix.BOTH)
    yield Column(
        "rank",
        "robustness.rank",
        looked_up(ranks),
        role=OUTPUT_CENTER,
        number=INTEGER,
        width=7,
    )
    yield Column("name", "data.name", looked_up(layout.names()), role="name", width=22)
    yield Column(
        "score", "robustness.score", looked_up(scores), number=TWO_DECIMALS, width=9
    )
    for name in ("median", "low", "high"):
        yield of_draws(name, "0.#")
    yield of_draws("top", "0%", 10)
    yield Column(
        "picture",
        "robustness.picture",
        partial(_picture, ranks),
        role="name",
        width=SIGNS + 4,
        style={**TINY, "font_color": "#1F5FA8"},
    )
    order = summary.over("order", SHEET, Fix.BOTH)
    yield Column(
        "position",
        "ranking.row",
        lambda cells: f'IFERROR(MATCH({cells.slot + 1},{order},0),"")',
        number=INTEGER,
        helper=True,
    )


def _picture(ranks: str, cells: RowCells) -> str:
    """Draw an interval as signs on a line from the first rank to the last."""
    scale = f"{SIGNS}/MAX({ranks})"
    before = f"INT(({cells.low}-1)*{scale})"
    inside = f"MAX(1,INT({cells.high}*{scale})-{before})"
    empty = EMPTY_SIGN * SIGNS
    full = FULL_SIGN * SIGNS
    signs = f'LEFT("{empty}",{before})&LEFT("{full}",{inside})&"{empty}"'
    return f'IF(ISNUMBER({cells.low}),LEFT({signs},{SIGNS}),"")'
