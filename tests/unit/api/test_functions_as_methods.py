"""Functions of Python as methods, parameters by name, and arguments of other types."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from xlcity.functions.session import is_plain

FRAMEWORK = "code,parent,weight,direction\nX,,,\nA,X,1,1\nrent,X,1,-1\n"
FRAME = pd.DataFrame(
    {"A": [1.0, 2.0, 3.0, 4.0], "rent": [3.0, None, 2.0, 5.0]}, index=list("pqrs")
)


@pytest.fixture
def framework():
    return xc.Framework.read(FRAMEWORK)


def scaled(values):
    return (values - values.min()) / (values.max() - values.min()) * 100


def powered(values, exponent=1):
    return values.rank() ** exponent


def test_a_function_normalises_as_the_method_does(framework):
    index = xc.Index(framework, FRAME, normalise=scaled)
    pd.testing.assert_frame_equal(index.scores, xc.Index(framework, FRAME).scores)
    assert index.inputs.recipe.steps[0].method == "py_scaled"
    again = xc.Index(framework, FRAME, normalise={"A": scaled})
    assert again.inputs.recipe.step_for("normalise", "A").method == "py_scaled"


def test_two_functions_of_one_name_are_two_methods(framework):
    first = xc.Index(framework, FRAME, normalise=lambda values: values * 0 + 1)
    second = xc.Index(framework, FRAME, normalise=lambda values: values * 0 + 2)
    assert first.scores["X"].tolist() == [1.0] * 4
    assert second.scores["X"].tolist() == [2.0] * 4
    assert first.assess(n=4).units["rank"].tolist() == [1] * 4


@pytest.mark.parametrize(
    "given",
    [
        {"normalise": (powered, {"exponent": 2})},
        {
            "normalise": {
                "A": (powered, {"exponent": 2}),
                "rent": (powered, {"exponent": 2}),
            }
        },
        {"normalise": lambda values: values.rank() ** 2},
    ],
)
def test_a_function_has_parameters(framework, given):
    index = xc.Index(framework, FRAME, **given)
    assert index.normalised["A"].tolist() == [1, 4, 9, 16]
    assert index.normalised["rent"].dropna().tolist() == [4, 9, 1]


@pytest.mark.parametrize(
    "make_exponent",
    [
        lambda: 2,
        lambda: np.array([1.0, 2.0, 3.0, 4.0]),
        lambda: pd.Series([1.0, 2.0, 3.0, 4.0]),
    ],
)
def test_a_function_with_the_same_parameters_is_one_method(framework, make_exponent):
    def method_of(exponent):
        chosen = powered, {"exponent": exponent}
        return xc.Index(framework, FRAME, normalise=chosen).inputs.recipe.steps[0]

    name = method_of(make_exponent()).method
    # A recipe is the same from run to run.
    assert method_of(make_exponent()).method == name
    assert method_of(make_exponent() * 2).method != name


def test_a_function_with_bound_arguments_is_one_method(framework):
    names = {
        xc.Index(framework, FRAME, normalise=partial(powered, **bound))
        .inputs.recipe.steps[0]
        .method
        for bound in ({"exponent": 7}, {"exponent": 7}, {"exponent": 7.0}, {})
    }
    assert len(names) == 3


def test_functions_treat_and_aggregate(framework):
    treated = xc.Index(framework, FRAME, treat=lambda values: values.clip(upper=3))
    assert treated.normalised["A"].tolist() == [0, 50, 100, 100]
    best = xc.Index(framework, FRAME, aggregate=lambda scores: scores.max(axis=1))
    assert best.scores["X"].tolist() == best.normalised.max(axis=1).tolist()

    def weighted(scores, weights):
        return np.nansum(scores * np.array(weights), axis=1)

    summed = xc.Index(framework, FRAME.fillna(5), aggregate=weighted)
    assert summed.scores["X"].tolist() == summed.normalised.sum(axis=1).tolist()


def test_functions_are_named_for_words(framework):
    index = xc.Index(framework, FRAME, functions=[powered], normalise="A=powered")
    assert index.normalised["A"].tolist() == [1, 2, 3, 4]


def test_functions_that_are_refused_are_not_kept(framework):
    def minmax(values):
        return values

    def never_kept(values):
        return values

    with pytest.raises(xc.XlcityError, match="minmax is the name of a method") as one:
        xc.Index(framework, FRAME, functions=(f for f in (never_kept, minmax, 3)))
    assert [problem.message for problem in one.value.problems] == [
        "functions: minmax is the name of a method already.",
        "functions: 3 is not a function.",
    ]
    assert not is_plain("minmax")
    assert not is_plain("never_kept")


def test_a_function_of_the_session_is_known(framework, tmp_path):
    @xc.function(returns="block")
    def top_share(values, top: float = 100.0):
        """Return shares of the largest value.

        Parameters
        ----------
        values
            numbers
        top
            what the largest is
        """
        return values / np.nanmax(values, axis=0) * top

    positive = xc.Framework.read(FRAMEWORK.replace("-1", "1"))
    for given in (
        top_share,
        "top_share",
        ("top_share", {"top": 100}),
        "top_share:top=100",
    ):
        index = xc.Index(positive, FRAME, normalise=given)
        assert index.normalised["A"].tolist() == [25, 50, 75, 100]
    assert xc.functions.top_share([1.0, 2.0]).tolist() == [50, 100]
    # In cells it is called by its name.
    path = index.to_workbook(tmp_path / "book.xlsx")
    book = xc.Workbook.open(path)
    assert book.check().verdict == "pass"
    formulas = [
        cell.value
        for row in book.to_openpyxl()["UDF"].iter_rows()
        for cell in row
        if "TOP_SHARE" in str(getattr(cell.value, "text", cell.value))
    ]
    assert formulas
    pd.testing.assert_series_equal(
        book.results.scores["X"],
        index.scores["X"],
        check_index=False,
        check_dtype=False,
    )


@pytest.mark.parametrize(
    "given",
    [
        {"normalise": scaled},
        {"treat": lambda values: values.clip(upper=3)},
        {"aggregate": lambda scores: scores.max(axis=1)},
        {
            "normalise": {"rent": scaled},
            "aggregate": {"X": lambda scores: scores.mean(axis=1)},
        },
    ],
)
def test_a_workbook_has_values_of_plain_functions(framework, tmp_path, given):
    index = xc.Index(framework, FRAME, **given)
    assert "a workbook has its results as values" in str(index.problems)
    book = xc.Workbook.open(index.to_workbook(tmp_path / "book.xlsx"))
    assert book.check().verdict == "pass"
    assert book.results.scores["X"].tolist() == index.scores["X"].tolist()


@pytest.mark.parametrize(
    "given",
    [
        {"normalise": ("minmax", {"scale": 1})},
        {"normalise": "minmax:scale=1"},
        {"normalise": "minmax:0:1"},
        {"normalise": "minmax:0:scale=1"},
        {"normalise": {"A": ("minmax", {"scale": 1}), "rent": "minmax:scale=1"}},
    ],
)
def test_parameters_have_names(framework, given):
    assert xc.Index(framework, FRAME, **given).normalised["A"].max() == 1.0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"normalise": lambda _: 1 / 0}, "<lambda> raised ZeroDivisionError: division"),
        ({"normalise": lambda values: values.head(2)}, "returned 2 values for 4"),
        ({"normalise": ("minmax", {"scal": 1})}, "no parameter 'scal'"),
        ({"normalise": "minmax:scal=1"}, "no parameter 'scal'"),
        ({"normalise": ("minmax", {"scale": "x"})}, "scale is 'x'"),
        ({"functions": [3]}, "functions: 3 is not a function"),
        ({"functions": [scaled], "options": 3}, "options"),
        ({"weights": abs}, "weights: .* is not the name of a method"),
        ({"framework": 3}, "framework: expected .* not int"),
        ({"data": [1, 2]}, "data: expected .* not list"),
        ({"recipe": 3}, "recipe: expected .* not int"),
        ({"groups": 3}, "groups: expected .* not int"),
        ({"missing": {"a": 1}}, "missing: expected .* not dict"),
        ({"judgements": 3}, "judgements: expected .* not int"),
    ],
)
def test_what_is_wrong_names_the_argument(framework, given, message):
    with pytest.raises(xc.XlcityError, match=message):
        xc.Index(**{"framework": framework, "data": FRAME, **given})


@pytest.mark.parametrize("given", [{"vary": 3}, {"n": "x"}, {"seed": 0.5}, {"node": 3}])
def test_arguments_of_an_assessment_are_named(framework, given):
    (name,) = given
    with pytest.raises(xc.XlcityError, match=f"^{name}: expected"):
        xc.Index(framework, FRAME).assess(**given)


def test_one_will_do_where_several_may_be(framework):
    tree = pd.DataFrame({"code": ["X", "A", "rent"], "parent": ["", "X", "X"]})
    coded = FRAME.fillna(-9)
    index = xc.Index(tree, coded, missing=-9)
    assert index.normalised["rent"].isna().tolist() == [False, True, False, False]
    assert index.assess(n=4, vary="weights=noise:25%").choices[0]["choice"] == "weights"


@pytest.mark.parametrize(("name", "language"), [("North", "en"), ("北方", "zh")])
def test_a_workbook_speaks_the_language_of_its_data(
    framework, tmp_path, name, language
):
    frame = FRAME.rename({"p": name})
    path = xc.Index(framework, frame).to_workbook(tmp_path / "book.xlsx")
    assert xc.Workbook.open(path).template.text("xl_lang") == language


def test_values_are_read_for_the_file_or_frame_of_a_framework(framework, tmp_path):
    path = tmp_path / "framework.csv"
    path.write_text(FRAMEWORK, encoding="utf-8")
    expected = xc.read_data(FRAME, framework).frame
    for given in (str(path), path, pd.read_csv(path)):
        pd.testing.assert_frame_equal(xc.read_data(FRAME, given).frame, expected)


@pytest.mark.parametrize("given", [None, 3, ["A", "rent"]])
def test_values_are_read_for_no_other_thing(given):
    with pytest.raises(xc.XlcityError, match="framework: expected a framework"):
        xc.read_data(FRAME, given)
