"""Calls in formulas: laid out as a sheet, and with omitted arguments written out.

Engines pass an omitted argument as 0: `ZSCORE_WINSOR(A1:A9,,-1)` would lose its clipping. An empty
text is a blank to every function of the library, so it means "omitted" in every engine.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from xlcity.errors import CellError, CellValue, FunctionError, UsageError, require_known
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import PLAIN, CellRows, Dialect, call, read_arguments
from xlcity.xlsx.address import cell_name


@dataclass(frozen=True, slots=True)
class SheetCall:
    """A call as a sheet: blocks of cells side by side, and the formula that reads them.

    Attributes
    ----------
    name, formula
        The function, and the formula with an equals sign.
    blocks
        Reference -> the cells of an argument.
    free_column
        The first column to the right of all arguments, from 1.
    top
        The first row of all arguments, from 1.
    """

    name: str
    blocks: dict[str, CellRows]
    formula: str
    free_column: int
    top: int = 1

    @property
    def height(self) -> int:
        """How many rows of the sheet the arguments of the call take."""
        return max(map(len, self.blocks.values()), default=0)

    def cells(self) -> Iterator[tuple[int, int, CellValue]]:
        """Yield row and column, from 1, and value of each filled cell of the arguments."""
        left = 1
        for rows in self.blocks.values():
            yield from _filled_cells(rows, self.top, left)
            left += len(rows[0])


def _filled_cells(
    rows: CellRows, top: int, left: int
) -> Iterator[tuple[int, int, CellValue]]:
    """Yield row, column and value of each filled cell of rows that begin at `top`, `left`."""
    for row_number, row in enumerate(rows, start=top):
        for column, cell in enumerate(row, start=left):
            if cell is not None:
                yield row_number, column, cell


def lay_out_call(name: str, arguments: Sequence[CellRows], top: int = 1) -> SheetCall:
    """Return a call of the function `name` laid out as a sheet.

    Its arguments, rows of cells each, stand side by side; `top` is their first row, from 1.
    """
    left = 1
    blocks: dict[str, CellRows] = {}
    for rows in arguments:
        right = left + len(rows[0]) - 1
        first = cell_name(top, left)
        last = cell_name(top + len(rows) - 1, right)
        blocks[first if first == last else f"{first}:{last}"] = rows
        left = right + 1
    formula = f"={name}({','.join(blocks)})"
    return SheetCall(name, blocks, formula, free_column=left, top=top)


def literal_formula(value: str | CellError) -> str:
    """Return the formula of a cell that holds a text or an error.

    So the text stays a text, even one that looks like a number, a date or a formula.
    """
    if isinstance(value, CellError):
        return f"={value}"
    escaped = value.replace('"', '""')
    return f'="{escaped}"'


#: A piece of a formula: what has commas of its own (texts, quoted sheet names, array constants,
#: table references), a name, a bracket or comma, spaces, any other character.
_FORMULA_PIECE = re.compile(
    r""""(?:[^"]|"")*"|'(?:[^']|'')*'|\{[^}]*\}|\[(?:[^\[\]]|\[[^\]]*\])*\]"""
    r"""|[\w.]+|[(),]|\s+|.""",
    re.DOTALL,
)


def write_out_omitted(formula: str) -> str:
    """Return a formula in which omitted arguments of the library's functions are empty texts.

    Parameters
    ----------
    formula
        A formula as files store it: English names, commas between arguments.

    Examples
    --------
    >>> write_out_omitted('=ZSCORE_WINSOR(A1:A9,,-1)+SUM(B1,)')
    '=ZSCORE_WINSOR(A1:A9,"",-1)+SUM(B1,)'
    """
    if not any(name in formula.upper() for name in FUNCTIONS):
        return formula
    pieces: list[str] = []
    #: For each open bracket, the innermost last, whether it holds arguments of the library.
    bracket_is_library_call: list[bool] = []
    previous = ""  # the piece before, spaces left out
    for piece in _FORMULA_PIECE.findall(formula):
        if piece == "(":
            bracket_is_library_call.append(
                previous.upper().removeprefix("_XLDUDF_") in FUNCTIONS
            )
        # NAME() has no argument rather than an omitted one: only a comma makes a gap.
        elif bracket_is_library_call[-1:] == [True] and previous + piece in (
            "(,",
            ",,",
            ",)",
        ):
            pieces.append('""')
        if piece == ")" and bracket_is_library_call:
            bracket_is_library_call.pop()
        pieces.append(piece)
        previous = piece if piece.strip() else previous
    return "".join(pieces)


#: Hosts that compute in this process; each but python has a module with `run_sheet_call`.
IN_PROCESS = ("python", "formulas", "formualizer")
HOSTS = (*IN_PROCESS, "libreoffice", "xlwings")

#: Computes a call that is laid out as a sheet.
CallRunner = Callable[[SheetCall], CellRows]


def run_call(
    name: str,
    args: Sequence[object],
    host: str = "python",
    dialect: Dialect = PLAIN,
    office: CallRunner | None = None,
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
        Takes a call that is laid out as a sheet, computes it in LibreOffice and gives the rows of
        its result; None where no program may be started.

    Returns
    -------
    list of list
        Rows of numbers and errors, the same from every host.

    Raises
    ------
    UsageError
        If there is no such function or host.
    """
    require_known("kind.function", name.upper(), FUNCTIONS)
    require_known("kind.host", host, HOSTS)
    function = FUNCTIONS[name.upper()]
    try:
        arguments = read_arguments(function, args, dialect)
    except FunctionError as error:
        return [[error.value]]
    if host == "python":
        return call(function.name, arguments)
    sheet_call = lay_out_call(function.name, arguments)
    if host == "libreoffice":
        if office is None:
            raise UsageError.of("XC100.no_libreoffice_here")
        return office(sheet_call)
    host_module = importlib.import_module(f"xlcity.hosts.{host}")
    rows: CellRows = host_module.run_sheet_call(sheet_call)
    return rows
