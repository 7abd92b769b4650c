"""The commands of xlwings Lite, which hands over cells and names, and no file.

Excel has computed its cells itself, so that a check needs no engine: it looks at inputs and
weights, puts the index that Python computes beside the cells, and reads the workbook's own checks.
What needs the file (formats, the template drawn again, another workbook) is not offered.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import xlsxwriter

from xlcity.audit.check.check import Checked, CheckSession, checked_with
from xlcity.audit.lint.subject import Subject
from xlcity.desk.commands import Books, OpenBook
from xlcity.extension.answers import PanelAnswers
from xlcity.extension.excel.task_sheet import NAME, draw_into
from xlcity.extension.screen import Screen
from xlcity.extension.texts import words
from xlcity.recalc.workbook import Recalculated
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.package import Package


async def press(name: str, book: Any, language: str) -> None:
    """Answer a command on a sheet of the workbook.

    Parameters
    ----------
    name
        "check" or "trace" (of the selected cell).
    book
        The workbook, as xlwings hands it over.
    language
        "zh" or "en".
    """
    package = await _read_package(book)
    question = {"ask": name, "language": language, "screen": {"file": book.name}}
    if name == "trace":
        selected = book.app.selection
        address = selected.get_address(row_absolute=False, column_absolute=False)
        question["cell"] = f"{selected.sheet.name}!{address.partition(':')[0]}"
    documents = [*_LiteAnswers(_Cells(package, book.name)).answer(question)]
    if name == "check":
        documents.append({"note": words("lite", language)})
    if NAME not in [sheet.name for sheet in book.sheets]:
        book.sheets.add(NAME, after=book.sheets[len(book.sheets) - 1])
    sheet = book.sheets[NAME]
    draw_into(sheet, book.name, documents, language)
    sheet.activate()


async def _read_package(book: Any) -> Package:
    """Return the workbook's cells and names as a file that the readers take."""
    target = io.BytesIO()
    cells_book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": False})
    for sheet in book.sheets:
        if sheet.name == NAME:
            continue
        page, used = cells_book.add_worksheet(sheet.name), sheet.used_range
        cells = used.options(ndim=2, err_to_str=True)
        formulas, values = await cells.get_formula(), cells.value
        for down, row in enumerate(formulas):
            for right, formula in enumerate(row):
                position, value = (
                    (used.row - 1 + down, used.column - 1 + right),
                    values[down][right],
                )
                _write_cell(page, position, formula, "" if value is None else value)
    for name in book.names:
        cells_book.define_name(name.name, name.refers_to)
    cells_book.close()
    return Package.from_bytes(target.getvalue(), book.name)


def _write_cell(page: Any, position: tuple[int, int], formula: Any, value: Any) -> None:
    if isinstance(formula, str) and formula.startswith("="):
        page.write_formula(*position, formula, None, value)
    elif isinstance(formula, str):
        page.write_string(*position, formula) if formula else None
    elif isinstance(formula, bool):
        page.write_boolean(*position, formula)
    elif formula is not None:
        page.write_number(*position, float(formula))


class _Cells(Screen):
    """The workbook that was handed over."""

    def __init__(self, package: Package, file: str) -> None:
        super().__init__()
        self._package, self._file = package, file

    def book(self, given: Any) -> OpenBook:
        mark = hashlib.sha256(self._package.to_bytes()).hexdigest()
        return OpenBook(self._package, mark, self._file)


class _ExcelChecks(CheckSession):
    """Checks cells that Excel has computed."""

    def check(self, template: Template, sealed: str | Path | None = None) -> Checked:
        book = template.book
        formulas = {
            name: {position for position, cell in sheet.cells.items() if cell.formula is not None}
            for name, sheet in book.sheets.items()
        }
        values = {name: {position: book.value(name, *position) for position in positions}
                  for name, positions in formulas.items()}  # fmt: skip
        count = sum(map(len, values.values()))
        fresh = Recalculated(book, values, "Excel", None, None, count, 0, {})
        subject = Subject.of_template(template)
        # Formats and settings are not handed over.
        subject.expected = None
        return checked_with(subject, fresh, sealed=sealed)


class _LiteAnswers(PanelAnswers):
    """Answers without an engine, which a browser has not."""

    def new_books(self) -> Books:
        books = Books()
        books.checks = _ExcelChecks()
        return books
