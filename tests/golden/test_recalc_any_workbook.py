"""Workbooks as any program may have saved them: spellings, references, arrays, macros."""

import io
import zipfile

import pytest
import xlsxwriter

from xlcity.errors import CellError
from xlcity.recalc.engines.formulas import Formulas
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.golden


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Leave out the engines that take seconds to start."""
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    monkeypatch.setattr(Formulas, "available", lambda _: False)


FAST = ["formualizer", "compiled"]


def package(write, name: str = "book.xlsx") -> Package:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write(book)
    return Package.from_bytes(out.getvalue(), name)


def with_sheet(made: Package, old: str, new: str) -> Package:
    """Return the package with text of its first sheet replaced, as another program writes it."""
    part = "xl/worksheets/sheet1.xml"
    xml = made.parts[part].decode()
    assert old in xml
    return made.replace({part: xml.replace(old, new).encode()})


SPELLINGS = [
    "RANK_UNIFORM(A1:A3)",
    "rank_uniform(A1:A3)",
    "[1]!RANK_UNIFORM(A1:A3)",
    r"'D:\加载 项\xlcity.xlam'!RANK_UNIFORM(A1:A3)",
    "_xldudf_RANK_UNIFORM(A1:A3)",
    "_xll.Rank_Uniform($A$1:$A$3)",
    "'数据 1'!A1:A3",
]


@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("formula", SPELLINGS[:-1])
def test_a_function_however_it_was_saved(engine, formula):
    def write(book):
        sheet = book.add_worksheet("数据 1")
        sheet.write_column("A1", [3, 1, 2])
        sheet.write_array_formula("B1:B3", "{=" + formula + "}", None, 0)

    result = recalculate(package(write), engine)
    assert [result.value("数据 1", r, 2) for r in (1, 2, 3)] == [
        300 / 3,
        100 / 3,
        200 / 3,
    ]
    assert (result.udf_cells, result.unverified) == (3, ())


def test_references_of_every_sort():
    def write(book):
        sheet = book.add_worksheet("首页")
        other = book.add_worksheet("城市's 数据")
        other.write_column("A1", [2, 3, 5, 7])
        quoted = "'城市''s 数据'!"
        book.define_name("数列", f"={quoted}$A$1:$A$4")
        book.define_name("'首页'!here", f"={quoted}$A$2")
        book.define_name("double", f"={quoted}$A$1*2")
        sheet.write_formula("A1", f"=SUM({quoted}A1:A4)", None, 0)
        sheet.write_formula("A2", "=SUM(数列)", None, 0)
        sheet.write_formula("A3", "=here+1", None, 0)
        sheet.write_formula("A4", "=double", None, 0)
        sheet.write_formula("A5", f"=MAX({quoted}$A:$A)", None, 0)
        sheet.write_formula("A6", f"=INDEX({quoted}$A$1:$A$4,MATCH(5,数列,0))", None, 0)

    result = recalculate(package(write))
    values = [result.value("首页", row, 1) for row in range(1, 7)]
    assert values == [2 + 3 + 5 + 7, 2 + 3 + 5 + 7, 3 + 1, 2 * 2, 7, 5]


@pytest.mark.parametrize("engine", FAST)
def test_shared_and_array_formulas_as_excel_writes_them(engine):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [1, 2, 3])
        for row in (1, 2, 3):
            sheet.write_formula(f"B{row}", f"=A{row}*10", None, 0)
        sheet.write_array_formula("C1:C3", "{=A1:A3^2}", None, 0)

    made = with_sheet(
        package(write), "<f>A1*10</f>", '<f t="shared" ref="B1:B3" si="0">A1*10</f>'
    )
    for row in (2, 3):
        made = with_sheet(made, f"<f>A{row}*10</f>", '<f t="shared" si="0"/>')
    result = recalculate(made, engine)
    assert [result.value("S", r, 2) for r in (1, 2, 3)] == [10, 20, 30]
    assert [result.value("S", r, 3) for r in (1, 2, 3)] == [1, 4, 9]
    after = patch_results(made, result).parts["xl/worksheets/sheet1.xml"].decode()
    assert after.count('<f t="shared" si="0"/>') == 2


def test_columns_of_tables_are_computed_from_the_cells_that_they_mean():
    def write(book):
        sheet = book.add_worksheet("S")
        columns = [
            {"header": "x"},
            {"header": "y", "formula": "=Tab[[#This Row],[x]]*2"},
        ]
        sheet.add_table("A1:B4", {"name": "Tab", "columns": columns})
        sheet.write_column("A2", [1, 2, 4])
        sheet.write_formula("D1", "=SUM(Tab[y])", None, 0)

    result = recalculate(package(write))
    assert [result.value("S", r, 2) for r in (2, 3, 4)] == [2, 4, 8]
    assert result.value("S", 1, 4) == 2 + 4 + 8
    assert not result.unverified


def test_macros_stay(tmp_path):
    def write(book):
        book.add_worksheet("S").write_formula("A1", "=6*7", None, 0)

    made = package(write)
    part = "[Content_Types].xml"
    types = (
        made.parts[part]
        .replace(
            b"spreadsheetml.sheet.main+xml",
            b"spreadsheetml.sheet.macroEnabled.main+xml",
        )
        .replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.macro",
            b"application/vnd.ms-excel.sheet.macro",
        )
    )
    path = tmp_path / "book.xlsm"
    with zipfile.ZipFile(path, "w") as out:
        for name, data in {
            **made.parts,
            part: types,
            "xl/vbaProject.bin": b"\xd0\xcf",
        }.items():
            out.writestr(name, data)
    macro = Package.read(path)
    result = recalculate(macro)
    after = patch_results(macro, result)
    assert result.value("S", 1, 1) == 42
    assert after.parts["xl/vbaProject.bin"] == b"\xd0\xcf"
    assert list(after.parts) == list(macro.parts)


LIFTED = {
    "SUMPRODUCT(ABS(A1:A3))": 1 + 2 + 4,
    "SUMPRODUCT(ISNUMBER(A1:A4)*1)": 3,
    "SUMPRODUCT(ROUND(A1:A3/2,0))": 1 - 1 + 2,
    "SUM(COUNTIF(A1:A3,{1,4}))": 2,
    "SUMPRODUCT(1/COUNTIF(A1:A3,A1:A3))": 3,
    'SUMPRODUCT(--(LEFT(B1:B3,1)="a"))': 2,
    'LOOKUP(2,1/(B1:B3="ab"),A1:A3)': 4,
    "SUMPRODUCT(LEN(B1:B3))": 2 + 2 + 2,
}


@pytest.mark.parametrize("engine", ["auto", "formualizer"])
def test_a_function_lifted_over_a_range_is_never_wrong_without_a_word(engine):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [1, -2, 4, "x"])
        sheet.write_column("B1", ["ab", "cd", "ab"])
        for row, formula in enumerate(LIFTED):
            sheet.write_formula(row, 3, "=" + formula, None, 0)
            sheet.write_array_formula(row, 4, row, 4, "{=" + formula + "}", None, 0)

    made = package(write)
    result = recalculate(made, engine)
    # Nor is it once the wrong value stands in the file.
    again = recalculate(patch_results(made, result), engine)
    for run in (result, again):
        wrong = [
            f"S!{column}{row}"
            for row, expected in enumerate(LIFTED.values(), 1)
            for column, number in (("D", 4), ("E", 5))
            if run.value("S", row, number) != pytest.approx(expected, abs=1e-12)
        ]
        assert set(wrong) <= set(run.doubtful)
        assert not (wrong and run.ok)
        assert wrong


def test_an_unknown_function_is_named():
    result = recalculate(
        package(
            lambda book: book.add_worksheet("S").write_formula(
                "A1", "=NOSUCH(1)", None, 0
            )
        )
    )
    assert result.value("S", 1, 1) is CellError.NAME
    assert result.unverified == ("NOSUCH",)
    assert result.doubtful == ("S!A1",)
