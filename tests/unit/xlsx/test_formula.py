import pytest

from xlcity.xlsx.formulas.formula import SharedFormula, changed_part, find_calls


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("A1+$A1+A$1+$A$1", "B3+$A3+B$1+$A$1"),
        ("SUM(A1:B2)", "SUM(B3:C4)"),
        ("SUM(A:A)+SUM($A:B)", "SUM(B:B)+SUM($A:C)"),
        ("SUM(1:1)+SUM($1:2)", "SUM(3:3)+SUM($1:4)"),
        ("Sheet1!A1+'A1 b'!A1", "Sheet1!B3+'A1 b'!B3"),
        ("W1!A1", "W1!B3"),
        ('"A1"&A1', '"A1"&B3'),
        ('"say ""A1"""&A1', '"say ""A1"""&B3'),
        ("LOG10(A1)+ATAN2(A1,B1)", "LOG10(B3)+ATAN2(B3,C3)"),
        ("1E5+A1", "1E5+B3"),
        ("par_x+in_data1+x.A1", "par_x+in_data1+x.A1"),
        ("数据A1+数据!A1", "数据A1+数据!B3"),
        ("Table1[[#This Row],[A1]]+A1", "Table1[[#This Row],[A1]]+B3"),
        ("[1]Sheet1!A1", "[1]Sheet1!B3"),
        ("a1+b$2", "B3+C$2"),
        ("A1#", "B3#"),
    ],
)
def test_a_shared_formula_moves_one_right_and_two_down(formula, moved):
    assert SharedFormula(formula, 5, 5).formula_in(7, 6) == moved


def test_where_it_was_written_it_stays():
    text = 'IF($D12="","",INDEX(\'W1\'!D$8:D$125,$D12))'
    assert SharedFormula(text, 12, 4).formula_in(12, 4) == text


def test_references_come_in_again_at_the_other_side():
    assert SharedFormula("A1", 5, 5).formula_in(4, 4) == "XFD1048576"


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("SUM(A1)+max( B1 )", ["SUM", "max"]),
        ("[1]!ZSCORE_WINSOR(A1:A9)", ["ZSCORE_WINSOR"]),
        ("'C:\\add ins\\x.xlam'!ZSCORE_WINSOR(A1)", ["ZSCORE_WINSOR"]),
        ("x.xlam!ZSCORE_WINSOR(A1)", ["ZSCORE_WINSOR"]),
        ("_xldudf_ZSCORE_WINSOR(A1)", ["_xldudf_ZSCORE_WINSOR"]),
        ('"SUM(1)"&A1', []),
        ("'SUM(1)'!A1", []),
        ("(A1+B1)*2", []),
        ("_xlfn.STDEV.P(A1)", ["_xlfn.STDEV.P"]),
    ],
)
def test_calls(formula, names):
    assert [call.name for call in find_calls(formula)] == names


def test_the_prefix_of_an_add_in_is_part_of_the_span():
    formula = "2*[1]!RANK_UNIFORM(A1)"
    (call,) = find_calls(formula)
    assert formula[: call.start] + "X" + formula[call.end :] == "2*X(A1)"


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        (
            "IF(A1,SUM(B1:B3)/2,0)",
            "IF(A1,AVERAGE(B1:B3),0)",
            ("SUM(B1:B3)/2", "AVERAGE(B1:B3)"),
        ),
        ("A1+B1", "A1+B1+2", ("", "+2")),
        ("A1+B1+2", "A1+B1", ("+2", "")),
        ("sum( A1:A3 )", "SUM(A1:A4)", ("A1:A3", "A1:A4")),
        ("F(A1)+F(B1)", "F(A1)+G(B1)", ("F", "G")),
        ("F(A1)", "G(B1)", ("F(A1)", "G(B1)")),
        ("(A1-B1)*2", "A1-B1*2", ("(A1-B1)", "A1-B1")),
        ("A1", "A1", ("", "")),
        # A function stands with its parenthesis, and nothing else does.
        ("1+F(A1)+2", "1+F(A1,B1)*3", ("F(A1)+2", "F(A1,B1)*3")),
        ("1+(A1)+2", "1+(A1,B1)*3", ("(A1)+2", "(A1,B1)*3")),
        ("F(A1)+2", "F(A1,B1)*3", ("F(A1)+2", "F(A1,B1)*3")),
        ("1+F(A1)", "1+F(A1,B1)", ("", ",B1")),
        ("G(1,F(A1+2))", "G(1,F(A1)+2)", ("F(A1+2)", "F(A1)+2")),
        ("A1+A1", "B1+C1", ("A1+A1", "B1+C1")),
        ("A1 + a1", "A1+A1*2", ("", "*2")),
        ("", "A1", ("", "A1")),
        ("IF(A1,A1/2,(A1))", "IF(B1,B1/2,(B1))", ("A1", "B1")),
        ("F(A1)+G(B1)", "F(A2)+G(C1)", ("F(A1)+G(B1)", "F(A2)+G(C1)")),
    ],
)
def test_changed_part_is_from_the_first_to_the_last_token_that_differs(
    before, after, parts
):
    assert changed_part(before, after) == parts
