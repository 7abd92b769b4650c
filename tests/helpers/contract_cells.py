"""Cells of results, found by the names of the contract wherever a template places its blocks.

A block is one of `out_scores`, `out_normalised`, `out_ranks`, `xl_typed`: cities down,
in the order of `out_units`, and codes across, written in the row above its first one.
"""

from xlcity.xlsx.address import Range, full_address
from xlcity.xlsx.cells import ReadBook, resolve
from xlcity.xlsx.table import Position


def sheet_of_block(book: ReadBook, block: str) -> str:
    """Return the sheet that a block is on."""
    return resolve(book, block).sheet


def block_position(
    book: ReadBook, block: str, unit: str = "", code: str = ""
) -> Position:
    """Return the position of a city's value of a code.

    Of the first city where none is named; without a code the total, or the first indicator.
    """
    area = resolve(book, block)
    down = 0
    right = area.c2 - area.c1 if block in ("out_scores", "out_ranks") else 0
    if unit:
        units = [row[0] for row in book.block(resolve(book, "out_units"))]
        down = units.index(unit)
    if code:
        heads = Range(area.sheet, area.r1 - 1, area.c1, area.r1 - 1, area.c2)
        right = book.block(heads)[0].index(code)
    return area.r1 + down, area.c1 + right


def block_cell(book: ReadBook, block: str, unit: str = "", code: str = "") -> str:
    """Return the address of that value, with its sheet."""
    return full_address(
        sheet_of_block(book, block), block_position(book, block, unit, code)
    )


def block_column(book: ReadBook, block: str, code: str = "") -> Range:
    """Return the cells of a code: of the total or the first indicator where none is named."""
    area = resolve(book, block)
    _, column = block_position(book, block, code=code)
    return Range(area.sheet, area.r1, column, area.r2, column)


def score_cell(book: ReadBook, unit: str = "", code: str = "") -> str:
    """Return the address of a score: of the first city's total where none is named."""
    return block_cell(book, "out_scores", unit, code)


def score_sheet(book: ReadBook) -> str:
    """Return the sheet of the scores."""
    return sheet_of_block(book, "out_scores")
