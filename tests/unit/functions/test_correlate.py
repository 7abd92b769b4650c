import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import betainc

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.correlate import (
    fit_line,
    pearson_matrix,
    regression_simple,
    two_sided_p,
)

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA

X = np.array([1.0, 2.0, 3.0, 4.0])
Y = np.array([2.0, 1.0, 4.0, 3.0])


def test_a_hand_worked_coefficient():
    # Deviations -1.5 -0.5 0.5 1.5 and -0.5 -1.5 1.5 0.5; both sums of squares are 5.
    r = (0.75 + 0.75 + 0.75 + 0.75) / 5
    assert pearson_matrix(np.column_stack([X, Y])).values[0, 1] == pytest.approx(r)
    t = r * math.sqrt((4 - 2) / (1 - r**2))
    p = pearson_matrix(np.column_stack([X, Y]), "p").values[0, 1]
    # Two degrees of freedom have a distribution in closed form.
    assert p == pytest.approx(1 - t / math.sqrt(2 + t**2))


def test_a_hand_worked_line():
    row = regression_simple(Y, X).values[0].tolist()
    assert row[:4] == pytest.approx([3 / 5, 2.5 - 3 / 5 * 2.5, 3 / 5, 9 / 25])
    assert row[5] == 4


@pytest.mark.parametrize("n", [3, 5, 46, 400])
def test_as_scipy_gives_it(n):
    rng = np.random.default_rng(n)
    x = rng.normal(size=n)
    y = 0.4 * x + rng.normal(size=n)
    line = stats.linregress(x, y)
    expected = [line.slope, line.intercept, line.rvalue, line.rvalue**2, line.pvalue, n]
    assert regression_simple(y, x).values[0].tolist() == pytest.approx(
        expected, rel=1e-9
    )
    found = stats.pearsonr(x, y)
    both = np.column_stack([x, y])
    assert pearson_matrix(both).values[1, 0] == pytest.approx(found.statistic)
    assert pearson_matrix(both, "p").values[1, 0] == pytest.approx(
        found.pvalue, rel=1e-9
    )


@pytest.mark.parametrize("degrees", [1, 2, 3, 7, 28, 98, 339, 340, 341, 5000])
def test_two_sided_p_is_that_of_the_incomplete_beta_function(degrees):
    t = np.concatenate([np.linspace(0.01, 9.0, 200), np.logspace(0, 12, 60)])
    total = degrees + t**2
    # Scipy reads the share of x, which rounds where t is small: then the other end is exact.
    near = betainc(0.5, degrees / 2, t**2 / total)
    far = betainc(degrees / 2, 0.5, degrees / total)
    expected = np.where(t < 1, 1 - near, far)
    found = np.array([two_sided_p(x * x / degrees, degrees) for x in t.tolist()])
    sure = expected > 1e-290
    assert found[sure] == pytest.approx(expected[sure], rel=1e-12)
    assert (found[~sure] < 1e-289).all()


def test_two_sided_p_at_the_ends():
    assert two_sided_p(0.0, 5) == 1.0
    assert two_sided_p(math.inf, 5) == 0.0
    assert math.isnan(two_sided_p(math.nan, 5))
    # Of two degrees of freedom, in closed form: 1 - t / sqrt(2 + t**2), here about 1 / t**2.
    assert two_sided_p(1e60 / 2, 2) == pytest.approx(1e-60, rel=1e-13)


def test_the_matrix_is_symmetric_with_ones_and_no_test_on_the_diagonal():
    block = np.random.default_rng(1).normal(size=(12, 4))
    r = pearson_matrix(block)
    p = pearson_matrix(block, "p")
    assert (r.values == r.values.T).all()
    assert np.diag(r.values) == pytest.approx(np.ones(4))
    assert (np.diag(p.errors) == NA).all()
    assert (p.errors[~np.eye(4, dtype=bool)] == 0).all()


def test_each_pair_counts_its_own_rows():
    nan = np.nan
    block = np.array(
        [[1.0, 5.0, nan], [2.0, 4.0, 1.0], [3.0, nan, 2.0], [5.0, 1.0, 9.0]]
    )
    assert pearson_matrix(block, "n").values.tolist() == [
        [4, 3, 3],
        [3, 3, 2],
        [3, 2, 3],
    ]
    r = pearson_matrix(block)
    assert r.values[0, 1] == pytest.approx(
        stats.pearsonr([1, 2, 5], [5, 4, 1]).statistic
    )
    assert r.values[1, 2] == pytest.approx(-1)  # two rows lie on a line
    # Two rows have no degree of freedom left.
    assert pearson_matrix(block, "p").errors[1, 2] == DIV0


def test_codes_and_text_stay_out_whatever_number_stands_beneath():
    states = np.array(
        [
            [CellState.NUMBER] * 2,
            [CellState.NUMBER] * 2,
            [CellState.NUMBER, CellState.MISSING],
        ]
    )
    states = np.vstack(
        [states, [CellState.TEXT, CellState.NUMBER], [CellState.NUMBER] * 2]
    )
    block = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 99.0], [98.0, 5.0], [4.0, 8.0]])
    assert pearson_matrix(block, "n", states=states).values[0, 1] == 3
    assert pearson_matrix(block, states=states).values[0, 1] == pytest.approx(1)


def test_constant_and_empty_columns():
    nan = np.nan
    block = np.array([[0.1, 1.0, nan], [0.1, 2.0, nan], [0.1, 4.0, nan]])
    r = pearson_matrix(block)
    n = pearson_matrix(block, "n")
    assert r.errors.tolist() == [[DIV0, DIV0, NA], [DIV0, 0, NA], [NA, NA, NA]]
    assert n.values.tolist() == [[3, 3, 0], [3, 3, 0], [0, 0, 0]]
    assert not n.errors.any()


def test_a_line_through_a_constant():
    flat = regression_simple([7.0, 7.0, 7.0], [1.0, 2.0, 4.0])
    assert flat.values[0, :2].tolist() == [0.0, 7.0]
    assert flat.errors[0].tolist() == [0, 0, DIV0, DIV0, DIV0, 0]
    upright = regression_simple([1.0, 2.0, 4.0], [7.0, 7.0, 7.0])
    assert upright.errors[0].tolist() == [DIV0] * 5 + [0]
    nothing = regression_simple([1.0, np.nan], [np.nan, 2.0])
    assert nothing.errors[0].tolist() == [NA] * 5 + [0]
    assert nothing.values[0, 5] == 0


def test_two_points_have_a_line_but_no_significance():
    two = regression_simple([1.0, 5.0], [0.0, 2.0])
    assert two.values[0, :4].tolist() == [2.0, 1.0, 1.0, 1.0]
    assert two.errors[0].tolist() == [0, 0, 0, 0, DIV0, 0]


def test_perfect_lines_are_certain():
    assert regression_simple([9.0, 5.0, 1.0], [0.0, 1.0, 2.0]).values[
        0, 2:5
    ].tolist() == [-1, 1, 0]


def test_a_row_per_column_of_y():
    y = np.column_stack([Y, 10 - 3 * X])
    both = regression_simple(y, X)
    assert both.values.shape == (2, 6)
    assert both.values[0].tolist() == regression_simple(Y, X).values[0].tolist()
    assert both.values[1, :3].tolist() == pytest.approx([-3, 10, -1])
    own = regression_simple(y, np.column_stack([X, Y]))
    assert own.values[1].tolist() == regression_simple(y[:, 1], Y).values[0].tolist()


def test_very_large_and_small_measures():
    for factor in (1e-200, 1e200):
        fit = fit_line(Y * factor, X)
        assert fit.r == pytest.approx(3 / 5)
        assert fit.slope == pytest.approx(3 / 5 * factor)
        assert fit_line(Y, X * factor).slope == pytest.approx(3 / 5 / factor)
