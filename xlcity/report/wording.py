"""Numbers, ranks, lists and names as running text has them, in each language by its own rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xlcity.figures.contents import Label, inside, listed
from xlcity.report.contents import points, rounded
from xlcity.report.texts import report_texts
from xlcity.reports.report import Group

#: Words of numbers, and what names begin with or end in, by what they are.
_WORDS = {name: tuple(words) for name, words in report_texts("words").items()}
#: Numbers from which on English writes figures.
FIGURES = 10
#: Cities from which on a share of them needs a decimal.
_MANY = 200


def count(number: int) -> Label:
    """Return how many, as running text has it.

    >>> count(3).en, count(12).en
    ('three', '12')
    """
    return Label(
        str(number), _WORDS["units"][number] if number < FIGURES else str(number)
    )


def opening_count(number: int) -> Label:
    """Return how many, where a sentence begins: no figure opens one.

    >>> opening_count(19).en, opening_count(42).en, opening_count(120).en
    ('Nineteen', 'Forty-two', 'In all, 120')
    """
    if number >= 100:
        return Label(str(number), f"In all, {number}")
    units, (tens, rest) = _WORDS["units"], divmod(number, 10)
    compound = _WORDS["tens"][tens - 2] + f"-{units[rest]}" * (rest > 0)
    return Label(str(number), (units[number] if number < 20 else compound).capitalize())


def ordinal(number: int) -> str:
    """Return a rank in figures.

    >>> [ordinal(number) for number in (1, 2, 13, 22, 103)]
    ['1st', '2nd', '13th', '22nd', '103rd']
    """
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def place_words(number: int, mark: str = "") -> Label:
    """Return a rank as running text has it.

    >>> place_words(2).en, place_words(14, "†").en, place_words(2).zh
    ('second', '14th†', '2')
    """
    words = _WORDS["ordinals"][number - 1] if number < FIGURES else ordinal(number)
    return Label(f"{number}{mark}", f"{words}{mark}")


def figure_place(number: int, mark: str = "") -> Label:
    """Return a rank in figures, with a mark."""
    return Label(f"{number}{mark}", f"{ordinal(number)}{mark}")


def percent(part: int, whole: int) -> str:
    """Return a share of cities in per cent, whole unless there are many.

    >>> percent(21, 43), percent(100, 300)
    ('49%', '33.3%')
    """
    decimals = 0 if whole < _MANY else 1
    return (
        f"{rounded(100 * part / whole, decimals):.{decimals}f}".removesuffix(".0") + "%"
    )


def percentage(growth: float) -> str:
    """Return a growth in per cent.

    >>> percentage(-1.25)
    '−1.3%'
    """
    return f"{points(growth, 1)}%"


def percentage_points(change: float) -> Label:
    """Return the change of a share.

    >>> percentage_points(-1.25)
    Label(zh='−1.3个百分点', en='−1.3 percentage points')
    """
    text = points(change, 1)
    return Label(f"{text}个百分点", f"{text} percentage points")


def and_list(labels: Sequence[Label]) -> Label:
    """Return names in a row: "A, B and C"."""
    return listed(labels, last=" and ")


def all_list(labels: Sequence[Label]) -> Label:
    """Return names of which the same is true; Chinese says behind several that it is of all.

    >>> all_list([Label("环境", ""), Label("出行", "")]).zh
    '环境、出行均'
    """
    names = and_list(labels)
    return Label(names.zh + "均" * (len(labels) > 1), names.en)


def clause_list(labels: Sequence[Label]) -> Label:
    """Return clauses in a row, parted more strongly where one has a list, or both a verb.

    >>> clause_list([Label("", "A leads X"), Label("", "B leads Y and Z")]).en
    'A leads X, and B leads Y and Z'
    >>> clause_list([Label("", "A leads Y and Z"), Label("", "B leads W"), Label("", "C falls")]).en
    'A leads Y and Z; B leads W; and C falls'
    >>> clause_list([Label("", "A is first for X"), Label("", "B has the lowest Y")]).en
    'A is first for X, and B has the lowest Y'
    """
    english = and_list(labels).en
    are_two = len(labels) == 2 and re.search(" (is|are|has|have|share) ", labels[1].en)
    if are_two or (len(labels) > 1 and any(" and " in label.en for label in labels)):
        *others, last = (label.en for label in labels)
        gap = "; " if len(others) > 1 else ", "
        english = gap.join([*others, f"and {last}"])
    return Label("，".join(label.zh for label in labels), english)


def drop_repeated_verbs(labels: Sequence[Label]) -> list[Label]:
    """Return clauses on who is first in what, of which only the first one has the verb.

    >>> [c.en for c in drop_repeated_verbs([Label("", f"{x} is first in {x}s") for x in "ab"])]
    ['a is first in as', 'b in bs']
    """
    if any(label.en.count(" is first ") != 1 for label in labels):
        return [*labels]
    return [
        labels[0],
        *(Label(c.zh, c.en.replace(" is first ", " ")) for c in labels[1:]),
    ]


def in_text(label: Label) -> Label:
    """Return the name of a node after a preposition, with the article that its noun needs.

    >>> in_text(Label("", "Social domain")).en, in_text(Label("", "Culture")).en
    ('the Social domain', 'Culture')
    """
    needs = label.en.lower().split(" (")[0].endswith(_WORDS["kinds_en"])
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
    words = re.split(r" \(|, | of | among | by | in ", name.en.lower())[0].split(" ")
    counted = _WORDS["counted"]
    measures = _WORDS["measures"]
    needs = words[0] in counted or words[-1] in (*measures, *counted)
    needs = needs or name.en.lower().endswith(
        tuple(f" {measure}" for measure in measures)
    )
    return Label(name.zh, f"the {name.en}" if needs else name.en)


def aspects(labels: Sequence[Label]) -> Label:
    """Return names of nodes that a city is first in; Chinese says in what respect.

    >>> aspects([Label("环境", "A"), Label("出行", "B")]).zh, aspects([Label("社会领域", "")]).zh
    ('环境、出行方面均', '社会领域')
    """
    names = and_list(labels)
    respect = (
        "" if all(label.zh.endswith(_WORDS["kinds_zh"]) for label in labels) else "方面"
    )
    return Label(names.zh + respect + "均" * (len(labels) > 1), names.en)


def extremes(names: Sequence[Label], uoms: Sequence[Label]) -> tuple[str, Label]:
    """Return what the greatest of some quantities is called in Chinese, and the least in both.

    >>> extremes([Label("常住人口", "Population")], [Label("万人")])
    ('最多', Label(zh='最少', en='lowest'))
    >>> extremes([Label("通勤时间"), Label("租金")], [Label("分钟"), Label("元")])
    ('最高', Label(zh='最低', en='lowest'))
    >>> extremes([Label("事故", "accidents")], [Label("起")])
    ('最多', Label(zh='最少', en='fewest'))
    >>> extremes([Label("参与度")], [Label("次")])
    ('最高', Label(zh='最低', en='lowest'))
    >>> extremes([Label("投诉", "Complaints")], [Label("complaints")])
    ('最多', Label(zh='最少', en='fewest'))
    >>> extremes([Label("大学排名", "University rank")], [Label("名")])
    ('最高', Label(zh='最靠前', en='best'))
    >>> extremes([Label("等待", "Wait for a taxi")], [Label("min")])
    ('最长', Label(zh='最短', en='shortest'))
    >>> extremes([Label("供暖天数", "Heating days per year")], [Label("天")])
    ('最多', Label(zh='最少', en='fewest'))
    >>> extremes([Label("事故数", "Number of accidents")], [Label("起")])
    ('最多', Label(zh='最少', en='lowest'))
    >>> extremes([Label("自行车道", "Cycle paths")], [Label("公里")])
    ('最长', Label(zh='最短', en='shortest'))
    >>> extremes([Label("博物馆", "Museums")], [Label("")])
    ('居首', Label(zh='最低', en='lowest'))
    >>> extremes([Label("绿化率", "Green share")], [Label("")])
    ('最高', Label(zh='最低', en='lowest'))
    """
    counters = "|".join(map("".join, (_WORDS["counters_zh"], _WORDS["counters_en"])))
    is_counted = all(re.fullmatch(counters, uom.zh) for uom in uoms)
    is_counted &= not any(name.zh.endswith(_WORDS["degrees_zh"]) for name in names)
    heads = (
        re.split(r" \(| of | among | by | in | per | for ", name.en)[0]
        for name in names
    )
    fewest = "fewest" if all(re.search("[^s]s$", head) for head in heads) else "lowest"
    english = {"最短": "shortest", "最靠前": "best", "最少": fewest}
    for most, least, ends in _WORDS["extremes"]:
        if all(re.search(f"(?:{ends})$", name.zh) for name in names):
            return most, Label(least, english.get(least, "lowest"))
    if all(re.fullmatch("".join(_WORDS["times"]), uom.zh) for uom in uoms):
        return "最长", Label("最短", "shortest")
    if is_counted:
        return "最多", Label("最少", fewest)
    if any(map(_is_unmeasured, names, uoms)):
        # What is not known to be high or low, many or few, is only first.
        return "居首", Label("最低", "lowest")
    return "最高", Label("最低", "lowest")


def _is_unmeasured(name: Label, uom: Label) -> bool:
    """Tell whether neither unit nor name says what a quantity is measured in."""
    return not (uom.zh or uom.en or name.zh.endswith(_WORDS["degrees_zh"]))


def cities_of(group: Group) -> Label:
    """Return what the cities of a group are called: as declared, else from its name.

    >>> cities_of(Group("n", "北欧", "Nordic countries"))
    Label(zh='北欧城市', en='cities in Nordic countries')
    >>> [cities_of(Group("", "", name)).en for name in ("Capitals", "South", "Large")]
    ['capitals', 'southern cities', 'large cities']
    """
    zh = group.name_zh or group.value
    en = group.name_en or group.value
    first, *others = en.lower().split(" ")
    # A plural says itself what they are.
    is_plural = any(re.search("[^s]s$", word) for word in (first, *others[-1:]))
    english = f"{en} cities" if en.islower() else f"cities in {en}"
    if is_rest(group):
        english = "other cities"
    elif is_plural and (en.islower() or en.lower().endswith(_WORDS["cities_en"])):
        english = inside(Label(zh, en)).en
    english = report_texts("groups").get(en.lower(), {}).get("en", english)
    chinese = zh if zh.endswith(_WORDS["cities_zh"]) else f"{zh}城市"
    return Label(group.cities_zh or chinese, group.cities_en or english)


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


def opened(label: Label) -> Label:
    """Return a text as a sentence begins with it; names keep their letters.

    >>> opened(Label("", "the Index rose")).en, opened(Label("", "u1 rose")).en
    ('The Index rose', 'u1 rose')
    """
    english = label.en.lstrip()
    is_ours = english.partition(" ")[0] in ("the", "it", *_WORDS["units"])
    return Label(label.zh, english[:1].upper() + english[1:] if is_ours else english)
