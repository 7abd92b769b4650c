"""`Size`: scores of a node against what the size of a city lets expect; an analysis, no score."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Any

from xlcity.assess.regression import DIGITS
from xlcity.methods.formulas import varies_condition
from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import Area, Fix, along, cell
from xlcity.workbook.drawing.number_formats import FOUR_DECIMALS, INTEGER
from xlcity.workbook.drawing.styles import CENTER
from xlcity.workbook.layout.rows import CODE, IN_CODE, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import SCORE, VALUE, above
from xlcity.workbook.sheets.choosers import NODES, node_code
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    Formula,
    RowCells,
    unit_sheet,
    unit_table,
)

SHEET = "Size"
#: Rows of the choosers, and of what describes the line, in the column of sizes.
CHOSEN = {"size": 4, "node": 5}
LINE = {"slope": 7, "intercept": 8, "r2": 9, "n": 10}
COLUMN = 3
#: Warning when what is typed is not on the list.
SIZES = "数据列代码或城市属性 / code of a data column or attribute of the cities"


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = unit_sheet(book, SHEET, banner=True)
    layout = book.layout
    spec = book.spec
    inputs = layout.typed.codes
    # A drop-down list is a row of cells: names of attributes are typed.
    codes = layout.typed.rows_of(inputs, CODE, CODE).ref()
    first_units = spec.dataset.units[:1]
    facts = chain.from_iterable(unit.attributes.items() for unit in first_units)
    numeric = (name for name, value in facts if value.isdigit())
    first = next(numeric, (*layout.variables, *inputs)[0])
    chosen = {
        name: cell(
            row,
            COLUMN,
            Fix.BOTH,
        )
        for name, row in CHOSEN.items()
    }
    line = {
        name: cell(
            row,
            COLUMN,
            Fix.BOTH,
        )
        for name, row in LINE.items()
    }
    canvas.chooser(CHOSEN["size"], COLUMN, first, f"={codes}", warning=SIZES)
    canvas.chooser(
        CHOSEN["node"], COLUMN, spec.framework.root.code, "=out_nodes", warning=NODES
    )
    node = f"MATCH({node_code(layout, chosen['node'])},out_nodes,0)"
    canvas.formula(CHOSEN["node"], COLUMN + 1, f'IFERROR({node},"")', "helper")
    node = cell(CHOSEN["node"], COLUMN + 1, Fix.BOTH)
    heads = Area.of_row("Cities", IN_CODE, 1, len(layout.city_columns))

    def size(cells: RowCells) -> str:
        """Return the formula of what is chosen: a column of the data, else one of the cities."""
        values = layout.typed.rows_of(inputs, cells.row, cells.row).ref(Fix.COLUMN)
        row = layout.city_row(cells.row)
        value = along(values, f"MATCH({chosen['size']},{codes},0)")
        facts = Area.of_row("Cities", row, 1, heads.c2).ref(Fix.COLUMN)
        fact = f"INDEX({facts},1,MATCH({chosen['size']},{heads.ref()},0))"
        is_scored = f'{layout.population(cells.row, SHEET)}=""'
        return (
            f'IF({is_scored},"",IFERROR({value},IFERROR(IF({fact}="","",{fact}),"")))'
        )

    def score(cells: RowCells) -> str:
        scores = layout.scores.rows_of(layout.scores.codes, cells.row, cells.row).ref(
            Fix.COLUMN
        )
        return f'IF({node}="","",{along(scores, node)})'

    def log(cells: RowCells) -> str:
        both = f"AND(ISNUMBER({cells.size}),ISNUMBER({cells.score}))"
        return f'IF({both},IF({cells.size}>0,LN({cells.size}),""),"")'

    def expected(cells: RowCells) -> str:
        """Return the score on the line; sizes that are all alike have none."""
        slope = line["slope"]
        return f'IF(COUNT({slope},{cells.log})=2,{line["intercept"]}+{slope}*{cells.log},"")'

    def neighbour(side: str, step: str) -> Column:
        """Return the column of the cities that are next in size."""
        names = layout.names()
        return Column(
            side,
            f"size.{side}",
            lambda cells: (
                f'IFERROR(INDEX({names},MATCH({cells.order}{step},{cells.order.column_cells},0)),"")'
            ),
            "name",
            width=18,
            code=side,
        )

    def column(name: str, formula: Formula, number: str = SCORE, **look: Any) -> Column:
        return Column(
            name, f"size.{name}", formula, role=CENTER, number=number, code=name, **look
        )

    def where_number(of: str, formula: Callable[[RowCells], str]) -> Formula:
        """Return a formula where another column has a number, "" elsewhere."""
        return lambda cells: f'IF(ISNUMBER({cells[of]}),{formula(cells)},"")'

    table = unit_table(
        canvas,
        (
            column("size", size, VALUE, width=16),
            column("score", score),
            column("expected", expected),
            column(
                "residual",
                where_number(
                    "expected", lambda c: f"ROUND({c.score}-{c.expected},{DIGITS})"
                ),
                "+0.00;-0.00;0.00",
                marks=RISE_AND_FALL,
            ),
            column(
                "rank",
                where_number(
                    "residual",
                    lambda c: (
                        f"1+COUNTIF({c.residual.column_cells},{above(c.residual)})"
                    ),
                ),
                "0",
            ),
            neighbour("smaller", "-1"),
            neighbour("larger", "+1"),
            column("log", log, "0.0000", helper=True),
            column("paired", where_number("log", lambda c: c.score), helper=True),
            column(
                "order",
                where_number(
                    "log",
                    lambda c: (
                        f"SUMPRODUCT(({c.log.column_cells}<{c.log})*1)"
                        f"+SUMPRODUCT(({c.log.so_far}={c.log})*1)"
                    ),
                ),
                "0",
                helper=True,
            ),
        ),
        left=COLUMN,
    )
    table.draw()
    areas = (table.area(name) for name in ("log", "paired"))
    x, y = (area.ref(home=SHEET) for area in areas)
    slope = f"(SUMPRODUCT({x},{y})-SUM({x})*AVERAGE({y}))/DEVSQ({x})"
    formulas = {
        "slope": f'IF(COUNT({x})<2,"",IF({varies_condition(f"MIN({x})", f"MAX({x})")},{slope},""))',
        "intercept": f'IFERROR(AVERAGE({y})-{line["slope"]}*AVERAGE({x}),"")',
        "r2": f'IFERROR({line["slope"]}^2*DEVSQ({x})/DEVSQ({y}),"")',
        "n": f"COUNT({x})",
    }
    for name, row in LINE.items():
        canvas.label(row, 1, f"size.{name}", "stub")
        canvas.formula(
            row,
            COLUMN,
            formulas[name],
            CENTER,
            number=INTEGER if name == "n" else FOUR_DECIMALS,
        )
    for name, row in CHOSEN.items():
        canvas.heading(row, 1, f"size.choose_{name}")
    canvas.close(ROW_NAME, 2, head=CODE)
