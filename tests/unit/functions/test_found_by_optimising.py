"""Benefit of the doubt, infomax and one unobserved factor, against searches written out here."""

import numpy as np
import pytest
from scipy import optimize, stats

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.model_weights import bod_index, infomax_weights, ucm_weights

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM

RNG = np.random.default_rng(11)
X = RNG.uniform(0, 100, (14, 4))
COMMON = RNG.normal(size=(60, 1))
Y = 50 + (COMMON + RNG.normal(size=(60, 5)) * [0.4, 0.7, 1.0, 1.5, 2.0]) * [
    5,
    9,
    2,
    7,
    11,
]


def column(block):
    return block.values[:, 0]


def row(block):
    return block.values[0]


def test_two_columns_are_scored_by_the_line_through_the_best():
    found = column(bod_index([[2, 1], [1, 2], [1, 1], [0.5, 0.5], [2, 0]]))
    assert found == pytest.approx([1, 1, 2 / 3, 1 / 3, 1])


def vertices(x, limits):
    """Return the greatest scores by the dual: how far the best mixture of rows goes beyond one."""
    made = []
    for one in x:
        # min sum(l), sum(l_i x_i) >= one, l >= 0: rows with multipliers.
        found = optimize.linprog(
            np.ones(len(x)), A_ub=-x.T, b_ub=-one, method="highs-ds"
        )
        made.append(found.fun)
    return np.array(made)


def test_without_limits_the_dual_programme_gives_the_same_scores():
    assert column(bod_index(X)) == pytest.approx(vertices(X, None), abs=1e-9)


@pytest.mark.parametrize("shares", ["weights", "score"])
def test_limits_hold_and_no_weights_drawn_at_random_do_better(shares):
    low = 0.15
    high = 0.4
    found = column(bod_index(X, low, high, shares))
    assert (found <= column(bod_index(X)) + 1e-9).all()
    drawn = RNG.dirichlet(np.ones(4) * 3, 40_000)
    reached = np.zeros(len(X))
    for at, one in enumerate(X):
        weights = drawn if shares == "weights" else drawn / one
        kept = weights[((drawn >= low) & (drawn <= high)).all(axis=1)]
        reached[at] = (kept @ one / (kept @ X.T).max(axis=1)).max()
    assert (reached <= found + 1e-9).all()
    assert reached == pytest.approx(found, abs=0.02)


def test_equal_shares_are_the_mean_over_the_best_mean():
    mean = X.mean(axis=1)
    assert column(bod_index(X, 0.25, 0.25)) == pytest.approx(mean / mean.max())


def test_scale_and_order_of_rows_change_nothing():
    order = RNG.permutation(len(X))
    found = column(bod_index(X, 0.1, 0.5))
    assert column(bod_index(X[order] * 1e-6, 0.1, 0.5)) == pytest.approx(
        found[order], abs=1e-9
    )


def test_gaps_zeros_and_limits_that_do_not_fit():
    states = np.zeros(X.shape, dtype=np.uint8)
    states[3, 1], states[5, 2] = CellState.MISSING, CellState.BLANK
    gappy = np.where(states > 0, np.nan, X)
    made = bod_index(gappy, states=states)
    assert np.flatnonzero(made.errors[:, 0] == NA).tolist() == [3, 5]
    left = [0, 1, 2, 4, *range(6, 14)]
    assert column(made)[left] == pytest.approx(column(bod_index(X[left])))
    assert (bod_index(-X).errors == NUM).all()
    assert (bod_index(np.zeros((3, 2))).errors == DIV0).all()
    for low, high in ((0.3, 1.0), (0.0, 0.2), (0.3, 0.2)):
        assert (bod_index(X, low, high).errors == NUM).all()


def test_infomax_is_where_a_search_ends():
    def missing(weights):
        made = Y @ np.abs(weights)
        return -sum(np.corrcoef(one, made)[0, 1] for one in Y.T)

    found = optimize.minimize(
        missing,
        np.ones(5),
        method="Nelder-Mead",
        options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20_000, "adaptive": True},
    )
    searched = np.abs(found.x) / np.abs(found.x).sum()
    assert row(infomax_weights(Y)) == pytest.approx(searched, rel=1e-4)
    assert (infomax_weights(np.column_stack([Y, np.ones(60)])).errors == DIV0).all()


@pytest.mark.parametrize("weigh", [infomax_weights, ucm_weights])
def test_without_complete_rows_there_are_no_weights(weigh):
    for rows in (Y[:0], Y[:1], np.full((4, 5), np.nan)):
        assert (weigh(rows).errors == DIV0).all()


def likelihood(parameters, z):
    k = z.shape[1]
    loading = parameters[:k]
    own = parameters[k:] ** 2
    spread = np.outer(loading, loading) + np.diag(own)
    return -stats.multivariate_normal(np.zeros(k), spread).logpdf(z).sum()


def test_one_factor_has_the_greatest_likelihood():
    z = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    start = np.concatenate([np.full(5, 0.7), np.full(5, 0.7)])
    found = optimize.minimize(
        likelihood, start, args=(z,), method="BFGS", options={"gtol": 1e-7}
    )
    loading = np.abs(found.x[:5])
    own = found.x[5:] ** 2
    weights = loading / own / Y.std(axis=0)
    assert row(ucm_weights(Y)) == pytest.approx(weights / weights.sum(), rel=1e-4)


def test_the_index_orders_rows_by_what_is_expected_of_the_factor():
    z = (Y - Y.mean(axis=0)) / Y.std(axis=0)
    start = np.full(10, 0.7)
    found = optimize.minimize(
        likelihood, start, args=(z,), method="BFGS", options={"gtol": 1e-7}
    )
    loading = np.abs(found.x[:5])
    own = found.x[5:] ** 2
    # The Handbook's (24) and (25): sums of rescaled values, weighed by inverse error variances.
    errors = own / loading**2
    expected = (z / loading / errors).sum(axis=1) / (1 + (1 / errors).sum())
    index = Y @ row(ucm_weights(Y))
    assert np.corrcoef(index, expected)[0, 1] == pytest.approx(1, abs=1e-9)


def test_columns_that_measure_the_opposite_weigh_nothing_and_two_say_nothing():
    turned = np.column_stack([Y[:, :4], -Y[:, 4]])
    found = row(ucm_weights(turned))
    assert found[4] == 0
    assert found[:4] == pytest.approx(
        row(ucm_weights(Y))[:4] / row(ucm_weights(Y))[:4].sum()
    )
    assert (ucm_weights(Y[:, :2]).errors == DIV0).all()
    assert row(ucm_weights(Y[:, :1])).tolist() == [1.0]
    order = RNG.permutation(60)
    assert row(ucm_weights(Y[order] * 7 - 3)) == pytest.approx(
        row(ucm_weights(Y)), rel=1e-7
    )


def test_one_factor_that_explains_all_correlations_is_found_exactly():
    loadings = np.array([0.9, 0.8, 0.6, 0.5])
    sds = np.array([3.0, 1.0, 20.0, 7.0])
    correlations = np.outer(loadings, loadings)
    np.fill_diagonal(correlations, 1.0)
    # Columns with exactly these correlations: orthonormal ones, mixed.
    centred = RNG.normal(size=(30, 4))
    orthonormal = np.linalg.qr(centred - centred.mean(axis=0))[0]
    x = 50 + orthonormal @ np.linalg.cholesky(correlations).T * sds
    weights = loadings / (1 - loadings**2) / sds
    assert row(ucm_weights(x)) == pytest.approx(weights / weights.sum(), rel=1e-6)
    assert row(ucm_weights(-x)) == pytest.approx(row(ucm_weights(x)), rel=1e-6)


@pytest.mark.parametrize("size", [1e-150, 1e150])
def test_no_size_of_scores_is_too_large_or_small(size):
    assert column(bod_index(X * size)) == pytest.approx(column(bod_index(X)), abs=1e-9)
    for weigh in (infomax_weights, ucm_weights):
        assert row(weigh(Y * size)) == pytest.approx(row(weigh(Y)), rel=1e-6)


def test_the_best_rows_have_exactly_1_and_limits_are_shares():
    assert (column(bod_index(X)) == 1.0).sum() >= 2
    assert column(bod_index(X)).max() == 1.0
    # Three tenths, tenths and the rest: shares of 1 that three columns can have.
    assert not bod_index(X[:, :3], 1 / 3, 1 / 3).errors.any()
    assert (bod_index(X[:, :3], 0.5, 0.4).errors == NUM).all()
    assert not bod_index(X[:, :3], 0.0, 1 / 3).errors.any()


def test_three_rows_are_enough_for_a_factor_and_two_for_infomax():
    three = np.array([[1.0, 2.0, 1.5], [2.0, 1.0, 3.5], [3.0, 4.0, 2.0]])
    assert not ucm_weights(three).errors.any()
    assert (ucm_weights(three[:2]).errors == DIV0).all()
    assert not infomax_weights(three[:2]).errors.any()
