"""The words of menu, toolbar and panel: those of the page, and what LibreOffice alone needs."""

from __future__ import annotations

from pathlib import Path

from xlcity.api.texts import own_language, read_texts
from xlcity.desk.texts import page_texts

#: The folder of the catalogue.
FOLDER = Path(__file__).parent


def panel_texts(chosen: str) -> dict[str, str]:
    """Return key -> text in a language."""
    return {**page_texts(chosen), **read_texts(FOLDER, chosen)}


def words(key: str) -> str:
    """Return a text in the user's language.

    >>> from xlcity.api.texts import in_language
    >>> with in_language("en"):
    ...     words("command.check")
    'Check'
    """
    return panel_texts(own_language())[key]
