"""The words of menu, toolbar and panel."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")


@cache
def _texts() -> dict[str, dict[str, str]]:
    source = files("xlcity.extension").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def words(key: str, language: str, *values: object) -> str:
    """Return a text with values in its places.

    >>> words("findings", "en", 3)
    'Findings (3)'
    """
    text = _texts()[key]
    return text.get(language, text["en"]).format(*values)


def all_texts(language: str) -> dict[str, str]:
    """Return key -> text."""
    return {key: text.get(language, text["en"]) for key, text in _texts().items()}
