"""The step *construct*: what indicators are worth, given or made from ingredients or links."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.functions.block import CellArray
from xlcity.functions.links import counted_pairs, link_strength, two_way_strengths
from xlcity.index.workspace import ComputationLog, Layer
from xlcity.methods.construct.links import SYMMETRIC
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    as_constructed,
)
from xlcity.methods.registry import find_method
from xlcity.model.dataset import (
    UNFILLED,
    Dataset,
    FloatArray,
    State,
    StateArray,
    Unit,
    as_slice,
)
from xlcity.model.framework import Framework
from xlcity.model.recipe import MAIN_POPULATION, Recipe, Step, link_group, link_step


def filled_states(recipe: Recipe, states: StateArray) -> StateArray:
    """Return the states of input cells as a recipe takes them.

    A blank becomes MISSING where the recipe says so; what was typed but is unusable becomes BLANK.
    """
    if not states.any():  # VALUE is 0
        return states
    if recipe.blank == "missing":
        states = np.where(states == State.BLANK, State.MISSING, states)
    return np.where(states == State.UNUSABLE, State.BLANK, states)


def input_values(
    dataset: Dataset, rows: np.ndarray, code: str
) -> tuple[FloatArray, StateArray]:
    """Return a dataset's values (to be read only) and states of a code in some rows.

    They are blank without a column.
    """
    if code not in dataset.codes:
        return np.full(len(rows), np.nan), np.full(
            len(rows), State.BLANK, dtype=np.uint8
        )
    cells = as_slice(rows), dataset.columns[code]
    return dataset.values[cells], dataset.states[cells].copy()


class RawValues:
    """Values of indicators before any other step: given by the data, else made by *construct*.

    Parameters
    ----------
    framework, recipe, dataset
        What is computed, how, and from what.
    log
        Collects marks and failures.
    """

    def __init__(
        self,
        framework: Framework,
        recipe: Recipe,
        dataset: Dataset,
        log: ComputationLog,
    ) -> None:
        """Make a blank layer for the values; nothing is constructed yet."""
        self._framework = framework
        self._recipe = recipe
        self._dataset = dataset
        self._log = log
        self._column_of = {
            node.code: column for column, node in enumerate(framework.tree_order)
        }
        #: What indicators made from links are worth, which no group of units has for itself.
        self._networks: dict[str, tuple[Network, CellArray]] = {}
        #: Values and states of all nodes, in tree order.
        self.layer = Layer((len(dataset.units), len(self._column_of)))

    def read(self, rows: np.ndarray, code: str) -> tuple[FloatArray, StateArray]:
        """Return (rows,) values and states of a node in `layer`, or of another code of the dataset.

        States are as the recipe takes them, see `filled_states`.
        """
        if code in self._framework:
            return self.layer.read(rows, self._column_of[code])
        values, states = input_values(self._dataset, rows, code)
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
        values, states = input_values(self._dataset, rows, code)
        step = self._recipe.step_for("construct", code)
        has_own_value = states == State.VALUE
        if step is not None and (open_rows := np.isin(states, UNFILLED)).any():
            constructed = self._construct_column(rows, code, step, filled)
            values = np.where(open_rows, constructed.values, values)
            for row, kind, ingredient in constructed.marks:
                detail = f"in {code}, by {step.method}"
                self._log.mark(kind, rows, row, code=ingredient, detail=detail)
            for row, error in constructed.errors:
                if open_rows[row]:
                    where = Where(indicator=code, unit=self._log.unit_id(rows, row))
                    problem = Problem.of(
                        "XC354.not_constructed", where, method=step.method, error=error
                    )
                    self._log.failures.append(problem)
            states = np.where(open_rows, constructed.states, states).astype(np.uint8)
        if step is not None:
            self._log.mark_direct(rows, code, has_own_value)
        self.layer.write(
            rows, self._column_of[code], values, filled_states(self._recipe, states)
        )

    def _construct_column(
        self, rows: np.ndarray, code: str, step: Step, filled: set[str]
    ) -> Constructed:
        """Return (rows,) values of an indicator as its step constructs it.

        From ingredients, from a list, or from links between cities. `filled` has the codes that are
        constructed already, as in `construct`.
        """

        def read(name: str) -> tuple[FloatArray, StateArray]:
            """Return values and states of an ingredient or an indicator, constructed before."""
            self.construct(rows, name, filled)
            return self.read(rows, name)

        if (kernel := find_method(Construction, step.method).kernel) is not None:
            units = [self._log.unit_id(rows, row) for row in range(len(rows))]
            parts = [
                ingredient.code for ingredient in self._framework.ingredients_of(code)
            ]
            items = [
                (item.unit, item.ranks) for item in self._dataset.items.get(code, ())
            ]
            ingredients = Ingredients(code, parts, units, items, read=read)
            return kernel(ingredients, step.settings())
        # It is made from links: all scored units count, and the rows of the group are picked out.
        if code not in self._networks:
            self._networks[code] = network_values(self._dataset, code, step)
        net, values = self._networks[code]
        positions = np.array([net.rows.index(int(row)) for row in rows])
        group_cells = CellArray(values.values[positions], values.errors[positions])
        return as_constructed(
            group_cells, np.full(len(positions), State.BLANK, dtype=np.uint8)
        )


# -- links between cities, and pairs of cities scored by the tree ----------------------------------
@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The links of one indicator among all scored units.

    `rows` are the units' rows in the dataset, `matrix` (m, m) the links as they were given: NaN
    where there is none.
    """

    rows: tuple[int, ...]
    matrix: FloatArray
    has_links: bool


def read_network(dataset: Dataset, code: str) -> Network:
    """Return the links of an indicator among the scored units; a missing code counts as 0.

    Links of a unit with itself, or with one that is not scored, are left out.
    """
    rows = tuple(row for row, unit in enumerate(dataset.units) if unit.is_scored)
    position_of = {dataset.units[row].id: position for position, row in enumerate(rows)}
    links = dataset.links.get(code, ())
    matrix = np.full((len(rows), len(rows)), np.nan)
    for link in links:
        if (
            link.start in position_of
            and link.end in position_of
            and link.start != link.end
        ):
            cell = position_of[link.start], position_of[link.end]
            matrix[cell] = 0.0 if math.isnan(link.value) else link.value
    return Network(rows, matrix, bool(links))


def unit_groups(
    units: Sequence[Unit],
    attribute: str | None,
) -> tuple[str, ...] | None:
    """Return each unit's value of the attribute that groups them, "" for none.

    None if no attribute is given: then all units are one group.
    """
    if not attribute:
        return None
    return tuple(unit.attributes.get(attribute, "") for unit in units)


def network_values(
    dataset: Dataset, code: str, step: Step
) -> tuple[Network, CellArray]:
    """Return the links of an indicator, and (m, 1) what they are worth to each of m scored units.

    Values are all #N/A as long as the dataset has no link.

    Parameters
    ----------
    code, step
        The indicator, and the step that makes it from links.
    """
    net = read_network(dataset, code)
    if not net.has_links:
        n = len(net.rows)
        return net, link_strength(np.full((n, n), np.nan))
    matrix = net.matrix
    if step.text("flow") == SYMMETRIC:
        # A tie that was written once is the same from the other side.
        matrix = np.where(np.isnan(matrix), matrix.T, matrix)
    groups = unit_groups([dataset.units[row] for row in net.rows], link_group(step))
    kernel = find_method(Construction, step.method).network
    assert kernel is not None
    return net, kernel(np.nan_to_num(matrix), groups, step.settings())


def counted_unit_pairs(
    units: Sequence[Unit], attribute: str | None
) -> list[tuple[int, int]]:
    """Return the pairs of scored units, as their rows in the dataset, that are of two groups.

    Parameters
    ----------
    attribute
        Attribute of the units that names their group; None = all pairs count.
    """
    rows = [row for row, unit in enumerate(units) if unit.is_scored]
    groups = unit_groups([units[row] for row in rows], attribute)
    is_counted = counted_pairs(len(rows), groups)
    return [
        (rows[a], rows[b])
        for a, b in combinations(range(len(rows)), 2)
        if is_counted[a, b]
    ]


def pair_data(
    framework: Framework, recipe: Recipe, dataset: Dataset
) -> tuple[Recipe, Dataset] | None:
    """Return the recipe that scores pairs of units, and the data, in which each pair is a unit.

    The aliases of such a unit are the ids of both ends. None where the recipe asks for no pairs. An
    indicator without links, or whose table is not filled yet, leaves the nodes above it
    without scores. Where a step names a `group`, an attribute of units, only pairs of two groups
    count. A blank value of a pair makes its scores a draft.
    """
    steps = recipe.steps_doing("pairs")
    if not steps:
        return None
    groups = [str(step.get("group")) for step in steps if step.get("group")]
    pairs = counted_unit_pairs(dataset.units, groups[0] if groups else None)
    units = tuple(_pair_unit(dataset, pair) for pair in pairs)
    codes = tuple(node.code for node in framework.indicators)
    values = np.column_stack(
        [_indicator_strengths(recipe, dataset, code, pairs) for code in codes]
    )
    states = np.where(np.isnan(values), State.BLANK, State.VALUE)
    basis = np.full(values.shape, "")
    scoring_steps = tuple(
        step for step in recipe.steps if step.do in ("normalise", "aggregate", "rank")
    )
    pair_recipe = replace(
        recipe,
        steps=scoring_steps,
        options=(),
        populations=(MAIN_POPULATION,),
        blank="draft",
    )
    return pair_recipe, Dataset(units, codes, values, states=states, basis=basis)


def _pair_unit(dataset: Dataset, pair: tuple[int, int]) -> Unit:
    """Return a pair of units, by their rows, as a unit of its own."""
    ids = tuple(dataset.units[row].id for row in pair)
    return Unit("|".join(ids), aliases=ids, population=MAIN_POPULATION)


def _indicator_strengths(
    recipe: Recipe, dataset: Dataset, code: str, pairs: Sequence[tuple[int, int]]
) -> FloatArray:
    """Return (pairs,) strength of an indicator's links between the two units of each pair.

    1 and 0, for whether there is any link, where the step *pairs* counts presence. All NaN where
    the recipe does not make the indicator from links, or none are filled in yet.

    Parameters
    ----------
    pairs
        Rows of both units in the dataset.
    """
    construct_step = link_step(recipe, code)
    pair_step = recipe.step_for("pairs", code)
    if construct_step is None or pair_step is None:
        return np.full(len(pairs), np.nan)
    net = read_network(dataset, code)
    if not net.has_links:
        return np.full(len(pairs), np.nan)
    # The strength of a pair joins both directions.
    matrix, _ = two_way_strengths(net.matrix, construct_step.text("flow"), states=None)
    positions = {row: position for position, row in enumerate(net.rows)}
    strengths = [matrix[positions[a], positions[b]] for a, b in pairs]
    strength: FloatArray = np.array(strengths, dtype=np.float64)
    if pair_step.get("count") == "presence":
        return np.asarray(strength != 0, dtype=np.float64)
    return strength
