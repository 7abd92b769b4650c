import pytest

from xlcity.errors import CellError
from xlcity.recalc.soundness import Scan
from xlcity.recalc.verdicts import Verified
from xlcity.xlsx.cells import Book, Cell, Sheet

NAMES = {"in_x": "S!$A$1:$A$9", "par_x": "S!$A$1"}


def judge(formula: str, engine: str = "formualizer", **cells: object) -> list[str]:
    sheet = Sheet(
        "S",
        "",
        cells={
            (7, 5): Cell(None, formula),
            **{(r, c): Cell(float(r * c)) for r in range(1, 10) for c in range(1, 5)},
            **{(int(name[1]), ord(name[0]) - 64): Cell(value) for name, value in cells.items()},
        },
    )
    book = Book({"S": sheet}, NAMES)
    return Scan(book, {"ZSCORE_WINSOR"}).doubts(engine, book.value).names()


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
        ("SUMPRODUCT(1/COUNTIF(A1:A9,A1:A9))", ["COUNTIF(range, range)"]),
        ('SUM(COUNTIF(A1:A9,{"a","b"}))', ["COUNTIF(range, {...})"]),
        ('SUMPRODUCT(--(LEFT(A1:A9,1)="a"))', ["LEFT(range, ..)"]),
        ("OFFSET(A1,1,0)+NOSUCH(1)", ["NOSUCH", "OFFSET"]),
        ("[1]Other!A1+1", ["a reference to another workbook"]),
        ("ABS(A1:A9)", ["ABS(one cell of a range)"]),
    ],
)
def test_what_formualizer_is_not_trusted_with(formula, named):
    assert [name for name in judge(formula) if name in named] == named


def test_each_engine_has_its_own_list():
    assert judge("_xlfn.XLOOKUP(A1,B1:B9,C1:C9)") == []
    assert judge("_xlfn.XLOOKUP(A1,B1:B9,C1:C9)", "libreoffice") != []
    assert judge("SUMPRODUCT(ABS(A1:A9))", "libreoffice") == []
    assert judge("SUM(A1:A9)", "nobody") == ["SUM(range)"]


def test_what_stands_in_the_cells_matters():
    table = Verified("function\tway\tformualizer\nSUM\tr\tnb|\n")

    def doubts(value: object) -> list[str]:
        cells = {(1, 1): Cell(value), (2, 1): Cell(3.0), (1, 3): Cell(None, "SUM(A1:A2)")}
        book = Book({"S": Sheet("S", "", cells=cells)})
        return Scan(book, (), table).doubts("formualizer", book.value).names()

    assert doubts(1.0) == doubts(None) == []
    assert doubts(True) == ["SUM(range) with a truth value"]
    assert doubts("x") == ["SUM(range) with text"]
    assert doubts("") == ["SUM(range) with an empty text"]
    assert doubts(CellError.NA) == ["SUM(range) with an error"]


def test_copies_are_told_apart_by_the_cells_they_name():
    table = Verified("function\tway\tformualizer\nABS\tn\tn\n")
    cells = {(r, 1): Cell("x" if r == 3 else float(r)) for r in range(1, 6)}
    cells |= {(r, 2): Cell(None, f"ABS(A{r})") for r in range(1, 6)}
    book = Book({"S": Sheet("S", "", cells=cells)})
    doubts = Scan(book, (), table).doubts("formualizer", book.value)
    assert list(doubts.cells) == [("S", (3, 2))]
