"""`Statistics`: what the raw values of each indicator are like, a row an indicator."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT
from xlcity.model.framework import Framework
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import (
    INTEGER,
    TWO_DECIMALS,
    sized_format,
    value_format,
)
from xlcity.workbook.drawing.styles import CENTER, IN_LINES, SMALL
from xlcity.workbook.layout.analysis import LOOKED_AT, AnalysisLayout
from xlcity.workbook.sheets.calculation.calculate import at_least, at_most
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table

SHEET = "Statistics"
#: Row of the headings, right above that of the first indicator.
HEADER = 4
#: A value is far from the others at so many median distances from the median, in powers of ten,
#: and not nearer than the second number; more than two far values are a way of being distributed.
FAR_DISTANCES = 5
LEAST_FAR = 0.6
MOST_FAR = 2
#: Fewer distances have no median to speak of.
FEWEST_DISTANCES = 8

#: Size of the largest value of an indicator -> another format for all: about three digits.
OTHER_FORMATS = {
    "{0}>=10000000": "0.00E+00",
    "{0}>=1000": "#,##0",
    "{0}<1": "0.000",
}
#: Columns of values in the unit of the indicator.
VALUES = ("mean", "sd", "median", "minimum", "maximum")
#: Columns of the choice of a population and of its label: the banner has ended there.
CHOICE_COLUMN = 12
WHOLE = "#,##0"
NAME = "name"


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas = titled_sheet(book, SHEET, banner=True)
    if book.spec.nodes_alone:
        canvas.note = book.labels.text("statistics.nodes")
    codes = AnalysisLayout(book.layout).told
    table = Table(
        canvas,
        HEADER,
        HEADER + 1,
        last=HEADER + len(codes),
        columns=tuple(_Row(book).columns()),
        head_style={},
        items=codes,
    )
    _mark(canvas, table)
    table.draw()
    canvas.gap(HEADER - 1)
    if book.spec.apart:
        draw_chooser(canvas)
    canvas.close(HEADER, 1)


def column_names(book: Book) -> list[str]:
    """Return the names of the columns from the left."""
    return [column.name for column in _Row(book).columns()]


def median_cell(book: Book, code: str) -> str:
    """Return the address of the median of an indicator, for formulas of other sheets."""
    row = HEADER + 1 + AnalysisLayout(book.layout).told.index(code)
    return f"{SHEET}!{cell(row, column_names(book).index('median') + 1, Fix.ROW)}"


def draw_chooser(canvas: Canvas) -> None:
    """Write the choice of the population that all sheets of analysis look at."""
    names = canvas.book.spec.populations
    _label_choice(canvas)
    canvas.chooser(1, CHOICE_COLUMN, names[0], names)
    canvas.book.define(LOOKED_AT, canvas.area(1, CHOICE_COLUMN))


def repeat_choice(canvas: Canvas) -> None:
    """Name the population chosen, on a sheet of analysis, where groups are scored apart."""
    if canvas.book.spec.apart:
        _label_choice(canvas)
        canvas.formula(1, CHOICE_COLUMN, LOOKED_AT, CENTER)


def _label_choice(canvas: Canvas) -> None:
    canvas.label(1, CHOICE_COLUMN - 1, "statistics.population", "note", align="right")


class _Row(NamedTuple):
    """The columns of a row, made for the indicator that it is about."""

    book: Book

    @property
    def analysis(self) -> AnalysisLayout:
        return AnalysisLayout(self.book.layout)

    def values(self, cells: RowCells) -> str:
        """Return the range of the raw values."""
        return self.analysis.values(cells.item).over(cells.item, SHEET, Fix.BOTH)

    def distances(self, cells: RowCells) -> str:
        """Return the range of the distances from the median."""
        return self.analysis.blocks["distances"].over(cells.item, SHEET, Fix.BOTH)

    def columns(self) -> Iterator[Column]:
        """Yield the columns from left to right."""
        yield Column(
            "name",
            "statistics.name",
            self._name,
            NAME,
            width=30,
            style={**SMALL, **IN_LINES},
        )
        yield self._number("n", lambda c: f"COUNT({self.values(c)})")
        yield self._number("missing", lambda c: f'COUNTIF({self.values(c)},"NA")')
        cities = self.analysis.cities
        yield self._number("open", lambda c: f"{cities}-{c.n}-{c.missing}")
        yield self._number(
            "coverage", lambda c: f'IF({cities}=0,"",{c.n}/{cities})', "0%"
        )
        yield Column("flag", "statistics.flag", self._flag, "name", width=7.5)
        yield Column(
            "far_city",
            "statistics.far_city",
            self._far_city,
            NAME,
            width=16,
            style=IN_LINES,
        )
        yield self._value("mean", lambda c: f"AVERAGE({self.values(c)})")
        yield self._value("sd", lambda c: f"_xlfn.STDEV.S({self.values(c)})", least=2)
        yield self._value("median", lambda c: f"MEDIAN({self.values(c)})")
        for end, function in (("minimum", "MIN"), ("maximum", "MAX")):
            yield self._value(end, self._extreme(function))
            yield Column(
                f"{end}_city",
                f"statistics.{end}_city",
                self._holder(end),
                NAME,
                width=10.5,
                style={**SMALL, **IN_LINES},
            )
        yield self._shape("skew", "SKEW", 3)
        yield self._shape("kurt", "KURT", 4)
        yield self._helper("far_distance", self._far_distance, TWO_DECIMALS)
        yield self._helper("far", self._far, INTEGER)
        yield Column(
            "code",
            "framework.code",
            value=lambda c: c.item,
            helper=True,
            hidden=True,
        )

    def _name(self, cells: RowCells) -> str:
        return self.book.layout.node_name(cells.item)

    def _number(self, name: str, formula: Formula, number: str = INTEGER) -> Column:
        return Column(
            name, f"statistics.{name}", formula, role=CENTER, number=number, width=7.5
        )

    def _helper(self, name: str, formula: Formula, number: str) -> Column:
        key = f"statistics.{name}"
        return Column(name, key, formula, number=number, width=10, helper=True)

    def _value(self, name: str, formula: Formula, least: int = 1) -> Column:
        """Return a column of numbers in the unit of the indicator, "" for too few of them."""

        def guarded(cells: RowCells) -> str:
            return f'IF({cells.n}<{least},"",{formula(cells)})'

        framework = self.book.spec.framework
        is_typed = name in ("minimum", "maximum")
        return Column(
            name,
            f"statistics.{name}",
            guarded,
            number=partial(_number_format, framework, is_typed=is_typed),
            width=9,
        )

    def _extreme(self, function: str) -> Formula:
        return lambda cells: f"{function}({self.values(cells)})"

    def _shape(self, name: str, function: str, least: int) -> Column:
        """Return a column of a measure that equal values do not have."""

        def formula(cells: RowCells) -> str:
            measure = f"{function}({self.values(cells)})"
            varying = f'IF({cells.maximum}>{cells.minimum},{measure},"")'
            return f'IF({cells.n}<{least},"",{varying})'

        return Column(
            name,
            f"statistics.{name}",
            formula,
            role=CENTER,
            number=TWO_DECIMALS,
            width=8,
        )

    def _holder(self, end: str) -> Formula:
        """Return the formula of the city that has an extreme, or of how many have it.

        Of values that differ in their last digits programs find one or another: these are alike.
        """

        def formula(cells: RowCells) -> str:
            values = self.values(cells)
            extreme = cells[end]
            as_extreme = at_most(extreme) if end == "minimum" else at_least(extreme)
            alike = f"COUNTIF({values},{as_extreme})"
            city = f"INDEX({self.book.layout.names()},MATCH({extreme},{values},0))"
            several = f'{alike}&" "&{self.book.labels.ref("statistics.several")}'
            return f'IF({cells.n}=0,"",IF({alike}>1,{several},{city}))'

        return formula

    def _flag(self, cells: RowCells) -> str:
        word = self.book.labels.ref("statistics.skewed")
        peaked = f'IF({cells.kurt}>{KURT_LIMIT:g},{word},"")'
        skewed = f'IF(ABS({cells.skew})>{SKEW_LIMIT:g},{peaked},"")'
        return f'IF(ISNUMBER({cells.kurt}),{skewed},"")'

    def _far_distance(self, cells: RowCells) -> str:
        distances = self.distances(cells)
        limit = f"MAX({LEAST_FAR},{FAR_DISTANCES}*MEDIAN({distances}))"
        return f'IF(COUNT({distances})<{FEWEST_DISTANCES},"",{limit})'

    def _far(self, cells: RowCells) -> str:
        count = f'COUNTIF({self.distances(cells)},">"&{cells.far_distance})'
        return f'IF({cells.far_distance}="",0,{count})'

    def _far_city(self, cells: RowCells) -> str:
        distances = self.distances(cells)
        farthest = f"MATCH(MAX({distances}),{distances},0)"
        city = f"INDEX({self.book.layout.names()},{farthest})"
        more = self.book.labels.ref("statistics.one_more")
        other = f'IF({cells.far}>1," "&{more},"")'
        return f'IF({cells.far}=0,"",IF({cells.far}>{MOST_FAR},"",{city}&{other}))'


def _number_format(framework: Framework, code: str, *, is_typed: bool) -> str:
    """Return the number format of the values of an indicator: two decimals.

    Whole numbers are shown so where they are those typed.
    """
    form = value_format(framework, code)
    if form == "0" or "%" in form:
        return form
    return WHOLE if is_typed and form == sized_format(WHOLE) else TWO_DECIMALS


def _mark(canvas: Canvas, table: Table) -> None:
    """Show what wants a look in yellow, and the values of an indicator with the same decimals."""
    for name in ("missing", "open"):
        first = table.address(name, table.first)
        canvas.mark(table.area(name), f"{first}>0", "note")
    for name in ("flag", "far_city"):
        first = table.address(name, table.first)
        canvas.mark(table.area(name), f'{first}<>""', "note")
    low, high = (table.address(name, table.first) for name in VALUES[-2:])
    largest = f"MAX({high},-{low})"
    for name in VALUES:
        first = table.address(name, table.first)
        for criteria, number in OTHER_FORMATS.items():
            test = f"AND(ISNUMBER({first}),{criteria.format(largest)})"
            canvas.mark(table.area(name), test, {"num_format": number})
    coverage = table.address("coverage", table.first)
    canvas.mark(
        table.area("coverage"), f"AND(ISNUMBER({coverage}),{coverage}<1)", "note"
    )
