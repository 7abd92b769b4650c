"""Calls in formulas: laid out as a sheet, and with omitted arguments written out.

Engines hand an omitted argument over as 0: `ZSCORE_WINSOR(A1:A9,,-1)` would lose its clipping.
An empty text is a blank to every function of the library, so it says "omitted" in every engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import CellRows
from xlcity.xlsx.address import cell_name


@dataclass(frozen=True, slots=True)
class SheetCall:
    """A call as a sheet: blocks of cells side by side, and the formula that reads them."""

    name: str
    #: Reference -> cells of the argument that stands there.
    blocks: dict[str, CellRows]
    formula: str
    #: 1-based first column to the right of all arguments, where the formula may stand.
    free_column: int
    #: 1-based first row of all arguments.
    top: int = 1

    @property
    def height(self) -> int:
        """Rows that the arguments take."""
        return max(map(len, self.blocks.values()), default=0)

    def cells(self) -> Iterator[tuple[int, int, CellValue]]:
        """Return the filled cells of the arguments by 1-based row and column."""
        left = 1
        for rows in self.blocks.values():
            for down, row in enumerate(rows, start=self.top):
                for across, cell in enumerate(row):
                    if cell is not None:
                        yield down, left + across, cell
            left += len(rows[0])


def lay_out(name: str, arguments: Sequence[CellRows], top: int = 1) -> SheetCall:
    """Return a call with every argument in cells of its own, from a row on."""
    left = 1
    blocks: dict[str, CellRows] = {}
    for rows in arguments:
        right = left + len(rows[0]) - 1
        first, last = cell_name(top, left), cell_name(top + len(rows) - 1, right)
        blocks[first if first == last else f"{first}:{last}"] = rows
        left = right + 1
    return SheetCall(name, blocks, f"={name}({','.join(blocks)})", left, top)


def formula_of(value: str | CellError) -> str:
    """Return a formula that gives a text or an error, whatever the text looks like."""
    if isinstance(value, CellError):
        return f"={value}"
    escaped = value.replace('"', '""')
    return f'="{escaped}"'


#: What has commas of its own (texts, quoted sheet names, array constants, table references), a
#: name, what separates arguments, spaces, anything else: together they leave no character out.
_PIECE = re.compile(
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\{[^}]*\}|\[(?:[^\[\]]|\[[^\]]*\])*\]"""
    r"""|[\w.]+|[(),]|\s+|.""",
    re.DOTALL,
)


def fill_gaps(formula: str) -> str:
    """Return a formula in which omitted arguments of the library's functions are empty texts.

    Parameters
    ----------
    formula
        A formula as files store it: English names, commas between arguments.

    Examples
    --------
    >>> fill_gaps('=ZSCORE_WINSOR(A1:A9,,-1)+SUM(B1,)')
    '=ZSCORE_WINSOR(A1:A9,"",-1)+SUM(B1,)'
    """
    if not any(name in formula.upper() for name in FUNCTIONS):
        return formula
    out: list[str] = []
    ours: list[bool] = []
    last = ""
    for piece in _PIECE.findall(formula):
        if piece == "(":
            ours.append(last.upper().removeprefix("_XLDUDF_") in FUNCTIONS)
        # NAME() has no argument rather than an omitted one: only a comma makes a gap.
        elif ours and ours[-1] and (piece, last) in ((",", "("), (",", ","), (")", ",")):
            out.append('""')
        if piece == ")" and ours:
            ours.pop()
        out.append(piece)
        last = piece if piece.strip() else last
    return "".join(out)
