"""Describes formats of cells in words, and tells whether they show a number."""

from __future__ import annotations

import re

from xlcity.xlsx.cells import Cell
from xlcity.xlsx.styles import FLAGS, KNOWN_FORMATS, SIDES, Look, StyleReader

#: A text in a number format that means the same without quotes.
_QUOTED = re.compile(r'"([^"%]*)"')
#: Parts of a number format without digits: texts, and colours and conditions.
_NO_DIGITS = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]', re.I)
#: Font sizes, in points, that are too small to read.
_TINY = re.compile(r"[0-3](\.\d+)?")
#: Fonts that show other signs than those typed.
_SIGNS = re.compile(r"wingdings|webdings|symbol|marlett|zapf ?dingbats", re.I)
#: Keys of a look that are described; fonts and borders differ between programs.
_LOOKS = ("number", "colour", "fill", "bold", "italic", "strike")
#: Keys that are never compared: a program that replaces a font changes them by itself.
_REPLACED = frozenset(("font", "shrinkToFit"))
#: Keys that are visible in an empty cell.
_OF_EMPTY = frozenset(("fill", *SIDES))
#: Built-in formats that programs write as is usual in their country.
_LOCAL = frozenset(KNOWN_FORMATS[n] for n in (14, 22, 37, 38, 39, 40, 47))


def describe_look(look: Look) -> str:
    """Return a cell's look in words, such as "number 0.00, bold".

    Sizes, fonts and alignments are named only if they make a number unreadable.
    """
    words = [
        name if look[name] == "1" and name in FLAGS else f"{name} {_unquote(look[name])}"
        for name in _LOOKS
        if name in look
    ]
    words += [f"size {look.get('size')}"] * bool(_TINY.fullmatch(look.get("size", "")))
    words += [f"font {look.get('font')}"] * bool(_SIGNS.match(look.get("font", "")))
    words += [look.get("script", "")] * ("script" in look)
    words += ["alignment fill"] * (look.get("horizontal") == "fill")
    words += [f"rotation {look.get('textRotation')}"] * ("textRotation" in look)
    return ", ".join(words)


def _unquote(form: str) -> str:
    """Return a number format without quotes, but for those that matter: 0"%" is not 0%."""
    return _QUOTED.sub(r"\1", form)


def hides_numbers(form: str) -> bool:
    """Return whether a format in words makes numbers invisible or unreadable."""
    format_parts = dict(part.partition(" ")[::2] for part in form.split(", "))
    if not format_parts.keys().isdisjoint(("size", "font", "alignment")):
        return True
    if format_parts.get("colour", "000000") == format_parts.get("fill", "FFFFFF"):
        return True
    return hides_in(format_parts.get("number", "General"))


def hides_in(number: str) -> bool:
    """Return whether a number format shows no digit of the number: `;;;`, or a typed text."""
    positive, separator, rest = number.partition(";")
    if not re.search(r"[0#?@dmyhs]|general", _NO_DIGITS.sub("", number), re.I):
        return True
    return bool(separator) and not (positive.strip() and rest.partition(";")[0].strip(" ;"))


def read_visible_look(styles: StyleReader, cell: Cell) -> Look:
    """Return what is visible of a cell's look; of an empty cell only its fill and borders."""
    look = {k: v for k, v in styles.look(cell.style).items() if k not in _REPLACED}
    if cell.formula is None and cell.value in (None, ""):
        return {k: v for k, v in look.items() if k in _OF_EMPTY}
    return {"size": styles.look(0).get("size", ""), **look}


def is_same_look(look: Look, other: Look, *, exact: bool, computed: bool) -> bool:
    """Return whether two looks are the same.

    Parameters
    ----------
    look, other
        As `read_visible_look` returns them.
    exact
        Whether no program has changed them; LibreOffice writes some of them in another way.
    computed
        Whether the cell has a formula, whose number format LibreOffice infers.
    """
    keys = [key for key in {**look, **other} if look.get(key, "") != other.get(key, "")]
    return all(_means_the_same(key, look, other, exact, computed) for key in keys)


def _means_the_same(key: str, look: Look, other: Look, exact: bool, computed: bool) -> bool:
    """Return whether two looks with different texts for a key are the same in it.

    `exact` and `computed` as of `is_same_look`.
    """
    pair = look.get(key, ""), other.get(key, "")
    if key == "number":
        codes = [_QUOTED.sub(r"\1", text).upper() for text in pair]
        if codes[0] == codes[1] or (not exact and computed and "" in pair):
            return True
        local_formats = [text for text in pair if text in _LOCAL or re.fullmatch(r"#\d+", text)]
        dates = ["Y" in code for code in codes]
        return not exact and bool(local_formats) and dates[0] == dates[1]
    if key == "colour":
        return all(pair) and _is_near_colour(*pair)
    if exact:
        return False
    if key == "underline":
        return all(pair) and ("double" in pair[0]) == ("double" in pair[1])
    is_turned = not {"indent", "textRotation"}.isdisjoint((*look, *other))
    return key == "horizontal" and ("centerContinuous" in pair or ("" in pair and is_turned))


def _is_near_colour(colour: str, other: str) -> bool:
    """Return whether two colours (RRGGBB) differ only by rounding, as of a tint."""
    parts = ([int(rgb[n : n + 2], 16) for n in (0, 2, 4)] for rgb in (colour, other))
    return all(abs(a - b) <= 1 for a, b in zip(*parts, strict=True))
