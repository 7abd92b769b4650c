"""The map of a team's own table as a file, and values read by it or as one is proposed."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.adoption import cells as table_cells
from xlcity.adoption.adopt import UNKNOWN, Cells, adopt_cells, name_field, team_sheets
from xlcity.adoption.proposal import (
    YEARS_IN_ROWS,
    ColumnProposal,
    MapProposal,
    misspelt_note,
    propose_map,
)
from xlcity.data_files import parse_toml, toml_value
from xlcity.errors import DataError, Problem, Where, XlcityError, first_of
from xlcity.functions.block import MISSING_CODES
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import edition_times
from xlcity.model.reading.columns import NO_HEADING, UNKNOWN_REASON, ColumnRoles
from xlcity.model.reading.data import read_dataset, read_table
from xlcity.model.reading.tables import (
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

#: Entries of a map that are lists, left out where they are empty.
_LISTS = ("skip", "skip_rows", "missing", "marks")
#: A word for "no value" that stands in no more cells of a plain table may be a slip.
_FEW_MARKS = 2


def map_text(proposal: MapProposal) -> str:
    """Return the file of a map; an unknown direction or city is "?"."""
    header = proposal.header
    names = {column.column: column.name for column in proposal.columns}
    sections: dict[str, dict[str, Any]] = {
        "data": {
            **({"sheet": proposal.sheet} if proposal.sheet else {}),
            "header": [*header] if len(header) > 1 else header[0],
            "unit": names.get(proposal.city, ""),
            **({"year": names[proposal.year]} if proposal.year in names else {}),
            "last": proposal.last,
            **{name: [*own] for name in _LISTS if (own := getattr(proposal, name))},
        },
        "index": {"title": proposal.title, **proposal.methods},
        "groups": {name: _number(text) for name, text in proposal.groups.items()},
        "columns": {
            column.name: _column_entry(column) for column in proposal.indicators
        },
        "cities": {**proposal.settled, **dict.fromkeys(proposal.misspelt, UNKNOWN)},
    }
    texts = []
    for name, entries in sections.items():
        keys = {
            key: key if name in ("data", "index") else toml_value(key)
            for key in entries
        }
        lines = [f"{keys[key]} = {toml_value(value)}" for key, value in entries.items()]
        if lines or name == "columns":
            texts.append("\n".join([f"[{name}]", *lines]) + "\n")
    return "\n".join(texts)


def _column_entry(column: ColumnProposal) -> dict[str, Any]:
    entry = {
        "code": column.code,
        "parent": column.group,
        "direction": column.direction or UNKNOWN,
        "weight": _number(column.weight),
        "uom": column.uom,
        name_field(column.title): column.title,
    }
    return {key: value for key, value in entry.items() if value != "" or key == "code"}


def with_directions(text: str) -> str:
    """Return the text of a map with a direction where it is unknown, for reading values."""
    return text.replace(f"direction = {toml_value(UNKNOWN)}", "direction = 1")


def _number(text: str) -> float | str:
    """Return a number that was typed; what is none as a text, for the reader to refuse."""
    try:
        return json.loads(text) if text[:1].isdigit() else text
    except ValueError:
        return text


def choices_in_map(text: str) -> dict[str, Any]:
    """Return a map as choices of `propose_map`: what it lists is chosen; {} of what is none."""
    try:
        sections = parse_toml(text)
    except tomllib.TOMLDecodeError:
        return {}
    sections = {
        name: entries for name, entries in sections.items() if isinstance(entries, dict)
    }
    columns = {
        name: {"role": "indicator", **(own if isinstance(own, dict) else {"code": own})}
        for name, own in sections.get("columns", {}).items()
    }
    return {**sections.pop("data", {}), **sections, "columns": columns}


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
    given = (framework, units, recipe)
    if isinstance(source, FileTable):
        return read_table(source, *given)
    if not isinstance(source, (str, Path)):
        return read_table(table_from_frame(source), *given)
    if map_path is not None:
        return read_table(_read_by_map(source, Path(map_path)), *given)
    plain = None
    refusal = None
    try:
        plain = read_dataset(source, *given)
        if not any(why in (UNKNOWN_REASON, NO_HEADING) for _, why in plain[1].unused):
            return plain
    except DataError as error:
        refusal = error
    own_layout = _find_layout(Path(source), framework, units)
    layout = own_layout and own_layout.choose_over(None if plain is None else plain[1])
    if layout is not None:
        table, doubts = layout.read()
        dataset, notes = read_table(table, *given)
        return dataset, replace(notes, doubtful=(*doubts, *notes.doubtful))
    if refusal is not None:
        raise refusal
    assert plain is not None
    return plain


def _read_by_map(path: str | Path, map_path: Path) -> FileTable:
    """Read by a map; sheet and last row are looked for, as they are of another year now."""
    sheets = team_sheets(path)
    text = decode_text(read_bytes(map_path), str(map_path))
    choices = {
        name: chosen for name, chosen in choices_in_map(text).items() if name != "last"
    }
    if choices.get("sheet") not in sheets:
        choices.pop("sheet", None)
    proposal = propose_map(sheets, choices)
    others = {"sheet": proposal.sheet, "last": proposal.last}
    return adopt_cells(str(path), sheets, map_path, with_directions(text), others).table


@dataclass(frozen=True, slots=True)
class _TeamLayout:
    """A table in a team's own layout, as it would be adopted, its columns found by name.

    Attributes
    ----------
    path, sheets
        The file, and the cells of its sheets.
    table_count
        How many tables a web page has, of which `sheets` has one.
    proposal, framework
        How the table is to be read; the framework that it has values of.
    codes
        Column -> code of its indicator.
    """

    path: Path
    sheets: dict[str, Cells]
    table_count: int
    proposal: MapProposal
    framework: Framework
    codes: dict[int, str]

    def choose_over(self, plain: Notes | None) -> _TeamLayout | None:
        """Return the layout to read by, None where a plain reading found no less.

        More than that are columns of other indicators. Where it was refused (None), or found no
        values, rows that are not those of a plain table are enough.
        """
        cells, blanks = ((), ()) if plain is None else (plain.cells, plain.blanks)
        codes_read = {cell.code for cell in cells} | {code for _, code in blanks}
        sheets_read = {cell.where.sheet or "" for cell in cells} or {
            self.proposal.sheet
        }
        found_nothing = not codes_read
        codes = {*self.codes.values()}
        if self.proposal.sheet not in sheets_read:
            return None
        # Headings with another year, or in another measure, are found by the proposal alone.
        codes_read = self._plain_codes() or codes_read
        if codes > codes_read:
            return self
        proposal = self.proposal
        has_other_rows = bool(proposal.second or proposal.skip) or proposal.year >= 0
        if found_nothing and codes and codes == codes_read and has_other_rows:
            # A word for no value may still be a slip.
            return replace(self, proposal=replace(proposal, missing=()))
        return None

    def _plain_codes(self) -> set[str]:
        """Return the codes that the first row heads, none where the table is not a plain one."""
        proposal = self.proposal
        cells = self.sheets[self.proposal.sheet]
        roles = ColumnRoles(
            FileTable("", None, tuple(map(as_text, cells[0])), (), ()), self.framework
        )
        times = Counter(as_text(cell) for row in cells for cell in row)
        has_marks = bool(proposal.marks) or any(
            times[mark] > _FEW_MARKS for mark in _missing_marks(proposal)
        )
        is_plain = proposal.header == (1,) and proposal.city == roles.unit == 0
        is_plain &= not (proposal.units_row or has_marks or self.table_count > 1)
        return {*roles.nodes.values()} if is_plain else set()

    def read(self) -> tuple[FileTable, list[Problem]]:
        """Return the table, and what is not read of the file.

        Raises
        ------
        DataError
            With every column that is in another measure than the framework's.
        """
        file = str(self.path)
        proposal = self.proposal
        _require_measures(file, proposal, self.codes, self.framework)
        about_map = {
            misspelt_note(name, meant) for name, meant in proposal.misspelt.items()
        }
        messages = [
            doubt
            for doubt in proposal.doubts
            if doubt not in (*about_map, YEARS_IN_ROWS)
        ]
        if self.table_count > 1:
            message = f"Of the {self.table_count} tables of the web page only this one is read."
            messages.insert(0, message)
        messages += describe_left_out(proposal)
        table = _read_as_adopted(self.path, self.sheets, proposal, self.codes)
        if proposal.year >= 0:
            table, year = _keep_latest(table)
            messages.append(f"Only the rows of the latest year are read: {year}.")
        where = Where(file=file, sheet=proposal.sheet or None)
        return table, [Problem("XC346", message, "", where) for message in messages]


def _find_layout(
    path: Path, framework: Framework, units: Sequence[Unit] | None
) -> _TeamLayout | None:
    """Return the layout of a file with one table of cities, None for another one.

    Of the tables of a web page it is the only one with cities and indicators.
    """
    try:
        sheets = team_sheets(path)
        table_count = 1 if is_workbook_name(path) else len(sheets)
        if table_count > 1:
            tables = sheets.items()
            sheets = {
                t: c
                for t, c in tables
                if _has_cities_and_indicators(c, framework, units)
            }
            if len(sheets) != 1:
                return None
        proposal = propose_map(sheets)
    except (XlcityError, OSError):
        return None
    if proposal.city < 0:
        return None
    matcher = UnitMatcher(units or ())
    skip = (
        name for name in proposal.skip if not isinstance(matcher.match(name), Match)
    )
    codes = _codes_by_column(proposal, framework)
    proposal = replace(proposal, skip=tuple(skip))
    return _TeamLayout(path, sheets, table_count, proposal, framework, codes)


def _keep_latest(table: FileTable) -> tuple[FileTable, str]:
    """Return the rows of the latest year without the column of years, the second one; the year."""
    years = table.texts(1)
    times = edition_times([*dict.fromkeys(years)])
    latest = max(times, key=times.__getitem__)
    table = table.selected([row for row, year in enumerate(years) if year == latest])
    header, columns, *rows = (
        (row[0], *row[2:]) for row in (table.header, table.columns, *table.rows)
    )
    return replace(table, header=header, columns=columns, rows=tuple(rows)), latest


def _has_cities_and_indicators(
    cells: Cells, framework: Framework, units: Sequence[Unit] | None
) -> bool:
    """Tell whether a table has indicators of the framework, and half of the cities or more."""
    proposal = propose_map({"": cells})
    if proposal.city < 0 or not _codes_by_column(proposal, framework):
        return False
    matcher = UnitMatcher(units or ())
    matches = [matcher.match(row[proposal.city]) for row in cells]
    cities = {match.unit.id for match in matches if isinstance(match, Match)}
    return units is None or 2 * len(cities) >= len(units)


def _missing_marks(proposal: MapProposal) -> list[str]:
    return [code for code in proposal.missing if code.casefold() not in MISSING_CODES]


def describe_left_out(proposal: MapProposal) -> list[str]:
    """Return which rows and marks of a table are not read as cities and values."""
    messages = {
        "Rows that are not cities are left out": [
            *proposal.skip,
            *map(str, proposal.skip_rows),
        ],
        "Read as confirmed missing": _missing_marks(proposal),
    }
    return [
        f"{message}: {first_of(listed, 20)}."
        for message, listed in messages.items()
        if listed
    ]


def _read_as_adopted(
    path: Path, sheets: dict[str, Cells], proposal: MapProposal, codes: dict[int, str]
) -> FileTable:
    """Return the table with the columns that are meant, and those that no code is known for."""
    columns = tuple(
        replace(column, role="indicator", code=codes.get(column.column, column.code))
        for column in proposal.columns
        if column.column in codes or column.role == "indicator"
    )
    keys = [c for c in proposal.columns if c.column in (proposal.city, proposal.year)]
    text = with_directions(map_text(replace(proposal, columns=(*columns, *keys))))
    table = adopt_cells(str(path), sheets, path.with_suffix(".toml"), text).table
    headings = [codes.get(column.column, column.heading) for column in columns]
    return replace(table, header=(*table.header[: -len(columns)], *headings))


def _codes_by_column(proposal: MapProposal, framework: Framework) -> dict[int, str]:
    """Return the columns that are indicators of the framework -> their codes."""
    roles = ColumnRoles(FileTable("", None, ("unit",), (), ()), framework)
    latest = {
        fold_name(table_cells.year_in(node.name_zh or node.name_en)[0]): node.code
        for node in framework.indicators
    }
    codes: dict[int, str] = {}
    for column in sorted(
        proposal.columns, key=lambda column: column.role != "indicator"
    ):
        code = _code(column, roles, latest)
        is_new = code in framework.inputs and code not in codes.values()
        if code is not None and is_new and column.column != proposal.city:
            codes[column.column] = code
    return codes


def _code(
    column: ColumnProposal, roles: ColumnRoles, latest: dict[str, str]
) -> str | None:
    """Return the code that a column means by its heading, of this year or another."""
    plain = table_cells.without_unit(table_cells.without_year(column.heading))
    for text in (column.title, column.heading, plain, column.name, column.code):
        if text and (code := roles.code_of(text)):
            return code
    if column.title:
        return None  # another indicator, whatever the year
    what, year = table_cells.year_in(plain)
    return latest.get(fold_name(what)) if year else None


def _require_measures(
    file: str, proposal: MapProposal, codes: dict[int, str], framework: Framework
) -> None:
    """Refuse columns in another measure than the framework's."""
    problems = []
    for column in (column for column in proposal.columns if column.column in codes):
        code = codes[column.column]
        node = framework.inputs[code]
        own = {fold_name(uom) for uom in (node.uom, node.uom_zh) if uom}
        if column.uom and own and fold_name(column.uom) not in own:
            message = f"the column {column.heading!r} is in {column.uom}, {code} in {node.uom}."
            where = Where(file=file, sheet=proposal.sheet or None, indicator=code)
            hint = f"Convert its values to {node.uom} and correct the measure."
            problems.append(Problem("XC304", message, hint, where))
    DataError.raise_for(problems)
