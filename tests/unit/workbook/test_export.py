"""Inputs as plain tables that make the same template again, and remarks beside them."""

import csv

from tests.helpers.cli import run_json
from tests.helpers.own import Edited, own_bytes, write_tables
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.workbook.reading.template import open_template


def edited_book(folder):
    edited = Edited(own_bytes(pages="review"))
    edited.cell("city01", "A0").value = 1 / 3
    edited.cell("city02", "A1").value = None
    edited.cell("city03", "A2").value = "缺"
    edited.comment("city05", "A1", "from the yearbook")
    edited.exception(
        0, city="city02", indicator="A1", basis="substituted", remark="of 2022"
    )
    page, row, left, _, right = edited.named("in_review")
    heads = [page.cell(row, c).value for c in range(left, right + 1)]
    for line, said in enumerate(
        (
            {"city": "city02", "node": "A1", "remark": "why empty?", "who": "Wang"},
            {
                "city": "city00",
                "node": "X",
                "remark": "too low",
                "who": "Wang",
                "answer": "is right",
                "status": "closed",
            },
        ),
        1,
    ):
        for name, text in said.items():
            page.cell(row + line, left + heads.index(name)).value = text
    return edited.save(folder / "城市 book.xlsx")


def read_rows(file):
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [*csv.DictReader(lines)]


def test_tables_make_the_same_inputs_again(tmp_path, capsys):
    book = edited_book(tmp_path)
    folder = tmp_path / "tables"
    code, document = run_json(capsys, "export", book, "-o", folder)
    assert code == 0
    assert document["tables"] == sorted(path.name for path in folder.iterdir())
    assert {"exceptions.csv", "review.csv", "comments.csv"} <= set(document["tables"])
    review = read_rows(folder / "review.csv")
    comments = read_rows(folder / "comments.csv")
    told = [(row["city"], row["node"], row["answer"], row["status"]) for row in review]
    assert sorted(told) == [
        ("city00", "X", "is right", "closed"),
        ("city02", "A1", "", ""),
    ]
    assert [row["text"] for row in comments] == ["from the yearbook"]
    again = tmp_path / "again.xlsx"
    words = [
        "--framework",
        folder,
        "--data",
        folder,
        "--recipe",
        folder / "recipe.toml",
    ]
    code, _ = run_json(capsys, "new", *words, "-o", again)
    assert code == 0
    old = open_template(book)
    new = open_template(again)
    assert old.framework.nodes == new.framework.nodes
    assert old.recipe == new.recipe
    assert old.dataset.digest() == new.dataset.digest()


def test_names_aliases_and_attributes_come_back(tmp_path, capsys):
    """`cities.csv` was not read, and Chinese names stood among the English ones."""
    lines = [
        "id,name_zh,name_en,aliases,population,region",
        "city00,甲市,Jia,甲|Chia,main,north",
        "city01,乙市,,,main,south",
        "city02,,Bing,,,south",
    ]
    write_tables(tmp_path, units=("city00", "city01", "city02"))
    (tmp_path / "cities.csv").write_text("\n".join(lines) + "\n")
    book = tmp_path / "own.xlsx"
    again = tmp_path / "again.xlsx"
    folder = tmp_path / "tables"
    words = ["--framework", tmp_path / "fw.csv", "--data", tmp_path, "-o", book]
    code, document = run_json(capsys, "new", *words)
    assert (code, document["ignored"]) == (0, [])
    run_json(capsys, "export", book, "-o", folder)
    words = [
        "--framework",
        folder,
        "--data",
        folder,
        "--recipe",
        folder / "recipe.toml",
    ]
    code, document = run_json(capsys, "new", *words, "-o", again)
    assert (code, document["ignored"]) == (0, [])
    old = open_template(book).dataset
    new = open_template(again).dataset
    assert old.units == new.units
    first, second, third = new.units
    assert (first.name_zh, first.name_en, first.aliases) == (
        "甲市",
        "Jia",
        ("甲", "Chia"),
    )
    assert dict(first.attributes) == {"region": "north"}
    assert (second.name_zh, second.name_en) == ("乙市", "")
    assert third.population == ""
    # A template is a table of values and a list of cities as well.
    dataset, _ = read_dataset(book, Framework.read(folder))
    assert dataset.units == old.units


def test_names_in_the_table_of_values_stand_in_their_language(tmp_path, capsys):
    write_tables(tmp_path, units=("city00", "上海", "city02"))
    rows = (tmp_path / "data.csv").read_text().splitlines()
    rows = [
        f"{row},{name}"
        for row, name in zip(rows, ["name", "甲市", "", "Bing"], strict=True)
    ]
    (tmp_path / "data.csv").write_text("\n".join(rows) + "\n")
    words = ["--framework", tmp_path / "fw.csv", "--data", tmp_path / "data.csv"]
    code, document = run_json(capsys, "new", *words, "-o", tmp_path / "own.xlsx")
    assert (code, document["ignored"]) == (0, [])
    units = open_template(tmp_path / "own.xlsx").dataset.units
    assert [(u.name_zh, u.name_en) for u in units] == [
        ("甲市", ""),
        ("上海", "Shanghai"),
        ("", "Bing"),
    ]


def test_older_files_are_kept(tmp_path, capsys):
    book = edited_book(tmp_path)
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "data.csv").write_text("mine")
    code, document = run_json(capsys, "export", book, "-o", folder)
    assert (code, document["kept"]) == (0, ["data.csv.bak"])
    assert (folder / "data.csv.bak").read_text() == "mine"


def test_an_attribute_of_cities_keeps_its_spelling(tmp_path, capsys):
    (tmp_path / "fw.csv").write_text("code,parent\nT,\na,T\n")
    rows = "c1,1,north\nc2,2,south\nc3,6,north\nc4,NA,north\n"
    (tmp_path / "data.csv").write_text("unit,a,Group_Region\n" + rows)
    (tmp_path / "cities.csv").write_text(
        "id,group_region,Size\nc1,north,9\nc5,south,8\n"
    )
    book = tmp_path / "own.xlsx"
    words = ["--framework", tmp_path / "fw.csv", "--data"]
    # No city has the attribute Zone; its column is there to be filled.
    for group, filled in (("Zone", None), ("Group_Region", 50.0)):
        method = ("--impute", f"group_mean:{group}", "--normalise", "minmax")
        assert (
            run_json(capsys, "new", *words, tmp_path / "data.csv", *method, "-o", book)[
                0
            ]
            == 0
        )
        assert all(
            group in unit.attributes for unit in open_template(book).dataset.units
        )
        assert all(
            group in unit.attributes for unit in open_template(book).dataset.units
        )
        scores = {u["unit"]: u["scores"]["T"] for u in results(capsys, book)}
        assert scores["c4"] == filled
    rolled = tmp_path / "next.xlsx"
    folder = tmp_path / "tables"
    again = tmp_path / "again.xlsx"
    cities = ("--cities", tmp_path / "cities.csv")
    assert (
        run_json(capsys, "roll", book, "--edition", "2", *cities, "-o", rolled)[0] == 0
    )
    units = open_template(rolled).dataset.units
    assert {name for unit in units for name in unit.attributes} == {
        "Group_Region",
        "Size",
    }
    assert run_json(capsys, "export", book, "-o", folder)[0] == 0
    recipe = ("--recipe", folder / "recipe.toml")
    words = ["--framework", folder, "--data", folder, *recipe, "-o", again]
    assert run_json(capsys, "new", *words)[0] == 0
    assert results(capsys, again) == results(capsys, book)


def results(capsys, book):
    return run_json(capsys, "results", book)[1]["units"]
