"""Cities whose names are nearly alike: both are ranked, and both are named."""

import pytest
from templates import UNITS, city_cell, edited, require_agreement, seen, small_template

from tests.helpers.cli import run_json
from xlcity.model.reading.units import NAME_NOISE, PLAIN_LETTERS, bare_name, name_key, near_names
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, NEAR_STEPS
from xlcity.workbook.sheets.calculation.near_names import LOST, PER_STEP
from xlcity.workbook.spec.from_template import spec_of

ALIKE = [
    ("Turkey", "Turkiye"), ("Turkey", "Türkiye"), ("Beijing", "Bejing"),
    ("São Paulo", "Sao-Paulo"), ("Ürümqi", "Urumqi"), ("北京", "北京市"), ("Oslo", "oslo "),
    ("Xi'an", "Xi’an"), ("Kraków", "Krakow"),
]  # fmt: skip
APART = [
    ("Austria", "Australia"), ("Slovakia", "Slovenia"), ("Lima", "Lomé"), ("Suzhou", "Fuzhou"),
    ("Iran", "Iraq"), ("Jinan", "Jining"), ("太原", "太仓"), ("Bonn", "Rome"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_names_that_are_nearly_alike(one, other):
    assert near_names([("a", one), ("b", "Lagos"), ("c", other)]) == [("c", "a")]


@pytest.mark.parametrize(("one", "other"), APART)
def test_names_that_are_not(one, other):
    assert near_names([("a", one), ("b", other)]) == []


def test_every_sign_that_is_lost_has_a_step():
    assert len(LOST) == len({*NAME_NOISE, *PLAIN_LETTERS}) <= PER_STEP * (NEAR_STEPS - 1)


def test_the_book_finds_what_the_reader_finds_and_names_both():
    """A city has a name in English alone, so that Chinese ones do not tell them apart."""
    names = [name for pair in (*ALIKE[:2], *ALIKE[5:7], APART[0]) for name in pair][: len(UNITS)]
    edits = {city_cell(unit, "name_en"): name for unit, name in zip(UNITS, names, strict=True)}
    edits |= {city_cell(unit, "name_zh"): None for unit in UNITS}
    book = seen(edited(small_template(), {"Cities": edits}))
    require_agreement(book)
    layout = Layout(spec_of(book.template))
    for place, name in enumerate(names):
        found = [
            book.fresh.value("Cleaned", FIRST + place, layout.fact(f"near {column}").c1)
            for column in ("bare", "key")
        ]
        assert found == [bare_name(name), name_key(bare_name(name))]
    assert book.verdict == "pass"
    assert book.checks["near-names"] == "note"
    assert book.detail("near-names") == "Turkiye ~ Turkey"
    assert seen(small_template()).checks["near-names"] == "pass"


def test_a_table_that_names_a_city_in_two_ways_is_doubted(tmp_path, capsys):
    (tmp_path / "f.csv").write_text("code,parent\nT,\na,T\n", encoding="utf-8")
    data = "unit,a\nTurkey,1\nGreece,2\nTurkiye,3\n"
    (tmp_path / "d.csv").write_text(data, encoding="utf-8")
    words = ["--framework", tmp_path / "f.csv", "--data", tmp_path / "d.csv"]
    code, document = run_json(capsys, "index", *words)
    assert code == 0
    (doubt,) = document["doubtful"]
    assert doubt["code"] == "XC332"
    assert doubt["message"] == "'Turkiye' and 'Turkey' may be one city; both are ranked."
    assert doubt["where"]["cell"] == "row 4"
    assert len(document["units"]) == 3


def test_no_formula_of_the_template_is_in_doubt_for_the_usual_engine():
    fresh = recalculate(small_template(), "formualizer")
    assert (fresh.notes, fresh.unverified) == ((), ())
