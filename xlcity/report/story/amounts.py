"""Values with their units as running text has them: 34.0 million arrivals, 1.39亿美元."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlcity.model.count_words import COUNT_WORDS
from xlcity.report.contents import points, rounded
from xlcity.report.texts import report_texts

#: From here on Chinese counts in units of ten thousand.
_TEN_THOUSAND = 10_000
#: What Chinese counts in, the largest first.
_SCALES_ZH = (("万亿", 1e12), ("亿", 1e8), ("万", 1e4))
_SCALES_EN = ((" trillion", 1e12), (" billion", 1e9), (" million", 1e6))
#: Of the words that units count in, those that Chinese has between a number and its unit.
_BETWEEN = ("", "万", "亿", "万亿")
#: Words that units begin with and that do not count there: 千米, 百分点.
_PART_OF_UNIT = ("千", "百")
#: Decimals of values from a size on: more would be false precision.
_DECIMALS = ((1000.0, 0), (100.0, 1), (1.0, 2))
#: A value this many times smaller than the one before it keeps a scale of its own.
_MUCH_SMALLER = 20
#: Units that readers do not need behind a number.
_UNSAID = frozenset(report_texts("words")["unsaid"])


class Said(NamedTuple):
    """A number in words of a language, and the unit behind it."""

    number: str
    uom: str


def said(
    value: float, decimals: int, uom: str, lang: str, beside: float | None = None
) -> Said:
    """Return how a value is said.

    Parameters
    ----------
    beside
        A value of the same indicator just before, whose scale and decimals are taken.

    >>> said(3400.0, 1, "10,000 arrivals", "en"), said(4.2195, 4, "rating 0-5", "en")
    (Said(number='34.0 million', uom=' arrivals'), Said(number='4.22', uom=' out of 5'))
    >>> said(13916.0, 0, "百万美元", "zh"), said(12500.0, 0, "公里", "zh")
    (Said(number='139.16亿', uom='美元'), Said(number='1.25万', uom='公里'))
    >>> said(3.2, 1, "thousand tonnes", "zh"), said(3.2, 1, "十万吨", "zh")
    (Said(number='3.2', uom=' thousand tonnes'), Said(number='32.00万', uom='吨'))
    >>> said(13916.0, 0, "million USD", "en"), said(0.124, 3, "", "en")
    (Said(number='13.9 billion', uom=' USD'), Said(number='0.124', uom=''))
    >>> said(3508400000000.0, 0, "USD", "en").number, said(25484.0, 0, "", "en").number
    ('3.5 trillion', '25,484')
    >>> said(8151.0, 1, "篇", "zh", beside=46091.0), said(56.54, 2, "", "en", beside=111.8)
    (Said(number='0.82万', uom='篇'), Said(number='56.5', uom=''))
    """
    like = value
    if beside is not None and abs(value) >= abs(beside) / _MUCH_SMALLER:
        like = beside
    if lang == "zh":
        return _said_zh(value, decimals, uom, like)
    return _said_en(value, decimals, uom, like)


def exactly(value: float, decimals: int, uom: str, lang: str) -> Said:
    """Return a value with all its decimals, not in units of thousands or more.

    >>> exactly(4.2182, 3, "rating 0-5", "en")
    Said(number='4.218', uom=' out of 5')
    """
    return Said(points(value, decimals), _behind(uom, lang))


def _said_zh(value: float, decimals: int, uom: str, like: float) -> Said:
    prefix = _prefix(uom)
    factor = float(COUNT_WORDS.get(prefix, 1))
    is_small = abs(like) < (_TEN_THOUSAND if prefix in _BETWEEN else 1)
    if is_small or abs(like * factor) < _TEN_THOUSAND:
        own = _like(value, like, decimals)
        return Said(points(value, own), _behind(uom, "zh"))
    word, scale = next(own for own in _SCALES_ZH if abs(like * factor) >= own[1])
    rest = uom.removeprefix(prefix)
    return Said(f"{points(value * factor / scale, 2)}{word}", _behind(rest, "zh"))


def _said_en(value: float, decimals: int, uom: str, like: float) -> Said:
    prefix = _prefix(uom)
    factor = float(COUNT_WORDS.get(prefix, 1))
    rest = _behind(uom.removeprefix(prefix).strip(), "en")
    for word, scale in _SCALES_EN:
        if abs(like * factor) >= scale:
            return Said(f"{points(value * factor / scale, 1)}{word}", rest)
    own = 0 if prefix else _like(value, like, decimals)
    is_large = bool(prefix) or abs(value) >= _DECIMALS[0][0]
    if not is_large:
        return Said(points(value, own), rest)
    return Said(
        f"{float(rounded(value * factor, own)):,.{own}f}".replace("-", "−"), rest
    )


def _like(value: float, like: float, decimals: int) -> int:
    """Return the decimals of a value: no more than those of one that it is written like."""
    return min(shown_decimals(value, decimals), max(shown_decimals(like, decimals), 1))


def _prefix(uom: str) -> str:
    """Return what a unit begins with that counts in more than one; nothing of any other."""
    fitting = [
        word
        for word in COUNT_WORDS
        if uom.startswith(word) and uom != word and word not in _PART_OF_UNIT
    ]
    return max(fitting, key=len, default="")


def shown_decimals(value: float, decimals: int) -> int:
    """Return the decimals that a value of a column is written with, by its size.

    >>> shown_decimals(4.2182, 4), shown_decimals(119.25, 2)
    (2, 1)
    """
    most = next((own for size, own in _DECIMALS if abs(value) >= size), decimals)
    return min(decimals, most)


def _behind(uom: str, lang: str) -> str:
    """Return a unit as it stands behind a number; of what explains a scale its end."""
    ends = re.search(r"(?:^|\D)(\d+) ?[-–] ?(\d+)$", uom)
    if lang == "en" and ends:
        low, high = ends.groups()
        return f" out of {high}" if low == "0" else f" on a scale of {low} to {high}"
    if uom == "percent":
        return "%"
    # A remark in brackets is none of the unit.
    uom = re.sub(r"(?<=.) ?[（(][^（(]*[)）]$", "", uom)
    if not uom or uom.lower() in _UNSAID or re.search("[=（(]", uom):
        return ""
    is_latin = re.match("[A-Za-z]", uom) is not None
    is_apart = is_latin if lang == "zh" else not uom.startswith("%")
    return f" {uom}" if is_apart else uom
