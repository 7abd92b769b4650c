"""A team's own workbook as `diff` takes it: its index as read from its formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from xlcity.audit.diff.changes import CellChange
from xlcity.audit.diff.hybrid_index import IndexInputs
from xlcity.audit.lint.subject import Subject
from xlcity.proof.meanings import TreeNode
from xlcity.proof.reading import NoIndexError, ReadIndex, read_index
from xlcity.proof.workbook_map import read_workbook_map
from xlcity.xlsx.address import parse_cell

#: Kind of a change of a cell that is typed; what a typed value of a city is called.
_CONSTANT = "constant"
_INPUT = "input"
#: A score or a rank by city and node.
_Key = tuple[str, str]


@dataclass(frozen=True)
class TeamIndex:
    """The index of a team's workbook, proved."""

    read: ReadIndex

    @property
    def inputs(self) -> IndexInputs:
        """What it is made from."""
        tables = self.read.tables
        return IndexInputs(tables.framework, tables.recipe, tables.dataset())

    def scores(self) -> Iterator[tuple[_Key, float]]:
        """Yield the scores that the file has; none of a column that rounds."""
        columns = self.read.columns
        for placed in self.read.tables.placed:
            series = placed.meaning.series
            is_node = isinstance(placed.meaning, TreeNode)
            if not is_node or self.read.rounded:
                continue
            stored = columns.stored(series).tolist()
            for unit, score in zip(columns.cities.names, stored, strict=True):
                if np.isfinite(score):
                    yield (unit, placed.code), score

    def ranks(self) -> Iterator[tuple[_Key, int]]:
        """Yield the ranks of the total that the file has."""
        columns = self.read.columns
        code = self.read.tables.placed[0].code
        for series in self.read.rankings[:1]:
            stored = columns.stored(series).tolist()
            for unit, rank in zip(columns.cities.names, stored, strict=True):
                if np.isfinite(rank):
                    yield (unit, code), round(rank)

    def named(self, change: CellChange) -> CellChange:
        """Return a change with the city and the heading of its cell; a typed value as an input."""
        columns = self.read.columns
        position = parse_cell(change.cell) if change.cell else None
        cell = None
        if position is not None:
            cell = columns.cities.city_cells.get((change.sheet, position))
        if cell is None:
            return change
        column = columns[cell.series]
        is_input = change.kind == _CONSTANT and column.is_typed
        return replace(
            change,
            kind=_INPUT if is_input else change.kind,
            unit=columns.cities.names[cell.city],
            indicator=column.heading,
        )


def is_no_input(change: CellChange) -> bool:
    """Tell whether a change is none of what people typed for a city."""
    return change.kind != _INPUT


def read_team_index(subject: Subject) -> TeamIndex | None:
    """Return the index that the formulas of a workbook tell of; None for none that is proved."""
    try:
        read = read_index(subject.package, known=read_workbook_map(subject.path))
    except NoIndexError:
        return None
    return TeamIndex(read) if read.proof.holds else None
