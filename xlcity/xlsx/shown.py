"""What a workbook shows beside its cells, in words: English as seals keep it, and as readers do.

Settings, formats and charts are told in a small language of phrases, which a seal stores and which
are compared as texts. `shown.csv` has the phrases, a column for each language; `{}` is a part that
may be a phrase itself, or what somebody typed. A phrase that a language lacks is said in English.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.messages import Message, shortened, template_of
from xlcity.messages import catalogue as message_catalogue

TABLE = Path(__file__).with_name("shown.csv")
_ENGLISH = "en"
#: Phrases of several parts, and the first one there: what is in quotes is not divided.
_DIVIDING = ("{}; {}", "{} instead of {}")
_UNDIVIDED = (
    r"""((?:[^'"]|(?<=\w)['"]|(?<!\w)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))+?)"""
)
_QUOTES = ("'", '"')


class Shown(Message):
    """Something that a workbook shows, in words.

    >>> Shown("print scale").in_language("zh"), Shown("bold, fill FF0000").in_language("zh")
    ('缩放比例', '加粗、填充 FF0000')
    """

    def __new__(cls, key: str, /, **values: Any) -> Shown:
        """Make it of its words in English."""
        shown = str.__new__(cls, shortened(key))
        shown.key = key
        shown.values = values
        return shown

    def in_language(self, language: str, on_page: bool = False) -> str:
        """Return it in the words of a language."""
        if language == _ENGLISH:
            return str(self)
        return shortened(_say(self.key, language))


def _say(text: str, language: str) -> str:
    """Return a phrase, or a list of phrases with commas between them, in a language.

    What is in quotes was typed by a person, and is left as it is.
    """
    is_quoted = text[:1] in _QUOTES and text.endswith(text[0])
    if is_quoted and text.count(text[0]) == 2:
        return text
    whole = _say_phrase(text, language)
    parts = text.split(", ")
    items = [_say_phrase(part, language) for part in parts]
    # It is a list where each part is a phrase: "10 rows, 4 columns"; or where the whole is none.
    is_list = all(item != part for item, part in zip(items, parts, strict=True))
    if is_list or (whole == text and items != parts):
        return _between(language).join(items)
    return whole


def _say_phrase(text: str, language: str) -> str:
    phrases = _phrases(language)
    if text in phrases.exact:
        return phrases.exact[text]
    for phrase in phrases.with_parts:
        if match := phrase.pattern.fullmatch(text):
            parts = [_say(part, language) for part in match.groups()]
            return phrase.target.format(*parts)
    return text


def _between(language: str) -> str:
    return template_of(message_catalogue()["list.between"], language)


class _Phrase(NamedTuple):
    """A phrase with parts: what finds it, and how a language says it."""

    pattern: re.Pattern[str]
    target: str


class _Phrases(NamedTuple):
    """The phrases of a language: those without parts, and those with some, the first first."""

    exact: dict[str, str]
    with_parts: list[_Phrase]


def _rows() -> Iterator[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _phrases(language: str) -> _Phrases:
    phrases = _Phrases({}, [])
    for row in _rows():
        english = row[_ENGLISH]
        target = row.get(language)
        if not target:
            continue
        if "{}" not in english:
            phrases.exact[english] = target
            continue
        pattern = "(.+?)".join(map(re.escape, english.split("{}")))
        if english in _DIVIDING:
            pattern = _UNDIVIDED + pattern.removeprefix("(.+?)")
        phrases.with_parts.append(_Phrase(re.compile(pattern, re.DOTALL), target))
    return phrases
