"""Which cells a formula's value really comes from: lookups and branches followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeGuard

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
from xlcity.xlsx.formulas.tokens import Ref, normalise_formula

#: Roles of a cell that is read: its value enters, it decides which branch is taken, or it says
#: which cell is taken.
VALUE = "value"
CONDITION = "condition"
LOOKUP = "lookup"
#: Functions that read no values of their arguments.
_SHAPE_FUNCTIONS = frozenset(("ROW", "ROWS", "COLUMN", "COLUMNS", "CELL", "AREAS"))
#: Functions that give a reference.
_REFERENCE_FUNCTIONS = frozenset(("INDEX", "OFFSET", "INDIRECT"))
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
            return self._area_between(*map(self.area, expr.args))
        if expr.kind == "call" and expr.text in _REFERENCE_FUNCTIONS and expr.args:
            return self._area_of_call(expr)
        return None

    @staticmethod
    def _area_between(first: Range | None, last: Range | None) -> Range | None:
        """Return the smallest area with two others on one sheet; None if one is unknown."""
        if first is None or last is None or first.sheet != last.sheet:
            return None
        return Range(
            first.sheet,
            r1=min(first.r1, last.r1),
            c1=min(first.c1, last.c1),
            r2=max(first.r2, last.r2),
            c2=max(first.c2, last.c2),
        )

    def _area_of_call(self, call: Expr) -> Range | None:
        """Return the cells that a call gives a reference to; None if that is unknown."""
        if call.text == "INDEX":
            return self._area_of_index(call)
        if call.text == "OFFSET":
            return self._area_of_offset(call)
        return self._area_of_text(call) if len(call.args) == 1 else None

    def _area_of_text(self, call: Expr) -> Range | None:
        """Return the cells that INDIRECT of an address refers to; None if that is unknown."""
        text = self.value(call.args[0])
        refs = normalise_formula(text, 1, 1).refs if isinstance(text, str) else ()
        if len(refs) != 1:
            return None
        return self.graph.area(refs[0], self.sheet, (1, 1))

    def _area_of_offset(self, call: Expr) -> Range | None:
        """Return the cells that OFFSET refers to; None if that is unknown."""
        area = self.area(call.args[0])
        if len(call.args) < 3 or area is None:
            return None
        # What is left out moves nothing, or keeps the size.
        numbers = [0, 0, area.rows, area.columns]
        for index, arg in enumerate(call.args[1:5]):
            if arg.kind == "empty":
                continue
            number = self.value(arg)
            if not isinstance(number, (int, float)) or number != number // 1:
                return None
            numbers[index] = int(number)
        down, right, rows, columns = numbers
        row = area.r1 + down
        column = area.c1 + right
        if min(row, column, rows, columns) < 1:
            return None
        last_row = row + rows - 1
        last_column = column + columns - 1
        return Range(area.sheet, r1=row, c1=column, r2=last_row, c2=last_column)

    def _area_of_index(self, call: Expr) -> Range | None:
        """Return the cell, row or column that INDEX refers to; None if that is unknown."""
        area = self.area(call.args[0])
        place = None if area is None else self._place_of_index(area, call.args[1:3])
        if area is None or place is None:
            return None
        row, column = place
        if row > area.rows or column > area.columns:
            return None
        # 0 is the whole row or column.
        if row:
            first_row = area.r1 + row - 1
            area = replace(area, r1=first_row, r2=first_row)
        if column:
            first_column = area.c1 + column - 1
            area = replace(area, c1=first_column, c2=first_column)
        return area

    def _place_of_index(self, area: Range, args: Sequence[Expr]) -> Position | None:
        """Return the row and column that arguments of INDEX say, from 1; 0 is the whole of it.

        None if that is unknown.
        """
        counts: list[int] = []
        for arg in args:
            number = 0.0 if arg.kind == "empty" else self.value(arg)
            if not _is_count(number):
                return None
            counts.append(int(number))
        if not counts:
            return None
        first, *rest = counts
        if rest:
            return first, rest[0]
        # A single number counts columns in a single row.
        return (1, first) if area.rows == 1 else (first, 0)

    def find_match(self, call: Expr) -> Range | None:
        """Return the cell in which an exact MATCH finds its value; None if that is unknown."""
        area = self.area(call.args[1])
        is_exact = len(call.args) > 2 and call.args[2].text == "0"
        number = self.value(call) if is_exact else UNKNOWN
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
        inputs = self._collect_inputs(expr)
        if inputs is None:
            return UNKNOWN
        if expr.ref is not None or expr.text in inputs.names:
            return UNKNOWN if inputs.areas else inputs.values[1]
        translator = Translator(inputs.slots, inputs.names, (), False)
        code = translator.translate_formula(expr, bracketed=False)
        down, across = self.position
        targets = inputs.targets
        numbers: dict[str, Any] = {**targets, "o": 0, "down": down, "across": across}
        cell = tuple(numbers[name] for name in parameter_names(code))
        compute = make_function(compile_code(code))
        compute(inputs.values, inputs.areas, targets, [cell])
        return inputs.values[0]

    def _collect_inputs(self, expr: Expr) -> _Inputs | None:
        """Return the values that an expression names; None if a range is unknown or too large."""
        inputs = _Inputs()
        for part in expr.walk():
            is_name = part.kind == "name" and part.text not in ("TRUE", "FALSE")
            if part.ref is None and not is_name:
                continue
            area = self.area(part)
            if area is None or area.rows * area.columns > _MOST_CELLS:
                return None
            if area.rows * area.columns > 1:
                inputs.add_range(part, self.block(area))
            else:
                value = self.graph.book.value(area.sheet, area.r1, area.c1)
                inputs.add_cell(part, value)
        return inputs

    def _read_area(self, area: Range) -> Range:
        """Return what of a range the formula reads: of a row or column perhaps one cell."""
        areas = self.graph.reads(self.sheet, self.position)
        beside = cell_beside(area, self.position)
        return beside if beside in areas and area not in areas else area

    def read_expr(self, expr: Expr, role: str) -> Iterator[Read]:
        """Yield what an expression reads if its value has a role."""
        if expr.ref is not None:
            return self._read_reference(expr.ref, role)
        if expr.kind == "name":
            areas = self.graph.areas_of_name(expr.text, self.sheet, self.position)
            return (Read(self._read_area(area), role) for area in areas)
        if expr.kind == "call":
            return self.read_call(expr, role)
        if expr.text == ":":
            return self._read_between(expr, role)
        return self._read_all(expr.args, role)

    def _read_all(self, exprs: Sequence[Expr], role: str) -> Iterator[Read]:
        """Yield what expressions read one after the other."""
        for expr in exprs:
            yield from self.read_expr(expr, role)

    def _read_reference(self, reference: Ref, role: str) -> Iterator[Read]:
        """Yield what a reference reads: of several sheets an area of each."""
        for ref in self.graph.split_3d_reference(reference):
            area = self.graph.area(ref, self.sheet, self.position)
            if area is not None:
                yield Read(self._read_area(area), role)

    def _read_between(self, expr: Expr, role: str) -> Iterator[Read]:
        """Yield what a range between two references reads, as A1:INDEX(A:A,B1)."""
        area = self.area(expr)
        if area is None:
            yield from self._read_all(expr.args, role)
            return
        yield Read(area, role)
        for end in expr.args:
            if end.kind == "call":
                yield from self._read_all(end.args[1:], LOOKUP)

    def read_call(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what a function reads; branches that were not taken are left out."""
        if not call.args or call.text in _SHAPE_FUNCTIONS:
            return iter(())
        if call.text == "IF":
            return self.read_branch(call, role)
        if call.text in ("IFERROR", "IFNA") and len(call.args) == 2:
            return self._read_error_branch(call, role)
        if call.text == "CHOOSE":
            return self._read_choice(call, role)
        if call.text in _REFERENCE_FUNCTIONS:
            return self._read_cells_found(call, role)
        if call.text == "MATCH" and len(call.args) > 1:
            return self._read_match(call, role)
        return self._read_all(call.args, role)

    def _read_error_branch(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what IFERROR reads: the second value only where the first is an error."""
        first, second = call.args
        value = self.value(first)
        failed = isinstance(value, CellError)
        yield from self.read_expr(first, CONDITION if failed else role)
        if failed or value is UNKNOWN:
            yield from self.read_expr(second, role)

    def _read_choice(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what CHOOSE reads: its number, and the value taken, or all if that is unknown."""
        number, *values = call.args
        yield from self.read_expr(number, CONDITION)
        place = self.value(number)
        if isinstance(place, float) and 1 <= place < len(call.args):
            values = [call.args[int(place)]]
        yield from self._read_all(values, role)

    def _read_cells_found(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what INDEX, OFFSET or INDIRECT reads: the cells found, and what says which."""
        area = self.area(call)
        if area is None:
            yield from self.read_expr(call.args[0], role)
        else:
            yield Read(area, role)
        # The address of INDIRECT says which cells, too.
        places = call.args if call.text == "INDIRECT" else call.args[1:]
        yield from self._read_all(places, LOOKUP)

    def _read_match(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what MATCH reads: the cell found, or all if that is unknown, and what is sought."""
        matched_cell = self.find_match(call)
        inner = LOOKUP if role == VALUE else role
        if matched_cell is None:
            yield from self.read_expr(call.args[1], inner)
        else:
            yield Read(matched_cell, inner)
        yield from self.read_expr(call.args[0], inner)

    def read_branch(self, call: Expr, role: str) -> Iterator[Read]:
        """Yield what IF reads: its condition, and the branch taken, or both if that is unknown."""
        test = self.value(call.args[0])
        yield from self.read_expr(call.args[0], CONDITION)
        if test is UNKNOWN or isinstance(test, (str, CellError)):
            taken = call.args[1:]
        else:
            taken = call.args[1:2] if test else call.args[2:3]
        yield from self._read_all(taken, role)


class _Inputs:
    """What a part of a formula reads, as a compiled function takes it.

    Attributes
    ----------
    slots
        Reference, by its identity -> its number, and whether it is a range.
    names
        Name -> whether it is a range.
    values, areas
        The values of cells, after the result, and the ranges.
    targets
        Parameter -> where among `values` or `areas` it stands.
    """

    def __init__(self) -> None:
        self.slots: dict[int, tuple[int, bool]] = {}
        self.names: dict[str, bool] = {}
        self.values: list[CellValue] = [None]
        self.areas: list[CellBlock] = []
        self.targets: dict[str, int] = {}

    def add_range(self, part: Expr, block: CellBlock) -> None:
        """Add a reference or a name of several cells."""
        self._place(part, len(self.areas), is_range=True)
        self.areas.append(block)

    def add_cell(self, part: Expr, value: CellValue) -> None:
        """Add a reference or a name of one cell."""
        self._place(part, len(self.values), is_range=False)
        self.values.append(value)

    def _place(self, part: Expr, target: int, *, is_range: bool) -> None:
        if part.ref is None:
            self.names[part.text] = is_range
            self.targets[part.text] = target
            return
        number = len(self.slots)
        self.targets[f"p{number}"] = target
        self.slots[id(part.ref)] = number, is_range


def _is_count(value: CellValue | Unknown) -> TypeGuard[float]:
    """Return whether a value is a whole number of 0 or more."""
    return isinstance(value, float) and value.is_integer() and value >= 0


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
