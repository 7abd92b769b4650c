"""Series and frames: labels decide which cell belongs to which, never the order of arguments."""

import numpy as np
import pandas as pd
import pytest

from xlcity.errors import FunctionError
from xlcity.functions.declare import Kind, Returns
from xlcity.functions.entry import evaluate
from xlcity.functions.frames import FunctionWarning, callable_of
from xlcity.functions.registry import BUILT_IN, FUNCTIONS

BY_ROW = (Kind.BLOCK, Kind.CELLS)
BY_COLUMN = (Kind.WEIGHTS, Kind.LABELS, Kind.OPTION)
pytestmark = pytest.mark.filterwarnings("ignore")


def labelled(cells, letter: str) -> pd.DataFrame:
    """Return rows of cells as a frame with the labels r1, r2 … and c1, c2 …"""
    frame = pd.DataFrame(cells)
    frame.index = [f"{letter}{row}" for row in range(len(frame))]
    frame.columns = [f"c{column}" for column in range(frame.shape[1])]
    return frame


def examples() -> list[tuple]:
    """Return each function with its example: a frame, and what is beside it in another order."""
    found = []
    for name in BUILT_IN:
        function = FUNCTIONS[name]
        first, *others = function.example.arguments
        values = labelled(first, "r")
        beside = []
        for argument, cells in zip(function.arguments[1:], others, strict=False):
            table = pd.DataFrame(cells)
            if argument.kind in BY_ROW and len(table) == len(values):
                shuffled = labelled(cells, "r").iloc[::-1]
            elif argument.kind in BY_COLUMN and table.size == values.shape[1] > 1:
                shuffled = pd.Series(
                    table.to_numpy().ravel(), index=values.columns
                ).iloc[::-1]
            else:
                shuffled = cells if table.size != 1 else table.iloc[0, 0]
            beside.append(shuffled)
        found.append((function, values, beside, others))
    return found


@pytest.mark.parametrize(
    ("function", "values", "beside", "others"),
    examples(),
    ids=lambda one: getattr(one, "name", " "),
)
def test_arguments_in_another_order_give_the_same(function, values, beside, others):
    plain = evaluate(function, [function.example.arguments[0], *others])
    expected = np.where(plain.errors == 0, plain.values, np.nan)
    result = callable_of(function)(values, *beside)
    np.testing.assert_allclose(
        np.asarray(result, dtype=float).reshape(expected.shape),
        expected,
        equal_nan=True,
    )
    if function.returns is Returns.COLUMN and len(expected) == len(values):
        assert list(result.index) == list(values.index)
    if (
        function.returns is Returns.BLOCK
        and expected.shape == values.shape
        and len(values) > 1
    ):
        assert list(result.index) == list(values.index)
        assert list(result.columns) == list(values.columns)


def test_there_are_examples_of_both_orders():
    beside = [one for _, _, beside, _ in examples() for one in beside]
    assert sum(isinstance(one, pd.DataFrame) for one in beside) >= 5
    assert sum(isinstance(one, pd.Series) for one in beside) >= 5


def test_labels_that_do_not_match_are_named():
    function, values, (weights, *_), _ = next(
        one for one in examples() if one[2] and isinstance(one[2][0], pd.Series)
    )
    call = callable_of(function)
    count = values.shape[1]
    by_name = dict(zip(values.columns, weights[values.columns], strict=True))
    expected = call(values, weights).to_numpy()
    # A mapping names columns as a Series does; without names the order counts.
    for same in (by_name, list(by_name.values()), pd.Series([*by_name.values()])):
        np.testing.assert_array_equal(call(values, same).to_numpy(), expected)
    for wrong, told in (
        (weights.drop("c0"), "lacks c0."),
        (weights.rename({"c0": "z"}), "lacks c0 and has z beyond them."),
        (pd.concat([weights, pd.Series({"z": 1.0})]), "has z beyond them."),
        (weights.iloc[[0, *range(count)]], "has a label twice."),
    ):
        with pytest.raises(FunctionError, match=told):
            call(values, wrong)
    with pytest.raises(
        FunctionError, match="names columns, but the values have no names"
    ):
        call(values.to_numpy(), by_name)
    with pytest.raises(FunctionError, match="2 at most"):
        call(np.zeros((2, 2, 2)))
    with pytest.raises(FunctionError, match="is not an argument"):
        call(values, colour=1)
    with pytest.raises(FunctionError, match="is given twice"):
        call(values, weights, **{function.arguments[1].name: weights})
    with pytest.raises(FunctionError, match="arguments at most"):
        call(*[values] * 9)
    with pytest.raises(FunctionError, match=f"needs {function.arguments[0].name}"):
        call()


def test_a_call_without_values_is_refused_and_values_may_come_by_name():
    call = callable_of(FUNCTIONS["MINMAX_SCALE"])
    assert call(values=[1.0, 3.0]).tolist() == [0.0, 100.0]
    for options, told in (
        ({}, "needs"),
        ({"low": 1.0}, "needs"),
        ({"lows": 1.0}, "not an argu"),
    ):
        with pytest.raises(FunctionError, match=told):
            call(**options)
    with pytest.raises(FunctionError, match="twice"):
        call([1.0, 3.0], values=[1.0])
    with pytest.raises(FunctionError, match="8 arguments at most"):
        call(*[None] * 9)


def test_five_labels_at_most_are_named():
    values = pd.DataFrame([[1.0] * 7], columns=list("abcdefg"))
    weights = pd.Series([1.0] * 7, index=list("tuvwxyz"))
    with pytest.raises(FunctionError) as refused:
        callable_of(FUNCTIONS["WEIGHTED_INDEX"])(values, weights)
    assert "lacks a, b, c, d, e and has t, u, v, w, x beyond them." in str(
        refused.value
    )


def test_results_have_the_shape_and_the_labels_of_what_they_are():
    frame = pd.DataFrame([[1.0, 4.0], [3.0, 2.0]], index=["p", "q"], columns=["a", "b"])
    library = {name: callable_of(FUNCTIONS[name]) for name in BUILT_IN}
    weigh = library["EQUAL_WEIGHTS"]
    scale = library["MINMAX_SCALE"]
    assert weigh(frame.to_numpy()).tolist() == [0.5, 0.5]
    assert weigh(frame).to_dict() == {"a": 0.5, "b": 0.5}
    assert weigh(frame["b"]).to_dict() == {"b": 1.0}
    assert weigh(pd.Series([1.0, 2.0])).to_dict() == {0: 1.0}
    assert isinstance(scale(frame[["a"]]), pd.DataFrame)
    assert scale(frame["a"]).name == "a"
    assert scale(pd.Series([1.0, 2.0])).name == "minmax_scale"
    assert scale([[1.0], [3.0]]).shape == (2, 1)
    assert library["PEARSON_MATRIX"](frame).index.tolist() == ["a", "b"]
    assert library["OUTRANKING_MATRIX"](frame).columns.tolist() == ["p", "q"]
    tree = [["T", "", 1, 1], ["a", "T", 1, 1], ["b", "T", 1, 1]]
    nodes = library["INDEX_SCORES"](frame, ["a", "b"], tree, ["T", "b"])
    # Nodes are not the columns of the values, though they are as many.
    assert nodes.columns.tolist() == [0, 1]
    line = library["REGRESSION_SIMPLE"](frame, frame[["b"]])
    assert line.shape == (2, 6)
    assert line.index.tolist() == ["a", "b"]


@pytest.mark.filterwarnings("error")
def test_only_errors_beyond_gaps_are_warned_of_and_their_reasons_alone():
    scale = callable_of(FUNCTIONS["MINMAX_SCALE"])
    assert scale([1.0, 3.0, np.nan])[:2].tolist() == [0.0, 100.0]
    with pytest.warns(FunctionWarning) as warned:
        scale([[4.0, 1.0], [4.0, 2.0], [np.nan, 3.0]])
    message = str(warned[0].message)
    assert message.startswith("MINMAX_SCALE: 2 x #DIV/0! (#DIV/0!: ")
    assert message.endswith("). These cells are NaN.")
    assert "#N" not in message
    assert "#V" not in message
