"""Characters in codes and names that cannot be seen, or that look like Latin letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from xlcity.errors import Problem, Where

#: What a cell holds at most.
LONGEST = 32_767
#: Categories of characters that show nothing: controls, zero-width and direction marks, separators.
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
#: Letters, by category, that are drawn as nothing.
_FILLERS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0")
#: Cyrillic and Greek letters -> the Latin ones that they look like.
_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲϳ",
    "ABESIJKMHOPCTYXaesijopcyxdhqwABEZHIKMNOPTYXocj",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WORD = re.compile(r"\w+")
_IS_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


def match_text(text: str) -> str:
    """Return what texts have alike that a spreadsheet program takes for equal.

    >>> match_text("Straße") == match_text("STRASSE"), match_text("ﬁne") == match_text("fine")
    (True, True)
    """
    return unicodedata.normalize("NFC", text.casefold())


def look_of(text: str) -> str:
    """Return what texts have alike that a reader takes for equal.

    >>> look_of("О\u200bslo") == look_of("oslo")
    True
    """
    seen = "".join(char for char in text if not _is_unseen(char))
    return match_text(seen.translate(_LATIN))


def odd_characters(text: str) -> str:
    """Return which characters of a text cannot be seen, or look like those beside them.

    >>> odd_characters("A\u200b1"), odd_characters("Осло"), odd_characters("Оslo")
    ('U+200B ZERO WIDTH SPACE', '', 'U+041E CYRILLIC CAPITAL LETTER O')
    """
    if text.isascii() and text.isprintable():
        return ""
    odd = [char for char in text if _is_unseen(char)]
    for word in _WORD.findall(text):
        if _IS_LATIN.search(word):
            odd += [char for char in word if char.translate(_LATIN) != char]
    names = (f"U+{ord(char):04X} {unicodedata.name(char, 'control')}" for char in odd)
    return ", ".join(dict.fromkeys(names))


def _is_unseen(char: str) -> bool:
    return char in _FILLERS or unicodedata.category(char) in _UNSEEN


def code_problem(text: str, where: Where) -> Problem | None:
    """Return why a text cannot be a code."""
    if odd := odd_characters(text):
        message = f"{text!r} has characters that cannot be seen or look like others: {odd}."
        return Problem("XC227", message, "Type it again.", where)
    return length_problem(text, where)


def length_problem(text: str, where: Where) -> Problem | None:
    """Return that a text is longer than a cell can hold, if it is."""
    if len(text) <= LONGEST:
        return None
    message = f"the text {text[:20]!r}… has {len(text):,} characters; a cell holds {LONGEST:,}."
    return Problem("XC227", message, "Shorten it.", where)


class AlikeIds:
    """Finds ids of cities that cannot be used, or that a program or a reader takes for equal."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def problems(self, unit_id: str, where: Where) -> Iterator[Problem]:
        """Yield what is wrong with an id that comes for the first time."""
        check = code_problem if _CONTROL.search(unit_id) else length_problem
        if problem := check(unit_id, where):
            yield problem
        if (other := self._first.setdefault(look_of(unit_id), unit_id)) != unit_id:
            message = f"the cities {other} and {unit_id} cannot be told apart."
            yield Problem("XC313", message, "If they are one, use one name in all tables.", where)


def name_notes(where: Where, *names: str) -> Iterator[Problem]:
    """Yield the names with characters that cannot be seen or look like others; they are used."""
    for name in dict.fromkeys(names):
        if odd := odd_characters("".join(name.split())):
            message = f"{name!r} has characters that cannot be seen or look like others: {odd}."
            yield Problem("XC228", message, "If they are not meant, type the name again.", where)
