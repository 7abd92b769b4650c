"""Which cells a formula's value really comes from: lookups and branches followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.errors import CellError
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.evaluate import UNKNOWN, Evaluator, RangeValues
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.syntax import Expr, parse

#: Roles of a cell that is read: its value enters, it decides which branch is taken, or it says
#: which cell is taken.
VALUE, CONDITION, LOOKUP = "value", "condition", "lookup"
#: Functions that read no values of their arguments.
_SHAPE_FUNCTIONS = frozenset(("ROW", "ROWS", "COLUMN", "COLUMNS", "CELL", "AREAS"))


@dataclass(frozen=True, slots=True)
class Read:
    """Cells that a formula reads, and their role: `VALUE`, `CONDITION` or `LOOKUP`."""

    area: Range
    role: str


class Follower:
    """Finds what the formulas of one workbook read for their stored values."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._stored = RangeValues(graph.book)
        self._syntax: dict[str, Expr | None] = {}
        self._last: tuple[tuple[str, Position], tuple[Expr, Evaluator]] | None = None

    def reads(self, sheet: str, position: Position) -> tuple[Read, ...]:
        """Return what a cell's formula read for its stored value, each area once.

        Branches of IF, CHOOSE and IFERROR that were not taken are left out; INDEX and exact MATCH
        are followed to the cell they found. Where that cannot be known, all of it is returned.
        """
        position = self._start_of_array(sheet, position)
        if (evaluated := self.evaluated(sheet, position)) is None:
            # Inside an array formula a range stands for one cell after the other.
            areas = dict.fromkeys(self.graph.reads(sheet, position))
            return tuple(Read(area, VALUE) for area in areas)
        expr, evaluator = evaluated
        role_by_area: dict[Range, str] = {}
        for read in _ReadCollector(evaluator).read_expr(expr, VALUE):
            if role_by_area.get(read.area) != VALUE:
                role_by_area[read.area] = read.role
        return tuple(Read(area, role) for area, role in role_by_area.items())

    def evaluated(self, sheet: str, position: Position) -> tuple[Expr, Evaluator] | None:
        """Return a cell's formula and the evaluator of its parts.

        None for array formulas and those that are not parsed. Both are cached until another cell is
        asked for.
        """
        if self._last is not None and self._last[0] == (sheet, position):
            return self._last[1]
        cell = self.graph.book.sheets[sheet].cells.get(position)
        formula = self.graph.form(sheet, position)
        if formula is None or cell is None or cell.in_array or cell.array:
            return None
        if formula.key not in self._syntax:
            self._syntax[formula.key] = parse(formula.tokens)
        if (expr := self._syntax[formula.key]) is None:
            return None
        evaluated = expr, Evaluator(self.graph, self._stored, sheet, position)
        self._last = (sheet, position), evaluated
        return evaluated

    def _start_of_array(self, sheet: str, position: Position) -> Position:
        cell = self.graph.book.sheets[sheet].cells.get(position)
        return position if cell is None or not cell.in_array else cell.in_array


class _ReadCollector:
    """Yields what expressions of one cell's formula read."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def read_expr(self, expr: Expr, role: str) -> Iterator[Read]:
        """Yield what an expression reads if its value has a role."""
        if expr.ref is not None:
            if (area := self.evaluator.area(expr)) is not None:
                yield Read(area, role)
        elif expr.kind == "name":
            for area in self.evaluator.graph.name(expr.text, self.evaluator.sheet):
                yield Read(area, role)
        elif expr.kind == "call":
            yield from self.read_call(expr, role)
        else:
            for arg in expr.args:
                yield from self.read_expr(arg, role)

    def read_call(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what a function reads; branches that were not taken are left out."""
        args = call.args
        if call.text == "IF" and len(args) > 1:
            yield from self.read_branch(call, role)
        elif call.text in ("IFERROR", "IFNA") and len(args) == 2:
            first = self.evaluator.value(args[0])
            failed = isinstance(first, CellError)
            yield from self.read_expr(args[0], CONDITION if failed else role)
            if failed or first is UNKNOWN:
                yield from self.read_expr(args[1], role)
        elif call.text == "CHOOSE" and len(args) > 1:
            yield from self.read_expr(args[0], CONDITION)
            number = self.evaluator.value(args[0])
            taken = args[int(number) :][:1] if isinstance(number, float) and number >= 1 else ()
            for arg in taken or args[1:]:
                yield from self.read_expr(arg, role)
        elif call.text == "INDEX":
            if (area := self.evaluator.area(call)) is None:
                yield from self.read_expr(args[0], role)
            else:
                yield Read(area, role)
            for arg in args[1:]:
                yield from self.read_expr(arg, LOOKUP)
        elif call.text == "MATCH" and len(args) > 1:
            matched_cell = self.evaluator.find_match(call)
            inner = LOOKUP if role == VALUE else role
            if matched_cell is None:
                yield from self.read_expr(args[1], inner)
            else:
                yield Read(matched_cell[0], inner)
            yield from self.read_expr(args[0], inner)
        elif call.text not in _SHAPE_FUNCTIONS:
            for arg in args:
                yield from self.read_expr(arg, role)

    def read_branch(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what IF reads: its condition, and the branch taken, or both if that is unknown."""
        test = self.evaluator.value(call.args[0])
        yield from self.read_expr(call.args[0], CONDITION)
        if test is UNKNOWN or isinstance(test, (str, CellError)):
            taken = call.args[1:]
        else:
            taken = call.args[1:2] if test else call.args[2:3]
        for arg in taken:
            yield from self.read_expr(arg, role)
