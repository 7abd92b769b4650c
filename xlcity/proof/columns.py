"""The columns of a workbook: their pattern, and the cells that break it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from xlcity.model.dataset import FloatArray
from xlcity.proof.cells import TeamCells
from xlcity.proof.cities import Cities, CitySeries, heading
from xlcity.proof.forms import Form, FormReader, Leaf, Reach, formula_text, leaf_area
from xlcity.xlsx.address import column_letters, full_address, quote_sheet
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.formulas.patterns import LinePattern, find_pattern

#: Cells off the pattern are slips if they are so few, or such a share of the column.
_FEW = 2
_FEW_SHARE = 0.12
#: Share of a column's cells that are typed in one of raw values, at least.
_TYPED = 0.5
#: Cells that hold nothing.
_EMPTY = (None, "")


class SlipKind(StrEnum):
    """How a cell breaks the pattern of its column."""

    TYPED = "typed"
    OTHER_CITY = "other_city"
    SHORT_RANGE = "short_range"
    OTHER_FORMULA = "other_formula"


@dataclass(frozen=True)
class Slip:
    """A cell that breaks the pattern of its column.

    Attributes
    ----------
    place
        The cell.
    kind
        How.
    own, expected
        What it holds, and what its neighbours have: a formula with its sign of equality.
    cities
        The cities that a range leaves out, or the one that is read.
    series
        The column, None for a cell beside the cities.
    """

    place: Place
    kind: SlipKind
    own: str
    expected: str
    cities: tuple[str, ...] = ()
    series: CitySeries | None = None

    @property
    def cell(self) -> str:
        """Its address, such as "Index!J12"."""
        return full_address(*self.place)


@dataclass(frozen=True)
class TeamColumn:
    """A series with its formulas.

    Attributes
    ----------
    series, heading
        Where it is, and what stands above it.
    forms
        City -> its formula in terms of cities.
    model
        The formula that most cities have; None for typed values.
    slips
        Its cells off the pattern.
    mixed
        Whether more cells are off the pattern than slips would be.
    unread
        How many cells have a formula that is not understood.
    """

    series: CitySeries
    heading: str
    forms: Mapping[int, Form] = field(default_factory=dict)
    model: Form | None = None
    slips: tuple[Slip, ...] = ()
    mixed: bool = False
    unread: int = 0

    @cached_property
    def pattern(self) -> Form | None:
        """The formula that most cities have, mended; None for typed values."""
        return None if self.model is None else self.model.mended

    @property
    def digits(self) -> int | None:
        """Decimals to which the pattern rounds."""
        return None if self.model is None else self.model.digits

    @property
    def formulas(self) -> int:
        """How many of its cells have a formula."""
        return len(self.forms) + self.unread

    @property
    def is_typed(self) -> bool:
        """Whether its values are those that people typed."""
        return self.pattern is None and not self.unread


class FormulaInputs(NamedTuple):
    """The series that a formula reads, and the computed cells beside the cities."""

    series: tuple[CitySeries, ...]
    helpers: tuple[Place, ...]


class TeamColumns:
    """All series of a workbook, read when they are asked for."""

    def __init__(self, cells: TeamCells, cities: Cities) -> None:
        self.cells = cells
        self.cities = cities
        self.reader = FormReader(cells, cities)
        self._columns: dict[CitySeries, TeamColumn] = {}
        self._helpers: dict[Place, Form | None] = {}
        #: Series that were found to be made of others -> how.
        self.made: dict[CitySeries, Any] = {}
        #: Results of series, where the file stores none.
        self.results: dict[CitySeries, FloatArray] = {}

    def __getitem__(self, series: CitySeries) -> TeamColumn:
        if series not in self._columns:
            self._columns[series] = self._read(series)
        return self._columns[series]

    def helper(self, place: Place) -> Form | None:
        """Return the formula of a cell beside the cities."""
        if place not in self._helpers:
            self._helpers[place] = self.reader.form(place)
        return self._helpers[place]

    @cached_property
    def computed(self) -> list[CitySeries]:
        """The series with a formula."""
        return [s for s in self.cities.series if self[s].pattern is not None]

    @cached_property
    def all_cells(self) -> frozenset[Place]:
        """All cells with formulas, and those of cities."""
        return frozenset((*self.cells.formulas, *self.cities.city_cells))

    def named(self, name: str) -> CitySeries | None:
        """Return the computed series at a place, such as "Index!J"; None for none."""
        places = {series_name(self, series): series for series in self.computed}
        return places.get(name)

    def stored(self, series: CitySeries) -> FloatArray:
        """Return (cities,) stored numbers of a series, NaN for anything else."""
        if series in self.results:
            return self.results[series].copy()
        numbers = np.full(len(self.cities.names), np.nan)
        for city, place in self.cities.cells(series).items():
            number = self.cells.number(place)
            if number is not None:
                numbers[city] = number
        return numbers

    def usual(self, series: CitySeries) -> FloatArray:
        """Return stored numbers without those of cells that break the pattern."""
        numbers = self.stored(series)
        for slip in self[series].slips:
            cell = self.cities.city_cells.get(slip.place)
            if cell is not None and cell.series == series:
                numbers[cell.city] = np.nan
        return numbers

    def _read(self, series: CitySeries) -> TeamColumn:
        column = TeamColumn(series, heading(self.cells, self.cities, series))
        places = self.cities.cells(series)
        order = sorted(city for city in places if self._is_filled(places[city]))
        forms = self._forms({city: places[city] for city in order})
        formulas = sum(places[city] in self.cells.formulas for city in order)
        if formulas < _TYPED * len(order):
            return column
        column = replace(column, forms=forms, unread=formulas - len(forms))
        found = find_pattern([*_keys(forms, order)])
        is_read = len(forms) >= _TYPED * len(order)
        return self._patterned(column, found, order) if found and is_read else column

    def _patterned(
        self, column: TeamColumn, found: LinePattern, order: Sequence[int]
    ) -> TeamColumn:
        """Return a column with its pattern, and the cells that break it."""
        regular = order[next(found.regular)]
        model = column.forms[regular]
        is_mixed = not found.has_few_odd(_FEW_SHARE, _FEW)
        odd = [] if is_mixed else [order[number] for number in found.odd]
        slips = [self._slip(column, city, model) for city in odd]
        place = self.cities.cells(column.series)[regular]
        slips += self._short_ranges(model, place, column.series)
        return replace(
            column,
            model=model,
            slips=tuple(slips),
            mixed=is_mixed,
        )

    def _forms(self, places: Mapping[int, Place]) -> dict[int, Form]:
        """Return city -> the form of its formula, of those that have one."""
        forms = {city: self.reader.form(place) for city, place in places.items()}
        return {city: form for city, form in forms.items() if form is not None}

    def _is_filled(self, place: Place) -> bool:
        """Tell whether a cell has a value or a formula."""
        return self.cells.value(place) not in _EMPTY or place in self.cells.formulas

    def _slip(self, column: TeamColumn, city: int, model: Form) -> Slip:
        series = column.series
        place = self.cities.cells(series)[city]
        expected = f"={self._expected(series, city, model, column.forms)}"
        if place not in self.cells.formulas:
            own = f"{self.cells.value(place)}"
            return Slip(place, SlipKind.TYPED, own, expected, series=series)
        kind = SlipKind.OTHER_FORMULA
        named: set[int] = set()
        form = column.forms.get(city)
        for leaf in () if form is None else form.reads():
            if leaf.reach is Reach.OTHER and leaf.city is not None:
                kind = SlipKind.OTHER_CITY
                named.add(leaf.city)
            elif leaf.lacking and kind is SlipKind.OTHER_FORMULA:
                kind = SlipKind.SHORT_RANGE
                named |= {*leaf.lacking}
        names = tuple(self.cities.names[number] for number in sorted(named))
        own = self.formula(place)
        return Slip(place, kind, own, expected, cities=names, series=series)

    def formula(self, place: Place) -> str:
        """Return the formula of a cell, with its sign of equality."""
        return f"={self.cells.formulas[place]}"

    def _expected(
        self, series: CitySeries, city: int, model: Form, forms: Mapping[int, Form]
    ) -> str:
        """Return the formula of a column for a city, as its neighbours write it."""
        places = self.cities.cells(series)
        place = places[city]
        near = sorted(
            (c for c, form in forms.items() if form.key == model.key),
            key=lambda c: abs(c - city),
        )
        model_place = places[near[0]]
        shared = SharedFormula(self.cells.formulas[model_place], *model_place[1])
        copied = shared.formula_in(*place[1])
        if self.reader.key_of(copied, place) == model.key:
            return copied
        return formula_text(model.mended, self.cities, city) or ""

    def written(self, series: CitySeries) -> str:
        """Return the formula of a column for its first city, as its cells have it."""
        column = self[series]
        places = self.cities.cells(series)
        if column.pattern is not None:
            return self._expected(series, min(places), column.pattern, column.forms)
        in_order = (places[city] for city in sorted(places))
        return next(
            self.cells.formulas[p] for p in in_order if p in self.cells.formulas
        )

    def does_as(self, series: CitySeries, formula: str) -> bool:
        """Tell whether a column does what a formula of its first city does."""
        pattern = self[series].pattern
        if pattern is None:
            return False
        text = formula.removeprefix("=")
        place = self.cities.cells(series)[min(self.cities.cells(series))]
        if self.reader.key_of(text, place) == pattern.key:
            return True
        # Where no cell can be copied to the first city, the mended formula was kept.
        return text == self.written(series)

    def _short_ranges(
        self, form: Form, place: Place, series: CitySeries | None
    ) -> Iterator[Slip]:
        """Yield a slip for each range of a formula that leaves cities out."""
        for leaf in form.reads():
            if leaf.lacking:
                names = tuple(self.cities.names[city] for city in leaf.lacking)
                own = self.formula(place)
                expected = f"{leaf_area(leaf._replace(lacking=()), self.cities, None)}"
                yield Slip(
                    place,
                    SlipKind.SHORT_RANGE,
                    own,
                    expected,
                    cities=names,
                    series=series,
                )

    def helper_slips(self, place: Place) -> tuple[Slip, ...]:
        """Return the slips of a cell beside the cities."""
        form = self.helper(place)
        return () if form is None else tuple(self._short_ranges(form, place, None))

    def inputs(self, form: Form) -> FormulaInputs:
        """Return what a formula reads, also through computed cells beside the cities."""
        series: dict[CitySeries, None] = {}
        helpers: dict[Place, None] = {}
        waiting = [*form.reads()]
        while waiting:
            leaf = waiting.pop(0)
            for one in self.series_of(leaf):
                series.setdefault(one)
            for place in self._computed_cells(leaf):
                if place not in helpers:
                    helpers[place] = None
                    inner = self.helper(place)
                    waiting += [] if inner is None else inner.reads()
        return FormulaInputs((*series,), (*helpers,))

    def series_of(self, leaf: Leaf) -> Sequence[CitySeries]:
        """Return the series that a leaf reaches."""
        if leaf.first is None:
            area = leaf.area
            if area is None or area.rows * area.columns > 1 << 16:
                return ()
            places = ((area.sheet, position) for position in area.positions)
            found = filter(None, map(self.cities.city_cells.get, places))
            return sorted({cell.series for cell in found})
        lines = self.cities.blocks[leaf.first.block].lines
        last = (leaf.last or leaf.first).line
        return [
            CitySeries(leaf.first.block, line)
            for line in lines
            if leaf.first.line <= line <= last
        ]

    def _computed_cells(self, leaf: Leaf) -> Iterator[Place]:
        """Yield the computed cells beside the cities that a leaf reads."""
        area = leaf.area
        if area is None or leaf.first is not None or area.rows * area.columns > 1 << 16:
            return
        for position in area.positions:
            place = area.sheet, position
            if place in self.cells.formulas and place not in self.cities.city_cells:
                yield place


def _keys(forms: Mapping[int, Form], order: Sequence[int]) -> Iterator[str]:
    """Yield the key of each city's formula, "" for a typed value."""
    for city in order:
        yield forms[city].key if city in forms else ""


def series_name(columns: TeamColumns, series: CitySeries) -> str:
    """Return where a series is: a column, or a row, of a sheet."""
    axis = columns.cities.blocks[series.block].axis
    line = column_letters(series.line) if axis.down else str(series.line)
    return f"{quote_sheet(axis.sheet)}!{line}"
