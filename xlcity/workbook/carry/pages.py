"""Formulas of a user's own sheets, led to where the template's cells stand in another book."""

from __future__ import annotations

import re

from xlcity.workbook.carry.anchors import Anchors
from xlcity.xlsx.address import cell_name, column_number, quote_sheet

_REFERENCE = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")
      | (?:'(?P<quoted>(?:[^'\[\]]|'')+)'|(?P<plain>[^\W\d][\w.]*))!
        (?P<first>\$?[A-Za-z]{1,3}\$?[1-9]\d*)(?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9]\d*))?(?![\w(!])
    """,
    re.X,
)
_PARTS = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d+)")


class Mover:
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

        def change(match: re.Match[str]) -> str:
            if match["text"] is not None:
                return match[0]
            name = (match["quoted"] or match["plain"]).replace("''", "'")
            if name not in self._own:
                return match[0]
            ends = [end for end in (match["first"], match["last"]) if end]
            moved = [self._moved(name, end) for end in ends]
            if None in moved:
                self.lost.append(f"{quote_sheet(sheet)}: {match[0]}")
                return "#REF!"
            return f"{quote_sheet(name)}!{':'.join(end for end in moved if end)}"

        return _REFERENCE.sub(change, formula)

    def _moved(self, sheet: str, address: str) -> str | None:
        match = _PARTS.fullmatch(address)
        assert match is not None  # the pattern above has just matched it
        position = int(match[4]), column_number(match[2])
        place = self._new.find(self._old.of(sheet, position))
        if place is None:
            return None
        name = re.fullmatch(r"([A-Z]+)(\d+)", cell_name(*place))
        assert name is not None
        return f"{match[1]}{name[1]}{match[3]}{name[2]}"
