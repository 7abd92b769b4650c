"""Tables in text: of web pages, Markdown's between pipes, those that `pdftotext -layout` sets."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import chain, groupby
from statistics import median
from typing import NamedTuple

from xlcity.errors import DataError
from xlcity.xlsx.diagnose import is_web_page

#: A row of a table: the number of its line, and its cells.
TextRow = tuple[int, tuple[str, ...]]
#: The line below the headings of a Markdown table, and what separates cells.
_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")
_PIPE = re.compile(r"(?<!\\)\|")
#: What Markdown adds to the text of a cell: the target of a link, line breaks, and emphasis.
_LINK, _BREAK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), re.compile(r"<br ?/?>")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|~~|`|\*)(?=\S)(.+?)(?<=\S)\1")
#: What stands apart on a line of a layout, and a number in it or the dash of a gap.
_WORD, _GAP = re.compile(r"\S+"), re.compile(r"\S {2,}\S")
_NUMBER = re.compile(
    r"[(<>=#]?[+\-−–$€£¥]*\d(?:[\d.,:/]*\d)?[%)*]*|[-–—…]|\.{2,3}|n\.?a\.?", re.IGNORECASE
)
#: The last three digits of thousands that a blank parts.
_THOUSANDS = re.compile(r"\d{3}(?:[.,]\d+)?")
#: The title of a table.
_TITLE = re.compile(r"\s*(?:table|tab\.|表|续表|附表)\s*[\dA-Z一二三四五六七八九十]", re.IGNORECASE)
#: Lines of numbers that make a table, at least.
_FEWEST_ROWS = 3
#: Lines above them that may be headings, at most.
_MOST_HEADINGS = 6
#: Characters of a layout, at most; longer texts are data.
_LONGEST = 10**6
#: Columns and cells of a web page's table, at most: merged ones cost a page little.
_MOST_COLUMNS, _MOST_CELLS = 1 << 14, 10**7
#: Share of the lines of a table that may reach into the gap between two columns.
_STRAY = 0.05


class _Line(NamedTuple):
    """A line of a layout: its number in the file, its text, and what stands apart on it."""

    number: int
    text: str
    words: list[re.Match[str]]


def read_text_table(text: str, file: str) -> list[TextRow] | None:
    """Return the rows of the table in a text, its headings first; None for CSV.

    Rows of a web page are counted in their table.

    Raises
    ------
    DataError
        If there are several tables, or a web page has none.
    """
    if is_web_page(text.encode()):
        return [*enumerate(only_web_table(text, file), start=1)]
    tables = [*_find_pipe_tables(text)] or [*_find_layout_tables(text)]
    if len(tables) > 1:
        places = ", ".join(str(rows[0][0]) for rows in tables)
        message = f"the file has {len(tables)} tables, on the lines from {places}."
        raise DataError(message, "Keep one table in the file.", "XC322", file=file)
    return tables[0] if tables else None


def only_web_table(text: str, file: str) -> list[tuple[str, ...]]:
    """Return the rows of the one table of a web page; a merged cell has its text where it begins.

    Tables of one row or column only set the page.

    Raises
    ------
    DataError
        If there is none, or several.
    """
    reader = _WebTables()
    reader.feed(text)
    tables = [
        rows for rows in map(_table_rows, reader.tables) if len(rows) > 1 and len(rows[0]) > 1
    ]
    if len(tables) != 1:
        message = f"the web page has {len(tables)} tables."
        hint = "Copy the table from the browser into a spreadsheet and save that as .xlsx."
        raise DataError(message, hint, "XC322", file=file)
    return tables[0]


def _table_rows(rows: Sequence[dict[int, list[str]]]) -> list[tuple[str, ...]]:
    """Return the rows of a table that hold something, all as long, from (column -> texts)."""
    rows = [row for row in rows if any(map(str.strip, chain.from_iterable(row.values())))]
    width = max((max(row) + 1 for row in rows), default=0)
    if len(rows) * width > _MOST_CELLS:
        return []
    lines = (tuple(" ".join("".join(row.get(c, ())).split()) for c in range(width)) for row in rows)
    return [*lines]


class _WebTables(HTMLParser):
    """Collects the tables of a web page, each row as column -> texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[dict[int, list[str]]]] = []
        #: Open tables: rows, and column -> the row in which it is free of merged cells again.
        self._open: list[tuple[list[dict[int, list[str]]], dict[int, int]]] = []
        #: The column of the next cell, at least, in the row of each open table.
        self._left: list[int] = []
        self._text: list[str] = []
        #: What is not shown: the element, and how many of its kind are open.
        self._hidden, self._depth = "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row, a cell, or what is not shown: scripts, marks of references."""
        own = {name: value or "" for name, value in attrs}
        is_mark = tag == "sup" and "reference" in own.get("class", "")
        is_void = tag in ("br", "img", "input", "wbr")
        no_display = "display:none" in own.get("style", "").replace(" ", "") and not is_void
        if self._hidden or is_mark or no_display or tag in ("script", "style"):
            self._hidden = self._hidden or tag
            self._depth += tag == self._hidden
        elif tag == "table":
            self.tables.append([])
            self._open.append((self.tables[-1], {}))
            self._left.append(0)
        elif tag == "tr" and self._open:
            self._open[-1][0].append({})
            self._left[-1] = 0
        elif tag in ("td", "th") and self._open and self._open[-1][0]:
            rows, free_row = self._open[-1]
            down, across = (
                min(int(span), 1000) if (span := own.get(name, "")).isdecimal() else 1
                for name in ("rowspan", "colspan")
            )
            columns = range(self._left[-1], _MOST_COLUMNS)
            first = next((c for c in columns if free_row.get(c, 0) < len(rows)), _MOST_COLUMNS)
            self._left[-1], self._text = first + across, []
            if first < _MOST_COLUMNS:
                free_row |= dict.fromkeys(range(first, first + across), len(rows) - 1 + down)
                rows[-1][first] = self._text
        elif is_void:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a cell, or what is not shown."""
        self._depth -= tag == self._hidden
        self._hidden = self._hidden if self._depth else ""
        if tag == "table" and self._open and not self._hidden:
            self._open.pop()
            self._left.pop()
        if tag in ("table", "td", "th"):
            self._text = []

    def handle_data(self, data: str) -> None:
        """Add what is shown to the cell."""
        if not self._hidden:
            self._text.append(data)


def _find_pipe_tables(text: str) -> Iterator[list[TextRow]]:
    """Yield the tables of a Markdown text: a line of headings, a rule, and the lines below."""
    lines = text.splitlines() if "|" in text else []
    for number, line in enumerate(lines):
        if number and "|" in lines[number - 1] and _RULE.fullmatch(line):
            end = number + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            # A second table may follow at once; its headings are none of the rows.
            end -= end > number + 1 and end < len(lines) and bool(_RULE.fullmatch(lines[end]))
            yield [
                (n + 1, _split_pipe_line(lines[n])) for n in (number - 1, *range(number + 1, end))
            ]


def _split_pipe_line(line: str) -> tuple[str, ...]:
    r"""Return the cells of a line, without what Markdown marks.

    >>> _split_pipe_line(r"| **[Lyon](https://lyon.fr)** | 7\|8 | |")
    ('Lyon', '7|8', '')
    """
    cells = _PIPE.split(line.strip().removeprefix("|").removesuffix("|"))
    plain = (_BREAK.sub(" ", _LINK.sub(r"\1", cell.replace("\\|", "|"))) for cell in cells)
    return tuple(html.unescape(_EMPHASIS.sub(r"\2", cell)).strip() for cell in plain)


def _find_layout_tables(text: str) -> Iterator[list[TextRow]]:
    """Yield the tables of a layout: pages with as many columns are one.

    Headings that are repeated, notes and numbers of pages are no rows.
    """
    if "\t" in text or len(text) > _LONGEST or not _GAP.search(text):
        return
    pages: list[list[tuple[int, str]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if "\f" in line or not pages:
            pages.append([])
        pages[-1].append((number, line.strip("\f\r").rstrip()))
    read = [rows for rows in map(_read_page, pages) if rows]
    for _, pages_alike in groupby(read, key=lambda rows: len(rows[0][1])):
        (heading, *rows), *others = pages_alike
        repeated = {cells for _, cells in (heading, *rows[:1])}
        rows += [row for page in others for row in page[1:] if row[1] not in repeated]
        yield [heading, *rows]


def _read_page(lines: Sequence[tuple[int, str]]) -> list[TextRow]:
    """Return the headings of a page in one row, and its lines of numbers, cell by cell."""
    filled_lines = [_Line(n, text, [*_WORD.finditer(text)]) for n, text in lines if text.strip()]
    counts = [*map(_count_numbers, filled_lines)]
    # The foot of a page has a number or two, too.
    least = max(2, median([count for count in counts if count > 1] or [0]) / 2)
    row_lines = [line for line, count in zip(filled_lines, counts, strict=True) if count >= least]
    if len(row_lines) < _FEWEST_ROWS:
        return []
    columns = _find_columns([line.words for line in row_lines])
    rows = [(line.number, _split_layout_line(line.words, columns)) for line in row_lines]
    lines_above = filled_lines[: filled_lines.index(row_lines[0])]
    titles = [number for number, line in enumerate(lines_above, 1) if _TITLE.match(line.text)]
    headings = [
        # Chinese headings may stand far from the middle of their columns.
        tuple(word[0] for word in line.words)
        if len(line.words) == len(columns)
        else _split_layout_line(line.words, columns)
        for line in lines_above[max([0, *titles]) :][-_MOST_HEADINGS:]
        if _GAP.search(line.text)
    ]
    names = tuple(" ".join(filter(None, cells)) for cells in zip(*headings, strict=True))
    return [(rows[0][0] - 1, names or ("",) * len(columns)), *rows]


def _count_numbers(line: _Line) -> int:
    """Return how many numbers stand apart on a line of a layout."""
    # A comma or semicolon that stands alone is a separator of CSV.
    if not _GAP.search(line.text) or {",", ";"} & {*line.text.split()}:
        return 0
    return sum(bool(_NUMBER.fullmatch(word[0])) for word in line.words)


def _find_columns(rows: Sequence[Sequence[re.Match[str]]]) -> list[tuple[int, int]]:
    """Return where columns begin and end: between them hardly a line has a sign.

    A single blank parts a number from what stands before it, neither words of a name nor thousands.
    """
    covered = Counter(place for row in rows for word in row for place in range(*word.span()))
    filled_places = sorted(place for place, count in covered.items() if count > _STRAY * len(rows))
    columns: list[tuple[int, int]] = []
    for place in filled_places:
        if columns and place == columns[-1][1]:
            columns[-1] = columns[-1][0], place + 1
            continue
        starting_words = [word[0] for row in rows for word in row if word.start() == place]
        ending_words = [word[0] for row in rows for word in row if word.end() == place - 1]
        joins_last = not all(map(_NUMBER.fullmatch, starting_words)) or (
            all(map(_THOUSANDS.fullmatch, starting_words))
            and all(len(w) < 4 and w.isdigit() for w in ending_words)
        )
        joins_last = joins_last and bool(columns) and place == columns[-1][1] + 1
        start = columns.pop()[0] if joins_last else place
        columns.append((start, place + 1))
    return columns


def _split_layout_line(
    words: Sequence[re.Match[str]], columns: Sequence[tuple[int, int]]
) -> tuple[str, ...]:
    """Return what stands in each column: every word belongs to the nearest."""
    cells: list[list[str]] = [[] for _ in columns]
    for word in words:
        middle = (word.start() + word.end() - 1) / 2
        gaps = [max(start - middle, middle - end + 1, 0) for start, end in columns]
        cells[gaps.index(min(gaps))].append(word[0])
    return tuple(map(" ".join, cells))
