"""Puts values from a file into a template's input cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import CellValue, DataError, Problem, counted
from xlcity.model.data_reader import Notes, read_dataset, read_table
from xlcity.model.dataset import State
from xlcity.model.tables import Table
from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.fill_lines import item_cells, link_cells
from xlcity.workbook.fill_links import matrix_cells
from xlcity.workbook.fill_tables import input_tables, place_all
from xlcity.workbook.labels import LANGUAGES, Labels
from xlcity.workbook.read import Template, read_template
from xlcity.workbook.recorded import read_recorded, record_cells, renewed
from xlcity.workbook.sheets.data import MISSING_TEXT
from xlcity.xlsx.calc_on_load import calculate_on_load
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
    template: Template, data: str | Path | Table, *, clear: bool = False, recalculated: bool = True
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
    units, recipe = template.dataset.units, template.recipe
    if isinstance(data, Table):
        read, notes = read_table(data, framework, units, recipe)
    else:
        read, notes = read_dataset(data, framework, units, recipe)
    tables = input_tables(template)
    of_code = {code: table for table in reversed(tables) for code in table.columns}
    outside = [cell for cell in notes.cells if cell.code not in of_code]
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
    named: dict[str, list[str]] = {}
    for cell in notes.cells:
        named.setdefault(of_code[cell.code].sheet, []).append(cell.unit)
    inputs = place_all(template, tables, named)
    written = same = 0
    for cell in notes.cells:
        table = of_code[cell.code]
        position = (table.rows[cell.unit], table.columns[cell.code])
        value: CellValue = cell.value if cell.state == State.VALUE else MISSING_TEXT
        if template.book.value(table.sheet, *position) == value:
            same += 1
            continue
        inputs[table.sheet][position] = value
        written += 1
    cleared = 0
    if clear:
        # Blanks inside the file's own cities and columns.
        for unit, code in notes.blanks:
            if code not in of_code or unit not in of_code[code].rows:
                continue
            table = of_code[code]
            position = (table.rows[unit], table.columns[code])
            if template.book.value(table.sheet, *position) not in (None, ""):
                inputs[table.sheet][position] = None
                cleared += 1
    skipped = list(_left_out(notes))
    if same:
        skipped.append(counted(same, "cell already holds", "cells already hold") + " the value")
    package = template.package
    matrices, ties = matrix_cells(template, read.links)
    lines, linked = link_cells(template, read.links)
    lists, listed = item_cells(template, read.items, clear=clear)
    written += ties + linked + listed
    placed = {sheet: cells for sheet, cells in inputs.items() if cells}
    placed |= {**matrices, **lines, **lists}
    if placed:
        package = write_inputs(package, placed, template.book)
        package = _note_hash(package, template.file)
    if recalculated:
        package = patched(package, recalculate(package, keep=True))
    elif placed:
        package = calculate_on_load(package)
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
    own: set[str] = set()
    if len(remarks) < len(notes.remarks):
        own = {"name", "message"} | shown("data.name") | shown("data.message")
    for name in notes.ignored:
        if name not in own:
            yield f"column {name}: no indicator of this workbook"
    for remark in remarks:
        place, _, text = remark.partition(": ")
        yield f"{place}, {text!r}: no city, and no values"


def _note_hash(package: Package, file: str) -> Package:
    """Write the hash of the new inputs on `Log`, and what is recorded of them on `Cleaned`."""
    book = read_book(package)
    template = read_template(package, book, file)
    if "xl_input_hash" not in book.names:
        return package
    area = template.area("xl_input_hash")
    codes = [*template.columns]
    new = renewed(read_recorded(book), template.framework, codes, template.dataset)
    cells = record_cells(book, new)
    cells.setdefault(area.sheet, {})[area.r1, area.c1] = template.dataset.digest()
    return write_inputs(package, cells, book)
