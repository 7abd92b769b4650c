"""By what standard deviations divide: n where scores are made, n - 1 where values are described."""

import json
import math
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import xlcity
from xlcity.assess.statistics import indicator_statistics
from xlcity.cli import main
from xlcity.functions.registry import FUNCTIONS
from xlcity.index import compute
from xlcity.index.method_options import default_recipe
from xlcity.methods.registry import METHODS
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step

TREE = "code,parent,weight\nX,,1\nA,X,1\nB,X,1\n"
DATA = "unit,A,B\na,1,2\nb,2,4\nc,4,8\nd,9,16\n"
#: The first city's z-score of A: divided by n, and by n - 1 as it was by default before.
BY_N = -3 / math.sqrt(38 / 4)
BY_N_MINUS_1 = -3 / math.sqrt(38 / 3)
STANDARDISES = re.compile(r"zscore")


def test_functions_and_methods_that_standardise_divide_by_n():
    of_functions = {
        function.name: argument.default
        for function in FUNCTIONS.values()
        for argument in function.arguments
        if argument.name == "ddof" and STANDARDISES.search(function.name.lower())
    }
    of_methods = {
        (step, name): method.parameter("ddof").default
        for step, methods in METHODS.items()
        for name, method in methods.items()
        if STANDARDISES.search(name) and "ddof" in method.names
    }
    assert of_functions.keys() >= {"ZSCORE_WINSOR", "ZSCORE_SCALE", "ZSCORE_INDEX"}
    assert of_methods.keys() >= {
        ("normalise", "zscore"),
        ("construct", "zscore_index"),
        ("rescale", "zscore"),
    }
    assert {*of_functions.values(), *of_methods.values()} == {0.0}


def test_the_recipe_of_a_report_says_by_what_it_divides():
    """So that its scores are its own whatever the default is."""
    silent = []
    folder = Path(xlcity.__file__).parent
    for path in sorted(folder.glob("*/*/recipe.toml")):
        for step in tomllib.loads(path.read_text("utf-8"))["step"]:
            methods = METHODS[step["do"]]
            method = methods.get(step.get("method", ""))
            if method is None or not STANDARDISES.search(method.name):
                continue
            if "ddof" not in step:
                silent.append((path.parent.name, step["do"], method.name))
    assert silent == []


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deviation")
    (folder / "framework.csv").write_text(TREE)
    (folder / "data.csv").write_text(DATA)
    return folder


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("zscore", BY_N),
        ("winsor", BY_N),
        ("zscore:100:10", 100 + 10 * BY_N),
        # As before, and as COINr does.
        ("zscore:0:1:1", BY_N_MINUS_1),
    ],
)
def test_words_divide_by_n_unless_they_say_otherwise(tables, capsys, word, expected):
    words = ["--framework", tables / "framework.csv", "--data", tables / "data.csv"]
    assert main(["index", *map(str, words), "--normalise", word, "--json"]) == 0
    (first, *_) = json.loads(capsys.readouterr().out)["units"]
    assert first["normalised"]["A"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("parameters", "expected"), [({}, BY_N), ({"ddof": 1}, BY_N_MINUS_1)]
)
def test_a_recipe_divides_by_n_unless_it_says_otherwise(tables, parameters, expected):
    framework = Framework.read(tables / "framework.csv")
    recipe = default_recipe()
    steps = tuple(
        Step("normalise", "zscore", parameters) if step.do == "normalise" else step
        for step in recipe.steps
    )
    data = xlcity.read_data(tables / "data.csv", framework)
    result = compute(framework, replace(recipe, steps=steps), data.dataset)
    assert result.column("A")[0] == pytest.approx(expected, rel=1e-12)
    (statistics, _) = indicator_statistics(result)
    # What describes values divides by n - 1, whatever the scores do.
    assert statistics.sd == pytest.approx(np.std([1, 2, 4, 9], ddof=1), rel=1e-12)
