"""The texts beside and above cells, and the titles of sheets, in both languages of a template."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property

from xlcity.audit.trace.steps import Words
from xlcity.workbook.labels import LANGUAGES, show_label
from xlcity.xlsx.cells import Position, ReadBook

#: Rows between a cell and a heading, at most.
_FAR = 300
#: Characters of a heading.
_LONGEST = 60
#: Signs that stand alone where there is no value: .., —.
_GAP_SIGNS = ".…-–—− "
#: The texts of a row or column with their places, in order; and all lines of a sheet.
_Line = list[tuple[int, str]]
_Lines = Mapping[int, _Line]


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
        self._texts = cache(self._read_texts)

    def of(
        self, sheet: str, position: Position, is_entry: Callable[[int], bool] = lambda row: False
    ) -> tuple[Words, ...]:
        """Return the texts to the left of a cell and above it, unless that is an entry."""
        row, column = position
        rows, columns = self._texts(sheet)
        left, above = _heading_before(rows[row], column), _heading_before(columns[column], row)
        if above and (row - above[0] >= _FAR or is_entry(above[0])):
            above = None
        return tuple(self.words(neighbour[1]) for neighbour in (left, above) if neighbour)

    def title(self, sheet: str) -> Words:
        """Return the title of a sheet."""
        return self._keyed.get(f"{sheet.lower()}.title", Words(sheet))

    def words(self, text: str) -> Words:
        """Return a text in both languages, where a label or a node is called so."""
        return self._labels.get(text, Words(text))

    @cached_property
    def _labels(self) -> dict[str, Words]:
        """Heading of a template, in any language of a book -> it in both."""
        labels: dict[str, Words] = {}
        for words in (*self._keyed.values(), *self._names):
            shown = (show_label(words.zh, words.en, language) for language in LANGUAGES)
            texts = (text.strip()[:_LONGEST] for text in shown)
            labels |= {text: words for text in texts if text}
        return labels

    def _read_texts(self, sheet: str) -> tuple[_Lines, _Lines]:
        """Return the texts of each row and of each column."""
        rows, columns = defaultdict[int, _Line](list), defaultdict[int, _Line](list)
        cells = self._book.sheets[sheet].cells
        for row, column in sorted(cells):
            text = cells.value((row, column))
            if isinstance(text, str) and (text := text.strip()[:_LONGEST]).strip(_GAP_SIGNS):
                rows[row].append((column, text))
                columns[column].append((row, text))
        return rows, columns


def _heading_before(line: _Line, position: int) -> tuple[int, str] | None:
    """Return the last text of a row or column before a place, and where it stands.

    Before a text, the first of those that touch: the heading of a list.
    """
    index = bisect_left(line, (position, ""))
    if index < len(line) and line[index][0] == position:
        while index > 1 and line[index - 2][0] == line[index - 1][0] - 1:
            index -= 1
    return line[index - 1] if index else None
