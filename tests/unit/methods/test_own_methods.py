"""A function of one's own as a step: in Python, cells, engines, check, assess and report."""

import os
import subprocess
import sys
import zipfile
from shutil import copyfile

import numpy as np
import openpyxl
import pytest

import xlcity as xc
from tests.helpers.contributing import PAGE
from xlcity.cli import main
from xlcity.errors import RecipeError
from xlcity.methods.own import own_method
from xlcity.methods.registry import METHODS

OWN = PAGE.parent / "docs" / "how-to" / "data" / "own_methods.py"
FRAMEWORK = "code,parent,weight,direction\nT,,,\na,T,3,1\nb,T,1,-1\n"
#: Observations and modified z-scores that codingace.net/ds/modified_z_score.html prints.
OBSERVED = (10, 12, 12, 13, 12, 11, 14, 300)
PRINTED = (-1.3490, 0, 0, 0.6745, 0, -0.6745, 1.3490, 194.2560)
STEPS = {"normalise": "robust_z", "treat": "tukey_fence:60", "aggregate": "spread_penalty:0.25"}


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Return framework and data as files, with the functions of the docs registered."""
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(OWN))
    rows = [f"u{row},{a},{b}" for row, (a, b) in enumerate(zip(OBSERVED, range(8), strict=True))]
    framework, data = tmp_path / "framework.csv", tmp_path / "data.csv"
    framework.write_text(FRAMEWORK)
    data.write_text("\n".join(["unit,a,b", *rows, "u8,NA,4", "u9,12,4"]))
    return framework, data


@pytest.fixture
def book(tables, tmp_path):
    """Return a workbook whose treatment, normalisation and aggregation are such functions."""
    path = tmp_path / "book.xlsx"
    xc.Index(*tables, **STEPS).to_workbook(path)
    return path


def test_printed_scores(tables):
    scores = xc.Index(*tables, normalise="robust_z").normalised["a"]
    # The source has eight observations; here a ninth equals their median.
    assert scores.to_numpy()[:8] == pytest.approx(PRINTED, abs=5e-5)
    assert np.isnan(scores["u8"])


def test_values_come_turned_by_the_direction_or_with_it(tables, tmp_path, monkeypatch):
    plain = xc.Index(*tables, normalise="robust_z").normalised["b"]
    # b is 0 to 7, 4, 4: median 4, deviations 4 3 2 1 0 1 2 3 0 0, their median 1.5.
    assert plain["u0"] == pytest.approx(0.6745 * 4 / 1.5)
    path = tmp_path / "sign_only.py"
    path.write_text(
        "from xlcity import function\n@function()\ndef sign_only(values, direction: float = 1.0):\n"
        '    """Return the direction.\n\n    Parameters\n    ----------\n    values\n        V.\n'
        '    direction\n        D.\n    """\n    return values * 0 + direction\n'
    )
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(path))
    scores = xc.Index(*tables, normalise="sign_only").normalised
    assert scores["a"].dropna().unique() == [1]
    assert scores["b"].unique() == [-1]
    xc.Index(*tables, normalise="sign_only").to_workbook(tmp_path / "signs.xlsx")
    assert xc.Workbook.open(tmp_path / "signs.xlsx").check()


def test_an_option_of_a_normalisation_has_a_cell_and_the_direction_has_none(
    tables, tmp_path, monkeypatch
):
    path = tmp_path / "times.py"
    path.write_text(
        "from xlcity import function\n@function()\n"
        "def times_factor(values, factor: float = 2.0, direction: float = 1.0):\n"
        '    """Multiply.\n\n    Parameters\n    ----------\n    values\n        V.\n'
        "    factor\n        F.\n    direction\n        D.\n"
        '    """\n    return values * factor * direction\n'
    )
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(path))
    index = xc.Index(*tables, normalise="times_factor:3")
    assert index.normalised.loc["u1"].tolist() == [3 * 12, -3 * 1]
    method = own_method("normalise", "times_factor")
    assert {p.name for p in method.parameters if p.cell is not None} == {"factor"}
    index.to_workbook(tmp_path / "times.xlsx")
    assert xc.Workbook.open(tmp_path / "times.xlsx").check()


def test_aggregation_gets_weights_and_options(tables):
    index = xc.Index(*tables, normalise="none", aggregate="spread_penalty:0.25")
    # u0: 10 and -0, weights 3 and 1.
    assert index.scores.loc["u0", "T"] == pytest.approx(7.5 - 0.25 * 10)
    assert np.isnan(index.scores.loc["u8", "T"])


@pytest.mark.parametrize("engine", ["compiled", "formualizer"])
def test_cells_call_the_functions_in_every_engine(book, tables, engine, capsys):
    cells = {
        cell.value.text
        for row in openpyxl.load_workbook(book).worksheets[0].parent["Index"]
        for cell in row
        if hasattr(cell.value, "text")
    }
    names = ("TUKEY_FENCE(", "ROBUST_Z(", "SPREAD_PENALTY(")
    assert [sum(name in text for text in cells) for name in names] == [2, 2, 1]
    scores = xc.Index(*tables, **STEPS).scores["T"]
    assert main(["recalc", str(book), "--in-place", "--no-backup", "--engine", engine]) == 0
    workbook = xc.Workbook.open(book)
    stored = workbook.results.scores["T"]
    assert stored.to_numpy() == pytest.approx(scores.to_numpy(), nan_ok=True)
    assert workbook.check()


def test_check_finds_a_score_that_is_not_the_functions(book):
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["Index"]
    cell = next(c for row in sheet for c in row if "ROBUST_Z(" in getattr(c.value, "text", ""))
    cell.value.text = cell.value.text.replace("ROBUST_Z(", "TUKEY_FENCE(")
    workbook.save(book)
    assert not xc.Workbook.open(book).check()


def test_without_the_function_every_verb_says_so(book, tables, monkeypatch, capsys):
    before, _ = book.read_bytes(), monkeypatch.setenv("XLCITY_FUNCTIONS", "")
    data = str(tables[1])
    for words in (["check"], ["trace", "u0"], ["fill", "--in-place", "--data", data]):
        assert main([words[0], str(book), *words[1:]]) == 3
        assert "ROBUST_Z is your own function, name its file: --functions" in (
            capsys.readouterr().err
        )
    assert book.read_bytes() == before


@pytest.mark.slow
def test_a_recalculation_without_the_function_keeps_its_values(book, tmp_path):
    copy = copyfile(book, tmp_path / "copy.xlsx")
    # A process of its own: this one has compiled the template with the functions.
    words = [sys.executable, "-m", "xlcity", "recalc", str(copy), "--in-place", "--no-backup"]
    ran = subprocess.run(
        words, capture_output=True, text=True, env={**os.environ, "XLCITY_FUNCTIONS": ""}
    )
    assert ran.returncode == 1
    assert "ROBUST_Z" in ran.stdout
    assert "kept the value stored" in ran.stderr
    old, new = (xc.Workbook.open(path).results.scores for path in (book, copy))
    assert new.equals(old)


@pytest.mark.slow
def test_assess_varies_it_and_report_and_trace_read_it(tables, book, tmp_path, capsys):
    framework, data = map(str, tables)
    words = ["--framework", framework, "--data", data, "--normalise", "robust_z"]
    varied = ["--vary", "normalise=own,minmax,robust_z:1", "factor=0.5..1", "--n", "20"]
    assert main(["assess", *words, *varied, "--json"]) == 0
    assert "factor" in capsys.readouterr().out
    assert main(["trace", str(book), "u0", "--depth", "9"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("Data!" in line for line in lines)
    # Columns without a step's name are called what their block is.
    assert any("u0 · a · By function only = 10 " in line for line in lines)
    assert not any(" · Index = " in line for line in lines)
    target = tmp_path / "report"
    assert main(["report", str(book), "-o", str(target), "--lang", "en"]) == 0
    chapter = zipfile.ZipFile(target / "chapter.en.docx").read("word/document.xml").decode()
    assert "u7" in chapter


def test_functions_that_cannot_be_the_step_are_refused_with_the_reason(tables):
    with pytest.raises(RecipeError, match="must return n x k cells"):
        xc.Index(*tables, normalise="spread_penalty")
    with pytest.raises(RecipeError, match="must return n x 1 cells"):
        xc.Index(*tables, aggregate="robust_z")
    with pytest.raises(RecipeError, match="--functions FILE"):
        xc.Index(*tables, normalise="my_method")
    assert own_method("normalise", "zscore_winsor") is None  # one of the library's
    assert "robust_z" not in [*METHODS["normalise"]]
    assert "robust_z" in METHODS["normalise"]
