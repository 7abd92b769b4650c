"""What people set on sheets of a template, and how their cells look, is in the merged workbook."""

import io
import re

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, Protection, Side
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.pagebreak import Break

from tests.helpers.cli import run_json
from tests.helpers.contract_cells import score_sheet
from tests.helpers.own import own_bytes
from xlcity.workbook.migrate.sheet_kinds import area_text, areas_in
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def lines(sheet, kind, numbers, level):
    for number in numbers:
        getattr(sheet, f"{kind}_dimensions")[number].outlineLevel = level


#: What people set on Data, and how it is read again.
SETTINGS = [
    (
        lambda s: setattr(s.oddHeader.center, "text", "Ours"),
        lambda s: s.oddHeader.center.text,
    ),
    (
        lambda s: setattr(s.firstFooter.left, "text", "A & B"),
        lambda s: s.firstFooter.left.text,
    ),
    (
        lambda s: setattr(s.page_setup, "orientation", None),
        lambda s: (s.page_setup.orientation or "portrait").replace(
            "default", "portrait"
        ),
    ),
    *(
        (
            lambda s, n=name, v=value: setattr(s.page_setup, n, v),
            lambda s, n=name: getattr(s.page_setup, n),
        )
        for name, value in (
            ("paperSize", 5),
            ("fitToHeight", 3),
            ("pageOrder", "overThenDown"),
            ("blackAndWhite", True),
        )
    ),
    *(
        (
            lambda s, n=name, v=value: setattr(s.sheet_view, n, v),
            lambda s, n=name: getattr(s.sheet_view, n),
        )
        for name, value in (
            ("zoomScale", 130),
            ("showRowColHeaders", False),
            ("showZeros", False),
            ("rightToLeft", True),
        )
    ),
    (
        lambda s: setattr(s.page_margins, "left", 1.25),
        lambda s: [*vars(s.page_margins).values()],
    ),
    (
        lambda s: setattr(s.print_options, "horizontalCentered", True),
        lambda s: s.print_options.horizontalCentered,
    ),
    (
        lambda s: (setattr(s.protection, "password", "secret"), s.protection.enable()),
        lambda s: (s.protection.password, s.protection.sheet),
    ),
    (
        lambda s: setattr(s.sheet_properties.outlinePr, "summaryBelow", False),
        lambda s: s.sheet_properties.outlinePr.summaryBelow,
    ),
    (lambda s: setattr(s, "print_area", "A1:F20"), lambda s: s.print_area),
    (lambda s: setattr(s, "print_title_rows", "2:9"), lambda s: s.print_title_rows),
    (
        lambda s: s.row_breaks.append(Break(id=14)),
        lambda s: [b.id for b in s.row_breaks.brk],
    ),
    (
        lambda s: lines(s, "row", (11, 12), 2),
        lambda s: s.row_dimensions[12].outlineLevel,
    ),
    (
        lambda s: lines(s, "column", "DE", 1),
        lambda s: s.column_dimensions["E"].outlineLevel,
    ),
    (
        lambda s: setattr(s.row_dimensions[12], "height", 44),
        lambda s: s.row_dimensions[12].height,
    ),
    (
        lambda s: setattr(
            s["E13"], "alignment", Alignment("left", textRotation=45, indent=2)
        ),
        lambda s: [
            getattr(s["E13"].alignment, n)
            for n in ("horizontal", "textRotation", "indent")
        ],
    ),
    (
        lambda s: setattr(s["E14"], "alignment", Alignment(wrap_text=True)),
        lambda s: s["E14"].alignment.wrapText,
    ),
    (
        lambda s: setattr(s["E16"], "alignment", Alignment(shrink_to_fit=True)),
        lambda s: s["E16"].alignment.shrinkToFit,
    ),
    (
        lambda s: setattr(s["E14"], "font", Font("Arial", 18)),
        lambda s: (s["E14"].font.name, s["E14"].font.sz),
    ),
    (
        lambda s: setattr(s["E15"], "protection", Protection(locked=True)),
        lambda s: s["E15"].protection.locked,
    ),
    (
        lambda s: setattr(
            s["F13"], "border", Border(left=Side("thick", color="FFFF0000"))
        ),
        lambda s: (s["F13"].border.left.style, s["F13"].border.left.color.rgb),
    ),
    (
        lambda s: setattr(
            s["P30"], "value", CellRichText("a ", TextBlock(InlineFont(b=True), "b"))
        ),
        lambda s: [getattr(part, "text", part) for part in s["P30"].value or ()],
    ),
    (
        lambda s: setattr(s.oddFooter.left, "text", "Draft of Li · &A"),
        lambda s: s.oddFooter.left.text,
    ),
    (
        lambda s: setattr(
            s["F14"], "font", Font(vertAlign="superscript", underline="double")
        ),
        lambda s: (s["F14"].font.vertAlign, s["F14"].font.underline),
    ),
    (
        lambda s: setattr(
            s["F15"], "border", Border(diagonal=Side("thin"), diagonalDown=True)
        ),
        lambda s: (s["F15"].border.diagonal.style, s["F15"].border.diagonalDown),
    ),
]


def test_areas_of_what_is_printed_may_be_whole_rows_and_columns():
    areas = [(2, 1, 5, 3), (7, 1, 8, MAX_COLUMNS), (1, 2, MAX_ROWS, 4)]
    assert areas_in("D!$A$2:$C$5,D!$7:$8,D!$B:$D") == sorted(areas)
    assert [*map(area_text, areas)] == ["$A$2:$C$5", "$7:$8", "$B:$D"]


@pytest.mark.slow
def test_settings_and_looks_of_two_copies_arrive(tmp_path, capsys):
    """Each by one of two copies; what both set otherwise is a conflict; LibreOffice sets none."""
    base, *copies = (load_workbook(io.BytesIO(own_bytes(udf=False))) for _ in range(3))
    for number, (put, _) in enumerate(SETTINGS):
        put(copies[number % 2]["Data"])
    wanted = [
        read(copies[number % 2]["Data"]) for number, (_, read) in enumerate(SETTINGS)
    ]
    assert all(
        read(base["Data"]) != one
        for (_, read), one in zip(SETTINGS, wanted, strict=True)
    )
    scores = score_sheet(read_book(Package.from_bytes(own_bytes(udf=False))))
    copies[0][scores].protection.sheet = False
    copies[0].security = WorkbookProtection(lockStructure=True)
    for copy, zoom in zip(copies, (50, 60), strict=True):
        copy[scores].sheet_view.zoomScale = zoom
    paths = [
        tmp_path / f"{name}.xlsx"
        for name in ("base", "left", "right", "office", "merged")
    ]
    paths[0].write_bytes(own_bytes(udf=False))
    for path, book in zip(paths[1:], copies, strict=False):
        book.save(path)
    paths[3].write_bytes(as_libreoffice(own_bytes(udf=False)))
    code, document = run_json(capsys, "merge", *paths[:-1], "-o", paths[-1])
    (conflict,) = document["conflicts"]
    assert (code, conflict["sheet"], conflict["field"]) == (1, scores, "zoom")
    assert {(one["content"], one["source"]) for one in document["leftovers"]} == {
        ("zoom: 50", "left"),
        ("zoom: 60", "right"),
        ("protection of the workbook", ""),
    }
    assert [copy["changes"] for copy in document["copies"]][2] == 0
    book = load_workbook(paths[-1], rich_text=True)
    found = [read(book["Data"]) for _, read in SETTINGS]
    assert found == wanted
    assert not book[scores].protection.sheet
    # What was merged once is the template's no more, and is carried on.
    code, document = run_json(
        capsys, "rebuild", paths[-1], "-o", tmp_path / "again.xlsx"
    )
    book = load_workbook(tmp_path / "again.xlsx", rich_text=True)
    assert [read(book["Data"]) for _, read in SETTINGS] == found


def test_a_protection_that_protects_nothing_is_not_listed(tmp_path, capsys, small_file):
    """LibreOffice writes one into every workbook."""
    book = small_file()
    package = Package.read(small_file())
    empty = package.parts["xl/workbook.xml"].replace(
        b"<bookViews>", b'<workbookProtection lockStructure="0"/><bookViews>'
    )
    package.replace({"xl/workbook.xml": empty}).write(book)
    code, document = run_json(capsys, "rebuild", book, "-o", tmp_path / "again.xlsx")
    assert (code, document["leftovers"]) == (0, [])


def test_a_copy_that_openpyxl_saved_has_no_changes(tmp_path, capsys, small_file):
    """It drops how cells behind merged ones look."""
    base = small_file()
    copy = tmp_path / "copy.xlsx"
    book = load_workbook(base)
    assert any(sheet.merged_cells.ranges for sheet in book)
    book.save(copy)
    document = run_json(capsys, "merge", base, copy, "-o", tmp_path / "merged.xlsx")[1]
    assert document["copies"][0]["changes"] == 0


def as_libreoffice(content):
    """Return a workbook with what LibreOffice writes of its own when it converts it."""
    package = Package.from_bytes(content, "office")
    parts = {}
    for name, data in package.parts.items():
        xml = data.decode() if name.endswith(".xml") else ""
        if name == "docProps/app.xml":
            xml = re.sub("<Application>[^<]*", "<Application>LibreOffice/7.4", xml)
        elif "/worksheets/" in name:
            xml = re.sub(
                r'showGridLines="0"|zoomScale="90" zoomScaleNormal="90"', "", xml
            )
            xml = xml.replace('header="0.3"', 'header="0.511811023622047"')
            options = (
                '<printOptions headings="false" gridLines="false" gridLinesSet="true"/>'
            )
            xml = xml.replace("<pageMargins", f"{options}<pageMargins")
            more = 'horizontalDpi="300" copies="1" cellComments="none"'
            xml = xml.replace("<pageSetup", f"<pageSetup {more}")
            xml = re.sub("<row (?!.*outlineLevel)", '<row outlineLevel="0" ', xml)
        elif name.endswith("styles.xml"):
            xml = xml.replace("Microsoft YaHei", "WenQuanYi Zen Hei")
        parts[name] = xml.encode() or data
    return package.replace(parts).to_bytes()


@pytest.mark.slow
def test_looks_on_a_sheet_of_ones_own_are_changes_and_rounding_is_none(
    tmp_path, capsys
):
    """One hand's number format, colour or size arrives; LibreOffice's spelling is no change."""
    base = load_workbook(io.BytesIO(own_bytes(udf=False)))
    for name in ("numbers", "colours", "sizes", "borders", "spelled"):
        base.create_sheet(name).append([1.5, "=A1*2"])
        base[name]["A1"].number_format = "0.0"
    base["spelled"]["B2"].font = Font(bold=True)
    base["spelled"]["B2"].value = "text"
    base["Data"].row_dimensions[12].height = 44
    paths = [tmp_path / f"{name}.xlsx" for name in ("base", "li", "office", "merged")]
    base.save(paths[0])
    for path in paths[1:3]:
        base.save(path)
    li, office = (load_workbook(path) for path in paths[1:3])
    li["numbers"]["A1"].number_format = '0.00"km"'
    li["colours"]["A1"].font = Font(color="FFC00000")
    li["sizes"]["B1"].font = Font(size=16)
    li["borders"]["A1"].border = Border(top=Side("double"))
    li["spelled"]["C1"] = "more"
    office["spelled"]["B1"].number_format = "0.0"
    office["spelled"]["B2"].font = Font(bold=True, size=11)
    office["Data"].row_dimensions[12].height = 43.5
    for path, copy in zip(paths[1:3], (li, office), strict=True):
        copy.save(path)
    paths[2].write_bytes(as_libreoffice(paths[2].read_bytes()))
    code, document = run_json(capsys, "merge", *paths[:-1], "-o", paths[-1])
    assert (code, document["conflicts"], document["leftovers"]) == (0, [], [])
    assert [copy["changes"] for copy in document["copies"]] == [5, 0]
    book = load_workbook(paths[-1])
    assert book["numbers"]["A1"].number_format == '0.00"km"'
    assert book["colours"]["A1"].font.color.rgb == "FFC00000"
    assert book["sizes"]["B1"].font.sz == 16
    assert book["borders"]["A1"].border.top.style == "double"
    assert book["spelled"]["C1"].value == "more"
    assert book["Data"].row_dimensions[12].height == 44


def test_a_footer_with_another_title_is_kept_but_not_that_of_a_renamed_index(
    tmp_path, capsys
):
    """On one sheet somebody set it, on all of them the index was called otherwise."""
    book = load_workbook(io.BytesIO(own_bytes(udf=False)))
    drawn = book["Data"].oddFooter.left.text
    for sheet in book:
        sheet.oddFooter.left.text = f"Before {drawn}"
    book["Data"].oddFooter.left.text = f"Draft {drawn}"
    book.save(tmp_path / "base.xlsx")
    code, document = run_json(
        capsys, "rebuild", tmp_path / "base.xlsx", "-o", tmp_path / "again.xlsx"
    )
    assert (code, document["leftovers"]) == (0, [])
    again = load_workbook(tmp_path / "again.xlsx")
    assert again["Data"].oddFooter.left.text == f"Draft {drawn}"
    scores = score_sheet(read_book(Package.read(tmp_path / "again.xlsx")))
    assert again[scores].oddFooter.left.text == drawn


def test_allowed_ranges_are_listed(tmp_path, capsys):
    """They cannot be copied."""
    package = Package.from_bytes(own_bytes(udf=False), "base")
    name = next(n for n, data in package.parts.items() if b"<sheetProtection" in data)
    ranges = b'<protectedRanges><protectedRange sqref="D12:D14" name="Li"/></protectedRanges>'
    xml = re.sub(rb"(<sheetProtection[^>]*/>)", rb"\1" + ranges, package.parts[name])
    (tmp_path / "base.xlsx").write_bytes(package.replace({name: xml}).to_bytes())
    _, document = run_json(
        capsys, "rebuild", tmp_path / "base.xlsx", "-o", tmp_path / "again.xlsx"
    )
    assert [one["content"] for one in document["leftovers"]] == [
        "allowed ranges: D12:D14"
    ]
