"""What happens to raw values before they are normalised: denominate, screen, impute, treat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.functions.construct import denominate, joint_states
from xlcity.index.result import IndexResult
from xlcity.methods.prepare import RawImputation, Treatment
from xlcity.methods.registry import METHODS, find_method
from xlcity.model.dataset import FloatArray, State, StateArray, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step


@dataclass(frozen=True, slots=True)
class ScreenGroup:
    """Indicators of which a unit must have enough values.

    Attributes
    ----------
    step
        With the shares that are asked for.
    node
        The node above them, or the indicator itself.
    indicators
        Their codes, in tree order.
    number
        Its place among the nodes that steps name, from 1, in tree order; 0 for all indicators.
    """

    step: Step
    node: str
    indicators: tuple[str, ...]
    number: int


def screen_groups(framework: Framework, recipe: Recipe) -> tuple[ScreenGroup, ...]:
    """Return the groups of indicators that units are screened by: all, then those named."""
    steps = recipe.steps_doing("screen")
    step_of_node = {code: step for step in steps for code in step.codes}
    codes = [node.code for node in framework.tree_order if node.code in step_of_node]
    # Of several steps for all indicators the last one counts.
    screens = [(step, framework.root.code, 0) for step in steps if not step.codes][-1:]
    screens += [(step_of_node[code], code, number) for number, code in enumerate(codes, start=1)]
    return tuple(
        ScreenGroup(step, code, tuple(leaf.code for leaf in framework.leaves_below(code)), number)
        for step, code, number in screens
        if step.method != "none"
    )


def has_enough(
    step: Step, present: FloatArray, zeros: FloatArray, k: int | FloatArray
) -> np.ndarray:
    """Return which units have the shares of values that a step asks for.

    Parameters
    ----------
    step
        With the least shares of values (`data`), and of values other than 0 (`least_nonzero`).
    present, zeros
        (n,) or (n, m) how many of k indicators have a value, and how many of these are 0.
    k
        Number of indicators, or (m,) where it differs.
    """
    least_data, least_nonzero = step.number("data"), step.number("nonzero")
    with np.errstate(all="ignore"):
        # Where all indicators of a group are left out there is nothing to have.
        shares = np.where(np.asarray(k) > 0, present / k, 1.0)
        nonzero_shares = np.where(present > 0, 1 - zeros / present, 1.0)
    return np.asarray((shares >= least_data - 1e-12) & (nonzero_shares >= least_nonzero - 1e-12))


def force_units(groups: Sequence[ScreenGroup], units: Sequence[Unit], is_kept: np.ndarray) -> None:
    """Set `is_kept` (units,), in place, for the units that steps keep or leave out by name."""
    for action, names in forced_units(groups):
        for row, unit in enumerate(units):
            if unit.id in names:
                is_kept[row] = action == "keep"


def forced_units(groups: Sequence[ScreenGroup]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield "keep" and "drop" with the units that any step names for it."""
    # Steps cannot be hashed: each once, told apart by identity.
    steps = {id(group.step): group.step for group in groups}.values()
    for action in ("keep", "drop"):
        names = dict.fromkeys(name for s in steps for name in s.settings().texts(action))
        if names:
            yield action, tuple(names)


def available_shares(result: IndexResult) -> dict[str, FloatArray]:
    """Return node -> (units,) the share of the indicators below it that have a value.

    Nothing is missing below a node that has a value of its own.
    """
    tree, dataset, column_of = result.framework, result.dataset, result.leaf_codes.index
    leaf_columns = {
        n.code: [column_of(leaf.code) for leaf in tree.leaves_below(n.code)] for n in tree.nodes
    }
    has_value = result.raw_states == State.VALUE
    for node in tree.composites:
        if node.code in dataset.codes:
            has_own_value = dataset.states[:, dataset.column(node.code)] == State.VALUE
            has_value[:, leaf_columns[node.code]] |= has_own_value[:, None]
    return {code: has_value[:, columns].mean(axis=1) for code, columns in leaf_columns.items()}


#: The steps of this module, in order.
PREPARATION_STEPS = ("denominate", "screen", "impute_raw", "treat")


def denominator_of(step: Step | None, node: Node) -> str:
    """Return the code of what an indicator is divided by, "" if nothing."""
    if step is None or "denominator" not in METHODS["denominate"][step.method].names:
        return ""
    return step.settings(node).text("denominator")


class Stage(Protocol):
    """Holds indicators while they are prepared: columns in tree order, rows of the dataset."""

    def read(self, rows: np.ndarray, column: int) -> tuple[FloatArray, StateArray]:
        """Return values and states of one column in some rows."""

    def write(self, rows: np.ndarray, column: int, values: FloatArray, states: StateArray) -> None:
        """Set values and states of one column in some rows."""


@dataclass(frozen=True, slots=True)
class Change:
    """A cell that a step changed: its row in the population, its code, what was done."""

    kind: str
    row: int
    code: str
    detail: str


class Preparation:
    """Prepares the indicators of one population, in place.

    Parameters
    ----------
    framework, recipe
        What is prepared, and how.
    units
        The units of the population.
    rows
        Their rows in the dataset.
    read
        Takes the code of an indicator or of another column of the dataset, and returns (rows,)
        values and states before any step here.

    Attributes
    ----------
    changes, problems
        Collect what each step changed, and what it could not do.
    """

    def __init__(
        self,
        framework: Framework,
        recipe: Recipe,
        units: Sequence[Unit],
        rows: np.ndarray,
        read: Callable[[str], tuple[FloatArray, StateArray]],
    ) -> None:
        self.framework, self.recipe, self.units = framework, recipe, units
        self.rows, self.read = rows, read
        self.changes: list[Change] = []
        self.problems: list[Problem] = []

    def denominate(self, stage: Stage) -> None:
        """Divide indicators by what their step or the framework names."""
        for column, node in enumerate(self.framework.indicators):
            step = self.recipe.step_for("denominate", node.code)
            name = denominator_of(step, node)
            if step is None or not name:
                continue
            values, states = stage.read(self.rows, column)
            denominators, denominator_states = self.read(name)
            scale = step.number("scale")
            # States of a dataset have the numbers that the library's kernels know.
            block = denominate(
                values, denominators, scale, states=states, denominators_states=denominator_states
            )
            ratios, ratio_states = (
                block.values[:, 0].copy(),
                joint_states(states, denominator_states),
            )
            for row in np.flatnonzero((ratio_states == State.VALUE) & np.isnan(ratios)):
                ratio_states[row] = State.MISSING
                message = f"{node.code} cannot be divided by {name}: it is 0."
                where = Where(indicator=node.code, unit=self.units[int(row)].id)
                hint = "Check the denominator."
                self.problems.append(Problem("XC354", message, hint, where))
            stage.write(self.rows, column, ratios, ratio_states)

    def screen(self, stage: Stage) -> np.ndarray:
        """Return (rows,) which units the step *screen* keeps; others are added to `changes`."""
        groups = screen_groups(self.framework, self.recipe)
        column_of = {node.code: column for column, node in enumerate(self.framework.indicators)}
        failed: list[list[str]] = [[] for _ in self.rows]
        for group in groups:
            k, available, zeros = len(group.indicators), *np.zeros((2, len(self.rows)))
            for code in group.indicators:
                values, states = stage.read(self.rows, column_of[code])
                # A blank of a draft is not filled yet: no city is left out for it.
                available += states != State.MISSING
                zeros += (states == State.VALUE) & (values == 0)
            in_node = f" in {group.node}" if group.number else ""
            for row in np.flatnonzero(~has_enough(group.step, available, zeros, k)):
                failed[row].append(
                    f"{available[row]:g} of {k} values, {zeros[row]:g} of them 0{in_node}"
                )
        is_kept = np.array([not texts for texts in failed], dtype=np.bool_)
        force_units(groups, self.units, is_kept)
        for row in np.flatnonzero(~is_kept):
            detail = "; ".join(failed[row]) or "the recipe leaves it out"
            self.changes.append(Change("screened", int(row), self.framework.root.code, detail))
        return is_kept

    def impute_raw(self, stage: Stage) -> None:
        """Close confirmed gaps with the mean or median of the indicator or of a group of units."""
        for column, node in enumerate(self.framework.indicators):
            step = self.recipe.step_for("impute_raw", node.code)
            kernel = None if step is None else find_method(RawImputation, step.method).kernel
            if step is None or kernel is None:
                continue
            values, states = stage.read(self.rows, column)
            gaps = np.flatnonzero(states == State.MISSING)
            if not gaps.size:
                continue
            attribute = str(step.get("group") or "")
            groups = None
            if attribute:
                groups = [unit.attributes.get(attribute, "") for unit in self.units]
            block = kernel(values, states, groups, step.settings(node))
            new_states = states.copy()
            for row in gaps:
                if not np.isnan(number := block.values[row, 0]):
                    new_states[row] = State.VALUE
                    of_group = f" of {attribute} {groups[int(row)]}" if groups else ""
                    detail = f"{step.method}{of_group} -> {number:.10g}"
                    self.changes.append(Change("imputed", int(row), node.code, detail))
            stage.write(
                self.rows,
                column,
                np.where(new_states == State.VALUE, block.values[:, 0], np.nan),
                new_states,
            )

    def treat(self, stage: Stage) -> None:
        """Draw in outliers and straighten skewed indicators."""
        for column, node in enumerate(self.framework.indicators):
            step = self.recipe.step_for("treat", node.code)
            kernel = None if step is None else find_method(Treatment, step.method).kernel
            if step is None or kernel is None:
                continue
            values = stage.read(self.rows, column)[0].copy()  # the column itself is written over
            states = stage.read(self.rows, column)[1]
            block = kernel(values, states, step.settings(node))
            treated = block.values[:, 0]
            new_states = states.copy()
            failed_rows = np.flatnonzero((states == State.VALUE) & np.isnan(treated))
            new_states[failed_rows] = State.BLANK
            changed = np.flatnonzero((states == State.VALUE) & (treated != values))
            stage.write(self.rows, column, treated, new_states)
            for row in failed_rows:
                message = f"{step.method} has no result for {values[row]:g} of {node.code}."
                where = Where(indicator=node.code, unit=self.units[int(row)].id)
                hint = "Choose another treatment for this indicator."
                self.problems.append(Problem("XC354", message, hint, where))
            for row in np.setdiff1d(changed, failed_rows):
                detail = f"{step.method}: {values[row]:.10g} -> {treated[row]:.10g}"
                self.changes.append(Change("treated", int(row), node.code, detail))
