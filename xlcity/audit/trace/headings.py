"""The texts beside and above cells, and the titles of sheets, in both languages of a template."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xlcity.audit.trace.description import Words
from xlcity.workbook.labels import LANGUAGES, in_language
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.cells import Position, ReadBook

#: Rows between a cell and a heading, at most.
_FAR = 300
#: Characters of a heading.
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Line:
    """The texts of a row or column, and where they stand, in order."""

    at: list[int]
    texts: list[str]

    def add(self, at: int, text: str) -> None:
        self.at.append(at)
        self.texts.append(text)

    def before(self, at: int) -> tuple[int, str] | None:
        """Return the last text before a place."""
        index = bisect_left(self.at, at) - 1
        return None if index < 0 else (self.at[index], self.texts[index])


_NONE = _Line([], [])


class Headings:
    """Finds the headings of cells.

    Parameters
    ----------
    book
        The workbook.
    labels
        Those of its template: key -> text in both languages.
    names
        Names of what headings stand for, beside the labels.
    """

    def __init__(
        self, book: ReadBook, labels: Mapping[str, Words], names: Sequence[Words] = ()
    ) -> None:
        self._book, self._keyed, self._names = book, labels, names
        self._lines: dict[str, tuple[dict[int, _Line], dict[int, _Line]]] = {}

    def of(
        self, sheet: str, position: Position, is_entry: Callable[[int], bool] = lambda row: False
    ) -> tuple[Words, ...]:
        """Return the texts to the left of a cell and above it, unless that is an entry."""
        row, column = position
        rows, columns = self._texts(sheet)
        left, above = rows.get(row, _NONE).before(column), columns.get(column, _NONE).before(row)
        if above and (row - above[0] >= _FAR or is_entry(above[0])):
            above = None
        return tuple(self._words(found[1]) for found in (left, above) if found)

    def behind(self, sheet: str, position: Position) -> tuple[Words, ...]:
        """Return the label directly to the right of a cell, which explains it."""
        text = plain_text(self._book.value(sheet, position[0], position[1] + 1)).strip()
        found = self._labels.get(text[:_LONGEST])
        return () if found is None else (found,)

    def title(self, sheet: str) -> Words:
        """Return the title of a sheet."""
        return self._titles.get(sheet.lower(), Words(sheet))

    def _words(self, text: str) -> Words:
        return self._labels.get(text, Words(text))

    @cached_property
    def _titles(self) -> dict[str, Words]:
        ending = ".title"
        return {
            key.removesuffix(ending): words
            for key, words in self._keyed.items()
            if key.endswith(ending)
        }

    @cached_property
    def _labels(self) -> dict[str, Words]:
        """Heading of a template, in any language of a book -> it in both."""
        found: dict[str, Words] = {}
        for words in (*self._keyed.values(), *self._names):
            shown = (in_language(words.zh, words.en, language) for language in LANGUAGES)
            texts = (text.strip()[:_LONGEST] for text in shown)
            found |= {text: words for text in texts if text}
        return found

    def _texts(self, sheet: str) -> tuple[dict[int, _Line], dict[int, _Line]]:
        """Return the texts of each row and of each column."""
        if sheet not in self._lines:
            found: tuple[dict[int, _Line], dict[int, _Line]] = {}, {}
            value = self._book.sheets[sheet].cells.value
            for row, column in sorted(self._book.sheets[sheet].cells):
                text = value((row, column))
                if isinstance(text, str) and (text := text.strip()[:_LONGEST]):
                    for lines, line, at in ((found[0], row, column), (found[1], column, row)):
                        lines.setdefault(line, _Line([], [])).add(at, text)
            self._lines[sheet] = found
        return self._lines[sheet]
