"""The tables of a template that values are typed into: a row per city, a column per code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook

Cells = dict[tuple[int, int], CellValue]
#: What to do where a list is full.
INSERT = "Insert rows among its yellow ones."


@dataclass(frozen=True, slots=True)
class InputTable:
    """One table of inputs.

    Attributes
    ----------
    ids, area
        Ids and values, both from the row of codes to the closing row.
    rows
        City -> row, of those that have one.
    columns
        Code -> column.
    remedy
        What to do where no row is spare.
    """

    ids: Range
    area: Range
    rows: dict[str, int]
    columns: dict[str, int]
    remedy: str = INSERT

    @property
    def sheet(self) -> str:
        """The sheet it stands on."""
        return self.area.sheet

    def give_rows(self, template: Template, units: Iterable[str]) -> tuple[Cells, list[Problem]]:
        """Give a spare row to every city that has none yet; return the ids to write there."""

        def empty(row: int) -> bool:
            columns = (self.ids.c1, *range(self.area.c1, self.area.c2 + 1))
            return all(template.book.value(self.sheet, row, c) in (None, "") for c in columns)

        taken = set(self.rows.values())
        rows = lines_between(template.book, self.ids)
        spare = [row for row in rows if row not in taken and empty(row)]
        written: Cells = {}
        problems = []
        for unit in dict.fromkeys(units):
            if unit in self.rows:
                continue
            if not spare:
                message = f"no spare row left on {self.sheet} for {unit}."
                where = Where(template.file, self.sheet, unit=unit)
                problems.append(Problem("XC433", message, self.remedy, where))
                continue
            self.rows[unit] = spare.pop(0)
            written[self.rows[unit], self.ids.c1] = unit
        return written, problems


def lines_between(book: ReadBook, area: Range) -> range:
    """Return the rows of a list between its row of codes and its closing row.

    The empty row that keeps "sort" from the closing row has no formula, as spare lines have.
    """
    cells = book.sheets[area.sheet].cells
    last = area.r2 - 1
    spare = any(
        (cell := cells.get((last, column))) is not None
        and (cell.formula or cell.value not in (None, ""))
        for column in range(area.c1, area.c2 + 3)
    )
    return range(area.r1 + 1, area.r2 if spare else last)


def input_tables(template: Template) -> tuple[InputTable, ...]:
    """Return `Data` and, where fields have inputs of their own, the table of these."""
    data = InputTable(
        template.area("in_units"),
        template.area("in_data"),
        dict(template.rows),
        dict(template.columns),
    )
    if "in_fields" not in template.book.names:
        return (data,)
    ids, area = template.area("in_field_units"), template.area("in_fields")
    matcher = UnitMatcher(template.dataset.units)
    rows: dict[str, int] = {}
    for row in lines_between(template.book, ids):
        match = matcher.match(plain_text(template.book.value(ids.sheet, row, ids.c1)))
        if isinstance(match, Match):
            rows.setdefault(match.unit.id, row)
    codes = template.book.block(template.area("xl_field_codes"))[0]
    columns = {plain_text(code): area.c1 + offset for offset, code in enumerate(codes)}
    return data, InputTable(ids, area, rows, columns)


def give_rows(
    template: Template, tables: Iterable[InputTable], units: dict[str, list[str]]
) -> dict[str, Cells]:
    """Give rows to the cities of each table, by its sheet; return the ids to write.

    Raises
    ------
    WorkbookError
        Naming every city that has no row and finds none spare.
    """
    cells_by_sheet: dict[str, Cells] = {}
    problems: list[Problem] = []
    for table in tables:
        cells_by_sheet[table.sheet], lacking = table.give_rows(template, units.get(table.sheet, ()))
        problems += lacking
    if problems:
        raise WorkbookError(problems)
    return cells_by_sheet
