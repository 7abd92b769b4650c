"""The whole chain on a framework in COINr's tables, against plain numpy written out here.

Definitions are those of COINr's documentation: standard deviations with n - 1, quantiles of type 7,
skewness and kurtosis as SKEW and KURT, weights rescaled over what is there.
"""

import json

import numpy as np
import pytest
from scipy import stats

from tests.helpers.asem import PILLARS, asem, write
from xlcity.cli import main

FULL = asem()
GAPPY = asem(gaps=True)
SUBS = (range(5), range(5, 8))


def arithmetic(x, w):
    there = ~np.isnan(x)
    return np.where(there, x * w, 0).sum(axis=1) / np.where(there, w, 0).sum(axis=1)


def geometric(x, w):
    return np.exp(arithmetic(np.log(x), w))


def harmonic(x, w):
    return 1 / arithmetic(1 / x, w)


def index(scores, mean, made, top=None):
    """Aggregate level by level; return pillars, sub-indices and index side by side."""
    ends = np.cumsum((0, *PILLARS))
    pillars = np.column_stack(
        [
            mean(scores[:, ends[p] : ends[p + 1]], made.weights[ends[p] : ends[p + 1]])
            for p in range(8)
        ]
    )
    subs = np.column_stack(
        [mean(pillars[:, list(sub)], made.pillar_weights[list(sub)]) for sub in SUBS]
    )
    whole = (top or mean)(subs, made.sub_weights)
    return np.column_stack([pillars, subs, whole])


def minmax(x, low=0.0, high=100.0):
    lowest = np.nanmin(x, axis=0)
    highest = np.nanmax(x, axis=0)
    return (x - lowest) / (highest - lowest) * (high - low) + low


def standard(x, mean, sd):
    return (x - np.nanmean(x, axis=0)) / np.nanstd(x, axis=0) * sd + mean


def skewed(x):
    return abs(stats.skew(x, bias=False)) >= 2 and stats.kurtosis(x, bias=False) >= 3.5


def winsorised_then_log(x, points=5):
    done = []
    for column in x.T:
        drawn = column.copy()
        high = 0
        low = 0
        while skewed(drawn) and high + low < points:
            if stats.skew(drawn, bias=False) >= 0:
                ends = drawn == drawn.max()
                drawn[ends], high = drawn[~ends].max(), ends.sum()
            else:
                ends = drawn == drawn.min()
                drawn[ends], low = drawn[~ends].min(), ends.sum()
        if skewed(drawn):
            drawn = np.log(column - column.min() + 0.01 * (column.max() - column.min()))
        done.append(drawn)
    return np.column_stack(done)


def percentile_ranks(x):
    n = (~np.isnan(x)).sum(axis=0)
    ranks = np.array(
        [
            [np.nansum(column < cell) for column, cell in zip(x.T, row, strict=True)]
            for row in x
        ]
    )
    return np.where(np.isnan(x), np.nan, ranks / (n - 1))


def copeland(x, w):
    net = np.sign(x[:, None, :] - x[None, :, :]) @ np.round(w * 2)
    return np.sign(net).sum(axis=1)


def filled_by_group(made):
    x = made.values.copy()
    for group in set(made.groups):
        rows = np.array([name == group for name in made.groups])
        means = np.nanmean(x[rows], axis=0)
        x[rows] = np.where(np.isnan(x[rows]), means, x[rows])
    return x * made.directions


def scores(folder, capsys, made, *options, denominators=()):
    meta, data = write(folder, made, denominators)
    code = main(
        ["index", "--framework", str(meta), "--data", str(data), "--json", *options]
    )
    document = json.loads(capsys.readouterr().out)
    assert code == 0, document
    nodes = [*(f"P{at}" for at in range(8)), "Conn", "Sust", "Index"]
    assert [unit["unit"] for unit in document["units"]] == made.units
    return np.array(
        [[unit["scores"][node] for node in nodes] for unit in document["units"]]
    )


CASES = {
    "minmax, arithmetic": (
        FULL,
        [],
        lambda m: index(minmax(m.oriented), arithmetic, m),
    ),
    "gaps, arithmetic": (GAPPY, [], lambda m: index(minmax(m.oriented), arithmetic, m)),
    "z-scores of mean 10 and sd 2": (
        GAPPY,
        ["--normalise", "zscore:10:2"],
        lambda m: index(standard(m.oriented, 10, 2), arithmetic, m),
    ),
    "minmax 1 to 100, geometric": (
        GAPPY,
        ["--normalise", "minmax:1:100", "--aggregate", "geometric"],
        lambda m: index(minmax(m.oriented, 1), geometric, m),
    ),
    "minmax 1 to 100, harmonic": (
        GAPPY,
        ["--normalise", "minmax:1:100", "--aggregate", "harmonic"],
        lambda m: index(minmax(m.oriented, 1), harmonic, m),
    ),
    "winsorise, then log": (
        FULL,
        ["--treat", "winsor_log:5"],
        lambda m: index(
            minmax(winsorised_then_log(m.values) * m.directions), arithmetic, m
        ),
    ),
    "group means for gaps": (
        GAPPY,
        ["--impute", "group_mean:Size"],
        lambda m: index(minmax(filled_by_group(m)), arithmetic, m),
    ),
    "percentile ranks": (
        GAPPY,
        ["--normalise", "percentile"],
        lambda m: index(percentile_ranks(m.oriented), arithmetic, m),
    ),
    "distance to the maximum": (
        FULL,
        ["--normalise", "dist2max"],
        lambda m: index(
            1
            - (m.oriented.max(axis=0) - m.oriented)
            / (m.oriented.max(axis=0) - m.oriented.min(axis=0)),
            arithmetic,
            m,
        ),
    ),
    "copeland": (
        FULL,
        ["--normalise", "rank", "--aggregate", "copeland"],
        lambda m: index(m.oriented, copeland, m),
    ),
    "a method per level": (
        FULL,
        ["--normalise", "minmax:1:100", "--aggregate", "geometric,level4=arithmetic"],
        lambda m: index(minmax(m.oriented, 1), geometric, m, arithmetic),
    ),
    "clipped at percentiles": (
        FULL,
        ["--treat", "percentile:5:95"],
        lambda m: index(
            minmax(
                np.clip(m.values, *np.percentile(m.values, [5, 95], axis=0))
                * m.directions
            ),
            arithmetic,
            m,
        ),
    ),
    "medians for gaps": (
        GAPPY,
        ["--impute", "median"],
        lambda m: index(
            minmax(
                np.where(np.isnan(m.values), np.nanmedian(m.values, axis=0), m.values)
                * m.directions
            ),
            arithmetic,
            m,
        ),
    ),
    "borda": (
        FULL,
        ["--normalise", "borda"],
        lambda m: index(
            (m.oriented[:, None] > m.oriented[None]).sum(axis=1).astype(float),
            arithmetic,
            m,
        ),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_index_equals_numpy(tmp_path, capsys, case):
    made, options, expected = CASES[case]
    found = scores(tmp_path, capsys, made, *options)
    assert found == pytest.approx(expected(made), rel=1e-10, abs=1e-10)


def test_the_synthetic_data_have_something_to_treat():
    treated = winsorised_then_log(FULL.values)
    points = (treated != FULL.values).sum(axis=0)
    assert (points == 0).any()
    assert ((points > 0) & (points <= 5)).any()
    assert (points == len(FULL.values)).any()
    assert np.isnan(GAPPY.values).sum() > 100


def test_denominators_of_the_framework(tmp_path, capsys):
    some = tuple(FULL.codes[:20])
    x = FULL.values.copy()
    x[:, :20] /= FULL.denominator[:, None]
    found = scores(tmp_path, capsys, FULL, "--denominate", "given", denominators=some)
    assert found == pytest.approx(
        index(minmax(x * FULL.directions), arithmetic, FULL), rel=1e-10
    )


def test_one_indicator_may_have_a_method_of_its_own(tmp_path, capsys):
    normal = minmax(FULL.oriented)
    normal[:, 4] = standard(FULL.oriented, 50, 5)[:, 4]
    normal[:, 6] = minmax(np.log(FULL.values) * FULL.directions)[:, 6]
    found = scores(
        tmp_path,
        capsys,
        FULL,
        "--normalise",
        "I04=zscore:50:5",
        "--treat",
        "I06=log:ln",
    )
    assert found == pytest.approx(index(normal, arithmetic, FULL), rel=1e-10)
