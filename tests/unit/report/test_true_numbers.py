"""Distances, bounds, moves, growth and causes in print, recomputed from unrounded values."""

import dataclasses
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tests.unit.report.test_kept_sentences import random_index
from xlcity.api.index import Index
from xlcity.model.framework import Framework
from xlcity.report.chapter import profile_table
from xlcity.report.contents import Sentence, bound, shown
from xlcity.report.source import ReportSource

SEEDS = range(500, 540)
CHANGED = (2, 14, 39, 44, 66, 89, 96, 138, 170, 172, 213, 216, 217, 232, 257)
EFFICACY = """id = "efficacy"
weights = "relative"
[[step]]
do = "normalise"
method = "zscore"
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rescale"
method = "efficacy"
overall = "{overall}"
[[step]]
do = "rank"
method = "competition"
"""
TREE = """code,parent,weight,direction,name_en,name_zh
T,,1,1,Total,总分
P,T,1,1,Parks,公园
Q,T,3,1,Roads,道路
a,P,1,1,Trees,树木
b,P,1,-1,Dogs,犬只
c,Q,2,1,Lanes,车道
d,Q,1,1,Signs,标志
"""


def is_rounded(text: str, value: float) -> bool:
    """Tell whether a number in print is a value rounded to its decimals."""
    half = Decimal(1).scaleb(-len(text.partition(".")[2])) / 2
    number = Decimal(text.replace("−", "-"))
    return abs(number - Decimal(value)) <= half + Decimal("1e-9")


def value_of(sentence: Sentence, word: str) -> str:
    """Return a number as a sentence prints it."""
    return str(sentence.values[word])  # noqa: PD011


@pytest.mark.parametrize("decimals", [0, 1, 2, 6])
def test_a_bound_holds_as_it_is_printed_and_no_other_is_nearer(decimals):
    rng = np.random.default_rng(1)
    step = 10.0**-decimals
    for value in rng.uniform(0, 30, 300).tolist():
        printed = float(bound(value, decimals))
        assert value - 1e-9 <= printed < value + step
    # Noise of floats takes nothing to the next number.
    assert float(bound(7 * step, decimals)) == pytest.approx(7 * step)
    assert bound(88.3 - 87.2, 1) == "1.1"


def with_rounded_ranks(source: ReportSource, decimals: int) -> ReportSource:
    """Return an index whose ranks are made on rounded scores."""
    recipe = source.result.recipe
    steps = []
    for step in recipe.steps:
        params = {**step.params, "round_to": decimals}
        is_rank = step.do == "rank"
        steps.append(dataclasses.replace(step, params=params) if is_rank else step)
    result = dataclasses.replace(
        source.result, recipe=dataclasses.replace(recipe, steps=tuple(steps))
    )
    return dataclasses.replace(source, result=result)


@pytest.mark.filterwarnings("ignore")
def test_profiles_have_no_decimal_that_is_not_that_of_the_score():
    compared = set()
    for seed in (14, 39, 66, 96):
        source = with_rounded_ranks(random_index(seed).source(), 1)
        assert source.score_decimals("T") == 1
        codes = {
            source.scored(n.code).en: n.code for n in source.result.framework.nodes
        }
        for row in source.order("T"):
            for name, score, *_ in profile_table(source, row).rows:
                if (code := codes.get(name.en.strip())) is not None:
                    text = shown(score, "score", "en").rstrip("†‡")
                    assert is_rounded(text, source.scores(code)[row])
                    compared.add((seed, row, code))
    assert len({code for _, _, code in compared if code[0] in "TP"}) > 3
    assert len(compared) > 200


def known_of(source: ReportSource, count: int) -> ReportSource:
    """Return an index of which the former ranks of the first cities alone are known."""
    last = source.editions.last
    units = [source.units[row].id for row in source.order("T")[:count]]
    ranks = {(unit, "T"): 40 - 2 * at for at, unit in enumerate(units)}
    spec = dataclasses.replace(source.spec, last=None)
    earlier = dataclasses.replace(last, ranks=ranks, units=frozenset(), status={})
    return dataclasses.replace(source, spec=spec, earlier=(earlier,))


def marked(move: int) -> str:
    if not move:
        return "="
    return f"▲{move}" if move > 0 else f"▼{-move}"


def two_editions(before, now, tree=TREE, **methods) -> Index:
    """Return an index of two editions, given by (city, indicator)."""
    frames = []
    codes = [*"abcd"]
    for year, block in ((2020, before), (2021, now)):
        frame = pd.DataFrame(np.array(block), columns=codes)
        frame["unit"] = [f"u{at}" for at in range(len(frame))]
        frames.append(frame.assign(year=year))
    return Index(Framework.read(tree), pd.concat(frames), **methods)


def z_of(block):
    return (block - block.mean(axis=0)) / block.std(axis=0) * [1, -1, 1, 1]


def efficacy(column):
    return 60 + 40 * (column - column.min()) / (column.max() - column.min())


def aggregates(block):
    z = z_of(block)
    return z[:, :2].mean(axis=1), z[:, 2] * 2 / 3 + z[:, 3] / 3


def score_by_hand(block, overall):
    p, q = aggregates(block)
    if overall == "mean_of_scaled":
        return efficacy(p) / 4 + efficacy(q) * 3 / 4
    total = p / 4 + q * 3 / 4
    return efficacy(total) if overall == "scaled" else total


def points_of_each(block, overall):
    """Return the points of the score that a point of each standardised indicator is."""
    p, q = aggregates(block)
    total = p / 4 + q * 3 / 4
    shares = np.array([1 / 8, 1 / 8, 1 / 2, 1 / 4])
    if overall == "unscaled":
        return shares
    if overall == "scaled":
        return shares * 40 / np.ptp(total)
    return shares * 40 / np.array([np.ptp(p), np.ptp(p), np.ptp(q), np.ptp(q)])
