"""The sheet `Reasoning`: broken identities as native formulas over the sheets of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlcity.audit.tables.constraints.base import Copy, Lattice, Linear
from xlcity.audit.tables.constraints.orders import Order, SumOrder
from xlcity.audit.tables.constraints.relations import GrowthOf, ShareOf
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.spec.cells import PrintedCell

#: Identities shown per group, at most.
MOST_SHOWN = 6
VERDICTS = ("possible 可能", "impossible 不可能")
_HEADS = (
    "cell 格", "weight, step 权重、步长", "printed 公布", "below 可低", "above 可高",
    "from 下限", "to 上限",
)  # fmt: skip
_INTRODUCTION = (
    "Type a suggested number over the printed one on its sheet: the verdict here follows. "
    "在相应表页上改成建议的数，这里的结论随之变化。"
)


@dataclass(slots=True)
class WorkingsSheet:
    """A worksheet being written from the top, and where printed cells live.

    Columns are A: what a number is, B: its weight, C: as printed, D and E: how far it may lie below
    and above, F and G: what is computed, H: the verdict. Rows are numbered as formulas do.
    """

    sheet: Any
    style: Callable[..., Any]
    homes: Mapping[int, str]
    row: int = 1

    def text(self, column: str, text: str, **style: Any) -> None:
        """Write a text in the current row."""
        self.sheet.write_string(f"{column}{self.row}", text, self.style(**style))

    def formula(self, cell: str, formula: str, value: float | str, **style: Any) -> None:
        """Write a formula with its value."""
        self.sheet.write_formula(
            cell, formula, self.style(**{"num_format": "0.0000"} | style), value
        )

    def line(self, cell: PrintedCell, weight: float | None = None, **style: Any) -> int:
        """Write a printed cell with its rounding; return its row."""
        row, typed = self.row, self.style(font_color="#1F4E79", num_format="General")
        self.text("A", f"{cell.unit} {cell.node} ({cell.table})", **style)
        number = "0" + ("." + "0" * cell.decimals) * bool(cell.decimals)
        self.formula(f"C{row}", f"={self.homes[cell.index]}", float(cell.value), num_format=number)
        for column, amount in (("B", weight), ("D", cell.below), ("E", cell.above)):
            if amount is not None:
                self.sheet.write_number(f"{column}{row}", float(amount), typed)
        self.row += 1
        return row

    def sums(
        self,
        row: int,
        cells: Sequence[PrintedCell],
        weights: Sequence[float],
        constant: float | None = None,
    ) -> None:
        """Write between which numbers the weighted sum of the cells above a row lies."""
        first = row - len(cells)
        totals = [constant or 0.0] * 2
        for part_row, (cell, weight) in enumerate(zip(cells, weights, strict=True), first):
            b, c, d, e = (f"{column}{part_row}" for column in "BCDE")
            ends = [
                weight * float(end) for end in (cell.value - cell.below, cell.value + cell.above)
            ]
            for side, (column, choose) in enumerate((("F", min), ("G", max))):
                formula = f"={choose.__name__.upper()}({b}*({c}-{d}),{b}*({c}+{e}))"
                self.formula(f"{column}{part_row}", formula, choose(ends))
                totals[side] += choose(ends)
        for column, total in zip("FG", totals, strict=True):
            formula = f"=SUM({column}{first}:{column}{row - 1})"
            self.formula(f"{column}{row}", formula + (f"+B{row}" if constant else ""), total)


def write_reasoning(sheet: WorkingsSheet, audit: Audit) -> None:
    """Write the broken identities of every group, as far as formulas can say them."""
    for columns, width in (("A:A", 44), ("B:G", 14), ("H:H", 20)):
        sheet.sheet.set_column(columns, width)
    sheet.text("A", "Why 依据", bold=True, font_size=14)
    sheet.row = 2
    sheet.text("A", _INTRODUCTION, font_color="#595959")
    sheet.row = 4
    values = [cell.value for cell in audit.printed.book.cells]
    for number, group in enumerate(audit.groups, start=1):
        for constraint in [c for c in group.broken if type(c) in _WRITERS][:MOST_SHOWN]:
            sheet.text("A", f"[{number}] {constraint.check}: {constraint.tell(values)}", bold=True)
            sheet.row += 1
            for column, head in zip("ABCDEFG", _HEADS, strict=True):
                sheet.text(column, head, italic=True, bottom=1)
            sheet.row += 1
            test = _WRITERS[type(constraint)](sheet, constraint)
            verdict = f'=IF({test},"{VERDICTS[0]}","{VERDICTS[1]}")'
            stored = VERDICTS[constraint.broken(values)]
            sheet.formula(f"H{sheet.row - 1}", verdict, stored, bold=True)
            sheet.row += 1
    sheet.sheet.freeze_panes(3, 0)
    sheet.sheet.set_landscape()
    sheet.sheet.fit_to_pages(1, 0)


def _not_below_zero(*differences: str) -> str:
    """Return the test that no difference is below 0, but for rounding noise."""
    return f"AND({','.join(f'ROUND({difference},9)>=0' for difference in differences)})"


def _in_bounds(row: int) -> str:
    """Return the test that the number of a row may be one between F and G."""
    return _not_below_zero(f"C{row}+E{row}-F{row}", f"G{row}-C{row}+D{row}")


def _linear(sheet: WorkingsSheet, constraint: Linear) -> str:
    shares = [weight / constraint.scale for weight in constraint.weights]
    for part, share in zip(constraint.parts, shares, strict=True):
        sheet.line(part, share)
    constant = float(constraint.constant) / constraint.scale or None
    row = sheet.line(constraint.whole, constant, bold=True)
    sheet.sums(row, constraint.parts, shares, constant)
    return _in_bounds(row)


def _lattice(sheet: WorkingsSheet, constraint: Lattice) -> str:
    cell, step = constraint.cell, float(constraint.step)
    row = sheet.line(cell)
    fraction = f"={constraint.step.numerator}/{constraint.step.denominator}"
    sheet.formula(f"B{row}", fraction, step)
    low, high = float(cell.value - cell.below) / step, float(cell.value + cell.above) / step
    sheet.formula(f"F{row}", f"=ROUND((C{row}-D{row})/B{row},9)", low)
    sheet.formula(f"G{row}", f"=ROUND((C{row}+E{row})/B{row},9)", high)
    # A whole number lies between both ends.
    return f"ROUNDUP(F{row},0)<=ROUNDDOWN(G{row},0)"


def _copy(sheet: WorkingsSheet, constraint: Copy) -> str:
    a, b = map(sheet.line, constraint.cells)
    if constraint.one.decimals == constraint.other.decimals:
        return f"C{a}=C{b}"
    return _not_below_zero(f"C{a}+E{a}-C{b}+D{b}", f"C{b}+E{b}-C{a}+D{a}")


def _order(sheet: WorkingsSheet, constraint: Order) -> str:
    *scores, line, other_line = map(sheet.line, constraint.cells)
    if not scores:
        return f"C{line}<>C{other_line}"
    a, b = scores
    first, second = f"ROUND(C{a}+E{a}-C{b}+D{b},9)>=0", f"ROUND(C{b}+E{b}-C{a}+D{a},9)>=0"
    if not constraint.descending:
        first, second = second, first
    tied = "FALSE" if constraint.distinct else f"AND({first},{second})"
    return f"IF(C{line}=C{other_line},{tied},IF(C{line}<C{other_line},{first},{second}))"


def _sum_order(sheet: WorkingsSheet, constraint: SumOrder) -> str:
    rows, weights = [], [float(weight) for weight in constraint.weights]
    sides = (
        (constraint.rank_one, constraint.parts_one),
        (constraint.rank_other, constraint.parts_other),
    )
    for rank, parts in sides:
        for part, weight in zip(parts, weights, strict=True):
            sheet.line(part, weight)
        rows.append(sheet.line(rank, bold=True))
        sheet.sums(rows[-1], parts, weights)
    a, b = rows
    ahead, behind = f"ROUND(G{a}-F{b},9)>=0", f"ROUND(G{b}-F{a},9)>=0"
    return f"IF(C{a}=C{b},TRUE,IF(C{a}<C{b},{ahead},{behind}))"


def _growth(sheet: WorkingsSheet, constraint: GrowthOf) -> str:
    base, now = constraint.base, constraint.now
    before, after = sheet.line(base), sheet.line(now)
    row = sheet.line(constraint.growth, bold=True)
    low = 100 * (float(now.value - now.below) / float(base.value + base.above) - 1)
    high = 100 * (float(now.value + now.above) / float(base.value - base.below) - 1)
    sheet.formula(f"F{row}", f"=100*((C{after}-D{after})/(C{before}+E{before})-1)", low)
    sheet.formula(f"G{row}", f"=100*((C{after}+E{after})/(C{before}-D{before})-1)", high)
    return _in_bounds(row)


def _share(sheet: WorkingsSheet, constraint: ShareOf) -> str:
    count = sheet.line(constraint.count, constraint.total)
    row = sheet.line(constraint.share, bold=True)
    exact = 100 * float(constraint.count.value) / constraint.total
    for column in "FG":
        sheet.formula(f"{column}{row}", f"=100*C{count}/B{count}", exact)
    return _in_bounds(row)


#: Constraint -> what writes its numbers and returns the test that they may be right.
_WRITERS: Mapping[type, Callable[[WorkingsSheet, Any], str]] = {
    Linear: _linear,
    Lattice: _lattice,
    Copy: _copy,
    Order: _order,
    SumOrder: _sum_order,
    GrowthOf: _growth,
    ShareOf: _share,
}
