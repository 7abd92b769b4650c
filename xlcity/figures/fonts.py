"""Which fonts figures take, how wide texts are in them, and the lines that they are broken into."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.errors import XlcityError
from xlcity.figures.style import POINT, figure_style

#: Points of the type that letters are measured in.
_MEASURED = 100.0
#: Pieces that a line may end after: Chinese characters, parts of words, and words with a space.
_PIECES = re.compile(
    r"[\u2e80-\U0010ffff]|[^\u2e80-\U0010ffff ]* |[^\u2e80-\U0010ffff ]+"
)
#: After a hyphen inside a word.
_HYPHEN = re.compile(r"(?<=[A-Za-z]-)(?=[A-Za-z])")
#: Punctuation that does not begin a line, and that does not end one.
_NEVER_FIRST = tuple("，。；：、！？）》」％,.;:!?)%")
_NEVER_LAST = "（《「“("
#: A text that needs a Chinese font.
_CHINESE = "城市名次"
#: What stands for the rest of a text that is too long.
CUT = "…"


class FigureError(XlcityError):
    """A figure cannot be drawn on this machine."""

    code = "XC280"


def require_matplotlib(extra: str = "figures") -> None:
    """Refuse to draw without the library that draws.

    Parameters
    ----------
    extra
        What to install where it is absent.

    Raises
    ------
    FigureError
        With the remedy.
    """
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise FigureError.of("XC281.no_matplotlib", extra=extra) from error


@cache
def _installed() -> frozenset[str]:
    """Return the names of the machine's fonts, those included that were installed only now.

    Matplotlib's list of fonts may be older than the machine: what was removed since is dropped.
    """
    require_matplotlib()
    from matplotlib import font_manager

    manager = font_manager.fontManager
    manager.ttflist = [entry for entry in manager.ttflist if Path(entry.fname).exists()]
    parts = tuple(figure_style().font["files"])
    listed = {Path(entry.fname) for entry in manager.ttflist}
    for name in sorted(font_manager.findSystemFonts()):
        path = Path(name)
        if path not in listed and any(part in path.name.lower() for part in parts):
            manager.addfont(path)
    return frozenset(entry.name for entry in manager.ttflist)


def families(lang: str) -> list[str]:
    """Return the families of fonts of a figure, the first one for what it has glyphs for.

    Parameters
    ----------
    lang
        The language of the figure. Names of cities may be Chinese in either.
    """
    latin = figure_style().font["latin"]
    chinese = _chinese_families()
    return [*chinese, *latin] if lang == "zh" else [*latin, *chinese]


def _chinese_families() -> list[str]:
    """Return the family for Chinese text: one of the machine, else the package's, if any."""
    installed = _installed()
    for name in figure_style().font["cjk"]:
        if name in installed:
            return [name]
    return _packaged_families()


@cache
def _packaged_families() -> list[str]:
    """Return the family that the extras install as a package, known to Matplotlib from now on."""
    try:
        from pylopdf_fonts_zh_cn import sans_path
    except ImportError:
        return []
    from matplotlib import font_manager

    font_manager.fontManager.addfont(sans_path())
    return [font_manager.get_font(sans_path()).family_name]


def require_glyphs(texts: Iterable[str], lang: str) -> None:
    """Refuse to draw texts with characters that no font has.

    Raises
    ------
    FigureError
        With the characters, and which fonts to install.
    """
    characters = set("".join(texts))
    # Few are looked for in many, not many taken from few.
    for family in families(lang):
        characters = characters - _characters(family)
    missing = sorted(c for c in characters if not c.isspace())
    if missing:
        shown = "".join(missing[:12]) + ("…" if len(missing) > 12 else "")
        raise FigureError.of("XC280.no_glyphs", shown=shown)


@cache
def _letter_width(character: str) -> float:
    """Return how wide a character is in the font that draws it, in multiples of the type's size.

    It is that of English figures, whose first font is the wider one.
    """
    family = next(
        (name for name in families("en") if character in _characters(name)), None
    )
    if family is None or (font := _font(family)) is None:
        return 1.0
    font.set_size(_MEASURED, 72)
    return float(font.load_char(ord(character)).linearHoriAdvance) / 2**16 / _MEASURED


@cache
def _characters(family: str) -> frozenset[str]:
    """Return the characters that a family of fonts has glyphs for."""
    font = _font(family)
    return frozenset() if font is None else frozenset(map(chr, font.get_charmap()))


def _font(family: str) -> Any:
    """Return the font of a family that draws plain text: upright, of normal width and weight.

    `findfont` would warn of families without a regular weight.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    entry = min(
        (entry for entry in manager.ttflist if entry.name == family),
        key=lambda entry: (
            manager.score_style("normal", entry.style),
            manager.score_stretch("normal", entry.stretch),
            manager.score_weight("normal", entry.weight),
        ),
        default=None,
    )
    return None if entry is None else font_manager.get_font(entry.fname)


def ems(text: str) -> float:
    """Return how wide a text is, in multiples of the size of its type."""
    return sum(map(_letter_width, text))


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
        for word in _PIECES.findall(text)
        for part in (_HYPHEN.split(word) if ems(word) > room else [word])
    )
    for word in words:
        if line and ems(line + word.rstrip()) > room and word not in _NEVER_FIRST:
            full = line.rstrip(_NEVER_LAST)
            lines.append(full.rstrip())
            line = line[len(full) :] if full else ""
        line += word
    return [*lines, line.rstrip()]


def require_drawing(languages: Iterable[str], extra: str = "figures") -> None:
    """Refuse to draw without Matplotlib, or Chinese texts without a Chinese font.

    Parameters
    ----------
    extra
        What to install where Matplotlib is absent: all that the command needs.

    Raises
    ------
    FigureError
        With the remedy.
    """
    require_matplotlib(extra)
    if "zh" in languages:
        require_glyphs([_CHINESE], "zh")
