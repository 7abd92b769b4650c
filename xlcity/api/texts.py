"""Texts in the user's language, which is that of XLCITY_LANG, else of the locale.

Texts of verbs are asked for by their key (`say`); messages know theirs (`xlcity.messages`) and are
`told`. Each stands in a catalogue, `texts.csv` or `messages.csv`, with a column for each language.

The terminal's sentences name commands and options. The page and the panel have buttons and fields
in their place: what they say instead has two columns of its own, `page_en` and `page_zh`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from xlcity.messages import fill, shown, template_of

#: Environment variable of programs whose sentences are read on the page or the panel.
ON_PAGE = "XLCITY_ON_PAGE"
#: Environment variable with the file that a long computation writes its last step to.
STEP_FILE = "XLCITY_STEP_FILE"

#: Packages whose modules hold verbs, and whose folders hold their texts.
FOLDERS = ["xlcity.cli.verbs"]
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
    chosen = next(filter(None, map(os.environ.get, names)), "")
    if not chosen and sys.platform == "win32":
        import ctypes
        import locale

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        chosen = locale.windows_locale.get(number, "")
    return chosen[:2].lower()


def own_language() -> str:
    """Return the language that texts are given in: "zh" or "en"."""
    return "zh" if language() == "zh" else "en"


def told(text: str) -> str:
    """Return a message in the user's language, on the page as the page says it."""
    return shown(text, language(), ON_PAGE in os.environ)


def say(key: str, **values: object) -> str:
    """Return a text of a verb in the user's language, with its values put in.

    They are put in as those of messages are, see `xlcity.messages.fill`.
    """
    on_page = ON_PAGE in os.environ
    return fill(text_of(key) or key, values, own_language(), on_page)


def text_of(key: str) -> str:
    """Return a text of a verb in the user's language as the catalogue has it, "" for none."""
    return _texts_of_verbs(language(), ON_PAGE in os.environ).get(key, "")


@cache
def _texts_of_verbs(wanted: str, on_page: bool) -> dict[str, str]:
    from importlib import import_module

    texts: dict[str, str] = {}
    for name in FOLDERS:
        for folder in import_module(name).__path__:
            texts |= read_texts(folder, wanted, on_page)
    return texts


@cache
def read_texts(
    folder: str | os.PathLike[str], wanted: str, on_page: bool = False
) -> dict[str, str]:
    """Return key -> text in a language of the catalogue in a folder; {} where it has none."""
    path = os.path.join(folder, "texts.csv")  # noqa: PTH118
    if not os.path.exists(path):  # noqa: PTH110
        return {}
    return {row["key"]: template_of(row, wanted, on_page) for row in _rows(path)}


def _rows(path: str) -> list[dict[str, str]]:
    import csv

    with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123
        return [*csv.DictReader(file)]
