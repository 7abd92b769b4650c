"""Indicators of many replicates: their values with errors, prepared, normalised and imputed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.plan import Plan, Sample
from xlcity.assess.replicates import (
    ReplicateColumn,
    Replicates,
    apply_kernel,
    blank_column,
    repeat_single,
    take_cells,
    take_columns,
)
from xlcity.functions.arguments import EVERYONE
from xlcity.functions.block import Matrix
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
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.impute_scores import SCORES_NONE
from xlcity.methods.normalise.record import OWN, Indicator, Normalisation
from xlcity.methods.record import Settings
from xlcity.methods.registry import find_method
from xlcity.methods.treat.record import Treatment
from xlcity.model.dataset import State, as_slice
from xlcity.model.nodes import Node
from xlcity.model.recipe import Step

#: Columns of different indicators that go through a kernel together.
_MOST_COLUMNS_TOGETHER = 512


class _PartToNormalise(NamedTuple):
    """What goes through a kernel together."""

    #: Positions of indicators that are normalised alike.
    positions: list[int]
    step: Step
    #: The replicates that the step is of.
    cols: np.ndarray
    #: Values whose statistics count; None: the group's own.
    pool: ReplicateColumn | None
    #: (replicates,) values of the city that others are measured by.
    reference: Matrix | None

    def indicator(self, column: ReplicateColumn, direction: float) -> Indicator:
        """Return values and states as what a kernel takes, a single replicate twice."""
        cols = repeat_single(self.cols)
        pool = None if self.pool is None else take_columns(self.pool, cols)
        return Indicator(
            values=column.values,
            states=column.states,
            direction=direction,
            span=None,
            pool=pool,
            reference=None if self.reference is None else self.reference[cols],
        )


#: Positions of indicators, of units and of replicates.
_Cells = tuple[np.ndarray, np.ndarray, np.ndarray]


class LeafStage:
    """Makes the scores of the indicators of one set of replicates.

    In its methods `rows` are units and `cols` replicates, by position; `position` is that of an
    indicator in the framework. A block is (indicators, units, replicates) values and states, a
    column of it (units, replicates).
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan = plan
        self.sample = sample
        self.replicates = Replicates(plan, sample)
        #: Errors of the indicators whose values vary, see `Plan.spreads`.
        self.spreads = {} if sample.errors is None else plan.spreads
        self.nodes = plan.framework.indicators
        self.position_of = {
            node.code: position for position, node in enumerate(self.nodes)
        }
        #: Name of each group of units -> the block of its values, ready to be normalised.
        self.prepared = {
            name: self._prepare(rows) for name, rows in plan.dataset.populations.items()
        }

    def scores(self) -> dict[str, ReplicateColumn]:
        """Return name of each group of units -> block of scores; to be called once."""
        scores = {
            population: self._normalise(population) for population in self.prepared
        }
        for block in scores.values():
            self._impute_scores(block)
        return scores

    def _prepare(self, rows: np.ndarray) -> ReplicateColumn:
        """Return the block of some units' values, ready to be normalised.

        Errors are added, and the steps before *normalise* are taken.
        """
        raw = self.plan.base.raw[rows].T
        states = self.plan.base.raw_states[rows].T
        shape = *raw.shape, self.replicates.count
        block = ReplicateColumn(np.empty(shape), np.empty(shape, dtype=np.uint8))
        block.states[:] = states[..., None]
        for position in range(len(self.nodes)):
            values = raw[position][:, None]
            disturbed = block.values[position]
            if position in self.spreads:
                spread, factors = self.spreads[position]
                disturbed[:] = self.sample.errors_of(position, rows)
                spread.disturb(values, disturbed, factors[rows], out=disturbed)
            else:
                disturbed[:] = values
        self._denominate(rows, block)
        self._screen(rows, block)
        self._impute_raw(rows, block)
        for position, node in enumerate(self.nodes):
            self._treat_outliers(node, take_cells(block, position))
        return block

    def _denominate(self, rows: np.ndarray, block: ReplicateColumn) -> None:
        """Divide indicators of a block that have a denominator by it, in place.

        `rows` are the positions of its units in the dataset.
        """
        quotients = []
        for position, node in enumerate(self.nodes):
            # The step does not vary.
            step = self.plan.recipe.step_for("denominate", node.code)
            name = denominator_of(step, node)
            if step is None or not name:
                continue
            if name in self.position_of:
                divisor = take_cells(block, self.position_of[name])
            else:
                values, states = input_values(self.plan.dataset, rows, name)
                divisor = ReplicateColumn(
                    values[:, None],
                    filled_states(self.plan.recipe, states)[:, None],
                )
            quotients.append(
                (position, divide_column(step, take_cells(block, position), divisor))
            )
        # A denominator may have one itself.
        for position, (values, states, _) in quotients:
            block.values[position] = values
            block.states[position] = states

    def _screen(self, rows: np.ndarray, block: ReplicateColumn) -> None:
        """Make blank, in place, what a unit has in replicates that do not keep it.

        Gaps and zeros of the block are counted.
        """
        groups = screen_groups(self.plan.framework, self.plan.recipe)
        if not groups:
            return
        values, states = block
        n = len(rows)
        count = self.replicates.count
        is_kept = np.ones((n, count), dtype=np.bool_)
        for group in groups:
            positions = [self.position_of[code] for code in group.indicators]
            has_indicator = np.stack(
                [self._replicates_with(code) for code in group.indicators]
            )
            has = has_indicator[:, None]
            present = ((states[positions] != State.MISSING) & has).sum(axis=0)
            is_zero = (states[positions] == State.VALUE) & (values[positions] == 0)
            zeros = (is_zero & has).sum(axis=0)
            total = has_indicator.sum(axis=0)
            is_kept &= have_enough_values(group.step, present, zeros, total)
        apply_forced_units(
            groups, [self.plan.dataset.units[int(row)] for row in rows], is_kept
        )
        values[:, ~is_kept] = np.nan
        states[:, ~is_kept] = State.BLANK

    def _replicates_with(self, code: str) -> NDArray[np.bool_]:
        """Return (replicates,) whether one has an indicator: others leave out a node above it."""
        replicates = self.replicates
        has = [
            code in self.plan.tree_without(omitted) for omitted in replicates.omitted
        ]
        return np.asarray(np.array(has, dtype=np.bool_)[replicates.omitted_number])

    def _impute_raw(self, rows: np.ndarray, block: ReplicateColumn) -> None:
        """Impute confirmed gaps of a block, in place, in replicates whose recipe does so.

        `rows` are the positions of its units in the dataset.
        """
        filled: list[tuple[tuple[Any, ...], Matrix]] = []
        for position, node in enumerate(self.nodes):
            is_gap = block[1][position] == State.MISSING
            steps = (
                self.replicates.steps("impute_raw", node.code) if is_gap.any() else ()
            )
            for step, cols in steps:
                if step is None:
                    continue
                values = self._fill(rows, block, position, step=step, cols=cols)
                if values is None:
                    continue
                gap_rows, gap_cols = np.nonzero(is_gap[:, cols] & ~np.isnan(values))
                cells = (gap_rows, cols[gap_cols])
                stand_ins = values[gap_rows, gap_cols]
                if position in self.spreads and node.code in self.plan.disturbs_imputed:
                    spread, _ = self.spreads[position]
                    errors = self.sample.errors_of(position, rows)[cells]
                    stand_ins = spread.disturb(stand_ins, errors, spread.wider)
                filled.append(((position, *cells), stand_ins))
        # Models read what other indicators had before.
        for block_cells, stand_ins in filled:
            block.values[block_cells] = stand_ins
            block.states[block_cells] = State.VALUE

    def _fill(
        self,
        rows: np.ndarray,
        block: ReplicateColumn,
        position: int,
        step: Step,
        cols: np.ndarray,
    ) -> Matrix | None:
        """Return (units, cols) values of an indicator with gaps imputed by a step, NaN if not.

        None for methods that impute nothing here. `block` has the units at `rows`, before any gap
        is imputed. Models fill one replicate after the other, without indicators that it leaves
        out.
        """
        node = self.nodes[position]
        method = find_method(RawImputation, step.method)
        settings = step.settings(node)
        if (model := method.model) is not None:
            names = model_indicators(self.plan.framework, node.code, settings)
            positions = [self.position_of[name] for name in names]
            target = names.index(node.code)
            values, states = take_columns(take_cells(block, positions), cols)
            for states_of_name, name in zip(states, names, strict=True):
                states_of_name[:, ~self._replicates_with(name)[cols]] = State.BLANK
            replicates = zip(values.T, states.T, strict=True)
            return np.hstack(
                [model(x, own, target, settings).values for x, own in replicates]
            )
        if (kernel := method.kernel) is None:
            return None
        units = [self.plan.dataset.units[row] for row in rows.tolist()]
        groups = unit_groups(units, str(step.get("group") or ""))

        def fill(column: ReplicateColumn) -> ReplicateColumn:
            """Return values of some replicates with gaps imputed, and the states as before."""
            return ReplicateColumn(
                kernel(*column, groups, settings).values, column.states
            )

        return apply_kernel(take_cells(block, position), cols, fill)[0]

    def _treat_outliers(self, node: Node, column: ReplicateColumn) -> None:
        """Treat outliers of an indicator's values, in place, by each replicate's step."""
        for step, cols in self.replicates.steps("treat", node.code):
            method = None if step is None else find_method(Treatment, step.method)
            if step is not None and method is not None and method.kernel is not None:
                treat = partial(_treat_part, method, step.settings(node))
                column[0][:, cols], column[1][:, cols] = apply_kernel(
                    column, cols, treat
                )

    def _normalise(self, population: str) -> ReplicateColumn:
        """Return the block of scores of one group of units, gaps not imputed yet.

        Indicators that the same steps normalise are scored in one call for all replicates with
        one step and one reference city.
        """
        block = self.prepared[population]
        # Only a single group's values are not read once more.
        is_alone = len(self.prepared) == 1
        scores = block
        if not is_alone:
            scores = ReplicateColumn(
                np.empty_like(block.values), np.empty_like(block.states)
            )
        for part in self._parts_to_normalise(population):
            positions = part.positions
            bundle_size = _MOST_COLUMNS_TOGETHER // len(repeat_single(part.cols))
            bundle_size = max(1, bundle_size)
            for start in range(0, len(positions), bundle_size):
                bundle = positions[start : start + bundle_size]
                self._normalise_bundle(block, part, bundle, scores)
        return scores

    def _normalise_bundle(
        self,
        block: ReplicateColumn,
        part: _PartToNormalise,
        bundle: Sequence[int],
        scores: ReplicateColumn,
    ) -> None:
        """Put the scores of some indicators of a part, by their positions, into `scores`."""
        cols = repeat_single(part.cols)
        columns = [take_columns(take_cells(block, place), cols) for place in bundle]
        # Side by side, as if each were further replicates of one indicator.
        together = ReplicateColumn(
            np.concatenate([column.values for column in columns], axis=1),
            np.concatenate([column.states for column in columns], axis=1),
        )
        node = self.nodes[part.positions[0]]
        indicator = part.indicator(together, float(node.direction))
        scored = normalise_column(indicator, part.step, node)
        own_cols = as_slice(part.cols)
        for number, position in enumerate(bundle):
            start = number * len(cols)
            own = slice(start, start + len(part.cols))
            score_values, score_states = take_cells(scores, position)
            score_values[:, own_cols] = scored.values[:, own]
            score_states[:, own_cols] = scored.states[:, own]

    def _parts_to_normalise(self, population: str) -> Iterator[_PartToNormalise]:
        """Yield what goes through a kernel together in one group of units."""
        for positions in self._group_alike_nodes():
            for step, cols in self.replicates.steps(
                "normalise", self.nodes[positions[0]].code
            ):
                assert step is not None, "checked before"
                pool = self._pool_values(step, population, positions[0])
                for reference, part_cols in self._split_by_reference(
                    step, cols, positions[0]
                ):
                    yield _PartToNormalise(
                        positions=positions,
                        step=step,
                        cols=part_cols,
                        pool=pool,
                        reference=reference,
                    )

    def _group_alike_nodes(self) -> list[list[int]]:
        """Return positions of indicators that the same steps normalise, and in one direction.

        A group goes through a kernel in one call. An indicator is alone if its method reads more
        than its own values: attributes, another city or another group of cities.
        """
        groups: dict[object, list[int]] = {}
        for position, node in enumerate(self.nodes):
            steps = self.replicates.steps("normalise", node.code)
            is_alone = any(
                find_method(Normalisation, step.method).reads_framework
                or not step.params.keys().isdisjoint(("unit", "pool"))
                for step, _ in steps
                if step is not None
            )
            key = node.code if is_alone else id(steps)
            groups.setdefault((node.direction, key), []).append(position)
        return list(groups.values())

    def _pool_values(
        self, step: Step, population: str, position: int
    ) -> ReplicateColumn | None:
        """Return the values of an indicator whose statistics normalise a group of units.

        None for the group's own; the step's parameter `pool` says it.
        """
        pool = str(step.get("pool", OWN))
        if pool == OWN or population == self.plan.recipe.populations[0]:
            return None
        blocks = [
            block for name, block in self.prepared.items() if pool in (EVERYONE, name)
        ]
        columns = [take_cells(block, position) for block in blocks]
        columns = columns or [blank_column(0, self.replicates.count)]
        return ReplicateColumn(
            np.concatenate([column.values for column in columns]),
            np.concatenate([column.states for column in columns]),
        )

    def _split_by_reference(
        self, step: Step, cols: np.ndarray, position: int
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
        for name, rows in self.plan.dataset.populations.items():
            if (unit := np.flatnonzero(rows == row)).size:
                values, states = take_cells(self.prepared[name], (position, unit[0]))
                has_value = states[cols] == State.VALUE
                groups = [(values, cols[has_value]), (None, cols[~has_value])]
                return [(reference, part) for reference, part in groups if part.size]
        return [(None, cols)]

    def _impute_scores(self, block: ReplicateColumn) -> None:
        """Impute confirmed gaps of scores, in place, by the city's other scores in the same node.

        In replicates whose recipe has a step *impute_scores* for the indicator.
        """
        has_gap = (block[1] == State.MISSING).any(axis=2)
        # Nothing is imputed from what is not below the same node right under the root.
        pillar_of_leaf = np.array(
            imputation_dimensions(self.plan.framework, "pillar")[0]
        )
        for recipe, cols in self.replicates.distinct_recipes("impute_scores"):
            steps = [recipe.step_for("impute_scores", node.code) for node in self.nodes]
            if all(step is None or step.method == SCORES_NONE.name for step in steps):
                continue
            for name in dict.fromkeys(pillar_of_leaf.tolist()):
                positions = np.flatnonzero(pillar_of_leaf == name)
                rows = np.flatnonzero(has_gap[positions].any(axis=0))
                if rows.size:
                    self._impute_cells(block, (positions, rows, cols), steps)

    def _impute_cells(
        self, block: ReplicateColumn, cells: _Cells, steps: Sequence[Step | None]
    ) -> None:
        """Impute scores of some indicators, units and replicates, in place.

        `cells` are their positions; `steps` are those of all indicators.
        """
        positions, rows, cols = cells
        values, states = take_columns(
            take_cells(block, np.ix_(positions, rows)), repeat_single(cols)
        )
        is_gap = states == State.MISSING
        for leaf_states, position in zip(states, positions, strict=True):
            # An indicator that is left out gives nothing to its neighbours.
            has_indicator = self._replicates_with(self.nodes[position].code)
            leaf_states[:, ~has_indicator[repeat_single(cols)]] = State.BLANK
        # Indicators lie one after the other in memory.
        shape = len(positions), -1
        scored = impute_scores(
            values.reshape(shape).T,
            states.reshape(shape).T,
            self.plan.framework,
            [steps[position] for position in positions],
            leaf_positions=positions.tolist(),
            with_marks=False,
        )
        is_filled = is_gap & (scored.states.T.reshape(states.shape) == State.VALUE)
        leaf, row, col = np.nonzero(is_filled[..., : len(cols)])
        filled_cells = positions[leaf], rows[row], cols[col]
        imputed = scored.values.T.reshape(values.shape)
        block.values[filled_cells] = imputed[leaf, row, col]
        block.states[filled_cells] = State.VALUE


def _treat_part(
    method: Treatment, settings: Settings, column: ReplicateColumn
) -> ReplicateColumn:
    """Return treated values and their states, BLANK where a value has no result.

    A method that does not take columns gets one replicate after the other.
    """
    assert method.kernel is not None
    values, states = column
    parts = (
        [column]
        if method.takes_columns
        else zip(values.T.copy(), states.T.copy(), strict=True)
    )
    treated_parts = [method.kernel(x, own, settings).values for x, own in parts]
    treated = np.hstack(treated_parts)
    lacks_result = (states == State.VALUE) & np.isnan(treated)
    return ReplicateColumn(treated, np.where(lacks_result, State.BLANK, states))
