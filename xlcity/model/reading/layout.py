"""Where a table stands among the cells of a sheet: its rows of headings, and those of values.

A clean table is one whose layout says nothing: headings in the first row that holds something, and
values in all rows below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from xlcity.model.reading.tables import Cells, FileTable, as_text, is_filled
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.plain_cells import PercentNumber

_SPACE_BETWEEN_CHINESE = re.compile("(?<=[\u3400-\u9fff）]) (?=[\u3400-\u9fff（])")


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Which rows of a sheet are those of its table, counted from 1.

    Attributes
    ----------
    header
        The rows of headings; () is the first row that holds something.
    last
        The last row of values, None for that of the sheet.
    """

    header: tuple[int, ...] = ()
    last: int | None = None


def arrange(
    file: str, sheet: str | None, cells: Cells, layout: RowLayout = RowLayout()
) -> FileTable:
    """Return the table of a sheet as a layout says, without blank rows.

    A sheet that holds nothing is a table without headings.
    """
    filled = [number for number, row in enumerate(cells, 1) if is_filled(row)]
    heads = sorted(layout.header or filled[:1])
    if not heads:
        return FileTable(file, sheet, (), (), numbers=())
    last = len(cells) if layout.last is None else layout.last
    numbers = tuple(number for number in filled if heads[-1] < number <= last)
    rows = tuple(tuple(cells[number - 1]) for number in numbers)
    header = _read_header([cells[row - 1] for row in heads])
    return FileTable(file, sheet, tuple(header), rows, numbers=numbers)


def _read_header(rows: Cells) -> list[str]:
    texts = [[*map(cell_text, row)] for row in rows]
    return texts[0] if len(texts) == 1 else headings(texts)


def cell_text(value: object) -> str:
    """Return a cell as text, a number in percentage format with its sign."""
    if isinstance(value, PercentNumber):
        return f"{float(value) * 100:.12g}%"
    return as_text(value)


def one_line(text: str) -> str:
    r"""Return a text without line breaks, and without spaces that set Chinese characters apart.

    >>> one_line("城  市\nCity"), one_line("PM2.5 年平均\n浓度 （微克）")
    ('城市 City', 'PM2.5 年平均浓度（微克）')
    """
    return _SPACE_BETWEEN_CHINESE.sub("", " ".join(text.split()))


def headings(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the headings of columns, from one row or several, the lowest last.

    A heading is the lowest text of its column; where that stands twice, the text above it, which
    may be merged over several columns, comes first. Lines within a cell are one line.
    """
    width = max(map(len, rows))
    header = _in_width(rows[-1], width)
    for row in reversed(rows[:-1]):
        header = _join_headings(_in_width(row, width), header)
    return header


def _in_width(row: Sequence[str], width: int) -> list[str]:
    return [*map(one_line, row), *[""] * (width - len(row))]


def _join_headings(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Return headings of two rows: what stands twice below has the text above before it."""
    times = Counter(lower)
    over = spread_merged(upper, lower)
    joined = []
    for text, group, below in zip(upper, over, lower, strict=True):
        is_told_apart = below and group and times[below] > 1
        joined.append(f"{group} · {below}" if is_told_apart else below or text)
    return joined


def spread_merged(row: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return a row of headings, a merged one for each column as far as there are some below it."""
    over = []
    merged = ""
    for text, lower in zip(row, below, strict=True):
        merged = text or (merged if lower else "")
        over.append(merged)
    return over


def column_names(header: Sequence[str]) -> dict[str, int]:
    """Return what a map may call each column -> its position.

    That is its heading; with its letter where the heading stands twice; the letter where there is
    no heading.

    >>> column_names(["", "Score", "Score"])
    {'Score · B': 1, 'Score · C': 2, 'A': 0}
    >>> column_names(["B", ""])
    {'B': 0, 'B · B': 1}
    """
    times = Counter(header)
    column_by_name: dict[str, int] = {}
    headed = [column for column, heading in enumerate(header) if heading]
    bare = [column for column, heading in enumerate(header) if not heading]
    for column in (*headed, *bare):
        letters = column_letters(column + 1)
        name = header[column] or letters
        if name == header[column] and times[name] > 1:
            name = f"{name} · {letters}"
        while name in column_by_name:  # the heading of one is the letter of another
            name = f"{name} · {letters}"
        column_by_name[name] = column
    return column_by_name
