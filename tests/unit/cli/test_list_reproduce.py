import csv
import json
import re
from functools import cache

import pytest

from xlcity.api.evidence_texts import TABLE
from xlcity.audit.tables.reproduction import reproduce_report
from xlcity.cli import main
from xlcity.cli.result import TextTable
from xlcity.cli.verbs.evidence_audit import _translate_value
from xlcity.reports import report_ids


def run(capsys, *words):
    code = main(list(words))
    return code, capsys.readouterr().out


def test_list_tells_the_size_of_each_report(capsys):
    code, out = run(capsys, "list", "--json")
    reports = {entry["id"]: entry for entry in json.loads(out)["reports"]}
    assert code == 0
    image = reports["image2025"]
    assert (image["units"], image["nodes"], image["indicators"]) == (106, 16, 6)
    assert (image["edition"], image["data"]) == ("2025", "partial")
    assert {"name_en", "name_zh"} <= set(image)
    assert "image2025" in run(capsys, "list")[1]


def test_reproduce_says_what_is_outside_and_ends_with_1(capsys):
    code, out = run(capsys, "reproduce", "image2025", "--json")
    document = json.loads(out)
    tables = document["reports"]["image2025"]["tables"]
    assert code == 1
    for entry in tables:
        assert entry["cells"] == entry["within"] + len(entry["outside"])
        for cell in entry["outside"]:
            assert {"unit", "node", "published", "computed"} <= set(cell)
    scores = [
        e for e in tables if e["table"] == "total" and e["what"].startswith("scores")
    ]
    assert [(e["cells"], e["tolerance"]) for e in scores] == [
        (106, 0.01),
        (106, 0.01),
        (106, 0.005),
    ]
    assert document["reports"]["image2025"]["not_reproducible"]


def test_reproduce_tells_people_figures_and_then_each_cell(capsys):
    code, out = run(capsys, "reproduce", "image2025")
    assert code == 1
    assert "printed cells are reproduced" in out
    assert "0.98" in out
    assert "1.252" in out
    assert "from its two leaves (by construction: not counted)" in out
    counts = json.loads(run(capsys, "reproduce", "image2025", "--json")[1])
    counted = counts["reports"]["image2025"]["counted"]
    apart = counts["reports"]["image2025"]["by_construction"]
    assert f"\n{counted['within']} of {counted['cells']} printed cells are repro" in out
    assert f"counted: {apart['within']} of {apart['cells']} printed cells agree" in out
    assert apart["cells"] > apart["within"] > 0


def test_reproduce_refuses_an_unknown_report(capsys):
    code, out = run(capsys, "reproduce", "nope", "image2025", "nix", "--json")
    assert code == 2
    errors = json.loads(out)["errors"]
    assert [error["message"].split("'")[1] for error in errors] == ["nope", "nix"]
    assert "image2025" in errors[0]["hint"]


def test_tables_align_chinese_text_and_numbers():
    lines = str(
        TextTable(("name", "n"), [("北京", 1), ("Bonn", None), ("x", 22)])
    ).splitlines()
    assert lines == ["name   n", "北京   1", "Bonn", "x     22"]


def test_heads_and_words_of_tables_are_chinese(capsys, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    out = run(capsys, "reproduce", "image2025")[1]
    assert re.search("城市 +节点 +公布值 +复算值 +出处\n", out)
    assert re.search("表 +原因\n", out)
    for words in (
        "由公布的两个二级得分计算",
        "第 1 梯队，报告文本第 353 行",
        "编号由表 10 直接到表 12",
    ):
        assert words in out
    assert not re.search("report line|named before|printed", out)


@cache
def words_of(report_id):
    """Return the words that people read of the comparisons of a report."""
    done = reproduce_report(report_id)
    outside = [cell for entry in done.comparisons for cell in entry.outside]
    hows = [entry.how for entry in done.comparisons]
    places = [cell.where for cell in outside if cell.where]
    return {*hows, *places, *(text for left in done.not_reproducible for text in left)}


@pytest.mark.parametrize("report_id", report_ids())
def test_every_reason_of_a_comparison_has_a_chinese_text(report_id, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    words = words_of(report_id)
    assert len(words) > 15
    assert [
        text
        for text in words
        if not re.search("[\u4e00-\u9fff]", _translate_value(text))
    ] == []
    monkeypatch.setenv("XLCITY_LANG", "en")
    assert {_translate_value(text) for text in words} == words


def test_every_chinese_text_of_a_comparison_is_of_a_reason_that_there_is():
    with TABLE.open(encoding="utf-8", newline="") as file:
        texts = [row["en"] for row in csv.DictReader(file) if row["key"] == "reproduce"]
    words = {text for report_id in report_ids() for text in words_of(report_id)}
    patterns = {text: re.escape(text).replace(r"\{\}", ".+") for text in texts}
    unused = [
        t for t in texts if not any(re.fullmatch(patterns[t], word) for word in words)
    ]
    assert unused == [
        "{} computed from the report's data"
    ]  # of reports that declare none
