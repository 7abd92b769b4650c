"""Cells unlike the run they stand in: slips of other people's workbooks, and what is meant."""

import pytest
import xlsxwriter

from xlcity.audit.lint.run import lint


@pytest.fixture
def errors(tmp_path):
    """Return what lints a column of products with some cells that hold something else.

    The errors shown by default, each as (rule, cell or region).
    """

    def told(cells, formula="=A{row}*B{row}", rows=40):
        book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
        sheet = book.add_worksheet("S")
        for row in range(1, rows + 1):
            sheet.write_row(f"A{row}", [row * 1.5, row + 0.25])
            sheet.write_formula(f"C{row}", formula.format(row=row), None, 1)
        for cell, held in cells.items():
            if isinstance(held, tuple):
                sheet.write_formula(cell, held[0], None, held[1])
            else:
                sheet.write(cell, held)
        book.close()
        shown = lint(tmp_path / "book.xlsx", calculate=False).digest().findings
        return {(f.rule, f.region or f.cell) for f in shown if f.severity == "error"}

    return told


def test_two_odd_cells_beside_each_other_are_both_named(errors):
    odd = {"C18": "=A18*B17", "C19": "=A20*B19", "C33": "=A33*B32"}
    assert errors(odd) == {("E03", "C19"), ("E03", "C18, C33")}


def test_a_formula_of_another_kind_is_odd_also_where_it_stands_twice(errors):
    places = 30, 60, 90
    cells = {f"C{row}": f"=MAX(A{row}:B{row})" for row in places}
    assert {place for _, place in errors(cells, rows=120)} == {f"C{row}" for row in places}
    cells = {f"C{row}": f"=A{row}*B{row}/MAX(A{row}:B{row})" for row in places}
    assert errors(cells, rows=120) == {("E03", "C30, C60, C90")}


def test_another_operator_in_several_cells_is_meant(errors):
    plus = {f"C{row}": f"=A{row}+B{row}" for row in (9, 25, 31)}
    assert errors(plus) == set()
    assert errors({"C9": plus["C9"]}) == {("E03", "C9")}


@pytest.mark.parametrize(
    ("formula", "odd"),
    [
        ("=IF(A{row}<$E$1,B{row},0)", "=IF(A9>$E$1,B9,0)"),
        ("=IF(A{row}=$E$1,B{row},0)", "=IF(A9<>$E$1,B9,0)"),
        ("=IF(A{row}<0,B{row}*$E$1,B{row}*$F$1)", "=IF(A9<0,B9*$F$1,B9*$E$1)"),
    ],
)
def test_another_comparison_and_exchanged_cases_are_slips(errors, formula, odd):
    assert errors({"C9": odd, "E1": 20, "F1": 30}, formula) == {("E03", "C9")}
    assert errors({"C9": "=B9+A9"}, "=A{row}+B{row}") == set()


def test_a_slip_along_a_row_is_one_finding(errors):
    odd = {f"{c}20": f"={c}$50*$A21" for c in "DEFGH"}
    cells = {f"{c}{row}": f"={c}$50*$A{row}" for c in "DEFGH" for row in range(1, 41)}
    heads = {f"{c}50": 2 for c in "DEFGH"}
    assert len(errors({**cells, **odd, **heads})) <= 1


def test_the_rest_of_all_others_leaves_its_own_row_out(errors):
    rest = {"B41": "=1-SUMIFS($B$1:$B$40,$A$1:$A$40,A41)", "A41": 3}
    assert errors(rest) == set()


def test_shares_of_a_list_with_blanks_are_no_drift(errors):
    listed = {"E1": 4, "E20": "=SUM(E1:E10)"} | {f"F{r}": f"=E{r}/E$20" for r in range(1, 11)}
    assert not {rule for rule, _ in errors(listed)} & {"E07"}


@pytest.mark.parametrize("odd", ["=A5", "=A5*B5/E5", '=A5*B5&" m"'])
def test_a_term_more_or_fewer_is_odd_in_a_short_run_as_well(errors, odd):
    assert errors({"C5": odd, "E5": 1}, rows=9) == {("E03", "C5")}


def test_another_formula_in_a_short_run_is_not_told(errors):
    assert errors({"C5": "=MAX(A5:B5)"}, rows=9) == set()


def test_a_typed_number_with_one_formula_on_all_sides_is_told_though_it_is_right(errors):
    table = {f"{c}{row}": f"={c}$50*$A{row}" for c in "DEFGH" for row in range(1, 11)}
    zeros = {f"{c}50": 0 for c in "DEFGH"}
    assert errors({**table, **zeros, "F6": 0}) == {("E02", "F6")}
    assert errors({**table, **zeros, "H6": 0}) == set()


def test_an_emptied_cell_with_one_formula_on_all_sides_may_be_meant(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet, look = book.add_worksheet("S"), book.add_format({"num_format": "0.0"})
    for row in range(1, 12):
        for column in "CDEFG":
            sheet.write_formula(f"{column}{row}", f"={column}$50*$A{row}", look)
    sheet.write_blank("E6", None, look)
    book.close()
    found = lint(tmp_path / "book.xlsx", calculate=False)
    assert [(f.rule, f.cell) for f in found.findings if f.rule == "E02"] == [("E02", "E6")]
    assert not [f for f in found.digest().findings if f.rule == "E02"]


def test_a_link_to_another_fixed_cell_is_chosen(errors):
    units = {f"E{row}": "=$G$3" for row in range(1, 30)} | {"G3": 3, "G4": 4}
    assert errors({**units, "E12": "=$G$4"}) == set()
    links = {f"E{row}": f"=B{row}" for row in range(1, 30)}
    assert errors({**links, "E12": "=B13"}) == {("E03", "E12")}


def test_a_heading_among_products_is_no_product_without_its_factor(errors):
    scaled = {f"{c}{row}": f"={chr(ord(c) - 5)}{row}*$L$2" for c in "JK" for row in range(3, 30)}
    heads = {f"{c}{row}": "cars" if row == 12 else row for c in "EF" for row in range(3, 30)}
    links = {f"{c}12": (f"={chr(ord(c) - 5)}12", "cars") for c in "JK"}
    assert errors({**scaled, **heads, "L2": 3, **links}, formula="=A{row}") == set()


def test_a_trend_that_goes_on_from_another_year_is_no_slip(errors):
    known = ["$A$3:$A$4,$B$3:$B$4"] * 6 + ["$A$4:$A$5,$B$4:$B$5"] * 10
    cells = zip("EFGHIJKLMNOPQRST", known, strict=True)
    trend = {f"{column}60": f"=FORECAST({column}59,{years})" for column, years in cells}
    assert errors(trend) == set()


def test_a_whole_column_has_no_last_row_to_forget(errors):
    listed = {f"E{row}": f"=MATCH(A{row},$A$2:$A$40,0)" for row in range(2, 41)}
    assert errors({**listed, "G1": "=MAX(A:A)"}) == set()
