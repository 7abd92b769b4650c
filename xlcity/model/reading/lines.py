"""Lines of a table: texts, cities and statuses by column, with every problem found in them."""

from __future__ import annotations

from xlcity.errors import Problem, Where
from xlcity.model.dataset import State, Status
from xlcity.model.framework import Ingredient, Node
from xlcity.model.reading.notes import Conversion
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.units import UnitMatcher
from xlcity.model.reading.values import Converted, Refusal, check_value
from xlcity.model.recipe import Recipe

_STATUSES = frozenset(Status)


class LineReader:
    """Reads the lines of one table.

    Parameters
    ----------
    table
        The table.
    recipe
        For its missing codes.
    matcher
        Finds the known cities.
    basis
        Status of lines that name none.

    Attributes
    ----------
    columns
        Heading in lower case -> column; the first of equal ones.
    problems, converted
        What cannot be used, and what was read as what it evidently means.
    """

    def __init__(
        self, table: FileTable, recipe: Recipe | None, matcher: UnitMatcher | None, basis: str
    ) -> None:
        self.table, self.matcher, self.basis = table, matcher, basis
        self.missing_codes = (recipe or Recipe(id="", steps=())).missing_codes
        header = [name.strip().lower() for name in table.header]
        self.columns = {name: at for at, name in reversed([*enumerate(header)]) if name}
        self.problems: list[Problem] = []
        self.converted: list[Conversion] = []

    def refuse(self, code: str, message: str, hint: str, where: Where) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, message, hint, where))

    def refused(self, read: Refusal, where: Where) -> None:
        """Note why a cell cannot be used."""
        self.refuse(read.code, read.message, read.hint, where)

    def require_headings(self, row: int) -> None:
        """Note a line with more cells than the header: a number in it may be two of them."""
        cells, headings = self.table.rows[row], len(self.table.header)
        if any(map(as_text, cells[headings:])):
            message = f"the row has {len(cells)} cells, the header {headings}."
            hint = 'Put cells that contain the separator in quotes: "1,234".'
            self.refuse("XC338", message, hint, self.table.where(row))

    def text(self, row: int, column: int | None) -> str:
        """Return the text of a cell, "" where the table has no such column."""
        return "" if column is None else as_text(self.table.cell(row, column))

    def city(self, row: int, column: int, indicator: str = "") -> str | None:
        """Return the id of the city that a cell names, None for an unknown one."""
        raw = self.table.cell(row, column)
        assert self.matcher is not None  # readers of lists and links know the cities
        found = self.matcher.match(raw)
        if not isinstance(found, Refusal) and found.how != "tolerant":
            return found.unit.id
        where = self.table.where(row, column, unit=as_text(raw), indicator=indicator)
        if isinstance(found, Refusal):
            self.refused(found, where)
            return None
        note = "name matched without case, spaces or 市"
        self.converted.append(Conversion(where, str(raw), found.unit.id, note))
        return found.unit.id

    def status(self, row: int, column: int | None, unit: str = "") -> str | None:
        """Return the status that a line names, else that of the table; None for an unknown one."""
        status = self.text(row, column).lower() or self.basis
        if status in _STATUSES:
            return status
        where = self.table.where(row, column, unit=unit)
        self.refuse("XC316", f"{status!r} is not a status.", ", ".join(Status), where)
        return None

    def value(
        self, row: int, column: int, node: Node | Ingredient, where: Where
    ) -> Converted | None:
        """Return what a cell says of an indicator, None where it cannot be used."""
        raw = self.table.cell(row, column)
        read = check_value(raw, node, self.missing_codes)
        if isinstance(read, Refusal):
            self.refused(read, where)
            return None
        if read.note is not None:
            self.note(raw, read, read.note, where)
        return read

    def note(self, raw: object, read: Converted, note: str, where: Where) -> None:
        """Note how a text was read."""
        shown = f"{read.value:.15g}" if read.state is State.VALUE else read.state.name.lower()
        self.converted.append(Conversion(where, str(raw), shown, note))
