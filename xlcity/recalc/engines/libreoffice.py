"""LibreOffice as an engine: a real spreadsheet, for what the default engine is not trusted with.

It calls the library through the bridge of `hosts.calc`. Where its Python scripting is not
installed, the calls are computed by formualizer, in order of dependence.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from itertools import chain

from xlcity.errors import CellError, CellValue, EngineError, Where
from xlcity.messages import Message
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.protocol import (
    Task,
    Values,
    each_value,
    make_circle_error,
)
from xlcity.recalc.engines.soffice import (
    find_soffice,
    recalculate_in_office,
    soffice_version,
)
from xlcity.recalc.library_calls import copy_for_library
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.engine_copy import (
    engine_copy,
    engine_title,
    with_engine_titles,
)
from xlcity.xlsx.formulas.circles import find_circles
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import Relations

#: A cell with a logical, and the attribute of its style.
_LOGICAL_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt=["']b["'][^>]*>""")
_STYLE = re.compile(rb"""\ss=["']\d+["']""")
#: A formula with #REF!, and in it a text or such a reference.
_BROKEN_FORMULA = re.compile(rb"<((?:\w+:)?f)\b[^>]*>[^<]*#REF![^<]*</\1>")
_TEXT_OR_BROKEN = re.compile(
    rb"""("|&quot;).*?\1|(?:(?:'(?:[^']|'')+'|[^\s(,;!<>=&"'#]+)!)?\#REF!""", re.DOTALL
)


class LibreOffice:
    """Computes a workbook with a LibreOffice that has no window."""

    name = "libreoffice"
    remedy: str = Message("hint.install_calc")
    measured = ""
    turn = 2

    def __init__(self) -> None:
        #: Which engine computed the calls of the last workbook; each is tried here first.
        self.udf_by = LibreOffice.name

    def version(self) -> str | None:
        """Return the version installed, or ``None``."""
        program = find_soffice()
        return None if program is None else soffice_version(program)

    def available(self) -> bool:
        """Return whether LibreOffice is installed."""
        return find_soffice() is not None

    def evaluate(self, task: Task) -> Values:
        """Return the value of every formula cell; see `Engine.evaluate`."""
        start = time.monotonic()
        self.udf_by = LibreOffice.name
        if task.udf_cells:
            values = _compute_copy(task.book, copy_for_library(task), task.timeout, {})
            if _has_computed_calls(task, values):
                return _refuse_circles(task, values)
            self.udf_by = Formualizer.name
            seconds = time.monotonic() - start
            task = replace(task, timeout=max(1.0, task.timeout - seconds))
        call_values = _compute_calls(task)
        copy = engine_copy(task.package, task.book, constants=call_values)
        values = _compute_copy(task.book, copy, task.timeout, call_values)
        return _refuse_circles(task, values)


def _has_computed_calls(task: Task, values: Values) -> bool:
    """Return whether LibreOffice has the library, and computed what calls it."""
    answers: set[CellValue] = set()
    for sheet, cells in task.udf_cells.items():
        answers.update(map(values[sheet].__getitem__, cells))
    if CellError.NAME in answers:
        return False
    return CellError.NA not in answers or not _has_gaps(task, values)


def _refuse_circles(task: Task, values: Values) -> Values:
    """Return the values; raise `EngineError` if formulas in a circle are #VALUE!.

    Otherwise the circle is open: an IF takes another branch, or INDEX another cell.
    """
    wrong = [place for place, value in each_value(values) if value is CellError.VALUE]
    groups = find_circles(Graph(task.book)) if wrong else []
    if not set(wrong).isdisjoint(chain.from_iterable(groups)):
        raise make_circle_error(task.book, LibreOffice.name, wrong)
    return values


def _compute_calls(task: Task) -> Values:
    """Return the values of the cells that call the library, as formualizer computes them."""
    if not task.udf_cells:
        return {}
    helper = Formualizer()
    if not helper.available():
        sheet, cells = next(iter(task.udf_cells.items()))
        raise EngineError.of(
            "XC514.no_functions_in_libreoffice",
            Where(task.book.file, sheet, cell_name(*min(cells))),
            remedy=helper.remedy,
        )
    values = helper.evaluate(task)
    call_values: Values = {}
    for sheet, cells in task.udf_cells.items():
        call_values[sheet] = {position: values[sheet][position] for position in cells}
    return call_values


def _compute_copy(
    book: ReadBook, copy: Package, timeout: float, constants: Values
) -> Values:
    """Return the values of a workbook's formula cells from its `copy`, which LibreOffice computes.

    `timeout` is in seconds; `constants` has the values of formula cells that are constants in the
    copy.
    """
    data = recalculate_in_office(_adapt_to_office(book, copy).to_bytes(), timeout)
    computed = read_book(Package.from_bytes(data))
    values: Values = {}
    for sheet in book.sheets.values():
        sheet_constants = constants.get(sheet.name, {})
        title = engine_title(sheet.name)
        cells = {p: computed.value(title, *p) for p in sheet.cells.computed()}
        if cells:
            values[sheet.name] = {
                p: sheet_constants.get(p, value) for p, value in cells.items()
            }
    return values


def _adapt_to_office(book: ReadBook, copy: Package) -> Package:
    """Return a copy that LibreOffice reads as Excel reads the workbook.

    LibreOffice reads a logical in a cell with a number format as a number, and #REF! in a formula
    as another error (`INDEX(#REF!,2)` is #VALUE!, `Data!#REF!` is #NAME?). It draws pivot tables
    anew, over cells that formulas read.
    """
    parts = {}
    for sheet in book.sheets.values():
        if copy.related(sheet.part, "pivotTable"):
            relations = Relations.read_from(copy, sheet.part)
            relations.remove("pivotTable")
            parts[relations.part] = relations.to_bytes()
        data = copy.parts[sheet.part]
        adapted = _LOGICAL_CELL.sub(lambda cell: _STYLE.sub(b"", cell[0]), data)
        if b"#REF!" in adapted:
            adapted = _BROKEN_FORMULA.sub(
                lambda formula: _TEXT_OR_BROKEN.sub(_replace_broken, formula[0]),
                adapted,
            )
        if adapted != data:
            parts[sheet.part] = adapted
    return with_engine_titles(copy.replace(parts) if parts else copy)


def _replace_broken(match: re.Match[bytes]) -> bytes:
    """Return what replaces a match in a formula: a text in quotes stays as it is.

    A broken reference becomes an expression that is #REF! in LibreOffice too.
    """
    return match[0] if match[1] else b'INDIRECT("")'


def _has_gaps(task: Task, values: Values) -> bool:
    """Return whether cells are #N/A that do not call the library.

    A call may be #N/A only because its ranges hold #N/A: LibreOffice gives an error in a range as
    the result and does not call the function; to the library #N/A is a missing code.
    """
    for name, sheet in task.book.sheets.items():
        computed = values.get(name, {})
        calls = task.udf_cells.get(name, frozenset())
        for position in sheet.cells:
            value = computed.get(position, sheet.value(*position))
            if value is CellError.NA and position not in calls:
                return True
    return False
