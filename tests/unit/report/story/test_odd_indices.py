"""Chapters of indices with few cities, ties, gaps, constant columns or no value at all."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from xlcity.api.index import Index
from xlcity.errors import XlcityError
from xlcity.model.framework import Framework
from xlcity.report.chapter import chapter
from xlcity.report.story.sections import Chapter

TREES = {
    "two": "code,parent,direction\nX,,\nE,X,\nF,X,\na,E,1\nb,E,-1\nc,F,1\nd,F,1\n",
    "flat": "code,parent,direction\nX,,\na,X,1\nb,X,-1\nc,X,1\nd,X,1\n",
}
KINDS = ("plain", "ties", "alike", "gaps", "empty", "constant")
METHODS = ({}, {"normalise": "rank"}, {"aggregate": "geometric"})


def values_of(kind, n):
    rng = np.random.default_rng(n)
    values = rng.normal(50, 10, (n, 4)).round(1)
    if kind == "ties":
        return values.round(-1)
    if kind == "alike":
        values[:] = values[0]
    if kind == "gaps":
        values[rng.random(values.shape) < 0.3] = np.nan
    if kind == "empty":
        values[:] = np.nan
    if kind == "constant":
        values[:, 0] = 5.0
    return values


@pytest.mark.parametrize("tree", TREES)
@pytest.mark.parametrize("n", [1, 2, 3, 8, 30])
def test_every_index_has_a_chapter(tree, n):
    framework = Framework.read(TREES[tree])
    made = 0
    for kind, method in product(KINDS, METHODS):
        frame = pd.DataFrame(values_of(kind, n), columns=[*"abcd"])
        frame.index = [f"u{row}" for row in range(n)]
        frame["Group_k"] = [("p", "q", "r")[row % 3] for row in range(n)]
        try:
            source = Index(framework, frame, **method).source()
        except XlcityError:
            continue  # no such index
        chapter(source, {}, {})
        for row in range(n):
            Chapter(source).city(row)
        made += 1
    assert made > 5
