"""The sheet `Reasoning`: broken identities as native formulas over the sheets of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlcity.audit.tables.constraints.base import Constraint, Copy, Lattice, Linear
from xlcity.audit.tables.constraints.orders import Order, SumOrder
from xlcity.audit.tables.constraints.relations import GrowthOf, ShareOf
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.spec.cells import PrintedCell

#: Identities shown per group, at most.
MOST_SHOWN = 6
VERDICTS = ("possible 可能", "impossible 不可能")


@dataclass(slots=True)
class WorkingsSheet:
    """A worksheet being written from the top, and where printed cells live."""

    sheet: Any
    style: Callable[..., Any]
    homes: Mapping[int, str]
    row: int = 0

    def text(self, column: int, text: str, **style: Any) -> None:
        """Write a text in the current row."""
        self.sheet.write_string(self.row, column, text, self.style(**style))

    def number(self, column: int, number: float) -> str:
        """Write a number and return its address."""
        style = self.style(font_color="#1F4E79", num_format="General")
        self.sheet.write_number(self.row, column, number, style)
        return self._address(column)

    def printed(self, column: int, cell: PrintedCell) -> str:
        """Write a reference to a printed cell and return the address of the reference."""
        style = self.style(num_format="0" + ("." + "0" * cell.decimals) * bool(cell.decimals))
        formula = f"={self.homes[cell.index]}"
        self.sheet.write_formula(self.row, column, formula, style, float(cell.value))
        return self._address(column)

    def formula(self, column: int, formula: str, value: float | str, **style: Any) -> str:
        """Write a formula with its value and return its address."""
        shown = {"num_format": "General"} if isinstance(value, str) else {"num_format": "0.0000"}
        self.sheet.write_formula(self.row, column, formula, self.style(**{**shown, **style}), value)
        return self._address(column)

    def line(
        self, cell: PrintedCell, weight: float | None = None, **style: Any
    ) -> tuple[str, str, str]:
        """Write a printed cell with its rounding; return where it, below and above stand."""
        self.text(0, _label(cell), **style)
        if weight is not None:
            self.number(1, weight)
        return self.printed(2, cell), *self.rounding(cell)

    def rounding(self, cell: PrintedCell) -> tuple[str, str]:
        """Write how far a number may lie below and above; return the addresses."""
        return self.number(3, float(cell.below)), self.number(4, float(cell.above))

    def lines(self, *cells: PrintedCell) -> list[tuple[str, str, str]]:
        """Write printed cells in rows of their own."""
        found = []
        for cell in cells:
            found.append(self.line(cell))
            self.row += 1
        return found

    def heads(self, *names: str) -> None:
        """Write the headings of a block."""
        for at, name in enumerate(names):
            self.text(at, name, italic=True, bottom=1)
        self.row += 1

    def verdict(self, test: str, constraint: Constraint, values: Sequence[Decimal]) -> None:
        """Write whether a test holds; its value now is the constraint's own."""
        shown = VERDICTS[constraint.broken(values)]
        self.formula(7, f'=IF({test},"{VERDICTS[0]}","{VERDICTS[1]}")', shown, bold=True)

    def _address(self, column: int) -> str:
        return f"{chr(65 + column)}{self.row + 1}"


def write_reasoning(sheet: WorkingsSheet, audit: Audit) -> None:
    """Write the broken identities of every group, as far as formulas can say them."""
    sheet.sheet.set_column(0, 0, 44)
    sheet.sheet.set_column(1, 6, 14)
    sheet.sheet.set_column(7, 7, 20)
    sheet.text(0, "Why 依据", bold=True, font_size=14)
    sheet.row = 1
    sheet.text(
        0,
        "Type a suggested number over the printed one on its sheet: the verdict here follows. "
        "在相应表页上改成建议的数，这里的结论随之变化。",
        font_color="#595959",
    )
    sheet.row = 3
    values = [cell.value for cell in audit.printed.book.cells]
    for number, group in enumerate(audit.groups, start=1):
        shown = [c for c in group.broken if type(c) in _WRITERS][:MOST_SHOWN]
        for constraint in shown:
            sentence = constraint.tell(values)
            sheet.text(0, f"[{number}] {constraint.check}: {sentence}", bold=True)
            sheet.row += 1
            _WRITERS[type(constraint)](sheet, constraint, values)
            sheet.row += 2
    sheet.sheet.freeze_panes(3, 0)
    sheet.sheet.set_landscape()
    sheet.sheet.fit_to_pages(1, 0)


def _label(cell: PrintedCell) -> str:
    return f"{cell.unit} {cell.node} ({cell.table})"


def _both(*differences: str) -> str:
    """Return the test that no difference is below 0, but for rounding noise."""
    return f"AND({','.join(f'ROUND({one},9)>=0' for one in differences)})"


_PRINTED = ("printed 公布", "below 可低", "above 可高")


def _linear(sheet: WorkingsSheet, constraint: Linear, values: Sequence[Decimal]) -> None:
    sheet.heads("part 组成", "weight 权重", *_PRINTED, "from 下限", "to 上限")
    first = sheet.row + 1
    low = high = 0.0
    for part, weight in zip(constraint.parts, constraint.weights, strict=True):
        share = weight / constraint.scale
        c, d, e = sheet.line(part, share)
        b = f"B{sheet.row + 1}"
        value, below, above = float(part.value), float(part.below), float(part.above)
        ends = sorted((share * (value - below), share * (value + above)))
        sheet.formula(5, f"=MIN({b}*({c}-{d}),{b}*({c}+{e}))", ends[0])
        sheet.formula(6, f"=MAX({b}*({c}-{d}),{b}*({c}+{e}))", ends[1])
        low, high = low + ends[0], high + ends[1]
        sheet.row += 1
    last = sheet.row
    c, d, e = sheet.line(constraint.whole, bold=True)
    constant = float(constraint.constant) / constraint.scale
    plus = f"+{sheet.number(1, constant)}" if constant else ""
    f = sheet.formula(5, f"=SUM(F{first}:F{last}){plus}", low + constant)
    g = sheet.formula(6, f"=SUM(G{first}:G{last}){plus}", high + constant)
    sheet.verdict(_both(f"{c}+{e}-{f}", f"{g}-{c}+{d}"), constraint, values)


def _lattice(sheet: WorkingsSheet, constraint: Lattice, values: Sequence[Decimal]) -> None:
    sheet.heads("number 数", "step 步长", *_PRINTED, "multiple from 倍数下限", "to 上限")
    cell, step = constraint.cell, float(constraint.step)
    sheet.text(0, _label(cell))
    top = constraint.step.numerator
    b = sheet.formula(1, f"={top}/{constraint.step.denominator}", step)
    c = sheet.printed(2, cell)
    d, e = sheet.rounding(cell)
    low = (float(cell.value) - float(cell.below)) / step
    high = (float(cell.value) + float(cell.above)) / step
    f = sheet.formula(5, f"=ROUND(({c}-{d})/{b},9)", low)
    g = sheet.formula(6, f"=ROUND(({c}+{e})/{b},9)", high)
    # A whole number lies between both ends.
    sheet.verdict(f"ROUNDUP({f},0)<=ROUNDDOWN({g},0)", constraint, values)


def _copy(sheet: WorkingsSheet, constraint: Copy, values: Sequence[Decimal]) -> None:
    sheet.heads("place 位置", "", *_PRINTED)
    (c1, d1, e1), (c2, d2, e2) = sheet.lines(*constraint.cells)
    test = _both(f"{c1}+{e1}-{c2}+{d2}", f"{c2}+{e2}-{c1}+{d1}")
    if constraint.one.decimals == constraint.other.decimals:
        test = f"{c1}={c2}"
    sheet.row -= 1
    sheet.verdict(test, constraint, values)


def _order(sheet: WorkingsSheet, constraint: Order, values: Sequence[Decimal]) -> None:
    sheet.heads("unit 城市", "rank 名次", "score 得分", *_PRINTED[1:])
    pairs = (
        (constraint.rank_one, constraint.score_one),
        (constraint.rank_other, constraint.score_other),
    )
    rows = []
    for rank, score in pairs:
        sheet.text(0, _label(rank))
        b, c, d, e = sheet.printed(1, rank), "", "", ""
        if score is not None:
            c = sheet.printed(2, score)
            d, e = sheet.rounding(score)
        rows.append((b, c, d, e))
        sheet.row += 1
    (b1, c1, d1, e1), (b2, c2, d2, e2) = rows
    if not c1 or not c2:
        test = f"{b1}<>{b2}"
    else:
        first = f"ROUND({c1}+{e1}-{c2}+{d2},9)>=0"
        second = f"ROUND({c2}+{e2}-{c1}+{d1},9)>=0"
        if not constraint.descending:
            first, second = second, first
        tied = "FALSE" if constraint.distinct else f"AND({first},{second})"
        test = f"IF({b1}={b2},{tied},IF({b1}<{b2},{first},{second}))"
    sheet.row -= 1
    sheet.verdict(test, constraint, values)


def _sum_order(sheet: WorkingsSheet, constraint: SumOrder, values: Sequence[Decimal]) -> None:
    """Write the parts of both units side by side, and how far rounding may carry their means."""
    one, other = constraint.rank_one, constraint.rank_other
    sheet.heads("part 组成", "weight 权重", one.unit, other.unit, "± 1", "± 2", "")
    first, scale = sheet.row + 1, sum(constraint.weights)
    rows = zip(constraint.parts_one, constraint.parts_other, constraint.weights, strict=True)
    for mine, theirs, weight in rows:
        sheet.text(0, mine.node)
        sheet.number(1, weight)
        sheet.printed(2, mine)
        sheet.printed(3, theirs)
        sheet.number(4, mine.reach)
        sheet.number(5, theirs.reach)
        sheet.row += 1
    last = sheet.row
    mean = f"=SUMPRODUCT($B{first}:$B{last},?{first}:?{last})/SUM($B{first}:$B{last})"
    for at, parts in enumerate((constraint.parts_one, constraint.parts_other)):
        weighted = list(zip(parts, constraint.weights, strict=True))
        middle = sum(float(c.value) * w for c, w in weighted) / scale
        reach = sum(c.reach * w for c, w in weighted) / scale
        sheet.formula(2 + at, mean.replace("?", "CD"[at]), middle)
        sheet.formula(4 + at, mean.replace("?", "EF"[at]), reach)
    sheet.text(0, "weighted mean 加权平均", bold=True)
    total = sheet.row + 1
    sheet.row += 1
    sheet.text(0, "rank 名次", bold=True)
    c, d = sheet.printed(2, one), sheet.printed(3, other)
    ahead = f"ROUND(C{total}+E{total}-D{total}+F{total},9)>=0"
    behind = f"ROUND(D{total}+F{total}-C{total}+E{total},9)>=0"
    test = f"IF({c}={d},TRUE,IF({c}<{d},{ahead},{behind}))"
    sheet.verdict(test, constraint, values)


def _growth(sheet: WorkingsSheet, constraint: GrowthOf, values: Sequence[Decimal]) -> None:
    sheet.heads("number 数", "", *_PRINTED, "growth from 增长下限 %", "to 上限 %")
    (c1, d1, e1), (c2, d2, e2) = sheet.lines(constraint.base, constraint.now)
    growth = constraint.growth
    c, d, e = sheet.line(growth, bold=True)
    low, high = constraint.interval(growth, values)
    ends = float((low or Decimal(0)) + growth.above), float((high or Decimal(0)) - growth.below)
    f = sheet.formula(5, f"=100*(({c2}-{d2})/({c1}+{e1})-1)", ends[0])
    g = sheet.formula(6, f"=100*(({c2}+{e2})/({c1}-{d1})-1)", ends[1])
    sheet.verdict(_both(f"{c}+{e}-{f}", f"{g}-{c}+{d}"), constraint, values)


def _share(sheet: WorkingsSheet, constraint: ShareOf, values: Sequence[Decimal]) -> None:
    sheet.heads("number 数", "total 总数", *_PRINTED, "share 比重 %")
    sheet.text(0, _label(constraint.count))
    b = sheet.number(1, constraint.total)
    c1 = sheet.printed(2, constraint.count)
    exact = 100 * float(constraint.count.value) / constraint.total
    f = sheet.formula(5, f"=100*{c1}/{b}", exact)
    sheet.row += 1
    c, d, e = sheet.line(constraint.share, bold=True)
    sheet.verdict(_both(f"{f}-{c}+{d}", f"{c}+{e}-{f}"), constraint, values)


_WRITERS: Mapping[type, Callable[[WorkingsSheet, Any, Sequence[Decimal]], None]] = {
    Linear: _linear,
    Lattice: _lattice,
    Copy: _copy,
    Order: _order,
    SumOrder: _sum_order,
    GrowthOf: _growth,
    ShareOf: _share,
}
