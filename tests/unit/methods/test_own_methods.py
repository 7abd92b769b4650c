"""A function of one's own as a step: in Python, cells, engines, check, assess and report."""

import json
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
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.cli import main
from xlcity.errors import CellError, RecipeError
from xlcity.methods.normalise.record import ColumnCells, Indicator
from xlcity.methods.own import describe_own, own_method
from xlcity.methods.registry import METHODS
from xlcity.model.dataset import State
from xlcity.model.recipe import Step
from xlcity.xlsx.address import cell_name

OWN = PAGE.parent / "docs" / "how-to" / "data" / "own_methods.py"
FRAMEWORK = "code,parent,weight,direction\nT,,,\na,T,3,1\nb,T,1,-1\n"
#: Observations and modified z-scores that codingace.net/ds/modified_z_score.html prints.
OBSERVED = (10, 12, 12, 13, 12, 11, 14, 300)
PRINTED = (-1.3490, 0, 0, 0.6745, 0, -0.6745, 1.3490, 194.2560)
STEPS = {
    "normalise": "robust_z",
    "treat": "tukey_fence:60",
    "aggregate": "spread_penalty:0.25",
}


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Return framework and data as files, with the functions of the docs registered."""
    monkeypatch.setenv("XLCITY_FUNCTIONS", str(OWN))
    rows = [
        f"u{row},{a},{b}"
        for row, (a, b) in enumerate(zip(OBSERVED, range(8), strict=True))
    ]
    framework = tmp_path / "framework.csv"
    data = tmp_path / "data.csv"
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
        for row in openpyxl.load_workbook(book)["UDF"]
        for cell in row
        if hasattr(cell.value, "text")
    }
    names = ("TUKEY_FENCE(", "ROBUST_Z(", "SPREAD_PENALTY(")
    assert [sum(name in text for text in cells) for name in names] == [2, 2, 1]
    scores = xc.Index(*tables, **STEPS).scores["T"]
    assert (
        main(["recalc", str(book), "--in-place", "--no-backup", "--engine", engine])
        == 0
    )
    workbook = xc.Workbook.open(book)
    stored = workbook.results.scores["T"]
    assert stored.to_numpy() == pytest.approx(scores.to_numpy(), nan_ok=True)
    assert workbook.check()


def test_check_finds_a_score_that_is_not_the_functions(book):
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["UDF"]
    cell = next(
        c for row in sheet for c in row if "ROBUST_Z(" in getattr(c.value, "text", "")
    )
    cell.value.text = cell.value.text.replace("ROBUST_Z(", "TUKEY_FENCE(")
    workbook.save(book)
    assert not xc.Workbook.open(book).check()


def test_a_city_without_a_total_is_named_at_its_value_where_no_score_is_stored(book):
    stored = lint(Subject.of(str(book))).findings
    openpyxl.load_workbook(book).save(book)
    subject = Subject.of(str(book))
    unstored = lint(subject).findings
    template = subject.template
    (at_score,), (at_value,) = (
        [finding for finding in findings if finding.rule == "E18"]
        for findings in (stored, unstored)
    )
    assert at_score.message == at_value.message
    assert (at_score.sheet, at_value.sheet) == tuple(
        template.area(name).sheet for name in ("out_scores", "in_data")
    )
    value = cell_name(template.rows["u8"], template.columns["a"])
    assert at_value.cell == value


def test_without_the_function_every_verb_says_so(book, tables, monkeypatch, capsys):
    before = book.read_bytes()
    _ = monkeypatch.setenv("XLCITY_FUNCTIONS", "")
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
    words = [
        sys.executable,
        "-m",
        "xlcity",
        "recalc",
        str(copy),
        "--in-place",
        "--no-backup",
    ]
    ran = subprocess.run(
        words,
        capture_output=True,
        text=True,
        env={**os.environ, "XLCITY_FUNCTIONS": ""},
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
    chapter = (
        zipfile.ZipFile(target / "chapter.en.docx").read("word/document.xml").decode()
    )
    assert "u7" in chapter


def test_stored_results_are_read_without_the_functions(book, tmp_path):
    """In another process: this one has registered them. What computes still refuses."""
    expected = xc.Workbook.open(book).results.scores["T"]
    others = {k: v for k, v in os.environ.items() if k != "XLCITY_FUNCTIONS"}

    def run(*words):
        command = [sys.executable, "-m", "xlcity", *map(str, words), "--json"]
        done = subprocess.run(command, capture_output=True, env=others, cwd=tmp_path)
        return done.returncode, json.loads(done.stdout)

    code, document = run("results", book)
    scores = {line["unit"]: line["scores"]["T"] for line in document["units"]}
    assert code == 0
    for unit, score in expected.items():
        assert scores[unit] == (None if np.isnan(score) else score)
    assert document["draft"] is False
    code, document = run("check", book)
    assert (code, document["errors"][0]["code"]) == (3, "XC252")


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


def function_text(name, arguments, body, decorator="", docs=("values",)):
    """Return the text of a function of one's own."""
    described = "".join(f"    {argument}\n        A.\n" for argument in docs)
    return (
        f"@function({decorator})\ndef {name}({arguments}):\n"
        f'    """Do it.\n\n    Parameters\n    ----------\n{described}    """\n    {body}\n\n\n'
    )


@pytest.fixture
def register(tmp_path, monkeypatch):
    """Return a function that registers functions of one's own by their texts."""

    def write(*texts):
        path = tmp_path / "more.py"
        head = "from typing import Literal\nimport numpy as np\nfrom xlcity import function\n\n\n"
        path.write_text(head + "".join(texts))
        monkeypatch.setenv("XLCITY_FUNCTIONS", str(path))

    return write


def test_why_a_name_is_no_function_that_can_do_a_step(register):
    register(
        function_text(
            "one_sum", "values", "return values.sum(axis=1)", 'returns="column"'
        )
    )
    unregistered = "If MY_METHOD is your own function, name its file: --functions FILE."
    assert describe_own("normalise", "my_method") == unregistered
    assert (
        describe_own("weight", "my_method") == describe_own("normalise", "method") == ""
    )
    assert describe_own("normalise", "My_method") == ""
    options = "it must return n x {} cells and take only options after the values"
    assert describe_own("treat", "one_sum") == (
        f"The function ONE_SUM cannot treat: {options.format('k')}."
    )
    assert describe_own("aggregate", "one_sum") == (
        f"The function ONE_SUM cannot aggregate: {options.format(1)} and weights."
    )


def test_an_aggregation_of_ones_own_is_taken_for_one_of_the_whole_sample(register):
    weighted = 'returns="column", kinds={"weights": "weights"}'
    register(
        function_text(
            "one_sum",
            "values, power: float = 2.0",
            "return values.sum(axis=1)",
            'returns="column"',
            ("values", "power"),
        ),
        function_text(
            "two_sums",
            "values, weights",
            "return values @ weights",
            weighted,
            ("values", "weights"),
        ),
        function_text(
            "times_weights",
            "values, weights",
            "return values * weights",
            'kinds={"weights": "weights"}',
            ("values", "weights"),
        ),
    )
    plain, with_weights = (
        own_method("aggregate", name) for name in ("one_sum", "two_sums")
    )
    assert [method.weighted for method in (plain, with_weights)] == [False, True]
    assert (plain.between, plain.asks_sign, plain.whole_sample) == (False, True, True)
    assert plain.words[0].spelled == "one_sum[:POWER]"
    assert {p.name: (p.default, p.limits) for p in plain.parameters} == {
        "power": (2.0, None),
        "missing": ("na", None),
        "weights": ("given", None),
        "children": ("aggregates", None),
        "threshold": (0.0, (0.0, 1.0)),
    }
    # Weights are for nodes; a normalisation or a treatment has none.
    assert (
        own_method("normalise", "two_sums") is own_method("treat", "two_sums") is None
    )
    assert own_method("treat", "times_weights") is None


def test_what_a_function_gives_for_a_node(register):
    register(
        function_text(
            "first_of",
            "values, weights",
            "return np.where(values[:, 0] > 0, values[:, 0] * weights[0], np.nan)",
            'returns="column", kinds={"weights": "weights"}',
            ("values", "weights"),
        ),
        function_text(
            "breaks_down", "values", "raise ValueError('no')", 'returns="column"'
        ),
    )
    values = np.array([[2.0, 5.0], [-1.0, 5.0], [np.nan, 5.0], [3.0, np.nan]])
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    step = Step("aggregate", "first_of")
    done = step.record.kernel(values, states, [10.0, 1.0], step.settings())
    # A complete row without a number is an error; one with a gap is a gap.
    errors = [done.error(row, 0) for row in range(4)]
    assert errors == [None, CellError.VALUE, CellError.NA, None]
    assert done.values[[0, 3], 0].tolist() == [20, 30]
    broken = Step("aggregate", "breaks_down")
    done = broken.record.kernel(values, states, [1.0, 1.0], broken.settings())
    assert [done.error(row, 0) for row in range(4)] == [CellError.VALUE] * 4


def test_replicates_are_normalised_each_by_itself(register):
    register(function_text("less_mean", "values", "return values - np.nanmean(values)"))
    values = np.array([[1.0, 10.0], [3.0, 30.0], [np.nan, 50.0]])
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    span = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
    step = Step("normalise", "less_mean")
    done = step.record.kernel(Indicator(values, states, -1.0, span), step.settings())
    assert done.block.values[:, 0].tolist()[:2] == [1, -1]
    assert done.block.values[:, 1].tolist() == [20, 0, -20]
    assert done.block.error(2, 0) is CellError.NA
    assert step.record.signed
    call = step.record.native.column_call
    assert call(ColumnCells({}, {}, True, "A1:A9")) == "LESS_MEAN(A1:A9)"
    assert call(ColumnCells({}, {}, False, "A1:A9")) == (
        'LESS_MEAN(IF(A1:A9&""=A1:A9,A1:A9,-A1:A9))'
    )


def test_options_of_a_normalisation_have_cells_of_their_kind(register):
    register(
        function_text(
            "of_kinds",
            "values, direction: float = 1.0, up: float = 1.0, "
            'how: Literal["soft", "hard"] = "soft", down: float = 2.0, '
            "last: float = 3.0",
            "return values * up",
            docs=("values", "direction", "up", "how", "down", "last"),
        ),
    )
    found = {}
    for parameter in own_method("normalise", "of_kinds").parameters:
        cell = parameter.cell
        found[parameter.name] = cell.column, cell.named, cell.live, cell.needed
    call = own_method("normalise", "of_kinds").native.column_call
    assert (
        call(ColumnCells({"b": "C3"}, {}, True, "A1:A9"))
        == 'OF_KINDS(A1:A9,1,"","",C3)'
    )
    assert (
        call(ColumnCells({}, {"rule": "hard"}, False, "A1"))
        == 'OF_KINDS(A1,-1,"","hard")'
    )
    # A third number has no cell, and keeps its default.
    assert found == {
        "up": ("a", True, True, False),
        "how": ("rule", True, False, False),
        "down": ("b", True, True, False),
    }
