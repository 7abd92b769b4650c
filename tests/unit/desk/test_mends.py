"""What a click mends: values typed into tables and workbooks, what is proposed, and taken back."""

import json
from types import SimpleNamespace

import openpyxl
import pytest

from tests.helpers.own import Edited, own_bytes
from tests.helpers.untidy_table import untidy_book
from xlcity.desk.commands import Books, answer
from xlcity.desk.mends import find_near_city
from xlcity.errors import UsageError, WorkbookError


def look(books, table, **choices):
    given = {"table": str(table), "choices": json.dumps(choices), "lang": "en"}
    return answer(books, "look", given)


def mend(books, table, *cells):
    return answer(books, "mend", {"table": str(table), "cells": json.dumps(cells)})


def test_cells_of_a_table_are_mended_and_taken_back(tmp_path):
    table = untidy_book(tmp_path / "team.xlsx", 2025)
    books = Books()
    before = table.read_bytes()
    seen = look(books, table)
    cells = [problem["cell"] for problem in seen["preview"]["problems"]]
    assert cells == ["C8", "G27", "H28", "B32", "K33"]
    meant = [
        (one["old"], one["new"], one["letters"]) for one in seen["preview"]["problems"]
    ]
    assert meant[0] == ("约5000", 5000, [])
    assert meant[4] == ("31O", 310, ["O"])
    assert [new for _, new, _ in meant[1:4]] == [None] * 3
    assert seen["misspelt"] == {"昆名": ["昆明", "茂名", "昆山"]}
    for cell, value in zip(cells, (5000, 40.5, None, "西宁", 310), strict=True):
        mend(books, table, [seen["sheet"], cell, value])
    seen = look(books, table, cities={"昆名": "昆明"})
    assert (seen["preview"]["problems"], seen["misspelt"]) == ([], {})
    assert seen["preview"]["missing"] == 1
    (doubt,) = seen["preview"]["doubtful"]
    assert (doubt["cell"], doubt["code"], doubt["about"]) == (
        "J17",
        "XC308",
        "福州 · 绿化覆盖率",
    )
    assert (doubt["old"], doubt["new"], doubt["city"]) == ("0.41", 41, False)
    # A date is gone with its format: the number shows as its neighbours do.
    sheet = openpyxl.load_workbook(table).active
    assert (sheet["G27"].value, sheet["G27"].number_format) == (40.5, "General")
    assert (tmp_path / "team.xlsx.bak").read_bytes() == before


def test_a_city_that_is_right_as_it_stands_is_asked_about_once(tmp_path):
    table = untidy_book(tmp_path / "team.xlsx", 2025)
    assert look(Books(), table, cities={"昆名": "昆名"})["misspelt"] == {}


def test_a_method_is_shown_on_the_table(tmp_path):
    table = untidy_book(tmp_path / "team.xlsx", 2025, slips=False)
    books = Books()
    usual = look(books, table)["preview"]["ranking"]
    assert [city["rank"] for city in usual] == [city["usual"] for city in usual]
    ranked = look(books, table, index={"normalise": "rank"})["preview"]["ranking"]
    assert {city["name"]: city["usual"] for city in ranked} == {
        city["name"]: city["rank"] for city in usual
    }
    assert [city["name"] for city in ranked] != [city["name"] for city in usual]
    # z-scores have no geometric mean: nothing is shown as if they had.
    words = {"normalise": "zscore", "aggregate": "geometric"}
    assert look(books, table, index=words)["preview"]["ranking"] == []


def test_a_table_as_text_is_mended(tmp_path):
    table = tmp_path / "t.csv"
    books = Books()
    table.write_text(
        "city,GDP,Flights\n北京,12,x3\n上海,11,4\n广州,9,5\n", encoding="utf-8"
    )
    mend(books, table, ["", "C2", 3])
    assert "北京,12,3" in table.read_text(encoding="utf-8-sig")


def test_a_web_page_is_not_overwritten_as_text(tmp_path):
    page = tmp_path / "t.csv"
    page.write_text(
        "<table><tr><td>city<td>GDP<tr><td>北京<td>x3</table>", encoding="utf-8"
    )
    before = page.read_bytes()
    with pytest.raises(UsageError, match="web page"):
        mend(Books(), page, ["", "B2", 3])
    assert page.read_bytes() == before


def test_what_is_meant_in_a_workbook_is_proposed_and_written(tmp_path):
    edited = Edited(own_bytes(udf=False))
    file = tmp_path / "book.xlsx"
    books = Books()
    wide = edited.cell("city03", "A0")
    about = edited.cell("city04", "A0")
    wide.value = "１２.5"
    about.value = "约980"
    edited.save(file)
    books.open(file.read_bytes(), str(file))
    checked = answer(books, "check", {})
    mends = [one for finding in checked["findings"] for one in finding["mends"] if one]
    expected = [
        (f"Data!{wide.coordinate}", 12.5, True),
        (f"Data!{about.coordinate}", 980.0, False),
    ]
    assert [(one["cell"], one["new"], one["certain"]) for one in mends] == expected
    mend(books, file, ["Data", wide.coordinate, 12.5], ["Data", about.coordinate, None])
    books.open(file.read_bytes(), str(file))
    assert answer(books, "check", {})["verdict"] == "pass"
    assert books.current.inputs["city03", "A0"] == 12.5
    assert books.current.inputs["city04", "A0"] == "NA"
    # A file that a program has open is not written.
    lock = tmp_path / "~$book.xlsx"
    lock.touch()
    with pytest.raises(WorkbookError, match="holds this file open"):
        mend(books, file, ["Data", wide.coordinate, 13])


def test_a_near_city_is_suggested_where_it_is_one_alone():
    ids = ("beijing", "taiyuan", "suzhou", "huzhou", "hangzhou", "changzhou")
    units = [SimpleNamespace(id=one, name_zh="", name_en=one.title()) for one in ids]
    template = SimpleNamespace(columns={"A": 4}, dataset=SimpleNamespace(units=units))
    rows = {"hangzhou": "Data!D9"}
    book = SimpleNamespace(template=template, place=lambda unit, _: rows.get(unit, ""))
    assert find_near_city(book, "Beijng ") == "beijing"
    assert find_near_city(book, "uzhou") is None
    assert find_near_city(book, "nowhere") is None
    assert find_near_city(book, "changzhuo") == "changzhou"


def test_nothing_is_meant_by_a_second_row_of_a_city(tmp_path):
    edited = Edited(own_bytes(udf=False))
    file = tmp_path / "book.xlsx"
    books = Books()
    edited.book["Data"].cell(edited.cell("city04", "A0").row, 1).value = "city03"
    edited.save(file)
    books.open(file.read_bytes(), str(file))
    findings = answer(books, "check", {})["findings"]
    (mend,) = [
        mend
        for finding in findings
        for mend in finding["mends"]
        if mend and mend["city"]
    ]
    assert (mend["old"], mend["new"], mend["certain"]) == ("city03", None, False)


def test_a_value_that_is_right_is_noted_at_its_cell_and_not_named_again(tmp_path):
    book = Edited(own_bytes(udf=False))
    book.cell("city03", "A0").value = 640.0
    path = tmp_path / "own.xlsx"
    book.save(path)

    def checked():
        books = Books()
        books.open(path.read_bytes(), str(path))
        return answer(books, "check", {})

    document = checked()
    assert document["headline"] == "named"
    first = document["causes"][0]
    assert (first["rule"], first["confirmable"]) == ("W41", True)
    assert document["title"]["en"] == "1 value to check"
    assert document["title"]["zh"] == "有 1 个数要核对"
    books = Books()
    cell = f"{first['sheet']}!{first['cell']}"
    answer(books, "confirm", {"table": str(path), "cell": cell})
    note = openpyxl.load_workbook(path)[first["sheet"]][first["cell"]].comment
    assert note.text == "xlcity: 640 is right"
    document = checked()
    assert document["headline"] != "named"
    assert not any(cause["confirmable"] for cause in document["causes"])
    with pytest.raises(UsageError, match="holds no number"):
        answer(books, "confirm", {"table": str(path), "cell": "Data!A1"})


@pytest.mark.parametrize("cell", ["Data!", "Data!7", "E12!Data", "Data!ZZZZ9"])
def test_what_is_no_cell_cannot_be_confirmed(tmp_path, cell):
    path = tmp_path / "own.xlsx"
    path.write_bytes(own_bytes(udf=False))
    with pytest.raises(UsageError, match="is not a cell"):
        answer(Books(), "confirm", {"table": str(path), "cell": cell})
