import tomllib
from pathlib import Path

import pytest

from xlcity.errors import EngineError, UsageError
from xlcity.recalc import engines
from xlcity.recalc.formualizer import PINNED, Formualizer
from xlcity.recalc.libreoffice import LibreOffice


def test_the_pin_is_the_one_that_is_installed():
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    assert f"formualizer=={PINNED}" in tomllib.loads(text)["project"]["dependencies"]


def test_auto_is_formualizer_in_its_measured_version(monkeypatch):
    assert engines.choose().engine.name == "formualizer"
    monkeypatch.setattr(Formualizer, "version", lambda _: "9.9")
    monkeypatch.setattr(LibreOffice, "available", lambda _: True)
    choice = engines.choose("auto")
    assert choice.engine.name == "libreoffice"
    assert "9.9" in choice.note
    assert engines.choose("formualizer").engine.name == "formualizer"


def test_auto_without_any_engine_names_both(monkeypatch):
    monkeypatch.setattr(Formualizer, "version", lambda _: None)
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    with pytest.raises(EngineError, match=r"pip install formualizer.*libreoffice-calc"):
        engines.choose()


def test_unknown_and_absent_engines(monkeypatch):
    with pytest.raises(UsageError, match="libreoffice"):
        engines.choose("excel")
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    with pytest.raises(EngineError, match="not installed"):
        engines.choose("libreoffice")
    assert "libreoffice" not in engines.available()
