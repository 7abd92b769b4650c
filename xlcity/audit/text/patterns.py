"""The patterns of `claims.toml` and `words.toml`, and numbers in digits or words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from xlcity.audit.text.marks import SIGNS
from xlcity.data_files import toml_beside

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_HALF = " and a half"
#: A pattern of claims, and its declaration.
ClaimPattern = tuple[re.Pattern[str], Mapping[str, Any]]
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


class _Numerals(NamedTuple):
    """English numbers, and fractions and multiples in words."""

    numbers: Mapping[str, int]
    multiples: Mapping[str, float]


@cache
def _numerals() -> _Numerals:
    """Return the numbers in words that `claims.toml` declares."""
    macros = declarations()["macros"]
    numbers: dict[str, int] = {}
    multiples: dict[str, float] = {}
    for number, word in enumerate(macros["units"].split("|"), 1):
        numbers[word] = number
    for number, word in enumerate(macros["ordinals"].split("|"), 1):
        numbers[word] = number
        if number > 2:
            multiples |= {word: 1 / number, f"{word}s": 1 / number}
    for number, word in enumerate(macros["tens"].split("|"), 2):
        numbers[word] = 10 * number
    return _Numerals(numbers, multiples | declarations()["factors"]["multiples"])


def whole_number(text: str) -> int | None:
    """Return a number in digits or words.

    >>> whole_number("十四"), whole_number("二十"), whole_number("Forty-two"), whole_number("3rd")
    (14, 20, 42, 3)
    """
    text = text.strip().lower()
    digits = re.match(r"\d+", text.replace(",", ""))
    if digits:
        return int(digits[0])
    words = text.split("-")
    numbers = _numerals().numbers
    if all(word in numbers for word in words):
        return sum(numbers[word] for word in words)
    return _chinese_number(text) if text and _CHINESE.fullmatch(text) else None


def _chinese_number(text: str) -> int:
    """Return a number in Chinese signs, up to 999."""
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
    numbers = _read_numbers(_NUMBER.findall(text))
    if len(numbers) == 2 and re.search(r"至|到", text):
        return [*range(numbers[0], numbers[1] + 1)]
    return numbers


def _read_numbers(words: Iterable[str]) -> list[int]:
    """Return the whole numbers among words."""
    return [number for number in map(whole_number, words) if number is not None]


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
    digits = re.search(r"\d[\d,]*(?:\.(\d+))?", text)
    if digits:
        decimals = len(digits[1] or "")
        return float(digits[0].replace(",", "")), 0.5 * 10.0**-decimals
    if "分之" in text:
        whole, part = (whole_number(n) or 1 for n in text.split("分之"))
        return part / whole, ROUGHLY * part / whole
    return _quantity_in_words(text)


def _quantity_in_words(text: str) -> tuple[float, float]:
    """Return a quantity of number words, fractions and multiples, and by how much it is off."""
    words = _split_words(text.replace(_HALF, ""))
    multiples = _numerals().multiples
    factors = [multiples[word] for word in words if word in multiples]
    numbers = _read_numbers(word for word in words if word not in multiples)
    number = 1.0 if factors else math.nan
    if numbers:
        number = float(numbers[0])
    if _HALF in text:
        return number + 0.5, 0.25
    if factors:
        return number * factors[0], ROUGHLY * number * factors[0]
    return number, 0.5


def _split_words(text: str) -> list[str]:
    """Return words and signs; of "two-thirds" both parts, of "twenty-one" the whole."""
    multiples = _numerals().multiples
    words: list[str] = []
    for joined in _WORD_OR_SIGN.findall(text):
        parts = joined.split("-")
        is_number = parts[-1] not in multiples and whole_number(joined) is not None
        words += [joined] if is_number else parts
    return words


@cache
def claim_patterns() -> tuple[ClaimPattern, ...]:
    """Return the patterns of claims with their declarations."""
    patterns = []
    for kind, several in declarations()["claims"].items():
        for claim in several:
            patterns.append((compiled(claim["pattern"]), {"kind": kind, **claim}))
    return tuple(patterns)


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
