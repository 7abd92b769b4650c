"""Where networks typed as a matrix stand: the square of ties, and the rounds of a vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xlcity.model.dataset import Link, Status
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import IN_CODE, IN_FIRST, INVENTED_ROW
from xlcity.workbook.spec import TemplateSpec

#: Columns left of the matrix and its first one; `HEADS` names what stands above the cities.
ID = 1
NAME = 2
COUNTED = 3
STRENGTH = 4
NATIVE = 5
HEADS = 6
LEFT = 8
#: Rows of the matrix sheet above the ids: what its columns sum to, whether its rows do, who counts.
SUMS = 6
UNEVEN = 7
FLAGS = 8
#: Of the sheet of rounds: row of the sums, columns of cities and of round 0. A city has the row
#: that it has in the matrix.
TOTAL = 8
MEMBER = 3
OWN = 4
ROUND = 7
#: What is said above the rounds: row and column.
SUMMARY = {
    "rounds": (3, 2),
    "eigenvalue": (4, 2),
    "residual": (5, 2),
    "exact": (6, 2),
    "shift": (3, 5),
    "added": (4, 5),
    "length": (5, 5),
}
#: Rounds of a power iteration where the recipe does not say.
ROUNDS = 60
#: Rounds of a small network: so many at most, and no more cells than these.
MOST = 80
CELLS = 4800
#: The vector is exact where what it lacks is below this part of the eigenvalue.
EXACT = 1e-12


@dataclass(frozen=True)
class NetworkLayout:
    """Addresses of one network."""

    layout: Layout
    code: str
    #: The column of the first city in the matrix.
    left: ClassVar[int] = LEFT

    @property
    def step(self) -> Step:
        """The step that makes the indicator."""
        return self.layout.construct_of(self.code)

    @property
    def sheet(self) -> str:
        """The sheet with the matrix."""
        return f"Matrix{self.code}"

    @property
    def rounds_sheet(self) -> str:
        """The sheet with the rounds of the vector."""
        return f"Centrality{self.code}"

    @property
    def first(self) -> int:
        """The row of the first city in the matrix."""
        return IN_FIRST

    def counted(self, row: int) -> str:
        """Return the formula that tells whether the city in a row of the rounds counts."""
        return f"{self.sheet}!{cell(row, COUNTED, Fix.COLUMN)}"

    @property
    def weighted(self) -> str:
        """Whether ties count by their strength; a name would be looked up anew in every cell."""
        return f"{self.sheet}!{cell(5, COUNTED, Fix.BOTH)}"

    @property
    def iterated(self) -> bool:
        """Whether the indicator is an eigenvector."""
        return self.layout.construction_of(self.code).is_iterated

    @property
    def right(self) -> int:
        """The last column of the matrix."""
        return LEFT + self.layout.slots - 1

    @property
    def matrix(self) -> Area:
        """The square of ties."""
        return Area(
            self.sheet, r1=IN_FIRST, c1=LEFT, r2=self.layout.in_last, c2=self.right
        )

    def column(self, slot: int) -> Area:
        """Return the column of one city in the matrix, which is its row: a matrix is even."""
        last = self.first + self.layout.slots - 1
        return Area.of_column(self.sheet, self.left + slot, self.first, last)

    def down(self, column: int) -> Area:
        """Return a column over the rows of the cities."""
        return Area.of_column(self.sheet, column, IN_FIRST, self.layout.in_last)

    def across(self, row: int) -> Area:
        """Return one of the rows above the matrix."""
        return Area.of_row(self.sheet, row, LEFT, self.right)

    @property
    def table(self) -> Area:
        """Ids and ties: column A to the last column, id row to the last row."""
        return Area(
            self.sheet, r1=IN_CODE, c1=ID, r2=self.layout.in_last, c2=self.right
        )

    @property
    def filled(self) -> str:
        """The number of cells that hold a number."""
        return f"{self.sheet}!{cell(4, COUNTED, Fix.BOTH)}"

    @property
    def shipped_left(self) -> int:
        """First column of the invented ties that the template ships with, above the diagonal."""
        return self.right + 5

    @property
    def invented(self) -> str:
        """The number of ties that are still the invented ones."""
        return f"{self.sheet}!{cell(INVENTED_ROW, self.shipped_left - 1, Fix.BOTH)}"

    @property
    def rounds(self) -> int:
        """Rounds of the iteration; few cities get more: they need them, and cost less."""
        return max(
            int(self.step.number("rounds", ROUNDS)),
            min(MOST, CELLS // self.layout.slots),
        )

    def over(self, column: int) -> Area:
        """Return a column of the sheet of rounds over the rows of the cities."""
        return Area.of_column(self.rounds_sheet, column, IN_FIRST, self.layout.in_last)

    def summary(self, name: str, home: str = "") -> str:
        """Return the cell with what is said of the vector above the rounds."""
        address = cell(*SUMMARY[name], Fix.BOTH)
        return (
            address if home == self.rounds_sheet else f"{self.rounds_sheet}!{address}"
        )

    def vector(self, slot: int, *without: str) -> str:
        """Return the formula of a city's part of the vector of length 1, "" under conditions."""
        last = f"{self.rounds_sheet}!{cell(IN_FIRST + slot, ROUND + self.rounds + 1, Fix.COLUMN)}"
        length = self.summary("length")
        return f'IF(OR({",".join((*without, f"{length}=0"))}),"",{last}/{length})'


def invented_links(spec: TemplateSpec, code: str) -> tuple[Link, ...]:
    """Return the invented ones among the links that a template ships with."""
    shipped = spec.defaults.links.get(code, ()) if spec.defaults is not None else ()
    return tuple(link for link in shipped if link.basis == Status.SYNTHETIC)


def networks(layout: Layout) -> tuple[NetworkLayout, ...]:
    """Return the networks that are typed as a matrix, in tree order."""
    layouts = (
        NetworkLayout(layout, c)
        for c in layout.constructed
        if c in layout.spec.matrices
    )
    return tuple(
        network
        for network in layouts
        if layout.construction_of(network.code).centrality
    )
