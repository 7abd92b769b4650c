"""Pairwise judgements (analytic hierarchy process) as square tables: CSV, or sheets of an xlsx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xlcity.errors import CellError, DataError, Problem
from xlcity.functions.model_weights import ahp_ratio
from xlcity.model.framework import Framework
from xlcity.model.reading.layout import arrange
from xlcity.model.reading.tables import (
    FileTable,
    as_text,
    parse_fraction,
    read_csv,
)
from xlcity.xlsx.package import is_workbook_name
from xlcity.xlsx.plain_cells import read_plain_cells

#: What is wrong with a whole table of judgements.
_FAULT_OF_ERROR = {
    CellError.NUM: "a judgement is 0 or less, two opposite ones contradict each other, or more "
    "than 15 things are compared",
    CellError.NA: "a pair has no judgement",
    CellError.VALUE: "this is not a square of numbers",
}


def read_judgements(
    paths: Sequence[str | Path], framework: Framework
) -> dict[str, tuple[float, ...]]:
    """Read tables of judgements.

    Parameters
    ----------
    paths
        CSV files, or xlsx files of which every sheet with the same codes in its first row and
        first column is a table. A cell says how many times its row is as important as its column:
        a number or a fraction such as 1/3; one of two opposite cells may be empty.
    framework
        The codes of one table are the children of one node.

    Returns
    -------
    dict
        Node -> the judgements above the diagonal, row by row, in the framework's order of its
        children.

    Raises
    ------
    DataError
        With every table, code and cell that cannot be used.
    """
    problems: list[Problem] = []
    judgements: dict[str, tuple[float, ...]] = {}
    for path in paths:
        tables = _judgement_tables(Path(path))
        if not tables:
            message = f"{path} contains no table of judgements."
            problems.append(
                Problem(
                    "XC331",
                    message,
                    "Write the codes in the first row and the first column.",
                )
            )
        for table in tables:
            judgements |= _read_table(table, framework, problems)
    DataError.raise_for(problems)
    return judgements


def _judgement_tables(path: Path) -> list[FileTable]:
    """Return the table of a CSV file, or those of the sheets of an xlsx file that hold judgements.

    Such a sheet has the same codes in its first row and its first column.
    """
    if not is_workbook_name(path):
        return [read_csv(path)]
    sheets = read_plain_cells(path).items()
    tables = [arrange(str(path), name, cells) for name, cells in sheets if cells]
    return [table for table in tables if _is_square(table)]


def _is_square(table: FileTable) -> bool:
    """Tell whether a table has the same codes, at least two, in its first row and column."""
    rows = {*table.texts(0)}
    return rows == {*table.header[1:]} - {""} and len(rows) > 1


def _read_table(
    table: FileTable, framework: Framework, problems: list[Problem]
) -> dict[str, tuple[float, ...]]:
    """Return node -> the judgements of its children above the diagonal, row by row.

    Empty, with problems added, if the table cannot be used.

    Parameters
    ----------
    table
        Has the codes of the children as header and in the first column; a cell says how many times
        its row is as important as its column.
    """
    problems_before = len(problems)
    column_codes = [code for code in table.header[1:] if code]
    row_codes = table.texts(0)
    for row, code in enumerate(row_codes):
        if code not in column_codes:
            message = f"{code!r} has a row, but no column."
            problems.append(
                Problem("XC331", message, "Compare the same codes.", table.where(row))
            )
    parents = {framework[code].parent for code in column_codes if code in framework}
    node = next(iter(parents), None)
    children = (
        [] if node is None else [child.code for child in framework.children(node)]
    )
    if len(parents) != 1 or sorted(column_codes) != sorted(children):
        message = f"{', '.join(column_codes)} are not the children of one node."
        hint = "Name each child of a node once, by its code, and no other."
        where = table.where(0 if table.rows else None)
        problems.append(Problem("XC331", message, hint, where))
        return {}
    matrix = np.full((len(children), len(children)), np.nan)
    for row, code in enumerate(row_codes):
        for column, column_code in enumerate(table.header):
            if code not in column_codes or column == 0 or not column_code:
                continue
            text = as_text(table.cell(row, column))
            number = parse_fraction(text.replace(" ", ""))
            if text and number is None:
                where = table.where(row, column, indicator=code)
                message = f"{text!r} is not a judgement."
                problems.append(Problem("XC331", message, "Write 3 or 1/3.", where))
            elif number is not None:
                matrix[children.index(code), children.index(column_code)] = number
    error = ahp_ratio(matrix).error(0, 0)
    if len(problems) == problems_before and error is not None:
        message = (
            f"the judgements under {node} cannot be "
            f"used: {_FAULT_OF_ERROR.get(error, error)}."
        )
        hint = "Opposite judgements are reciprocal: 3 and 1/3."
        problems.append(Problem("XC331", message, hint, table.where(0)))
    if len(problems) > problems_before or node is None:
        return {}
    # An empty cell is the reciprocal of the opposite one.
    completed = np.where(np.isnan(matrix), 1.0 / matrix.T, matrix)
    return {
        node: tuple(float(x) for x in completed[np.triu_indices(len(children), k=1)])
    }
