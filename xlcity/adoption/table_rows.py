"""Finds the rows of a team's own table: titles, headings, measures, and the rows of values."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from xlcity.adoption.cells import (
    CellGrid,
    attribute_of,
    indicator_in_line,
    is_city,
    is_unit,
    kind_of,
    measure_in_line,
    without_unit,
)
from xlcity.messages import Message
from xlcity.model.reading.words import city_heading_score, is_called
from xlcity.xlsx.address import cell_name

#: Most rows above the values that are looked at for headings; longest text of a heading.
_MOST_HEADINGS = 4
_LONGEST_HEADING = 120
#: Rows that may be between the headings and the values.
_MOST_BETWEEN = 2
#: Rows of which the first ones of a table begin it, below a title at most.
_BEGINNING = 6


class TableRows:
    """The rows of the first table of a sheet; rows of headings and values are counted from 1.

    Parameters
    ----------
    grid
        The cells of the sheet.
    chosen
        What a person has chosen, see `propose_map`.
    doubts
        What a person should know is added to it.

    Attributes
    ----------
    header, units_row, first, last
        The rows of headings, that of measures (0: none), the first and the last row of values.
    measure, indicator
        What lines above the table say of all its columns.
    attributes
        "direction", "weight" or "unit" -> the row that says it of each column, from 0.
    second
        Range of another table below the first one, "" without one.
    """

    def __init__(
        self, grid: CellGrid, chosen: Mapping[str, Any], doubts: list[str]
    ) -> None:
        self.grid = grid
        self.doubts = doubts
        self.second = ""
        #: What was chosen may be of an older state of the file, with more rows.
        self.end = len(grid.cells)
        self.first = self._find_first()
        headings = _HeadingRows(grid, self.first, doubts)
        self.measure = headings.measure
        self.attributes = headings.attributes
        self.header = tuple(headings.rows)
        self.indicator = self._find_indicator()
        units_row = headings.units_row
        chosen_header = self._chosen_header(chosen.get("header", []))
        if chosen_header:
            self.header = chosen_header
            self.first = self._first_below(chosen_header[-1])
            units_row = units_row if units_row > chosen_header[-1] else 0
        self.units_row = min(int(chosen.get("units_row", units_row)), self.end)
        self.last = min(self._find_last(), self.end)

    @property
    def heads(self) -> list[int]:
        """The rows of headings, counted from 0."""
        return [row - 1 for row in self.header]

    def _chosen_header(self, chosen: Any) -> tuple[int, ...]:
        rows = chosen if isinstance(chosen, list) else [chosen]
        return tuple(sorted(row for row in rows if 0 < row <= self.end))

    def _first_below(self, header: int) -> int:
        """Return the first row of values below a row of headings."""
        below = range(header, self.end)
        valued = (row for row in below if self.grid.valued[row])
        return next(valued, header) + 1

    def _find_indicator(self) -> str:
        """Return the indicator that a line above the headings names."""
        for row in range(self.header[0] - 1):
            for text in self.grid.texts(row):
                if indicator := indicator_in_line(text):
                    return indicator
        return ""

    # -- the first row of values -----------------------------------------------------------------
    def _find_first(self) -> int:
        rows = [row for row, is_filled in enumerate(self.grid.filled) if is_filled]
        for position, row in enumerate(rows):
            below = rows[position + 1 : position + 4]
            # A city below the heading of cities has values, even if none of them is a number.
            if position and self._begins_cities(row, rows[position - 1]):
                return row + 1
            if self._begins_values(row, below):
                return row + 1
        self.doubts.append(Message("layout.no_numbers"))
        return min(2, max(len(rows), 1))

    def _begins_cities(self, row: int, above: int) -> bool:
        first = next(filter(None, self.grid.texts(row)))
        return is_city(first) and self._heads_cities(above)

    def _begins_values(self, row: int, below: Sequence[int]) -> bool:
        grid = self.grid
        valued = [next_row for next_row in below if grid.valued[next_row]]
        if not grid.valued[row] or 2 * len(valued) < len(below):
            return False
        texts = [*filter(None, grid.texts(row))]
        if attribute_of(texts):
            return False
        if any(map(city_heading_score, texts)) and "number" not in grid.kinds[row]:
            return False
        # Numbers above the headings are weights, or count the columns.
        return not any(map(self._heads_cities, below))

    def _heads_cities(self, row: int) -> bool:
        """Tell whether a row holds headings, one of them that of the cities."""
        grid = self.grid
        has_many_texts = 2 * grid.kinds[row].count("text") > grid.width
        if not has_many_texts or grid.valued[row]:
            return False
        return any(map(city_heading_score, grid.texts(row)))

    # -- the last row of values ------------------------------------------------------------------
    def _find_last(self) -> int:
        """Return the last row of values of the first table."""
        last = self.first
        for row in range(self.first, self.end):
            if self._begins_table(row):
                self._doubt_second(row)
                break
            if self.grid.valued[row]:
                last = row + 1
        return last

    def _doubt_second(self, begin: int) -> None:
        rows = [row for row in range(begin, self.end) if self.grid.filled[row]]
        columns = {*chain.from_iterable(map(self.grid.filled_columns, rows))}
        first = cell_name(begin + 1, min(columns) + 1)
        self.second = f"{first}:{cell_name(rows[-1] + 1, max(columns) + 1)}"
        self.doubts.append(Message("layout.second_table", area=self.second))

    def _begins_table(self, row: int) -> bool:
        """Tell whether headings stand in a row, or below the title in it, and values after them."""
        grid = self.grid
        if not grid.filled[row]:
            return False
        if grid.filled[row - 1] and not self._heads_again(row):
            return False
        rows = range(row, min(row + _BEGINNING, self.end))
        below = [next_row for next_row in rows if grid.filled[next_row]]
        head = next((each for each in below[:2] if self._may_head(each)), None)
        if head is None or self._continues(row, head):
            return False
        return any(grid.valued[each] for each in below if each > head)

    def _may_head(self, row: int) -> bool:
        return len(self.grid.filled_columns(row)) > 1 and not self.grid.valued[row]

    def _heads_again(self, row: int) -> bool:
        """Tell whether a row holds only texts, the first of them a heading of cities."""
        columns = self.grid.filled_columns(row)
        kinds = {*self.grid.kinds[row]}
        if len(columns) < 2 or not kinds <= {"text", ""}:
            return False
        first = self.grid.text(row, columns[0])
        headings = self.grid.column(columns[0], self.heads)
        return city_heading_score(first) > 0 or first in headings

    def _continues(self, row: int, head: int) -> bool:
        """Tell whether the first table goes on: its headings stand above names that are all new."""
        if self.grid.texts(head) != self.grid.texts(self.heads[0]):
            return False
        above = self._names_in(range(self.first - 1, row))
        return above.isdisjoint(self._names_in(range(head + 1, self.end)))

    def _names_in(self, rows: Iterable[int]) -> set[str]:
        texts = {*chain.from_iterable(map(self.grid.texts, rows))}
        return {text for text in texts if kind_of(text) == "text"}


class _HeadingRows:
    """Reads the rows above the first row of values, from the lowest up.

    `TableRows` says what its attributes are; `rows` are the rows of headings.
    """

    def __init__(self, grid: CellGrid, first: int, doubts: list[str]) -> None:
        self.grid = grid
        self.first = first
        self.rows: list[int] = []
        self.units_row = 0
        self.measure = ""
        self.attributes: dict[str, int] = {}
        near = range(first - 1, min(first + 4, len(grid.cells)))
        filled = [grid.filled_columns(row) for row in near]
        #: The first column that holds something.
        self.left = min((columns[0] for columns in filled if columns), default=0)
        for row in range(first - 2, -1, -1):
            if not self._read_row(row):
                break
        self._settle_units_row()
        if not self.rows:
            self.rows = [max(first - 1, 1)]
            doubts.append(Message("layout.no_headings", row=self.rows[0]))

    def _read_row(self, row: int) -> bool:
        """Tell whether the rows above a row may be headings, too, and keep what it says."""
        columns = self.grid.filled_columns(row)
        texts = [self.grid.text(row, column) for column in columns]
        measure = _measure_of_table(texts)
        if measure is not None:  # what is above it is a title
            self.measure = measure
            return False
        if attribute := attribute_of(texts):
            self.attributes.setdefault(attribute, row)
            self.units_row = row + 1 if attribute == "unit" else self.units_row
            return True
        if not columns or self._is_title(columns):
            # Between headings and values: a blank row, or the title of the first group of cities.
            return not self.rows and row > self.first - 2 - _MOST_BETWEEN
        if len(self.rows) == _MOST_HEADINGS or self._is_above(columns, texts):
            return False
        if max(map(len, texts)) > _LONGEST_HEADING:
            return False
        self._add_row(row, columns, texts)
        return True

    def _is_title(self, columns: Sequence[int]) -> bool:
        if len(columns) > 1 or self.grid.width < 3:
            return False
        return not self.rows or columns[0] <= self.left

    def _is_above(self, columns: Sequence[int], texts: Sequence[str]) -> bool:
        """Tell whether a text above the heading of the first column is a title, no group."""
        column = columns[0]
        if not self.rows or column > self.left or is_called("groups", texts[0]):
            return False
        return bool(self.grid.text(self.rows[0] - 1, column))

    def _add_row(
        self,
        row: int,
        columns: Sequence[int],
        texts: Sequence[str],
    ) -> None:
        """Take a row for that of the measures, or for one of headings."""
        beside = texts[bisect_right(columns, self.left) :]
        units = [text for text in beside if is_unit(text)]
        # Where each column has a heading above its own, one measure makes a row of measures.
        least = 1 if self._is_headed(row, columns) else len(beside) / 2
        if not self.rows and units and len(units) >= least:
            self.units_row = row + 1
        elif not all(is_called("column_number", text) for text in texts):
            self.rows.insert(0, row + 1)

    def _is_headed(self, row: int, columns: Sequence[int]) -> bool:
        kinds = self.grid.kinds[self.first - 1] if row else []
        return row > 0 and all(
            self.grid.text(row - 1, column) and kinds[column] != "text"
            for column in columns
        )

    def _settle_units_row(self) -> None:
        """Measures have headings above them: Year among headings only looks like one."""
        if self.rows or not self.units_row or "unit" in self.attributes:
            return
        texts = self.grid.texts(self.units_row - 1)[self.left + 1 :]
        if not all(map(is_unit, filter(None, texts))):
            self.rows = [self.units_row]
            self.units_row = 0


def _measure_of_table(texts: Sequence[str]) -> str | None:
    """Return the measure that a row above a table says for all its columns, None for other rows."""
    for text in texts:
        bare = without_unit(text)
        # Among other headings one with a measure, 人口（单位：万人）, says that of its column.
        if len(texts) == 1 or bare in (text, ""):
            measure = measure_in_line(text)
            if measure is not None:
                return measure
    return None
