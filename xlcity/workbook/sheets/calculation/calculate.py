"""What the sheets that calculate have in common: city columns, headers, statistics, names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block
from xlcity.workbook.labels import shown_text
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    OF_NUMBERS,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_SD,
    ROW_WEIGHT,
)
from xlcity.workbook.steps.nodes import weighs_by_leaves

#: Width of the columns of `Index`, and of those before a block, in which stands what is above it.
INDEX_WIDTH = 12
SCORE = "0.00"
VALUE = "General"
#: Rows of the statistics above a column, and their labels.
STATISTICS = tuple(
    (row, f"stat.{name}")
    for row, name in (
        (ROW_N, "n"), (ROW_MEAN, "mean"), (ROW_SD, "sd"), (ROW_MIN, "min"), (ROW_MAX, "max"),
    )
)  # fmt: skip


def unit_columns(book: Book, canvas: Canvas, last: int | None = None) -> None:
    """Write id and name of the city of each row, and what they are above them."""
    unit_names(book, canvas, last)
    unit_heads(canvas)


def unit_heads(canvas: Canvas) -> None:
    """Write what the first two columns of a sheet of cities are."""
    canvas.label_heads(ROW_NAME, CODE, ("data.id", "data.name"))


def unit_names(book: Book, canvas: Canvas, last: int | None = None) -> None:
    """Write id and name of the city of each row."""
    layout = book.layout
    for row in range(FIRST, (last or layout.last) + 1):
        unit = layout.city_cell("id", row)
        canvas.formula(row, 1, f'IF({unit}="","",{unit})', "id")
        canvas.formula(row, 2, layout.city_cell("display", row), "name")


def block_header(
    book: Book, canvas: Canvas, block: Block, width: float = 0, title: str = ""
) -> None:
    """Write names and codes above a block; each name is shown behind the label `title`, if any."""
    if width and block.codes:
        canvas.block_columns(block, width)
    before = book.labels.text(title) if title else ""
    shown = f';;;"{before} · "@' if title else ""
    for code in block.codes:
        column = block.column(code)
        name = book.layout.framework_cell(code, "display")
        canvas.formula(ROW_NAME, column, name, "header", shown, font_size=9)
        canvas.put(CODE, column, code, "stub_code")
    if title:
        pass


def unit_of_measure(book: Book, code: str) -> str:
    """Return the formula of the unit of measure of an indicator, in the book's language."""
    uom_zh, uom = (book.layout.framework_cell(code, name) for name in ("uom_zh", "uom"))
    return shown_text(uom, uom_zh, book.spec.language)


def block_stubs(
    canvas: Canvas, block: Block, title: str, rows: Iterable[tuple[int, str]] = ()
) -> None:
    """Write in the column before a block what it holds, and what the rows above it are."""
    canvas.label(ROW_NAME, block.left - 1, title, "section", font_size=9, text_wrap=True)
    for row, key in rows:
        block_stub(canvas, block, row, key)


def block_stub(canvas: Canvas, block: Block, row: int, key: str) -> None:
    """Write in the column before a block what a row above it is."""
    canvas.label(row, block.left - 1, key, "stub_line", font_size=8, shrink=True)


def first_of(book: Book, shown: int | str, of: str) -> str:
    """Return a text that says how many of how many are shown, "" where all are.

    `of` is the formula of their number.
    """
    text = f'SUBSTITUTE(SUBSTITUTE({book.labels.ref("chart.first")},"#1",{shown}),"#2",{of})'
    return f'IF({of}>{shown},{text},"")'


def key_digits(value: str, most: int = 15) -> str:
    """Return the decimals of a rank key: par_rank_digits, fewer for numbers of a million and more.

    A key is counted as text (`">"&key`), and text has 15 significant digits: with more of them a
    number may be larger than its own text, and count itself. As Python rounds, `round_excel`.
    """
    # The logarithm of a power of ten may be a last bit short of the whole number.
    return f"MIN(par_rank_digits,{most - 1}-INT(LOG10(MAX(1,ABS({value})))+1E-9))"


def above(value: str) -> str:
    """Return the criterion of what ranks before an unrounded value."""
    return f'">"&{upper_edge(value)}'


def upper_edge(value: str) -> str:
    """Return the largest number that shares the rank of an unrounded value.

    It lies half a unit of the last digit above the rounded value; that half takes the fifteenth
    digit.
    """
    digits = key_digits(value, 14)
    return f"ROUND({value},{digits})+10^-{digits}/2"


def lower_edge(value: str) -> str:
    """Return the number that all that share the rank of an unrounded value are above."""
    digits = key_digits(value, 14)
    return f"ROUND({value},{digits})-10^-{digits}/2"


def rank_key(book: Book, score: str) -> str:
    """Return the number that ranks are counted on; "" without a score."""
    # A small negative score rounds to -0, which engines count below 0 as a criterion.
    return f'IF(ISNUMBER({score}),{whole_key(book, score)}+0,"")'


def whole_key(book: Book, score: str) -> str:
    """Return a score, rounded as the recipe says for ranks."""
    rounded = f"ROUND({score},{key_digits(score)})"
    return f"ROUND({rounded},par_rank_round)" if "rank_round" in book.parameters else rounded


def statistics(
    canvas: Canvas, column: int, values: str, rows: Iterable[int] = dict(STATISTICS)
) -> None:
    """Write n, mean, sd, min, max of some values above a column, or those of some rows."""
    n = f"COUNT({values})"
    for row in rows:
        if row == ROW_N:
            canvas.formula(row, column, n, "calculation_center")
        else:
            formula = f'IF({n}=0,"",{OF_NUMBERS[row]}({values}))'
            canvas.formula(row, column, formula, "calculation", "0.0000")


def weight_row(
    book: Book, canvas: Canvas, block: Block, codes: Collection[str] | None = None
) -> None:
    """Write the weight of each node and its parent's code above its column, or of some nodes."""
    for code in block.codes if codes is None else codes:
        if book.spec.framework[code].parent is None:
            canvas.put(ROW_WEIGHT, block.column(code), None, "stub")
        else:
            given_weight(canvas, ROW_WEIGHT, block.column(code), code)


def given_weight(canvas: Canvas, row: int, column: int, code: str) -> None:
    """Write the weight of a node: its number of indicators, or what `Framework` has.

    The number's format shows the parent behind it.
    """
    spec = canvas.book.spec
    parent = spec.framework[code].parent or ""
    style: dict[str, Any] = {"font_size": 8, "shrink": True}
    form = f'0.####" · {parent.replace(chr(34), "")}"'
    if weighs_by_leaves(spec, parent):
        leaves = len(spec.framework.leaves_below(code))
        canvas.put(row, column, leaves, "calculation_center", form, **style)
        return
    source = canvas.book.layout.framework_cell(code, "weight")
    shown = f'IF({source}="","",{source})'
    canvas.formula(row, column, shown, "calculation_center", form, **style)
