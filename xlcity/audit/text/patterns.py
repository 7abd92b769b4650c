"""The patterns of `claims.toml`, and numbers in digits or words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from xlcity.data_files import toml_beside

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WORDS = {
    word: n
    for n, words in {
        1: "one first", 2: "two second", 3: "three third", 4: "four fourth", 5: "five fifth",
        6: "six sixth", 7: "seven seventh", 8: "eight eighth", 9: "nine ninth", 10: "ten tenth",
        11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen",
        17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty", 40: "forty",
        50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety",
    }.items()
    for word in words.split()
}  # fmt: skip
_MACRO = re.compile(r"\{([a-z_]\w*)(?::(\w+))?\}")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[零一二三四五六七八九十百两]+|[A-Za-z]+")


def declarations() -> dict[str, Any]:
    """Return the names, macros, patterns and words of `claims.toml`."""
    return toml_beside(__file__, "claims.toml")


def whole_number(text: str) -> int | None:
    """Return a number in digits or words.

    >>> whole_number("十四"), whole_number("二十"), whole_number("Forty-two"), whole_number("3rd")
    (14, 20, 42, 3)
    """
    text = text.strip().lower()
    if digits := re.match(r"\d+", text.replace(",", "")):
        return int(digits[0])
    if all(word in _WORDS for word in text.split("-")):
        return sum(_WORDS[word] for word in text.split("-"))
    if not text or any(c not in _DIGITS and c not in "十百" for c in text):
        return None
    total = 0
    for sign, size in (("百", 100), ("十", 10)):
        if sign in text:
            head, _, text = text.partition(sign)
            total += (_DIGITS[head[-1]] if head else 1) * size
    return total + (_DIGITS[text[-1]] if text else 0)


def place_numbers(text: str) -> list[int]:
    """Return the places of a text, ranges written out.

    >>> place_numbers("第7和第8位"), place_numbers("五到八位"), place_numbers("third")
    ([7, 8], [5, 6, 7, 8], [3])
    """
    numbers = [n for word in _NUMBER.findall(text) if (n := whole_number(word)) is not None]
    if len(numbers) == 2 and re.search(r"至|到", text):
        return [*range(numbers[0], numbers[1] + 1)]
    return numbers


@cache
def patterns() -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    """Return the patterns of claims with their declarations."""
    return tuple((_compiled(claim["pattern"]), claim) for claim in declarations()["claim"])


@cache
def listed_patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of lists of cities that a sentence ranks within."""
    return tuple(map(_compiled, declarations()["listed"]["patterns"]))


@cache
def number_words() -> dict[str, re.Pattern[str]]:
    """Return the words around numbers."""
    return {name: _compiled(pattern) for name, pattern in declarations()["numbers"].items()}


@cache
def subjects() -> re.Pattern[str]:
    """Return the pattern of a list of cities."""
    return _compiled("{cities}")


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern with its macros written out."""
    macros = declarations()["macros"]

    def replace(match: re.Match[str]) -> str:
        macro, name = match.groups()
        if macro not in macros:
            return match[0]
        return f"(?{f'P<{name}>' if name else ':'}{_MACRO.sub(replace, macros[macro])})"

    return re.compile(_MACRO.sub(replace, pattern))
