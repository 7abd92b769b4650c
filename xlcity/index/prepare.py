"""What happens to raw values before they are normalised: denominate, screen, impute, treat."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.functions.block import CellArray, ErrorCode
from xlcity.functions.construct import denominate, joint_states
from xlcity.functions.impute_model import complete_columns
from xlcity.index.construct import unit_groups
from xlcity.index.result import IndexResult
from xlcity.index.workspace import ComputationLog, Layer
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import Settings
from xlcity.methods.registry import METHODS, find_method
from xlcity.methods.treat.record import Treatment
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
    """Return the groups of indicators in which a unit must have enough values to be kept.

    The first is all indicators, if a step screens by them, then those below nodes that steps name.
    """
    steps = recipe.steps_doing("screen")
    # Of several steps for all indicators the last one counts.
    step_for_all: Step | None = None
    step_of_node: dict[str, Step] = {}
    for step in steps:
        step_of_node |= dict.fromkeys(step.codes, step)
        if not step.codes:
            step_for_all = step
    groups = []
    if step_for_all is not None:
        groups.append(_screen_group(framework, step_for_all, framework.root.code, 0))
    codes = [node.code for node in framework.tree_order if node.code in step_of_node]
    for number, code in enumerate(codes, start=1):
        groups.append(_screen_group(framework, step_of_node[code], code, number))
    return tuple(group for group in groups if not group.step.is_idle)


def _screen_group(
    framework: Framework, step: Step, code: str, number: int
) -> ScreenGroup:
    """Return the group of the indicators below a node; 0 is the number of that of all."""
    leaves = tuple(leaf.code for leaf in framework.leaves_below(code))
    return ScreenGroup(step, code, leaves, number)


def have_enough_values(
    step: Step, present: FloatArray, zeros: FloatArray, indicators: int | FloatArray
) -> np.ndarray:
    """Return which units have the shares of values that a step *screen* asks for.

    Parameters
    ----------
    step
        With the least share of indicators that have a value (parameter `data`), and of values that
        are not 0 (`nonzero`).
    present, zeros
        (n,) or (n, m) for m replicates: how many of a unit's indicators have a value, and how many
        of these are 0.
    indicators
        How many indicators there are, or (m,) where replicates differ.
    """
    least_data = step.number("data")
    least_nonzero = step.number("nonzero")
    with np.errstate(all="ignore"):
        # Where all indicators of a group are left out there is nothing to have.
        shares = np.where(np.asarray(indicators) > 0, present / indicators, 1.0)
        nonzero_shares = np.where(present > 0, 1 - zeros / present, 1.0)
    return np.asarray(
        (shares >= least_data - 1e-12) & (nonzero_shares >= least_nonzero - 1e-12)
    )


def apply_forced_units(
    groups: Sequence[ScreenGroup], units: Sequence[Unit], is_kept: np.ndarray
) -> None:
    """Set `is_kept`, in place, for the units that screening steps keep or leave out by name.

    `is_kept` is (units,), or (units, replicates), in the order of `units`.
    """
    for action, names in forced_units(groups):
        for row, unit in enumerate(units):
            if unit.id in names:
                is_kept[row] = action == "keep"


def forced_units(
    groups: Sequence[ScreenGroup],
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield "keep" and "drop", each with the ids of the units that screening steps name for it."""
    # Steps cannot be hashed: each once, told apart by identity.
    steps = {id(group.step): group.step for group in groups}.values()
    for action in ("keep", "drop"):
        named = chain.from_iterable(step.settings().texts(action) for step in steps)
        names = tuple(dict.fromkeys(named))
        if names:
            yield action, names


def available_shares(result: IndexResult) -> dict[str, FloatArray]:
    """Return node -> (units,) the share of the indicators below it that have a value.

    Nothing is missing below a node that has a value of its own.
    """
    tree = result.framework
    dataset = result.dataset
    column_of = result.leaf_codes.index
    leaf_columns = {}
    for node in tree.nodes:
        leaves = tree.leaves_below(node.code)
        leaf_columns[node.code] = [column_of(leaf.code) for leaf in leaves]
    has_value = result.raw_states == State.VALUE
    for node in tree.composites:
        if node.code in dataset.codes:
            has_own_value = dataset.states[:, dataset.column(node.code)] == State.VALUE
            has_value[:, leaf_columns[node.code]] |= has_own_value[:, None]
    return {
        code: has_value[:, columns].mean(axis=1)
        for code, columns in leaf_columns.items()
    }


#: The steps of this module, in order.
PREPARATION_STEPS = ("denominate", "screen", "impute_raw", "treat")


def denominator_of(step: Step | None, node: Node) -> str:
    """Return the code of the column that an indicator is divided by, "" for none.

    `step` is the step *denominate* that names it, `node` the indicator.
    """
    if step is None or "denominator" not in METHODS["denominate"][step.method].names:
        return ""
    return step.settings(node).text("denominator")


def divide_column(
    step: Step,
    dividend: tuple[FloatArray, StateArray],
    divisor: tuple[FloatArray, StateArray],
) -> tuple[FloatArray, StateArray, np.ndarray]:
    """Return quotients as the step *denominate* scales them, their states, and where they failed.

    What is divided by 0 is missing. All are (n,), or (n, m) for m replicates.
    """
    values, states = dividend
    divisors, divisor_states = divisor
    # States of a dataset have the numbers that the library's kernels know.
    block = denominate(
        values,
        divisors,
        step.number("scale"),
        states=states,
        denominators_states=divisor_states,
    )
    quotients = block.values.reshape(values.shape)
    joint = joint_states(states, divisor_states)
    is_failed = (joint == State.VALUE) & np.isnan(quotients)
    return quotients, np.where(is_failed, State.MISSING, joint), is_failed


def model_indicators(
    framework: Framework, code: str, settings: Settings
) -> tuple[str, ...]:
    """Return the indicators from which a model fills gaps of one of them, itself included.

    With a named predictor these are the indicator and, behind it, the predictor; else all below
    the node that the parameter `level` means, in tree order.
    """
    if (
        predictor := settings.text("predictor")
        if "predictor" in settings.method.names
        else ""
    ):
        return code, predictor
    path = framework.path(code)
    above = path[:-1] or path  # a tree of one node has none
    node_of_level = {
        "all": above[0],
        "pillar": above[:2][-1],
        "parent": above[-1],
    }
    node = node_of_level[settings.text("level")]
    return tuple(leaf.code for leaf in framework.leaves_below(node.code))


@dataclass(frozen=True, slots=True)
class Preparation:
    """Prepares the indicators of one group of units, in place; methods are named as the steps.

    Attributes
    ----------
    framework, recipe
        What is prepared, and how.
    layer, columns
        Values of all nodes, which are changed; and the column of each indicator in it.
    units, rows
        The units of the group, and their rows in the dataset.
    read
        Takes the code of an indicator or of another column of the dataset, and returns (rows,)
        values and states before any step here.
    log
        Takes the cells that each step changes, and what it cannot compute.
    """

    framework: Framework
    recipe: Recipe
    layer: Layer
    columns: Sequence[int]
    units: Sequence[Unit]
    rows: np.ndarray
    read: Callable[[str], tuple[FloatArray, StateArray]]
    log: ComputationLog

    def _indicators(self) -> Iterator[tuple[int, Node]]:
        """Yield the column in the layer, and the node, of each indicator."""
        return zip(self.columns, self.framework.indicators, strict=True)

    def denominate(self) -> None:
        """Divide each indicator by the column that its step or the framework names, in place."""
        for column, node in self._indicators():
            step = self.recipe.step_for("denominate", node.code)
            name = denominator_of(step, node)
            if step is None or not name:
                continue
            dividend = self.layer.read(self.rows, column)
            divisor = self.read(name)
            ratios, ratio_states, is_failed = divide_column(step, dividend, divisor)
            for row in np.flatnonzero(is_failed):
                where = Where(indicator=node.code, unit=self.units[int(row)].id)
                problem = Problem.of(
                    "XC354.divided_by_zero", where, code=node.code, denominator=name
                )
                self.log.failures.append(problem)
            self.layer.write(self.rows, column, ratios, ratio_states)

    def screen(self) -> np.ndarray:
        """Return (rows,) which units the step *screen* keeps; others are marked in the log."""
        groups = screen_groups(self.framework, self.recipe)
        column_of = {node.code: column for column, node in self._indicators()}
        failed: list[list[str]] = [[] for _ in self.rows]
        for group in groups:
            columns = [column_of[code] for code in group.indicators]
            for row, reason in self._failures(group, columns):
                failed[row].append(reason)
        is_kept = np.array([not texts for texts in failed], dtype=np.bool_)
        apply_forced_units(groups, self.units, is_kept)
        for row in np.flatnonzero(~is_kept).tolist():
            detail = "; ".join(failed[row]) or "the recipe leaves it out"
            root = self.framework.root.code
            self.log.mark("screened", self.rows, row, code=root, detail=detail)
        return is_kept

    def _failures(
        self, group: ScreenGroup, columns: Sequence[int]
    ) -> Iterator[tuple[int, str]]:
        """Yield the rows without enough values in the columns of a group, and what they have."""
        total = len(group.indicators)
        values, states = self.layer.read_block(self.rows, columns)
        # A blank of a draft is not filled yet: no city is left out for it.
        available = (states != State.MISSING).sum(axis=1)
        zeros = ((states == State.VALUE) & (values == 0)).sum(axis=1)
        in_node = f" in {group.node}" if group.number else ""
        is_enough = have_enough_values(group.step, available, zeros, total)
        for row in np.flatnonzero(~is_enough).tolist():
            values_of_row = f"{available[row]:g} of {total} values"
            yield row, f"{values_of_row}, {zeros[row]:g} of them 0{in_node}"

    def impute_raw(self) -> None:
        """Fill confirmed gaps by each indicator's step, in place.

        Such as with the mean or the median of all units, or of those with the same attribute; or by
        what other indicators say, of which only given values count.
        """
        given = self.layer.copy()
        for column, node in self._indicators():
            step = self.recipe.step_for("impute_raw", node.code)
            if step is not None:
                self._fill_gaps(given, column, node, step)

    def _fill_gaps(self, given: Layer, column: int, node: Node, step: Step) -> None:
        """Fill confirmed gaps of one indicator by its step; each has a mark in the log."""
        values, states = given.read(self.rows, column)
        gaps = np.flatnonzero(states == State.MISSING)
        method = find_method(RawImputation, step.method)
        settings = step.settings(node)
        attribute = str(step.get("group") or "")
        groups = unit_groups(self.units, attribute)
        if not gaps.size or (method.kernel is None and method.model is None):
            return
        if method.kernel is not None:
            block = method.kernel(values, states, groups, settings)
        else:
            block = self._fill_by_model(given, method, node.code, settings)
        numbers = block.values[:, 0]
        filled = gaps[~np.isnan(numbers[gaps])]
        new_states = states.copy()
        new_states[filled] = State.VALUE
        for row in filled.tolist():
            of_group = f" of {attribute} {groups[row]}" if groups else ""
            detail = f"{step.method}{of_group} -> {numbers[row]:.10g}"
            self.log.mark("imputed", self.rows, row, code=node.code, detail=detail)
        numbers = np.where(new_states == State.VALUE, numbers, np.nan)
        self.layer.write(self.rows, column, numbers, new_states)

    def _fill_by_model(
        self, given: Layer, method: RawImputation, code: str, settings: Settings
    ) -> CellArray:
        """Return an indicator's (rows, 1) column with gaps filled from others, as they are given.

        A failure is logged where there are too few cities for the model.
        """
        assert method.model is not None
        codes = model_indicators(self.framework, code, settings)
        column_of = {node.code: column for column, node in self._indicators()}
        values, states = given.read_block(
            self.rows, [column_of[name] for name in codes]
        )
        block = method.model(values, states, codes.index(code), settings)
        if not (block.errors == ErrorCode.NUM).any():
            return block
        uses_all = method.needs_complete and not settings.text("predictor")
        all_have_gaps = uses_all and not complete_columns(states, codes.index(code))
        problem = Problem.of(
            "XC354.others_have_gaps" if all_have_gaps else "XC354.too_few_cities",
            Where(indicator=code),
            number=len(self.rows),
            code=code,
            method=method.name,
        )
        self.log.failures.append(problem)
        return block

    def treat(self) -> None:
        """Treat outliers and skewed distributions by each indicator's step, in place."""
        for column, node in self._indicators():
            step = self.recipe.step_for("treat", node.code)
            if (
                step is None
                or (kernel := find_method(Treatment, step.method).kernel) is None
            ):
                continue
            values, states = self.layer.read(self.rows, column)
            values = values.copy()  # the column itself is written over
            block = kernel(values, states, step.settings(node))
            treated = block.values[:, 0]
            new_states = states.copy()
            failed_rows = np.flatnonzero((states == State.VALUE) & np.isnan(treated))
            new_states[failed_rows] = State.BLANK
            changed = np.flatnonzero((states == State.VALUE) & (treated != values))
            self.layer.write(self.rows, column, treated, new_states)
            for row in failed_rows:
                problem = Problem.of(
                    "XC354.not_treated",
                    Where(indicator=node.code, unit=self.units[int(row)].id),
                    method=step.method,
                    value=values[row],
                    code=node.code,
                )
                self.log.failures.append(problem)
            for row in np.setdiff1d(changed, failed_rows).tolist():
                detail = f"{step.method}: {values[row]:.10g} -> {treated[row]:.10g}"
                self.log.mark("treated", self.rows, row, code=node.code, detail=detail)
