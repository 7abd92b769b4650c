"""Makes the copy of a workbook that an engine is given to calculate.

Stored results are taken out (an engine that kept one would be believed), function names are
spelled as the engine knows them, and cells can be frozen to values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from xlcity.errors import CellValue
from xlcity.xlsx.cells import Cell, Position, ReadBook, Sheet
from xlcity.xlsx.editing.patch import write_cells
from xlcity.xlsx.editing.sheet_patch import constant_xml
from xlcity.xlsx.formulas.structured import TableArea, plain_formula
from xlcity.xlsx.markup import markup_to_bytes, prefix_of, read_markup
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import escape_xml, normal_value, xml_text

#: The sheet that engines begin with before they read a file.
_FIRST_SHEET = "Sheet1"

#: (formula, its cell) -> formula as the engine is to have it.
Rename = Callable[[str, Cell], str]


def engine_copy(
    package: Package,
    book: ReadBook,
    rename: Rename | None = None,
    constants: Mapping[str, Mapping[Position, CellValue]] | None = None,
    cells_to_rename: Mapping[str, Collection[Position]] | None = None,
) -> Package:
    """Return a copy for an engine: formulas without stored results.

    References to tables become addresses.

    Parameters
    ----------
    package, book
        The workbook, and its cells.
    rename
        Takes the text of a formula and its cell, and gives the text that the engine is to have (a
        shared formula is met once, in its first cell).
    constants
        Sheet -> position -> value: cells that become constants and lose their formula.
    cells_to_rename
        Sheet -> the cells to whose formula `rename` is applied.
    """
    parts = {}
    for sheet in book.sheets.values():
        if not (computed := sheet.cells.computed()):
            continue
        values = (constants or {}).get(sheet.name, {})
        renamed = frozenset((cells_to_rename or {}).get(sheet.name, ()))
        copy = _SheetCopy(
            sheet,
            rename,
            constants=values,
            cells_to_rename=renamed,
            tables=book.tables,
        )
        parts[sheet.part] = write_cells(
            package, sheet, computed, copy.write, replaced=values
        )
    return package.replace(parts)


def engine_title(sheet: str) -> str:
    """Return the name of a sheet as an engine is to have it.

    Beside the sheet that they begin with, formualizer computes nothing on one whose name differs in
    case alone, and LibreOffice gives that another name. References do not care for case.

    >>> engine_title("sheet1"), engine_title("SHEET10")
    ('Sheet1', 'SHEET10')
    """
    return _FIRST_SHEET if sheet.casefold() == _FIRST_SHEET.casefold() else sheet


def with_engine_titles(package: Package) -> Package:
    """Return a copy of a workbook with the names of its sheets as engines are to have them."""
    titles = [sheet.name for sheet in package.sheets]
    if all(engine_title(title) == title for title in titles):
        return package
    part = package.workbook_part
    root = read_markup(package.text(part))
    for element in root.iter(f"{prefix_of(root)}sheet"):
        element.set("name", engine_title(element.get("name", "")))
    return package.replace({part: markup_to_bytes(root)})


@dataclass(frozen=True, slots=True)
class _SheetCopy:
    """Writes the formulas of a sheet; the fields are parameters of `engine_copy`."""

    sheet: Sheet
    rename: Rename | None
    constants: Mapping[Position, CellValue]
    cells_to_rename: frozenset[Position]
    tables: Mapping[str, TableArea]

    def write(self, position: Position, formula: str, prefix: str) -> tuple[str, str]:
        """Return type and content of a cell.

        `formula` is the XML of its formula element, "" for a member of an array range; `prefix` is
        the namespace prefix of the sheet's elements.
        """
        if position in self.constants:
            value = normal_value(self.constants[position])
            # As a constant an empty text is read as a blank cell, which COUNTA leaves out.
            if value == "":
                return "str", f'<{prefix}f>""</{prefix}f><{prefix}v></{prefix}v>'
            return constant_xml(value, prefix)
        is_renamed = self.rename is not None and position in self.cells_to_rename
        if not is_renamed and not self.tables:
            return "", formula
        start = formula.find(">") + 1
        end = formula.rfind("</")
        if end < start:  # a member of an array range, or of cells that share a formula
            return "", formula
        text = xml_text(formula[start:end])
        renamed = plain_formula(text, position[0], self.tables)
        if self.rename is not None and is_renamed:
            renamed = self.rename(renamed, self.sheet.cells[position])
        if renamed == text:
            return "", formula
        return "", f"{formula[:start]}{escape_xml(renamed)}{formula[end:]}"
