import numpy as np
import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.functions.entry import evaluate
from xlcity.functions.registry import FUNCTIONS

TREE = [
    ["code", "parent", "weight", "direction"],
    ["a", "P", 3.0, 1.0],
    ["b", "P", 1.0, "-"],
    ["P", "T", 2.0, None],
    ["c", "T", 1.0, None],
    ["T", None, None, None],
]
CODES = [["a", "b", "c", "note"]]
DATA = [[1.0, 8.0, 5.0, 0.0], [3.0, 2.0, 7.0, 0.0], [2.0, 4.0, 9.0, 0.0]]


def scores(data=DATA, codes=CODES, tree=TREE, *options):
    return evaluate(FUNCTIONS["INDEX_SCORES"], [data, codes, tree, *options]).cells()


def test_an_index_by_hand():
    x = np.array(DATA)[:, :3]
    a, b, c = ((x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0)) * 100).T
    p = (3 * a + (100 - b)) / 4
    t = (2 * p + c) / 3
    found = np.array(scores(DATA, CODES, TREE, [["T", "P", "b"]]))
    assert found == pytest.approx(np.column_stack([t, p, 100 - b]))
    assert np.array(scores()) == pytest.approx(t[:, None])


def test_a_header_is_not_needed_and_its_order_is_free():
    turned = [[row[place] for place in (3, 1, 0, 2)] for row in TREE]
    assert scores(DATA, CODES, TREE[1:]) == scores(DATA, CODES, turned) == scores()


@pytest.mark.parametrize(
    "normalise", ["zscore", "winsor", "rank", "percentile", "none"]
)
def test_other_scales_are_those_of_their_functions(normalise):
    x = np.array(DATA)[:, [0]].tolist()
    alone = {
        "zscore": ("ZSCORE_SCALE",),
        "winsor": ("ZSCORE_WINSOR",),
        "rank": ("RANK_UNIFORM",),
        "percentile": ("PERCENTILE_SCALE",),
        "none": None,
    }[normalise]
    expected = evaluate(FUNCTIONS[alone[0]], [x]).cells() if alone else x
    assert scores(DATA, CODES, TREE, [["a"]], [[normalise]]) == expected


def test_means_of_other_kinds():
    geometric = scores(
        [[2.0, 1.0, 8.0, 0.0]], CODES, TREE, None, [["none"]], [["geometric"]]
    )
    assert geometric == [[CellError.NUM]]  # b counts -1
    plain = [[*row[:3], 1.0] for row in TREE[1:]]
    found = scores(
        [[2.0, 1.0, 8.0, 0.0]], CODES, plain, None, [["none"]], [["geometric"]]
    )
    assert found[0][0] == pytest.approx(
        ((2**3 * 1) ** (1 / 4)) ** (2 / 3) * 8 ** (1 / 3)
    )


def test_gaps():
    data = [*DATA, ["NA", 4.0, 6.0, 0.0], [None, 4.0, 6.0, 0.0], ["x", 4.0, 6.0, 0.0]]
    nodes = [["T", "P", "c"]]
    b = 100 - (4 - 2) / 6 * 100
    c = (6 - 5) / 4 * 100
    assert scores(data, CODES, TREE, nodes)[3] == pytest.approx([(2 * b + c) / 3, b, c])
    assert scores(data, CODES, TREE, nodes, None, None, [["na"]])[3] == [
        CellError.NA,
        CellError.NA,
        c,
    ]
    assert scores(data, CODES, TREE, nodes)[4] == [CellError.NA, CellError.NA, c]
    assert scores(data, CODES, TREE, nodes)[5] == [CellError.VALUE, CellError.VALUE, c]


def test_a_constant_column_is_told_above_it():
    data = [[1.0, 5.0, 5.0, 0.0], [2.0, 6.0, 5.0, 0.0]]
    assert scores(data, CODES, TREE, [["T", "P"]])[0] == [
        CellError.DIV0,
        (3 * 0 + 100) / 4,
    ]


@pytest.mark.parametrize(
    ("tree", "error"),
    [
        ([*TREE, ["a", "T", 1.0, 1.0]], CellError.VALUE),
        ([*TREE, ["d", "T", 1.0, 1.0]], CellError.VALUE),
        ([*TREE, ["d", "nowhere", 1.0, 1.0]], CellError.VALUE),
        ([*TREE, ["U", None, 1.0, 1.0]], CellError.VALUE),
        ([*TREE, ["d", "e", 1.0, 1.0], ["e", "d", 1.0, 1.0]], CellError.VALUE),
        ([*TREE[:1], ["a", "T", -1.0, 1.0], TREE[-1]], CellError.NUM),
        ([*TREE[:1], ["a", "T", 0.0, 1.0], TREE[-1]], CellError.DIV0),
        ([*TREE[:1], ["a", "T", "x", 1.0], TREE[-1]], CellError.VALUE),
        ([*TREE[:1], ["a", "T", 1.0, "up"], TREE[-1]], CellError.VALUE),
    ],
)
def test_a_framework_that_is_none_is_one_error(tree, error):
    with pytest.raises(FunctionError) as caught:
        scores(DATA, CODES, tree)
    assert caught.value.value is error


def test_unknown_nodes_and_missing_columns_are_errors():
    for arguments in (
        (DATA, CODES, TREE, [["X"]]),
        (DATA, [["a", "b", "x", "y"]], TREE),
    ):
        with pytest.raises(FunctionError):
            scores(*arguments)


def test_a_framework_may_be_one_indicator_or_have_no_header():
    assert scores([[5.0], [7.0]], [["a"]], [["a", None, 1.0, 1.0]]) == [[0.0], [100.0]]
    assert scores([[5.0], [7.0]], [["a"]], [["a", None]]) == [[0.0], [100.0]]
    with pytest.raises(FunctionError):
        scores([[5.0]], [["a"]], [["a"]])


def test_two_trees_are_no_framework():
    with pytest.raises(FunctionError, match="one tree"):
        scores(DATA, CODES, [["a", "", 1, 1], ["b", "", 1, 1]])
