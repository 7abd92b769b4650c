"""Rows that may have been pasted over others are found without all pairs in memory."""

import tracemalloc

import numpy as np
import pytest

from xlcity.audit.lint.rules.suspicions import _alike_rows


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
