import pytest

from xlcity.model.dataset import Unit
from xlcity.model.reading.units import Match, UnitMatcher, fold_name
from xlcity.model.reading.values import Refusal

UNITS = (
    Unit("beijing", "北京", "Beijing", ("Peking",)),
    Unit("xian", "西安", "Xi'an", ("长安",)),
    Unit("taizhou", "台州", "Taizhou"),
    Unit("taizhou_js", "泰州", "Taizhou"),
    Unit("shashi", "沙市", "Shashi"),
    Unit("jilin", "吉林市", "Jilin City"),
    Unit("01", "一号", "First"),
    Unit("out", "某地", "Somewhere", population=""),
)


@pytest.fixture(scope="module")
def matcher():
    return UnitMatcher(UNITS)


@pytest.mark.parametrize(
    ("text", "unit", "how"),
    [
        ("beijing", "beijing", "id"),
        ("北京", "beijing", "name"),
        ("Beijing", "beijing", "name"),
        ("Peking", "beijing", "alias"),
        ("BEIJING", "beijing", "tolerant"),
        (" 北京", "beijing", "tolerant"),
        ("北京\u3000", "beijing", "tolerant"),
        ("北 京", "beijing", "tolerant"),
        ("北京市", "beijing", "tolerant"),
        ("Beijing City", "beijing", "tolerant"),
        ("Xian", "xian", "tolerant"),
        ("XI’AN", "xian", "tolerant"),
        ("沙市", "shashi", "name"),
        ("吉林", "jilin", "tolerant"),
        ("Jilin", "jilin", "tolerant"),
        ("taizhou", "taizhou", "id"),
        ("01", "01", "id"),
        ("某地", "out", "name"),
    ],
)
def test_finds_the_unit(matcher, text, unit, how):
    found = matcher.match(text)
    assert isinstance(found, Match)
    assert (found.unit.id, found.how) == (unit, how)


def test_a_name_that_two_units_share_is_ambiguous(matcher):
    found = matcher.match("Taizhou")
    assert isinstance(found, Refusal)
    assert (found.code, "taizhou_js" in found.message) == ("XC312", True)


@pytest.mark.parametrize("text", ["火星", "", None, "*", "bei*", "市", "city"])
def test_unknown_names_are_refused_and_wildcards_match_nothing(matcher, text):
    found = matcher.match(text)
    assert isinstance(found, Refusal)
    assert found.code == "XC311"


def test_a_number_cell_is_read_as_its_text():
    found = UnitMatcher((Unit("101"),)).match(101.0)
    assert isinstance(found, Match)


def test_folding_keeps_different_names_apart():
    assert fold_name("泰州") != fold_name("台州")
    assert fold_name("Ürümqi") == fold_name("urumqi")
