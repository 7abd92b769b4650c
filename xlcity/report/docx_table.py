"""The XML of a three-line table: lines above, below the heading and at the end, none between."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from xlcity.data_files import template_beside
from xlcity.figures.style import is_wide
from xlcity.report.contents import INDENT, NOTHING, Field, ReportTable, shown_rows

#: Twentieths of a point in a cm; cm of a point; the room at both sides of a cell, and most room
#: that columns share beyond what they need, in cm.
_TWIPS = 567
_POINT = 2.54 / 72
_SIDES = 0.2
_SPARE = 5.0
#: Half points of the type, the largest first, and of small type.
CELL_SIZES = (17, 15, 14)
_SMALL = (14,)
#: Letters of a text that is not broken, and most of one that takes the room it wants.
_LEAST = 16
_LONG = 44
_WORD = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef-]+-?")
#: How much wider bold type is, and a long heading that is read upwards; letters that it takes
#: across, and its height in cm.
_BOLD = 1.2
_BOLD_UPWARDS = 1.05
_UPRIGHT = 2.4
_TALL = 6.8
#: Chinese characters of a line of a heading.
_WHOLE = 4
#: The share of its room that is left to a text in a table that is too wide.
_LEAST_SHARE = 0.5
#: Rows of a page of a table of several blocks; of another that is kept on one page; rows that are
#: kept with its heading, or with the note below it; least rows of a block.
_PAGE_ROWS = 48
_FEW_ROWS = 14
_TOGETHER = 5
_BLOCK = 3
#: Twentieths of a point above and below the text of a row (LibreOffice draws the line of a heading
#: into the row below), and the same of small type.
_USUAL = (28, 2)
_TIGHT = (18, 2)
#: Columns of a table from which on one that is too wide has its columns in several parts.
_MANY_COLUMNS = 16
#: Rows of a table of blocks below headings up to which these stand one below another, in so many
#: parts at most, where they have no room side by side: a turned page would be left nearly empty.
_SHORT_ROWS = 12
_SHORT_PARTS = 3
#: The share of its rows that a block may have more than another.
_UNEVEN = 0.2
#: The share of its room up to which a text has one line, whichever letters it has.
_SURE_SHARE = 0.7

Lines = list[list[str]]


class _Type(NamedTuple):
    """Half points of a type, and cm of its usual letter."""

    size: int
    letter: float


def _cell_types(sizes: Sequence[int], breadth: float) -> list[_Type]:
    """Return types of some sizes whose letters are wider than usual ones."""
    return [_Type(size, size / 4 * _POINT * breadth) for size in sizes]


@dataclass(frozen=True, slots=True)
class _TableFit:
    """The type, cm of each column, and whether headings of numbers are turned."""

    type: _Type
    widths: list[float]
    turned: bool = False

    @property
    def twips(self) -> list[int]:
        """Width of each column in twentieths of a point."""
        return [int(wide * _TWIPS) for wide in self.widths]


@dataclass(frozen=True, slots=True)
class _WordCell:
    """A cell as the template writes it; widths and indents in twentieths of a point.

    `indent` is the room before its text, `after` that behind it.
    """

    lines: Sequence[str]
    width: int
    side: str
    indent: int = 0
    after: int = 0
    span: int = 1
    merge: str = ""
    line: bool = False
    turned: bool = False


class TableXml(NamedTuple):
    """A table as WordprocessingML: as it is shown, and as it is printed for its pages alone."""

    shown: str
    draft: str


def tables_xml(
    table: ReportTable,
    lang: str,
    room: float,
    note: str = "",
    *,
    small: bool = False,
    breadth: float = 1.0,
) -> list[TableXml]:
    """Return a table as WordprocessingML, in as many parts as its blocks need pages.

    Parameters
    ----------
    room
        Width of the text in cm.
    note
        Its last row, so that no page begins with it: programs keep rows together.
    small
        Whether its type is small in any case.
    breadth
        How much wider its letters are than those of Times New Roman.
    """
    lines = shown_rows(table, lang)
    types = _cell_types(_SMALL if small else CELL_SIZES, breadth)
    across = table.across if len(lines) >= table.across * _BLOCK else 1
    while across > 1:
        fields = [*table.fields] * across
        fit = _fitted(fields, [line * across for line in lines], lang, room, types)
        if fit is None or fit.turned:
            across -= 1
            continue
        # Each page has blocks of its own, which are read down.
        size = _PAGE_ROWS * across
        pages = [lines[start : start + size] for start in range(0, len(lines), size)]
        drawn = [_side_by_side(page, across) for page in pages]
        if any(_text_lines(page, fit) > _PAGE_ROWS for page in drawn):
            across -= 1
            continue
        return [
            _table_xml(
                fields, page, lang, fit, note * (page is drawn[-1]), unbroken=True
            )
            for page in drawn
        ]
    fit = _fitted(table.fields, lines, lang, room, types)
    if fit is None:
        blocks = _block_parts(table.fields, lines, lang, room=room, types=types)
        parts = blocks or _column_parts(table.fields, lines, lang, room, types)
        if len(parts) > 1:
            return [
                part
                for columns in parts
                for part in tables_xml(
                    _with_columns(table, columns),
                    lang,
                    room,
                    note * (columns is parts[-1]),
                    small=small or not blocks,
                    breadth=breadth,
                )
            ]
        fit = _squeezed(table.fields, lines, lang, room=room, own=types[-1])
    is_short = (
        len(lines) <= _FEW_ROWS * (1 + fit.turned)
        and _text_lines(lines, fit) <= _PAGE_ROWS
    )
    return [_table_xml(table.fields, lines, lang, fit, note, unbroken=is_short)]


def fits_page(table: ReportTable, lang: str, room: float, breadth: float) -> bool:
    """Tell whether a table has room in some type with every word and number whole.

    The blocks of one with few rows may stand one below another.
    """
    lines = shown_rows(table, lang)
    types = _cell_types(CELL_SIZES, breadth)
    fit = _fitted(table.fields, lines, lang, room=room, types=types)
    parts = _block_parts(table.fields, lines, lang, room=room, types=types)
    return fit is not None or len(parts) > 1


def _squeezed(
    fields: Sequence[Field], lines: Lines, lang: str, *, room: float, own: _Type
) -> _TableFit:
    """Return how a table that is too wide is set: numbers whole, texts broken between letters."""
    heads = (letters(f.head.text(lang)) for f in fields if not f.is_text)
    turned = max(heads, default=0) > _LEAST
    needs = [need for need, _ in _needs(fields, lines, lang, turned=turned)]
    letter = own.letter
    inside = (room - _SIDES * len(fields)) / letter
    wide = _squeezed_needs(needs, [field.is_text for field in fields], inside)
    return _TableFit(own, [_SIDES + letter * need for need in wide], turned)


def _squeezed_needs(
    needs: Sequence[float], texts: Sequence[bool], inside: float
) -> list[float]:
    """Return the letters that columns get, which all together have room inside a page."""
    of_texts = sum(itertools.compress(needs, texts))
    of_numbers = sum(needs) - of_texts
    left = max(inside - of_numbers, of_texts * _LEAST_SHARE)
    share = left / of_texts if of_texts else 1.0
    whole = min(1.0, inside / (of_numbers + of_texts * share))
    shares = [whole * share if is_text else whole for is_text in texts]
    return [need * own_share for need, own_share in zip(needs, shares, strict=True)]


def _with_columns(table: ReportTable, columns: Sequence[int]) -> ReportTable:
    """Return a table with some of its columns."""
    rows = [[row[column] for column in columns] for row in table.rows]
    return replace(
        table, fields=[table.fields[column] for column in columns], rows=rows
    )


def _block_parts(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    *,
    room: float,
    types: Sequence[_Type],
) -> list[list[int]]:
    """Return the columns of the fewest parts in which the blocks of a short table have room.

    None of a table with columns that are below no heading, or with many rows.
    """
    if len(lines) > _SHORT_ROWS or any(field.over == NOTHING for field in fields):
        return []
    every = range(len(fields))
    grouped = itertools.groupby(every, key=lambda column: fields[column].over)
    blocks = [[*columns] for _, columns in grouped]
    for count in range(2, min(_SHORT_PARTS, len(blocks)) + 1):
        size = -(-len(blocks) // count)
        starts = range(0, len(blocks), size)
        parts = [_columns_of(blocks[start : start + size]) for start in starts]
        fits = partial(_fit_upright, fields, lines, lang, room=room, types=types)
        if all(map(fits, parts)):
            return parts
    return []


def _cells_of(line: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Return the cells of a row in some columns."""
    return [line[column] for column in columns]


def _columns_of(blocks: Sequence[Sequence[int]]) -> list[int]:
    """Return the columns of some blocks."""
    return [*itertools.chain.from_iterable(blocks)]


def _fit_upright(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    columns: Sequence[int],
    *,
    room: float,
    types: Sequence[_Type],
) -> bool:
    """Tell whether some columns have room without headings that are read upwards."""
    own = [fields[n] for n in columns]
    cells = [_cells_of(line, columns) for line in lines]
    fit = _fitted(own, cells, lang, room=room, types=types)
    return fit is not None and not fit.turned


def _column_parts(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    room: float,
    types: Sequence[_Type],
) -> list[list[int]]:
    """Return the columns of each part of a table that is much too wide for a page.

    Each begins with the columns up to the first text, the names of the rows; columns below one
    heading stay together. Where a single one has no room beside the names, the table is one part.
    """
    every = [*range(len(fields))]
    names = every[: 1 + next((n for n, field in enumerate(fields) if field.is_text), 0)]

    def fits(columns: Sequence[int]) -> bool:
        some = [_cells_of(line, columns) for line in lines]
        return (
            _fitted([fields[n] for n in columns], some, lang, room, types) is not None
        )

    parts: list[list[int]] = []
    rest = every[len(names) :]
    for over, several in itertools.groupby(
        rest, key=lambda column: fields[column].over
    ):
        for group in (
            [[*several]] if over != NOTHING else [[column] for column in several]
        ):
            if parts and fits([*parts[-1], *group]):
                parts[-1] += group
            elif fits([*names, *group]):
                parts.append([*names, *group])
            else:
                return [every]
    return parts if len(every) >= _MANY_COLUMNS else [every]


def _side_by_side(lines: Lines, across: int) -> Lines:
    """Return rows in blocks of about one length, the second of a tree begins with a branch."""
    length = -(-len(lines) // across)
    starts = [*range(0, len(lines), length)]
    if across == 2:
        branches = [row for row, line in enumerate(lines) if _depth(line[0]) <= 1]
        near = min(branches, key=lambda row: (abs(row - length), row), default=length)
        if abs(near - length) <= length * _UNEVEN:
            starts = [0, near]
    blocks = [
        lines[start:end] for start, end in itertools.pairwise([*starts, len(lines)])
    ]
    rows = itertools.zip_longest(*blocks, fillvalue=[""] * len(lines[0]))
    return [[cell for line in row for cell in line] for row in rows]


def _text_lines(rows: Lines, fit: _TableFit) -> int:
    """Return how many lines of text rows have, where what is wider than its column is broken."""
    letter = fit.type.letter
    room = [max((wide - _SIDES) / letter + 0.1, 1.0) for wide in fit.widths]
    return sum(
        max(-int(-letters(cell) // own) for cell, own in zip(row, room, strict=True))
        for row in rows
    )


def _depth(text: str) -> int:
    """Return by how many levels a name stands below another."""
    return len(text) - len(text.lstrip(INDENT))


def letters(text: str) -> int:
    """Return how many letters of a table a text takes; a Chinese character takes two.

    >>> letters("Lyon"), letters("里昂"), letters("−1.5")
    (4, 4, 5)
    """
    return sum(
        2 if is_wide(character) or character in "−±×→▲▼★☆%" else 1 for character in text
    )


def _needs(
    fields: Sequence[Field], lines: Sequence[Sequence[str]], lang: str, *, turned: bool
) -> list[tuple[float, float]]:
    """Return the letters that each column needs, and those that it takes where there is room."""
    needs = []
    for column, field in enumerate(fields):
        longest = max((letters(line[column]) for line in lines), default=0)
        words = field.head.text(lang).replace("-", "- ").split()
        heading = _BOLD * max(
            (
                min(letters(w), 2 * _WHOLE) if is_wide(w[-1]) else letters(w)
                for w in words
            ),
            default=0,
        )
        heading = _UPRIGHT if turned and not field.is_text else heading
        # Wide letters take more room than the usual one.
        own = longest
        if field.is_text:
            cells = (line[column] for line in lines)
            own = max(min(longest + 1, _LEAST), _longest_word(cells))
        least = max(heading, own)
        over = letters(field.over.text(lang)) / sum(
            f.over == field.over for f in fields
        )
        # Long headings of numbers have two lines.
        head = float(letters(field.head.text(lang)))
        head = head if field.is_text or head <= _LEAST else head / 2
        wish = 0 if turned else _BOLD * max(head, over)
        gap = _gap_before(fields, column)
        needs.append((least + gap, gap + max(least, min(max(longest, wish), _LONG))))
    return needs


def _longest_word(texts: Iterable[str]) -> int:
    """Return the letters of the longest word; Chinese has a break between any two characters.

    >>> _longest_word(["Frankfurt am Main", "克拉玛依"])
    9
    """
    words = _WORD.findall(" ".join(texts))
    return max(map(len, words), default=0)


def _fitted(
    fields: Sequence[Field],
    lines: Sequence[Sequence[str]],
    lang: str,
    room: float,
    types: Sequence[_Type],
) -> _TableFit | None:
    """Return how a table fits: in the largest type that does, the last resort turned headings."""
    for turned in (False, True):
        needs = _needs(fields, lines, lang, turned=turned)
        for own in types:
            letter = own.letter
            least, wish = (sum(column) * letter for column in zip(*needs, strict=True))
            left = room - least - _SIDES * len(fields)
            if left >= 0:
                share = min(1.0, left / max(wish - least, 1e-9))
                # What is left beyond all wishes makes narrow tables a little wider.
                spare = (
                    min(max(left - (wish - least), 0.0), _SPARE) / len(fields) + _SIDES
                )
                widths = [
                    letter * (low + share * (high - low)) + spare for low, high in needs
                ]
                return _TableFit(own, widths, turned)
    return None


def _table_xml(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    fit: _TableFit,
    note: str,
    *,
    unbroken: bool,
) -> TableXml:
    """Return one table; `unbroken` keeps it on a page."""
    # A heading that is read upwards has one line, unless it is very long.
    longest = max(
        (letters(f.head.text(lang)) for f in fields if not f.is_text), default=0
    )
    tall = min(_TALL, _SIDES + _BOLD_UPWARDS * (longest + 1) * fit.type.letter)
    above, under = _TIGHT if fit.type.size <= _SMALL[0] else _USUAL
    heads = _heads(fields, lang, fit)
    rows = [_row(line, fields, fit) for line in lines]
    render = partial(
        template_beside(__file__, "table.xml").render,
        widths=fit.twips,
        size=fit.type.size,
        tall=round(tall * fit.turned * _TWIPS),
        heads=heads,
        unbroken=unbroken,
        together=_TOGETHER,
        above=above,
        under=under,
        note=note,
    )
    draft = [_as_high(row, fit) for row in rows]
    return TableXml(render(rows=rows), render(rows=draft))


def _heads(fields: Sequence[Field], lang: str, fit: _TableFit) -> list[list[_WordCell]]:
    """Return the heading: one line, or two where some headings stand over several columns."""
    heads = []
    has_two_lines = any(field.over != NOTHING for field in fields)
    # Short Chinese headings are read down, not from the side.
    words = [field.head.text(lang) for field in fields if not field.is_text]
    is_short = all(len(word) <= _WHOLE and all(map(is_wide, word)) for word in words)
    for column, (field, width) in enumerate(zip(fields, fit.twips, strict=True)):
        turned = fit.turned and not field.is_text
        text = field.head.text(lang)
        lines = [text] if turned else balanced(text, _letters_in(width, fit))
        if turned and is_short:
            lines = [*text]
            turned = False
        heads.append(
            _WordCell(
                lines,
                width,
                "left" if field.is_text or turned else "right",
                line=has_two_lines,
                turned=turned,
                indent=_gap_before(fields, column) * fit.type.size * 5,
            )
        )
    if all(field.over == NOTHING for field in fields):
        return [heads]
    upper = list[_WordCell]()
    column = 0
    for over, several in itertools.groupby(fields, key=lambda field: field.over):
        end = column + len([*several])
        if over == NOTHING:
            # A heading below none stands in both lines.
            upper += [
                replace(head, merge="restart", line=False) for head in heads[column:end]
            ]
            below = [
                replace(head, lines=[""], merge="continue")
                for head in heads[column:end]
            ]
            heads[column:end] = below
        else:
            width = sum(fit.twips[column:end])
            span = end - column
            lines = balanced(over.text(lang), _letters_in(width, fit))
            upper.append(_WordCell(lines, width, "center", span=span, line=True))
        column = end
    return [upper, heads]


def _letters_in(width: int, fit: _TableFit) -> float:
    """Return how many letters of bold type a cell has room for; its width was rounded down."""
    return ((width + 1) / _TWIPS - _SIDES) / fit.type.letter / _BOLD


def _row(
    line: Sequence[str], fields: Sequence[Field], fit: _TableFit
) -> list[_WordCell]:
    """Return the cells of a row; all lines of a name that stands below another are moved in."""
    letter_twips = fit.type.size * 5
    return [
        _WordCell(
            [text.lstrip(INDENT)],
            width,
            "left" if field.is_text else "right",
            indent=(_gap_before(fields, column) + 2 * _depth(text)) * letter_twips,
        )
        for column, (text, field, width) in enumerate(
            zip(line, fields, fit.twips, strict=True)
        )
    ]


def _as_high(row: Sequence[_WordCell], fit: _TableFit) -> list[_WordCell]:
    """Return a row as high in fewer cells: what surely has one line is room of its neighbour.

    LibreOffice takes most of its time for cells.
    """
    cells = [_WordCell([""], 0, "left", span=0)]
    for cell in row:
        last = cells[-1]
        width = last.width + cell.width
        span = last.span + 1
        if _has_one_line(cell, fit):
            cells[-1] = replace(
                last, width=width, span=span, after=last.after + cell.width
            )
        elif last.lines == [""]:
            indent = last.width + cell.indent
            cells[-1] = replace(cell, width=width, span=span, indent=indent)
        else:
            cells.append(cell)
    return cells


def _has_one_line(cell: _WordCell, fit: _TableFit) -> bool:
    """Tell whether a cell of a row surely has one line."""
    room = cell.width - _SIDES * _TWIPS - cell.indent
    # Digits are all as wide as the usual letter; letters may be wider.
    share = _SURE_SHARE if cell.side == "left" else 1.0
    return letters(cell.lines[0]) * fit.type.letter * _TWIPS <= share * room


def _gap_before(fields: Sequence[Field], column: int) -> int:
    """Return the letters before a text on the right of numbers, which end where it begins."""
    if column == 0 or not fields[column].is_text or fields[column - 1].is_text:
        return 0
    # Of tables in blocks the first column comes again: there a further block begins.
    return 4 if fields[column] is fields[0] else 1


def balanced(text: str, room: float) -> list[str]:
    """Return the lines of a Chinese heading that has room for some letters, all about as long.

    >>> balanced("通用数据处理设备", 14), balanced("Data processing", 9)
    (['通用数据', '处理设备'], ['Data processing'])
    >>> balanced("平均通勤时间（逆向）", 16)
    ['平均通勤时间', '（逆向）']
    """
    if not any(map(is_wide, text)):
        return [text]
    name, bracket, rest = text.partition("（")
    if letters(text) > room >= max(letters(name), letters(bracket + rest)):
        return [name, bracket + rest]
    count = max(1, -int(-letters(text) // max(room, 4)))
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]
