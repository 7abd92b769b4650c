"""Titles, headings and notes of reports in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.figures.contents import Label, joined
from xlcity.report.contents import NOTHING, Exhibit, Field
from xlcity.workbook.labels import label_text

LANGUAGES = ("zh", "en")
#: A letter or digit that is not Chinese.
_LATIN = r"[^\W_\u2e80-\u9fff]"


def report_texts(name: str = "texts") -> dict[str, Any]:
    """Return the texts of one of the data files of this package."""
    return toml_beside(__file__, f"{name}.toml")


def say(key: str, **values: object) -> Label:
    """Return a text with its values, each a text or a label."""
    return filled(report_texts()[key], values)


def book_label(key: str) -> Label:
    """Return what every workbook calls something."""
    return Label(*label_text(key))


def all_cities(n: int) -> Label:
    """Return what all of some cities are called.

    >>> all_cities(2).en, all_cities(3).zh
    ('Both cities', '全部3座城市')
    """
    return say("all.2" if n == 2 else "all", n=n)


def capitalised(text: str) -> str:
    """Return a text that begins with a capital letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def as_heading(label: Label) -> Label:
    """Return a name as a heading: in English it begins with a capital letter."""
    return Label(label.zh, capitalised(label.en))


def head(key: str, kind: str = "", over: Label = NOTHING) -> Field:
    """Return a column with a heading of the catalogue, which knows the kind of its numbers."""
    heading = report_texts()[f"head.{key}"]
    kind = kind or heading.get("kind", "text")
    return Field(filled(heading, {}), kind, over)


def heads(*keys: str) -> list[Field]:
    """Return columns with headings of the catalogue."""
    return [head(key) for key in keys]


def filled(pattern: Mapping[str, str], values: Mapping[str, object]) -> Label:
    """Return a pattern of both languages with its values.

    >>> filled({"zh": "{city}{part}{rank}", "en": ""}, dict(city="Riga", part="GDP", rank="最高"))
    Label(zh='Riga GDP最高', en='')
    >>> filled({"zh": "{city}{part}", "en": ""}, {"city": "St. Paul, Minn.†", "part": "GDP"}).zh
    'St. Paul, Minn.† GDP'
    """
    # Two names in a row are kept apart where both are in Latin letters.
    zh = pattern["zh"].replace("}{", "}\1{").format(**_texts(values, "zh"))
    en = pattern["en"].format(**_texts(values, "en"))
    zh = re.sub(rf"({_LATIN}[.)†‡]*)\x01(?={_LATIN})", r"\1 ", zh)
    zh = zh.replace("\1", "")
    # Chinese marks the whole place, or score: 第9位†.
    return Label(re.sub(r"(\d)([†‡]+)([位分])", r"\1\3\2", zh), en)


def _texts(values: Mapping[str, object], lang: str) -> dict[str, object]:
    texts: dict[str, object] = {}
    for key, value in values.items():
        texts[key] = value.text(lang) if isinstance(value, Label) else value
    return texts


def remarks(item: Exhibit, lang: str) -> str:
    """Return what stands below a table or a figure: its note and its source."""
    note = say("note", text=item.note) if item.note.zh else item.note
    return joined(note, item.source).text(lang)


def invented(item: Exhibit, lang: str) -> str:
    """Return that a table or a figure rests on invented values; "" where it does not."""
    return (
        say("synthetic", n=f"{item.synthetic:,}").text(lang) if item.synthetic else ""
    )
