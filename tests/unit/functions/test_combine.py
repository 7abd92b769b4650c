import numpy as np
import pytest

from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.combine import (
    contributions,
    copeland_score,
    cronbach_alpha,
    min_index,
    mpi_index,
    owa_index,
)
from xlcity.functions.rank import tier_labels

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE

RNG = np.random.default_rng(3)
X = RNG.integers(0, 6, (20, 7)).astype(float)
STATES = np.array(
    [[0, 0], [0, CellState.MISSING], [0, CellState.BLANK], [0, CellState.TEXT]],
    dtype=np.uint8,
)
GAPPY = np.where(STATES == CellState.NUMBER, [[60.0, 90.0]] * 4, np.nan)


def column(block):
    return block.values.ravel().tolist()


def errors(block):
    return block.errors.ravel().tolist()


def duels(x, weights):
    """Return Copeland scores in whole numbers: weights as integers cannot be rounded."""
    scores = []
    for one in x:
        net = [
            sum(w * np.sign(a - b) for w, a, b in zip(weights, one, two, strict=True))
            for two in x
        ]
        scores.append(float(np.sign(net).sum()))
    return scores


def test_copeland_counts_duels():
    weights = [3, 1, 1, 2, 5, 1, 2]
    assert column(copeland_score(X, weights)) == duels(X, weights)


@pytest.mark.parametrize("share", [1 / 49, 0.1, 1 / 3, 1e-9])
def test_ties_are_exact_whatever_the_weights_round_to(share):
    weights = [3, 1, 1, 2, 5, 1, 2]
    scores = column(copeland_score(X, [share * w for w in weights]))
    assert scores == duels(X, weights)
    assert sum(scores) == 0


def test_sums_that_only_rounding_tells_apart_are_a_tie():
    assert 0.1 + 0.2 != 0.3
    assert column(copeland_score([[1, 1, 0], [0, 0, 1]], [0.1, 0.2, 0.3])) == [0, 0]


def test_gaps_in_duels():
    alone = copeland_score(GAPPY, states=STATES)
    assert errors(alone) == [0, NA, NA, VALUE]
    assert column(alone)[0] == 0
    both = copeland_score(
        np.array([[2.0, 1.0], [1.0, np.nan]]),
        missing="renormalise",
        states=np.array([[0, 0], [0, CellState.MISSING]], dtype=np.uint8),
    )
    assert column(both) == [1, -1]


def test_mpi_by_its_definition():
    rows = 100 + 10 * RNG.normal(size=(6, 4))
    mean = rows.mean(axis=1)
    sd = rows.std(axis=1)
    assert column(mpi_index(rows)) == pytest.approx(mean - sd * sd / mean, rel=1e-12)
    assert column(mpi_index(rows, "plus")) == pytest.approx(
        mean + sd * sd / mean, rel=1e-12
    )
    assert errors(mpi_index([[-1.0, 1.0]])) == [NUM]


@pytest.mark.parametrize("function", [mpi_index, min_index])
def test_gaps_in_a_row(function):
    assert errors(function(GAPPY, states=STATES)) == [0, NA, NA, VALUE]
    rest = function(GAPPY, missing="renormalise", states=STATES)
    assert errors(rest) == [0, 0, NA, VALUE]
    assert rest.values[1, 0] == 60


@pytest.mark.parametrize("missing", ["na", "renormalise", "zero"])
def test_contributions_sum_to_the_weighted_mean(missing):
    whole = weighted_index(GAPPY, [1, 3], missing=missing, states=STATES)
    parts = contributions(GAPPY, [1, 3], missing, states=STATES)
    assert parts.errors[:, 0].tolist() == whole.errors[:, 0].tolist()
    known = whole.errors[:, 0] == 0
    assert parts.values[known].sum(axis=1) == pytest.approx(whole.values[known, 0])


def test_alpha_by_its_definition_and_of_equal_columns():
    parts = X.var(axis=0, ddof=1).sum()
    whole = X.sum(axis=1).var(ddof=1)
    assert column(cronbach_alpha(X)) == pytest.approx(
        [7 / 6 * (1 - parts / whole)], rel=1e-12
    )
    r = np.corrcoef(X.T)
    mean_r = (r.sum() - 7) / 42
    standard = 7 * mean_r / (1 + 6 * mean_r)
    assert column(cronbach_alpha(X, "zscore")) == pytest.approx([standard], rel=1e-9)
    assert column(cronbach_alpha([[1.0, 1.0], [2.0, 2.0]])) == [1.0]
    assert errors(cronbach_alpha(X[:, :1])) == [DIV0]
    assert errors(cronbach_alpha([[1.0, -1.0], [2.0, -2.0]])) == [DIV0]


def test_tiers():
    scores = [90.0, 80.0, 70.0, 80.0, 60.0]
    assert column(tier_labels(scores, [70, 85])) == [1, 2, 2, 2, 3]
    assert column(tier_labels(scores, [1, 3], "rank")) == [1, 2, 3, 2, 3]
    assert column(tier_labels(scores, [20, 80], "percent")) == [1, 2, 2, 2, 3]


def test_ordered_averages_by_their_definition():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 5, (20, 4)) - 1.0
    weights = np.array([3.0, 1.0, 0.0, 2.0])
    x[rng.random(x.shape) < 0.2] = np.nan
    states = np.where(np.isnan(x), CellState.MISSING, CellState.NUMBER).astype(np.uint8)
    for exponent in (0.5, 1.0, 2.0, 3.0):
        found = owa_index(x, weights, exponent, "renormalise", states=states)
        for row in range(20):
            there = sorted(
                (-x[row, j], j) for j in range(4) if states[row, j] == CellState.NUMBER
            )
            total = sum(weights[j] for _, j in there)
            if total == 0:
                assert found.errors[row, 0] == (DIV0 if there else NA)
                continue
            so_far = 0.0
            mean = 0.0
            for minus_value, j in there:
                step = ((so_far + weights[j]) / total) ** exponent - (
                    so_far / total
                ) ** exponent
                mean, so_far = mean - minus_value * step, so_far + weights[j]
            assert found.values[row, 0] == pytest.approx(mean, abs=1e-12)
    assert owa_index([[3.0, -3.0]], exponent=1.0).values.tolist() == [[0.0]]
    assert (owa_index([[1.0, 2.0]], [0.0, 0.0]).errors == DIV0).all()


def test_an_uneven_index_needs_a_mean_above_0():
    values = np.array([[100.0, 120.0], [0.1 - 0.3, 0.2], [-1.0, 0.5], [0.0, 0.0]])
    found = mpi_index(values, "plus")
    assert found.errors[:, 0].tolist() == [0, NUM, NUM, NUM]
    assert found.values[0, 0] == pytest.approx(110 + 100 / 110)
    # Sizes beside a gap count as they are.
    states = np.array([[CellState.NUMBER] * 2 + [CellState.MISSING]], dtype=np.uint8)
    small = mpi_index([[1e-12, 1e-12, np.nan]], missing="renormalise", states=states)
    assert small.values[0, 0] == pytest.approx(1e-12)


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_alpha_of_any_size_and_of_columns_that_cancel_or_are_constant(size):
    x = np.array([[1.0, 2.0, 5.0], [2.0, 1.0, 6.0], [4.0, 5.0, 7.0], [3.0, 7.0, 9.0]])
    expected = 1.5 * (1 - x.var(axis=0).sum() / x.sum(axis=1).var())
    assert cronbach_alpha(x * size).values[0, 0] == pytest.approx(expected)
    flat = np.column_stack([x, np.full(4, 3.0)])
    expected = 4 / 3 * (1 - x.var(axis=0).sum() / x.sum(axis=1).var())
    assert cronbach_alpha(flat * size).values[0, 0] == pytest.approx(expected)
    cancelling = np.column_stack([x[:, 0] / 7, x[:, 1] / 3, -x[:, 0] / 7 - x[:, 1] / 3])
    for none in (cancelling, flat[:, [3, 3]], np.zeros((4, 2)), x[:1], x[:, :1]):
        assert cronbach_alpha(none * size).errors.tolist() == [[DIV0]]
