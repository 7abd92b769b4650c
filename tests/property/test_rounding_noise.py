"""Last bits, the order of cities and columns, and the scale of data decide nothing."""

import math
import random
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest

from xlcity.errors import CellError
from xlcity.functions.block import ErrorCode
from xlcity.functions.declare import Kind, Returns
from xlcity.functions.links import check_square
from xlcity.functions.normalise import minmax_scale, zscore_winsor
from xlcity.functions.registry import BUILT_IN
from xlcity.functions.scale import efficacy_scale
from xlcity.functions.weigh import (
    balance_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    pca_weights,
)
from xlcity.hosts.cells import call
from xlcity.index import compute
from xlcity.methods.registry import METHODS
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

DIV0 = ErrorCode.DIV0

#: Numbers that meet each other but for rounding: sums of tenths, thirds, the same in other orders.
AWKWARD = [
    0.1 + 0.2,
    0.3,
    0.6 / 2,
    1 / 3,
    1 - 2 / 3,
    0.7,
    0.1 * 7,
    1.1,
    2.2,
    3.3,
    1.1 * 3,
    4.4,
    5.0,
]
#: What a call needs beside its values: the rest of the worked example.
BY_ROW = (Kind.BLOCK, Kind.CELLS)


def awkward_block(rng, rows, columns):
    """Return a block with proportional, equal and constant columns among random ones."""
    made = []
    for _ in range(columns):
        kind = rng.choice(
            ("plain", "plain", "ties", "proportional", "opposite", "constant")
        )
        if kind == "proportional" and made:
            made.append([3.0 * x / 7.0 for x in rng.choice(made)])
        elif kind == "opposite" and made:
            made.append([6.0 - x for x in rng.choice(made)])
        elif kind == "constant":
            made.append([rng.choice(AWKWARD[:3]) for _ in range(rows)])
        else:
            few = AWKWARD if kind == "plain" else rng.sample(AWKWARD, 3)
            made.append([rng.choice(few) for _ in range(rows)])
    return [list(row) for row in zip(*made, strict=True)]


def alike(one, other):
    if isinstance(one, CellError) or isinstance(other, CellError):
        return one is other
    return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))


def arguments_for(function, block):
    """Return the arguments of a call over a block, and which of them lie by row."""
    given = [block]
    by_row = [True]
    for argument, cells in zip(
        function.arguments[1:], function.example.arguments[1:], strict=False
    ):
        rows = [list(row) for row in cells]
        if argument.kind in BY_ROW:
            rows = [rows[at % len(rows)] for at in range(len(block))]
        elif argument.kind in (Kind.WEIGHTS, Kind.LABELS):
            flat = [cell for row in rows for cell in row]
            rows = [[flat[at % len(flat)] for at in range(len(block[0]))]]
        elif len(rows[0]) == len(function.example.arguments[0][0]) > 1:
            rows = [[row[at % len(row)] for at in range(len(block[0]))] for row in rows]
        given.append(rows)
        by_row.append(argument.kind in BY_ROW)
    return given, by_row


#: Functions whose result names rows in their order; those of square tables have cities in columns.
ORDERED = {"CLUSTER_WARD", "CLUSTER_LABELS"}
SHUFFLED = [
    function
    for function in BUILT_IN.values()
    if function.arguments[0].kind is Kind.VALUES
    and function.returns in (Returns.BLOCK, Returns.COLUMN, Returns.ROW, Returns.SINGLE)
    and function.name not in ORDERED
    and function.check is not check_square
    and all(a.kind is not Kind.TABLE for a in function.arguments)
]


@pytest.mark.parametrize("function", SHUFFLED, ids=lambda f: f.name)
def test_the_order_of_rows_decides_nothing(function):
    rng = random.Random(function.name)
    for _ in range(8):
        columns = len(function.example.arguments[0][0])
        rows = rng.randint(3, 9)
        given, by_row = arguments_for(function, awkward_block(rng, rows, columns))
        order = rng.sample(range(rows), rows)
        turned = [
            [cells[at] for at in order] if moves and len(cells) == rows else cells
            for cells, moves in zip(given, by_row, strict=True)
        ]
        one = call(function.name, given)
        other = call(function.name, turned)
        if len(one) == rows == len(other):
            one = [one[at] for at in order]
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert all(map(alike, a, b)), (given, order, one, other)


@pytest.mark.parametrize(
    "name",
    [
        "ZSCORE_WINSOR",
        "ZSCORE_SCALE",
        "MINMAX_SCALE",
        "EFFICACY_SCALE",
        "GOALPOST_SCALE",
        "PERCENTILE_SCALE",
        "RANK_BORDA",
        "RANK_UNIFORM",
        "RANK_COMPETITION",
        "DIST_REFERENCE",
        "FRACTION_MAX",
        "ABOVE_MEAN",
        "ENTROPY_WEIGHTS",
        "CRITIC_WEIGHTS",
        "CV_WEIGHTS",
        "PCA_WEIGHTS",
        "PEARSON_MATRIX",
        "CRONBACH_ALPHA",
        "COPELAND_SCORE",
    ],
)
def test_the_scale_of_the_data_decides_nothing(name):
    rng = random.Random(name)
    for factor in (1e-12, 1e-9, 0.001, 1 / 3, 7.0, 1000.0, 1e12):
        for _ in range(4):
            block = awkward_block(rng, rng.randint(3, 9), rng.randint(1, 4))
            larger = [[x * factor for x in row] for row in block]
            if name.startswith(("RANK", "PERCENTILE")):
                # Ranks compare numbers as they are: those that differ in the last bit differ.
                block = [[round(x, 3) for x in row] for row in block]
                larger = [
                    [float(Fraction(x) * Fraction(factor)) for x in row]
                    for row in block
                ]
            for a, b in zip(call(name, [block]), call(name, [larger]), strict=True):
                assert all(map(alike, a, b)), (factor, block, a, b)


HEAD = "code,parent,weight,direction,goalpost_low,goalpost_high,target\n"
TREE = Framework.read(
    HEAD
    + "T,,1,,,,\nP,T,3,,,,\nQ,T,2,,,,\nR,T,1,,,,\na,P,1,1,1,9,9\nb,P,4,-1,1,9,1\nc,P,1,1,1,9,9\n"
    "d,Q,1,1,1,9,9\ne,Q,1,-1,1,9,1\nf,R,1,1,1,9,9\n"
)
NEEDED = {
    ("normalise", "bands"): {"cuts": (2.0, 5.0)},
    ("normalise", "dist2ref"): {"unit": "u0"},
    ("normalise", "zscore"): {"ddof": 0},
    ("aggregate", "power"): {"power": 2.0},
}
CHAINS = [
    *(
        ("normalise", m, "minmax", "arithmetic", None)
        for m in sorted(METHODS["normalise"])
    ),
    *(("aggregate", "zscore", "minmax", m, None) for m in sorted(METHODS["aggregate"])),
    *(("rescale", "zscore", m, "arithmetic", None) for m in sorted(METHODS["rescale"])),
    *(
        ("weight", "minmax", "linear", "arithmetic", m)
        for m in sorted(set(METHODS["weight"]) - {"ahp", "named", "ucm"})
    ),
]


def chain(what, normalise, rescale, aggregate, weigh):
    steps = [Step("normalise", normalise, NEEDED.get(("normalise", normalise), {}))]
    if weigh:
        steps.append(Step("weight", weigh, {}))
    more = {"missing": "na", **NEEDED.get(("aggregate", aggregate), {})}
    steps.append(Step("aggregate", aggregate, {} if aggregate == "none" else more))
    if what == "rescale":
        steps.append(Step("rescale", rescale, {}))
    steps.append(Step("rank", "competition", {"digits": 9}))
    return Recipe("r", tuple(steps), weights="relative", blank="missing")


def data_of(block, order):
    values = np.array([block[at] for at in order], dtype=float)
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    units = tuple(Unit(f"u{at}") for at in order)
    return Dataset(
        units, tuple("abcdef"), values, states, np.full(values.shape, "", dtype="<U12")
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "parts",
    CHAINS,
    ids=lambda p: (
        f"{p[0]} {p[{'normalise': 1, 'rescale': 2, 'aggregate': 3, 'weight': 4}[p[0]]]}"
    ),
)
def test_an_index_does_not_depend_on_the_order_of_its_cities(parts):
    made = chain(*parts)
    rng = random.Random(str(parts))
    for _ in range(6):
        rows = rng.randint(3, 9)
        block = awkward_block(rng, rows, 6)
        order = rng.sample(range(rows), rows)
        one = compute(TREE, made, data_of(block, range(rows)))
        other = compute(TREE, made, data_of(block, order))
        where = (block, order)
        assert np.array_equal(one.score_states[order], other.score_states), where
        near = np.isclose(
            one.scores[order], other.scores, rtol=1e-9, atol=1e-9, equal_nan=True
        )
        assert near.all(), where
        assert np.array_equal(one.ranks[order], other.ranks), where


def test_critic_weights_of_one_column_and_of_proportional_ones():
    column = np.array([1, 5, 4, 3, 5, 1, 5.0])
    found = set()
    for seed in range(60):
        shuffled = np.random.default_rng(seed).permutation(column)[:, None]
        found.add(
            (
                str(critic_weights(shuffled).cells()),
                str(critic_weights(np.hstack([shuffled, 3 * shuffled + 0.1])).cells()),
            )
        )
    assert found == {("[[1.0]]", str([[CellError.DIV0, CellError.DIV0]]))}


@pytest.mark.parametrize(
    "weigh", [entropy_weights, critic_weights, cv_weights, pca_weights, balance_weights]
)
@pytest.mark.parametrize("column", [[1.0, 2.0, 4.0], [3.0, 3.0, 3.0], [-1.0, 0.0, 1.0]])
def test_a_single_column_has_all_the_weight(weigh, column):
    assert weigh(column).cells() == [[1.0]]


@pytest.mark.parametrize("weigh", [critic_weights, pca_weights, balance_weights])
def test_weights_of_more_columns_than_cities_do_not_follow_their_order(weigh):
    rng = np.random.default_rng(7)
    for trial in range(300):
        n = int(rng.integers(3, 6))
        k = int(rng.integers(2, 8))
        x = (
            rng.normal(size=(n, k))
            if trial % 2
            else rng.normal(size=(n, k)).argsort(axis=0) + 1.0
        )
        columns = rng.permutation(k)
        rows = rng.permutation(n)
        plain = weigh(x)
        shuffled = weigh(x[rows][:, columns])
        assert plain.errors[0].tolist() == shuffled.errors[0].tolist()
        np.testing.assert_allclose(
            plain.values[0][columns], shuffled.values[0], rtol=0, atol=1e-11
        )


def test_columns_that_cancel_have_no_balance():
    ranks = np.array([[1.0, 2, 3], [2, 3, 1], [3, 1, 2]])
    assert (balance_weights(ranks).errors == DIV0).all()


def test_cv_weights_of_z_scores_do_not_follow_the_sign_of_a_mean_that_is_0():
    rng = np.random.default_rng(2)
    for _ in range(100):
        z = zscore_winsor(rng.normal(size=(9, 2)).round(1), 0).values
        assert cv_weights(z).errors.tolist() == [[6, 6]]  # #NUM!


@pytest.mark.parametrize(
    "data", [[1.1, 2.2, 3.3], [0.1, 0.7, 0.4], [0.3, 0.1 + 0.2, 0.6 / 2, 0.3]]
)
def test_a_value_at_the_mean_has_z_score_0_and_a_constant_column_none(data):
    for seed in range(20):
        cells = [
            row[0]
            for row in zscore_winsor(
                np.random.default_rng(seed).permutation(data)
            ).cells()
        ]
        if len(data) == 3:
            assert sorted(cells)[1] == 0
        else:
            assert cells == [CellError.DIV0] * 4


def exact_entropy(x):
    with localcontext() as context:
        context.prec = 60
        spreads = []
        for column in x.T.tolist():
            shares = [Decimal(v) / sum(map(Decimal, column)) for v in column]
            spreads.append(
                1 + sum(p * p.ln() for p in shares) / Decimal(len(column)).ln()
            )
        return [float(spread / sum(spreads)) for spread in spreads]


def exact_z(x):
    numbers = list(map(Fraction, x))
    mean = sum(numbers) / len(numbers)
    variance = sum((v - mean) ** 2 for v in numbers) / len(numbers)
    with localcontext() as context:
        context.prec = 40
        sd = (Decimal(variance.numerator) / variance.denominator).sqrt()
        return [
            float(Decimal((v - mean).numerator) / (v - mean).denominator / sd)
            for v in numbers
        ]


@pytest.mark.parametrize("variation", [1.0, 1e-4, 1e-6, 1e-8, 1e-12])
def test_entropy_weights_are_exact_however_little_columns_vary(variation):
    x = 1 + variation * np.random.default_rng(1).random((30, 3)) * [1, 2, 3]
    assert entropy_weights(x).values[0].tolist() == pytest.approx(
        exact_entropy(x), rel=1e-13
    )


@pytest.mark.parametrize("base", [0.0, 1e3, 1e9, 1e12, 1e15])
def test_z_scores_are_exact_far_from_0(base):
    rng = np.random.default_rng(4)
    for _ in range(20):
        x = base + rng.integers(0, 40, 25).astype(float)
        expected = exact_z(x.tolist())
        assert zscore_winsor(x, 0).values.ravel().tolist() == pytest.approx(
            expected, abs=1e-13
        )


def test_pca_weights_do_not_depend_on_the_order_of_rows_and_columns():
    worst = 0.0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(5, 30))
        k = int(rng.integers(3, 8))
        x = rng.normal(size=(n, k)).round(1)
        rows = rng.permutation(n)
        columns = rng.permutation(k)
        for method in ("handbook", "first"):
            here = pca_weights(x, method).values[0]
            there = pca_weights(x[rows][:, columns], method).values[0]
            worst = max(worst, float(np.abs(here[columns] - there).max()))
    assert worst < 1e-12


def test_uncorrelated_columns_weigh_equally_by_their_components():
    square = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]]) + 5
    for method in ("handbook", "first"):
        assert pca_weights(square, method).values[0] == pytest.approx(
            [1 / 3] * 3, rel=1e-12
        )


def test_bounds_that_run_downward_score_a_reverse_indicator():
    cells = [[10.0], [25.0], [40.0], [50.0]]
    up = efficacy_scale([[-x for x in row] for row in cells], 40, -40, -10)
    assert efficacy_scale(cells, 40, 40, 10).values.tolist() == up.values.tolist()
    assert call("EFFICACY_SCALE", [cells, 40, 40, 10])[0] == [100.0]
    assert call("EFFICACY_SCALE", [cells, 40, 10, 10]) == [[CellError.NUM]]
    assert call("MINMAX_SCALE", [cells, 40, 10]) == [[CellError.NUM]]
    assert call("GOALPOST_SCALE", [cells, 40, 10]) == [[CellError.NUM]]


@pytest.mark.parametrize("scale", [efficacy_scale, minmax_scale])
def test_a_column_equal_but_for_rounding_has_no_scale(scale):
    assert set(scale([[0.3], [0.1 + 0.2], [0.3]]).errors.ravel()) == {2}  # #DIV/0!
    assert math.isclose(scale([[1e15], [1e15 + 5], [1e15 + 10]]).values.min() % 60, 0)
