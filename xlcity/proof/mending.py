"""What mending one cell changes: the team's own formulas, with that cell as its column says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from xlcity.errors import CellValue, EngineError
from xlcity.model.dataset import FloatArray
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import Slip, TeamColumns
from xlcity.proof.forms import Form, engine_text, leaf_area
from xlcity.proof.probe import compute_cells
from xlcity.proof.reading import ReadIndex
from xlcity.proof.tables import is_of_whole_column
from xlcity.xlsx.formulas.graph import Place

#: Slips whose effect is computed, at most.
_MOST = 24
#: Digits of totals that are ranked.
_DIGITS = 12


class MovedRank(NamedTuple):
    """A city whose rank is another one."""

    unit: str
    before: int
    after: int


def rank_moves(read: ReadIndex) -> dict[Slip, tuple[MovedRank, ...]]:
    """Return slip -> the ranks that move once this cell alone is as its column says.

    The largest moves come first. A slip whose effect cannot be computed is left out.
    """
    if not read.slips:
        return {}
    workbook = _OwnFormulas(read)
    moves = {}
    try:
        before = workbook.ranks({})
        for slip in read.slips[:_MOST]:
            after = workbook.ranks(mended_cells(read.columns, slip))
            moves[slip] = _moves(read.columns.cities.names, before, after)
    except EngineError:
        return moves
    return moves


def _moves(
    names: Sequence[str], before: FloatArray, after: FloatArray
) -> tuple[MovedRank, ...]:
    """Return the cities that have another rank, the largest moves first."""
    ranks = zip(names, before, after, strict=True)
    moves = [
        MovedRank(name, int(old), int(new))
        for name, old, new in ranks
        if np.isfinite(old) and np.isfinite(new) and old != new
    ]
    return tuple(sorted(moves, key=_distance, reverse=True))


def _distance(move: MovedRank) -> int:
    return abs(move.after - move.before)


def mended_cells(columns: TeamColumns, slip: Slip) -> dict[Place, Form]:
    """Return the cells that a slip is about, with the formula that each should have."""
    if slip.series is None:
        form = columns.helper(slip.place)
        return {} if form is None else {slip.place: _completed(form)}
    column = columns[slip.series]
    pattern = column.pattern
    assert pattern is not None  # a column with slips is computed
    model = next(form for form in column.forms.values() if form.key == pattern.key)
    if not is_of_whole_column(columns, slip):
        return {slip.place: model}
    places = columns.cities.cells(slip.series)
    alike = [city for city, form in column.forms.items() if form.key == pattern.key]
    return {places[city]: _completed(model) for city in alike}


def _completed(form: Form) -> Form:
    """Return a formula whose ranges hold all cities."""
    leaves = {
        key: leaf._replace(lacking=(), area=None) if leaf.lacking else leaf
        for key, leaf in form.leaves.items()
    }
    return replace(form, leaves=leaves)


class _OwnFormulas:
    """The formulas behind a total as they stand in the workbook."""

    def __init__(self, read: ReadIndex) -> None:
        self.columns = read.columns
        self.total = read.root.series
        self.ranking = read.rankings[0] if read.rankings else None
        self._forms: dict[Place, Form | None] = {}

    def ranks(self, changed: Mapping[Place, Form]) -> FloatArray:
        """Return (cities,) ranks, with some cells changed.

        Raises
        ------
        EngineError
            If a formula cannot be computed.
        """
        from scipy.stats import rankdata

        wanted = self.ranking or self.total
        numbers = self._numbers(wanted, changed)
        if self.ranking is not None:
            return numbers
        known = np.isfinite(numbers)
        keys = [float(f"{value:.{_DIGITS}g}") for value in numbers[known]]
        numbers[known] = rankdata([-key for key in keys], method="min")
        return numbers

    def _numbers(self, wanted: CitySeries, changed: Mapping[Place, Form]) -> FloatArray:
        """Return (cities,) values of a column."""
        places = self.columns.cities.cells(wanted)
        formulas: dict[Place, str] = {}
        values: dict[Place, CellValue] = {}
        waiting = [*places.values()]
        seen = {*waiting}
        while waiting:
            place = waiting.pop()
            form = changed.get(place) or self._form(place)
            text = None if form is None else self._text(form, place)
            if form is None or text is None:
                values[place] = self.columns.cells.value(place)
                continue
            formulas[place] = text
            inputs = [one for one in self._inputs(form, place) if one not in seen]
            seen.update(inputs)
            waiting += inputs
        values |= compute_cells(formulas, values)
        numbers = np.full(len(self.columns.cities.names), np.nan)
        for city, place in places.items():
            value = values.get(place)
            if isinstance(value, float):
                numbers[city] = value
        return numbers

    def _form(self, place: Place) -> Form | None:
        if place not in self._forms:
            self._forms[place] = self.columns.reader.form(place)
        return self._forms[place]

    def _city(self, place: Place) -> int | None:
        found = self.columns.cities.city_cells.get(place)
        return None if found is None else found.city

    def _text(self, form: Form, place: Place) -> str | None:
        return engine_text(form, self.columns.cities, self._city(place))

    def _inputs(self, form: Form, place: Place) -> list[Place]:
        """Return the cells that a formula reads, of those that hold something."""
        cities = self.columns.cities
        areas = [leaf_area(leaf, cities, self._city(place)) for leaf in form.reads()]
        cells = self.columns.cells
        found: list[Place] = []
        for area in filter(None, areas):
            sheet = cells.book.sheets[area.sheet]
            found += [(area.sheet, position) for position in sheet.within(area)]
        return found
