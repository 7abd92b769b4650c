"""One HTML file: tables to sort and search, figures, a page per city; nothing from elsewhere."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from xlcity.data_files import template_beside
from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure
from xlcity.report.contents import INDENT, ReportTable, Section, shown_rows
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import Basis
from xlcity.report.texts import invented, remarks, say

#: Tables of more rows than this are moved up and down in a box of their own.
BOXED = 50
#: Tables of at most this many rows stay on one page in print. One in columns stays wherever a page
#: has room for it: the caption and the head of its first column would be left behind.
_TOGETHER = 30
_BALANCED = 54
#: Columns from which on type is smaller in print, and headings are turned.
_TIGHT = 10
_TURNED = 13
#: Rows that a column has at least where a table is set in columns.
_ROWS = 8
#: Differences of sums of floats.
_NOISE = 1e-9


def write_page(
    title: Label,
    lang: str,
    cities: Mapping[str, Label],
    sections: Sequence[Section],
    profiles: Sequence[Section],
    pictures: Mapping[str, bytes],
    source: ReportSource | None = None,
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
    source
        The index, for what its first-level weights change.
    """
    items = [item for section in (*sections, *profiles) for item in section.items]
    tables = [item for item in items if isinstance(item, ReportTable)]
    figures = [item for item in items if isinstance(item, Figure)]
    numbers = {table.id: number for number, table in enumerate(tables, 1)}
    numbers |= {figure.id: number for number, figure in enumerate(figures, 1)}
    encoded = {name: base64.b64encode(data).decode() for name, data in pictures.items()}
    return template_beside(__file__, "page.html").render(
        title=title,
        lang=lang,
        cities=cities,
        sections=sections,
        profiles=profiles,
        numbers=numbers,
        pictures=encoded,
        say=say,
        boxed=BOXED,
        drawn=partial(_page_table, lang=lang, cities=cities),
        remarks=partial(remarks, lang=lang),
        invented=partial(invented, lang=lang),
        weights=None if source is None else _weights(source, lang),
    )


def _page_table(
    table: ReportTable, lang: str, cities: Mapping[str, Label]
) -> dict[str, object]:
    """Return a table as the page writes it.

    Headings over others, rows by city, the column of the cities' names, classes of its looks: long
    tables have a box, short ones stay on a page in print.
    """
    runs = itertools.groupby(table.fields, key=lambda field: field.over)
    over = [(label, len([*several])) for label, several in runs]
    units = table.units or [""] * len(table.rows)
    lines = shown_rows(table, lang)
    cells = [
        [*map(_cell, line, row)] for line, row in zip(lines, table.rows, strict=True)
    ]
    rows = [*zip(units, cells, strict=True)]
    columns = len(table.fields)
    across = table.across
    across = across if len(rows) >= across * _ROWS else 1
    box = " long" if len(rows) > BOXED else ""
    box += (
        " short"
        if len(rows) / across <= (_BALANCED if across > 1 else _TOGETHER)
        else ""
    )
    box += f" blocks-{across}" if across > 1 else ""
    look = "turned" if columns >= _TURNED else "tight" if columns >= _TIGHT else ""
    named = next(
        (
            row.index(cities[unit])
            for unit, row in zip(units, table.rows, strict=True)
            if unit in cities and cities[unit] in row
        ),
        None,
    )
    over = over if len(over) > 1 else []
    return {"over": over, "rows": rows, "named": named, "look": look, "box": box}


def _cell(text: str, value: object) -> dict[str, object]:
    """Return a cell: its text, its number where it has one, and its levels below another."""
    number = float(value) if isinstance(value, float | int) else None
    bare = text.lstrip(INDENT)
    return {"text": bare, "number": number, "depth": len(text) - len(bare)}


def _weights(source: ReportSource, lang: str) -> dict[str, str] | None:
    """Return the first-level scores and weights as JSON; None where they do not give the total."""
    basis = Basis(source)
    codes = source.children(source.root)
    shares = np.array([basis.weights.get(code, 0.0) for code in codes])
    rows = list(basis.overall.rows)
    block = np.column_stack([source.scores(code)[rows] for code in codes])
    sums = block @ shares
    is_sum = len(codes) > 1 and np.allclose(
        sums, basis.overall.scores, rtol=0.0, atol=_NOISE
    )
    if not is_sum or source.synthetic:
        return None
    lines = [
        [source.city(row).text(lang), *scores]
        for row, scores in zip(rows, block.tolist(), strict=True)
    ]
    names = [source.node(code).text(lang) for code in codes]
    texts = {"names": names, "weights": shares.tolist(), "rows": lines}
    return {
        "anchor": f"s-{source.root}",
        **{name: json.dumps(x) for name, x in texts.items()},
    }
