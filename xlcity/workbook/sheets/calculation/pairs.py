"""`Pairs`: every pair of cities, scored by the tree of the index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from xlcity.methods.normalise.record import ColumnCells
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Block, Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.styles import SMALL
from xlcity.workbook.layout.links import (
    ID,
    LEFT,
    NAME,
    ONE,
    OTHER,
    LinkLayout,
    PairLayout,
)
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_RANGE,
    ROW_TIE,
)
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.calculation.calculate import (
    SCORE,
    STATISTICS,
    VALUE,
    rows_above,
    weight_line,
)
from xlcity.workbook.sheets.calculation.normalised import bounds_above
from xlcity.workbook.sheets.calculation.ranks import rank_blocks
from xlcity.workbook.sheets.table import draw_block
from xlcity.workbook.steps.nodes import missing_rule, node_native
from xlcity.workbook.steps.normalising import Normalising


def _city_cells(row: int) -> Iterator[str]:
    """Yield the cells with the id, the name and the group of a city on `Matrices`."""
    for column in (1, 2, 3):
        yield f"Matrices!{cell(row, column, Fix.BOTH)}"


def draw(book: Book) -> None:
    """Draw the sheet and define the names by which pairs are found."""
    canvas = titled_sheet(book, "Pairs", [24, 30, 6, 6, 2], banner=True)
    pairs = PairLayout(book.layout)

    def role(code: str) -> str:
        return "output" if code == book.spec.framework.root.code else "calculation"

    _identify(book, canvas, pairs)
    _scale(book, canvas, pairs)
    draw_block(
        canvas,
        pairs.scores,
        partial(_node_score, pairs),
        role,
        number=SCORE,
        key="pairs.scores",
        width=13,
        above=[weight_line(book)],
    )
    rank_blocks(book, canvas, pairs, apart=False)
    book.define("out_pairs", canvas.area(FIRST, ID, pairs.last))
    for name, block in (
        ("scores", pairs.scores),
        ("ranks", pairs.ranks),
        ("normalised", pairs.normalised),
    ):
        book.define(f"out_pair_{name}", block.span())
    canvas.mark(
        pairs.normalised.span(), f'{cell(FIRST, pairs.normalised.left)}=""', "faint"
    )
    canvas.close(ROW_NAME, 2, head=CODE)


def _identify(book: Book, canvas: Canvas, pairs: PairLayout) -> None:
    """Write which two cities a row is; rows of one country, or of no city, stay empty."""
    for column, name in enumerate(("id", "name", "one", "other"), 1):
        canvas.label(ROW_NAME, column, f"pairs.{name}", "header", **SMALL)
        canvas.label(CODE, column, f"pairs.{name}", "stub_code")
    links = LinkLayout(book.layout)
    first = links.first("") if links.group else links.first(links.codes[0])
    for offset, (first_slot, second_slot) in enumerate(pairs.slots):
        row = FIRST + offset
        a, name_a, x = _city_cells(first + first_slot)
        b, name_b, y = _city_cells(first + second_slot)
        same = f'IF({x}="",FALSE,{x}={y})' if links.group else "FALSE"
        canvas.formula(row, ID, f'IF(OR({a}="",{b}="",{same}),"",{a}&"|"&{b})', "id")
        shown = f'IF({cell(row, ID, Fix.COLUMN)}="","",{name_a}&" – "&{name_b})'
        canvas.formula(row, NAME, shown, "name")
        canvas.put(row, ONE, first_slot + 1, "stub_code", number=INTEGER)
        canvas.put(row, OTHER, second_slot + 1, "stub_code", number=INTEGER)


def _scale(book: Book, canvas: Canvas, pairs: PairLayout) -> None:
    """Write strengths from `Matrices`, their bounds, and their scores."""
    links = LinkLayout(book.layout)
    layout = book.layout
    here = {code: Normalising(layout, code) for code in layout.indicators}

    def cells(code: str) -> ColumnCells:
        column = pairs.normalised.column(code)
        raw = pairs.strengths.over(code, "Pairs")
        return here[code].column(column, raw)

    def strength(code: str, row: int) -> str:
        first_slot, second_slot = pairs.slots[row - FIRST]
        link = f"Matrices!{cell(links.first(code) + first_slot, LEFT + second_slot)}"
        presence = part_name("pair_count", code)
        worth = f'IF({presence}="presence",IF({link}=0,0,1),{link})'
        return f'IF(OR({cell(row, ID, Fix.COLUMN)}="",{link}=""),"",{worth})'

    def score(code: str, row: int) -> str:
        return here[code].native.cell_formula(
            replace(cells(code), x=pairs.strengths.at(code, row, "Pairs"))
        )

    bounds = {
        code: bounds_above(
            pairs.normalised.column(code),
            normalising.native,
            cells(code),
            score(code, FIRST),
        )
        for code, normalising in here.items()
    }
    rows = {
        ROW_TIE: "stat.tie",
        ROW_LOW: "stat.low",
        ROW_HIGH: "stat.high",
        ROW_RANGE: "stat.range",
    }
    above = [
        weight_line(book),
        *rows_above(bounds, rows, VALUE),
        *rows_above(bounds, STATISTICS),
    ]
    draw_block(
        canvas,
        pairs.strengths,
        strength,
        number=VALUE,
        key="pairs.strengths",
        width=13,
        copied=False,
    )
    draw_block(
        canvas,
        pairs.normalised,
        score,
        number=SCORE,
        key="pairs.normalised",
        width=13,
        above=above,
        marks=[('{0}=""', "faint")],
    )


def _children(pairs: PairLayout, code: str) -> tuple[Block, tuple[str, ...]]:
    """Return the block that holds a node's children, and their codes."""
    framework = pairs.layout.spec.framework
    codes = tuple(child.code for child in framework.children(code))
    return (
        pairs.normalised if framework.is_indicator(codes[0]) else pairs.scores
    ), codes


def _node_score(pairs: PairLayout, code: str, row: int) -> str:
    """Return the formula of a node of a pair."""
    values, weights = pairs.layout.child_cells(_children(pairs, code), row, "Pairs")
    spec = pairs.layout.spec
    rule = missing_rule(spec, code)
    return node_native(values, weights, rule)
