"""Gaps filled from other columns, against computations of another kind."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import ErrorCode
from xlcity.functions.entry import evaluate
from xlcity.functions.impute_model import (
    _draw_parameters,
    impute_em,
    impute_neighbours,
    impute_normal,
    impute_regression,
)
from xlcity.functions.registry import FUNCTIONS as LIBRARY

FUNCTIONS = (impute_regression, impute_neighbours, impute_em)


def table(seed, n=30, k=4, gaps=0.15, complete=()):
    """Return correlated values of very different size, with gaps, and their states."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)) @ rng.normal(size=(2, k)) + 0.5 * rng.normal(
        size=(n, k)
    )
    x = x * 10.0 ** np.arange(k) + 100 * np.arange(k)
    states = np.where(rng.random((n, k)) < gaps, 2, 0).astype(np.uint8)
    states[:, list(complete)] = 0
    states[np.flatnonzero((states > 0).all(axis=1)), 0] = 0
    return np.where(states > 0, np.nan, x), states


@pytest.mark.parametrize("seed", range(10))
def test_regression_is_that_of_the_normal_equations(seed):
    x, states = table(seed, complete=(1, 3))
    gaps = states[:, 0] == 2
    for predictor, columns in ((None, [1, 3]), (4, [3])):
        design = np.column_stack([np.ones(len(x)), x[:, columns]])
        fitted = design[~gaps]
        beta = np.linalg.inv(fitted.T @ fitted) @ fitted.T @ x[~gaps, 0]
        filled = impute_regression(x, 1, predictor, states=states).values[:, 0]
        np.testing.assert_allclose(filled[gaps], design[gaps] @ beta, rtol=1e-9)
        assert (filled[~gaps] == x[~gaps, 0]).all()


def test_a_named_predictor_may_have_gaps_and_then_fills_none():
    x = np.array([[1, 2], [2, 4], [3, np.nan], [4, 8], [np.nan, 10], [np.nan, np.nan]])
    states = np.where(np.isnan(x), 2, 0)
    filled = impute_regression(x, 1, 2, states=states)
    assert filled.values[4, 0] == pytest.approx(5)
    assert filled.errors[:, 0].tolist() == [0, 0, 0, 0, 0, ErrorCode.NA]
    # Of complete columns there is none.
    assert (impute_regression(x, 1, states=states).errors[4:, 0] == ErrorCode.NUM).all()


@pytest.mark.parametrize("seed", range(10))
def test_neighbours_are_those_that_a_loop_finds(seed):
    x, states = table(seed, gaps=0.3)
    z = (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)
    filled = impute_neighbours(x, 2, 3, states=states).values[:, 0]
    for row in np.flatnonzero(states[:, 1] == 2):
        distances = []
        for other in np.flatnonzero(states[:, 1] == 0):
            shared = [
                j
                for j in (0, 2, 3)
                if not np.isnan(z[row, j]) and not np.isnan(z[other, j])
            ]
            if shared:
                squares = [(z[row, j] - z[other, j]) ** 2 for j in shared]
                distances.append((sum(squares) / len(squares), x[other, 1]))
        nearest = [value for _, value in sorted(distances)[:3]]
        assert filled[row] == pytest.approx(np.mean(nearest))


def test_neighbours_as_far_away_as_the_last_one_all_count():
    x = np.array([[1.0, 0.0], [2.0, 2.0], [6.0, 2.0], [np.nan, 1.0], [50.0, 9.0]])
    states = np.where(np.isnan(x), 2, 0)
    for order in ([0, 1, 2, 3, 4], [2, 3, 0, 4, 1], [4, 2, 1, 0, 3]):
        filled = impute_neighbours(x[order], nearest=1, states=states[order]).values[
            :, 0
        ]
        assert filled[order.index(3)] == 3.0  # 1, 2 and 6 are at the same distance


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_em_is_the_maximum_of_the_likelihood(seed):
    x, states = table(seed, n=25, k=3, gaps=0.2)
    z = (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0)

    def parts(parameters):
        root = np.zeros((3, 3))
        root[np.tril_indices(3)] = parameters[3:]
        return parameters[:3], root @ root.T + 1e-12 * np.eye(3)

    def minus_log_likelihood(parameters):
        mean, covariance = parts(parameters)
        total = 0.0
        for row in z:
            has = ~np.isnan(row)
            density = multivariate_normal(mean[has], covariance[np.ix_(has, has)])
            total -= density.logpdf(row[has])
        return total

    start = np.concatenate([np.zeros(3), np.eye(3)[np.tril_indices(3)]])
    best = minimize(minus_log_likelihood, start, method="BFGS", options={"gtol": 1e-6})
    mean, covariance = parts(best.x)
    filled = impute_em(x, 1, states=states).values[:, 0]
    for row in np.flatnonzero(states[:, 0] == 2):
        has = ~np.isnan(z[row])
        slopes = covariance[0, has] @ np.linalg.inv(covariance[np.ix_(has, has)])
        expected = mean[0] + slopes @ (z[row, has] - mean[has])
        value = (filled[row] - np.nanmean(x[:, 0])) / np.nanstd(x[:, 0])
        assert value == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("fill", FUNCTIONS)
def test_order_scale_and_blanks_do_not_matter(fill):
    x, states = table(5, complete=(1, 2))
    states[7, 0] = 1  # a blank
    x[7, 0] = np.nan
    filled = fill(x, states=states)
    assert np.isnan(filled.values[7, 0])
    rows = np.random.default_rng(1).permutation(len(x))
    columns = [0, 3, 1, 2]
    moved = fill(x[rows][:, columns], states=states[rows][:, columns]).values
    np.testing.assert_allclose(moved, filled.values[rows], rtol=1e-9)
    scaled = fill(x * [1, 7, 0.01, 3] + [0, 5, 5, -900], states=states).values
    np.testing.assert_allclose(scaled, filled.values, rtol=1e-8)
    further = fill(3 * x - 4, states=states).values
    np.testing.assert_allclose(further, 3 * filled.values - 4, rtol=1e-8)


@pytest.mark.parametrize("fill", FUNCTIONS)
def test_columns_that_follow_from_others_or_never_vary_do_no_harm(fill):
    x, states = table(3, complete=(1, 2, 3))
    plain = fill(x, states=states).values
    copies = np.column_stack([x, 2 * x[:, 1] - 5, np.full(len(x), 9.0)])
    more = np.column_stack([states, states[:, 1], states[:, 1]])
    filled = fill(copies, states=more).values
    assert not np.isnan(filled).any()
    if fill is not impute_neighbours:  # there the copy counts twice
        np.testing.assert_allclose(filled, plain, rtol=1e-6)


@pytest.mark.parametrize("fill", [impute_regression, impute_em])
def test_too_few_cities_are_an_error_in_the_gaps_alone(fill):
    x = np.array([[1.0, 2.0, 3.0], [np.nan, 1.0, 5.0], [3.0, 4.0, 1.0]])
    errors = fill(x, states=np.where(np.isnan(x), 2, 0)).errors[:, 0]
    assert errors.tolist() == [0, ErrorCode.NUM, 0]


def test_a_city_that_nothing_is_known_of_keeps_its_gap():
    x, states = table(2)
    x[4], states[4] = np.nan, 2
    for fill in (impute_neighbours, impute_em):
        filled = fill(x, states=states)
        assert filled.errors[4, 0] == ErrorCode.NA
        assert (np.delete(filled.errors, 4) == 0).all()


@pytest.mark.slow
def test_draws_vary_as_gaps_are_uncertain_and_nothing_else_does():
    x, states = table(8, n=40)
    expected = impute_em(x, states=states).values[:, 0]
    draws = np.array(
        [impute_normal(x, states, 0, (3, i)).values[:, 0] for i in range(1, 101)]
    )
    gaps = states[:, 0] == 2
    assert (draws[:, ~gaps] == x[~gaps, 0]).all()
    spread = draws[:, gaps].std(axis=0)
    error = 4 * spread / np.sqrt(len(draws)) + 0.15 * spread
    assert (np.abs(draws[:, gaps].mean(axis=0) - expected[gaps]) < error).all()
    # The noise of each column has a deviation of 0.5 times its size.
    assert (spread > 0.3).all()
    again = impute_normal(x, states, 0, (3, 1)).values[:, 0]
    assert again.tobytes() == draws[0].tobytes()
    assert (impute_normal(x, states, 0, (4, 1)).values[gaps, 0] != draws[0, gaps]).all()


@pytest.mark.slow
def test_draws_of_one_gap_have_the_known_posterior():
    # One gap in a pair of columns, the other complete: prediction from a regression with the
    # noninformative prior is a t distribution about the line.
    x, _ = table(6, n=24, k=2, gaps=0)
    states = np.zeros(x.shape, dtype=np.uint8)
    states[0, 0], x[0, 0] = 2, np.nan
    design = np.column_stack([np.ones(23), x[1:, 1]])
    beta, rest, *_ = np.linalg.lstsq(design, x[1:, 0])
    here = np.array([1.0, x[0, 1]])
    inverse = np.linalg.inv(design.T @ design)
    draws = np.array(
        [impute_normal(x, states, 0, (0, i)).values[0, 0] for i in range(1, 401)]
    )
    variance = rest[0] * (1 + here @ inverse @ here)
    assert draws.mean() == pytest.approx(
        here @ beta, abs=4 * np.sqrt(variance / 21 / 400)
    )
    assert np.sqrt(variance / 22) * 0.85 < draws.std() < np.sqrt(variance / 19) * 1.15


def test_parameters_are_drawn_around_what_the_values_tell():
    """Their means over many draws: of the means, and of an inverse Wishart distribution."""
    complete = np.array(
        [
            [1.0, 2.0],
            [2.0, 1.5],
            [4.0, 5.0],
            [3.0, 3.0],
            [6.0, 4.5],
            [2.5, 2.0],
            [5.0, 6.5],
            [3.5, 2.5],
            [4.5, 5.5],
            [1.5, 0.5],
            [2.0, 3.5],
            [5.5, 5.0],
        ]
    )
    (n, k), rng = complete.shape, np.random.default_rng(5)
    draws = [_draw_parameters(complete, rng) for _ in range(2000)]
    means = np.mean([mean for mean, _ in draws], axis=0)
    covariances = np.mean([covariance for _, covariance in draws], axis=0)
    assert means == pytest.approx(complete.mean(axis=0), rel=0.03)
    expected = np.cov(complete.T) * (n - 1) / (n - 1 - k - 1)
    assert covariances == pytest.approx(expected, rel=0.08)


def test_numbers_near_the_largest_there_are_have_no_regression():
    x = np.array([[1.7e308, 1.0], [-1.7e308, 2.0], [1.6e308, 3.0], [np.nan, 4.0]])
    states = np.where(np.isnan(x), 2, 0)
    for table, gaps in ((x, states), (x[:, ::-1], states[:, ::-1])):
        column = 1 + int(np.flatnonzero(np.isnan(table[3]))[0])
        assert (
            impute_regression(table, column, states=gaps).errors[3, 0] == ErrorCode.NUM
        )


def test_a_column_that_never_varies_brings_no_city_nearer():
    # The second city shares one column that varies, the third a constant one besides.
    x = np.array(
        [[np.nan, 0.0, 7.0], [10.0, 0.8, np.nan], [20.0, 1.0, 7.0], [90.0, 9.0, 7.0]]
    )
    filled = impute_neighbours(x, nearest=1, states=np.where(np.isnan(x), 2, 0))
    assert filled.values[0, 0] == 10.0


@pytest.mark.parametrize(
    "name", ["IMPUTE_REGRESSION", "IMPUTE_NEIGHBOURS", "IMPUTE_EM"]
)
def test_a_column_is_one_of_the_block(name):
    block = [[1.0, 1.0], [2.0, 3.0], [3.0, 2.0], ["NA", 4.0]]
    assert not evaluate(LIBRARY[name], [block, [[1.0]]]).errors.any()
    assert not evaluate(LIBRARY[name], [block, [[2.0]]]).errors.any()
    for column in (0.0, 3.0):
        with pytest.raises(FunctionError) as refused:
            evaluate(LIBRARY[name], [block, [[column]]])
        assert refused.value.value is CellError.NUM


def test_regression_needs_two_cities_more_than_predictors():
    x = np.array([[1.0, 1.0], [3.0, 2.0], [4.0, 4.0], [np.nan, 6.0]])
    states = np.where(np.isnan(x), 2, 0)
    line = np.polyfit([1.0, 2.0, 4.0], [1.0, 3.0, 4.0], 1)
    filled = impute_regression(x, states=states)
    assert filled.values[3, 0] == pytest.approx(np.polyval(line, 6.0))
    assert impute_regression(x[1:], states=states[1:]).errors[2, 0] == ErrorCode.NUM


def test_em_of_two_columns_with_gaps_in_one_is_the_regression():
    # The likelihood of a monotone pattern has its maximum there (Anderson 1957).
    x, states = table(9, k=2, gaps=0.3, complete=(1,))
    by_line = impute_regression(x, states=states).values
    np.testing.assert_allclose(impute_em(x, states=states).values, by_line, rtol=1e-7)
