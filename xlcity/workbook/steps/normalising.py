"""How each indicator is normalised in cells, and which indicators one call repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from xlcity.methods.normalise.record import (
    ColumnCells,
    NativeNormalisation,
    Normalisation,
)
from xlcity.methods.registry import find_method
from xlcity.model.recipe import Step
from xlcity.workbook.drawing.grid import Area, Fix, cell
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.layout import OWN
from xlcity.workbook.layout.rows import (
    FIRST,
    INDEX,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_RANGE,
    ROW_SD,
    ROW_TIE,
)
from xlcity.workbook.methods_in_cells import parameter_cells, step_for
from xlcity.workbook.steps.method_table import Bands, value_of
from xlcity.workbook.steps.nodes import needs_exact_zero

#: Statistic above a column -> its row.
_ROWS = {
    "n": ROW_N,
    "mean": ROW_MEAN,
    "sd": ROW_SD,
    "minimum": ROW_MIN,
    "maximum": ROW_MAX,
    "low": ROW_LOW,
    "high": ROW_HIGH,
    "span": ROW_RANGE,
    "tie_score": ROW_TIE,
    "tied_within": ROW_TIE,
}


@dataclass(frozen=True)
class Normalising:
    """How one indicator is normalised in a template.

    Parameters
    ----------
    layout
        The template.
    code
        The indicator.
    """

    layout: Layout
    code: str

    @cached_property
    def step(self) -> Step:
        """The step of the recipe."""
        return step_for(self.layout.spec, "normalise", self.code)

    @property
    def method(self) -> str:
        """Its method."""
        return self.step.method

    @property
    def record(self) -> Normalisation:
        """The record of its method."""
        return find_method(Normalisation, self.method)

    @property
    def native(self) -> NativeNormalisation:
        """How the method is written in cells."""
        return self.record.native

    @property
    def again(self) -> bool:
        """Whether z-scores are standardised once more."""
        return self.step.get("again") == "yes"

    @property
    def by_own_function(self) -> bool:
        """Whether a function of the user scores the column."""
        return self.step.record.own is not None

    @cached_property
    def plain(self) -> ColumnCells:
        """What formulas name wherever they stand: parameters and words."""
        spec = self.layout.spec
        code = self.code
        parameters = parameter_cells(self.step)
        columns = (parameter.column for parameter in parameters.values())
        addresses = {
            column: self.layout.framework_cell(code, column) for column in columns
        }
        dead = {
            name: p.column
            for name, p in parameters.items()
            if not p.live or self.step.settings().rule(name) is not None
        }
        words = {
            column: str(value_of(spec, code, name)) for name, column in dead.items()
        }
        bands = Bands.of(spec, code) if self.native.by_bands else None
        cuts, limits, scores = (bands.ref(which) if bands else "" for which in range(3))
        rises = int(spec.framework[code].direction) > 0
        exact_zero = needs_exact_zero(spec, code)
        return ColumnCells(
            addresses,
            words,
            rises,
            exact_zero=exact_zero,
            cuts=cuts,
            limits=limits,
            scores=scores,
        )

    def column(self, column: int, values: str, **cells: str) -> ColumnCells:
        """Return what formulas name whose statistics stand above a column of their sheet."""
        above: dict[str, Any] = {
            name: cell(row, column, Fix.ROW) for name, row in _ROWS.items()
        }
        return replace(self.plain, values=values, **(above | cells))

    @cached_property
    def own(self) -> ColumnCells:
        """The same for the columns of `Index`, where the statistics of all cities stand."""
        layout = self.layout
        values = layout.prepared.over(self.code, INDEX)
        units = Area.of_column(INDEX, 1, FIRST, layout.last).ref(home=INDEX)
        computed = (
            layout.blocks[OWN].over(self.code, INDEX) if self.by_own_function else ""
        )
        column = layout.scores_before_imputing.column(self.code)
        return self.column(column, values, units=units, computed_column=computed)

    def own_call(self, home: str) -> str:
        """Return the call of the user's function that scores the column."""
        call = self.native.column_call
        assert call is not None, "it is a function of the user"
        return call(
            replace(self.own, values=self.layout.prepared.over(self.code, home))
        )

    def in_row(self, row: int) -> ColumnCells:
        """Return the same for one city; where populations are scored apart, by those of its own."""
        layout = self.layout
        x = layout.prepared.at(self.code, row, INDEX)
        if not layout.spec.apart:
            computed = (
                layout.blocks[OWN].at(self.code, row, INDEX)
                if self.by_own_function
                else ""
            )
            return replace(self.own, x=x, computed=computed)
        populations = populations_of(layout)
        number = populations.number(row, INDEX)
        own = self._of_group(
            lambda name: populations.own("raw", self.code, name, number, home=INDEX)
        )
        # A spare row has no population.
        own |= {
            key: f"IFERROR({own[key]},0)"
            for key in ("n", "minimum", "maximum")
            if own[key]
        }
        own["tie_score"] = own["tie_score"] and f'IFERROR({own["tie_score"]},"")'
        return replace(self.own, x=x, **own)

    def in_group(self, position: int) -> ColumnCells:
        """Return the same for the statistics of a population."""
        populations = populations_of(self.layout)
        own = self._of_group(
            lambda name: populations.at("raw", self.code, name, position, home=INDEX)
        )
        return replace(self.own, **own)

    def _of_group(self, address: Callable[[str], str]) -> dict[str, Any]:
        """Return what formulas name, given the addresses of a group's statistics."""
        names = self.native.group_statistics.read_as
        return {key: name and address(name) for key, name in names.items()}

    def formula(self, row: int) -> str:
        """Return the formula of the score of one city, before it is standardised again."""
        return self.native.cell_formula(self.in_row(row))

    def call(self) -> tuple[str, ...] | None:
        """Return function and arguments that repeat it, None where no function does."""
        call = self.native.call(self.plain)
        if call is not None and self.layout.spec.apart and "groups" not in call:
            return None
        return call

    def passing(self, codes: tuple[str, ...]) -> str:
        """Return where texts of these columns pass, "" for everywhere.

        No city has a result in a column that has none.
        """
        native = self.native
        block = self.layout.scores_before_imputing
        if self.layout.spec.apart or (
            native.span_tells_emptiness and native.gap(self.own)
        ):
            return ""
        rows = (ROW_RANGE, ROW_TIE) if self.own.has_cell("constant") else (ROW_RANGE,)
        return "+".join(f'({block.rows_of(codes, row, row).ref()}<>"")' for row in rows)

    def key(self) -> tuple[object, ...]:
        """Return what columns have alike that one call can repeat."""
        words = tuple(sorted(self.plain.word_of.items()))
        own = self.code if self.native.call_each else ""
        return (self.method, self.call(), words, self.again, own)


def runs(layout: Layout) -> Iterator[tuple[Normalising, tuple[str, ...]]]:
    """Yield adjacent indicators that one call can normalise, with how the first of them is."""
    steps = [Normalising(layout, code) for code in layout.indicators]

    def run_of(step: Normalising) -> tuple[object, ...]:
        # Columns that stand side by side are as far from the first as indicators are.
        distance = layout.prepared.column(step.code) - layout.indicators.index(
            step.code
        )
        return distance, step.key()

    for _, run in groupby(steps, run_of):
        first, *others = run
        yield first, (first.code, *(step.code for step in others))
