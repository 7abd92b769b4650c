"""The XML of a three-line table: lines above, below the heading and at the end, none between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from xlcity.figures.style import POINT, ems, is_wide, wrapped
from xlcity.report.contents import NOTHING, Field, ReportTable, shown
from xlcity.xlsx.text import escape_xml

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
#: Twentieths of a point in a cm.
_TWIPS = 567
#: Eighths of a point: the outer lines, the line below the heading.
_THICK, _THIN = 12, 6
#: Points that a page has for the rows of a table of several blocks; rows of another that are kept
#: on one page, and rows that are kept with its heading, or with the note below it.
_PAGE_POINTS, _FEW_ROWS, _TOGETHER = 590.0, 22, 3
#: Twentieths of a point above and below the text of a row (LibreOffice draws the line of a heading
#: into the row below), and at both sides.
_ABOVE, _BELOW, _SIDE = 24, 4, 50
#: The room at both sides of a cell in cm.
_SIDES = 2 * _SIDE / _TWIPS
#: Half points of the type, the largest first; tables with many columns never have the largest.
_SIZES, _MANY = (17, 15, 13, 11), 8
#: Least and usual ems of a column of texts, how much wider bold type is, and cm of turned headings.
_LEAST, _USUAL, _BOLD, _TURNED = 7.0, 22.0, 1.06, 3.6
#: Ems that a column has beyond its text, and how much wider than Times New Roman another type may
#: be, of which columns have as much as there is room for.
_MARGIN, _OTHER_TYPE = 0.9, 1.12
#: Ems between numbers on the left and a text, and before a further block of a table; lines that
#: headings have where there is room, the best first.
_GAP, _BLOCK_GAP, _HEAD_LINES = 0.6, 2.0, (1, 2, 3)


def table_xml(table: ReportTable, lang: str, room: float, *, small: bool = False) -> str:
    """Return a table as WordprocessingML.

    Parameters
    ----------
    table
        The table.
    lang
        "zh" or "en".
    room
        Width of the text in cm.
    small
        Whether its type is small in any case.
    """
    across = table.across if len(table.rows) >= table.across * 3 else 1
    fields = [*table.fields] * across
    texts = [
        [shown(cell, one.kind, lang) for cell, one in zip(row, table.fields, strict=True)]
        for row in table.rows
    ]
    length = -(-len(texts) // across)
    blank = [""] * len(table.fields)
    lines = [
        [cell for block in range(across) for cell in _at(texts, block * length + row, blank)]
        for row in range(length)
    ]
    size, widths, turned = _fitted(fields, lines, lang, room, small=small)
    # Blocks side by side are read down, and a few rows are read as one: they stay on one page.
    high = size / 2 * 1.3 + (_ABOVE + _BELOW) / 20
    whole = length * high <= _PAGE_POINTS if across > 1 else length <= _FEW_ROWS
    rows = [
        _row(line, fields, widths, size, whole or not _TOGETHER <= at < length - _TOGETHER)
        for at, line in enumerate(lines)
    ]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {_W}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f"<w:tblBorders>{_line('top', _THICK)}{_line('bottom', _THICK)}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{_SIDE}" w:type="dxa"/>'
        f'<w:right w:w="{_SIDE}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"{_heads(fields, widths, lang, size, turned)}"
        f"{''.join(rows)}</w:tbl>"
    )


def _at(texts: list[list[str]], row: int, blank: list[str]) -> list[str]:
    return texts[row] if row < len(texts) else blank


def _fitted(
    fields: Sequence[Field],
    lines: Sequence[Sequence[str]],
    lang: str,
    room: float,
    *,
    small: bool,
) -> tuple[int, list[int], bool]:
    """Return the size of type, the widths in twips, and whether headings are turned.

    A table takes the largest type that it fits the text with; the last resort are upright headings.
    """
    sizes = _SIZES[2:] if small else _SIZES[1:] if len(fields) >= _MANY else _SIZES
    for size, turned in [*((size, False) for size in sizes), (_SIZES[-2], True)]:
        em = size / 2 / 72 * 2.54
        least = [
            em * one + max(em * _MARGIN, _SIDES)
            for one in _needs(fields, lines, lang, _LEAST, 0, turned=turned)
        ]
        if sum(least) <= room:
            break
    needs = [
        [
            em * one * _OTHER_TYPE + max(em * _MARGIN, _SIDES)
            for one in _needs(fields, lines, lang, _USUAL, head_lines, turned=turned)
        ]
        for head_lines in _HEAD_LINES
    ]
    need = next((one for one in needs if sum(one) <= room), needs[-1])
    if sum(need) > room:
        # Only texts can give room: they wrap.
        give = max(0.0, min(1.0, (room - sum(least)) / max(sum(need) - sum(least), 1e-9)))
        need = [low + give * (wish - low) for low, wish in zip(least, need, strict=True)]
        share = min(1.0, room / sum(need))
        need = [share * wide for wide in need]
    else:
        # Long texts take the room that is left, else all columns share some of it.
        long = [
            one.is_text and max((ems(line[at]) for line in lines), default=0.0) > _USUAL
            for at, one in enumerate(fields)
        ]
        takers = long if any(long) else [True] * len(need)
        left = room - sum(need)
        spare = (left if any(long) else min(left, 6.0)) / sum(takers)
        need = [wide + spare * takes for wide, takes in zip(need, takers, strict=True)]
    return size, [round(wide * _TWIPS) for wide in need], turned


def _needs(
    fields: Sequence[Field],
    lines: Sequence[Sequence[str]],
    lang: str,
    texts: float,
    head_lines: int,
    *,
    turned: bool,
) -> list[float]:
    """Return the width of each column in ems.

    Texts need no more than some ems, and wrap. Headings have some lines, or (0) as many as words.
    """
    found = []
    for at, one in enumerate(fields):
        cells = [line[at] for line in lines]
        wide = max(map(ems, cells), default=0.0)
        if one.is_text:
            word = max((ems(part) for cell in cells for part in _words(cell)), default=0.0)
            wide = max(min(wide, texts), min(word, wide))
        heads = [] if turned and not one.is_text else _words(one.head.text(lang))
        wide = max(wide, max(map(ems, heads), default=0.0) * _BOLD)
        if head_lines and heads:
            wide = max(wide, ems(one.head.text(lang)) * _BOLD / head_lines)
        found.append(wide + _gap(fields, at))
    return found


def _gap(fields: Sequence[Field], at: int) -> float:
    """Return the ems before a text on the right of numbers, which end where it begins."""
    if at == 0 or not fields[at].is_text or fields[at - 1].is_text:
        return 0.0
    return _BLOCK_GAP if fields[at] is fields[0] else _GAP


def _head_lines(text: str, wide: int, size: int) -> list[str]:
    """Return the lines of a Chinese heading, of about one length: no character is left alone."""
    if not any(map(is_wide, text)):
        return [text]
    room, points = (wide - 2 * _SIDE) / _TWIPS / _BOLD, size / 2
    lines = wrapped(text, room, points)
    while len(fewer := wrapped(text, room - points / POINT, points)) == len(lines) > 1:
        lines, room = fewer, room - points / POINT
    return lines


def _words(text: str) -> list[str]:
    """Return what a heading may be broken into: words and their parts, or Chinese characters."""
    return [
        part
        for word in text.replace("-", "- ").split()
        for part in (
            [word] if word.isascii() else [word[at : at + 3] for at in range(0, len(word), 3)]
        )
    ]


def _heads(
    fields: Sequence[Field], widths: Sequence[int], lang: str, size: int, turned: bool
) -> str:
    """Return the heading: one line, or two where some headings stand over several columns."""
    two = any(one.over != NOTHING for one in fields)
    rows = []
    if two:
        cells, at = [], 0
        for over, several in itertools.groupby(fields, key=lambda one: one.over):
            count = len([*several])
            alone = over == NOTHING
            for start, span in ((at + n, 1) for n in range(count)) if alone else ((at, count),):
                text = fields[start].head if alone else over
                line = "" if alone else _line("bottom", _THIN)
                merge = '<w:vMerge w:val="restart"/>' if alone else ""
                span_of = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
                wide = sum(widths[start : start + span])
                side = "left" if alone and fields[start].is_text else "center"
                cells.append(
                    _cell(text.text(lang), wide, size, side, span_of + merge, line, bold=True)
                )
            at += count
        rows.append("".join(cells))
    cells = []
    for at, (one, wide) in enumerate(zip(fields, widths, strict=True)):
        merged = two and one.over == NOTHING
        text = "" if merged else one.head.text(lang)
        side = "left" if one.is_text else "right"
        merge, line = "<w:vMerge/>" if merged else "", _line("bottom", _THIN)
        turn = turned and not one.is_text
        gap = _gap(fields, at)
        cells.append(_cell(text, wide, size, side, merge, line, bold=True, turned=turn, gap=gap))
    rows.append("".join(cells))
    high = f'<w:trHeight w:val="{round(_TURNED * _TWIPS)}" w:hRule="atLeast"/>' if turned else ""
    return "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{high if row is rows[-1] else ''}<w:tblHeader/></w:trPr>"
        f"{row}</w:tr>"
        for row in rows
    )


def _row(
    line: Sequence[str], fields: Sequence[Field], widths: Sequence[int], size: int, kept: bool
) -> str:
    cells = "".join(
        _cell(
            text,
            wide,
            size,
            "left" if one.is_text else "right",
            kept=kept,
            gap=_gap(fields, at),
        )
        for at, (text, one, wide) in enumerate(zip(line, fields, widths, strict=True))
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _line(side: str, size: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="222222"/>'


def _cell(
    text: str,
    wide: int,
    size: int,
    side: str,
    merge: str = "",
    line: str = "",
    *,
    bold: bool = False,
    kept: bool = False,
    turned: bool = False,
    gap: float = 0.0,
) -> str:
    borders = f"<w:tcBorders>{line}</w:tcBorders>" if line else ""
    borders += '<w:textDirection w:val="btLr"/>' if turned else ""
    side = "left" if turned else side
    strong = "<w:b/>" if bold else ""
    indent = f'<w:ind w:left="{round(gap * size * 10)}"/>' if gap else ""
    type_size = f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    parts = _head_lines(text, wide, size) if bold and not turned else [text]
    shown_text = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape_xml(part)}</w:t>' for part in parts
    )
    # A heading stays with the first row.
    keep = "<w:keepNext/>" if kept or bold else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{merge}{borders}'
        f'<w:vAlign w:val="{"center" if bold else "top"}"/></w:tcPr><w:p><w:pPr>{keep}'
        f'<w:spacing w:before="{_ABOVE}" w:after="{_BELOW}" w:line="240" w:lineRule="auto"/>'
        f"{indent}"
        # An empty cell is as high as the size of its paragraph mark.
        f'<w:jc w:val="{side}"/><w:rPr>{type_size}</w:rPr></w:pPr>'
        f"<w:r><w:rPr>{strong}{type_size}</w:rPr>{shown_text}</w:r></w:p></w:tc>"
    )
