"""Lay a call out as a sheet: arguments in cells side by side, the call in a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue
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
