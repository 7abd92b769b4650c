"""Answers calls that Excel makes through xlwings: how cells are read, and what COM returns."""

from __future__ import annotations

from functools import cache
from typing import Any

from xlwings.conversion import Accessor, Pipeline

from xlcity.errors import CellError, CellValue
from xlcity.hosts.cells import COM_ERRORS, Dialect, call

#: Errors come as COM's numbers, or as texts where a function has returned them as such.
_EXCEL_DIALECT = Dialect(error_texts=True, com_errors=True)
_COM_NUMBER_OF_ERROR = {error: code for code, error in COM_ERRORS.items()}


def answer(name: str, *arguments: object) -> list[list[object]]:
    """Return the result of a function that a cell calls.

    Parameters
    ----------
    name
        Name of the function.
    *arguments
        Cells as `StoredValues` reads them; None = omitted.

    Returns
    -------
    list of list
        Numbers, texts and errors; never a NaN or None, which xlwings would write as "".
    """
    up_to_last_given = list(arguments)
    while up_to_last_given and up_to_last_given[-1] is None:
        up_to_last_given.pop()
    rows = call(name, up_to_last_given, _EXCEL_DIALECT)
    return [[*map(_to_excel, row)] for row in rows]


def _to_excel(cell: CellValue) -> object:
    """Return a value as COM takes it: an error as such or as a text, a blank as ""."""
    if isinstance(cell, CellError):
        return make_com_error(cell) if can_com_pass_errors() else str(cell)
    return "" if cell is None else cell


def make_com_error(error: CellError) -> object:
    """Return an error as COM has it: a VARIANT of the type VT_ERROR."""
    import pythoncom
    from win32com.client import VARIANT

    return VARIANT(pythoncom.VT_ERROR, _COM_NUMBER_OF_ERROR[error])


@cache
def can_com_pass_errors() -> bool:
    """Return whether errors pass through COM; elsewhere they are texts such as "#N/A".

    It is tried once: an object of this process is called as Excel would call it.
    """
    try:
        from win32com.client import Dispatch
        from win32com.server.util import wrap

        block: Any = Dispatch(wrap(_RowWithError())).Errors()
    except Exception:
        # Texts always work, whatever is missing or refused.
        return False
    return bool(block == ((_COM_NUMBER_OF_ERROR[CellError.NA], 1.0),))


class _RowWithError:
    """Gives a row with an error in it."""

    _public_methods_ = ("Errors",)

    def Errors(self) -> list[list[object]]:  # noqa: N802 - as COM spells it
        """Return a row with #N/A and 1, by which it is tried whether errors pass through COM."""
        return [[make_com_error(CellError.NA), 1.0]]


class StoredValues(Accessor):
    """Reads a range by `Value2`.

    xlwings itself reads `Value`, where a cell in a currency or accounting format is a Decimal with
    four decimals, a date an object, and an error newer than 2010 a number.
    """

    @classmethod
    def reader(cls, options: dict[str, Any]) -> Any:
        """Return the steps by which xlwings converts a range, or a value, for a function."""
        return Pipeline([_read_stored_value])


def _read_stored_value(context: Any) -> None:
    """Set the value of xlwings' conversion context to the `Value2` of its range, if it has one."""
    if context.range is not None:
        context.value = context.range.api.Value2
