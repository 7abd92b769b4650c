"""Pairwise judgements (analytic hierarchy process) as square tables: CSV, or sheets of an xlsx."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellError, DataError, Problem, Where
from xlcity.functions.model_weights import ahp_ratio
from xlcity.messages import Message
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
    CellError.NUM: "fault.judgements_contradict",
    CellError.NA: "fault.pair_without_judgement",
    CellError.VALUE: "fault.no_square",
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
            problems.append(Problem.of("XC331.no_table", path=path))
        for table in tables:
            judgements |= _JudgementReader(table, framework, problems).read()
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


class _JudgementReader:
    """Reads one table of judgements; what is wrong with it is added to `problems`.

    Its header and its first column have the codes of the children of a node; a cell says how many
    times its row is as important as its column.
    """

    def __init__(
        self, table: FileTable, framework: Framework, problems: list[Problem]
    ) -> None:
        self.table = table
        self.problems = problems
        self.framework = framework
        #: Code -> its column.
        self.columns = {
            code: column for column, code in enumerate(table.header) if column and code
        }
        self.codes = table.texts(0)
        self.before = len(problems)

    def refuse(self, key: str, where: Where, /, **values: Any) -> None:
        """Add the problem of a key."""
        self.problems.append(Problem.of(key, where, **values))

    def read(self) -> dict[str, tuple[float, ...]]:
        """Return node -> the judgements of its children above the diagonal, row by row.

        Empty, with problems added, if the table cannot be used.
        """
        for row, code in enumerate(self.codes):
            if code not in self.columns:
                self.refuse("XC331.no_column", self.table.where(row), code=code)
        node = self._find_node()
        if node is None:
            return {}
        children = [child.code for child in self.framework.children(node)]
        matrix = self._read_matrix(children)
        error = ahp_ratio(matrix).error(0, 0)
        if len(self.problems) == self.before and error is not None:
            key = _FAULT_OF_ERROR.get(error)
            fault = Message(key) if key else str(error)
            where = self.table.where(0)
            self.refuse("XC331.fault", where, node=node, fault=fault)
        if len(self.problems) > self.before:
            return {}
        # An empty cell is the reciprocal of the opposite one.
        completed = np.where(np.isnan(matrix), 1.0 / matrix.T, matrix)
        above = completed[np.triu_indices(len(children), k=1)]
        return {node: tuple(map(float, above))}

    def _are_children(self, codes: Iterable[str], parent: str) -> bool:
        """Tell whether codes are those of all children of a node, in any order."""
        children = [child.code for child in self.framework.children(parent)]
        return sorted(codes) == sorted(children)

    def _find_node(self) -> str | None:
        """Return the node whose children are compared; None, refused, for other codes."""
        known = [code for code in self.table.header[1:] if code]
        nodes = [self.framework[code] for code in known if code in self.framework]
        parents = {node.parent for node in nodes}
        parent = parents.pop() if len(parents) == 1 else None
        if parent is not None and self._are_children(known, parent):
            return parent
        where = self.table.where(0 if self.table.rows else None)
        self.refuse("XC331.not_children", where, codes=known)
        return None

    def _read_matrix(self, children: list[str]) -> NDArray[np.float64]:
        """Return the judgements in the order of the children, NaN where a cell is empty."""
        matrix = np.full((len(children), len(children)), np.nan)
        for row, code in enumerate(self.codes):
            if code not in self.columns:
                continue
            for other, column in self.columns.items():
                place = (children.index(code), children.index(other))
                matrix[place] = self._read_cell(row, column, code)
        return matrix

    def _read_cell(self, row: int, column: int, code: str) -> float:
        text = as_text(self.table.cell(row, column))
        number = parse_fraction(text.replace(" ", ""))
        if number is not None:
            return number
        if text:
            where = self.table.where(row, column, indicator=code)
            self.refuse("XC331.no_judgement", where, text=text)
        return math.nan
