"""The tables of a template that people type into: values, fields, networks, links and lists."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, product

from xlcity.errors import CellValue, Problem, Where, WorkbookError
from xlcity.functions.arguments import is_blank
from xlcity.messages import Message
from xlcity.model.dataset import Item, Link
from xlcity.model.reading.units import Match, UnitMatcher
from xlcity.workbook.layout.networks import ID, LEFT
from xlcity.workbook.live_recipe import list_names
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook

#: The key of what to do where a list is full.
_INSERT = "hint.insert_rows"
#: So many of what finds no row are named.
_NAMED = 5


@dataclass
class InputTable:
    """One table of inputs, with what is written into it.

    Attributes
    ----------
    book, sheet
        Where it stands.
    first
        Column of the first of the words that say what a row is about.
    rows
        These words, such as the id of a city -> row.
    spare
        Empty rows.
    columns
        Code -> column.
    remedy
        The key of what to do where no row is spare.
    cells
        Position -> what is written there.
    """

    book: ReadBook
    sheet: str
    first: int
    rows: dict[tuple[str, ...], int]
    spare: list[int]
    columns: Mapping[str, int]
    remedy: str = _INSERT
    cells: dict[Position, CellValue] = field(default_factory=dict)
    _lacking: dict[str, None] = field(default_factory=dict)

    def row(self, *about: str) -> int | None:
        """Return the row of something; a spare one, where it has none; None if none is left."""
        if about not in self.rows and self.spare:
            row = self.rows[about] = self.spare.pop(0)
            for column, word in enumerate(about, self.first):
                self.cells[row, column] = word
        elif about not in self.rows:
            self._lacking[" ".join(about)] = None
        return self.rows.get(about)

    def put(self, row: int | None, column: int, value: CellValue) -> bool:
        """Write a value; tell whether it was not there already."""
        if row is None:
            return False
        present = self.book.value(self.sheet, row, column)
        if present == value or (value is None and present == ""):
            return False
        self.cells[row, column] = value
        return True

    def problems(self) -> Iterator[Problem]:
        """Yield what finds no row."""
        if self._lacking:
            others = len(self._lacking) - _NAMED
            named = ", ".join([*self._lacking][:_NAMED]) + (
                f" … (+{others})" if others > 0 else ""
            )
            yield Problem.of(
                "XC433.no_spare_row",
                Where(self.book.file, self.sheet),
                hint=Message(self.remedy),
                sheet=self.sheet,
                named=named,
            )


def _read_table(
    template: Template,
    ids: Range,
    area: Range,
    columns: Mapping[str, int],
    remedy: str = _INSERT,
    *,
    closed: bool = True,
) -> InputTable:
    """Return a table by the columns of what its rows are about, and those of its values.

    A table that is `closed` has a closing row.
    """
    book = template.book
    matcher = UnitMatcher(template.dataset.units)
    rows: dict[tuple[str, ...], int] = {}
    spare = []
    for row in _lines_between(book, ids) if closed else ids.row_numbers[1:]:
        typed = [
            plain_text(
                book.value(
                    ids.sheet,
                    row,
                    c,
                )
            )
            for c in ids.column_numbers
        ]
        values = (
            book.value(
                ids.sheet,
                row,
                column,
            )
            for column in area.column_numbers
        )
        if not any(typed) and all(is_blank(value) for value in values):
            spare.append(row)
            continue
        # Of one word or three, that in the middle is the city.
        match = matcher.match(typed[len(typed) // 2])
        if isinstance(match, Match):
            typed[len(typed) // 2] = match.unit.id
        rows.setdefault(tuple(typed), row)
    return InputTable(
        book, ids.sheet, ids.c1, rows, spare=spare, columns=columns, remedy=remedy
    )


def _lines_between(book: ReadBook, area: Range) -> range:
    """Return the rows of a list between its row of codes and its closing row.

    The empty row that keeps "sort" from the closing row has no formula, as spare lines have.
    """
    cells = book.sheets[area.sheet].cells
    last = area.r2 - 1
    columns = range(area.c1, area.c2 + 3)
    below = (cells.get((last, column)) for column in columns)
    spare = any(cell.formula or not is_blank(cell.value) for cell in below if cell)
    return range(area.r1 + 1, area.r2 if spare else last)


def value_tables(template: Template) -> list[InputTable]:
    """Return `Data` and, where fields have inputs of their own, the table of these."""
    ids = template.area("in_units")
    area = template.area("in_data")
    data = _read_table(template, ids, area, template.columns)
    data.rows = {(unit,): row for unit, row in template.rows.items()}
    if "in_fields" not in template.book.names:
        return [data]
    ids = template.area("in_field_units")
    area = template.area("in_fields")
    codes = template.book.block(template.area("xl_field_codes"))[0]
    columns = {plain_text(code): area.c1 + offset for offset, code in enumerate(codes)}
    return [data, _read_table(template, ids, area, columns)]


def put_links(
    template: Template, links: Mapping[str, Sequence[Link]]
) -> tuple[list[InputTable], int]:
    """Write links of a file; return the tables, and how many of them are new there.

    A tie of a network that is typed as a matrix is written both ways. Links that the file does not
    name stay as they are.
    """
    tables = []
    written = 0
    listed: list[tuple[str, Link]] = []
    for code, ties in links.items():
        if f"in_matrix_{code}" in template.book.names:
            table, new = _put_ties(template, code, ties)
            tables.append(table)
            written += new
        else:
            listed += product([code], ties)
    if listed and "in_links" in template.book.names:
        area = template.area("in_links")
        table = _read_table(template, replace(area, c2=area.c1 + 2), area, {})
        for code, link in listed:
            row = table.row(code, link.start, link.end)
            value = MISSING_TEXT if math.isnan(link.value) else link.value
            written += table.put(row, area.c1 + 3, value)
        tables.append(table)
    return tables, written


def _put_ties(
    template: Template, code: str, ties: Iterable[Link]
) -> tuple[InputTable, int]:
    """Write the ties of a network into its matrix, both ways; return it, and how many are new."""
    area = template.area(f"in_matrix_{code}")
    ids = replace(area, c2=area.c1)
    values = replace(area, c1=area.c1 + LEFT - ID)
    table = _read_table(
        template, ids, values, {}, remedy="hint.empty_row", closed=False
    )
    # The column of a city stands as far behind the first one as its row does.
    shift = values.c1 - area.r1 - 1
    written = 0
    for link in ties:
        start = table.row(link.start)
        end = table.row(link.end)
        if start is None or end is None or math.isnan(link.value):
            continue
        there = table.put(start, end + shift, link.value)
        back = table.put(end, start + shift, link.value)
        written += there or back
    return table, written


def put_items(
    template: Template, items: Mapping[str, Collection[Item]], *, clear: bool
) -> tuple[list[InputTable], int]:
    """Write lines of lists of a file; return the table, and how many ranks are new there.

    Ranks that the file has blank stay as they are, unless `clear`.
    """
    if "in_items" not in template.book.names or not items:
        return [], 0
    area = template.area("in_items")
    written = 0
    ids = replace(area, c2=area.c1 + 2)
    shown = replace(area, c2=min(area.c1 + 4, area.c2))
    table = _read_table(
        template, ids, shown, {}, remedy="hint.delete_lines", closed=False
    )
    for code, several in items.items():
        names = list_names(template.recipe, code)[:2]
        for item in several:
            row = table.row(code, item.unit, item.name)
            for column, name in enumerate(names, area.c1 + 3):
                rank = item.ranks.get(name, "")
                if rank or clear:
                    value = float(rank) if rank.isdigit() else rank or None
                    written += table.put(row, column, value)
    return [table], written


def written_cells(
    tables: Collection[InputTable],
) -> dict[str, dict[Position, CellValue]]:
    """Return what is written, by sheet.

    Raises
    ------
    WorkbookError
        Naming everything that has no row and finds none spare.
    """
    problems = (table.problems() for table in tables)
    WorkbookError.raise_for(chain.from_iterable(problems))
    cells: dict[str, dict[Position, CellValue]] = {}
    for table in tables:
        if table.cells:
            cells.setdefault(table.sheet, {}).update(table.cells)
    return cells
