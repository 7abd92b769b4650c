"""An installation without formualizer: everything is imported, and templates are computed."""

import json
import os
import subprocess
import sys

import pytest
import xlsxwriter

#: What an environment without it looks like from inside.
HIDE = """
import sys
from importlib import metadata

sys.modules["formualizer"] = None
real = metadata.version

def version(name):
    if name == "formualizer":
        raise metadata.PackageNotFoundError(name)
    return real(name)

metadata.version = version
"""
EVERY = """
import importlib, pkgutil, xlcity
for module in pkgutil.walk_packages(xlcity.__path__, "xlcity."):
    # The last are imported by LibreOffice's own Python alone.
    inside = module.name.startswith("xlcity.extension.office.")
    if not module.name.endswith(("__main__", "office_script", "_process")) and not inside:
        importlib.import_module(module.name)
assert sys.modules["formualizer"] is None
"""
DATA = "unit,A,B\n北京,1,2\n上海,3,1\n广州,2,NA\n深圳,5,7\n"
FRAMEWORK = "code,parent,level,name_en\nT,,1,Total\nA,T,2,First\nB,T,2,Second\n"


def run(folder, text, *words):
    return subprocess.run(
        [sys.executable, "-c", HIDE + text, *words],
        cwd=folder,
        env={**os.environ, "XLCITY_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_every_module_is_imported(tmp_path):
    assert (done := run(tmp_path, EVERY)).returncode == 0, done.stderr


def test_a_call_says_what_to_install(tmp_path):
    main = "from xlcity.cli import main; raise SystemExit(main())"
    words = ["call", "MINMAX_SCALE", "--args", "[[[1],[2]]]", "--host", "formualizer"]
    done = run(tmp_path, main, *words)
    assert done.returncode == 4
    assert (
        "[XC500] the engine formualizer is not installed. pip install form"
        in done.stderr
    )


@pytest.mark.slow
@pytest.mark.libreoffice
def test_a_template_is_made_computed_and_checked(tmp_path):
    (tmp_path / "tree.csv").write_text(FRAMEWORK, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    main = "from xlcity.cli import main; raise SystemExit(main())"

    def verb(words, *codes):
        done = run(tmp_path, main, *words.split())
        assert done.returncode in codes, done.stderr
        return json.loads(done.stdout), done.stderr

    verb("new --framework tree.csv --data data.csv -o book.xlsx --json", 0)
    made, _ = verb("recalc book.xlsx -o out.xlsx --json", 0)
    (entry,) = made["workbooks"]
    assert (entry["status"], entry["engine"]) == ("ok", "compiled")
    with xlsxwriter.Workbook(tmp_path / "foreign.xlsx") as book:
        book.add_worksheet("S").write_formula("A1", "=1+1", None, 0)
    made, _ = verb("recalc foreign.xlsx -o foreign-out.xlsx --json", 0)
    (entry,) = made["workbooks"]
    assert (entry["status"], entry["engine"]) == ("ok", "libreoffice")
    (note,) = (note for note in entry["notes"] if "formualizer" in note)
    assert "4 to 7 times as fast, is not installed (pip install formualizer==" in note
    checked, _ = verb("check book.xlsx --json", 0)
    assert checked["workbooks"][0]["verdict"] in ("pass", "draft")
    made, said = verb("recalc book.xlsx -o other.xlsx --engine formualizer --json", 4)
    assert "[XC500]" in said
    assert not (tmp_path / "other.xlsx").exists()
