"""Titles, headings and notes of reports in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, Field

LANGUAGES = ("zh", "en")


@cache
def report_texts(name: str = "texts") -> dict[str, Any]:
    """Return the texts of one of the data files of this package."""
    path = Path(__file__).with_name(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def say(key: str, file: str = "texts", **values: object) -> Label:
    """Return a text with its values, each a text or a label."""
    return filled(report_texts(file)[key], values)


def head(key: str, kind: str = "text", over: Label = NOTHING) -> Field:
    """Return a column with a heading of `heads`."""
    return Field(say(f"head.{key}"), kind, over)


def filled(pattern: Mapping[str, str], values: Mapping[str, object]) -> Label:
    """Return a pattern of both languages with its values."""
    return Label(*(pattern[lang].format(**_texts(values, lang)) for lang in LANGUAGES))


def _texts(values: Mapping[str, object], lang: str) -> dict[str, object]:
    return {
        name: value.text(lang) if isinstance(value, Label) else value
        for name, value in values.items()
    }


def listed(labels: Iterable[Label]) -> Label:
    """Return names in a row.

    >>> listed([Label("北京", "Beijing"), Label("上海", "Shanghai")])
    Label(zh='北京、上海', en='Beijing, Shanghai')
    """
    every = [*labels]
    return Label("、".join(one.zh for one in every), ", ".join(one.en for one in every))
