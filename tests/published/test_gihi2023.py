"""What the report gihi2023 prints, held against itself, and its default data."""

import csv
import math

import numpy as np
import pytest

from tools.synthetic import gihi2023 as synthetic
from xlcity.audit.tables.reproduction import reproduce_report
from xlcity.index import compute
from xlcity.index.steps import effective_weights
from xlcity.model.dataset import State, Status
from xlcity.reports import load_report

pytestmark = pytest.mark.published

#: Tables of scores, whose every cell rounding explains.
SCORED = ("total_scores", "minihubs", "science", "innovation", "ecosystem")


@pytest.fixture(scope="module")
def report():
    return load_report("gihi2023")


@pytest.fixture(scope="module")
def found():
    return reproduce_report("gihi2023")


@pytest.fixture(scope="module")
def entries(found):
    return {(c.table, c.what): c for c in found.comparisons}


def test_the_tree_its_weights_and_the_two_populations(report):
    framework = report.framework
    assert len(framework.nodes) == 1 + 3 + 12 + 30
    populations = [unit.population for unit in report.dataset.units]
    assert (populations.count("main"), populations.count("mini")) == (108, 11)
    weights = {
        "A": 0.3,
        "C": 0.4,
        "A3": 0.3 * 0.1,
        "05": 0.3 * 0.1 / 2,
        "21": 0.4 * 0.25 / 3,
    }
    shares = effective_weights(framework, report.recipe)
    for code, weight in weights.items():
        assert shares[code] == pytest.approx(weight, rel=1e-15)
    total = math.fsum(shares[node.code] for node in framework.indicators)
    assert total == pytest.approx(1, abs=1e-15)


def test_every_cell_of_the_tables_of_scores_is_within_rounding(found):
    compared = [entry for entry in found.comparisons if entry.table in SCORED]
    maps = 411
    ranks = 4 * 200
    mini = 44
    across = 2 * (95 + 94 + 98)
    beyond = 5 + 6 + 2
    assert (
        sum(entry.cells for entry in compared) == maps + ranks + mini + across + beyond
    )
    assert [cell for entry in compared for cell in entry.outside] == []


def test_each_node_is_one_affine_map_of_its_children(entries):
    maps = {key: entry for key, entry in entries.items() if key[1].startswith("map")}
    assert {key: entry.cells for key, entry in maps.items()} == {
        ("total_scores", "map GIHI"): 100,
        ("minihubs", "map GIHI"): 11,
        ("science", "map A"): 100,
        ("innovation", "map B"): 100,
        ("ecosystem", "map C"): 100,
        ("fig6_fig7", "map A1"): 20,
    }
    for entry in maps.values():
        assert entry.within == entry.cells
        assert 0 < entry.max_diff < entry.tolerance < 0.015


def test_other_tables_agree_with_each_other(entries):
    assert entries["ai_ipc_top30", "shares"].within == 30
    assert entries["rank_history", "ranks"].within == 80
    assert entries["metro_admin_cities", "nations"].within == 373
    assert entries["total_scores", "scores C"].cells == 98


def test_one_count_of_the_text_is_not_that_of_the_table(entries):
    counts = entries["facts", "counts"]
    assert counts.cells == 48
    # Eleven are North American: ten of the United States, and Toronto.
    assert [(c.node, c.published, c.computed) for c in counts.outside] == [
        ("A4", 11.0, 10)
    ]


def test_the_default_data_are_printed_where_print_has_them_and_invented_elsewhere(
    report,
):
    data = report.dataset
    printed = data.basis == Status.PRINTED.value
    columns = {data.codes[column] for column in np.flatnonzero(printed.any(axis=0))}
    assert columns == {"01", "02"}
    assert printed.sum() == 40
    assert set(np.unique(data.basis[data.states == State.VALUE])) == {
        "printed",
        "synthetic",
    }
    boston = data.row("boston")
    assert data.values[boston, data.column("01")] == 46091.24
    assert data.values[boston, data.column("02")] == 41


def test_the_synthetic_filling_is_the_one_the_seed_gives(report):
    filling = synthetic.Filling(report.folder)
    filling.fill()
    with (report.folder / "inputs.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            list(row) for row in [synthetic.COLUMNS, *filling.rows]
        ]


def test_options_change_only_what_they_name(report):
    base = compute(report.framework, report.recipe, report.dataset)
    mini = [unit.population == "mini" for unit in report.dataset.units]
    for option in ("mini-by-main", "mini-by-all"):
        other = compute(
            report.framework, report.recipe.with_options([option]), report.dataset
        )
        np.testing.assert_array_equal(
            other.scores[~np.array(mini)], base.scores[~np.array(mini)]
        )
        assert not np.array_equal(other.column("B")[mini], base.column("B")[mini])
    # One factor for all: no score depends on how the deviation is taken.
    sample = compute(
        report.framework,
        report.recipe.with_options(["sample-deviation"]),
        report.dataset,
    )
    np.testing.assert_allclose(sample.scores, base.scores, atol=1e-9)
