"""`LinkOptions`: how the ranking depends on the normalisation and on domestic links."""

from __future__ import annotations

from itertools import product

from xlcity.functions.links import DOMESTIC
from xlcity.functions.normalise import BOUNDS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.links import LEFT as MATRIX_LEFT
from xlcity.workbook.layout.links import LinkLayout, link_layout
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.calculation.calculate import VALUE, whole_key
from xlcity.workbook.sheets.calculation.ranks import rank_of
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    Table,
    gap,
    listed_units,
)
from xlcity.workbook.steps.method_table import method_address

SHEET = "LinkOptions"
#: Rows above the cities: names of readings, then minimum, maximum, mean, and what each point of
#: strength is worth under each way to normalise.
NAMES, LOW, HIGH, MEAN, WORTH, HEADER = 5, 6, 7, 8, 9, 12
READINGS = tuple(product(DOMESTIC, BOUNDS))
#: Columns of the readings' ranks, and of what follows from them.
RANKS = 4
SPREAD = RANKS + len(READINGS)


def draw(book: Book) -> None:
    """Draw ranks on the left, and on the right the strengths and scores they come from."""
    layout, ref = book.layout, book.labels.ref
    links = link_layout(layout)
    n = len(links.codes)
    canvas = titled_sheet(book, SHEET, banner=6, note_column=3)
    first_of = _strength_columns(n)
    for word, left in first_of.items():
        canvas.columns(left, left + n - 1, 12)
        canvas.columns(left + n, left + n, 2)
        _draw_strengths(book, canvas, links, word, left)
    canvas.sheet.set_row(HEADER - 1, 48)
    for row, key in ((LOW, "stat.min"), (HIGH, "stat.max"), (MEAN, "stat.mean")):
        canvas.label(row, 2, key, "stub_line")
    for row, way in enumerate(BOUNDS, WORTH):
        text = f'{ref("linkoptions.worth")}&" · "&{ref(f"linkoptions.{way}")}'
        canvas.formula(row, 2, text, "stub_line")
    table = Table(canvas, HEADER, HEADER + 1, HEADER + layout.slots, _city_columns(book, n)).draw()
    right = first_of[DOMESTIC[-1]] + n - 1
    split = (table.column("total 0"), first_of[DOMESTIC[0]])
    canvas.finish(table.last, right, HEADER, 2, split=split)


def _strength_columns(n: int) -> dict[str, int]:
    """Return the first columns of strengths of n indicators, with and without domestic links."""
    totals = SPREAD + 4
    return {word: totals + len(READINGS) + 1 + i * (n + 1) for i, word in enumerate(DOMESTIC)}


def _city_columns(book: Book, n: int) -> tuple[Column, ...]:
    """Return the columns of the cities: ranks by each reading, their spread, the totals."""
    layout, ref, small = book.layout, book.labels.ref, {"font_size": 8}
    root = layout.spec.framework.root.code
    first_of = _strength_columns(n)

    def total_score(word: str, bounds: str) -> Formula:
        left, worth = first_of[word], WORTH + BOUNDS.index(bounds)

        def over(row: int, fix: str) -> str:
            return Area(SHEET, row, left, row, left + n - 1).ref(fix, SHEET)

        points = over(worth, "rc")
        less = f"-SUMPRODUCT({over(LOW, 'rc')},{points})" if bounds == "minmax" else ""

        def formula(cells: RowCells) -> str:
            score = f"SUMPRODUCT({over(cells.row, 'c')},{points}){less}"
            score = f"{whole_key(book, score)}+0"
            return f'IF(COUNT({over(cells.row, "c")})={n},{score},"")'

        return formula

    def rank_of_reading(index: int) -> Formula:
        return lambda cells: rank_of(book, cells[f"total {index}"])

    def of_ranks(template: str) -> Formula:
        """Return a formula of the ranks of a city, which stand for {0}."""

        def formula(cells: RowCells) -> str:
            ranks = f"{cells['rank 0']}:{cells[f'rank {len(READINGS) - 1}']}"
            statistic = template.format(ranks, cells.best, cells.worst)
            return f'IF(COUNT({ranks})=0,"",{statistic})'

        return formula

    center, different = "calculation_center", [("AND(ISNUMBER({0}),{0}>0)", "note")]
    names = [f'{ref(f"linkoptions.{b}")}&" · "&{ref(f"linkoptions.{w}")}' for w, b in READINGS]
    text = f'&" · "&{ref("linkoptions.total")}'
    return (
        *listed_units(16, 22),
        Column("now", "linkoptions.now",
               lambda cells: layout.ranks.at(root, FIRST + cells.slot, SHEET), center, "0", 10),
        *(Column(f"rank {i}", head=name, formula=rank_of_reading(i), role="output_center",
                 number="0", width=11, head_style=small) for i, name in enumerate(names)),
        Column("best", "linkoptions.best", of_ranks("MIN({0})"), center, "0", 9),
        Column("worst", "linkoptions.worst", of_ranks("MAX({0})"), center, "0", 9),
        Column("spread", "linkoptions.spread", of_ranks("{2}-{1}"), center, "0", 9,
               marks=different),
        gap(),
        *(Column(f"total {i}", head=name + text, formula=total_score(*READINGS[i]), number="0.00",
                 width=11, head_style=small) for i, name in enumerate(names)),
        gap(),
    )  # fmt: skip


def _draw_strengths(book: Book, canvas: Canvas, links: LinkLayout, word: str, left: int) -> None:
    """Write the strengths of every indicator with or without domestic links, and their worth."""
    layout = book.layout
    first, last = HEADER + 1, HEADER + layout.slots
    title = (
        f'{book.labels.ref("linkoptions.strength")}&" · "&{book.labels.ref(f"linkoptions.{word}")}'
    )
    canvas.formula(NAMES - 1, left, title, "section")
    canvas.node_heads(HEADER, links.codes, left, 8)
    for column, code in enumerate(links.codes, left):
        strengths = canvas.range(first, column, last, fix="r")
        low, high, mean = (cell(row, column) for row in (LOW, HIGH, MEAN))
        for row, function in ((LOW, "MIN"), (HIGH, "MAX"), (MEAN, "AVERAGE")):
            formula = f'IF(COUNT({strengths})=0,"",{function}({strengths}))'
            canvas.formula(row, column, formula, "calculation", VALUE, font_size=8)
        share = layout.framework_cell(code, "effective")
        scale = method_address(book.spec, code, "scale")
        for offset, span in enumerate((f"({high}-{low})", high, mean)):
            worth = f"IF({span}>0,{share}*{scale}/{span},0)"
            formula = f'IF(COUNT({strengths})=0,"",{worth})'
            canvas.formula(WORTH + offset, column, formula, "calculation", "0.0E+00", font_size=8)
        for slot in range(layout.slots):
            value = _strength_formula(links, code, slot, word)
            canvas.formula(first + slot, column, value, "calculation", VALUE, font_size=8)


def _strength_formula(links: LinkLayout, code: str, slot: int, word: str) -> str:
    """Return the formula of a strength; links inside the group of a city are domestic.

    A matrix is the same in rows and columns: the column stands beside the groups.
    """
    first, slots = links.first(code), links.layout.slots
    column = MATRIX_LEFT + slot
    mine = Area("Matrices", first, column, first + slots - 1, column).ref()
    total, count = f"SUM({mine})", f'COUNTIF({mine},">0")+COUNTIF({mine},"<0")'
    if word == "exclude" and links.group:
        groups = links.unit_column("", MATRIX_LEFT - 1).ref()
        own = f"Matrices!{cell(links.first('') + slot, MATRIX_LEFT - 1, 'rc')}"
        total += f'-IF({own}="",0,SUMIF({groups},{own},{mine}))'
        some = "+".join(f'COUNTIFS({groups},{own},{mine},"{sign}0")' for sign in "><")
        count += f'-IF({own}="",0,{some})'
    unit = f"Matrices!{cell(first + slot, 1, 'rc')}"
    presence = f'{part_name("count", code)}="presence"'
    return f'IF(OR({unit}="",COUNT({mine})=0),"",IF({presence},{count},{total}))'
