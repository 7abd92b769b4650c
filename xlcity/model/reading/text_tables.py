"""Tables in text: of web pages, Markdown's between pipes, those that `pdftotext -layout` sets."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise, zip_longest
from statistics import median
from typing import Any, NamedTuple, NoReturn

from xlcity.errors import DataError, Where
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
_BEFORE_THOUSANDS = re.compile(r"\d{1,3}")
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


class _Column(NamedTuple):
    """Where a column of a layout begins, and where it has ended."""

    start: int
    end: int

    def gap_to(self, place: float) -> float:
        """Return how far a place is from the column, 0 inside of it."""
        return max(self.start - place, place - self.end + 1, 0)


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
        lines = [rows[0][0] for rows in tables]
        where = Where(file=file)
        raise DataError.of(
            "XC322.several_tables", where, number=len(tables), lines=lines
        )
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
    raise DataError.of("XC322.web_tables", Where(file=file), number=len(tables))


def _find_web_tables(text: str, file: str) -> Iterator[list[tuple[str, ...]]]:
    """Yield the tables of a web page: rows that hold something, all as long."""
    try:
        from lxml import etree
        from lxml import html as web
    except ImportError as error:
        raise DataError.of("XC322.no_lxml", Where(file=file)) from error
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
        cells = _WebCells()
        for row, line in enumerate(table.xpath("./tr|./*/tr")):
            cells.add_row(row, line.xpath("./td|./th"))
        yield from cells.tables()


class _WebCells:
    """Places the cells of a web page's table, some of which cover several rows or columns."""

    def __init__(self) -> None:
        self.texts: dict[tuple[int, int], str] = {}
        #: Column -> the row in which no merged cell covers it.
        self.free_row: dict[int, int] = {}

    def add_row(self, row: int, cells: Sequence[Any]) -> None:
        """Add the cells of a row; a merged one has its text where it begins."""
        column = 0
        for cell in cells:
            while self.free_row.get(column, 0) > row:
                column += 1
            end = column + _read_span(cell.get("colspan"))
            if column < _MOST_COLUMNS:  # wider tables are none, and cost little
                below = row + _read_span(cell.get("rowspan"))
                self.free_row |= dict.fromkeys(range(column, end), below)
            if shown := " ".join(cell.text_content().split()):
                self.texts[row, column] = shown
            column = end

    def tables(self) -> Iterator[list[tuple[str, ...]]]:
        """Yield the rows that hold something, unless they are too wide for a table."""
        rows = sorted({row for row, _ in self.texts})
        width = max((column for _, column in self.texts), default=-1) + 1
        if width <= _MOST_COLUMNS:
            yield [self._row(row, width) for row in rows]

    def _row(self, row: int, width: int) -> tuple[str, ...]:
        return tuple(self.texts.get((row, column), "") for column in range(width))


def _read_span(text: str | None) -> int:
    """Return how many rows or columns a cell of a web page covers."""
    return min(int(text), _MOST_MERGED) if text and text.isdecimal() else 1


def _find_pipe_tables(text: str) -> Iterator[list[TextRow]]:
    """Yield the tables of a Markdown text: a line of headings, a rule, and the lines below."""
    lines = text.splitlines() if "|" in text else []
    for rule in range(1, len(lines)):
        if "|" in lines[rule - 1] and _RULE.fullmatch(lines[rule]):
            rows = (rule - 1, *range(rule + 1, _end_of_pipes(lines, rule + 1)))
            yield [(row + 1, _split_pipe_line(lines[row])) for row in rows]


def _end_of_pipes(lines: Sequence[str], start: int) -> int:
    """Return the line after the last row of a Markdown table that begins in a line."""
    end = start
    while end < len(lines) and "|" in lines[end]:
        end += 1
    # A second table may follow at once; its headings are none of the rows.
    is_next = start < end < len(lines) and _RULE.fullmatch(lines[end])
    return end - 1 if is_next else end


def _split_pipe_line(line: str) -> tuple[str, ...]:
    r"""Return the cells of a line, without what Markdown marks.

    >>> _split_pipe_line(r"| **[Lyon](https://lyon.fr)** | 7\|8 | |")
    ('Lyon', '7|8', '')
    """
    cells = _PIPE.split(line.strip().removeprefix("|").removesuffix("|"))
    return tuple(map(_plain_cell, cells))


def _plain_cell(cell: str) -> str:
    shown = _LINK.sub(r"\1", cell.replace("\\|", "|"))
    plain = _EMPHASIS.sub(r"\2", _BREAK.sub(" ", shown))
    return html.unescape(plain).strip()


def _find_layout_tables(text: str) -> Iterator[list[TextRow]]:
    """Yield the tables of a layout: pages with as many columns are one.

    Headings that are repeated, notes and numbers of pages are no rows.
    """
    if "\t" in text or len(text) > _LONGEST or not _GAP.search(text):
        return
    tables = filter(None, map(_read_page, _split_pages(text)))
    for _, alike in groupby(tables, key=_count_columns):
        yield _join_pages([*alike])


def _count_columns(table: Sequence[TextRow]) -> int:
    """Return how many columns a table of a layout has."""
    return len(table[0][1])


def _split_pages(text: str) -> list[list[_Line]]:
    """Return the lines of each page of a layout that show something."""
    pages: list[list[_Line]] = [[]]
    for number, line in enumerate(text.split("\n"), start=1):
        if "\f" in line:
            pages.append([])
        shown = line.strip("\f\r").rstrip()
        if shown:
            pages[-1].append(_Line(number, shown, [*_WORD.finditer(shown)]))
    return pages


def _join_pages(pages: Sequence[Sequence[TextRow]]) -> list[TextRow]:
    """Return the rows of pages with as many columns; headings that are repeated are none."""
    joined = [*pages[0]]
    repeated = {cells for _, cells in joined[:2]}
    for page in pages[1:]:
        joined += [row for row in page[1:] if row[1] not in repeated]
    return joined


def _read_page(lines: Sequence[_Line]) -> list[TextRow]:
    """Return the headings of a page in one row, and its lines of numbers, cell by cell."""
    row_lines = _find_row_lines(lines)
    if len(row_lines) < _FEWEST_ROWS:
        return []
    columns = _find_columns([line.words for line in row_lines])
    rows = [
        (line.number, _split_layout_line(line.words, columns)) for line in row_lines
    ]
    above = lines[: lines.index(row_lines[0])]
    titles = [place for place, line in enumerate(above, 1) if _TITLE.match(line.text)]
    headings = [
        _split_heading(line, columns)
        for line in above[max([0, *titles]) :][-_MOST_HEADINGS:]
        if _GAP.search(line.text)
    ]
    names = [" ".join(filter(None, cells)) for cells in zip_longest(*headings)]
    header = tuple(names or [""] * len(columns))
    return [(row_lines[0].number - 1, header), *rows]


def _find_row_lines(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines of numbers of a page, without its foot."""
    counts = [*map(_count_numbers, lines)]
    # The foot of a page has a number or two, too.
    several = [count for count in counts if count > 1]
    least = max(2, median(several or [0]) / 2)
    rows = [line for line, count in zip(lines, counts, strict=True) if count >= least]
    steps = [below.number - row.number for row, below in pairwise(rows)]
    if len(steps) > 1 and rows[-1] is lines[-1]:
        last_step = steps.pop()
        if last_step > max(_FOOT, *steps):
            rows.pop()
    return rows


def _split_heading(line: _Line, columns: Sequence[_Column]) -> tuple[str, ...]:
    if len(line.words) != len(columns):
        return _split_layout_line(line.words, columns)
    # Chinese headings may stand far from the middle of their columns.
    return tuple(word[0] for word in line.words)


def _count_numbers(line: _Line) -> int:
    """Return how many numbers stand apart on a line of a layout."""
    # A comma or semicolon that stands alone is a separator of CSV.
    has_separator = bool({",", ";"} & {*line.text.split()})
    if has_separator or not _GAP.search(line.text):
        return 0
    return sum(bool(_NUMBER.fullmatch(word[0])) for word in line.words)


def _find_columns(rows: Sequence[Sequence[re.Match[str]]]) -> list[_Column]:
    """Return where columns begin and end: between them hardly a line has a sign.

    A single blank parts a number from what stands before it, neither words of a name nor thousands.
    """
    words = [*chain.from_iterable(rows)]
    covered = Counter(chain.from_iterable(range(*word.span()) for word in words))
    columns: list[_Column] = []
    for offset in sorted(covered):
        if covered[offset] <= _STRAY * len(rows):
            continue
        start = offset
        if columns and _goes_on(columns[-1].end, offset, words):
            start = columns.pop().start
        columns.append(_Column(start, offset + 1))
    return columns


def _goes_on(
    end: int,
    offset: int,
    words: Sequence[re.Match[str]],
) -> bool:
    """Tell whether a column that ended before goes on at an offset."""
    if offset > end + 1:
        return False
    if offset == end:
        return True
    starting = [word[0] for word in words if word.start() == offset]
    if not all(map(_NUMBER.fullmatch, starting)):
        return True
    ending = [word[0] for word in words if word.end() == end]
    are_thousands = all(map(_THOUSANDS.fullmatch, starting))
    return are_thousands and all(map(_BEFORE_THOUSANDS.fullmatch, ending))


def _split_layout_line(
    words: Sequence[re.Match[str]], columns: Sequence[_Column]
) -> tuple[str, ...]:
    """Return what stands in each column: every word belongs to the nearest."""
    cells: list[list[str]] = [[] for _ in columns]
    for word in words:
        middle = (word.start() + word.end() - 1) / 2
        gaps = [column.gap_to(middle) for column in columns]
        cells[gaps.index(min(gaps))].append(word[0])
    return tuple(map(" ".join, cells))
