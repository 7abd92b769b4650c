"""Where everything stands: rows, columns and blocks of every sheet, from one specification.

Sheets ask here for addresses, never each other. Unit sheets that calculate share their rows, so
that row 40 is the same city on each of them; `Data` and `Intake` have an order of their own.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlcity.workbook.layout.layout import Layout as Layout


def __getattr__(name: str) -> Any:
    # Readers need `rows` alone, which does not load what draws.
    if name == "Layout":
        from xlcity.workbook.layout.layout import Layout

        return Layout
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
