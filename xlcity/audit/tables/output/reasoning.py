"""The sheet `Reasoning`: broken identities as native formulas over the sheets of the tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from xlcity.audit.tables.constraints.relations import (
    Constraint,
    Copy,
    Lattice,
    Order,
    Relation,
    interval_of,
)
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.spec.cells import PrintedCell
from xlcity.audit.tables.spec.formula import NumberInterval, decimal_of, weighted_sum

#: Returns a format by its properties.
Style = Callable[..., Any]
#: Identities shown per group, at most.
MOST_SHOWN = 6
VERDICTS = ("possible 可能", "impossible 不可能")
_HEADS = ("cell 格", "printed 公布", "below 可低", "above 可高", "from 下限", "to 上限")
_INTRODUCTION = (
    "Type a suggested number over the printed one on its sheet: the verdict here follows. "
    "在相应表页上改成建议的数，这里的结论随之变化。"
)


@dataclass(slots=True)
class ReasoningSheet:
    """A worksheet being written from the top, and where printed cells live.

    Columns are A: what a number is, B: as printed, C and D: how far it may lie below and above,
    E and F: what is computed, G: the verdict. Rows are numbered as formulas do.
    """

    sheet: Any
    style: Style
    homes: Mapping[int, str]
    row: int = 1

    def texts(self, texts: Sequence[str], **style: Any) -> None:
        """Write texts side by side in the current row, and go on."""
        for column, text in zip("ABCDEFG", texts, strict=False):
            self.sheet.write_string(f"{column}{self.row}", text, self.style(**style))
        self.row += 1

    def formula(self, cell: str, formula: str, value: Any, **style: Any) -> None:
        """Write a formula with its value."""
        properties = {"num_format": "0.0000", **style}
        self.sheet.write_formula(cell, formula, self.style(**properties), value)

    def number(self, cell: PrintedCell, **style: Any) -> int:
        """Write a printed number with its rounding; return its row."""
        shown = f"{0:.{cell.decimals}f}"
        home = f"={self.homes[cell.index]}"
        self.formula(f"B{self.row}", home, float(cell.value), num_format=shown)
        typed = self.style(font_color="#1F4E79", num_format="General")
        for column, reach in (("C", cell.below), ("D", cell.above)):
            self.sheet.write_number(f"{column}{self.row}", float(reach), typed)
        self.texts([f"{cell.unit} {cell.node} ({cell.table})"], **style)
        return self.row - 1

    def ends(self, row: int, formulas: Sequence[str], numbers: NumberInterval) -> None:
        """Write between which numbers that of a row should lie."""
        for column, formula, end in zip("EF", formulas, (numbers.low, numbers.high), strict=True):
            self.formula(f"{column}{row}", f"={formula}", float(end))


def write_reasoning(sheet: ReasoningSheet, audit: Audit) -> None:
    """Write the broken identities of every group, as far as formulas can say them."""
    for columns, width in (("A:A", 44), ("B:F", 14), ("G:G", 20)):
        sheet.sheet.set_column(columns, width)
    sheet.texts(["Why 依据"], bold=True, font_size=14)
    sheet.texts([_INTRODUCTION], font_color="#595959")
    values = [cell.value for cell in audit.printed.book.cells]
    for number, group in enumerate(audit.groups, start=1):
        written = 0
        for constraint in group.broken:
            write = _WRITERS.get(type(constraint))
            if written >= MOST_SHOWN or write is None or not _is_plain(constraint):
                continue
            written += 1
            sheet.row += 1
            told = f"[{number}] {constraint.check}: {constraint.tell(values)}"
            sheet.texts([told], bold=True)
            sheet.texts(_HEADS, italic=True, bottom=1)
            verdict = f'=IF({write(sheet, constraint)},"{VERDICTS[0]}","{VERDICTS[1]}")'
            stored = VERDICTS[constraint.broken(values)]
            sheet.formula(f"G{sheet.row - 1}", verdict, stored, bold=True)
    sheet.sheet.freeze_panes(3, 0)
    sheet.sheet.set_landscape()
    sheet.sheet.fit_to_pages(1, 0)


def _is_plain(constraint: Constraint) -> bool:
    """Tell whether one formula says it: no region of weights, no vote of all parts."""
    if isinstance(constraint, Relation):
        return len(constraint.formulas) == 1
    return not isinstance(constraint, Order) or len(constraint.weights) == 1


def _end(row: int, *, upper: bool) -> str:
    return f"(B{row}+D{row})" if upper else f"(B{row}-C{row})"


def _in_bounds(row: int) -> str:
    """Return the test that the number of a row may be one between E and F, but for noise."""
    upper, lower = _end(row, upper=True), _end(row, upper=False)
    return f"AND(ROUND({upper}-E{row},9)>=0,ROUND(F{row}-{lower},9)>=0)"


def _spreadsheet(formula: str) -> str:
    """Return a formula in the words of spreadsheets."""

    def lookup(match: re.Match[str]) -> str:
        steps = [step.strip() for step in match[2].split(",")]
        return f"LOOKUP({match[1]},{{{','.join(steps[::2])}}},{{{','.join(steps[1::2])}}})"

    text = formula.replace("**", "^").replace("floor(", "INT(").replace("sqrt(", "SQRT(")
    return re.sub(r"grade\((.*?),([-\d., ]+)\)", lookup, text)


def _relation(sheet: ReasoningSheet, relation: Relation) -> str:
    formula = relation.formulas[0]
    rows = [sheet.number(part) for part in relation.parts]
    row = sheet.number(relation.result, bold=True)
    values = {cell.index: cell.value for cell in relation.cells}
    points = [NumberInterval(part.value, part.value) for part in relation.parts]
    rises = []
    for number, part in enumerate(relation.parts):
        low, high = (
            formula([*points[:number], NumberInterval(end, end), *points[number + 1 :]]).low
            for end in (part.value, part.value + 1)
        )
        rises.append(high >= low)
    sheet.ends(
        row,
        [
            _spreadsheet(
                formula.written(
                    [_end(own, upper=rise == top) for own, rise in zip(rows, rises, strict=True)]
                )
            )
            for top in (False, True)
        ],
        relation.allowed(values),
    )
    return _in_bounds(row)


def _lattice(sheet: ReasoningSheet, lattice: Lattice) -> str:
    row, cell, step = sheet.number(lattice.result), lattice.result, lattice.step
    middle = cell.value + (cell.above - cell.below) / 2
    multiple = decimal_of(round(Fraction(middle) / step) * step)
    steps = f"ROUND((B{row}+(D{row}-C{row})/2)*{step.denominator}/{step.numerator},0)"
    formula = f"{steps}*{step.numerator}/{step.denominator}"
    sheet.ends(row, [formula, formula], NumberInterval(multiple, multiple))
    return _in_bounds(row)


def _copy(sheet: ReasoningSheet, copy: Copy) -> str:
    first, second = map(sheet.number, copy.cells)
    if copy.result.decimals == copy.other.decimals:
        return f"B{first}=B{second}"
    numbers = interval_of(copy.result, {copy.result.index: copy.result.value})
    sheet.ends(second, [_end(first, upper=upper) for upper in (False, True)], numbers)
    return _in_bounds(second)


def _order(sheet: ReasoningSheet, order: Order) -> str:
    rows = []
    formula = weighted_sum(order.weights[0]) if order.parts[0] else None
    for rank, parts in zip(order.ranks, order.parts, strict=True):
        below = [sheet.number(part) for part in parts]
        rows.append(sheet.number(rank, bold=True))
        if formula is not None:
            numbers = [interval_of(part, {part.index: part.value}) for part in parts]
            upper = [weight > 0 for weight in order.weights[0]]
            ends = [
                formula.written(
                    [_end(r, upper=u == top) for r, u in zip(below, upper, strict=True)]
                )
                for top in (False, True)
            ]
            sheet.ends(rows[-1], ends, formula(numbers))
    first, second = rows
    if formula is None:
        return f"B{first}<>B{second}"
    ahead, behind = f"ROUND(F{first}-E{second},9)>=0", f"ROUND(F{second}-E{first},9)>=0"
    tied = f"AND({ahead},{behind})" if len(order.parts[0]) == 1 else "TRUE"
    tied = "FALSE" if order.distinct else tied
    return f"IF(B{first}=B{second},{tied},IF(B{first}<B{second},{ahead},{behind}))"


#: Constraint -> what writes its numbers and returns the test that they may be right.
_WRITERS: Mapping[type, Callable[[ReasoningSheet, Any], str]] = {
    Relation: _relation,
    Lattice: _lattice,
    Copy: _copy,
    Order: _order,
}
