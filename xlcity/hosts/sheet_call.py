"""Calls in formulas: laid out as a sheet, and with omitted arguments written out.

Engines hand an omitted argument over as 0: `ZSCORE_WINSOR(A1:A9,,-1)` would lose its clipping.
An empty text is a blank to every function of the library, so it says "omitted" in every engine.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue, FunctionError, UsageError, did_you_mean
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import PLAIN, CellRows, Dialect, call, read_arguments
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


#: Hosts that compute in this process; each but python has a module with `run`.
IN_PROCESS = ("python", "formulas", "formualizer")
HOSTS = (*IN_PROCESS, "libreoffice", "xlwings")

#: Computes a call that is laid out as a sheet.
Runner = Callable[[SheetCall], CellRows]


def run_call(
    name: str,
    args: Sequence[object],
    host: str = "python",
    dialect: Dialect = PLAIN,
    office: Runner | None = None,
) -> CellRows:
    """Call a function of the library in a host.

    Parameters
    ----------
    name
        Name of the function; case does not matter.
    args
        Arguments as plain values: scalars, vectors, lists of rows; None is a blank cell.
    host
        One of `HOSTS`. The engines get the arguments as cells of a sheet.
    dialect
        How errors are spelt among the arguments.
    office
        What runs LibreOffice, from the room that may start programs.

    Returns
    -------
    list of list
        Rows of numbers and errors, the same from every host.

    Raises
    ------
    UsageError
        If there is no such function or host.
    """
    if (function := FUNCTIONS.get(name.upper())) is None:
        raise UsageError(f"unknown function {name!r}.", did_you_mean(name, FUNCTIONS))
    if host not in HOSTS:
        raise UsageError(f"unknown host {host!r}.", did_you_mean(host, HOSTS))
    try:
        arguments = read_arguments(function, args, dialect)
    except FunctionError as error:
        return [[error.value]]
    if host == "python":
        return call(function.name, arguments)
    laid = lay_out(function.name, arguments)
    if host == "libreoffice":
        if office is None:
            raise UsageError("LibreOffice cannot be started from here.", "Use `xlcity call`.")
        return office(laid)
    rows: CellRows = importlib.import_module(f"xlcity.hosts.{host}").run(laid)
    return rows
