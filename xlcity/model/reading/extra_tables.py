"""Tables that stand beside the table of values: lists of institutions, links between cities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from xlcity.model.reading.tables import FileTable, as_text, read_csv, sheet_table
from xlcity.xlsx.plain_cells import read_plain_cells

#: How far down a sheet the header may stand (a template has titles above it).
HEADER_DEPTH = 30


def extra_table(
    path: Path, name: str, is_header: Callable[[Sequence[object]], bool]
) -> FileTable | None:
    """Return the table of that name of a folder (`NAME.csv`) or a workbook, None without one."""
    if path.is_dir():
        beside = path / f"{name}.csv"
        return read_csv(beside) if beside.is_file() else None
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    for title, cells in read_plain_cells(path).items():
        if title.lower() == name and any(any(map(as_text, row)) for row in cells):
            # The sheet of a template has titles and bands above its header.
            header_at = next(
                (at for at, row in enumerate(cells[:HEADER_DEPTH]) if is_header(row)), 0
            )
            return sheet_table(str(path), title, cells, header_at)
    return None
