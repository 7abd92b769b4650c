"""This year's table and last year's workbook: what is asked, and what comes of the answers."""

import json
import math
from dataclasses import replace

import openpyxl
import pytest

from tests.helpers.next_table import copies, counted_table, last_book, next_table
from xlcity.cli import main
from xlcity.desk.commands import Books, answer
from xlcity.index.compute import compute
from xlcity.workbook.reading.template import open_template


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with last year's workbook and this year's table."""
    folder = tmp_path_factory.mktemp("fit")
    last_book(folder)
    next_table(folder / "2026.xlsx")
    return folder


def asked(folder, command="look", table="2026.xlsx", **choices):
    """Return what a command answers on a table of the folder and its last workbook."""
    last = str(folder / "城市2025.xlsx")
    given = {"table": str(folder / table), "last": last, "lang": "zh"}
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


def test_values_of_another_measure_are_converted_and_a_new_column_is_named(
    folder, capsys
):
    counted = counted_table(folder / "counted.xlsx")
    fit = asked(folder, table=counted.name, **ANSWERS)["fit"]
    assert fit["spare"] == ["专利授权量"]
    (measure,) = fit["measures"]
    about = {"uom": "万元", "own": "亿元", "factor": 0.0001}
    assert measure == {"code": "地区生产总值", "column": measure["column"], **about}
    entry = {"role": "indicator", "code": measure["code"], "uom": "亿元"}
    entry |= {"from_uom": "万元", "factor": 0.0001}
    answers = {**ANSWERS, "columns": {**ANSWERS["columns"], measure["column"]: entry}}
    assert asked(folder, table=counted.name, **answers)["fit"]["measures"] == []
    asked(folder, "map", table=counted.name, **answers)
    map_file = folder / "城市2026.map.toml"
    words = ["roll", str(folder / "城市2025.xlsx"), "--edition", "2026"]
    words += ["--table-map", str(map_file), "--data"]
    answered = ["--add-city", "珠海", "--drop", "国际航线", "-o"]
    out = folder / "converted.xlsx"
    assert main([*words, str(counted), *answered, str(out)]) == 0
    assert "由 万元 换算为 亿元：× 0.0001" in capsys.readouterr().err
    found = open_template(out).dataset.values[:, 0].tolist()
    plain = folder / "plain.xlsx"
    next_table(folder / "plain.csv.xlsx")
    # Next year the column may be in another measure: it is not converted as this year.
    table = str(folder / "plain.csv.xlsx")
    assert main([*words, table, *answered, str(plain)]) == 3
    assert "现在它的计量单位是 亿元" in capsys.readouterr().err
    rows = [*openpyxl.load_workbook(folder / "plain.csv.xlsx").active.values]
    expected = [row[2] for row in rows[4:34]]
    numbers = [value for value in found if not math.isnan(value)]
    assert sorted(numbers) == pytest.approx(sorted(expected), rel=1e-12)


@pytest.mark.parametrize("factor", ["0", "-1", "many", "nan"])
def test_a_factor_that_is_none_is_refused(folder, factor):
    text = "[data]\n[columns]\n'地区生产总值' = { code = 'a', factor = '%s' }\n"
    team_map = folder / "factor.map.toml"
    team_map.write_text(text % factor, encoding="utf-8")
    words = ["adopt", str(folder / "2026.xlsx"), "--map", str(team_map)]
    assert main([*words, "-o", str(folder / "none")]) == 3


def test_what_each_copy_would_do_to_the_rank_is_said(folder):
    file = folder / "城市2025.xlsx"
    handed = [str(path) for path in copies(file)]
    books = Books()
    answer(books, "open", {"content": file.read_bytes(), "file": str(file)})
    conflicts = answer(books, "merge", {"copies": handed})["conflicts"]
    template = open_template(file)
    units = [unit.id for unit in template.dataset.units]
    for conflict in conflicts:
        row = units.index(conflict["unit"])
        for name, value in {"": conflict["base"], **conflict["said"]}.items():
            # What the third copy and each one alone changed is merged for both.
            values = template.dataset.values.copy()
            values[5:8, 0] = (10001, 10002, 10003)
            values[row, 0] = value
            data = replace(template.dataset, values=values)
            result = compute(template.framework, template.recipe, data)
            rank = int(result.rank(template.framework.root.code)[row])
            assert conflict["ranks"][name] == rank
    assert [conflict["unit"] for conflict in conflicts] == ["北京", "天津"]
