"""Which cells a formula's value really comes from: lookups and branches followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.compiled.blocks import CellBlock
from xlcity.recalc.engines.compiled.engine import make_function
from xlcity.recalc.engines.compiled.program import compile_code
from xlcity.recalc.engines.compiled.translate import Translator, parameter_names
from xlcity.recalc.engines.compiled.values import DoubtError, UntranslatableError
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.graph import Graph, cell_beside
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import normalise_formula

#: Roles of a cell that is read: its value enters, it decides which branch is taken, or it says
#: which cell is taken.
VALUE = "value"
CONDITION = "condition"
LOOKUP = "lookup"
#: Functions that read no values of their arguments.
_SHAPE_FUNCTIONS = frozenset(("ROW", "ROWS", "COLUMN", "COLUMNS", "CELL", "AREAS"))
#: Most cells of a range whose values are listed.
_MOST_CELLS = 1 << 22


class Unknown:
    """A value that cannot be told without calculating the workbook."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Read:
    """Cells that a formula reads, and their role: `VALUE`, `CONDITION` or `LOOKUP`."""

    area: Range
    role: str


class Evaluator:
    """Evaluates parts of one cell's formula on the stored values of its workbook.

    Parameters
    ----------
    graph
        The workbook's formulas.
    blocks
        Ranges of the workbook that were read before.
    sheet, position
        The cell.
    """

    def __init__(
        self,
        graph: Graph,
        blocks: dict[Range, CellBlock],
        sheet: str,
        position: Position,
    ) -> None:
        self.graph = graph
        self.sheet = sheet
        self.position = position
        self._blocks = blocks
        #: Results by identity of the expression: a test is evaluated and then followed.
        self._values: dict[int, CellValue | Unknown] = {}

    def area(self, expr: Expr) -> Range | None:
        """Return the cells an expression refers to; ``None`` if that is unknown."""
        if expr.ref is not None:
            return self.graph.area(expr.ref, self.sheet, self.position)
        if expr.kind == "name":
            areas = self.graph.areas_of_name(expr.text, self.sheet, self.position)
            return areas[0] if len(areas) == 1 else None
        if expr.kind == "binary" and expr.text == ":":
            first, last = map(self.area, expr.args)
            if first is None or last is None or first.sheet != last.sheet:
                return None
            r1 = min(first.r1, last.r1)
            c1 = min(first.c1, last.c1)
            return Range(
                first.sheet, r1, c1, max(first.r2, last.r2), max(first.c2, last.c2)
            )
        if expr.kind == "call" and expr.text == "INDEX":
            return self._area_of_index(expr)
        if expr.kind == "call" and expr.text == "OFFSET":
            return self._area_of_offset(expr)
        if expr.kind == "call" and expr.text == "INDIRECT" and len(expr.args) == 1:
            text = self.value(expr.args[0])
            refs = normalise_formula(text, 1, 1).refs if isinstance(text, str) else ()
            return (
                self.graph.area(refs[0], self.sheet, (1, 1)) if len(refs) == 1 else None
            )
        return None

    def _area_of_offset(self, call: Expr) -> Range | None:
        """Return the cells that OFFSET refers to; None if that is unknown."""
        if len(call.args) < 3 or (area := self.area(call.args[0])) is None:
            return None
        sizes = 0, 0, area.rows, area.columns
        given = [
            size if arg.kind == "empty" else self.value(arg)
            for arg, size in zip(call.args[1:], sizes, strict=False)
        ]
        numbers = [int(n) for n in given if isinstance(n, (int, float)) and n == n // 1]
        if len(numbers) != len(given):
            return None
        down, right, rows, columns = (*numbers, *sizes[len(given) :])
        row = area.r1 + down
        column = area.c1 + right
        if min(row, column, rows, columns) < 1:
            return None
        return Range(area.sheet, row, column, row + rows - 1, column + columns - 1)

    def _area_of_index(self, call: Expr) -> Range | None:
        """Return the cell, row or column that INDEX refers to; None if that is unknown."""
        area = self.area(call.args[0]) if call.args else None
        numbers = [
            0.0 if arg.kind == "empty" else self.value(arg) for arg in call.args[1:3]
        ]
        places = [
            int(n)
            for n in numbers
            if isinstance(n, float) and n.is_integer() and n >= 0
        ]
        if area is None or not places or len(places) != len(numbers):
            return None
        down, right = (*places, 0)[:2]
        if len(places) == 1 and area.rows == 1:
            down, right = 1, down
        if down > area.rows or right > area.columns:
            return None
        r1, r2 = (area.r1, area.r2) if not down else (area.r1 + down - 1,) * 2
        c1, c2 = (area.c1, area.c2) if not right else (area.c1 + right - 1,) * 2
        return Range(area.sheet, r1, c1, r2, c2)

    def find_match(self, call: Expr) -> Range | None:
        """Return the cell in which an exact MATCH finds its value; None if that is unknown."""
        area = self.area(call.args[1])
        number = (
            self.value(call)
            if len(call.args) > 2 and call.args[2].text == "0"
            else UNKNOWN
        )
        if area is None or not isinstance(number, float):
            return None
        down, right = divmod(int(number) - 1, area.columns)
        position = area.r1 + down, area.c1 + right
        return Range(area.sheet, *position, *position)

    def block(self, area: Range) -> CellBlock:
        """Return the stored values of a range."""
        if area not in self._blocks:
            sheet = self.graph.book.sheets[area.sheet]
            values = sheet.values(area.positions)
            self._blocks[area] = CellBlock(area.rows, area.columns, values)
        return self._blocks[area]

    def value(self, expr: Expr) -> CellValue | Unknown:
        """Return the value of an expression, `UNKNOWN` where the engine cannot tell it."""
        key = id(expr)
        if key not in self._values:
            try:
                with np.errstate(all="ignore"):
                    self._values[key] = self._evaluate(expr)
            except (UntranslatableError, DoubtError, ArithmeticError):
                self._values[key] = UNKNOWN
        return self._values[key]

    def _evaluate(self, expr: Expr) -> CellValue | Unknown:
        """Return the value of an expression as the compiled engine computes it."""
        slots: dict[int, tuple[int, bool]] = {}
        names: dict[str, bool] = {}
        values: list[CellValue] = [None]
        areas: list[CellBlock] = []
        targets: dict[str, int] = {}
        for part in expr.walk():
            is_name = part.kind == "name" and part.text not in ("TRUE", "FALSE")
            if part.ref is None and not is_name:
                continue
            area = self.area(part)
            if area is None or area.rows * area.columns > _MOST_CELLS:
                return UNKNOWN
            is_range = area.rows * area.columns > 1
            target = len(areas if is_range else values)
            if is_range:
                areas.append(self.block(area))
            else:
                values.append(self.graph.book.value(area.sheet, area.r1, area.c1))
            if part.ref is None:
                names[part.text], targets[part.text] = is_range, target
            else:
                targets[f"p{len(slots)}"] = target
                slots[id(part.ref)] = len(slots), is_range
        if expr.ref is not None or expr.text in names:
            return UNKNOWN if areas else values[1]
        translator = Translator(slots, names, (), False)
        code = translator.translate_formula(expr, bracketed=False)
        down, across = self.position
        numbers: dict[str, Any] = {**targets, "o": 0, "down": down, "across": across}
        cell = tuple(numbers[name] for name in parameter_names(code))
        make_function(compile_code(code))(values, areas, targets, [cell])
        return values[0]

    def _read_area(self, area: Range) -> Range:
        """Return what of a range the formula reads: of a row or column perhaps one cell."""
        areas = self.graph.reads(self.sheet, self.position)
        beside = cell_beside(area, self.position)
        return beside if beside in areas and area not in areas else area

    def read_expr(self, expr: Expr, role: str) -> Iterator[Read]:
        """Yield what an expression reads if its value has a role."""
        if expr.ref is not None:
            for ref in self.graph.split_3d_reference(expr.ref):
                if (
                    area := self.graph.area(ref, self.sheet, self.position)
                ) is not None:
                    yield Read(self._read_area(area), role)
        elif expr.kind == "name":
            for area in self.graph.areas_of_name(expr.text, self.sheet, self.position):
                yield Read(self._read_area(area), role)
        elif expr.kind == "call":
            yield from self.read_call(expr, role)
        elif expr.text == ":" and (area := self.area(expr)) is not None:
            yield Read(area, role)  # as in A1:INDEX(A:A,B1)
            for end in (arg for arg in expr.args if arg.kind == "call"):
                for index in end.args[1:]:
                    yield from self.read_expr(index, LOOKUP)
        else:
            for arg in expr.args:
                yield from self.read_expr(arg, role)

    def read_call(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what a function reads; branches that were not taken are left out."""
        args = call.args
        if call.text == "IF" and args:
            yield from self.read_branch(call, role)
        elif call.text in ("IFERROR", "IFNA") and len(args) == 2:
            first = self.value(args[0])
            failed = isinstance(first, CellError)
            yield from self.read_expr(args[0], CONDITION if failed else role)
            if failed or first is UNKNOWN:
                yield from self.read_expr(args[1], role)
        elif call.text == "CHOOSE" and args:
            yield from self.read_expr(args[0], CONDITION)
            number = self.value(args[0])
            taken = (
                args[int(number) :][:1]
                if isinstance(number, float) and number >= 1
                else ()
            )
            for arg in taken or args[1:]:
                yield from self.read_expr(arg, role)
        elif call.text in ("INDEX", "OFFSET", "INDIRECT") and args:
            if (area := self.area(call)) is None:
                yield from self.read_expr(args[0], role)
            else:
                yield Read(area, role)
            for arg in args[call.text != "INDIRECT" :]:
                yield from self.read_expr(arg, LOOKUP)
        elif call.text == "MATCH" and len(args) > 1:
            matched_cell = self.find_match(call)
            inner = LOOKUP if role == VALUE else role
            if matched_cell is None:
                yield from self.read_expr(args[1], inner)
            else:
                yield Read(matched_cell, inner)
            yield from self.read_expr(args[0], inner)
        elif call.text not in _SHAPE_FUNCTIONS:
            for arg in args:
                yield from self.read_expr(arg, role)

    def read_branch(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what IF reads: its condition, and the branch taken, or both if that is unknown."""
        test = self.value(call.args[0])
        yield from self.read_expr(call.args[0], CONDITION)
        if test is UNKNOWN or isinstance(test, (str, CellError)):
            taken = call.args[1:]
        else:
            taken = call.args[1:2] if test else call.args[2:3]
        for arg in taken:
            yield from self.read_expr(arg, role)


class Follower:
    """Finds what the formulas of one workbook read for their stored values."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._blocks: dict[Range, CellBlock] = {}
        #: Expressions by the formula's key: copies of a formula are parsed once.
        self._parsed: dict[str, Expr | None] = {}
        #: Sheet and position of a cell -> its formula and the evaluator of its parts; None for
        #: array formulas and those that are not parsed. What a trace asks for twice is kept.
        self.evaluated = lru_cache(maxsize=1)(self._parse_cell)

    def reads(self, sheet: str, position: Position) -> tuple[Read, ...]:
        """Return what a cell's formula read for its stored value, each area once.

        Branches of IF, CHOOSE and IFERROR that were not taken are left out; INDEX and exact MATCH
        are followed to the cell they found. Where that cannot be known, all of it is returned.
        """
        cell = self.graph.book.sheets[sheet].cells.get(position)
        if cell is not None and cell.in_array:
            position = cell.in_array
        if (evaluated := self.evaluated(sheet, position)) is None:
            # Inside an array formula a range stands for one cell after the other.
            areas = dict.fromkeys(self.graph.reads(sheet, position))
            return tuple(Read(area, VALUE) for area in areas)
        expr, evaluator = evaluated
        role_by_area: dict[Range, str] = {}
        for read in evaluator.read_expr(expr, VALUE):
            if role_by_area.get(read.area) != VALUE:
                role_by_area[read.area] = read.role
        return tuple(Read(area, role) for area, role in role_by_area.items())

    def _parse_cell(
        self, sheet: str, position: Position
    ) -> tuple[Expr, Evaluator] | None:
        cell = self.graph.book.sheets[sheet].cells.get(position)
        formula = self.graph.normalised_formula(sheet, position)
        if formula is None or cell is None or cell.in_array or cell.array:
            return None
        if formula.key not in self._parsed:
            self._parsed[formula.key] = parse(formula.tokens)
        if (expr := self._parsed[formula.key]) is None:
            return None
        return expr, Evaluator(self.graph, self._blocks, sheet, position)
