"""Indicators made from links: their values, the two kinds of empty, populations."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.model.dataset import Link, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
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
    made = raw(framework, 'method = "eigen_centrality"\nweighted = "no"', dataset(weak, units))
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
    [("minmax", [0, 100]), ("max", [100 * 2 / 9, 100]), ("mean", [100 * 2 / 6, 100 * 9 / 6])],
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
