"""Series and frames: labels decide which cell belongs to which, never the order of arguments."""

import numpy as np
import pandas as pd
import pytest

from xlcity.errors import FunctionError
from xlcity.functions.declare import Kind, Returns
from xlcity.functions.entry import evaluate
from xlcity.functions.frames import callable_of
from xlcity.functions.registry import BUILT_IN, FUNCTIONS

BY_ROW, BY_COLUMN = (Kind.BLOCK, Kind.CELLS), (Kind.WEIGHTS, Kind.LABELS, Kind.OPTION)
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
                shuffled = pd.Series(table.to_numpy().ravel(), index=values.columns).iloc[::-1]
            else:
                shuffled = cells if table.size != 1 else table.iloc[0, 0]
            beside.append(shuffled)
        found.append((function, values, beside, others))
    return found


@pytest.mark.parametrize(("function", "values", "beside", "others"), examples(),
                         ids=lambda one: getattr(one, "name", " "))  # fmt: skip
def test_arguments_in_another_order_give_the_same(function, values, beside, others):
    plain = evaluate(function, [function.example.arguments[0], *others])
    expected = np.where(plain.errors == 0, plain.values, np.nan)
    result = callable_of(function)(values, *beside)
    np.testing.assert_allclose(
        np.asarray(result, dtype=float).reshape(expected.shape), expected, equal_nan=True
    )
    if function.returns is Returns.COLUMN and len(expected) == len(values):
        assert list(result.index) == list(values.index)
    if function.returns is Returns.BLOCK and expected.shape == values.shape and len(values) > 1:
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
    call, count = callable_of(function), values.shape[1]
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
    with pytest.raises(FunctionError, match="names columns, but the values have no names"):
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
