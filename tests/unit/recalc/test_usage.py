import pytest

from xlcity.recalc.support.catalogue import FunctionSignature, catalogue, signatures
from xlcity.recalc.support.compatibility import describe
from xlcity.recalc.support.range_types import content_letter
from xlcity.recalc.support.usage import NameMeanings, uses

BRACKETS = "brackets around & or a comparison"
NAMES = NameMeanings(
    signatures(),
    frozenset(("ZSCORE_WINSOR",)),
    {"IN_X": "S!$A$1:$A$9", "PAR_X": "S!$A$1", "TWICE": "S!$A$1:$A$3*2"},
)


def ways(formula: str, array: tuple[int, int] | None = None) -> set[str]:
    return {f"{use.name} {use.way}".strip() for use in uses(formula, 2, 3, NAMES, array)}


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("ABS(A1)", {"ABS n"}),
        ("ABS(-2)", {"ABS n", "u- n"}),
        ("SUM(A1:A9,B1,3)", {"SUM r", "SUM n"}),
        ("SUM(A:A)", {"SUM w"}),
        ("SUM(1:3)", {"SUM w"}),
        ("SUM(in_x)", {"SUM r"}),
        ("ABS(par_x)", {"ABS n"}),
        ("ABS(A1:A9)", {"ABS i"}),
        ("SUMPRODUCT(ABS(A1:A9))", {"ABS r", "SUMPRODUCT a"}),
        ("SUM(ABS({1,2}))", {"ABS k", "SUM a"}),
        ("SUM(twice)", {"* r,n", "SUM a"}),
        ("A1:A9", {"@ i"}),
        ('COUNTIF(A1:A9,">"&B1)', {"COUNTIF r,<", "& n,n"}),
        ('COUNTIF(A1:A9,"x*")', {"COUNTIF r,*"}),
        ('COUNTIF(A1:A9,"")', {'COUNTIF r,""'}),
        ("COUNTIF(A1:A9,B1)", {"COUNTIF r,n"}),
        ('COUNTIF(A1:A9,{"a","b"})', {"COUNTIF r,k", "@ a"}),
        ('SUMIFS(A1:A9,B1:B9,1,C1:C9,"<>x")', {"SUMIFS r,r,n", "SUMIFS r,r,<>"}),
        ("MATCH(A1,B1:B9,0)", {"MATCH n,r,=0"}),
        ("MATCH(A1,B1:B9,C1)", {"MATCH n,r,=?"}),
        ("SUM(INDEX(A1:C9,0,2))", {"INDEX r,0,n", "SUM r"}),
        ("INDEX(A1:C9,2,3)", {"INDEX r,n,n"}),
        ("ROUND(A1,)", {"ROUND n,o"}),
        ("IF(A1>1,B1:B3,2)", {"> n,n", "IF n,r", "IF n,n", "@ i"}),
        ("_xlfn.STDEV.P(A1:A9)", {"STDEV.P r"}),
        ("NOSUCH(A1)", {"NOSUCH"}),
        ("[1]Other!A1+1", {"a reference to another workbook", "+ n,n"}),
        ("SUM(Tab[x])", {"a structured reference columns", "SUM r"}),
        ("nobody+1", {"the name NOBODY", "+ n,n"}),
        ("SUM(A1:A3", {"a formula that is not understood"}),
        ("SUM(S1:S3!A1)", {"a reference over several sheets", "SUM r"}),
        ("ZSCORE_WINSOR(A1:A9)", set()),
        ("(A1+A2)*-(A1=A2)", {"+ n,n", "= n,n", "u- n", "* n,n"}),
        ('A1&A2&(A1*2)=""', {"& n,n", "* n,n", "= n,n"}),
        ("(A1&A2)*2", {"& n,n", "* n,n", BRACKETS}),
        ("2*(A1&A2)", {"& n,n", "* n,n", BRACKETS}),
        ("A1&(A2=2)", {"& n,n", "= n,n", BRACKETS}),
        ("A1=(A2<2)", {"= n,n", "< n,n", BRACKETS}),
    ],
)
def test_ways_in_a_plain_formula(formula, found):
    assert ways(formula) == found


@pytest.mark.parametrize(
    ("formula", "array", "found"),
    [
        ("ABS(A1:A9)", (1, 1), {"ABS r", "{} too large"}),
        ("SUM(ABS(A1:A9))", (1, 1), {"ABS r", "SUM a"}),
        ("A1:A3*2", (3, 1), {"* r,n", "{} fits"}),
        ("A1:A3*2", (5, 1), {"* r,n", "{} too small"}),
        ("A1:A3*2", (3, 2), {"* r,n", "{} repeated"}),
        ("SUM(A1:A3)", (2, 2), {"SUM r", "{} one value"}),
        ("MMULT(A1:B2,C1:D2)", (2, 2), {"MMULT r,r", "{} unknown size"}),
        ("ZSCORE_WINSOR(A1:A9)", (9, 1), set()),
        ("A1:A3>1", (3, 1), {"> r,n", "{} fits", "a truth value from an array formula"}),
    ],
)
def test_ways_in_an_array_formula(formula, array, found):
    if array == (1, 1):
        found = {way for way in found if not way.startswith("{}")}
    assert ways(formula, array) == found


def test_signatures_repeat_their_last_group():
    signature = FunctionSignature.parse("r(rc)*", "n")
    assert [signature.letter(i) for i in range(5)] == ["r", "r", "c", "r", "c"]
    assert signature.split(5) == [[0, 1, 2], [0, 3, 4]]
    assert FunctionSignature.parse("vv", "n").split(2) == [[0, 1]]


def test_every_sample_uses_its_function_with_as_many_parameters_as_declared():
    for name, entry in catalogue().items():
        for sample in entry.samples:
            if name in ("TRUE", "FALSE"):
                continue  # written with brackets they are the logical values
            found = [u for u in uses(sample, 1, 1, NAMES, (1, 1)) if u.name == name]
            assert found, sample
            if not entry.signature.group:
                assert len(found[0].arguments) == len(entry.signature.fixed), sample


@pytest.mark.parametrize(
    ("value", "letter"),
    [(None, "b"), ("", "e"), ("x", "s"), ("12.5", "d"), ("-", "s"), (True, "l"), (2.0, "n")],
)
def test_sorts_of_values(value, letter):
    assert content_letter(value) == letter


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("SUMPRODUCT(ABS(A1:A9))", "ABS(range)"),
        ('SUM(COUNTIF(A1:A9,{"a","b"}))', "COUNTIF(range, {...})"),
        ("MATCH(A1,B1:B9,-1)", "MATCH(.., range, -1)"),
        ("SUM(INDEX(A1:C9,0,2))", "INDEX(range, 0, ..)"),
        ("NOSUCH(1)", "NOSUCH"),
    ],
)
def test_uses_in_words(formula, words):
    assert words in {describe(use) for use in uses(formula, 2, 3, NAMES)}
