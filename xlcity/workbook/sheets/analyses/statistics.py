"""`Statistics`: the raw values of each indicator, and how many of them each city has."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from xlcity.workbook.layout.rows import FIRST
from xlcity.workbook.preparations import step_of
from xlcity.workbook.sheets.calculation.populations import NUMBERS
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    Table,
    item_table,
    listed_units,
)
from xlcity.workbook.steps.normalising import Normalising

SHEET = "Statistics"
#: First row of the limits, their column, the row of the headings and that of what they mean.
LIMITS, LIMIT, HEADER, EXPLAINED = 4, 3, 9, 10
#: Share of the indicators below which data are called few.
LEAST = 0.65
#: Label -> the limit that a book begins with.
STARTS = {"skew": SKEW_LIMIT, "kurt": KURT_LIMIT, "share": LEAST, "fence": FENCE}
#: Pillars with columns of their own, at most.
MOST_PILLARS = 12
NARROW, WIDE = 9.5, 12.0
#: Negative values are in the first section, see `ANY_SIZE`.
SIZED = "[<0.01]General;[>=10000]#,##0;#,##0.000"
PERCENT = "0.0%"
#: Statistic -> function, numbers that it needs, and what stands where they are equal; where there
#: are several groups of cities, each is an array.
OF_NUMBERS: dict[str, tuple[str, int, str]] = {
    "mean": ("AVERAGE({})", 1, ""),
    "median": ("MEDIAN({})", 1, ""),
    # Not STDEV.S: a recipe may use STDEV.P, and a workbook that mixes both is suspect.
    "sd": ("SQRT(DEVSQ({})/({n}-1))", 2, "0"),
    "min": ("MIN({})", 1, ""),
    "max": ("MAX({})", 1, ""),
    "skew": ("SKEW({})", 3, '""'),
    "kurt": ("KURT({})", 4, '""'),
    "q1": ("QUARTILE({},1)", 1, ""),
    "q3": ("QUARTILE({},3)", 1, ""),
}


@dataclass(frozen=True)
class _Numbers:
    """The formulas of one indicator in one group of cities."""

    book: Book
    population: str
    code: str

    @cached_property
    def values(self) -> str:
        return self.book.layout.raw.over(self.code, SHEET, "rc")

    @cached_property
    def members(self) -> str:
        return populations_of(self.book.layout).members.ref()

    def count(self, criterion: str) -> str:
        """Return how many values meet a criterion."""
        if not self.book.spec.apart:
            return f"COUNTIF({self.values},{criterion})"
        return f'COUNTIFS({self.members},"{self.population}",{self.values},{criterion})'

    def sum(self, condition: str) -> str:
        """Return how many rows meet a condition, which compares columns or a column and a cell."""
        if self.book.spec.apart:
            return f'SUMPRODUCT(({self.members}="{self.population}")*({condition}))'
        return f"SUMPRODUCT(({condition})*1)"

    def statistic(self, name: str, cells: RowCells) -> str:
        """Return a statistic of the numbers; of several groups from an array with one of them."""
        function, least, equal = OF_NUMBERS[name]
        own = self.values
        if self.book.spec.apart:
            own = f'IF({self.members}="{self.population}",{own},"")'
        value = function.format(own, n=cells.n)
        if equal:
            value = f"IF({varies_condition(cells.min, cells.max)},{value},{equal})"
        return f'IF({cells.n}<{least},"",{value})'

    def treated(self) -> str | None:
        """Return how many values the recipe draws in, transforms or clips; None without a rule."""
        layout, parts = self.book.layout, []
        if step_of(layout.spec, "treat", self.code) is not None:
            prepared = prepare_layout(layout)
            blocks = (prepared.blocks["treat"], prepared.before("treat"))
            parts.append(self.sum("<>".join(b.over(self.code, SHEET, "rc") for b in blocks)))
        normalising = Normalising(layout, self.code)
        if normalising.method == "zscore" and normalising.own.has("clip"):
            limit, low, high = normalising.clipped_ends()
            block = layout.clipped if normalising.again else layout.scores_before_imputing
            scores = block.over(self.code, SHEET, "rc")
            # A z-score that lies on the limit was clipped.
            outside = f"{self.sum(f'{scores}<={low}')}+{self.sum(f'{scores}>={high}')}"
            # A text is larger than any number.
            parts.append(f"IF({limit}>0,{outside}-{self.sum(f'{scores}>1E+300')},0)")
        return "+".join(parts) or None

    def outliers(self, cells: RowCells) -> str:
        """Return how many numbers lie beyond the fences."""
        # A text is larger than any number.
        above = f"{self.sum(f'{self.values}>{cells.high}')}-{self.sum(f'{self.values}>1E+300')}"
        return f'IF({cells.n}=0,"",{self.sum(f"{self.values}<{cells.low}")}+{above})'


def draw(book: Book) -> None:
    """Draw the sheet: limits, a row for each indicator, then availability by city."""
    canvas, spec = titled_sheet(book, SHEET, banner=8), book.spec
    limits = _draw_limits(canvas)
    rows = [_Numbers(book, group, c) for group in spec.populations for c in book.layout.indicators]
    columns, last = _columns(book, limits), EXPLAINED + len(rows)
    table = Table(canvas, HEADER, EXPLAINED + 1, last, columns, items=rows).draw()
    for number, column in enumerate(columns[2:], 3):
        key = f"statistics.{column.name}.note"
        canvas.label(EXPLAINED, number, key, "stub", font_size=8, valign="top")
    _mark_cells(canvas, table, limits)
    _draw_availability(book, canvas, last + 4, limits["share"])
    canvas.close(2, 2)


def _draw_limits(canvas: Canvas) -> dict[str, str]:
    """Write the limits and return their addresses."""
    for row, (name, value) in enumerate(STARTS.items(), LIMITS):
        # Not merged: other programs take the frame off the second of two merged cells.
        canvas.put(row, 1, None, "stub")
        canvas.label(row, 2, f"statistics.limit.{name}", "stub_line")
        canvas.input(row, LIMIT, value, "input_center", "0%" if name == "share" else "0.0#")
    return {name: cell(row, LIMIT, "rc") for row, name in enumerate(STARTS, LIMITS)}


def _columns(book: Book, limits: dict[str, str]) -> tuple[Column, ...]:
    """Return the columns; a statistic without enough numbers, or of equal ones, is empty."""
    no_rule = book.labels.ref("statistics.no_rule")

    def share(cells: RowCells) -> str:
        cities = f'COUNTIF({cells.item.members},"{cells.item.population}")'
        return f'IF({cities}=0,"",{cells.n}/{cities})'

    def zeros(cells: RowCells) -> str:
        return f'IF({cells.n}=0,"",{cells.item.count("0")}/{cells.n})'

    def fence(cells: RowCells, from_quartile: str) -> str:
        return f'IF({cells.n}=0,"",{from_quartile}{limits["fence"]}*({cells.q3}-{cells.q1}))'

    def column(name: str, formula: Formula, number: str = SIZED, width: float = WIDE) -> Column:
        role = "calculation_center" if number == "0" else "calculation"
        array = book.spec.apart and name in OF_NUMBERS
        return Column(name, f"statistics.{name}", formula, role, number, width, array=array)

    def statistic(name: str, *shown: Any) -> Column:
        return column(name, lambda cells: cells.item.statistic(name, cells), *shown)

    population = column("population", lambda cells: f'"{cells.item.population}"', "@", NARROW)
    remark = column("remark", lambda cells: _remark(book, cells, limits), "@", 26)
    return (
        Column("code", "framework.code", role="stub_code", width=16,
               value=lambda cells: cells.item.code),
        Column("name", "framework.display", width=34, role="name", style={"font_size": 9},
               formula=lambda cells: book.layout.framework_cell(cells.item.code, "display")),
        *((population,) if book.spec.apart else ()),
        column("n", lambda cells: cells.item.count(NUMBERS), "0", NARROW),
        column("share", share, PERCENT, NARROW),
        *(statistic(name) for name in ("mean", "median", "sd", "min", "max")),
        *(statistic(name, "0.00", NARROW) for name in ("skew", "kurt")),
        column("zeros", zeros, PERCENT, NARROW),
        *(statistic(name) for name in ("q1", "q3")),
        column("low", lambda cells: fence(cells, f"{cells.q1}-")),
        column("high", lambda cells: fence(cells, f"{cells.q3}+")),
        column("outliers", lambda cells: cells.item.outliers(cells), "0", NARROW),
        column("treated", lambda cells: cells.item.treated() or no_rule, "0", NARROW),
        replace(remark, style={"font_size": 9, "text_wrap": True}),
    )  # fmt: skip


def _skewed(cells: RowCells, limits: dict[str, str]) -> str:
    return (
        f"AND(ABS(N({cells.skew}))>={limits['skew']}-1E-10,N({cells.kurt})>={limits['kurt']}-1E-10,"
        f"COUNT({cells.skew},{cells.kurt})=2)"
    )


def _remark(book: Book, cells: RowCells, limits: dict[str, str]) -> str:
    """Return the formula of the remark on an indicator: no or few numbers, constant, skewed."""
    none, few, constant, skewed = (
        book.labels.ref(f"statistics.{name}") for name in ("none", "few", "constant", "skewed")
    )
    less = f'IF({cells.share}<{limits["share"]},{few}&" ","")'
    shape = f'IF({_skewed(cells, limits)},{skewed},"")'
    shape = f"IF({varies_condition(cells.min, cells.max)},{shape},{constant})"
    return f"IF({cells.n}=0,{none},TRIM({less}&{shape}))"


def _mark_cells(canvas: Canvas, table: Table, limits: dict[str, str]) -> None:
    """Mark the statistics that the remarks name."""
    first = RowCells(table, table.first)
    share = first.share
    for area, criteria, mark in (
        (table.area("skew", "kurt"), _skewed(first, limits), "note"),
        (table.area("share"), f"AND(ISNUMBER({share}),{share}<{limits['share']})", "note"),
        (table.area("remark"), f'{first.remark}<>""', "note"),
        (table.area("outliers"), f"N({first.outliers})>0", "derived"),
        (table.area("treated"), f"N({first.treated})>0", "derived"),
    ):
        canvas.mark(area, criteria, mark)


def _draw_availability(book: Book, canvas: Canvas, header: int, least: str) -> None:
    """Write the share of the indicators, of all and of each pillar, that each city has."""
    framework, layout = book.spec.framework, book.layout
    root = framework.root.code
    pillars = [c.code for c in framework.children(root) if not framework.is_indicator(c.code)]
    nodes = (root, *(pillars if 1 < len(pillars) <= MOST_PILLARS else ()))

    def of_city(cells: RowCells, formula: str) -> str:
        return f'IF({layout.population(FIRST + cells.slot)}="","",{formula})'

    def count(cells: RowCells, code: str) -> str:
        codes = tuple(leaf.code for leaf in framework.leaves_below(code))
        return f"COUNT({layout.raw.counted(codes, FIRST + cells.slot, '')})"

    def share_of(code: str) -> Formula:
        size = len(framework.leaves_below(code))
        return lambda cells: of_city(cells, f"{count(cells, code)}/{size}")

    few = [(f"AND(ISNUMBER({{0}}),{{0}}<{least})", "note")]
    canvas.label(header - 1, 1, "availability.cities", "section")
    item_table(canvas, header, range(layout.slots), (
        *listed_units(16, 34),
        Column("n", "statistics.n", lambda cells: of_city(cells, count(cells, root)),
               "calculation_center", "0"),
        *(Column(code, "statistics.share" if code == root else "", share_of(code),
                 "calculation_center", PERCENT, marks=few,
                 head="" if code == root else layout.framework_cell(code, "display"))
          for code in nodes),
    )).draw()  # fmt: skip
