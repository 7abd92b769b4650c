import numpy as np
import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import ErrorCode
from xlcity.functions.entry import evaluate
from xlcity.functions.model_weights import ahp_ratio, ahp_weights
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.weigh import (
    balance_weights,
    critic_weights,
    cv_weights,
    entropy_weights,
    equal_weights,
    pca_weights,
    varimax,
)

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE

RNG = np.random.default_rng(5)
COMMON = RNG.normal(size=(40, 1))
X = 50 + 10 * np.hstack(
    [COMMON + RNG.normal(size=(40, 1)) * s for s in (0.3, 0.8, 1.5)]
    + [RNG.normal(size=(40, 2))]
)
DATA_WEIGHTS = [
    entropy_weights,
    critic_weights,
    cv_weights,
    pca_weights,
    balance_weights,
]


def row(block):
    assert block.shape[0] == 1
    return block.values[0]


@pytest.mark.parametrize("weigh", [equal_weights, *DATA_WEIGHTS])
def test_weights_sum_to_1_and_are_not_negative(weigh):
    weights = row(weigh(X))
    assert weights.sum() == pytest.approx(1, rel=1e-12)
    assert (weights >= 0).all()
    assert weights.shape == (5,)


@pytest.mark.parametrize("weigh", DATA_WEIGHTS)
def test_rows_with_a_gap_do_not_count(weigh):
    with_gap = np.vstack([X, [np.nan, 1, 2, 3, 4]])
    assert row(weigh(with_gap)) == pytest.approx(row(weigh(X)), rel=1e-12)


@pytest.mark.parametrize("weigh", [critic_weights, pca_weights, balance_weights])
def test_a_constant_column_has_no_such_weight(weigh):
    assert (weigh(np.column_stack([X, np.ones(40)])).errors == DIV0).all()


@pytest.mark.parametrize("weigh", [entropy_weights, cv_weights])
def test_a_constant_column_weighs_nothing(weigh):
    assert row(weigh(np.column_stack([X, np.full(40, 0.1)])))[-1] == 0


def test_equal_weights_inside_groups():
    assert row(equal_weights(X, ["a", "a", "a", "b", "c"])).tolist() == pytest.approx(
        [1 / 9, 1 / 9, 1 / 9, 1 / 3, 1 / 3]
    )


def test_entropy_by_its_definition():
    p = X / X.sum(axis=0)
    spread = 1 + (p * np.log(p)).sum(axis=0) / np.log(len(X))
    assert row(entropy_weights(X)) == pytest.approx(spread / spread.sum(), rel=1e-9)
    assert (entropy_weights(-X).errors == NUM).all()
    assert (entropy_weights(np.zeros((3, 2))).errors == NUM).all()


def test_critic_by_its_definition():
    scaled = (X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0))
    c = scaled.std(axis=0, ddof=1) * (1 - np.corrcoef(X.T)).sum(axis=0)
    assert row(critic_weights(X)) == pytest.approx(c / c.sum(), rel=1e-9)


def test_coefficients_of_variation():
    v = X.std(axis=0, ddof=1) / X.mean(axis=0)
    assert row(cv_weights(X)) == pytest.approx(v / v.sum(), rel=1e-9)
    assert (cv_weights(-X).errors == NUM).all()


def test_first_component_gives_its_squared_loadings():
    _, _, axes = np.linalg.svd(
        (X - X.mean(axis=0)) / X.std(axis=0), full_matrices=False
    )
    assert row(pca_weights(X, "first")) == pytest.approx(axes[0] ** 2, rel=1e-9)


def test_rotated_loadings_explain_as_much_and_have_a_simpler_shape():
    found, vectors = np.linalg.eigh(np.corrcoef(X.T))
    loadings = vectors[:, ::-1][:, :2] * np.sqrt(found[::-1][:2])
    turned = varimax(loadings)
    assert (turned**2).sum(axis=1) == pytest.approx((loadings**2).sum(axis=1), rel=1e-9)

    def simplicity(table):
        return (table**2).var(axis=0).sum()

    angles = np.linspace(0, np.pi, 721)
    best = max(
        simplicity(
            loadings @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        )
        for a in angles
    )
    assert simplicity(turned) >= best - 1e-9
    kept = turned if (found > 1).sum() == 2 else None
    if kept is not None:
        largest = (kept**2).max(axis=1)
        assert row(pca_weights(X)) == pytest.approx(largest / largest.sum(), rel=1e-6)


def test_balanced_columns_correlate_alike_with_what_they_make():
    weights = row(balance_weights(X))
    assert (weights > 0).all()
    correlations = [np.corrcoef(X[:, j], X @ weights)[0, 1] for j in range(5)]
    assert correlations == pytest.approx([correlations[0]] * 5, rel=1e-9)


def test_balance_may_have_targets_of_its_own():
    weights = row(balance_weights(X, [2, 2, 1.5, 1, 1]))
    correlations = np.array([np.corrcoef(X[:, j], X @ weights)[0, 1] for j in range(5)])
    if (weights > 0).all():
        assert correlations / correlations[-1] == pytest.approx(
            [2, 2, 1.5, 1, 1], rel=1e-9
        )
    assert correlations[0] > correlations[-1]


def test_consistent_judgements_give_their_ratios_back():
    importance = np.array([6.0, 3.0, 2.0, 1.0])
    judged = importance[:, None] / importance[None, :]
    assert ahp_weights(judged).values.ravel() == pytest.approx(
        importance / 12, rel=1e-9
    )
    assert ahp_ratio(judged).values[0, 0] == pytest.approx(0, abs=1e-9)


def test_the_consistency_ratio_of_a_textbook_matrix():
    judged = np.array([[1, 1 / 3, 5], [3, 1, 7], [1 / 5, 1 / 7, 1]])
    largest = max(np.linalg.eigvals(judged).real)
    assert ahp_ratio(judged).values[0, 0] == pytest.approx(
        (largest - 3) / 2 / 0.58, rel=1e-9
    )
    vector = ahp_weights(judged).values.ravel()
    assert judged @ vector == pytest.approx(largest * vector, rel=1e-9)


def test_half_a_matrix_is_enough():
    half = [[np.nan, 3, 5], [np.nan, np.nan, 2], [np.nan] * 3]
    full = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]
    assert ahp_weights(half).values == pytest.approx(ahp_weights(full).values, rel=1e-9)


@pytest.mark.parametrize(
    ("judged", "error"),
    [
        ([[1.0, 2.0, 3.0], [0.5, 1.0, 1.0]], VALUE),
        ([[1.0, -2.0], [-0.5, 1.0]], NUM),
        ([[1.0, 3.0], [0.5, 1.0]], NUM),
        ([[2.0, 3.0], [1 / 3, 1.0]], NUM),
        ([[1.0, np.nan], [np.nan, 1.0]], NA),
    ],
)
def test_bad_judgements(judged, error):
    assert (ahp_weights(judged).errors == error).all()
    assert (ahp_ratio(judged).errors == error).all()


@pytest.mark.parametrize("weigh", DATA_WEIGHTS)
def test_two_rows_are_few_and_one_is_none(weigh):
    assert (weigh(X[:1]).errors == DIV0).all()
    two_are_enough = weigh not in (pca_weights, balance_weights)
    assert (weigh(X[:2]).errors == (0 if two_are_enough else DIV0)).all()
    assert (weigh(X[:3]).errors == 0).all()
    assert row(weigh(X[:3, :1])).tolist() == [1.0]


def test_the_divisor_of_a_deviation_is_above_0():
    assert (cv_weights(X[:2], ddof=2).errors == DIV0).all()
    assert (cv_weights(-X[:2], ddof=2).errors == DIV0).all()
    assert (cv_weights(X[:1], ddof=0).errors == DIV0).all()
    spread = X[:3].std(axis=0, ddof=2) / X[:3].mean(axis=0)
    assert row(cv_weights(X[:3], ddof=2)) == pytest.approx(
        spread / spread.sum(), rel=1e-9
    )


def test_scores_that_are_0_but_for_rounding_have_an_entropy():
    x = np.array([[0.0, 1e6], [2.0, 3e6]])
    for size in (1e-6, 1.0, 1e6):
        noisy = x - [[1e-11, 0], [0, 0]]
        negative = x - [[1e-9, 0], [0, 0]]
        assert row(entropy_weights(noisy * size)) == pytest.approx(
            row(entropy_weights(x * size))
        )
        assert (entropy_weights(negative * size).errors == NUM).all()
    assert (entropy_weights(np.column_stack([x, [0.0, 0.0]])).errors == NUM).all()


def test_proportional_columns_share_their_weight():
    a = np.array([1.0, 2.0, 4.0, 3.0])
    b = np.array([5.0, 1.0, 2.0, 3.0])
    alone = row(balance_weights(np.column_stack([a, b])))
    shared = row(balance_weights(np.column_stack([a, b, 3 * a])))
    # Two columns have half the weight each of the one, in units of their deviations.
    expected = np.array([alone[0] / 2, alone[1], alone[0] / 6])
    assert shared == pytest.approx(expected / expected.sum(), rel=1e-6)


def test_columns_that_cancel_have_no_balance():
    a = np.array([1.0, 2.0, 4.0, 3.0])
    assert (balance_weights(np.column_stack([a, -a])).errors == DIV0).all()


def test_a_sum_of_columns_is_balanced_where_its_target_follows_from_theirs():
    z = (X[:, [0, 3]] - X[:, [0, 3]].mean(axis=0)) / X[:, [0, 3]].std(axis=0)
    x = np.column_stack([X[:, [0, 3]], z.sum(axis=1)])
    # The index correlates with a sum as much as with both parts, beside the deviation of the sum.
    targets = np.array([1.0, 1.0, 2.0 / z.sum(axis=1).std()])
    weights = row(balance_weights(x, targets))
    correlations = np.array([np.corrcoef(x[:, j], x @ weights)[0, 1] for j in range(3)])
    assert correlations / correlations[0] == pytest.approx(targets, rel=1e-6)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_only_proportions_of_targets_count(size):
    targets = np.array([2, 2, 1.5, 1, 1])
    assert row(balance_weights(X, size * targets)) == pytest.approx(
        row(balance_weights(X, targets)), rel=1e-9
    )


@pytest.mark.parametrize(
    ("targets", "error"),
    [
        ([1.0, 2.0], VALUE),
        ([1.0, 0.0, 1.0], NUM),
        ([1.0, -1.0, 1.0], NUM),
        ([0.5, 1, 2], None),
    ],
)
def test_a_target_for_each_column_is_above_0(targets, error):
    arguments = [X[:, [0, 3, 4]], np.array([targets])]
    if error is None:
        assert not evaluate(FUNCTIONS["BALANCE_WEIGHTS"], arguments).errors.any()
        return
    with pytest.raises(FunctionError) as refused:
        evaluate(FUNCTIONS["BALANCE_WEIGHTS"], arguments)
    assert refused.value.value == {NUM: CellError.NUM, VALUE: CellError.VALUE}[error]


def uncorrelated(*sizes):
    """Return columns without any correlation, in units of their own."""
    signs = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]).T[
        :, 1:
    ]
    return np.tile(signs, (2, 1)) * sizes


def test_columns_without_correlation_weigh_equally():
    for method in ("first", "handbook"):
        weights = row(pca_weights(uncorrelated(1.0, 3.0, 5.0), method))
        assert weights == pytest.approx([1 / 3] * 3, rel=1e-9)


def test_components_of_equal_size_count_by_all_their_best_rotations():
    # Three directions in a plane, 120 degrees apart: no rotation is alone the best, and no column
    # weighs more than another. A fourth column stands on its own.
    a, b, c = uncorrelated(1.0, 1.0, 1.0).T
    root = np.sqrt(3) / 2
    star = np.column_stack([a, -a / 2 + root * b, -a / 2 - root * b])
    assert row(pca_weights(star)) == pytest.approx([1 / 3] * 3, rel=1e-6)
    x = np.column_stack([star, c + 0.1 * a])
    weights = row(pca_weights(x))
    order = [3, 1, 0, 2]
    assert row(pca_weights(x[:, order])) == pytest.approx(weights[order], rel=1e-6)


def test_three_components_are_turned_until_no_pair_can_be_turned_further():
    rng = np.random.default_rng(3)
    loadings = rng.normal(size=(7, 3))
    turned = varimax(loadings)
    assert turned @ turned.T == pytest.approx(loadings @ loadings.T, rel=1e-9, abs=1e-9)
    best = (turned**2).var(axis=0).sum()
    for first, second in ((0, 1), (0, 2), (1, 2)):
        for angle in (1e-3, -1e-3, 0.3, 0.8):
            other = turned.copy()
            x = turned[:, first]
            y = turned[:, second]
            other[:, first] = x * np.cos(angle) + y * np.sin(angle)
            other[:, second] = y * np.cos(angle) - x * np.sin(angle)
            assert (other**2).var(axis=0).sum() < best
    assert np.abs(varimax(turned) ** 2 - turned**2).max() < 1e-6


def test_the_ratio_of_one_or_two_things_is_0_and_sixteen_are_too_many():
    assert ahp_ratio([[1.0]]).values.tolist() == [[0.0]]
    assert ahp_ratio([[1.0, 3.0], [0.33, 1.0]]).values.tolist() == [[0.0]]
    assert not ahp_ratio(np.ones((15, 15))).errors.any()
    assert ahp_ratio(np.ones((16, 16))).errors.tolist() == [[NUM]]


def test_opposite_judgements_may_be_rounded_by_two_hundredths():
    assert not ahp_weights([[1.0, 7.0], [0.143, 1.0]]).errors.any()
    assert (ahp_weights([[1.0, 7.0], [0.146, 1.0]]).errors == NUM).all()
    assert (ahp_weights([[1.0, 0.0], [np.nan, 1.0]]).errors == NUM).all()
