"""Named sets of weights: where they stand, how they are chosen, and what is wrong with them."""

import json

import numpy as np
import pytest

import xlcity as xc
from xlcity.cli import main
from xlcity.errors import FrameworkError, RecipeError
from xlcity.model.framework import Framework

PLAIN = "code,parent,weight\nT,,\nP,T,1\nQ,T,1\na,P,2\nb,P,1\nc,Q,1\n"
SETS = """code,parent,weight,weight_experts,Weight_public view
T,,,,
P,T,1,3,0.5
Q,T,1,1,1/2
a,P,2,,0
b,P,1,,1
c,Q,1,1,1
"""
DATA = "unit,a,b,c\nu1,1,5,3\nu2,2,3,1\nu3,4,1,2\nu4,3,2,7\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "tree.csv").write_text(SETS)
    (tmp_path / "data.csv").write_text(DATA)
    return [
        "--framework",
        str(tmp_path / "tree.csv"),
        "--data",
        str(tmp_path / "data.csv"),
    ]


def scores(capsys, files, *more):
    assert main(["index", *files, *more, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return found, np.array([unit["scores"]["T"] for unit in found["units"]])


def test_columns_are_sets_and_a_group_without_any_keeps_its_weights():
    tree = Framework.read(SETS)
    assert list(tree.weight_sets) == ["experts", "public view"]
    assert tree.weights_in_set("experts", "T") == [3, 1]
    assert tree.weights_in_set("experts", "P") == [2, 1]
    assert tree.weights_in_set("public view", "P") == [0, 1]
    assert Framework.read(PLAIN).weight_sets == {}


def test_a_set_is_chosen_by_its_name_for_all_or_for_one_node(capsys, files):
    a, b, c = (np.array(x, float) for x in ([0, 1, 3, 2], [4, 2, 0, 1], [2, 0, 1, 6]))
    a, b, c = (100 * x / x.max() for x in (a, b, c))
    p = (2 * a + b) / 3
    found, whole = scores(capsys, files, "--weights", "experts")
    assert whole == pytest.approx((3 * p + c) / 4, abs=1e-10)
    assert found["weights"] | {"P": 3.0, "Q": 1.0} == found["weights"]
    assert found["effective_weights"] == pytest.approx(
        {"T": 1, "P": 0.75, "Q": 0.25, "a": 0.5, "b": 0.25, "c": 0.25}
    )
    assert scores(capsys, files, "--weights", "named:public view")[1] == pytest.approx(
        (b + c) / 2
    )
    assert scores(capsys, files, "--weights", "P=public view")[1] == pytest.approx(
        (b + c) / 2
    )
    assert scores(capsys, files)[1] == pytest.approx((p + c) / 2)


def test_a_template_is_built_with_the_weights_chosen(tmp_path, files):
    frame = xc.Index(files[1], files[3], weights="experts")
    frame.to_workbook(tmp_path / "book.xlsx")
    book = xc.Workbook.open(tmp_path / "book.xlsx")
    assert book.index.scores.equals(frame.scores)


def test_an_assessment_compares_sets_and_varies_around_the_one_chosen(files):
    index = xc.Index(files[1], files[3])
    experts = xc.Index(files[1], files[3], weights="experts")
    compared = index.assess(
        n=2, vary=["omit=P"], compared=["weights=experts"]
    ).comparisons
    assert compared[-1].ranks.tolist() == experts.ranks["T"].tolist()
    plan = experts.assess(n=2, vary=["weights=noise:10%", "omit=P"]).plan
    assert [plan.framework[code].weight for code in "PQab"] == [3, 1, 2, 1]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (SETS.replace("Q,T,1,1,", "Q,T,1,,"), "Q has no weight in the set experts"),
        (SETS.replace("P,T,1,3", "P,T,1,-3"), "weight_experts of P is -3"),
        (SETS.replace("P,T,1,3", "P,T,1,three"), "weight_experts is 'three'"),
    ],
)
def test_a_set_that_cannot_be_used_is_refused(table, told):
    with pytest.raises(FrameworkError, match=told):
        Framework.read(table)


def test_an_unknown_set_and_one_that_is_no_share_are_refused(capsys, files, tmp_path):
    assert main(["index", *files, "--weights", "expert"]) == 3
    assert "Did you mean experts?" in capsys.readouterr().err
    steps = [
        "normalise none",
        "weight named",
        "aggregate arithmetic",
        "rank competition",
    ]
    lines = ["version = 2", 'weights = "shares"']
    for do, method in map(str.split, steps):
        lines += ["[[step]]", f'do = "{do}"', f'method = "{method}"']
        lines += ['set = "experts"'] if do == "weight" else []
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("\n".join(lines))
    shares = (
        "code,parent,weight,weight_experts\nT,,,\na,T,0.4,1\nb,T,0.3,2\nc,T,0.3,1\n"
    )
    with pytest.raises(
        RecipeError, match="T: the weights of the set experts sum to 4, not 1"
    ):
        xc.Index(xc.Framework.read(shares), files[3], recipe=recipe)
