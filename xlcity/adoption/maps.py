"""The map of a team's own table: where headings, cities, values and the framework stand.

A map is a TOML file. Its sections are records here, whose fields are the entries that it may have.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.data_files import parse_toml, toml_value
from xlcity.errors import DataError, Problem, Where, did_you_mean
from xlcity.methods.registry import OPTIONS
from xlcity.model.nodes import Node, table_columns
from xlcity.model.reading.tables import decode_text, read_bytes

#: What a proposed map has in place of a direction, or of a city's name, that is not known yet.
UNKNOWN = "?"
#: The section of what was read of formulas, the last one of a map.
FORMULAS = "formulas"
#: What a map may say of a column of values, and of a group, where it names no framework.
OF_COLUMN = (
    *("code", "parent", "weight", "direction", "name_zh", "name_en", "uom"),
    *("from_uom", "factor"),
)
OF_GROUP = ("code", "weight", "name_zh", "name_en")
#: Fields of a framework that a map may name a column for.
_NODE_FIELDS = table_columns(Node)
_TITLES = ("title", "title_en")

#: What a map says of one column or group: field of a framework -> text.
Entry = dict[str, str]


@dataclass(frozen=True, slots=True)
class DataEntries:
    """The section `data`: where the table of values stands. Rows are counted from 1.

    Attributes
    ----------
    sheet
        The sheet, None for the first one.
    header
        The row of headings, or several; None is the first one.
    unit, year
        Headings of the cities (None: the first column) and of the years ("": none).
    last
        The last row of values, None for that of the sheet.
    skip, skip_rows
        Names in the column of cities that are not cities; rows that are not read.
    fill_down
        Headings of columns whose cells are merged over several rows.
    missing, marks
        What means confirmed missing; marks behind numbers that are left out.
    """

    sheet: str | None = None
    header: Any = None
    unit: str | None = None
    year: str = ""
    last: Any = None
    skip: Sequence[str] = ()
    skip_rows: Sequence[int] = ()
    fill_down: Sequence[str] = ()
    missing: Sequence[str] = ()
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FrameworkEntries:
    """The section `framework`: a file, or a sheet with a column for each field that is named.

    `root` is the code of the parent of nodes that name none; `columns` has field -> heading.
    """

    sheet: str | None = None
    header: Any = None
    last: Any = None
    fill_down: Sequence[str] = ()
    file: str | None = None
    root: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TeamMap:
    """How a team's own table is to be read.

    Attributes
    ----------
    file
        The file of the map, for messages and for what it names beside itself.
    data, framework
        Where values and framework stand; without a framework the columns make one.
    columns, groups
        Heading or name -> what the map says of it: a table of entries, or its code or weight.
    cities
        Name in the table -> the city that is meant, `UNKNOWN` where it is open.
    index
        Titles, and methods in words.
    """

    file: Path
    data: DataEntries = DataEntries()
    framework: FrameworkEntries | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, Any] = field(default_factory=dict)
    cities: Mapping[str, str] = field(default_factory=dict)
    index: Mapping[str, str] = field(default_factory=dict)

    @property
    def methods(self) -> dict[str, str]:
        """Option of `OPTIONS` -> the method in words that the map names for it."""
        return {name: str(text) for name, text in self.index.items() if name in OPTIONS}


class MapFaults:
    """Collects what is wrong with a map, or with the workbook that it is of.

    Parameters
    ----------
    map_file, workbook
        The two files, for addresses.
    """

    def __init__(self, map_file: str, workbook: str = "") -> None:
        self.map_file = map_file
        self.workbook = workbook
        self.problems: list[Problem] = []

    def refuse(
        self,
        key: str,
        sheet: str | None = None,
        /,
        *,
        hint: str | None = None,
        **values: Any,
    ) -> None:
        """Add the problem of a key with the map, or with a sheet of the workbook that is named."""
        where = Where(file=self.workbook if sheet else self.map_file, sheet=sheet)
        self.problems.append(Problem.of(key, where, hint=hint, **values))

    def expect(
        self,
        key: str,
        sought: str,
        known: Collection[str],
        sheet: str | None = None,
        /,
        **values: Any,
    ) -> bool:
        """Tell whether a name is known; else refuse it by a key, with the nearest known one."""
        if sought in known:
            return True
        self.refuse(key, sheet, hint=did_you_mean(sought, known), **values)
        return False

    def read_entry(
        self, name: str, given: object, short: str, known: Sequence[str]
    ) -> Entry:
        """Return what a map says of a column or group: a table of entries, or the `short` one."""
        own = given if isinstance(given, dict) else {short: given}
        for entry in sorted(own.keys() - {*known}):
            self.expect("XC337.unknown_entry", entry, known, entry=entry, name=name)
        return {entry: str(own[entry]) for entry in known if entry in own}

    def raise_all(self) -> None:
        """Raise `DataError` with all that was refused, if anything was."""
        DataError.raise_for(self.problems)


def _names_of(record: type[DataEntries | FrameworkEntries]) -> list[str]:
    return [each.name for each in fields(record)]


#: Section -> the entries that it may have, None where they are names of the team's own.
_SECTIONS: dict[str, Sequence[str] | None] = {
    "index": (*_TITLES, *OPTIONS),
    "groups": None,
    "data": _names_of(DataEntries),
    "columns": None,
    "cities": None,
    "framework": (*_names_of(FrameworkEntries)[:-1], *_NODE_FIELDS),
    # What was read of the formulas of the workbook: `xlcity.proof` writes and reads it.
    FORMULAS: None,
}
#: The line that begins a section, and the name of that.
_SECTION_HEAD = re.compile(r"\[{1,2}([A-Za-z_-]+)[].]")


def read_map(text: str, file: Path) -> TeamMap:
    """Return the map that a text in TOML is.

    Raises
    ------
    DataError
        If it is not TOML, or has unknown sections or entries.
    """
    document = parse_map(text, file)
    document.pop(FORMULAS, None)
    faults = MapFaults(str(file))
    for section, entries in document.items():
        _check_section(section, entries, faults)
    if "data" not in document:
        faults.refuse("XC337.no_data")
    faults.raise_all()
    framework = document.pop("framework", None)
    data = DataEntries(**document.pop("data"))
    return TeamMap(file, data, _framework_entries(framework), **document)


def parse_map(text: str, file: Path) -> dict[str, Any]:
    """Return the sections of a map as they stand.

    Raises
    ------
    DataError
        If it is not TOML.
    """
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        where = Where(file=str(file))
        raise DataError.of("XC337.no_toml", where, error=error) from error


class MapParts(NamedTuple):
    """The text of a map: how a table is read, and what was read of formulas."""

    table: str = ""
    formulas: str = ""

    @property
    def text(self) -> str:
        """The whole map."""
        parts = (part.rstrip("\n") for part in self)
        return "\n\n".join(filter(None, parts)) + "\n"


def split_map(text: str) -> MapParts:
    """Return the two parts of a map, of which either may be missing."""
    table: list[str] = []
    formulas: list[str] = []
    lines = table
    for line in text.splitlines(keepends=True):
        if head := _SECTION_HEAD.match(line):
            lines = formulas if head[1] == FORMULAS else table
        lines.append(line)
    return MapParts("".join(table), "".join(formulas))


def map_parts(path: Path) -> MapParts:
    """Return the parts of a map that is there already; empty ones without a file."""
    if not path.is_file():
        return MapParts()
    return split_map(decode_text(read_bytes(path), str(path)))


def _check_section(section: str, entries: object, faults: MapFaults) -> None:
    """Refuse a section that is not known, is not one, or has unknown entries."""
    if not faults.expect("XC337.unknown_section", section, _SECTIONS, section=section):
        return
    known = _SECTIONS[section]
    if not isinstance(entries, dict):
        faults.refuse("XC337.no_section", section=section)
    elif known is not None:
        key = "XC337.unknown_entry_of_section"
        for name in sorted(entries.keys() - {*known}):
            faults.expect(key, name, sorted(known), entry=name, section=section)


def _framework_entries(entries: Mapping[str, Any] | None) -> FrameworkEntries | None:
    """Return the section of the framework; what names a field of a node is in `columns`."""
    if entries is None:
        return None
    named = [name for name in _NODE_FIELDS if name in entries]
    columns = {name: str(entries[name]) for name in named}
    others = {name: own for name, own in entries.items() if name not in columns}
    return FrameworkEntries(**others, columns=columns)


def write_map(team_map: TeamMap) -> str:
    """Return a map without a framework as a text in TOML."""
    sections = (
        _section_text("data", _entries_of(team_map.data)),
        _section_text("index", team_map.index),
        _section_text("groups", team_map.groups),
        _section_text("columns", team_map.columns),
        _section_text("cities", team_map.cities),
    )
    return "\n".join(filter(None, sections))


def _entries_of(data: DataEntries) -> dict[str, Any]:
    """Return the entries that say something."""
    entries = {}
    for each in fields(data):
        own = getattr(data, each.name)
        if own != each.default:
            entries[each.name] = own
    return entries


def _section_text(name: str, entries: Mapping[str, Any]) -> str:
    """Return a section with a line for each entry; "" for one without entries, but for columns."""
    has_own_names = _SECTIONS[name] is None
    lines = [f"[{name}]"]
    for entry, own in entries.items():
        key = toml_value(entry) if has_own_names else entry
        lines.append(f"{key} = {toml_value(own)}")
    return "\n".join([*lines, ""]) if entries or name == "columns" else ""


def with_directions(team_map: TeamMap) -> TeamMap:
    """Return a map with a direction where it is unknown, for reading values."""
    columns = {
        heading: {**own, "direction": 1} if _has_unknown_direction(own) else own
        for heading, own in team_map.columns.items()
    }
    return replace(team_map, columns=columns)


def _has_unknown_direction(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("direction") == UNKNOWN
