"""XlsxWriter's worksheet, quicker at the cells that templates have; and the parts it makes."""

from __future__ import annotations

from functools import cache
from typing import Any

from xlcity.xlsx.address import column_letters


@cache
def worksheet_class() -> Any:
    """Return the class of worksheets to draw on."""
    from xlsxwriter.worksheet import CellBlankTuple, CellFormulaTuple, Worksheet

    class Quick(Worksheet):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.numbers: dict[Any, int] = {}

        def put_formula(self, row: int, column: int, formula: str, form: Any) -> None:
            """Write a formula as files spell it, newer functions with their prefix (from zero)."""
            self._check_dimensions(row, column)
            self.table[row][column] = CellFormulaTuple(formula, form, 0)

        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            # Nearly all cells are formulas without a value yet, or blank.
            form, kind = cell.format, type(cell)
            if not form or kind not in (CellFormulaTuple, CellBlankTuple):
                super()._write_cell(row, col, cell)
                return
            number = self.numbers.get(form)
            if number is None:
                number = self.numbers[form] = form._get_xf_index()
            head = f'<c r="{column_letters(col + 1)}{row + 1}" s="{number}"'
            if kind is CellBlankTuple:
                self.fh.write(f"{head}/>")
            else:
                self.fh.write(f"{head}><f>{self._escape_data(cell.formula)}</f><v>0</v></c>")

    return Quick


@cache
def packager_class() -> Any:
    """Return the class of packagers that keep the parts of a workbook and pack none of them."""
    from xlsxwriter.packager import Packager

    class Parts(Packager):  # type: ignore[misc]
        parts: dict[str, bytes]

        def _create_package(self) -> list[Any]:
            made = super()._create_package()
            self.parts = {
                name: file.getvalue() if binary else file.getvalue().encode("utf-8")
                for file, name, binary in made
            }
            return []

    return Parts
