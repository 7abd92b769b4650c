"""Where the statistics of populations stand, and how a city's formulas read those of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from xlcity.methods.normalise.record import NativeNormalisation
from xlcity.workbook.drawing.grid import Area, Block, Fix
from xlcity.workbook.layout.layout import Layout, index_cell
from xlcity.workbook.layout.rows import (
    FIRST,
    INDEX,
    NUMBER_COLUMN,
    POOL_COLUMN,
    POPULATION_COLUMN,
    ROW_LOW,
)
from xlcity.workbook.methods_in_cells import normalisation_of

#: First of the header rows of `Index` in which columns show what their formulas read, and last;
#: where groups have a limit in common, it stands behind them.
FIRST_ABOVE = 7
LAST_ABOVE = 14
LAST_ABOVE_LIMIT = ROW_LOW
#: What is standardised, its scores, nodes before rescaling and after it.
SECTIONS = ("raw", "normalised", "aggregates", "scores")
#: Statistics in the order of the rows below the cities.
BELOW = (
    "n",
    "min",
    "max",
    "mean",
    "sd",
    "low",
    "span",
    "high",
    "tie",
    "computed",
    "complete",
    "average",
)


def _city_column(column: int) -> cached_property[Area]:
    """Return a property: a column of `Index` over the unit rows."""

    def area(populations: Populations) -> Area:
        return Area.of_column(INDEX, column, FIRST, populations.layout.last)

    return cached_property(area)


@dataclass(frozen=True)
class Populations:
    """Addresses of one template's statistics by population.

    Each has a row for each population: above its column of `Index` what formulas of cities read,
    below the cities what that is made of, and what has no room above.
    """

    layout: Layout

    @property
    def names(self) -> tuple[str, ...]:
        """The populations."""
        return self.layout.spec.populations

    # -- The populations themselves, above the columns about a city ---------------------------
    @cached_property
    def first(self) -> int:
        """The row of the first population; many of them stand below the cities."""
        has_room = len(self.names) <= LAST_ABOVE - FIRST_ABOVE + 1
        return FIRST_ABOVE if has_room else self.layout.last + 3

    def population_cell(self, column: int, position: int, home: str = "") -> str:
        """Return what a column about cities tells of a population: name, size, or pool."""
        return index_cell(self.first + position, column, Fix.BOTH, home)

    def name(self, position: int, home: str = "") -> str:
        """Return the cell with the name of a population."""
        return self.population_cell(POPULATION_COLUMN, position, home)

    def size(self, position: int, home: str = "") -> str:
        """Return the cell that tells how many cities a population has."""
        return self.population_cell(NUMBER_COLUMN, position, home)

    def each(self, column: int) -> Area:
        """Return the cells of such a column, one for each population."""
        return Area.of_column(
            INDEX, column, self.first, self.first + len(self.names) - 1
        )

    # -- Statistics ----------------------------------------------------------------------------
    def block(self, section: str) -> Block:
        """Return the block above and below which a section's statistics stand."""
        blocks = {
            "raw": self.layout.scores_before_imputing,
            "normalised": self.layout.normalised,
        }
        blocks |= {"aggregates": self.layout.aggregates, "scores": self.layout.scores}
        return blocks[section]

    def statistics(self, section: str, code: str) -> tuple[str, ...]:
        """Return the statistics of a column, first those that its cities read."""
        if section == "raw":
            statistics = self._native(code).group_statistics
            return (*statistics.above, *statistics.below)
        if section == "normalised":
            return ("computed", "average")
        if section == "scores":
            return ("max", "computed", "average")
        return ("min", "span", "complete", "max", "computed")

    def _native(self, code: str) -> NativeNormalisation:
        """Return how an indicator is normalised in cells."""
        return normalisation_of(self.layout.spec, code).native

    def above(self, section: str, code: str) -> tuple[str, ...]:
        """Return the statistics that stand above a column, as far as there are rows."""
        names = self.statistics(section, code)
        last = LAST_ABOVE
        if section in ("normalised", "scores"):
            return ()
        read = names[:3]
        if section == "raw":
            native = self._native(code)
            read = native.group_statistics.above
            last = LAST_ABOVE_LIMIT if native.is_high_common else LAST_ABOVE
        return read[: (last - FIRST_ABOVE + 1) // len(self.names)]

    @cached_property
    def below(self) -> tuple[str, ...]:
        """The statistics that stand below the cities."""
        names: set[str] = set()
        for section in SECTIONS:
            for code in self.block(section).codes:
                above = self.above(section, code)
                names.update({*self.statistics(section, code)}.difference(above))
        return tuple(name for name in BELOW if name in names)

    @property
    def first_below(self) -> int:
        """The first row of the statistics below the cities, below their heading."""
        table = 0 if self.first == FIRST_ABOVE else len(self.names) + 1
        return self.layout.last + 3 + table

    @property
    def last(self) -> int:
        """The last row of `Index`."""
        return self.first_below + len(self.below) * len(self.names) - 1

    def row(
        self,
        section: str,
        code: str,
        statistic: str,
        position: int = 0,
    ) -> int:
        """Return the row of a statistic of a population."""
        key = section, code, statistic
        if key not in self._first_rows:
            above = self.above(section, code)
            first = FIRST_ABOVE
            names = above
            if statistic not in above:
                first = self.first_below
                names = self.below
            self._first_rows[key] = first + names.index(statistic) * len(self.names)
        return self._first_rows[key] + position

    @cached_property
    def _first_rows(self) -> dict[tuple[str, str, str], int]:
        """Rows already found: section, code, statistic -> that of the first population."""
        return {}

    def at(
        self, section: str, code: str, statistic: str, position: int, home: str = ""
    ) -> str:
        """Return the address of one statistic of one population."""
        row = self.row(section, code, statistic, position)
        column = self.block(section).column(code)
        return index_cell(row, column, Fix.ROW, home)

    def own(
        self, section: str, code: str, statistic: str, number: str, home: str = ""
    ) -> str:
        """Return a statistic of the population with a number."""
        row = self.row(section, code, statistic)
        column = self.block(section).column(code)
        each = Area.of_column(INDEX, column, row, row + len(self.names) - 1)
        return f"INDEX({each.ref(Fix.ROW, home)},{number})"

    # -- Columns about a city ------------------------------------------------------------------
    #: The population of every unit row.
    members = _city_column(POPULATION_COLUMN)
    #: Whose statistics every unit row is measured by.
    pools = _city_column(POOL_COLUMN)
    #: The number of every unit row's population.
    numbers = _city_column(NUMBER_COLUMN)

    def number(self, row: int, home: str = "") -> str:
        """Return the number of a unit row's population, "" where it has none."""
        return index_cell(row, NUMBER_COLUMN, Fix.COLUMN, home)

    def ranking_sheet(self, position: int) -> str:
        """Return the sheet that lists a population in order."""
        return "Ranking" if position == 0 else f"Ranking{self.names[position].title()}"


@lru_cache(maxsize=4)
def populations_of(layout: Layout) -> Populations:
    """Return the addresses of a template, worked out once: every cell may ask for them."""
    return Populations(layout)
