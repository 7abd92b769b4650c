"""Reading values of units x indicators from CSV, a folder or a workbook, all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlcity.errors import DataError, Where
from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data_collector import DataCollector
from xlcity.model.reading.lines import is_item_header, is_link_header
from xlcity.model.reading.notes import DataCell, Notes
from xlcity.model.reading.tables import (
    HEADER_DEPTH,
    FileTable,
    as_text,
    extra_table,
    read_csv,
    sheet_table,
)
from xlcity.model.reading.units import is_units_header, units_from_table
from xlcity.model.recipe import Recipe
from xlcity.xlsx.plain_cells import read_plain_cells

#: Names of the table of values in a folder.
_VALUES = ("data.csv", "inputs.csv", "data.xlsx")


def read_dataset(
    path: str | Path,
    framework: Framework,
    units: Sequence[Unit] | None = None,
    recipe: Recipe | None = None,
    basis: str = Status.ENTERED,
) -> tuple[Dataset, Notes]:
    """Read a dataset, with the lists and links beside its values.

    They are in `items.csv` and `links.csv` of a folder, or on sheets of these names.

    Parameters
    ----------
    path
        A CSV file, an xlsx file (its sheet `data`, else the first), or a folder with `data.csv`,
        `inputs.csv` or `data.xlsx`. Wide (a row per unit, a column per indicator) or long (columns
        `unit`, `code`, `value`).
    framework, recipe
        Which columns are indicators, in which uom; the missing codes.
    units
        The known units; None takes those of `cities.csv` in the folder or the sheet `cities` of
        the workbook, else the units of the rows themselves.
    basis
        Status of values whose row has no `basis` column.

    Returns
    -------
    Dataset, Notes
        The dataset has all units and, after the indicators and their ingredients, any other node
        that the table gives a value of its own; what is not in the table is blank.

    Raises
    ------
    DataError
        With every cell, unit and column that cannot be used.
    """
    if units is None:
        units = units_beside(path)
    collector = DataCollector(framework, units, recipe, basis)
    linked = extra_table(Path(path), "links", is_link_header)
    if linked is None and Path(path).suffix.lower() == ".csv":
        # The one table that was given may be that of the links.
        given = read_csv(path)
        if is_link_header(given.header):
            collector.read_links(given)
            return _finish(collector)
    # Where every indicator is made from links, a folder needs no table of values.
    if linked is None or has_values(Path(path)):
        collector.read(open_table(Path(path), framework.inputs))
    if (listed := extra_table(Path(path), "items", is_item_header)) is not None:
        collector.read_items(listed)
    if linked is not None:
        collector.read_links(linked)
    return _finish(collector)


def units_beside(path: str | Path) -> tuple[Unit, ...] | None:
    """Return the list of units that stands beside a table of values, None if there is none."""
    table = extra_table(Path(path), "cities", is_units_header)
    return None if table is None else units_from_table(table)


def has_values(path: Path) -> bool:
    """Tell whether a path has a table of values, beside one of links."""
    if path.is_dir():
        return any((path / name).is_file() for name in _VALUES)
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return True
    return any(name.lower() not in ("links", "items") for name in read_plain_cells(path))


def read_table(
    table: FileTable,
    framework: Framework,
    units: Sequence[Unit] | None = None,
    recipe: Recipe | None = None,
    basis: str = Status.ENTERED,
) -> tuple[Dataset, Notes]:
    """Read a dataset from a table that is open already; see `read_dataset`."""
    collector = DataCollector(framework, units, recipe, basis)
    collector.read(table)
    return _finish(collector)


def open_table(path: Path, codes: Collection[str]) -> FileTable:
    """Return the table of values that a path means; codes tell where its header stands."""
    if path.is_dir():
        for name in _VALUES:
            if (path / name).is_file():
                return open_table(path / name, codes)
        others = [f.name for f in sorted(path.iterdir()) if f.stem.lower() in ("data", "inputs")]
        instead = f", only {', '.join(others)}" if others else ""
        hint = "Save it as data.xlsx." if others else "Put the table there, or name it."
        message = f"the folder has no data.csv, inputs.csv or data.xlsx{instead}."
        raise DataError(message, hint, "XC324", file=str(path))
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return read_csv(path)
    sheets = read_plain_cells(path)
    title = next((name for name in sheets if name.lower() in ("data", "idata")), next(iter(sheets)))
    cells = sheets[title]
    with_codes = (
        position
        for position, row in enumerate(cells[:HEADER_DEPTH])
        if any(as_text(cell) in codes for cell in row)
    )
    filled = (position for position, row in enumerate(cells) if any(map(as_text, row)))
    if (header_at := next(with_codes, next(filled, None))) is None:
        where = Where(file=str(path), sheet=title)
        raise DataError("the sheet is empty.", "Put a table there.", "XC322", where)
    return sheet_table(str(path), title, cells, header_at)


def _finish(collector: DataCollector) -> tuple[Dataset, Notes]:
    """Return the dataset and the notes of what was collected, or raise what cannot be used."""
    if collector.problems:
        raise DataError(collector.problems)
    framework, notes = collector.framework, collector.notes()
    given = {cell.code for cell in notes.cells}
    own = [node.code for node in framework.composites if node.code in given]
    codes = (*input_codes(framework), *own)
    filled = overlay(empty_dataset(tuple(collector.units.values()), codes), notes.cells)
    return replace(filled, items=collector.items, links=collector.links), notes


def input_codes(framework: Framework) -> tuple[str, ...]:
    """Return the codes that a dataset has without any node's own values."""
    parts = [part.code for part in (*framework.ingredients, *framework.satellite_inputs)]
    parts += [variable.code for variable in framework.variables]
    return (*(node.code for node in framework.indicators), *parts)


def empty_dataset(units: Sequence[Unit], codes: Sequence[str]) -> Dataset:
    """Return a dataset in which nothing is filled yet."""
    shape = (len(units), len(codes))
    return Dataset(
        tuple(units),
        tuple(codes),
        np.full(shape, np.nan),
        np.full(shape, State.BLANK, dtype=np.uint8),
        np.full(shape, "", dtype="<U12"),
    )


def overlay(dataset: Dataset, cells: Iterable[DataCell]) -> Dataset:
    """Return a dataset with cells written over it; what is not among them stays."""
    columns = {code: column for column, code in enumerate(dataset.codes)}
    values, states, basis = dataset.values.copy(), dataset.states.copy(), dataset.basis.copy()
    for cell in cells:
        position = dataset.rows[cell.unit], columns[cell.code]
        values[position], states[position], basis[position] = cell.value, cell.state, cell.basis
    return replace(dataset, values=values, states=states, basis=basis)
