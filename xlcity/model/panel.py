"""Panels: values of the same units and indicators in several editions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from xlcity.errors import DataError, Problem
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.columns import find_columns
from xlcity.model.reading.data import empty_dataset, open_table, read_table, units_beside
from xlcity.model.reading.notes import Notes
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.recipe import Recipe

#: Columns that name the edition of a row.
TIME_COLUMNS = ("time", "edition", "year")


@dataclass(frozen=True, slots=True)
class Panel:
    """Datasets of several editions, the oldest first, with the same units and codes.

    Parameters
    ----------
    editions
        What the table calls them.
    times
        When they were; where an edition is not a number, its place counts.
    datasets
        One per edition.
    """

    editions: tuple[str, ...]
    times: tuple[float, ...]
    datasets: tuple[Dataset, ...]


def time_column(table: FileTable) -> int | None:
    """Return the column that names editions, None where a table has none."""
    header = [name.strip().lower() for name in table.header]
    return next((header.index(name) for name in TIME_COLUMNS if name in header), None)


def is_panel(path: str | Path, framework: Framework) -> bool:
    """Tell whether a table of values has a column of editions and units in more than one of them.

    A column `year` beside units that stand there once tells of their sources.
    """
    table = open_table(Path(path), framework.inputs)
    if time_column(table) is None:
        return False
    at = find_columns(table, framework).unit
    units = [as_text(table.cell(row, at)) for row in range(len(table.rows))]
    return len(set(units)) < len(units)


def read_panel(
    path: str | Path,
    framework: Framework,
    recipe: Recipe | None = None,
    units: Sequence[Unit] | None = None,
) -> tuple[Panel, tuple[Notes, ...]]:
    """Read a panel: a table with a column `Time`, `edition` or `year`.

    Returns
    -------
    Panel, tuple of Notes
        A unit that an edition lacks is blank there.

    Raises
    ------
    DataError
        With everything that cannot be used, in all editions; if there is no column of editions.
    """
    table = open_table(Path(path), framework.inputs)
    at = time_column(table)
    if at is None:
        raise DataError("the table has no column of editions.", "Head it Time, edition or year.")
    if units is None:
        units = units_beside(path)
    names = dict.fromkeys(as_text(table.cell(row, at)) for row in range(len(table.rows)))
    found: list[tuple[str, Dataset, Notes]] = []
    problems: list[Problem] = []
    for name in names:
        kept = [row for row in range(len(table.rows)) if as_text(table.cell(row, at)) == name]
        part = replace(
            table,
            rows=tuple(table.rows[row] for row in kept),
            numbers=tuple(table.numbers[row] for row in kept),
        )
        try:
            found.append((name, *read_table(part, framework, units, recipe)))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    ordered = sorted(found, key=lambda entry: _time(entry[0], list(names)))
    everyone = tuple({u.id: u for _, dataset, _ in ordered for u in dataset.units}.values())
    codes = tuple(dict.fromkeys(code for _, dataset, _ in ordered for code in dataset.codes))
    panel = Panel(
        tuple(name for name, _, _ in ordered),
        tuple(_time(name, list(names)) for name, _, _ in ordered),
        tuple(aligned(dataset, everyone, codes) for _, dataset, _ in ordered),
    )
    return panel, tuple(notes for _, _, notes in ordered)


def _time(name: str, names: Sequence[str]) -> float:
    try:
        return float(name)
    except ValueError:
        return float(names.index(name))


def aligned(dataset: Dataset, units: Sequence[Unit], codes: Sequence[str]) -> Dataset:
    """Return a dataset with these units and codes; what it does not have is blank."""
    blank = empty_dataset(units, codes)
    rows = [[unit.id for unit in units].index(unit.id) for unit in dataset.units]
    at = [list(codes).index(code) for code in dataset.codes]
    values, states, basis = blank.values.copy(), blank.states.copy(), blank.basis.copy()
    place = np.ix_(rows, at)
    values[place], states[place], basis[place] = dataset.values, dataset.states, dataset.basis
    return replace(blank, values=values, states=states, basis=basis, items=dataset.items)
