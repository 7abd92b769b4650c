"""The step *construct*: what indicators are worth, given or made from ingredients or links."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.block import CellArray
from xlcity.index.links import node_values
from xlcity.index.workspace import ComputationLog, Layer
from xlcity.methods.construct import Constructed, Construction, finish_column
from xlcity.methods.registry import method_of
from xlcity.model.dataset import UNFILLED, Dataset, FloatArray, Item, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe


def filled_states(recipe: Recipe, states: StateArray) -> StateArray:
    """Return states of inputs as a recipe takes them: a blank is missing where it says so."""
    if recipe.blank == "missing":
        states = np.where(states == State.BLANK, State.MISSING, states).astype(np.uint8)
    return np.where(states == State.UNUSABLE, State.BLANK, states).astype(np.uint8)


class RawValues:
    """What each indicator is worth before anything is done to it.

    Parameters
    ----------
    framework, recipe, dataset
        What is computed, how, and from what.
    log
        Collects marks and failures.
    """

    def __init__(
        self, framework: Framework, recipe: Recipe, dataset: Dataset, log: ComputationLog
    ) -> None:
        self._framework, self._recipe, self._dataset, self._log = framework, recipe, dataset, log
        self._places = {node.code: column for column, node in enumerate(framework.tree_order)}
        #: Values and states of all nodes, in tree order.
        self.layer = Layer((len(dataset.units), len(self._places)))

    def given(self, rows: np.ndarray, code: str) -> tuple[FloatArray, StateArray]:
        """Return (rows,) values and states of a code in the dataset; blank without a column."""
        if code not in self._dataset.codes:
            return np.full(len(rows), np.nan), np.full(len(rows), State.BLANK, dtype=np.uint8)
        column = self._dataset.codes.index(code)
        return self._dataset.values[rows, column], self._dataset.states[rows, column].copy()

    def read(self, rows: np.ndarray, code: str) -> tuple[FloatArray, StateArray]:
        """Return an indicator, or another column of the dataset with blanks as the recipe says."""
        if code in self._framework:
            return self.layer.of(rows, self._places[code])
        values, states = self.given(rows, code)
        return values, filled_states(self._recipe, states)

    def construct_all(self, rows: np.ndarray) -> None:
        """Write the values of all indicators of a group, given by its rows, into `layer`."""
        filled: set[str] = set()
        for node in self._framework.indicators:
            self.construct(rows, node.code, filled)

    def construct(self, rows: np.ndarray, code: str, filled: set[str]) -> None:
        """Write an indicator's values into `layer`, and before it what it is made from.

        Parameters
        ----------
        filled
            Codes that are filled already for these rows; those filled now are added.
        """
        if code in filled or code not in self._framework:
            return
        filled.add(code)
        values, states = self.given(rows, code)
        step = self._recipe.step_for("construct", code)
        open_rows = np.isin(states, UNFILLED)
        if step is not None and open_rows.any():
            constructed = self._make_column(rows, code, filled)
            values = np.where(open_rows, constructed.values, values)
            for row, kind, part in constructed.marks:
                self._log.mark(kind, rows, row, part, f"in {code}, by {step.method}")
            for row, error in constructed.errors:
                if open_rows[row]:
                    message = f"{step.method} has no result: {error}."
                    unit = self._log.unit(rows, row)
                    self._log.fail(
                        "XC354", message, "Check the values that it is computed from.", code, unit
                    )
            self._log.mark_direct(rows, code, states)
            states = np.where(open_rows, constructed.states, states).astype(np.uint8)
        elif step is not None:
            self._log.mark_direct(rows, code, states)
        self.layer.put(rows, self._places[code], values, filled_states(self._recipe, states))

    def _make_column(self, rows: np.ndarray, code: str, filled: set[str]) -> Constructed:
        """Return an indicator made by its step from ingredients, lists or links."""
        step = self._recipe.step_for("construct", code)
        assert step is not None
        if (kernel := method_of(Construction, step.method).kernel) is not None:
            parts = [part.code for part in self._framework.ingredients_of(code)]
            return kernel(_Source(self, self._dataset, rows, code, parts, filled), step.settings())
        # From links with all scored units, those of other groups too.
        net, values = node_values(self._dataset, code, step)
        positions = np.array([net.rows.index(int(row)) for row in rows])
        mine = CellArray(values.values[positions], values.errors[positions])
        return finish_column(mine, np.full(len(positions), State.BLANK, dtype=np.uint8))


class _Source:
    """What the construction of one indicator reads; see `methods.construct.Ingredients`."""

    def __init__(
        self,
        values: RawValues,
        dataset: Dataset,
        rows: np.ndarray,
        code: str,
        ingredients: Sequence[str],
        filled: set[str],
    ) -> None:
        self._values, self._dataset, self._rows, self._filled = values, dataset, rows, filled
        self.code, self.ingredients = code, ingredients

    @property
    def units(self) -> Sequence[str]:
        """Return the ids of the units."""
        return [self._dataset.units[int(row)].id for row in self._rows]

    def ingredient(self, code: str) -> tuple[FloatArray, StateArray]:
        """Return an ingredient's values and states in the rows of the group."""
        return self._values.read(self._rows, code)

    def other(self, code: str) -> tuple[FloatArray, StateArray]:
        """Return values and states of another indicator, constructed ones too, or ingredient."""
        self._values.construct(self._rows, code, self._filled)
        return self._values.read(self._rows, code)

    def items(self) -> Sequence[Item]:
        """Return the list behind the indicator."""
        return self._dataset.items.get(self.code, ())
