"""Rows, columns and addresses of the tables of `Correlation`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from xlcity.assess.statistics import HIGH, LOW, NEGATIVE
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import CODE, FIRST
from xlcity.workbook.sheets.calculation.populations import NUMBERS
from xlcity.workbook.sheets.table import Column, RowCells, Table, item_table
from xlcity.workbook.spec import TemplateSpec

SHEET = "Correlation"
#: First row of the limits, rows of the choosers, first row of the matrices.
LIMITS, GROUP, MEMBERS, MATRICES = 4, 8, 9, 11
#: Label -> limit that a book begins with.
STARTS = {"low": LOW, "high": HIGH, "negative": NEGATIVE}
NAME, WIDTH, SMALL = 30.0, 18.0, 9.0
#: Ranks are taken over the cities of each pair up to so many children, else over those with all.
PAIRED = 8
#: Sums of a pair: of the first and the second, of their squares and of their products.
SUMS = ("x", "y", "xx", "yy", "xy")


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two nodes, and the node that both are children of; "" for a node and one above it."""

    group: str
    first: str
    second: str


def find_families(spec: TemplateSpec) -> dict[str, tuple[str, ...]]:
    """Return the nodes with several children, each with these children."""
    tree = spec.framework
    families = {
        node.code: tuple(c.code for c in tree.children(node.code)) for node in tree.composites
    }
    return {code: children for code, children in families.items() if len(children) > 1}


def list_pairs(spec: TemplateSpec) -> list[_Pair]:
    """Return the pairs of siblings, then each node with those above it."""
    tree = spec.framework
    pairs = [
        _Pair(group, first, second)
        for group, children in find_families(spec).items()
        for index, first in enumerate(children)
        for second in children[index + 1 :]
    ]
    pairs += [
        _Pair("", node.code, above.code)
        for node in tree.tree_order
        for above in tree.path(node.code)[-2::-1]
    ]
    return pairs


@dataclass(frozen=True)
class CorrelationTables:
    """Addresses of one template: lists of pairs, matrices of the chosen node, workings beside."""

    book: Book
    canvas: Canvas

    @cached_property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Nodes with several children -> these children."""
        return find_families(self.book.spec)

    @cached_property
    def size(self) -> int:
        """Most children of a node."""
        return max(len(children) for children in self.families.values())

    @property
    def names_right(self) -> int:
        """Column of the names of the matrices on the right."""
        return self.size + 2

    @property
    def left(self) -> int:
        """First column of the workings, in the rows of the cities."""
        return max(2 * self.size + 2, 8) + 2

    @cached_property
    def ranked(self) -> tuple[tuple[int, int], ...]:
        """Columns of ranks: of a child, over the cities of another, -1 for those with all."""
        size = range(self.size)
        if self.size > PAIRED:
            return tuple((child, -1) for child in size)
        return tuple((child, partner) for child in size for partner in size if child != partner)

    @cached_property
    def chosen(self) -> str:
        """Address of the code of the chosen node; its position and number of children follow."""
        return cell(GROUP, self.left, "rc")

    @property
    def position(self) -> str:
        """Address of the chosen node's position among those with several children."""
        return cell(GROUP, self.left + 1, "rc")

    @property
    def children(self) -> str:
        """Address of the number of its children."""
        return cell(GROUP, self.left + 2, "rc")

    @property
    def population(self) -> str:
        """Address of the group of cities, where there are several."""
        return cell(MEMBERS, 2, "rc")

    def slot(self, index: int, row: int = FIRST - 6) -> str:
        """Return a cell above a child's column: its code, its positions, the tolerance of ties."""
        return cell(row, self.left + index, "rc")

    def over(self, column: int) -> str:
        """Return a column of the workings over all cities."""
        return self.canvas.range(FIRST, column, self.book.layout.last)

    def values(self, index: int) -> str:
        """Return the values of a child over all cities."""
        return self.over(self.left + index)

    @property
    def complete(self) -> int:
        """Column with a 1 for cities that have all children."""
        return self.left + self.size

    @property
    def own(self) -> int:
        """First column of the ranks of each child among all its numbers."""
        return self.complete + 1 + len(self.ranked)

    @property
    def standardised(self) -> int:
        """Column with the sums of the children of a city, each as wide as the others."""
        return self.own + self.size

    def ranks(self, child: int, partner: int) -> str:
        """Return the ranks of a child among the cities that have another one."""
        key = (child, -1) if self.size > PAIRED else (child, partner)
        return self.over(self.complete + 1 + self.ranked.index(key))

    @cached_property
    def limits(self) -> dict[str, str]:
        """Addresses of the limits."""
        return {name: cell(row, 2, "rc") for row, name in enumerate(STARTS, LIMITS)}

    @cached_property
    def members(self) -> Table:
        """The children of every node that has several, as static codes."""

        def child(index: int) -> Callable[[RowCells], object]:
            return lambda cells: cells.item[1][index] if index < len(cells.item[1]) else None

        left = self.standardised + 2
        columns = [
            Column("group", "correlation.group", value=lambda cells: cells.item[0], role="id")
        ]
        columns += [
            Column(f"child{index}", value=child(index), role="id") for index in range(self.size)
        ]
        return item_table(self.canvas, CODE, [*self.families.items()], columns, left=left)

    @cached_property
    def nodes(self) -> Table:
        """How many numbers each node has: siblings below one another."""
        root = self.book.spec.framework.root.code
        tree = self.book.spec.framework
        order = [root, *(c.code for node in tree.composites for c in tree.children(node.code))]

        columns = (
            Column("code", "framework.code", value=lambda cells: cells.item, role="id"),
            Column("n", "statistics.n", lambda cells: self.counted(cells.item), "id"),
        )
        return item_table(self.canvas, CODE, order, columns, left=self.members.right + 2)

    @cached_property
    def sums(self) -> Table:
        """Codes of each pair of siblings, and sums over the cities that have both numbers."""

        def sum_of(*names: str) -> Callable[[RowCells], str]:
            def formula(cells: RowCells) -> str:
                x, y = self.column(cells.item.first), self.column(cells.item.second)
                values = ",".join({"x": x, "y": y}[name] for name in names)
                other = {"x": y, "y": x}[names[0]]
                # A text is above every number; in a sum of products it counts as 0.
                return f"SUMPRODUCT({values},({other}<1E+300)*1{self.scored})"

            return formula

        def key(cells: RowCells) -> object:
            return f"{cells.item.first}|{cells.item.second}" if cells.item.group else None

        columns = [Column("key", value=key, role="id")]
        columns += [Column(name, "", sum_of(*name), "id", helper=True) for name in SUMS]
        rows, first = list_pairs(self.book.spec), self.listed + 1
        return Table(self.canvas, self.listed, first, first + len(rows) - 1, tuple(columns),
                     self.nodes.right + 2, items=rows)  # fmt: skip

    def column(self, code: str) -> str:
        """Return the scores of a node, or the normalised values of an indicator."""
        layout = self.book.layout
        leaf = self.book.spec.framework.is_indicator(code)
        return (layout.normalised if leaf else layout.scores).over(code, SHEET, "rc")

    @property
    def scored(self) -> str:
        """Condition, as a factor of sums, that a city is in the chosen group of cities."""
        if not self.book.spec.apart:
            return ""
        return f"*({populations_of(self.book.layout).members.ref()}={self.population})"

    def counted(self, *codes: str) -> str:
        """Return the formula that counts the cities with a number of each of these nodes."""
        ranges = [f"{self.column(code)},{NUMBERS}" for code in codes]
        if self.book.spec.apart:
            ranges.insert(0, f"{populations_of(self.book.layout).members.ref()},{self.population}")
        return f"COUNTIFS({','.join(ranges)})"

    def node(self, code: str, name: str) -> str:
        """Return the address of a node's entry in the table of nodes."""
        table = self.nodes
        return cell(table.first + table.items.index(code), table.column(name), "rc")

    def display(self, code: str) -> str:
        """Return the address of the name of a node."""
        return self.book.layout.framework_cell(code, "display")

    @property
    def overview(self) -> int:
        """Row of the headings of the list of nodes with several children."""
        return MATRICES + 2 * (self.size + 3) + 1

    @property
    def listed(self) -> int:
        """Row of the headings of the list of pairs."""
        return self.overview + len(self.families) + 3

    def mark(self, area: Area) -> None:
        """Mark coefficients by the limits."""
        here, limits = cell(area.r1, area.c1), self.limits
        for test, mark in (
            (f"{here}<{limits['negative']}", "bad"),
            (f"{here}<{limits['low']}", "note"),
            (f"{here}>{limits['high']}", "derived"),
        ):
            self.canvas.mark(area, f"AND(ISNUMBER({here}),{test})", mark, stop=True)
