"""What CONTRIBUTING.md says how to add is added by doing just that, and works.

Normalisations and aggregations: `methods/test_records.py`; reports: `reports/test_sixth_report.py`.
"""

import io
import json
import re
import sys
import types

import openpyxl
import pytest

from tests.helpers.contributing import PAGE, example, run
from tests.helpers.templates import read, small_spec
from xlcity.audit.check.check import check_workbook
from xlcity.errors import EngineError
from xlcity.recalc import engines
from xlcity.recalc.engines import registry
from xlcity.recalc.workbook import recalculate
from xlcity.workbook import labels, tabs
from xlcity.workbook.build import build
from xlcity.workbook.layout import Layout
from xlcity.workbook.tabs import Tab
from xlcity.xlsx.package import Package

ROOT = PAGE.parent
LINT = """
import sys
import csv
import xlcity.audit.lint.rules
from xlcity.messages import catalogue
xlcity.audit.lint.rules.__path__.append(sys.argv[1])
with open(sys.argv[1] + "/messages.csv", encoding="utf-8") as file:
    catalogue().update({row["key"]: row for row in csv.DictReader(file)})
from xlcity.cli import main
sys.exit(main(sys.argv[2:]))
"""


def module(name, code):
    made = types.ModuleType(name)
    exec(compile(code, name, "exec"), made.__dict__)
    return made


def test_a_new_rule_of_the_lint_is_a_function_and_a_line(tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "empty_sheets.py").write_text(
        example("Add a rule of the lint"), encoding="utf-8"
    )
    lines = example("Add a rule of the lint", "csv")
    (folder / "messages.csv").write_text(
        f"key,en,zh,page_en,page_zh\n{lines}", encoding="utf-8"
    )
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.create_sheet("Nothing")
    book.save(tmp_path / "book.xlsx")
    words = ("check", tmp_path / "book.xlsx", "--findings", "--json")
    found = json.loads(run(LINT, folder, *words).stdout)
    assert [
        (f["sheet"], f["fix"]) for f in found["findings"] if f["rule"] == "W90"
    ] == [("Nothing", "Delete it.")]
    assert found["findings"][0]["message"] == "the sheet has no cell."


def test_a_new_sheet_is_a_module_and_a_line(monkeypatch, small_reports):
    behind = module("behind", example("Add a sheet"))
    at = [tab.name for tab in tabs.TABS].index("Profile")
    more = (*tabs.TABS[:at], Tab("Behind", behind.draw), *tabs.TABS[at:])
    monkeypatch.setattr(tabs, "TABS", more)
    keys = ("behind.title", "behind.note", "behind.column", "contents.Behind")
    words = {**labels._file(), **{key: {"zh": "落后", "en": "behind"} for key in keys}}
    monkeypatch.setattr(labels, "_file", lambda: words)
    template = read(build(small_spec()).package)
    checked = check_workbook(template)
    assert checked.verdict == "pass", [c for c in checked.checks if c.status == "fail"]
    scores = Layout(small_spec()).scores
    rows = range(scores.first_row, scores.first_row + 8)
    column = scores.column(template.framework.root.code)
    totals = [template.book.value(scores.sheet, row, column) for row in rows]
    shown = [template.book.value("Behind", row, 3) for row in rows]
    assert shown == pytest.approx([max(totals) - score for score in totals])


@pytest.fixture
def sample_engine(tmp_path, monkeypatch):
    (tmp_path / "sample.py").write_text(example("Add an engine"), encoding="utf-8")
    monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(tmp_path)])
    registry.engines.cache_clear()
    yield registry.engines()["sample-engine"]
    registry.engines.cache_clear()
    sys.modules.pop("xlcity.recalc.engines.sample")


def test_a_new_engine_is_a_class(tmp_path, monkeypatch, sample_engine):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = 3, "=A1*2"
    book.save(tmp_path / "book.xlsx")
    package = Package.read(tmp_path / "book.xlsx")
    with pytest.raises(EngineError, match="sample-engine is not installed"):
        recalculate(package, sample_engine.name)

    def calculate(data):
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        assert sheet["B1"].value == "=A1*2"
        return {"Sheet": {(1, 2): sheet["A1"].value * 2.0}}

    sample = types.ModuleType("sample_engine")
    sample.calculate = calculate
    monkeypatch.setitem(sys.modules, "sample_engine", sample)
    monkeypatch.setattr(type(sample_engine), "version", lambda self: "1.0")
    done = recalculate(package, sample_engine.name)
    assert done.values["Sheet"][1, 2] == 6.0
    assert done.engine.startswith("sample-engine")


def test_every_file_and_target_that_is_named_exists():
    text = PAGE.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for name in re.findall(r"`((?:xlcity|tests|tools|docs)/[^`\s]*)`", prose):
        assert "ID" in name or (ROOT / name).exists(), name
    targets = set(
        re.findall(r"^([a-z -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )
    known = {target for names in targets for target in names.split()}
    assert set(re.findall(r"make ([a-z-]+)`", text)) <= known


def test_ci_runs_the_script_that_the_page_names():
    workflow = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"- run: (.*)", workflow) == [".ci/run"]
    assert (ROOT / ".ci/run").is_file()
    # The script ends by itself, with a sentence, before the runner ends it.
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    (minutes,) = re.findall(r"XLCITY_CI_MINUTES:-(\d+)", script)
    (most,) = re.findall(r"timeout-minutes: (\d+)", workflow)
    assert int(minutes) < int(most)
    assert "`.ci/run`" in PAGE.read_text(encoding="utf-8")


def test_the_hooks_are_the_tools_of_make_lint():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^lint: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    linted = [
        line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()
    ]
    entries = re.findall(r"entry: (.*)", hooks)
    assert [entry.removesuffix(" .") for entry in linted] == entries
