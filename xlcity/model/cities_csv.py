"""Reading the list of units: ids, names, aliases, population, attributes."""

from __future__ import annotations

from pathlib import Path

from xlcity.errors import DataError, Problem, Where
from xlcity.model.dataset import Unit
from xlcity.model.tables import Table, as_text, read_csv

#: Columns that may hold the id, best first (COINr's uCode among them).
ID_COLUMNS = ("id", "city_id", "unit", "ucode")
_NAMES = {"name_zh": "name_zh", "name_en": "name_en", "uname": "name_en", "name": "name_en"}
#: Aliases stand in one cell, separated by this.
ALIAS_SEPARATOR = "|"


def read_units_csv(path: str | Path) -> tuple[Unit, ...]:
    """Read units from a CSV file.

    Columns: `id`, `name_zh`, `name_en`, `aliases` (separated by "|"), `population` ("main" where
    the column is absent; blank leaves a unit out); every further column is an attribute.

    Raises
    ------
    DataError
        With every row that has no id or repeats one.
    """
    return units_from_table(read_csv(path))


def units_from_table(table: Table) -> tuple[Unit, ...]:
    """Return the units of a table that was read already (CSV or sheet)."""
    header = [name.lower() for name in table.header]
    id_column = next((header.index(name) for name in ID_COLUMNS if name in header), None)
    if id_column is None:
        raise DataError(
            Problem(
                "XC323",
                "the list of units has no id column.",
                "Name the first column id.",
                Where(file=table.file, sheet=table.sheet),
            )
        )
    problems: list[Problem] = []
    units: dict[str, Unit] = {}
    for row in range(len(table.rows)):
        unit_id = as_text(table.cell(row, id_column))
        where = table.where(row, id_column, unit=unit_id)
        if not unit_id:
            problems.append(Problem("XC325", "a unit without an id.", "Give it one.", where))
        elif unit_id in units:
            problems.append(
                Problem("XC313", f"unit {unit_id} stands here twice.", "Remove one row.", where)
            )
        else:
            cells = {name: as_text(table.cell(row, at)) for at, name in enumerate(header) if name}
            del cells[header[id_column]]
            units[unit_id] = _unit(unit_id, cells)
    if problems:
        raise DataError(problems)
    return tuple(units.values())


def _unit(unit_id: str, cells: dict[str, str]) -> Unit:
    names = {"name_zh": "", "name_en": ""}
    for column, field in _NAMES.items():
        if column in cells:
            names[field] = cells.pop(column) or names[field]
    aliases = cells.pop("aliases", "").split(ALIAS_SEPARATOR)
    return Unit(
        id=unit_id,
        name_zh=names["name_zh"],
        name_en=names["name_en"],
        aliases=tuple(alias.strip() for alias in aliases if alias.strip()),
        population=cells.pop("population", "main"),
        attributes=cells,
    )
