"""Reads a team's own workbook into a framework and data, as a map says where they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.adoption.cells import CURRENCIES, is_other_currency, without_mark
from xlcity.adoption.flat_framework import FlatFramework, code_of
from xlcity.adoption.maps import (
    OF_COLUMN,
    OF_GROUP,
    UNKNOWN,
    DataEntries,
    Entry,
    FrameworkEntries,
    MapFaults,
    TeamMap,
    read_map,
)
from xlcity.errors import did_you_mean
from xlcity.messages import Message
from xlcity.model.dataset import State
from xlcity.model.reading.layout import (
    RowLayout,
    arrange,
    cell_text,
    column_names,
    one_line,
)
from xlcity.model.reading.sheets import read_sheets
from xlcity.model.reading.tables import (
    Cells,
    FileTable,
    decode_text,
    is_filled,
    read_bytes,
    read_csv,
)
from xlcity.model.reading.units import is_total
from xlcity.model.reading.values import Converted, read_value

#: A table as text: the header, then rows.
Rows = list[list[str]]
#: What a missing code of the team's own is read as: one for all later steps.
_MISSING = "NA"


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was read.

    Attributes
    ----------
    framework, table
        Framework and values as tables, with the addresses in the team's workbook.
    unused
        Headings of the data sheet that no indicator is read from.
    bare
        Rows with nothing but a name: cities without values yet, or remarks below the table.
    settled
        Names of cities that the map says are meant so.
    methods
        Option of `OPTIONS` -> the method in words that the map names for it.
    below
        Names of rows with values below the last one that the map has read.
    """

    framework: FileTable
    table: FileTable
    unused: tuple[str, ...]
    bare: tuple[str, ...]
    settled: tuple[str, ...]
    methods: Mapping[str, str]
    below: tuple[str, ...]


def adopt(workbook: str | Path, map_path: str | Path) -> Adopted:
    """Read a team's workbook, or a table in a text file.

    Raises
    ------
    DataError
        With every sheet, heading and entry of the map that is missing or cannot be used.
    WorkbookError
        If the file is not a workbook.
    """
    sheets = read_sheets(workbook)
    text = decode_text(read_bytes(Path(map_path)), str(map_path))
    return adopt_cells(str(workbook), sheets, Path(map_path), text)


def adopt_cells(
    file: str, sheets: Mapping[str, Cells], map_path: Path, text: str
) -> Adopted:
    """Read cells by the text of a map; `adopt` says what is refused."""
    return adopt_by_map(file, sheets, read_map(text, map_path))


def adopt_by_map(file: str, sheets: Mapping[str, Cells], team_map: TeamMap) -> Adopted:
    """Read cells by a map; `adopt` says what is refused."""
    return _Adopter(file, sheets, team_map).read()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table of a sheet: its headings, what a map may call each column, its row of headings."""

    table: FileTable
    names: Mapping[str, int]
    header_row: int = 1

    def positions(self, headings: Collection[str]) -> tuple[int, ...]:
        """Return where the columns of headings are."""
        return tuple(self.names[heading] for heading in headings)


class _Adopter:
    """Reads the cells of a workbook as a map says, and collects what is wrong with the map."""

    def __init__(
        self, file: str, sheets: Mapping[str, Cells], team_map: TeamMap
    ) -> None:
        self.file = file
        self.sheets = sheets
        self.map = team_map
        self.faults = MapFaults(str(team_map.file), file)
        self.settled = {
            one_line(name): str(city)
            for name, city in team_map.cities.items()
            if city != UNKNOWN
        }

    def read(self) -> Adopted:
        """Return framework and values."""
        data = self.map.data
        sheet = self._read_sheet(data, "data")
        keys = self._key_headings(sheet)
        framework = self._read_framework()
        columns = self._find_columns(sheet, keys[0], framework)
        self.faults.raise_all()
        rows = _CityRows(data, self.settled, sheet.positions((*keys, *columns)))
        rows.read(sheet.table, columns)
        top = self._root_fields(framework)
        groups = self._read_groups(columns)
        self.faults.raise_all()
        if framework is None:
            flat = FlatFramework(columns, groups, top)
            framework = flat.table(self.file, sheet.table.sheet, sheet.header_row)
        codes = [entry["code"] for entry in columns.values()]
        header = ("unit", *["year"] * len(keys[1:]), *codes)
        return Adopted(
            framework,
            table=replace(
                sheet.table,
                header=header,
                rows=tuple(rows.values),
                numbers=tuple(rows.numbers),
                columns=rows.positions,
            ),
            unused=_unread_headings(sheet, rows.positions),
            bare=tuple(rows.bare),
            settled=tuple(self.settled.values()),
            methods=self.map.methods,
            below=self._names_below(sheet, rows, keys[0]),
        )

    def _read_sheet(
        self, entries: DataEntries | FrameworkEntries, section: str
    ) -> _Sheet:
        """Return the table of the sheet that a section names; without headings, refused, for none.

        Its headings, its last row and merged cells are as the section says.
        """
        title = entries.sheet
        title = next(iter(self.sheets)) if title is None else str(title)
        no_rows = FileTable(self.file, title, header=(), rows=(), numbers=())
        nothing = _Sheet(no_rows, {})
        if not self.faults.expect(
            "XC337.no_sheet", title, self.sheets, section=section, title=title
        ):
            return nothing
        cells = self.sheets[title]
        layout = self._layout(entries, len(cells))
        if layout is None:
            return nothing
        table = _in_width(arrange(self.file, title, cells, layout), cells)
        header = table.header
        self._refuse_repeated(header, entries)
        names = column_names(header)
        rows = [[*row] for row in table.rows]
        self._fill_down(rows, names, entries)
        table = replace(table, rows=tuple(map(tuple, rows)))
        return _Sheet(table, names, max(layout.header))

    def _layout(
        self, entries: DataEntries | FrameworkEntries, rows: int
    ) -> RowLayout | None:
        """Return the rows of headings and the last row; None, refused, for rows that are not."""
        header = 1 if entries.header is None else entries.header
        named: list[Any] = [header]
        if isinstance(header, list) and header:
            named = header
        if not all(isinstance(row, int) and 1 <= row <= rows for row in named):
            self.faults.refuse("XC337.header", header=header, rows=rows)
            return None
        last = entries.last
        if last is None or isinstance(last, int):
            return RowLayout(tuple(named), last)
        self.faults.refuse("XC337.last", last=last)
        return RowLayout(tuple(named))

    def _refuse_repeated(
        self, header: Sequence[str], entries: DataEntries | FrameworkEntries
    ) -> None:
        """Refuse headings that stand twice, where a map has no other name for a column."""
        if isinstance(entries, DataEntries) and self.map.columns:
            return
        for name in sorted({*header} - {""}):
            if header.count(name) > 1:
                self.faults.refuse("XC337.heading_twice", heading=name)

    def _fill_down(
        self,
        rows: Sequence[list[Any]],
        names: Mapping[str, int],
        entries: DataEntries | FrameworkEntries,
    ) -> None:
        """Repeat merged cells, which have their text in the first row only, in their rows."""
        merged = [*entries.fill_down]
        if isinstance(entries, DataEntries) and entries.year in names:
            merged.append(entries.year)
        for heading in merged:
            key = "XC337.no_column_to_fill"
            if not self.faults.expect(key, heading, names, heading=heading):
                continue
            column = names[heading]
            above = None
            for row in rows:
                if cell_text(row[column]):
                    above = row[column]
                row[column] = above

    def _key_headings(self, sheet: _Sheet) -> list[str]:
        """Return the headings of the cities and, if there are any, of the years."""
        data = self.map.data
        names = sheet.names
        first = min(names, key=names.__getitem__, default="")
        city = one_line(first if data.unit is None else str(data.unit))
        if not city and names:
            self.faults.refuse("XC337.no_city_column")
        keys = [city, one_line(data.year)] if data.year else [city]
        for heading in filter(None, keys):
            self._require_column(heading, sheet)
        return keys

    def _require_column(self, heading: str, sheet: _Sheet) -> None:
        """Add a problem if a sheet, one that was found, has no such heading."""
        if sheet.names:
            self.faults.expect(
                "XC337.no_column",
                heading,
                sheet.names,
                sheet.table.sheet,
                heading=heading,
            )

    def _read_framework(self) -> FileTable | None:
        """Return the framework that the map names, a file or a sheet; None if it names none."""
        entries = self.map.framework
        if entries is None:
            return None
        if entries.file is not None:
            return read_csv(self.map.file.parent / str(entries.file))
        sheet = self._read_sheet(entries, "framework")
        table = sheet.table
        for name, heading in entries.columns.items():
            if sheet.names and heading not in table.header:
                self.faults.refuse(
                    "XC337.no_such_column",
                    table.sheet,
                    hint=did_you_mean(heading, filter(None, table.header)),
                    field=name,
                    heading=heading,
                )
        if "code" not in entries.columns:
            self.faults.refuse("XC337.no_codes")
        if not sheet.names:
            return None
        self.faults.raise_all()
        return _framework_table(sheet, entries)

    def _find_columns(
        self, sheet: _Sheet, city: str, framework: FileTable | None
    ) -> dict[str, Entry]:
        """Return heading -> code, and what else the map says of the indicator."""
        entries = {
            one_line(heading): self._column_entry(heading, own)
            for heading, own in self.map.columns.items()
        }
        for heading, entry in entries.items():
            self._require_column(heading, sheet)
            if framework is not None and len(entry) > 1:
                hint = Message("hint.describe_once")
                self.faults.refuse("XC337.described_twice", hint=hint, heading=heading)
        if entries:
            return entries
        free = [name for name in sheet.table.header if name not in ("", city)]
        if framework is None:
            return {name: {"code": code_of(name)} for name in free}
        codes = _codes_by_name(framework)
        return {name: {"code": codes[name]} for name in free if name in codes}

    def _column_entry(self, heading: str, given: object) -> Entry:
        """Return what the map says of one column: its code, or a table of entries."""
        entry = self.faults.read_entry(heading, given, "code", OF_COLUMN)
        if not entry.get("code"):
            self.faults.refuse("XC337.no_code", heading=heading)
        direction = entry.get("direction", "1")
        if direction not in ("1", "-1"):
            self.faults.refuse("XC337.direction", heading=heading, direction=direction)
        if not _is_factor(entry.get("factor", "1")):
            factor = entry["factor"]
            self.faults.refuse("XC337.factor", heading=heading, factor=factor)
            del entry["factor"]
        return {"code": "", **entry}

    def _root_fields(self, framework: FileTable | None) -> Entry:
        """Return what the map says of the root."""
        titles = {
            name: str(self.map.index[name])
            for name in ("title", "title_en")
            if name in self.map.index
        }
        if framework is not None and (titles or self.map.groups):
            hint = Message("hint.describe_once")
            self.faults.refuse("XC337.titles_twice", hint=hint)
        return {name: title for name, title in titles.items() if title}

    def _read_groups(self, columns: Mapping[str, Entry]) -> dict[str, Entry]:
        """Return what the map says of groups, which are parents of columns."""
        parents = {entry.get("parent", "") for entry in columns.values()} - {""}
        groups: dict[str, Entry] = {}
        for name, own in self.map.groups.items():
            self.faults.expect("XC337.no_parent", name, parents, name=name)
            groups[name] = self.faults.read_entry(name, own, "weight", OF_GROUP)
        return groups

    def _names_below(
        self, sheet: _Sheet, rows: _CityRows, city: str
    ) -> tuple[str, ...]:
        """Return the names of rows with values that stand below the last row."""
        last = self.map.data.last
        if last is None:
            return ()
        start = max(last, sheet.header_row)
        column = rows.positions[0]
        known = {city, *rows.skip, *rows.names}
        names: dict[str, None] = {}
        for row in self.sheets[sheet.table.sheet or ""][start:]:
            cells = dict(enumerate(row))
            name = one_line(cell_text(cells.get(column)))
            has_values = is_filled(map(cells.get, rows.positions[1:]))
            if has_values and name not in known and not is_total(name):
                names[name] = None
        return tuple(names)


class _Measure(NamedTuple):
    """The measure of the cells of a column, and what they are multiplied by."""

    uom: str = ""
    factor: Decimal = Decimal(1)

    @classmethod
    def of(cls, entry: Entry) -> _Measure:
        """Return that of a column that a map describes."""
        uom = entry.get("from_uom") or entry.get("uom", "")
        return cls(uom, Decimal(entry.get("factor", "1")))

    def converted(self, cell: object) -> object:
        """Return the value of a cell in the measure that is wanted; no number as it is."""
        if self.factor == 1:
            return cell
        read = read_value(cell, self.uom)
        if not isinstance(read, Converted) or read.state != State.VALUE:
            return cell
        return float(Decimal(repr(read.value)) * self.factor)


class _CityRows:
    """Reads the rows of cities as a map says.

    Parameters
    ----------
    data, settled
        What the map says of the table, and name -> the city that is meant.
    positions
        The columns of the cities, the years if there are any, and the indicators.

    Attributes
    ----------
    names, values, numbers
        The cities, their rows with the name first, and the numbers of these.
    bare
        Names that stand alone in their rows.
    """

    def __init__(
        self, data: DataEntries, settled: Mapping[str, str], positions: tuple[int, ...]
    ) -> None:
        self.settled = settled
        self.positions = positions
        self.skip = {"", *(one_line(str(name)) for name in data.skip)}
        self.skip_rows = {*data.skip_rows}
        self.missing = {*map(str, data.missing)}
        self.marks = [*map(str, data.marks)]
        self.names: list[str] = []
        self.values: list[tuple[Any, ...]] = []
        self.numbers: list[int] = []
        self.bare: list[str] = []

    def read(self, table: FileTable, columns: Mapping[str, Entry]) -> None:
        """Read the rows of a table; `columns` are those of the indicators."""
        measures = [_Measure.of(entry) for entry in columns.values()]
        years = len(self.positions) - 1 - len(measures)
        measures = [_Measure()] * years + measures
        for row, number in zip(table.rows, table.numbers, strict=True):
            cells = [without_mark(cell, self.marks) for cell in row]
            typed = one_line(cell_text(cells[self.positions[0]]))
            name = self.settled.get(typed, typed)
            if name in self.skip or number in self.skip_rows:
                continue
            read = [cells[column] for column in self.positions[1:]]
            self.values.append((name, *map(self._value, read, measures)))
            self.names.append(name)
            self.numbers.append(number)
            if len([cell for cell in cells if cell_text(cell)]) == 1:
                self.bare.append(name)

    def _value(self, cell: object, measure: _Measure) -> object:
        if cell_text(cell) in self.missing:
            return _MISSING
        return measure.converted(_without_measure(cell, measure.uom))


def _is_factor(text: str) -> bool:
    try:
        factor = Decimal(text)
    except InvalidOperation:
        return False
    return factor.is_finite() and factor > 0


def _in_width(table: FileTable, cells: Cells) -> FileTable:
    """Return a table whose headings and rows reach as far as any row of its sheet."""
    width = max(map(len, cells))
    lacking = [""] * (width - len(table.header))
    header = (*map(one_line, table.header), *lacking)
    blanks = [None] * width
    rows = tuple((*row, *blanks[len(row) :]) for row in table.rows)
    return replace(table, header=header, rows=rows)


def _unread_headings(sheet: _Sheet, positions: Collection[int]) -> tuple[str, ...]:
    """Return what a map may call the columns with a heading that are not read."""
    header = sheet.table.header
    return tuple(
        name
        for name, column in sheet.names.items()
        if header[column] and column not in positions
    )


def _framework_table(sheet: _Sheet, entries: FrameworkEntries) -> FileTable:
    """Return the columns of a sheet that a map names, as a table of a framework."""
    table = sheet.table
    named = entries.columns
    positions = tuple(table.header.index(heading) for heading in named.values())
    rows = []
    for row in table.rows:
        rows.append([cell_text(row[column]) for column in positions])
    if entries.root is not None and "parent" in named:
        add_parents(rows, list(named), str(entries.root))
    # What no row of the sheet says has the row of the headings.
    added = len(rows) - len(table.numbers)
    return replace(
        table,
        header=tuple(named),
        rows=tuple(map(tuple, rows)),
        numbers=(*table.numbers, *[sheet.header_row] * added),
        columns=positions,
    )


def _codes_by_name(framework: FileTable) -> dict[str, str]:
    """Return code or name -> code, of a framework's table; the first one counts."""
    codes: dict[str, str] = {}
    for row in framework.records():
        for name in ("code", "name_zh", "name_en"):
            codes.setdefault(row.get(name, ""), row["code"])
    return codes


def table_rows(table: FileTable) -> Rows:
    """Return a table as text, the header first, as `framework.csv` and `data.csv` have it."""
    rows = [[*map(cell_text, row)] for row in table.rows]
    return [[*table.header], *rows]


def _without_measure(value: object, uom: str) -> object:
    """Return the number of a cell such as 3.5亿元 or $5 without its measure; others as they are."""
    text = cell_text(value)
    if uom and text[:1] in CURRENCIES:
        return value if is_other_currency(text[0], uom) else text[1:]
    if not text[:1].isdigit() or uom in ("", "%"):
        return value
    return text.removesuffix(uom) if text.endswith(uom) else value


def add_parents(rows: Rows, fields: Sequence[str], root: str) -> None:
    """Add the root to rows of a framework, and groups that are only named as a parent, in place.

    Parameters
    ----------
    fields
        Fields of a node that the columns hold.
    root
        Code of the root, the parent of nodes that name none.
    """
    parent_column = fields.index("parent")
    codes = {row[fields.index("code")] for row in rows}
    for row in rows:
        row[parent_column] = row[parent_column] or root
    groups = dict.fromkeys(row[parent_column] for row in rows)
    for group in groups:
        if group not in (root, *codes):
            own = dict.fromkeys(("code", "name_zh", "name_en"), group)
            own |= {"parent": root, "weight": "1"}
            rows.append([own.get(field, "") for field in fields])
    if root not in codes:
        rows.append([{"code": root}.get(field, "") for field in fields])
