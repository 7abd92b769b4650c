"""Indicators of many replicates: their values with errors, prepared, normalised and imputed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.plan import Plan, Sample, factors, spreads, widens_imputed
from xlcity.assess.replicates import Column, Replicates, apply, empty, picked, put
from xlcity.functions.block import CellArray, Matrix, column_bounds
from xlcity.functions.construct import denominate, joint_states
from xlcity.functions.groups import EVERYONE
from xlcity.index.construct import filled_states
from xlcity.index.prepare import denominator_of, force_units, has_enough, screen_groups
from xlcity.index.steps import imputation_dimensions, impute_scores, normalise_column
from xlcity.methods.impute import RawImputation
from xlcity.methods.normalise.record import Indicator, Normalisation
from xlcity.methods.normalise.zscore import OWN
from xlcity.methods.record import Settings
from xlcity.methods.registry import method_of
from xlcity.methods.treat import Treatment
from xlcity.model.dataset import State, StateArray
from xlcity.model.nodes import Node
from xlcity.model.recipe import Step

#: Indicator -> its column.
Columns = dict[str, Column]
#: Columns of different indicators that go through a kernel together.
_WIDE = 512
_Kind = TypeVar("_Kind", bound=np.generic)


class LeafStage:
    """Makes the scores of the indicators of one set of replicates."""

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan, self.sample = plan, sample
        self.replicates = Replicates(plan, sample)
        self.errors = dict(spreads(plan, sample))
        self.nodes = plan.framework.indicators

    def scores(self, populations: Mapping[str, np.ndarray]) -> dict[str, Columns]:
        """Return the scores of every indicator in each group of units."""
        prepared = {name: self._prepared(rows) for name, rows in populations.items()}
        scores = {}
        for name in populations:
            scores[name] = self._imputed(self._normalised(name, prepared, populations))
        return scores

    def _prepared(self, rows: np.ndarray) -> Columns:
        """Return what the indicators are before they are normalised."""
        columns = {}
        for position, node in enumerate(self.nodes):
            columns[node.code] = self._denominated(rows, node, self._raw(rows, position))
        is_kept = self._kept(rows, columns)
        for position, node in enumerate(self.nodes):
            values, states = columns[node.code]
            if is_kept is not None:
                values, states = (
                    np.where(is_kept, values, np.nan),
                    np.where(is_kept, states, State.BLANK),
                )
            column = self._filled(rows, position, (values, states.astype(np.uint8)))
            columns[node.code] = self._treated(node, column)
        return columns

    def _raw(self, rows: np.ndarray, position: int) -> Column:
        """Return the values of an indicator with their errors."""
        base, count = self.plan.base, self.replicates.count
        states = np.repeat(base.raw_states[rows][:, [position]], count, axis=1)
        values = base.raw[rows][:, [position]]
        spread = self.errors.get(position)
        if spread is None or self.sample.errors is None:
            return np.repeat(values, count, axis=1), states
        wide = factors(self.plan, self.nodes[position].code, spread)[rows]
        return spread.disturbed(values, self.sample.errors[position][rows], wide), states

    def _given(self, rows: np.ndarray, code: str, own: Columns) -> Column:
        """Return a column of the dataset, or an indicator."""
        if code in own:
            return own[code]
        dataset = self.plan.dataset
        if code not in dataset.codes:
            return empty(len(rows), 1)
        column = dataset.column(code)
        states = filled_states(self.plan.recipe, dataset.states[rows][:, [column]])
        return dataset.values[rows][:, [column]], states

    def _denominated(self, rows: np.ndarray, node: Node, column: Column) -> Column:
        # The step does not vary.
        step = self.plan.recipe.step_for("denominate", node.code)
        name = denominator_of(step, node)
        if step is None or not name:
            return column
        codes = [indicator.code for indicator in self.nodes]
        own = {name: self._raw(rows, codes.index(name))} if name in codes else {}
        below, below_states = self._given(rows, name, own)
        values, states = column
        divide = partial(denominate, scale=step.number("scale"))
        quotients = divide(values, below, states=states, denominators_states=below_states).values
        joint = joint_states(states, below_states)
        return quotients, np.where(
            (joint == State.VALUE) & np.isnan(quotients), State.MISSING, joint
        )

    def _kept(self, rows: np.ndarray, columns: Columns) -> np.ndarray | None:
        """Return which units each replicate keeps, None where none are screened."""
        groups = screen_groups(self.plan.framework, self.plan.recipe)
        if not groups:
            return None
        n, count = len(rows), self.replicates.count
        is_kept = np.ones((n, count), dtype=np.bool_)
        for group in groups:
            present, zeros, k = np.zeros((n, count)), np.zeros((n, count)), np.zeros(count)
            for code in group.indicators:
                there = self._has(code)
                values, states = columns[code]
                present += (states != State.MISSING) & there
                zeros += (states == State.VALUE) & (values == 0) & there
                k += there
            is_kept &= has_enough(group.step, present, zeros, k)
        force_units(groups, [self.plan.dataset.units[int(row)] for row in rows], is_kept)
        return is_kept

    def _has(self, code: str) -> NDArray[np.bool_]:
        """Return which replicates have an indicator: others leave it or a node above it out."""
        replicates = self.replicates
        has = [code in self.plan.tree_without(omitted) for omitted in replicates.omitted]
        return np.asarray(np.array(has, dtype=np.bool_)[replicates.omitted_at])

    def _filled(self, rows: np.ndarray, position: int, column: Column) -> Column:
        """Return an indicator with gaps of its raw values imputed."""
        node, filled_column = self.nodes[position], column
        lines = np.flatnonzero((column[1] == State.MISSING).any(axis=1))
        if not lines.size:
            return column
        for step, cols in self.replicates.steps("impute_raw", node.code):
            kernel = None if step is None else method_of(RawImputation, step.method).kernel
            if step is None or kernel is None:
                continue
            attribute = str(step.get("group") or "")
            units = [self.plan.dataset.units[int(row)] for row in rows] if attribute else []
            names = [unit.attributes.get(attribute, "") for unit in units] or None
            settings = step.settings(node)

            def close(part: Column) -> Column:
                return kernel(*part, names, settings).values, part[1]  # noqa: B023

            completed = apply(column, cols, close)
            filled, states = completed[0][lines], completed[1][lines]
            gaps = (states == State.MISSING) & ~np.isnan(filled)
            filled = self._widened(rows[lines], position, cols, filled)
            if filled_column is column:
                filled_column = column[0].copy(), column[1].copy()
            # Only lines with gaps are written: they are few.
            cells = np.ix_(lines, cols)
            filled_column[0][cells] = np.where(gaps, filled, filled_column[0][cells])
            filled_column[1][cells] = np.where(gaps, np.uint8(State.VALUE), states)
        return filled_column

    def _widened(self, rows: np.ndarray, position: int, cols: np.ndarray, filled: Matrix) -> Matrix:
        """Return imputed values with errors of their own."""
        spread, code = self.errors.get(position), self.nodes[position].code
        if spread is None or self.sample.errors is None:
            return filled
        recipe = self.replicates.recipes[self.replicates.recipe_at[cols[0]]]
        if not widens_imputed(self.plan, recipe, code):
            return filled
        return spread.disturbed(
            filled, picked(self.sample.errors[position][rows], cols), spread.wider
        )

    def _treated(self, node: Node, column: Column) -> Column:
        """Return an indicator with its outliers treated."""
        treated = column
        for step, cols in self.replicates.steps("treat", node.code):
            method = None if step is None else method_of(Treatment, step.method)
            if step is None or method is None or method.kernel is None:
                continue
            treat = partial(_treat, method.kernel, method.takes_columns, step.settings(node))
            if treated is column:
                treated = column[0].copy(), column[1].copy()
            # Other kernels take one replicate after the other.
            for some in [cols] if method.takes_columns else cols[:, None]:
                put(treated, some, apply(column, some, treat))
        return treated

    def _normalised(
        self,
        population: str,
        prepared: Mapping[str, Columns],
        populations: Mapping[str, np.ndarray],
    ) -> Columns:
        own = prepared[population]
        normalised = {code: empty(*values.shape) for code, (values, _) in own.items()}
        for nodes in self._alike():
            code = nodes[0].code
            for step, cols in self.replicates.steps("normalise", code):
                assert step is not None, "checked before"
                pool = self._pool(step, population, prepared, code)
                for reference, some in self._references(step, cols, prepared, populations, code):
                    _normalise_together(own, normalised, nodes, some, step, pool, reference)
        return normalised

    def _alike(self) -> list[list[Node]]:
        """Return indicators that the same steps normalise, so that kernels are called less often.

        What reads more than the values of an indicator is normalised alone.
        """
        groups: dict[object, list[Node]] = {}
        for node in self.nodes:
            steps, step_numbers = self.replicates.distinct_steps("normalise", node.code)
            alone = any(
                step is not None
                and (
                    method_of(Normalisation, step.method).reads_framework
                    or step.get("unit") is not None
                    or str(step.get("pool", OWN)) != OWN
                )
                for step in steps
            )
            same = node.code if alone else (tuple(map(id, steps)), step_numbers.tobytes())
            groups.setdefault((node.direction, same), []).append(node)
        return list(groups.values())

    def _pool(
        self, step: Step, population: str, prepared: Mapping[str, Columns], code: str
    ) -> Column | None:
        """Return the values whose statistics a group takes, None for its own."""
        pool = str(step.get("pool", OWN))
        if pool == OWN or population == self.plan.recipe.populations[0]:
            return None
        names = list(prepared) if pool == EVERYONE else [name for name in prepared if name == pool]
        if not names:
            return empty(0, self.replicates.count)
        columns = [prepared[name][code] for name in names]
        return np.concatenate([c[0] for c in columns]), np.concatenate([c[1] for c in columns])

    def _references(
        self,
        step: Step,
        cols: np.ndarray,
        prepared: Mapping[str, Columns],
        populations: Mapping[str, np.ndarray],
        code: str,
    ) -> list[tuple[Matrix | None, np.ndarray]]:
        """Return replicates with the values of the city that a step measures others by."""
        if step.get("unit") is None:
            return [(None, cols)]
        row = self.plan.dataset.row(str(step.get("unit")))
        for name, rows in populations.items():
            position = np.flatnonzero(rows == row)
            if position.size:
                values, states = (part[position[0]] for part in prepared[name][code])
                there = states[cols] == State.VALUE
                groups = [(values, cols[there]), (None, cols[~there])]
                return [(of, some) for of, some in groups if some.size]
        return [(None, cols)]

    def _imputed(self, columns: Columns) -> Columns:
        """Return scores with confirmed gaps imputed by the scores beside them."""
        codes = [node.code for node in self.nodes]
        by_step: dict[tuple[int, ...], list[np.ndarray]] = {}
        steps: dict[tuple[int, ...], list[Step | None]] = {}
        for number, recipe in enumerate(self.replicates.recipes):
            own = [recipe.step_for("impute_scores", code) for code in codes]
            key = tuple(0 if step is None else hash(_key(step)) for step in own)
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
        """Impute scores of some indicators in some rows and replicates."""
        rows, cols = cells
        codes = [self.nodes[position].code for position in places]
        wide = cols if len(cols) > 1 else np.repeat(cols, 2)
        # Indicators lie one after the other in memory.
        values = np.stack([picked(columns[code][0][rows], wide) for code in codes])
        states = np.stack([picked(columns[code][1][rows], wide) for code in codes])
        for position, code in enumerate(codes):
            # An indicator that is left out gives nothing to its neighbours.
            states[position, :, ~self._has(code)[wide]] = State.BLANK
        flat, shape = (len(codes), -1), values.shape
        blocks, tree = (values.reshape(flat).T, states.reshape(flat).T), self.plan.framework
        done = impute_scores(*blocks, tree, steps, places=places.tolist(), marked=False)
        filled, filled_states = done.values.T.reshape(shape), done.states.T.reshape(shape)
        for position, code in enumerate(codes):
            some = np.flatnonzero((states[position] == State.MISSING).any(axis=1))
            if some.size:
                imputed_cells = np.ix_(rows[some], cols)
                target[code][0][imputed_cells] = filled[position, some, : len(cols)]
                target[code][1][imputed_cells] = filled_states[position, some, : len(cols)]


def _treat(
    kernel: Callable[[Matrix, StateArray, Settings], CellArray],
    takes_columns: bool,
    settings: Settings,
    column: Column,
) -> Column:
    """Return values without outliers; those that are lost are blank."""
    values, states = column
    if takes_columns:
        treated = kernel(values, states, settings).values
    else:
        # The two columns are one, see `apply`.
        treated = kernel(values[:, 0].copy(), states[:, 0].copy(), settings).values
    lost = (states == State.VALUE) & np.isnan(treated)
    return treated, np.where(lost, np.uint8(State.BLANK), states)


def _key(step: Step) -> tuple[str, tuple[tuple[str, object], ...]]:
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
    """Put what a step makes of some replicates of indicators in their place."""
    wide = cols if len(cols) > 1 else np.repeat(cols, 2)
    measured_by = None if pool is None else (picked(pool[0], wide), picked(pool[1], wide))
    goal = None if reference is None else reference[wide]
    together = max(1, _WIDE // len(wide))
    for start in range(0, len(nodes), together):
        some = nodes[start : start + together]
        values = _side_by_side([picked(own[node.code][0], wide) for node in some])
        states = _side_by_side([picked(own[node.code][1], wide) for node in some])
        span = column_bounds(values, states)
        direction = float(some[0].direction)
        indicator = Indicator(values, states, direction, span, measured_by, goal)
        done = normalise_column(indicator, step, some[0])
        for position, node in enumerate(some):
            block = slice(position * len(wide), position * len(wide) + len(cols))
            put(target[node.code], cols, (done.values[:, block], done.states[:, block]))


def _side_by_side(blocks: Sequence[NDArray[_Kind]]) -> NDArray[_Kind]:
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
