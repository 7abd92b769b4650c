"""Tables in text: of web pages, Markdown's between pipes, those that `pdftotext -layout` sets."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple, NoReturn

from xlcity.errors import DataError
from xlcity.xlsx.diagnose import is_web_page

#: A row of a table: the number of its line, and its cells.
TextRow = tuple[int, tuple[str, ...]]
#: The line below the headings of a Markdown table, and what separates cells.
_RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")
_PIPE = re.compile(r"(?<!\\)\|")
#: What Markdown adds to the text of a cell: the target of a link, line breaks, and emphasis.
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_BREAK = re.compile(r"<br ?/?>")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|~~|`|\*)(?=\S)(.+?)(?<=\S)\1")
#: What stands apart on a line of a layout, and a number in it or the dash of a gap.
_WORD = re.compile(r"\S+")
_GAP = re.compile(r"\S {2,}\S")
_NUMBER = re.compile(
    r"[(<>=#]?[+\-−–$€£¥]*\d(?:[\d.,:/]*\d)?[%)*]*|[-–—…]|\.{2,3}|n\.?a\.?",
    re.IGNORECASE,
)
#: The last three digits of thousands that a blank parts.
_THOUSANDS = re.compile(r"\d{3}(?:[.,]\d+)?")
#: The title of a table.
_TITLE = re.compile(
    r"\s*(?:table|tab\.|表|续表|附表)\s*[\dA-Z一二三四五六七八九十]", re.IGNORECASE
)
#: Lines of numbers that make a table, at least.
_FEWEST_ROWS = 3
#: The foot of a page, which may have two numbers, is more lines below the last row than these.
_FOOT = 3
#: Lines above them that may be headings, at most.
_MOST_HEADINGS = 6
#: Characters of a layout, at most; longer texts are data.
_LONGEST = 10**6
#: Characters that show a web page.
_HEAD = 4096
#: Columns of a web page's table, and lines or columns of one cell, at most.
_MOST_COLUMNS = 1024
_MOST_MERGED = 1000
#: What a web page does not show, and marks of references.
_NOT_SHOWN = (
    "//script|//style|//sup[contains(@class, 'reference')]"
    "|//*[contains(translate(@style, ' ', ''), 'display:none')]"
)
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
    if is_web_page(text[:_HEAD].encode()):
        web_tables = read_web_tables(text, file)
        if len(web_tables) > 1:
            _refuse_page(web_tables, file)
        return [*enumerate(web_tables[0], start=1)]
    tables = [*_find_pipe_tables(text)] or [*_find_layout_tables(text)]
    if len(tables) > 1:
        places = ", ".join(str(rows[0][0]) for rows in tables)
        message = f"the file has {len(tables)} tables, on the lines from {places}."
        raise DataError(message, "Keep one table in the file.", "XC322", file=file)
    return tables[0] if tables else None


def read_web_tables(text: str, file: str) -> list[list[tuple[str, ...]]]:
    """Return the rows of each table of a web page; a merged cell has its text where it begins.

    Tables of one row or column only set the page.

    Raises
    ------
    DataError
        If there is none.
    """
    tables = [
        rows
        for rows in _find_web_tables(text, file)
        if len(rows) > 1 and len(rows[0]) > 1
    ]
    if not tables:
        _refuse_page(tables, file)
    return tables


def _refuse_page(tables: Sequence[object], file: str) -> NoReturn:
    message = f"the web page has {len(tables)} tables."
    hint = "Copy the table from the browser into a spreadsheet and save that as .xlsx."
    raise DataError(message, hint, "XC322", file=file)


def _find_web_tables(text: str, file: str) -> Iterator[list[tuple[str, ...]]]:
    """Yield the tables of a web page: rows that hold something, all as long."""
    try:
        from lxml import etree
        from lxml import html as web
    except ImportError as error:
        message = "reading web pages needs lxml."
        hint = "pip install 'xlcity[report]'"
        raise DataError(message, hint, "XC322", file=file) from error
    try:
        page = web.document_fromstring(
            text.encode(), parser=web.HTMLParser(encoding="utf-8")
        )
    except etree.ParserError:  # nothing but a declaration
        return
    for element in page.xpath(_NOT_SHOWN):
        element.drop_tree()
    for element in page.iter("br", "img", "wbr"):
        element.tail = f" {element.tail or ''}"
    for table in page.iter("table"):
        cells: dict[tuple[int, int], str] = {}
        free_row: dict[
            int, int
        ] = {}  # column -> the row in which no merged cell covers it
        for row, line in enumerate(table.xpath("./tr|./*/tr")):
            column = 0
            for cell in line.xpath("./td|./th"):
                while free_row.get(column, 0) > row:
                    column += 1
                down, across = (
                    _read_span(cell.get(name)) for name in ("rowspan", "colspan")
                )
                if column < _MOST_COLUMNS:  # wider tables are none, and cost little
                    free_row |= dict.fromkeys(
                        range(column, column + across), row + down
                    )
                if shown := " ".join(cell.text_content().split()):
                    cells[row, column] = shown
                column += across
        rows = sorted({row for row, _ in cells})
        width = max((c for _, c in cells), default=-1) + 1
        if width <= _MOST_COLUMNS:
            yield [
                tuple(cells.get((row, column), "") for column in range(width))
                for row in rows
            ]


def _read_span(text: str | None) -> int:
    """Return how many rows or columns a cell of a web page covers."""
    return min(int(text), _MOST_MERGED) if text and text.isdecimal() else 1


def _find_pipe_tables(text: str) -> Iterator[list[TextRow]]:
    """Yield the tables of a Markdown text: a line of headings, a rule, and the lines below."""
    lines = text.splitlines() if "|" in text else []
    for number, line in enumerate(lines):
        if number and "|" in lines[number - 1] and _RULE.fullmatch(line):
            end = number + 1
            while end < len(lines) and "|" in lines[end]:
                end += 1
            # A second table may follow at once; its headings are none of the rows.
            end -= (
                end > number + 1
                and end < len(lines)
                and bool(_RULE.fullmatch(lines[end]))
            )
            yield [
                (n + 1, _split_pipe_line(lines[n]))
                for n in (number - 1, *range(number + 1, end))
            ]


def _split_pipe_line(line: str) -> tuple[str, ...]:
    r"""Return the cells of a line, without what Markdown marks.

    >>> _split_pipe_line(r"| **[Lyon](https://lyon.fr)** | 7\|8 | |")
    ('Lyon', '7|8', '')
    """
    cells = _PIPE.split(line.strip().removeprefix("|").removesuffix("|"))
    plain = (
        _BREAK.sub(" ", _LINK.sub(r"\1", cell.replace("\\|", "|"))) for cell in cells
    )
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
    filled_lines = [
        _Line(n, text, [*_WORD.finditer(text)]) for n, text in lines if text.strip()
    ]
    counts = [*map(_count_numbers, filled_lines)]
    # The foot of a page has a number or two, too.
    least = max(2, median([count for count in counts if count > 1] or [0]) / 2)
    row_lines = [
        line for line, count in zip(filled_lines, counts, strict=True) if count >= least
    ]
    steps = [below.number - row.number for row, below in pairwise(row_lines)]
    if (
        steps[1:]
        and row_lines[-1] is filled_lines[-1]
        and steps[-1] > max(_FOOT, *steps[:-1])
    ):
        row_lines.pop()  # the foot of the page
    if len(row_lines) < _FEWEST_ROWS:
        return []
    columns = _find_columns([line.words for line in row_lines])
    rows = [
        (line.number, _split_layout_line(line.words, columns)) for line in row_lines
    ]
    lines_above = filled_lines[: filled_lines.index(row_lines[0])]
    titles = [
        number for number, line in enumerate(lines_above, 1) if _TITLE.match(line.text)
    ]
    headings = [
        # Chinese headings may stand far from the middle of their columns.
        tuple(word[0] for word in line.words)
        if len(line.words) == len(columns)
        else _split_layout_line(line.words, columns)
        for line in lines_above[max([0, *titles]) :][-_MOST_HEADINGS:]
        if _GAP.search(line.text)
    ]
    names = tuple(
        " ".join(filter(None, cells)) for cells in zip(*headings, strict=True)
    )
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
    covered = Counter(
        offset for row in rows for word in row for offset in range(*word.span())
    )
    filled_offsets = sorted(
        offset for offset, count in covered.items() if count > _STRAY * len(rows)
    )
    columns: list[tuple[int, int]] = []
    for offset in filled_offsets:
        if columns and offset == columns[-1][1]:
            columns[-1] = columns[-1][0], offset + 1
            continue
        starting_words = [
            word[0] for row in rows for word in row if word.start() == offset
        ]
        ending_words = [
            word[0] for row in rows for word in row if word.end() == offset - 1
        ]
        joins_last = not all(map(_NUMBER.fullmatch, starting_words)) or (
            all(map(_THOUSANDS.fullmatch, starting_words))
            and all(len(w) < 4 and w.isdigit() for w in ending_words)
        )
        joins_last = joins_last and bool(columns) and offset == columns[-1][1] + 1
        start = columns.pop()[0] if joins_last else offset
        columns.append((start, offset + 1))
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
