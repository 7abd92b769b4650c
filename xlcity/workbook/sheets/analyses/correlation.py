"""`Correlation`: how indicators and nodes move together, by values and by ranks.

Every pair is taken over the cities that have both numbers: CORREL leaves out a pair in which either
cell is a text. Ranks are those of whole columns, so that Spearman's coefficient is that of ranks
within each pair only where no value is missing; the note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from xlcity.methods.formulas import ANY_NUMBER
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER, THREE_DECIMALS, TWO_DECIMALS
from xlcity.workbook.drawing.styles import CENTER, IN_LINES, SMALL, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.analysis import AnalysisLayout
from xlcity.workbook.sheets.analyses.statistics import repeat_choice

SHEET = "Correlation"
#: Row of the headings of Pearson's coefficients; the names of rows stand in the first column.
HEADER = 4
LEFT = 2
WIDTH = 8.5
#: From this on a coefficient is told apart from 0 by nobody.
INSIGNIFICANT = 0.05
#: Colours of -1, 0 and 1.
SCALE = {
    "type": "3_color_scale",
    "min_type": "num",
    "mid_type": "num",
    "max_type": "num",
    "min_value": -1,
    "mid_value": 0,
    "max_value": 1,
    "min_color": "#E59A90",
    "mid_color": "#FFFFFF",
    "max_color": "#6FA8DC",
}

#: Formula of a coefficient of two codes, in a row and a column of the sheet.
Coefficient = Callable[[str, str, int, int], str]


class Triangle(NamedTuple):
    """A table of pairs below its diagonal: the row of its headings, its first column, its codes."""

    header: int
    left: int
    codes: Sequence[str]

    @property
    def area(self) -> Area:
        """The cells of all pairs, those above the diagonal too."""
        last = len(self.codes)
        right = self.left + last - 1
        return Area(
            SHEET,
            r1=self.header + 1,
            c1=self.left,
            r2=self.header + last,
            c2=right,
        )

    def at(self, row: int, column: int, fix: Fix = Fix.NONE) -> str:
        """Return the address of a pair, by the numbers of its codes from 0."""
        return cell(self.header + 1 + row, self.left + column, fix)


class Triangles(NamedTuple):
    """The tables of the sheet."""

    pearson: Triangle
    counts: Triangle
    chances: Triangle
    spearman: Triangle


def has_pairs(layout: Layout) -> bool:
    """Return whether there is a pair to correlate."""
    return len(AnalysisLayout(layout).correlated) > 1


def triangles(layout: Layout) -> Triangles:
    """Return where the tables of a template stand."""
    analysis = AnalysisLayout(layout)
    codes = analysis.correlated
    width = len(codes) + 2
    below = HEADER + len(codes) + 3
    return Triangles(
        Triangle(HEADER, LEFT, codes),
        Triangle(HEADER, LEFT + width, codes),
        Triangle(HEADER, LEFT + 2 * width, codes),
        Triangle(below, LEFT, analysis.ranked),
    )


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, [26], banner=True)
    tables = triangles(book.layout)
    analysis = AnalysisLayout(book.layout)

    def scores(code: str) -> str:
        return analysis.scored(code).over(code, SHEET, Fix.BOTH)

    def ranks(code: str) -> str:
        return analysis.blocks["ranks"].over(code, SHEET, Fix.BOTH)

    def pearson(one: str, other: str, row: int, column: int) -> str:
        return f'IFERROR(CORREL({scores(one)},{scores(other)}),"")'

    def spearman(one: str, other: str, row: int, column: int) -> str:
        return f'IFERROR(CORREL({ranks(one)},{ranks(other)}),"")'

    def count(one: str, other: str, row: int, column: int) -> str:
        return f"COUNTIFS({scores(one)},{ANY_NUMBER},{scores(other)},{ANY_NUMBER})"

    def chance(one: str, other: str, row: int, column: int) -> str:
        r = tables.pearson.at(row, column)
        n = tables.counts.at(row, column)
        t = f"ABS({r})*SQRT(({n}-2)/(1-{r}^2))"
        # Beyond twelve digits a correlation of 1 is told from another one by noise alone.
        tested = f"IF(ROUND({r}^2,12)<1,TDIST({t},{n}-2,2),0)"
        return f'IF(ISNUMBER({r}),IF({n}<3,"",{tested}),"")'

    _draw_triangle(canvas, tables.pearson, pearson, TWO_DECIMALS)
    _draw_helper(canvas, tables.counts, count, number=INTEGER, key="correlation.n")
    _draw_helper(
        canvas, tables.chances, chance, number=THREE_DECIMALS, key="correlation.p"
    )
    p = tables.chances.at(0, 0)
    faint = f"AND(ISNUMBER({p}),{p}>={INSIGNIFICANT})"
    canvas.mark(tables.pearson.area, faint, "insignificant")
    if len(tables.spearman.codes) > 1:
        header = tables.spearman.header
        canvas.section(header - 1, "correlation.spearman", 1, tables.spearman.area.c2)
        _draw_triangle(canvas, tables.spearman, spearman, TWO_DECIMALS)
    repeat_choice(canvas)
    canvas.gap(HEADER - 1)
    canvas.close(HEADER, 1)


def _draw_triangle(
    canvas: Canvas, table: Triangle, coefficient: Coefficient, number: str
) -> None:
    """Draw a table with names, and its colours."""
    canvas.columns(table.left, table.area.c2, WIDTH)
    for column, code in enumerate(table.codes, table.left):
        _write_name(canvas, table.header, column, code=code, role="header", **TINY)
    for row, code in enumerate(table.codes, table.header + 1):
        _write_name(
            canvas, row, table.left - 1, code=code, role="name", **SMALL, **IN_LINES
        )
    _write_pairs(canvas, table, coefficient, role=CENTER, number=number)
    canvas.sheet.conditional_format(*table.area.from_zero, SCALE)


def _draw_helper(
    canvas: Canvas, table: Triangle, coefficient: Coefficient, number: str, key: str
) -> None:
    """Draw a table that another one reads, with codes as headings."""
    canvas.columns(table.left - 1, table.area.c2, WIDTH)
    canvas.label(table.header, table.left - 1, key, "helper_head")
    for column, code in enumerate(table.codes, table.left):
        canvas.put(table.header, column, code, "helper")
    for row, code in enumerate(table.codes, table.header + 1):
        canvas.put(row, table.left - 1, code, "helper")
    _write_pairs(canvas, table, coefficient, role="helper", number=number)


def _write_pairs(
    canvas: Canvas, table: Triangle, coefficient: Coefficient, role: str, number: str
) -> None:
    for row, one in enumerate(table.codes):
        for column, other in enumerate(table.codes[:row]):
            formula = coefficient(one, other, row, column)
            canvas.formula(
                table.header + 1 + row,
                table.left + column,
                formula,
                role=role,
                number=number,
            )


def _write_name(
    canvas: Canvas, row: int, column: int, code: str, role: str, **style: Any
) -> None:
    name = canvas.book.layout.node_name(code)
    canvas.formula(row, column, name, role, **style)
