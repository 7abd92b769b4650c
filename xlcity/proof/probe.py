"""Computes columns of a team's workbook with invented values in the columns that they read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from xlcity.errors import CellValue
from xlcity.model.dataset import FloatArray
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import TeamColumn, TeamColumns
from xlcity.proof.forms import Form, formula_text, leaf_area
from xlcity.recalc.engines.compiled.engine import Compiled
from xlcity.recalc.engines.protocol import Task
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.graph import Place
from xlcity.xlsx.package import Package
from xlcity.xlsx.table import CellTable

#: Seconds that one calculation may take.
_TIMEOUT = 10.0
#: Digits of invented values; a criterion takes longer ones for equal.
_DIGITS = 10


class ColumnProbe:
    """A column as a function of other columns.

    Parameters
    ----------
    columns
        The columns of the workbook; those computed here are mended.
    targets
        What is computed.
    given
        The series that have invented values; all others are as in the workbook.
    kept
        The cells whose formulas stay as they stand, where the others are mended but for their
        rounding; None mends all, ROUND included.
    held
        The cells that keep the value in the file.
    """

    def __init__(
        self,
        columns: TeamColumns,
        targets: Sequence[CitySeries],
        given: Iterable[CitySeries],
        kept: Collection[Place] | None = None,
        held: Collection[Place] = (),
    ) -> None:
        self.columns = columns
        self.kept = kept
        self.held = held
        self.targets = targets
        self.given = frozenset(given)
        self._formulas: dict[Place, str] = {}
        self._typed: dict[Place, CellValue] = {}
        self._done: set[object] = set()
        for series in targets:
            self._add_series(series)
        for series in self.given:
            for place in columns.cities.cells(series).values():
                self._typed[place] = columns.cells.number(place)
                self._formulas.pop(place, None)
        self._task = _make_task(self._formulas, self._typed)

    def _add_series(self, series: CitySeries) -> None:
        """Add the formulas of a series, and all that they read."""
        if series in self._done:
            return
        self._done.add(series)
        column = self.columns[series]
        cities = self.columns.cities
        places = cities.cells(series)
        if column.pattern is None or (series in self.given):
            for place in places.values():
                self._typed[place] = self.columns.cells.value(place)
            return
        for city, place in places.items():
            form = self._form_of(column, city, place)
            if form is None:
                self._typed[place] = self.columns.cells.value(place)
            else:
                self._add_formula(place, city, form)

    def _form_of(self, column: TeamColumn, city: int, place: Place) -> Form | None:
        """Return what a cell of a column computes; None for one that has the value in the file."""
        if place in self.held:
            return None
        own = column.forms.get(city)
        if self.kept is not None and place in self.kept:
            return own
        return self._mended(own if own and column.mixed else column.model)

    def _mended(self, form: Form | None) -> Form | None:
        if form is None:
            return None
        return form.mended if self.kept is None else form.completed

    def _add_formula(self, place: Place, city: int | None, form: Form) -> None:
        """Add a formula and what it reads."""
        text = formula_text(form, self.columns.cities, city)
        if text is None:
            return
        self._formulas[place] = text
        inputs = self.columns.inputs(form)
        for one in inputs.series:
            self._add_series(one)
        for leaf in form.reads():
            area = leaf_area(leaf, self.columns.cities, city)
            if area is not None and leaf.first is None and area not in self._done:
                self._done.add(area)
                self._typed |= self.columns.cells.constants_in([area])
        for helper in inputs.helpers:
            self._add_helper(helper)

    def _add_helper(self, place: Place) -> None:
        """Add the formula of a cell beside the cities."""
        form = self.columns.helper(place)
        if place not in (self.kept or ()):
            form = self._mended(form)
        if form is not None and place not in self._done:
            self._done.add(place)
            self._add_formula(place, None, form)

    def run(
        self, inputs: Mapping[CitySeries, Sequence[CellValue] | FloatArray]
    ) -> dict[CitySeries, FloatArray]:
        """Return (cities,) numbers of each target, NaN for what is none.

        Raises
        ------
        EngineError
            If a formula cannot be computed.
        """
        values: dict[Place, CellValue] = {}
        for series, column in inputs.items():
            for city, place in self.columns.cities.cells(series).items():
                value = column[city]
                values[place] = _cell_value(value)
        computed = Compiled().evaluate_with(self._task, values)
        number = partial(_number, computed)
        count = len(self.columns.cities.names)
        results = {}
        for target in self.targets:
            numbers = np.full(count, np.nan)
            for city, place in self.columns.cities.cells(target).items():
                numbers[city] = number(place, self._typed.get(place))
            results[target] = numbers
        return results

    def run_one(
        self, inputs: Mapping[CitySeries, Sequence[CellValue] | FloatArray]
    ) -> FloatArray:
        """Return the numbers of the first target."""
        return self.run(inputs)[self.targets[0]]


def _make_task(formulas: Mapping[Place, str], typed: Mapping[Place, CellValue]) -> Task:
    """Return a workbook that has only some cells."""
    places: dict[str, dict[Position, None]] = {}
    for sheet, position in (*formulas, *typed):
        places.setdefault(sheet, {}).setdefault(position)
    sheets = {}
    for name, positions in places.items():
        order = sorted(positions)
        table = CellTable(
            order,
            [typed.get((name, p)) for p in order],
            [formulas.get((name, p)) for p in order],
            [None] * len(order),
            arrays={},
            members={},
            elements=0,
        )
        sheets[name] = Sheet(name, "", "visible", table)
    book = ReadBook(sheets)
    package: Any = Package
    return Task(package, book, {}, _TIMEOUT)


def _cell_value(value: Any) -> CellValue:
    """Return a value as a cell holds it: NaN is a blank."""
    if isinstance(value, float):
        return None if np.isnan(value) else float(value)
    given: CellValue = value
    return given


def _number(
    computed: Mapping[str, Mapping[Position, CellValue]], place: Place, typed: CellValue
) -> float:
    """Return the value of a cell as a number, NaN for anything else."""
    value = computed.get(place[0], {}).get(place[1], typed)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else np.nan  # type: ignore[arg-type]


class Invented:
    """Invented values like those that a series has.

    Parameters
    ----------
    seed
        Of the random numbers: the same seed gives the same values.
    """

    def __init__(self, seed: int = 74) -> None:
        self._random = np.random.default_rng(seed)

    def plain(self, like: FloatArray) -> FloatArray:
        """Return different values in and around the range of the given ones."""
        low, high = _range(like)
        around = 0.3 * (high - low)
        values = self._random.uniform(low - around, high + around, len(like))
        return _typed(np.abs(values) if low >= 0 else values)

    def tied(self, like: FloatArray) -> FloatArray:
        """Return values of which several are equal."""
        low, high = _range(like)
        steps = np.linspace(low + 0.1 * (high - low), high, 5)
        return _typed(self._random.choice(steps, len(like)))

    def wide(self, like: FloatArray) -> FloatArray:
        """Return values with one far above and one far below the others."""
        low, high = _range(like)
        values = self.plain(like)
        first, last = self._random.choice(len(like), 2, replace=False)
        values[first] = high + 6 * (high - low)
        values[last] = _far_below(low, high)
        return _typed(values)

    def below_zero(self, like: FloatArray) -> FloatArray:
        """Return values of which a third are negative."""
        _, high = _range(like)
        return _typed(self._random.uniform(-high, 2 * high, len(like)))

    def low(self, like: FloatArray) -> FloatArray:
        """Return values near each other, but for one far below."""
        low, high = _range(like)
        values = self._random.uniform(high - 0.1 * (high - low), high, len(like))
        values[self._random.integers(len(like))] = _far_below(low, high)
        return _typed(values)

    def draws(self, like: FloatArray) -> list[FloatArray]:
        """Return six columns of values: plain, with ties, and with outliers."""
        plain = self.plain
        wide = self.wide
        ways = (plain, plain, self.tied, wide, wide, self.low)
        return [way(like) for way in ways]


def _far_below(low: float, high: float) -> float:
    """Return a number far below a range, negative only where the range is."""
    if low < 0:
        return low - 6 * (high - low)
    return 0.001 * high if low else 0.0


def _typed(values: FloatArray) -> FloatArray:
    """Return numbers with no more digits than people type."""
    return np.array([float(f"{value:.{_DIGITS}g}") for value in values])


def _range(like: FloatArray) -> tuple[float, float]:
    """Return the least and the greatest number; of none, or of equal ones, a range around."""
    numbers = like[np.isfinite(like)]
    if not len(numbers):
        return 1.0, 100.0
    low = float(numbers.min())
    high = float(numbers.max())
    if low == high:
        around = abs(low) / 2 + 1.0
        return (low / 2 if low >= 0 else low - around), low + around
    return low, high
