"""Rows of input sheets: ids with names beside them, and values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xlcity.model.dataset import Dataset, State
from xlcity.workbook.drawing.canvas import Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.rows import IN_FIRST

MISSING_TEXT = "NA"


def id_rows(canvas: Canvas, ids: Sequence[str], count: int, **style: Any) -> None:
    """Write the ids of cities as inputs, empty ones up to a count, and the name of each."""
    layout = canvas.book.layout
    for slot in range(count):
        row = IN_FIRST + slot
        unit_id = ids[slot] if slot < len(ids) else None
        canvas.input(row, 1, unit_id, "input", "@", shrink=True, **style)
        unit = cell(row, 1, "c")
        name = f'IFERROR(IF({unit}="","",{layout.name_of(unit)}),"")'
        canvas.formula(row, 2, name, "name")


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
