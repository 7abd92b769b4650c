"""The XML of a three-line table: lines above, below the heading and at the end, none between."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xlcity.data_files import template_beside
from xlcity.report.contents import INDENT, NOTHING, Field, ReportTable, shown_rows
from xlcity.report.table_fit import (
    SIDES,
    SIZES,
    SMALL,
    TableFit,
    balanced,
    divided,
    fitted,
    gap_before,
    half_em_cm,
)

#: Twentieths of a point in a cm.
_TWIPS = 567
#: Rows of a page of a table of several blocks; of another that is kept on one page; rows that are
#: kept with its heading, or with the note below it.
_PAGE_ROWS, _FEW_ROWS, _TOGETHER = 48, 22, 5
#: Rows that a block has at least.
_BLOCK = 3
#: Twentieths of a point above and below the text of a row (LibreOffice draws the line of a heading
#: into the row below), and the same of small type.
_USUAL, _TIGHT = (36, 6), (22, 2)
#: The share of its rows that a block may have more than another.
_UNEVEN = 0.2

Lines = list[list[str]]


@dataclass(frozen=True, slots=True)
class _WordCell:
    """A cell as the template writes it; widths and indents in twentieths of a point."""

    lines: Sequence[str]
    width: int
    side: str
    indent: int = 0
    span: int = 1
    merge: str = ""
    line: bool = False
    turned: bool = False


def tables_xml(
    table: ReportTable, lang: str, room: float, *, small: bool = False
) -> list[tuple[str, str]]:
    """Return a table as WordprocessingML, in as many parts as it needs, each with what it is.

    That is "" for the first part, else "rows" or "columns": what goes on there.

    Parameters
    ----------
    room
        Width of the text in cm.
    small
        Whether its type is small in any case.
    """
    lines, sizes = shown_rows(table, lang), SMALL if small else SIZES
    across = table.across if len(lines) >= table.across * _BLOCK else 1
    fields = [*table.fields] * across
    while across > 1 and not fitted(fields, [line * across for line in lines], lang, room):
        across -= 1
        fields = [*table.fields] * across
    drawn: list[tuple[str, str]] = []
    if across > 1:
        # Each page has blocks of its own, which are read down.
        for start in range(0, len(lines), _PAGE_ROWS * across):
            page = _side_by_side(lines[start : start + _PAGE_ROWS * across], across)
            xml = _table_xml(fields, page, lang, room, sizes, unbroken=True)
            drawn.append((xml, "rows" if start else ""))
        return drawn
    for columns in divided(table.fields, lines, lang, room):
        some = [table.fields[column] for column in columns]
        cells = [[line[column] for column in columns] for line in lines]
        xml = _table_xml(some, cells, lang, room, sizes, unbroken=len(lines) <= _FEW_ROWS)
        drawn.append((xml, "columns" if drawn else ""))
    return drawn


def _side_by_side(lines: Lines, across: int) -> Lines:
    """Return rows in blocks of about one length, the second of a tree begins with a branch."""
    length = -(-len(lines) // across)
    starts = [*range(0, len(lines), length)]
    if across == 2:
        branches = [row for row, line in enumerate(lines) if _depth(line[0]) <= 1]
        near = min(branches, key=lambda row: (abs(row - length), row), default=length)
        if abs(near - length) <= length * _UNEVEN:
            starts = [0, near]
    blocks = [lines[start:end] for start, end in itertools.pairwise([*starts, len(lines)])]
    rows = itertools.zip_longest(*blocks, fillvalue=[""] * len(lines[0]))
    return [[cell for line in row for cell in line] for row in rows]


def _depth(text: str) -> int:
    """Return by how many levels a name stands below another."""
    return len(text) - len(text.lstrip(INDENT))


def _table_xml(
    fields: Sequence[Field],
    lines: Lines,
    lang: str,
    room: float,
    sizes: Sequence[int],
    *,
    unbroken: bool,
) -> str:
    """Return one table; `unbroken` keeps it on a page."""
    fit = fitted(fields, lines, lang, room, sizes)
    if fit is None:
        fit = TableFit(sizes[-1], [room / len(fields)] * len(fields))
    widths = [int(wide * _TWIPS) for wide in fit.widths]
    tight = fit.size <= SMALL[0]
    above, under = _TIGHT if tight else _USUAL
    return template_beside(__file__, "table.xml").render(
        widths=widths,
        size=fit.size,
        tall=round(fit.tall * _TWIPS),
        heads=_heads(fields, widths, lang, fit),
        rows=[_row(line, fields, widths, fit.size) for line in lines],
        unbroken=unbroken,
        together=_TOGETHER,
        above=above,
        under=under,
    )


def _heads(
    fields: Sequence[Field], widths: Sequence[int], lang: str, fit: TableFit
) -> list[list[_WordCell]]:
    """Return the heading: one line, or two where some headings stand over several columns."""
    heads = []
    for column, (field, width) in enumerate(zip(fields, widths, strict=True)):
        turned = bool(fit.tall) and not field.is_text
        text, room = field.head.text(lang), (width / _TWIPS - SIDES) / half_em_cm(fit.size) / 1.1
        heads.append(
            _WordCell(
                [text] if turned else balanced(text, room),
                width,
                "left" if field.is_text or turned else "right",
                indent=gap_before(fields, column) * fit.size * 5,
                line=True,
                turned=turned,
            )
        )
    if all(field.over == NOTHING for field in fields):
        return [heads]
    upper, column = list[_WordCell](), 0
    for over, several in itertools.groupby(fields, key=lambda field: field.over):
        end = column + len([*several])
        if over == NOTHING:
            # A heading below none stands in both lines.
            upper += [replace(head, merge="restart", line=False) for head in heads[column:end]]
            heads[column:end] = [
                replace(head, lines=[""], merge="continue") for head in heads[column:end]
            ]
        else:
            width = sum(widths[column:end])
            upper.append(
                _WordCell([over.text(lang)], width, "center", span=end - column, line=True)
            )
        column = end
    return [upper, heads]


def _row(
    line: Sequence[str], fields: Sequence[Field], widths: Sequence[int], size: int
) -> list[_WordCell]:
    """Return the cells of a row; all lines of a name that stands below another are moved in."""
    return [
        _WordCell(
            [text.lstrip(INDENT)],
            width,
            "left" if field.is_text else "right",
            indent=(gap_before(fields, column) + 2 * _depth(text)) * size * 5,
        )
        for column, (text, field, width) in enumerate(zip(line, fields, widths, strict=True))
    ]
