"""Rows of input sheets: ids with names beside them, and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlcity.model.dataset import Dataset, State
from xlcity.workbook.drawing.canvas import Canvas
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import IN_FIRST
from xlcity.workbook.sheets.table import Column, RowCells, Table, fields

MISSING_TEXT = "NA"


def unit_columns(layout: Layout, **style: Any) -> tuple[Column, ...]:
    """Return the ids of cities as inputs, which are what rows are about, and the name of each."""

    def name(cells: RowCells) -> str:
        return f'IFERROR(IF({cells.id}="","",{layout.name_of(cells.id)}),"")'

    return fields(
        "data",
        id=Column(role="input", number="@", value=lambda cells: cells.item,
                  style={"shrink": True, **style}),
        name=Column(formula=name, role="name"),
    )  # fmt: skip


def id_rows(canvas: Canvas, ids: Sequence[str], count: int, **style: Any) -> None:
    """Write the ids of cities, empty ones up to a count, without headings."""
    columns = unit_columns(canvas.book.layout, **style)
    Table(canvas, 0, IN_FIRST, IN_FIRST + count - 1, columns, items=ids).draw()


def shown_value(dataset: Dataset, slot: int, code: str) -> object:
    """Return the content of a value's cell: the number, NA, or nothing."""
    if slot >= len(dataset.units) or code not in dataset.codes:
        return None
    column = dataset.codes.index(code)
    if dataset.states[slot, column] == State.MISSING:
        return MISSING_TEXT
    if dataset.states[slot, column] == State.VALUE:
        return float(np.float64(dataset.values[slot, column]))
    return None
