"""Workbooks of teams are read from their formulas, and proved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from xlcity.proof.document import index_document
from xlcity.proof.meanings import Scored, TreeNode
from xlcity.proof.probe import Invented
from xlcity.proof.reading import read_index, series_name
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.address import quote_sheet
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

HERE = Path(__file__).parent
EXPECTED = json.loads((HERE / "adopt" / "expected.json").read_text(encoding="utf-8"))
TEAMS = sorted((HERE / "adopt").glob("*.xlsx"))
OWN = sorted((HERE / "own").glob("*.xlsx"))
#: What a recipe has and the list of what is expected has not, and the other way round.
UNLISTED = {"heading", "parent", "share", "direction", "method", "divided_by", "times"}


def parts(read):
    """Return heading -> part of the tree, for nodes and for indicators."""
    nodes = {}
    indicators = {}
    name_of = {}
    for placed in read.tables.placed:
        meaning = placed.meaning
        series = meaning.base if isinstance(meaning, Scored) else meaning.series
        name_of[placed.code] = read.columns[series].heading
        kind = nodes if isinstance(meaning, TreeNode) else indicators
        kind[name_of[placed.code]] = placed
    return nodes, indicators, name_of


def share(read, placed):
    """Return the share of a part in its parent."""
    group = [p.weight for p in read.tables.placed if p.parent == placed.parent]
    return placed.weight / sum(group)


def assert_tree(read, expected):
    """Compare a tree with the one that is expected, part by part."""
    nodes, indicators, name_of = parts(read)
    assert [*nodes] == [node["name"] for node in expected["nodes"]]
    for node in expected["nodes"]:
        placed = nodes[node["name"]]
        meaning = placed.meaning
        assert (meaning.method, meaning.missing) == (node["method"], node["missing"])
        if "share" in node:
            assert share(read, placed) == pytest.approx(node["share"])
        rescale = meaning.rescale
        found = (
            None if rescale is None else {"method": rescale.method, **rescale.params}
        )
        assert found == node.get("rescale")
    assert [*indicators] == [one["heading"] for one in expected["indicators"]]
    for one in expected["indicators"]:
        placed = indicators[one["heading"]]
        fit = placed.meaning.fit
        assert name_of[placed.parent] == one["parent"]
        assert share(read, placed) == pytest.approx(one["share"])
        assert (fit.method, fit.direction) == (one["method"], one["direction"])
        params = {name: one[name] for name in one.keys() - UNLISTED}
        assert dict(fit.params) == params
        made = read.columns.made.get(placed.meaning.base)
        if "divided_by" in one:
            divisor = read.columns[made.denominator].heading
            assert (divisor, made.times) == (one["divided_by"], one["times"])


def with_other_data(path, seed, folder):
    """Return a copy of a workbook with other typed values below the total, recalculated."""
    read = read_index(path)
    columns = read.columns
    invented = Invented(seed)
    inputs: dict = {}
    typed = {base for base in read.root.bases if columns[base].pattern is None}
    for made in columns.made.values():
        typed |= {made.numerator, made.denominator}
    for series in sorted(typed):
        stored = columns.stored(series)
        values = invented.plain(stored)
        for city, (sheet, position) in columns.cities.cells(series).items():
            if np.isfinite(stored[city]):
                inputs.setdefault(sheet, {})[position] = float(f"{values[city]:.5g}")
    package = Package.read(path)
    changed = write_inputs(package, inputs, read_book(package))
    target = folder / f"{seed}-{path.name}"
    target.write_bytes(patch_results(changed, recalculate(changed)).to_bytes())
    return target


#: Of the raw values that replace a team's own; the first ones are tried in every run.
SEEDS = [
    pytest.param(1, marks=pytest.mark.slow),
    *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3)),
]


@pytest.mark.parametrize("path", TEAMS, ids=lambda path: path.stem)
def test_a_team_workbook_is_explained_as_expected(path):
    read = read_index(path)
    expected = EXPECTED[path.name]
    assert series_name(read.columns, read.root.series) == place(expected["total"])
    assert read.status == expected["status"]
    assert len(read.columns.cities.names) == expected["cities"]
    assert read.formulas_explained == expected["formulas_behind_total"]
    assert not read.unexplained
    assert_tree(read, expected)
    proof = read.proof
    assert proof.holds
    assert proof.totals.equal == expected["totals"]["equal_mended"]
    assert proof.stored_totals.equal == expected["totals"]["equal_stored"]
    assert proof.ranks.equal == expected["ranks"]["equal_to_mended_scores"]
    assert proof.stored_ranks.equal == expected["ranks"]["stored_equal"]
    slips = {slip.partition(":")[0] for slip in expected["slips"]}
    assert {slip.cell for slip in read.slips} == slips
    rounded = {series_name(read.columns, s): d for s, d in read.rounded.items()}
    assert rounded == {place(name): d for name, d in expected["rounded"].items()}


def place(total):
    """Return the place that a text such as "Index!J Total" or "Sheet!row 13 Total" begins with."""
    sheet, _, rest = total.partition("!")
    line = rest.removeprefix("row ").split()[0]
    return f"{quote_sheet(sheet)}!{line}"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("path", TEAMS, ids=lambda path: path.stem)
def test_the_same_is_found_with_other_data(path, seed, tmp_path):
    read = read_index(with_other_data(path, seed, tmp_path))
    expected = EXPECTED[path.name]
    assert read.status == "explained"
    assert_tree(read, expected)
    assert {slip.cell for slip in read.slips} == {
        slip.partition(":")[0] for slip in expected["slips"]
    }


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_ten_further_workbooks_are_explained(path):
    read = read_index(path)
    assert read.status == "explained"
    assert read.slips == ()
    assert read.proof.stored_totals.is_complete
    assert read.proof.stored_ranks.is_complete
    assert all(other.is_complete for other in read.proof.other)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_nothing_wrong_is_said_of_further_workbooks_with_other_data(
    path, seed, tmp_path
):
    read = read_index(with_other_data(path, seed, tmp_path))
    assert read.status == "explained"
    assert read.proof.stored_totals.is_complete


def test_a_slip_that_is_meant_stays_as_it_stands():
    path = HERE / "adopt" / "15_slips.xlsx"
    read = read_index(path, keep=["Index!J12"])
    document = index_document(read)
    assert [slip["cell"] for slip in document["slips"] if slip["kept"]] == ["Index!J12"]
    total = read.tables.data_rows[0].index("Total")
    city = read.columns.cities.names.index("Krakow")
    assert read.tables.data_rows[city + 1][total] == "0.3555752794216378"
    assert read.status == "explained"
    assert read.proof.stored_totals.equal == 2


def test_typed_bounds_that_are_the_extremes_are_asked_about():
    document = index_document(read_index(HERE / "adopt" / "25_pasted_bounds.xlsx"))
    assert [question["cell"] for question in document["questions"]] == [
        "Q!E",
        "Q!F",
        "Q!G",
    ]
