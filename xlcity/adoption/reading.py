"""Values of a table in any layout: by a map, as a clean table, or as a map is proposed for it."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from xlcity.adoption.adopt import adopt_by_map
from xlcity.adoption.cells import without_unit, without_year, year_in
from xlcity.adoption.flat_framework import name_field
from xlcity.adoption.maps import (
    FORMULAS,
    UNKNOWN,
    DataEntries,
    TeamMap,
    read_map,
    with_directions,
    write_map,
)
from xlcity.adoption.proposal import (
    YEARS_IN_ROWS,
    ColumnProposal,
    MapProposal,
    misspelt_note,
    propose_map,
)
from xlcity.data_files import parse_toml
from xlcity.errors import DataError, Problem, Where, XlcityError, first_of
from xlcity.functions.block import MISSING_CODES
from xlcity.messages import Message
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import edition_times
from xlcity.model.reading.columns import (
    NO_HEADING,
    STATUS_HEADING,
    UNKNOWN_REASON,
    ColumnRoles,
)
from xlcity.model.reading.data import read_dataset, read_table
from xlcity.model.reading.sheets import read_sheets
from xlcity.model.reading.tables import (
    Cells,
    FileTable,
    as_text,
    decode_text,
    read_bytes,
    table_from_frame,
)
from xlcity.model.reading.units import Match, UnitMatcher, fold_name
from xlcity.model.reading.values import Notes
from xlcity.model.recipe import Recipe
from xlcity.xlsx.package import is_workbook_name

if TYPE_CHECKING:
    import pandas as pd

#: A word for "no value" that stands in no more cells of a plain table may be a slip.
_FEW_MARKS = 2
#: Names of rows and marks that a sentence lists.
_LISTED = 20


# -- maps of proposals -------------------------------------------------------------------------
def map_of(proposal: MapProposal, file: Path = Path()) -> TeamMap:
    """Return the map that a proposal makes; an unknown direction or city is "?"."""
    names = {column.column: column.name for column in proposal.columns}
    header = [*proposal.header]
    data = DataEntries(
        sheet=proposal.sheet or None,
        header=header if len(header) > 1 else header[0],
        unit=names.get(proposal.city, ""),
        year=names.get(proposal.year, ""),
        last=proposal.last,
        skip=proposal.skip,
        skip_rows=proposal.skip_rows,
        missing=proposal.missing,
        marks=proposal.marks,
    )
    return TeamMap(
        file,
        data,
        columns={column.name: _column_entry(column) for column in proposal.indicators},
        groups={name: _number(text) for name, text in proposal.groups.items()},
        cities={**proposal.settled, **dict.fromkeys(proposal.misspelt, UNKNOWN)},
        index={"title": proposal.title, **proposal.methods},
    )


def map_text(proposal: MapProposal) -> str:
    """Return the file of a proposed map; see `map_of`."""
    return write_map(map_of(proposal))


def _column_entry(column: ColumnProposal) -> dict[str, Any]:
    entry = {
        "code": column.code,
        "parent": column.group,
        "direction": column.direction or UNKNOWN,
        "weight": _number(column.weight),
        "uom": column.uom,
        "from_uom": column.from_uom,
        "factor": _number(column.factor),
        name_field(column.title): column.title,
    }
    return {key: value for key, value in entry.items() if value != "" or key == "code"}


def _number(text: str) -> float | str:
    """Return a number that was typed; what is none as a text, for the reader to refuse."""
    if not text[:1].isdigit():
        return text
    try:
        number: float = json.loads(text)
    except ValueError:
        return text
    return number


def choices_in_map(text: str) -> dict[str, Any]:
    """Return a map as choices of `propose_map`: what it lists is chosen; {} of what is none."""
    try:
        document = parse_toml(text)
    except tomllib.TOMLDecodeError:
        return {}
    sections = {
        name: entries for name, entries in document.items() if isinstance(entries, dict)
    }
    sections.pop(FORMULAS, None)
    columns = {}
    for name, own in sections.get("columns", {}).items():
        entry = own if isinstance(own, dict) else {"code": own}
        columns[name] = {"role": "indicator", **entry}
    return {**sections.pop("data", {}), **sections, "columns": columns}


def choices_before(text: str, sheets: Mapping[str, Cells]) -> dict[str, Any]:
    """Return what the map of an earlier table says; its sheet and last row may be others now.

    Nor is the measure of a column that was converted known of another table.
    """
    choices = choices_in_map(text)
    choices.pop("last", None)
    for own in choices.get("columns", {}).values():
        if own.pop("factor", None) is not None:
            own.pop("uom", None)
            own.pop("from_uom", None)
    if choices.get("sheet") not in sheets:
        choices.pop("sheet", None)
    return choices


# -- values ------------------------------------------------------------------------------------
class _Known(NamedTuple):
    """What values are read for: the framework, the cities that are known, the recipe."""

    framework: Framework
    units: Sequence[Unit] | None
    recipe: Recipe | None


def read_values(
    source: str | Path | pd.DataFrame | FileTable,
    framework: Framework,
    units: Sequence[Unit] | None,
    recipe: Recipe | None,
    map_path: str | Path | None = None,
) -> tuple[Dataset, Notes]:
    """Read a dataset as `read_dataset` does; a team's own layout is read as it would be adopted.

    Parameters
    ----------
    source
        A file, a frame, or a table that was read already.
    framework, units, recipe
        As `read_dataset` takes them.
    map_path
        The map that the team's table was adopted with.

    Raises
    ------
    DataError
        With every cell, unit and column that cannot be used.
    """
    known = _Known(framework, units, recipe)
    if not isinstance(source, (str, Path, FileTable)):
        source = table_from_frame(source)
    if map_path is not None and not isinstance(source, FileTable):
        by_map = _read_by_map(source, Path(map_path))
        dataset, notes = read_table(by_map.table, *known)
        return dataset, replace(notes, doubtful=(*by_map.converted, *notes.doubtful))
    clean = None
    refusal = None
    try:
        clean = _read_clean(source, known)
        if not _may_hold_more(clean, framework):
            return clean
    except DataError as error:
        refusal = error
    layout = _find_layout(source, known)
    layout = layout and layout.choose_over(None if clean is None else clean[1])
    if layout is not None:
        table, doubts = layout.read()
        dataset, notes = read_table(table, *known)
        return dataset, replace(notes, doubtful=(*doubts, *notes.doubtful))
    if refusal is not None:
        raise refusal
    assert clean is not None
    return clean


def _read_clean(source: str | Path | FileTable, known: _Known) -> tuple[Dataset, Notes]:
    """Read a table as one whose map says nothing."""
    if isinstance(source, FileTable):
        return read_table(source, *known)
    return read_dataset(source, *known)


def _may_hold_more(clean: tuple[Dataset, Notes], framework: Framework) -> bool:
    """Tell whether columns that were not used may be those of indicators without a column."""
    notes = clean[1]
    if not any(why in (UNKNOWN_REASON, NO_HEADING) for _, why in notes.unused):
        return False
    codes = {node.code for node in framework.indicators}
    return not codes <= notes.codes


class _ByMap(NamedTuple):
    """A table that was read by a map, and which of its columns were converted."""

    table: FileTable
    converted: list[Problem]


def _read_by_map(path: str | Path, map_path: Path) -> _ByMap:
    """Read by a map; sheet and last row are looked for, as they are of another year now.

    Raises
    ------
    DataError
        If a column that the map converts is in another measure than it was then.
    """
    sheets = read_sheets(path)
    text = decode_text(read_bytes(map_path), str(map_path))
    proposal = propose_map(sheets, choices_before(text, sheets))
    team_map = with_directions(read_map(text, map_path))
    data = replace(team_map.data, sheet=proposal.sheet, last=proposal.last)
    where = Where(file=str(path), sheet=proposal.sheet or None)
    converted = [*_conversions(proposal, team_map, where)]
    team_map = replace(team_map, data=data)
    return _ByMap(adopt_by_map(str(path), sheets, team_map).table, converted)


def _conversions(
    proposal: MapProposal, team_map: TeamMap, where: Where
) -> Iterator[Problem]:
    """Yield what is said of each column whose values are multiplied."""
    for column in proposal.columns:
        entry = team_map.columns.get(column.name)
        if not isinstance(entry, dict) or "factor" not in entry:
            continue
        then = str(entry.get("from_uom", ""))
        if fold_name(column.uom) != fold_name(then):
            problem = Problem.of(
                "XC304.measure_then",
                where,
                heading=column.heading,
                then=then,
                measure=column.uom,
            )
            raise DataError([problem])
        message = Message(
            "layout.factor",
            heading=column.heading,
            measure=then,
            uom=entry.get("uom", ""),
            factor=f"{entry['factor']:,}",
        )
        yield Problem("XC346", message, "", where)


@dataclass(frozen=True, slots=True)
class _TeamLayout:
    """A table in a team's own layout, as it would be adopted, its columns found by name.

    Attributes
    ----------
    file, sheet, sheets
        The file, what addresses call the sheet of the table, and the cells of all sheets.
    table_count
        How many tables a web page has, of which `sheets` has one.
    proposal, framework
        How the table is to be read; the framework that it has values of.
    codes
        Column -> code of its indicator.
    """

    file: str
    sheet: str | None
    sheets: Mapping[str, Cells]
    table_count: int
    proposal: MapProposal
    framework: Framework
    codes: Mapping[int, str]

    def choose_over(self, clean: Notes | None) -> _TeamLayout | None:
        """Return the layout to read by, None where a clean reading found no less.

        More than that are columns of other indicators. Where it was refused (None), or found no
        values, rows that are not those of a clean table are enough.
        """
        notes = Notes() if clean is None else clean
        proposal = self.proposal
        sheets_read = {cell.where.sheet or "" for cell in notes.cells}
        if sheets_read and proposal.sheet not in sheets_read:
            return None
        # Headings with another year, or in another measure, are found by the proposal alone.
        codes_read = self._headed_codes() or notes.codes
        codes = {*self.codes.values()}
        if codes > codes_read:
            return self
        has_other_rows = bool(proposal.second or proposal.skip) or proposal.year >= 0
        if notes.codes or not codes or codes != codes_read or not has_other_rows:
            return None
        # A word for no value may still be a slip.
        return replace(self, proposal=replace(proposal, missing=()))

    def _headed_codes(self) -> set[str]:
        """Return the codes that the first row heads, none where the table is not a clean one."""
        proposal = self.proposal
        cells = self.sheets[proposal.sheet]
        roles = _roles_of(cells[0], self.framework)
        is_clean = proposal.header == (1,) and proposal.city == roles.unit == 0
        if not is_clean or proposal.units_row or self.table_count > 1:
            return set()
        if proposal.marks or self._has_many_gaps(cells):
            return set()
        return {*roles.nodes.values()}

    def _has_many_gaps(self, cells: Cells) -> bool:
        """Tell whether words for no value are in more cells than slips are."""
        times: Counter[str] = Counter()
        for row in cells:
            times.update(map(as_text, row))
        return any(times[mark] > _FEW_MARKS for mark in _missing_marks(self.proposal))

    def read(self) -> tuple[FileTable, list[Problem]]:
        """Return the table, and what is not read of the file.

        Raises
        ------
        DataError
            With every column that is in another measure than the framework's.
        """
        self._require_measures()
        messages = self._doubts()
        table = self._read_as_adopted()
        if self.proposal.year >= 0:
            latest = _keep_latest(table)
            table = latest.table
            messages.append(Message("layout.latest_rows", year=latest.year))
        where = Where(file=self.file, sheet=self.proposal.sheet or None)
        return table, [Problem("XC346", message, "", where) for message in messages]

    def _doubts(self) -> list[str]:
        """Return what a person should know of the reading, but for what only a map can say."""
        proposal = self.proposal
        about_map: list[str] = [YEARS_IN_ROWS]
        about_map += [misspelt_note(*pair) for pair in proposal.misspelt.items()]
        messages = [doubt for doubt in proposal.doubts if doubt not in about_map]
        if self.table_count > 1:
            message = Message("layout.one_of_tables", number=self.table_count)
            messages.insert(0, message)
        return messages + describe_left_out(proposal)

    def _require_measures(self) -> None:
        """Refuse columns in another measure than the framework's."""
        problems = []
        for column in self.proposal.columns:
            if column.column in self.codes:
                problems += self._measure_problem(column)
        DataError.raise_for(problems)

    def _measure_problem(self, column: ColumnProposal) -> list[Problem]:
        code = self.codes[column.column]
        if not other_measure(replace(column, code=code), self.framework):
            return []
        node = self.framework.inputs[code]
        sheet = self.proposal.sheet or None
        where = Where(file=self.file, sheet=sheet, indicator=code)
        problem = Problem.of(
            "XC304.other_measure",
            where,
            heading=column.heading,
            measure=column.uom,
            code=code,
            uom=node.uom,
        )
        return [problem]

    def _read_as_adopted(self) -> FileTable:
        """Return the table with the columns that are meant, and those without a known code."""
        proposal = self.proposal
        keys = []
        columns = []
        for column in proposal.columns:
            if column.column in (proposal.city, proposal.year):
                keys.append(column)
            is_status = column.heading.strip().lower() == STATUS_HEADING
            is_indicator = column.column in self.codes or column.role == "indicator"
            if is_indicator or is_status:
                code = self.codes.get(column.column, column.code or column.name)
                columns.append(replace(column, role="indicator", code=code))
        proposal = replace(proposal, columns=(*columns, *keys))
        team_map = with_directions(map_of(proposal))
        table = adopt_by_map(self.file, self.sheets, team_map).table
        headings = [self.codes.get(each.column, each.heading) for each in columns]
        header = (*table.header[: -len(columns)], *headings)
        return replace(table, header=header, sheet=self.sheet)


def other_measure(column: ColumnProposal, framework: Framework) -> bool:
    """Tell whether a column is in another measure than the indicator of its code."""
    node = framework.inputs[column.code]
    own = {fold_name(uom) for uom in (node.uom, node.uom_zh) if uom}
    return bool(column.uom and own) and fold_name(column.uom) not in own


def _rows_to_skip(
    source: str | Path | FileTable, proposal: MapProposal, known: _Known
) -> tuple[str, ...]:
    """Return the names of rows that are no cities, as totals are; none where all rows are kept."""
    if isinstance(source, FileTable) and source.keeps_rows:
        return ()
    matcher = UnitMatcher(known.units or ())
    return tuple(name for name in proposal.skip if not _is_city(name, matcher))


def _find_layout(source: str | Path | FileTable, known: _Known) -> _TeamLayout | None:
    """Return the layout of a source with one table of cities, None for another one.

    Of the tables of a web page it is the only one with cities and indicators.
    """
    try:
        sheets = _sheets_of(source)
        is_one_table = isinstance(source, FileTable) or is_workbook_name(source)
        table_count = 1 if is_one_table else len(sheets)
        if table_count > 1:
            sheets = _tables_of_cities(sheets, known)
            if len(sheets) != 1:
                return None
        proposal = propose_map(sheets)
    except (XlcityError, OSError):
        return None
    if proposal.city < 0:
        return None
    codes = codes_by_column(proposal, known.framework)
    proposal = replace(proposal, skip=_rows_to_skip(source, proposal, known))
    file = str(source)
    sheet: str | None = proposal.sheet
    if isinstance(source, FileTable):
        file = source.file
        sheet = source.sheet
    return _TeamLayout(
        file,
        sheet,
        sheets=sheets,
        table_count=table_count,
        proposal=proposal,
        framework=known.framework,
        codes=codes,
    )


def _sheets_of(source: str | Path | FileTable) -> Mapping[str, Cells]:
    if isinstance(source, FileTable):
        return {source.sheet or "": source.cells()}
    return read_sheets(source)


def _is_city(name: str, matcher: UnitMatcher) -> bool:
    return isinstance(matcher.match(name), Match)


def _tables_of_cities(sheets: Mapping[str, Cells], known: _Known) -> dict[str, Cells]:
    """Return the tables with indicators of the framework, and half of the cities or more."""
    return {
        title: cells
        for title, cells in sheets.items()
        if _has_cities_and_indicators(cells, known)
    }


def _has_cities_and_indicators(cells: Cells, known: _Known) -> bool:
    proposal = propose_map({"": cells})
    if proposal.city < 0 or not codes_by_column(proposal, known.framework):
        return False
    if known.units is None:
        return True
    matcher = UnitMatcher(known.units)
    matches = [matcher.match(row[proposal.city]) for row in cells]
    cities = {match.unit.id for match in matches if isinstance(match, Match)}
    return 2 * len(cities) >= len(known.units)


class _Latest(NamedTuple):
    """The rows of the latest year of a table, and the year."""

    table: FileTable
    year: str


def _keep_latest(table: FileTable) -> _Latest:
    """Return the rows of the latest year without the column of years, the second one."""
    years = table.texts(1)
    times = edition_times([*dict.fromkeys(years)])
    latest = max(times, key=times.__getitem__)
    table = table.selected([row for row, year in enumerate(years) if year == latest])
    return _Latest(table.without_column(1), latest)


def _missing_marks(proposal: MapProposal) -> list[str]:
    return [code for code in proposal.missing if code.casefold() not in MISSING_CODES]


def describe_left_out(proposal: MapProposal) -> list[str]:
    """Return which rows and marks of a table are not read as cities and values."""
    messages: list[str] = []
    rows = [*proposal.skip, *map(str, proposal.skip_rows)]
    if rows:
        shown = first_of(rows, _LISTED)
        messages.append(Message("layout.rows_left_out", rows=shown))
    if marks := _missing_marks(proposal):
        shown = first_of(marks, _LISTED)
        messages.append(Message("layout.missing", marks=shown))
    return messages


def _roles_of(header: Sequence[Any], framework: Framework) -> ColumnRoles:
    """Return the roles of the columns of a table without rows."""
    texts = tuple(map(as_text, header))
    return ColumnRoles(FileTable("", None, texts, (), numbers=()), framework)


def codes_by_column(proposal: MapProposal, framework: Framework) -> dict[int, str]:
    """Return the columns that are indicators of the framework -> their codes."""
    finder = _CodeFinder(framework)
    indicators = [*proposal.indicators]
    others = [column for column in proposal.columns if column.role != "indicator"]
    codes: dict[int, str] = {}
    for column in (*indicators, *others):
        code = finder.code_of(column)
        is_new = code in framework.inputs and code not in codes.values()
        if code is not None and is_new and column.column != proposal.city:
            codes[column.column] = code
    return codes


class _CodeFinder:
    """Finds the code that a column means by its heading, of this year or another."""

    def __init__(self, framework: Framework) -> None:
        self.roles = _roles_of(("unit",), framework)
        #: Name of an indicator without a year -> its code.
        self.undated: dict[str, str] = {}
        for node in framework.indicators:
            what, _ = year_in(node.name_zh or node.name_en)
            self.undated[fold_name(what)] = node.code

    def code_of(self, column: ColumnProposal) -> str | None:
        """Return the code of a column, None where there is none."""
        plain = without_unit(without_year(column.heading))
        for text in (column.title, column.heading, plain, column.name, column.code):
            code = self.roles.code_of(text) if text else None
            if code is not None:
                return code
        if column.title:
            return None  # another indicator, whatever the year
        what, year = year_in(plain)
        return self.undated.get(fold_name(what)) if year else None
