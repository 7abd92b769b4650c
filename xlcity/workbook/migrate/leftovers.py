"""What was typed where no place exists any more, and sheets that list lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from xlcity.data_files import toml_beside
from xlcity.errors import counted
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.patch import CellEntry, write_entries
from xlcity.xlsx.editing.transplant import copy_sheets
from xlcity.xlsx.new_book import close_to_bytes, new_book
from xlcity.xlsx.package import Package

SHEET = "Leftovers"
#: Row of the keys of the columns of a list; labels stand above it, lines below.
KEYS = 4
#: How far down the row of keys is looked for: people insert rows above it.
_FAR = 20


def texts(part: str) -> Mapping[str, Any]:
    """Return a part of texts.toml: key -> language -> text."""
    part_texts: Mapping[str, Any] = toml_beside(__file__, "texts.toml")[part]
    return part_texts


def in_language(text: Mapping[str, str], language: str) -> str:
    """Return a text in the language of a workbook: zh, en or both."""
    return text.get(language) or f"{text['zh']} / {text['en']}"


def list_book(
    name: str, lines: Iterable[Sequence[str | float]], language: str
) -> Package:
    """Return a workbook with one sheet of lines; texts are never formulas, numbers stay numbers."""
    workbook = new_book()
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
    return Package.from_bytes(close_to_bytes(workbook), name)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something typed that has no place any more.

    Attributes
    ----------
    what
        Its kind, a key of `kinds` in texts.toml.
    sheet, cell
        Where it stood.
    at
        Where that is now, if the cell still exists.
    unit, code
        The city and the node or heading it is about.
    content
        What it says; formulas begin with "=".
    reason
        A key of `reasons` there.
    source
        The workbook it comes from, where there were several.
    """

    what: str
    sheet: str = ""
    cell: str = ""
    at: str = ""
    unit: str = ""
    code: str = ""
    content: str = ""
    reason: str = "gone"
    source: str = ""

    def __str__(self) -> str:
        """Return the line in English."""
        return self.text("en")

    def text(self, language: str) -> str:
        """Return the line for people at a terminal: in Chinese, or in English for any other."""
        language = "zh" if language == "zh" else "en"
        address = "!".join(filter(None, (self.sheet, self.cell)))
        about = " · ".join(filter(None, (address, self.unit, self.code)))
        what = _word_for("kinds", self.what, language)
        why = _word_for("reasons", self.reason, language)
        origin = f" [{self.source}]" if self.source else ""
        if language == "zh":
            text = f"：{self.content}" if self.content else ""
            now = f"现为 {self.at}；" if self.at else ""
            return f"{about} {what}{text}（{now}{why}）{origin}".lstrip()
        text = f": {self.content}" if self.content else ""
        now = f", now {self.at}" if self.at else ""
        return (
            f"{what} on {about}{text}{now} ({why}){origin}"
            if about
            else f"{what}{text} ({why})"
        )


def find_list(book: ReadBook, name: str) -> Range | None:
    """Return a list with its row of keys, which people may have moved down, by its sheet.

    None where there is none, or another sheet of that name.
    """
    rows: dict[int, dict[str, int]] = {}
    cells = book.sheets[name].cells if name in book.sheets else {}
    for (row, column), cell in cells.items():
        if row <= _FAR:
            rows.setdefault(row, {})[plain_text(cell.value)] = column
    keys = texts(name)["heads"].keys()
    # In English the labels above the keys are the same words.
    for row, columns in sorted(rows.items(), reverse=True):
        if keys <= columns.keys():
            ends = [columns[key] for key in keys]
            filled = [
                r
                for (r, c), cell in cells.items()
                if c in ends and cell.value is not None
            ]
            return Range(
                name,
                row,
                min(ends),
                max(row, *filled),
                c2=max(ends),
            )
    return None


def with_list(
    package: Package, name: str, lines: Sequence[Sequence[Any]], language: str
) -> Package:
    """Return a workbook with more lines below those of a list, made if there is none.

    The lines have the order of the keys in texts.toml; people may have moved the columns.
    """
    book = read_book(package)
    area = find_list(book, name)
    if area is None:
        return copy_sheets(list_book(name, lines, language), package, {name: name})
    heads = enumerate(book.block(area)[0], area.c1)
    columns = {plain_text(head): column for column, head in heads}
    entries = {}
    for row, line in enumerate(lines, area.r2 + 1):
        for key, entry in zip(texts(name)["heads"], line, strict=True):
            if entry != "":
                entries[row, columns[key]] = CellEntry(entry)
    return write_entries(package, {name: entries}, book)


def with_leftovers(
    package: Package, lines: Sequence[Leftover], language: str
) -> Package:
    """Return a workbook with the sheet that lists what has no place, if there is anything."""
    shown = [
        replace(
            line,
            what=_word_for("kinds", line.what, language),
            reason=_word_for("reasons", line.reason, language),
        )
        for line in lines
    ]
    return (
        with_list(package, SHEET, [*map(astuple, shown)], language)
        if shown
        else package
    )


def _word_for(part: str, key: str, language: str = "en") -> str:
    """Return what a kind or a reason is called; an unknown one by its key."""
    names = texts(part)
    return in_language(names[key], language) if key in names else key


def count_of_kind(kind: str, number: int, language: str) -> str:
    """Return how many entries of a kind there are.

    >>> count_of_kind("attribute", 6, "en"), count_of_kind("attribute", 6, "zh")
    ('6 attributes of cities', '城市属性 6 项')
    """
    word = _word_for("kinds", kind, language)
    if language == "zh":
        return f"{word} {number} 项"
    words = texts("counted").get(kind, {"one": word, "several": f"{word}s"})
    return counted(number, words["one"], words["several"])


def shown_value(value: object) -> str:
    """Return an entry as people read it."""
    if value is None:
        return "—"
    if isinstance(value, float):
        return f"{value:.15g}"
    return (
        str(value)
        if isinstance(value, (str, int, tuple))
        else type(value).__name__.lower()
    )
