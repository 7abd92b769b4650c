"""What formulas that are copies of one another have in common, and the cells each of them names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import itemgetter

from xlcity.recalc.engines.compiled.code import UntranslatableError
from xlcity.xlsx.address import column_number

#: References of a formula; texts, in which there are none, are skipped.
_REFERENCE = re.compile(
    r"""
      "(?:[^"]|"")*"
    | ('(?:[^']|'')+'!|(?<![\w.])[^\W\d][\w.]*!)?(?<![\w.:$])
      (\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6}))(?::(\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})))?
      (?![\w.(!\[:])
    """,
    re.X,
)


class RowCut:
    """Where formulas that differ in digits name rows, and what stands between them.

    Parameters
    ----------
    text
        One of the formulas.
    sheet
        Where it stands.
    sheets
        Upper-case name -> name.

    Attributes
    ----------
    references
        Sheet, first and last column of each reference, and which of `rows` are its ends.
    wide
        Which references are ranges.
    skeleton
        The formula with its references taken out.
    between, rows
        What cuts the pieces out of a formula: all but the rows, and these; without references
        ``None``.
    count
        How many pieces `rows` gives.
    """

    __slots__ = ("between", "count", "references", "rows", "skeleton", "wide")

    def __init__(self, text: str, sheet: str, sheets: Mapping[str, str]) -> None:
        self.references: list[tuple[str, int, int, int, int]] = []
        self.wide: list[bool] = []
        rows: list[slice] = []
        rest: list[str] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            prefix, single_cell, left, _, other, right, _ = match.groups()
            if single_cell is None:
                continue
            name = sheet
            if prefix is not None:
                plain = prefix[1:-2].replace("''", "'") if prefix[0] == "'" else prefix[:-1]
                name = sheets.get(plain.upper(), "")
            first = last = len(rows)
            c1 = c2 = column_number(left)
            rows.append(slice(*match.span(4)))
            if other is not None:
                last, c2 = first + 1, column_number(right)
                rows.append(slice(*match.span(7)))
            if not name:
                raise UntranslatableError(f"the references of {text}")
            self.references.append((name, min(c1, c2), max(c1, c2), first, last))
            # C9:C9 is a range, though of one cell: its copies may have more.
            self.wide.append(other is not None)
            rest += text[end : match.start()], "\1" if self.wide[-1] else "\2"
            end = match.end()
        self.skeleton = "".join([*rest, text[end:]])
        ends, starts = (
            [0, *(single_cell.stop for single_cell in rows)],
            [*(single_cell.start for single_cell in rows), None],
        )
        self.between: Callable[[str], object] = itemgetter(*map(slice, ends, starts))
        # A single piece would come without its tuple.
        pieces = rows * 2 if len(rows) == 1 else rows
        self.rows: Callable[[str], tuple[str, ...]] | None = itemgetter(*pieces) if rows else None
        self.count = len(pieces)
