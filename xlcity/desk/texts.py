"""The words of the page, in the language of its reader."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from xlcity.api.texts import in_language

Told = TypeVar("Told")

#: The languages of the page.
LANGUAGES = ("en", "zh")


@cache
def _texts() -> dict[str, dict[str, str]]:
    source = files("xlcity.desk").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def page_texts(language: str) -> dict[str, Any]:
    """Return key -> text; another language than those there are is answered in English."""
    return {key: text.get(language, text["en"]) for key, text in _texts().items()}


def in_each(tell: Callable[[], Told]) -> dict[str, Told]:
    """Return language -> what is said in it: windows of different languages show one workbook."""
    found = {}
    for language in LANGUAGES:
        with in_language(language):
            found[language] = tell()
    return found
