"""What recalculating leaves alone: every part of the file but new results."""

import io
import re
import zipfile

import pytest
import xlsxwriter

from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.golden

VALUES = [3.0, 1.0, 2.0]


def build() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        scores = book.add_worksheet("Scores")
        notes = book.add_worksheet("说明 1")
        bold = book.add_format({"bold": True, "num_format": "0.00"})
        scores.write_column("A1", VALUES, bold)
        for row in range(1, 4):
            scores.write_formula(f"B{row}", f"=A{row}*2", bold, 0)
        scores.write_array_formula("C1:C3", "{=RANK_UNIFORM(A1:A3)}", bold, 0)
        scores.write_dynamic_array_formula("D1:D3", "=A1:A3*10", None, 0)
        scores.write_formula("E1", '="Sum "&SUM(B1:B3)', None, "")
        scores.data_validation(
            "A1:A3", {"validate": "decimal", "criteria": ">", "value": 0}
        )
        scores.conditional_format("B1:B3", {"type": "data_bar", "data_bar_2010": True})
        scores.add_sparkline("G1", {"range": "Scores!A1:A3"})
        scores.freeze_panes(1, 1)
        scores.write_comment("A1", "来源")
        scores.protect("", {"objects": True})
        chart = book.add_chart({"type": "bar"})
        chart.add_series(
            {"values": "=Scores!$B$1:$B$3", "categories": "=Scores!$A$1:$A$3"}
        )
        chart.set_title({"name": "=Scores!$E$1"})
        scores.insert_chart("H2", chart)
        still = book.add_chart({"type": "line"})
        still.add_series({"values": "=Scores!$A$1:$A$3", "values_data": VALUES})
        notes.insert_chart("A5", still)
        notes.write_rich_string("A1", "plain ", bold, "bold")
        notes.insert_textbox("B2", "text")
        book.define_name("par_x", "='说明 1'!$A$9")
    return out.getvalue()


def recalculated(engine: str = "formualizer") -> tuple[Package, Package]:
    package = Package.from_bytes(build())
    return package, patch_results(package, recalculate(package, engine))


SHEET = "xl/worksheets/sheet1.xml"
CHART = "xl/charts/chart1.xml"


def test_only_results_and_caches_change():
    package, new = recalculated()
    changed = {part for part in package.parts if package.parts[part] != new.parts[part]}
    # The second chart draws inputs: its numbers are right already.
    assert changed == {SHEET, CHART}
    with (
        zipfile.ZipFile(io.BytesIO(package.to_bytes())) as a,
        zipfile.ZipFile(io.BytesIO(new.to_bytes())) as b,
    ):
        assert a.namelist() == b.namelist()
        assert [i.date_time for i in a.infolist()] == [
            i.date_time for i in b.infolist()
        ]
        assert {
            i.filename: i.CRC for i in a.infolist() if i.filename not in changed
        } == {i.filename: i.CRC for i in b.infolist() if i.filename not in changed}


def test_a_sheet_differs_in_results_alone():
    package, new = recalculated()

    def without_results(part: bytes) -> str:
        return re.sub(r"<v>[^<]*</v>|<v/>| t=\"\w+\"", "", part.decode())

    assert without_results(package.parts[SHEET]) == without_results(new.parts[SHEET])
    text = new.parts[SHEET].decode()
    assert '<c r="D1" cm="1"><f t="array" ref="D1:D3">A1:A3*10</f><v>30</v></c>' in text
    for kept in (
        "dataValidation",
        "conditionalFormatting",
        "sparkline",
        "sheetProtection",
        "pane",
    ):
        assert kept in text


def test_charts_and_their_titles_follow():
    text = recalculated()[1].parts[CHART].decode()
    points = re.findall(r"<c:pt idx=\"\d\"><c:v>([^<]*)</c:v>", text)
    assert points == ["Sum 12", "3", "1", "2", "6", "2", "4"]
    assert 2 * sum(VALUES) == 12


def test_again_changes_no_byte():
    _, new = recalculated()
    again = Package.from_bytes(new.to_bytes())
    assert (
        patch_results(again, recalculate(again, "formualizer")).to_bytes()
        == new.to_bytes()
    )


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_results_can_be_read_by_others():
    openpyxl = pytest.importorskip("openpyxl")
    _, new = recalculated()
    book = openpyxl.load_workbook(io.BytesIO(new.to_bytes()), data_only=True)
    assert [cell.value for cell in book["Scores"]["C"]] == [100, 100 / 3, 200 / 3]
    assert book["Scores"]["E1"].value == "Sum 12"


def test_new_inputs_then_new_results():
    package, _ = recalculated()
    filled = write_inputs(package, {"Scores": {(2, 1): 30.0}})
    result = recalculate(filled, "formualizer")
    assert [result.value("Scores", r, 3) for r in (1, 2, 3)] == [
        200 / 3,
        300 / 3,
        100 / 3,
    ]


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_changes_the_same_parts_to_the_same_values():
    package, new = recalculated("libreoffice")
    assert {p for p in package.parts if package.parts[p] != new.parts[p]} == {
        SHEET,
        CHART,
    }
    _, other = recalculated()
    mine = read_book(new).sheets["Scores"]
    theirs = read_book(other).sheets["Scores"]
    for position, cell in theirs.cells.items():
        found = mine.cells[position].value
        assert found == (
            pytest.approx(cell.value) if isinstance(cell.value, float) else cell.value
        )


# --- What Excel writes and XlsxWriter does not ---------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
AS_EXCEL = (
    f'<worksheet xmlns="{MAIN}" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/'
    '2009/9/ac"><dimension ref="A1:D3"/><sheetViews><sheetView workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/><sheetData>'
    '<row r="1" spans="1:4" x14ac:dyDescent="0.25"><c r="A1"><v>3</v></c>'
    '<c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$A$1</f><v>0</v></c>'
    '<c r="C1" cm="1"><f t="array" ref="C1:C3">[1]!RANK_UNIFORM(A1:A3)</f><v>0</v></c>'
    '<c r="D1" t="e"><f>_xldudf_RANK_UNIFORM(A1:A3)</f><v>#NAME?</v></c></row>'
    '<row r="2" spans="1:4"><c r="A2"><v>1</v></c><c r="B2"><f t="shared" si="0"/><v>0</v></c>'
    '<c r="D2"><f>sum(b1:b3)</f><v>0</v></c></row>'
    '<row r="3" spans="1:4"><c r="A3"><v>2</v></c><c r="B3"><f t="shared" si="0"/><v>0</v></c>'
    '<c r="C3"><v>0</v></c></row></sheetData></worksheet>'
)
SHARED = '<f t="shared" si="0"/>'
RANKS = "RANK_UNIFORM(A1:A3)</f>"
AS_EXCEL_AFTER = (
    AS_EXCEL.replace("A1*$A$1</f><v>0</v>", "A1*$A$1</f><v>9</v>")
    .replace(
        f'<c r="B2">{SHARED}<v>0</v></c>',
        f'<c r="B2">{SHARED}<v>3</v></c><c r="C2"><v>33.333333333333336</v></c>',
    )
    .replace(f'<c r="B3">{SHARED}<v>0</v>', f'<c r="B3">{SHARED}<v>6</v>')
    .replace(f"{RANKS}<v>0</v>", f"{RANKS}<v>100</v>")
    .replace(
        f'<c r="D1" t="e"><f>_xldudf_{RANKS}<v>#NAME?</v>',
        f'<c r="D1"><f>_xldudf_{RANKS}<v>100</v>',
    )
    .replace("sum(b1:b3)</f><v>0</v>", "sum(b1:b3)</f><v>18</v>")
    .replace('<c r="C3"><v>0</v></c>', '<c r="C3"><v>66.66666666666667</v></c>')
)


def as_excel(sheet: str) -> Package:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("S")
    return Package.from_bytes(out.getvalue()).replace({SHEET: sheet.encode()})


_LONG = re.compile(r"\d+\.\d{12,}")


@pytest.mark.parametrize(
    "engine",
    [
        "formualizer",
        pytest.param("formulas", marks=pytest.mark.slow),
        pytest.param("libreoffice", marks=pytest.mark.libreoffice),
    ],
)
def test_shared_formulas_dynamic_arrays_and_add_in_names_as_excel_writes_them(engine):
    package = as_excel(AS_EXCEL)
    result = recalculate(package, engine)
    assert (result.formula_cells, result.udf_cells) == (3 + 3 + 2, 3 + 1)
    shown = patch_results(package, result).parts[SHEET].decode()
    wanted = AS_EXCEL_AFTER
    if engine == "libreoffice":
        # It saves 15 digits of what it calls itself.
        shown, wanted = (
            _LONG.sub(lambda m: f"{float(m[0]):.15g}", x) for x in (shown, wanted)
        )
    assert shown == wanted


AS_LIBREOFFICE = (
    f'<worksheet xmlns="{MAIN}"><sheetData><row r="1" customFormat="false" ht="12.8">'
    '<c r="A1" s="0" t="n"><v>3</v></c>'
    '<c r="B1" s="0" t="n"><f aca="false" t="array" ref="B1:B2">rank_uniform(A1:A2)</f><v>0</v></c>'
    '<c r="C1" s="0" t="str"><f aca="false">if(B1=100,"first","")</f><v></v></c></row>'
    '<row r="2"><c r="A2" s="0" t="n"><v>1</v></c><c r="B2" s="0" t="n"><v>0</v></c></row>'
    "</sheetData></worksheet>"
)


def test_lower_case_and_attributes_as_libreoffice_writes_them():
    package = as_excel(AS_LIBREOFFICE)
    new = patch_results(package, recalculate(package))
    cells = read_book(new).sheets["S"].cells
    assert [cells[p].value for p in ((1, 2), (2, 2), (1, 3))] == [
        100 * 2 / 2,
        100 * 1 / 2,
        "first",
    ]
