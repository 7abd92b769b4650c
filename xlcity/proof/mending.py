"""What mending one cell changes: the team's own formulas, with that cell as its column says."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from xlcity.errors import EngineError
from xlcity.model.dataset import FloatArray
from xlcity.proof.columns import Slip, TeamColumns
from xlcity.proof.probe import ColumnProbe
from xlcity.proof.reading import ReadIndex
from xlcity.proof.tables import is_of_whole_column
from xlcity.proof.total import ranks_of
from xlcity.xlsx.formulas.graph import Place

#: Slips whose effect is computed, at most.
_MOST = 24


class MovedRank(NamedTuple):
    """A city whose rank is another one."""

    unit: str
    before: int
    after: int

    @property
    def distance(self) -> int:
        """How many places it moves."""
        return abs(self.after - self.before)


def rank_moves(read: ReadIndex) -> dict[Slip, tuple[MovedRank, ...]]:
    """Return slip -> the ranks that move once this cell alone is as its column says.

    The largest moves come first. A slip whose effect cannot be computed is left out.
    """
    moves: dict[Slip, tuple[MovedRank, ...]] = {}
    try:
        before = _ranks_without(read, ())
        for slip in read.slips[:_MOST]:
            after = _ranks_without(read, _cells_of(read.columns, slip))
            moves[slip] = _moves(read.columns.cities.names, before, after)
    except EngineError:
        return moves
    return moves


def _moves(
    names: Collection[str], before: FloatArray, after: FloatArray
) -> tuple[MovedRank, ...]:
    """Return the cities that have another rank, the largest moves first."""
    changed = np.isfinite(before) & np.isfinite(after) & (before != after)
    moves = [
        MovedRank(name, int(old), int(new))
        for name, old, new, is_changed in zip(
            names, before, after, changed, strict=True
        )
        if is_changed
    ]
    return tuple(sorted(moves, key=lambda move: -move.distance))


def _cells_of(columns: TeamColumns, slip: Slip) -> set[Place]:
    """Return the cells that a slip is about: all that are off alike."""
    if slip.series is None or not is_of_whole_column(columns, slip):
        return {slip.place}
    return {*columns.cities.cells(slip.series).values()}


def _ranks_without(read: ReadIndex, mended: Collection[Place]) -> FloatArray:
    """Return (cities,) ranks by the formulas as they stand, but for some cells.

    Raises
    ------
    EngineError
        If a formula cannot be computed.
    """
    columns = read.columns
    wanted = read.rankings[0] if read.rankings else read.root.series
    kept = columns.all_cells - {*mended}
    numbers = ColumnProbe(columns, [wanted], (), kept=kept).run_one({})
    return numbers if read.rankings else ranks_of(numbers, "min")
