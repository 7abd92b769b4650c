"""Cells of a file: every sheet of a workbook, the table of a text, the tables of a web page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from xlcity.errors import DataError, Where
from xlcity.model.reading.layout import RowLayout, arrange
from xlcity.model.reading.tables import (
    Cells,
    FileTable,
    csv_rows,
    decode_text,
    read_bytes,
    read_csv,
)
from xlcity.model.reading.text_tables import read_web_tables
from xlcity.xlsx.diagnose import is_web_page
from xlcity.xlsx.package import is_workbook_name
from xlcity.xlsx.plain_cells import read_plain_cells

#: Tells whether a row is the header of a table.
HeaderTest = Callable[[Sequence[object]], bool]
#: How far down a sheet the header may stand (a template has titles above it).
_HEADER_DEPTH = 30
#: Suffixes of texts; what has none of these may be a web page or a workbook by another name.
_TEXTS = (".csv", ".tsv", ".txt")


def read_sheets(path: str | Path) -> dict[str, Cells]:
    """Return the cells of a file by sheet; the only table of a text has no name.

    Of a web page with several tables each is a sheet: "table 1", "table 2".
    """
    if is_workbook_name(path):
        return {**read_plain_cells(path)}
    file = str(path)
    content = read_bytes(Path(path))
    if is_web_page(content):
        tables = read_web_tables(decode_text(content, file), file)
    elif Path(path).suffix.lower() in _TEXTS:
        tables = [csv_rows(decode_text(content, file))]
    else:
        return {**read_plain_cells(path)}
    if len(tables) == 1:
        return {"": _with_blanks(tables[0])}
    return {
        f"table {number}": _with_blanks(rows) for number, rows in enumerate(tables, 1)
    }


def _with_blanks(rows: Sequence[Sequence[str]]) -> Cells:
    return [tuple(map(_or_none, row)) for row in rows]


def _or_none(text: str) -> str | None:
    """Return a text, None for an empty one."""
    return text if text else None


def open_first_table(
    path: Path, names: Collection[str], is_header: HeaderTest
) -> FileTable:
    """Return the table of a text file, or of one sheet of a workbook.

    Parameters
    ----------
    path
        The file.
    names
        Names of sheets in lower case: the first sheet called so is taken, else the first of all.
    is_header
        Tells the header of the table from titles above it.

    Raises
    ------
    DataError
        If it is empty.
    """
    if not is_workbook_name(path):
        return read_csv(path)
    sheets = read_plain_cells(path)
    named = (title for title in sheets if title.lower() in names)
    title = next(named, next(iter(sheets)))
    table = table_below_titles(path, title, sheets[title], is_header)
    if not table.header:
        where = Where(file=str(path), sheet=title)
        raise DataError.of("XC322.empty_sheet", where)
    return table


def open_extra_table(path: Path, name: str, is_header: HeaderTest) -> FileTable | None:
    """Return a table by its name from a folder (`NAME.csv`) or a workbook (sheet); None without.

    `is_header` tells the header of the table from titles above it on the sheet.
    """
    if path.is_dir():
        beside = path / f"{name}.csv"
        return read_csv(beside) if beside.is_file() else None
    if not is_workbook_name(path):
        return None
    for title, cells in read_plain_cells(path).items():
        if title.lower() == name:
            table = table_below_titles(path, title, cells, is_header)
            return table if table.header else None
    return None


def table_below_titles(
    path: Path, title: str, cells: Cells, is_header: HeaderTest
) -> FileTable:
    """Return the table of a sheet from its header on; one without headings for a blank sheet.

    Without a header in the first rows, the first filled row is taken for it.
    """
    above = enumerate(cells[:_HEADER_DEPTH], 1)
    header = next((number for number, row in above if is_header(row)), None)
    layout = RowLayout() if header is None else RowLayout((header,))
    return arrange(str(path), title, cells, layout)
