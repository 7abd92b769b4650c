"""How much room a text takes: widths and lines, estimated so that nothing is cut off.

Fonts differ between machines, so the estimate errs on the wide side. Labels can be switched to
both languages in the finished book, so rows are made for both at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

#: Points from baseline to baseline per point of font size, and the air around a cell's text.
_LEADING = 1.36
_AIR = 4.0
#: Width of a Latin letter in column units (digits of the default font) at 10 points.
_LATIN = 1.08
_WIDE = 1.95


def _is_wide(character: str) -> bool:
    return ord(character) >= 0x2E80 or character in "“”‘’…—·①②③→←"


def width(text: str, size: float = 10) -> float:
    """Return the width of one line of text in column units."""
    units = sum(_WIDE if _is_wide(c) else _LATIN for c in text)
    return units * size / 10


def lines(text: str, column: float, size: float = 10) -> int:
    """Return how many lines a wrapped text takes in a column of a width."""
    room = max(column - 1.0, 1.0)
    count, used = 1, 0.0
    for word in _words(text):
        if word == "\n":
            count, used = count + 1, 0.0
            continue
        need = width(word, size)
        if used + width(word.rstrip(), size) > room and used:
            count, used = count + 1, 0.0
        if need > room:
            count += math.ceil(need / room) - 1
            need %= room
        used += need
    return count


def _words(text: str) -> Iterable[str]:
    """Yield what is kept on one line: a Latin word with its space, or one wide character."""
    word = ""
    for character in text:
        if character == "\n" or _is_wide(character):
            if word:
                yield word
                word = ""
            yield character
        else:
            word += character
            if character in " -":
                yield word
                word = ""
    if word:
        yield word


def height(texts: Iterable[tuple[str, float]], size: float = 10, least: float = 15.0) -> float:
    """Return the row height that holds every (text, column width) of a row."""
    most = max((lines(text, column, size) for text, column in texts), default=1)
    return max(least, round(most * size * _LEADING + _AIR, 1))
