"""The words of the page, in the language of its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from xlcity.api.texts import in_language
from xlcity.data_files import toml_beside

Told = TypeVar("Told")

#: The languages of the page.
LANGUAGES = ("en", "zh")


def page_texts(language: str) -> dict[str, Any]:
    """Return key -> text; another language than those there are is answered in English."""
    texts = toml_beside(__file__, "texts.toml")
    return {key: text.get(language, text["en"]) for key, text in texts.items()}


def in_each(tell: Callable[[], Told]) -> dict[str, Told]:
    """Return language -> what is said in it: windows of different languages show one workbook."""
    found = {}
    for language in LANGUAGES:
        with in_language(language):
            found[language] = tell()
    return found
