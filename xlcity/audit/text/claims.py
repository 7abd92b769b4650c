"""Claims of a sentence, found by the patterns of `claims.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from xlcity.audit.text.names import MarkedSentence
from xlcity.data_files import toml_beside

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WORDS = {
    word: n
    for n, words in {
        1: "one first", 2: "two second", 3: "three third", 4: "four fourth", 5: "five fifth",
        6: "six sixth", 7: "seven seventh", 8: "eight eighth", 9: "nine ninth", 10: "ten tenth",
        11: "eleven", 12: "twelve", 15: "fifteen", 20: "twenty", 30: "thirty", 50: "fifty",
    }.items()
    for word in words.split()
}  # fmt: skip
_COMMA = re.compile(r"[，。；！？;]|,\s")
_MACRO = re.compile(r"\{([a-z_]\w*)(?::(\w+))?\}")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[零一二三四五六七八九十百两]+|[A-Za-z]+")


def declarations() -> dict[str, Any]:
    """Return the names, macros, patterns and words of `claims.toml`."""
    return toml_beside(__file__, "claims.toml")


@dataclass(frozen=True)
class TextClaim:
    """Something that a sentence states.

    Attributes
    ----------
    kind
        Which check it needs: "rank", "top", …
    sentence
        The marked sentence.
    start, end
        Where it begins (with its subject) and ends.
    who, other
        The cities it is about, and those they are compared with.
    parts
        Name -> text that the pattern captured.
    options
        What its declaration adds: `place`.
    from_before
        Whether its subject is that of an earlier sentence.
    match
        Where the words of the pattern begin.
    """

    kind: str
    sentence: MarkedSentence
    start: int
    end: int
    who: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    from_before: bool = False
    match: int = 0

    @property
    def span(self) -> str:
        """The text from its subject to its end."""
        return self.sentence.text[self.start : self.end]

    @property
    def tail(self) -> str:
        """The clause of its number, from the last comma before it."""
        text = self.sentence.text
        begin = max((m.end() for m in _COMMA.finditer(text, 0, self.match)), default=0)
        return text[max(begin, min(self.clause, self.start)) : self.end]

    @property
    def clause(self) -> int:
        """Where the clause of its subject begins."""
        ends = [m.end() for m in _COMMA.finditer(self.sentence.text, 0, self.start)]
        return max(ends, default=0)

    @property
    def words(self) -> str:
        """The same, as it was written."""
        return self.sentence.words(self.span)

    def number(self, name: str) -> int | None:
        """Return a captured whole number."""
        text = self.parts.get(name)
        return whole_number(text) if text else None

    def has(self, name: str) -> bool:
        """Tell whether a part was captured."""
        return bool(self.parts.get(name))


def whole_number(text: str) -> int | None:
    """Return a number in digits or words.

    >>> whole_number("十四"), whole_number("二十"), whole_number("Twelve"), whole_number("3rd")
    (14, 20, 12, 3)
    """
    text = text.strip().lower()
    if digits := re.match(r"\d+", text.replace(",", "")):
        return int(digits[0])
    if text in _WORDS:
        return _WORDS[text]
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
    """Return the compiled patterns with their declarations."""
    every = declarations()
    return tuple((re.compile(expanded(c["pattern"], every["macros"])), c) for c in every["claim"])


@cache
def subjects() -> re.Pattern[str]:
    """Return the pattern of a list of cities."""
    return re.compile(expanded("{cities}", declarations()["macros"]))


def expanded(pattern: str, macros: Mapping[str, str]) -> str:
    """Return a pattern with its macros written out."""

    def replace(match: re.Match[str]) -> str:
        macro, name = match.groups()
        if macro not in macros:
            return match[0]
        inner = expanded(macros[macro], macros)
        return f"(?P<{name}>{inner})" if name else f"(?:{inner})"

    return _MACRO.sub(replace, pattern)


def find_claims(sentence: MarkedSentence, before: tuple[str, ...] = ()) -> Iterator[TextClaim]:
    """Yield the claims of a sentence.

    Parameters
    ----------
    sentence
        The marked sentence.
    before
        The cities that the text was about before it: the subject of a sentence without one.
    """
    seen: list[tuple[str, int, int]] = []
    for pattern, options in patterns():
        for match in pattern.finditer(sentence.text):
            parts = {k: v for k, v in match.groupdict().items() if v is not None}
            start = match.start()
            who = tuple(sentence.cities(parts.get("who", "")))
            from_before = False
            if options.get("subject") == "before":
                run = _subject(sentence.text, match.start())
                if run:
                    who, start = tuple(sentence.cities(run[0])), run.start()
                else:
                    who, from_before = before, True
                if not who:
                    continue
            kind = options["kind"]
            if any(k == kind and a < match.end() and match.start() < b for k, a, b in seen):
                continue
            seen.append((kind, match.start(), match.end()))
            other = tuple(sentence.cities(parts.get("other", "")))
            claim = TextClaim(
                kind, sentence, start, match.end(), who, other, parts, options,
                from_before, match.start(),
            )  # fmt: skip
            if "unless" not in options or not re.search(options["unless"], claim.tail):
                yield claim


def _subject(text: str, end: int) -> re.Match[str] | None:
    """Return the last cities before a claim that are not what others are compared with."""
    words = declarations()["names"]
    beside = re.compile(f"(?:{words['compared']})$")
    after = re.compile(words["passed"])
    for run in reversed([*subjects().finditer(text, 0, end)]):
        if not beside.search(text, max(0, run.start() - 14), run.start()) and not after.match(
            text, run.end()
        ):
            return run
    return None
