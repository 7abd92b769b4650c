"""Formulas that name their own cell, and circles that are none and are some."""

import pytest

from tests.helpers.sheets import sheet_of
from xlcity.audit.check.check import check_workbook
from xlcity.errors import EngineError
from xlcity.messages import Message
from xlcity.recalc.engines.protocol import CannotComputeError, make_circle_error
from xlcity.recalc.support.support_check import ITERATION
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.cells import Cell, ReadBook, read_book
from xlcity.xlsx.formulas.circles import find_circles, sort_formulas
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.package import Package

#: Formulas that look where their own cell is, or take another cell of a range it stands in.
OWN = {
    "A1": ("ROW(A1)", 1.0),
    "A2": ("INDEX(A:A,ROW()-1)+1", 2.0),
    "B2": ("COLUMN(B2)", 2.0),
    "C3": ("ROWS(C$1:C3)", 3.0),
    "D4": ("COLUMNS($A4:D4)", 4.0),
    "F1": ('CELL("row",F1)', 1.0),
    "G1": ("ROWS(G:G)", 1048576.0),
    "H5": ("OFFSET(H5,-1,0)+1", 1.0),
    "I2": ('ROW(I2)&"x"', "2x"),
    "K3": ("ROW(K3)-ROW(K$1)", 2.0),
}


def load(make_bytes, formulas):
    def write(book):
        sheet = book.add_worksheet("S")
        for cell, formula in formulas.items():
            sheet.write_formula(cell, f"={formula}", None, 0)

    return Package.from_bytes(make_bytes(write))


@pytest.mark.slow
def test_a_formula_that_asks_for_its_own_place_is_no_circle(make_bytes):
    package = load(make_bytes, {cell: formula for cell, (formula, _) in OWN.items()})
    result = recalculate(package)
    sheet = read_book(package).sheets["S"]
    found = {p: result.value("S", *p) for p in sheet.cells.computed()}
    assert sorted(map(str, found.values())) == sorted(str(v) for _, v in OWN.values())
    assert find_circles(Graph(read_book(package))) == []


def test_a_named_row_read_as_one_value_is_no_circle(make_bytes):
    def write(book):
        sheet = book.add_worksheet("S")
        book.define_name("price", "=S!$1:$1")
        book.define_name("case", "=S!$B:$B")
        sheet.write_row("A1", [2, 3])
        sheet.write_formula("C1", "=case")
        for column in "ABC":
            sheet.write_formula(f"{column}2", "=price*2")

    assert find_circles(Graph(read_book(Package.from_bytes(make_bytes(write))))) == []


@pytest.mark.slow
@pytest.mark.libreoffice
def test_rows_numbered_by_their_own_place_are_ok(make_bytes):
    formulas = {f"A{row}": f"ROW(A{row})-ROWS(B{row})" for row in range(1, 9)}
    result = recalculate(load(make_bytes, formulas))
    assert (result.ok, result.unverified) == (True, ())
    assert [result.value("S", row, 1) for row in range(1, 9)] == list(range(8))


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [
        "auto",
        "formualizer",
        pytest.param("libreoffice", marks=pytest.mark.libreoffice),
    ],
)
def test_a_circle_is_its_shortest_loop(make_bytes, engine):
    formulas = {f"B{row}": f"A{row}*2" for row in range(1, 9)} | {"C1": "SUM(B1:B8)"}
    formulas |= {f"D{row}": f"C$1/{row}" for row in range(1, 9)}
    formulas["B4"] = "A4*2+D4"
    with pytest.raises(EngineError) as caught:
        recalculate(load(make_bytes, formulas), engine)
    problem = caught.value.problems[0]
    assert problem.code == "XC512"
    assert "circle: S!C1 → S!B4 → S!D4 → S!C1" in problem.message
    assert len(problem.message) < 200


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.parametrize(("case", "ok"), [(1, True), (0, True), (2, False)])
def test_a_circle_that_an_if_keeps_open_is_computed(make_bytes, case, ok):
    book = load(
        make_bytes,
        {
            "A1": f"{case}",
            "B1": "IF(A1>0,C1+1,5)",
            "C1": "IF(A1=1,7,B1+1)",
            "E1": "INDEX(F1:F2,2)",
            "F1": "E1",
            "F2": "3",
            "G1": '"x"+1',
        },
    )
    if not ok:
        with pytest.raises(EngineError, match="S!B1 → S!C1 → S!B1"):
            recalculate(book)
        return
    result = recalculate(book)
    assert [result.value("S", 1, column) for column in (2, 3)] == (
        [8, 7] if case else [5, 6]
    )
    assert [result.value("S", 1, column) for column in (5, 6)] == [3, 3]


def test_array_formulas_are_sorted_by_what_they_read(make_bytes):
    """Through cells that another one fills, and through plain formulas between them."""

    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_array_formula("A1:A9", "{=B1:B9*2}")
        sheet.write_array_formula("D1:E9", "{=F1:F9+{1,2}}")
        for row in range(1, 10):
            sheet.write_formula(f"B{row}", f"=E{row}+1")

    anchors = [("S", (1, 1)), ("S", (1, 4))]
    graph = Graph(read_book(Package.from_bytes(make_bytes(write))))
    assert sort_formulas(graph, anchors) == anchors[::-1]


def circle_of(formulas, readers=()):
    """Return the error for formulas in a circle: cell of the column A, by row -> formula."""
    cells = {(row, 1): Cell(None, formula) for row, formula in formulas.items()}
    book = ReadBook({"S": sheet_of("S", cells)}, {}, {}, "b.xlsx")
    named = [("S", (row, 1)) for row in [*formulas, *readers]]
    error = make_circle_error(book, "engine", named)
    return error, error.problems[0]


def ring(first, last):
    """Return formulas of which each reads the next one, and the last the first."""
    rows = range(first, last + 1)
    return {row: f"A{row + 1 if row < last else first}" for row in rows}


def test_a_circle_is_named_with_its_first_cell():
    _, problem = circle_of(ring(1, 2))
    assert (
        problem.message
        == "formulas refer to themselves in a circle: S!A1 → S!A2 → S!A1."
    )
    assert (problem.code, problem.where.file) == ("XC512", "b.xlsx")
    assert (problem.where.sheet, problem.where.cell) == ("S", "A1")
    assert circle_of({3: "A3+1"})[1].message.endswith("circle: S!A3 → S!A3.")


def test_of_a_circle_the_cells_that_depend_on_it_are_counted():
    for readers, said in (
        ([7], "; 1 more cell depends on it."),
        ([7, 8], "; 2 more cells depend on it."),
    ):
        _, problem = circle_of(ring(1, 2), readers)
        assert problem.message.endswith(f"S!A2 → S!A1{said}")


def test_of_several_circles_the_smallest_is_named():
    _, problem = circle_of(ring(1, 5) | ring(10, 12))
    assert "S!A10 → S!A11 → S!A12 → S!A10; 5 more cells" in problem.message
    assert problem.message.endswith("; it is the smallest of 2 circles.")


def test_of_a_long_circle_the_beginning_is_shown():
    shown = circle_of(ring(1, 12))[1].message
    assert "…" not in shown
    assert shown.endswith("S!A11 → S!A12 → S!A1.")
    assert circle_of(ring(1, 13))[1].message.endswith("S!A11 → S!A12 → … → S!A1.")


def test_the_shortest_loop_of_a_circle_with_several_is_shown():
    # A1 → A2 → … → A6 → A1, with a way from A4 back to A3.
    formulas = ring(1, 6) | {4: "A5+A3"}
    message = circle_of(formulas)[1].message
    assert "circle: S!A3 → S!A4 → S!A3; 4 more cells depend on it" in message
    # A range leads to each formula in it, the first found being the shortest way.
    assert (
        "S!A2 → S!A4 → S!A2"
        in circle_of({1: "A2", 2: "SUM(A3:A4)", 3: "A1", 4: "A2"})[1].message
    )


def test_a_cell_that_asks_for_its_own_place_is_no_circle():
    error, problem = circle_of({1: "ROW(A1)"})
    assert isinstance(error, CannotComputeError)
    assert (
        "engine takes a formula that names its own cell for a circle: S!A1."
        in problem.message
    )


#: Interest on the mean of a debt that it adds to.
DEBT = {"B4": "0.05*(1000+B5)", "B5": "700+B4", "B6": "B5*2"}


def write_debt(make_bytes, tmp_path, settings, stored=0):
    def write(book):
        sheet = book.add_worksheet("S")
        for cell, formula in DEBT.items():
            sheet.write_formula(cell, f"={formula}", None, stored)
        sheet.write_formula("D1", "=1+1", None, 2)

    package = Package.from_bytes(make_bytes(write))
    xml = package.parts["xl/workbook.xml"].replace(b"<calcPr ", b"<calcPr " + settings)
    path = tmp_path / "debt.xlsx"
    path.write_bytes(package.replace({"xl/workbook.xml": xml}).to_bytes())
    return path


def test_a_circle_is_found_by_a_check(make_bytes, tmp_path):
    checked = check_workbook(write_debt(make_bytes, tmp_path, b""))
    assert checked.verdict == "fail"
    assert [(f.rule, f.sheet, f.cell) for f in checked.findings] == [("E17", "S", "B4")]
    assert "S!B4 → S!B5 → S!B4" in checked.findings[0].message


def test_the_error_that_libreoffice_stores_follows_from_the_circle(
    make_bytes, tmp_path
):
    path = tmp_path / "total.xlsx"
    path.write_bytes(
        make_bytes(
            lambda book: book.add_worksheet("S").write_formula(
                "B4", "=SUM(B1:B4)", None, "#VALUE!"
            )
        )
    )
    (finding,) = check_workbook(path).findings
    assert (finding.rule, [f.rule for f in finding.follows]) == ("E17", ["E01"])


def test_a_circle_that_is_iterated_is_in_doubt_and_not_stale(make_bytes, tmp_path):
    path = write_debt(make_bytes, tmp_path, b'iterate="1" ', 94.736)
    result = recalculate(Package.read(path), "formualizer")
    assert result.unverified == (Message(ITERATION),)
    assert result.value("S", 5, 2) == pytest.approx(750 / 0.95, abs=0.01)
    # What Excel stopped at is not what another program stops at, nor what hangs on it.
    checked = check_workbook(path, ("formualizer",))
    assert checked.findings == ()
    by_name = {check.name: check for check in checked.checks}
    assert (by_name["stale"].status, by_name["stale"].cells) == ("note", ())
    assert by_name["verified"].cells == ("S!B4", "S!B5", "S!B6")
    # Doubt does not pass.
    assert (by_name["verified"].status, checked.verdict) == ("fail", "fail")
