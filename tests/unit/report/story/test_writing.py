"""Numbers, ranks, values and lists as running text has them."""

import re

import pytest

from xlcity.figures.contents import Label
from xlcity.report.story.writing import (
    Amount,
    Both,
    RankPlace,
    Writer,
    catalogue,
    column_decimals,
    phrase,
    wordings,
)

UNIT = Both("公里", "km")


def written(pattern, lang, **values):
    """Return a pattern with its values, as the catalogue would have it."""
    return Writer(lang).vformat(pattern, (), values)


@pytest.mark.parametrize(
    ("value", "spec", "zh", "en"),
    [
        (0.949, "points", "0.9", "0.9"),
        (-2.05, "points", "−2.1", "−2.1"),
        (1.91, "within", "2.0", "2.0"),
        (3, "count", "3", "three"),
        (12, "count", "12", "12"),
        (12, "opening", "12", "Twelve"),
        (2, "word", "两", "two"),
        (0.256, "percent", "26%", "26%"),
        (0.396, "weight", "39.6%", "39.6%"),
        (0.4, "weight", "40%", "40%"),
        (0.415, "r", "0.42", "0.42"),
        (RankPlace(2), "place", "第2位", "second"),
        (RankPlace(14, is_joint=True), "place", "并列第14位", "joint 14th"),
        (RankPlace(14, is_joint=True), "listed", "并列第14位", "joint 14th"),
        (RankPlace(3), "listed", "列第3位", "third"),
        (RankPlace(3), "lowest", "第3位", "third lowest"),
        (RankPlace(25), "lowest", "第25位", "25th lowest"),
        (Amount(1.2, 2, UNIT), "value", "1.20公里", "1.20 km"),
        (Amount(12500.0, 0, UNIT), "value", "1.25万公里", "12,500 km"),
        (Amount(97.0, 0, Both("%", "%")), "value", "97%", "97%"),
        (Amount(4.0, 1, Both("比值", "ratio")), "value", "4.0", "4.0"),
        (Amount(4.2195, 4, Both("", "rating 0-5")), "value", "4.22", "4.22 out of 5"),
        (
            Amount(7.0, 0, Both("", "points 1-7")),
            "value",
            "7",
            "7 on a scale of 1 to 7",
        ),
        (
            Amount(13916.0, 0, Both("百万美元", "million USD")),
            "value",
            "139.16亿美元",
            "13.9 billion USD",
        ),
        (
            Amount(3400.0, 1, Both("万人次", "10,000 arrivals")),
            "value",
            "3400万人次",
            "34.0 million arrivals",
        ),
        (Amount(6.7, 1, UNIT), "again", "6.7公里", "6.7"),
        (Amount(0.4, 1, Both("吨/万元", "t/yuan")), "again", "0.4吨/万元", "0.4"),
    ],
)
def test_a_filter_writes_by_the_rules_of_each_language(value, spec, zh, en):
    pattern = f"{{value:{spec}}}"
    assert written(pattern, "zh", value=value) == zh
    assert written(pattern, "en", value=value) == en


@pytest.mark.parametrize(
    ("places", "zh", "en"),
    [
        ([9, 10], "第9、10位", "ninth and 10th"),
        ([2, 3, 4], "第2、3、4位", "second, third and fourth"),
        ([1, 5, 9], "第1、5、9位", "first, fifth and ninth"),
    ],
)
def test_ranks_in_a_row_have_one_word(places, zh, en):
    values = [RankPlace(number) for number in places]
    assert written("{value:|places}", "zh", value=values) == zh
    assert written("{value:|places}", "en", value=values) == en


def test_lists_end_as_each_language_has_them():
    cities = [Label("甲", "A"), Label("乙", "B"), Label("丙", "C")]
    assert written("{value:|and}", "zh", value=cities) == "甲、乙、丙"
    assert written("{value:|and}", "en", value=cities) == "A, B and C"
    drops = [3.5, 2.6]
    assert written("{value:dots|pair}", "zh", value=drops) == "3.5分和2.6分"


def test_names_in_latin_letters_stand_apart():
    assert written("{a}{b}", "zh", a="Riga", b="最高") == "Riga最高"
    clause = phrase("part_title_led", city=Label("Riga"), k=2, n=3)
    assert Writer("zh").write(clause) == "Riga 3项指标中2项居首"


def test_a_column_has_the_decimals_of_its_data_and_computed_values_two():
    assert column_decimals([1.2, 3.25]) == 2
    assert column_decimals([1.23456, 3.0]) == 2
    assert column_decimals([float("nan")]) == 0


def test_every_wording_has_both_languages_and_filters_that_exist():
    for key, wording in catalogue().items():
        assert {"zh", "en"} <= set(wording) <= {"zh", "en", "kinds"}, key
        texts = "".join([*wordings(key, "zh"), *wordings(key, "en")])
        assert texts, key
        for spec in re.findall(r"{\w+:([^|}]+)", texts):
            assert hasattr(Writer, f"_write_{spec}"), (key, spec)
    judged = "得益于|遥遥领先|短板|落后|显著|thanks to|significant"
    texts = "".join(
        text
        for key in catalogue()
        for lang in ("zh", "en")
        for text in wordings(key, lang)
    )
    assert not re.search(judged, texts)
