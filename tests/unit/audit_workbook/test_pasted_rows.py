"""Rows pasted over others or exchanged are found without all pairs in memory or looked at."""

import tracemalloc
from itertools import combinations

import numpy as np
import pytest

from xlcity.audit.lint.expected_values import Expectation
from xlcity.audit.lint.rules.suspicious_values import _alike_rows, _misfitting_pairs


@pytest.mark.parametrize("seed", range(4))
def test_pairs_and_shares_are_those_of_all_pairs_at_once(seed):
    rng = np.random.default_rng(seed)
    values = np.round(rng.lognormal(3, 1, (40, 6)), 1)
    values[[3, 7, 9]] = values[11] * rng.choice([1.0, 1.004], (3, 6))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[5:8, 0] = 0.0
    i, j = np.triu_indices(len(values), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        larger = np.maximum(np.abs(values[i]), np.abs(values[j]))
        apart = np.abs(values[i] - values[j]) / larger
    known, close = ~np.isnan(apart), apart <= 0.01
    rank = [
        np.searchsorted(np.sort(apart[:, c]), apart[:, c], side="right")
        for c in range(apart.shape[1])
    ]
    agree = close.sum(axis=1) >= np.maximum(0.8 * known.sum(axis=1), 4)
    pairs, found, share = _alike_rows(values)
    assert agree.any()
    assert pairs == list(zip(i[agree].tolist(), j[agree].tolist(), strict=True))
    assert np.array_equal(found, apart[agree], equal_nan=True)
    wanted = (np.array(rank).T / known.sum(axis=0))[agree]
    assert np.array_equal(share[close[agree]], wanted[close[agree]])


def test_a_thousand_rows_need_no_room_for_their_pairs():
    values = np.random.default_rng(1).lognormal(3, 1, (1000, 20))
    tracemalloc.start()
    _alike_rows(values)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 3e7  # all pairs once: 80 MB


def expectation(rows, seed, exchanged):
    """Return values of which some rows are exchanged, with gaps, and what was to be expected."""
    rng = np.random.default_rng(seed)
    expected = rng.normal(0, 10, (rows, 9))
    values = expected + 0.3 * rng.standard_t(2, expected.shape)
    for first, second in exchanged:
        values[[first, second]] = values[[second, first]]
    values[rng.random(values.shape) < 0.1] = np.nan
    units, codes = tuple(map(str, range(rows))), tuple("abcdefghi")
    return Expectation(units, codes, values, expected, np.full(9, 0.3), "the last edition")


@pytest.mark.parametrize("seed", range(4))
def test_no_pair_of_rows_that_half_misfits_is_passed_over(seed):
    known = expectation(30, seed, [(3, 11), (4, 28)])
    misfit = known.misfit(known.values)
    wanted = set()
    for i, k in combinations(range(30), 2):
        both = ~np.isnan(known.values[i]) & ~np.isnan(known.values[k])
        old = misfit[[i, k]][:, both]
        if both.sum() >= 4 and np.median(old) > 3:
            wanted.add((i, k))
    assert {(3, 11), (4, 28)} <= wanted
    assert wanted <= set(_misfitting_pairs(known, misfit))


def test_few_pairs_of_two_thousand_rows_are_looked_at():
    known = expectation(2000, 1, [(30, 1100)])
    pairs = list(_misfitting_pairs(known, known.misfit(known.values)))
    assert (30, 1100) in pairs
    assert len(pairs) < 20_000  # of two million
