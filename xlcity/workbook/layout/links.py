"""Where links stand: the long table on `Links`, the matrices made of it, networks and pairs.

`Links` is the user's to sort, extend and paste into: other sheets name whole columns of it only,
header row to closing row, and find their lines by key.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from xlcity.model.recipe import link_codes
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.networks import NetworkLayout, networks
from xlcity.workbook.layout.rows import FIRST

#: Columns of the long table, and of the lines as shipped beside it.
COLUMNS = ("code", "from", "to", "value", "basis", "message")
CODE, FROM, TO, VALUE, BASIS, MESSAGE, KEY, COUNTED = range(1, 9)
LINE = 10
#: Columns of the table of indicators above it.
TABLE = (
    "code",
    "name",
    "flow",
    "count",
    "pair_count",
    "lines",
    "filled",
    "faults",
    "synthetic",
)
TABLE_FIRST = 7
#: Lines beyond those of a full table.
SPARE_LINES = 200
#: Rows of a block of `Matrices` above its cities, and columns left of them.
BLOCK_HEAD = 3
LEFT = 4


@dataclass(frozen=True)
class LinkLayout:
    """Addresses of links in a template."""

    layout: Layout

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Indicators made from links in the long table, in tree order."""
        spec = self.layout.spec
        codes = link_codes(spec.framework, spec.recipe)
        return tuple(code for code in codes if code not in spec.matrices)

    @cached_property
    def eigenvectors(self) -> tuple[str, ...]:
        """The indicators that are vectors found round by round."""
        return tuple(
            code for code in self.codes if self.layout.construction_of(code).is_iterated
        )

    @cached_property
    def group(self) -> str:
        """The attribute inside whose groups links are domestic, "" for none."""
        steps = [self.layout.construct_of(code) for code in self.codes]
        steps += self.layout.spec.recipe.steps_doing("pairs")
        return max((str(step.get("group", "")) for step in steps), default="")

    # -- Links ---------------------------------------------------------------------------------
    @property
    def header(self) -> int:
        """Row of the column names of the long table."""
        return TABLE_FIRST + len(self.codes) + 3

    @cached_property
    def lines(self) -> int:
        """Lines of the long table: a full table of the units, or what is there, and some more."""
        spec = self.layout.spec
        n = len(spec.dataset.units) + 1
        full = 0
        for code in self.codes:
            is_directed = self.layout.construct_of(code).text("flow") == "directed"
            full += n * (n - 1) // (1 if is_directed else 2)
        sources = [spec.dataset, *([spec.defaults] if spec.defaults else [])]
        there = max(sum(map(len, source.links.values())) for source in sources)
        return max(full, there) + SPARE_LINES

    @property
    def closing(self) -> int:
        """Row that ends the columns, below an empty one."""
        return self.header + self.lines + 2

    def column(self, column: int) -> Area:
        """Return a whole column of the long table, header row to closing row."""
        return Area.of_column("Links", column, self.header, self.closing)

    def table_row(self, code: str) -> int:
        """Return the row of an indicator in the table above."""
        return TABLE_FIRST + self.codes.index(code)

    def table_cell(self, code: str, name: str) -> str:
        """Return the address of an indicator's entry in the table above."""
        return f"Links!{cell(self.table_row(code), TABLE.index(name) + 1, Fix.BOTH)}"

    def table_column(self, name: str) -> Area:
        """Return a whole column of the table above."""
        column = TABLE.index(name) + 1
        last = TABLE_FIRST + len(self.codes) - 1
        return Area.of_column("Links", column, TABLE_FIRST, last)

    # -- Matrices ------------------------------------------------------------------------------
    @property
    def right(self) -> int:
        """Last column of the matrices."""
        return LEFT + self.layout.slots - 1

    @property
    def strength_column(self) -> int:
        """Column of the strengths; the numbers of partners stand beside."""
        return self.right + 2

    def top(self, code: str) -> int:
        """Return the first row of an indicator's block; "" is the block of what counts."""
        blocks_above = 0
        if code:
            blocks_above = self.codes.index(code) + bool(self.group)
        return 4 + blocks_above * (self.layout.slots + BLOCK_HEAD + 1)

    def first(self, code: str) -> int:
        """Return the row of the first city in a block."""
        return self.top(code) + BLOCK_HEAD

    def matrix(self, code: str) -> Area:
        """Return the square of a block."""
        first = self.first(code)
        return Area(
            "Matrices",
            r1=first,
            c1=LEFT,
            r2=first + self.layout.slots - 1,
            c2=self.right,
        )

    def unit_column(self, code: str, column: int) -> Area:
        """Return one of the columns beside a block over its cities."""
        matrix = self.matrix(code)
        return Area.of_column("Matrices", column, matrix.r1, matrix.r2)


def iterated(layout: Layout) -> tuple[NetworkLayout, ...]:
    """Return the networks whose vector is found round by round."""
    typed = tuple(network for network in networks(layout) if network.iterated)
    linked = (LinkNetwork(layout, code) for code in LinkLayout(layout).eigenvectors)
    return (*typed, *linked)


@dataclass(frozen=True)
class LinkNetwork(NetworkLayout):
    """A network whose square is a block of `Matrices`, made of the lines on `Links`."""

    left = LEFT
    #: The sheet with the block.
    sheet = "Matrices"

    @property
    def rounds_sheet(self) -> str:
        """The sheet with the rounds of the vector."""
        number = LinkLayout(self.layout).eigenvectors.index(self.code) + 1
        return f"LinkCentrality{number}"

    @property
    def first(self) -> int:
        """The row of the first city in the block."""
        return LinkLayout(self.layout).first(self.code)

    def counted(self, row: int) -> str:
        """Return the formula that tells whether the city in a row of the rounds counts."""
        return f'IF({cell(row, 1, Fix.COLUMN)}="",0,1)'

    @property
    def weighted(self) -> str:
        """Whether ties count by their strength."""
        return LinkLayout(self.layout).table_cell(self.code, "count")

    @property
    def filled(self) -> str:
        """The number of lines that give the network a value."""
        return LinkLayout(self.layout).table_cell(self.code, "filled")

    def value(self, slot: int) -> str:
        """Return the formula of a city's centrality: none where a tie is negative."""
        unit = f"Matrices!{cell(self.first + slot, 1, Fix.COLUMN)}"
        matrix = LinkLayout(self.layout).matrix(self.code).ref()
        return self.vector(slot, f'{unit}=""', f'COUNTIF({matrix},"<0")>0')


#: Columns of `Pairs` left of the blocks: id of the pair, its names, the places of both cities.
PAIR_LEFT = 6
ID = 1
NAME = 2
ONE = 3
OTHER = 4


@dataclass(frozen=True)
class PairLayout:
    """Addresses of pairs in a template."""

    layout: Layout

    @cached_property
    def slots(self) -> tuple[tuple[int, int], ...]:
        """Any two unit rows, counted from 0, the earlier one first."""
        return tuple(combinations(range(self.layout.slots), 2))

    @property
    def last(self) -> int:
        """Last row of the pairs."""
        return FIRST + len(self.slots) - 1

    #: What counts of the links of each indicator.
    strengths = block_on("Pairs", "layout.indicators", left=PAIR_LEFT, last="last")
    #: The same on one scale, over all pairs.
    normalised = block_on("Pairs", "layout.indicators", after="strengths", last="last")
    #: Composite nodes of the pairs.
    scores = block_on("Pairs", "layout.from_below", after="normalised", last="last")
    #: Rounded scores that ranks are taken from.
    keys = block_on("Pairs", "layout.from_below", after="scores", last="last")
    #: Ranks among the pairs.
    ranks = block_on("Pairs", "layout.from_below", after="keys", last="last")
