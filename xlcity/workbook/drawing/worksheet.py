"""XlsxWriter's worksheet, quicker at the cells that templates have; and the parts it makes."""

from __future__ import annotations

from functools import cache
from typing import Any

from xlcity.errors import CellValue, DataError, Where
from xlcity.model.nodes import length_problem
from xlcity.workbook.drawing.grid import Area
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.read_sheet import build_table
from xlcity.xlsx.table import CellTable
from xlcity.xlsx.text import escape_cell_text


@cache
def worksheet_class() -> Any:
    """Return the class of worksheets to draw on."""
    from xlsxwriter.worksheet import (
        CellArrayFormulaTuple,
        CellBlankTuple,
        CellFormulaTuple,
        CellNumberTuple,
        Worksheet,
    )

    class Quick(Worksheet):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.numbers: dict[Any, int] = {}
            #: Whether the part has no cells, because they are taken from `drawn_cells`.
            self.bare = False

        def put_formula(self, row: int, column: int, formula: str, form: Any) -> None:
            """Write a formula as files spell it, newer functions with their prefix (from zero)."""
            self._check_dimensions(row, column)
            self.table[row][column] = CellFormulaTuple(formula, form, 0)

        def put_array(self, area: Area, formula: str) -> None:
            """Write an array formula over cells that are drawn, which look as before."""
            top, left, down, right = area.from_zero
            for row in range(top, down + 1):
                for column in range(left, right + 1):
                    form = self.table[row][column].format
                    self.table[row][column] = CellNumberTuple(0, form)
            form, ref = self.table[top][left].format, area.ref("", area.sheet)
            self.table[top][left] = CellArrayFormulaTuple(formula, form, 0, ref, "static")

        def _write_string(self, row: int, col: int, string: str, form: Any = None) -> Any:
            # XlsxWriter would cut it.
            where = Where(sheet=self.name, cell=f"{column_letters(col + 1)}{row + 1}")
            if problem := length_problem(string, where):
                raise DataError(problem)
            if string.startswith("<r>") and string.endswith("</r>"):
                # XlsxWriter would take it for the runs of a rich text.
                string = f'<r><t xml:space="preserve">{escape_cell_text(string)}</t></r>'
            return super()._write_string(row, col, string, form)

        def _write_rows(self) -> None:
            if not self.bare:
                super()._write_rows()

        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            # Nearly all cells are formulas without a value yet, or blank.
            form, kind = cell.format, type(cell)
            plain = kind is CellBlankTuple or (kind is CellFormulaTuple and cell.value == 0)
            if not (form and plain):
                super()._write_cell(row, col, cell)
                return
            number = _number(self, row, col, form)
            head = f'<c r="{column_letters(col + 1)}{row + 1}" s="{number}"'
            if kind is CellBlankTuple:
                self.fh.write(f"{head}/>")
            else:
                self.fh.write(f"{head}><f>{self._escape_data(cell.formula)}</f><v>0</v></c>")

    return Quick


def drawn_cells(sheet: Any) -> CellTable:
    """Return the cells of a sheet that was drawn, as a reader of the finished part would."""
    texts = list(sheet.str_table.string_table)
    positions, formulas, styles = [], [], []
    values: list[CellValue] = []
    arrays: dict[tuple[int, int], str] = {}
    for row in sorted(sheet.table):
        for column, cell in sorted(sheet.table[row].items()):
            position, kind = (row + 1, column + 1), type(cell).__name__
            value: CellValue = None
            formula = None
            if kind == "Formula":
                value, formula = float(cell.value), cell.formula
            elif kind == "String":
                value = texts[cell.string]
            elif kind == "ArrayFormula":
                value, formula = float(cell.value), cell.formula
                arrays[position] = cell.range
            elif kind != "Blank":
                value = float(cell.number)
            positions.append(position)
            values.append(value)
            formulas.append(formula)
            styles.append(str(_number(sheet, row, column, cell.format)))
    return build_table(positions, values, formulas, styles, arrays)


def _format_of(sheet: Any, row: int, column: int, form: Any) -> Any:
    """Return the format of a cell: its own, that of its row or of its column."""
    if not form and row in sheet.row_info:
        return sheet.row_info[row].row_format
    if not form and column in sheet.col_info:
        return sheet.col_info[column].column_format
    return form


def _number(sheet: Any, row: int, column: int, form: Any) -> int:
    """Return the number of a cell's format."""
    if not (form := _format_of(sheet, row, column, form)):
        return 0
    if (number := sheet.numbers.get(form)) is None:
        number = sheet.numbers[form] = form._get_xf_index()
    return int(number)


@cache
def packager_class() -> Any:
    """Return the class of packagers that keep the parts of a workbook and pack none of them."""
    from xlsxwriter.packager import Packager

    class Parts(Packager):  # type: ignore[misc]
        parts: dict[str, bytes]

        def _create_package(self) -> list[Any]:
            files = super()._create_package()
            self.parts = {
                name: file.getvalue() if binary else file.getvalue().encode("utf-8")
                for file, name, binary in files
            }
            return []

    return Parts
