"""XlsxWriter's worksheet, quicker at the cells that templates have, and the parts it makes.

Green triangles of the background check are switched off here, cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from xlcity.errors import DataError, Where
from xlcity.grouping import grouped
from xlcity.model.nodes import length_problem
from xlcity.workbook.drawing.grid import Area, Fix
from xlcity.xlsx.address import column_letters, find_runs
from xlcity.xlsx.text import escape_cell_text, escape_xml

#: What the background check would say of our formulas, of results of functions, and of ids, years
#: and codes. Elsewhere it stays useful: a number typed as text, a formula typed over.
FORMULA = (
    "formula_differs",
    "formula_range",
    "formula_unlocked",
    "empty_cell_reference",
)
RESULT = ("eval_error",)
TEXT = ("number_stored_as_text", "two_digit_text_year")


#: Cells, as column and row, whose flags are switched off: by sheet and kinds of flags.
Flags = dict[
    tuple[str, tuple[str, ...]],
    set[tuple[int, int]],
]


@cache
def worksheet_class() -> Any:
    """Return the class of worksheets to draw on."""
    from xlsxwriter.worksheet import (
        CellArrayFormulaTuple,
        CellBlankTuple,
        CellFormulaTuple,
        CellNumberTuple,
        CellStringTuple,
        Worksheet,
    )

    # What follows the attributes of a cell's element.
    contents: dict[type, Callable[[Any], str]] = {
        CellBlankTuple: lambda cell: "/>",
        CellFormulaTuple: lambda cell: (
            f"><f>{escape_xml(cell.formula)}</f><v>{cell.value}</v></c>"
        ),
        CellNumberTuple: lambda cell: f"><v>{cell.number:.16G}</v></c>",
        CellStringTuple: lambda cell: f' t="s"><v>{cell.string}</v></c>',
    }

    class TemplateWorksheet(Worksheet):  # type: ignore[misc]
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
            form = self.table[top][left].format
            ref = area.ref(Fix.NONE, area.sheet)
            self.table[top][left] = CellArrayFormulaTuple(
                formula, form, 0, ref, atype="static"
            )

        def _write_string(
            self, row: int, col: int, string: str, form: Any = None
        ) -> Any:
            # XlsxWriter would cut it.
            where = Where(sheet=self.name, cell=f"{column_letters(col + 1)}{row + 1}")
            if problem := length_problem(string, where):
                raise DataError(problem)
            if string.startswith("<r>") and string.endswith("</r>"):
                # XlsxWriter would take it for the runs of a rich text.
                string = (
                    f'<r><t xml:space="preserve">{escape_cell_text(string)}</t></r>'
                )
            return super()._write_string(row, col, string, form)

        def _prepare_formula(
            self, formula: str, expand_future_functions: bool = False
        ) -> str:
            # Files spell newer functions as our formulas do.
            return formula.removeprefix("{").removeprefix("=").removesuffix("}")

        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            content = contents.get(type(cell))
            if (
                content is None
                or not cell.format
                or type(getattr(cell, "value", 0)) is not int
            ):
                super()._write_cell(row, col, cell)
                return
            address = f"{column_letters(col + 1)}{row + 1}"
            style = cell.format._get_xf_index()
            self.fh.write(f'<c r="{address}" s="{style}"{content(cell)}')

    return TemplateWorksheet


@cache
def packager_class() -> Any:
    """Return the class of packagers that keep the parts of a workbook and pack none of them."""
    from xlsxwriter.packager import Packager

    class Parts(Packager):  # type: ignore[misc]
        parts: dict[str, bytes]

        def _create_package(self) -> list[Any]:
            files = super()._create_package()
            self.parts = {}
            for file, name, is_binary in files:
                content = file.getvalue()
                self.parts[name] = content if is_binary else content.encode("utf-8")
                # The writer keeps its files: a sheet is in memory once.
                file.close()
            return []

    return Parts


def write_flags(workbook: Any, flags: Flags) -> None:
    """Write them to the sheets of an XlsxWriter workbook."""
    ranges: dict[str, dict[str, str]] = {}
    for (sheet, kinds), cells in flags.items():
        ranges.setdefault(sheet, {}).update(dict.fromkeys(kinds, column_runs(cells)))
    for sheet, ranges_by_kind in ranges.items():
        workbook.get_worksheet_by_name(sheet).ignore_errors(ranges_by_kind)


def column_runs(cells: Iterable[tuple[int, int]]) -> str:
    """Return the addresses of cells, given as column and row, joined along columns."""
    columns = grouped(sorted(cells))
    addresses = []
    for column, rows in columns.items():
        for top, end in find_runs(rows):
            area = Area.of_column("", column, top, end)
            addresses.append(area.ref(Fix.NONE, ""))
    return " ".join(addresses)
