"""Proposes how a team's own table is to be read: the entries of a map for `adopt`, from its cells.

Everything is a proposal: what a person has chosen wins, and the rest is proposed around it. Whether
larger or smaller values are better cannot be seen in values, so it is proposed only where a row of
the table says it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isclose
from typing import Any

from xlcity.adoption.cells import (
    TOO_SMALL,
    CellGrid,
    attribute_of,
    direction_of,
    indicator_in_line,
    is_city,
    is_gap,
    is_sum_or_mean,
    is_total_or_title,
    is_unit,
    kind_of,
    marks_behind,
    measure_behind,
    measure_in_line,
    no_data_numbers,
    unit_in,
    weight_of,
    without_mark,
    without_translation,
    without_unit,
    without_year,
    year_in,
)
from xlcity.adoption.flat_framework import code_of, default_title
from xlcity.adoption.maps import UNKNOWN
from xlcity.errors import DataError, Where, first_of, require_known
from xlcity.methods.aggregate.means import ARITHMETIC
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.registry import OPTIONS
from xlcity.methods.weight.given import GIVEN
from xlcity.model.panel import TIME_COLUMNS
from xlcity.model.reading.layout import (
    column_names,
    headings,
    one_line,
    spread_merged,
)
from xlcity.model.reading.tables import Cells, as_text
from xlcity.model.reading.units import is_region
from xlcity.model.reading.words import city_heading_score, is_called, is_rank_heading
from xlcity.reports.known_cities import misspelt_cities
from xlcity.xlsx.address import column_letters
from xlcity.xlsx.plain_cells import HiddenRows, PercentNumber

#: Most rows above the values that are looked at for headings; longest text of a heading.
_HEADINGS = 4
_LONGEST = 120
#: Rows that show what is on a sheet.
_LOOKED_AT = 300
#: Share of a column's cells that are texts where it names cities.
_MOSTLY = 0.6
#: Longest code that is proposed.
_CODE_LENGTH = 30
_DIRECTIONS = {"1": 1, "-1": -1}
#: What is said of a table with a row for each city and year.
YEARS_IN_ROWS = (
    "Each city has a row for each year. Cities are ranked by the latest year, and earlier years "
    "are compared with it."
)
#: The methods that are proposed, in words.
METHODS = {
    "normalise": MINMAX.name,
    "weights": GIVEN.name,
    "aggregate": ARITHMETIC.name,
}


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """What a column is taken for.

    Attributes
    ----------
    column, name, heading
        Its position; what a map calls it; its heading.
    role
        "city", "indicator" or "none".
    code, group, uom
        Of an indicator: its code, the heading above it, its measure.
    title
        Its name where the heading is only a year, and a line above the table says it (指标：…).
    direction
        1, -1, or 0 where it is not known yet.
    weight
        Its weight in its group.
    numbers, others
        How many cells are numbers, and how many neither numbers nor missing.
    why
        Why it is not an indicator: "empty", "text", "rank", "year", "second" (of another table),
        "total", or "".
    """

    column: int
    name: str
    heading: str
    role: str = "none"
    code: str = ""
    group: str = ""
    uom: str = ""
    direction: int = 0
    weight: str = "1"
    numbers: int = 0
    others: int = 0
    why: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class MapProposal:
    """How a table is to be read.

    Attributes
    ----------
    sheet, header, units_row, first, last
        The sheet; rows of headings; the row of measures (0: none); first and last row of values.
    city, year, known
        Column of the cities (-1: none found), and of the years where a city has a row for each
        (-1: none has several); how many of the cities the reports that are here know.
    skip, missing, marks
        Names in the column of cities that are not cities; texts that mean confirmed missing; marks
        behind numbers that are left out.
    columns
        Every column that holds something.
    doubts
        What a person should know, as sentences.
    misspelt, settled
        Names of cities that are nearly those of known ones, and these; or what a person meant.
    title
        What the index is called.
    methods
        Option -> its method in words.
    groups
        Group -> its weight in the index.
    second
        Range of another table below the first one, "" without one.
    skip_rows
        Rows that are left out though they have the name of a city, as one of two of one city.
    """

    sheet: str
    header: tuple[int, ...]
    units_row: int
    first: int
    last: int
    city: int
    year: int
    known: int
    skip: tuple[str, ...]
    missing: tuple[str, ...]
    marks: tuple[str, ...]
    columns: tuple[ColumnProposal, ...]
    doubts: tuple[str, ...]
    misspelt: Mapping[str, tuple[str, ...]]
    settled: Mapping[str, str]
    title: str
    methods: Mapping[str, str]
    groups: Mapping[str, str]
    second: str
    skip_rows: tuple[int, ...] = ()

    @property
    def indicators(self) -> tuple[ColumnProposal, ...]:
        """The columns that are read as indicators."""
        return tuple(column for column in self.columns if column.role == "indicator")


def propose_map(
    sheets: Mapping[str, Cells], chosen: Mapping[str, Any] = {}
) -> MapProposal:
    """Propose how a team's table is to be read.

    Parameters
    ----------
    sheets
        Its cells; see `team_sheets`.
    chosen
        What a person has chosen: the entries of the section `data` of a map (see `adopt`), with
        `units_row`, and its other sections by name. A column has a `role` as `ColumnProposal`
        besides. What is absent is proposed.

    Raises
    ------
    UsageError
        If the workbook has no sheet of the name that was chosen.
    DataError
        If the sheet is empty.
    """
    shown = [
        name for name, rows in sheets.items() if not isinstance(rows, HiddenRows)
    ] or sheets
    title = str(
        chosen.get("sheet")
        or max(shown, key=lambda name: _likeness_to_table(sheets[name]))
    )
    require_known("kind.sheet", title, sheets)
    if all(cell is None for row in sheets[title] for cell in row):
        where = Where(sheet=title or None)
        raise DataError("the sheet is empty.", "Choose another sheet.", "XC322", where)
    return _Proposer(title, sheets, chosen).propose()


def misspelt_note(name: str, meant: Sequence[str]) -> str:
    """Return the question whether a name means a known city."""
    return (
        f"No known city is called {name}. Is it {' / '.join(meant)}? Correct it in the table, or "
        f"write the right name in the section [cities] of the map."
    )


def _likeness_to_table(cells: Cells) -> int:
    """Return how much a sheet looks like a table of cities."""
    texts = Counter(
        column
        for row in cells[:_LOOKED_AT]
        for column, cell in enumerate(row)
        if isinstance(cell, str) and is_city(cell)
    )
    numbers = sum(
        isinstance(cell, float) or (isinstance(cell, str) and cell[:1].isdigit())
        for row in cells[:_LOOKED_AT]
        for cell in row
    )
    return numbers + 50 * max(texts.values(), default=0)


class _Proposer:
    def __init__(
        self, title: str, sheets: Mapping[str, Cells], chosen: Mapping[str, Any]
    ) -> None:
        self.title = title
        self.sheets = sheets
        self.chosen = chosen
        self.doubts: list[str] = []
        self.second = ""
        cells = sheets[title]
        texts = [cell.strip() for row in cells for cell in row if isinstance(cell, str)]
        self.marks = [str(mark) for mark in chosen.get("marks", marks_behind(texts))]
        if self.marks:
            self.doubts.append(
                f"Marks behind numbers are left out: {', '.join(self.marks)}."
            )
        self.grid = CellGrid(
            [[without_mark(cell, self.marks) for cell in row] for row in cells]
        )
        #: The measure of the whole table; "direction" or "weight" -> the row that says it.
        self.measure = ""
        self.attributes: dict[str, int] = {}
        first = self._first()
        header, units_row = self._headings(first)
        lines = (text for row in range(header[0] - 1) for text in self.grid.texts(row))
        self.indicator = next(filter(None, map(indicator_in_line, lines)), "")
        #: How many rows there are: what was chosen may be of an older state of the file.
        self.end = len(self.grid.cells)
        rows = chosen.get("header", [])
        own = sorted(
            r for r in (rows if isinstance(rows, list) else [rows]) if 0 < r <= self.end
        )
        if own:
            header = tuple(own)
            below = range(header[-1], len(self.grid.valued))
            first = next(
                (row + 1 for row in below if self.grid.valued[row]), header[-1] + 1
            )
            units_row = 0 if units_row <= header[-1] else units_row
        #: Rows of headings and of measures, and the first of values, counted from 1.
        self.header = header
        self.first = first
        self.heads = [row - 1 for row in header]
        #: What a map calls each column -> its position, and the other way round.
        self.positions = column_names(
            headings([self.grid.texts(row) for row in self.heads])
        )
        self.names = {position: name for name, position in self.positions.items()}
        self.units_row = min(int(chosen.get("units_row", units_row)), self.end)
        self.body = self.valued_body = range(first - 1, min(self._last(), self.end))

    def propose(self) -> MapProposal:
        """Propose the column of cities, then what depends on it."""
        # What was chosen may be gone.
        unit = self.chosen.get("unit")
        city = self._city() if unit is None else self.positions.get(str(unit), -1)
        last = min(int(self.chosen.get("last", self._with_bare_cities(city))), self.end)
        self.body = range(self.first - 1, max(last, self.first - 1))
        self._find_weights(city)
        skip = [str(name) for name in self.chosen.get("skip", self._skip(city))]
        skip_rows = tuple(self.chosen.get("skip_rows", ()))
        #: Rows of cities.
        self.rows = [
            r
            for r in self.body
            if r + 1 not in skip_rows
            and (city < 0 or self.grid.text(r, city) not in ("", *skip))
        ]
        gaps = [str(code) for code in self.chosen.get("missing", self._missing(city))]
        columns = self._columns(city, gaps)
        year = self._year_column(city)
        self._doubt_cities(city, year)
        self._doubt_dots()
        names = self.grid.column(city, self.rows)
        indicators = [without_unit(c.heading) for c in columns if c.role == "indicator"]
        if 2 * len({*names} & {*indicators}) > len(indicators):
            self.doubts.append(
                "The columns have the names of the cities. Values between two cities are not "
                "indicators: make a list of links of them (from, to, value)."
            )
        self._doubt_other_sheets(names, indicators)
        cities = {
            one_line(n): c
            for n, c in self.chosen.get("cities", {}).items()
            if c != UNKNOWN
        }
        settled = {n: str(cities[one_line(n)]) for n in names if one_line(n) in cities}
        misspelt = misspelt_cities([settled.get(name, name) for name in names])
        misspelt = {
            n: meant for n, meant in misspelt.items() if n not in settled.values()
        }
        self.doubts += [misspelt_note(name, meant) for name, meant in misspelt.items()]
        known_cities = sum(map(is_city, {*names}))
        above: dict[str, float] = {}
        for column in columns:
            if column.role == "indicator" and column.group:
                # Where a row says the weights, a group weighs what its indicators weigh together.
                own_weight = float(
                    weight_of(self._attribute("weight", column.column)) or 0
                )
                above[column.group] = above.get(column.group, 0.0) + own_weight
        groups = self.chosen.get("groups", {})
        own = {
            n: w.get("weight", "1") if isinstance(w, dict) else w
            for n, w in groups.items()
        }
        weights = {
            g: str(own.get(g, f"{total or 1:.12g}")) for g, total in above.items()
        }
        index = {
            "title": default_title("".join(column.heading for column in columns)),
            **METHODS,
        }
        index |= {
            name: str(text) for name, text in self.chosen.get("index", {}).items()
        }
        methods = {name: word for name, word in index.items() if name in OPTIONS}
        return MapProposal(
            self.title,
            self.header,
            self.units_row,
            self.first,
            last,
            city,
            year,
            known_cities,
            tuple(skip),
            tuple(gaps),
            tuple(self.marks),
            columns,
            tuple(self.doubts),
            misspelt,
            settled,
            index["title"],
            methods,
            weights,
            self.second,
            skip_rows,
        )

    # -- rows ----------------------------------------------------------------
    def _first(self) -> int:
        """Return the first row of values."""
        rows = [row for row, filled in enumerate(self.grid.filled) if filled]
        for position, row in enumerate(rows):
            below = rows[position + 1 : position + 4]
            valued = [self.grid.valued[next_row] for next_row in below]
            # Numbers above the headings are weights, or count the columns.
            above_headings = any(map(self._heads_cities, below))
            texts = [*filter(None, self.grid.texts(row))]
            is_heading = (
                any(map(city_heading_score, texts))
                and "number" not in self.grid.kinds[row]
            )
            # A city below the heading of cities has values, even if none of them is a number.
            if (
                position
                and is_city(texts[0])
                and self._heads_cities(rows[position - 1])
            ):
                return row + 1
            if attribute_of(texts) or above_headings or is_heading:
                continue
            if self.grid.valued[row] and 2 * sum(valued) >= len(below):
                return row + 1
        self.doubts.append("No row with numbers was found on this sheet.")
        return min(2, max(len(rows), 1))

    def _heads_cities(self, row: int) -> bool:
        """Tell whether a row holds headings, one of them that of the cities."""
        texts = self.grid.kinds[row].count("text")
        is_named = any(map(city_heading_score, self.grid.texts(row)))
        return is_named and not self.grid.valued[row] and 2 * texts > self.grid.width

    def _headings(self, first: int) -> tuple[tuple[int, ...], int]:
        """Return the rows of headings and the row of measures above the values."""
        heading_rows: list[int] = []
        units_row = 0
        near = self.grid.kinds[first - 1 : first + 4]
        left = min(
            (kinds.index(kind) for kinds in near for kind in kinds if kind), default=0
        )
        for row in range(first - 2, -1, -1):
            filled = [
                column for column, kind in enumerate(self.grid.kinds[row]) if kind
            ]
            texts = [self.grid.text(row, column) for column in filled]
            # Among other headings one with a measure, 人口（单位：万人）, says that of its column.
            lines = [
                text for text in texts if len(texts) == 1 or text == without_unit(text)
            ]
            lines += [text for text in texts if not without_unit(text)]
            measures = [
                line for text in lines if (line := measure_in_line(text)) is not None
            ]
            if measures:  # what is above it is a title
                self.measure = measures[0]
                break
            if attribute := attribute_of(texts):
                self.attributes.setdefault(attribute, row)
                units_row = row + 1 if attribute == "unit" else units_row
                continue
            is_alone = len(filled) == 1 and self.grid.width > 2
            title = is_alone and (not heading_rows or filled[0] <= left)
            # Between headings and values: a blank row, or the title of the first group of cities.
            if (not filled or title) and not heading_rows and row > first - 4:
                continue
            # A text above the heading of the first column is a title or a note, no group.
            above = (
                heading_rows
                and filled
                and filled[0] <= left
                and not is_called("groups", texts[0])
                and self.grid.text(heading_rows[0] - 1, filled[0])
            )
            if not filled or title or above or len(heading_rows) == _HEADINGS:
                break
            if max(map(len, texts)) > _LONGEST:
                break
            units = [
                is_unit(t)
                for column, t in zip(filled, texts, strict=True)
                if column > left
            ]
            # Where each column has a heading above its own, one measure makes a row of measures.
            is_headed = row > 0 and all(
                self.grid.text(row - 1, column) and near[0][column] != "text"
                for column in filled
            )
            least_measures = 1 if is_headed else len(units) / 2
            if not heading_rows and units and sum(units) >= least_measures:
                units_row = row + 1
            elif not all(is_called("column_number", text) for text in texts):
                heading_rows.insert(0, row + 1)
        if not heading_rows and units_row and "unit" not in self.attributes:
            # Measures have headings above them: Year among headings only looks like one.
            texts = self.grid.texts(units_row - 1)[left + 1 :]
            if not all(map(is_unit, filter(None, texts))):
                heading_rows, units_row = [units_row], 0
        if not heading_rows:
            heading_rows = [max(first - 1, 1)]
            self.doubts.append(
                f"No row of headings was found above the values: row {heading_rows[0]} is taken "
                "for it. Choose one, or insert it in the table."
            )
        return tuple(heading_rows), units_row

    def _last(self) -> int:
        """Return the last row of values of the first table."""
        last = self.first
        grid = self.grid
        for row in range(self.first, len(grid.cells)):
            may_begin = not grid.filled[row - 1] or self._heads_again(row)
            if grid.filled[row] and may_begin and self._begins_table(row):
                filled = [r for r in range(row, len(grid.cells)) if grid.filled[r]]
                columns = [
                    c for r in filled for c, kind in enumerate(grid.kinds[r]) if kind
                ]
                begin = column_letters(min(columns) + 1)
                end = column_letters(max(columns) + 1)
                self.second = f"{begin}{row + 1}:{end}{filled[-1] + 1}"
                self.doubts.append(
                    f"Another table is in {self.second}. Only the rows above it are read. "
                    "To read the other one, choose its row of headings."
                )
                break
            if grid.valued[row]:
                last = row + 1
        return last

    def _heads_again(self, row: int) -> bool:
        """Tell whether a row holds only texts, the first of them a heading of cities."""
        filled = [column for column, kind in enumerate(self.grid.kinds[row]) if kind]
        first = self.grid.text(row, filled[0]) if filled else ""
        is_heading = bool(filled) and (
            city_heading_score(first) > 0 or first in self._list_heads(filled[0])
        )
        return (
            len(filled) > 1 and is_heading and {*self.grid.kinds[row]} <= {"text", ""}
        )

    def _begins_table(self, row: int) -> bool:
        """Tell whether headings stand in a row, or below the title in it, and values after them."""
        grid = self.grid
        below = [r for r in range(row, min(row + 6, len(grid.cells))) if grid.filled[r]]
        several = [r for r in below[:2] if len([*filter(None, grid.kinds[r])]) > 1]
        heads = [r for r in several if not grid.valued[r]]
        if heads and self._continues(row, heads[0]):
            return False
        return bool(heads) and any(grid.valued[r] for r in below if r > heads[0])

    def _continues(self, row: int, head: int) -> bool:
        """Tell whether the first table goes on: its headings stand above names that are all new."""
        above, below = (
            {
                text
                for r in rows
                for text in self.grid.texts(r)
                if kind_of(text) == "text"
            }
            for rows in (
                range(self.first - 1, row),
                range(head + 1, len(self.grid.cells)),
            )
        )
        has_same_heads = self.grid.texts(head) == self.grid.texts(self.heads[0])
        return has_same_heads and above.isdisjoint(below)

    def _with_bare_cities(self, city: int) -> int:
        """Return the last row, known cities without values below it included."""
        grid = self.grid
        ends = (
            row + 1
            for row in reversed(self.body)
            if grid.valued[row] and grid.text(row, city)
        )
        last = self.body.stop if city < 0 else next(ends, self.first)
        while last < len(grid.cells) and is_city(grid.text(last, city)):
            last += 1
        return last

    def _skip(self, city: int) -> list[str]:
        """Return names that are not cities: totals, repeated headings, rows of measures."""
        heads = self.grid.column(city, self.heads)
        above = self.grid.column(city, range(self.header[-1], self.first - 1))
        names = self.grid.column(city, self.body)
        provinces = {name for name in names if is_region(name)}
        if len({*filter(is_city, names)}) <= len(provinces):  # a table of provinces
            provinces = set()
        # Titles of groups of cities: the first of them is above the first city.
        bare = [row for row in self.body if any(above) and not self.grid.valued[row]]
        titles = {name for name in self.grid.column(city, bare) if not is_city(name)}
        return [
            *dict.fromkeys(
                name
                for name in (*above, *names)
                if name
                and (
                    name in (*heads, *above, *provinces, *titles)
                    or is_total_or_title(name)
                    or is_called("weights", name)
                )
            )
        ]

    def _find_weights(self, city: int) -> None:
        """Take a row among the cities for the weights: one called so, or a first one without name.

        Without a name its numbers sum up to 1 or 100.
        """
        for row in self.body if city >= 0 and "weight" not in self.attributes else ():
            name = self.grid.text(row, city)
            texts = [text for text in self.grid.texts(row) if text not in ("", name)]
            weights = [float(number) for text in texts if (number := weight_of(text))]
            if len(weights) < max(2, len(texts)):
                continue
            is_whole = any(
                isclose(sum(weights), total, rel_tol=1e-6) for total in (1, 100)
            )
            if is_called("weights", name) or (
                not name and row == self.body[0] and is_whole
            ):
                self.attributes["weight"] = row
                self.doubts.append(
                    f"Row {row + 1} is read as the weights of the columns."
                )
                return

    # -- cities --------------------------------------------------------------
    def _city(self) -> int:
        """Return the column that names cities best, -1 if none does."""
        columns = range(self.grid.width)
        scores = [self._likeness_to_cities(column) for column in columns]
        best = scores.index(max(scores)) if scores else -1
        across = sum(
            is_city(text) for row in self.heads for text in self.grid.texts(row)
        )
        down = sum(map(is_city, self.grid.column(best, self.body)))
        if across > max(2, down):
            self.doubts.append(
                "The cities are in a row of headings. Transpose the table first (copy it, "
                "Paste Special, Transpose)."
            )
            return -1
        if best < 0 or scores[best] <= 0:
            indicators = self._find_indicators_column()
            self.doubts.append(
                "No column of city names was found. Choose it, or name it as unit in the map."
                if indicators < 0
                else f"The column {self.names[indicators]} names indicators. A table needs a row "
                "for each city: transpose it first (copy it, Paste Special, Transpose)."
            )
            return -1
        return best

    def _find_indicators_column(self) -> int:
        """Return the column that names indicators by its heading, -1 without one."""
        return next(filter(self._names_indicators, range(self.grid.width)), -1)

    def _names_indicators(self, column: int) -> bool:
        return any(is_called("indicators", text) for text in self._list_heads(column))

    def _list_heads(self, column: int) -> list[str]:
        return self.grid.column(column, self.heads)

    def _likeness_to_cities(self, column: int) -> float:
        filled = sum(bool(self.grid.kinds[row][column]) for row in self.body)
        texts = self.grid.column(column, self.body, "text")
        if len(texts) < max(1, _MOSTLY * filled, 0.3 * len(self.body)):
            return 0.0
        known_share = sum(map(is_city, texts)) / len(texts)
        if 2 * known_share < 1 and self._names_indicators(column):
            return 0.0
        named = max(map(city_heading_score, self._list_heads(column)), default=0)
        short = all(len(text) <= 3 and text.isascii() for text in texts)
        # A country, or the city around a district, stands in several rows.
        distinct = len(set(texts)) / len(texts)
        likeness = 3 * known_share + (2 + named) * distinct - 0.5 * short
        # What is merged over several rows is around the cities.
        valued = [row for row in self.body if self.grid.valued[row]] or self.body
        named_rows = sum(bool(self.grid.text(row, column)) for row in valued)
        return likeness * named_rows / len(valued) - 0.01 * column

    def _year_column(self, city: int) -> int:
        """Return the column that tells the rows of each city apart as years, -1 without one."""
        cities = self.grid.column(city, self.rows)
        for name, column in (
            self.positions.items() if len({*cities}) < len(cities) else ()
        ):
            years = self.grid.column(column, self.rows)
            for row, year in enumerate(
                years
            ):  # a merged one stands in the first of its rows
                years[row] = year or years[max(row - 1, 0)]
            pairs = {*zip(cities, years, strict=True)}
            if "".join(name.split()).lower() in TIME_COLUMNS and len(pairs) == len(
                cities
            ):
                return column
        return -1

    def _doubt_cities(self, city: int, year: int) -> None:
        names = Counter(self.grid.column(city, self.rows))
        if measured := [
            one_line(name) for name in names if unit_in(name) not in ("", "%")
        ]:
            self.doubts.append(
                f"Cities with a measure of their own: {first_of(measured)}. Convert their values "
                "to that of the others."
            )
        if city >= 0 > year and len(names) < 0.8 * len(self.rows):
            name, times = names.most_common(1)[0]
            indicators = self._find_indicators_column()
            self.doubts.append(
                f"{name} is in {times} rows. A table needs one row for each city: keep the "
                "rows of one year only, or make a column of each year."
                if indicators < 0
                else f"{name} is in {times} rows, one for each entry of {self.names[indicators]}. "
                "A table needs a column for each indicator: make a pivot table of it first."
            )
        if city >= 0 <= year:
            self.doubts.append(YEARS_IN_ROWS)
        grid = self.grid
        unnamed = [
            row
            for row in self.valued_body
            if grid.valued[row] and not grid.text(row, city)
        ]
        lost = [row + 1 for row in unnamed if row not in self.attributes.values()]
        if city >= 0 and lost:
            rows = first_of([*map(str, lost)], 8)
            self.doubts.append(
                f"Rows with numbers but without a city are not read: {rows}."
            )

    def _doubt_other_sheets(self, *several: list[str]) -> None:
        """Doubt that all is read where other sheets name most of the cities or indicators."""
        titles = []
        for title, cells in self.sheets.items():
            texts = {as_text(cell) for row in cells[:_LOOKED_AT] for cell in row}
            named = any(2 * len(texts & {*names}) > len(names) for names in several)
            titles += [title] if named and title != self.title else []
        if titles:
            self.doubts.append(
                f"Other sheets name these cities or indicators, and are not read: "
                f"{', '.join(titles)}. The section [framework] of a map reads a list of indicators."
            )

    def _doubt_dots(self) -> None:
        """Doubt that "…" is a gap where the notes below the table say otherwise."""
        notes = (
            text
            for row in self.grid.cells[self.body.stop :]
            for text in map(as_text, row)
        )
        typed = (as_text(cell) for row in self.rows for cell in self.grid.cells[row])
        if any(map(TOO_SMALL.search, notes)) and not {*typed}.isdisjoint(("…", "……")):
            self.doubts.append(
                "The notes below the table say that … is a number too small to be shown. It is "
                "read as missing: type 0 in its place if it is to count as 0."
            )

    # -- columns -------------------------------------------------------------
    def _missing(self, city: int) -> list[str]:
        """Return texts, and numbers such as -99, that stand for "no data" among numbers."""
        codes: dict[str, None] = {}
        for column in range(self.grid.width):
            kinds = Counter(self.grid.kinds[row][column] for row in self.rows)
            texts = Counter(self.grid.column(column, self.rows, "text"))
            numbers = (
                kinds["number"] + kinds["year"] + measure_behind([*texts.elements()])[1]
            )
            if column == city or numbers < 0.3 * (kinds.total() - kinds[""]):
                continue
            codes |= dict.fromkeys(
                text for text, times in texts.items() if is_gap(text, times)
            )
            numbers_there = self.grid.column(column, self.rows, "number")
            codes |= dict.fromkeys(no_data_numbers(numbers_there))
        return [*codes]

    def _columns(self, city: int, gaps: Sequence[str]) -> tuple[ColumnProposal, ...]:
        heads = [self.grid.texts(row) for row in self.heads]
        header = headings(heads)
        second = self._second_table(city, heads[-1])
        groups = groups_above(heads)
        columns = []
        for position in range(self.grid.width):
            rows = [
                row for row in self.rows if self.grid.text(row, position) not in gaps
            ]
            kinds = [self.grid.kinds[row][position] for row in rows]
            if not header[position] and not any(kinds):
                continue
            numbers = kinds.count("number") + kinds.count("year")
            texts = self.grid.column(position, rows, "text")
            measure, measured_texts = measure_behind(texts)
            numbers += measured_texts
            others = len(texts) - measured_texts + kinds.count("other")
            heading = header[position]
            group = groups[position]
            # The heading above years is that of the indicator: no group, and it has the measure.
            measured, _ = without_translation(without_year(heading))
            group = "" if group == measured else group
            ranks = any(map(is_rank_heading, (heading.rpartition(" · ")[2], group)))
            is_year = bool(year_in(heading)[1]) and not year_in(heading)[0]
            title = self.indicator if is_year and not group else ""
            why = ""
            if position >= second:
                why = "second"
            elif not numbers + others:
                why = "empty"
            elif not numbers or numbers < others:
                why = "text"
            elif ranks or self._counts_rows(position, not heading and position < city):
                why = "rank"
            role = "city" if position == city else "none" if why else "indicator"
            columns.append(
                ColumnProposal(
                    position,
                    self.names[position],
                    heading,
                    role,
                    group=without_unit(group),
                    uom=self._uom(position, title or measured)
                    or unit_in(group)
                    or measure
                    or self.measure,
                    title=without_unit(title),
                    direction=direction_of(self._attribute("direction", position)),
                    weight=weight_of(self._attribute("weight", position, "1")),
                    numbers=numbers,
                    others=others,
                    why="" if role == "city" else why,
                )
            )
        columns = self._chosen(self._without_totals(latest_years(columns)))
        if city >= 0:
            self._doubt_years(columns)
        return with_codes(columns)

    def _doubt_years(self, columns: Sequence[ColumnProposal]) -> None:
        """Say which years are read of columns of years, and where a heading is only a year."""
        indicators = [
            c for c in columns if c.role == "indicator" and year_in(c.heading)[1]
        ]
        if indicators and any(column.why == "year" for column in columns):
            latest = first_of([column.name for column in indicators], 3)
            self.doubts.append(
                f"Only the latest year is read: {latest}. For all years, make a row for each city "
                "and year, with a column year."
            )
        for column in indicators:
            if not (year_in(column.heading)[0] or column.group or column.title):
                self.doubts.append(
                    f"The heading {column.name} is only a year. Write the name of the indicator "
                    "in its place."
                )

    def _without_totals(
        self, columns: Sequence[ColumnProposal]
    ) -> list[ColumnProposal]:
        """Return the columns; one that sums up others by its heading or its numbers is none."""
        kept: list[ColumnProposal] = []
        parts: list[list[str]] = []
        are_named_sums = [
            c.role == "indicator" and self._is_named_sum(c) for c in columns
        ]
        has_parts = sum(column.role == "indicator" for column in columns) > sum(
            are_named_sums
        )
        for column, is_named_sum in zip(columns, are_named_sums, strict=True):
            texts = self.grid.column(column.column, self.rows)
            is_chosen = "role" in self.chosen.get("columns", {}).get(column.name, {})
            is_sum = (is_named_sum and has_parts) or is_sum_or_mean(texts, parts)
            if column.role == "indicator" and not is_chosen and is_sum:
                column = replace(column, role="none", why="total")
                name = column.heading
                self.doubts.append(f"{name} sums up other columns; it is not read.")
            elif column.role == "indicator":
                parts.append(texts)
            kept.append(column)
        return kept

    def _is_named_sum(self, column: ColumnProposal) -> bool:
        """Tell whether a heading is that of sums; below another one it names a part of that."""
        is_upper = not self._list_heads(column.column)[-1] or len(self.heads) == 1
        return is_upper and is_called("sum", column.heading)

    def _counts_rows(self, column: int, is_index: bool) -> bool:
        """Tell whether a column numbers the rows: 1, 2, 3; as an index some may be left out."""
        texts = self.grid.column(column, self.rows)
        counted = [str(number) for number in range(1, len(texts) + 1)]
        are_distinct = all(map(str.isdecimal, texts)) and len({*texts}) == len(texts)
        return len(texts) > 2 and (texts == counted or (is_index and are_distinct))

    def _second_table(self, city: int, heads: Sequence[str]) -> int:
        """Return the first column of a table beside the first one."""
        after = range(city + 1, self.grid.width if city >= 0 else 0)
        again = (
            column for column in after if heads[column] and heads[column] == heads[city]
        )
        begin = next(again, self.grid.width)
        if begin < self.grid.width:
            # What precedes the cities in the first table precedes them in the second one.
            begin -= next(
                (k for k in range(city, 0, -1) if heads[begin - k] == heads[city - k]),
                0,
            )
            self.doubts.append(
                f"Another table stands beside the first one: column {heads[city]!r} is there "
                "twice. Put its rows below those of the first table."
            )
        return begin

    def _attribute(self, name: str, column: int, otherwise: str = "") -> str:
        """Return what a row among the headings says of a column; `otherwise` without such a row."""
        row = self.attributes.get(name)
        return otherwise if row is None else self.grid.text(row, column)

    def _uom(self, column: int, heading: str) -> str:
        below = self.grid.text(self.units_row - 1, column) if self.units_row else ""
        cells = [self.grid.cells[row][column] for row in self.rows]
        percent = any(isinstance(cell, PercentNumber) for cell in cells)
        texts = self.grid.column(column, self.rows, "number")
        # Among per cents a number without the sign is one, too.
        percent |= sum(text.endswith(("%", "％")) for text in texts) > len(texts) / 2
        return below.strip("（）()[] ") or unit_in(heading) or ("%" if percent else "")

    def _chosen(self, proposed: Sequence[ColumnProposal]) -> list[ColumnProposal]:
        """Return the columns with what a person has chosen of them."""
        chosen = self.chosen.get("columns", {})
        columns = []
        for column in proposed:
            own = chosen.get(column.name, {})
            columns.append(
                replace(
                    column,
                    role=column.role
                    if column.role == "city"
                    else str(own.get("role", column.role)),
                    code=str(own.get("code", "")),
                    group=str(own.get("parent", column.group)),
                    uom=str(own.get("uom", column.uom)),
                    direction=_DIRECTIONS.get(
                        str(own.get("direction")), column.direction
                    ),
                    weight=str(own.get("weight", column.weight)),
                )
            )
        return columns


def groups_above(heads: Sequence[Sequence[str]]) -> list[str]:
    """Return the heading above each column's own: the uppermost row that tells groups apart."""
    lowest = heads[-1]
    for row in heads[:-1]:
        merged = zip(spread_merged(row, lowest), lowest, strict=True)
        over = [one_line(text) if below else "" for text, below in merged]
        if len({*over} - {""}) > 1:
            return over
    return [""] * len(lowest)


def latest_years(columns: Sequence[ColumnProposal]) -> list[ColumnProposal]:
    """Return the columns with only the latest year of each indicator proposed."""
    latest: dict[tuple[str, str], int] = {}
    for column in columns:
        what, year = year_in(column.heading)
        if column.role == "indicator":
            latest[column.group, what] = max(year, latest.get((column.group, what), 0))
    proposed = []
    for column in columns:
        what, year = year_in(column.heading)
        old = column.role == "indicator" and 0 < year < latest[column.group, what]
        proposed.append(replace(column, role="none", why="year") if old else column)
    return proposed


def with_codes(columns: Sequence[ColumnProposal]) -> tuple[ColumnProposal, ...]:
    """Return the columns, each indicator with a code of its own."""
    indicators = [column for column in columns if column.role == "indicator"]
    times = Counter(without_year(column.heading) for column in indicators)
    taken = {column.code for column in columns} | {
        code_of(column.group) for column in indicators
    }
    coded = []
    for column in columns:
        if column.role == "indicator" and not column.code:
            what, year = year_in(column.heading)
            bare = without_year(column.heading)
            label = column.heading if times[bare] > 1 else bare
            if year and not what:
                label = column.title or f"{column.group} {year}"
            label, _ = without_translation(label or column.name)
            parts = map(without_unit, label.split(" · "))
            base = code_of(" ".join(parts))
            base = re.sub("_+", "_", base)[:_CODE_LENGTH].strip("_") or "x"
            code = base
            number = 2
            while code in taken:
                code, number = f"{base}_{number}", number + 1
            taken.add(code)
            column = replace(column, code=code)
        coded.append(column)
    return tuple(coded)
