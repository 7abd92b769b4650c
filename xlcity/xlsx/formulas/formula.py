"""Formulas as texts: the functions they call, and copies of one formula in other cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, column_letters, column_number
from xlcity.xlsx.formulas.tokens import REFERENCES, corners, lex


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """One function call in a formula: the span from the prefix to the name's end."""

    start: int
    end: int
    name: str
    prefix: str


def calls(formula: str) -> Iterator[FunctionCall]:
    """Yield the functions a formula calls, with any add-in prefix such as ``[1]!``."""
    pieces = [match for match in lex(formula) if match.lastgroup != "space"]
    prefix = word = None
    for piece in pieces:
        if piece.lastgroup == "open" and word is not None:
            start = word.start() if prefix is None else prefix.start()
            yield FunctionCall(start, word.end(), word[0], "" if prefix is None else prefix[0])
        if piece.lastgroup == "sheet":
            prefix, word = piece, None
        elif piece.lastgroup == "word" and not piece[0][:1].isdigit():
            prefix = prefix if word is None else None
            word = piece
        else:
            prefix = word = None


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
        #: Text, or (whether it is a row, number): a relative coordinate to be moved.
        self._pieces: list[str | tuple[bool, int]] = []
        done = 0
        for match in lex(formula):
            for end in corners(match) if match.lastgroup in REFERENCES else ():
                for dollar, text, is_row in ((end[1], end[2], False), (end[3], end[4], True)):
                    if not text:
                        continue
                    start, stop = end.span(4 if is_row else 2)
                    number = int(text) if is_row else column_number(text)
                    fixed = str(number) if is_row else column_letters(number)
                    self._pieces += [formula[done:start], fixed if dollar else (is_row, number)]
                    done = stop
        self._pieces.append(formula[done:])

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
