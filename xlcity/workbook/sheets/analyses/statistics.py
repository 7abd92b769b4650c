"""`Statistics`: descriptive statistics of the raw values of each indicator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from xlcity.assess.statistics import FENCE
from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT
from xlcity.methods.formulas import varies_condition
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.prepared import prepare_layout
from xlcity.workbook.preparations import step_of
from xlcity.workbook.sheets.analyses.availability import LEAST, AvailabilityTables
from xlcity.workbook.sheets.calculation.populations import NUMBERS
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table
from xlcity.workbook.steps.normalising import Normalising

SHEET = "Statistics"
#: First row of the limits, their column, the row of the headings and that of what they mean.
LIMITS, LIMIT, HEADER, EXPLAINED = 4, 3, 9, 10
#: Label -> the limit that a book begins with.
STARTS = {
    "skew": SKEW_LIMIT,
    "kurt": KURT_LIMIT,
    "share": LEAST,
    "fence": FENCE,
}
NARROW, WIDE = 9.5, 12.0
#: Columns of the table where all cities are one group.
COLUMNS = 20
#: Negative values are in the first section, see `ANY_SIZE`.
SIZED = "[<0.01]General;[>=10000]#,##0;#,##0.000"
#: Statistics of an array where there are several groups of cities.
POOLED = frozenset(("mean", "median", "sd", "min", "max", "skew", "kurt", "q1", "q3"))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: an indicator in one group of cities."""

    population: str
    code: str


@dataclass(frozen=True)
class _Numbers:
    """The formulas of one indicator in one group of cities."""

    book: Book
    row: _Row

    @cached_property
    def values(self) -> str:
        return self.book.layout.raw.over(self.row.code, SHEET, "rc")

    @cached_property
    def members(self) -> str:
        return populations_of(self.book.layout).members.ref()

    @property
    def own(self) -> str:
        """The numbers as an argument; of several groups an array with those of this one."""
        if not self.book.spec.apart:
            return self.values
        return f'IF({self.members}="{self.row.population}",{self.values},"")'

    def count(self, area: str, criterion: str) -> str:
        """Return how many cells of a column meet a criterion."""
        if not self.book.spec.apart:
            return f"COUNTIF({area},{criterion})"
        return f'COUNTIFS({self.members},"{self.row.population}",{area},{criterion})'

    def sum(self, condition: str) -> str:
        """Return how many rows meet a condition, which compares columns or a column and a cell."""
        if self.book.spec.apart:
            return f'SUMPRODUCT(({self.members}="{self.row.population}")*({condition}))'
        return f"SUMPRODUCT(({condition})*1)"

    def treated(self) -> str | None:
        """Return how many values the recipe draws in, transforms or clips; None without a rule."""
        layout, code, parts = self.book.layout, self.row.code, []
        if step_of(layout.spec, "treat", code) is not None:
            prepared = prepare_layout(layout)
            blocks = (prepared.blocks["treat"], prepared.before("treat"))
            parts.append(self.sum("<>".join(b.over(code, SHEET, "rc") for b in blocks)))
        normalising = Normalising(layout, code)
        if normalising.method == "zscore" and normalising.own.has("clip"):
            limit, low, high = normalising.clipped_ends()
            block = layout.clipped if normalising.again else layout.scores_before_imputing
            scores = block.over(code, SHEET, "rc")
            # A z-score that lies on the limit was clipped.
            outside = f"{self.sum(f'{scores}<={low}')}+{self.sum(f'{scores}>={high}')}"
            # A text is larger than any number.
            parts.append(f"IF({limit}>0,{outside}-{self.sum(f'{scores}>1E+300')},0)")
        return "+".join(parts) or None

    def share(self, cells: RowCells) -> str:
        """Return the share of the cities scored that have a number."""
        cities = f'COUNTIF({self.members},"{self.row.population}")'
        return f'IF({cities}=0,"",{cells.n}/{cities})'

    def unique(self, cells: RowCells, distinct: str) -> str:
        """Return the share of different numbers; `met` counts each of them once."""
        distinct_count = f"SUM({distinct})"
        if self.book.spec.apart:
            distinct_count = f'SUMIF({self.members},"{self.row.population}",{distinct})'
        return f'IF({cells.n}=0,"",{distinct_count}/{cells.n})'

    def outliers(self, cells: RowCells) -> str:
        """Return how many numbers lie beyond the fences."""
        # A text is larger than any number.
        above = f"{self.sum(f'{self.values}>{cells.high}')}-{self.sum(f'{self.values}>1E+300')}"
        return f'IF({cells.n}=0,"",{self.sum(f"{self.values}<{cells.low}")}+{above})'


def draw(book: Book) -> None:
    """Draw the sheet: limits, a row for each indicator, then availability by city and group."""
    canvas, spec = titled_sheet(book, SHEET, banner=8), book.spec
    limits = _draw_limits(canvas)
    rows = [_Row(group, code) for group in spec.populations for code in book.layout.indicators]
    last = EXPLAINED + len(rows)
    aside = COLUMNS + spec.apart + 2
    cities, workings = AvailabilityTables(book, canvas, limits["share"]).draw(last + 3, aside)
    columns = _columns(book, limits, workings)
    table = Table(canvas, HEADER, EXPLAINED + 1, last, columns, items=rows).draw()
    texts = [(f"statistics.{column.name}", column.width) for column in columns[2:]]
    canvas.fit_labels(HEADER, texts, 9, least=30)
    canvas.fit_labels(EXPLAINED, [(f"{key}.note", width) for key, width in texts], 8, least=30)
    for column, (key, _) in enumerate(texts, 3):
        canvas.label(EXPLAINED, column, f"{key}.note", "stub", font_size=8, valign="top")
    _mark_cells(canvas, table, limits)
    canvas.finish(cities.last, max(table.right, cities.right), 2, 2)


def _draw_limits(canvas: Canvas) -> dict[str, str]:
    """Write the limits and return their addresses."""
    for row, (name, value) in enumerate(STARTS.items(), LIMITS):
        # Not merged: other programs take the frame off the second of two merged cells.
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, f"statistics.limit.{name}", "stub_line")
        canvas.input(row, LIMIT, value, "input_center", "0%" if name == "share" else "0.0#")
    return {name: cell(row, LIMIT, "rc") for row, name in enumerate(STARTS, LIMITS)}


def _deviation_formula(cells: RowCells, numbers: _Numbers) -> str:
    # Not STDEV.S: a recipe may use STDEV.P, and a workbook that mixes both is suspect.
    deviation = f"SQRT(DEVSQ({numbers.own})/({cells.n}-1))"
    return f'IF({cells.n}<2,"",IF({varies_condition(cells.min, cells.max)},{deviation},0))'


def _columns(book: Book, limits: dict[str, str], workings: Table) -> tuple[Column, ...]:
    """Return the columns; a statistic without enough numbers, or of equal ones, is empty."""
    layout, spec = book.layout, book.spec

    def numbers_of(cells: RowCells) -> _Numbers:
        return _Numbers(book, cells.item)

    def count(cells: RowCells) -> str:
        numbers = numbers_of(cells)
        return numbers.count(numbers.values, NUMBERS)

    def zeros(cells: RowCells) -> str:
        numbers = numbers_of(cells)
        return f'IF({cells.n}=0,"",{numbers.count(numbers.values, "0")}/{cells.n})'

    def unique(cells: RowCells) -> str:
        distinct = workings.column_ref(f"met {cells.item.code}")
        return numbers_of(cells).unique(cells, distinct)

    def treated(cells: RowCells) -> str:
        return numbers_of(cells).treated() or book.labels.ref("statistics.no_rule")

    def statistic(function: str, least: int = 1, equal: str = "", arguments: str = "") -> Formula:
        def formula(cells: RowCells) -> str:
            value = f"{function}({numbers_of(cells).own}{arguments})"
            if equal:
                value = f"IF({varies_condition(cells.min, cells.max)},{value},{equal})"
            return f'IF({cells.n}<{least},"",{value})'

        return formula

    def fence(quartile: str, sign: str) -> Formula:
        reach = f"{limits['fence']}*({{0.q3}}-{{0.q1}})"
        return lambda cells: f'IF({cells.n}=0,"",{cells[quartile]}{sign}{reach.format(cells)})'

    def column(
        name: str, formula: Formula, number: str = SIZED, width: float = WIDE, **options: Any
    ) -> Column:
        array = spec.apart and name in POOLED
        role = "calculation_center" if number == "0" else "calculation"
        return Column(name, f"statistics.{name}", formula, role, number, width,
                      array=array, **options)  # fmt: skip

    group = (column("population", lambda cells: f'"{cells.item.population}"', "@", NARROW),)
    return (
        Column("code", "framework.code", role="stub_code", width=16,
               value=lambda cells: cells.item.code),
        Column("name", "framework.display", width=34, role="name", style={"font_size": 9},
               formula=lambda cells: layout.framework_cell(cells.item.code, "display")),
        *(group if spec.apart else ()),
        column("n", count, "0", NARROW),
        column("share", lambda cells: numbers_of(cells).share(cells), "0.0%", NARROW),
        column("mean", statistic("AVERAGE")),
        column("median", statistic("MEDIAN")),
        column("sd", lambda cells: _deviation_formula(cells, numbers_of(cells))),
        column("min", statistic("MIN")),
        column("max", statistic("MAX")),
        column("skew", statistic("SKEW", 3, '""'), "0.00", NARROW),
        column("kurt", statistic("KURT", 4, '""'), "0.00", NARROW),
        column("zeros", zeros, "0.0%", NARROW),
        column("unique", unique, "0.0%", NARROW),
        column("q1", statistic("QUARTILE", arguments=",1")),
        column("q3", statistic("QUARTILE", arguments=",3")),
        column("low", fence("q1", "-")),
        column("high", fence("q3", "+")),
        column("outliers", lambda cells: numbers_of(cells).outliers(cells), "0", NARROW),
        column("treated", treated, "0", NARROW),
        column("remark", lambda cells: _remark_formula(book, cells, limits), "@", 26,
               style={"font_size": 9, "text_wrap": True}),
    )  # fmt: skip


def _skewed_condition(cells: RowCells, limits: dict[str, str]) -> str:
    return (
        f"AND(ABS(N({cells.skew}))>={limits['skew']}-1E-10,N({cells.kurt})>={limits['kurt']}-1E-10,"
        f"COUNT({cells.skew},{cells.kurt})=2)"
    )


def _remark_formula(book: Book, cells: RowCells, limits: dict[str, str]) -> str:
    """Return the formula of the remark on an indicator: no or few numbers, constant, skewed."""
    none, few, constant, skewed = (
        book.labels.ref(f"statistics.{name}") for name in ("none", "few", "constant", "skewed")
    )
    less = f'IF({cells.share}<{limits["share"]},{few}&" ","")'
    shape = f'IF({_skewed_condition(cells, limits)},{skewed},"")'
    shape = f"IF({varies_condition(cells.min, cells.max)},{shape},{constant})"
    return f"IF({cells.n}=0,{none},TRIM({less}&{shape}))"


def _mark_cells(canvas: Canvas, table: Table, limits: dict[str, str]) -> None:
    """Mark the statistics that the remarks name."""
    first = RowCells(table, table.first)
    canvas.mark(table.area("skew", "kurt"), _skewed_condition(first, limits), "note")
    share = first.share
    canvas.mark(table.area("share"), f"AND(ISNUMBER({share}),{share}<{limits['share']})", "note")
    canvas.mark(table.area("remark"), f'{first.remark}<>""', "note")
    canvas.mark(table.area("outliers"), f"N({first.outliers})>0", "derived")
    canvas.mark(table.area("treated"), f"N({first.treated})>0", "derived")
