"""Tables beside values of one's own: `sources` of single values, and the `previous` edition."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlcity.errors import DataError, Where
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.panel import time_column
from xlcity.model.reading.data import read_table, units_beside
from xlcity.model.reading.lines import LineReader
from xlcity.model.reading.tables import as_text, extra_table
from xlcity.model.reading.units import UnitMatcher
from xlcity.model.recipe import Recipe
from xlcity.reports.report import SourceException

_REQUIRED = frozenset(("unit", "code"))
_TEXTS = ("year", "url", "remark_zh", "remark_en", "entered_by", "checked_by")


def read_sources(
    path: str | Path, framework: Framework, dataset: Dataset
) -> tuple[SourceException, ...]:
    """Return the lines of `sources.csv` in a folder or of the sheet `sources` of a workbook.

    Raises
    ------
    DataError
        With every line that names no city, indicator or status.
    """
    table = extra_table(Path(path), "sources", _is_header)
    if table is None:
        return ()
    lines = LineReader(table, None, UnitMatcher(dataset.units), "")
    at = lines.columns
    if not at.keys() >= _REQUIRED:
        message = "a table of sources needs the columns unit and code."
        where = Where(file=table.file, sheet=table.sheet)
        raise DataError(message, "Name the columns.", "XC339", where)
    found = []
    for row in range(len(table.rows)):
        unit, code = lines.city(row, at["unit"]), lines.text(row, at["code"])
        if code not in framework.inputs:
            where = table.where(row, at["code"], unit=unit or "", indicator=code)
            hint = "Correct the code or add the indicator to the framework."
            lines.refuse("XC314", f"{code!r} is not an indicator.", hint, where)
        basis = lines.text(row, at.get("basis"))
        basis = lines.status(row, at.get("basis"), unit or "") or "" if basis else ""
        texts: dict[str, Any] = {name: lines.text(row, at.get(name)) for name in _TEXTS}
        remark = lines.text(row, at.get("remark"))
        texts |= {name: texts[name] or remark for name in ("remark_zh", "remark_en")}
        found.append(SourceException(unit or "", code, basis=basis, **texts))
    if lines.problems:
        raise DataError(lines.problems)
    return tuple(found)


def read_previous(
    path: str | Path, framework: Framework, recipe: Recipe
) -> tuple[str, Dataset] | None:
    """Return the previous edition, its name and values, None where there is none.

    It stands in `previous.csv` of a folder or on the sheet `previous` of a workbook; a column of
    editions names it.

    Raises
    ------
    DataError
        With everything that cannot be used.
    """

    def has_code(row: Sequence[object]) -> bool:
        return any(as_text(cell) in framework.inputs for cell in row)

    table = extra_table(Path(path), "previous", has_code)
    if table is None:
        return None
    at = time_column(table)
    names = () if at is None else (as_text(table.cell(row, at)) for row in range(len(table.rows)))
    dataset, _ = read_table(table, framework, units_beside(path), recipe)
    return next(filter(None, names), "previous"), dataset


def _is_header(row: Sequence[object]) -> bool:
    return {as_text(cell).lower() for cell in row} >= _REQUIRED
