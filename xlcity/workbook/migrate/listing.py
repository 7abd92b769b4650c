"""A sheet that lists lines below a row of keys, made outside the template."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.xlsx.package import Package

#: Row of the keys of the columns; labels stand above it, lines below.
KEYS = 4


def texts(part: str) -> Mapping[str, Any]:
    """Return a part of texts.toml: key -> language -> text."""
    part_texts: Mapping[str, Any] = toml_beside(__file__, "texts.toml")[part]
    return part_texts


def in_language(text: Mapping[str, str], language: str) -> str:
    """Return a text in the language of a workbook: zh, en or both."""
    return text.get(language) or f"{text['zh']} / {text['en']}"


def list_book(name: str, lines: Iterable[Sequence[str | float]], language: str) -> Package:
    """Return a workbook with the one sheet; texts are never formulas, numbers stay numbers."""
    import xlsxwriter

    buffer = io.BytesIO()
    workbook: Any = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = workbook.add_worksheet(name)
    bold = workbook.add_format({"bold": True, "font_size": 14})
    bottom = workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    grey = workbook.add_format({"font_color": "#808080", "font_size": 8})
    plain = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    number = workbook.add_format({"valign": "top", "align": "left"})
    page = texts(name)
    sheet.write_string(0, 0, in_language(page["title"], language), bold)
    sheet.write_string(1, 0, in_language(page["note"], language))
    for column, (key, head) in enumerate(page["heads"].items()):
        sheet.set_column(column, column, head["width"])
        sheet.write_string(KEYS - 2, column, in_language(head, language), bottom)
        sheet.write_string(KEYS - 1, column, key, grey)
    for row, line in enumerate(lines, KEYS):
        for column, entry in enumerate(line):
            if isinstance(entry, str):
                sheet.write_string(row, column, entry, plain)
            else:
                sheet.write_number(row, column, entry, number)
    sheet.freeze_panes(KEYS, 0)
    sheet.hide_gridlines(2)
    workbook.close()
    return Package.from_bytes(buffer.getvalue(), name)
