"""The chart of the two dimensions that are related least."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.report_parts import makers_of
from xlcity.api.index import Index

FOLDER = Path(__file__).parent / "story/models/own1"


@pytest.fixture(scope="module")
def source():
    recipe = FOLDER / "recipe.toml"
    return Index(FOLDER / "framework.csv", FOLDER, recipe=recipe).source()


def test_the_pair_with_the_lowest_correlation_is_parted_at_its_means(source):
    figure = makers_of(source)["quadrant"]()
    scores = {code: np.asarray(source.scores(code)) for code in source.main_nodes[1:]}
    r = {}
    for a, b in combinations(scores, 2):
        both = np.isfinite(scores[a] + scores[b])
        r[a, b] = np.corrcoef(scores[a][both], scores[b][both])[0, 1]
    a, b = min(r, key=r.__getitem__)
    chart = figure.content
    assert (chart.x.label, chart.y.label) == (source.node(a), source.node(b))
    means = [float(np.nanmean(scores[code])) for code in (a, b)]
    assert [*chart.limits[0], *chart.limits[1]] == pytest.approx(means)
    is_a = chart.across > means[0]
    is_b = chart.up > means[1]
    alone = [int((is_a & ~is_b).sum()), int((is_b & ~is_a).sum())]
    assert figure.title.zh.startswith(f"{alone[0]}座")
    assert alone == [9, 6]
    # Lower left, upper left, lower right, upper right.
    counts = [
        int((~is_a & ~is_b).sum()),
        alone[1],
        alone[0],
        int((is_a & is_b).sum()),
    ]
    assert [corner.en for corner in chart.corners] == [f"n = {n}" for n in counts]
    assert sum(counts) == len(chart.rows)
