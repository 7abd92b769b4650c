"""Reading values of units x indicators from CSV, a folder or a workbook, all faults at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlcity.errors import DataError, Problem, Where
from xlcity.model.cities_csv import is_units_header, named_unit, units_from_table
from xlcity.model.coin_tool import data_table, is_coin_tool
from xlcity.model.columns import Columns, find_columns
from xlcity.model.dataset import Dataset, Item, Link, State, Status, Unit
from xlcity.model.extra_tables import HEADER_DEPTH, extra_table
from xlcity.model.framework import Framework, Ingredient, Node
from xlcity.model.items_reader import is_header, read_items
from xlcity.model.links_reader import is_header as is_link_header
from xlcity.model.links_reader import read_links
from xlcity.model.near_names import near_names
from xlcity.model.notes import Conversion as Conversion
from xlcity.model.notes import DataCell as DataCell
from xlcity.model.notes import Notes as Notes
from xlcity.model.recipe import Recipe
from xlcity.model.tables import Table, as_text, read_csv, sheet_table
from xlcity.model.units import UnitMatcher
from xlcity.model.values import Converted, Refusal, counts_in_suffix, read_value
from xlcity.xlsx.plain_cells import read_plain_cells

_STATUSES = frozenset(Status)
#: Names of the table of values in a folder.
_VALUES = ("data.csv", "inputs.csv", "data.xlsx")
#: Note of the conversion of a heading; a person needs the count of these more than the list.
BY_NAME = "column matched by name"


def read_dataset(
    path: str | Path,
    framework: Framework,
    units: Sequence[Unit] | None = None,
    recipe: Recipe | None = None,
    basis: str = Status.ENTERED,
    items: str | Path | None = None,
    links: str | Path | None = None,
) -> tuple[Dataset, Notes]:
    """Read a dataset.

    Parameters
    ----------
    path
        A CSV file, an xlsx file (its sheet `data`, else the first), or a folder with `data.csv`,
        `inputs.csv` or `data.xlsx`. Wide (a row per unit, a column per indicator) or long (columns
        `unit`, `code`, `value`).
    framework
        Says which columns are indicators, in which uom.
    units
        The known units; None takes those of `cities.csv` in the folder or the sheet `cities` of
        the workbook, else the units of the rows themselves.
    recipe
        For its missing codes.
    basis
        Status of values whose row has no `basis` column.
    items
        The lists behind indicators (CSV); None looks for `items.csv` in the folder or the sheet
        `items` of the workbook.
    links
        The links between units (CSV), in the same way: `links.csv` or the sheet `links`.

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
    collector = _Collector(framework, units, recipe, basis)
    linked = _beside(path, "links", links, is_link_header)
    if linked is None and Path(path).suffix.lower() == ".csv":
        # The one table that was given may be that of the links.
        given = read_csv(path)
        if is_link_header(given.header):
            collector.read_links(given)
            return collector.result()
    # Where every indicator is made from links, a folder needs no table of values.
    if linked is None or _has_values(Path(path)):
        collector.read(open_table(Path(path), framework.inputs))
    listed = _beside(path, "items", items, is_header)
    if listed is not None:
        collector.read_items(listed)
    if linked is not None:
        collector.read_links(linked)
    return collector.result()


def units_beside(path: str | Path) -> tuple[Unit, ...] | None:
    """Return the list of units that stands beside a table of values, None if there is none."""
    found = extra_table(Path(path), "cities", is_units_header)
    return None if found is None else units_from_table(found)


def _beside(
    path: str | Path,
    name: str,
    given: str | Path | None,
    header: Callable[[Sequence[object]], bool],
) -> Table | None:
    """Return the table that was named, else the one that stands beside the values."""
    return read_csv(given) if given is not None else extra_table(Path(path), name, header)


def _has_values(path: Path) -> bool:
    """Tell whether a path has a table of values, beside one of links."""
    if path.is_dir():
        return any((path / name).is_file() for name in _VALUES)
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return True
    return any(name.lower() not in ("links", "items") for name in read_plain_cells(path))


def read_table(
    table: Table,
    framework: Framework,
    units: Sequence[Unit] | None = None,
    recipe: Recipe | None = None,
    basis: str = Status.ENTERED,
) -> tuple[Dataset, Notes]:
    """Read a dataset from a table that is open already; see `read_dataset`."""
    collector = _Collector(framework, units, recipe, basis)
    collector.read(table)
    return collector.result()


def open_table(path: Path, codes: Collection[str]) -> Table:
    """Return the table of values that a path means; codes tell where its header stands."""
    if path.is_dir():
        for name in _VALUES:
            if (path / name).is_file():
                return open_table(path / name, codes)
        others = [f.name for f in sorted(path.iterdir()) if f.stem.lower() in ("data", "inputs")]
        instead = f", only {', '.join(others)}" if others else ""
        hint = "Save it as data.xlsx." if others else "Put the table there, or name it."
        message = f"the folder has no data.csv, inputs.csv or data.xlsx{instead}."
        raise DataError(Problem("XC324", message, hint, Where(file=str(path))))
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return read_csv(path)
    sheets = read_plain_cells(path)
    if is_coin_tool(sheets):
        return data_table(str(path), sheets)
    title = next((name for name in sheets if name.lower() in ("data", "idata")), next(iter(sheets)))
    cells = sheets[title]
    with_codes = (
        position
        for position, row in enumerate(cells[:HEADER_DEPTH])
        if any(as_text(cell) in codes for cell in row)
    )
    filled = (position for position, row in enumerate(cells) if any(map(as_text, row)))
    header_at = next(with_codes, next(filled, None))
    if header_at is None:
        where = Where(file=str(path), sheet=title)
        raise DataError(Problem("XC322", "the sheet is empty.", "Put a table there.", where))
    return sheet_table(str(path), title, cells, header_at)


class _Collector:
    """Gathers cells, conversions and problems of one table."""

    def __init__(
        self,
        framework: Framework,
        units: Sequence[Unit] | None,
        recipe: Recipe | None,
        basis: str,
    ) -> None:
        self.framework = framework
        self.recipe = recipe or Recipe(id="", steps=())
        self.basis = basis
        self.matcher = UnitMatcher(units) if units is not None else None
        self.units = {unit.id: unit for unit in units or ()}
        self.cells: dict[tuple[str, str], DataCell] = {}
        self.converted: list[Conversion] = []
        self.doubtful: list[Problem] = []
        self.blanks: list[tuple[str, str]] = []
        self.unused: tuple[tuple[str, str], ...] = ()
        self.remarks: list[str] = []
        self.problems: list[Problem] = []
        self.items: dict[str, tuple[Item, ...]] = {}
        self.links: dict[str, tuple[Link, ...]] = {}

    def read_items(self, table: Table) -> None:
        units = tuple(self.units.values())
        found = read_items(table, self.framework, self.recipe, units, self.basis)
        self.items, self.problems = found.items, [*self.problems, *found.problems]

    def read_links(self, table: Table) -> None:
        def read(raw: object, node: Node) -> Converted | Refusal:
            return check_value(raw, node, self.recipe.missing_codes)

        units = tuple(self.units.values())
        found = read_links(table, self.framework, self.recipe, units, self.basis, read)
        self.links, self.problems = found.links, [*self.problems, *found.problems]
        self.doubtful += found.doubtful
        self.converted += [Conversion(*entry) for entry in found.converted]

    def read(self, table: Table) -> None:
        columns = find_columns(table, self.framework)
        self.problems += columns.problems
        self.unused = columns.unused
        if self.matcher is not None:
            # Of units that are known already nobody needs the names.
            names = (table.header[at] for at in sorted(columns.names_of_units.values()))
            unused = (*columns.unused, *((name, "the cities are known already") for name in names))
            order = list(table.header)
            self.unused = tuple(sorted(unused, key=lambda u: order.index(u[0]) if u[0] in order
                                       else len(order)))  # fmt: skip
        for name, code in columns.renamed:
            where = Where(file=table.file, sheet=table.sheet, indicator=code)
            self.converted.append(Conversion(where, name, code, BY_NAME))
        if columns.problems and not columns.nodes and columns.long is None:
            return
        seen: dict[str, str] = {}
        rows: dict[str, int] = {}
        for row in range(len(table.rows)):
            unit_id = self._unit(table, row, columns)
            if unit_id is None:
                continue
            if columns.long is None and unit_id in seen:
                where = table.where(row, columns.unit, unit=unit_id)
                message = f"unit {unit_id} stands here again, first in {seen[unit_id]}."
                self.problems.append(Problem("XC313", message, "Remove one of the rows.", where))
                self._refused_row(table, row, unit_id, columns)
                continue
            seen[unit_id] = table.where(row).cell or ""
            rows.setdefault(unit_id, row)
            self._row(table, row, unit_id, columns)
        if self.matcher is None:
            self._near(table, columns.unit, rows)

    def _near(self, table: Table, column: int, rows: Mapping[str, int]) -> None:
        """Doubt units that the table itself introduces under names that are nearly alike."""
        names = ((unit, self.units[unit].name_zh or self.units[unit].name_en) for unit in rows)
        for unit, first in near_names(names):
            where = table.where(rows[unit], column, unit=unit)
            message = f"{unit!r} and {first!r} may be one city; both are ranked."
            hint = "If they are one, use one name in all tables; else leave them."
            self.doubtful.append(Problem("XC332", message, hint, where))

    def _unit(self, table: Table, row: int, columns: Columns) -> str | None:
        raw = table.cell(row, columns.unit)
        typed = as_text(raw)
        where = table.where(row, columns.unit, unit=typed)
        if not typed:
            if any(as_text(table.cell(row, at)) for at in columns.nodes):
                message = "values without a unit."
                self.problems.append(Problem("XC310", message, "Name the unit.", where))
            return None
        if self.matcher is None:
            if typed not in self.units:
                names = {
                    word: as_text(table.cell(row, at))
                    for word, at in columns.names_of_units.items()
                }
                told = {word: as_text(table.cell(row, at)) for at, word in columns.words.items()}
                self.units[typed] = named_unit(typed, names, told)
            return typed
        # The text as it stands, so that spaces around it are noted.
        found = self.matcher.match(raw)
        if isinstance(found, Refusal) and _is_remark(table, row, columns.unit):
            self.remarks.append(f"{where.cell}: {typed}")
            return None
        if isinstance(found, Refusal):
            self.problems.append(Problem(found.code, found.message, found.hint, where))
            self._refused_row(table, row, typed, columns)
            return None
        if found.how == "tolerant":
            note = "name matched without case, spaces or 市"
            self.converted.append(Conversion(where, str(raw), found.unit.id, note))
        return found.unit.id

    def _refused_row(self, table: Table, row: int, unit_id: str, columns: Columns) -> None:
        """Tell what else is wrong in a row that is refused for its unit: all faults at once."""
        for at, code in columns.nodes.items():
            node = self.framework.inputs[code]
            read = check_value(table.cell(row, at), node, self.recipe.missing_codes)
            if isinstance(read, Refusal):
                where = table.where(row, at, unit=unit_id, indicator=code)
                self.problems.append(Problem(read.code, read.message, read.hint, where))

    def _row(self, table: Table, row: int, unit_id: str, columns: Columns) -> None:
        basis = self.basis
        if columns.basis is not None:
            basis = as_text(table.cell(row, columns.basis)).lower() or self.basis
            if basis not in _STATUSES:
                where = table.where(row, columns.basis, unit=unit_id)
                known = ", ".join(Status)
                self.problems.append(Problem("XC316", f"{basis!r} is no status.", known, where))
                return
        if columns.long is None:
            for at, code in columns.nodes.items():
                self._cell(table, row, at, unit_id, code, basis)
            return
        self._long_row(table, row, unit_id, basis, columns, columns.long)

    def _long_row(
        self,
        table: Table,
        row: int,
        unit_id: str,
        basis: str,
        columns: Columns,
        at: tuple[int, int],
    ) -> None:
        code_at, value_at = at
        code = columns.code_of(as_text(table.cell(row, code_at)))
        where = table.where(row, code_at, unit=unit_id)
        if code is None:
            typed = as_text(table.cell(row, code_at))
            hint = "Correct the code or add the indicator to the framework."
            self.problems.append(Problem("XC314", f"{typed!r} is no indicator.", hint, where))
        elif (unit_id, code) in self.cells:
            first = self.cells[unit_id, code].where.cell
            message = f"{unit_id} {code} stands here again, first in {first}."
            self.problems.append(Problem("XC313", message, "Remove one of the rows.", where))
        else:
            self._cell(table, row, value_at, unit_id, code, basis)

    def _cell(
        self, table: Table, row: int, column: int, unit_id: str, code: str, basis: str
    ) -> None:
        raw = table.cell(row, column)
        node = self.framework.inputs[code]
        where = table.where(row, column, unit=unit_id, indicator=code)
        read = check_value(raw, node, self.recipe.missing_codes)
        if isinstance(read, Refusal):
            self.problems.append(Problem(read.code, read.message, read.hint, where))
            return
        note = read.note
        if note is None and table.sheet and isinstance(raw, str) and read.state is State.VALUE:
            note = "number stored as text"
        if note is not None:
            shown = f"{read.value:.15g}" if read.state is State.VALUE else read.state.name.lower()
            self.converted.append(Conversion(where, str(raw), shown, note))
        if read.state is State.BLANK:
            self.blanks.append((unit_id, code))
            return
        status = basis if read.state is State.VALUE else ""
        self.cells[unit_id, code] = DataCell(unit_id, code, read.value, read.state, status, where)
        doubt = plausibility(read, node)
        if doubt:
            self.doubtful.append(Problem("XC317", doubt, "Check it against the source.", where))

    def result(self) -> tuple[Dataset, Notes]:
        if self.problems:
            raise DataError(self.problems)
        given = {code for _, code in self.cells}
        own = [node.code for node in self.framework.composites if node.code in given]
        codes = (*input_codes(self.framework), *own)
        blank = empty_dataset(tuple(self.units.values()), codes)
        filled = overlay(blank, self.cells.values())
        dataset = replace(filled, items=self.items, links=self.links)
        notes = Notes(
            tuple(self.cells.values()),
            tuple(self.converted),
            self.unused,
            tuple(self.doubtful),
            tuple(self.blanks),
            tuple(self.remarks),
        )
        return dataset, notes


def _is_remark(table: Table, row: int, column: int) -> bool:
    """Tell whether a row has nothing but its first text: a closing line or a note, no data."""
    cells = table.rows[row]
    return not any(as_text(cell) for at, cell in enumerate(cells) if at != column)


def _measure(node: Node | Ingredient) -> str:
    """Return the measure as values are read in it: the Chinese one where it counts in 万 or 亿."""
    return node.uom_zh if counts_in_suffix(node.uom_zh) else node.uom


def check_value(
    raw: object, node: Node | Ingredient, missing_codes: Iterable[str]
) -> Converted | Refusal:
    """Read one cell of an indicator: as `read_value`, and its "no data" number is refused."""
    read = read_value(raw, _measure(node), missing_codes)
    if isinstance(read, Converted) and node.no_data is not None and read.value == node.no_data:
        return Refusal(
            "XC305",
            f"{read.value:g} is no value of {node.code}: it stands for no data.",
            "Type a missing code (NA) if it is confirmed missing, else leave the cell blank.",
        )
    return read


def plausibility(read: Converted, node: Node | Ingredient) -> str:
    """Return a sentence if a value lies outside the plausible bounds of its indicator, else ""."""
    low = -math.inf if node.valid_low is None else node.valid_low
    high = math.inf if node.valid_high is None else node.valid_high
    if read.state is not State.VALUE or low <= read.value <= high:
        return ""
    bounds = f"{low:g} to {high:g}" if high < math.inf else f"at least {low:g}"
    return f"{read.value:g} lies outside the plausible range of {node.code} ({bounds})."


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
    rows = {unit.id: row for row, unit in enumerate(dataset.units)}
    columns = {code: column for column, code in enumerate(dataset.codes)}
    values, states, basis = dataset.values.copy(), dataset.states.copy(), dataset.basis.copy()
    for cell in cells:
        at = rows[cell.unit], columns[cell.code]
        values[at], states[at], basis[at] = cell.value, cell.state, cell.basis
    return replace(dataset, values=values, states=states, basis=basis)
