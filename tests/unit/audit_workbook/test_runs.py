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
    cells = {f"C{row}": f"=A{row}*B{row}/MAX(A{row}:B{row})" for row in places}
    assert {place for _, place in errors(cells, rows=120)} == {f"C{row}" for row in places}


def test_another_operator_in_several_cells_is_meant(errors):
    plus = {f"C{row}": f"=A{row}+B{row}" for row in (9, 25, 31)}
    assert errors(plus) == set()
    assert errors({"C9": plus["C9"]}) == {("E03", "C9")}


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
