"""Calls of library functions made by LibreOffice: many in one workbook, so that it starts once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from xlcity.errors import CellError, CellValue, EngineError
from xlcity.hosts.cells import CellRows
from xlcity.hosts.cells import call as call_function
from xlcity.hosts.sheet_call import SheetCall, lay_out_call
from xlcity.recalc.engines.soffice import recalculate_in_office
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.new_book import close_to_bytes, new_book
from xlcity.xlsx.package import Package

TIMEOUT = 120.0
_SHEET = "Calls"


def run_calls(
    sheet_calls: Sequence[SheetCall], timeout: float = TIMEOUT
) -> list[CellRows]:
    """Compute calls in one workbook that LibreOffice opens and calculates.

    Parameters
    ----------
    sheet_calls
        The calls. They stand one below the other: a sheet each would take ten times as long.
    timeout
        Seconds.

    Returns
    -------
    list
        The block that each call gives, in order; it has the size that it has in Python.

    Raises
    ------
    EngineError
        If LibreOffice is absent, fails, takes too long or cannot run Python.
    """
    sheet = _CallSheet()
    for sheet_call in sheet_calls:
        sheet.add(sheet_call)
    content = recalculate_in_office(sheet.to_package().to_bytes(), timeout)
    computed = read_book(Package.from_bytes(content))
    results = [
        _unfill_error(computed.block(expected.area), expected.rows)
        for expected in sheet.expected_results
    ]
    for sheet_call, result in zip(sheet_calls, results, strict=True):
        is_unknown = result[0][0] is CellError.NAME
        if is_unknown and CellError.NAME not in _argument_values(sheet_call):
            raise EngineError.of("XC500.no_python_in_libreoffice")
    return results


class _ExpectedResult(NamedTuple):
    """Where the result of a call stands, and what the call gives in Python."""

    area: Range
    rows: CellRows


class _CallSheet:
    """A workbook of one sheet with calls, one below the other."""

    def __init__(self) -> None:
        self.expected_results: list[_ExpectedResult] = []
        self._workbook = new_book()
        self._sheet = self._workbook.add_worksheet(_SHEET)
        self._cells: dict[Position, CellValue] = {}
        #: The first free row.
        self._top = 1

    def add(self, sheet_call: SheetCall) -> None:
        """Add a call with its arguments."""
        arguments = list(sheet_call.blocks.values())
        placed = lay_out_call(sheet_call.name, arguments, self._top)
        expected = call_function(sheet_call.name, arguments)
        for row, column, value in placed.cells():
            self._cells[row, column] = value
        # The result stands beside the arguments and has the size that it has in Python.
        last_row = self._top + len(expected) - 1
        last_column = placed.free_column + len(expected[0]) - 1
        area = Range(
            _SHEET,
            r1=self._top,
            c1=placed.free_column,
            r2=last_row,
            c2=last_column,
        )
        self.expected_results.append(_ExpectedResult(area, expected))
        # XlsxWriter counts from 0.
        from_one = area.r1, area.c1, area.r2, area.c2
        corners = [number - 1 for number in from_one]
        self._sheet.write_array_formula(*corners, f"{{{placed.formula}}}")
        self._top = max(self._top + placed.height, area.r2 + 1)

    def to_package(self) -> Package:
        """Return the workbook; numbers keep all their digits, unlike in what XlsxWriter writes."""
        package = Package.from_bytes(close_to_bytes(self._workbook))
        return write_inputs(package, {_SHEET: self._cells})


def _argument_values(sheet_call: SheetCall) -> list[CellValue]:
    """Return the values of all arguments of a call."""
    rows = chain.from_iterable(sheet_call.blocks.values())
    return list(chain.from_iterable(rows))


def _unfill_error(result: CellRows, expected: CellRows) -> CellRows:
    """Return a result, or a single error if that fills it and something else is expected.

    An array formula shows an error of the whole call in each of its cells; `expected` is what the
    call gives in Python.
    """
    distinct = set(chain.from_iterable(result))
    is_filled = len(distinct) == 1 and isinstance(result[0][0], CellError)
    return [[*distinct]] if is_filled and result != expected else result
