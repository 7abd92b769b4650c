import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from xlcity.audit.tables.reproduction import (
    Reproduction,
    comparisons_of,
    reproduce_report,
)
from xlcity.errors import DataError, UsageError
from xlcity.reports import load_report
from xlcity.reports.bri2021.chapter import without
from xlcity.reports.bri2021.reproduce import TOTAL, can_have_rank
from xlcity.reports.comparison import ComparedCell, compare, rank_cells
from xlcity.reports.known_cities import fold_city, near_city_names
from xlcity.reports.loading import read_report


def test_a_difference_of_exactly_the_tolerance_is_within():
    # 0.01 is one step of a table with two decimals; 0.3 - 0.29 is a little more in doubles.
    done = compare("t", "scores", [ComparedCell("u", "n", 0.30, 0.29)], tolerance=0.01)
    assert (done.cells, done.within, done.outside) == (1, 1, ())
    assert done.max_diff == pytest.approx(0.01)


def test_cells_outside_are_listed_with_both_values():
    cells = [
        ComparedCell("u", "n", 1.0, 1.02, "table 1"),
        ComparedCell("v", "n", 2.0, 2.0),
    ]
    # One step of a table with two decimals.
    done = compare("t", "scores", cells, tolerance=0.01)
    assert (done.cells, done.within) == (2, 1)
    assert done.max_diff == pytest.approx(0.02)
    (cell,) = done.outside
    assert (cell.unit, cell.published, cell.computed, cell.where) == (
        "u",
        1.0,
        1.02,
        "table 1",
    )


def test_words_and_gaps_are_compared_as_they_are():
    cells = [
        ComparedCell("u", "n", "a", "a"),
        ComparedCell("u", "n", "a", "b"),
        ComparedCell("u", "n", "a", None),
        ComparedCell("u", "n", 1.0, None),
        ComparedCell("u", "n", "a", "b", right=True),
        ComparedCell("u", "n", "a", "a", right=False),
    ]
    done = compare("t", "members", cells)
    assert (done.within, len(done.outside), done.max_diff) == (2, 4, None)


def test_any_order_inside_a_printed_tie_is_right():
    scores = {"a": 9.0, "b": 8.0, "c": 8.0, "d": 7.0}
    for ranks in ({"a": 1, "b": 2, "c": 3, "d": 4}, {"a": 1, "b": 3, "c": 2, "d": 4}):
        assert compare("t", "ranks", rank_cells("n", ranks, scores)).within == 4
    swapped = compare(
        "t", "ranks", rank_cells("n", {"a": 2, "b": 1, "c": 3, "d": 4}, scores)
    )
    assert [(c.unit, c.published, c.computed) for c in swapped.outside] == [
        ("a", 2, 1),
        ("b", 1, 2),
    ]


def test_agreement_by_construction_is_not_counted():
    evidence = compare("t", "scores", [ComparedCell("u", "n", 1.0, 1.0)])
    derived = compare(
        "t", "leaves", [ComparedCell("u", "n", 1.0, 1.0)], by_construction=True
    )
    done = Reproduction("r", (evidence, derived), (("x", "why"),))
    assert done.counted == (evidence,)
    assert done.confirmed
    document = done.as_dict()
    assert [entry.by_construction for entry in document["tables"]] == [False, True]
    assert document["not_reproducible"] == [{"table": "x", "reason": "why"}]
    assert document["counted"] == {"cells": 1, "within": 1}
    assert document["by_construction"] == {"cells": 1, "within": 1}


def test_all_of_a_table_that_data_are_derived_from_is_by_construction():
    report = load_report("vitality2014")
    assert not report.derived_from
    usual = [*comparisons_of(report)]
    derived = [*comparisons_of(replace(report, derived_from=("ranks",)))]
    for before, after in zip(usual, derived, strict=True):
        if before.table == "ranks":
            assert after == replace(before, by_construction=True)
        else:
            assert after == before
    ranks = [entry.what for entry in usual if entry.table == "ranks"]
    assert len(ranks) > 1


def test_data_can_only_be_derived_from_printed_tables(tmp_path):
    shutil.copytree(load_report("image2025").folder, tmp_path / "image2025")
    about = tmp_path / "image2025" / "report.toml"
    text = about.read_text(encoding="utf-8")
    about.write_text(text.replace('["total", ', '["totals", '), encoding="utf-8")
    with pytest.raises(DataError, match="derived from totals, which is not a printed"):
        read_report(tmp_path / "image2025")


def test_an_unknown_report_is_refused():
    with pytest.raises(UsageError):
        reproduce_report("nope")


def test_a_rank_without_a_dimension_must_agree_with_the_orders_that_are_printed():
    ranks = pd.DataFrame(
        {"A": [1, 2, 3], "B": [3, 2, 1], "C": [1, 2, 3], TOTAL: [1, 2, 3]},
        ["x", "y", "z"],
    )
    # Without A and C together nothing but B is left; without A alone y is never the last of three.
    alone = ranks.drop(columns="C")
    assert [can_have_rank(alone, "A", "z", rank) for rank in (1, 2, 3)] == [
        True,
        False,
        False,
    ]
    assert [can_have_rank(alone, "A", "x", rank) for rank in (1, 2, 3)] == [
        False,
        False,
        True,
    ]
    assert can_have_rank(ranks, "A", "x", 1)
    assert can_have_rank(ranks, "A", "x", 3)


def test_spellings_of_one_city_are_folded_and_cities_are_not():
    assert fold_city("西安市") == fold_city("西安")
    assert fold_city("Ｘi’AN") == fold_city("xi’an")
    assert len({fold_city(name) for name in ("西安", "西宁", "太原市")}) == 3


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("昆名", ["昆明"]),
        ("石家庒", ["石家庄"]),
        ("Taiyuen", ["taiyuan"]),
        ("xy", []),
        ("无此", []),
    ],
)
def test_a_misspelt_city_is_near_one_in_either_script(typed, near):
    assert (
        near_city_names(typed, ["石家庄", "张家口", "北京", "昆明", "taiyuan"]) == near
    )


def test_printed_points_of_fine_dust_are_grades_and_one_city_falls():
    (found,) = [
        c for c in reproduce_report("iecc2024").comparisons if c.what == "grades"
    ]
    assert (found.cells, found.within, found.max_diff) == (22 + 1, 22 + 1, 0)


def test_ranks_without_a_dimension_are_those_of_the_others_weighted():
    source = xc.Index(load_report("bri2021")).source()
    out = "BRI_INF"
    rows = range(len(source.units))
    find = SimpleNamespace(find=lambda name: None)
    tables = SimpleNamespace(
        source=source, quantities=find, ranked_rows=lambda rule: rows
    )
    cells = without(tables, {"without": out}).rows
    result = source.result
    codes = [c for c in source.children(source.root) if c != out]
    assert len(codes) > 1
    weights = np.array([result.framework[code].weight for code in codes])
    scores = np.column_stack([result.column(code) for code in codes]) @ weights
    ranks = [1 + int((scores > score + 1e-9).sum()) for score in scores]
    assert [cell[2] for cell in cells] == ranks
    now = result.rank(source.root)
    assert [cell[3] for cell in cells] == [
        r - n for r, n in zip(ranks, now, strict=True)
    ]
