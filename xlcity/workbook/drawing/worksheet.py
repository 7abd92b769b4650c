"""XlsxWriter's worksheet, quicker at the cells that templates have; and the parts it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from xlcity.errors import CellError, CellValue, DataError, Where
from xlcity.model.nodes import length_problem
from xlcity.workbook.drawing.grid import Area
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.features import (
    CellRule,
    LineFormat,
    Rectangle,
    areas_text,
    subtract_rectangles,
)
from xlcity.xlsx.page_settings import TEXTS
from xlcity.xlsx.read_sheet import build_table
from xlcity.xlsx.styles import Look
from xlcity.xlsx.table import CellTable
from xlcity.xlsx.text import escape_cell_text

#: Element -> what XlsxWriter asks before it writes it.
_WRITTEN_IF = {
    "pageSetup": "page_setup_changed",
    "printOptions": "print_options_changed",
    "headerFooter": "header_footer_changed",
    "outlinePr": "outline_changed",
}


class _TypedError(NamedTuple):
    """A cell with an error value that nothing computes."""

    format: Any
    error: str


@cache
def worksheet_class() -> Any:
    """Return the class of worksheets to draw on."""
    from xlsxwriter.url import Url
    from xlsxwriter.worksheet import (
        CellArrayFormulaTuple,
        CellBlankTuple,
        CellFormulaTuple,
        CellNumberTuple,
        ColumnInfo,
        RowInfo,
        Worksheet,
    )

    class Quick(Worksheet):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.numbers: dict[Any, int] = {}
            #: Whether the part has no cells, because they are taken from `drawn_cells`.
            self.bare = False
            self.dxf_priority: int
            self.outline_row_level: int
            self.outline_col_level: int
            #: Element -> its attributes as a file has them, "" for as usual.
            self.given: dict[str, dict[str, str]] = {}
            #: Headers and footers by the names of their elements.
            self.page_texts: dict[str, str] = {}

        def give(self, element: str, attributes: Mapping[str, str]) -> None:
            """Set attributes of an element that says how the sheet is seen and printed."""
            self.given.setdefault(element, {}).update(attributes)
            if element in _WRITTEN_IF:
                setattr(self, _WRITTEN_IF[element], True)

        def put_typed(
            self, row: int, column: int, value: CellValue, formula: str | None, runs: str = ""
        ) -> None:
            """Write what a person typed and keep the format of the cell (from zero).

            Of a formula the value is its stored result; `runs` are the XML of a rich text.
            """
            self._check_dimensions(row, column)
            cell = self.table[row].get(column)
            form = None if cell is None else cell.format
            if formula is not None:
                stored = str(value) if isinstance(value, CellError) else value or 0
                self.table[row][column] = CellFormulaTuple(formula, form, stored)
            elif isinstance(value, CellError):
                self.table[row][column] = _TypedError(form, str(value))
            elif isinstance(value, bool):
                self._write_boolean(row, column, value, form)
            elif isinstance(value, float):
                self._write_number(row, column, value, form)
            elif runs:
                super()._write_string(row, column, runs, form)
            else:
                self._write_string(row, column, str(value or ""), form)

        def restyle(self, row: int, column: int, look: Look, changed: Any) -> None:
            """Have a cell look otherwise in some respects (from zero)."""
            self._check_dimensions(row, column)
            cell = self.table[row].get(column)
            form = _format_of(self, row, column, None if cell is None else cell.format)
            cell = CellBlankTuple(None) if cell is None else cell
            self.table[row][column] = cell._replace(format=changed(form, look))

        def make_room(self, rules: int, areas: list[Rectangle]) -> None:
            """Give so many rules the highest priorities, and take cells from the validations."""
            self.dxf_priority += rules
            for parameters in (rule for several in self.cond_formats.values() for rule in several):
                parameters["priority"] += rules
            taken = [(top - 1, left - 1, down - 1, right - 1) for top, left, down, right in areas]
            for options in [*self.validations]:
                cells = options["cells"]
                options["cells"] = [p for c in cells for p in subtract_rectangles(c, taken)]
                if not options["cells"]:
                    self.validations.remove(options)

        def put_format(self, rule: CellRule, form: Any, priority: int = 0) -> None:
            """Add a conditional format as a file has it, the last one without a priority.

            `form` is what it looks like.
            """
            if not priority:
                priority, self.dxf_priority = self.dxf_priority, self.dxf_priority + 1
            number = None if form is None else form._get_dxf_index()
            parameters = {"rule": rule, "priority": priority, "format": number}
            self.cond_formats.setdefault(areas_text(rule.areas), []).append(parameters)

        def set_line(self, kind: str, number: int, line: LineFormat) -> None:
            """Hide a row or a column, or set its size and the level of its group (from zero)."""
            lines = self.row_info if kind == "row" else self.col_info
            pixels = 4 / 3 if kind == "row" else self.max_digit_width
            was = lines.get(number) or (RowInfo() if kind == "row" else ColumnInfo())
            size = "height" if kind == "row" else "width"
            now = getattr(was, size) if line.size is None else line.size * pixels
            hidden, level = line.hidden or was.hidden, line.level or was.level
            lines[number] = replace(was, **{size: now, "hidden": hidden, "level": level})
            if kind == "row":
                self._check_dimensions(number, self.dim_colmin or 0)
                self.outline_row_level = max(self.outline_row_level, level)
            else:
                self.col_size_changed = True
                self.outline_col_level = max(self.outline_col_level, level)

        def put_link(self, row: int, column: int, target: str) -> None:
            """Let a cell lead to an address, or with "#" to a cell of the workbook (from zero)."""
            to, _, inside = target.partition("#")
            link = self.hyperlinks[row][column] = Url(
                f"external:{to}" if to else f"internal:{inside}"
            )
            if to:
                # As it stands, without XlsxWriter's backslashes.
                link._relationship_link, link._anchor = to, inside

        def put_note(self, row: int, column: int, text: str, author: str) -> None:
            """Add a comment to a cell (from zero)."""
            self.write_comment(row, column, text, {"author": author, "font_size": 9})

        def _write_cf_rule(self, params: Any) -> None:
            if (rule := params.get("rule")) is None:
                super()._write_cf_rule(params)
                return
            attributes = [*rule.attributes, ("priority", params["priority"])]
            if params["format"] is not None:
                attributes.append(("dxfId", params["format"]))
            self._xml_start_tag("cfRule", attributes)
            for formula in rule.formulas:
                self._xml_data_element("formula", formula)
            self.fh.write(rule.body)
            self._xml_end_tag("cfRule")

        def _write_data_validation(self, options: Any) -> None:
            if (rule := options.get("rule")) is None:
                super()._write_data_validation(options)
                return
            attributes = [*rule.attributes, ("sqref", areas_text(rule.areas))]
            self._xml_start_tag("dataValidation", attributes)
            for number, formula in enumerate(rule.formulas, 1):
                self._xml_data_element(f"formula{number}", formula)
            self._xml_end_tag("dataValidation")

        def _write_header_footer(self) -> None:
            if not self.page_texts:
                super()._write_header_footer()
                return
            drawn = {"oddHeader": self.header, "oddFooter": self.footer}
            self._xml_start_tag("headerFooter")
            for tag in (tag for tags in TEXTS.values() for tag in tags):
                if text := self.page_texts.get(tag, drawn.get(tag, "")):
                    self._xml_data_element(tag, text)
            self._xml_end_tag("headerFooter")

        def _xml_start_tag(self, tag: str, attributes: Any = ()) -> None:
            super()._xml_start_tag(tag, self._as_given(tag, attributes))

        def _xml_empty_tag(self, tag: str, attributes: Any = ()) -> None:
            super()._xml_empty_tag(tag, self._as_given(tag, attributes))

        def _as_given(self, tag: str, attributes: Any) -> Any:
            if (given := self.given.get(tag)) is None:
                return attributes
            drawn = [pair for pair in attributes if pair[0] not in given]
            return [*drawn, *((name, text) for name, text in given.items() if text)]

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
            if kind is _TypedError:
                name = f"{column_letters(col + 1)}{row + 1}"
                number = _number(self, row, col, form)
                self.fh.write(f'<c r="{name}" s="{number}" t="e"><v>{cell.error}</v></c>')
                return
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
