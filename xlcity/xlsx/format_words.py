"""Formats of cells in words, and whether they show a number."""

from __future__ import annotations

import re

from xlcity.xlsx.cells import Cell
from xlcity.xlsx.styles import FLAGS, KNOWN_FORMATS, SIDES, Look, StyleReader

#: A text in a number format that means the same without quotes.
_QUOTED = re.compile(r'"([^"%]*)"')
#: What a number format writes as it stands, and its colours and conditions.
_NO_DIGITS = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]', re.I)
#: Font sizes, in points, that are too small to read.
_TINY = re.compile(r"[0-3](\.\d+)?")
#: Fonts that write other signs than those typed.
_SIGNS = re.compile(r"wingdings|webdings|symbol|marlett|zapf ?dingbats", re.I)
#: What of a cell's format is compared; fonts and borders differ between programs.
_LOOKS = ("number", "colour", "fill", "bold", "italic", "strike")
#: Never compared: a program that replaces a font changes them, without a user.
_REPLACED = frozenset(("font", "shrinkToFit"))
#: What is seen of an empty cell.
_OF_EMPTY = frozenset(("fill", *SIDES))
#: Formats with a number only, which programs spell as is usual in their country.
_LOCAL = frozenset(KNOWN_FORMATS[n] for n in (14, 22, 37, 38, 39, 40, 47))


def describe_look(look: Look) -> str:
    """Return a cell's format in words, as "number 0.00, bold".

    Sizes, fonts and alignments are said that make a number unreadable.
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
    """Return a number format without the quotes that change nothing; 0"%" is not 0%."""
    return _QUOTED.sub(r"\1", form)


def hides_numbers(form: str) -> bool:
    """Tell whether a format in words shows no number: `;;;`, tiny, as its background, in signs."""
    format_parts = dict(part.partition(" ")[::2] for part in form.split(", "))
    if not format_parts.keys().isdisjoint(("size", "font", "alignment")):
        return True
    if format_parts.get("colour", "000000") == format_parts.get("fill", "FFFFFF"):
        return True
    return hides_in(format_parts.get("number", "General"))


def hides_in(number: str) -> bool:
    """Tell whether a number format shows no digit of the number: `;;;`, or a typed text."""
    positive, several, rest = number.partition(";")
    if not re.search(r"[0#?@dmyhs]|general", _NO_DIGITS.sub("", number), re.I):
        return True
    return bool(several) and not (positive.strip() and rest.partition(";")[0].strip(" ;"))


def read_visible_look(styles: StyleReader, cell: Cell) -> Look:
    """Return what is seen of a cell's look; of an empty cell that is its fill and its borders."""
    look = {k: v for k, v in styles.look(cell.style).items() if k not in _REPLACED}
    if cell.formula is None and cell.value in (None, ""):
        return {k: v for k, v in look.items() if k in _OF_EMPTY}
    return {"size": styles.look(0).get("size", ""), **look}


def is_same_look(look: Look, other: Look, *, exact: bool, computed: bool) -> bool:
    """Tell whether two looks are the same.

    Parameters
    ----------
    one, other
        As `read_visible_look` returns them.
    exact
        Whether both were saved as they are; LibreOffice writes some of them otherwise.
    computed
        Whether the cell has a formula, whose number format LibreOffice infers.
    """
    parts = [part for part in {**look, **other} if look.get(part, "") != other.get(part, "")]
    return all(_is_spelled(part, look, other, exact, computed) for part in parts)


def _is_spelled(part: str, look: Look, other: Look, exact: bool, computed: bool) -> bool:
    """Tell whether a part of two looks that are not the same text means the same."""
    pair = look.get(part, ""), other.get(part, "")
    if part == "number":
        codes = [_QUOTED.sub(r"\1", text).upper() for text in pair]
        if codes[0] == codes[1] or (not exact and computed and "" in pair):
            return True
        local_formats = [text for text in pair if text in _LOCAL or re.fullmatch(r"#\d+", text)]
        dates = ["Y" in code for code in codes]
        return not exact and bool(local_formats) and dates[0] == dates[1]
    if part == "colour":
        return all(pair) and _is_near(*pair)
    if exact:
        return False
    if part == "underline":
        return all(pair) and ("double" in pair[0]) == ("double" in pair[1])
    turned = any(name in look for look in (look, other) for name in ("indent", "textRotation"))
    return part == "horizontal" and ("centerContinuous" in pair or ("" in pair and turned))


def _is_near(colour: str, other: str) -> bool:
    """Tell whether two colours are the same but for rounding, as of the tint of a theme."""
    parts = ([int(rgb[n : n + 2], 16) for n in (0, 2, 4)] for rgb in (colour, other))
    return all(abs(a - b) <= 1 for a, b in zip(*parts, strict=True))
