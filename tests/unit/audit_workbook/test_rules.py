"""Rules on hand-made little workbooks: told where they should be, and nowhere else."""

import pytest
import xlsxwriter

from xlcity.audit.lint.run import lint


@pytest.fixture
def found(tmp_path, monkeypatch):
    """Return what writes a workbook of one sheet and lints it: {(rule, cell)} without I02.

    What is known of formulas from one call is known in the next.
    """
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))

    def write(change, **options):
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("S")
        change(sheet, book)
        book.close()
        linted = lint(path, calculate=False, **options)
        return {(f.rule, f.cell) for f in linted.findings if f.rule != "I02"}

    return write


def numbers(sheet, column="B", first=2, last=13, style=None):
    for row in range(first, last + 1):
        sheet.write(f"{column}{row}", row * 1.5, style)


def test_e01_tells_copies_of_a_formula_once(found):
    def change(sheet, book):
        for row in range(2, 9):
            sheet.write(f"A{row}", row - 2 if row < 5 else 0)
            sheet.write_formula(f"B{row}", f"=1/A{row}", None, "#DIV/0!" if row != 3 else 1)

    assert {cell for rule, cell in found(change) if rule == "E01"} == {"B2"}


def test_e01_names_the_first_cell_of_a_chain(found):
    def change(sheet, book):
        sheet.write_formula("A1", "=1/0", None, "#DIV/0!")
        sheet.write_formula("A2", "=A1+1", None, "#DIV/0!")
        sheet.write_formula("A3", "=A2+1", None, "#DIV/0!")
        sheet.write_formula("A4", "=IFERROR(A3,0)+B9", None, 0)
        sheet.write("B9", 3)

    assert {cell for rule, cell in found(change) if rule == "E01"} == {"A1"}


def test_e05_two_statistics_of_other_rows(found):
    def change(sheet, book, last):
        numbers(sheet)
        sheet.write_formula("D1", f"=AVERAGE(B$2:B$13)/STDEV(B$2:B${last})", None, 1)

    assert ("E05", "D1") in found(lambda s, b: change(s, b, 10))
    assert not found(lambda s, b: change(s, b, 13))


def test_e05_a_mean_of_fewer_cities_than_are_scored(found):
    def change(sheet, book, last):
        numbers(sheet)
        sheet.write_formula("B15", f"=AVERAGE(B2:B{last})", None, 10)
        sheet.write_formula("B16", f"=STDEV(B2:B{last})", None, 3)
        for row in range(2, 14):
            sheet.write_formula(f"D{row}", f"=(B{row}-B$15)/B$16", None, 1)

    assert found(lambda s, b: change(s, b, 13)) == set()
    assert ("E05", "D12") in found(lambda s, b: change(s, b, 11))


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ((0.5, 0.3, 0.2), False), ((0.5, 0.3, 0.3), True), ((50, 30, 20), False),
        ((50, 30, 21), True), ((0.333, 0.333, 0.333), False), ((0.333, 0.333, 0.343), True),
        ((3, 2, 2), False), ((5, 1, -1), False),
    ],
)  # fmt: skip
def test_e06_weights_of_a_sum_of_products(found, weights, told):
    def change(sheet, book, divided=False):
        sheet.write_row("B1", weights)
        for row in range(2, 9):
            sheet.write_row(f"B{row}", [row, row * 2, row * 3])
            formula = f"=SUMPRODUCT(B{row}:D{row},$B$1:$D$1)"
            more = "/SUM($B$1:$D$1)" if divided else ""
            sheet.write_formula(f"F{row}", formula + more, None, 1)

    assert (("E06", "B1") in found(change)) is told
    assert ("E06", "B1") not in found(lambda s, b: change(s, b, divided=True))


def test_e11_circles_and_iteration(found):
    def change(sheet, book):
        sheet.write_formula("A1", "=A2+1", None, 1)
        sheet.write_formula("A2", "=A3", None, 1)
        sheet.write_formula("A3", "=SUM(A1:B1)", None, 1)
        sheet.write_formula("C1", "=ROWS(C1:C9)", None, 9)  # looks at a shape, reads nothing
        sheet.write_formula("C2", '=CELL("col",C2)', None, 3)
        sheet.write_formula("C3", '=CELL("contents",C3)', None, 3)

    assert {cell for rule, cell in found(change) if rule == "E11"} == {"A1", "C3"}


@pytest.mark.parametrize(
    ("formula", "typed"),
    [
        ("=B2*1.17", True),
        ("=B2/12", True),
        ("=MAX(B2,35)", True),
        ("=IF(B2>60,1,0)", True),
        ("=B2*100", False),
        ("=(1-B2)/2", False),
        ("=B2^2+B3^0.5", False),
        ("=B2/10000", False),
        ('=IF(B2>60,"",B2)', True),
        ('=IF(0.5="","",B2)', True),
        ("=ROUND(B2,3)", False),
        ("=LARGE(B2:B13,5)", False),
        ('=IF(COUNT(B2:B13)<3,"",AVERAGE(B2:B13))', False),
        ('="row "&(ROW()-5)', False),
    ],
)
def test_w01_constants_of_a_method(found, formula, typed):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    assert (("W01", "D2") in found(change)) is typed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("12.5", True), ("１２．５", True), ("1,234", True), ("\u300012", True), ("12 ", True),
        ("35%", True), ("3.2万", True), ("01", False), ("n/a", False), ("—", False), ("缺", False),
    ],
)  # fmt: skip
def test_w02_numbers_as_text(found, text, told):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_string("B7", text)

    assert (("W02", "B7") in found(change)) is told


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("=B2*K9", True),
        ('=IF(K9="","",B2*K9)', False),
        ("=IF(ISNUMBER(K9),B2*K9,0)", False),
        ("=SUM(K2:K9)+B2", False),
    ],
)
def test_w03_a_blank_in_arithmetic(found, formula, told):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    assert (("W03", "D2") in found(change)) is told


def test_w03_counts_copies_and_leaves_lines_that_are_not_filled_yet(found):
    def change(sheet, book, gap, fixed=False):
        for row in range(2, 14):
            if row < 9:
                sheet.write(f"B{row}", row)
                sheet.write(f"C{row}", None if row in gap else row)
            formula = "=K$1*2.0" if fixed else f"=B{row}*C{row}"
            sheet.write_formula(f"D{row}", formula, None, 1)

    assert found(lambda s, b: change(s, b, ())) == set()
    assert found(lambda s, b: change(s, b, (4, 6))) == {("W03", "D4")}
    assert found(lambda s, b: change(s, b, (), fixed=True)) == {("W03", "D2")}


def test_e02_gaps_headings_and_beginnings_are_no_slips(found):
    def change(sheet, book, line, text=None):
        style, bold = book.add_format({"num_format": "0.0"}), book.add_format({"bold": True})
        sheet.write("F2", 1, style)
        for row in range(2, 14):
            if row > 2:
                sheet.write_formula(f"F{row}", f"=F{row - 1}+1", style, row - 1)
            if row == line:
                sheet.write_blank(f"D{row}", None, style)
            else:
                sheet.write(f"B{row}", row)
                sheet.write_formula(f"D{row}", f"=B{row}*2", style, row * 2)
        if text:
            sheet.write("D7", text, bold)

    assert found(lambda s, b: change(s, b, 0)) == set()  # 1, =F2+1, =F3+1 begin somewhere
    assert ("E02", "D7") in found(lambda s, b: change(s, b, 7))
    assert found(lambda s, b: change(s, b, 0, "Part two")) == set()

    def totals_in_every_second_column(sheet, book):
        style = book.add_format({"num_format": "0.0"})
        for column in "BCDEFGH":
            numbers(sheet, column)
            if column in "BDFH":
                sheet.write_formula(f"{column}14", f"=SUM({column}2:{column}13)", style, 1)
            else:
                sheet.write_blank(f"{column}14", None, style)

    assert found(totals_in_every_second_column) == set()

    def two_blocks(sheet, book):
        style = book.add_format({"num_format": "0.0"})
        for row in (*range(2, 7), *range(8, 14)):
            sheet.write(f"B{row}", row)
            sheet.write_formula(f"D{row}", f"=B{row}*2", style, row * 2)
        sheet.write_blank("D7", None, style)

    assert found(two_blocks) == set()


def test_e07_lines_of_an_invoice_that_are_not_filled_are_no_drift(found):
    def change(sheet, book, filled):
        for row in range(2, 12):
            if row == 2 or filled:
                sheet.write(f"B{row}", row * 10)
            if row == 2:
                sheet.write(f"C{row}", 3)
            sheet.write_formula(f"D{row}", f"=B{row}*C{row}", None, 1)

    assert ("E07", "D3") in found(lambda s, b: change(s, b, True))
    assert not {rule for rule, _ in found(lambda s, b: change(s, b, False))} & {"E07"}


def test_w03_leaves_declared_inputs_alone(found):
    def change(sheet, book):
        sheet.write_blank("K9", None, book.add_format({"locked": False}))
        sheet.protect()
        numbers(sheet)
        sheet.write_formula("D2", "=B2*K9", None, 1)

    assert ("W03", "D2") not in found(change)


@pytest.mark.parametrize(
    ("formula", "rule"),
    [
        ('=IF(B2="",0,B2)', "W04"),
        ("=IFERROR(B2,0)", "W04"),
        ("=VLOOKUP(3,A2:B13,2)", "W05"),
        ("=VLOOKUP(3,A2:B13,2,TRUE)", "W05"),
        ("=LOOKUP(3,B2:B13)", "W05"),
        ("=MATCH(3,B2:B13,1)", "W05"),
        ("=MATCH(3,B2:B13,-1)", "W05"),
        ("=INDIRECT(\"B2\")", "W10"),
        ("=NOW()-B2", "W10"),
        ("=3*4.5", "W14"),
        ("=#REF!+B2", "W09"),
        ("=_xldudf_SCORE(B2)", "W09"),
        ("=B2*--(B3>1)", "I05"),
    ],
)  # fmt: skip
def test_how_a_formula_is_written(found, formula, rule):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    assert (rule, "D2") in found(change)


@pytest.mark.parametrize(
    "formula",
    ['=IF(B2="","",B2)', "=VLOOKUP(3,A2:B13,2,FALSE)", "=MATCH(3,B2:B13,0)", "=INDEX(B2:B13,3)"],
)
def test_sound_formulas_are_told_nothing(found, formula):
    def change(sheet, book):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    assert found(change) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STDEV.P", "STDEV.S"), ("STDEVP", "VAR"), ("PERCENTRANK.INC", "PERCENTRANK.EXC"),
        ("RANK.EQ", "RANK.AVG"), ("QUARTILE.INC", "QUARTILE.EXC"),
    ],
)  # fmt: skip
def test_w07_the_rarer_kind_is_told(found, one, other):
    more = "" if "STDEV" in one else ",1"

    def change(sheet, book, second):
        numbers(sheet)
        for column, name in zip("DEF", (one, one, second), strict=True):
            args = "B2,B2:B13" if "RANK.E" in name or "RANK.A" in name else f"B2:B13{more}"
            args = "B2:B13" if name == "VAR" else args
            sheet.write_formula(f"{column}20", f"={name}({args})", None, 1)

    assert ("W07", "F20") in found(lambda s, b: change(s, b, other))
    assert not {rule for rule, _ in found(lambda s, b: change(s, b, one))} & {"W07"}


def test_w11_what_is_hidden_and_read(found):
    def change(sheet, book, read="B2:B13"):
        numbers(sheet)
        numbers(sheet, "C")
        sheet.write("D5", 4, book.add_format({"font_color": "#FFFFFF", "bg_color": "#FFFFFF"}))
        sheet.set_row(5, None, None, {"hidden": True})
        sheet.set_column("C:C", None, None, {"hidden": True})
        sheet.write_formula("H1", f"=SUM({read})", None, 1)

    assert found(change) == {("W11", "B6")}
    assert found(lambda s, b: change(s, b, "C2:C4")) == {("W11", "C2")}
    assert found(lambda s, b: change(s, b, "D5:D5")) == {("W11", "D5")}
    assert found(lambda s, b: change(s, b, "B9:B13")) == set()


def test_w11_a_hidden_sheet(found):
    def change(sheet, book, read):
        other = book.add_worksheet("T")
        other.write("A1", 3)
        other.hide()
        sheet.write_formula("H1", "=T!A1" if read else "=SUM(B1:B2)", None, 3)

    assert ("W11", "A1") in found(lambda s, b: change(s, b, True))
    assert not found(lambda s, b: change(s, b, False))


def test_w12_one_parameter_with_two_values(found):
    def change(sheet, book, value, label="omega"):
        other = book.add_worksheet("T")
        sheet.write_row("A1", ["omega", 40])
        other.write_row("A5", [label, value])
        sheet.write_formula("D1", "=B1*2+T!B5", None, 1)

    assert found(lambda s, b: change(s, b, 60)) == {("W12", "B5")}
    assert found(lambda s, b: change(s, b, 40)) == set()
    assert found(lambda s, b: change(s, b, 60, "limit")) == set()


def test_w12_one_table_twice_with_an_entry_that_differs(found):
    def change(sheet, book, differ):
        other = book.add_worksheet("T")
        for place in (sheet, other):
            place.write_row("A1", ["city", "gdp", "area"])
        for row in range(2, 14):
            for place in (sheet, other):
                off = 1 if place is other and row in differ else 0
                place.write_row(f"A{row}", [f"city {row}", row * 1.5 + off, row * 7])
        sheet.write_formula("F1", "=SUM(B2:C13)-SUM(T!B2:C13)", None, 1)

    assert found(lambda s, b: change(s, b, (7,))) == {("W12", "B7")}
    assert found(lambda s, b: change(s, b, ())) == set()
    # Other values nearly everywhere are other data: another year, another source.
    assert found(lambda s, b: change(s, b, range(2, 12))) == set()


def test_w13_a_sum_of_sums_alone_is_none(found):
    def change(sheet, book, last):
        numbers(sheet)
        sheet.write_formula("B14", "=SUM(B2:B7)", None, 1)
        sheet.write_formula("B15", "=SUM(B8:B13)", None, 1)
        sheet.write_formula("B16", f"=SUM(B{last}:B15)", None, 1)

    assert ("W13", "B16") in found(lambda s, b: change(s, b, 2))
    assert not {r for r, _ in found(lambda s, b: change(s, b, 14))} & {"W13"}


def test_w14_and_i03_styles_that_say_what_a_cell_is(tmp_path):
    import openpyxl
    from openpyxl.styles import NamedStyle

    book = openpyxl.Workbook()
    sheet = book.active
    for name in ("Input", "Calculation"):
        book.add_named_style(NamedStyle(name))
    for row in range(2, 14):
        sheet.cell(row, 2, row * 1.5).style = "Input"
    sheet.cell(2, 4, "=SUM(B2:B9)").style = "Calculation"
    sheet.cell(3, 4, 17.5).style = "Calculation"
    sheet.cell(4, 4, "=MAX(B2:B9)").style = "Input"
    book.save(tmp_path / "book.xlsx")
    findings = lint(tmp_path / "book.xlsx", calculate=False).findings
    found = {(f.rule, f.cell) for f in findings if f.rule != "I02"}
    assert found == {("W14", "B10"), ("I03", "D3"), ("I03", "D4")}


def test_w16_an_unlocked_formula_on_a_protected_sheet(found):
    def change(sheet, book, protect):
        numbers(sheet)
        loose = book.add_format({"locked": False})
        sheet.write_formula("D2", "=SUM(B2:B13)", None, 1)
        sheet.write_formula("D3", "=MAX(B2:B13)", loose, 1)
        if protect:
            sheet.protect()

    assert found(lambda s, b: change(s, b, True)) == {("W16", "D3")}
    assert found(lambda s, b: change(s, b, False)) == set()


def test_i01_long_or_deep(found):
    def change(sheet, book, formula):
        numbers(sheet)
        sheet.write_formula("D2", formula, None, 1)

    deep = "=ROUND(ABS(MAX(MIN(SUM(SQRT(B2)),B3),B4)),B5)"
    assert found(lambda s, b: change(s, b, deep)) == {("I01", "D2")}
    assert found(lambda s, b: change(s, b, "=" + "*".join(["B2"] * 80))) == {("I01", "D2")}
    assert found(lambda s, b: change(s, b, "=ROUND(ABS(B2),B3)")) == set()


def test_i02_no_source_and_no_version(tmp_path):
    for text, told in (("cities", True), ("来源：年鉴", False), ("Version 3", False)):
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(str(path))
        book.add_worksheet().write("A1", text)
        book.close()
        assert ("I02" in {f.rule for f in lint(path).findings}) is told


def test_i04_computed_numbers_compared_exactly(found):
    def change(sheet, book, formula):
        numbers(sheet)
        sheet.write_formula("D2", "=B2/7", None, 0.428571428571428)
        sheet.write_formula("D3", "=B4/9", None, 0.333333333333333)
        sheet.write_formula("F2", formula, None, False)

    assert ("I04", "F2") in found(lambda s, b: change(s, b, "=D2=D3"))
    assert ("I04", "F2") not in found(lambda s, b: change(s, b, "=ROUND(D2,6)=ROUND(D3,6)"))
