"""Numbers, ranks, lists and names as running text has them, in each language by its own rules."""

from __future__ import annotations

import re
from typing import Any

from xlcity.figures.contents import Label, inside
from xlcity.report.texts import report_texts
from xlcity.reports.report import Group

#: Words of numbers, and what names begin with or end in, by what they are.
_WORDS: dict[str, Any] = {
    name: tuple(words) if isinstance(words, list) else words
    for name, words in report_texts("words").items()
}
#: Letters beyond this one are Chinese.
_LATIN = 0x2E7F
#: Numbers from which on English writes figures.
FIGURES = 10


def count(number: int) -> Label:
    """Return how many, as running text has it.

    >>> count(3).en, count(12).en
    ('three', '12')
    """
    figures = str(number)
    return Label(figures, _WORDS["units"][number] if number < FIGURES else figures)


def opening_count(number: int) -> Label:
    """Return how many, where a sentence begins: no figure opens one.

    >>> opening_count(19).en, opening_count(42).en, opening_count(120).en
    ('Nineteen', 'Forty-two', 'In all, 120')
    """
    if number >= 100:
        return Label(str(number), f"In all, {number}")
    units = _WORDS["units"]
    if number < len(units):
        word = units[number]
    else:
        tens, rest = divmod(number, 10)
        word = _WORDS["tens"][tens - 2]
        if rest:
            word = f"{word}-{units[rest]}"
    return Label(str(number), word.capitalize())


def ordinal(number: int) -> str:
    """Return a rank in figures.

    >>> [ordinal(number) for number in (1, 2, 13, 22, 103)]
    ['1st', '2nd', '13th', '22nd', '103rd']
    """
    ending = _WORDS["endings"][number % 10]
    is_teen = number % 100 // 10 == 1
    return f"{number}th" if is_teen else f"{number}{ending}"


def place_words(number: int) -> Label:
    """Return a rank as running text has it.

    >>> place_words(2).en, place_words(14).en, place_words(2).zh
    ('second', '14th', '2')
    """
    words = _WORDS["ordinals"][number - 1] if number < FIGURES else ordinal(number)
    return Label(str(number), words)


def in_text(label: Label) -> Label:
    """Return the name of a node after a preposition, with the article that its noun needs.

    >>> in_text(Label("", "Social domain")).en, in_text(Label("", "Culture")).en
    ('the Social domain', 'Culture')
    """
    stem, _, _ = label.en.lower().partition(" (")
    needs = stem.endswith(_WORDS["kinds_en"])
    return Label(label.zh, f"the {label.en}" if needs else label.en)


def dimension(label: Label) -> Label:
    """Return the name of a main part of an index as running text has it.

    >>> dimension(Label("生活", "Life")), dimension(Label("社会领域", "Social domain")).zh
    (Label(zh='生活维度', en='the Life dimension'), '社会领域')
    >>> dimension(Label("年代", "The 1960s")).en
    'the 1960s dimension'
    """
    label = Label(label.zh, label.en.removeprefix("The "))
    english = in_text(label).en
    english = f"the {label.en} dimension" if english == label.en else english
    return Label(
        label.zh if label.zh.endswith(_WORDS["kinds_zh"]) else f"{label.zh}维度",
        english,
    )


def indicator(label: Label) -> Label:
    """Return the name of an indicator as running text has it.

    >>> indicator(Label("", "Number of museums")).en, indicator(Label("", "Green space")).en
    ('the number of museums', 'green space')
    >>> indicator(Label("", "PM2.5, annual mean")).en
    'PM2.5, annual mean'
    """
    name = inside(label)
    stem = re.split(r" \(|, | of | among | by | in | as ", name.en.lower())[0]
    words = stem.split(" ")
    last = name.en.lower().split(" ")[1:][-1:]
    is_counted = not {words[0], words[-1]}.isdisjoint(_WORDS["counted"])
    needs = is_counted or not {words[-1], *last}.isdisjoint(_WORDS["measures"])
    return Label(name.zh, f"the {name.en}" if needs else name.en)


def greatest(name: Label, uom: Label) -> str:
    """Return what the greatest of a quantity is called in Chinese; 居首 where no rule knows.

    >>> greatest(Label("轨道交通里程"), Label("公里")), greatest(Label("专利"), Label("件"))
    ('最长', '最多')
    >>> greatest(Label("占比"), Label("%")), greatest(Label("债券余额"), Label("亿元"))
    ('最高', '居首')
    """
    for word, pattern in _WORDS["greatest"]:
        if re.search(pattern, name.zh):
            return str(word)
    if re.fullmatch(_WORDS["lengths"], uom.zh):
        return "最长"
    if name.zh.endswith(_WORDS["degrees_zh"]):
        return "最高"
    counters = _WORDS["counters"]
    if re.fullmatch(counters, uom.zh) or re.fullmatch(counters, uom.en):
        return "最多"
    is_share = uom.zh.startswith("%") or uom.zh in ("比值", "指数")
    return "最高" if is_share else "居首"


def smallest(name: Label, uom: Label) -> str:
    """Return what the least of a quantity is called in Chinese.

    >>> smallest(Label("平均通勤时间"), Label("分钟")), smallest(Label("租金"), Label("元"))
    ('最短', '最低')
    """
    return "最短" if greatest(name, uom) == "最长" else "最低"


def uom_of(uom: Label) -> Label:
    """Return a unit of measure with each language's own words; none where these are not known.

    >>> uom_of(Label("万元", "万元")), uom_of(Label("years", "years")).zh
    (Label(zh='万元', en='10,000 yuan'), '年')
    >>> uom_of(Label("册", "册")).en, uom_of(Label("km", "km")).zh
    ('', 'km')
    """
    english = dict(_WORDS["uoms"])
    chinese = {en: zh for zh, en in reversed(_WORDS["uoms"]) if en != "km"}
    chinese |= dict(_WORDS["uoms_en"])
    is_chinese = any(ord(letter) > _LATIN for letter in uom.en)
    en = english.get(uom.en, "") if is_chinese else uom.en
    return Label(chinese.get(uom.zh, uom.zh), en)


def cities_of(group: Group) -> Label:
    """Return what the cities of a group are called: as declared, else from its name.

    >>> cities_of(Group("n", "北欧", "Nordic countries"))
    Label(zh='北欧城市', en='Nordic cities')
    >>> cities_of(Group("n", "波罗的海", "Baltic countries")).en
    'cities in Baltic countries'
    >>> [cities_of(Group("", "", name)).en for name in ("Capitals", "South", "Large")]
    ['capitals', 'southern cities', 'large cities']
    """
    zh = group.name_zh or group.value
    en = group.name_en or group.value
    english = f"{en} cities" if en.islower() else f"cities in {en}"
    if is_rest(group):
        english = "other cities"
    elif names_cities(en):
        english = inside(Label(zh, en)).en
    english = report_texts("groups").get(en.lower(), {}).get("en", english)
    chinese = zh if zh.endswith(_WORDS["cities_zh"]) else f"{zh}城市"
    return Label(group.cities_zh or chinese, group.cities_en or english)


def names_cities(name: str) -> bool:
    """Tell whether an English name is the plural of what cities are.

    >>> names_cities("inland ports"), names_cities("Baltic countries"), names_cities("south")
    (True, False, False)
    """
    lower = name.lower()
    words = lower.split(" ")
    ends = (words[0], words[-1])
    is_plural = any(re.search("[^s]s$", word) for word in ends)
    return is_plural and (name.islower() or lower.endswith(_WORDS["cities_en"]))


def group_name_zh(value: str, index_name_zh: str = "") -> str:
    """Return what a group, or what makes groups, is called in Chinese; else the value itself.

    The west of cities elsewhere is not called as that of China, which the name of an index names.
    """
    words = report_texts("groups").get(value.lower(), {})
    return str(
        words.get("china" if "中国" in index_name_zh else "zh", words.get("zh", value))
    )


def group_name_en(value: str) -> str:
    """Return what a group with a Chinese name is called in English; else the value itself.

    >>> group_name_en("东部地区"), group_name_en("大城市"), group_name_en("珠三角")
    ('East', 'Large', '珠三角')
    >>> group_name_en("北美洲"), group_name_en("江苏省")
    ('North America', 'Jiangsu')
    """
    names = {value, *(value.removesuffix(end) for end in ("地区", "城市", "省"))}
    names.add(f"{value}城市")
    words = report_texts("groups").items()
    english_names = (
        own.get("name", w.capitalize())
        for w, own in words
        if names & {own.get("china"), own.get("zh")}
    )
    return str(next(english_names, value))


def measure(cities: Label, declared: str = "") -> str:
    """Return the Chinese measure word of what cities are called: as declared, else by its end.

    >>> measure(Label("东部城市", "")), measure(Label("直辖市", ""))
    ('座', '个')
    """
    if declared:
        return declared
    return "座" if cities.zh.endswith(("城市", "都市")) else "个"


def is_rest(group: Group) -> bool:
    """Tell whether a group is what others leave over: running text has no name for it.

    >>> is_rest(Group("Other cities", "", "")), is_rest(Group("capitals", "", ""))
    (True, False)
    """
    return not group.cities_en and group.value.lower().startswith(_WORDS["rest"])
