"""Formats of cells in words, and whether they show a number."""

from __future__ import annotations

import re

from xlcity.xlsx.editing.style_copy import FLAGS, Look

#: A text in a number format that means the same without quotes.
_QUOTED = re.compile(r'"([^"%]*)"')
#: What a number format writes as it stands, and its colours and conditions.
_NO_DIGITS = re.compile(r'"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]', re.I)
#: Sizes of letters, in points, that nobody can read.
_TINY = re.compile(r"[0-3](\.\d+)?")
#: What of a cell's format is compared; fonts and borders differ between programs.
_LOOKS = ("number", "colour", "fill", "bold", "italic", "strike")


def described(look: Look) -> str:
    """Return a cell's format in words, as "number 0.00, bold"; a size is said that nobody reads."""
    said = [
        name if look[name] == "1" and name in FLAGS else f"{name} {_unquoted(look[name])}"
        for name in _LOOKS
        if name in look
    ]
    said += [f"size {look.get('size')}"] * bool(_TINY.fullmatch(look.get("size", "")))
    return ", ".join(said)


def _unquoted(form: str) -> str:
    """Return a number format without the quotes that change nothing; 0"%" is not 0%."""
    return _QUOTED.sub(r"\1", form)


def hides_numbers(form: str) -> bool:
    """Tell whether a format in words shows no number: `;;;`, tiny, or as its background."""
    said = dict(part.partition(" ")[::2] for part in form.split(", "))
    if "size" in said or said.get("colour", "000000") == said.get("fill", "FFFFFF"):
        return True
    return hides_in(said.get("number", "General"))


def hides_in(number: str) -> bool:
    """Tell whether a number format shows no digit of the number: `;;;`, or a typed text."""
    positive, several, rest = number.partition(";")
    if not re.search(r"[0#?@dmyhs]|general", _NO_DIGITS.sub("", number), re.I):
        return True
    return bool(several) and not (positive.strip() and rest.partition(";")[0].strip(" ;"))
