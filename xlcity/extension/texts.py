"""The words of menu, toolbar and panel."""

from __future__ import annotations

from pathlib import Path

from xlcity.api.texts import read_texts
from xlcity.desk.texts import LANGUAGES as LANGUAGES

#: The folder of the catalogue.
FOLDER = Path(__file__).parent


def words(key: str, language: str, *values: object) -> str:
    """Return a text with values in its places.

    >>> words("findings", "en", 3)
    'Findings (3)'
    """
    return read_texts(FOLDER, language)[key].format(*values)
