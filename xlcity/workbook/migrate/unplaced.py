"""What was typed where no place exists any more, and the sheet that lists it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace

from xlcity.workbook.migrate.listing import KEYS, in_language, list_book, texts
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.package import Package

SHEET = "Leftovers"


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
        """Return the line for people at a terminal."""
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
        return f"{what} on {about}{text}{now} ({why}){origin}" if about else f"{what}{text} ({why})"


def leftovers_book(lines: Sequence[Leftover], language: str) -> Package:
    """Return a workbook with the sheet that lists what has no place."""
    shown = (
        replace(
            line,
            what=_word_for("kinds", line.what, language),
            reason=_word_for("reasons", line.reason, language),
        )
        for line in lines
    )
    return list_book(SHEET, map(astuple, shown), language)


def _word_for(part: str, key: str, language: str = "en") -> str:
    """Return what a kind or a reason is called; an unknown one by its key."""
    names = texts(part)
    return in_language(names[key], language) if key in names else key


def has_leftovers(book: ReadBook) -> bool:
    """Tell whether a workbook has such a sheet, and not one of the user's own of that name."""
    return {"what", "content", "reason"} <= _columns_by_head(book).keys()


def _columns_by_head(book: ReadBook) -> dict[str, int]:
    cells = book.sheets[SHEET].cells if SHEET in book.sheets else {}
    return {
        plain_text(cell.value): position[1]
        for position, cell in cells.items()
        if position[0] == KEYS
    }


def read_leftovers(book: ReadBook) -> tuple[Leftover, ...]:
    """Return the lines of an older sheet of leftovers, and what was typed beside them."""
    if not has_leftovers(book):
        return ()
    sheet, columns = book.sheets[SHEET], _columns_by_head(book)
    kinds, reasons = _keys_by_word("kinds"), _keys_by_word("reasons")
    columns = {
        field.name: columns[field.name] for field in fields(Leftover) if field.name in columns
    }
    lines = []
    for row in sorted({row for row, _ in sheet.cells if row > KEYS}):
        entries = {name: plain_text(sheet.value(row, column)) for name, column in columns.items()}
        if any(entries.values()):
            entries["what"] = kinds.get(entries["what"], entries["what"])
            entries["reason"] = reasons.get(entries["reason"], entries["reason"])
            lines.append(Leftover(**entries))
    for (_, column), cell in sorted(sheet.cells.items()):
        content = f"={cell.formula}" if cell.formula else plain_text(cell.value)
        if content and column not in columns.values():
            lines.append(Leftover("leftover", SHEET, "", content=content, reason="kind"))
    return tuple(lines)


def _keys_by_word(part: str) -> dict[str, str]:
    """Return what kinds or reasons are called in any language -> key."""
    names, languages = texts(part), ("zh", "en", "both")
    shown = {
        in_language(text, language): key for key, text in names.items() for language in languages
    }
    return shown | {key: key for key in names}


def kind_words(kind: str) -> tuple[str, str]:
    """Return what one and several of a kind are called."""
    word = _word_for("kinds", kind)
    words = texts("counted").get(kind, {"one": word, "several": f"{word}s"})
    return words["one"], words["several"]
