"""The five scripts of the gallery: they run, and give what their rivals give for the same task."""

import runpy
from pathlib import Path

import pytest

GALLERY = Path(__file__).resolve().parents[3] / "docs" / "tutorials" / "gallery"
SCRIPTS = sorted(GALLERY.glob("*.py"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda name: runpy.run_path(str(GALLERY / f"{name}.py"))


def test_there_are_five_with_both_rivals():
    assert [path.stem for path in SCRIPTS] == [
        "geometric",
        "panel",
        "ranking",
        "reasons",
        "robustness",
    ]
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert "COINr (R)" in text
        assert "scikit-criteria" in text


def test_ranking(run):
    # By scikit-criteria 0.10: result.e_.score * 100.
    scores = run("ranking")["index"].scores["CITY"].tolist()
    assert scores == pytest.approx([22.708333, 50.0, 73.076923, 60.865385], abs=1e-6)


def test_geometric(run):
    # By scikit-criteria 0.10: 10 ** result.e_.score.
    scores = run("geometric")["index"].scores["CITY"].tolist()
    assert scores == pytest.approx(
        [3.36565775, 21.5443469, 60.18619564, 49.93546862], abs=1e-8
    )


def test_panel(run):
    index = run("panel")["index"]
    assert index.growth().loc["Porto", "income"] == pytest.approx((21 / 20) ** 0.5 - 1)
    scores = index.editions(together=True)["score", "CITY"]
    # Bounds of all editions: 20 to 34, 57 to 66.
    assert scores["Porto", 2020] == pytest.approx((0 + (60 - 57) / 9 * 100) / 2)
    assert scores["Turin", 2022] == pytest.approx(((27 - 20) / 14 * 100 + 100) / 2)


def test_robustness(run):
    units = run("robustness")["assessment"].units
    assert units["rank"].tolist() == [4, 2, 1, 3]
    assert (units["low"] <= units["median"]).all()
    assert (units["median"] <= units["high"]).all()


def test_reasons(run, tmp_path):
    index = run("reasons")["index"]
    assert index.ranks["CITY"].tolist() == [3, 4, 2, 1]
    assert (tmp_path / "ranking.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "reasons.xlsx").stat().st_size > 10_000
