import os
import re
import tomllib

import numpy as np
import pytest

import xlcity.reports
from xlcity.errors import DataError, UsageError
from xlcity.model.dataset import State, Status
from xlcity.reports import known_ids, load_report, report_ids, summaries
from xlcity.reports.loading import read_labels

HAN = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")


def test_image2025_is_there_with_its_size():
    report = load_report("image2025")
    assert (len(report.dataset.units), len(report.framework.nodes)) == (
        106,
        1 + 3 + 6 + 6,
    )
    assert len(report.framework.indicators) == 6
    assert report.framework.height == 3
    assert not report.framework.share_problems()
    sizes = [unit.attributes["size_class"] for unit in report.dataset.units]
    assert [
        sizes.count(size) for size in ("supercity", "megacity", "type_i", "type_ii")
    ] == [
        10,
        13,
        12,
        71,
    ]


def test_every_input_of_image2025_is_filled_and_marked_derived():
    dataset = load_report("image2025").dataset
    assert (dataset.states == State.VALUE).all()
    assert set(dataset.basis.ravel().tolist()) == {Status.DERIVED.value}


@pytest.mark.parametrize("report_id", report_ids())
class TestEveryReport:
    def test_names_groups_and_kind(self, report_id):
        report = load_report(report_id)
        assert report.id == report_id
        assert report.data_kind in ("published", "partial", "synthetic")
        assert report.name_zh
        assert report.name_en
        assert report.data_note_zh
        assert report.data_note_en
        for kind in report.group_types:
            values = {
                unit.attributes.get(kind.attribute) for unit in report.dataset.units
            }
            assert {group.value for group in kind.groups} <= values, kind.attribute
            assert all(group.name_zh and group.name_en for group in kind.groups)

    def test_labels_have_both_languages(self, report_id):
        folder = load_report(report_id).folder
        labels = [
            label for path in folder.glob("labels*.toml") for label in read_labels(path)
        ]
        assert {*load_report(report_id).labels} <= {*labels}
        for key, zh, en in labels:
            assert zh.strip(), key
            assert en.strip(), key
            # The sign for no change is the Chinese one in both languages.
            assert not HAN.search(en.replace("＝", "")), key

    def test_nodes_are_described_in_both_languages(self, report_id):
        for node in load_report(report_id).framework.nodes:
            assert all((node.name_zh, node.name_en, node.uom, node.uom_zh)), node.code
            assert all((node.definition, node.definition_zh, node.source)), node.code

    def test_printed_columns_hold_numbers_of_known_nodes_and_units(self, report_id):
        report = load_report(report_id)
        units = {unit.id for unit in report.dataset.units}
        assert report.columns or "ranks" in report.published
        for (name, column), code in report.columns.items():
            assert code in report.framework
            values = report.published[name].values(column)
            assert set(values) <= units
            assert np.isfinite(list(values.values())).all()

    def test_the_folder_is_described_and_copies_no_report_text(self, report_id):
        folder = load_report(report_id).folder
        assert (folder / "README.md").is_file()
        assert not list(folder.rglob("*.txt"))


def test_an_unknown_report_is_a_usage_error_that_lists_the_known():
    with pytest.raises(UsageError) as caught:
        load_report("nope")
    assert "image2025" in caught.value.problems[0].hint
    assert caught.value.exit_code == 2


def test_a_folder_more_is_a_report_more(tmp_path, monkeypatch):
    source = load_report("image2025").folder
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        for path in source.rglob("*"):
            if path.suffix in (".csv", ".toml"):
                target = folder / path.relative_to(source)
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(path.read_bytes())
    about = (tmp_path / "two" / "report.toml").read_text(encoding="utf-8")
    (tmp_path / "two" / "report.toml").write_text(
        about.replace('id = "image2025"', 'id = "two"'), encoding="utf-8"
    )
    assert tomllib.loads(about)["id"] == "image2025"
    monkeypatch.setattr(xlcity.reports, "_HOME", tmp_path)
    assert report_ids() == ("one", "two")
    assert load_report("two").id == "two"
    with pytest.raises(DataError, match="calls itself image2025"):
        load_report("one")


def test_folders_may_stand_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "image2025").mkdir()
    (tmp_path / "image2025" / "report.toml").write_text("", encoding="utf-8")
    (tmp_path / "sixth").mkdir()
    (tmp_path / "sixth" / "report.toml").write_text("", encoding="utf-8")
    known = report_ids()
    monkeypatch.setenv(
        "XLCITY_REPORTS", os.pathsep.join(["", str(tmp_path / "no"), str(tmp_path)])
    )
    assert report_ids() == tuple(sorted((*known, "sixth")))
    # A report of ours is not replaced by a folder that has its name.
    assert load_report("image2025").name_zh


def test_the_list_says_what_the_reports_hold():
    for found, report in zip(summaries(), map(load_report, known_ids()), strict=True):
        assert found == {
            "id": report.id,
            "kind": "report" if report.id in report_ids() else "system",
            "name_en": report.name_en,
            "name_zh": report.name_zh,
            "edition": report.edition,
            "units": len(report.dataset.units),
            "nodes": len(report.framework.nodes),
            "indicators": len(report.framework.indicators),
            "data": report.data_kind,
            "options": [
                {
                    "id": option.id,
                    "label_zh": option.label_zh,
                    "label_en": option.label_en,
                }
                for option in report.recipe.options
            ],
        }
