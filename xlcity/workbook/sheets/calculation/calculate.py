"""What the sheets that calculate have in common: statistics, weights, ranks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.number_formats import FOUR_DECIMALS
from xlcity.workbook.drawing.styles import CENTER, TINY
from xlcity.workbook.labels import shown_text
from xlcity.workbook.layout.rows import (
    OF_NUMBERS,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_RANGE,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.table import Above, Content
from xlcity.workbook.steps.nodes import weighs_by_leaves

SCORE = "0.00"
VALUE = "General"
#: Row of the decimals of rank keys, above them.
ROW_DECIMALS = ROW_RANGE
#: Rows of the statistics above a column, and their labels.
STATISTICS = {
    ROW_N: "stat.n",
    ROW_MEAN: "stat.mean",
    ROW_SD: "stat.sd",
    ROW_MIN: "stat.min",
    ROW_MAX: "stat.max",
}


def unit_of_measure(book: Book, code: str) -> str:
    """Return the formula of the unit of measure of an indicator, in the book's language."""
    uom_zh, uom = (book.layout.framework_cell(code, name) for name in ("uom_zh", "uom"))
    return shown_text(uom, uom_zh, book.spec.language)


def statistics(values: str, rows: Iterable[int] = STATISTICS) -> dict[int, str]:
    """Return the formulas of n, mean, sd, min, max of some values, or those of some rows."""
    n = f"COUNT({values})"
    shown = {
        row: f'IF({n}=0,"",{function}({values}))'
        for row, function in OF_NUMBERS.items()
    }
    return {row: ({ROW_N: n} | shown)[row] for row in rows}


def rows_above(
    contents: Mapping[str, Mapping[int, Content]],
    labels: Mapping[int, str],
    number: str | Callable[[str], str] = FOUR_DECIMALS,
    counts: Collection[int] = (ROW_N,),
) -> list[Above]:
    """Return rows above a block: code -> row -> content, and the labels of the rows.

    `counts` are rows of whole numbers.
    """

    def row_above(row: int, key: str) -> Above:
        look = (CENTER, "0") if row in counts else ("calculation", number)
        return Above(
            row,
            key,
            lambda code: contents.get(code, {}).get(row),
            *look,
        )

    return [row_above(row, key) for row, key in labels.items()]


def weight_line(
    book: Book,
    codes: Collection[str] | None = None,
    row: int = ROW_WEIGHT,
    key: str = "stat.weight",
) -> Above:
    """Return the row of the weights of nodes, of all or some: as on `Framework`, or of leaves.

    The number's format shows the parent behind it.
    """
    framework = book.spec.framework

    def parent(code: str) -> str:
        return framework[code].parent or ""

    def weight(code: str) -> Content:
        if not parent(code) or (codes is not None and code not in codes):
            return None
        if weighs_by_leaves(book.spec, parent(code)):
            return float(len(framework.leaves_below(code)))
        source = book.layout.framework_cell(code, "weight")
        return f'IF({source}="","",{source})'

    def number(code: str) -> str:
        return f'0.####" · {parent(code).replace(chr(34), "")}"'

    return Above(
        row,
        key,
        of=weight,
        role=CENTER,
        number=number,
        style={**TINY, "shrink": True},
    )


def first_of(book: Book, shown: int | str, of: str) -> str:
    """Return a text that says how many of how many are shown, "" where all are.

    `of` is the formula of their number.
    """
    text = f'SUBSTITUTE(SUBSTITUTE({book.labels.ref("chart.first")},"#1",{shown}),"#2",{of})'
    return f'IF({of}>{shown},{text},"")'


def key_digits(largest: str, most: int = 15) -> str:
    """Return the decimals of rank keys: par_rank_digits, fewer for numbers of a million and more.

    A key is counted as text (`">"&key`), and text has 15 significant digits: with more of them a
    number may be larger than its own text, and count itself. As `find_key_decimals` in Python.
    """
    # The logarithm of a power of ten may be a last bit short of the whole number.
    return f"MIN(par_rank_digits,{most - 1}-INT(LOG10(MAX(1,{largest}))+1E-9))"


def above(value: str) -> str:
    """Return the criterion of what ranks before an unrounded value."""
    return f'">"&{rank_edge(value)}'


def rank_edge(value: str, sign: str = "+") -> str:
    """Return the largest number that shares the rank of an unrounded value, "-" the least.

    It lies half a unit of a key's last digit off the value, in at most 14 digits: the value itself
    is never so near that programs which compare 15 digits disagree.
    """
    digits = key_digits(f"ABS({value})", 13)
    return f"ROUND({value}{sign}10^-{digits}/2,{digits}+1)"


#: Relative distance within which numbers count as equal, whatever their size.
ALIKE = "5E-13"


def at_least(value: str) -> str:
    """Return the criterion of numbers that are not smaller, but for their last digits."""
    return f'">="&{value}-{ALIKE}*ABS({value})'


def at_most(value: str) -> str:
    """Return the criterion of numbers that are not larger, but for their last digits."""
    return f'"<="&{value}+{ALIKE}*ABS({value})'


def smaller(value: str) -> str:
    """Return the criterion of numbers that are smaller by more than their last digits."""
    return f'"<"&{value}-{ALIKE}*ABS({value})'


def rank_key(book: Book, score: str, decimals: str) -> str:
    """Return the number that ranks are counted on, rounded as the recipe says; "" without one."""
    rounded = f"ROUND({score},{decimals})"
    if "rank_round" in book.parameters:
        rounded = f"ROUND({rounded},par_rank_round)"
    # A small negative score rounds to -0, which engines count below 0 as a criterion.
    return f'IF(ISNUMBER({score}),{rounded}+0,"")'
