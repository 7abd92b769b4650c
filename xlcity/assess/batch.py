"""Ranks of many replicates at once: arrays of units x replicates, kernel by kernel.

Every step is made by the kernels of `xlcity.methods`, as `xlcity.index.compute` makes it; here
replicates are columns, and those that share a step go through its kernel together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.choices import judged_without
from xlcity.assess.leaves import Columns, LeafStage
from xlcity.assess.plan import Plan, Sample
from xlcity.assess.replicates import Column, Replicates, apply, empty, picked, put
from xlcity.functions.block import Matrix
from xlcity.functions.rank import rank_competition, ranks_together
from xlcity.index.compute import rank_key
from xlcity.index.steps import aggregate_children, child_weights, overall_reading, rescale_node
from xlcity.index.weigh import find_weights, weight_step
from xlcity.methods.aggregate import Aggregation
from xlcity.methods.registry import method_of
from xlcity.methods.rescale import MEAN_OF_SCALED, SCALED
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

_Kind = TypeVar("_Kind", bound=np.generic)


def score_batch(plan: Plan, sample: Sample) -> Column:
    """Return (units, replicates) scores of the plan's node, and their states."""
    order = _by_steps(plan, sample)
    values, states = _Batch(plan, sample.taken(order)).run()
    back = np.argsort(order)
    return np.take(values, back, axis=1), np.take(states, back, axis=1)


def _by_steps(plan: Plan, sample: Sample) -> np.ndarray:
    """Return the replicates in an order in which those that share a step are neighbours."""
    keys = [
        sample.options[:, position]
        for position, choice in enumerate(plan.choices)
        if choice.is_of_steps
    ]
    first = [position for position, choice in enumerate(plan.choices) if choice.name == "normalise"]
    keys = [*reversed(keys), *(sample.options[:, position] for position in first)]
    return np.lexsort(keys) if keys else np.arange(len(sample))


def rank_batch(plan: Plan, sample: Sample) -> np.ndarray:
    """Return (units, replicates) ranks of the plan's node; 0 where there is no score."""
    values, states = score_batch(plan, sample)
    keys, ties = rank_key(plan.recipe, plan.node, values)
    ranks = np.zeros(keys.shape, dtype=np.int32)
    for rows in plan.dataset.populations.values():
        if ties == "min":
            scored = states[rows] == State.VALUE
            ranks[rows] = ranks_together(np.where(scored, -keys[rows], np.inf), "min", 0.0)
            ranks[rows] *= scored
        else:
            competition_ranks = rank_competition(keys[rows], ties=ties, states=states[rows]).values
            ranks[rows] = np.nan_to_num(competition_ranks, nan=0)
    return ranks


class _Batch:
    """Holds the columns of one batch while nodes are made from the bottom up."""

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan, self.sample = plan, sample
        self.replicates = Replicates(plan, sample)
        self.everyone = np.arange(len(sample))
        #: Weights that follow from data: node -> (replicates, children), from the first group.
        self.weights_from_data: dict[str, Matrix] = {}

    def run(self) -> Column:
        plan, populations = self.plan, self.plan.dataset.populations
        stage, expand = self._leaves()
        leaves = stage.scores(populations)
        node_scores = empty(len(plan.dataset.units), len(self.sample))
        for name, rows in populations.items():
            columns = leaves[name]
            if expand is not None:
                columns = {
                    code: (np.take(v, expand, axis=1), np.take(s, expand, axis=1))
                    for code, (v, s) in columns.items()
                }
            aggregates, scores = dict(columns), dict(columns)
            inside = {node.code for node in plan.framework.path(plan.node)} - {plan.node}
            for node in reversed(plan.framework.composites):
                if node.code not in inside:
                    self._node(rows, node.code, aggregates, scores)
            node_scores[0][rows], node_scores[1][rows] = scores[plan.node]
        return node_scores

    def _leaves(self) -> tuple[LeafStage, np.ndarray | None]:
        """Return the stage of the indicators, and which of its columns each replicate takes.

        Where data do not vary, replicates with the same options share a column.
        """
        sample = self.sample
        if sample.errors is not None:
            return LeafStage(self.plan, sample), None
        distinct, expand = np.unique(sample.options, axis=0, return_inverse=True)
        return LeafStage(self.plan, Sample(distinct, None, None)), expand.ravel()

    def _node(self, rows: np.ndarray, code: str, aggregates: Columns, scores: Columns) -> None:
        aggregated = empty(len(rows), len(self.sample))
        for step, cols in self.replicates.steps("aggregate", code):
            assert step is not None, "checked before"
            layer = scores if step.get("children") == "scores" else aggregates
            self._aggregate(layer, code, step, cols, aggregated)
        if (given := self._own(rows, code)) is not None:
            direct = given[1] == State.VALUE
            aggregated[0][direct], aggregated[1][direct] = given[0][direct, None], State.VALUE
        aggregates[code] = aggregated
        final, is_root = aggregated, code == self.plan.framework.root.code
        for step, cols in self.replicates.steps("rescale", code):
            reading = overall_reading(step) if is_root else SCALED
            if step is None or reading not in (MEAN_OF_SCALED, SCALED):
                continue
            if final is aggregated:
                final = aggregated[0].copy(), aggregated[1].copy()
            if reading == MEAN_OF_SCALED:
                self._mean_of_scaled(code, cols, scores, given, final)
            else:
                put(final, cols, _rescaled(aggregated, cols, step))
        scores[code] = final

    def _mean_of_scaled(
        self, code: str, cols: np.ndarray, scores: Columns, given: Column | None, final: Column
    ) -> None:
        means = empty(*final[0].shape)
        for step, some in self.replicates.steps("aggregate", code):
            assert step is not None
            self._aggregate(scores, code, step, np.intersect1d(some, cols), means)
        own = np.zeros(len(final[0]), dtype=np.bool_) if given is None else given[1] == State.VALUE
        cells = np.ix_(~own, cols)
        final[0][cells], final[1][cells] = means[0][cells], means[1][cells]

    def _own(self, rows: np.ndarray, code: str) -> Column | None:
        """Return values that a node has of its own."""
        dataset = self.plan.dataset
        if code not in dataset.codes:
            return None
        column = dataset.column(code)
        return dataset.values[rows, column], dataset.states[rows, column]

    def _aggregate(
        self, layer: Columns, code: str, step: Step, cols: np.ndarray, target: Column
    ) -> None:
        """Put the means of a node's children into the columns of some replicates."""
        for tree, some in self.replicates.trees(code, cols):
            children = [child.code for child in tree.children(code)]
            values = np.stack([picked(layer[c][0], some) for c in children])
            states = np.stack([picked(layer[c][1], some) for c in children])
            weights = self._weights(tree, code, step, some, values, states)
            put(target, some, _combined(values, states, weights, step))

    def _weights(
        self,
        tree: Framework,
        code: str,
        step: Step,
        some: np.ndarray,
        values: FloatArray,
        states: StateArray,
    ) -> list[float] | Matrix:
        """Return weights of a node's children: one each, or (replicates, children)."""
        children = tree.children(code)
        recipes = self.replicates.recipes
        by = [_weigh(recipe, self.plan.framework, tree, code) for recipe in recipes]
        own = self._given_weights(tree, code, step, some)
        if not any(by):
            return own
        if code not in self.weights_from_data:
            self.weights_from_data[code] = np.full(
                (len(self.sample), len(self.plan.framework.nodes)), np.nan
            )
        weight_rows = np.array(np.broadcast_to(own, (len(some), len(children))))
        for position, replicate in enumerate(some.tolist()):
            if (weigh := by[self.replicates.recipe_at[replicate]]) is None:
                continue
            if np.isnan(self.weights_from_data[code][replicate, 0]):
                block = _alone(values, position), _alone(states, position)
                weights, error, _ = find_weights(tree, code, *block, weigh)
                row = [np.inf] * len(children) if error is not None else weights
                self.weights_from_data[code][replicate, : len(children)] = row
            weight_rows[position] = self.weights_from_data[code][replicate, : len(children)]
        return np.where(np.isinf(weight_rows), np.nan, weight_rows)

    def _given_weights(
        self, tree: Framework, code: str, step: Step, some: np.ndarray
    ) -> list[float] | Matrix:
        drawn = self.sample.weights
        if drawn is None or step.get("weights") == "leaves":
            return child_weights(tree, code, step)
        children = [child.code for child in tree.children(code)]
        every = [child.code for child in self.plan.framework.children(code)]
        weights = np.stack([drawn[child][some] for child in children], axis=-1)
        if len(children) < len(every):
            group_sum = sum(drawn[child][some] for child in every)
            weights = weights * (group_sum / weights.sum(axis=1))[:, None]
        return weights


def _weigh(recipe: Recipe, full_tree: Framework, tree: Framework, code: str) -> Step | None:
    """Return the step that finds the weights of the children that are left."""
    step = weight_step(recipe, code)
    every = [child.code for child in full_tree.children(code)]
    gone = [child for child in every if child not in tree]
    if step is None or not gone:
        return step
    return weight_step(replace(recipe, steps=(judged_without(step, every, gone),)), code)


def _combined(
    values: FloatArray, states: StateArray, weights: list[float] | Matrix, step: Step
) -> Column:
    """Return the means of (children, units, replicates)."""
    k, n, count = values.shape
    alone = method_of(Aggregation, step.method).whole_sample or step.get("missing") == "refuse"
    if alone:
        column = empty(n, count)
        shared = np.asarray(weights).ndim == 1
        for replicate in range(count):
            own = weights if shared else np.asarray(weights)[replicate].tolist()
            done = aggregate_children(
                _alone(values, replicate), _alone(states, replicate), own, step, marked=False
            )
            column[0][:, replicate], column[1][:, replicate] = done.values, done.states
        return column
    if isinstance(weights, np.ndarray):
        weights = np.broadcast_to(weights.T[:, None], (k, n, count)).reshape(k, -1).T
    # Children lie one after the other in memory: sums over few children are fast then.
    done = aggregate_children(
        values.reshape(k, -1).T, states.reshape(k, -1).T, weights, step, marked=False
    )
    return done.values.reshape(n, count), done.states.reshape(n, count)


def _alone(values: NDArray[_Kind], replicate: int) -> NDArray[_Kind]:
    """Return (units, children) of one replicate."""
    return np.ascontiguousarray(values[:, :, replicate].T)


def _rescaled(column: Column, cols: np.ndarray, step: Step) -> Column:
    def rescale_part(part: Column) -> Column:
        done = rescale_node(*part, step)
        return done.values, done.states

    return apply(column, cols, rescale_part)
