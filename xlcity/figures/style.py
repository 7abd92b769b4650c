"""The one style of all figures, read from `style.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.data_files import parse_toml, require_regular, toml_beside
from xlcity.errors import Problem, UsageError, Where, did_you_mean

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


#: The style that a user has chosen, where one has.
_CHOSEN: ContextVar[FigureStyle | None] = ContextVar("figure_style", default=None)


def figure_style() -> FigureStyle:
    """Return the style."""
    return _CHOSEN.get() or _standard()


@cache
def _standard() -> FigureStyle:
    return FigureStyle(**toml_beside(__file__, "style.toml"))


def choose_style(style: FigureStyle) -> None:
    """Draw by a style from now on."""
    _CHOSEN.set(style)


@contextmanager
def styled(file: str | Path | None) -> Iterator[None]:
    """Draw by a style file as long as this is open; what the file leaves out stays as it is.

    Raises
    ------
    UsageError
        With every entry that is not one of the standard style, or is of another kind.
    """
    if file is None:
        yield
        return
    token = _CHOSEN.set(_read(Path(file)))
    try:
        yield
    finally:
        _CHOSEN.reset(token)


@contextmanager
def resized(**shares: float) -> Iterator[None]:
    """Draw with sizes of the style times some shares as long as this is open."""
    style = figure_style()
    size = {name: one * shares.get(name, 1.0) for name, one in style.size.items()}
    token = _CHOSEN.set(replace(style, size=size))
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def _read(file: Path) -> FigureStyle:
    """Return the standard style with the entries of a file."""
    where = Where(file=str(file))
    try:
        require_regular(file)
        given = parse_toml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"the style cannot be read: {error}."
        raise UsageError(message, "Give a TOML file.", "XC282", where) from error
    known = asdict(_standard())
    problems = []
    for section, entries in given.items():
        for name, value in entries.items() if isinstance(entries, dict) else [("", entries)]:
            old = known.get(section, {}).get(name)
            kind = (int, float) if isinstance(old, float) else type(old)
            if old is None or not isinstance(value, kind):
                message = f"[{section}] {name} is not an entry of a style, or not of its kind."
                hint = did_you_mean(name, known.get(section, known))
                problems.append(Problem("XC282", message, hint, where))
    if problems:
        raise UsageError(problems)
    return FigureStyle(**{name: {**part, **given.get(name, {})} for name, part in known.items()})


def is_wide(character: str) -> bool:
    """Return whether a character is as wide as it is high: Chinese, and full-width forms."""
    return ord(character) >= 0x2E80


def ems(text: str) -> float:
    """Return about how wide a text is, in multiples of the size of its type."""
    return sum(1.0 if is_wide(c) else 0.72 if c.isupper() or c in "mwMW%@" else 0.60 for c in text)


#: What stands for the rest of a text that is too long.
CUT = "…"


def cut_to(text: str, room: float) -> str:
    """Return a text that is no wider than this many times the size of its type.

    >>> cut_to("Guangdong-Hong Kong-Macao Greater Bay Area", 16)
    'Guangdong-Hong Kong…'
    """
    if ems(text) <= room:
        return text
    kept = text
    while kept and ems(kept + CUT) > room:
        kept = kept[:-1]
    # Between words, if a word ends not far from there.
    end = max(kept.rfind(" "), kept.rfind("-"))
    return (kept[:end] if end > len(kept) / 2 else kept).rstrip() + CUT


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
            kept = line.rstrip(_NEVER_LAST)
            lines.append(kept.rstrip())
            line = line[len(kept) :] if kept else ""
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


#: After a hyphen inside a word.
_HYPHEN = re.compile(r"(?<=[A-Za-z]-)(?=[A-Za-z])")
#: Punctuation that does not begin a line.
_NEVER_FIRST = tuple("，。；：、！？）》」％,.;:!?)%")
#: Punctuation that does not end one.
_NEVER_LAST = "（《「“("


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
