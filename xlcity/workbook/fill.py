"""Puts values from a file into a template's input cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import CellValue, DataError, Problem, Where, WorkbookError, counted
from xlcity.model.data_reader import DataCell, Notes, read_dataset
from xlcity.model.dataset import State
from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.fill_lines import item_cells, link_cells
from xlcity.workbook.fill_links import matrix_cells
from xlcity.workbook.labels import LANGUAGES, Labels
from xlcity.workbook.read import Template, read_template
from xlcity.workbook.sheets.data import MISSING_TEXT
from xlcity.xlsx.address import Area
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.patch import write_inputs


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with new values.

    Attributes
    ----------
    package
        The workbook; the template's own package where nothing changed.
    written
        Cells that got a value or a missing code, and cells emptied.
    skipped
        Why columns, or cells that already held the value, were left alone.
    notes
        What the reader converted or doubts.
    """

    package: Package
    written: int
    cleared: int
    skipped: tuple[str, ...]
    notes: Notes


def fill(
    template: Template, data: str | Path, *, clear: bool = False, recalculated: bool = True
) -> Filled:
    """Write the values of a data file into a template's input cells.

    A blank or absent cell of the file leaves the workbook's cell as it is; with `clear`, what the
    file has blank (the city and the column stand in it) is emptied.

    Raises
    ------
    DataError
        With every cell, city and column that cannot be used; nothing is written then.
    EngineError
        If the filled workbook cannot be computed.
    """
    framework = template.framework
    read, notes = read_dataset(data, framework, template.dataset.units, template.recipe)
    outside = [cell for cell in notes.cells if cell.code not in template.columns]
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
    rows = dict(template.rows)
    new_ids = _new_rows(template, notes.cells, rows)
    sheet = template.area("in_data").sheet
    inputs: dict[tuple[int, int], CellValue] = dict(new_ids)
    written = same = 0
    for cell in notes.cells:
        position = (rows[cell.unit], template.columns[cell.code])
        value: CellValue = cell.value if cell.state == State.VALUE else MISSING_TEXT
        if template.book.value(sheet, *position) == value:
            same += 1
            continue
        inputs[position] = value
        written += 1
    cleared = 0
    if clear:
        for position in _blanks(template, notes, rows):
            if template.book.value(sheet, *position) not in (None, ""):
                inputs[position] = None
                cleared += 1
    skipped = list(_left_out(notes))
    if same:
        skipped.append(counted(same, "cell already holds", "cells already hold") + " the value")
    package = template.package
    matrices, ties = matrix_cells(template, read.links)
    lines, linked = link_cells(template, read.links)
    lists, listed = item_cells(template, read.items, clear=clear)
    written += ties + linked + listed
    if inputs or matrices or lines or lists:
        placed = {sheet: inputs, **matrices, **lines, **lists}
        package = write_inputs(package, placed, template.book)
        package = _note_hash(package, template.file)
    if recalculated:
        package = patched(package, recalculate(package))
    return Filled(package, written, cleared, tuple(skipped), notes)


def _left_out(notes: Notes) -> Iterator[str]:
    """Tell of columns and rows of the file that are no data.

    A file that is a template itself has columns and a closing line of ours: nothing to tell.
    """
    texts = Labels.load()

    def shown(key: str) -> set[str]:
        return {text for language in LANGUAGES for text in texts.variants(key, language)}

    closing = shown("data.closing")
    remarks = [remark for remark in notes.remarks if remark.partition(": ")[2] not in closing]
    own = shown("data.name") | shown("data.message") if len(remarks) < len(notes.remarks) else set()
    for name in notes.ignored:
        if name not in own:
            yield f"column {name}: no indicator of this workbook"
    for remark in remarks:
        place, _, text = remark.partition(": ")
        yield f"{place}, {text!r}: no city, and no values"


def _new_rows(
    template: Template, cells: Iterable[DataCell], rows: dict[str, int]
) -> dict[tuple[int, int], CellValue]:
    """Give a spare row of `Data` to every city that has none yet."""
    ids: Area = template.area("in_units")
    data: Area = template.area("in_data")

    def empty(row: int) -> bool:
        columns = (ids.c1, *range(data.c1, data.c2 + 1))
        return all(template.book.value(ids.sheet, row, c) in (None, "") for c in columns)

    spare = [row for row in range(ids.r1 + 1, ids.r2) if empty(row)]
    written: dict[tuple[int, int], CellValue] = {}
    problems = []
    for unit in dict.fromkeys(cell.unit for cell in cells):
        if unit in rows:
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
        rows[unit] = spare.pop(0)
        written[rows[unit], ids.c1] = unit
    if problems:
        raise WorkbookError(problems)
    return written


def _blanks(template: Template, notes: Notes, rows: dict[str, int]) -> list[tuple[int, int]]:
    """Return the positions that the file leaves blank, inside its own cities and columns."""
    return [
        (rows[unit], template.columns[code])
        for unit, code in notes.blanks
        if unit in rows and code in template.columns
    ]


def _note_hash(package: Package, file: str) -> Package:
    """Write the hash of the new inputs on `Log`."""
    book = read_book(package)
    template = read_template(package, book, file)
    if "xl_input_hash" not in book.names:
        return package
    area = template.area("xl_input_hash")
    return write_inputs(
        package, {area.sheet: {(area.r1, area.c1): template.dataset.digest()}}, book
    )
