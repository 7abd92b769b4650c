"""What a later edition of a report keeps: groups and sheets, and nothing that was printed."""

from dataclasses import replace

import pytest

from xlcity.api.remake import read_next_framework
from xlcity.reports import load_report, report_ids
from xlcity.workbook.spec.from_template import spec_for
from xlcity.workbook.tabs import sheet_names, with_pages

KEPT = {
    "iecc2024": {"Groups", "LeafRanks", "Strengths", "Balance", "Dictionary"},
    "vitality2014": {"Groups", "Correlation", "Regression", "Clusters", "Regions", "Analysis"},
    "gihi2023": {"Matrix17", "Matrix18", "Centrality17", "Modes", "Hubs", "Choices"},
    "bri2021": {"Groups", "TopFive", "TopPairs", "Without", "Beside", "LinkOptions"},
    "image2025": {"Groups", "Tiers"},
}
PRINTED = {"Published", "Previous", "PreviousPrinted", "RankHistory"}


def later(report, framework=None):
    return spec_for(report.id, "2099", framework or report.framework, report.recipe, report.dataset)


@pytest.mark.parametrize("report_id", report_ids())
def test_sheets_that_hang_on_no_printed_number_stay(report_id):
    report = load_report(report_id)
    spec = later(report)
    names = set(sheet_names(with_pages(spec, ["all"])))
    assert names >= KEPT[report_id]
    assert not names & PRINTED
    assert (spec.printed, spec.defaults, spec.edition) == ((), None, "2099")


def test_a_sheet_goes_with_the_nodes_it_shows():
    report = load_report("bri2021")
    kept = tuple(
        node
        for node in report.framework.nodes
        if node.code != "BRI_INF" and node.parent != "BRI_INF"
    )
    spec = later(report, replace(report.framework, nodes=kept))
    names = sheet_names(with_pages(spec, ["all"]))
    assert "Without" not in names
    assert "TopFive" in names


@pytest.mark.parametrize("edition", ["", "2099"])
def test_satellites_that_are_gone_take_their_sheets_with_them(edition):
    report = load_report("gihi2023")
    framework = replace(report.framework, satellites=report.framework.satellites[1:])
    spec = spec_for(report.id, edition, framework, report.recipe, report.dataset)
    names = sheet_names(with_pages(spec, ["all"]))
    assert not {"Modes", "Hubs"} & set(names)
    assert "Choices" in names
    assert ("RankHistory" in names) == (edition == "")


def test_one_table_keeps_ingredients_and_satellites_of_what_stays(tmp_path):
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
    assert {p.code for p in found.ingredients} == {c for c in before if not c.startswith("16.")}
    gone = {s.code for s in report.framework.satellites if "16" in s.parts}
    assert {s.code for s in found.satellites} == {
        s.code for s in report.framework.satellites
    } - gone
    assert found.satellite_inputs == report.framework.satellite_inputs
    folder = read_next_framework(str(tmp_path), report.framework)
    assert folder.ingredients == ()
    assert folder.satellites == found.satellites
