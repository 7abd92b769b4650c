"""Formulas of sheets whose rows a user moves: headings by their column, all others by their row.

Rows of `Data` and `Links` are sorted, inserted, cut and deleted, columns are inserted. A heading is
compared with the template's for the code of its column, wherever that stands; a formula of a row
with those that the template has in its column, whatever the row. Rows without any formula are a
user's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from xlcity.audit.lint.moved_rows import (
    MovedRows,
    fingerprint_with_rows,
    without_rows,
)
from xlcity.workbook.checking.contract import (
    DATA,
    MOVABLE,
    Difference,
    Expected,
    as_drawn,
    drawn_columns,
    has_drawn_formulas,
)
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.address import MAX_COLUMNS, parse_area
from xlcity.xlsx.appearance import Aspect
from xlcity.xlsx.cells import Position, ReadBook, find_area
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.formulas.formula_cache import FormulaCache

#: Names of the row of codes and of the column that reaches the closing row, sheet by sheet.
_TABLES = (("xl_codes", "in_units"), ("in_links", "in_links"))


class _PlacedFormula(NamedTuple):
    """A formula in a cell."""

    position: Position
    text: str

    def text_at(self, position: Position) -> str:
        """Return the text of its copy in another cell."""
        if position == self.position:
            return self.text
        return SharedFormula(self.text, *self.position).formula_in(*position)


class MovableTable(NamedTuple):
    """A table whose rows move: its sheet, the rows of codes and of the end, codes by column."""

    sheet: str
    head: int
    end: int
    codes: Mapping[int, str]


class _Compared(NamedTuple):
    """A cell, the template's formula of which it holds a copy, and its own, "" for none."""

    position: Position
    model: _PlacedFormula
    text: str


def movable_differences(
    book: ReadBook, expected: Expected, forms: FormulaCache
) -> Iterator[Difference]:
    """Yield the formulas of movable sheets that are not the template's, or are missing."""
    for drawn, here in movable_tables(book, expected):
        texts = expected.formulas.get(here.sheet, {})
        if not has_drawn_formulas(book, here.sheet, texts):
            comparison = _MovableSheet(
                book, drawn=drawn, here=here, expected=texts, forms=forms
            )
            yield from comparison.differences()


def movable_tables(
    book: ReadBook, expected: Expected
) -> Iterator[tuple[MovableTable, MovableTable]]:
    """Yield each movable table as the template has it and as the workbook has it."""
    for codes, rows in _TABLES:
        drawn = _drawn_table(expected, codes, rows)
        here = _table_here(book, codes, rows)
        if drawn is not None and here is not None and here.sheet in MOVABLE:
            yield drawn, here


def _drawn_table(expected: Expected, codes: str, rows: str) -> MovableTable | None:
    names = expected.appearance.aspects
    head = parse_area(names.get(Aspect("name", what=codes), ""))
    ids = parse_area(names.get(Aspect("name", what=rows), ""))
    if head is None or ids is None:
        return None
    typed = expected.typed.get(head.sheet, {})
    columns = head.column_numbers
    code_by_column = {c: plain_text(typed.get((head.r1, c))) for c in columns}
    return MovableTable(head.sheet, head.r1, ids.r2, code_by_column)


def _table_here(book: ReadBook, codes: str, rows: str) -> MovableTable | None:
    head, ids = (find_area(book, name) for name in (codes, rows))
    if head is None or ids is None:
        return None
    columns = head.column_numbers
    code_by_column = {
        c: plain_text(book.value(head.sheet, head.r1, c)) for c in columns
    }
    return MovableTable(head.sheet, head.r1, ids.r2, code_by_column)


@dataclass(frozen=True)
class _MovableSheet:
    """The formulas of one sheet, beside those of the template."""

    book: ReadBook
    drawn: MovableTable
    here: MovableTable
    expected: Mapping[Position, str]
    forms: FormulaCache
    fingerprints: dict[str, str] = field(default_factory=dict)

    def differences(self) -> Iterator[Difference]:
        """Yield the cells that differ, also those that alone read other rows than all others."""
        compared = [*self._heads(), *self._rows()]
        models = {cell.model for cell in compared}
        drawn_by_model = {model: self._with_rows(*model) for model in models}
        before = [drawn_by_model[cell.model] for cell in compared]
        now = [self._with_rows(cell.position, cell.text) for cell in compared]
        moved_rows = MovedRows(zip(before, now, strict=True))
        cells = self.book.sheets[self.here.sheet].cells
        for cell, old, new in zip(compared, before, now, strict=True):
            if not moved_rows.are_same(old, new):
                expected = cell.model.text_at(cell.position)
                present = cells.get(cell.position)
                yield Difference(self.here.sheet, cell.position, expected, present)

    @cached_property
    def _texts(self) -> Mapping[Position, str]:
        """The formulas of the workbook where they stand, columns of `Data` as in a template."""
        texts = self.book.sheets[self.here.sheet].cells.texts()
        columns = drawn_columns(self.book)
        if not columns:
            return texts
        return {
            position: as_drawn(text, self.here.sheet, columns)
            for position, text in texts.items()
        }

    @cached_property
    def _column_here(self) -> Mapping[int, int]:
        """Column of the template -> the column that it is now, where these differ."""
        if self.here.sheet not in DATA:
            return {}
        columns = drawn_columns(self.book).items()
        return {drawn: here for here, drawn in columns if drawn < MAX_COLUMNS}

    def _place(self, row: int, column: int) -> Position:
        return row, self._column_here.get(column, column)

    def _heads(self) -> Iterator[_Compared]:
        """Yield the formulas above the table, each with that of the code of its column."""
        rows: dict[int, dict[int, _PlacedFormula]] = {}
        for (row, column), text in self.expected.items():
            if row <= self.drawn.head:
                rows.setdefault(row, {})[column] = _PlacedFormula((row, column), text)
        for row, formulas in rows.items():
            shifted = (self._head_row(row + down, formulas) for down in self._shifts())
            yield from max(shifted, key=self._count_same)

    def _shifts(self) -> list[int]:
        """Return how far a heading may stand from its row: rows were inserted, or deleted."""
        shift = self.here.head - self.drawn.head
        return [*range(shift, 0, -1 if shift > 0 else 1), 0]

    def _count_same(self, row: list[_Compared]) -> int:
        return sum(self._is_copy(cell) for cell in row)

    def _head_row(
        self, row: int, formulas: Mapping[int, _PlacedFormula]
    ) -> list[_Compared]:
        columns_by_code = {code: column for column, code in self.drawn.codes.items()}
        compared = []
        for column, formula in formulas.items():
            place = self._place(row, column)
            cell = _Compared(place, formula, self._texts.get(place, ""))
            code = self.here.codes.get(place[1], "")
            of_code = formulas.get(columns_by_code.get(code, 0))
            # A code that was typed over is named as such, and its heading is that of its column.
            if of_code is not None and not self._is_copy(cell):
                cell = cell._replace(model=of_code)
            compared.append(cell)
        return compared

    def _rows(self) -> Iterator[_Compared]:
        """Yield the formulas of the rows of the table, each with one of the template's column."""
        models = self._models_by_column()
        cells = self.book.sheets[self.here.sheet].cells
        for row in range(self.here.head + 1, self.here.end):
            places = [self._place(row, column) for column in models]
            texts = [self._texts.get(place, "") for place in places]
            is_typed = [cells.value(place) not in (None, "") for place in places]
            if not any(texts) and not all(is_typed):
                continue  # a row that was inserted
            for own, place, text in zip(models.values(), places, texts, strict=True):
                found = own.get(self._key(place, text)) if len(own) > 1 else None
                yield _Compared(place, found or next(iter(own.values())), text)

    def _models_by_column(self) -> dict[int, dict[str, _PlacedFormula]]:
        """Return column -> fingerprint -> one of the formulas that the template's rows have."""
        models: dict[int, dict[str, _PlacedFormula]] = {}
        for (row, column), text in self.expected.items():
            if self.drawn.head < row < self.drawn.end:
                formula = _PlacedFormula((row, column), text)
                models.setdefault(column, {}).setdefault(self._key(*formula), formula)
        return models

    def _is_copy(self, cell: _Compared) -> bool:
        return self._key(cell.position, cell.text) == self._key(*cell.model)

    def _key(self, position: Position, text: str) -> str:
        return without_rows(self._with_rows(position, text))

    def _with_rows(self, position: Position, text: str) -> str:
        """Return the fingerprint of a formula in a cell with the rows it reads, "" for none."""
        if not text:
            return ""
        form = self.forms.normalised(text, *position)
        # Thousands of cells hold copies, which read the same rows.
        if form.key not in self.fingerprints:
            fingerprint = fingerprint_with_rows(form, position, self.here.sheet)
            self.fingerprints[form.key] = fingerprint
        return self.fingerprints[form.key]
