"""Rows of input sheets: ids with names beside them, and values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from xlcity.model.dataset import Dataset, State
from xlcity.workbook.drawing.canvas import Canvas
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.drawing.number_formats import AS_TEXT, GENERAL, INTEGER
from xlcity.workbook.drawing.styles import CENTER, TINY
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import IN_CODE, IN_FIRST, INVENTED_ROW
from xlcity.workbook.sheets.table import Column, RowCells, fields

MISSING_TEXT = "NA"


def unit_columns(layout: Layout, **style: Any) -> tuple[Column, ...]:
    """Return the ids of cities as inputs, which are what rows are about, and the name of each."""

    def name(cells: RowCells) -> str:
        return f'IFERROR(IF({cells.id}="","",{layout.name_of(cells.id)}),"")'

    return fields(
        "data",
        id=Column(
            role="input",
            number=AS_TEXT,
            value=lambda cells: cells.item,
            style={"shrink": True, **style},
        ),
        name=Column(formula=name, role="name"),
    )


def input_content(dataset: Dataset, slot: int, code: str) -> object:
    """Return the content of a value's cell: the number, NA, or nothing."""
    if slot >= len(dataset.units) or code not in dataset.codes:
        return None
    column = dataset.codes.index(code)
    value = dataset.values.item(slot, column)
    if not math.isnan(value):
        return value
    return MISSING_TEXT if dataset.states.item(slot, column) == State.MISSING else None


def line_status(
    canvas: Canvas,
    first: int,
    count: int,
    column: int,
    line: str,
) -> str:
    """Return the formula of the status of a typed line: as shipped, entered where it differs.

    Lines as shipped stand in a column from a row on, `count` of them, their status beside.
    """
    if not count:
        return '"entered"'
    lines, bases = (
        canvas.range(first, c, first + count - 1) for c in (column, column + 1)
    )
    return f'IFERROR(INDEX({bases},MATCH({line},{lines},0)),"entered")'


def count_invented(canvas: Canvas, typed: Area, left: int, values: np.ndarray) -> None:
    """Write invented values as shipped, out of print, and count those that still stand.

    Parameters
    ----------
    typed
        The input cells.
    left
        First column of the values as shipped; the count of each row stands before it.
    values
        (cities, columns of `typed`) what is invented, NaN for other cells.
    """
    layout = canvas.book.layout
    units = canvas.book.spec.dataset.units
    canvas.last_printed = typed.c2
    canvas.label(IN_CODE, left - 1, "invented.count", "header", **TINY)
    canvas.label(IN_CODE, left, "invented.shipped", "note", **TINY)
    for row, (unit, line) in enumerate(zip(units, values, strict=True), IN_FIRST):
        for column in np.flatnonzero(~np.isnan(line)).tolist():
            shown = float(line[column])
            canvas.put(row, left + column, shown, "published", number=GENERAL, **TINY)
        inputs, shipped = (
            canvas.range(row, first, row, first + typed.columns - 1, fix=Fix.COLUMN)
            for first in (typed.c1, left)
        )
        same = f'SUMPRODUCT(({inputs}={shipped})*({shipped}<>""))'
        counted = f'IF({cell(row, 1, Fix.COLUMN)}="{unit.id}",{same},0)'
        canvas.formula(row, left - 1, counted, CENTER, number=INTEGER, **TINY)
    counts = canvas.range(IN_FIRST, left - 1, layout.in_last)
    canvas.formula(INVENTED_ROW, left - 1, f"SUM({counts})", CENTER, number=INTEGER)
