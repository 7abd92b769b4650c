"""The Python API: what `import xlcity` offers, beside the command line's own numbers."""

import doctest
import json
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from tests.helpers.own import own_bytes
from xlcity.api.arguments import IndexArguments
from xlcity.api.audits import text_evidence
from xlcity.api.remake import remake_workbook
from xlcity.audit.check.check import check_workbook
from xlcity.cli import main
from xlcity.errors import DataError, FunctionError, UsageError
from xlcity.functions.frames import FunctionWarning
from xlcity.functions.registry import FUNCTIONS
from xlcity.model.dataset import Status
from xlcity.model.reading.tables import parse_csv

TREE = (
    "code,parent,weight,direction,name_en,uom\n"
    "X,,,,Index,\nP,X,2,,People,\nQ,X,1,,Place,\n"
    "P1,P,1,1,Income,EUR\nP2,P,3,1,Jobs,%\nQ1,Q,1,-1,Noise,dB\n"
)
CITIES = ["阿城", "Lyon", "Turin", "Porto"]


def frame():
    values = {
        "P1": [10.0, 30.0, 20.0, 25.0],
        "P2": [5.0, 7.0, np.nan, 6.0],
        "Q1": [60, 70, 65, 50],
    }
    return pd.DataFrame(values, index=pd.Index(CITIES, name="unit"))


@pytest.fixture(scope="module")
def framework():
    return xc.Framework.read(TREE)


def test_importing_loads_nothing_heavy_and_every_name_is_there():
    code = (
        "import sys, xlcity; from xlcity import Index, Workbook, read_data; "
        "heavy = {'numpy', 'pandas', 'scipy'} & set(sys.modules); "
        "assert not heavy, heavy; [getattr(xlcity, name) for name in dir(xlcity)]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, []),
        ({"normalise": "zscore"}, ["--normalise", "zscore"]),
        ({"normalise": {"P1": "rank"}}, ["--normalise", "P1=rank"]),
        (
            {"weights": "equal", "aggregate": "geometric", "normalise": "minmax:1:100"},
            [
                "--weights",
                "equal",
                "--aggregate",
                "geometric",
                "--normalise",
                "minmax:1:100",
            ],
        ),
    ],
)
def test_an_index_of_a_frame_has_the_numbers_of_the_command_line(
    framework, options, words, tmp_path, capsys
):
    table = tmp_path / "data.csv"
    tree = tmp_path / "tree.csv"
    frame().to_csv(table)
    tree.write_text(TREE, encoding="utf-8")
    main(["index", "--framework", str(tree), "--data", str(table), *words, "--json"])
    printed = json.loads(capsys.readouterr().out)
    index = xc.Index(framework, frame(), **options)
    for unit in printed["units"]:
        for node, score in unit["scores"].items():
            mine = index.scores.loc[unit["unit"], node]
            assert mine == score or (np.isnan(mine) and score is None)
        for node, rank in unit["ranks"].items():
            mine = index.ranks.loc[unit["unit"], node]
            assert (mine is pd.NA and rank is None) or mine == rank


def test_weights_in_numbers_replace_those_of_the_framework(framework):
    index = xc.Index(framework, frame(), weights={"P": 1, "Q": 3})
    parts = index.scores.loc["Lyon"]
    assert parts["X"] == pytest.approx((parts["P"] + 3 * parts["Q"]) / 4)
    with pytest.raises(UsageError) as caught:
        xc.Index(framework, frame(), weights={"PP": 1.0, "Q": -1.0})
    with pytest.raises(xc.XlcityError, match="1 is not the name of a method"):
        xc.Index(framework, frame(), weights=[1, 2])
    assert [problem.message for problem in caught.value.problems] == [
        "weights: unknown node 'PP'.",
        "the weight of Q is -1.",
    ]


def test_contributions_and_the_trace_add_up_to_the_score(framework):
    index = xc.Index(framework, frame())
    score = index.scores.loc["Turin", "X"]
    assert index.contributions("Turin").sum() == pytest.approx(score)
    step = index.trace("Turin")
    assert step.score == score
    assert sum(part.weight * part.score for part in step.parts) == pytest.approx(score)
    people = step.parts[0]
    # Jobs are missing there: income counts alone.
    assert next(part.weight for part in people.parts) == 1.0
    assert "P2 Jobs = no score  <- no value" in str(step)
    assert "10 EUR (entered)" in str(index.trace("阿城", "P1"))


def test_the_trace_of_an_indicator_without_a_column_of_its_own_has_no_status(tmp_path):
    parts = xc.Framework.read("code,parent,direction\nT,,\na,T,1\n").with_ingredients(
        parse_csv("code,of\na.x,a\na.y,a\n", "ingredients")
    )
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        'version = 2\nid = "r"\nweights = "relative"\n[[step]]\ndo = "construct"\n'
        'method = "mean"\ncodes = ["a"]\n[[step]]\ndo = "normalise"\nmethod = "none"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    values = pd.DataFrame({"unit": ["u", "v"], "a.x": [1.0, 2.0], "a.y": [3.0, 4.0]})
    step = xc.Index(parts, values, recipe=recipe).trace("u", "a")
    assert (step.raw, step.status) == (2, "")


def test_evidence_for_a_text_says_what_is_invented(framework):
    data = xc.Index(framework, frame()).data.dataset
    basis = data.basis.astype("U16")
    assert text_evidence(xc.Index(framework, data)).invented == frozenset()
    basis[:, data.column("Q1")] = Status.SYNTHETIC
    # A text about one's own index is about its values as they are; a report printed others.
    assert (
        text_evidence(xc.Index(framework, replace(data, basis=basis))).invented
        == frozenset()
    )
    report = xc.load_report("iecc2024")
    assert report.framework.root.code in text_evidence(xc.Index(report)).invented


def test_the_ranked_frame_is_in_the_order_of_ranks(framework):
    ranked = xc.Index(framework, frame()).to_frame()
    assert ranked["rank"].tolist() == [1, 2, 3, 4]
    assert list(ranked.columns) == ["rank", "name_zh", "name_en", "X", "P", "Q"]
    assert ranked.index.name == "unit"


@pytest.mark.parametrize("cities", [60, 61])
def test_a_notebook_shows_sixty_cities_in_full(framework, cities):
    many = pd.concat([frame()] * 16, ignore_index=True)[:cities].rename_axis("unit")
    html = xc.Index(framework, many.rename(index=str))._repr_html_()
    assert ("<td>...</td>" in html) == (cities > 60)


def test_a_report_has_its_own_data_and_options():
    report = xc.load_report("iecc2024")
    index = xc.Index(report)
    assert index.to_frame().index[0] == "london"
    assert "London" in index._repr_html_()
    with pytest.raises(UsageError, match="no option"):
        xc.Index(report, options=["nothing"])


def test_unknown_names_are_answered_with_the_nearest(framework):
    index = xc.Index(framework, frame())
    with pytest.raises(UsageError, match="Did you mean Turin"):
        index.trace("Turim")
    with pytest.raises(UsageError, match="unknown node 'NOPE'"):
        index.contributions("Turin", "NOPE")
    with pytest.raises(UsageError, match="is an indicator"):
        index.to_frame("P1")


def test_a_frame_is_read_by_the_same_rules_as_a_file(framework):
    values = frame().astype(object)
    values.loc["Lyon", "P1"] = "12,3"
    values.loc["Porto", "P2"] = "约6"
    with pytest.raises(DataError) as caught:
        xc.read_data(values, framework)
    assert [p.where.unit for p in caught.value.problems] == ["Lyon", "Porto"]
    values.loc["Lyon", "P1"], values.loc["Porto", "P2"] = "３０", "NA"
    data = xc.read_data(values, framework)
    assert data.frame.loc["Lyon", "P1"] == 30
    assert data.states.loc["Porto", "P2"] == "missing"
    assert data.states.loc["Turin", "P2"] == "blank"
    assert data.converted["raw"].tolist() == ["３０"]
    with pytest.raises(UsageError, match="is not a table"):
        xc.read_data([1, 2], framework)


def test_a_workbook_is_written_changed_checked_compared_and_saved(framework, tmp_path):
    path = xc.Index(framework, frame()).to_workbook(
        tmp_path / "城市 index.xlsx", language="en"
    )
    book = xc.Workbook.open(path)
    assert bool(book.check())
    pd.testing.assert_frame_equal(
        book.results.scores, book.index.scores, check_names=False
    )
    before = path.read_bytes()
    filled = book.fill(pd.DataFrame({"P1": [40.0]}, index=["Turin"]))
    assert filled.written == 1
    assert path.read_bytes() == before, "nothing is written before save"
    moved = xc.Workbook.open(path).diff(book)
    assert [change.indicator for change in moved.cells if change.kind == "input"] == [
        "P1"
    ]
    assert book.inputs.loc["Turin", "P1"] == 40
    seen = book.check()
    again = check_workbook(book.template)
    assert seen.checked == again, (
        "what has changed since the last check is all that is computed"
    )
    assert book.recalculate().ok
    assert "error" not in set(book.audit().findings["severity"])
    assert book.trace("xl_version", 1).steps or book.trace("README!A1") is not None
    book.save()
    assert xc.Workbook.open(path).inputs.loc["Turin", "P1"] == 40
    assert (tmp_path / "城市 index.xlsx.bak").read_bytes() == before


def test_findings_are_a_frame_and_a_failed_check_is_false(framework, tmp_path):
    path = xc.Index(framework, frame()).to_workbook(tmp_path / "a.xlsx")
    book = xc.Workbook.open(path)
    verdict = book.check()
    assert {"rule", "severity", "sheet", "cell", "cells", "message", "fix"} <= set(
        verdict.findings.columns
    )
    assert {"name", "status", "detail", "cells"} == set(verdict.checks.columns)
    assert verdict.checks.set_index("name").loc["python-native", "status"] == "pass"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_takes_its_example_from_python(name):
    entry = FUNCTIONS[name]
    arguments = [[list(row) for row in block] for block in entry.example.arguments]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FunctionWarning)
        found = getattr(xc.functions, name.lower())(*arguments)
    assert np.isfinite(np.asarray(found, dtype=float)).any()


def test_functions_keep_labels_and_align_by_them():
    values = frame()[["P1", "Q1"]]
    scores = xc.functions.zscore_winsor(values, direction={"Q1": -1, "P1": 1})
    assert scores.index.equals(values.index)
    assert list(scores.columns) == ["P1", "Q1"]
    assert scores.loc["Porto", "Q1"] == scores["Q1"].max()
    index = xc.functions.weighted_index(scores, pd.Series({"Q1": 3.0, "P1": 1.0}))
    assert index["Lyon"] == pytest.approx((scores.loc["Lyon"] * [1, 3]).sum() / 4)
    with pytest.raises(FunctionError, match="does not have the labels"):
        xc.functions.weighted_index(scores, {"P1": 1, "Q2": 2})
    with pytest.raises(FunctionError, match="is not an argument"):
        xc.functions.zscore_winsor(values, limits=2)


def test_an_error_of_a_cell_is_a_warning_and_never_silent():
    with pytest.warns(FunctionWarning, match="DIV/0"):
        found = xc.functions.zscore_winsor([3.0, 3.0, 3.0])
    assert np.isnan(found).all()


@pytest.mark.parametrize("page", ["python.md", "python.zh.md"])
def test_the_page_of_the_api_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = Path(__file__).resolve().parents[3] / "docs" / "reference" / page
    found = doctest.testfile(
        str(path), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert found.attempted > 20
    assert found.failed == 0


def test_a_workbook_in_place_of_a_report_stands_alone(tmp_path):
    file = tmp_path / "own.xlsx"
    file.write_bytes(own_bytes(udf=False))
    assert IndexArguments().workbook() is None
    assert IndexArguments(report="bri2021").workbook() is None
    assert IndexArguments(report=str(file)).workbook() is not None
    with pytest.raises(UsageError, match="its own framework, data and recipe"):
        IndexArguments(report=str(file), framework="fw.csv").workbook()


def test_a_remade_workbook_keeps_its_edition_and_a_rolled_one_begins_the_next(tmp_path):
    file, again, rolled = (
        tmp_path / f"{name}.xlsx" for name in ("own", "again", "rolled")
    )
    file.write_bytes(own_bytes(udf=False))
    remake_workbook(file, again)
    remake_workbook(file, rolled, edition="2031")
    typed, kept, empty = (
        xc.Workbook.open(path).inputs for path in (file, again, rolled)
    )
    pd.testing.assert_frame_equal(kept, typed)
    assert typed.notna().to_numpy().any()
    assert not empty.equals(typed)
