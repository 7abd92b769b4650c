"""Gathers the cells of tables of values, lists and links, with what was read and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcity.errors import Problem, Where
from xlcity.model.dataset import Item, Link, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import AlikeIds
from xlcity.model.reading.columns import ColumnRoles
from xlcity.model.reading.lines import LineReader, LinkTableReader, read_items
from xlcity.model.reading.notes import Conversion, DataCell, Notes
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.units import (
    UnitMatcher,
    is_note,
    is_total,
    named_unit,
    near_names,
    without_gaps,
)
from xlcity.model.reading.values import NOT_CALCULATED, Refusal, fractions_as_percent, plausibility
from xlcity.model.recipe import Recipe
from xlcity.xlsx.plain_cells import UncalculatedFormula

#: Note of the conversion of a heading; a person needs the count of these more than the list.
BY_NAME = "column matched by name"
#: What to do about a row of totals.
_TOTAL = "Delete the row: totals and means would be ranked among the cities."


class DataCollector:
    """Gathers cells, conversions and problems of one dataset.

    Parameters
    ----------
    framework
        Says which columns are indicators, in which uom.
    units
        The known units; None takes those of the rows.
    recipe
        For its missing codes.
    basis
        Status of values whose row has no `basis` column.
    """

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
        self.problems: list[Problem] = []
        self.items: dict[str, tuple[Item, ...]] = {}
        self.links: dict[str, tuple[Link, ...]] = {}
        self._cells: dict[tuple[str, str], DataCell] = {}
        self._converted: list[Conversion] = []
        self._doubtful: list[Problem] = []
        self._blanks: list[tuple[str, str]] = []
        self._alike = AlikeIds()
        self._unused: tuple[tuple[str, str], ...] = ()
        self._remarks: list[str] = []

    def read_items(self, table: FileTable) -> None:
        """Read the lists behind indicators."""
        units = tuple(self.units.values())
        self.items, problems = read_items(table, self.framework, self.recipe, units, self.basis)
        self.problems += problems

    def read_links(self, table: FileTable) -> None:
        """Read links between cities."""
        units = tuple(self.units.values())
        reader = LinkTableReader(table, self.framework, self.recipe, units, self.basis)
        self.links = {code: tuple(of) for code, of in reader.links.items()}
        self.problems += reader.problems
        self._doubtful += reader.doubtful
        self._converted += reader.converted

    def read(self, table: FileTable) -> None:
        """Read a table of values."""
        columns = ColumnRoles(table, self.framework)
        self.problems += columns.problems
        self._unused = tuple(columns.unused)
        if self.matcher is not None:
            # The names of units that are known already are not needed.
            names = (table.header[position] for position in sorted(columns.names_of_units.values()))
            unused = (*columns.unused, *((name, "the cities are known already") for name in names))
            order = {name: position for position, name in reversed([*enumerate(table.header)])}
            self._unused = tuple(sorted(unused, key=lambda u: order.get(u[0], len(order))))
        for column, code in columns.misspelt:
            where = Where(file=table.file, sheet=table.sheet, cell=table.column_name(column))
            message = f"the column {table.header[column]!r} is not used, and {code} has no column."
            hint = f"If it holds {code}, head it {code}."
            self._doubtful.append(Problem("XC346", message, hint, where))
        for name, code in columns.renamed:
            where = Where(file=table.file, sheet=table.sheet, indicator=code)
            self._converted.append(Conversion(where, name, code, BY_NAME))
        if columns.problems and not columns.nodes and columns.long is None:
            return
        lines = LineReader(table, self.recipe, self.matcher, self.basis)
        # Problems and conversions are listed in the order in which they are met.
        lines.problems, lines.converted = self.problems, self._converted
        seen: dict[str, int] = {}
        for row in range(len(table.rows)):
            if table.sheet is None:
                lines.require_headings(row)
            unit_id = self._find_unit(lines, row, columns)
            if unit_id is None:
                continue
            if columns.long is None and unit_id in seen:
                where = table.where(row, columns.unit, unit=unit_id)
                message = f"duplicate city {unit_id} (first in {table.where(seen[unit_id]).cell})."
                lines.refuse("XC313", message, "Remove one of the rows.", where)
                self._check_row(lines, row, unit_id, columns)
                continue
            seen.setdefault(unit_id, row)
            self._read_row(lines, row, unit_id, columns)
        if self.matcher is None:
            self._doubt_near_names(table, columns.unit, seen)

    def _doubt_near_names(self, table: FileTable, column: int, rows: Mapping[str, int]) -> None:
        """Doubt units that the table itself introduces under names that are nearly alike.

        `column` is that of the units, `rows` maps units to rows.
        """
        names = ((unit, self.units[unit].name_zh or self.units[unit].name_en) for unit in rows)
        for unit, first in near_names(names):
            where = table.where(rows[unit], column, unit=unit)
            message = f"{unit!r} and {first!r} may be one city; both are ranked."
            hint = "If they are one, use one name in all tables; else leave them."
            self._doubtful.append(Problem("XC332", message, hint, where))

    def _find_unit(self, lines: LineReader, row: int, columns: ColumnRoles) -> str | None:
        """Return the id of a row's unit; None for a row without, which is a remark or refused.

        Where units are not known beforehand, a new name is a new unit.
        """
        table, typed = lines.table, lines.text(row, columns.unit)
        if not typed:
            if any(lines.text(row, column) for column in columns.values):
                where = table.where(row, columns.unit)
                lines.refuse("XC310", "values without a city.", "Write the id of the city.", where)
            return None
        alone = not any(
            as_text(c) for column, c in enumerate(table.rows[row]) if column != columns.unit
        )
        if self.matcher is None:
            if alone and is_note(typed):
                self._remarks.append(f"{table.where(row, columns.unit).cell}: {typed}")
                return None
            is_formula = isinstance(table.cell(row, columns.unit), UncalculatedFormula)
            if is_total(typed) or is_formula:
                message = f"{typed!r} is not a city."
                hint = NOT_CALCULATED if is_formula else _TOTAL
                lines.refuse("XC334", message, hint, table.where(row, columns.unit))
                self._check_row(lines, row, typed, columns)
                return None
            typed = without_gaps(typed)
            if typed not in self.units:
                where = table.where(row, columns.unit, unit=typed)
                self.problems += self._alike.problems(typed, where)
                names = {
                    name: lines.text(row, column) for name, column in columns.names_of_units.items()
                }
                attributes = {
                    name: lines.text(row, column) for column, name in columns.words.items()
                }
                self.units[typed] = named_unit(typed, names, attributes=attributes)
            return typed
        unknown = isinstance(self.matcher.match(table.cell(row, columns.unit)), Refusal)
        if alone and unknown:
            # One text and nothing else: a closing line or a note, no data.
            self._remarks.append(f"{table.where(row, columns.unit).cell}: {typed}")
            return None
        if unknown and is_total(typed):
            where = table.where(row, columns.unit)
            lines.refuse("XC334", f"{typed!r} is not a city.", _TOTAL, where)
            return None
        unit_id = lines.city(row, columns.unit)
        if unit_id is None:
            self._check_row(lines, row, typed, columns)
        return unit_id

    def _cells_of(
        self, lines: LineReader, row: int, unit: str, columns: ColumnRoles
    ) -> list[tuple[int, str]]:
        """Return column and code of the values in a row; a line of a long table has one at most."""
        if columns.long is None:
            return [*columns.nodes.items()]
        code_column, value_column = columns.long
        typed = lines.text(row, code_column)
        if (code := columns.code_of(typed)) is not None:
            return [(value_column, code)]
        where = lines.table.where(row, code_column, unit=unit, indicator=typed)
        hint = "Correct the code or add the indicator to the framework."
        lines.refuse("XC314", f"{typed!r} is not an indicator.", hint, where)
        return []

    def _check_row(self, lines: LineReader, row: int, unit: str, columns: ColumnRoles) -> None:
        """Report what else is wrong in a row that is refused for its unit: all faults at once."""
        conversions_before = len(lines.converted)
        for column, code in self._cells_of(lines, row, unit, columns):
            where = lines.table.where(row, column, unit=unit, indicator=code)
            lines.value(row, column, self.framework.inputs[code], where)
        del lines.converted[conversions_before:]

    def _read_row(self, lines: LineReader, row: int, unit_id: str, columns: ColumnRoles) -> None:
        """Read the values of one row of a wide table, or the one of a long table."""
        if (basis := lines.status(row, columns.basis, unit_id)) is None:
            return
        for column, code in self._cells_of(lines, row, unit_id, columns):
            if columns.long is None or (unit_id, code) not in self._cells:
                self._read_cell(lines, row, column, unit_id, code, basis)
                continue
            first = self._cells[unit_id, code].where.cell
            message = f"duplicate value of {unit_id} {code} (first in {first})."
            where = lines.table.where(row, columns.long[0], unit=unit_id, indicator=code)
            lines.refuse("XC313", message, "Remove one of the rows.", where)

    def _read_cell(
        self, lines: LineReader, row: int, column: int, unit_id: str, code: str, basis: str
    ) -> None:
        """Read one value of a unit; `basis` is its status. What is doubtful is noted."""
        table, node = lines.table, self.framework.inputs[code]
        where = table.where(row, column, unit=unit_id, indicator=code)
        read = lines.value(row, column, node, where)
        if read is None:
            return
        raw, is_value = table.cell(row, column), read.state is State.VALUE
        if read.note is None and table.sheet and isinstance(raw, str) and is_value:
            lines.note(raw, read, "number stored as text", where)
        if read.state is State.BLANK:
            self._blanks.append((unit_id, code))
            return
        status = basis if is_value else ""
        self._cells[unit_id, code] = DataCell(unit_id, code, read.value, read.state, status, where)
        doubt = plausibility(read, node)
        if doubt:
            self._doubtful.append(Problem("XC317", doubt, "Check it against the source.", where))

    def notes(self) -> Notes:
        """Return what was read besides the values."""
        cells = tuple(self._cells.values())
        read = ((cell.code, cell.value, cell.where) for cell in cells)
        return Notes(
            cells,
            tuple(self._converted),
            self._unused,
            (*self._doubtful, *fractions_as_percent(self.framework.inputs, read)),
            tuple(self._blanks),
            tuple(self._remarks),
        )
