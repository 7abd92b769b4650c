"""The words of menu, toolbar and panel."""

from __future__ import annotations

from xlcity.data_files import texts_in

LANGUAGES = ("en", "zh")


def words(key: str, language: str, *values: object) -> str:
    """Return a text with values in its places.

    >>> words("findings", "en", 3)
    'Findings (3)'
    """
    return all_texts(language)[key].format(*values)


def all_texts(language: str) -> dict[str, str]:
    """Return key -> text."""
    return texts_in(language, __file__)
