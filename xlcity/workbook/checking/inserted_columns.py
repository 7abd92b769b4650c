"""Columns of one's own among the indicators of `Data`: what stands behind them has moved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import accumulate

from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.tab_titles import titles_of
from xlcity.xlsx.address import MAX_COLUMNS, column_letters, column_number
from xlcity.xlsx.cells import Position, ReadBook, resolve
from xlcity.xlsx.formulas.tokens import lex

DATA, _CODES, _SOURCES = titles_of("Data"), "xl_codes", "xl_sources"
_COLUMN = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,3}(?![A-Za-z])")


def drawn_columns(book: ReadBook) -> Mapping[int, int]:
    """Return column of `Data` -> where a template has it; empty where none was inserted.

    No template has those inserted: they stand for the last column of the sheet.
    """
    if not {_CODES, _SOURCES} <= book.names.keys():
        return {}
    codes = {plain_text(row[0]) for row in book.block(resolve(book, _SOURCES))[1:]}
    area = resolve(book, _CODES)
    own = [plain_text(head) not in codes for head in book.block(area)[0]]
    # A heading that was typed over inserts nothing.
    if area.sheet not in DATA or not any(own) or len(own) - sum(own) != len(codes):
        return {}
    right = max(column for _, column in book.sheets[area.sheet].cells)
    behind = [False] * max(right - area.c2, 1)
    lines = enumerate(zip([*own, *behind], accumulate([*own, *behind]), strict=True), area.c1)
    return {column: MAX_COLUMNS if new else column - moved for column, (new, moved) in lines}


def as_drawn(formula: str, sheet: str, columns: Mapping[int, int]) -> str:
    """Return a formula of a sheet with the columns of `Data` where a template has them."""
    if not columns:
        return formula

    def moved(match: re.Match[str]) -> str:
        number = column_number(match[0])
        return column_letters(columns.get(number, number))

    pieces, read = [], sheet
    for match in lex(formula):
        if match.lastgroup in ("range", "columns") and read.title() in DATA:
            pieces.append(_COLUMN.sub(moved, match[0]))
        else:
            pieces.append(match[0])
        read = match[0].rstrip("!").strip("'") if match.lastgroup == "sheet" else sheet
    return "".join(pieces)


def drawn_texts(book: ReadBook, sheet: str) -> dict[Position, str]:
    """Return the formulas of a sheet, where and as a template has them; see `drawn_columns`."""
    texts, columns = dict(book.sheets[sheet].cells.texts()), drawn_columns(book)
    if not columns:
        return texts
    places = columns if sheet in DATA else {}
    return {
        (row, places.get(column, column)): as_drawn(text, sheet, columns)
        for (row, column), text in texts.items()
    }
