"""Formulas read as lines: across gaps, with what contradicts them, each cause once."""

import zipfile

import pytest
import xlsxwriter

from xlcity.audit.lint.run import lint
from xlcity.xlsx.address import ranges_text
from xlcity.xlsx.package import Package


@pytest.fixture
def linted(tmp_path):
    """Return what writes a workbook of one sheet and lints it."""

    def write(change):
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(str(path))
        sheet = book.add_worksheet("S")
        sheet.write("A1", "source: yearbook")
        change(sheet)
        book.close()
        return lint(path, calculate=False)

    return write


def told(result):
    return {(f.rule, f.cell) for f in result.findings if f.severity != "info"}


def totals(sheet, odd=None, columns="BDFHJ", last=9):
    """Write columns of numbers with a blank column between, and their totals."""
    for column in columns:
        for row in range(4, last + 1):
            sheet.write(f"{column}{row}", row * 1.5)
        area = odd if column == "F" and odd else f"{column}4:{column}{last}"
        sheet.write_formula(f"{column}{last + 1}", f"=SUM({area})", None, 1)


def test_totals_of_every_second_column_are_one_line(linted):
    assert told(linted(totals)) == set()
    result = linted(lambda sheet: totals(sheet, "F5:F9"))
    (finding,) = (f for f in result.findings if f.rule == "E04")
    assert (finding.cell, finding.beside) == ("F10", "B10, D10, H10, J10")
    assert finding.severity == "error"


def test_a_text_parts_two_tables(linted):
    def change(sheet):
        totals(sheet, columns="BC")
        sheet.write("D10", "second table")
        totals(sheet, "F6:F9", columns="F")

    assert told(linted(change)) == set()


def test_two_formulas_alone_contradict_each_other_only_where_numbers_differ(linted):
    def change(sheet, first):
        totals(sheet, columns="B")
        for row in range(5, 10):
            sheet.write(f"C{row}", row)
        sheet.write("C4", first)
        sheet.write_formula("C10", "=SUM(C5:C9)", None, 35)

    assert told(linted(lambda s: change(s, ""))) == {("W24", "C10")}
    found = linted(lambda s: change(s, 3))
    assert ("E04", "C10") in told(found)
    assert "W24" not in {f.rule for f in found.findings}


def test_a_number_between_a_range_and_its_total_is_left_out(linted):
    def change(sheet, formula):
        totals(sheet, columns="BC")
        for column in "BC":
            sheet.write(f"{column}10", 7)
            sheet.write_formula(f"{column}11", formula.replace("X", column), None, 1)

    found = linted(lambda s: change(s, "=SUM(X4:X9)"))
    assert ("E04", "B11") in told(found)
    assert ("E04", "B11") not in told(linted(lambda s: change(s, "=SUM(X4:X9)-X10")))
    # Both totals leave out their last row: one cause, told once.
    (finding,) = (f for f in found.digest().findings if f.rule == "E04")
    assert finding.region == "B11:C11"
    assert found.digest().left_out == 1


@pytest.mark.parametrize("border", [3, 7])
def test_a_sum_that_begins_or_ends_in_a_row_without_numbers(linted, border):
    def change(sheet, number):
        for column in "BC":
            for row in range(3, 8):
                typed = row if row != border else number if column == "C" else ""
                sheet.write(f"{column}{row}", typed)
            sheet.write_formula(f"{column}8", f"=SUM({column}3:{column}7)", None, 22)

    assert told(linted(lambda s: change(s, ""))) == {("W17", "B8"), ("W17", "C8")}
    # A row in which another column has a number is a row of data with a gap.
    assert told(linted(lambda s: change(s, 5))) == set()


def test_a_sum_with_fewer_terms_than_those_beside_it(linted):
    def change(sheet, formula):
        for row in range(2, 12):
            sheet.write_row(f"B{row}", [row, row * 2, None, None])
            own = formula if row == 6 else f"=B{row}+C{row}"
            sheet.write_formula(f"D{row}", own, None, row * 3)

    assert told(linted(lambda s: change(s, "=B6"))) == {("E03", "D6")}
    assert told(linted(lambda s: change(s, "=C6+B6"))) == set()


def test_a_whole_row_of_typed_numbers_is_less_telling_than_one(linted):
    def change(sheet, typed):
        for row in range(2, 14):
            sheet.write(f"A{row}", row)
            for column in "CDE":
                if row == 7 and column in typed:
                    sheet.write(f"{column}{row}", 3.5)
                else:
                    sheet.write_formula(f"{column}{row}", f"=$A{row}*2", None, row * 2)

    def e02(columns):
        return [f.cell for f in linted(lambda s: change(s, columns)).digest().findings]

    assert "D7" in e02("D")
    assert not {"C7", "D7", "E7"} & set(e02("CDE"))


def test_the_digest_is_a_handful(linted):
    def change(sheet):
        sheet.write("B2", 4)
        for number in range(1, 40):
            sheet.write_formula(f"D{number * 2}", f"=$B$2*{number}.5", None, number)
            sheet.write_formula(f"F{number * 2}", f"={number}*3", None, number)

    result = linted(change)
    alarms = [f for f in result.digest().findings if f.severity != "info"]
    assert sorted(f.rule for f in alarms) == ["W01", "W14"]
    assert len(result.findings) - len(result.digest().findings) == result.digest().left_out > 70


def test_ranges_are_listed_as_few_rectangles():
    places = [(2, 2), (2, 3), (3, 2), (3, 3), (5, 5), (6, 5)]
    assert ranges_text(places) == "B2:C3, E5:E6"


def test_a_blank_separator_inside_a_sum_is_reported_in_rows_and_columns(linted):
    def change(sheet, number):
        for column in "BC":
            for row in (3, 4, 5, 7, 8):
                sheet.write(f"{column}{row}", row)
            sheet.write(f"{column}6", number)
            sheet.write_formula(f"{column}9", f"=SUM({column}3:{column}8)", None, 27)

    assert told(linted(lambda s: change(s, ""))) == {("W17", "B9"), ("W17", "C9")}
    assert told(linted(lambda s: change(s, 4))) == set()

    def across(sheet):
        for row in (3, 4):
            sheet.write_row(f"B{row}", [1.5, 2.5, None, 3.5])
            sheet.write_formula(f"F{row}", f"=SUM(B{row}:E{row})", None, 7.5)

    assert told(linted(across)) == {("W17", "F3"), ("W17", "F4")}


@pytest.mark.parametrize(
    ("typed", "formula", "found"),
    [
        (73.5, "=B5+B6", True),
        (73.4, "=B5+B6", False),
        (73.5, "=B3", True),
        (60, "=B5", False),  # two equal numbers side by side
    ],
)
def test_a_typed_number_that_is_the_result_of_the_formula_beside_it(linted, typed, formula, found):
    def change(sheet):
        sheet.write_row("B3", [20, 73.5])
        sheet.write_row("B5", [12.5, 13.5])
        sheet.write_row("B6", [7.5, 60])
        sheet.write_formula("B7", formula, None, 20)
        sheet.write("C7", typed)

    assert (("W23", "C7") in told(linted(change))) is found


@pytest.mark.parametrize(
    ("columns", "last", "found"),
    [("CDEFGH", 2, set("DEFGH")), ("CDEF", 2, set()), ("CDEFGH", 1, set())],
)
def test_a_line_of_short_numbers_is_told_where_formulas_would_give_all(
    linted, columns, last, found
):
    def change(sheet):
        for row, value in ((3, 5), (4, 7), (5, last)):
            sheet.write(f"B{row}", value)
            for column in columns:
                if row < 5:
                    sheet.write_formula(f"{column}{row}", f"=$B{row}", None, value)
                else:
                    sheet.write(f"{column}{row}", value)

    cells = {cell for rule, cell in told(linted(change)) if rule == "W23"}
    assert cells == {f"{column}5" for column in found}


def test_a_number_inside_a_run_needs_two_digits_to_be_its_result(linted):
    def change(sheet):
        for row in range(3, 9):
            sheet.write_row(f"A{row}", [row / 10, 2])
            sheet.write_formula(f"C{row}", f"=A{row}*B{row}", None, row / 5)
        sheet.write("C6", 1.2)

    assert ("W23", "C6") in told(linted(change))


@pytest.mark.parametrize(
    ("typed", "formula", "found"),
    [
        (74, "=SUM(X3:X5)", True),
        (18, "=SUM(X3:X5)", False),  # what the formula gives
        (74, "=SUM(X3:X5)+W7", False),  # a series: an opening value
        (74, "=X3/X9", True),  # the formula would give an error
        (74, "=X6", False),  # nothing to read there
        (74, "=X4", False),  # D4 follows from the typed number
    ],
)
def test_a_typed_number_where_the_formula_beside_it_gives_another(linted, typed, formula, found):
    def change(sheet):
        for column, before in ("BA", "CB", "DC"):
            sheet.write_column(f"{column}3", [1.5, 7.5, 9])
            text = formula.replace("X", column).replace("W", before)
            sheet.write_formula(f"{column}7", text, None, 18)
            sheet.write(f"{column}9", 2 * (column != "D"))
        sheet.write("D7", typed)
        if formula == "=X4":
            sheet.write_formula("D4", "=D7*2", None, 148)

    assert (("W25", "D7") in told(linted(change))) is found


@pytest.mark.parametrize(
    ("formulas", "cell"),
    [
        (("=B3-B5", "=SUM(C3:C5)", "=D3-D5"), "C7"),  # the odd one in the line
        (("=B3+B5", "=C3+C5", "=SUM(D3:D5)"), "D7"),
        (("=B3+B5", "=SUM(C3:C5)", "=D3+D5", "=SUM(E3:E5)"), ""),  # they take turns
        (("=B3-5-B5", "=C3+C4-C5-12", "=D3-D5-8"), ""),  # terms with data of their own
        (("=B3+B5", "=B7+C3+C5", "=C7+D3+D5"), ""),  # each continues the last
    ],
)
def test_two_formulas_of_a_line_that_read_nearly_the_same_cells(linted, formulas, cell):
    def change(sheet):
        for column, formula in zip("BCDE", formulas, strict=False):
            for row in (3, 4, 5):
                sheet.write(f"{column}{row}", row * 1.5)
            sheet.write_formula(f"{column}7", formula, None, 1)

    assert {c for rule, c in told(linted(change)) if rule == "W24"} == ({cell} if cell else set())


def test_a_formula_that_gives_what_its_neighbours_would_is_not_shown_first(linted):
    def change(sheet, odd, value):
        for row in range(2, 42):
            sheet.write_row(f"B{row}", [row, row * 2])
            own, number = (odd, value) if row == 6 else (f"=B{row}*C{row}", row * row * 2)
            sheet.write_formula(f"D{row}", own, None, number)

    for odd, value, shown in (("=PRODUCT(B6:C6)", 72, False), ("=SUM(B6:C6)", 18, True)):
        result = linted(lambda s, odd=odd, value=value: change(s, odd, value))
        assert ("E03", "D6") in told(result)
        assert (("E03", "D6") in told(result.digest())) is shown


def test_sheets_made_of_one_another_have_one_fault(tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    for name, factor in (("2001", 1), ("2002", 3)):
        sheet = book.add_worksheet(name)
        totals(sheet, "F5:F9")
        sheet.write("F4", factor)
    book.close()
    found = lint(path, calculate=False)
    assert [f.rule for f in found.findings if f.severity == "error"] == ["E04", "E04"]
    (finding,) = (f for f in found.digest().findings if f.severity == "error")
    assert finding.region == "F10, '2002'!F10"


def test_a_total_that_leaves_out_the_last_of_equal_formulas(linted):
    def change(sheet, area):
        for column in "BCDEF":
            sheet.write(f"{column}3", 2.5)
            sheet.write_formula(f"{column}5", f"={column}3*2", None, 5)
        sheet.write_formula("H8", f"=SUM({area})", None, 20)

    assert told(linted(lambda s: change(s, "B5:E5"))) == {("E04", "H8")}
    assert told(linted(lambda s: change(s, "B5:F5"))) == set()


@pytest.mark.parametrize(
    ("formula", "place", "odd", "told_of"),
    [
        ("=C{0}", 6, "=C5", True),  # a link that reads what the link beside it reads
        ("=C{0}", 11, "=C10", False),  # the last of a row of links may be another
        ("=C{0}*D{0}", 11, "=C10*D11", True),  # the last of a run, one cell off
        ("=C{0}*D{0}", 11, "=C8*D11", False),
        ("=C{0}-D{0}", 11, "=C11+D11", True),
    ],
)
def test_the_only_formula_of_a_run_that_is_one_cell_or_one_sign_off(
    linted, formula, place, odd, told_of
):
    def change(sheet):
        for row in range(3, 12):
            sheet.write_row(f"C{row}", [row * 1.5, row + 40])
            text = odd if row == place else formula.format(row)
            sheet.write_formula(f"F{row}", text, None, row * 3.5)

    alarms = linted(change).digest().findings
    assert (("E03", f"F{place}") in {(f.rule, f.cell) for f in alarms}) is told_of


def test_one_cell_summed_where_the_sums_beside_it_take_all(linted):
    def change(sheet):
        totals(sheet, "F9", columns="BDF")

    assert ("W24", "F10") in told(linted(change))


def test_a_number_typed_within_a_series(linted):
    def change(sheet):
        for row in range(3, 12):
            sheet.write(f"C{row}", row + 0.5)
            if row == 7:
                sheet.write("F7", 90)
            else:
                sheet.write_formula(f"F{row}", f"=F{row - 1}+C{row}", None, row * 3.5)

    assert ("W25", "F7") in {(f.rule, f.cell) for f in linted(change).digest().findings}


@pytest.mark.parametrize(
    ("odd", "rows", "told_of"),
    [
        ("=C{0}*E{0}", (6, 7), True),  # two together inside a run
        ("=C{0}/D{0}", (8, 9, 10, 11), True),  # the last half of it
        ("=C{0}*D{0}*1.1", (6, 7), True),
        ("=C{0}*D{0}*1.1", (10, 11), False),  # another rate from a row on
        ("=C{0}*D$20", (10, 11), False),
    ],
)
def test_several_formulas_together_that_differ_from_their_run(linted, odd, rows, told_of):
    def change(sheet, columns):
        for row in range(3, 12):
            sheet.write_row(f"C{row}", [row * 1.5, row + 40, row + 0.25])
            formula = odd if row in rows else "=C{0}*D{0}"
            for column in columns:
                text = formula.replace("C{", "$C{").replace("D{", "$D{").replace("E{", "$E{")
                sheet.write_formula(f"{column}{row}", text.format(row), None, row * 3.5)

    found = {cell for rule, cell in told(linted(lambda s: change(s, "G"))) if rule == "W26"}
    assert found == ({f"G{row}" for row in rows} if told_of else set())
    # Where the line beside changes at the same place, a block of its own is meant.
    assert "W26" not in {rule for rule, _ in told(linted(lambda s: change(s, "GH")))}


def test_totals_that_all_leave_out_the_first_number(linted):
    def change(sheet, label="first", reader=""):
        for column in "BCD":
            for row in range(4, 10):
                sheet.write(f"A{row}", label if row == 4 else "next")
                sheet.write(f"{column}{row}", row * 1.5)
            sheet.write_formula(f"{column}10", f"=SUM({column}5:{column}9)", None, 1)
            if reader:
                sheet.write_formula(f"{column}12", reader.format(column), None, 1)

    assert told(linted(change)) == {("W27", f"{column}10") for column in "BCD"}
    assert told(linted(lambda s: change(s, label=""))) == set()
    assert told(linted(lambda s: change(s, reader="={0}10/{0}4"))) == set()


def test_a_sum_of_subtotals_that_reads_a_cell_beside_one(linted):
    def change(sheet):
        for column in "BCDE":
            for row in range(3, 9):
                sheet.write(f"{column}{row}", row * 1.5)
            odd = "4" if column == "C" else "3"
            text = f"={column}{odd}+{column}5+{column}8"
            sheet.write_formula(f"{column}10", text, None, 1)

    assert ("E03", "C10") in told(linted(change))


def test_one_of_a_chain_that_continues_the_last_but_one(linted):
    def change(sheet):
        for row in range(3, 12):
            sheet.write(f"C{row}", row + 0.5)
            before = 5 if row == 7 else row - 1
            sheet.write_formula(f"F{row}", f"=F{before}+C{row}", None, row * 3.5)

    assert ("E03", "F7") in told(linted(change))


def test_a_formula_alone_among_typed_numbers(linted):
    def change(sheet, others=()):
        for row in range(3, 12):
            sheet.write_row(f"B{row}", [row + 0.5, row + 1.5])
        for row in (7, *others):
            sheet.write_formula(f"C{row}", f"=-B{row}", None, -row)

    assert told(linted(change)) == {("W28", "C7")}
    assert "W28" not in {rule for rule, _ in told(linted(lambda s: change(s, (5, 9))))}


def test_a_total_as_a_share_of_itself_is_meant(linted):
    def change(sheet):
        for row in range(3, 9):
            sheet.write(f"B{row}", row * 1.5)
        sheet.write_formula("B9", "=SUM(B3:B8)", None, 49.5)
        for row in range(3, 10):
            sheet.write_formula(f"C{row}", f"=B{row}/B$9", None, 0.1)

    assert told(linted(change)) == set()


def test_a_total_that_runs_the_wrong_way(linted):
    def change(sheet, third):
        for column in "CDE":
            for row in (3, 4, 5):
                sheet.write(f"{column}{row}", row * 1.5)
            sheet.write_formula(f"{column}7", f"=SUM({column}3:{column}6)", None, 18)
        sheet.write_formula("E7", third, None, 36)

    assert ("E14", "E7") in told(linted(lambda s: change(s, "=SUM(C7:D7)")))
    assert "E14" not in {rule for rule, _ in told(linted(lambda s: change(s, "=SUM(E3:E6)")))}


@pytest.mark.parametrize(
    ("formula", "found"), [("=C3--D3", True), ("=SUM(C3--D3)", True), ("=SUM(--(C3>1),-D3)", False)]
)
def test_two_signs_that_add(linted, formula, found):
    def change(sheet):
        sheet.write_row("C3", [5.5, 2.5])
        sheet.write_formula("F3", formula, None, 8)

    assert (("W29", "F3") in told(linted(change))) is found


def test_the_last_of_a_run_of_links_reads_another_sheet(tmp_path):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, *others = (book.add_worksheet(name) for name in "STU")
    for row in range(3, 9):
        for other in others:
            other.write(f"B{row}", row + 0.5)
        sheet.write_formula(f"C{row}", f"={'U' if row == 8 else 'T'}!B{row}", None, row + 0.5)
    book.close()
    assert ("E03", "C8") in told(lint(path, calculate=False).digest())


def test_a_number_added_to_the_formula_beside_it(linted):
    def change(sheet):
        for column in "BDF":
            sheet.write(f"{column}3", 4.5)
            more = "-1000" if column == "D" else ""
            sheet.write_formula(f"{column}5", f"={column}3*$H$1{more}", None, 9)
        sheet.write("H1", 2)

    found = [f for f in linted(change).findings if (f.rule, f.cell) == ("W01", "D5")]
    assert any("-1000, unlike the neighbouring cell" in f.message for f in found)


def test_totals_of_a_part_after_that_of_all_and_of_stretches_are_meant(linted):
    def change(sheet, last="=SUM(B3:B6)", over="=SUM(B3:B8)"):
        for row in range(3, 9):
            sheet.write(f"B{row}", row + 0.5)
            sheet.write_formula(f"C{row}", f"=B{row}*2", None, row * 2 + 1)
        sheet.write_formula("B9", over, None, 1)
        sheet.write_formula("B10", last, None, 1)
        for row, area in ((3, "C3:C5"), (4, "C6:C8")):
            sheet.write_formula(f"E{row}", f"=SUM({area})/{row}", None, 1)

    assert "E04" not in {rule for rule, _ in told(linted(change))}
    assert ("E04", "B10") in told(linted(lambda s: change(s, over="=B3")))


def test_formulas_that_read_more_are_listed_together(linted):
    def change(sheet):
        for column, first in zip("BDFH", (4, 4, 5, 5), strict=True):
            for row in range(4, 9):
                sheet.write(f"{column}{row}", row * 1.5)
            sheet.write_formula(f"{column}10", f"=SUM({column}{first}:{column}8)", None, 1)

    found = {f.cell: f.beside for f in linted(change).findings if f.rule == "W24"}
    assert found == {"F10": "B10, D10", "H10": "B10, D10"} or found == {
        "B10": "F10, H10",
        "D10": "F10, H10",
    }


def test_blank_rows_in_a_sum_of_a_sparse_list(linted):
    def change(sheet, numbers):
        for place, row in enumerate(range(4, 16, 4)):
            sheet.write(f"A{row}", "item")
            if place < numbers:
                sheet.write(f"B{row}", row * 1.5)
        sheet.write_formula("B19", "=SUM(B4:B17)", None, 36)

    assert ("W17", "B19") in told(linted(lambda s: change(s, 3)))
    assert ("W17", "B19") not in told(linted(lambda s: change(s, 1)))


def test_a_dollar_missing_in_several_columns_is_one_finding(linted):
    def change(sheet):
        sheet.write("H2", 3)
        for row in range(2, 12):
            sheet.write(f"A{row}", row * 10)
            for column in "CDE":
                sheet.write_formula(f"{column}{row}", f"=$A{row}*$H{row}", None, row * 30)

    result = linted(change)
    assert {("E07", f"{column}3") for column in "CDE"} <= told(result)
    assert [f.cell for f in result.digest().findings if f.rule == "E07"] == ["C3"]


def saved(folder, part, replaced):
    """Write book.xlsx again as on.xlsx with some of a part replaced."""
    parts = dict(Package.read(folder / "book.xlsx").parts)
    for old, new in replaced.items():
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(folder / "on.xlsx", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def of_errors(result):
    return {(f.rule, f.cell) for f in result.digest().findings if f.severity == "error"}


@pytest.mark.parametrize(
    ("formulas", "found"),
    [
        ({"C1": ("=IF(B1>2,B1,NA())", "#N/A")}, set()),
        ({"C1": ("=B1/B9", "#DIV/0!")}, set()),  # nothing is filled
        ({"C1": ("=B1/B9", "#DIV/0!"), "C2": ("=MATCH(3,B1:B9,0)", "#N/A")}, {("E01", "C2")}),
        ({"C1": ("=SQRT(-1)", "#NUM!"), "C2": ("=C1+1", "#NUM!")}, {("E01", "C1")}),
        ({"C1": ("=1/0", "#DIV/0!"), "C2": ("=10^999", "#NUM!")}, set()),  # a test of errors
    ],
)
def test_errors_that_are_meant(linted, formulas, found):
    def change(sheet):
        for cell, (formula, value) in formulas.items():
            sheet.write_formula(cell, formula, None, value)

    assert of_errors(linted(change)) == found


def test_pasted_errors_do_not_make_the_errors_of_formulas_meant(tmp_path, linted):
    def change(sheet):
        sheet.write_column("B1", [1, 77, 3, 78, 5])
        sheet.write_formula("D1", "=MATCH(9,B5:B6,0)", None, "#N/A")

    assert ("E01", "D1") in of_errors(linted(change))
    saved(tmp_path, "xl/worksheets/sheet1.xml", {
        f'<c r="{cell}"><v>{number}</v>'.encode(): f'<c r="{cell}" t="e"><v>{error}</v>'.encode()
        for cell, number, error in (("B2", 77, "#N/A"), ("B4", 78, "#DIV/0!"))
    })  # fmt: skip
    assert ("E01", "D1") in of_errors(lint(tmp_path / "on.xlsx", calculate=False))


def test_sums_of_stretches_that_follow_each_other(linted):
    def change(sheet, last):
        for row in range(2, 9):
            sheet.write(f"B{row}", row)
            sheet.write_formula(f"C{row}", f"=SUM($B$2:$B$8)+D{row}", None, 1)
        sheet.write_formula("E2", "=SUM($B$2:$B$6)", None, 1)
        sheet.write_formula("G3", f"=SUM($B${last}:$B$8)", None, 1)

    assert ("E04", "E2") not in of_errors(linted(lambda s: change(s, 7)))
    assert ("E04", "E2") in of_errors(linted(lambda s: change(s, 8)))


def test_a_year_that_goes_on_from_far_away(linted):
    def change(sheet, rows):
        for row in (4, 8):
            for column in range(2, 16):
                sheet.write(row - 1, column, row * column)
                source = column - 7 if column == 11 and row in rows else column - 1
                own, before = (f"{chr(65 + c)}{row}" for c in (column, source))
                formula = f"={own}-{before}" if row == 4 else f"={before}"
                sheet.write_formula(row, column, formula, None, row)

    assert ("E03", "L5") in of_errors(linted(lambda s: change(s, (4,))))
    assert ("E03", "L5") not in of_errors(linted(lambda s: change(s, (4, 8))))


def test_circles_where_iteration_is_on(linted, tmp_path):
    def change(sheet):
        sheet.write_formula("B1", "=C1+1", None, 1)
        sheet.write_formula("C1", "=B1/2", None, 1)

    assert ("E11", "B1") in of_errors(linted(change))
    saved(tmp_path, "xl/workbook.xml", {b"<calcPr": b'<calcPr iterate="1"'})
    assert not of_errors(lint(tmp_path / "on.xlsx", calculate=False))


def test_entries_that_are_not_filled_yet(tmp_path):
    def told_of(word):
        book = xlsxwriter.Workbook(str(tmp_path / "entries.xlsx"))
        inputs, sheet = book.add_worksheet("Inputs"), book.add_worksheet("S")
        for row in range(1, 9):
            inputs.write(f"B{row}", word)
            sheet.write(f"B{row}", row)
            sheet.write_formula(f"C{row}", f"=Inputs!C{row}*B{row}", None, 1)
        inputs.write("C1", 5)
        book.close()
        return of_errors(lint(tmp_path / "entries.xlsx", calculate=False))

    assert ("E07", "C2") in told_of("")
    assert not told_of("spare")
