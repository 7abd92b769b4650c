"""The library for Python: functions by name, as in a sheet, with options by their names."""

from __future__ import annotations

from xlcity.errors import UsageError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import CellRows, call


def evaluate(name: str, *args: object, **options: object) -> CellRows:
    """Call a function of the library.

    Parameters
    ----------
    name
        Name in a sheet.
    *args
        Arguments in order: scalars, lists of rows, arrays or data frames.
    **options
        Arguments by their names.

    Returns
    -------
    list of list
        Rows of numbers and errors.

    Raises
    ------
    UsageError
        If there is no such function or argument, or one is given twice.

    Examples
    --------
    >>> evaluate("RATING_SCALE", [[4.0], [3.0]], max=10)
    [[40.0], [30.0]]
    """
    if (function := FUNCTIONS.get(name.upper())) is None:
        raise UsageError(f"unknown function {name!r}.", f"Functions: {', '.join(FUNCTIONS)}.")
    names = [argument.name for argument in function.arguments]
    free = names[len(args) :]
    if wrong := [option for option in options if option not in free]:
        raise UsageError(
            f"{function.name} cannot take {', '.join(wrong)} by name.",
            f"Syntax: {function.syntax}.",
        )
    rest = [options.get(option) for option in free]
    while rest and rest[-1] is None:
        rest.pop()
    return call(function.name, [*args, *rest])
