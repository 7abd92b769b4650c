import numpy as np
import pytest

from xlcity.errors import Where
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.nodes import length_problem
from xlcity.model.reading.units import Match, UnitMatcher, find_near_names, fold_name
from xlcity.model.reading.values import Refusal

UNITS = (
    Unit("beijing", "北京", "Beijing", ("Peking",)),
    Unit("xian", "西安", "Xi'an", ("长安",)),
    Unit("taizhou", "台州", "Taizhou"),
    Unit("taizhou_js", "泰州", "Taizhou"),
    Unit("shashi", "沙市", "Shashi"),
    Unit("jilin", "吉林市", "Jilin City"),
    Unit("hebei", "河北省", "Hebei"),
    Unit("01", "一号", "First"),
    Unit("out", "某地", "Somewhere", population=""),
)


@pytest.fixture(scope="module")
def matcher():
    return UnitMatcher(UNITS)


@pytest.mark.parametrize(
    ("text", "unit", "is_exact"),
    [
        ("beijing", "beijing", True),
        ("北京", "beijing", True),
        ("Beijing", "beijing", True),
        ("Peking", "beijing", True),
        ("BEIJING", "beijing", False),
        (" 北京", "beijing", False),
        ("北京\u3000", "beijing", False),
        ("北 京", "beijing", False),
        ("北京市", "beijing", False),
        ("河北", "hebei", False),
        ("Beijing City", "beijing", False),
        ("Xian", "xian", False),
        ("XI’AN", "xian", False),
        ("沙市", "shashi", True),
        ("吉林", "jilin", False),
        ("Jilin", "jilin", False),
        ("taizhou", "taizhou", True),
        ("01", "01", True),
        ("某地", "out", True),
    ],
)
def test_finds_the_unit(matcher, text, unit, is_exact):
    found = matcher.match(text)
    assert isinstance(found, Match)
    assert (found.unit.id, found.is_exact) == (unit, is_exact)


def test_a_name_that_two_units_share_is_ambiguous(matcher):
    found = matcher.match("Taizhou")
    assert isinstance(found, Refusal)
    assert (found.code, "taizhou_js" in found.message) == ("XC312", True)


@pytest.mark.parametrize("text", ["火星", "", None, "*", "bei*", "市", "city"])
def test_unknown_names_are_refused_and_wildcards_match_nothing(matcher, text):
    found = matcher.match(text)
    assert isinstance(found, Refusal)
    assert found.code == "XC311"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("杨州", "Did you mean 扬州?"),
        ("无湖", "Did you mean 芜湖?"),
        ("福州", "Correct the name"),
    ],
)
def test_a_name_of_two_characters_is_taken_for_the_one_that_sounds_like_it(typed, hint):
    refused = UnitMatcher(map(Unit, ("郑州", "芜湖", "扬州", "湖州"))).match(typed)
    assert isinstance(refused, Refusal)
    assert refused.hint.startswith(hint)


def test_a_number_cell_is_read_as_its_text():
    found = UnitMatcher((Unit("101"),)).match(101.0)
    assert isinstance(found, Match)


def test_folding_keeps_different_names_apart():
    assert fold_name("泰州") != fold_name("台州")
    assert fold_name("Ürümqi") == fold_name("urumqi")


def test_names_that_differ_in_vowels_are_nearly_alike():
    names = [
        ("tr", "Turkey"),
        ("no", "Oslo"),
        ("tr2", "Türkiye"),
        ("no2", "Osla"),
        ("cn", "北京市"),
    ]
    # Of short names every letter counts.
    assert find_near_names(names) == [("tr2", "tr")]


def test_a_name_may_fill_a_cell():
    assert length_problem("x" * 32_767, Where()) is None
    problem = length_problem("x" * 32_768, Where())
    assert problem.code == "XC227"
    assert (
        f"the text '{'x' * 20}'… has 32,768 characters; a cell holds 32,767"
        in problem.message
    )


@pytest.mark.parametrize(("name", "is_odd"), [("Oslo", False), ("Оslo", True)])
def test_names_that_look_like_others_are_noticed(name, is_odd):
    values = np.full((2, 0), np.nan)
    blank = np.zeros((2, 0), dtype=np.uint8)
    data = Dataset(
        (Unit("a"), Unit("b", name_en=name)), (), values, blank, blank.astype(str)
    )
    assert data.has_odd_names is is_odd


@pytest.mark.parametrize(
    "typed", ["3. Oslo", "Oslo①", "Oslo [1]", "oslo*", "奥斯陆 Oslo"]
)
def test_a_name_is_found_without_the_number_and_the_marks_around_it(typed):
    match = UnitMatcher([Unit("osl", "奥斯陆", "Oslo")]).match(typed)
    assert isinstance(match, Match)
    assert (match.unit.id, match.is_exact) == ("osl", False)
    assert isinstance(
        UnitMatcher([Unit("osl", "", "Oslo")]).match("Oslo (city)"), Refusal
    )
