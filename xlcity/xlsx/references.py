"""Which cells a formula reads."""

from __future__ import annotations

import re

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Area, column_number
from xlcity.xlsx.cells import Book

_SHEET = r"(?:(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!)?"
_PIECE = re.compile(
    rf"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<function>[^\W\d][\w.]*\s*\()
    | {_SHEET}(?:
        (?P<cell>\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}}(?::\$?[A-Za-z]{{1,3}}\$?[1-9]\d{{0,6}})?)
          (?![\w.(!\[])
      | (?P<columns>\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}})(?![\w.(!:$])
      | (?P<rows>\$?[1-9]\d{{0,6}}:\$?[1-9]\d{{0,6}})(?![\w.(!:])
      )
    | {_SHEET.replace("sheet>", "of>")}(?P<name>[^\W\d][\w.\\?]*)
    | (?P<number>\d[\w.]*)
    | (?P<odd>[\[\]:\#!'])
    """,
    re.X,
)
#: These make addresses while calculating.
_DYNAMIC = frozenset(("OFFSET", "INDIRECT", "CELL", "GETPIVOTDATA"))
#: Names inside names inside names: deeper is a circle.
_DEPTH = 8


def areas_read(formula: str, sheet: str, book: Book, depth: int = 0) -> set[Area] | None:
    """Return the areas a formula refers to, or ``None`` if that cannot be told before calculating.

    Parameters
    ----------
    formula
        The text without ``=``.
    sheet
        The sheet it stands on.
    book
        The workbook, for its names.
    depth
        How many names deep the formula is.
    """
    found: set[Area] = set()
    for match in _PIECE.finditer(formula):
        kind = match.lastgroup
        if kind == "function":
            if match["function"].rstrip("( ").upper().removeprefix("_XLFN.") in _DYNAMIC:
                return None
        elif kind == "odd":
            return None
        elif kind == "name":
            more = _named(match["name"], match["of"], sheet, book, depth)
            if more is None:
                return None
            found |= more
        elif match["cell"] or match["columns"] or match["rows"]:
            area = _area(match, sheet)
            if area.sheet not in book.sheets:
                return None
            found.add(area)
    return found


def _area(match: re.Match[str], sheet: str) -> Area:
    owner = match["sheet"]
    if owner is None:
        owner = sheet
    elif owner.startswith("'"):
        owner = owner[1:-1].replace("''", "'")
    text = (match["cell"] or match["columns"] or match["rows"]).replace("$", "")
    first, _, last = text.partition(":")
    ends = [_corner(first), _corner(last or first)]
    rows = [row for row, _ in ends if row]
    columns = [column for _, column in ends if column]
    return Area(
        owner,
        min(rows, default=1),
        min(columns, default=1),
        max(rows, default=MAX_ROWS),
        max(columns, default=MAX_COLUMNS),
    )


def _corner(text: str) -> tuple[int, int]:
    """Return (row, column) of one end of a reference, 0 for what it does not say."""
    letters = text.rstrip("0123456789")
    digits = text[len(letters) :]
    return int(digits or 0), column_number(letters) if letters else 0


def _named(name: str, owner: str | None, sheet: str, book: Book, depth: int) -> set[Area] | None:
    if name.upper() in ("TRUE", "FALSE"):
        return set()
    folded = name.casefold()
    place = sheet if owner is None else owner.strip("'").replace("''", "'")
    text = next(
        (t for (s, n), t in book.local_names.items() if s == place and n.casefold() == folded),
        None,
    )
    if text is None:
        text = next((t for n, t in book.names.items() if n.casefold() == folded), None)
    if text is None or depth >= _DEPTH:
        return None
    return areas_read(text, place, book, depth + 1)
