"""How Excel's cells reach a function: the numbers as they are stored, whatever their format."""

from __future__ import annotations

from typing import Any

from xlwings.conversion import Accessor, Pipeline


class StoredValues(Accessor):
    """Reads a range by `Value2`.

    xlwings itself reads `Value`, where a cell in a currency or accounting format is a Decimal with
    four decimals, a date an object, and an error newer than 2010 a number.
    """

    @classmethod
    def reader(cls, options: dict[str, Any]) -> Any:
        """Return the steps from a range, or a value that is none, to what the function gets."""
        return Pipeline([_read])


def _read(context: Any) -> None:
    if context.range is not None:
        context.value = context.range.api.Value2
