"""Formulas as tokens: references moved, function names found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, column_letters, column_number

# Order matters: what may hold text that looks like a reference comes first, names come last.
_TOKEN = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<quoted>'(?:[^']|'')*'!?)
    | (?P<bracket>\[(?:[^\[\]]|\[[^\[\]]*\])*\])
    | (?P<columns>(\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3})(?![\w.(!:$]))
    | (?P<rows>(\$?)([1-9]\d{0,6}):(\$?)([1-9]\d{0,6})(?![\w.(!:]))
    | (?P<cell>(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!\[]))
    | (?P<word>[\w.\\?]+)
    """,
    re.X,
)
_FUNCTION = re.compile(
    r"""
      "(?:[^"]|"")*"
    | (?P<call>
        (?P<book>(?:'(?:[^']|'')*'|\[[^\[\]]*\][^\W\d]?[\w.]*|[^\W\d][\w.]*)!)?
        (?P<name>[^\W\d][\w.]*)\s*\(
      )
    | '(?:[^']|'')*'!?
    | [\w.]+
    """,
    re.X,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One function call in a formula: the span from the prefix to the name's end."""

    start: int
    end: int
    name: str
    prefix: str


def calls(formula: str) -> Iterator[Call]:
    """Yield the functions a formula calls, with any add-in prefix such as ``[1]!``."""
    for match in _FUNCTION.finditer(formula):
        if match["call"] is not None:
            start = match.start("book") if match["book"] else match.start("name")
            yield Call(start, match.end("name"), match["name"], match["book"] or "")


class SharedFormula:
    """A formula written once for a block, to be moved to each cell of it.

    Parameters
    ----------
    formula
        The text in the first cell.
    row, column
        Where that cell is.
    """

    __slots__ = ("_column", "_pieces", "_row")

    def __init__(self, formula: str, row: int, column: int) -> None:
        self._row, self._column = row, column
        # Plain text, or (row or None, column or None): a relative coordinate to be moved.
        self._pieces: list[str | tuple[bool, int]] = []
        end = 0
        for match in _TOKEN.finditer(formula):
            if match["columns"] is None and match["rows"] is None and match["cell"] is None:
                continue
            self._literal(formula[end : match.start()])
            end = match.end()
            parts = [part for part in match.groups()[3:] if part is not None]
            if match["columns"] is not None:
                dollar1, first, dollar2, last = parts[1:]
                self._coordinate(False, dollar1, column_number(first))
                self._literal(":")
                self._coordinate(False, dollar2, column_number(last))
            elif match["rows"] is not None:
                dollar1, first, dollar2, last = parts[1:]
                self._coordinate(True, dollar1, int(first))
                self._literal(":")
                self._coordinate(True, dollar2, int(last))
            else:
                dollar1, letters, dollar2, digits = parts[1:]
                self._coordinate(False, dollar1, column_number(letters))
                self._coordinate(True, dollar2, int(digits))
        self._literal(formula[end:])

    def _literal(self, text: str) -> None:
        if self._pieces and isinstance(self._pieces[-1], str):
            self._pieces[-1] += text
        else:
            self._pieces.append(text)

    def _coordinate(self, is_row: bool, dollar: str, number: int) -> None:
        if dollar:
            self._literal("$" + (str(number) if is_row else column_letters(number)))
        else:
            self._pieces.append((is_row, number))

    def at(self, row: int, column: int) -> str:
        """Return the formula of another cell of the block."""
        down, right = row - self._row, column - self._column
        out = []
        for piece in self._pieces:
            if isinstance(piece, str):
                out.append(piece)
            elif piece[0]:  # A reference moved off the sheet comes in again at the other side.
                out.append(str((piece[1] + down - 1) % MAX_ROWS + 1))
            else:
                out.append(column_letters((piece[1] + right - 1) % MAX_COLUMNS + 1))
        return "".join(out)
