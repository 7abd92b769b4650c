"""Puts values from a file into the input cells of `Data` and of `Fields`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from xlcity.errors import CellValue, DataError, Problem, Where, WorkbookError
from xlcity.model.data_reader import DataCell, Notes
from xlcity.model.dataset import State
from xlcity.workbook.fill_lines import Cells
from xlcity.workbook.read import Template
from xlcity.workbook.sheets.data import MISSING_TEXT
from xlcity.xlsx.address import Area


@dataclass(frozen=True, slots=True)
class ValueCells:
    """What to write on each sheet, and how many values were written, the same, and emptied."""

    cells: Mapping[str, Cells]
    written: int
    same: int
    cleared: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Inputs of one sheet: a row a city, a column a code; both ranges end in a closing row."""

    ids: Area
    data: Area
    rows: dict[str, int]
    columns: Mapping[str, int]


def value_cells(template: Template, notes: Notes, clear: bool) -> ValueCells:
    """Return what a file's values change in the input cells of a template.

    Raises
    ------
    DataError
        If the workbook has no column for a value.
    WorkbookError
        If there are fewer spare rows than new cities.
    """
    blocks = tuple(_blocks(template))
    known = {code for block in blocks for code in block.columns}
    outside = [cell for cell in notes.cells if cell.code not in known]
    if outside:
        raise DataError(
            [
                Problem(
                    "XC258",
                    f"{cell.code} has no column on Data.",
                    "Give the values of its indicators, or make the template from data with "
                    f"the column {cell.code}.",
                    cell.where,
                )
                for cell in outside
            ]
        )
    found: dict[str, Cells] = {}
    written = same = cleared = 0
    for block in blocks:
        values = [cell for cell in notes.cells if cell.code in block.columns]
        cells = found.setdefault(block.data.sheet, {})
        cells.update(_new_rows(template, block, values))
        for cell in values:
            position = (block.rows[cell.unit], block.columns[cell.code])
            value: CellValue = cell.value if cell.state == State.VALUE else MISSING_TEXT
            if template.book.value(block.data.sheet, *position) == value:
                same += 1
                continue
            cells[position] = value
            written += 1
        for position in _blanks(block, notes) if clear else ():
            if template.book.value(block.data.sheet, *position) not in (None, ""):
                cells[position] = None
                cleared += 1
    return ValueCells(
        {name: cells for name, cells in found.items() if cells}, written, same, cleared
    )


def _blocks(template: Template) -> Iterator[_Block]:
    yield _Block(
        template.area("in_units"),
        template.area("in_data"),
        dict(template.rows),
        template.columns,
    )
    if template.field_columns:
        yield _Block(
            template.area("in_field_units"),
            template.area("in_fields"),
            dict(template.field_rows),
            template.field_columns,
        )


def _new_rows(template: Template, block: _Block, cells: Iterable[DataCell]) -> Cells:
    """Give a spare row to every city that has none yet."""
    ids, data = block.ids, block.data

    def empty(row: int) -> bool:
        columns = (ids.c1, *range(data.c1, data.c2 + 1))
        return all(template.book.value(ids.sheet, row, c) in (None, "") for c in columns)

    spare = [row for row in range(ids.r1 + 1, ids.r2) if empty(row)]
    written: Cells = {}
    problems = []
    for unit in dict.fromkeys(cell.unit for cell in cells):
        if unit in block.rows:
            continue
        if not spare:
            problems.append(
                Problem(
                    "XC433",
                    f"there is no spare row on {ids.sheet} for {unit}.",
                    "Insert rows above its closing line.",
                    Where(template.file, ids.sheet, unit=unit),
                )
            )
            continue
        block.rows[unit] = spare.pop(0)
        written[block.rows[unit], ids.c1] = unit
    if problems:
        raise WorkbookError(problems)
    return written


def _blanks(block: _Block, notes: Notes) -> list[tuple[int, int]]:
    """Return the positions that the file leaves blank, inside its own cities and columns."""
    return [
        (block.rows[unit], block.columns[code])
        for unit, code in notes.blanks
        if unit in block.rows and code in block.columns
    ]
