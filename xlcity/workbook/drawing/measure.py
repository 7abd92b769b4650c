"""How much room a text takes: widths and lines, estimated so that nothing is cut off.

Fonts differ between machines, so the estimate errs on the wide side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

#: Points from baseline to baseline per point of font size, and the air around a cell's text.
_LEADING = 1.36
_AIR = 4.0
#: Width of a Latin letter in column units (digits of the default font) at 10 points.
_LATIN = 1.08
_WIDE = 1.95
#: Wide are ideographs and all behind them, and these signs.
_SIGNS = "“”‘’…—·①②③→←"
_WIDE_ONES = f"\u2e80-\U0010ffff{_SIGNS}"
#: What is kept on one line: a Latin word with its space, or one wide character.
_WORD = re.compile(f"[\\n{_WIDE_ONES}]|[^\\n{_WIDE_ONES} -]*[ -]|[^\\n{_WIDE_ONES} -]+")


@lru_cache(maxsize=20_000)
def width(text: str, size: float = 10) -> float:
    """Return the width of one line of text in column units."""
    units = sum(_WIDE if ord(c) >= 0x2E80 or c in _SIGNS else _LATIN for c in text)
    return units * size / 10


def lines(text: str, column: float, size: float = 10) -> int:
    """Return how many lines a wrapped text takes in a column of a width."""
    room = max(column - 1.0, 1.0)
    count, used = 1, 0.0
    for word in _WORD.findall(text):
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


def height(texts: Iterable[tuple[str, float]], size: float = 10, least: float = 15.0) -> float:
    """Return the row height that holds every (text, column width) of a row."""
    most = max((lines(text, column, size) for text, column in texts), default=1)
    return max(least, round(most * size * _LEADING + _AIR, 1))
