"""What audits of printed tables and reproductions say as evidence, in the user's language.

Evidence is put together from phrases, and what is kept of a report is a text of its files: both are
found in `texts.csv` by their English. All other texts are messages, which know their keys.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from xlcity.api.texts import language, told
from xlcity.messages import Message

TABLE = Path(__file__).with_name("texts.csv")
#: Where parts of a phrase are looked for as well.
_PLACES = ("place",)


def translated(text: str, *keys: str) -> str:
    """Return a text in the user's language, or as it is where the table has none.

    Parameters
    ----------
    text
        The English text.
    keys
        Where it may be listed: "tables", "reproduce", "place".
    """
    if isinstance(text, Message):
        return told(text)
    phrases = _phrases(language())
    for key in keys:
        if (key, text) in phrases.exact:
            return phrases.exact[key, text]
    for key in keys:
        for phrase in phrases.with_parts.get(key, ()):
            if match := phrase.pattern.fullmatch(text):
                parts = [_translated_list(part) for part in match.groups()]
                return phrase.target.format(*parts)
    return text


def _translated_list(text: str) -> str:
    """Return a place, or a list of places with commas between them."""
    whole = translated(text, *_PLACES)
    parts = text.split(", ")
    items = [translated(part, *_PLACES) for part in parts]
    return "、".join(items) if whole == text and items != parts else whole


class _EvidencePhrase(NamedTuple):
    """A phrase with parts: what finds it, and how a language says it."""

    pattern: re.Pattern[str]
    target: str


class _EvidencePhrases(NamedTuple):
    """Phrases of a language: those without parts by key and text, by key those with some."""

    exact: dict[tuple[str, str], str]
    with_parts: dict[str, list[_EvidencePhrase]]


@cache
def _phrases(wanted: str) -> _EvidencePhrases:
    phrases = _EvidencePhrases({}, {})
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = [*csv.DictReader(file)]
    for row in rows:
        english = row["en"]
        target = row.get(wanted)
        if not target or wanted == "en":
            continue
        if "{}" not in english:
            phrases.exact[row["key"], english] = target
            continue
        pattern = "(.+?)".join(map(re.escape, english.split("{}")))
        if english.startswith("{} ("):
            # The sentence before the brackets may have some of its own.
            pattern = "(.+)" + pattern.removeprefix("(.+?)")
        phrase = _EvidencePhrase(re.compile(pattern, re.DOTALL), target)
        phrases.with_parts.setdefault(row["key"], []).append(phrase)
    return phrases
