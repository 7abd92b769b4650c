"""Indicators of many replicates: their values with errors, prepared, normalised and imputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.plan import Plan, Sample, disturbs_imputed, error_factors, varied_indicators
from xlcity.assess.replicates import (
    Column,
    Replicates,
    apply_kernel,
    blank_column,
    step_key,
    take_columns,
    write_columns,
)
from xlcity.functions.arguments import EVERYONE
from xlcity.functions.block import Matrix, column_bounds
from xlcity.index.construct import filled_states, input_values, unit_groups
from xlcity.index.prepare import (
    apply_forced_units,
    denominator_of,
    divide_column,
    have_enough_values,
    model_indicators,
    screen_groups,
)
from xlcity.index.steps import imputation_dimensions, impute_scores, normalise_column
from xlcity.methods.normalise.record import Indicator, Normalisation
from xlcity.methods.normalise.scales import OWN
from xlcity.methods.prepare import RawImputation, Treatment
from xlcity.methods.record import Settings
from xlcity.methods.registry import find_method
from xlcity.model.dataset import State
from xlcity.model.nodes import Node
from xlcity.model.recipe import Step

#: Indicator -> its column.
Columns = dict[str, Column]
#: Columns of different indicators that go through a kernel together.
_MOST_COLUMNS_TOGETHER = 512
_Kind = TypeVar("_Kind", bound=np.generic)


class LeafStage:
    """Makes the scores of the indicators of one set of replicates.

    In its methods `rows` are units and `cols` replicates, by position; `position` is that of an
    indicator in the framework.
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan, self.sample = plan, sample
        self.replicates = Replicates(plan, sample)
        #: Position of an indicator -> its errors, where values vary: see `varied_indicators`.
        self.errors = dict(varied_indicators(plan, sample))
        self.nodes = plan.framework.indicators

    def scores(self, populations: Mapping[str, np.ndarray]) -> dict[str, Columns]:
        """Return name of a group -> indicator -> (units, replicates) scores and their states.

        `populations` has the positions of the units of each group.
        """
        prepared = {name: self._prepare(rows) for name, rows in populations.items()}
        return {
            name: self._impute_scores(self._normalise(name, prepared, populations))
            for name in populations
        }

    def _prepare(self, rows: np.ndarray) -> Columns:
        """Return indicator -> values and states of some units, ready to be normalised.

        Errors are added, and the steps before *normalise* are taken.
        """
        columns = {}
        for position, node in enumerate(self.nodes):
            columns[node.code] = self._denominate(rows, node, self._draw_raw(rows, position))
        is_kept = self._screen(rows, columns)
        for code, (values, states) in columns.items():
            if is_kept is not None:
                values = np.where(is_kept, values, np.nan)
                states = np.where(is_kept, states, State.BLANK)
            columns[code] = values, states.astype(np.uint8)
        return {
            node.code: self._treat_outliers(node, self._impute_raw(rows, position, columns))
            for position, node in enumerate(self.nodes)
        }

    def _draw_raw(self, rows: np.ndarray, position: int) -> Column:
        """Return raw values and states of an indicator, (rows, replicates), with drawn errors."""
        base, count = self.plan.base, self.replicates.count
        states = np.repeat(base.raw_states[rows][:, [position]], count, axis=1)
        values = base.raw[rows][:, [position]]
        if position not in self.errors:
            return np.repeat(values, count, axis=1), states
        spread, errors = self.errors[position]
        factors = error_factors(self.plan, self.nodes[position].code, spread)[rows]
        return spread.disturb(values, errors[rows], factors), states

    def _denominate(self, rows: np.ndarray, node: Node, column: Column) -> Column:
        """Return values and states of an indicator, divided by its denominator if it has one.

        `rows` are positions of units, `column` (rows, replicates) values and states.
        """
        # The step does not vary.
        step = self.plan.recipe.step_for("denominate", node.code)
        name = denominator_of(step, node)
        if step is None or not name:
            return column
        codes = [indicator.code for indicator in self.nodes]
        if name in codes:
            divisor = self._draw_raw(rows, codes.index(name))
        else:
            values, states = input_values(self.plan.dataset, rows, name)
            divisor = values[:, None], filled_states(self.plan.recipe, states)[:, None]
        return divide_column(step, column, divisor)[:2]

    def _screen(self, rows: np.ndarray, columns: Columns) -> np.ndarray | None:
        """Return (units, replicates) whether a replicate keeps a unit; None without any screening.

        Parameters
        ----------
        columns
            Indicator -> its values and states, whose gaps and zeros are counted.
        """
        groups = screen_groups(self.plan.framework, self.plan.recipe)
        if not groups:
            return None
        n, count = len(rows), self.replicates.count
        is_kept = np.ones((n, count), dtype=np.bool_)
        for group in groups:
            present, zeros, total = np.zeros((n, count)), np.zeros((n, count)), np.zeros(count)
            for code in group.indicators:
                has_indicator = self._replicates_with(code)
                values, states = columns[code]
                present += (states != State.MISSING) & has_indicator
                zeros += (states == State.VALUE) & (values == 0) & has_indicator
                total += has_indicator
            is_kept &= have_enough_values(group.step, present, zeros, total)
        apply_forced_units(groups, [self.plan.dataset.units[int(row)] for row in rows], is_kept)
        return is_kept

    def _replicates_with(self, code: str) -> NDArray[np.bool_]:
        """Return (replicates,) whether one has an indicator: others leave out a node above it."""
        replicates = self.replicates
        has = [code in self.plan.tree_without(omitted) for omitted in replicates.omitted]
        return np.asarray(np.array(has, dtype=np.bool_)[replicates.omitted_number])

    def _impute_raw(self, rows: np.ndarray, position: int, columns: Columns) -> Column:
        """Return an indicator with confirmed gaps imputed, in replicates whose recipe does so.

        Parameters
        ----------
        rows, position
            Positions of the units in the dataset, and of the indicator.
        columns
            Indicator -> (rows, replicates) raw values and states, before any is imputed.
        """
        node = self.nodes[position]
        column = filled_column = columns[node.code]
        gap_rows = np.flatnonzero((column[1] == State.MISSING).any(axis=1))
        if not gap_rows.size:
            return column
        for step, cols in self.replicates.steps("impute_raw", node.code):
            method = None if step is None else find_method(RawImputation, step.method)
            if step is None or method is None:
                continue
            units = [self.plan.dataset.units[row] for row in rows.tolist()]
            groups = unit_groups(units, str(step.get("group") or ""))
            settings = step.settings(node)
            if method.model is not None:
                completed = self._impute_by_model(columns, node.code, method, settings, cols)
            elif method.kernel is not None:
                fill = partial(_fill_part, method, groups, settings)
                completed, _ = apply_kernel(column, cols, fill)
            else:
                continue
            filled, states = completed[gap_rows], take_columns(column[1], cols)[gap_rows]
            gaps = (states == State.MISSING) & ~np.isnan(filled)
            recipe = self.replicates.recipes[self.replicates.recipe_number[cols[0]]]
            if position in self.errors and disturbs_imputed(self.plan, recipe, node.code):
                spread, errors = self.errors[position]
                own_errors = take_columns(errors[rows[gap_rows]], cols)
                filled = spread.disturb(filled, own_errors, spread.wider)
            if filled_column is column:
                filled_column = column[0].copy(), column[1].copy()
            # Only rows with gaps are written: they are few.
            cells = np.ix_(gap_rows, cols)
            filled_column[0][cells] = np.where(gaps, filled, filled_column[0][cells])
            filled_column[1][cells] = np.where(gaps, np.uint8(State.VALUE), states)
        return filled_column

    def _impute_by_model(
        self,
        columns: Columns,
        code: str,
        method: RawImputation,
        settings: Settings,
        cols: np.ndarray,
    ) -> Matrix:
        """Return values of an indicator in the replicates `cols`, gaps filled from others.

        One replicate after the other, without the indicators that it leaves out. `columns` are as
        in `_impute_raw`, `method` and `settings` those of the step.
        """
        assert method.model is not None
        names = model_indicators(self.plan.framework, code, settings)
        values = np.stack([take_columns(columns[name][0], cols) for name in names], axis=1)
        states = np.stack([take_columns(columns[name][1], cols) for name in names], axis=1)
        for position, name in enumerate(names):
            states[:, position, ~self._replicates_with(name)[cols]] = State.BLANK
        filled = [
            method.model(values[:, :, i], states[:, :, i], names.index(code), settings).values
            for i in range(len(cols))
        ]
        return np.concatenate(filled, axis=1)

    def _treat_outliers(self, node: Node, column: Column) -> Column:
        """Return values and states of an indicator, outliers treated by each replicate's step."""
        treated = column
        for step, cols in self.replicates.steps("treat", node.code):
            method = None if step is None else find_method(Treatment, step.method)
            if step is None or method is None or method.kernel is None:
                continue
            treat = partial(_treat_part, method, step.settings(node))
            if treated is column:
                treated = column[0].copy(), column[1].copy()
            write_columns(treated, cols, apply_kernel(column, cols, treat))
        return treated

    def _normalise(
        self,
        population: str,
        prepared: Mapping[str, Columns],
        populations: Mapping[str, np.ndarray],
    ) -> Columns:
        """Return indicator -> scores and states in one group of units, gaps not imputed yet.

        Indicators that the same steps normalise are scored in one call for all replicates with
        one step and one reference city; it fills their columns in place.

        Parameters
        ----------
        prepared, populations
            Name of each group -> its indicators' values, and the positions of its units.
        """
        columns = prepared[population]
        normalised = {code: blank_column(*values.shape) for code, (values, _) in columns.items()}
        for nodes in self._group_alike_nodes():
            code = nodes[0].code
            for step, cols in self.replicates.steps("normalise", code):
                assert step is not None, "checked before"
                pool = self._pool_values(step, population, prepared, code)
                for reference, part_cols in self._split_by_reference(
                    step, cols, prepared, populations, code
                ):
                    _normalise_together(
                        columns, normalised, nodes, part_cols, step, pool, reference
                    )
        return normalised

    def _group_alike_nodes(self) -> list[list[Node]]:
        """Return groups of indicators that the same steps normalise, and in one direction.

        A group goes through a kernel in one call. An indicator is alone if its method reads more
        than its own values: attributes, another city or another group of cities.
        """
        groups: dict[object, list[Node]] = {}
        for node in self.nodes:
            steps, step_numbers = self.replicates.distinct_steps("normalise", node.code)
            is_alone = any(
                step is not None
                and (
                    find_method(Normalisation, step.method).reads_framework
                    or step.get("unit") is not None
                    or str(step.get("pool", OWN)) != OWN
                )
                for step in steps
            )
            key = node.code if is_alone else (tuple(map(id, steps)), step_numbers.tobytes())
            groups.setdefault((node.direction, key), []).append(node)
        return list(groups.values())

    def _pool_values(
        self, step: Step, population: str, prepared: Mapping[str, Columns], code: str
    ) -> Column | None:
        """Return the values of an indicator whose statistics normalise a group of units.

        None for the group's own; the step's parameter `pool` says it.

        Parameters
        ----------
        population
            Name of the group.
        prepared
            Name of each group -> its indicators' values and states.
        code
            The indicator.
        """
        pool = str(step.get("pool", OWN))
        if pool == OWN or population == self.plan.recipe.populations[0]:
            return None
        names = list(prepared) if pool == EVERYONE else [name for name in prepared if name == pool]
        if not names:
            return blank_column(0, self.replicates.count)
        columns = [prepared[name][code] for name in names]
        return np.concatenate([c[0] for c in columns]), np.concatenate([c[1] for c in columns])

    def _split_by_reference(
        self,
        step: Step,
        cols: np.ndarray,
        prepared: Mapping[str, Columns],
        populations: Mapping[str, np.ndarray],
        code: str,
    ) -> list[tuple[Matrix | None, np.ndarray]]:
        """Split the replicates `cols` by whether the city that others are measured by has a value.

        Returns
        -------
        list
            (all replicates,) values of the city that the step names, with the replicates in which
            it has one; None with the others, all of them where the step names no city.
        """
        if step.get("unit") is None:
            return [(None, cols)]
        row = self.plan.dataset.row(str(step.get("unit")))
        for name, rows in populations.items():
            position = np.flatnonzero(rows == row)
            if position.size:
                values, states = (part[position[0]] for part in prepared[name][code])
                has_value = states[cols] == State.VALUE
                groups = [(values, cols[has_value]), (None, cols[~has_value])]
                return [(reference, part) for reference, part in groups if part.size]
        return [(None, cols)]

    def _impute_scores(self, columns: Columns) -> Columns:
        """Return indicator -> scores and states, with confirmed gaps imputed.

        A gap is imputed by the city's scores in the same node, if the replicate's recipe has a step
        *impute_scores* for the indicator.
        """
        codes = [node.code for node in self.nodes]
        # Recipes with the same steps for all indicators have one key.
        cols_by_key: dict[tuple[object, ...], list[np.ndarray]] = {}
        steps_by_key: dict[tuple[object, ...], list[Step | None]] = {}
        for number, recipe in enumerate(self.replicates.recipes):
            code_steps = [recipe.step_for("impute_scores", code) for code in codes]
            key = tuple(map(step_key, code_steps))
            steps_by_key.setdefault(key, code_steps)
            cols_by_key.setdefault(key, []).append(
                np.flatnonzero(self.replicates.recipe_number == number)
            )
        has_gap = np.array([(columns[code][1] == State.MISSING).any(axis=1) for code in codes])
        imputed = {
            code: (column[0].copy(), column[1].copy()) if has_gap[position].any() else column
            for position, (code, column) in enumerate(columns.items())
        }
        # Nothing is imputed from what is not below the same node right under the root.
        pillar_of_leaf = np.array(imputation_dimensions(self.plan.framework, "pillar")[0])
        for key, groups in cols_by_key.items():
            if all(step is None or step.method == "none" for step in steps_by_key[key]):
                continue
            cols = np.sort(np.concatenate(groups))
            for name in dict.fromkeys(pillar_of_leaf.tolist()):
                positions = np.flatnonzero(pillar_of_leaf == name)
                rows = np.flatnonzero(has_gap[positions].any(axis=0))
                if rows.size:
                    code_steps = [steps_by_key[key][position] for position in positions]
                    self._impute_rows(columns, imputed, (rows, cols), positions, code_steps)
        return imputed

    def _impute_rows(
        self,
        columns: Columns,
        target: Columns,
        cells: tuple[np.ndarray, np.ndarray],
        leaf_positions: np.ndarray,
        steps: Sequence[Step | None],
    ) -> None:
        """Write imputed scores of some indicators, units and replicates into `target`.

        Parameters
        ----------
        columns, target
            Indicator -> scores and states, before any is imputed; and those with gaps imputed,
            changed in place.
        cells
            Positions of the units and numbers of the replicates.
        leaf_positions, steps
            Positions of the indicators, and the step that imputes each.
        """
        rows, cols = cells
        codes = [self.nodes[position].code for position in leaf_positions]
        # A kernel never gets fewer than two replicates, see `apply_kernel`.
        two_cols = cols if len(cols) > 1 else np.repeat(cols, 2)
        # Indicators lie one after the other in memory.
        values = np.stack([take_columns(columns[code][0][rows], two_cols) for code in codes])
        states = np.stack([take_columns(columns[code][1][rows], two_cols) for code in codes])
        for position, code in enumerate(codes):
            # An indicator that is left out gives nothing to its neighbours.
            states[position, :, ~self._replicates_with(code)[two_cols]] = State.BLANK
        flat, shape = (len(codes), -1), values.shape
        blocks, tree = (values.reshape(flat).T, states.reshape(flat).T), self.plan.framework
        scored = impute_scores(
            *blocks, tree, steps, leaf_positions=leaf_positions.tolist(), with_marks=False
        )
        filled, filled_states = scored.values.T.reshape(shape), scored.states.T.reshape(shape)
        for position, code in enumerate(codes):
            gaps = np.flatnonzero((states[position] == State.MISSING).any(axis=1))
            if gaps.size:
                imputed_cells = np.ix_(rows[gaps], cols)
                target[code][0][imputed_cells] = filled[position, gaps, : len(cols)]
                target[code][1][imputed_cells] = filled_states[position, gaps, : len(cols)]


def _fill_part(
    method: RawImputation, groups: Sequence[str] | None, settings: Settings, column: Column
) -> Column:
    """Return values of some replicates with gaps imputed, and the states as before."""
    assert method.kernel is not None
    values, states = column
    return method.kernel(values, states, groups, settings).values, states


def _treat_part(method: Treatment, settings: Settings, column: Column) -> Column:
    """Return treated values and their states, BLANK where a value has no result.

    A method that does not take columns gets one replicate after the other.
    """
    assert method.kernel is not None
    values, states = column
    parts = [column] if method.takes_columns else zip(values.T.copy(), states.T.copy(), strict=True)
    treated = np.hstack([method.kernel(x, own, settings).values for x, own in parts])
    lacks_result = (states == State.VALUE) & np.isnan(treated)
    return treated, np.where(lacks_result, np.uint8(State.BLANK), states)


def _normalise_together(
    columns: Columns,
    target: Columns,
    nodes: Sequence[Node],
    cols: np.ndarray,
    step: Step,
    pool: Column | None,
    reference: Matrix | None,
) -> None:
    """Write the scores that a step gives to some indicators and replicates into `target`.

    Parameters
    ----------
    columns, target
        Indicator -> (units, replicates) values and states, of one group of units; and the same of
        scores, changed in place.
    nodes, cols
        The indicators, all of one direction, and the numbers of the replicates.
    pool
        Values whose statistics count; None = the group's own.
    reference
        (replicates,) values that others are measured by; None without such a city.
    """
    # A kernel never gets fewer than two replicates, see `apply_kernel`.
    two_cols = cols if len(cols) > 1 else np.repeat(cols, 2)
    measured_by = (
        None if pool is None else (take_columns(pool[0], two_cols), take_columns(pool[1], two_cols))
    )
    reference_values = None if reference is None else reference[two_cols]
    bundle_size = max(1, _MOST_COLUMNS_TOGETHER // len(two_cols))
    for start in range(0, len(nodes), bundle_size):
        bundle = nodes[start : start + bundle_size]
        values = _join_blocks([take_columns(columns[node.code][0], two_cols) for node in bundle])
        states = _join_blocks([take_columns(columns[node.code][1], two_cols) for node in bundle])
        span = column_bounds(values, states)
        direction = float(bundle[0].direction)
        indicator = Indicator(values, states, direction, span, measured_by, reference_values)
        scored = normalise_column(indicator, step, bundle[0])
        for position, node in enumerate(bundle):
            block = slice(position * len(two_cols), position * len(two_cols) + len(cols))
            write_columns(
                target[node.code], cols, (scored.values[:, block], scored.states[:, block])
            )


def _join_blocks(blocks: Sequence[NDArray[_Kind]]) -> NDArray[_Kind]:
    """Return arrays of equal height side by side as one; a single array as it is."""
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
