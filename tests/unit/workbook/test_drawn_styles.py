"""How cells of a template look, and that a template is always drawn alike."""

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests.helpers.templates import named_cell, small_read, small_spec, small_template
from xlcity.reports import load_report
from xlcity.workbook.build import draw
from xlcity.workbook.layout.rows import GAP_HEIGHT, ROW_NAME
from xlcity.workbook.sheets.checking.udf import ROW_STATUS
from xlcity.workbook.sheets.table import Table
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name, parse_area
from xlcity.xlsx.cells import read_book, read_names, resolve
from xlcity.xlsx.package import Package

BOOKS = sorted((Path(__file__).parents[3] / "workbooks").glob("*2*.xlsx"))
#: Points of a third of a screen of 900 pixels.
THIRD = 900 / 3 * 0.75


def test_the_cells_look_as_their_role_says() -> None:
    book = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))
    verdict, score = (
        book[small_read().area(name).sheet][named_cell(name)]
        for name in ("chk_verdict", "out_scores")
    )
    assert (verdict.font.bold, verdict.font.sz, verdict.alignment.horizontal) == (
        True,
        10,
        "center",
    )
    assert score.font.bold
    assert score.fill.fgColor.rgb == "FFEAF4EA"


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert draw(small_spec())[0].to_bytes() == draw(small_spec())[0].to_bytes()


@pytest.mark.parametrize("report", ["bri2021", "image2025", "vitality2014"])
def test_copies_are_the_formulas_of_their_rows(
    report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = with_pages(template_spec(load_report(report)), ["all"])
    copied = draw(spec)
    prepare = Table.__post_init__

    def row_by_row(table: Table) -> None:
        object.__setattr__(table, "copied", False)
        prepare(table)

    monkeypatch.setattr(Table, "__post_init__", row_by_row)
    drawn = draw(spec)
    assert (copied[0].parts, copied[1]) == (drawn[0].parts, drawn[1])


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_the_heads_of_the_index_leave_two_thirds_of_a_screen(book: Path) -> None:
    package = Package.read(book)
    names, _ = read_names(package)
    title = parse_area(names["out_scores"]).sheet
    (part,) = (tab.part for tab in package.sheets if tab.name == title)
    sheet = package.root(part)
    assert sheet.find(".//{*}pane").get("topLeftCell") == f"C{ROW_NAME + 1}"
    heights = {
        row.get("r"): row.get("ht") for row in sheet.iterfind("{*}sheetData/{*}row")
    }
    heads = [float(heights[str(row)]) for row in range(1, ROW_NAME + 1)]
    assert sum(heads) < THIRD


def test_a_call_without_functions_says_so_before_anything_is_calculated() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))["UDF"]
    status = cell_name(ROW_STATUS, 3)
    areas = [area for area in sheet.conditional_formatting if status in area.cells]
    rules = [rule for area in areas for rule in area.rules]
    first = min(rules, key=lambda rule: rule.priority)
    assert "ERROR.TYPE" in first.formula[0]
    assert (first.dxf.numFmt.formatCode, first.stopIfTrue) == (';;;"未检查"', True)


def test_a_group_s_code_of_digits_is_a_text_and_an_attribute_a_number() -> None:
    spec = template_spec(load_report("image2025"))
    units = tuple(
        replace(unit, attributes={**unit.attributes, "region": "1", "altitude": "2"})
        for unit in spec.dataset.units
    )
    attributes = (*spec.attributes, "altitude")
    dataset = replace(spec.dataset, units=units)
    book = read_book(draw(replace(spec, dataset=dataset, attributes=attributes))[0])
    area = resolve(book, "xl_units")
    typed = [
        value
        for (row, _), value in book.sheets[area.sheet].cells.constants()
        if row == area.r1
    ]
    assert "1" in typed
    assert 2.0 in typed


def test_no_row_is_a_hairline_and_what_is_hidden_has_no_cells() -> None:
    package = draw(with_pages(template_spec(load_report("image2025")), ["all"]))[0]
    book = openpyxl.load_workbook(io.BytesIO(package.to_bytes()))
    for sheet in book.worksheets:
        for number, row in sheet.row_dimensions.items():
            assert row.height is None or row.height >= GAP_HEIGHT, (sheet, number)
            shown = [cell.value for cell in sheet[number] if cell.value is not None]
            assert not (row.hidden and shown), (sheet, number)


def test_the_book_opens_at_its_guide() -> None:
    book = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))
    assert book.active is book.worksheets[0]
