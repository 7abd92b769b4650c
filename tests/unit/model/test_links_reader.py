"""Links read from files: what is accepted, and every fault at once."""

from dataclasses import replace

import numpy as np
import pytest
import xlsxwriter

from xlcity.errors import DataError
from xlcity.model.dataset import Link, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset
from xlcity.model.recipe_toml import read_recipe

UNITS = (
    Unit("rome", "罗马", "Rome"),
    Unit("oslo", "奥斯陆", "Oslo"),
    Unit("kyoto", "京都", "Kyoto", population=""),
)
RECIPE = read_recipe(
    """
[[step]]
do = "construct"
method = "link_strength"
codes = ["T"]

[[step]]
do = "construct"
method = "degree_centrality"
codes = ["S"]

[[step]]
do = "normalise"
method = "minmax"
"""
)


@pytest.fixture
def framework(tmp_path):
    path = tmp_path / "framework.csv"
    path.write_text("code,parent,weight\nR,,1\nT,R,0.5\nS,R,0.3\nX,R,0.2\n", "utf-8")
    return Framework.read(path)


def read(tmp_path, framework, text):
    (tmp_path / "links.csv").write_text(text, "utf-8")
    return read_dataset(tmp_path, framework, UNITS, RECIPE)


def test_links_in_a_folder_need_no_table_of_values(tmp_path, framework):
    text = 'code,from,to,value,basis\nT,rome,奥斯陆,"1,200",printed\nT,oslo,rome,3,\n'
    text += "S,Rome,oslo,1,\nS,oslo,rome,1,\nT,rome,kyoto,NA,\nT,kyoto,oslo,,\n"
    dataset, notes = read(tmp_path, framework, text)
    there, back, missing = dataset.links["T"]
    assert there == Link("rome", "oslo", 1200.0, "printed")
    assert back == Link("oslo", "rome", 3.0, "entered")
    assert (missing.start, missing.end) == ("rome", "kyoto")
    assert np.isnan(missing.value)
    assert len(dataset.links["S"]) == 2
    assert [c.result for c in notes.converted] == ["1200"]


def test_links_on_a_sheet(tmp_path, framework):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        data = book.add_worksheet("data")
        links = book.add_worksheet("Links")
        data.write_row(0, 0, ["unit", "X"])
        data.write_row(1, 0, ["rome", 4])
        links.write_row(0, 0, ["a title above"])
        links.write_row(2, 0, ["code", "from", "to", "value"])
        links.write_row(3, 0, ["T", "rome", "oslo", 7])
    dataset, _ = read_dataset(path, framework, UNITS, RECIPE)
    assert dataset.links == {"T": (Link("rome", "oslo", 7.0, "entered"),)}
    assert dataset.values[0, dataset.column("X")] == 4


def test_every_fault_is_told_at_once(tmp_path, framework):
    text = "code,from,to,value\nT,rome,atlantis,1\nT,rome,oslo,2\nT,rome,oslo,3\n"
    text += "T,oslo,rome,about 5\nX,rome,oslo,1\nQ,mars,oslo,x\nS,rome,oslo,1\nS,oslo,rome,2\n"
    with pytest.raises(DataError) as caught:
        read(tmp_path, framework, text)
    found = [(p.code, p.where.cell) for p in caught.value.problems]
    assert found == [
        ("XC311", "row 2"),
        ("XC313", "row 4"),
        ("XC301", "row 5"),
        ("XC314", "row 6"),
        ("XC314", "row 7"),
        ("XC311", "row 7"),
        ("XC330", "row 9"),
    ]
    messages = {p.code: p.message for p in caught.value.problems}
    assert "(first in row 3)" in messages["XC313"]
    assert "oslo to rome is 2 and rome to oslo (row 8) 1" in messages["XC330"]


def test_a_table_without_its_columns(tmp_path, framework):
    with pytest.raises(DataError, match="code, from, to, value"):
        read(tmp_path, framework, "code,from,to\nT,rome,oslo\n")


def test_a_link_from_a_city_to_itself_is_told_and_left_out(tmp_path, framework):
    dataset, notes = read(tmp_path, framework, "code,from,to,value\nT,rome,rome,5\n")
    assert dataset.links == {}
    assert [p.code for p in notes.doubtful] == ["XC329"]


def test_the_hash_and_the_invented_count_know_links(tmp_path, framework):
    text = "code,from,to,value,basis\nT,rome,oslo,5,synthetic\nT,oslo,rome,2,entered\n"
    dataset, _ = read(tmp_path, framework, text)
    assert dataset.synthetic == 1
    other, _ = read(tmp_path, framework, text.replace(",5,", ",6,"))
    assert dataset.digest() != other.digest()
    turned = "\n".join([text.splitlines()[0], *reversed(text.splitlines()[1:])])
    assert read(tmp_path, framework, turned)[0].digest() == dataset.digest()
    assert [link.basis for link in other.with_basis_of(dataset).links["T"]] == [
        "synthetic",
        "entered",
    ]
    typed, _ = read(tmp_path, framework, text.replace(",synthetic", ",entered"))
    assert typed.with_basis_of(dataset).synthetic == 1
    shipped, retyped = (
        replace(dataset, links={"T": (Link("rome", "oslo", float("nan"), basis),)})
        for basis in ("synthetic", "entered")
    )
    assert (
        retyped.with_basis_of(shipped).synthetic == 1
    )  # missing is the same as missing


def test_the_table_of_links_alone_may_be_given(tmp_path, framework):
    path = tmp_path / "anything.csv"
    path.write_text("code,from,to,value\nT,rome,oslo,5\n", "utf-8")
    dataset, _ = read_dataset(path, framework, UNITS, RECIPE)
    assert dataset.links == {"T": (Link("rome", "oslo", 5.0, "entered"),)}


@pytest.mark.parametrize(
    ("there", "back", "wrong"),
    [
        ("NA", "NA", []),
        ("NA", "2", ["XC330"]),
        ("2", "NA", ["XC330"]),
        ("2", "2.0", []),
    ],
)
def test_a_symmetric_link_is_missing_both_ways_or_has_one_value(
    there, back, wrong, tmp_path, framework
):
    text = f"code,from,to,value\nS,rome,oslo,{there}\nS,oslo,rome,{back}\n"
    if not wrong:
        assert len(read(tmp_path, framework, text)[0].links["S"]) == 2
        return
    with pytest.raises(DataError) as caught:
        read(tmp_path, framework, text)
    assert [(p.code, p.where.cell) for p in caught.value.problems] == [
        (wrong[0], "row 3")
    ]
