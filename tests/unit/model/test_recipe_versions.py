"""Recipes without a version keep the meaning they had; version 2 has that of the command line."""

import numpy as np
import pytest
from cli import run_json

from xlcity.errors import RecipeError
from xlcity.functions.construct import zscore_index
from xlcity.functions.normalise import zscore_winsor
from xlcity.functions.scale import zscore_scale
from xlcity.index import compute
from xlcity.index.method_options import with_words
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.reading.framework import read_framework_csv
from xlcity.model.recipe_toml import read_recipe, recipe_lines

VALUES = [1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 90.0]
TREE = read_framework_csv("code,parent,weight,direction\nT,,1,1\na,T,1,-1\n")
HEAD = 'id = "r"\nweights = "relative"\n'
MEAN = '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'


def made(normalise, version="", more=""):
    step = f'[[step]]\ndo = "normalise"\n{normalise}\n'
    return read_recipe(f"{version}{HEAD}{step}{MEAN}{more}")


def scores(recipe):
    units = tuple(Unit(f"u{i}") for i in range(len(VALUES)))
    values = np.array([VALUES]).T
    basis = np.full(values.shape, "entered")
    data = Dataset(units, ("a",), values, np.zeros(values.shape, np.uint8), basis)
    return compute(TREE, recipe, data).column("T")


def winsor(limit=1.96, ddof=0.0):
    return zscore_winsor(VALUES, limit, -1, ddof).values[:, 0]


def scaled(mean=0.0, sd=1.0, ddof=1.0):
    return zscore_scale(VALUES, mean, sd, -1, ddof).values[:, 0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('method = "zscore"', winsor()),
        ('method = "zscore"\nlimit = 0', winsor(0)),
        ('method = "zscore"\nlimit = 1.2\nddof = 1', winsor(1.2, 1)),
        ('method = "standard"', scaled()),
        ('method = "standard"\nmean = 50\nsd = 10\nddof = 0', scaled(50, 10, 0)),
    ],
)
@pytest.mark.parametrize("version", ["", "version = 1\n"])
def test_a_recipe_without_version_gives_the_scores_it_gave(words, expected, version):
    recipe = made(words, version)
    np.testing.assert_allclose(scores(recipe), expected, rtol=1e-12, atol=1e-12)
    lines = recipe_lines(recipe)
    assert lines[0] == "version = 2"
    assert read_recipe("\n".join(lines) + "\n") == recipe


@pytest.mark.parametrize(
    ("words", "option", "expected"),
    [
        ('method = "zscore"', "zscore", scaled()),
        ('method = "zscore"\nmean = 50\nsd = 10', "zscore:50:10", scaled(50, 10)),
        ('method = "zscore"\nclip = 1.96\nddof = 0', "winsor", winsor()),
        ('method = "zscore"\nclip = 1.2\nddof = 0', "winsor:1.2", winsor(1.2)),
    ],
)
def test_a_word_means_the_same_in_a_recipe_and_on_the_command_line(words, option, expected):
    recipe = made(words, "version = 2\n")
    of_option = with_words(made('method = "minmax"'), TREE, {"normalise": [option]})
    for found in (recipe, of_option):
        np.testing.assert_allclose(scores(found), expected, rtol=1e-12, atol=1e-12)


def test_clipped_scores_are_put_on_a_scale():
    recipe = made('method = "zscore"\nmean = 50\nsd = 10\nclip = 1.2\nddof = 0', "version = 2\n")
    np.testing.assert_allclose(scores(recipe), 50 + 10 * winsor(1.2), rtol=1e-12)


OPTIONS = """
[[option]]
id = "limit"
label_zh = "甲"
label_en = "A"
changes = [{ step = 1, param = "limit", value = 1 }, { step = 1, param = "ddof", value = 1 }]
[[option]]
id = "default"
label_zh = "乙"
label_en = "B"
changes = [{ step = 1, param = "limit", remove = true }]
[[option]]
id = "standard"
label_zh = "丙"
label_en = "C"
changes = [
    { step = 1, param = "method", value = "standard" },
    { step = 1, param = "mean", value = 50 },
]
[[option]]
id = "minmax"
label_zh = "丁"
label_en = "D"
changes = [{ step = 1, param = "method", value = "minmax" }]
"""


def test_options_without_version_change_what_they_changed():
    recipe = made('method = "zscore"\nlimit = 1.5', more=OPTIONS)
    x = np.array(VALUES)
    expected = {
        "limit": winsor(1, 1),
        "default": winsor(),
        "standard": scaled(50),
        "minmax": (x.max() - x) / (x.max() - x.min()) * 100,
    }
    for option, numbers in expected.items():
        found = scores(recipe.with_option(option))
        np.testing.assert_allclose(found, numbers, rtol=1e-12, atol=1e-12)
    assert read_recipe("\n".join(recipe_lines(recipe)) + "\n") == recipe


@pytest.mark.parametrize("method", ["standard", "zscore"])
def test_an_option_may_take_up_z_scores(method):
    change = f'changes = [{{ step = 1, param = "method", value = "{method}" }}]'
    option = f'[[option]]\nid = "z"\nlabel_zh = "甲"\nlabel_en = "A"\n{change}\n'
    recipe = made('method = "minmax"', more=option).with_option("z")
    expected = scaled() if method == "standard" else winsor()
    np.testing.assert_allclose(scores(recipe), expected, rtol=1e-12, atol=1e-12)


def test_other_steps_without_version_have_their_new_names():
    text = f"""{HEAD}
[[step]]
do = "construct"
method = "zscore_index"
codes = ["a"]
[[step]]
do = "fill"
method = "mean"
[[step]]
do = "impute"
method = "dimension_mean"
[[step]]
do = "rescale"
method = "standard"
"""
    found = [(step.do, step.method, dict(step.params)) for step in read_recipe(text).steps]
    assert found == [
        ("construct", "zscore_index", {"clip": 1.96, "ddof": 0.0}),
        ("impute_raw", "mean", {}),
        ("impute_scores", "dimension_mean", {}),
        ("rescale", "zscore", {}),
    ]
    new = read_recipe(
        "version = 2\n" + text.split("[[step]]")[0] + "[[step]]" + text.split("[[step]]")[1]
    )
    index = new.steps[0].settings()
    assert (index.number("clip"), index.number("ddof")) == (0, 1)
    block = zscore_index([[1, 2], [2, 5], [9, 3]], None, 0, "na", 1)
    assert np.isfinite(block.values).all()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[step]]\ndo = "normalise"\nmethod = "zscore"\nclip = 2\n',
            "clip needs a recipe of version 2",
        ),
        (
            '[[step]]\ndo = "impute_raw"\nmethod = "mean"\n',
            "impute_raw needs a recipe of version 2",
        ),
        ('version = 3\n[[step]]\ndo = "normalise"\nmethod = "none"\n', "version is 3"),
    ],
)
def test_words_of_another_version_are_named(text, said):
    with pytest.raises(RecipeError) as caught:
        read_recipe(text)
    assert any(said in problem.message for problem in caught.value.problems)
    assert all(problem.hint for problem in caught.value.problems)


@pytest.mark.parametrize("words", ["limit = 2", 'method = "standard"'])
def test_words_of_before_are_refused_in_version_2(words):
    method = "" if "method" in words else 'method = "zscore"\n'
    with pytest.raises(RecipeError):
        made(f"{method}{words}", "version = 2\n")


def test_the_command_line_reads_both(tmp_path, capsys):
    (tmp_path / "tree.csv").write_text("code,parent,weight,direction\nT,,1,1\na,T,1,-1\n")
    rows = "".join(f"u{i},{x}\n" for i, x in enumerate(VALUES))
    (tmp_path / "data.csv").write_text(f"unit,a\n{rows}")
    step = '[[step]]\ndo = "normalise"\nmethod = "zscore"\n'
    for version, expected in (("", winsor()), ("version = 2\n", scaled())):
        recipe = tmp_path / "recipe.toml"
        recipe.write_text(f"{version}{HEAD}{step}{MEAN}", encoding="utf-8")
        words = ("--framework", tmp_path / "tree.csv", "--data", tmp_path / "data.csv")
        code, document = run_json(capsys, "index", *words, "--recipe", recipe)
        assert code == 0
        found = [unit["scores"]["T"] for unit in document["units"]]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
