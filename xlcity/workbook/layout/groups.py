"""Where the statistics of populations stand, and how a city's formulas read those of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.prepared import prepare_layout
from xlcity.workbook.layout.rows import (
    FIRST,
    INDEX,
    NUMBER_COLUMN,
    POOL_COLUMN,
    POPULATION_COLUMN,
)
from xlcity.workbook.steps.method_table import methods_of, step_of

SHEET = "Populations"
#: Rows: name of each statistic, population, whose numbers mean and deviation are taken of, size.
NAMES, POPULATION, POOL, SIZE, FIRST_ROW = 4, 5, 6, 7, 9
#: Bounds of methods other than z-scores, which take mean and deviation; what equal values score.
BOUNDS = ("low", "high", "span", "tie")
#: First of the header rows of `Index` in which columns show what their formulas read, and last.
FIRST_ABOVE, LAST_ABOVE = 7, 14
LEFT = 3
#: Sections from top to bottom.
SECTIONS = ("raw", "normalised", "aggregates", "scores")


@dataclass(frozen=True)
class Populations:
    """Addresses of one template's statistics by population."""

    layout: Layout

    @property
    def names(self) -> tuple[str, ...]:
        """The populations."""
        return self.layout.spec.populations

    def block(self, section: str) -> Block:
        """Return the cells that a section is about."""
        blocks = {"raw": prepare_layout(self.layout).last, "normalised": self.layout.normalised}
        blocks |= {"aggregates": self.layout.aggregates, "scores": self.layout.scores}
        return blocks[section]

    @cached_property
    def statistics(self) -> tuple[str, ...]:
        """A statistic has a column for each population."""
        bounds = BOUNDS if methods_of(self.layout.spec) - {"zscore"} else BOUNDS[2:3]
        return ("n", "mean", "sd", "min", "max", *bounds, "complete", "why")

    @property
    def has_pools(self) -> bool:
        """Whether a population may be standardised by the numbers of another."""
        return "zscore" in methods_of(self.layout.spec)

    @cached_property
    def tops(self) -> dict[str, int]:
        """First row of each section."""
        found, row = {}, FIRST_ROW
        for section in SECTIONS:
            found[section] = row + 1
            row += len(self.block(section).codes) + 2
        return found

    def row(self, section: str, code: str) -> int:
        """Return the row of a node in a section."""
        return self.tops[section] + self.block(section).codes.index(code)

    @property
    def last(self) -> int:
        """The last row."""
        return self.tops["scores"] + len(self.layout.composites) - 1

    def column(self, statistic: str, place: int = 0) -> int:
        """Return the column of a statistic for the population at a place."""
        return LEFT + self.statistics.index(statistic) * len(self.names) + place

    @property
    def right(self) -> int:
        """The last column."""
        return self.column(self.statistics[-1], len(self.names) - 1)

    def at(self, section: str, code: str, statistic: str, place: int, home: str = "") -> str:
        """Return the address of one statistic of one population."""
        return self._ref(self.row(section, code), self.column(statistic, place), home)

    def header(self, row: int, place: int, home: str = "") -> str:
        """Return the address of a population's entry in a row of the header."""
        return self._ref(row, LEFT + place, home)

    def _ref(self, row: int, column: int, home: str) -> str:
        text = cell(row, column, "rc")
        return text if home == SHEET else f"{SHEET}!{text}"

    def over(self, section: str, code: str, statistic: str) -> str:
        """Return the cells of a statistic, one for each population."""
        row = self.row(section, code)
        return Area(
            SHEET, row, self.column(statistic), row, self.column(statistic, len(self.names) - 1)
        ).ref()

    def own(self, section: str, code: str, statistic: str, number: str) -> str:
        """Return a statistic of the population with a number."""
        return f"INDEX({self.over(section, code, statistic)},1,{number})"

    def header_statistics(self, section: str, code: str) -> tuple[str, ...]:
        """Return the statistics that stand above a column of `Index`, as far as there are rows."""
        if section == "raw":
            zscore = step_of(self.layout.spec, code).method == "zscore"
            names: tuple[str, ...] = ("mean", "sd") if zscore else ("low", "span")
        else:
            names = (*(("min", "span") if self.layout.spec.rescales else ()), "complete")
        return names[: (LAST_ABOVE - FIRST_ABOVE + 1) // len(self.names)]

    def header_rows(self, section: str, code: str, statistic: str) -> range:
        """Return the header rows of a statistic, one for each population."""
        first = FIRST_ABOVE + self.header_statistics(section, code).index(statistic) * len(
            self.names
        )
        return range(first, first + len(self.names))

    def in_header(self, section: str, code: str, statistic: str, column: int, row: int) -> str:
        """Return a statistic of the population of a row of `Index`, from above the column."""
        number = self.number(row, INDEX)
        if statistic not in self.header_statistics(section, code):
            return self.own(section, code, statistic, number)
        rows = self.header_rows(section, code, statistic)
        return f"INDEX({cell(rows[0], column, 'r')}:{cell(rows[-1], column, 'r')},{number})"

    def pooled(self) -> str:
        """Return the cells that tell whose statistics each population takes."""
        return Area(SHEET, POOL, LEFT, POOL, LEFT + len(self.names) - 1).ref()

    def _city_column(self, column: int) -> Area:
        return Area(INDEX, FIRST, column, self.layout.last, column)

    @property
    def members(self) -> Area:
        """The population of every unit row."""
        return self._city_column(POPULATION_COLUMN)

    @property
    def pools(self) -> Area:
        """Whose statistics every unit row is measured by."""
        return self._city_column(POOL_COLUMN)

    @property
    def numbers(self) -> Area:
        """The number of every unit row's population."""
        return self._city_column(NUMBER_COLUMN)

    def number(self, row: int, home: str = "") -> str:
        """Return the number of a unit row's population, "" where it has none."""
        text = cell(row, NUMBER_COLUMN, "c")
        return text if home == INDEX else f"{INDEX}!{text}"

    def ranking_sheet(self, place: int) -> str:
        """Return the sheet that lists a population in order."""
        return "Ranking" if place == 0 else f"Ranking{self.names[place].title()}"


@lru_cache(maxsize=4)
def populations_of(layout: Layout) -> Populations:
    """Return the addresses of a template, worked out once: every cell may ask for them."""
    return Populations(layout)
