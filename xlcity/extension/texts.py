"""The words of menu, toolbar and panel."""

from __future__ import annotations

from pathlib import Path

from xlcity.api.texts import own_language, read_texts
from xlcity.desk.texts import LANGUAGES as LANGUAGES

#: The folder of the catalogue.
FOLDER = Path(__file__).parent


def words(key: str, *values: object) -> str:
    """Return a text with values in its places.

    >>> from xlcity.api.texts import in_language
    >>> with in_language("en"):
    ...     words("findings", 3)
    'Findings (3)'
    """
    return read_texts(FOLDER, own_language())[key].format(*values)
