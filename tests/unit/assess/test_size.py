"""Scores beside the size of cities, against a straight line that numpy fits."""

import numpy as np
import pandas as pd
import pytest

from xlcity.api.index import Index
from xlcity.assess.regression import compare_with_size
from xlcity.model.framework import Framework

SIZES = [90.0, 5.0, 30.0, 20.0, 0.0, 60.0, -3.0, None, 45.0]
A = [1.0, 2.0, 3.0, 5.0, 8.0, 4.0, 7.0, 6.0, None]


@pytest.mark.parametrize("log", [True, False])
@pytest.mark.parametrize("node", ["T", "a"])
def test_what_size_lets_expect_lies_on_a_straight_line(log, node):
    frame = pd.DataFrame(
        {
            "unit": [*"rstuvwxyz"],
            "a": A,
            "b": A[::-1],
            "size": SIZES,
            "Group_town": ["n"] * 8 + ["s"],
        }
    )
    framework = Framework.read("code,parent\nT,\na,T\nb,T\nsize,T\n")
    result = Index(framework, frame.astype(object).fillna("NA"), weights="equal").result
    compared = compare_with_size(result, "size", "main", node, log=log)
    sizes = result.raw[:, result.leaf_codes.index("size")]
    scores = result.column(node)
    with np.errstate(all="ignore"):
        x = np.where(sizes > 0, np.log(sizes), np.nan) if log else sizes
    used = ~np.isnan(x) & ~np.isnan(scores)
    slope, intercept = np.polyfit(x[used], scores[used], 1)
    assert (compared.fit.slope, compared.fit.intercept) == pytest.approx(
        (slope, intercept)
    )
    expected = np.where(used, intercept + slope * x, np.nan)
    np.testing.assert_allclose(compared.expected, expected)
    np.testing.assert_allclose(compared.residual, scores - expected)
    np.testing.assert_array_equal(compared.size, sizes)
    np.testing.assert_array_equal(compared.score, scores)
    ranks = (-(scores - expected)[used]).argsort().argsort() + 1
    assert compared.rank[used].tolist() == ranks.tolist()
    assert np.isnan(compared.rank[~used]).all()
    # The cities next in size, of those that have both numbers.
    by_size = [
        "",
        *(str(compared.units[row]) for row in np.argsort(x) if used[row]),
        "",
    ]
    for row, unit in enumerate(compared.units):
        place = by_size.index(unit) if used[row] else None
        beside = ("", "") if place is None else (by_size[place - 1], by_size[place + 1])
        assert (compared.smaller[row], compared.larger[row]) == beside
