"""Describes formats of cells in words, and tells whether they show a number."""

from __future__ import annotations

import re

from xlcity.xlsx.styles import FLAGS, Look

#: A text in a number format that means the same without quotes.
_NEEDLESS_QUOTES = re.compile(r'"([^"%]*)"')
#: Parts of a number format without digits: texts, and colours and conditions.
_NO_DIGITS = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]', re.I)
#: Font sizes, in points, that are too small to read.
_TINY_SIZE = re.compile(r"[0-3](\.\d+)?")
#: Fonts that show other signs than those typed.
_SYMBOL_FONTS = re.compile(r"wingdings|webdings|symbol|marlett|zapf ?dingbats", re.I)
#: Keys of a look that are described; fonts and borders differ between programs.
_DESCRIBED_KEYS = ("number", "colour", "fill", "bold", "italic", "strike")


def describe_look(look: Look) -> str:
    """Return a cell's look in words, such as "number 0.00, bold".

    Sizes, fonts and alignments are named only if they make a number unreadable.
    """
    words = [
        name if name in FLAGS else f"{name} {_unquote(look[name])}"
        for name in _DESCRIBED_KEYS
        if name in look
    ]
    # A list times False is empty.
    words += [f"size {look.get('size')}"] * bool(_TINY_SIZE.fullmatch(look.get("size", "")))
    words += [f"font {look.get('font')}"] * bool(_SYMBOL_FONTS.match(look.get("font", "")))
    words += [look.get("script", "")] * ("script" in look)
    words += ["alignment fill"] * (look.get("horizontal") == "fill")
    words += [f"rotation {look.get('textRotation')}"] * ("textRotation" in look)
    return ", ".join(words)


def _unquote(form: str) -> str:
    """Return a number format without quotes around texts, but for those with %: 0"%" is not 0%."""
    return _NEEDLESS_QUOTES.sub(r"\1", form)


def hides_numbers(form: str) -> bool:
    """Return whether a format in words (`describe_look`) makes numbers unreadable."""
    # "number 0.00, bold" -> {"number": "0.00", "bold": ""}.
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
