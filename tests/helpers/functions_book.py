"""The cells of `Index` in a book of formulas and in one of function calls, side by side."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.errors import CellValue
from xlcity.workbook.layout.rows import FIRST, INDEX
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import ReadBook

#: How far numbers may be apart, relative to the larger of 1 and themselves.
TOLERANCE = 1e-9


def differences(
    native: ReadBook, functions: ReadBook
) -> Iterator[tuple[str, object, object]]:
    """Yield where rows of cities differ: address, native value, value of the call."""
    ours = functions.sheets[INDEX]
    for row, column in native.sheets[INDEX].cells:
        one = native.value(INDEX, row, column)
        other = ours.value(row, column)
        if row >= FIRST and not _are_alike(one, other):
            yield cell_name(row, column), one, other


def _are_alike(one: CellValue, other: CellValue) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= TOLERANCE * max(1.0, abs(one), abs(other))
    return (one or "") == (other or "") and type(one or "") is type(other or "")
