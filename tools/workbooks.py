"""Build the committed workbooks: those of all reports, filled and empty, and functions by example.

`workbooks/README.md` says which of them is for whom.

The example workbook has the functions that templates use most, each on a sheet with its example:
arguments in input cells, calls in array formulas, and beside them the results as plain values, so
that they can be read and compared where no add-in is loaded.

Examples
--------
python -m tools.workbooks workbooks
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.errors import CellError, CellValue
from xlcity.functions.declare import Function
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.cells import CellRows, call
from xlcity.hosts.excel.embedded import with_functions
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import CREATED
from xlcity.workbook.build import build as build_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.new_book import mark_calculated
from xlcity.xlsx.package import Package

#: Reports whose filled workbook is shipped in English, too.
IN_ENGLISH = ("image2025", "iecc2024")
#: Most used first, as the sheets of the templates call them.
NAMES = (
    "ZSCORE_WINSOR",
    "MINMAX_SCALE",
    "RATING_SCALE",
    "RANK_UNIFORM",
    "EFFICACY_SCALE",
    "WEIGHTED_INDEX",
    "RANK_COMPETITION",
    "IMPUTE_DIMENSION",
    "ZSCORE_INDEX",
    "PM25_GRADE",
    "BAND_INDEX",
    "DENOMINATE",
)
#: Rows and columns count from 0, as XlsxWriter does.
_WIDTHS = (16, 16, 16, 16, 16, 16, 16, 16, 16, 16)
_SYNTAX = 4
_ARGUMENTS = 6
_TWO_LINES = 32
_ABOUT = (
    ("函数示例", "Functions by example"),
    (
        "每个函数一张表：说明、参数和示例。橙色格可以改动。",
        "One sheet per function: what it does, its arguments, an example. Orange cells may be "
        "changed.",
    ),
    (
        "“公式”由函数计算，需要安装 xlcity 的函数：在伴随页面上点“装进 Excel”"
        "（LibreOffice：xlcity udf install --host libreoffice）；否则重算后显示 #NAME?。",
        "“Formula” is computed by the function. “Install in Excel” on the companion page "
        "installs the functions (LibreOffice: xlcity udf install --host libreoffice); without "
        "them it shows #NAME? once it is recalculated.",
    ),
    (
        "“数值”是同一示例的结果，以数值保存，供对照。",
        "“Values” are the results of the same example, stored as values to compare with.",
    ),
)


class ShippedBook(NamedTuple):
    """A workbook of a report, for people who install nothing to read or fill it.

    Attributes
    ----------
    report_id
        The report's.
    language
        "zh" or "en".
    is_empty
        Whether the inputs are left blank.
    carries_functions
        Whether it has the functions for xlwings Lite inside.
    """

    report_id: str
    language: str = "zh"
    is_empty: bool = False
    carries_functions: bool = False

    @property
    def file_name(self) -> str:
        """The name to guess: `image2025.xlsx`, `image2025-empty.xlsx`, `image2025-en.xlsx`."""
        language = "" if self.language == "zh" else f"-{self.language}"
        content = "-empty" if self.is_empty else ""
        functions = "-lite" if self.carries_functions else ""
        return f"{self.report_id}{language}{content}{functions}.xlsx"

    def build(self) -> Package:
        """Return the workbook, with every value in its cell."""
        report = load_report(self.report_id)
        spec = template_spec(report, empty=self.is_empty, language=self.language)
        package = build_template(with_pages(spec, ())).package
        if not self.carries_functions:
            return package
        return with_functions(package, self.language)


def books_of(language: str) -> list[ShippedBook]:
    """Return the books of all reports in a language, filled and empty."""
    return [
        ShippedBook(report_id, language, is_empty)
        for report_id in report_ids()
        for is_empty in (False, True)
    ]


def shipped_books() -> list[ShippedBook]:
    """Return those of `workbooks/`: all of the reports in Chinese, and some filled in English."""
    return [
        *books_of("zh"),
        *(ShippedBook(report_id, "en") for report_id in IN_ENGLISH),
        ShippedBook(IN_ENGLISH[0], carries_functions=True),
    ]


def write_books(books: Iterable[ShippedBook], folder: Path) -> Iterator[Path]:
    """Build books in a folder, which is made if need be; yield the path of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for book in books:
        path = folder / book.file_name
        book.build().write(path)
        yield path


class _Formats:
    """The looks of cells; roles are those of Excel's built-in styles."""

    def __init__(self, workbook: Any) -> None:
        def make(**look: Any) -> Any:
            return workbook.add_format(
                {"font_name": "Calibri", "font_size": 11, **look}
            )

        self.title = make(bold=True, font_size=16)
        self.plain = make()
        self.wrapped = make(text_wrap=True, valign="top")
        self.code = make(font_name="Consolas")
        self.head = make(bold=True, bottom=1)
        self.given = make(font_color="#3F3F76", bg_color="#FFCC99", border=1)
        self.made = make(
            bold=True,
            font_color="#3F3F3F",
            bg_color="#F2F2F2",
            border=1,
            num_format="0.####",
        )
        self.link = make(font_color="#0563C1", underline=1)


def draw_examples(names: Sequence[str] = NAMES) -> bytes:
    """Return the workbook without the values of its formulas."""
    import xlsxwriter

    buffer = io.BytesIO()
    workbook: Any = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_numbers": False}
    )
    mark_calculated(workbook)
    workbook.set_properties(
        {
            "title": "xlcity: functions by example",
            "comments": "xlcity",
            "created": CREATED.replace(tzinfo=None),
        }
    )
    formats = _Formats(workbook)
    _draw_about(workbook, formats, [BUILT_IN[name] for name in names])
    for name in names:
        _draw_function(workbook, formats, BUILT_IN[name])
    workbook.close()
    return buffer.getvalue()


def build_examples(names: Sequence[str] = NAMES) -> Package:
    """Return the workbook with every value in its cell."""
    package = Package.from_bytes(draw_examples(names), "functions.xlsx")
    return patch_results(package, recalculate(package))


def _sheet(workbook: Any, name: str) -> Any:
    sheet = workbook.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    return sheet


def _draw_about(
    workbook: Any, formats: _Formats, functions: Sequence[Function]
) -> None:
    sheet = _sheet(workbook, "README")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 3, 70)
    sheet.write_string(0, 0, " · ".join(_ABOUT[0]), formats.title)
    for row, (zh, en) in enumerate(_ABOUT[1:], start=1):
        sheet.set_row(row, _TWO_LINES)
        sheet.write_string(row, 2, zh, formats.wrapped)
        sheet.write_string(row, 3, en, formats.wrapped)
    top = len(_ABOUT) + 1
    for column, text in enumerate(
        ("函数 · Function", "步骤 · Step", "作用", "What it does")
    ):
        sheet.write_string(top, column, text, formats.head)
    for row, function in enumerate(functions, start=top + 1):
        sheet.set_row(row, _TWO_LINES)
        target = f"internal:'{function.name}'!A1"
        sheet.write_url(row, 0, target, formats.link, function.name)
        sheet.write_string(row, 1, function.category.label["zh"], formats.plain)
        sheet.write_string(row, 2, function.summary["zh"], formats.wrapped)
        sheet.write_string(row, 3, function.summary["en"], formats.wrapped)
    sheet.freeze_panes(top + 1, 1)


def _draw_function(workbook: Any, formats: _Formats, function: Function) -> None:
    sheet = _sheet(workbook, function.name)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, function.name, formats.title)
    sheet.write_string(1, 0, function.summary["zh"], formats.plain)
    sheet.write_string(2, 0, function.summary["en"], formats.plain)
    sheet.write_string(_SYNTAX, 0, function.syntax, formats.code)
    for column, text in enumerate(
        ("参数 · Argument", "默认 · Default", "含义 · What it is")
    ):
        sheet.write_string(_ARGUMENTS, column, text, formats.head)
    row = _ARGUMENTS + 1
    for argument in function.arguments:
        sheet.write_string(row, 0, argument.name, formats.code)
        if argument.optional:
            sheet.write_string(row, 1, argument.default_label("zh"), formats.plain)
        sheet.write_string(row, 2, argument.describe("zh"), formats.plain)
        sheet.write_string(row + 1, 2, argument.describe("en"), formats.plain)
        row += 2
    _draw_example(sheet, formats, function, row + 1)


def _draw_example(sheet: Any, formats: _Formats, function: Function, top: int) -> None:
    """Draw arguments side by side, the call, and its result as plain values."""
    example = function.example
    sheet.write_string(top, 0, "示例 · Example", formats.head)
    sheet.write_string(top + 1, 0, example.note["zh"], formats.plain)
    sheet.write_string(top + 2, 0, example.note["en"], formats.plain)
    head = top + 4
    first = top + 5
    left = 0
    words = []
    for argument, rows in zip(function.arguments, example.arguments, strict=False):
        sheet.write_string(head, left, argument.name, formats.head)
        _write(sheet, first, left, rows, formats.given)
        words.append(
            f"{cell_name(first + 1, left + 1)}:{cell_name(first + len(rows), left + len(rows[0]))}"
        )
        left += len(rows[0]) + 1
    result: CellRows = call(function.name, example.arguments)
    height = len(result)
    width = len(result[0])
    sheet.write_string(head, left, "公式 · Formula", formats.head)
    formula = f"={function.name}({','.join(words)})"
    last = first + height - 1, left + width - 1
    sheet.write_array_formula(first, left, *last, f"{{{formula}}}", formats.made)
    sheet.write_string(first + height + 1, left, formula, formats.code)
    left += width + 1
    sheet.write_string(head, left, "数值 · Values", formats.head)
    _write(sheet, first, left, result, formats.made)


def _write(
    sheet: Any, top: int, left: int, rows: Sequence[Sequence[CellValue]], look: Any
) -> None:
    for down, row in enumerate(rows, start=top):
        for across, cell in enumerate(row, start=left):
            if cell is None:
                sheet.write_blank(down, across, None, look)
            elif isinstance(cell, (str, CellError)):
                sheet.write_string(down, across, str(cell), look)
            else:
                sheet.write_number(down, across, cell, look)


def main(folder: Path) -> None:
    """Build all workbooks in a folder and print the path of each."""
    examples = folder / "examples" / "functions.xlsx"
    examples.parent.mkdir(parents=True, exist_ok=True)
    build_examples().write(examples)
    for path in (examples, *write_books(shipped_books(), folder)):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "workbooks"))
