"""Workbooks saved by Excel itself: no value of one that ends `ok` is another than Excel's.

The survey over any folder of such workbooks is `benchmarks/excel_survey.py`; a few small ones are
kept here (`excel/LICENCES.md`).
"""

import importlib.util
import sys
from pathlib import Path

import pytest

from xlcity.recalc.engines.formulas import Formulas
from xlcity.recalc.engines.libreoffice import LibreOffice

pytestmark = pytest.mark.golden

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((Path(__file__).parent / "excel").glob("*.xlsx"))


def _survey():
    spec = importlib.util.spec_from_file_location(
        "survey", ROOT / "benchmarks/excel_survey.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["survey"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found():
    """Return what becomes of each with the engines that start at once."""
    survey = _survey()
    with pytest.MonkeyPatch.context() as patch:
        for engine in (LibreOffice, Formulas):
            patch.setattr(engine, "available", lambda _: False)
        return {path.name: survey.survey(path, "auto", 60) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_excels_values_or_doubt(path, found):
    here = found[path.name]
    assert here.wrong == []
    assert here.touched == []
    assert (here.status == "ok") == (not here.unverified and not here.error)


def test_most_of_them_end_ok(found):
    ok = [name for name, here in found.items() if here.status == "ok"]
    # The others need LibreOffice: several sheets at once, a format in a cell.
    assert len(ok) > len(FILES) / 2


def test_they_are_made_by_excel():
    survey = _survey()
    assert len(FILES) >= 15
    assert all(survey.made_by_excel(path) for path in FILES)
