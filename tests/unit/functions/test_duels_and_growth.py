"""Outranking with exact ties, and growth from the first value to the last."""

from fractions import Fraction

import numpy as np
import pytest

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.combine import copeland_score, outranking_matrix
from xlcity.functions.impute import growth_rate

DIV0 = ErrorCode.DIV0
NA = ErrorCode.NA
NUM = ErrorCode.NUM

RNG = np.random.default_rng(3)


def counted(x, weights):
    """Return the matrix in whole numbers: nothing is rounded."""

    def share(one, two):
        pairs = zip(weights, one, two, strict=True)
        return Fraction(
            sum(w * (2 * (a > b) + (a == b)) for w, a, b in pairs), 2 * sum(weights)
        )

    return [[share(one, two) for two in x] for one in x]


def test_shares_are_counted_exactly_and_ties_are_ties():
    # 49 equal weights: sums of 1/49 in another order are 0.49999999999999994.
    x = RNG.integers(0, 4, (25, 49)).astype(float)
    found = outranking_matrix(x, np.full(49, 1 / 49)).values
    exact = counted(x, [1] * 49)
    assert found == pytest.approx(np.array(exact, dtype=float), abs=1e-14)
    tied = np.array([[cell == Fraction(1, 2) for cell in row] for row in exact])
    assert tied.sum() > 25
    assert (found[tied] == 0.5).all()
    assert (found[~tied] != 0.5).all()
    wins = ((found > 0.5).sum(axis=1) - (found < 0.5).sum(axis=1)).astype(float)
    assert copeland_score(x, np.full(49, 1 / 49)).values[:, 0].tolist() == wins.tolist()
    assert wins.sum() == 0


def test_weights_and_many_rows():
    x = RNG.integers(0, 9, (300, 3)).astype(float)
    weights = [3, 1, 2]
    found = outranking_matrix(x, weights).values
    some = RNG.choice(300, 12, replace=False)
    assert found[np.ix_(some, some)] == pytest.approx(
        np.array(counted(x[some], weights), dtype=float)
    )
    assert found + found.T == pytest.approx(np.ones((300, 300)))


def test_a_gap_leaves_a_city_out_or_ties_with_everything():
    states = np.zeros((3, 2), dtype=np.uint8)
    states[1, 0] = CellState.MISSING
    x = np.array([[1.0, 5.0], [np.nan, 6.0], [2.0, 1.0]])
    found = outranking_matrix(x, states=states)
    assert (found.errors[1] == NA).all()
    assert (found.errors[:, 1] == NA).all()
    assert found.values[0, 2] == 0.5
    assert outranking_matrix(
        x, missing="renormalise", states=states
    ).values.tolist() == [
        [0.5, 0.25, 0.5],
        [0.75, 0.5, 0.75],
        [0.5, 0.25, 0.5],
    ]


YEARS = [2015, 2018, 2020]


def rates(rows, kind="compound"):
    values = np.array(
        [[np.nan if x is None else x for x in row] for row in rows], dtype=float
    )
    states = np.where(np.isnan(values), CellState.MISSING, CellState.NUMBER).astype(
        np.uint8
    )
    return growth_rate(values, YEARS, kind, states=states)


def test_growth_is_from_the_first_value_to_the_last():
    found = rates([[100, 7, 161.051], [None, 50, 60.5], [8, 4, None], [5, 5, 5]])
    assert found.values[:, 0] == pytest.approx([0.1, 0.1, 0.5 ** (1 / 3) - 1, 0])
    change = rates([[100, 7, 161.051], [-4, None, -1], [8, 4, None]], "change")
    assert change.values[:, 0] == pytest.approx([0.61051, 0.75, -0.5])


def test_growth_that_there_is_not():
    found = rates(
        [[None, 3, None], [0, 1, 2], [-1, 1, 2], [4, 1, 0], [None, None, None]]
    )
    assert found.errors[:, 0].tolist() == [NA, DIV0, NUM, NUM, NA]
    assert rates([[0, 1, 2]], "change").errors[0, 0] == DIV0


def test_growth_of_any_row_is_from_its_first_number_to_its_last():
    values = np.round(RNG.uniform(1, 9, (60, 6)), 1)
    states = np.where(
        RNG.random(values.shape) < 0.5, CellState.MISSING, CellState.NUMBER
    )
    times = np.array([1.0, 2.0, 4.0, 7.0, 8.0, 12.0])
    found = growth_rate(values, times, "compound", states=states.astype(np.uint8))
    plain = growth_rate(values, kind="compound", states=states.astype(np.uint8))
    for row in range(60):
        numbers = np.flatnonzero(states[row] == CellState.NUMBER)
        if len(numbers) < 2:
            assert found.errors[row, 0] == NA
            continue
        first = numbers[0]
        last = numbers[-1]
        ratio = values[row, last] / values[row, first]
        span = times[last] - times[first]
        assert found.values[row, 0] == pytest.approx(ratio ** (1 / span) - 1)
        assert plain.values[row, 0] == pytest.approx(ratio ** (1 / (last - first)) - 1)
