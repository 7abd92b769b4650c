"""Formulas as tokens, relative to their cell; their structure; circles."""

import io

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from xlcity.xlsx.cells import read_book
from xlcity.xlsx.formulas import formula_cache
from xlcity.xlsx.formulas.circles import find_circles
from xlcity.xlsx.formulas.formula_cache import FormulaCache
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.syntax import is_in_brackets, parse
from xlcity.xlsx.formulas.tokens import normalise_formula
from xlcity.xlsx.package import Package


@pytest.mark.parametrize(
    ("saved", "written"),
    [
        ("stdev.p($C$2:$C$9)", "_xlfn.STDEV.P($C$2:$C$9)"),
        ("sum( 'Data'!A1 ; 2 )", "SUM(Data!A1,2)"),
        ("[1]!minmax_scale(A1)", "MINMAX_SCALE(A1)"),
        ("'C:\\lib\\x.xlam'!RATE_X(A1)", "RATE_X(A1)"),
        ("_xldudf_RATE_X(A1)", "RATE_X(A1)"),
        # LibreOffice writes names of sheets without quotes that Excel puts into them.
        ("2025年数据!A1+3D!B2*2e5!C3", "'2025年数据'!A1+'3D'!B2*'2e5'!C3"),
        ("SUM(北京·上海!A1:A9,附表：一!B2)", "SUM('北京·上海'!A1:A9,'附表：一'!B2)"),
        ("SUM(Data!A1:Data!$B5,A1 : B5)", "SUM(Data!A1:$B5,A1:B5)"),
        ("1.50*A1", "1.5*A1"),
        ("+A1", "A1"),
    ],
)
def test_what_a_save_changes_is_not_in_the_key(saved, written):
    assert normalise_formula(saved, 5, 4).key == normalise_formula(written, 5, 4).key


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("SUM(A1:A3)", "SUM(A1:A4)"),
        ("A1", "$A1"),
        ('IF(A1="a",1,2)', 'IF(A1="A",1,2)'),
        ("A1+1", "A1-1"),
        ("Sheet1!A1", "[1]Sheet1!A1"),
        ("SUM(S!A1:T!B5)", "SUM(S!A1:B5)"),
        ("'1月'!A1", "'2月'!A1"),
    ],
)
def test_what_a_person_changes_is(a, b):
    assert normalise_formula(a, 5, 4).key != normalise_formula(b, 5, 4).key


def test_a_formula_filled_down_is_one_form():
    forms = FormulaCache()
    first = forms.normalised('IF($C16="","",D$4*Sheet2!B16+SUM(A:A))', 16, 5)
    assert forms.normalised('IF($C40="","",D$4*Sheet2!B40+SUM(A:A))', 40, 5) is first
    assert (
        forms.normalised('IF($C40="","",D$4*Sheet2!B41+SUM(A:A))', 40, 5) is not first
    )
    # A whole column that is relative moves with the formula.
    assert forms.normalised("SUM(A:A)", 1, 5) is not forms.normalised("SUM(A:A)", 1, 6)
    assert forms.normalised("SUM(A:A)", 1, 5) is forms.normalised("SUM(B:B)", 9, 6)


@pytest.mark.parametrize(
    "formula",
    [
        'IF($C16="",Q10,D$4*Sheet2!B16+LOG10(B9)+SUM($A:$A))',
        "'M 17'!$B9*'M 18'!B$9-ROUND(B10,10)+0.5",
        "SUM(B9:B10)/SUM(9:9)+COUNTIF(B$9:B9,B9)",
        'B1&"B1"&B12345678&A1.B1',
    ],
)
def test_a_form_that_was_kept_is_the_form_of_the_formula(formula):
    forms = FormulaCache()
    for text in (
        formula,
        formula.replace("9", "8"),
        formula.replace("1", "3"),
        formula,
    ):
        for place in ((9, 2), (10, 2), (9, 3), (20, 3)):
            assert (
                forms.normalised(text, *place).key
                == normalise_formula(text, *place).key
            )


def test_structure_follows_the_order_of_operations():
    expr = parse(normalise_formula("-A1^2+IF(B1,,3%)*2", 9, 9).tokens)
    assert expr.text == "+"
    minus, product = expr.args
    # As Excel has it: the sign binds closer than the power.
    assert (minus.text, minus.args[0].kind) == ("^", "unary")
    call, two = product.args
    assert (call.text, [a.kind for a in call.args]) == (
        "IF",
        ["ref", "empty", "percent"],
    )
    assert two.text == "2"
    assert parse(normalise_formula("SUM(A1", 1, 1).tokens) is None


def test_a_logical_is_one_however_it_is_spelt():
    assert (
        normalise_formula("IF(FALSE(),A1,TRUE( ))", 1, 1).key
        == normalise_formula("if(false,A1,true)", 1, 1).key
    )
    assert normalise_formula("TRUE()&FALSE()", 1, 1).key == "TRUE&FALSE"
    assert normalise_formula("ISTRUE(A1)", 1, 1).key == "ISTRUE(RC)"


def book_of(cells, names=None):
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet("S")
    for address, value in cells.items():
        if isinstance(value, tuple):
            sheet.write_formula(address, value[0], None, value[1])
        else:
            sheet.write(address, value)
    for name, text in (names or {}).items():
        workbook.define_name(name, f"={text}")
    workbook.close()
    return read_book(Package.from_bytes(buffer.getvalue()))


def test_circles_are_found_through_ranges_and_names():
    cells = {
        "A1": ("=SUM(B1:B3)", 0),
        "B2": ("=C2*2", 0),
        "C2": ("=total+1", 0),
        "E1": ("=ROWS(E1:E5)", 5),
        "F1": ("=A1", 0),
    }
    graph = Graph(book_of(cells, {"total": "S!$A$1"}))
    found = [sorted(place for _, place in group) for group in find_circles(graph)]
    assert found == [[(1, 1), (2, 2), (2, 3)]]


@given(st.randoms(use_true_random=False))
def test_circles_are_the_cells_that_reach_themselves(random):
    """Copies below one another are judged as one at first: no circle is lost by it."""
    cells = {}
    for column in "ABC":
        row = 1
        while row <= 9:
            shift = random.randint(-3, 2)
            height = random.randint(1, 4)
            of = random.choice("ABC")
            long = random.randint(0, 2)
            fixed = random.choice(["", "", "$"])
            for at in range(row, min(row + height, 10)):
                first = max(row + 1 if fixed else at + shift, 1)
                cells[f"{column}{at}"] = (
                    f"=SUM({of}{fixed}{first}:{of}{fixed}{first + long})",
                    0,
                )
            row += height + random.randint(0, 1)
    graph = Graph(book_of(cells))
    formulas = [
        (n, p) for n, sheet in graph.book.sheets.items() for p in sheet.cells.texts()
    ]
    reads = {
        place: {
            other
            for other in formulas
            if any(area.holds(*other) for area in graph.needs(*place))
        }
        for place in formulas
    }
    reached = {place: set(others) for place, others in reads.items()}
    for _ in range(len(reads)):
        for others in reached.values():
            others.update(*(reads[other] for other in [*others]))
    expected = {place for place, others in reached.items() if place in others}
    found = find_circles(graph)
    assert {place for group in found for place in group} == expected
    for group in found:
        assert set(group) == {p for p in reached[group[0]] if group[0] in reached[p]}


@pytest.mark.parametrize(
    ("formula", "row", "column", "copies"),
    [
        ("A1+B2", 3, 3, {(4, 3): "A2+B3", (3, 4): "B1+C2", (13, 30): "AB11+AC12"}),
        ("SUM(A1:B9)", 3, 3, {(4, 4): "SUM(B2:C10)"}),
        ("$A1*A$1*$B$2", 3, 3, {(9, 5): "$A7*C$1*$B$2"}),
        (
            "'S 1'!A1&\"A1\"&'it''s'!$A$1",
            3,
            3,
            {(4, 4): "'S 1'!B2&\"A1\"&'it''s'!$A$1"},
        ),
        ("LOG10(A1)", 3, 3, {(4, 3): "LOG10(A2)"}),
        ("1+2", 3, 3, {(4, 4): "1+2"}),
    ],
)
def test_copies_of_a_formula_are_tokenised_once(
    monkeypatch, formula, row, column, copies
):
    tokenised = []

    def count(*given):
        tokenised.append(given)
        return normalise_formula(*given)

    monkeypatch.setattr(formula_cache, "normalise_formula", count)
    forms = FormulaCache()
    first = forms.normalised(formula, row, column)
    for place, text in copies.items():
        assert forms.normalised(text, *place) is first
    assert tokenised == [(formula, row, column)]
    # In another cell the same text is another formula, if anything in it is relative.
    moved = forms.normalised(formula, row + 1, column + 1)
    assert (moved is first) == (formula == "1+2")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A1+B2", "A1-B2"),
        ("A1+B2", "A1+$B2"),
        ("A1+B2", "A1+B3"),
        ("A1+B2", "A1+C2"),
        ('A1&"A1"', 'A1&"A2"'),
        ("A1:B2", "A1+B2"),
        ("F.A1", "F.A2"),
        ("A1", "A1*2"),
        ("SUM(A:A)+B2", "SUM(B:B)+B2"),
        ("B2+SUM(3:3)", "B2+SUM(4:4)"),
        ("$A$1", "$A$2"),
        ("B2+SUM(A:A)+B3", "B2+SUM(B:B)+B3"),
        ("$A1", "$B1"),
        ("A$1", "A$2"),
        ("S!A1", "T!A1"),
    ],
)
def test_formulas_that_differ_anywhere_are_two(one, other):
    forms = FormulaCache()
    assert forms.normalised(one, 9, 9) is not forms.normalised(other, 9, 9)
    assert forms.normalised(one, 9, 9) is forms.normalised(one, 9, 9)


def tree_text(formula):
    """Return the tree of a formula with a bracket around each operation; None if there is none."""
    expr = parse(normalise_formula(formula, 1, 1).tokens)
    return None if expr is None else shown_expr(expr)


def shown_expr(expr):
    inner = [shown_expr(arg) for arg in expr.args]
    match expr.kind:
        case "call" | "array":
            return f"{expr.text}<{','.join(inner)}>"
        case "binary":
            return f"({expr.text.join(inner)})"
        case "unary":
            return f"({expr.text}{inner[0]})"
        case "percent":
            return f"({inner[0]}%)"
    return expr.text


@pytest.mark.parametrize(
    ("formula", "tree"),
    [
        ("1+2*3^4", "(1+(2*(3^4)))"),
        ("1-2-3", "((1-2)-3)"),
        ("2^3^4", "((2^3)^4)"),
        ("-2^2", "((-2)^2)"),
        ("--1", "(-(-1))"),
        ("1--1%", "(1-(-(1%)))"),
        ("5%%", "((5%)%)"),
        ("1&2=3<>4&5", "(((1&2)=3)<>(4&5))"),
        ("1<=2>=3", "((1<=2)>=3)"),
        ("name:other:last", "((NAME:OTHER):LAST)"),
        ("-name:other", "(-(NAME:OTHER))"),
        ("(1+2)*3", "((1+2)*3)"),
        ("(a,b,c)", "UNION<A,B,C>"),
        ("F()", "F<>"),
        ("F(,)", "F<,>"),
        ("F(1,,G(2))", "F<1,,G<2>>"),
        ('{1,"x";#N/A,TRUE}', '<1,"x",#N/A,TRUE>'),
        ("{-1,2;-0.5}", "<-1,2,-0.5>"),
        ("@a", "(@A)"),
        ("2*+1", "(2*(+1))"),
        ("+1", "1"),
        # What is no formula.
        ("", None),
        ("*1", None),
        ("1**2", None),
        ("1+", None),
        ("1 2", None),
        ("(1", None),
        ("(1}", None),
        ("(1 2)", None),
        ("F(1 2)", None),
        ("F(1", None),
        ("{1", None),
        ("1)", None),
    ],
)
def test_operations_bind_as_in_excel(formula, tree):
    assert tree_text(formula) == tree


@pytest.mark.parametrize(
    ("signs", "is_parsed"), [(199, True), (200, False), (5000, False)]
)
def test_a_formula_nests_at_most_200_levels(signs, is_parsed):
    assert (
        parse(normalise_formula("-" * signs + "1", 1, 1).tokens) is not None
    ) == is_parsed


@pytest.mark.parametrize(
    ("formula", "is_enclosed"),
    [
        ("(A1+B1)", True),
        ("((A1))", True),
        ("(A1)+(B1)", False),
        ("A1", False),
        ("F(A1)", False),
        ("(A1)*2", False),
        ("2*(A1)", False),
        ("((A1)+(B1))", True),
        ("(A1)%", False),
    ],
)
def test_one_pair_of_brackets_around_all(formula, is_enclosed):
    assert is_in_brackets(normalise_formula(formula, 1, 1).tokens) is is_enclosed


@pytest.mark.parametrize(
    ("formula", "key"),
    [
        ("D5", "RC"),
        ("$D$5", "R5C4"),
        ("D6:$E1", "R[1]C:R[-4]C5"),
        ("$D6:$D6", "R[1]C4"),
        ("A:B", "R1C[-3]:R1048576C[-2]"),
        ("$A:$A", "R1C1:R1048576C1"),
        ("1:$2", "R[-4]C1:R2C16384"),
        ("S!A1", "S!R[-4]C[-3]"),
        ("[1]S!$A$1", "[1]S!R1C1"),
        ("'[b.xlsx]S s'!$A$1", "[B.XLSX]S S!R1C1"),
        ("s!name+name", "S!NAME+NAME"),
        ("S!#REF!", "S!#REF!"),
        ("#REF!", "#REF!"),
        ("1;2", "1,2"),
        ("1.50E1", "15"),
        ("1E15", "1000000000000000.0"),
        ("1E14", "100000000000000"),
        (".5", "0.5"),
        ("true()+true", "TRUE+TRUE"),
        ("true(1)", "TRUE(1)"),
        ("x.xlam!F(1)", "F(1)"),
        ("[2]!F(1)", "F(1)"),
        ("_xlfn._xlws.sort(A1)", "SORT(R[-4]C[-3])"),
    ],
)
def test_a_key_has_references_by_their_distance_and_one_spelling(formula, key):
    assert normalise_formula(formula, 5, 4).key == key


def test_references_beyond_the_end_of_the_sheet_begin_again():
    formula = normalise_formula("A1:XFD1048576", 1, 1)
    (ref,) = formula.refs
    assert str(ref.area("S", 2, 2)) == "S!A1:B2"
    assert (ref.single, ref.fixed) == (False, False)
    assert [
        normalise_formula(text, 1, 1).refs[0].fixed
        for text in ("$A$1", "$A1", "A$1", "$A$1:$B2", "$A$1:B$2", "$A:$B", "A:$B")
    ] == [True, False, False, False, False, True, False]
