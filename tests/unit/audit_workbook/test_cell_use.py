"""Cells taken twice, blank or typed among formulas: told by what else is read."""

import pytest
import xlsxwriter

from xlcity.audit.lint.run import lint


@pytest.fixture
def grid(tmp_path):
    """Return what lints rows of numbers and formulas: (rule, cell) without information."""

    def told(*rows):
        book = xlsxwriter.Workbook(str(tmp_path / "grid.xlsx"))
        sheet = book.add_worksheet("S")
        for row, held in enumerate(rows):
            sheet.write_row(row, 0, held)
        book.close()
        found = lint(tmp_path / "grid.xlsx", calculate=False).digest().findings
        return {(f.rule, f.cell) for f in found if f.severity != "info"}

    return told


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("=A1+B1+B1", True),
        ("=A1-A1", True),
        ("=SUM(A1,B1,A1)", True),
        ("=IF(A1>A1,B1,0)", True),
        ("=IF(A1>B1,B1,B1)", True),
        ("=A1*A1+B1", False),
        ("=A1+(B1-A1)/3", False),
        ("=A1/A1*100", False),
        ("=COUNT(A1,A1,B1)", False),
        ("=IF(A1>B1,A1,B1)", False),
    ],
)
def test_a_cell_that_a_formula_takes_twice(grid, formula, found):
    assert (("E15", "C1") in grid([3, 4, formula])) is found


def test_what_copies_take_twice_is_meant(grid):
    weighted = [[n, n + 1, f"=A{n}+B{n}+B{n}"] for n in range(1, 6)]
    assert grid(*weighted) == set()


def test_a_typed_number_in_a_block_of_formulas(grid):
    kinds = "=A{0}*{0}", "=B{0}^2"
    links = [[n, n + 1, *(k.format(n) for k in kinds[:: 1 - n % 2 * 2])] for n in range(1, 8)]
    assert ("W30", "C4") in grid(*links[:3], [4, 5, 77, "=A4"], *links[4:])
    assert not {r for r, _ in grid(*links[:3], [4, 5, 77, 78], *links[4:])} & {"W30"}
    # Either of two units is typed, the other follows.
    units = [[f"=B{n}*37", n] if n != 4 else [n, f"=A{n}/37"] for n in range(1, 8)]
    assert "W30" not in {rule for rule, _ in grid(*units)}


def test_a_blank_cell_that_is_compared_or_chosen(grid):
    assert ("W03", "C1") in grid([3, 4, "=IF(A1>D1,B1,0)"])
    assert ("W03", "C1") in grid([3, 4, "=IF(A1>B1,D1,0)"])
    assert "W03" not in {rule for rule, _ in grid([3, 4, '=IF(D1="",0,D1)+A1'])}


def line(*changes):
    """Return ten rows of typed numbers and products that are no copies of each other."""
    made = [[n, f"=A{n}*A1", f"=B{n}+A{n}"] for n in range(1, 11)]
    for row, column, held in changes:
        made[row - 1][column] = held
    return made


@pytest.mark.parametrize(
    ("row", "column", "held", "found"),
    [
        (5, 1, "=A6*A1", ("E03", "B5")),
        (5, 1, "=A5+A1", ("E03", "B5")),
        (5, 1, "=A5*C1", ("E03", "B5")),
        (5, 1, 7, ("E02", "B5")),
        (5, 1, "=7", ("E02", "B5")),
        (5, 1, "=A5*$A$3", None),  # chosen: no copy moves it
        (10, 1, "=B9+A3", None),  # a total at the end
        (5, 1, "=A5*A1", None),
    ],
)
def test_what_leaves_a_line_of_equal_steps(grid, row, column, held, found):
    told = grid(*line((row, column, held)))
    assert {(rule, cell) for rule, cell in told if rule in ("E02", "E03")} == ({found} - {None})


def test_part_of_a_table_that_goes_on_otherwise(grid):
    assert not grid(*line((5, 1, "=A6*A1"), (6, 1, "=A7*A1")))


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("=SUM(A1,A2,B7,A4,A5)", True),
        ("=A1+A2+A6+A4+A5", True),
        ("=A1+A2+A3+A4+B7", True),
        ("=A1+A2+A3+A4+A6", False),  # one more, further down
        ("=A1+A2+A4+A5", False),
        ("=A1+A2+B7", False),
        ("=A1*A2+A3-A4", False),
        ("=A1+A2+B3+A4+A5", True),
    ],
)
def test_a_list_of_cells_that_leaves_its_sequence(grid, formula, found):
    rows = [[n, n * 3] for n in range(1, 9)]
    assert (("E16", "D1") in grid([*rows[0], None, formula], *rows[1:])) is found
