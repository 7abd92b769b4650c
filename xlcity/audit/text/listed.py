"""Lists of cities that a sentence ranks within: "among A, B and C", 在甲、乙两座城市中."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from xlcity.audit.text.claims import declarations, expanded, whole_number
from xlcity.audit.text.evidence import LISTED
from xlcity.audit.text.names import GROUP, YEAR, MarkedSentence


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    every = declarations()
    return tuple(
        re.compile(expanded(pattern, every["macros"])) for pattern in every["listed"]["patterns"]
    )


def with_listed(sentence: MarkedSentence, before: Sequence[tuple[str, ...]]) -> MarkedSentence:
    """Return a sentence with one character in the place of each list that it ranks within.

    Parameters
    ----------
    sentence
        The marked sentence.
    before
        Lists of cities of the sentences before: "of these four cities" means the last one of four.
    """
    mentions, plain = dict(sentence.mentions), dict(sentence.plain)

    def listed(match: re.Match[str]) -> str:
        parts = match.groupdict()
        cities = tuple(sentence.cities(parts.get("who") or ""))
        count = whole_number(parts["count"]) if parts.get("count") else None
        if not cities:
            cities = next(
                (mentioned for mentioned in reversed(before) if len(mentioned) == count), ()
            )
        if not cities or count not in (None, len(cities)):
            return match[0]
        char = chr(max((ord(c) for c in mentions if GROUP <= ord(c) < YEAR), default=GROUP - 1) + 1)
        mentions[char] = (((LISTED, "\n".join(cities)),),)
        plain[char] = sentence.words(match[0])
        return char

    text = sentence.text
    for pattern in _patterns():
        text = pattern.sub(listed, text)
    return replace(sentence, text=text, mentions=mentions, plain=plain)
