"""What bri2021 prints, held together: ranks, lists, pairs, effects, and equal weights."""

import pandas as pd
import pytest

from tools.synthetic.bri2021 import COLUMNS, Filling
from xlcity.audit.tables.reproduction import reproduce_report
from xlcity.index import compute
from xlcity.index.construct import counted_unit_pairs
from xlcity.reports import load_report
from xlcity.reports.bri2021.reproduce import can_have_rank, least_slack, printed_ranks


@pytest.fixture(scope="module")
def report():
    return load_report("bri2021")


@pytest.fixture(scope="module")
def made():
    return {(c.table, c.what): c for c in reproduce_report("bri2021").comparisons}


def test_at_least_so_many_printed_cells_are_compared(made):
    counted = [c for c in made.values() if not c.by_construction]
    assert sum(c.cells for c in counted) == 513
    assert sum(c.within for c in counted) == 505


@pytest.mark.parametrize(
    ("key", "cells"),
    [
        (("ranks", "rank-sequence"), 7 * 22),
        (("ranks", "equal-weights"), 22),
        (("top5", "top-five"), 30),
        (("info_top10", "ranks"), 10),
        (("info_effect", "effects"), 8),
        (("region_vs_global", "rank-sequence"), 17),
        (("pair_ranks", "pairs"), 50),
        (("pair_ranks", "rank-sequence"), 50),
        (("weights", "weights"), 16),
    ],
)
def test_these_tables_agree_in_every_cell(made, key, cells):
    assert (made[key].cells, made[key].within) == (cells, cells)


def test_where_the_report_contradicts_itself(made):
    outside = {
        (c.table, o.unit or o.node, o.published, o.computed)
        for c in made.values()
        for o in c.outside
    }
    assert outside == {
        ("top10_china_vs_intl", "chengdu", 16, 17),
        ("region_vs_global", "tianjin", 12, 11),
        ("region_vs_global", "karachi", 16, 15),
        ("region_vs_global", "vienna", 15, 16),
        ("pair_ranks", "singapore|bangkok", "东亚和东南亚", "东南亚范围内"),
        ("facts", "BRI_INF", 7, 8),
        ("facts", "pairs_from_first", 7, 9),
        ("facts", "istanbul", 1, 0),
    }


def test_there_are_195_international_pairs(report):
    assert (
        len(counted_unit_pairs(report.dataset.units, "country"))
        == 22 * 21 / 2 - 9 * 8 / 2
        == 195
    )


def test_the_linear_programme_says_no_where_the_answer_is_no():
    alike = pd.DataFrame({"X": [1, 2, 3], "Y": [1, 2, 3], "BRI": [1, 2, 3]})
    assert least_slack(alike).max() == 0
    assert least_slack(alike.assign(BRI=[2, 1, 3])).max() > 0
    ranks = pd.DataFrame(
        {"X": [1, 2, 3], "Y": [1, 3, 2], "BRI": [1, 2, 3]}, index=list("abc")
    )
    assert can_have_rank(ranks, "Y", "b", 2)
    assert not can_have_rank(ranks, "Y", "b", 3)
    assert can_have_rank(ranks, "X", "b", 3)


def test_printed_ranks_that_are_bent_are_found_out():
    ranks = printed_ranks(load_report("bri2021"))
    # Singapore leads four dimensions and Urumqi none: no scores put Urumqi first.
    bent = ranks["BRI"].copy()
    bent[["singapore", "urumqi"]] = 22, 1
    assert least_slack(ranks).max() <= 1e-6
    assert least_slack(ranks.assign(BRI=bent)).max() > 1e-6


def test_every_link_of_the_demo_data_says_that_it_is_invented(report):
    lines = [link for links in report.dataset.links.values() for link in links]
    assert {link.basis for link in lines} == {"synthetic"}
    assert report.dataset.synthetic == len(lines)
    assert set(report.dataset.links) == {n.code for n in report.framework.indicators}


def test_the_demo_data_are_those_of_the_seed(report):
    text = (report.folder / "links.csv").read_text("utf-8").splitlines()
    drawn = Filling(report.folder).lines()
    assert text == [",".join(COLUMNS), *(",".join(line) for line in drawn)]


def test_every_reading_is_computed_and_moves_what_it_should(report):
    plain = compute(report.framework, report.recipe, report.dataset)
    for option in report.recipe.options:
        recipe = report.recipe.with_options([option.id])
        other = compute(report.framework, recipe, report.dataset)
        assert not other.failures
        assert (other.scores != plain.scores).any(), option.id
        single = [
            plain.node_codes.index(code) for code in ("BRI_TRA", "BRI_FIN", "BRI_PEO")
        ]
        if option.id.startswith("by-"):
            # One indicator each: no way to normalise moves their ranks.
            assert (other.ranks[:, single] == plain.ranks[:, single]).all()
            assert (other.pairs.ranks[:, single] == plain.pairs.ranks[:, single]).all()
