"""The library inside Excel, called through xlwings; only where Excel is."""

from __future__ import annotations

import sys

from xlcity.errors import EngineError
from xlcity.hosts.cells import CellRows
from xlcity.hosts.sheet_call import SheetCall


def run(sheet_call: SheetCall) -> CellRows:
    """Compute a call in Excel.

    Raises
    ------
    EngineError
        Anywhere but on Windows: desktop xlwings serves functions there only.
    """
    if sys.platform != "win32":
        raise EngineError(
            "the host xlwings needs Excel on Windows, and this is another system.",
            "Use --host python, formualizer, formulas or libreoffice: they give the same matrix.",
        )
    raise EngineError("Excel cannot be called from here yet.", "Use another --host.")
