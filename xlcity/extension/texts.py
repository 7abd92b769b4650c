"""The words of menu, toolbar and panel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from xlcity.api.texts import read_texts

LANGUAGES = ("en", "zh")


def words(key: str, language: str, *values: object) -> str:
    """Return a text with values in its places.

    >>> words("findings", "en", 3)
    'Findings (3)'
    """
    return all_texts(language)[key].format(*values)


@cache
def all_texts(language: str) -> dict[str, str]:
    """Return key -> text."""
    return read_texts(Path(__file__).parent, language)
