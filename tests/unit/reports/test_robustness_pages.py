"""The pages "what is robust and what is not" say what is computed."""

from pathlib import Path

import pytest

from tools.robustness_pages import IDS, evidence, pages
from tools.vitality_tables import vitality_tables
from xlcity.api.index import Index
from xlcity.reports import load_report

HOME = Path(__file__).resolve().parents[3] / "docs" / "explanation"


@pytest.mark.long
@pytest.mark.parametrize("report_id", IDS)
def test_the_page_is_what_the_tool_writes(report_id):
    for name, content in pages(report_id).items():
        # Bytes of pictures depend on the fonts of the machine.
        if name.endswith(".md"):
            assert (HOME / name).read_bytes() == content, name


@pytest.mark.long
@pytest.mark.parametrize("report_id", IDS)
def test_every_figure_of_every_report_is_drawn_in_both_languages(report_id):
    found = Index(load_report(report_id)).assess(50, compared=["normalise=rank"])
    figures = found.figures()
    assert len(figures) >= 12
    for figure in figures:
        assert (figure.synthetic > 0) is (report_id not in ("image2025", "vitality2014"))
        for lang in ("zh", "en"):
            assert figure.draw(lang, "svg")


@pytest.mark.parametrize("report_id", IDS)
def test_the_evidence_holds_no_invented_value_and_follows_print(report_id):
    found = evidence(report_id)
    assert found.index.inputs.dataset.synthetic == 0
    ranks = found.index.ranks[found.index.framework.root.code]
    both = [unit for unit in ranks.index if unit in found.printed]
    assert len(both) >= 22
    first = sorted(both, key=found.printed.__getitem__)[:10]
    assert sum(unit in first for unit in ranks[both].sort_values().index[:10]) >= 8
    for suffix in ("en", "zh"):
        assert (HOME / "robustness" / f"{report_id}.{suffix}.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(("lang", "suffix"), [("en", ""), ("zh", ".zh")])
def test_the_tables_of_vitality_are_on_its_page(lang, suffix):
    made = vitality_tables(lang)
    assert made in (HOME / f"robustness-vitality2014{suffix}.md").read_text(encoding="utf-8")
    assert "| .482** | 0.482** | +0.000 |" in made
    assert "| ward | 48 / 48 |" in made
