"""Methods of the step construct on their ingredients: values, gaps of both kinds, marks, faults."""

from math import nan, sqrt

import numpy as np
import pytest

from xlcity.errors import CellError
from xlcity.methods.construct.record import Construction, Ingredients
from xlcity.methods.registry import METHODS, find_method
from xlcity.model.dataset import State
from xlcity.model.recipe import Step

NA = "NA"
BLANK = None
STATES = {NA: State.MISSING, BLANK: State.BLANK}


def construct(method, columns, items=(), units=None, **params):
    """Return the values of cities, a gap as it was typed, with the marks and the faults."""

    def read(code):
        cells = columns[code]
        values = [nan if cell in STATES else cell for cell in cells]
        states = [STATES.get(cell, State.VALUE) for cell in cells]
        return np.array(values, dtype=float), np.array(states, dtype=np.uint8)

    rows = len(next(iter(columns.values()), units or ()))
    names = units or [f"u{row}" for row in range(rows)]
    source = Ingredients("i", list(columns), names, items, read)
    step = Step("construct", method, params)
    done = find_method(Construction, method).kernel(source, step.settings())
    words = {State.MISSING: NA, State.BLANK: BLANK}
    values = [
        words.get(State(state), value)
        for value, state in zip(done.values.tolist(), done.states.tolist(), strict=True)
    ]
    return values, done.marks, done.errors


GAPPY = {"i.x": [1, 2, NA, BLANK, NA], "i.y": [3, NA, NA, 4, BLANK]}


@pytest.mark.parametrize(
    ("missing", "expected", "marks"),
    [
        ("na", [2, NA, NA, BLANK, BLANK], ()),
        ("renormalise", [2, 2, NA, BLANK, BLANK], ((1, "renormalised", "i"),)),
    ],
)
def test_a_mean_of_ingredients(missing, expected, marks):
    assert construct("mean", GAPPY, missing=missing) == (expected, marks, ())


SPREAD = {"i.x": [1, 2, 3], "i.y": [5, 5, 8]}
# The sums of squares are 2 and 6, divided by the 3 cities.
ZX = np.array([-1, 0, 1]) / sqrt(2 / 3)
ZY = np.array([-1, -1, 2]) / sqrt(6 / 3)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, (ZX + ZY) / 2),
        ({"weights": (3.0, 1.0)}, (3 * ZX + ZY) / 4),
        ({"weights": (0.0, 2.0)}, ZY),
        ({"ddof": 1}, (ZX + ZY) / 2 * sqrt(2 / 3)),
        # On the limit nothing is clipped.
        (
            {"ddof": 1, "clip": 1.0},
            (ZX * sqrt(2 / 3) + [-1 / sqrt(3), -1 / sqrt(3), 1]) / 2,
        ),
    ],
)
def test_a_mean_of_z_scores(params, expected):
    values, marks, errors = construct("zscore_index", SPREAD, **params)
    assert values == pytest.approx(expected.tolist())
    assert marks == (((2, "clipped", "i.y"),) if "clip" in params else ())
    assert errors == ()


@pytest.mark.parametrize(
    ("missing", "expected", "marks"),
    [
        ("na", [NA, 0, ZX[2] + ZY[2]], ()),
        ("renormalise", [ZX[0], 0, 0], ((0, "renormalised", "i"),)),
        ("zero", [ZX[0] / 2, 0, 0], ((0, "zero", "i"),)),
    ],
)
def test_a_z_score_that_is_missing(missing, expected, marks):
    columns = {"i.x": [1, 2, 3], "i.y": [NA, 4, 2]}
    found, found_marks, _ = construct("zscore_index", columns, missing=missing)
    # Of 4 and 2 with n one is 1 above the mean, the other below.
    by_hand = [expected[0], 1 / 2, (ZX[2] - 1) / 2]
    assert found == [
        value if value == NA else pytest.approx(value) for value in by_hand
    ]
    assert found_marks == marks


def test_equal_ingredients_have_no_z_scores_and_each_city_is_a_fault():
    values, marks, errors = construct("zscore_index", {"i.x": [4, 4, NA]}, clip=1.0)
    assert (values, marks) == ([BLANK, BLANK, NA], ())
    assert errors == ((0, CellError.DIV0), (1, CellError.DIV0))


def test_a_ratio_of_ingredients_and_of_another_indicator():
    columns = {"i.n": [10, 0, 5, NA, BLANK], "j": [4, 0, 0, 2, 2]}
    values, _, errors = construct(
        "ratio", columns, numerator="n", denominator="@j", scale=100.0
    )
    # Nothing is left to fill in where 0 divides: a confirmed gap, and a fault.
    assert values == [250, NA, NA, NA, BLANK]
    assert [row for row, _ in errors] == [1, 2]


def test_a_trend_is_the_sign_of_a_change_beyond_the_threshold():
    columns = {"i.now": [5, 4, 3, 4.5, NA, 1], "i.before": [4, 4, 4, 4, 4, BLANK]}
    assert construct("trend", columns)[0] == [1, 0, -1, 1, NA, BLANK]
    assert construct("trend", columns, threshold=0.2)[0] == [1, 0, -1, 0, NA, BLANK]
    turned = construct("trend", columns, now="before", before="now")
    assert turned[0] == [-1, 0, 1, -1, NA, BLANK]


def test_grades_of_fine_dust_fall_with_multiples_of_the_guideline():
    columns = {"i.pm": [5, 10, 60, NA, BLANK]}
    assert construct("pm25_grade", columns)[0] == [7, 6, 1, NA, BLANK]
    assert construct("pm25_grade", columns, guideline=10.0)[0] == [7, 7, 3, NA, BLANK]


ITEMS = [
    ("u0", {"the": "9", "arwu": "11-20", "qs": "500"}),
    ("u0", {"the": "", "arwu": "150"}),
    ("u2", {"qs": "1"}),
]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        # Weights 1 for 10 and better, 1/sqrt(12) to 150; the better place on two lists counts.
        ({}, [1 + 1 / sqrt(12), 0, 0]),
        ({"lists": ("the",)}, [1, 0, 0]),
        ({"lists": ("qs", "the")}, [1, 0, 1]),
        (
            {"lists": ("arwu",), "uppers": (15.0, 200.0), "weights": (5.0, 2.0)},
            [2 + 2, 0, 0],
        ),
    ],
)
def test_items_on_ranking_lists(params, expected):
    found = construct("bands", {}, ITEMS, ["u0", "u1", "u2"], **params)
    assert (found[0], found[2]) == (pytest.approx(expected), ())


def test_a_list_without_items_is_not_filled():
    assert construct("bands", {}, [], ["u0", "u1"])[0] == [BLANK, BLANK]


TIES = np.array([[9, 2, 0, 0], [2, 9, 3, 0], [0, 3, 9, 1], [0, 0, 1, 9.0]])


@pytest.mark.parametrize(
    ("method", "params", "groups", "expected"),
    [
        ("link_strength", {}, None, [4, 10, 8, 2]),
        ("link_strength", {"flow": "symmetric"}, None, [2, 5, 4, 1]),
        (
            "link_strength",
            {"flow": "symmetric", "count": "presence"},
            None,
            [1, 2, 2, 1],
        ),
        # Links inside a group count for nothing.
        ("link_strength", {"flow": "symmetric"}, ["g", "g", "", "h"], [0, 3, 4, 1]),
        ("degree_centrality", {"share": "no"}, None, [1, 2, 2, 1]),
        ("degree_centrality", {}, ["g", "g", "", "h"], [0, 1 / 3, 2 / 3, 1 / 3]),
        # A path of three: 3, 1 over its eigenvalue sqrt(10); the first is tied with nobody.
        (
            "eigen_centrality",
            {},
            ["g", "g", "", "h"],
            [0, 3 / sqrt(20), sqrt(10) / sqrt(20), 1 / sqrt(20)],
        ),
    ],
)
def test_networks_with_groups(method, params, groups, expected):
    step = Step("construct", method, params)
    done = METHODS["construct"][method].network(TIES, groups, step.settings())
    assert done.values[:, 0] == pytest.approx(expected, abs=1e-9)
