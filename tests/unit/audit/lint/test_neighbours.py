"""Numbers and ranges unlike nine in ten of their neighbours, and what people mean that way."""

import pytest
import xlsxwriter
from xlsxwriter.utility import xl_range

from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint.run import lint

LOOK = {"num_format": "0.0"}


@pytest.fixture
def named(tmp_path):
    """Return what lints a column of products with some cells that hold something else.

    The causes, each as (rule, severity, cell or region).
    """

    def lint_column(cells, formula="=A{row}*B{row}", rows=40):
        book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
        sheet = book.add_worksheet("S")
        look = book.add_format(LOOK)
        for row in range(1, rows + 1):
            sheet.write_row(f"A{row}", [row * 1.5, row + 0.25])
            sheet.write_formula(
                f"C{row}",
                formula.format(row=row, before=row - 1 or 41, end=row + 39),
                look,
                1,
            )
        for cell, content in cells.items():
            sheet.write(cell, content, look)
        book.close()
        findings = lint(tmp_path / "book.xlsx").findings
        return {(f.rule, f.severity, f.region or f.cell) for f in findings}

    return lint_column


def test_a_typed_number_is_an_error_and_another_formula_is_meant(named):
    odd = {"C9": "=A9*B8+1", "C18": "=SUM(A$1:A18)", "C33": 17.5}
    assert named(odd) == {("E02", "error", "C33")}


@pytest.mark.parametrize(
    ("formula", "is_slip"),
    [
        ("=A9*B$3-B9", True),
        ("=A9*B$2+B9", True),
        ("=A9/B$2-B9", True),
        ("=A9*B$2-B8", True),
        ("=A9*B$3+B9", False),
        ("=A9*B9-B9", False),  # B9 without a $ is another sort of cell
        ("=A9*B$2-A$2:B$2", False),
        ("=A9*B$2-2", False),
        ("=-A9*B$2-B9", True),
        ("=A9*(B$2-B9)", True),
        ("=A9*MAX(B$2)-B9", False),
    ],
)
def test_one_other_cell_or_sign_is_a_slip(named, formula, is_slip):
    for cell, typed in (
        ("C9", formula),
        ("C1", formula.replace("9", "1").replace("8", "3")),
    ):
        slip = {("E03", "warning", cell)} if is_slip else set()
        assert named({cell: typed}, "=A{row}*B$2-B{row}") == slip
    # The last one may be a total.
    assert named(
        {"C40": formula.replace("9", "40").replace("8", "41")}, "=A{row}*B$2-B{row}"
    ) == ({("E03", "warning", "C40")} if formula.endswith("B8") else set())


@pytest.mark.parametrize(
    ("odd", "formula", "found"),
    [
        ({"C9": "=B9-A9"}, "=A{row}-B{row}", {("E03", "warning", "C9")}),
        ({"C9": "=B9+A9"}, "=A{row}+B{row}", set()),  # the same sum
        ({"C9": "=A9*10"}, "=A{row}*100", {("E03", "warning", "C9")}),
        ({"C9": "=10"}, "=100", set()),  # typed as a formula
        ({"C9": "=SUM(A9:B9)"}, "=AVERAGE(A{row}:B{row})", {("E03", "warning", "C9")}),
        ({"C40": "=SUM(A40:B40)"}, "=AVERAGE(A{row}:B{row})", set()),
        # The best value is the largest or the smallest, as more or less is better.
        ({"C9": "=MIN(A9:B9)"}, "=MAX(A{row}:B{row})", set()),
        ({"C9": "=LARGE(A9:B9,1)"}, "=SMALL(A{row}:B{row},1)", set()),
        (
            {"C9": "=A9-MIN(A9:B9)"},
            "=A{row}-MAX(A{row}:B{row})",
            {("E03", "warning", "C9")},
        ),
        # How a function works: in what order it ranks, whether a lookup has to match.
        (
            {"C9": "=RANK(A9,A$1:A$40,1)"},
            "=RANK(A{row},A$1:A$40)",
            {("E03", "warning", "C9")},
        ),
        (
            {"C9": "=MATCH(A9,B$1:B$40)"},
            "=MATCH(A{row},B$1:B$40,0)",
            {("E03", "warning", "C9")},
        ),
        (
            {"C9": "=VLOOKUP(A9,A$1:B$40,2,TRUE)"},
            "=VLOOKUP(A{row},A$1:B$40,2,FALSE)",
            {("E03", "warning", "C9")},
        ),
        ({"C9": "=ROUND(A9,B9)"}, "=ROUND(A{row},1)", set()),
        (
            {"C9": "=IF(A9>B9,1,0)"},
            "=IF(A{row}>=B{row},1,0)",
            {("E03", "warning", "C9")},
        ),
        ({"C9": "=IF(A9=B9,1,0)"}, "=IF(A{row}>=B{row},1,0)", set()),
        (
            {"C9": "=A9/SUM(B$1:B$40)"},
            "=A{row}/SUM(A$1:A$40)",
            {("E03", "warning", "C9")},
        ),
        (
            {"C1": "=RANK(A1,A$1:A$39)"},
            "=RANK(A{row},A$1:A$40)",
            {("E04", "warning", "C1")},
        ),
        ({"C40": "=RANK(A40,A$1:A$39)"}, "=RANK(A{row},A$1:A$40)", set()),
        # The first of a series reads an opening value; growing ranges begin with one cell.
        ({"C1": "=A1+B1"}, "=C{before}+B{row}", set()),
        ({"C1": "=B1"}, "=SUM(B$1:B{row})", set()),
    ],
)
def test_numbers_swapped_cells_and_fixed_ranges_may_slip(named, odd, formula, found):
    assert named(odd, formula) == found


@pytest.mark.parametrize(
    ("odd", "found"),
    [("=A9/SQRT(SUM(B$1:B$40^2))", {"E03"}), (0.25, {"E02"}), ("=A9+B9", set())],
)
def test_array_formulas_of_one_cell_are_filled_down_like_others(tmp_path, odd, found):
    """As Excel before 2019, LibreOffice and Google Sheets write {=A1/SQRT(SUM(A$1:A$40^2))}."""
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet("S")
        look = book.add_format(LOOK)
        for row in range(1, 41):
            sheet.write_row(f"A{row}", [row * 1.5, row + 0.25])
            formula = f"{{=A{row}/SQRT(SUM(A$1:A$40^2))}}"
            sheet.write_array_formula(f"C{row}:C{row}", formula, look, 1)
        if isinstance(odd, str):
            sheet.write_array_formula("C9:C9", f"{{{odd}}}", look, 1)
        else:
            sheet.write("C9", odd, look)
    findings = lint(tmp_path / "book.xlsx").findings
    assert {(f.rule, f.cell) for f in findings} == {(rule, "C9") for rule in found}
    assert all(f.remedy == "Restore {=A9/SQRT(SUM(A$1:A$40^2))}" for f in findings)


@pytest.mark.parametrize(
    ("odd", "formula", "is_slip"),
    [
        ("=A{row}+D{row}", "=A{row}+B{row}+D{row}", True),
        ("=B{row}+D{row}", "=A{row}+B{row}+D{row}", True),
        ("=A{row}*0.3", "=A{row}*0.3+B{row}*0.7", True),
        ("=A{row}*B{row}+5", "=A{row}*B{row}", True),
        ("=A{row}*B{row}*1.1", "=A{row}*B{row}", True),
        ("=A{row}+B$50", "=A{row}", True),
        ("=B{row}", "=B{row}+C{before}", False),  # the running sum of another group
        ("=SUM(A{row},B{row})", "=SUM(A{row},B{row},D{row})", False),
        ("=A{row}*B{row}+5-D{row}*2", "=A{row}*B{row}", False),
    ],
)
def test_a_term_that_one_formula_lacks_or_has_alone(named, odd, formula, is_slip):
    for row in (1, 9, 40):
        cell = f"C{row}"
        typed = {cell: odd.format(row=row), "D60": 1}
        slip = {("E03", "warning", cell)} if is_slip else set()
        assert {f for f in named(typed, formula) if f[0] == "E03"} == slip


def test_in_a_block_few_neighbours_in_a_row_are_enough(named):
    """Of a block of three by four, each cell has five others in its row and column."""
    block = {f"{c}{row}": f"={c}$50*$A{row}" for c in "EFGH" for row in (2, 3, 4)}
    heads = {f"{c}{row}": 2 for c in "EFGH" for row in (49, 50)}
    assert named(block | heads) == set()
    assert named(block | heads | {"E2": "=E$49*$A2"}) == {("E03", "warning", "E2")}
    assert named(block | heads | {"F3": "=F$50/$A3"}) == {("E03", "warning", "F3")}
    assert (
        named({c: f for c, f in block.items() if c[0] in "EF"} | {"E2": "=E$49*$A2"})
        == set()
    )


@pytest.mark.parametrize(
    ("odd", "region"),
    [
        ({f"F{row}": f"=F{row + 20}/$G$50" for row in range(2, 7)}, "F2:F6"),
        ({f"H{row}": f"=H{row + 20}/$G$50" for row in range(2, 7)}, "H2:H6"),
        ({f"F{row}": f"=E{row + 20}/$F$50" for row in range(2, 7)}, "F2:F6"),
        (
            {f"F{row}": f"=F{row + 20}/$F$49" for row in range(2, 7)},
            None,
        ),  # another row is meant
        (
            {f"F{row}": f"=F{row + 20}/$D$50" for row in range(2, 7)},
            None,
        ),  # nobody reads D50
        ({f"{c}{r}": f"={c}{r + 20}/$G$50" for c in "FH" for r in range(2, 7)}, None),
    ],
)
def test_a_column_that_reads_the_column_of_its_neighbour(named, odd, region):
    block = {
        f"{c}{row}": f"={c}{row + 20}/${c}$50" for c in "EFGH" for row in range(2, 7)
    }
    assert named(block) == set()
    assert named(block | odd) == ({("E03", "warning", region)} if region else set())


def test_what_the_neighbour_reads_is_said(named, tmp_path):
    named(
        {f"{c}2": f"={c}$50*{number}" for number, c in enumerate("EFGH", 2)}
        | {"F2": "=G$50*3"}
    )
    (finding,) = lint(tmp_path / "book.xlsx").findings
    assert (
        finding.message
        == "G50 is read, as by the neighbouring cell G2, instead of F50."
    )


def test_what_a_typed_number_replaced_is_said(named, tmp_path):
    named({"C33": 17.0})
    (finding,) = lint(tmp_path / "book.xlsx").findings
    assert finding.message.startswith("17 is in a run of formulas ")
    assert finding.remedy == "Restore =A33*B33"


def test_another_range_is_one_that_is_shorter_or_longer(named):
    odd = {"C9": "=A9/SUM(A$1:A$39)"}
    assert named(odd, "=A{row}/SUM(A$1:A$40)") == {("E04", "warning", "C9")}


def test_a_plus_before_a_formula_is_no_other_formula(named):
    """As accountants type it: a third of a row of means in a table of 36 countries."""
    plus = {f"C{row}": f"=+A{row}/SUM(A$1:A$40)" for row in range(1, 13)}
    odd = {**plus, "C20": "=A20/SUM(A$2:A$37)"}
    assert named(odd, "=A{row}/SUM(A$1:A$40)") == {("E04", "warning", "C20")}


def test_nine_in_ten_have_to_agree(named):
    other = {f"C{row}": f"=A{row}+B{row}" for row in (5, 12, 20, 30)}
    assert named({**other, "C33": 17.5}) == set()
    del other["C30"]
    assert named({**other, "C33": 17.5}) == {("E02", "error", "C33")}
    assert named({"C3": 1.5}, rows=5) == {("E02", "error", "C3")}
    assert named({"C3": 1.5}, rows=4) == set()


def test_the_ends_of_a_block_are_headings_and_totals(named):
    assert named({"C1": 3, "C41": "=SUM(C1:C40)"}) == set()
    assert (
        named({"E1": 1} | {f"E{row}": f"=E{row - 1}+1" for row in range(2, 30)})
        == set()
    )


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("=SUM(D2:D8)", "=SUM(J2:J9)", {("E04", "warning", "D50")}),
        ("=SUM(D2:D9)", "=SUM(J2:J8)", {("E04", "warning", "J50")}),
        ("=SUM(D2:D9)", "=SUM(J2:J10)", {("E04", "warning", "J50")}),
        ("=SUM(D2:D9)", "=AVERAGE(J2:J8)", set()),
        ("=SUM(D2:D9)", "=SUM(D50:I50)", set()),  # a total of the totals
        ("=SUM(D2:D9)", "=SUM(I2:J9)", set()),  # it takes another column in
    ],
)
def test_the_first_and_last_total_cover_the_rows_of_the_others(
    named, first, last, found
):
    totals = {f"{column}50": f"=SUM({column}2:{column}9)" for column in "EFGHI"}
    assert named({**totals, "D50": first, "J50": last}) == found


def test_rows_that_cross_a_block_are_meant(named):
    block = {f"{c}{row}": f"={c}$50*$A{row}" for c in "DEFGH" for row in range(1, 41)}
    heads = {f"{c}50": 2 for c in "DEFGH"}
    totals = {f"{c}20": f"=SUM({c}1:{c}19)" for c in "CDEFGH"}
    typed = {f"{c}30": 7 for c in "CDEFGH"}
    assert named(block | heads) == set()
    assert named(block | heads | totals | typed) == set()
    assert {cell for _, _, cell in named(block | heads | {"F30": 7})} == {"F30"}


def test_a_number_of_another_look_and_a_gap_are_meant(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet = book.add_worksheet("S")
    look = book.add_format(LOOK)
    for row in range(1, 30):
        sheet.write(f"A{row}", row)
        sheet.write_formula(f"C{row}", f"=A{row}*2", look, row * 2)
    sheet.write("C9", 3, book.add_format({"bg_color": "#FFFF00"}))
    sheet.write_blank("C19", None, look)
    book.close()
    assert not lint(tmp_path / "book.xlsx").findings


def test_links_that_read_another_cell_each_are_no_block(named):
    links = {f"E{row}": f"=$A${row * 7 % 40 + 1}" for row in range(1, 30)}
    assert named(links) == set()
    assert named({**links, "E12": 4}) == set()


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("=A{row}/SUM(A{row}:A{end})", {("E04", "warning", "C1:C40")}),
        ("=RANK(A{row},A{row}:A{end},1)", {("E04", "warning", "C1:C40")}),
        ("=A{row}/SUM(A$1:A$40)", set()),
        ("=RANK(A{row},A{row}:A$40)", set()),
        # Sums of the rows below, and of the row alone, are meant to move.
        ("=SUM(A{row}:A{end})", set()),
        ("=A{row}/SUM(A{row}:B{row})", set()),
    ],
)
def test_a_range_without_a_dollar_moves_down_with_its_formula(named, formula, found):
    assert named({}, formula) == found


def test_one_share_in_each_block_moves_with_its_block(named):
    shares = {f"E{row}": f"=A{row}/SUM(A{row}:A{row + 2})" for row in (2, 9, 16, 23)}
    assert named(shares) == set()
    assert named({**shares, "E3": "=A3/SUM(A3:A5)"}) == set()
    filled = {f"E{row}": f"=A{row}/SUM(A{row}:A{row + 2})" for row in (2, 3, 4)}
    assert named(shares | filled) == {("E04", "warning", "E2:E4")}


@pytest.mark.parametrize(
    ("formula", "rows", "found"),
    [
        ("=RANK(A{row},A$1:A$39)", 40, {("E04", "warning", "C1:C40")}),
        (
            "=(A{row}-MIN($A$5:$A$40))/STDEV(B$1:B$40)",
            40,
            {("E04", "warning", "C1:C40")},
        ),
        ("=RANK(A{row},A$1:A$35)", 40, set()),  # five of forty are left out on purpose
        ("=RANK(A{row},A$1:A$4)", 5, {("E04", "warning", "C1:C5")}),
        ("=RANK(A{row},A$1:A$3)", 4, set()),
        ("=A{row}/SUM(B$1:B$39)", 40, set()),  # another column
        ("=RANK(A{row},A$1:B$39)", 40, set()),
    ],
)
def test_a_number_is_compared_with_a_range_that_leaves_out_the_last(
    named, formula, rows, found
):
    assert named({}, formula, rows) == found


def test_a_total_below_the_range_that_it_sums_is_meant(named):
    total = {"A40": "=SUM(A1:A39)"}
    assert named(total, "=A{row}/SUM(A$1:A$39)") == set()


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ([0.2, 0.25, 0.2, 0.18, 0.15], {("E06", "warning", "F2")}),
        ([20, 25, 20, 18, 25], {("E06", "warning", "F2")}),
        ([0.2, 0.25, 0.2, 0.35], set()),
        ([0.333, 0.333, 0.333], set()),  # rounded
        ([0.5, 0.5, 0.5, 0.5], set()),  # of two groups
        ([0.5, 0.48], set()),
    ],
)
@pytest.mark.parametrize("across", [False, True])
def test_weights_below_or_beside_the_word_sum_to_one(named, weights, found, across):
    cells = {"F1": "权重", "C41": "=SUM(F2:F9)+SUM(G1:K1)"}
    for number, weight in enumerate(weights):
        cells["GHIJK"[number] + "1" if across else f"F{number + 2}"] = weight
    found = {(rule, level, "G1" if across else cell) for rule, level, cell in found}
    assert named(cells) == found
    for heading in (
        "w_j",
        "Peso (%)",
        "Ponderación",
        "Gewichtung",
        "poids",
        "Вес",
        "权数",
    ):
        assert named({**cells, "F1": heading}) == found
    assert named({**cells, "F1": "x"}) == set()
    if found:  # the others come after a gap
        rest = round((1 if weights[0] < 1 else 100) - sum(weights), 2)
        assert named({**cells, "N1" if across else "F12": rest}) == set()
    del cells["C41"]  # nothing reads them
    assert named(cells) == set()


def test_importance_from_1_to_10_may_have_any_sum(named):
    cells = {f"F{row}": weight for row, weight in enumerate([10, 8, 9] * 4, 2)}
    assert named({**cells, "F1": "weight", "C41": "=SUM(F2:F13)"}) == set()


def test_what_a_number_left_out_of_its_ranking_gets_is_told_with_that(tmp_path):
    path = tmp_path / "ranked.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for row in range(2, 14):
            value = "#N/A" if row == 13 else 13 - row
            sheet.write(f"A{row}", row * 2.5)
            sheet.write_formula(f"B{row}", f"=RANK(A{row},A$2:A$12)", None, value)
    checked = check_workbook(path, ("formualizer",))
    (finding,) = checked.findings
    assert (finding.rule, [follows.rule for follows in finding.follows]) == (
        "E04",
        ["E01"],
    )
    assert checked.verdict == "fail"


@pytest.mark.parametrize(
    ("totals", "short"),
    [
        ({"B": "B2:B9", "C": "C2:C8", "D": "D2:D9"}, {"C10"}),
        ({"B": "B2:B9", "C": "C3:C9"}, {"C10"}),
        ({"B": "B2:B9", "C": "C2:C9"}, set()),
        ({"B": "B2:B9", "C": "C2:C5"}, set()),  # half of a column is another total
        ({"B": "B2:B9", "C": "B2:B8"}, set()),
        ({"B": "B2:B9", "E": "E2:E8"}, set()),  # E9 is blank
    ],
)
def test_one_of_a_few_totals_leaves_out_a_number(tmp_path, totals, short):
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet = book.add_worksheet("S")
    for row in range(1, 9):
        sheet.write_row(row, 1, [row * 3, row * 7, row * 11, *[5] * (row < 8)])
    for column, rows in totals.items():
        sheet.write_formula(f"{column}10", f"=SUM({rows})", None, 1)
    book.close()
    findings = lint(tmp_path / "book.xlsx").findings
    assert {f.cell for f in findings if f.rule == "E04"} == short


@pytest.mark.parametrize("across", [True, False])
def test_the_best_value_of_a_criterion_leaves_out_a_number(tmp_path, across):
    """Of six criteria the smallest or the largest value; three alternatives are a short column."""
    size, best = (6, ["MIN", "MAX"] * 3) if across else (3, ["SUM"] * 3)
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet = book.add_worksheet("S")
        for line, function in enumerate(best, 1):
            for place in range(1, size + 1):
                row, column = (place, line) if across else (line, place)
                sheet.write(row, column, line * 7 + place)
            last = size - (line == 2)
            cells = (1, line, last, line) if across else (line, 1, line, last)
            row, column = (size + 1, line) if across else (line, size + 1)
            formula = f"={function}({xl_range(*cells)})"
            sheet.write_formula(row, column, formula, None, 1)
    (finding,) = lint(tmp_path / "book.xlsx").findings
    assert (finding.rule, finding.cell) == ("E04", "C8" if across else "E3")
    message = "C2:C6 instead of C2:C7, " if across else "B3:C3 instead of B3:D3, "
    assert finding.message.startswith(message)


@pytest.mark.parametrize(
    ("rows", "read", "is_slip"), [(3, "B", False), (2, "B", True), (3, "F", True)]
)
def test_a_column_that_reads_one_far_column_in_several_rows_is_meant(
    tmp_path, rows, read, is_slip
):
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet = book.add_worksheet("S")
    for row in range(2, 2 + 3 * rows, 3):  # opening and closing balances
        sheet.write_row(row - 1, 1, [row * 100 + column for column in range(10)])
        for column in "CDEFGHIJK":
            before = read if column == "H" else chr(ord(column) - 1)
            sheet.write_formula(f"{column}{row + 1}", f"={before}{row}*1.5", None, 1)
    book.close()
    findings = lint(tmp_path / "book.xlsx").findings
    assert {f.cell for f in findings if f.rule == "E03"} == (
        {"H3"} if is_slip else set()
    )
