"""Titles, headings and notes of reports in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, Exhibit, Field

LANGUAGES = ("zh", "en")
#: A letter or digit that is not Chinese.
_LATIN = r"[^\W_\u2e80-\u9fff]"


def report_texts(name: str = "texts") -> dict[str, Any]:
    """Return the texts of one of the data files of this package."""
    return toml_beside(__file__, f"{name}.toml")


def say(key: str, file: str = "texts", **values: object) -> Label:
    """Return a text with its values, each a text or a label."""
    return filled(report_texts(file)[key], values)


def head(key: str, kind: str = "text", over: Label = NOTHING) -> Field:
    """Return a column with a heading of `heads`."""
    return Field(say(f"head.{key}"), kind, over)


def filled(pattern: Mapping[str, str], values: Mapping[str, object]) -> Label:
    """Return a pattern of both languages with its values.

    >>> filled({"zh": "{city}{part}{rank}", "en": ""}, dict(city="Riga", part="GDP", rank="最高"))
    Label(zh='Riga GDP最高', en='')
    """
    # Two names in a row are kept apart where both are in Latin letters.
    patterns = pattern["zh"].replace("}{", "}\1{"), pattern["en"]
    zh, en = (p.format(**_texts(values, lang)) for p, lang in zip(patterns, LANGUAGES, strict=True))
    zh = re.sub(rf"({_LATIN})\x01(?={_LATIN})", r"\1 ", zh).replace("\1", "")
    # Chinese marks the whole place, or score: 第9位†.
    return Label(re.sub(r"(\d)([†‡]+)([位分])", r"\1\3\2", zh), en)


def _texts(values: Mapping[str, object], lang: str) -> dict[str, object]:
    return {key: x.text(lang) if isinstance(x, Label) else x for key, x in values.items()}


def remarks(item: Exhibit, lang: str) -> str:
    """Return what stands below a table or a figure: its note and its source."""
    note = say("note", text=item.note) if item.note.zh else item.note
    return joined(note, item.source).text(lang)


def invented(item: Exhibit, lang: str) -> str:
    """Return that a table or a figure rests on invented values; "" where it does not."""
    return say("synthetic", n=f"{item.synthetic:,}").text(lang) if item.synthetic else ""


def inside(label: Label) -> Label:
    """Return a name as English writes it inside a sentence: in lower case, unless a proper name.

    >>> inside(Label("规模", "Size class")), inside(Label("国内生产总值", "GDP group")).en
    (Label(zh='规模', en='size class'), 'GDP group')
    >>> inside(Label("", "Rating by an AI model")).en, inside(Label("", "Google Trends")).en
    ('rating by an AI model', 'Google Trends')
    """
    first, *others = label.en.split(" ")
    is_proper = first[1:] != first[1:].lower() or any(word.istitle() for word in others)
    return label if is_proper else Label(label.zh, label.en[:1].lower() + label.en[1:])


def pair_name(first: Label, second: Label) -> Label:
    """Return the name of a pair of cities."""
    return Label(f"{first.zh}—{second.zh}", f"{first.en}–{second.en}")


def listed(labels: Iterable[Label], zh: str = "、", en: str = ", ", *, last: str = "") -> Label:
    """Return names in a row; `last` separates the last two in English where it is given.

    >>> listed([Label("北京", "Beijing"), Label("上海", "Shanghai")], last=" and ")
    Label(zh='北京、上海', en='Beijing and Shanghai')
    """
    every = [*labels]
    *before, end = [label.en for label in every] or [""]
    english = f"{en.join(before)}{last or en}{end}" if before else end
    return Label(zh.join(label.zh for label in every), english)


def joined(*parts: Label) -> Label:
    """Return sentences as one text, in English with a space between them."""
    english = " ".join(part.en.strip() for part in parts if part.en)
    return Label("".join(part.zh for part in parts), english)
