"""Changes values and entries in sheet XML, and leaves every other byte alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import isfinite

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.xlsx import scan
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, cell_name
from xlcity.xlsx.cells import Position, ReadBook, Sheet, read_book
from xlcity.xlsx.editing.sheet_patch import SheetPatch, Writer, constant_xml, result_xml
from xlcity.xlsx.editing.splice import CutSheet
from xlcity.xlsx.package import Package
from xlcity.xlsx.table import CellTable
from xlcity.xlsx.text import (
    escape_cell_text,
    escape_xml,
    normal_value,
    number_texts,
    same_value,
    space_kept,
)

#: Sheet -> position -> value.
Values = Mapping[str, Mapping[Position, CellValue]]


def patch_values(
    package: Package,
    values: Values,
    book: ReadBook | None = None,
    cuts: dict[str, CutSheet] | None = None,
) -> Package:
    """Return the package with new values in formula cells.

    Only ``<v>``, ``t=`` and inline content change, and only where the value differs; formulas,
    styles and all else stay as they are. Patching the same values again changes no byte.

    Parameters
    ----------
    package
        The workbook.
    values
        Sheet -> (row, column) -> value. Cells of array ranges that have no element get one.
    book
        The cells of `package`, if they are at hand.
    cuts
        Part -> sheet, of a copy that was patched before; those of this one are kept in it.

    Raises
    ------
    WorkbookError
        If a sheet is absent or a cell holds no formula; all such cells at once.
    """
    book = read_book(package) if book is None else book
    problems = _find_unknown_sheets(book, values)
    for sheet, wanted in values.items():
        if sheet not in book.sheets:
            continue
        for position in sorted(set(wanted).difference(book.sheets[sheet].cells.computed())):
            where = Where(book.file, sheet, cell_name(*position))
            problems.append(
                Problem("XC421", "the cell has no formula.", "Use `fill` for inputs.", where)
            )
    return _apply_values(package, book, values, problems, result_xml, cuts)


def write_inputs(package: Package, values: Values, book: ReadBook | None = None) -> Package:
    """Return the package with constants in input cells.

    Formats are kept; rows and cells that are not there are added in their place. ``None`` empties
    a cell and keeps its format. Texts become inline strings, which every program reads.

    Parameters
    ----------
    package
        The workbook.
    values
        Sheet -> (row, column) -> value.
    book
        The cells of `package`, if they are at hand.

    Raises
    ------
    WorkbookError
        If a sheet is absent, a position is outside the sheet or a cell holds a formula; all such
        cells at once.
    """
    book = read_book(package) if book is None else book
    problems = _find_unknown_sheets(book, values)
    for sheet, wanted in values.items():
        if sheet not in book.sheets:
            continue
        for position in wanted:
            problem = _why_no_input(book.sheets[sheet], position)
            if problem:
                where = Where(book.file, sheet, cell_name(*position))
                hint = "Values go into input cells only."
                problems.append(Problem("XC422", problem, hint, where))
    return _apply_values(package, book, values, problems, constant_xml)


@dataclass(frozen=True, slots=True)
class CellEntry:
    """What a person typed.

    Attributes
    ----------
    value
        A value; of a formula its result.
    formula, array
        The formula, and the range that it is entered over.
    runs
        The XML of a text of which parts look otherwise.
    """

    value: CellValue = None
    formula: str | None = None
    array: str = ""
    runs: str = ""


def write_entries(
    package: Package, entries: Mapping[str, Mapping[Position, CellEntry]], book: ReadBook
) -> Package:
    """Return the package with values and formulas in cells, in place of what is there.

    Parameters
    ----------
    package
        The workbook.
    entries
        Sheet -> (row, column) -> what is to stand there; cells that are not there are added.
    book
        Its cells.

    Raises
    ------
    WorkbookError
        If a formula there is shared with other cells.
    """
    parts = {}
    for name, wanted in entries.items():
        part = book.sheets[name].part
        xml = package.text(part)
        over = partial(_require_own, package.name, name)
        parts[part] = SheetPatch(xml, write_entry, over).apply(dict(wanted)).encode("utf-8")
    return package.replace(parts)


def write_entry(entry: CellEntry, prefix: str) -> tuple[str, str]:
    """Return type and content of a cell with an entry; see `Writer`."""
    if entry.runs:
        return "inlineStr", f"<{prefix}is>{entry.runs}</{prefix}is>"
    if entry.formula is None:
        return constant_xml(normal_value(entry.value), prefix)
    kind, value = result_xml(normal_value(entry.value), prefix)
    array = f' t="array" ref="{entry.array}"' if entry.array else ""
    return kind, f"<{prefix}f{array}>{escape_xml(entry.formula)}</{prefix}f>{value}"


def _why_no_input(sheet: Sheet, position: Position) -> str | None:
    row, column = position
    if not (1 <= row <= MAX_ROWS and 1 <= column <= MAX_COLUMNS):
        return "the cell is outside the sheet."
    cell = sheet.cells.get(position)
    if cell is not None and cell.computed:
        return "the cell has a formula and is not overwritten."
    return None


def _find_unknown_sheets(book: ReadBook, values: Values) -> list[Problem]:
    return [
        Problem("XC423", "there is no such sheet.", "", Where(book.file, sheet))
        for sheet in values
        if sheet not in book.sheets
    ]


def _apply_values(
    package: Package,
    book: ReadBook,
    values: Values,
    problems: list[Problem],
    writer: Writer,
    cuts: dict[str, CutSheet] | None = None,
) -> Package:
    if problems:
        raise WorkbookError(problems)
    parts = {}
    for name, wanted in values.items():
        sheet = book.sheets[name]
        changes = _find_changes(sheet, wanted)
        if changes:
            if (places := sheet.cells.file_indices(changes)) is None:
                xml = package.text(sheet.part)
                new = SheetPatch(xml, writer).apply(changes).encode("utf-8")
            else:
                cut = _find_cut(package.parts[sheet.part], sheet, cuts)
                new = _splice_changes(cut, sheet.cells, places, changes, writer)
            parts[sheet.part] = new
    return package.replace(parts)


def _find_changes(sheet: Sheet, wanted: Mapping[Position, CellValue]) -> dict[Position, CellValue]:
    """Return the values that are not in the file yet."""
    # Most values are what they were, which a comparison tells without a call.
    moved = [
        (position, raw, old)
        for (position, raw), old in zip(wanted.items(), sheet.values(wanted), strict=True)
        if old != raw or type(old) is not type(raw)
    ]
    changes: dict[Position, CellValue] = {}
    for position, raw, old in moved:
        kind = type(raw)
        if kind is str or (kind is float and isfinite(raw)):  # type: ignore[arg-type]
            changes[position] = raw  # it is as a cell holds it, and another
        elif not same_value(old, value := normal_value(raw)):
            changes[position] = value
    return changes


def _find_cut(data: bytes, sheet: Sheet, cuts: dict[str, CutSheet] | None) -> CutSheet:
    cut = None if cuts is None else cuts.get(sheet.part)
    if cut is None or cut.data != data:
        cut = CutSheet(data)
        if cuts is not None:
            cuts[sheet.part] = cut
    return cut


def _splice_changes(
    cut: CutSheet,
    table: CellTable,
    indices: list[int],
    changes: Mapping[Position, CellValue],
    writer: Writer,
) -> bytes:
    stored = table.stored
    numbers: list[tuple[int, float]] = []
    values: list[tuple[int, str, str]] = []
    results: list[tuple[int, str, str]] = []
    for index, value in zip(indices, changes.values(), strict=True):
        kind = type(value) if type(value) is type(stored[index]) else None
        if kind is float:
            numbers.append((index, value))  # type: ignore[arg-type]
        elif kind is str and writer is result_xml and not space_kept(value):  # type: ignore[arg-type]
            values.append((index, "str", escape_cell_text(value)))  # type: ignore[arg-type]
        else:
            results.append((index, *writer(value, "")))
    texts = number_texts([value for _, value in numbers])
    values += ((index, "", text) for (index, _), text in zip(numbers, texts, strict=True))
    return cut.with_results(values, results)


def _require_own(file: str | None, sheet: str, formula: re.Match[str], position: Position) -> None:
    """Refuse to write over a formula that other cells share, which would lose theirs."""
    if scan.parse_attributes(formula[1] or "").get("t") == "shared":
        message = "the formula of this cell is shared with others."
        where = Where(file, sheet, cell_name(*position))
        raise WorkbookError(message, "Save the workbook, then try again.", "XC426", where)
