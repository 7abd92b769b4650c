"""The patterns of `claims.toml` and `words.toml`, and numbers in digits or words."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from xlcity.audit.text.marks import SIGNS
from xlcity.data_files import toml_beside

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_CHINESE = re.compile(
    "(?:[一二三四五六七八九两]?百)?零?(?:[一二三四五六七八九两]*十)?[零〇一二三四五六七八九两]*"
)
#: Share by which a fraction or a multiple in words may be off.
ROUGHLY = 0.07
_MACRO = re.compile(r"\{([a-z_]\w*)(?::(\w+))?\}")
#: English words, joined ones whole, Chinese numbers, and other signs.
_WORD_OR_SIGN = re.compile(r"[a-z]+(?:-[a-z]+)*|[一二三四五六七八九十百两]+|\S")
_NUMBER = re.compile(
    r"\d+(?:,\d{3})*(?:\.\d+)?|[零一二三四五六七八九十百两]+|[A-Za-z]+"
)


def declarations() -> dict[str, Any]:
    """Return the names, macros and patterns of `claims.toml`."""
    return toml_beside(__file__, "claims.toml")


@cache
def _numerals() -> tuple[Mapping[str, int], Mapping[str, float]]:
    """Return the English numbers, and the fractions and multiples in words."""
    macros = declarations()["macros"]
    units, tens, ordinals = (
        macros[name].split("|") for name in ("units", "tens", "ordinals")
    )
    places = {word: n for n, word in enumerate(ordinals, 1)}
    numbers = {word: n for n, word in enumerate(units, 1)} | places
    parts = {
        word + end: 1 / n for word, n in places.items() if n > 2 for end in ("", "s")
    }
    numbers |= {word: 10 * n for n, word in enumerate(tens, 2)}
    return numbers, parts | declarations()["factors"]["multiples"]


def whole_number(text: str) -> int | None:
    """Return a number in digits or words.

    >>> whole_number("十四"), whole_number("二十"), whole_number("Forty-two"), whole_number("3rd")
    (14, 20, 42, 3)
    """
    text = text.strip().lower()
    if digits := re.match(r"\d+", text.replace(",", "")):
        return int(digits[0])
    numbers = _numerals()[0]
    if all(word in numbers for word in text.split("-")):
        return sum(numbers[word] for word in text.split("-"))
    if not text or not _CHINESE.fullmatch(text):
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
    numbers = [
        n for word in _NUMBER.findall(text) if (n := whole_number(word)) is not None
    ]
    if len(numbers) == 2 and re.search(r"至|到", text):
        return [*range(numbers[0], numbers[1] + 1)]
    return numbers


def quantity(text: str) -> tuple[float, float]:
    """Return a quantity in digits or words, and half a unit of its last digit.

    A fraction or a multiple in words is taken for 7 % more or less.

    >>> quantity("four and a half"), quantity("17.3"), quantity("a third")[0] * 3
    ((4.5, 0.25), (17.3, 0.05), 1.0)
    >>> quantity("三分之二")[0] * 3, quantity("四成")[0], quantity("three times")[0]
    (2.0, 0.4, 3.0)
    >>> quantity("twenty-one"), quantity("二十三"), quantity("two-thirds")[0] * 3
    ((21.0, 0.5), (23.0, 0.5), 2.0)
    >>> quantity("one-third")[0] * 3, round(quantity("three-tenths")[0], 9)
    (1.0, 0.3)
    """
    text = text.strip().lower()
    if digits := re.search(r"\d[\d,]*(?:\.(\d+))?", text):
        return float(digits[0].replace(",", "")), 0.5 * 10.0 ** -len(digits[1] or "")
    if "分之" in text:
        whole, part = (whole_number(n) for n in text.split("分之"))
        return (part or 1) / (whole or 1), ROUGHLY * (part or 1) / (whole or 1)
    multiples = _numerals()[1]
    words = [
        word
        for joined in _WORD_OR_SIGN.findall(text.replace(" and a half", ""))
        for word in (
            joined.split("-")
            if joined.split("-")[-1] in multiples or whole_number(joined) is None
            else [joined]
        )
    ]
    numbers = [
        n for w in words if w not in multiples and (n := whole_number(w)) is not None
    ]
    multiple = next((multiples[word] for word in words if word in multiples), None)
    number = float(numbers[0]) if numbers else math.nan if multiple is None else 1.0
    if " and a half" in text:
        return number + 0.5, 0.25
    return (
        (number, 0.5)
        if multiple is None
        else (number * multiple, ROUGHLY * number * multiple)
    )


@cache
def claim_patterns() -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    """Return the patterns of claims with their declarations."""
    claims = declarations()["claims"].items()
    return tuple(
        (compiled(claim["pattern"]), {"kind": kind, **claim})
        for kind, several in claims
        for claim in several
    )


@cache
def listed_patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of lists of cities that a sentence ranks within."""
    return tuple(map(compiled, declarations()["listed"]["patterns"]))


class _Words:
    """The patterns of words by what they mean, each compiled when it is first asked for."""

    def __getattr__(self, meaning: str) -> re.Pattern[str]:
        if meaning.startswith("__"):  # what Python itself asks of an object
            raise AttributeError(meaning)
        pattern = compiled(_pattern_of(meaning))
        setattr(self, meaning, pattern)
        return pattern

    def __getitem__(self, meaning: str) -> re.Pattern[str]:
        pattern: re.Pattern[str] = getattr(self, meaning)
        return pattern


#: What words mean, of `words.toml`: `WORDS.more.search(text)`.
WORDS = _Words()


def _pattern_of(meaning: str) -> str:
    """Return the pattern of a meaning, or of a macro: one of its parts."""
    macros = declarations()["macros"]
    if meaning in macros:
        return str(macros[meaning])
    parts = toml_beside(__file__, "words.toml")[meaning]
    return "|".join(part for name, part in parts.items() if name != "says")


def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern with its macros written out."""

    def replace(match: re.Match[str]) -> str:
        part, name = match.groups()
        if part in SIGNS:
            return SIGNS[part]
        opening = f"?P<{name}>" if name else "?:"
        return f"({opening}{_MACRO.sub(replace, _pattern_of(part))})"

    return re.compile(_MACRO.sub(replace, pattern))
