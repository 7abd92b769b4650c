import pytest

from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError
from xlcity.recalc.support.compatibility import ENGINES, CompatibilityTable, verified
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.xlsx.address import Range, cell_name, parse_cell
from xlcity.xlsx.cells import Cell, ReadBook
from xlcity.xlsx.formulas.tokens import form, spans

NAMES = {"in_x": "S!$A$1:$A$9", "par_x": "S!$A$1"}


def judge(formula: str, engine: str = "formualizer", **cells: object) -> list[str]:
    sheet = sheet_of(
        "S",
        {
            (7, 5): Cell(None, formula),
            **{(r, c): Cell(float(r * c)) for r in range(1, 10) for c in range(1, 5)},
            **{(int(name[1]), ord(name[0]) - 64): Cell(value) for name, value in cells.items()},
        },
    )
    book = ReadBook({"S": sheet}, NAMES)
    return SupportCheck(book, {"ZSCORE_WINSOR"}).doubts(engine).names()


@pytest.mark.parametrize(
    "formula",
    [
        "SUMPRODUCT(A1:A9,B1:B9)/SUM(B1:B9)",
        'COUNTIF(A1:A9,">"&A1)+1',
        "_xlfn.STDEV.P(A1:A9)",
        "SUMPRODUCT((A1:A9>B1)*1)",
        "INDEX(A1:C9,MATCH(B1,A1:A9,0),2)",
        "INDEX(S!D$1:D$9,$D2)",
        'IF(TYPE(A1)=1,"ok",SUMPRODUCT((in_x=TRIM(A1))*1))',
        "ROUND(SUM(A1:A9),9)",
        'COUNTIFS(A1:A9,B1,C1:C9,"<="&D1)',
        'TEXT(ROUND(A1,1),"0.0")&"x"',
        'SUBSTITUTE(A1," ",CHAR(10),3)',
        "ZSCORE_WINSOR(A1:A9)",
        "ROUND(par_x,2)",
        '"MMULT(a)"&A1',
    ],
)
def test_the_idioms_of_the_templates_are_sound(formula):
    assert judge(formula) == []


@pytest.mark.parametrize(
    ("formula", "named"),
    [
        ("SUM(MMULT(A1:B2,C1:D2))", ["MMULT(range, range)"]),
        ("SUMPRODUCT(ABS(A1:A9))", ["ABS(range)"]),
        ("SUMPRODUCT(ABS((A1:A9-B1)*2))", ["ABS(array)"]),
        ("SUMPRODUCT(ISNUMBER(in_x)*1)", ["ISNUMBER(range)"]),
        ("SUMPRODUCT(ISNUMBER(S!A1:A9)*(S!A1:A9>2))", ["ISNUMBER(range)"]),
        ("SUMPRODUCT(1/COUNTIF(A1:A9,A1:A9))", ["COUNTIF(range, range)"]),
        ('SUM(COUNTIF(A1:A9,{"a","b"}))', ["COUNTIF(range, {...})"]),
        ('SUMPRODUCT(--(LEFT(A1:A9,1)="a"))', ["LEFT(range, ..)"]),
        ("OFFSET(A1,1,0)+NOSUCH(1)", ["NOSUCH", "OFFSET"]),
        ("[1]Other!A1+1", ["a reference to another workbook"]),
        ("ABS(A1:A9)", ["ABS(one cell of a range)"]),
        ("MATCH(1,#REF!,0)+ROWS(S!#REF!)", ["#REF! in MATCH", "#REF! in ROWS"]),
    ],
)
def test_what_formualizer_is_not_trusted_with(formula, named):
    assert [name for name in judge(formula) if name in named] == named


def test_each_engine_has_its_own_list():
    assert judge("_xlfn.XLOOKUP(A1,B1:B9,C1:C9)") == []
    assert judge("_xlfn.XLOOKUP(A1,B1:B9,C1:C9)", "libreoffice") != []
    assert judge("SUMPRODUCT(ABS(A1:A9))", "libreoffice") == []
    assert judge("MATCH(A1,B1:B1,0)") == []
    assert judge("MATCH(A1,B1:B1,0)", "ironcalc") != []
    assert judge("SUM(A1:A9)", "nobody") == ["SUM(range)"]


def test_what_stands_in_the_cells_matters():
    table = CompatibilityTable("function\tway\tformualizer\nSUM\tr\tnb|\n")

    def doubts(value: object) -> list[str]:
        cells = {(1, 1): Cell(value), (2, 1): Cell(3.0), (1, 3): Cell(None, "SUM(A1:A2)")}
        book = ReadBook({"S": sheet_of("S", cells)})
        return SupportCheck(book, (), table).doubts("formualizer").names()

    assert doubts(1.0) == doubts(None) == []
    assert doubts(True) == ["SUM(range) with a truth value"]
    assert doubts("x") == ["SUM(range) with text"]
    assert doubts("") == ["SUM(range) with an empty text"]
    assert doubts(CellError.NA) == ["SUM(range) with an error"]


def test_copies_are_told_apart_by_the_cells_they_name():
    table = CompatibilityTable("function\tway\tformualizer\nABS\tn\tn\n")
    cells = {(r, 1): Cell("x" if r == 3 else float(r)) for r in range(1, 6)}
    cells |= {(r, 2): Cell(None, f"ABS(A{r})") for r in range(1, 6)}
    book = ReadBook({"S": sheet_of("S", cells)})
    doubts = SupportCheck(book, (), table).doubts("formualizer")
    assert list(doubts.cells) == [("S", (3, 2))]


#: ABS and SUM are trusted with numbers and blanks alone.
NUMBERS_ONLY = CompatibilityTable("function\tway\tformualizer\nABS\tn\tnb\nSUM\tr\tnb|\n")


def doubtful(names=None, **sheets):
    """Return the doubtful cells of a workbook: sheet -> {address: value, or formula with =}."""
    made = {}
    for name, cells in sheets.items():
        made[name] = sheet_of(
            name,
            {
                parse_cell(place): Cell(None, value[1:])
                if isinstance(value, str) and value.startswith("=")
                else Cell(value)
                for place, value in cells.items()
            },
        )
    book = ReadBook(made, names or {})
    found = SupportCheck(book, (), NUMBERS_ONLY).doubts("formualizer")
    return {f"{sheet}!{cell_name(*position)}" for sheet, position in found.cells}


def test_sheets_that_differ_in_digits_are_no_copies():
    # Only the second sheet holds a text, and its formula is not the first of its kind.
    found = doubtful(
        S={"A1": "=ABS(Matrix17!A1)", "A2": "=ABS(Matrix18!A2)", "A3": "=ABS('Matrix18'!A2)"},
        Matrix17={"A1": 1.0, "A2": 2.0},
        Matrix18={"A1": 1.0, "A2": "x"},
    )
    assert found == {"S!A2", "S!A3"}


def test_names_that_differ_in_digits_are_no_copies():
    names = {"rate_1": "T!$A$1", "rate_2": "T!$B$1", "Rate_3": "ABS(T!$B$1)"}
    found = doubtful(
        names,
        S={"A1": "=ABS(rate_1)", "A2": "=ABS(RATE_2)", "A3": "=rate_1+0", "A4": "=rate_3+0"},
        T={"A1": 1.0, "B1": "x"},
    )
    # "+" is not in the list at all.
    assert found == {"S!A2", "S!A3", "S!A4"}


def test_a_name_relative_to_its_cell_is_looked_up_from_each():
    found = doubtful(
        {"left": "S!A1"}, S={"A2": 1.0, "A3": "x", "B2": "=ABS(left)", "B3": "=ABS(left)"}
    )
    # Seen from A1 it is the cell itself: from B2 it is B2, from B3 B3.
    assert found == set()
    found = doubtful(
        {"below": "S!A2"}, S={"A1": "=ABS(below)", "B1": "=ABS(below)", "A2": 1.0, "B2": "x"}
    )
    assert found == {"S!B1"}


def test_a_range_of_one_cell_is_used_as_one_cell():
    cells = {"A1": "=SUM(B1:B9)", "A2": "=SUM(B2:B2)", "A3": "=SUM(B3:B9)"}
    assert doubtful(S=cells) == {"S!A2"}
    assert doubtful(S=dict(reversed(cells.items()))) == {"S!A2"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SUM(T!B1:B9)", "SUM(T!B1:T!B9)"),
        ("ABS(T!B1)", "ABS('T:U'!B1)"),
        ('SUM(B1:B9,"B1")', "SUM(B1:B9,B1)"),
        ("SUM(B1:B9)", "SUM(数B1:B9)"),
    ],
)
def test_formulas_that_look_like_copies_are_read_each(first, second):
    sheets = {"T": {"B1": 1.0}, "U": {"B1": 1.0}}
    alone = doubtful(S={"A1": f"={second}"}, **sheets)
    both = doubtful(S={"A2": f"={first}", "A1": f"={second}"}, **sheets)
    assert alone == {"S!A1"}
    assert "S!A1" in both


def test_references_are_found_again_in_every_copy():
    formula = "SUM($C$9:$C$1,'It''s'!B{0}:D{1},$F:$F,1:2)+ABS(It!$B{0})&\"A1 '\""
    for low, high in ((1, 9), (3, 4), (8, 2)):
        text = formula.format(low, high)
        areas = [ref.area("S", 5, 5) for ref in form(text, 5, 5).refs]
        found = [
            Range(spot.sheet or "S", rows[0], spot.c1, rows[1], spot.c2)
            for spot in spans(formula.format(1, 1))
            for rows in [spot.rows(text)]
        ]
        assert found == areas


@pytest.mark.parametrize(("name", "trusted"), [("AND", False), ("OR", False), ("XOR", True)])
def test_ironcalc_stops_at_what_decides_and_is_not_trusted_with_errors_behind_it(name, trusted):
    marks = verified().ways(name)["n"]
    assert ("x" in marks[ENGINES.index("ironcalc")]) == trusted
    assert "x" in marks[ENGINES.index("formualizer")]
