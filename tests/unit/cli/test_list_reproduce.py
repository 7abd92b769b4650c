import json
import re

from xlcity.cli import main
from xlcity.cli.result import TextTable


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
    scores = [e for e in tables if e["table"] == "total" and e["what"].startswith("scores")]
    assert [(e["cells"], e["tolerance"]) for e in scores] == [(106, 0.01)] * 2
    assert document["reports"]["image2025"]["not_reproducible"]


def test_reproduce_tells_people_figures_and_then_each_cell(capsys):
    code, out = run(capsys, "reproduce", "image2025")
    assert code == 1
    assert "printed cells are reproduced" in out
    assert "0.98" in out
    assert "1.252" in out
    assert "not counted" in out


def test_reproduce_refuses_an_unknown_report(capsys):
    code, out = run(capsys, "reproduce", "nope", "image2025", "nix", "--json")
    assert code == 2
    errors = json.loads(out)["errors"]
    assert [error["message"].split("'")[1] for error in errors] == ["nope", "nix"]
    assert "image2025" in errors[0]["hint"]


def test_tables_align_chinese_text_and_numbers():
    lines = str(TextTable(("name", "n"), [("北京", 1), ("Bonn", None), ("x", 22)])).splitlines()
    assert lines == ["name   n", "北京   1", "Bonn", "x     22"]


def test_tables_have_chinese_heads(capsys, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    out = run(capsys, "reproduce", "image2025")[1]
    assert re.search("城市 +节点 +公布值 +复算值 +出处\n", out)
    assert re.search("表 +原因\n", out)
