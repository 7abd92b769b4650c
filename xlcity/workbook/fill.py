"""Puts values from a file into a template's input cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import counted
from xlcity.model.data_reader import Notes, read_dataset
from xlcity.recalc.workbook import patched, recalculate
from xlcity.workbook.fill_lines import link_cells
from xlcity.workbook.fill_links import matrix_cells
from xlcity.workbook.fill_values import value_cells
from xlcity.workbook.labels import LANGUAGES, Labels
from xlcity.workbook.read import Template, read_template
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
    values = value_cells(template, notes, clear)
    skipped = list(_left_out(notes))
    if values.same:
        skipped.append(
            counted(values.same, "cell already holds", "cells already hold") + " the value"
        )
    package = template.package
    matrices, ties = matrix_cells(template, read.links)
    lines, linked = link_cells(template, read.links)
    placed = {**values.cells, **matrices, **lines}
    if placed:
        package = write_inputs(package, placed, template.book)
        package = _note_hash(package, template.file)
    if recalculated:
        package = patched(package, recalculate(package))
    written = values.written + ties + linked
    return Filled(package, written, values.cleared, tuple(skipped), notes)


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
