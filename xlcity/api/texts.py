"""Texts of the command line in the user's language: `texts.csv` holds them all.

Each line has a key, the English text as the code has it, and the text in other languages, one
column each. A message with values has `{}` where each value stands; its key is the problem's code.
The language is that of XLCITY_LANG, else of the locale.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

TEXTS = os.path.join(os.path.dirname(__file__), "texts.csv")  # noqa: PTH118, PTH120

#: The language of one reader among several, see `in_language`.
_CHOSEN: ContextVar[str] = ContextVar("language", default="")


@contextmanager
def in_language(chosen: str) -> Iterator[None]:
    """Make texts in a language, whatever the user's is; "" changes nothing."""
    before = _CHOSEN.set(chosen)
    try:
        yield
    finally:
        _CHOSEN.reset(before)


def language() -> str:
    """Return the language of the user: "zh", "en" or what the locale says."""
    if _CHOSEN.get():
        return _CHOSEN.get()[:2].lower()
    names = ("XLCITY_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((os.environ[name] for name in names if os.environ.get(name)), "")
    if not chosen and sys.platform == "win32":
        import ctypes
        import locale

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        chosen = locale.windows_locale.get(number, "")
    return chosen[:2].lower()


def translated(text: str, *keys: str) -> str:
    """Return a text in the user's language, or as it is where there is no translation.

    Parameters
    ----------
    text
        The English text.
    keys
        Where the text may be listed: "help", "note", a problem's code and so on.
    """
    texts = _texts(language())
    for key in keys:
        if (key, text) in texts.exact:
            return texts.exact[key, text]
        for pattern, target in texts.patterns.get(key, ()):
            if match := pattern.fullmatch(text):
                # A place in the text, such as "row 63", has a translation of its own; in what a
                # rule has found, a part too.
                inner = ("place", "lint") if key == "lint" else ("place",)
                return target.format(*(translated(part, *inner) for part in match.groups()))
    return text


class _Texts:
    """Texts without values by key and English text; by key the patterns of those with values."""

    def __init__(self) -> None:
        self.exact: dict[tuple[str, str], str] = {}
        self.patterns: dict[str, list[tuple[re.Pattern[str], str]]] = {}


@cache
def _texts(wanted: str) -> _Texts:
    texts = _Texts()
    if wanted == "en":
        return texts
    import csv

    with open(TEXTS, encoding="utf-8", newline="") as file:  # noqa: PTH123
        for row in csv.DictReader(file):
            key, text, target = row["key"], row["en"], row.get(wanted)
            if target and "{}" in text:
                pattern = re.compile("(.+?)".join(map(re.escape, text.split("{}"))), re.DOTALL)
                texts.patterns.setdefault(key, []).append((pattern, target))
            elif target:
                texts.exact[key, text] = target
    return texts
