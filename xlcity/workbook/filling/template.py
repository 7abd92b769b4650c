"""Puts values from a file into a template's input cells."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xlcity.errors import CellValue, DataError, Problem, counted
from xlcity.grouping import grouped
from xlcity.index.result import IndexResult
from xlcity.methods.construct import Construction
from xlcity.methods.registry import method_of
from xlcity.model.dataset import State
from xlcity.model.reading.data import read_dataset, read_table
from xlcity.model.reading.notes import Notes
from xlcity.model.reading.tables import FileTable
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.filling.lines import item_cells, link_cells
from xlcity.workbook.filling.links import matrix_cells
from xlcity.workbook.filling.tables import give_rows, input_tables
from xlcity.workbook.labels import LANGUAGES, Labels, show_label
from xlcity.workbook.reading.recorded_values import read_recorded, record_cells, renew_record
from xlcity.workbook.reading.results import index_or_error
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.workbook.steps.weigh import stored_cells, stored_rows
from xlcity.xlsx.cells import Position, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.new_book import calculate_on_load
from xlcity.xlsx.package import Package


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
    unlisted
        Indicators that are made from lists, none of which are there.
    notes
        What the reader converted or doubts.
    unverified
        What formulas use that no engine is known to compute as Excel does.
    """

    package: Package = field(repr=False)
    written: int
    cleared: int
    skipped: tuple[str, ...]
    notes: Notes = field(repr=False)
    unlisted: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


def fill(
    template: Template,
    data: str | Path | FileTable,
    *,
    clear: bool = False,
    recalculated: bool = True,
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
    framework, units, recipe = template.framework, template.dataset.units, template.recipe
    if isinstance(data, FileTable):
        read, notes = read_table(data, framework, units, recipe)
    else:
        read, notes = read_dataset(data, framework, units, recipe)
    inputs = _Inputs(template)
    inputs.write(notes)
    if clear:
        inputs.clear(notes)
    matrices, ties = matrix_cells(template, read.links)
    lines, linked = link_cells(template, read.links)
    lists, listed = item_cells(template, read.items, clear=clear)
    changes = {sheet: cells for sheet, cells in inputs.cells.items() if cells}
    changes |= {**matrices, **lines, **lists}
    package = template.package
    if changes:
        package = write_inputs(package, changes, template.book)
        package = record_inputs(package, template.file)
    computed = recalculate(package, keep=True) if recalculated else None
    if computed is not None:
        package = patch_results(package, computed)
    elif changes:
        package = calculate_on_load(package)
    skipped = list(_skipped_texts(notes))
    if inputs.same:
        already = counted(inputs.same, "cell already holds", "cells already hold")
        skipped.append(f"{already} the value")
    written = inputs.written + ties + linked + listed
    unlisted = _find_unlisted(template, {*read.items, *(cell.code for cell in notes.cells)})
    unverified = () if computed is None else computed.unverified
    return Filled(package, written, inputs.cleared, tuple(skipped), notes, unlisted, unverified)


def _find_unlisted(template: Template, given: Collection[str]) -> tuple[str, ...]:
    """Return the indicators made from lists, of which neither workbook nor file have a line."""
    listed_codes = {*given, *(code for code, lines in template.dataset.items.items() if lines)}
    codes = (node.code for node in template.framework.indicators if node.code not in listed_codes)
    steps = ((code, template.recipe.step_for("construct", code)) for code in codes)
    return tuple(c for c, step in steps if step and method_of(Construction, step.method).items)


class _Inputs:
    """Cells of the tables of values that a file changes.

    Attributes
    ----------
    cells
        Sheet -> position -> what to write there.
    written, same, cleared
        Cells that get a value, that have it already, and that are emptied.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self.tables = input_tables(template)
        self.of_code = {code: table for table in reversed(self.tables) for code in table.columns}
        self.cells: dict[str, dict[Position, CellValue]] = {}
        self.written = self.same = self.cleared = 0

    def write(self, notes: Notes) -> None:
        """Write values and missing codes; a city without a row gets a spare one."""
        problems = [
            Problem(
                "XC258",
                f"{cell.code} has no column on Data.",
                "Give the values of its indicators, or make the template from data with "
                f"the column {cell.code}.",
                cell.where,
            )
            for cell in notes.cells
            if cell.code not in self.of_code
        ]
        if problems:
            raise DataError(problems)
        named = grouped((self.of_code[cell.code].sheet, cell.unit) for cell in notes.cells)
        self.cells = give_rows(self.template, self.tables, named)
        for cell in notes.cells:
            table = self.of_code[cell.code]
            position = (table.rows[cell.unit], table.columns[cell.code])
            value: CellValue = cell.value if cell.state == State.VALUE else MISSING_TEXT
            if self.template.book.value(table.sheet, *position) == value:
                self.same += 1
            else:
                self.cells[table.sheet][position] = value
                self.written += 1

    def clear(self, notes: Notes) -> None:
        """Empty what the file has blank in its own cities and columns."""
        for unit, code in notes.blanks:
            table = self.of_code.get(code)
            if table is None or unit not in table.rows:
                continue
            position = (table.rows[unit], table.columns[code])
            if self.template.book.value(table.sheet, *position) not in (None, ""):
                self.cells[table.sheet][position] = None
                self.cleared += 1


def _skipped_texts(notes: Notes) -> Iterator[str]:
    """Report columns and rows of the file that are not data.

    The columns and the closing line of a template itself are not reported.
    """
    texts = Labels.load().texts

    def texts_of(key: str) -> set[str]:
        zh, en = texts[key]
        return {show_label(zh, en, language) for language in LANGUAGES}

    closing = texts_of("data.closing")
    remarks = [remark for remark in notes.remarks if remark.partition(": ")[2] not in closing]
    own: set[str] = set()
    if len(remarks) < len(notes.remarks):
        own = {"name", "message"} | texts_of("data.name") | texts_of("data.message")
    for name in notes.ignored:
        if name not in own:
            yield f"column {name}: no indicator of this workbook"
    for remark in remarks:
        address, _, text = remark.partition(": ")
        yield f"{address}, {text!r}: no city, and no values"


def record_inputs(package: Package, file: str) -> Package:
    """Record new inputs: their hash on `Framework`, sums on `Messages`, weights on `Weights`."""
    book = read_book(package)
    template = read_template(package, book, file)
    area = template.area("xl_input_hash")
    codes = [*template.columns]
    new = renew_record(read_recorded(book), template.framework, codes, template.dataset)
    cells = record_cells(book, new)
    cells.setdefault(area.sheet, {})[area.r1, area.c1] = template.dataset.digest()
    if stored_rows(book):
        result = index_or_error(template)
        if isinstance(result, IndexResult):
            cells |= stored_cells(book, result)
    return write_inputs(package, cells, book)
