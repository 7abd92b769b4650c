"""Indicators made from links: their values, the two kinds of empty, populations."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.model.dataset import Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Step
from xlcity.model.recipe_toml import read_recipe

UNITS = tuple(
    Unit(name, population=population, attributes={"country": country})
    for name, population, country in (
        ("a", "main", "X"),
        ("b", "main", "X"),
        ("c", "main", "Y"),
        ("d", "main", ""),
        ("out", "", "Y"),
    )
)
LINKS = (
    Link("a", "b", 100.0),
    Link("a", "c", 3.0),
    Link("c", "a", 4.0),
    Link("b", "c", 2.0),
    Link("c", "out", 50.0),
    Link("d", "a", float("nan")),
)


def recipe(construct, more=""):
    return read_recipe(
        f"""
weights = "relative"
[[step]]
do = "construct"
codes = ["T"]
{construct}
[[step]]
do = "normalise"
method = "minmax"
{more}
[[step]]
do = "aggregate"
method = "arithmetic"
"""
    )


@pytest.fixture
def framework(tmp_path):
    path = tmp_path / "framework.csv"
    path.write_text("code,parent,weight\nR,,1\nT,R,1\n", "utf-8")
    return Framework.read(path)


def dataset(links=LINKS, units=UNITS):
    return replace(empty_dataset(units, ("T",)), links={"T": links} if links else {})


def raw(framework, construct, data=None):
    result = compute(framework, recipe(construct), data or dataset())
    return result.raw[:, 0].tolist()


def test_strengths_leave_domestic_links_and_left_out_cities_out(framework):
    by = 'method = "link_strength"\n'
    assert raw(framework, by)[:4] == [107, 102, 9, 0]
    grouped = raw(framework, by + 'group = "country"')
    assert grouped[:4] == [7, 2, 9, 0]
    assert np.isnan(grouped[4])
    included = raw(framework, by + 'group = "country"\ndomestic = "include"')
    assert included[:4] == [107, 102, 9, 0]
    assert raw(framework, by + 'count = "presence"')[:4] == [2, 2, 2, 0]


def test_centralities_span_all_scored_populations(framework):
    units = (*UNITS[:3], replace(UNITS[3], population="mini"), UNITS[4])
    ties = (Link("a", "b", 1.0), Link("b", "c", 1.0), Link("d", "b", 1.0))
    made = raw(framework, 'method = "degree_centrality"', dataset(ties, units))
    assert made[:4] == pytest.approx([1 / 3, 1, 1 / 3, 1 / 3])
    star = raw(framework, 'method = "eigen_centrality"', dataset(ties, units))
    assert star[:4] == pytest.approx([1 / 6**0.5, 1 / 2**0.5, 1 / 6**0.5, 1 / 6**0.5])
    weak = (Link("a", "b", 3.0), Link("b", "c", 1.0), Link("d", "b", 1.0))
    made = raw(
        framework, 'method = "eigen_centrality"\nweighted = "no"', dataset(weak, units)
    )
    assert made[:4] == pytest.approx(star[:4])


def test_before_the_first_link_the_indicator_is_not_filled(framework):
    empty = compute(framework, recipe('method = "link_strength"'), dataset(()))
    assert empty.draft
    assert {code for _, code in empty.unfilled} == {"T"}
    assert np.isnan(empty.scores).all()
    one = compute(framework, recipe('method = "link_strength"'), dataset(LINKS[1:2]))
    assert not one.draft
    assert one.raw[:4, 0].tolist() == [3, 0, 3, 0]


def test_a_symmetric_tie_that_differs_is_a_failure(framework):
    torn = (Link("a", "b", 1.0), Link("b", "a", 2.0), Link("c", "d", 1.0))
    result = compute(framework, recipe('method = "degree_centrality"'), dataset(torn))
    torn_units = [p.where.unit for p in result.failures if p.code == "XC354"]
    assert torn_units == ["a", "b"]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ("minmax", [0, 100]),
        ("max", [100 * 2 / 9, 100]),
        ("mean", [100 * 2 / 6, 100 * 9 / 6]),
    ],
)
def test_normalising_by_bounds_of_its_own(framework, bounds, expected):
    units = UNITS[:3]
    made = compute(
        framework,
        recipe('method = "link_strength"\ngroup = "country"', f'bounds = "{bounds}"'),
        dataset(LINKS, units),
    )
    # Strengths 7, 2, 9 with the mean 6.
    assert made.scores[1:, 0].tolist() == pytest.approx(expected)


def test_equal_strengths_take_the_constant(framework):
    two = dataset((Link("a", "c", 5.0),), (UNITS[0], UNITS[2]))
    made = compute(framework, recipe('method = "link_strength"', "constant = 0"), two)
    assert made.scores[:, 0].tolist() == [0, 0]
    assert [p.code for p in made.notes if p.code != "XC216"] == ["XC351"]


# -- pairs of cities, scored as cities are ---------------------------------------------------------
PAIRS = ["a|b", "a|c", "a|d", "b|c", "b|d", "c|d"]


def with_pairs(construct, codes=(), **params):
    """Return the recipe with a step that scores pairs."""
    plain = recipe(f'method = "link_strength"\n{construct}')
    return replace(
        plain, steps=(*plain.steps, Step("pairs", "link_scores", params, codes))
    )


def pair_scores(framework, steps, data=None):
    """Return pair -> (strength, score of the root, rank)."""
    found = compute(framework, steps, data or dataset()).pairs
    rows = zip(
        found.strengths[:, 0], found.scores[:, 0], found.ranks[:, 0], strict=True
    )
    return {"|".join(pair): row for pair, row in zip(found.pairs, rows, strict=True)}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        # Directed links add up over both directions; what has no link is 0.
        ({}, [(100, 100, 1), (7, 7, 2), (0, 0, 4), (2, 2, 3), (0, 0, 4), (0, 0, 4)]),
        (
            {"count": "presence"},
            [(1, 100, 1), (1, 100, 1), (0, 0, 4), (1, 100, 1), (0, 0, 4), (0, 0, 4)],
        ),
        # A city without a country has links that count.
        (
            {"group": "country"},
            [None, (7, 100, 1), (0, 0, 3), (2, 100 * 2 / 7, 2), (0, 0, 3), (0, 0, 3)],
        ),
    ],
)
def test_pairs_are_scored_among_themselves(framework, params, expected):
    found = pair_scores(framework, with_pairs("", **params))
    assert list(found) == [p for p, row in zip(PAIRS, expected, strict=True) if row]
    assert list(found.values()) == [pytest.approx(row) for row in expected if row]


def test_a_symmetric_tie_between_two_cities_counts_once(framework):
    ties = dataset((Link("a", "b", 5.0), Link("b", "a", 5.0), Link("c", "a", 2.0)))
    found = pair_scores(framework, with_pairs('flow = "symmetric"'), ties)
    assert [row[0] for row in found.values()] == [5, 2, 0, 0, 0, 0]
    directed = pair_scores(framework, with_pairs(""), ties)
    assert [row[0] for row in directed.values()] == [10, 2, 0, 0, 0, 0]


def test_pairs_have_no_score_above_what_is_not_made_from_links():
    tree = Framework.read("code,parent\nR,\nP,R\nT,P\nV,R\n")
    values = replace(
        empty_dataset(UNITS, ("T", "V")),
        values=np.array([[np.nan, row] for row in range(5)], dtype=float),
        states=np.array([[State.BLANK, State.VALUE]] * 5, dtype=np.uint8),
        links={"T": LINKS},
    )
    found = compute(tree, with_pairs(""), values).pairs
    assert (found.leaf_codes, found.node_codes) == (("T", "V"), ("R", "P"))
    assert np.isnan(found.strengths[:, 1]).all()
    assert np.isnan(found.scores[:, 0]).all()
    assert found.scores[:, 1] == pytest.approx([100, 7, 0, 2, 0, 0])
    # Nor above what the step does not name.
    assert np.isnan(compute(tree, with_pairs("", ("V",)), values).pairs.strengths).all()


def test_pairs_are_not_filled_before_the_first_link(framework):
    found = pair_scores(framework, with_pairs(""), dataset(()))
    assert list(found) == PAIRS
    assert np.isnan([row[:2] for row in found.values()]).all()
    assert [row[2] for row in found.values()] == [0] * 6
