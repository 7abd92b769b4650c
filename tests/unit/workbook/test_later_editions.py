"""What a later edition of a report keeps: groups and sheets, and nothing that was printed."""

import pytest

from xlcity.api.remake import read_next_framework
from xlcity.reports import load_report, report_ids
from xlcity.workbook.spec.from_template import spec_for
from xlcity.workbook.tabs import sheet_titles, with_pages

KEPT = {
    "iecc2024": {"Subtables", "Figures"},
    "vitality2014": {"Subtables", "Correlation"},
    "gihi2023": {"Matrix17", "Matrix18", "Centrality17", "Satellites", "Disciplines"},
    "bri2021": {"Subtables", "Pairs"},
    "image2025": {"Subtables", "Tiers"},
}


def later(report, framework=None):
    return spec_for(
        report.id, "2099", framework or report.framework, report.recipe, report.dataset
    )


@pytest.mark.parametrize("report_id", report_ids())
def test_sheets_that_hang_on_no_printed_number_stay(report_id):
    report = load_report(report_id)
    spec = later(report)
    names = set(sheet_titles(with_pages(spec, ["all"])))
    assert names >= KEPT[report_id]
    assert "Published" not in names
    assert (spec.printed, spec.defaults, spec.edition) == ((), None, "2099")


def test_one_table_keeps_ingredients_and_supplementary_of_what_stays(tmp_path):
    report = load_report("gihi2023")
    lines = ["code,parent,weight,direction"]
    lines += [
        f"{node.code},{node.parent or ''},{node.weight!r},{int(node.direction)}"
        for node in report.framework.nodes
        if node.code != "16"
    ]
    (tmp_path / "framework.csv").write_text("\n".join(lines) + "\n")
    found = read_next_framework(str(tmp_path / "framework.csv"), report.framework)
    before = {part.code for part in report.framework.ingredients}
    assert {p.code for p in found.ingredients} == {
        c for c in before if not c.startswith("16.")
    }
    gone = {s.code for s in report.framework.supplementary if "16" in s.parts}
    assert {s.code for s in found.supplementary} == {
        s.code for s in report.framework.supplementary
    } - gone
    assert found.supplementary_inputs == report.framework.supplementary_inputs
    folder = read_next_framework(str(tmp_path), report.framework)
    assert folder.ingredients == ()
    assert folder.supplementary == found.supplementary
