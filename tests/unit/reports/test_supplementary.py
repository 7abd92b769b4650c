"""Supplementary indices: joint scales inside each population, fields over all scored cities."""

from dataclasses import replace

import numpy as np
import pytest

from xlcity.errors import FrameworkError
from xlcity.index import compute
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import SupplementaryIndex
from xlcity.model.recipe import Recipe, Step
from xlcity.reports import load_report
from xlcity.reports.gihi2023.supplementary import read_indices, with_indices


@pytest.fixture(scope="module")
def report():
    return load_report("gihi2023")


@pytest.fixture(scope="module")
def result(report):
    return compute(report.framework, report.recipe, report.dataset)


def rows(result, population):
    return [
        i
        for i, unit in enumerate(result.dataset.units)
        if unit.population == population
    ]


@pytest.mark.parametrize("population", ["main", "mini"])
def test_modes_share_one_scale_in_each_population(result, population):
    at = rows(result, population)
    found = result.supplementary
    pillars = np.column_stack(
        [result.aggregates[at, result.node_codes.index(code)] for code in "ABC"]
    )
    expected = 100 * (pillars - pillars.min()) / (pillars.max() - pillars.min())
    for place, code in enumerate(("MA", "MB", "MC")):
        np.testing.assert_allclose(
            found.column(code)[at], expected[:, place], atol=1e-9
        )


def test_agglomeration_and_radiation_are_plain_means_of_z_scores(result):
    found = result.supplementary
    at = rows(result, "main")
    parts = {
        s.code: s.parts for s in result.framework.supplementary if s.scale == "flow"
    }
    assert [len(parts[code]) for code in ("AGG", "RAD")] == [12, 8]
    means = {
        code: np.mean([result.column(part)[at] for part in parts[code]], axis=0)
        for code in parts
    }
    both = np.concatenate(list(means.values()))
    for code, mean in means.items():
        expected = 100 * (mean - both.min()) / (both.max() - both.min())
        np.testing.assert_allclose(found.column(code)[at], expected, atol=1e-9)


def test_fields_run_from_60_to_100_and_order_hubs_by_fields_then_share(result):
    found = result.supplementary
    data = result.dataset
    fields = [s.code for s in result.framework.supplementary if s.kind == "field"]
    assert len(fields) == 22
    cited = np.column_stack(
        [data.values[:, data.column(f"{code}.hcp")] for code in fields]
    )
    papers = np.column_stack(
        [data.values[:, data.column(f"{code}.papers")] for code in fields]
    )
    low = cited[:, 0].min()
    high = cited[:, 0].max()
    expected = 60 + 40 * (cited[:, 0] - low) / (high - low)
    np.testing.assert_allclose(found.column(fields[0]), expected)
    # Among the first ten: fewer than ten cities have more.
    more = (cited[None, :, :] > cited[:, None, :]).sum(axis=1)
    counts = (more < 10).sum(axis=1)
    np.testing.assert_array_equal(found.column("DTOP"), counts)
    shares = (100 * cited / papers).mean(axis=1)
    np.testing.assert_allclose(found.column("DSHARE"), shares)
    order = sorted(range(len(counts)), key=lambda row: (-counts[row], -shares[row]))
    ranks = found.ranks[:, found.codes.index("DTOP")]
    assert [ranks[row] for row in order] == list(range(1, len(order) + 1))


def test_a_gap_below_a_scale_leaves_the_scale_of_its_population_empty(report):
    data = report.dataset
    values = data.values.copy()
    states = data.states.copy()
    at = data.row("boston"), data.column("05")
    values[at], states[at] = np.nan, State.BLANK
    basis = np.where(states == State.VALUE, data.basis, "")
    partial = replace(data, values=values, states=states, basis=basis)
    result = compute(report.framework, report.recipe, partial)
    found = result.supplementary
    assert np.isnan(found.column("RAD")[rows(result, "main")]).all()
    assert np.isnan(found.column("MB")[rows(result, "main")]).all()
    assert not np.isnan(found.column("RAD")[rows(result, "mini")]).any()
    assert not np.isnan(found.column("DTOP")).any()


def test_supplementary_indices_that_cannot_be_are_refused_all_at_once(tmp_path):
    framework = Framework.read("code,parent,weight\nX,,1\n1,X,1\n")
    path = tmp_path / "supplementary.csv"
    path.write_text(
        "code,kind,name_zh,name_en,parts,scale\nX,joint,,,1,s\nY,other,,,,\nZ,joint,,,2,s\n"
        "W,joint,,,,s\n",
        encoding="utf-8",
    )
    with pytest.raises(FrameworkError) as caught:
        read_indices(framework, path)
    assert [p.code for p in caught.value.problems] == [
        "XC201",
        "XC208",
        "XC208",
        "XC208",
    ]


def test_fields_are_on_the_scale_of_the_nodes(report):
    steps = tuple(
        replace(step, params={**step.params, "omega": 30.0})
        if step.do == "rescale"
        else step
        for step in report.recipe.steps
    )
    found = compute(
        report.framework, replace(report.recipe, steps=steps), report.dataset
    )
    field = next(s.code for s in report.framework.supplementary if s.kind == "field")
    scored = [i for i, unit in enumerate(found.dataset.units) if unit.population]
    scores = found.supplementary.column(field)[scored]
    assert (scores.min(), scores.max()) == pytest.approx((70.0, 100.0))


def test_joint_indices_whose_parts_are_all_alike_score_0(result):
    alike = replace(result, aggregates=np.full_like(result.aggregates, 5.0))
    found = alike.supplementary
    for code in ("MA", "MB", "MC"):
        assert found.column(code)[rows(result, "main")].tolist() == [0.0] * len(
            rows(result, "main")
        )


# -- fields and growth of a framework of one's own, by hand ----------------------------------------
TREE = Framework.read("code,parent\nT,\na,T\n")
METHOD = Recipe(
    "r", (Step("normalise", "none"), Step("aggregate", "arithmetic")), "relative"
)


def of_kinds(columns, *kinds, steps=(), groups=None):
    """Return the supplementary scores of cities by the columns of their inputs."""
    indices = [
        SupplementaryIndex(kind.split()[-1], kind.split()[0], "", "") for kind in kinds
    ]
    framework = with_indices(TREE, indices)
    columns = {"a": [1.0] * len(next(iter(columns.values()))), **columns}
    values = np.array(list(columns.values()), dtype=float).T
    units = tuple(
        Unit(f"u{row}", population="main" if groups is None else groups[row])
        for row in range(len(values))
    )
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    data = Dataset(units, tuple(columns), values, states, np.full(values.shape, ""))
    recipe = replace(METHOD, steps=(*METHOD.steps, *steps))
    return compute(framework, recipe, data).supplementary


def test_a_city_without_papers_has_no_share_of_highly_cited_ones():
    papers = [200, 1, 0, 40]
    cited = [10, 1, 0, 0]
    found = of_kinds({"F.papers": papers, "F.hcp": cited}, "field F", "mean_share S")
    assert found.column("S").tolist() == [5, 100, 0, 0]
    assert found.ranks[:, 1].tolist() == [2, 1, 3, 3]
    # Fields run from 60 to 100 where the recipe has no scale of nodes.
    assert found.column("F").tolist() == [100, 60 + 4, 60, 60]


@pytest.mark.parametrize(("omega", "least"), [({}, 60), ({"omega": 25.0}, 75)])
def test_fields_without_differences_have_the_least_score_of_the_scale(omega, least):
    columns = {"F.papers": [9, 5], "F.hcp": [3, 3]}
    scale = Step("rescale", "efficacy", {"constant": 1.0, **omega})
    assert (
        of_kinds(columns, "field F", steps=[scale]).column("F").tolist() == [least] * 2
    )
    other_scale = Step("rescale", "minmax", {"constant": 1.0})
    assert (
        of_kinds(columns, "field F", steps=[other_scale]).column("F").tolist()
        == [60] * 2
    )


@pytest.mark.parametrize("lacking", ["F.papers", "F.hcp", "G.papers"])
def test_one_gap_in_a_field_leaves_what_joins_all_fields_empty(lacking):
    columns = {
        f"{field}.{name}": [4.0, 2.0] for field in "FG" for name in ("papers", "hcp")
    }
    columns[lacking] = [4.0, np.nan]
    found = of_kinds(columns, "field F", "field G", "mean_share S", "top_fields N")
    assert np.isnan(found.scores[:, 2:]).all()
    assert (found.ranks[:, 2:] == 0).all()
    assert np.isnan(found.column("F")).all() == (lacking == "F.hcp")
    assert found.column("G").tolist() == [100, 60]


def test_growth_is_that_of_a_year_over_nine():
    found = of_kinds(
        {"G.first": [100, 1, 0, 100, np.nan], "G.last": [100 * 2**9, 1.1**9, 5, 0, 7]},
        "growth G",
    )
    assert found.column("G") == pytest.approx(
        [100, 10, np.nan, -100, np.nan], nan_ok=True
    )
    assert found.ranks[:, 0].tolist() == [1, 2, 0, 3, 0]


def test_inputs_without_a_column_and_cities_that_are_not_scored_have_no_scores():
    found = of_kinds({"a": [1, 2]}, "field F", "growth G", "mean_share S")
    assert np.isnan(found.scores).all()
    of_nobody = of_kinds({"F.papers": [1.0], "F.hcp": [1.0]}, "field F", groups=[""])
    assert np.isnan(of_nobody.scores).all()
