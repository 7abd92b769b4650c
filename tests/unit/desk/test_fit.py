"""This year's table and last year's workbook: what is asked, and what comes of the answers."""

import json

import openpyxl
import pytest

from tests.helpers.next_table import last_book, next_table
from xlcity.cli import main
from xlcity.desk.commands import Books, answer
from xlcity.workbook.reading.template import open_template


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with last year's workbook and this year's table."""
    folder = tmp_path_factory.mktemp("fit")
    last_book(folder)
    next_table(folder / "2026.xlsx")
    return folder


def asked(folder, command="look", **choices):
    """Return what a command answers on the table of the folder and its last workbook."""
    last = str(folder / "城市2025.xlsx")
    given = {"table": str(folder / "2026.xlsx"), "last": last, "lang": "zh"}
    given["choices"] = json.dumps(choices)
    if command == "map":
        given["target"] = str(folder / "城市2026.map.toml")
    return answer(Books(), command, given)


ANSWERS = {
    "new": ["珠海"],
    "columns": {
        "入境外国游客": {"role": "indicator", "code": "外国游客"},
        "进出口总额": {"role": "indicator", "code": "进出口总额", "uom": "亿美元"},
    },
}


def test_all_is_asked_at_once(folder):
    fit = asked(folder)["fit"]
    assert fit["cities"] == [{"name": "珠海", "near": []}]
    lacking = [(one["code"], one["near"]) for one in fit["indicators"]]
    assert lacking == [("国际航线", []), ("外国游客", ["入境外国游客"])]
    assert [round(one["share"], 4) for one in fit["indicators"]] == [0.1, 0.1]
    (measure,) = fit["measures"]
    assert (measure["uom"], measure["own"]) == ("亿元", "亿美元")
    assert (fit["found"], fit["absent"]) == (7, ["乌鲁木齐"])


def test_what_is_answered_is_not_asked_again(folder):
    fit = asked(folder, **ANSWERS)["fit"]
    assert (fit["cities"], fit["measures"], fit["spare"]) == ([], [], [])
    assert [one["code"] for one in fit["indicators"]] == ["国际航线"]
    # A city may be another one, or be left out.
    meant = asked(folder, cities={"珠海": "乌鲁木齐"})["fit"]
    assert (meant["cities"], meant["absent"]) == ([], [])
    assert asked(folder, skip=["合计", "珠海"])["fit"]["cities"] == []
    left = asked(folder, columns={"进出口总额": {"role": "none"}})["fit"]
    assert "进出口总额" in [one["code"] for one in left["indicators"]]


def test_the_answers_make_the_next_edition(folder, capsys):
    asked(folder, "map", **ANSWERS)
    words = ["roll", str(folder / "城市2025.xlsx"), "--edition", "2026"]
    words += ["--data", str(folder / "2026.xlsx")]
    words += ["--table-map", str(folder / "城市2026.map.toml")]
    out = folder / "城市2026.xlsx"
    answers = ["--add-city", "珠海", "--drop", "国际航线"]
    assert main([*words, *answers, "-o", str(out)]) == 0
    capsys.readouterr()
    template = open_template(out)
    assert template.dataset.units[-1].name_zh == "珠海"
    assert "国际航线" not in template.framework
    rows = [*openpyxl.load_workbook(folder / "2026.xlsx").active.values]
    row = next(row for row in rows if row[1] == "珠海")
    assert row[6] in template.dataset.values[-1].tolist()
    assert main([*words, "--drop", "nowhere", "-o", str(out)]) == 2
    assert "nowhere" in capsys.readouterr().err
