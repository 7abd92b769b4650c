"""Run one call in the host of one's choice."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence

from xlcity.errors import FunctionError, UsageError, did_you_mean
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import PLAIN, CellRows, Dialect, call, read_arguments
from xlcity.hosts.sheet_call import SheetCall, lay_out

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
