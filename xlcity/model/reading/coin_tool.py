"""The input deck of the JRC's COIN Tool (an Excel workbook): its framework and its values.

The layout is the one that COINr's importer reads: on `Database`, indicators stand side by side from
column E on, with weight, direction and goalposts in rows 7 to 10, the four levels above them in
rows 11 (index) to 14, name and code in rows 15 and 16, and units from row 17 on, name and code in
the columns B and C; on `Framework`, the aggregates stand below row 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlcity.model.reading.tables import FileTable, as_text
from xlcity.xlsx.address import column_letters

DATABASE, TREE = "Database", "Framework"
#: Rows and columns, counted from 0.
WEIGHT, DIRECTION, LOW, HIGH = 6, 7, 8, 9
LEVELS = (13, 12, 11, 10)  # from the one directly above the indicators up
NAME, CODE, FIRST_UNIT, LAST_UNIT = 14, 15, 16, 314
UNIT_NAME, UNIT_CODE, FIRST, LAST = 1, 2, 4, 102
TREE_HEADER, TREE_LAST = 3, 51
#: Columns of `Framework`: code, weight, name; rows of this word are not used.
TREE_CODE, TREE_WEIGHT, TREE_NAME, UNUSED = 2, 4, 7, "--"

Cells = Sequence[tuple[Any, ...]]


def is_coin_tool(sheets: Mapping[str, Cells]) -> bool:
    """Tell whether the sheets of a workbook are those of a COIN Tool file."""
    return {DATABASE, TREE} <= sheets.keys() and bool(_indicator_columns(sheets[DATABASE]))


def framework_table(file: str, sheets: Mapping[str, Cells]) -> FileTable:
    """Return the framework as a table with COINr's columns; a level that is not used is left out.

    Each row has the address of the cells it comes from.
    """
    cells = sheets[DATABASE]
    columns = _indicator_columns(cells)
    used = [
        row
        for row in LEVELS
        # The tool fills a level that is not used with one code for all; the index is one, too.
        if row == LEVELS[-1] or len({_text(cells, row, column) for column in columns}) > 1
    ]
    aggregates = _used_aggregates(sheets[TREE])
    rows: list[tuple[Any, ...]] = []
    places: list[str] = []
    parents: dict[str, tuple[int, str]] = {}
    for column in columns:
        path = [_text(cells, row, column) for row in used]
        for level, (code, above) in enumerate(zip(path, [*path[1:], ""], strict=True), start=2):
            parents.setdefault(code, (level, above))
        numbers = (_cell(cells, row, column) for row in (WEIGHT, DIRECTION, LOW, HIGH))
        rows.append((1, _text(cells, CODE, column), _text(cells, NAME, column), path[0], *numbers))
        places.append(f"{DATABASE}!{column_letters(column + 1)}{CODE + 1}")
    for code, (level, above) in parents.items():
        name, weight, address = aggregates.get(code, (code, None, DATABASE))
        rows.append((level, code, name, above, weight, 1, None, None))
        places.append(address)
    header = ("Level", "iCode", "iName", "Parent", "Weight", "Direction", "goalpost_lower",
              "goalpost_upper", "Type")  # fmt: skip
    kinds = ("Indicator" if row[0] == 1 else "Aggregate" for row in rows)
    table_rows = tuple((*row, kind) for row, kind in zip(rows, kinds, strict=True))
    return FileTable(file, None, header, table_rows, tuple(range(len(rows))), tuple(places))


def data_table(file: str, sheets: Mapping[str, Cells]) -> FileTable:
    """Return the values as a table with COINr's columns, each cell where it stands."""
    cells = sheets[DATABASE]
    columns = _indicator_columns(cells)
    width = columns[-1] + 1
    header = [""] * width
    header[UNIT_NAME], header[UNIT_CODE] = "uName", "uCode"
    for column in columns:
        header[column] = _text(cells, CODE, column)
    unit_rows = [
        (number, tuple(cells[number][:width]))
        for number in range(FIRST_UNIT, min(len(cells), LAST_UNIT + 1))
        if _text(cells, number, UNIT_CODE)
        or any(_text(cells, number, column) for column in columns)
    ]
    rows = tuple(row for _, row in unit_rows)
    return FileTable(
        file, DATABASE, tuple(header), rows, tuple(number + 1 for number, _ in unit_rows)
    )


def _indicator_columns(cells: Cells) -> list[int]:
    """Return the columns that hold an indicator with any value."""
    rows = range(FIRST_UNIT, min(len(cells), LAST_UNIT + 1))
    return [
        column
        for column in range(FIRST, LAST + 1)
        if _text(cells, CODE, column) and any(_text(cells, row, column) for row in rows)
    ]


def _used_aggregates(cells: Cells) -> dict[str, tuple[str, Any, str]]:
    """Return code -> name, weight and address of the rows of `Framework` that are used."""
    aggregates = {}
    for row in range(TREE_HEADER + 1, min(len(cells), TREE_LAST + 1)):
        code = _text(cells, row, TREE_CODE)
        named = {_text(cells, row, column) for column in range(TREE_CODE, TREE_NAME + 1)}
        if code and UNUSED not in named:
            address = f"{TREE}!{column_letters(TREE_CODE + 1)}{row + 1}"
            name = _text(cells, row, TREE_NAME) or code
            aggregates[code] = (name, _cell(cells, row, TREE_WEIGHT), address)
    return aggregates


def _cell(cells: Cells, row: int, column: int) -> Any:
    """Return a cell by its row and column from 0, None beyond the end."""
    return None if row >= len(cells) or column >= len(cells[row]) else cells[row][column]


def _text(cells: Cells, row: int, column: int) -> str:
    """Return a cell as text, by its row and column from 0."""
    return as_text(_cell(cells, row, column))
