"""One HTML file: tables to sort and search, figures, a page per city; nothing from elsewhere."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from xlcity.data_files import template_beside
from xlcity.figures.contents import Label
from xlcity.report.contents import (
    INDENT,
    Field,
    ReportTable,
    Section,
    is_roomy,
    shown_rows,
)
from xlcity.report.table_fit import divided
from xlcity.report.texts import invented, remarks, say

#: Tables of more rows than this are moved up and down in a box of their own.
BOXED = 50
#: Tables of at most this many rows stay on one page in print. One in columns stays wherever a page
#: has room for it: the caption and the head of its first column would be left behind.
_TOGETHER, _BALANCED = 30, 54
#: Width of the text in print in cm; columns from which on type is smaller and headings are turned.
_PRINT, _TIGHT, _TURNED = 17.4, 10, 13
#: Rows that a column has at least where a table is set in columns.
_ROWS = 8


@dataclass(frozen=True, slots=True)
class _PageCell:
    """A cell: its text, its number where it has one, and its levels below another."""

    text: str
    number: float | None
    depth: int


@dataclass(frozen=True, slots=True)
class _TablePart:
    """Some columns of a table: its rows by city, and the column that has the cities' names."""

    fields: Sequence[Field]
    over: Sequence[tuple[Label, int]]
    rows: Sequence[tuple[str, Sequence[_PageCell]]]
    named: int | None
    look: str


def write_page(
    title: Label,
    lang: str,
    cities: Mapping[str, Label],
    sections: Sequence[Section],
    profiles: Sequence[Section],
    pictures: Mapping[str, bytes],
) -> str:
    """Return the page.

    Parameters
    ----------
    cities
        City id -> its name, of the cities that have a page of their own.
    sections
        The chapter.
    profiles
        A section per city.
    pictures
        Figure id -> WebP.
    """
    items = [item for section in (*sections, *profiles) for item in section.items]
    tables = [item for item in items if isinstance(item, ReportTable)]
    figures = [item for item in items if item.id in pictures]
    return template_beside(__file__, "page.html").render(
        title=title,
        lang=lang,
        cities=cities,
        sections=sections,
        profiles=profiles,
        numbers={item.id: n for some in (tables, figures) for n, item in enumerate(some, 1)},
        pictures={name: base64.b64encode(data).decode() for name, data in pictures.items()},
        parts_of=partial(_divide_table, lang=lang, cities=cities),
        look_of=_look_of,
        is_roomy=is_roomy,
        remarks=partial(remarks, lang=lang),
        invented=partial(invented, lang=lang),
        say=say,
        boxed=BOXED,
    )


def _divide_table(table: ReportTable, lang: str, cities: Mapping[str, Label]) -> list[_TablePart]:
    """Return the parts of a table that print has room for: most have one."""
    lines = shown_rows(table, lang)
    parts = []
    for columns in divided(table.fields, lines, lang, _PRINT):
        fields = [table.fields[column] for column in columns]
        over = [
            (label, len([*several]))
            for label, several in itertools.groupby(fields, key=lambda field: field.over)
        ]
        rows = [
            (unit, [_cell(line[column], row[column]) for column in columns])
            for unit, line, row in zip(
                table.units or [""] * len(lines), lines, table.rows, strict=True
            )
        ]
        look = "turned" if len(columns) >= _TURNED else "tight" if len(columns) >= _TIGHT else ""
        named = _named_column(table, columns, cities)
        parts.append(_TablePart(fields, over if table.has_heads_over else (), rows, named, look))
    return parts


def _cell(text: str, value: object) -> _PageCell:
    number = None if value is None or isinstance(value, Label) else value
    bare = text.lstrip(INDENT)
    return _PageCell(bare, number, len(text) - len(bare))  # type: ignore[arg-type]


def _named_column(
    table: ReportTable, columns: Sequence[int], cities: Mapping[str, Label]
) -> int | None:
    """Return the column that has the names of the cities that the rows are about."""
    for unit, row in zip(table.units, table.rows, strict=False):
        cells = [row[column] for column in columns]
        if unit in cities and cities[unit] in cells:
            return cells.index(cities[unit])
    return None


def _look_of(table: ReportTable, parts: Sequence[_TablePart]) -> str:
    """Return the classes of a table: long ones have a box, short ones stay on a page in print."""
    rows = len(table.rows)
    across = table.across if rows >= table.across * _ROWS and len(parts) == 1 else 1
    look = " long" if rows > BOXED else ""
    look += " short" if rows / across <= (_BALANCED if across > 1 else _TOGETHER) else ""
    return look + (f" blocks-{across}" if across > 1 else "")
