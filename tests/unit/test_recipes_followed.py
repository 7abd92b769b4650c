"""What CONTRIBUTING.md says how to add is added to a copy of the tree, to the letter.

`test_contributing.py` and `methods/test_records.py` look closer at what single examples do.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter

import openpyxl
import pytest

from tests.helpers.contributing import PAGE, blocks, headings

ROOT = PAGE.parent
PYTHON = ("python", "python-method", "diff")
#: Folders and files that the tests of a copy read.
COPIED = ("xlcity", "tests", "tools", "docs", "pyproject.toml", "CONTRIBUTING.md")
OWN = ("--framework", "f.csv", "--data", "d.csv")
METHOD = ("--normalise", "powered:1", "--aggregate", "maximum")
pytestmark = pytest.mark.slow


def copied(folder, kinds):
    """Return a copy of the tree with the blocks of some kinds of all recipes in it."""
    skipped = shutil.ignore_patterns("__pycache__", "*.xlsx", "pictures")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=skipped)
        else:
            shutil.copy(source, folder / name)
    for heading in headings():
        for block in blocks(heading):
            if kinds is None or block.kind in kinds:
                block.apply(folder)
    work = folder / "work"
    work.mkdir()
    (work / "f.csv").write_text(
        "code,parent,direction\nT,,\na,T,1\nb,T,1\n", encoding="utf-8"
    )
    (work / "d.csv").write_text("unit,a,b\nu,1,4\nv,2,3\nw,4,9\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The recipes followed."""
    return copied(tmp_path_factory.mktemp("whole"), None)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The same without a text."""
    return copied(tmp_path_factory.mktemp("bare"), PYTHON)


def python(tree, *words, folder="work", lang="en"):
    """Run Python in a copy of the tree."""
    known = {**os.environ, "PYTHONPATH": str(tree), "XLCITY_LANG": lang}
    known.pop("CI", None)  # who follows a recipe keeps texts, and CI must not
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=tree / folder,
        env=known,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )


def told(tree, *words, codes=(0,), lang="en"):
    """Return what a command prints; it must not fail by surprise."""
    done = python(tree, "-m", "xlcity", *words, lang=lang)
    said = done.stdout + done.stderr
    assert "XC999" not in said, said
    assert done.returncode in codes, said
    return said


def test_every_recipe_with_an_example_is_followed():
    assert set(headings()) >= {
        f"Add {what}"
        for what in (
            "a normalisation",
            "an aggregation",
            "a function",
            "a kind of figure",
            "a sheet",
            "a check",
            "a rule of the lint",
            "an engine",
            "a verb",
        )
    }


def test_what_is_added_passes_the_tools_of_make_lint(tree):
    added = {
        block.file
        for heading in headings()
        for block in blocks(heading)
        if block.kind in PYTHON
    }
    for words in (("check",), ("format", "--check")):
        done = python(tree, "-m", "ruff", *words, *sorted(added), folder=".")
        assert done.returncode == 0, done.stdout + done.stderr
    # What mypy knows of the tree is true of the copy.
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", tree / ".mypy_cache")
    words = ("-m", "mypy", "--follow-imports=silent", *sorted(added))
    done = python(tree, *words, folder=".")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["tree", "bare"])
def test_methods_sheet_and_check_are_in_a_template(kind, request):
    tree = request.getfixturevalue(kind)
    told(tree, "index", *OWN, *METHOD)
    told(tree, "new", *OWN, *METHOD, "--lang", "both", "-o", "book.xlsx")
    checked = json.loads(told(tree, "check", "book.xlsx", "--json"))["workbooks"][0]
    assert checked["verdict"] == "pass"
    assert "sheet:zero-totals" in json.dumps(checked)
    book = openpyxl.load_workbook(tree / "work" / "book.xlsx", data_only=True)
    sheet = book["Behind"]
    shown = [sheet.cell(row, 3).value for row in range(1, sheet.max_row + 1)]
    # The totals are the best of two shares: 4/9, 1/2, 1.
    numbers = [value for value in shown if isinstance(value, float)]
    assert sorted(numbers)[-2:] == pytest.approx([1 - 1 / 2, 1 - 4 / 9])
    for lang in ("en", "zh"):
        text = "".join(told(tree, "index", "--help", lang=lang).split())
        assert "powered[:EXPONENT]" in text
        assert "maximum" in text


@pytest.mark.parametrize("kind", ["tree", "bare"])
def test_function_verb_rule_and_engine_are_there(kind, request):
    tree = request.getfixturevalue(kind)
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.create_sheet("Nothing")
    book.save(tree / "work" / "empty.xlsx")
    for lang in ("en", "zh"):
        assert "DAMP_SCORES(" in told(tree, "functions", "DAMP_SCORES", lang=lang)
        told(tree, "wander", "empty.xlsx", "-o", "walk.txt", lang=lang)
        assert "--steps" in told(tree, "wander", "--help", lang=lang)
        audited = told(
            tree, "check", "empty.xlsx", "--findings", codes=(0, 1), lang=lang
        )
        assert "W90" in audited
        words = ("recalc", "empty.xlsx", "--engine", "sample-engine", "-o", "new.xlsx")
        assert "pip install sample-engine" in told(tree, *words, codes=(4,), lang=lang)


def test_a_kind_of_figure_is_known(tree):
    script = (
        "from xlcity.report.declared_figures import DeclaredFigures as F;"
        "print(*F.kinds.fget(object.__new__(F)))"
    )
    done = python(tree, "-c", script)
    assert "heads" in done.stdout.split(), done.stderr


def run_tests(tree, *words):
    done = python(tree, "-m", "pytest", "-q", "-n", "0", *words, folder=".")
    return done.returncode, done.stdout + done.stderr


def kept_lines(tree):
    folder = tree / "tests" / "unit" / "methods" / "kept"
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    return Counter(line for text in texts for line in text.splitlines())


def test_kept_texts_have_more_lines_and_no_others(tree):
    before = kept_lines(tree)
    words = ("--refresh-kept", "tests/unit/methods/test_kept_methods.py")
    code, said = run_tests(tree, *words)
    assert code == 0, said
    after = kept_lines(tree)
    # A line that lists all methods has the new ones in it.
    changed = [line for line in before - after if "," not in line]
    assert not changed
    assert any("powered" in line for line in after - before)


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("methods/test_records.py::test_every_parameter_is_explained", "exponent"),
        ("cli/test_help.py::test_all_help_is_translated", "wander"),
        ("functions/test_registry.py::test_texts_are_there", "DAMP_SCORES"),
        ("workbook/test_labels.py::test_methods_have_labels", "method.powered"),
        ("audit/lint/test_lint.py::test_every_rule_that_is_found", "W90"),
    ],
)
def test_a_missing_text_is_named_by_a_test(bare, test, name):
    file, _, start = test.partition("::")
    code, said = run_tests(bare, "--tb=short", f"tests/unit/{file}", "-k", start)
    assert code == 1, said
    assert name in said
