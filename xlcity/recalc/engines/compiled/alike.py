"""What formulas that are copies of one another have in common, and the cells each of them names."""

from __future__ import annotations

import re

from xlcity.recalc.engines.compiled.code import UntranslatableError
from xlcity.xlsx.formulas.tokens import spans

#: References of a formula; texts, in which there are none, are skipped.
_REFERENCE = re.compile(
    r"""
      ("(?:[^"]|"")*")
    | (?:'(?:[^']|'')+'!|(?<![\w.])[^\W\d][\w.]*!)?(?<![\w.:$])
      (\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6})(:\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6})?(?![\w.(!\[:])
    """,
    re.X,
)


class RowCut:
    """Where formulas that differ in digits name rows, and what stands between them."""

    def __init__(self, text: str, sheet: str, sheets: dict[str, str]) -> None:
        self.spans: list[tuple[str, int, int, slice, slice]] = []
        self.between: list[slice] = []
        end = 0
        for span in spans(text):
            name = sheets.get((span.sheet or sheet).upper())
            if name is None or span.book or span.first is None or span.last is None:
                raise UntranslatableError(f"the references of {text}")
            self.spans.append((name, span.c1, span.c2, span.first, span.last))
            for rows in (span.first,) if span.last is span.first else (span.first, span.last):
                self.between.append(slice(end, rows.start))
                end = rows.stop
        self.between.append(slice(end, None))

    def areas(self, text: str) -> list[tuple[str, int, int, int, int]]:
        """Return sheet, first row and column, last row and column of what a formula names."""
        found = []
        for name, c1, c2, first, last in self.spans:
            r1 = r2 = int(text[first])
            if last is not first:
                r2 = int(text[last])
                if r2 < r1:
                    r1, r2 = r2, r1
            found.append((name, r1, c1, r2, c2))
        return found


def skeleton_of(text: str) -> tuple[str, list[bool]]:
    """Return a formula with its references taken out, and which of them are ranges."""
    wide: list[bool] = []

    def mark(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0]
        # C$9:C9 is a range, though of one cell.
        several = match[3] is not None and match[3][1:] != match[2]
        wide.append(several)
        return "\1" if several else "\2"

    return _REFERENCE.sub(mark, text), wide
