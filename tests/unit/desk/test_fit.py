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


def test_names_that_are_known_are_there_and_others_are_asked_for(folder):
    books = Books()
    file = folder / "城市2025.xlsx"
    answer(books, "open", {"content": file.read_bytes(), "file": str(file)})
    assert answer(books, "names", {"lang": "zh"})["names"] == []
    found = answer(books, "names", {"lang": "en"})["names"]
    shown = [one["shown"] for one in found]
    assert "北京" not in shown
    assert "国际航线" in shown
    cells = [[*one["cell"].split("!"), "Flights"] for one in found]
    before = file.read_bytes()
    given = {"table": str(file), "cells": json.dumps(cells)}
    answer(books, "mend", given)
    answer(books, "open", {"content": file.read_bytes(), "file": str(file)})
    assert answer(books, "names", {"lang": "en"})["names"] == []
    file.write_bytes(before)


def test_another_method_is_shown_on_the_open_workbook(folder):
    books = Books()
    file = folder / "城市2025.xlsx"
    answer(books, "open", {"content": file.read_bytes(), "file": str(file)})
    same = answer(books, "method", {})
    assert same["now"]["normalise"] == "minmax"
    assert [one["rank"] for one in same["ranking"]] == [*range(1, 31)]
    words = json.dumps(
        {"normalise": ["dist2max:100,国际航线=dist2target:100:scale=100"]}
    )
    other = answer(books, "method", {"words": words})["ranking"]
    assert [one["usual"] for one in other] != [*range(1, 31)]


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
