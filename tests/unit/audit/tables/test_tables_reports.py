"""What the audit finds in the reports: by general methods, each with its repair."""

from functools import cache

import pytest

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.reproduction import reproduce_report
from xlcity.audit.tables.run import audit_report
from xlcity.reports import report_ids

pytestmark = pytest.mark.published


@cache
def audited(report: str) -> Audit:
    return audit_report(report)


def cells(
    report: str, severity: Severity
) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Return (table, unit, node) -> (printed, suggested)."""
    return {
        (f.table, f.unit, f.node): (f.published, f.suggestion)
        for f in audited(report).of(severity)
    }


def note(report: str, check: str) -> TableFinding:
    (found,) = [f for f in audited(report).of(Severity.NOTE) if f.check == check]
    return found


def test_vitality_scores_off_the_lattice_and_one_rank() -> None:
    assert cells("vitality2014", Severity.ERROR) == {
        ("domain_scores", "wuhan", "S"): ("66.69", "66.96"),
        ("domain_scores", "shantou", "S"): ("21.47", "21.74"),
        ("domain_scores", "xiamen", "P"): ("54.98", "54.89"),
        ("domain_scores", "nanning", "P"): ("66.47", "64.67"),
        ("domain_scores", "dalian", "S"): ("69.39", ""),
        ("ranks", "nantong", "S"): ("25", "46"),
    }
    for finding in audited("vitality2014").of(Severity.ERROR):
        assert finding.resolves == (finding.unit != "dalian")
        low, high = finding.expected
        assert low is not None
        assert high is not None
        if finding.suggestion:
            assert low <= float(finding.suggestion) <= high


def test_vitality_ranks_beside_those_of_the_index() -> None:
    (found,) = [
        comparison
        for comparison in reproduce_report("vitality2014").comparisons
        if comparison.what == "ranks-equal-indicators"
    ]
    assert (found.cells, found.within, found.max_diff) == (46, 42, 1)
    assert {(cell.unit, cell.published, cell.computed) for cell in found.outside} == {
        ("wuhan", 4, 5),
        ("chongqing", 5, 4),
        ("wenzhou", 23, 24),
        ("nanning", 24, 23),
    }


def test_vitality_follows_equal_indicators_and_ward() -> None:
    weights = note("vitality2014", "implied-weights")
    assert (weights.published, weights.suggestion) == (
        "equal domains",
        "equal indicators",
    )
    assert "15 of 46 ranks agree" in weights.evidence
    assert (
        "42 of 46 ranks agree, 46 with the repairs; inside the region"
        in weights.evidence
    )
    classes = note("vitality2014", "clustering")
    assert (classes.published, classes.suggestion) == ("average", "ward")
    assert "48 of 48" in classes.evidence
    assert "the stated average linkage gives 36" in classes.evidence


def test_vitality_correlations_and_lists() -> None:
    warned = audited("vitality2014").of(Severity.WARNING)
    assert [f.node for f in warned if f.check == "correlation"] == [
        "S-C",
        "S-E",
        "S-P",
        "C-P",
        "E-P",
    ]
    assert {f.unit: f.kind for f in warned if f.check == "membership"} == {
        "guangzhou": "named twice",
        "guiyang": "named twice",
        "xining": "named twice",
        "qinhuangdao": "left out",
    }


def test_image_identities() -> None:
    found = cells("image2025", Severity.ERROR)
    assert found["communication", "zhuhai", "IMG_COM_SEARCH"] == ("1.00", "0.10")
    assert found["communication", "zhuhai", "IMG_COM"] == ("0.98", "")
    assert found["recognition", "changzhi", "IMG_REC_ATT"] == ("0.01", "0.10")
    assert found["recognition", "changzhi", "IMG_REC_FAV"] == ("62.83", "62.89")
    assert found["recognition", "changzhi", "IMG_REC"] == ("37.74", "")
    assert len(found) == 5
    expected = {
        (f.unit, f.node): f.expected for f in audited("image2025").of(Severity.ERROR)
    }
    # 0.3 x 1.00 + 0.7 x 1.36 = 1.252; every digit cut off moves it by at most 0.005, and its own.
    assert expected["zhuhai", "IMG_COM"] == (1.25, 1.26)
    assert expected["changzhi", "IMG_REC"] == (37.70, 37.71)
    unique = {
        (f.unit, f.node): f.unique for f in audited("image2025").of(Severity.ERROR)
    }
    assert unique["zhuhai", "IMG_COM_SEARCH"]
    assert not unique["changzhi", "IMG_REC_ATT"]


def test_image_text_against_tables() -> None:
    warned = audited("image2025").of(Severity.WARNING)
    assert {f.check for f in warned} == {"tiers", "count"}
    lines = {f.where for f in warned if f.check == "tiers"}
    assert lines == {"353", "367", "983", "1292", "1448", "1534"}
    counts = {
        f.where: (f.published, f.suggestion) for f in warned if f.check == "count"
    }
    assert counts == {"726": ("12", "13"), "1145": ("14", "15")}
    assert note("image2025", "implied-weights").suggestion == "30, 50, 20"


def test_iecc_five_slips_and_nothing_else() -> None:
    assert cells("iecc2024", Severity.ERROR) == {}
    assert cells("iecc2024", Severity.WARNING) == {
        ("edition_comparison", "hong_kong", "C1"): ("17", "10"),
        ("sample_average_growth", "B2.2", "B2.2"): ("10.6", "10.3"),
        ("profile_strengths", "hong_kong", "B3.4"): ("Alpla+", "Alpha+"),
        ("named_lists", "shenzhen", "B2.2"): ("2", "3"),
        ("named_lists", "seoul", "B2.2"): ("3", "2"),
    }


@pytest.mark.parametrize("report", report_ids())
def test_one_finding_per_suspect_cell(report: str) -> None:
    constrained = [f for f in audited(report).findings if f.row is not None]
    places = [(f.table, f.row, f.column) for f in constrained]
    assert len(places) == len(set(places))
    cells = {(c.table, c.row, c.column): c for c in audited(report).printed.book.cells}
    for finding, place in zip(constrained, places, strict=True):
        cell = cells[place]
        assert cell.text == finding.published
        if finding.suggestion:
            assert len(finding.suggestion.partition(".")[2]) == cell.decimals


def test_gihi_rescaled_tables_fit_and_one_count_does_not() -> None:
    assert audited("gihi2023").of(Severity.ERROR) == ()
    (count,) = audited("gihi2023").of(Severity.WARNING)
    assert (count.check, count.node, count.published, count.suggestion) == (
        "count",
        "A4",
        "11",
        "10",
    )
    lines = [f for f in audited("gihi2023").of(Severity.NOTE) if f.check == "affine"]
    assert [(f.table, f.node) for f in lines] == [
        ("total_scores", "GIHI"),
        ("science", "A"),
        ("science", "A1"),
        ("innovation", "B"),
        ("ecosystem", "C"),
        ("minihubs", "GIHI"),
    ]
    assert [f.evidence.split(" rows")[0] for f in lines] == [
        "100 of 100",
        "100 of 100",
        "20 of 20",
        "100 of 100",
        "100 of 100",
        "11 of 11",
    ]


def test_bri_ranks_that_differ_between_tables() -> None:
    assert cells("bri2021", Severity.ERROR) == {}
    assert cells("bri2021", Severity.WARNING) == {
        ("region_vs_global", "tianjin", "BRI"): ("12", "11"),
        ("region_vs_global", "karachi", "BRI"): ("16", "15"),
        ("region_vs_global", "vienna", "BRI"): ("15", "16"),
        ("ranks", "karachi", "BRI"): ("15", "16"),
        ("ranks", "vienna", "BRI"): ("16", "15"),
        ("ranks", "chengdu", "BRI_TRA"): ("17", "16"),
        ("top10_china_vs_intl", "chengdu", "BRI_TRA"): ("16", "17"),
        ("facts", "", "BRI_INF"): ("7", "8"),
        ("facts", "istanbul", ""): ("1", "0"),
    }
    groups = {
        (f.table, f.unit): f.group for f in audited("bri2021").of(Severity.WARNING)
    }
    assert groups["ranks", "karachi"] == groups["region_vs_global", "vienna"]


def test_the_simplest_weights_come_out_of_ranks_alone() -> None:
    evidence = note("vitality2014", "implied-weights").evidence
    assert (
        "The simplest whole-number weights that fit are 5 : 3 : 5 : 4 (S, C, E, P)."
        in evidence
    )
