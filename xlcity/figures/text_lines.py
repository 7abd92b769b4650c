"""How wide texts are, by the fonts that draw them, and the lines that they are broken into."""

from __future__ import annotations

import re

from xlcity.figures.fonts import letter_width
from xlcity.figures.style import POINT

#: After a hyphen inside a word.
_HYPHEN = re.compile(r"(?<=[A-Za-z]-)(?=[A-Za-z])")
#: Punctuation that does not begin a line.
_NEVER_FIRST = tuple("，。；：、！？）》」％,.;:!?)%")
#: Punctuation that does not end one.
_NEVER_LAST = "（《「“("
#: What stands for the rest of a text that is too long.
CUT = "…"


def ems(text: str) -> float:
    """Return how wide a text is, in multiples of the size of its type."""
    return sum(map(letter_width, text))


def cut_to(text: str, room: float) -> str:
    """Return a text that is no wider than this many times the size of its type.

    >>> cut_to("Guangdong-Hong Kong-Macao Greater Bay Area", 16)
    'Guangdong-Hong Kong…'
    """
    if ems(text) <= room:
        return text
    start = text
    while start and ems(start + CUT) > room:
        start = start[:-1]
    # Between words, if a word ends not far from there.
    end = max(start.rfind(" "), start.rfind("-"))
    return (start[:end] if end > len(start) / 2 else start).rstrip() + CUT


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return the lines of a text.

    Parameters
    ----------
    width
        Room in cm.
    size
        Of the type, in points.
    """
    room = width * POINT / size
    lines: list[str] = []
    line = ""
    # A word that no line holds is parted at its hyphens.
    words = (
        part
        for word in _words(text)
        for part in (_HYPHEN.split(word) if ems(word) > room else [word])
    )
    for word in words:
        if line and ems(line + word.rstrip()) > room and word not in _NEVER_FIRST:
            full = line.rstrip(_NEVER_LAST)
            lines.append(full.rstrip())
            line = line[len(full) :] if full else ""
        line += word
    return [*lines, line.rstrip()]


def balanced(text: str, width: float, size: float) -> list[str]:
    """Return the lines of a text, no more than it needs, about as long as each other.

    >>> balanced("通用数据处理设备", 1.5, 6.0)
    ['通用数据', '处理设备']
    """
    lines = wrapped(text, width, size)
    room = max(map(ems, lines)) * size / POINT
    while len(lines) > 1 and room > 0:
        room -= size / POINT / 2
        narrower = wrapped(text, room, size)
        if len(narrower) > len(lines) or max(map(ems, narrower)) * size / POINT > width:
            break
        lines = narrower
    return lines


def _words(text: str) -> list[str]:
    """Return the pieces that a line may end after: Chinese characters, and words with a space."""
    return re.findall(r"[\u2e80-\U0010ffff]|[^\u2e80-\U0010ffff ]* |[^\u2e80-\U0010ffff ]+", text)
