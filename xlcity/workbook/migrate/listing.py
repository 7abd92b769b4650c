"""A sheet that lists lines below a row of keys, made outside the template."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from xlcity.xlsx.package import Package

#: Row of the keys of the columns; labels stand above it, lines below.
KEYS = 4


class ListHead(NamedTuple):
    """A column of the list: what it is called in Chinese and English, and how wide it is."""

    zh: str
    en: str
    width: float


def in_language(zh: str, en: str, language: str) -> str:
    """Return a text in the language of a workbook."""
    return {"zh": zh, "en": en}.get(language, f"{zh} / {en}")


def list_book(
    name: str,
    title: str,
    note: str,
    heads: Mapping[str, ListHead],
    lines: Iterable[Sequence[str | float]],
    language: str,
) -> Package:
    """Return a workbook with the one sheet; texts are never formulas, numbers stay numbers."""
    import xlsxwriter

    buffer = io.BytesIO()
    workbook: Any = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet(name)
    bold = workbook.add_format({"bold": True, "font_size": 14})
    bottom = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    grey = workbook.add_format({"font_color": "#808080", "font_size": 8})
    text = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    number = workbook.add_format({"valign": "top", "align": "left"})
    sheet.write_string(0, 0, title, bold)
    sheet.write_string(1, 0, note)
    for column, (key, head) in enumerate(heads.items()):
        sheet.set_column(column, column, head.width)
        sheet.write_string(KEYS - 2, column, in_language(head.zh, head.en, language), bottom)
        sheet.write_string(KEYS - 1, column, key, grey)
    for row, line in enumerate(lines, KEYS):
        for column, entry in enumerate(line):
            if isinstance(entry, str):
                sheet.write_string(row, column, entry, text)
            else:
                sheet.write_number(row, column, entry, number)
    sheet.freeze_panes(KEYS, 0)
    sheet.hide_gridlines(2)
    workbook.close()
    return Package.from_bytes(buffer.getvalue(), name)
