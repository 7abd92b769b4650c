"""Cities whose names are nearly alike: both are ranked, and both are named."""

import pytest

from tests.helpers.cli import run_json
from tests.helpers.templates import small_template
from xlcity.model.reading.units import find_near_names
from xlcity.recalc.workbook import recalculate

ALIKE = [
    ("Turkey", "Turkiye"),
    ("Turkey", "Türkiye"),
    ("Beijing", "Bejing"),
    ("São Paulo", "Sao-Paulo"),
    ("Ürümqi", "Urumqi"),
    ("北京", "北京市"),
    ("Oslo", "oslo "),
    ("Xi'an", "Xi’an"),
    ("Kraków", "Krakow"),
]
APART = [
    ("Austria", "Australia"),
    ("Slovakia", "Slovenia"),
    ("Lima", "Lomé"),
    ("Suzhou", "Fuzhou"),
    ("Iran", "Iraq"),
    ("Armenia", "Romania"),
    ("Jinan", "Jining"),
    ("太原", "太仓"),
    ("Bonn", "Rome"),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_are_nearly_alike(one, other):
    assert find_near_names([("a", one), ("b", "Lagos"), ("c", other)]) == [("c", "a")]


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_are_not(one, other):
    assert find_near_names([("a", one), ("b", other)]) == []


def test_a_table_that_names_a_city_in_two_ways_is_doubted(tmp_path, capsys):
    (tmp_path / "f.csv").write_text("code,parent\nT,\na,T\n", encoding="utf-8")
    data = "unit,a\nTurkey,1\nGreece,2\nTurkiye,3\n"
    (tmp_path / "d.csv").write_text(data, encoding="utf-8")
    words = ["--framework", tmp_path / "f.csv", "--data", tmp_path / "d.csv"]
    code, document = run_json(capsys, "index", *words)
    assert code == 0
    (doubt,) = document["doubtful"]
    assert doubt["code"] == "XC332"
    assert (
        doubt["message"] == "'Turkiye' and 'Turkey' may be one city; both are ranked."
    )
    assert doubt["where"]["cell"] == "row 4"
    assert len(document["units"]) == 3
    # What people read is the name, not the id.
    data = "id,name,a\n1,Turkey,1\n2,Greece,2\n3,Turkiye,3\n"
    (tmp_path / "d.csv").write_text(data, encoding="utf-8")
    _, document = run_json(capsys, "index", *words)
    assert document["doubtful"][0]["message"].startswith("'Turkiye' and 'Turkey' may")


def test_numbers_for_names_are_doubted_and_names_are_not(tmp_path, capsys):
    (tmp_path / "f.csv").write_text("code,parent\nT,\na,T\n", encoding="utf-8")
    words = ["--framework", tmp_path / "f.csv", "--data", tmp_path / "d.csv"]
    for data, doubts in (
        (
            "rownames,a\n1,1\n2,2\n",
            ["the cities have numbers for names (column 'rownames')."],
        ),
        ("rownames,Town,a\n1,Oslo,1\n2,Rome,2\n", []),
    ):
        (tmp_path / "d.csv").write_text(data, encoding="utf-8")
        _, document = run_json(capsys, "index", *words)
        assert [doubt["message"] for doubt in document["doubtful"]] == doubts


def test_no_formula_of_the_template_is_in_doubt_for_the_usual_engine():
    fresh = recalculate(small_template(), "formualizer")
    assert (fresh.notes, fresh.unverified) == ((), ())
