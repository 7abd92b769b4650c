"""The XML of a three-line table: lines above, below the heading and at the end, none between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from xlcity.figures.style import POINT, is_wide, wrapped
from xlcity.report.contents import INDENT, NOTHING, Field, ReportTable, shown
from xlcity.report.table_fit import (
    TableFit,
    fitted,
    gap,
    parts,
    sizes,
    upright,
)
from xlcity.xlsx.text import escape_xml

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
#: Twentieths of a point in a cm.
_TWIPS = 567
#: Eighths of a point: the outer lines, the line below the heading.
_THICK, _THIN = 12, 6
#: Points that a page has for the rows of a table of several blocks; rows of another that are kept
#: on one page, and rows that are kept with its heading, or with the note below it.
_PAGE_POINTS, _FEW_ROWS, _TOGETHER = 610.0, 22, 5
#: Twentieths of a point above and below the text of a row (LibreOffice draws the line of a heading
#: into the row below), and at both sides.
_ABOVE, _BELOW, _SIDE = 36, 6, 50
#: Half points of small type, and the same of it.
_SMALL = 14
_SMALL_ABOVE, _SMALL_BELOW = 22, 2
#: More above the first row.
_FIRST = 30
#: How much wider bold type is; the share of its rows that a block may have more than another.
_BOLD, _UNEVEN = 1.12, 0.2


def tables_xml(
    table: ReportTable, lang: str, room: float, *, small: bool = False
) -> list[tuple[str, str]]:
    """Return a table as WordprocessingML, in as many parts as it needs, each with what it is.

    That is "" for the first part, else "rows" or "columns": what goes on there.

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
    texts = [
        [shown(cell, one.kind, lang) for cell, one in zip(row, table.fields, strict=True)]
        for row in table.rows
    ]
    across = _across(table, texts, lang, room)
    if across > 1:
        return _blocks_xml(table, texts, lang, room, across, small=small)
    made: list[tuple[str, str]] = []
    for columns in parts(table.fields, texts, lang, room):
        fields = [table.fields[at] for at in columns]
        lines = [[line[at] for at in columns] for line in texts]
        fit = fitted(fields, lines, lang, room, sizes(len(fields), small=small))
        whole = len(lines) <= _FEW_ROWS
        made.append((_table(fields, lines, lang, fit, whole=whole), "columns" if made else ""))
    return made


def _across(table: ReportTable, texts: list[list[str]], lang: str, room: float) -> int:
    """Return how many blocks stand side by side: those that there is room for."""
    across = table.across if len(texts) >= table.across * 3 else 1
    while across > 1:
        fields = [*table.fields] * across
        lines = [line * across for line in texts]
        if upright(fields, lines, lang, room, sizes(len(fields), small=False)) is not None:
            break
        across -= 1
    return across


def _blocks_xml(
    table: ReportTable, texts: list[list[str]], lang: str, room: float, across: int, *, small: bool
) -> list[tuple[str, str]]:
    """Return a table of several blocks; each page has blocks of its own, which are read down."""
    fields = [*table.fields] * across
    allowed = sizes(len(fields), small=small)
    most, tried = 0, allowed
    for at, size in enumerate(allowed):
        most = int(_PAGE_POINTS // _row_points(size))
        tried = allowed[at:]
        if -(-len(texts) // across) <= most:
            break
    made: list[tuple[str, str]] = []
    for start in range(0, len(texts), most * across):
        blocks = _blocks(texts[start : start + most * across], across)
        blank = [""] * len(table.fields)
        lines = [
            [cell for one in row for cell in one]
            for row in itertools.zip_longest(*blocks, fillvalue=blank)
        ]
        fit = fitted(fields, lines, lang, room, tried)
        made.append((_table(fields, lines, lang, fit, whole=True), "rows" if start else ""))
    return made


def _row_points(size: int) -> float:
    return size / 2 * 1.25 + (_ABOVE + _BELOW) / 20


def _blocks(texts: list[list[str]], across: int) -> list[list[list[str]]]:
    """Return the rows of each block: of about one number, the second of a tree with a branch."""
    length = -(-len(texts) // across)
    starts = [*range(0, len(texts), length)]
    if across == 2:
        branches = [at for at, line in enumerate(texts) if _depth(line[0]) <= 1]
        near = min(branches, key=lambda at: (abs(at - length), at), default=length)
        if abs(near - length) <= length * _UNEVEN:
            starts = [0, near]
    return [texts[one:end] for one, end in itertools.pairwise([*starts, len(texts)])]


def _depth(text: str) -> int:
    """Return by how many levels a name stands below another."""
    return len(text) - len(text.lstrip(INDENT))


def _table(
    fields: Sequence[Field],
    lines: Sequence[Sequence[str]],
    lang: str,
    fit: TableFit,
    *,
    whole: bool,
) -> str:
    """Return one table; `whole` keeps it on a page."""
    size, widths = fit.size, [round(wide * _TWIPS) for wide in fit.widths]
    rows = [
        _row(
            line,
            fields,
            widths,
            size,
            kept=whole or not _TOGETHER <= at < len(lines) - _TOGETHER,
            first=at == 0,
        )
        for at, line in enumerate(lines)
    ]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl {_W}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f"<w:tblBorders>{_line('top', _THICK)}{_line('bottom', _THICK)}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{_SIDE}" w:type="dxa"/>'
        f'<w:right w:w="{_SIDE}" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"{_heads(fields, widths, lang, fit)}"
        f"{''.join(rows)}</w:tbl>"
    )


def _head_lines(text: str, wide: int, size: int) -> list[str]:
    """Return the lines of a Chinese heading, of about one length: no character is left alone."""
    if not any(map(is_wide, text)):
        return [text]
    room, points = (wide - 2 * _SIDE) / _TWIPS / _BOLD, size / 2
    lines = wrapped(text, room, points)
    while len(fewer := wrapped(text, room - points / POINT, points)) == len(lines) > 1:
        lines, room = fewer, room - points / POINT
    return lines


def _heads(fields: Sequence[Field], widths: Sequence[int], lang: str, fit: TableFit) -> str:
    """Return the heading: one line, or two where some headings stand over several columns."""
    two = any(one.over != NOTHING for one in fields)
    rows = [_heads_over(fields, widths, lang, fit)] if two else []
    cells = []
    for at, (one, wide) in enumerate(zip(fields, widths, strict=True)):
        merged = two and one.over == NOTHING
        text = "" if merged else one.head.text(lang)
        side = "left" if one.is_text else "right"
        merge, line = "<w:vMerge/>" if merged else "", _line("bottom", _THIN)
        turn, before = at in fit.turned, gap(fields, at)
        cells.append(
            _cell(text, wide, fit.size, side, merge, line, bold=True, turned=turn, before=before)
        )
    rows.append("".join(cells))
    tall = round(fit.tall * _TWIPS)
    high = f'<w:trHeight w:val="{tall}" w:hRule="atLeast"/>' if tall else ""
    return "".join(
        f"<w:tr><w:trPr><w:cantSplit/>{high if row is rows[-1] else ''}<w:tblHeader/></w:trPr>"
        f"{row}</w:tr>"
        for row in rows
    )


def _heads_over(fields: Sequence[Field], widths: Sequence[int], lang: str, fit: TableFit) -> str:
    """Return the upper line of a heading: what stands over several columns, and over none."""
    cells, at = [], 0
    for over, several in itertools.groupby(fields, key=lambda one: one.over):
        count = len([*several])
        alone = over == NOTHING
        for start, span in ((at + n, 1) for n in range(count)) if alone else ((at, count),):
            own = fields[start]
            text = own.head if alone else over
            line = "" if alone else _line("bottom", _THIN)
            merge = '<w:vMerge w:val="restart"/>' if alone else ""
            span_of = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
            wide = sum(widths[start : start + span])
            side = "center" if not alone else "left" if own.is_text else "right"
            turn, before = alone and start in fit.turned, gap(fields, start) * alone
            cells.append(
                _cell(
                    text.text(lang),
                    wide,
                    fit.size,
                    side,
                    span_of + merge,
                    line,
                    bold=True,
                    turned=turn,
                    before=before,
                )
            )
        at += count
    return "".join(cells)


def _row(
    line: Sequence[str],
    fields: Sequence[Field],
    widths: Sequence[int],
    size: int,
    *,
    kept: bool,
    first: bool,
) -> str:
    cells = "".join(
        _cell(
            text,
            wide,
            size,
            "left" if one.is_text else "right",
            kept=kept,
            before=gap(fields, at),
            first=first,
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
    before: float = 0.0,
    first: bool = False,
) -> str:
    borders = f"<w:tcBorders>{line}</w:tcBorders>" if line else ""
    borders += '<w:textDirection w:val="btLr"/>' if turned else ""
    side = "left" if turned else side
    strong = "<w:b/>" if bold else ""
    # All lines of a name that stands below another are moved in.
    moved = round((before + _depth(text)) * size * 10)
    indent = f'<w:ind w:left="{moved}"/>' if moved else ""
    text = text.lstrip(INDENT)
    type_size = f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    pieces = _head_lines(text, wide, size) if bold and not turned else [text]
    shown_text = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape_xml(piece)}</w:t>' for piece in pieces
    )
    is_small = size <= _SMALL and not bold
    above, below = (_SMALL_ABOVE, _SMALL_BELOW) if is_small else (_ABOVE, _BELOW)
    above += _FIRST * first
    # A heading stays with the first row.
    keep = "<w:keepNext/>" if kept or bold else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{merge}{borders}'
        f'<w:vAlign w:val="{"center" if bold else "top"}"/></w:tcPr><w:p><w:pPr>{keep}'
        f'<w:spacing w:before="{above}" w:after="{below}" w:line="240" w:lineRule="auto"/>'
        f"{indent}"
        # An empty cell is as high as the size of its paragraph mark.
        f'<w:jc w:val="{side}"/><w:rPr>{type_size}</w:rPr></w:pPr>'
        f"<w:r><w:rPr>{strong}{type_size}</w:rPr>{shown_text}</w:r></w:p></w:tc>"
    )
