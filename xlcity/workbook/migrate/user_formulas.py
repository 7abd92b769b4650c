"""Formulas of a user's own, led to where the template's cells stand in another book."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from xlcity.workbook.migrate.cell_keys import SPARE, Anchors
from xlcity.xlsx.address import cell_name, column_letters, column_number, quote_sheet

_CORNER = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_REFERENCE = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*")
      | (?:(?:'(?P<quoted>(?:[^'\[\]]|'')+)'|(?<![\w.\]'])(?P<plain>[^\W\d][\w.]*))!
          | (?<![\w.$!:'\]\\]))
        (?:(?P<first>{_CORNER})(?::(?P<last>{_CORNER}))?
          | (?P<left>\$?[A-Za-z]{{1,3}}):(?P<right>\$?[A-Za-z]{{1,3}}))(?![\w.(!:\[\\])
    """,
    re.X,
)
_PARTS = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d+)")
#: A range of so many rows is followed row by row.
_FOLLOWED = 5000


class ReferenceMover:
    """Rewrites references to a template's cells.

    Parameters
    ----------
    old, new
        What cells are about in the book the formulas come from, and in the book they go to.
    own
        Sheets of the template; references to other sheets stay.
    """

    def __init__(self, old: Anchors, new: Anchors, own: frozenset[str]) -> None:
        self._old, self._new, self._own = old, new, own
        #: References whose cell is not there any more, with the sheet that has them.
        self.lost: list[str] = []

    def __call__(self, formula: str, sheet: str) -> str:
        """Return a formula of a sheet for the other book."""
        return self._each(formula, sheet, self._moved)

    def from_row(self, formula: str, sheet: str, old: int, new: int) -> str:
        """Return the formula of a rule for the rows of a range: seen from its first row."""

        def change(name: str, first: str, last: str) -> str | None:
            if name != sheet:
                return self._moved(name, first, last)
            ends = []
            for end in filter(None, (first, last)):
                match = _PARTS.fullmatch(end)
                assert match is not None  # the pattern above has just matched it
                row, column = _position(end)
                there = self.row(name, row) if match[3] else new + row - old
                right = self.column(name, column)
                if there is None or right is None or there < 1:
                    return None
                ends.append(_spelled(end, there, right))
            return ":".join(ends)

        return self._each(formula, sheet, change)

    def meaning(self, formula: str, sheet: str) -> str:
        """Return a formula with what its references are about: alike wherever cells stand."""

        def about(name: str, first: str, last: str) -> str:
            ends = (self._old.of(name, _position(end)) for end in filter(None, (first, last)))
            return "{" + ":".join(map(repr, ends)) + "}"

        return self._each(formula, sheet, about)

    def _each(self, formula: str, sheet: str, change: Callable[[str, str, str], str | None]) -> str:
        def changed(match: re.Match[str]) -> str:
            if match["text"] is not None:
                return match[0]
            qualified = match["quoted"] or match["plain"]
            name = (qualified or sheet).replace("''", "'")
            if name not in self._own or not self._old.has(name):
                return match[0]
            prefix = f"{quote_sheet(name)}!" if qualified else ""
            if match["first"] is None:
                found = self._columns(name, match["left"], match["right"])
            else:
                found = change(name, match["first"], match["last"] or "")
            if found is None:
                self.lost.append(f"{quote_sheet(sheet)}: {match[0]}")
                return "#REF!"
            return prefix + found

        return _REFERENCE.sub(changed, formula)

    def _columns(self, sheet: str, left: str, right: str) -> str | None:
        """Return whole columns."""
        ends = []
        for text in (left, right):
            number = self.column(sheet, column_number(text.replace("$", "")))
            if number is None:
                return None
            ends.append(("$" if text.startswith("$") else "") + column_letters(number))
        return ":".join(ends)

    def row(self, sheet: str, number: int) -> int | None:
        """Return where a row stands."""
        if not self._new.has(sheet):
            return None
        return self._new.grid(sheet).rows.find(*self._old.grid(sheet).rows.of(number))

    def column(self, sheet: str, number: int) -> int | None:
        """Return where a column stands."""
        if not self._new.has(sheet):
            return None
        top = self._old.of(sheet, (1, number))
        return self._new.find_column(top)

    def area(self, sheet: str, r1: int, c1: int, r2: int, c2: int) -> tuple[int, ...] | None:
        """Return where a rectangle stands, ``None`` if it is there no more in one piece."""
        columns = [self.column(sheet, c1), self.column(sheet, c2)]
        followed: Sequence[int] = range(r1, r2 + 1) if r2 - r1 < _FOLLOWED else (r1, r2)
        lines = self._old.grid(sheet).rows
        spare = [lines.of(n)[0].startswith(SPARE) for n in (r1, *followed, r2)]
        if not (spare[0] or spare[-1]):
            # Empty rows among cities, which come to stand behind the last one, do not matter.
            followed = [n for n, empty in zip(followed, spare[1:-1], strict=True) if not empty]
        rows = [row for n in followed if (row := self.row(sheet, n)) is not None]
        if None in columns or not rows or r1 not in followed:
            return None
        top, bottom = min(rows), max(rows)
        if len(followed) > 2 and self._intruder(sheet, r1, r2, set(range(top, bottom + 1))):
            return None
        left, right = sorted(c for c in columns if c is not None)
        return top, left, bottom, right

    def _intruder(self, sheet: str, r1: int, r2: int, inside: set[int]) -> bool:
        """Tell whether a row from outside a range has come to stand within it."""
        lines = self._old.grid(sheet).rows
        outside = (n for n in lines.keys if not r1 <= n <= r2)
        return any(self.row(sheet, n) in inside for n in outside)

    def _moved(self, sheet: str, first: str, last: str) -> str | None:
        (r1, c1), (r2, c2) = _position(first), _position(last or first)
        found = self.area(sheet, min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2))
        if found is None:
            return None
        ends = [_spelled(first, found[0], found[1])]
        if last:
            ends.append(_spelled(last, found[2], found[3]))
        return ":".join(ends)


def _position(address: str) -> tuple[int, int]:
    match = _PARTS.fullmatch(address)
    assert match is not None  # the pattern above has just matched it
    return int(match[4]), column_number(match[2])


def _spelled(like: str, row: int, column: int) -> str:
    """Return an address with the dollars of another."""
    match = _PARTS.fullmatch(like)
    name = re.fullmatch(r"([A-Z]+)(\d+)", cell_name(row, column))
    assert match is not None
    assert name is not None
    return f"{match[1]}{name[1]}{match[3]}{name[2]}"
