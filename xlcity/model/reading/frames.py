"""Frames of pandas as tables, without pandas."""

from __future__ import annotations

from typing import Any

from xlcity.errors import UsageError
from xlcity.model.reading.cities import ID_COLUMNS
from xlcity.model.reading.tables import FileTable

#: Heading of the first column, where a frame has the cities as its index.
UNIT = "unit"


def table_of(frame: Any, first: str | None = UNIT) -> FileTable:
    """Return a frame as the table that a file would hold; NaN is a blank cell.

    Parameters
    ----------
    frame
        The frame.
    first
        Heading of an index without a name, where no column names the cities; None leaves it out.

    Raises
    ------
    UsageError
        If it is not a frame, its columns have several levels, or levels of its index no name.
    """
    if not (hasattr(frame, "columns") and hasattr(frame, "itertuples")):
        message = f"a {type(frame).__name__} is not a table."
        raise UsageError(message, "Give a path or a pandas DataFrame.")
    if getattr(frame.columns, "nlevels", 1) > 1:
        hint = "Give it one row of headings: frame.stack() turns a level into a column."
        raise UsageError("the columns of the frame have several levels.", hint)
    if getattr(frame.index, "nlevels", 1) > 1:
        if None in frame.index.names:
            hint = "Name them, for instance unit and year."
            raise UsageError("the levels of the frame's index have no names.", hint)
        frame = frame.reset_index()
    header = [str(name) for name in frame.columns]
    rows = [list(row) for row in frame.itertuples(index=False, name=None)]
    heading = frame.index.name or first
    if heading and not {name.strip().lower() for name in header} & {"ucode", *ID_COLUMNS}:
        header = [str(heading), *header]
        rows = [[label, *row] for label, row in zip(frame.index, rows, strict=True)]
    cells = tuple(tuple(map(_cell, row)) for row in rows)
    # A person counts the rows of a frame as a table shows them: the heading is row 1.
    return FileTable("DataFrame", None, tuple(header), cells, tuple(range(2, len(cells) + 2)))


def _cell(value: Any) -> Any:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
