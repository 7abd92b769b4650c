"""Data of a framework that has faults itself: what can still be said about them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xlcity.errors import DataError, FrameworkError, Problem, Where, WorkbookError
from xlcity.model.reading.data import open_table
from xlcity.model.reading.tables import FileTable
from xlcity.model.reading.values import Refusal, read_value


def data_problems(error: FrameworkError, data: str | Path) -> list[Problem]:
    """Return what is wrong with data whose framework has faults.

    Parameters
    ----------
    error
        The faults of the framework; it knows the codes that were read.
    data
        The table of values.
    """
    try:
        table = open_table(Path(data), {*error.parents, *error.uoms})
    except (DataError, WorkbookError) as unreadable:
        return list(unreadable.problems)
    return [*_aggregates(error, table), *_texts(error, table)]


def _aggregates(error: FrameworkError, table: FileTable) -> Iterator[Problem]:
    for title in table.header:
        if title in error.parents:
            yield Problem(
                "XC309",
                f"the column {title!r} holds values of a node that is computed from others.",
                "Remove the column, or give the node another code.",
                Where(file=table.file, sheet=table.sheet, cell="row 1"),
            )


def _texts(error: FrameworkError, table: FileTable) -> Iterator[Problem]:
    """Yield cells below the code of an indicator that hold neither number nor missing code."""
    columns = [(at, title) for at, title in enumerate(table.header) if title in error.uoms]
    for row in range(len(table.rows)):
        for at, code in columns:
            read = read_value(table.cell(row, at), error.uoms[code])
            if isinstance(read, Refusal):
                where = table.where(row, at, indicator=code)
                yield Problem(read.code, read.message, read.hint, where)
