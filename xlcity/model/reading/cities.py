"""Reading the list of units: ids, names, aliases, population, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xlcity.errors import DataError, Problem, Where
from xlcity.model.dataset import Unit
from xlcity.model.odd_characters import AlikeIds
from xlcity.model.reading.tables import FileTable, as_text, read_csv

#: Columns that may hold the id, best first (COINr's uCode among them).
ID_COLUMNS = ("id", "city_id", "unit", "ucode")
_NAMES = {"name_zh": "name_zh", "name_en": "name_en", "uname": "name", "name": "name"}
_ALIASES = ("alias_1", "alias_2")
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


def units_from_table(table: FileTable) -> tuple[Unit, ...]:
    """Return the units of a table that was read already (CSV or sheet)."""
    header = [name.lower() for name in table.header]
    id_column = next((header.index(name) for name in ID_COLUMNS if name in header), None)
    if id_column is None:
        raise DataError(
            "the list of cities has no column id.",
            "Name the first column id.",
            "XC323",
            Where(file=table.file, sheet=table.sheet),
        )
    problems: list[Problem] = []
    units: dict[str, Unit] = {}
    alike = AlikeIds()
    for row in range(len(table.rows)):
        unit_id = as_text(table.cell(row, id_column))
        where = table.where(row, id_column, unit=unit_id)
        if not unit_id:
            problems.append(Problem("XC325", "a city without an id.", "Give it one.", where))
        elif unit_id in units:
            problems.append(
                Problem("XC313", f"duplicate city {unit_id}.", "Remove one row.", where)
            )
        else:
            problems += alike.problems(unit_id, where)
            cells = {name: as_text(table.cell(row, at)) for at, name in enumerate(header) if name}
            del cells[header[id_column]]
            units[unit_id] = _unit(unit_id, cells)
    if problems:
        raise DataError(problems)
    return tuple(units.values())


def is_units_header(row: Sequence[object]) -> bool:
    """Tell whether a row is the header of a list of units: an id, and a name or a population."""
    words = {as_text(cell).lower() for cell in row}
    return bool(words & {*ID_COLUMNS}) and bool(words & {*_NAMES, "population", "aliases"})


def _unit(unit_id: str, cells: dict[str, str]) -> Unit:
    names: dict[str, str] = {}
    for column, field in _NAMES.items():
        if column in cells:
            names[field] = cells.pop(column) or names.get(field, "")
    aliases = cells.pop("aliases", "").split(ALIAS_SEPARATOR)
    # As the sheet `Cities` of a template has them, beside a name that it works out.
    aliases += [cells.pop(column, "") for column in _ALIASES]
    cells.pop("display", None)
    unit = named_unit(unit_id, names, {}, same="")
    return replace(
        unit,
        aliases=tuple(alias.strip() for alias in aliases if alias.strip()),
        population=cells.pop("population", "main"),
        attributes=cells,
    )


def named_unit(
    unit_id: str, names: Mapping[str, str], attributes: Mapping[str, str], same: str | None = None
) -> Unit:
    """Return a unit with each name in its own language.

    Parameters
    ----------
    unit_id
        Its id.
    names
        "name_zh", "name_en", or "name" for a name in either language.
    attributes
        What else is known of it.
    same
        Its name where `names` has none; None takes the id.
    """
    zh, en = names.get("name_zh", ""), names.get("name_en", "")
    either = names.get("name", "")
    if not (either or zh or en):
        either = unit_id if same is None else same
    if is_chinese(either):
        zh = zh or either
    else:
        en = en or either
    return Unit(id=unit_id, name_zh=zh, name_en=en, attributes=dict(attributes))


def is_chinese(text: str) -> bool:
    """Tell whether a text has Chinese characters."""
    return any("\u3400" <= letter <= "\u9fff" for letter in text)
