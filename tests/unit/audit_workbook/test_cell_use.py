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
        ("=IF(A1,A1,B1)", False),
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
        ("=CHOOSE($B$2,A2,A3,A4,A5)", False),
    ],
)
def test_a_list_of_cells_that_leaves_its_sequence(grid, formula, found):
    rows = [[n, n * 3] for n in range(1, 9)]
    assert (("E16", "D1") in grid([*rows[0], None, formula], *rows[1:])) is found


def totals(fewer, first=5):
    """Return a row of means, one of which begins a row later than the others."""
    rows = [[n * 10 + c for c in range(8)] for n in range(first, first + 8)]
    rows[0] = [fewer(c) for c in range(8)]
    means = [f"=AVERAGE({c}{1 + (c == 'C')}:{c}8)" for c in "ABCDEFGH"]
    return [*rows, [], means]


def linked(*changes):
    """Return formulas that carry a balance on, and what is added to it in one period."""
    return [[100, *(f"={c}1" for c in "ABC"), *changes, *(f"={c}1" for c in "EFGH")], [7] * 9]


def picked(last):
    """Return formulas that take one cell of a list each, and one whose list is longer."""
    rows = [[n, n * 2] for n in range(1, 12)]
    for n, row in enumerate(rows[:9], 1):
        row += [None, f"=INDEX($B$1:$B$10,{n})"]
    rows[9] += [None, f"={last}($B$1:$B$11)" if last == "SUM" else "=INDEX($B$1:$B$11,11)"]
    return rows


def second(text):
    """Return formulas that read every second cell, but for one."""
    rows = [[n, None] for n in range(1, 21)]
    for row, n in enumerate((2, 4, 6, 9, 10, 12, 14, 16)):
        rows[row].append(text.format(n))
    return rows


def areas(width):
    """Return areas of floors, length times width, and of one wall that has a height, too."""
    rows = [[n + 4, n + 5, None, f"=A{n}*B{n}"] for n in range(1, 9)]
    rows[3] = [8, width, 3, "=A4*C4"]
    return rows


def crossing(copies):
    """Return growing rows, and one that is carried on in its first copies alone."""
    rows = [[n * 10, *(f"={c}{n}*(1+$A$9)" for c in "ABCDEF")] for n in range(1, 8)]
    rows[3][1 : 1 + copies] = [f"={c}4" for c in "ABCDEF"[:copies]]
    return [*rows, [], [0.15]]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (totals(lambda c: "*****" if c == 2 else c + 9), False),  # follows what is there
        (totals(lambda c: c + 9), True),
        (totals(lambda c: 0 if c == 2 else c + 9), False),  # a mean without the zero
        (linked("=D1+$A$2"), False),  # one purchase
        (second("=A{}"), False),  # links fetch what they need
        (second("=A{}*2"), True),
        ([[n, n, f'=IFERROR(A{m},"")'] for n, m in enumerate((1, 2, 3, 9, 5, 6, 7), 1)], False),
        ([[1, 2, "=SUM(A1,A2,A3,A4,B9)"], [3, 4, "=A1+1"], *[[n, n * 2] for n in range(8)]], True),
        (
            [[1, 2, "=SUM(A1,A2,A3,A4,B9)"], [3, 4, "=A5+B5"], *[[n, n * 2] for n in range(8)]],
            False,
        ),
        (picked("INDEX"), False),
        (areas(None), False),  # the wall has no width
        (areas(9), True),
        (crossing(1), True),
        (crossing(6), False),  # the whole row is
        ([[n + 1, *(f"={c}1*2" for c in "ABCDEF"), "=SUM(C1:G1)"] for n in range(1)], False),
    ],
)
def test_what_lines_do_on_purpose(grid, rows, found):
    assert any(rule[0] == "E" for rule, _ in grid(*rows)) is found
