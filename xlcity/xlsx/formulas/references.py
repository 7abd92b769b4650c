"""Which cells a formula reads, as far as that can be known before calculating."""

from __future__ import annotations

from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.tokens import form

#: These make addresses while calculating.
_DYNAMIC = frozenset(("OFFSET", "INDIRECT", "CELL", "GETPIVOTDATA"))
#: Names inside names inside names: deeper is a circle.
_DEPTH = 8


def areas_read(formula: str, sheet: str, book: ReadBook, depth: int = 0) -> set[Range] | None:
    """Return the areas a formula refers to, or ``None`` if that cannot be known before calculating.

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
    found: set[Range] = set()
    for token in form(formula, 1, 1).tokens:
        if (ref := token.ref) is not None:
            area = ref.area(sheet, 1, 1)
            if ref.book or area.sheet not in book.sheets:
                return None
            found.add(area)
        elif token.kind == "name" and token.text not in ("TRUE", "FALSE"):
            if (more := _named(token.text, sheet, book, depth)) is None:
                return None
            found |= more
        elif (
            token.kind == "error"
            or (token.kind == "operator" and token.text in ":#!'[]")
            or (token.kind == "function" and token.text in _DYNAMIC)
        ):
            return None
    return found


def _named(name: str, sheet: str, book: ReadBook, depth: int) -> set[Range] | None:
    owner, _, bare = name.rpartition("!")
    place = next((n for n in book.sheets if n.upper() == owner), sheet)
    own = {n.upper(): text for (s, n), text in book.local_names.items() if s == place}
    text = own.get(bare) or {n.upper(): t for n, t in book.names.items()}.get(bare)
    return None if text is None or depth >= _DEPTH else areas_read(text, place, book, depth + 1)
