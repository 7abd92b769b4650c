"""The one style of all figures, read from `style.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

#: cm to inches, to points.
INCH = 1 / 2.54
POINT = 72 / 2.54


@dataclass(frozen=True)
class FigureStyle:
    """Sizes in cm, sizes of type in points, fonts and colours."""

    size: dict[str, float]
    type: dict[str, float]
    font: dict[str, list[str]]
    colour: dict[str, Any]


@cache
def figure_style() -> FigureStyle:
    """Return the style."""
    text = Path(__file__).with_name("style.toml").read_text(encoding="utf-8")
    return FigureStyle(**tomllib.loads(text))


def is_wide(character: str) -> bool:
    """Return whether a character is as wide as it is high: Chinese, and full-width forms."""
    return ord(character) >= 0x2E80


def ems(text: str) -> float:
    """Return about how wide a text is, in multiples of the size of its type."""
    return sum(1.0 if is_wide(c) else 0.72 if c.isupper() or c in "mwMW%@" else 0.60 for c in text)


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
    for word in _words(text):
        if line and ems(line + word.rstrip()) > room and word not in _NEVER_FIRST:
            lines.append(line.rstrip())
            line = ""
        line += word
    return [*lines, line.rstrip()]


#: Punctuation that does not begin a line.
_NEVER_FIRST = tuple("，。；：、！？）》」％,.;:!?)%")


def _words(text: str) -> list[str]:
    """Return the pieces that a line may end after: Chinese characters, and words with a space."""
    found, word = [], ""
    for character in text:
        if is_wide(character):
            found += [word, character] if word else [character]
            word = ""
        else:
            word += character
            if character == " ":
                found.append(word)
                word = ""
    return [*found, word] if word else found
