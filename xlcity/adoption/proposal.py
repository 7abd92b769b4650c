"""Proposes how a team's own table is to be read: the entries of a map for `adopt`, from its cells.

Everything is a proposal: what a person has chosen wins, and the rest is proposed around it. Whether
larger or smaller values are better cannot be seen in values, so it is proposed only where a row of
the table says it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import isclose
from typing import Any, NamedTuple

from xlcity.adoption.cells import (
    TOO_SMALL,
    CellGrid,
    direction_of,
    is_city,
    is_gap,
    is_sum_or_mean,
    is_total_or_title,
    marks_behind,
    measure_behind,
    no_data_numbers,
    numbers_among,
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
from xlcity.adoption.table_rows import TableRows
from xlcity.errors import DataError, Where, first_of, require_known
from xlcity.messages import Message
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
from xlcity.model.reading.tables import Cells, as_text, is_filled
from xlcity.model.reading.units import is_region
from xlcity.model.reading.words import city_heading_score, is_called, is_rank_heading
from xlcity.reports.known_cities import misspelt_cities
from xlcity.xlsx.plain_cells import HiddenRows, PercentNumber

#: Rows that show what is on a sheet.
_LOOKED_AT = 300
#: Share of a column's cells that are texts where it names cities.
_MOSTLY = 0.6
#: Share of the rows that have a name of a city, at least.
_SOME = 0.3
#: Longest code that is proposed.
_CODE_LENGTH = 30
_DIRECTIONS = {"1": 1, "-1": -1}
#: What is said of a table with a row for each city and year.
YEARS_IN_ROWS = Message("layout.years_in_rows")
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
    from_uom, factor
        The measure of its cells where that is another one, and what they are multiplied by.
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
    from_uom: str = ""
    factor: str = ""


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
    shown = [name for name, rows in sheets.items() if not isinstance(rows, HiddenRows)]
    title = str(chosen.get("sheet") or _likeliest_sheet(sheets, shown or sheets))
    require_known("kind.sheet", title, sheets)
    if not any(map(is_filled, sheets[title])):
        where = Where(sheet=title or None)
        hint = Message("hint.choose_sheet")
        raise DataError.of("XC322.empty_sheet", where, hint=hint)
    return _Proposer(title, sheets, chosen).propose()


def misspelt_note(name: str, meant: Sequence[str]) -> str:
    """Return the question whether a name means a known city."""
    return Message("layout.misspelt", name=name, meant=" / ".join(meant))


def _likeliest_sheet(sheets: Mapping[str, Cells], titles: Iterable[str]) -> str:
    """Return the sheet that looks most like a table of cities."""
    return max(titles, key=lambda title: _likeness_to_table(sheets[title]))


def _likeness_to_table(cells: Cells) -> int:
    """Return how much a sheet looks like a table of cities."""
    cities: Counter[int] = Counter()
    numbers = 0
    for row in cells[:_LOOKED_AT]:
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                cities[column] += is_city(cell)
                numbers += cell[:1].isdigit()
            elif isinstance(cell, float):
                numbers += 1
    return numbers + 50 * max(cities.values(), default=0)


class _Content(NamedTuple):
    """What a column holds: numbers, other texts, the measure behind them; whether anything."""

    numbers: int
    others: int
    measure: str
    is_filled: bool


class _Proposer:
    """Proposes the map of one sheet, around what a person has chosen."""

    def __init__(
        self, title: str, sheets: Mapping[str, Cells], chosen: Mapping[str, Any]
    ) -> None:
        self.title = title
        self.sheets = sheets
        self.chosen = chosen
        self.doubts: list[str] = []
        cells = sheets[title]
        self.marks = [*map(str, chosen.get("marks", _marks_in(cells)))]
        if self.marks:
            self.doubts.append(Message("layout.marks", marks=self.marks))
        self.grid = CellGrid([self._without_marks(row) for row in cells])
        self.table = TableRows(self.grid, chosen, self.doubts)
        self.heads = [self.grid.texts(row) for row in self.table.heads]
        self.headings = headings(self.heads)
        #: What a map calls each column -> its position, and the other way round.
        self.positions = column_names(self.headings)
        self.names = {position: name for name, position in self.positions.items()}
        self.body = self._rows_until(self.table.last)
        self.city = self._choose_city()
        valued_body = self.body
        last = self.chosen.get("last", self._with_bare_cities())
        self.last = min(int(last), self.table.end)
        self.body = self._rows_until(max(self.last, self.table.first - 1))
        self._find_weights()
        self.skip = [*map(str, chosen.get("skip", self._skip()))]
        self.skip_rows = tuple(chosen.get("skip_rows", ()))
        #: Rows of cities, and the names in them.
        self.rows = [row for row in self.body if self._is_of_city(row)]
        self.cities = self.grid.column(self.city, self.rows)
        self.gaps = [*map(str, chosen.get("missing", self._missing()))]
        self.columns = self._columns()
        self.year = self._year_column()
        self._doubt_cities()
        self._doubt_lost_rows(valued_body)
        self._doubt_dots()

    def _without_marks(self, row: Sequence[Any]) -> list[Any]:
        return [without_mark(cell, self.marks) for cell in row]

    def _rows_until(self, last: int) -> range:
        return range(self.table.first - 1, last)

    def _is_of_city(self, row: int) -> bool:
        if row + 1 in self.skip_rows:
            return False
        if self.city < 0:
            return True
        return self.grid.text(row, self.city) not in ("", *self.skip)

    def propose(self) -> MapProposal:
        """Return the proposal."""
        indicators = [column for column in self.columns if column.role == "indicator"]
        self._doubt_places(indicators)
        settled = self._settled_names()
        misspelt = misspelt_cities([settled.get(name, name) for name in self.cities])
        for meant in settled.values():
            misspelt.pop(meant, None)
        self.doubts += [misspelt_note(*pair) for pair in misspelt.items()]
        all_headings = "".join(column.heading for column in self.columns)
        index = {"title": default_title(all_headings), **METHODS}
        index |= self.chosen.get("index", {})
        texts = {name: str(text) for name, text in index.items()}
        return MapProposal(
            sheet=self.title,
            header=self.table.header,
            units_row=self.table.units_row,
            first=self.table.first,
            last=self.last,
            city=self.city,
            year=self.year,
            known=sum(map(is_city, {*self.cities})),
            skip=tuple(self.skip),
            missing=tuple(self.gaps),
            marks=tuple(self.marks),
            columns=self.columns,
            doubts=tuple(self.doubts),
            misspelt=misspelt,
            settled=settled,
            title=texts.pop("title"),
            methods={name: texts[name] for name in texts if name in OPTIONS},
            groups=self._group_weights(indicators),
            second=self.table.second,
            skip_rows=self.skip_rows,
        )

    def _settled_names(self) -> dict[str, str]:
        """Return names of cities -> what a person meant by them."""
        meant_by_name = {
            one_line(name): str(city)
            for name, city in self.chosen.get("cities", {}).items()
            if city != UNKNOWN
        }
        settled = {}
        for name in self.cities:
            meant = meant_by_name.get(one_line(name))
            if meant is not None:
                settled[name] = meant
        return settled

    def _group_weights(self, indicators: Iterable[ColumnProposal]) -> dict[str, str]:
        """Return group -> its weight in the index.

        Where a row says the weights, a group weighs what its indicators weigh together.
        """
        totals: dict[str, float] = {}
        for column in indicators:
            if column.group:
                weight = weight_of(self._attribute("weight", column.column))
                totals[column.group] = totals.get(column.group, 0.0) + float(
                    weight or 0
                )
        weights = {group: f"{total or 1:.12g}" for group, total in totals.items()}
        for group, own in self.chosen.get("groups", {}).items():
            if group in weights:
                weight = own.get("weight", "1") if isinstance(own, dict) else own
                weights[group] = str(weight)
        return weights

    # -- rows ----------------------------------------------------------------
    def _with_bare_cities(self) -> int:
        """Return the last row, known cities without values below it included."""
        grid = self.grid
        last = self.table.first
        if self.city < 0:
            last = self.body.stop
        for row in reversed(self.body):
            if self.city >= 0 and grid.valued[row] and grid.text(row, self.city):
                last = row + 1
                break
        while last < self.table.end and is_city(grid.text(last, self.city)):
            last += 1
        return last

    def _skip(self) -> list[str]:
        """Return names that are not cities: totals, repeated headings, rows of measures."""
        heads = self.grid.column(self.city, self.table.heads)
        between = range(self.table.header[-1], self.table.first - 1)
        above = self.grid.column(self.city, between)
        names = self.grid.column(self.city, self.body)
        known = {*heads, *above, *self._provinces(names)}
        if any(above):
            # Titles of groups of cities: the first of them is above the first city.
            bare = [row for row in self.body if not self.grid.valued[row]]
            titles = self.grid.column(self.city, bare)
            known |= {title for title in titles if not is_city(title)}
        known.discard("")
        return [
            name
            for name in dict.fromkeys((*above, *names))
            if name in known or is_total_or_title(name) or is_called("weights", name)
        ]

    @staticmethod
    def _provinces(names: Sequence[str]) -> set[str]:
        """Return the names of provinces, none in a table of provinces."""
        provinces = {name for name in names if is_region(name)}
        cities = {name for name in names if is_city(name)}
        return provinces if len(cities) > len(provinces) else set()

    def _find_weights(self) -> None:
        """Take a row among the cities for the weights: one called so, or a first one without name.

        Without a name its numbers sum up to 1 or 100.
        """
        if self.city < 0 or "weight" in self.table.attributes:
            return
        for row in self.body:
            if self._has_weights(row):
                self.table.attributes["weight"] = row
                self.doubts.append(Message("layout.weights", row=row + 1))
                return

    def _has_weights(self, row: int) -> bool:
        name = self.grid.text(row, self.city)
        texts = [text for text in self.grid.texts(row) if text not in ("", name)]
        weights = [*filter(None, map(weight_of, texts))]
        if len(weights) < max(2, len(texts)):
            return False
        if name:
            return is_called("weights", name)
        total = sum(map(float, weights))
        is_whole = any(isclose(total, whole, rel_tol=1e-6) for whole in (1, 100))
        return is_whole and row == self.body[0]

    # -- cities --------------------------------------------------------------
    def _choose_city(self) -> int:
        """Return the column of the cities, -1 without one; what was chosen may be gone."""
        chosen = self.chosen.get("unit")
        return (
            self._find_city() if chosen is None else self.positions.get(str(chosen), -1)
        )

    def _find_city(self) -> int:
        """Return the column that names cities best, -1 if none does."""
        grid = self.grid
        scores = [*map(self._likeness_to_cities, range(grid.width))]
        best = scores.index(max(scores)) if scores else -1
        across = sum(map(is_city, chain.from_iterable(self.heads)))
        down = sum(map(is_city, grid.column(best, self.body)))
        if across > max(2, down):
            self.doubts.append(Message("layout.cities_across"))
            return -1
        if best >= 0 and scores[best] > 0:
            return best
        column = self._find_indicators_column()
        doubt = Message("layout.no_cities")
        if column is not None:
            doubt = Message("layout.indicators_down", column=self.names[column])
        self.doubts.append(doubt)
        return -1

    def _find_indicators_column(self) -> int | None:
        """Return the column that names indicators by its heading, None without one."""
        return next(filter(self._names_indicators, range(self.grid.width)), None)

    def _names_indicators(self, column: int) -> bool:
        return any(is_called("indicators", text) for text in self._list_heads(column))

    def _list_heads(self, column: int) -> list[str]:
        return self.grid.column(column, self.table.heads)

    def _likeness_to_cities(self, column: int) -> float:
        grid = self.grid
        filled = [row for row in self.body if grid.kinds[row][column]]
        texts = grid.column(column, self.body, "text")
        fewest = max(1, _MOSTLY * len(filled), _SOME * len(self.body))
        if len(texts) < fewest:
            return 0.0
        known_share = sum(map(is_city, texts)) / len(texts)
        if 2 * known_share < 1 and self._names_indicators(column):
            return 0.0
        named = max(map(city_heading_score, self._list_heads(column)), default=0)
        is_short = all(map(_is_short_code, texts))
        # A country, or the city around a district, stands in several rows.
        distinct = len({*texts}) / len(texts)
        likeness = 3 * known_share + (2 + named) * distinct - 0.5 * is_short
        # What is merged over several rows is around the cities.
        valued = [row for row in self.body if grid.valued[row]] or self.body
        named_rows = [row for row in valued if grid.text(row, column)]
        return likeness * len(named_rows) / len(valued) - 0.01 * column

    def _year_column(self) -> int:
        """Return the column that tells the rows of each city apart as years, -1 without one."""
        if len({*self.cities}) == len(self.cities):
            return -1
        for name, column in self.positions.items():
            if "".join(name.split()).lower() in TIME_COLUMNS:
                years = self._filled_down(column)
                pairs = {*zip(self.cities, years, strict=True)}
                if len(pairs) == len(self.cities):
                    return column
        return -1

    def _filled_down(self, column: int) -> list[str]:
        """Return the texts of a column; a merged one stands in the first of its rows."""
        texts = self.grid.column(column, self.rows)
        for row, text in enumerate(texts):
            texts[row] = text or texts[max(row - 1, 0)]
        return texts

    # -- doubts --------------------------------------------------------------
    def _doubt_cities(self) -> None:
        names = Counter(self.cities)
        measured = [one_line(name) for name in names if unit_in(name) not in ("", "%")]
        if measured:
            cities = first_of(measured)
            self.doubts.append(Message("layout.cities_measured", cities=cities))
        if self.city < 0:
            return
        if self.year >= 0:
            self.doubts.append(YEARS_IN_ROWS)
        elif len(names) < 0.8 * len(self.rows):
            self.doubts.append(self._doubt_repeated(names))

    def _doubt_repeated(self, names: Counter[str]) -> str:
        """Return the doubt that a city stands in several rows."""
        [[name, times]] = names.most_common(1)
        column = self._find_indicators_column()
        if column is None:
            return Message("layout.cities_repeated", name=name, times=times)
        return Message(
            "layout.cities_repeated_by",
            name=name,
            times=times,
            column=self.names[column],
        )

    def _doubt_lost_rows(self, body: range) -> None:
        """Doubt that rows with values but without a city are to be left out."""
        if self.city < 0:
            return
        lost = []
        for row in body:
            is_unnamed = self.grid.valued[row] and not self.grid.text(row, self.city)
            if is_unnamed and row not in self.table.attributes.values():
                lost.append(str(row + 1))
        if lost:
            rows = first_of(lost, 8)
            self.doubts.append(Message("layout.rows_without_city", rows=rows))

    def _doubt_places(self, indicators: Iterable[ColumnProposal]) -> None:
        """Doubt that the table has indicators, and that it is the only one."""
        named = [without_unit(column.heading) for column in indicators]
        if _has_most(self.cities, named):
            self.doubts.append(Message("layout.links"))
        titles = []
        for title, cells in self.sheets.items():
            texts = {*map(as_text, chain.from_iterable(cells[:_LOOKED_AT]))}
            names_most = _has_most(texts, self.cities) or _has_most(texts, named)
            if names_most and title != self.title:
                titles.append(title)
        if titles:
            self.doubts.append(Message("layout.other_sheets", sheets=titles))

    def _doubt_dots(self) -> None:
        """Doubt that "…" is a gap where the notes below the table say otherwise."""
        notes = chain.from_iterable(
            map(self.grid.texts, range(self.body.stop, self.table.end))
        )
        if not any(map(TOO_SMALL.search, notes)):
            return
        typed = {*chain.from_iterable(map(self.grid.texts, self.rows))}
        if not typed.isdisjoint(("…", "……")):
            self.doubts.append(Message("layout.dots_too_small"))

    # -- columns -------------------------------------------------------------
    def _missing(self) -> list[str]:
        """Return texts, and numbers such as -99, that stand for "no data" among numbers."""
        codes: dict[str, None] = {}
        for column in range(self.grid.width):
            kinds = Counter(self.grid.kinds[row][column] for row in self.rows)
            texts = self.grid.column(column, self.rows, "text")
            numbers = kinds["number"] + kinds["year"] + measure_behind(texts).times
            if column == self.city or numbers < 0.3 * (kinds.total() - kinds[""]):
                continue
            gaps = [
                text for text, times in Counter(texts).items() if is_gap(text, times)
            ]
            gaps += no_data_numbers(self.grid.column(column, self.rows, "number"))
            codes |= dict.fromkeys(gaps)
        return [*codes]

    def _columns(self) -> tuple[ColumnProposal, ...]:
        second = self._second_table()
        columns = []
        for position, group in enumerate(groups_above(self.heads)):
            content = self._content(position)
            if content.is_filled or self.headings[position]:
                is_second = position >= second
                columns.append(self._column(position, group, content, is_second))
        columns = self._without_totals(latest_years(columns))
        columns = [self._chosen(column) for column in columns]
        if self.city >= 0:
            self._doubt_years(columns)
        return with_codes(columns)

    def _content(self, column: int) -> _Content:
        rows = [
            row for row in self.rows if self.grid.text(row, column) not in self.gaps
        ]
        kinds = Counter(self.grid.kinds[row][column] for row in rows)
        texts = self.grid.column(column, rows, "text")
        measured = measure_behind(texts)
        numbers = kinds["number"] + kinds["year"] + measured.times
        # A few texts with a measure are slips, such as 31O.
        is_measure = 2 * measured.times > numbers
        return _Content(
            numbers=numbers,
            others=len(texts) - measured.times + kinds["other"],
            measure=measured.measure if is_measure else "",
            is_filled=kinds.total() > kinds[""],
        )

    def _column(
        self, position: int, group: str, content: _Content, is_second: bool
    ) -> ColumnProposal:
        """Return what a column is taken for; `is_second` tells that of a table beside this one."""
        heading = self.headings[position]
        # The heading above years is that of the indicator: no group, and it has the measure.
        measured, _ = without_translation(without_year(heading))
        group = "" if group == measured else group
        what, year = year_in(heading)
        title = self.table.indicator if year and not what and not group else ""
        why = "second" if is_second else self._why_not(position, content, group)
        role = "none" if why else "indicator"
        if position == self.city:
            role = "city"
            why = ""
        measures = (
            self._own_measure(position, title or measured),
            unit_in(group),
            content.measure,
            self.table.measure,
        )
        return ColumnProposal(
            position,
            name=self.names[position],
            heading=heading,
            role=role,
            group=without_unit(group),
            uom=next(filter(None, measures), ""),
            title=without_unit(title),
            direction=direction_of(self._attribute("direction", position)),
            weight=weight_of(self._attribute("weight", position, "1")),
            numbers=content.numbers,
            others=content.others,
            why=why,
        )

    def _why_not(self, position: int, content: _Content, group: str) -> str:
        """Return why a column is not an indicator, "" for one that is."""
        if not content.numbers + content.others:
            return "empty"
        if not content.numbers or content.numbers < content.others:
            return "text"
        heading = self.headings[position]
        own = heading.rpartition(" · ")[2]
        is_index = not heading and position < self.city
        is_rank = is_rank_heading(own) or is_rank_heading(group)
        return "rank" if is_rank or self._counts_rows(position, is_index) else ""

    def _doubt_years(self, columns: Sequence[ColumnProposal]) -> None:
        """Say which years are read of columns of years, and where a heading is only a year."""
        indicators = [column for column in columns if column.role == "indicator"]
        dated = [column for column in indicators if year_in(column.heading)[1]]
        if dated and any(column.why == "year" for column in columns):
            latest = first_of([column.name for column in dated], 3)
            self.doubts.append(Message("layout.latest_columns", columns=latest))
        for column in dated:
            what, _ = year_in(column.heading)
            if not any((what, column.group, column.title)):
                self.doubts.append(Message("layout.only_year", heading=column.name))

    def _without_totals(
        self, columns: Sequence[ColumnProposal]
    ) -> list[ColumnProposal]:
        """Return the columns; one that sums up others by its heading or its numbers is none."""
        indicators = [column for column in columns if column.role == "indicator"]
        has_parts = not all(map(self._is_named_sum, indicators))
        kept: list[ColumnProposal] = []
        parts: list[list[float]] = []
        for column in columns:
            if column.role == "indicator":
                texts = self.grid.column(column.column, self.rows)
                is_sum = has_parts and self._is_named_sum(column)
                if self._is_role_chosen(column) or not (
                    is_sum or is_sum_or_mean(texts, parts)
                ):
                    parts.append(numbers_among(texts))
                else:
                    column = replace(column, role="none", why="total")
                    self.doubts.append(Message("layout.sum", heading=column.heading))
            kept.append(column)
        return kept

    def _is_role_chosen(self, column: ColumnProposal) -> bool:
        return "role" in self._choice(column)

    def _choice(self, column: ColumnProposal) -> Mapping[str, Any]:
        choices: Mapping[str, Mapping[str, Any]] = self.chosen.get("columns", {})
        return choices.get(column.name, {})

    def _is_named_sum(self, column: ColumnProposal) -> bool:
        """Tell whether a heading is that of sums; below another one it names a part of that."""
        is_upper = not self.heads[-1][column.column] or len(self.heads) == 1
        return is_upper and is_called("sum", column.heading)

    def _counts_rows(self, column: int, is_index: bool) -> bool:
        """Tell whether a column numbers the rows: 1, 2, 3; as an index some may be left out."""
        texts = self.grid.column(column, self.rows)
        if len(texts) < 3:
            return False
        if texts == [*map(str, range(1, len(texts) + 1))]:
            return True
        is_distinct = len({*texts}) == len(texts)
        return is_index and is_distinct and all(map(str.isdecimal, texts))

    def _second_table(self) -> int:
        """Return the first column of a table beside the first one."""
        width = self.grid.width
        heads = self.heads[-1]
        city = self.city
        if city < 0 or not heads[city] or heads[city] not in heads[city + 1 :]:
            return width
        begin = heads.index(heads[city], city + 1)
        self.doubts.append(Message("layout.table_beside", heading=heads[begin]))
        # What precedes the cities in the first table precedes them in the second one.
        for before in range(city, 0, -1):
            if heads[begin - before] == heads[city - before]:
                return begin - before
        return begin

    def _attribute(self, name: str, column: int, otherwise: str = "") -> str:
        """Return what a row among the headings says of a column; `otherwise` without such a row."""
        row = self.table.attributes.get(name)
        return otherwise if row is None else self.grid.text(row, column)

    def _own_measure(self, column: int, heading: str) -> str:
        """Return the measure that a column has by the row of measures, its heading or its cells."""
        if self.table.units_row:
            below = self.grid.text(self.table.units_row - 1, column)
            if measure := below.strip("（）()[] "):
                return measure
        return unit_in(heading) or ("%" if self._is_percent(column) else "")

    def _is_percent(self, column: int) -> bool:
        cells = [self.grid.cells[row][column] for row in self.rows]
        if any(isinstance(cell, PercentNumber) for cell in cells):
            return True
        texts = self.grid.column(column, self.rows, "number")
        # Among per cents a number without the sign is one, too.
        signed = [text for text in texts if text.endswith(("%", "％"))]
        return len(signed) > len(texts) / 2

    def _chosen(self, column: ColumnProposal) -> ColumnProposal:
        """Return a column with what a person has chosen of it."""
        own = self._choice(column)
        role = column.role if column.role == "city" else own.get("role", column.role)
        return replace(
            column,
            role=str(role),
            code=str(own.get("code", "")),
            group=str(own.get("parent", column.group)),
            uom=str(own.get("uom", column.uom)),
            from_uom=str(own.get("from_uom", "")),
            factor=str(own.get("factor", "")),
            direction=_DIRECTIONS.get(str(own.get("direction")), column.direction),
            weight=str(own.get("weight", column.weight)),
        )


def groups_above(heads: Sequence[Sequence[str]]) -> list[str]:
    """Return the heading above each column's own: the uppermost row that tells groups apart."""
    lowest = heads[-1]
    for row in heads[:-1]:
        merged = map(one_line, spread_merged(row, lowest))
        pairs = zip(merged, lowest, strict=True)
        over = [text if below else "" for text, below in pairs]
        if len({*over} - {""}) > 1:
            return over
    return [""] * len(lowest)


def latest_years(columns: Sequence[ColumnProposal]) -> list[ColumnProposal]:
    """Return the columns with only the latest year of each indicator proposed."""
    latest: dict[tuple[str, str], int] = {}
    for column in columns:
        what, year = year_in(column.heading)
        if column.role == "indicator":
            key = (column.group, what)
            latest[key] = max(year, latest.get(key, 0))
    proposed = []
    for column in columns:
        what, year = year_in(column.heading)
        if column.role == "indicator" and 0 < year < latest[column.group, what]:
            column = replace(column, role="none", why="year")
        proposed.append(column)
    return proposed


def with_codes(columns: Sequence[ColumnProposal]) -> tuple[ColumnProposal, ...]:
    """Return the columns, each indicator with a code of its own."""
    indicators = [column for column in columns if column.role == "indicator"]
    times = Counter(without_year(column.heading) for column in indicators)
    taken = {column.code for column in columns}
    taken |= {code_of(column.group) for column in indicators}
    coded = []
    for column in columns:
        if column.role == "indicator" and not column.code:
            is_alone = times[without_year(column.heading)] == 1
            code = _free_code(_base_code(column, is_alone), taken)
            taken.add(code)
            column = replace(column, code=code)
        coded.append(column)
    return tuple(coded)


def _base_code(column: ColumnProposal, is_alone: bool) -> str:
    """Return a column's heading as a code, without its year where it `is_alone` without it."""
    what, year = year_in(column.heading)
    label = without_year(column.heading) if is_alone else column.heading
    if year and not what:
        label = column.title or f"{column.group} {year}"
    label, _ = without_translation(label or column.name)
    code = code_of(" ".join(map(without_unit, label.split(" · "))))
    return re.sub("_+", "_", code)[:_CODE_LENGTH].strip("_") or "x"


def _free_code(base: str, taken: Collection[str]) -> str:
    """Return a code that no other column has: the base, or with a number behind it."""
    code = base
    number = 2
    while code in taken:
        code = f"{base}_{number}"
        number += 1
    return code


def _marks_in(cells: Cells) -> list[str]:
    """Return the marks behind numbers of a sheet."""
    texts = [cell for cell in chain.from_iterable(cells) if isinstance(cell, str)]
    return marks_behind([*map(str.strip, texts)])


def _has_most(texts: Iterable[str], names: Sequence[str]) -> bool:
    """Tell whether most of some names are among texts."""
    return 2 * len({*texts} & {*names}) > len(names)


def _is_short_code(text: str) -> bool:
    """Tell whether a text is a code of up to three letters, such as that of a country."""
    return len(text) <= 3 and text.isascii()
