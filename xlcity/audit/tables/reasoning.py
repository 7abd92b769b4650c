"""The sheet `Reasoning`: broken identities as native formulas over the sheets of the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xlcity.audit.tables.cells import Cell
from xlcity.audit.tables.constraints import Copy, Lattice, Linear
from xlcity.audit.tables.findings import Audit
from xlcity.audit.tables.orders import Order, SumOrder
from xlcity.audit.tables.relations import GrowthOf, ShareOf

#: Identities shown per group, at most.
MOST_SHOWN = 6
VERDICTS = ("possible 可能", "impossible 不可能")


@dataclass(slots=True)
class Sheet:
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

    def printed(self, column: int, cell: Cell) -> str:
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

    def _address(self, column: int) -> str:
        return f"{chr(65 + column)}{self.row + 1}"


def write_reasoning(sheet: Sheet, audit: Audit) -> None:
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
            told = constraint.tell(values)
            sheet.text(0, f"[{number}] {constraint.check}: {told}", bold=True)
            sheet.row += 1
            _WRITERS[type(constraint)](sheet, constraint, values)
            sheet.row += 2
    sheet.sheet.freeze_panes(3, 0)
    sheet.sheet.set_landscape()
    sheet.sheet.fit_to_pages(1, 0)


def _heads(sheet: Sheet, *names: str) -> None:
    for at, name in enumerate(names):
        sheet.text(at, name, italic=True, bottom=1)
    sheet.row += 1


def _verdict(sheet: Sheet, column: int, test: str, *, holds: bool) -> None:
    formula = f'=IF({test},"{VERDICTS[0]}","{VERDICTS[1]}")'
    sheet.formula(column, formula, VERDICTS[0] if holds else VERDICTS[1], bold=True)


def _label(cell: Cell) -> str:
    return f"{cell.unit} {cell.node} ({cell.table})"


def _linear(sheet: Sheet, constraint: Linear, values: Sequence[Decimal]) -> None:
    _heads(
        sheet,
        "part 组成",
        "weight 权重",
        "printed 印出",
        "below 可低",
        "above 可高",
        "from 下限",
        "to 上限",
    )
    first = sheet.row + 1
    low = high = 0.0
    for part, weight in zip(constraint.parts, constraint.weights, strict=True):
        sheet.text(0, _label(part))
        share = weight / constraint.scale
        b = sheet.number(1, share)
        c = sheet.printed(2, part)
        d, e = sheet.number(3, float(part.below)), sheet.number(4, float(part.above))
        value, below, above = float(part.value), float(part.below), float(part.above)
        ends = sorted((share * (value - below), share * (value + above)))
        sheet.formula(5, f"=MIN({b}*({c}-{d}),{b}*({c}+{e}))", ends[0])
        sheet.formula(6, f"=MAX({b}*({c}-{d}),{b}*({c}+{e}))", ends[1])
        low, high = low + ends[0], high + ends[1]
        sheet.row += 1
    last = sheet.row
    whole = constraint.whole
    sheet.text(0, _label(whole), bold=True)
    c = sheet.printed(2, whole)
    d, e = sheet.number(3, float(whole.below)), sheet.number(4, float(whole.above))
    constant = float(constraint.constant) / constraint.scale
    b = sheet.number(1, constant) if constant else ""
    plus = f"+{b}" if constant else ""
    f = sheet.formula(5, f"=SUM(F{first}:F{last}){plus}", low + constant)
    g = sheet.formula(6, f"=SUM(G{first}:G{last}){plus}", high + constant)
    test = f"AND(ROUND({c}+{e}-{f},9)>=0,ROUND({g}-{c}+{d},9)>=0)"
    _verdict(sheet, 7, test, holds=not constraint.broken(values))


def _lattice(sheet: Sheet, constraint: Lattice, values: Sequence[Decimal]) -> None:
    _heads(
        sheet,
        "number 数",
        "step 步长",
        "printed 印出",
        "below 可低",
        "above 可高",
        "multiple from 倍数下限",
        "to 上限",
    )
    cell = constraint.cell
    sheet.text(0, _label(cell))
    step = float(constraint.step)
    top = constraint.step.numerator
    b = sheet.formula(1, f"={top}/{constraint.step.denominator}", step)
    c = sheet.printed(2, cell)
    d, e = sheet.number(3, float(cell.below)), sheet.number(4, float(cell.above))
    low = (float(cell.value) - float(cell.below)) / step
    high = (float(cell.value) + float(cell.above)) / step
    f = sheet.formula(5, f"=ROUND(({c}-{d})/{b},9)", low)
    g = sheet.formula(6, f"=ROUND(({c}+{e})/{b},9)", high)
    # A whole number lies between both ends.
    _verdict(sheet, 7, f"ROUNDUP({f},0)<=ROUNDDOWN({g},0)", holds=not constraint.broken(values))


def _copy(sheet: Sheet, constraint: Copy, values: Sequence[Decimal]) -> None:
    _heads(sheet, "place 位置", "", "printed 印出", "below 可低", "above 可高")
    rows = []
    for cell in constraint.cells:
        sheet.text(0, _label(cell))
        rows.append(
            (
                sheet.printed(2, cell),
                sheet.number(3, float(cell.below)),
                sheet.number(4, float(cell.above)),
            )
        )
        sheet.row += 1
    (c1, d1, e1), (c2, d2, e2) = rows
    test = f"AND(ROUND({c1}+{e1}-{c2}+{d2},9)>=0,ROUND({c2}+{e2}-{c1}+{d1},9)>=0)"
    if constraint.one.decimals == constraint.other.decimals:
        test = f"{c1}={c2}"
    sheet.row -= 1
    _verdict(sheet, 7, test, holds=not constraint.broken(values))


def _order(sheet: Sheet, constraint: Order, values: Sequence[Decimal]) -> None:
    _heads(sheet, "unit 城市", "rank 名次", "score 得分", "below 可低", "above 可高")
    pairs = (
        (constraint.rank_one, constraint.score_one),
        (constraint.rank_other, constraint.score_other),
    )
    rows = []
    for rank, score in pairs:
        sheet.text(0, _label(rank))
        b = sheet.printed(1, rank)
        if score is not None:
            c = sheet.printed(2, score)
            rows.append(
                (b, c, sheet.number(3, float(score.below)), sheet.number(4, float(score.above)))
            )
        else:
            rows.append((b, "", "", ""))
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
    _verdict(sheet, 7, test, holds=not constraint.broken(values))


def _sum_order(sheet: Sheet, constraint: SumOrder, values: Sequence[Decimal]) -> None:
    """Write the parts of both units side by side, and how far rounding may carry their means."""
    one, other = constraint.rank_one, constraint.rank_other
    _heads(sheet, "part 组成", "weight 权重", one.unit, other.unit, "± 1", "± 2", "")
    first, scale = sheet.row + 1, sum(constraint.weights)
    rows = zip(constraint.parts_one, constraint.parts_other, constraint.weights, strict=True)
    for mine, theirs, weight in rows:
        sheet.text(0, mine.node)
        sheet.number(1, weight)
        sheet.printed(2, mine)
        sheet.printed(3, theirs)
        sheet.number(4, float(mine.below + mine.above) / 2)
        sheet.number(5, float(theirs.below + theirs.above) / 2)
        sheet.row += 1
    last = sheet.row
    mean = f"=SUMPRODUCT($B{first}:$B{last},?{first}:?{last})/SUM($B{first}:$B{last})"
    for at, parts in enumerate((constraint.parts_one, constraint.parts_other)):
        weighted = list(zip(parts, constraint.weights, strict=True))
        middle = sum(float(c.value) * w for c, w in weighted) / scale
        reach = sum(float(c.below + c.above) / 2 * w for c, w in weighted) / scale
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
    _verdict(sheet, 7, test, holds=not constraint.broken(values))


def _growth(sheet: Sheet, constraint: GrowthOf, values: Sequence[Decimal]) -> None:
    _heads(
        sheet,
        "number 数",
        "",
        "printed 印出",
        "below 可低",
        "above 可高",
        "growth from 增长下限 %",
        "to 上限 %",
    )
    rows = []
    for cell in (constraint.base, constraint.now):
        sheet.text(0, _label(cell))
        rows.append(
            (
                sheet.printed(2, cell),
                sheet.number(3, float(cell.below)),
                sheet.number(4, float(cell.above)),
            )
        )
        sheet.row += 1
    (c1, d1, e1), (c2, d2, e2) = rows
    growth = constraint.growth
    sheet.text(0, _label(growth), bold=True)
    c = sheet.printed(2, growth)
    d, e = sheet.number(3, float(growth.below)), sheet.number(4, float(growth.above))
    low, high = constraint.interval(growth, values)
    ends = float((low or Decimal(0)) + growth.above), float((high or Decimal(0)) - growth.below)
    f = sheet.formula(5, f"=100*(({c2}-{d2})/({c1}+{e1})-1)", ends[0])
    g = sheet.formula(6, f"=100*(({c2}+{e2})/({c1}-{d1})-1)", ends[1])
    test = f"AND(ROUND({c}+{e}-{f},9)>=0,ROUND({g}-{c}+{d},9)>=0)"
    _verdict(sheet, 7, test, holds=not constraint.broken(values))


def _share(sheet: Sheet, constraint: ShareOf, values: Sequence[Decimal]) -> None:
    _heads(
        sheet, "number 数", "total 总数", "printed 印出", "below 可低", "above 可高", "share 比重 %"
    )
    sheet.text(0, _label(constraint.count))
    b = sheet.number(1, constraint.total)
    c1 = sheet.printed(2, constraint.count)
    exact = 100 * float(constraint.count.value) / constraint.total
    f = sheet.formula(5, f"=100*{c1}/{b}", exact)
    sheet.row += 1
    sheet.text(0, _label(constraint.share), bold=True)
    c = sheet.printed(2, constraint.share)
    d = sheet.number(3, float(constraint.share.below))
    e = sheet.number(4, float(constraint.share.above))
    test = f"AND(ROUND({f}-{c}+{d},9)>=0,ROUND({c}+{e}-{f},9)>=0)"
    _verdict(sheet, 7, test, holds=not constraint.broken(values))


_WRITERS: Mapping[type, Callable[[Sheet, Any, Sequence[Decimal]], None]] = {
    Linear: _linear,
    Lattice: _lattice,
    Copy: _copy,
    Order: _order,
    SumOrder: _sum_order,
    GrowthOf: _growth,
    ShareOf: _share,
}
