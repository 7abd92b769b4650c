"""Groups of cities and what they are called, as a table: a row each, beside data or in a workbook.

`groups.csv` names groups of attributes that cities have: `group_type` is the attribute, `group` one
of its values. Everything else may be blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from xlcity.errors import DataError, Problem, Where, did_you_mean
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.model.dataset import Unit
from xlcity.model.reading.columns import GROUP_PREFIX
from xlcity.model.reading.sheets import open_extra_table
from xlcity.model.reading.tables import FileTable, as_text, read_csv
from xlcity.reports.report import Group, GroupType

#: Name of the file and of the sheet, and of the block of a workbook.
GROUPS = "groups"
#: Columns of a group that are fields of its record, and all columns.
GROUP_FIELDS = ("name_zh", "name_en", "cities_zh", "cities_en", "measure_zh", "city_en")
COLUMNS = ("group_type", "group_type_zh", "group_type_en", "group", *GROUP_FIELDS)
_REQUIRED = ("group_type", "group")
#: What the name of an attribute may begin with, in small letters.
_GROUP = GROUP_PREFIX.lower()


def group_types_of(rows: Iterable[Mapping[str, str]]) -> tuple[GroupType, ...]:
    """Return what sorts cities into groups, from the rows of a table of groups."""
    rows_by_attribute = grouped((row["group_type"], row) for row in rows)
    return tuple(_group_type_of(*entry) for entry in rows_by_attribute.items())


def _group_type_of(attribute: str, rows: Sequence[Mapping[str, str]]) -> GroupType:
    """Return an attribute with its groups; what is said of itself may stand in any of the rows."""

    def first(column: str) -> str:
        texts = (row.get(column, "") for row in rows)
        return next(filter(None, texts), "")

    groups: list[Group] = []
    for row in rows:
        texts = [row.get(name, "") for name in GROUP_FIELDS]
        groups.append(Group(row["group"], *texts))
    return GroupType(
        attribute,
        first("group_type_zh"),
        first("group_type_en"),
        tuple(groups),
        note_zh=first("note_zh"),
        note_en=first("note_en"),
        is_reported=first("report") != "false",
    )


def group_rows(group_types: Iterable[GroupType]) -> Iterator[dict[str, str]]:
    """Yield the rows of a table of groups."""
    for kind in group_types:
        for group in kind.groups:
            yield {
                "group_type": kind.attribute,
                "group_type_zh": kind.name_zh,
                "group_type_en": kind.name_en,
                "group": group.value,
                **{name: getattr(group, name) for name in GROUP_FIELDS},
            }


def read_groups(data: Path, units: Sequence[Unit]) -> tuple[GroupType, ...]:
    """Return the groups that a table beside data names; none without it.

    The table is `groups.csv` in a folder of data, the sheet `groups` of a workbook, and beside a
    CSV file `NAME.groups.csv` or `groups.csv`.

    Raises
    ------
    DataError
        With every row that names no group, one for a second time, or no attribute of the cities.
    """
    table = table_beside(data, GROUPS, _is_header)
    if table is None:
        return ()
    attributes = _attributes_by_name(units)
    names = [as_text(name).lower() for name in table.header]
    if absent := [name for name in _REQUIRED if name not in names]:
        message = Message("XC347.no_columns")
        hint = Message("hint.add_column", absent=absent[0])
        raise DataError(message, hint, "XC347", table.where())
    problems = []
    first_row_of: dict[tuple[str, str], Where] = {}
    rows = []
    for number in range(len(table.rows)):
        row = {
            name: as_text(table.cell(number, column))
            for column, name in enumerate(names)
        }
        where = table.where(number, names.index("group_type"))
        if problem := _problem_of_row(row, attributes, where):
            problems.append(problem)
            continue
        row["group_type"] = attributes[row["group_type"].lower()]
        first = first_row_of.setdefault((row["group_type"], row["group"]), where)
        if first is not where:
            message = Message("XC347.duplicate", group=row["group"], cell=first.cell)
            problems.append(
                Problem("XC347", message, Message("hint.remove_row"), where)
            )
        rows.append(row)
    DataError.raise_for(problems)
    return group_types_of(rows)


def _problem_of_row(
    row: Mapping[str, str], attributes: Mapping[str, str], where: Where
) -> Problem | None:
    """Return what is wrong with a row of a table of groups, if anything."""
    if row["group_type"].lower() not in attributes:
        known = [name.removeprefix(_GROUP) for name in attributes]
        hint = did_you_mean(row["group_type"], known)
        return Problem.of(
            "XC347.no_attribute", where, hint=hint, group_type=row["group_type"]
        )
    if not row["group"]:
        hint = Message("hint.write_group")
        return Problem.of("XC347.no_group", where, hint=hint)
    return None


def _attributes_by_name(units: Sequence[Unit]) -> dict[str, str]:
    """Return the attributes of cities by their names in small letters, `Group_` before or not."""
    attributes: dict[str, None] = {}
    for unit in units:
        attributes.update(dict.fromkeys(unit.attributes))
    whole = {name.lower(): name for name in attributes}
    return {name.lower().removeprefix(_GROUP): name for name in attributes} | whole


def table_beside(
    data: Path, name: str, is_header: Callable[[Sequence[object]], bool]
) -> FileTable | None:
    """Return a table beside data: a file of a folder, a sheet, or beside a CSV file its own."""
    if data.is_dir() or data.suffix.lower() != ".csv":
        return open_extra_table(data, name, is_header)
    beside = (
        data.with_name(f"{data.stem}.{name}.csv"),
        data.with_name(f"{name}.csv"),
    )
    path = next((path for path in beside if path.is_file() and path != data), None)
    return None if path is None else read_csv(path)


def _is_header(row: Sequence[object]) -> bool:
    return {as_text(cell).lower() for cell in row} >= {*_REQUIRED}
