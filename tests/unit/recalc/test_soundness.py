import pytest

from xlcity.recalc.soundness import unsound
from xlcity.xlsx.cells import Book, Cell, Sheet

NAMES = {"in_x": "S!$A$1:$A$9", "par_x": "S!$A$1"}


def judge(formula: str, engine: str = "formualizer") -> list[str]:
    sheet = Sheet("S", "", cells={(1, 1): Cell(None, formula)})
    return unsound(Book({"S": sheet}, NAMES), engine, {"ZSCORE_WINSOR"})


@pytest.mark.parametrize(
    "formula",
    [
        "SUMPRODUCT(A1:A9,B1:B9)/SUM(B1:B9)",
        'COUNTIF(A1:A9,">"&A1)+1',
        "_xlfn.STDEV.P(A1:A9)",
        "SUM((A1:A9>B1)*1)",
        "SUM(IFERROR(A1:A9,0))",
        "INDEX(A1:C9,MATCH(B1,A1:A9,0),2)",
        "INDEX(Data!D$8:D$125,$D12)",
        'IF(TYPE(A1)=1,"ok",SUMPRODUCT((in_x=TRIM(A1))*1))',
        "ROUND(SUM(A1:A9),9)",
        "MAX(IFERROR((A1:B9-C1:D9)^2/(1+A1:B9^2),0))+(COUNT(A1:B9)<>COUNT(C1:D9))*1",
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
        ("MMULT(A1:B2,C1:D2)", ["MMULT"]),
        ("SUMPRODUCT(ABS(A1:A9))", ["ABS(range)"]),
        ("SUMPRODUCT(ABS((A1:A9-B1)*2))", ["ABS(range)"]),
        ("SUMPRODUCT(ISNUMBER(in_x)*1)", ["ISNUMBER(range)"]),
        ("SUMPRODUCT(1/COUNTIF(A1:A9,A1:A9))", ["COUNTIF(range)"]),
        ('SUM(COUNTIF(A1:A9,{"a","b"}))', ["COUNTIF({...})"]),
        ("SUMPRODUCT(--(A1:A9=1))", ["SUMPRODUCT(--...)"]),
        ("SUM(INDEX(A1:C9,0,2))", ["INDEX(whole row or column)"]),
        ("SUM(INDEX(A1:C9,,MATCH(1,B1:B9,0)))", ["INDEX(whole row or column)"]),
        ("SUM(INDEX(A1:C9,MATCH(1,B1:B9,0),0))", ["INDEX(whole row or column)"]),
        ('TEXT(A1,"yyyy")', ["TEXT"]),
        ("CHAR(A1)&CHAR(160)", ["CHAR"]),
        ("OFFSET(A1,1,0)+NOSUCH(1)", ["NOSUCH", "OFFSET"]),
        ("_xlfn._xlws.SORT(A1:A9)", ["SORT"]),
    ],
)
def test_what_formualizer_is_not_trusted_with(formula, named):
    assert judge(formula) == named


def test_each_engine_has_its_own_list():
    assert judge("_xlfn.XLOOKUP(A1,B1:B9,C1:C9)") == []
    assert judge("_xlfn.XLOOKUP(A1,B1:B9,C1:C9)", "libreoffice") == ["XLOOKUP"]
    assert judge("SUMPRODUCT(ABS(A1:A9))", "libreoffice") == []
    assert judge("NOSUCH(A1)", "formulas") == []
