"""LibreOffice as an engine: the independent second opinion, a real spreadsheet.

It cannot call the library here: see `settle`.
"""

from __future__ import annotations

from functools import cache, partial

from xlcity.errors import CellValue
from xlcity.recalc.protocol import Task, Values
from xlcity.recalc.settle import settle
from xlcity.recalc.soffice import convert, find_soffice, soffice_version
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.rewrite import engine_copy


@cache
def _version(program: str) -> str | None:
    return soffice_version(program)


class LibreOffice:
    """Computes a workbook with a LibreOffice that has no window."""

    name = "libreoffice"
    udf_by = "xlcity"

    def version(self) -> str | None:
        """Return the version installed, or ``None``."""
        program = find_soffice()
        return None if program is None else _version(program)

    def available(self) -> bool:
        """Return whether LibreOffice is installed."""
        return find_soffice() is not None

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        return settle(task, partial(self._convert, task), "LibreOffice")

    def _convert(self, task: Task, frozen: Values, timeout: float) -> Values:
        copy = engine_copy(task.package, task.book, frozen=frozen)
        result = read_book(Package.from_bytes(convert(copy.to_bytes(), timeout)))
        values: Values = {}
        for sheet in task.book.sheets.values():
            held = frozen.get(sheet.name, {})
            there = result.sheets.get(sheet.name)
            for position, _ in sheet.formulas():
                if position in held:
                    value: CellValue = held[position]
                else:
                    value = None if there is None else there.value(*position)
                values.setdefault(sheet.name, {})[position] = value
        return values
