"""Indicators of many replicates: their values with errors, prepared, normalised and imputed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.plan import Plan, Sample, error_factors, varied_indicators, widens_imputed
from xlcity.assess.replicates import (
    Column,
    Replicates,
    apply_kernel,
    blank_column,
    pick_cols,
    put_cols,
)
from xlcity.functions.arguments import EVERYONE
from xlcity.functions.block import CellArray, Matrix, column_bounds
from xlcity.functions.construct import denominate, joint_states
from xlcity.index.construct import filled_states
from xlcity.index.prepare import denominator_of, force_units, has_enough, screen_groups
from xlcity.index.steps import imputation_dimensions, impute_scores, normalise_column
from xlcity.methods.normalise.record import Indicator, Normalisation
from xlcity.methods.normalise.scales import OWN
from xlcity.methods.prepare import RawImputation, Treatment
from xlcity.methods.record import Settings
from xlcity.methods.registry import find_method
from xlcity.model.dataset import State, StateArray
from xlcity.model.nodes import Node
from xlcity.model.recipe import Step

#: Indicator -> its column.
Columns = dict[str, Column]
#: Columns of different indicators that go through a kernel together.
_WIDE = 512
_Kind = TypeVar("_Kind", bound=np.generic)


class LeafStage:
    """Makes the scores of the indicators of one set of replicates.

    In its methods `rows` are units and `cols` replicates, by position; `position` is that of an
    indicator in the framework.
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan, self.sample = plan, sample
        self.replicates = Replicates(plan, sample)
        self.errors = dict(varied_indicators(plan, sample))
        self.nodes = plan.framework.indicators

    def scores(self, populations: Mapping[str, np.ndarray]) -> dict[str, Columns]:
        """Return the scores of every indicator in each group of units."""
        prepared = {name: self._prepare(rows) for name, rows in populations.items()}
        scores = {}
        for name in populations:
            scores[name] = self._impute_scores(self._normalise(name, prepared, populations))
        return scores

    def _prepare(self, rows: np.ndarray) -> Columns:
        """Return the indicators of some units as they are before they are normalised."""
        columns = {}
        for position, node in enumerate(self.nodes):
            columns[node.code] = self._denominate(rows, node, self._draw_raw(rows, position))
        is_kept = self._screen(rows, columns)
        for position, node in enumerate(self.nodes):
            values, states = columns[node.code]
            if is_kept is not None:
                values = np.where(is_kept, values, np.nan)
                states = np.where(is_kept, states, State.BLANK)
            column = self._impute_raw(rows, position, (values, states.astype(np.uint8)))
            columns[node.code] = self._treat_outliers(node, column)
        return columns

    def _draw_raw(self, rows: np.ndarray, position: int) -> Column:
        """Return the raw values of an indicator, disturbed by the errors that were drawn."""
        base, count = self.plan.base, self.replicates.count
        states = np.repeat(base.raw_states[rows][:, [position]], count, axis=1)
        values = base.raw[rows][:, [position]]
        spread = self.errors.get(position)
        if spread is None or self.sample.errors is None:
            return np.repeat(values, count, axis=1), states
        wide = error_factors(self.plan, self.nodes[position].code, spread)[rows]
        return spread.disturbed(values, self.sample.errors[position][rows], wide), states

    def _find_column(self, rows: np.ndarray, code: str, own: Columns) -> Column:
        """Return a column by its code, blank where there is none.

        Parameters
        ----------
        own
            Indicators that are at hand; others are taken from the dataset.
        """
        if code in own:
            return own[code]
        dataset = self.plan.dataset
        if code not in dataset.codes:
            return blank_column(len(rows), 1)
        column = dataset.column(code)
        states = filled_states(self.plan.recipe, dataset.states[rows][:, [column]])
        return dataset.values[rows][:, [column]], states

    def _denominate(self, rows: np.ndarray, node: Node, column: Column) -> Column:
        """Return an indicator divided by its denominator, if its step names one."""
        # The step does not vary.
        step = self.plan.recipe.step_for("denominate", node.code)
        name = denominator_of(step, node)
        if step is None or not name:
            return column
        codes = [indicator.code for indicator in self.nodes]
        own = {name: self._draw_raw(rows, codes.index(name))} if name in codes else {}
        below, below_states = self._find_column(rows, name, own)
        values, states = column
        divide = partial(denominate, scale=step.number("scale"))
        quotients = divide(values, below, states=states, denominators_states=below_states).values
        joint = joint_states(states, below_states)
        return quotients, np.where(
            (joint == State.VALUE) & np.isnan(quotients), State.MISSING, joint
        )

    def _screen(self, rows: np.ndarray, columns: Columns) -> np.ndarray | None:
        """Return which units each replicate keeps, (units, replicates); None without any screening.

        Parameters
        ----------
        columns
            The indicators, whose gaps and zeros are counted.
        """
        groups = screen_groups(self.plan.framework, self.plan.recipe)
        if not groups:
            return None
        n, count = len(rows), self.replicates.count
        is_kept = np.ones((n, count), dtype=np.bool_)
        for group in groups:
            present, zeros, k = np.zeros((n, count)), np.zeros((n, count)), np.zeros(count)
            for code in group.indicators:
                there = self._has_node(code)
                values, states = columns[code]
                present += (states != State.MISSING) & there
                zeros += (states == State.VALUE) & (values == 0) & there
                k += there
            is_kept &= has_enough(group.step, present, zeros, k)
        force_units(groups, [self.plan.dataset.units[int(row)] for row in rows], is_kept)
        return is_kept

    def _has_node(self, code: str) -> NDArray[np.bool_]:
        """Return which replicates have an indicator: others leave it or a node above it out."""
        replicates = self.replicates
        has = [code in self.plan.tree_without(omitted) for omitted in replicates.omitted]
        return np.asarray(np.array(has, dtype=np.bool_)[replicates.omitted_at])

    def _impute_raw(self, rows: np.ndarray, position: int, column: Column) -> Column:
        """Return an indicator with gaps of its raw values imputed, in the replicates that do so."""
        node, filled_column = self.nodes[position], column
        lines = np.flatnonzero((column[1] == State.MISSING).any(axis=1))
        if not lines.size:
            return column
        for step, cols in self.replicates.steps("impute_raw", node.code):
            kernel = None if step is None else find_method(RawImputation, step.method).kernel
            if step is None or kernel is None:
                continue
            attribute = str(step.get("group") or "")
            units = [self.plan.dataset.units[int(row)] for row in rows] if attribute else []
            names = [unit.attributes.get(attribute, "") for unit in units] or None
            settings = step.settings(node)

            def close(part: Column) -> Column:
                return kernel(*part, names, settings).values, part[1]  # noqa: B023

            completed = apply_kernel(column, cols, close)
            filled, states = completed[0][lines], completed[1][lines]
            gaps = (states == State.MISSING) & ~np.isnan(filled)
            filled = self._widen(rows[lines], position, cols, filled)
            if filled_column is column:
                filled_column = column[0].copy(), column[1].copy()
            # Only lines with gaps are written: they are few.
            cells = np.ix_(lines, cols)
            filled_column[0][cells] = np.where(gaps, filled, filled_column[0][cells])
            filled_column[1][cells] = np.where(gaps, np.uint8(State.VALUE), states)
        return filled_column

    def _widen(self, rows: np.ndarray, position: int, cols: np.ndarray, filled: Matrix) -> Matrix:
        """Return imputed values (rows, cols) with errors of their own, if the plan gives them any.

        Parameters
        ----------
        filled
            The imputed values.
        """
        spread, code = self.errors.get(position), self.nodes[position].code
        if spread is None or self.sample.errors is None:
            return filled
        recipe = self.replicates.recipes[self.replicates.recipe_at[cols[0]]]
        if not widens_imputed(self.plan, recipe, code):
            return filled
        return spread.disturbed(
            filled, pick_cols(self.sample.errors[position][rows], cols), spread.wider
        )

    def _treat_outliers(self, node: Node, column: Column) -> Column:
        """Return an indicator with its outliers treated, by the step of each replicate."""
        treated = column
        for step, cols in self.replicates.steps("treat", node.code):
            method = None if step is None else find_method(Treatment, step.method)
            if step is None or method is None or method.kernel is None:
                continue
            treat = partial(_treat_part, method.kernel, method.takes_columns, step.settings(node))
            if treated is column:
                treated = column[0].copy(), column[1].copy()
            # Other kernels take one replicate after the other.
            for part_cols in [cols] if method.takes_columns else cols[:, None]:
                put_cols(treated, part_cols, apply_kernel(column, part_cols, treat))
        return treated

    def _normalise(
        self,
        population: str,
        prepared: Mapping[str, Columns],
        populations: Mapping[str, np.ndarray],
    ) -> Columns:
        """Return the scores of all indicators in one group of units, before scores are imputed.

        Parameters
        ----------
        prepared, populations
            Name of each group -> its indicators, and the positions of its units.
        """
        own = prepared[population]
        normalised = {code: blank_column(*values.shape) for code, (values, _) in own.items()}
        for nodes in self._alike_nodes():
            code = nodes[0].code
            for step, cols in self.replicates.steps("normalise", code):
                assert step is not None, "checked before"
                pool = self._pool_values(step, population, prepared, code)
                for reference, part in self._split_by_reference(
                    step, cols, prepared, populations, code
                ):
                    _normalise_together(own, normalised, nodes, part, step, pool, reference)
        return normalised

    def _alike_nodes(self) -> list[list[Node]]:
        """Return indicators that the same steps normalise, so that kernels are called less often.

        What reads more than the values of an indicator is normalised alone.
        """
        groups: dict[object, list[Node]] = {}
        for node in self.nodes:
            steps, step_numbers = self.replicates.distinct_steps("normalise", node.code)
            alone = any(
                step is not None
                and (
                    find_method(Normalisation, step.method).reads_framework
                    or step.get("unit") is not None
                    or str(step.get("pool", OWN)) != OWN
                )
                for step in steps
            )
            same = node.code if alone else (tuple(map(id, steps)), step_numbers.tobytes())
            groups.setdefault((node.direction, same), []).append(node)
        return list(groups.values())

    def _pool_values(
        self, step: Step, population: str, prepared: Mapping[str, Columns], code: str
    ) -> Column | None:
        """Return the values whose statistics a group of units takes, None for its own.

        Parameters
        ----------
        prepared
            Name of each group -> its indicators.
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
        """Return replicates with the values of the city that a step measures others by.

        Pairs of (replicates,) values and positions of replicates; None where the city has no value.
        """
        if step.get("unit") is None:
            return [(None, cols)]
        row = self.plan.dataset.row(str(step.get("unit")))
        for name, rows in populations.items():
            position = np.flatnonzero(rows == row)
            if position.size:
                values, states = (part[position[0]] for part in prepared[name][code])
                there = states[cols] == State.VALUE
                groups = [(values, cols[there]), (None, cols[~there])]
                return [(of, part) for of, part in groups if part.size]
        return [(None, cols)]

    def _impute_scores(self, columns: Columns) -> Columns:
        """Return scores with confirmed gaps imputed by the scores beside them."""
        codes = [node.code for node in self.nodes]
        by_step: dict[tuple[int, ...], list[np.ndarray]] = {}
        steps: dict[tuple[int, ...], list[Step | None]] = {}
        for number, recipe in enumerate(self.replicates.recipes):
            own = [recipe.step_for("impute_scores", code) for code in codes]
            key = tuple(0 if step is None else hash(_step_key(step)) for step in own)
            steps.setdefault(key, own)
            by_step.setdefault(key, []).append(np.flatnonzero(self.replicates.recipe_at == number))
        lacks = np.array([(columns[code][1] == State.MISSING).any(axis=1) for code in codes])
        imputed = {
            code: (of[0].copy(), of[1].copy()) if lacks[position].any() else of
            for position, (code, of) in enumerate(columns.items())
        }
        # Nothing is imputed from what is not below the same node right under the root.
        among = np.array(imputation_dimensions(self.plan.framework, "pillar")[0])
        for key, groups in by_step.items():
            if all(step is None or step.method == "none" for step in steps[key]):
                continue
            cols = np.sort(np.concatenate(groups))
            for name in dict.fromkeys(among.tolist()):
                places = np.flatnonzero(among == name)
                rows = np.flatnonzero(lacks[places].any(axis=0))
                if rows.size:
                    own = [steps[key][position] for position in places]
                    self._impute_rows(columns, imputed, (rows, cols), places, own)
        return imputed

    def _impute_rows(
        self,
        columns: Columns,
        target: Columns,
        cells: tuple[np.ndarray, np.ndarray],
        places: np.ndarray,
        steps: Sequence[Step | None],
    ) -> None:
        """Write imputed scores of some indicators, rows and replicates into `target`.

        Parameters
        ----------
        columns
            Scores of all indicators, before any is imputed.
        cells
            Positions of units and of replicates.
        places, steps
            Positions of the indicators, and the step that imputes each.
        """
        rows, cols = cells
        codes = [self.nodes[position].code for position in places]
        wide = cols if len(cols) > 1 else np.repeat(cols, 2)
        # Indicators lie one after the other in memory.
        values = np.stack([pick_cols(columns[code][0][rows], wide) for code in codes])
        states = np.stack([pick_cols(columns[code][1][rows], wide) for code in codes])
        for position, code in enumerate(codes):
            # An indicator that is left out gives nothing to its neighbours.
            states[position, :, ~self._has_node(code)[wide]] = State.BLANK
        flat, shape = (len(codes), -1), values.shape
        blocks, tree = (values.reshape(flat).T, states.reshape(flat).T), self.plan.framework
        scored = impute_scores(
            *blocks, tree, steps, leaf_positions=places.tolist(), with_marks=False
        )
        filled, filled_states = scored.values.T.reshape(shape), scored.states.T.reshape(shape)
        for position, code in enumerate(codes):
            gaps = np.flatnonzero((states[position] == State.MISSING).any(axis=1))
            if gaps.size:
                imputed_cells = np.ix_(rows[gaps], cols)
                target[code][0][imputed_cells] = filled[position, gaps, : len(cols)]
                target[code][1][imputed_cells] = filled_states[position, gaps, : len(cols)]


def _treat_part(
    kernel: Callable[[Matrix, StateArray, Settings], CellArray],
    takes_columns: bool,
    settings: Settings,
    column: Column,
) -> Column:
    """Return values without outliers, and states; those that are lost are blank.

    Parameters
    ----------
    kernel, takes_columns
        The kernel of the method, and whether it takes several columns at once.
    """
    values, states = column
    if takes_columns:
        treated = kernel(values, states, settings).values
    else:
        # The two columns are one, see `apply_kernel`.
        treated = kernel(values[:, 0].copy(), states[:, 0].copy(), settings).values
    lost = (states == State.VALUE) & np.isnan(treated)
    return treated, np.where(lost, np.uint8(State.BLANK), states)


def _step_key(step: Step) -> tuple[str, tuple[tuple[str, object], ...]]:
    """Return the method and the parameters of a step, which tell steps apart."""
    return step.method, tuple(sorted(step.params.items()))


def _normalise_together(
    own: Columns,
    target: Columns,
    nodes: Sequence[Node],
    cols: np.ndarray,
    step: Step,
    pool: Column | None,
    reference: Matrix | None,
) -> None:
    """Write the scores that a step gives to some replicates of indicators into `target`.

    Parameters
    ----------
    own
        Values of all indicators in the group.
    nodes
        The indicators, of one direction.
    pool
        Values whose statistics count; None = the group's own.
    reference
        (replicates,) values that others are measured by; None without such a city.
    """
    wide = cols if len(cols) > 1 else np.repeat(cols, 2)
    measured_by = None if pool is None else (pick_cols(pool[0], wide), pick_cols(pool[1], wide))
    goal = None if reference is None else reference[wide]
    together = max(1, _WIDE // len(wide))
    for start in range(0, len(nodes), together):
        bundle = nodes[start : start + together]
        values = _join_blocks([pick_cols(own[node.code][0], wide) for node in bundle])
        states = _join_blocks([pick_cols(own[node.code][1], wide) for node in bundle])
        span = column_bounds(values, states)
        direction = float(bundle[0].direction)
        indicator = Indicator(values, states, direction, span, measured_by, goal)
        scored = normalise_column(indicator, step, bundle[0])
        for position, node in enumerate(bundle):
            block = slice(position * len(wide), position * len(wide) + len(cols))
            put_cols(target[node.code], cols, (scored.values[:, block], scored.states[:, block]))


def _join_blocks(blocks: Sequence[NDArray[_Kind]]) -> NDArray[_Kind]:
    """Return blocks of equal height side by side as one."""
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
