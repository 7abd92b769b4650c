"""Groups of rows that are computed apart: cities in populations with tables of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import FunctionError
from xlcity.functions.arguments import Groups, as_label
from xlcity.functions.block import NA, CellArray, CellState, Matrix, States

#: The pool of every row that belongs to a group.
EVERYONE = "all"


def group_names(groups: Groups, rows: int) -> NDArray[np.object_]:
    """Return the group of each row; without groups all rows are of one.

    Raises
    ------
    FunctionError
        If there is not one per row.
    """
    if groups is None:
        return np.full(rows, EVERYONE, dtype=object)
    if len(groups) != rows:
        raise FunctionError(f"{len(groups)} groups for {rows} rows")
    return np.array([as_label(cell) for cell in groups], dtype=object)


def distinct_groups(names: NDArray[np.object_]) -> list[str]:
    """Return the groups that rows belong to, in the order of the rows."""
    return [name for name in dict.fromkeys(names.tolist()) if name]


def compute_by_group(
    core: Callable[[Matrix, States], CellArray], values: Matrix, states: States, groups: Groups
) -> CellArray:
    """Return what a core gives for each group's rows by themselves; rows of no group are #N/A.

    Parameters
    ----------
    core
        Takes (m, k) values and states, gives as many cells.
    """
    if groups is None:
        return core(values, states)
    names = group_names(groups, values.shape[0])
    numbers = np.full(values.shape, np.nan)
    errors = np.full(values.shape, NA, dtype=np.uint8)
    for name in distinct_groups(names):
        rows = names == name
        group_cells = core(values[rows], states[rows])
        numbers[rows], errors[rows] = group_cells.values, group_cells.errors
    return CellArray(numbers, errors)


def pools_of(
    names: NDArray[np.object_], pools: Groups
) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Return (rows, rows whose statistics they are measured by), pool by pool.

    Parameters
    ----------
    names
        The group of each row.
    pools
        The group whose statistics each row takes, `EVERYONE` for all rows of any group; None or an
        empty cell is the row's own group.
    """
    taken = names.copy()
    if pools is not None:
        given = group_names(pools, len(names))
        taken = np.where((given != "") & (names != ""), given, names)
    return [
        (taken == pool, names != "" if pool == EVERYONE else names == pool)
        for pool in distinct_groups(taken)
    ]


def blank_outside_pool(states: States, inside: NDArray[np.bool_]) -> States:
    """Return (n, k) states in which the rows outside a pool are blank.

    Parameters
    ----------
    inside
        (n,) which rows are of the pool.
    """
    return np.where(inside[:, None], states, CellState.BLANK).astype(np.uint8)
