"""Every record says all that the index, recipes, words and help read of it."""

import json
from dataclasses import replace
from itertools import chain
from sys import float_info

import numpy as np
import pytest

from tests.helpers.contributing import example
from tests.helpers.contributing import run as run_script
from xlcity.errors import RecipeError
from xlcity.index.steps import normalise_column, span_of
from xlcity.methods import registry
from xlcity.methods.formulas import (
    gap_formula_of_two,
    number_or_zero_formula,
    text_condition,
)
from xlcity.methods.normalise.record import (
    CONSTANT,
    FAILS,
    SAME,
    ColumnCells,
    Indicator,
    Normalisation,
)
from xlcity.methods.normalise.zscore import zscore_formula
from xlcity.methods.rate import Level, levels_of
from xlcity.methods.record import BOUND, NUMBER, NUMBERS, TEXT, TEXTS, Method
from xlcity.methods.registry import (
    METHODS,
    OPTIONS,
    describe_word_parts,
    find_method,
    parameter_texts,
    words_of_option,
)
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step

NODE = Framework.read("code,parent\nT,\na,T\n")["a"]
RECORDS = [method for methods in METHODS.values() for method in methods.values()]


@pytest.mark.parametrize("method", RECORDS, ids=lambda m: f"{m.step}-{m.name}")
def test_defaults_are_such_as_there_are(method):
    for parameter in method.parameters:
        assert isinstance(parameter.kind, tuple) or parameter.kind in (
            BOUND,
            NUMBER,
            TEXT,
            NUMBERS,
            TEXTS,
        )
        if parameter.default is not None:
            assert parameter.problem(parameter.default) == ""
    assert len(set(method.names)) == len(method.names)


def test_every_parameter_is_explained_in_both_languages_and_nothing_else():
    known = {f"{method.step}.{name}" for method in RECORDS for name in method.names}
    assert set(parameter_texts()) == known
    assert all(text["zh"] and text["en"] for text in parameter_texts().values())
    for option in OPTIONS:
        parts = set(
            chain.from_iterable(
                word.parts for word, _ in words_of_option(option).values()
            )
        )
        for language in ("zh", "en"):
            assert all(
                f"{part.upper()}: " in describe_word_parts(option, language)
                for part in parts
            )


def test_a_parameter_without_a_text_is_its_name(monkeypatch):
    monkeypatch.setattr(registry, "parameter_texts", dict)
    assert describe_word_parts("aggregate", "zh").startswith("THRESHOLD: threshold")


def test_no_word_stands_for_two_methods():
    for option in OPTIONS:
        of_step = [
            m
            for m in RECORDS
            if any(m is found for _, found in words_of_option(option).values())
        ]
        words = [word.name for method in of_step for word in method.words]
        assert len(words) == len(set(words))


@pytest.mark.parametrize("name", sorted(METHODS["normalise"]))
def test_a_constant_column_does_what_the_record_says(name):
    values = np.full(4, 2.0)
    states = np.zeros(4, dtype=np.uint8)
    given = {"bands": {"cuts": (1.0, 3.0)}, "dist2target": {"target": 2.0}}.get(
        name, {}
    )
    if name == "goalposts":
        given = {"low": 2.0, "high": 2.0}
    column = Indicator(values, states, 1.0, span_of(values, states), reference=2.0)
    done = normalise_column(column, Step("normalise", name, given), NODE)
    record = find_method(Normalisation, name)
    if record.constant == SAME or name in ("percentile", "fracmax"):
        assert done.constant == SAME
        assert len(set(done.values.tolist())) == 1
        return
    assert done.constant == FAILS
    assert np.isnan(done.values).all()
    named = {**given, CONSTANT.name: 7.0}
    assert (
        normalise_column(column, Step("normalise", name, named), NODE).values.tolist()
        == [7.0] * 4
    )


def test_a_step_means_what_the_framework_says_and_then_the_default():
    step = Step("normalise", "goalposts", {"high": 9})
    settings = step.settings(replace(NODE, goalpost_low=1.0, goalpost_high=5.0))
    assert [settings.optional(name) for name in ("low", "high", "scale")] == [
        1.0,
        9.0,
        100.0,
    ]
    assert Step("normalise", "goalposts").settings().optional("low") is None


@pytest.mark.parametrize(
    "value", ["wide", "p5", True, (1.0, 2.0), float("nan"), float("inf"), 10**400]
)
def test_what_is_no_number_is_refused_with_the_name_of_its_parameter(value):
    settings = Step("normalise", "minmax", {"scale": value}).settings()
    with pytest.raises(
        RecipeError, match=r"normalise minmax: scale = .* is not a number"
    ):
        settings.number("scale")


def test_methods_that_are_not_there_are_named_with_those_that_are():
    with pytest.raises(RecipeError, match="normalise has no method 'mimax'"):
        Step("normalise", "mimax").settings()
    with pytest.raises(RecipeError, match="no method 'mimax'") as caught:
        find_method(Normalisation, "mimax")
    assert "minmax" in str(caught.value.problems[0].hint)


MADE_UP = example("Add a normalisation")
RUN = """
import sys
import xlcity.methods
xlcity.methods.__path__.append(sys.argv[1])
from xlcity.data_files import toml_beside
from xlcity.methods import registry
from xlcity.workbook import labels
texts = toml_beside(registry.__file__, "texts.toml")
words = toml_beside(labels.__file__, "labels.toml")
texts["normalise.exponent"] = {"zh": "幂", "en": "the exponent"}
words["method.powered"] = {"zh": "幂", "en": "the share to the power a"}
from xlcity.cli import main
sys.exit(main(sys.argv[2:]))
"""


def run(folder, *words):
    return run_script(RUN, folder, *words)


@pytest.mark.slow
def test_a_new_normalisation_is_one_module(tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "powered.py").write_text(MADE_UP, encoding="utf-8")
    (tmp_path / "f.csv").write_text("code,parent\nT,\na,T\n", encoding="utf-8")
    (tmp_path / "d.csv").write_text("unit,a\nu,1\nv,2\nw,4\n", encoding="utf-8")
    (tmp_path / "r.toml").write_text(
        'id = "own"\n[[step]]\ndo = "normalise"\nmethod = "powered"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n',
        encoding="utf-8",
    )
    own = ("--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv"))

    def scores(*words):
        done = run(folder, "index", *own, *words, "--json")
        assert done.returncode == 0, done.stderr + done.stdout
        return [unit["scores"]["T"] for unit in json.loads(done.stdout)["units"]]

    assert scores("--normalise", "powered") == [0.0625, 0.25, 1.0]
    assert scores("--normalise", "powered:1") == [0.25, 0.5, 1.0]
    assert scores("--recipe", str(tmp_path / "r.toml")) == [0.0625, 0.25, 1.0]
    book = str(tmp_path / "own.xlsx")
    assert (
        run(folder, "new", *own, "--normalise", "powered:3", "-o", book).returncode == 0
    )
    checked = run(folder, "check", book, "--json")
    assert json.loads(checked.stdout)["workbooks"][0]["verdict"] == "pass", (
        checked.stdout
    )
    results = json.loads(run(folder, "results", book, "--json").stdout)
    assert [unit["scores"]["T"] for unit in results["units"]] == [0.015625, 0.125, 1.0]
    shown = "".join(run(folder, "index", "--help").stdout.split())
    assert "powered[:EXPONENT]" in shown
    assert "EXPONENT:theexponent" in shown
    (tmp_path / "r.toml").write_text(
        'id = "own"\n[[step]]\ndo = "normalise"\nmethod = "powered"\nexponent = "x"\n',
        encoding="utf-8",
    )
    wrong = run(folder, "index", *own, "--recipe", str(tmp_path / "r.toml"))
    assert wrong.returncode == 3
    assert "exponent is 'x', which is not a number" in wrong.stderr


@pytest.mark.slow
def test_a_new_aggregation_is_one_module(tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "maximum.py").write_text(example("Add an aggregation"), encoding="utf-8")
    (tmp_path / "f.csv").write_text("code,parent\nT,\na,T\nb,T\n", encoding="utf-8")
    (tmp_path / "d.csv").write_text(
        "unit,a,b\nu,1,5\nv,2,NA\nw,5,1\n", encoding="utf-8"
    )
    own = ("--framework", str(tmp_path / "f.csv"), "--data", str(tmp_path / "d.csv"))
    words = (*own, "--aggregate", "maximum", "--normalise", "none")
    scored = json.loads(run(folder, "index", *words, "--json").stdout)
    assert [unit["scores"]["T"] for unit in scored["units"]] == [5.0, 2.0, 5.0]
    assert "maximum" in run(folder, "index", "--help").stdout
    book = str(tmp_path / "own.xlsx")
    made = run(folder, "new", *words, "-o", book)
    assert made.returncode == 0, made.stderr
    checked = json.loads(run(folder, "check", book, "--json").stdout)["workbooks"][0]
    assert (checked["verdict"], made.stderr.count("Traceback")) == ("pass", 0)
    results = json.loads(run(folder, "results", book, "--json").stdout)
    assert [unit["scores"]["T"] for unit in results["units"]] == [5.0, 2.0, 5.0]


def test_two_records_of_one_name_are_refused(tmp_path):
    (tmp_path / "again.py").write_text(
        MADE_UP.replace("powered", "rank"), encoding="utf-8"
    )
    done = run(tmp_path, "list")
    assert done.returncode != 0
    assert "two records of the method normalise rank" in done.stderr


def test_a_method_has_the_parameters_that_it_names():
    assert all(isinstance(method, Method) for method in RECORDS)
    with pytest.raises(KeyError, match="minmax has no parameter nope"):
        METHODS["normalise"]["minmax"].parameter("nope")


@pytest.mark.parametrize("value", [5.0, ("a",), (1.0, True), (float("nan"),), "1"])
def test_what_is_no_list_of_numbers_is_refused(value):
    settings = Step("normalise", "bands", {"cuts": value}).settings()
    with pytest.raises(
        RecipeError, match=r"normalise bands: cuts = .* is not a list of numbers"
    ):
        settings.numbers("cuts")
    assert Step("normalise", "bands", {"cuts": (1, 2.5)}).settings().numbers(
        "cuts"
    ) == (1, 2.5)
    assert Step("normalise", "bands").settings().numbers("cuts") is None


def test_the_largest_number_that_a_cell_can_have_is_one():
    largest = {"scale": float_info.max}
    assert (
        Step("normalise", "minmax", largest).settings().number("scale")
        == float_info.max
    )


def test_levels_have_their_own_words_and_else_the_usual_ones():
    own = {
        "words_zh": ("低", "高"),
        "words_en": ("low", "high"),
        "colours": ("#000000", "#FFFFFF"),
    }
    two = Step("rate", "cuts", {"cuts": (50.0,), **own}).settings()
    assert levels_of(two) == (
        Level("低", "low", "#000000"),
        Level("高", "high", "#FFFFFF"),
    )
    assert levels_of(two, "trend") == ()
    usual = levels_of(Step("rate", "cuts", {"cuts": (1.0, 2.0, 3.0)}).settings())
    assert [level.en for level in usual][::3] == [
        "Major challenges remain",
        "Goal achieved",
    ]
    # A list that is too short is refused elsewhere; until then it shortens the levels.
    short = {**own, "words_en": ("low",)}
    assert (
        len(levels_of(Step("rate", "cuts", {"cuts": (50.0,), **short}).settings())) == 1
    )


def test_a_constant_stands_in_where_the_span_has_no_number():
    cells = ColumnCells(
        {"constant": "C1", "scale": "S1"},
        {},
        True,
        x="X1",
        low="L1",
        high="H1",
        span="D1",
    )
    formula = METHODS["normalise"]["minmax"].native.cell_formula(cells)
    no_number = 'IF(X1="NA","NA","")'
    scaled = "IF(ISNUMBER(D1),(X1-L1)/D1*S1,C1)"
    assert formula == f"IF(ISNUMBER(X1),{scaled},{no_number})"


def test_pieces_of_formulas():
    assert text_condition("A1:A9") == 'A1:A9&""=A1:A9'
    assert gap_formula_of_two("A1", "B1") == (
        'IF(COUNT(A1,B1)+(A1="NA")+(B1="NA")=2,"NA","")'
    )
    assert number_or_zero_formula("A1") == "IF(ISNUMBER(A1),A1,0)"
    assert zscore_formula("A1", "A2", "A3") == "(A1-A2)/A3"
