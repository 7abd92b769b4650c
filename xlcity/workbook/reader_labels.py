"""What a row of `Checks` says, in a language that is not the workbook's: its labels in another one.

Names of cities and indicators, and what people typed, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from xlcity.workbook.labels import LANGUAGES, all_labels, show_label

#: Labels that stand in the column of what is counted, or in that of the detail.
_IN_ROWS = (
    "check.",
    "compare.compared",
    "compare.derived_",
    "compare.no",
    "compare.within",
    "data.blanks",
    "data.codes",
    "data.duplicate",
    "data.noid",
    "data.notanumber",
    "data.outside",
    "data.synthetic",
    "data.unknown",
    "data.write",
    "fault.",
    "links.fault.",
    "messages.without",
    "check.udf-native.absent",
)
#: What a label has in the place of a code.
_CODE = re.compile(r"\\\{\w+\\\}")
_ROW = re.compile(r"(?P<label>.+?): (?P<count>[^(:]*)(?: \((?P<detail>.*)\))?")


def in_english(text: str) -> str:
    """Return a text of a row with its labels in English.

    >>> in_english("确认缺失的输入"), in_english("绍兴 · 1 格确认缺失 · GDP")
    ('Inputs confirmed missing', '绍兴 · 1 confirmed missing · GDP')
    """
    return _with_labels(text, "en")


def in_chinese(text: str) -> str:
    """Return a row of the checks in Chinese, with the signs of that language.

    >>> in_chinese("Inputs confirmed missing: 1 (Rome · 1 confirmed missing · GDP)")
    '确认缺失的输入：1（Rome · 1 格确认缺失 · GDP）'
    >>> in_chinese("Inputs not filled yet: 1 (Rome · 1 unusable:\u00a0GDP text)")
    '还没有填的输入：1（Rome · 1 格不能用：GDP 文字）'
    >>> in_chinese("Rome: 3 (2)")
    'Rome: 3 (2)'
    """
    row = _ROW.fullmatch(text)
    if row is None:
        return text
    label = _with_labels(row["label"], "zh")
    if label == row["label"]:
        return text
    chinese = f"{label}：{_with_labels(row['count'], 'zh')}"
    if row["detail"]:
        chinese += f"（{_with_labels(row['detail'], 'zh')}）"
    return chinese


def _with_labels(text: str, language: str) -> str:
    for pattern, label in _replacements(language):
        text = pattern.sub(label, text)
    return text


@cache
def _replacements(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what finds each label in another language, and the label: the longest first."""
    label_of: dict[str, str] = {}
    for zh, en in labels_of_rows():
        wanted = show_label(zh, en, language)
        others = [show_label(zh, en, other) for other in LANGUAGES]
        # Books whose tabs have the contract's names show the Chinese as it is written.
        others.append(zh if language == "en" else en)
        for other in others:
            if other != wanted:
                label_of.setdefault(other, wanted)
    longest_first = sorted(label_of, key=len, reverse=True)
    return tuple((_finding(text), _put_in(label_of[text])) for text in longest_first)


def labels_of_rows() -> Iterator[tuple[str, str]]:
    """Yield the labels that rows show, in Chinese and in English."""
    for key, texts in all_labels():
        if key.startswith(_IN_ROWS):
            yield texts["zh"], texts["en"]


def _finding(text: str) -> re.Pattern[str]:
    """Return what finds a label, no part of a word, whatever codes it has."""
    inner = _CODE.sub(r"(\\S+)", re.escape(text))
    before = "(?<![A-Za-z])" if text[0].isascii() and text[0].isalpha() else ""
    behind = "(?![A-Za-z])" if text[-1].isascii() and text[-1].isalpha() else ""
    return re.compile(f"{before}{inner}{behind}")


def _put_in(label: str) -> str:
    """Return a label as it replaces what was found, with the codes of that."""
    parts = re.split(r"\{\w+\}", label.replace("\\", r"\\"))
    return "".join(
        f"{part}\\{place}" if place < len(parts) else part
        for place, part in enumerate(parts, 1)
    )
