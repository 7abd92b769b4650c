"""How running text writes numbers, ranks, values and lists: the rules of each language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any, NamedTuple

import numpy as np

from xlcity.data_files import toml_beside
from xlcity.figures.contents import Label
from xlcity.report.contents import bound, points, rounded
from xlcity.report.story.amounts import Said, exactly, said
from xlcity.report.wording import count, opening_count, place_words

#: Numbers of things in Chinese.
NUMBERS_ZH = "零一两三四五六七八九十"
#: Most decimals of values; columns with more are computed, and have two.
_DECIMALS = 4
#: Letters of a Chinese unit that is written again.
_SHORT = 8
#: A unit counted per so many people.
_PER_ZH = r"([^/]+)/每?([百千万十]*人)"
#: A letter or digit that is not Chinese.
_LATIN = r"[^\W_\u2e80-\u9fff]"
#: Between items of a list, and before the last one, in Chinese and English.
_JOINS = {
    "and": (("、", "、"), (", ", " and ")),
    "pair": (("、", "和"), (", ", " and ")),
    "comma": (("，", "，"), (", ", ", ")),
    "semi": (("；", "；"), ("; ", "; ")),
    "for": (("、", "、"), (", for ", " and for ")),
    "the": (("、", "、"), (", the ", " and the ")),
    "plain": (("、", "、"), (", ", ", ")),
    "or": (("、", "、"), (", ", " or ")),
    "groups": (("，", "，"), ("; ", "; ")),
}


class Phrase(NamedTuple):
    """A sentence or a part of one: its key in the catalogue, and the values that fill it.

    Of a wording with several variants, `variant` chooses one, so that sections that state the same
    are not worded alike.
    """

    key: str
    values: Mapping[str, object]
    variant: int = 0


class Both(NamedTuple):
    """A value that each language writes of other things."""

    zh: object
    en: object


class RankPlace(NamedTuple):
    """A rank, and whether other cities share it.

    `least` says what a rank counts from where less is better: lowest, shortest.
    """

    number: int
    is_joint: bool = False
    least: str = "lowest"


class Amount(NamedTuple):
    """A value of an indicator, with the decimals of its column and its unit in each language.

    `beside` is a value just before, which it is written like: in the same scale and as exactly.
    With `is_exact` it keeps all its decimals, however large it is.
    """

    value: float
    decimals: int
    uom: Both
    beside: float | None = None
    is_exact: bool = False


def phrase(key: str, /, **values: object) -> Phrase:
    """Return a phrase of the catalogue with its values."""
    return Phrase(key, values)


def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """Return the wording of all findings: key -> Chinese, English, kinds of finding."""
    return toml_beside(__file__, "findings.toml")


def wordings(key: str, lang: str) -> Sequence[str]:
    """Return the variants of a wording in a language."""
    own = catalogue()[key][lang]
    return [own] if isinstance(own, str) else list(own)


def kinds_of(value: object) -> set[int]:
    """Return the kinds of finding that a phrase states, with all its parts.

    >>> kinds_of(phrase("above_mean", groups=[])), kinds_of("a text")
    ({14}, set())
    """
    if isinstance(value, Phrase):
        kinds = {*catalogue()[value.key].get("kinds", ())}
        return kinds.union(*map(kinds_of, value.values.values()))
    if isinstance(value, list | Both):
        return set[int]().union(*map(kinds_of, value))
    return set()


class Writer(Formatter):
    """Writes phrases in one language.

    A field of a pattern names a value and how it is written: `{gap:points}`, `{ranks:place|and}`
    for each of a list and what stands between them. A number without a filter is refused.

    >>> Writer("en").write(phrase("ranks_within", i=6, j=12, k=7, x=1.96))
    'The seven cities ranked sixth to 12th are within 2.0 points of one another.'
    >>> Writer("zh").write(phrase("ranks_within_tied", i=10, j=14, k=6, x=1.96))
    '第10至14位（含并列）的6座城市得分相差不超过2.0分。'

    Parameters
    ----------
    lang
        "zh" or "en".
    decimals
        Those of scores.
    """

    def __init__(self, lang: str, decimals: int = 1) -> None:
        super().__init__()
        self.lang = lang
        self.decimals = decimals

    def write(self, text: Phrase) -> str:
        """Return a phrase in the writer's language."""
        patterns = wordings(text.key, self.lang)
        pattern = patterns[text.variant % len(patterns)]
        # Two names in a row are kept apart where both are in Latin letters.
        written = self.vformat(pattern.replace("}{", "}\x01{"), (), text.values)
        if self.lang == "zh":
            written = re.sub(rf"({_LATIN}[.)†‡]*)\x01(?={_LATIN})", r"\1 ", written)
        return written.replace("\x01", "")

    def sentence(self, text: Phrase) -> str:
        """Return a phrase as a sentence begins with it."""
        written = self.write(text)
        if self.lang == "zh":
            return written
        # No figure opens a sentence, but one that has its unit or decimals.
        if number := re.match(r"\d+(?= )", written):
            opening = opening_count(int(number[0])).en
            return opening + written[number.end() :]
        is_word = re.match("[a-z]{2,}(?![a-z0-9])", written)
        return written[0].upper() + written[1:] if is_word else written

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value as its filter writes it."""
        if value is None:
            return ""
        if isinstance(value, Both):
            return self.format_field(getattr(value, self.lang), format_spec)
        if isinstance(value, Phrase):
            return self.write(value)
        if isinstance(value, Label):
            return value.text(self.lang)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return self._write_list(value, format_spec)
        write = getattr(self, f"_write_{format_spec}")
        return str(write(value))

    def _write_list(self, values: Sequence[object], format_spec: str) -> str:
        each, _, join = format_spec.rpartition("|")
        if join == "places":
            return self._write_places(values)
        texts = [self.format_field(value, each) for value in values]
        if self.lang == "en" and join == "and":
            texts = _with_one_noun(texts)
        between, last = _JOINS[join][self.lang == "en"]
        *before, end = texts or [""]
        return f"{between.join(before)}{last}{end}" if before else end

    def _write_points(self, value: float) -> str:
        return points(value, self.decimals)

    def _write_dots(self, value: float) -> str:
        """Return points with their unit in Chinese, as items of a list."""
        return f"{self._write_points(value)}{'分' * (self.lang == 'zh')}"

    def _write_within(self, value: float) -> str:
        """Return what numbers do not exceed, rounded up."""
        return bound(value, self.decimals)

    def _write_count(self, value: int) -> str:
        return count(value).text(self.lang)

    def _write_opening(self, value: int) -> str:
        return opening_count(value).text(self.lang)

    def _write_spelled(self, value: int) -> str:
        return opening_count(value).en.lower()

    def _write_are(self, value: int) -> str:
        return "is" if value == 1 else "are"

    def _write_plain_place(self, place: RankPlace) -> str:
        return self._write_place(RankPlace(place.number))

    def _write_they(self, value: int) -> str:
        return "it ranks" if value == 1 else "they rank"

    def _write_values(self, value: int) -> str:
        return "value" if value == 1 else "values"

    def _write_scores(self, value: int) -> str:
        return "score" if value == 1 else "scores"

    def _write_ranks(self, value: int) -> str:
        return "rank" if value == 1 else "ranks"

    def _write_lie(self, value: int) -> str:
        return "lies" if value == 1 else "lie"

    def _write_counts(self, value: int) -> str:
        return "counts" if value == 1 else "count"

    def _write_reach(self, value: int) -> str:
        return "reaches" if value == 1 else "reach"

    def _write_cities(self, value: int) -> str:
        return "city" if value == 1 else "cities"

    def _write_figure(self, value: int) -> str:
        return str(value) if self.lang == "zh" else f"{value:,}"

    def _write_ordinal(self, value: int) -> str:
        return place_words(value).text(self.lang)

    def _write_percent(self, share: float) -> str:
        return f"{rounded(100 * share, 0):.0f}%"

    def _write_weight(self, share: float) -> str:
        return f"{rounded(100 * share, 1):.1f}".removesuffix(".0") + "%"

    def _write_r(self, value: float) -> str:
        return points(value, 2)

    def _write_place(self, place: RankPlace) -> str:
        """Return a rank: 第3位, third; 并列第14位, joint 14th."""
        if self.lang == "zh":
            return f"{'并列' * place.is_joint}第{place.number}位"
        return "joint " * place.is_joint + place_words(place.number).en

    def _write_listed(self, place: RankPlace) -> str:
        """Return what rank a city has: 列第3位, 并列第14位."""
        is_plain = self.lang == "zh" and not place.is_joint
        return "列" * is_plain + self._write_place(place)

    def _write_word(self, value: int) -> str:
        """Return a small number in words: 四, four."""
        is_small = self.lang == "zh" and value <= 10
        return NUMBERS_ZH[value] if is_small else self._write_count(value)

    def _write_all(self, value: int) -> str:
        return "both" if value == 2 else f"all {self._write_count(value)}"

    def _write_places(self, places: Sequence[Any]) -> str:
        """Return ranks in a row: 第9、10位, ninth and 10th."""
        if self.lang == "en":
            return self._write_list(places, "place|pair")
        if any(place.is_joint for place in places):
            return "、".join(_place_in_row(place) for place in places)
        listed = "、".join(str(place.number) for place in places)
        return f"第{listed}位"

    def _write_lowest(self, place: RankPlace) -> str:
        """Return the rank of an indicator of which less is better: third lowest."""
        if self.lang == "zh":
            return self._write_place(place)
        if place.number == 1:
            return "joint " * place.is_joint + place.least
        return f"{self._write_place(place)} {place.least}"

    def _write_number(self, amount: Amount) -> str:
        """Return a value without its unit."""
        return self._said(amount).number

    def _write_value(self, amount: Amount) -> str:
        """Return a value with its unit; Chinese has before it what is counted per."""
        own = self._said(amount)
        if per := self._per(own):
            return f"每{per[2]}{own.number}{per[1]}"
        return "".join(own)

    def _per(self, own: Said) -> re.Match[str] | None:
        """Return the parts of a Chinese unit such as 件/百万人: what is counted, and per what."""
        return re.fullmatch(_PER_ZH, own.uom) if self.lang == "zh" else None

    def _write_again(self, amount: Amount) -> str:
        """Return a value whose unit was written before: only short ones are written again."""
        own = self._said(amount)
        if per := self._per(own):
            return own.number + per[1]
        is_short = own.uom == "%" or (self.lang == "zh" and len(own.uom) <= _SHORT)
        return own.number + own.uom * is_short

    def _said(self, amount: Amount) -> Said:
        uom = str(getattr(amount.uom, self.lang))
        if amount.is_exact:
            return exactly(amount.value, amount.decimals, uom, self.lang)
        return said(amount.value, amount.decimals, uom, self.lang, beside=amount.beside)


def _place_in_row(place: RankPlace) -> str:
    """Return a rank in Chinese that says behind it whether cities share it."""
    joint = "（并列）" if place.is_joint else ""
    return f"第{place.number}位{joint}"


def _with_one_noun(names: list[str]) -> list[str]:
    """Return names in a row with what they all end in once.

    >>> _with_one_noun(["the Social domain", "the Political domain"])
    ['the Social', 'Political domains']
    >>> _with_one_noun(["health services", "the Social domain"])
    ['health services', 'the Social domain']
    """
    parts = [re.fullmatch("the (.+) (domain|dimension)", name) for name in names]
    nouns = {part[2] for part in parts if part}
    is_clear = not any(" and " in name for name in names)
    if len(names) < 2 or not all(parts) or len(nouns) > 1 or not is_clear:
        return names
    *short, last = (part[1] for part in parts if part)
    return [f"the {short[0]}", *short[1:], f"{last} {nouns.pop()}s"]


def column_decimals(values: Sequence[float]) -> int:
    """Return the decimals of the numbers of a column, as it was entered.

    >>> column_decimals([1.2, 3.0, 0.45]), column_decimals([7.0, 12.0])
    (2, 0)
    """
    texts = (f"{value:.6g}" for value in values if np.isfinite(value))
    every = (len(text.partition(".")[2]) for text in texts if "e" not in text)
    decimals = max(every, default=0)
    return decimals if decimals <= _DECIMALS else 2
