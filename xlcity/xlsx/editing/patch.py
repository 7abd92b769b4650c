"""Changes values and entries in sheet XML, and leaves every other byte alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.messages import Message
from xlcity.xlsx import scan
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, cell_name
from xlcity.xlsx.cells import Position, ReadBook, Sheet, read_book
from xlcity.xlsx.editing.shared_formulas import (
    find_divided_ranges,
    give_own_formulas,
)
from xlcity.xlsx.editing.sheet_patch import (
    ContentWriter,
    SheetPatch,
    constant_xml,
    result_xml,
)
from xlcity.xlsx.package import Package
from xlcity.xlsx.parts import SheetPart
from xlcity.xlsx.text import escape_xml, normal_value, same_value

#: Sheet -> position -> value.
Values = Mapping[str, Mapping[Position, CellValue]]
#: (value, namespace prefix) -> the type of a cell, and the element of its value.
_ValueWriter = Callable[..., tuple[str, str]]
#: (sheet, positions) -> those of them that cannot take a value, each with why.
_RefusedFinder = Callable[[Sheet, Collection[Position]], Iterator[tuple[Position, str]]]
_CELL_START = "<c r="
_TYPE_ATTRIBUTE = ' t="'


def patch_values(
    package: Package, values: Values, book: ReadBook | None = None
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

    Raises
    ------
    WorkbookError
        If a sheet is absent or a cell holds no formula; all such cells at once.
    """
    book = read_book(package) if book is None else book
    hint = Message("XC421.use_fill")
    _refuse_cells(book, values, _find_cells_without_formula, code="XC421", hint=hint)
    return _apply_values(package, book, values, result_xml)


def write_inputs(
    package: Package, values: Values, book: ReadBook | None = None
) -> Package:
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
    hint = Message("XC422.inputs_only")
    _refuse_cells(book, values, _find_refused_inputs, code="XC422", hint=hint)
    return _apply_values(package, book, values, constant_xml)


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
    package: Package,
    entries: Mapping[str, Mapping[Position, CellEntry]],
    book: ReadBook,
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
        If a formula there gives values of other cells, too, that are not among the entries.
    """
    parts = {}
    for name, sheet_entries in entries.items():
        sheet = book.sheets[name]
        refuse_divided_ranges(package, sheet, sheet_entries)
        xml = replace_cells(package.text(sheet.part), sheet_entries)
        parts[sheet.part] = xml.encode("utf-8")
    return package.replace(parts)


def replace_cells(
    xml: str,
    entries: Mapping[Position, CellEntry],
    styles: Mapping[Position, int] = MappingProxyType({}),
    rows: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
) -> str:
    """Return the XML of a sheet with entries in place of what its cells have.

    Cells that share a formula that goes get it as their own. `styles` and `rows` are formats of
    cells and attributes of rows, as `SheetPatch` takes them.
    """

    def write(position: Position, _formula: str, prefix: str) -> tuple[str, str]:
        return write_entry(entries[position], prefix)

    xml = give_own_formulas(xml, entries)
    return SheetPatch(xml, entries, write, styles=styles, lines=rows).apply()


def refuse_divided_ranges(
    package: Package, sheet: Sheet | SheetPart, positions: Collection[Position]
) -> None:
    """Refuse to replace a part of the cells that one array formula or what-if table gives.

    Raises
    ------
    WorkbookError
        With each such range.
    """
    ranges = find_divided_ranges(package.text(sheet.part), sheet.name, positions)
    problems = []
    for area in ranges:
        cells = f"{cell_name(area.r1, area.c1)}:{cell_name(area.r2, area.c2)}"
        where = Where(package.name, sheet.name, cell_name(area.r1, area.c1))
        problems.append(Problem.of("XC426.one_formula", where, cells=cells))
    WorkbookError.raise_for(problems)


def write_entry(typed: CellEntry, prefix: str) -> tuple[str, str]:
    """Return the type of a cell with an entry, and its content as XML with a prefix."""
    if typed.runs:
        return "inlineStr", f"<{prefix}is>{typed.runs}</{prefix}is>"
    if typed.formula is None:
        return constant_xml(normal_value(typed.value), prefix)
    kind, value = result_xml(normal_value(typed.value), prefix)
    array = f' t="array" ref="{typed.array}"' if typed.array else ""
    return kind, f"<{prefix}f{array}>{escape_xml(typed.formula)}</{prefix}f>{value}"


def _refuse_cells(
    book: ReadBook,
    values: Values,
    find_refused: _RefusedFinder,
    *,
    code: str,
    hint: str,
) -> None:
    """Raise `WorkbookError` with all sheets that the workbook lacks, and all cells refused.

    `find_refused` gives the cells of a sheet that cannot take a value, each with why; `code` and
    `hint` are those of their problems.
    """
    problems = [
        Problem.of("XC423.no_sheet", Where(book.file, name))
        for name in values
        if name not in book.sheets
    ]
    for name, new_values in values.items():
        if name in book.sheets:
            for position, why in find_refused(book.sheets[name], new_values):
                where = Where(book.file, name, cell_name(*position))
                problems.append(Problem(code, why, hint, where))
    WorkbookError.raise_for(problems)


def _find_cells_without_formula(
    sheet: Sheet, positions: Collection[Position]
) -> Iterator[tuple[Position, str]]:
    """Yield the positions whose value no formula gives, each with that as a sentence."""
    for position in sorted(set(positions).difference(sheet.cells.computed())):
        yield position, Message("XC421.no_formula")


def _find_refused_inputs(
    sheet: Sheet, positions: Collection[Position]
) -> Iterator[tuple[Position, str]]:
    """Yield the positions that take no input, each with why as a sentence."""
    for row, column in positions:
        cell = sheet.cells.get((row, column))
        if not (1 <= row <= MAX_ROWS and 1 <= column <= MAX_COLUMNS):
            yield (row, column), Message("XC422.outside_sheet")
        elif cell is not None and cell.computed:
            yield (row, column), Message("XC422.formula")


def _apply_values(
    package: Package, book: ReadBook, values: Values, writer: _ValueWriter
) -> Package:
    """Return the package with other values in cells.

    `writer` gives the type of a cell and the XML of its value, which stands behind the formula that
    the cell has.
    """
    parts = {}
    for name, new_values in values.items():
        sheet = book.sheets[name]
        if changes := _find_changes(sheet, new_values):
            write = _behind_formula_writer(changes, writer)
            parts[sheet.part] = write_cells(package, sheet, changes, write)
    return package.replace(parts)


def _find_changes(
    sheet: Sheet, new_values: Mapping[Position, CellValue]
) -> dict[Position, CellValue]:
    """Return those of the new values of a sheet that differ from the stored ones, by position.

    They are as cells hold them: numpy's numbers as Python's, NaN as #NUM!.
    """
    changes: dict[Position, CellValue] = {}
    for (position, raw), old in zip(
        new_values.items(), sheet.values(new_values), strict=True
    ):
        if old == raw and type(old) is type(raw):
            continue  # most values are what they were, which a comparison tells without a call
        value = normal_value(raw)
        if value is raw or not same_value(old, value):
            changes[position] = value
    return changes


def _behind_formula_writer(
    values: Mapping[Position, CellValue], writer: _ValueWriter
) -> ContentWriter:
    """Return what writes cells with other values; their formula elements stay."""

    def write(position: Position, formula: str, prefix: str) -> tuple[str, str]:
        kind, content = writer(values[position], prefix)
        return kind, formula + content

    return write


def write_cells(
    package: Package,
    sheet: Sheet,
    positions: Collection[Position],
    write: ContentWriter,
    replaced: Collection[Position] = (),
) -> bytes:
    """Return the bytes of a sheet with cells written anew; everything else stays as it is.

    `replaced` are the cells whose formula goes: those that share it get it as their own.
    """
    indices = sheet.cells.file_indices(positions)
    is_shared = bool(replaced) and b"shared" in package.parts[sheet.part]
    if indices is None or is_shared:
        xml = give_own_formulas(package.text(sheet.part), replaced)
        return SheetPatch(xml, positions, write).apply().encode("utf-8")
    # One character a byte, whatever the text is: a third of the time.
    xml = package.parts[sheet.part].decode("latin-1")
    start, end = scan.find_sheet_data(xml)
    # The first chunk is what stands before the first cell, so that chunks count from 1.
    chunks = xml[start:end].split(_CELL_START)
    #: Pieces of cells by index: the same in all copies of a template.
    pieces: dict[int, _CellPieces] = sheet.cells.keep("pieces", None, dict)
    for index, position in zip(indices, positions, strict=True):
        if index not in pieces:
            pieces[index] = _cut_cell(chunks[index + 1])
        head, formula, tail = pieces[index]
        kind, content = write(position, formula, "")
        if not content.isascii():
            content = content.encode().decode("latin-1")
        if kind:
            head = f'{head} t="{kind}"'
        chunks[index + 1] = (
            f"{head}>{content}</c>{tail}" if content else f"{head}/>{tail}"
        )
    return f"{xml[:start]}{_CELL_START.join(chunks)}{xml[end:]}".encode("latin-1")


#: XML of a cell: its attributes without the type, its formula element, what follows the cell.
_CellPieces = tuple[str, str, str]


def _cut_cell(chunk: str) -> _CellPieces:
    """Return the XML of a cell, one character a byte, in three pieces.

    Its attributes without the type, its formula element or "", and what follows the cell.
    """
    head, _, rest = chunk.partition(">")
    formula_end = 0
    if head.endswith("/"):
        head, tail = head[:-1], rest
    else:
        if rest.startswith("<f"):
            formula_end = rest.find("</f>") + 4
            if formula_end < 4:
                formula_end = rest.index("/>") + 2
        tail = rest[rest.index("</c>", formula_end) + 4 :]
    # The type stands last; what is before it is address and style.
    head = head.partition(_TYPE_ATTRIBUTE)[0]
    return head, rest[:formula_end].encode("latin-1").decode(), tail
