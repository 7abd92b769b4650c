"""What parameters mean, in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from xlcity.data_files import toml_beside
from xlcity.methods.registry import words_of

#: Languages in the order of the data file's columns.
LANGUAGES = ("zh", "en")


@cache
def parameter_texts() -> Mapping[str, tuple[str, str]]:
    """Return "step.parameter" -> its meaning in each language."""
    found = toml_beside(__file__, "texts.toml")
    return {key: (texts[0], texts[1]) for key, texts in found.items()}


def parts_help(option: str, language: str = "en") -> str:
    """Return what the parts of an option's words mean.

    >>> parts_help("weights")
    'KIND: handbook or first'
    """
    found = {
        part.upper(): parameter_texts()[f"{method.step}.{part}"][LANGUAGES.index(language)]
        for word, method in words_of(option).values()
        for part in word.parts
    }
    return "; ".join(f"{part}: {text}" for part, text in found.items())
