"""`Workings`: what the sheets of analysis need of every city, a row a city."""

from __future__ import annotations

from collections.abc import Callable

from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.grid import Block, Fix, cell
from xlcity.workbook.layout.analysis import LOOKED_AT, WORKINGS, AnalysisLayout
from xlcity.workbook.layout.rows import CODE, FIRST, INDEX, ROW_NAME
from xlcity.workbook.sheets.analyses.statistics import median_cell
from xlcity.workbook.sheets.calculation.calculate import at_most, smaller
from xlcity.workbook.sheets.table import draw_block

#: Decimals of scores that are ranked.
DECIMALS = 12
#: Formula of a code's cell in a row.
CellFormula = Callable[[str, int], str]
#: Number formats of blocks whose last digits say nothing.
NUMBERS = {"distances": "0.000"}


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, WORKINGS, [20])
    layout = book.layout
    # Names alone: each cell more is one for each city.
    canvas.hide(2)
    canvas.label(ROW_NAME, 1, "data.name", "header")
    canvas.label(CODE, 1, "data.name", "stub_code")
    city = f"{INDEX}!{cell(FIRST, 2, Fix.COLUMN)}"
    canvas.formula(FIRST, 1, city, "name", last=layout.last)
    analysis = AnalysisLayout(layout)

    def of_population(block_of: Callable[[str], Block]) -> CellFormula:
        """Return the formula of a value of a city that is looked at, "" of any other."""

        def formula(code: str, row: int) -> str:
            value = block_of(code).at(code, row, WORKINGS)
            return f'IF({layout.population(row)}={LOOKED_AT},{value},"")'

        return formula

    def rounded(code: str, row: int) -> str:
        # Programs rank numbers that differ in their last digits in their own ways.
        value = layout.own_block(code).at(code, row, WORKINGS)
        shown = f"IF(ISNUMBER({value}),ROUND({value},{DECIMALS}),{value})"
        return f'IF({layout.population(row)}={LOOKED_AT},{shown},"")'

    def distance(code: str, row: int) -> str:
        value = analysis.values(code).at(code, row, WORKINGS)
        median = median_cell(book, code)
        logarithm = f"LOG10({value}/{median})"
        # Twice the median is as far from it as half of it.
        powers = f'IF(MIN({value},{median})>0,ROUND(ABS({logarithm}),{DECIMALS}),"")'
        return f'IF(ISNUMBER({value}),{powers},"")'

    def rank(code: str, row: int) -> str:
        scores = analysis.scored(code)
        value = scores.at(code, row, WORKINGS)
        column = scores.over(code, WORKINGS)
        # The mean of the first and the last place among numbers alike.
        before = f"COUNTIF({column},{smaller(value)})"
        up_to = f"COUNTIF({column},{at_most(value)})"
        return f'IF(ISNUMBER({value}),({before}+{up_to}+1)/2,"")'

    formulas = {
        "values": of_population(lambda code: analysis.own_values),
        "scored": rounded,
        "distances": distance,
        "ranks": rank,
    }
    for name, formula in formulas.items():
        draw_block(
            canvas,
            analysis.blocks[name],
            formula,
            number=NUMBERS.get(name, "General"),
            key=f"workings.{name}",
            width=12,
        )
    canvas.close(ROW_NAME, 2, head=CODE)
