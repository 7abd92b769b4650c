"""What a click can mend: a value for a cell, proposed, written into the file, and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.adoption.cells import NOTE_MARKS
from xlcity.adoption.proposal import MapProposal
from xlcity.api.documents import plain
from xlcity.audit.lint.rules.known_values import confirming_text
from xlcity.audit.trace.trace import find_cell
from xlcity.desk.sent import TypedCell, read_cells, read_position
from xlcity.desk.texts import place_of
from xlcity.errors import Problem, UsageError, Where
from xlcity.model.dataset import State
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import Cells, as_text, csv_rows, csv_text, decode_text
from xlcity.model.reading.values import (
    SUFFIXES,
    Converted,
    fault_kind,
    read_indicator_value,
)
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports.known_cities import fold_city, near_city_names
from xlcity.workbook.filling.template import record_inputs
from xlcity.workbook.reading.records import is_number
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.xlsx.address import cell_name, parse_cell, split_sheet
from xlcity.xlsx.cells import Position, ReadBook, read_book
from xlcity.xlsx.diagnose import is_web_page
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.editing.patch import CellEntry, refuse_divided_ranges, replace_cells
from xlcity.xlsx.editing.sheet_editor import with_note
from xlcity.xlsx.package import Package, is_workbook_name
from xlcity.xlsx.save import require_unlocked, write_output

if TYPE_CHECKING:
    from xlcity.desk.commands import Books, OpenBook

#: Letters that look like digits.
_LOOKALIKES = str.maketrans("oOlI", "0011")
#: Faults whose meaning leaves no doubt.
_CERTAIN = ("full_width", "as_text")
#: A name that every template defines.
_OF_TEMPLATE = "xl_input_hash"


def suggest_mend(book: OpenBook, problem: Problem) -> dict[str, Any] | None:
    """Return the input cell of a problem, what stands there, what is meant, and if that is certain.

    Meant is the number of a text, or the id of a city whose name is nearly the same; None where a
    person has to find one. Where there is no input cell, there is nothing to mend.
    """
    template = book.template
    cell = place_of(problem)
    try:
        sheet, (row, column) = find_cell(book.subject, cell)
    except UsageError:
        return None
    codes = {number: code for code, number in template.columns.items()}
    is_city = column == template.area("in_units").c1
    if sheet != template.area("in_data").sheet or not (is_city or column in codes):
        return None
    old = template.book.value(sheet, row, column)
    about = {"cell": cell, "old": plain(old), "city": is_city}
    if is_city:
        # A city that is known, and has another row, may be any.
        city = find_near_city(book, as_text(old)) if problem.code == "XC311" else None
        return {**about, "new": city, "certain": city is not None}
    new, letters = meant_number(
        old, template.framework.inputs[codes[column]], problem.code
    )
    is_certain = (
        new is not None and isinstance(old, str) and fault_kind(old) in _CERTAIN
    )
    return {**about, "new": new, "letters": letters, "certain": is_certain}


def suggest_in_table(
    problem: Mapping[str, str], cells: Cells, proposal: MapProposal
) -> Any:
    """Return what stands in the cell of a problem of a team's own table, and what is meant."""
    try:
        row, column = parse_cell(problem["cell"].split(",")[0])
    except ValueError:  # a problem of a row, or of the whole table
        return {"old": "", "city": False, "new": None, "letters": []}
    typed = next(iter(cells[row - 1][column - 1 :]), None)
    uom = next(
        (about.uom for about in proposal.columns if about.column == column - 1), ""
    )
    new, letters = meant_number(
        typed, Ingredient("", "", uom=uom, uom_zh=uom), problem["code"]
    )
    about = {"old": as_text(typed), "city": column == proposal.city + 1}
    return {**about, "new": new, "letters": letters}


def meant_number(
    typed: object, node: Node | Ingredient, fault: str
) -> tuple[float | None, list[str]]:
    """Return the number that a cell means, and letters in it that look like digits.

    It is that of an estimate, of a number with its measure after it, or of a fraction among per
    cents; None where a person has to find one.

    Examples
    --------
    >>> persons = Ingredient("", "", uom_zh="万人")
    >>> [meant_number(text, persons, "")[0] for text in ("约5", "5万", "5亿", "5.2②")]
    [5.0, 5.0, None, 5.2]
    >>> meant_number("31O", Ingredient("", ""), "")
    (310.0, ['O'])
    >>> meant_number(0.41, Ingredient("", "", uom="%"), "XC308")[0]
    41.0
    """
    is_fraction = fault == "XC308"
    text = re.sub(rf"^[~≈约]\s*|{NOTE_MARKS}$", "", as_text(typed))
    if not (is_fraction or isinstance(typed, str)) or not re.search(r"\d", text):
        return None, []
    # A measure that counts in 万 or 亿 itself is not counted twice: 5万 of 万人 is 5.
    for measure in (node.uom, node.uom_zh, *filter(node.uom_zh.startswith, SUFFIXES)):
        text = text.removesuffix(measure)
    read = read_indicator_value(text.translate(_LOOKALIKES), node, ())
    if not isinstance(read, Converted) or read.state != State.VALUE:
        return None, []
    number = float(f"{read.value * 100:.12g}") if is_fraction else read.value
    return number, sorted({*text} & {*map(chr, _LOOKALIKES)})


def find_near_city(book: OpenBook, text: str) -> str | None:
    """Return the id of the city that a text nearly names, if it is one alone that has no row."""
    code = next(iter(book.template.columns))
    id_by_name = {
        fold_city(name): unit.id
        for unit in book.template.dataset.units
        if not book.place(unit.id, code)
        for name in (unit.id, unit.name_zh, unit.name_en)
        if name
    }
    ids = {id_by_name[name] for name in near_city_names(text, id_by_name)}
    return ids.pop() if len(ids) == 1 else None


def mend(books: Books, table: str, cells: str) -> dict[str, Any]:
    """Type values into cells of a workbook or a table; one that is a template is recalculated.

    Parameters
    ----------
    table
        The file; as it was before the first mend, it is kept as .bak.
    cells
        A list of (sheet, cell, value), as JSON; without a value the cell is confirmed missing.

    Raises
    ------
    WorkbookError
        If a program has the file open, or it cannot be computed.
    """
    path = Path(table)
    typed = read_cells(cells)
    require_unlocked(path)
    content = _with_cells(path, path.read_bytes(), typed)
    return _write_mended(books, path, content)


def confirm(books: Books, table: str, cell: str) -> dict[str, Any]:
    """Note at a cell of a workbook that its value is right; `check` is then silent about it.

    Parameters
    ----------
    table
        The file; as it was before the first mend, it is kept as .bak.
    cell
        The input with its sheet, such as Data!E12.

    Raises
    ------
    UsageError
        If the cell holds no number.
    WorkbookError
        If a program has the file open.
    """
    path = Path(table)
    require_unlocked(path)
    package = Package.from_bytes(path.read_bytes(), str(path))
    name, address = split_sheet(cell)
    sheet = name or ""
    position = read_position(address)
    book = read_book(package)
    value = book.value(sheet, *position) if sheet in book.sheets else None
    if not is_number(value):
        raise UsageError.of("XC100.no_number", cell=cell)
    note = Comment(confirming_text(value), "xlcity")
    content = with_note(package, sheet, position, note).to_bytes()
    return _write_mended(books, path, content)


def _write_mended(books: Books, path: Path, content: bytes) -> dict[str, Any]:
    """Write a mended file; as it was before the first mend, it is kept as .bak."""
    backup = write_output(path, content, backup=path not in books.mended)
    books.mended.add(path)
    return {"kept": backup.name if backup else ""}


def _with_cells(path: Path, before: bytes, typed: Iterable[TypedCell]) -> bytes:
    """Return the content of a file with values in cells."""
    values = [
        (sheet, position, MISSING_TEXT if value is None else value)
        for sheet, position, value in typed
    ]
    if is_web_page(before):
        raise UsageError.of("XC100.web_page")
    if not is_workbook_name(path):
        return _csv_with_cells(path, before, values)
    package = Package.from_bytes(before, str(path))
    book = read_book(package)
    for name, position, value in values:
        if name not in book.sheets:
            raise _no_cell(f"{name}!{cell_name(*position)}", path)
        sheet = book.sheets[name]
        xml = package.text(sheet.part)
        entry = CellEntry(value)
        styles = (
            {}
            if _OF_TEMPLATE in book.names
            else _format_above(book, name, position, xml)
        )
        refuse_divided_ranges(package, sheet, [position])
        patched = replace_cells(xml, {position: entry}, styles)
        package = package.replace({sheet.part: patched.encode("utf-8")})
    if _OF_TEMPLATE in book.names:
        package = record_inputs(package, str(path))
        package = patch_results(package, recalculate(package, keep=True))
    return package.to_bytes()


def _csv_with_cells(
    path: Path,
    before: bytes,
    values: Iterable[tuple[str, Position, str | float]],
) -> bytes:
    """Return the content of a CSV file with values in cells."""
    rows = [[*row] for row in csv_rows(decode_text(before, str(path)))]
    for _, (row, column), value in values:
        if row > len(rows) or column > len(rows[row - 1]):
            raise _no_cell(cell_name(row, column), path)
        rows[row - 1][column - 1] = str(value)
    return csv_text(rows).encode("utf-8")


def _no_cell(address: str, path: Path) -> UsageError:
    return UsageError.of("XC100.no_such_cell", Where(file=str(path)), address=address)


def _format_above(
    book: ReadBook, sheet: str, position: Position, xml: str
) -> dict[Position, int]:
    """Return the format of the number above a cell: its own may be that of a date."""
    row, column = position
    if row == 1 or not isinstance(book.value(sheet, row - 1, column), float):
        return {}
    style = re.search(
        rf'<(?:\w+:)?c r="{cell_name(row - 1, column)}"[^>]*? s="(\d+)"', xml
    )
    return {position: int(style[1]) if style else 0}
