"""Ranks of many replicates at once: arrays of units x replicates, kernel by kernel.

Every step is made by the kernels of `xlcity.methods`, as `xlcity.index.compute` makes it; here
replicates are columns, and those that share a step go through its kernel together.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from xlcity.assess.choices import drop_judgements
from xlcity.assess.leaves import LeafStage
from xlcity.assess.plan import Plan, Sample
from xlcity.assess.replicates import (
    Part,
    ReplicateColumn,
    Replicates,
    apply_kernel,
    blank_column,
    join_columns,
    take_cells,
    take_columns,
)
from xlcity.functions.block import Matrix
from xlcity.functions.rank import rank_columns_together, rank_competition
from xlcity.index.compute import rank_key
from xlcity.index.construct import input_values
from xlcity.index.steps import (
    aggregate_children,
    child_weights,
    find_weights,
    overall_reading,
    rescale_node,
    weight_step,
)
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import MEAN_OF_SCALED, SCALED
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step

#: Node -> its column.
Columns = dict[str, ReplicateColumn]
#: "aggregates" and "scores": means of nodes, and these rescaled; see the parameter `children`.
Layers = dict[str, Columns]


def score_batch(plan: Plan, sample: Sample) -> ReplicateColumn:
    """Return (units, replicates) scores of the plan's node, and their states.

    `sample` has what each replicate drew.
    """
    order = _order_by_steps(plan, sample)
    values, states = _Batch(plan, sample.reordered(order)).run()
    original_order = np.argsort(order)
    return ReplicateColumn(
        np.take(values, original_order, axis=1),
        np.take(states, original_order, axis=1),
    )


def _order_by_steps(plan: Plan, sample: Sample) -> np.ndarray:
    """Return the numbers of replicates, sorted so that those that share steps are neighbours.

    Most of all those that share a normalisation, which costs most.
    """
    names = [choice.name for choice in plan.choices]
    positions = [
        position for position, choice in enumerate(plan.choices) if choice.is_of_steps
    ]
    # Of its keys `lexsort` takes the last one first.
    positions.sort(key=lambda position: (names[position] == "normalise", -position))
    keys = sample.options[:, positions].T
    return np.lexsort(keys) if positions else np.arange(len(sample))


def rank_batch(plan: Plan, sample: Sample) -> np.ndarray:
    """Return (units, replicates) ranks of the plan's node; 0 where there is no score."""
    values, states = score_batch(plan, sample)
    keys, ties = rank_key(plan.recipe, plan.node, values)
    ranks = np.zeros(keys.shape, dtype=np.int32)
    for rows in plan.dataset.populations.values():
        if ties == "min":
            scored = states[rows] == State.VALUE
            ranks[rows] = rank_columns_together(
                np.where(scored, -keys[rows], np.inf), "min", 0.0
            )
            ranks[rows] *= scored
        else:
            competition_ranks = rank_competition(
                keys[rows], ties=ties, states=states[rows]
            ).values
            ranks[rows] = np.nan_to_num(competition_ranks, nan=0)
    return ranks


class _Batch:
    """Holds the columns of one batch while nodes are made from the bottom up.

    In its methods `rows` are units of one group, `cols` are replicates, both as positions.
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan = plan
        self.sample = sample
        self.replicates = Replicates(plan, sample)
        #: Weights that follow from data, of the first group: node and replicate -> children's.
        self.weights_from_data: dict[tuple[str, int], list[float]] = {}

    def run(self) -> ReplicateColumn:
        """Return (units, replicates) scores and states of the plan's node."""
        plan = self.plan
        node_scores = blank_column(len(plan.dataset.units), len(self.sample))
        path = {node.code for node in plan.framework.path(plan.node)}
        ancestors = path - {plan.node}
        for name, block in self._score_leaves().items():
            rows = plan.dataset.populations[name]
            leaves = enumerate(plan.framework.indicators)
            scores = {
                node.code: take_cells(block, position) for position, node in leaves
            }
            layers = {"aggregates": dict(scores), "scores": scores}
            for node in reversed(plan.framework.composites):
                if node.code not in ancestors:
                    self._add_node(rows, node.code, layers)
            node_scores[0][rows], node_scores[1][rows] = scores[plan.node]
        return node_scores

    def _score_leaves(self) -> dict[str, ReplicateColumn]:
        """Return name of each group of units -> block of its indicators' scores.

        Where data do not vary, replicates with the same options share the computation.
        """
        if self.sample.errors is not None:
            return LeafStage(self.plan, self.sample).scores()
        options, number = np.unique(self.sample.options, axis=0, return_inverse=True)
        blocks = LeafStage(self.plan, Sample(options, None, None)).scores()
        take = partial(np.take, indices=number.ravel(), axis=-1)
        return {
            name: ReplicateColumn(take(values), take(states))
            for name, (values, states) in blocks.items()
        }

    def _add_node(self, rows: np.ndarray, code: str, layers: Layers) -> None:
        """Compute a node in some units: add its means to `aggregates`, rescaled ones to `scores`.

        Both layers have the node's children already. Values of the node's own replace its means.
        """
        aggregates = layers["aggregates"]
        scores = layers["scores"]
        aggregates[code] = self._combine_children(rows, code, layers)
        is_root = code == self.plan.framework.root.code
        parts: list[Part] = []
        for step, cols in self.replicates.steps("rescale", code):
            reading = overall_reading(step) if is_root else SCALED
            if step is not None and reading == MEAN_OF_SCALED:
                means = self._combine_children(
                    rows, code, dict.fromkeys(layers, scores), cols
                )
                parts.append((cols, take_columns(means, cols)))
            elif step is not None and reading == SCALED:
                rescale = partial(_rescale_part, step)
                parts.append((cols, apply_kernel(aggregates[code], cols, rescale)))
            else:
                parts.append((cols, take_columns(aggregates[code], cols)))
        scores[code] = join_columns(parts, aggregates[code][0].shape)

    def _combine_children(
        self,
        rows: np.ndarray,
        code: str,
        layers: Layers,
        cols: np.ndarray | None = None,
    ) -> ReplicateColumn:
        """Return (units, replicates) means of a node's children, and their states.

        A value of the node's own replaces the mean. Replicates may leave out some of the children;
        those that are not among `cols` are blank (None: all are).
        """
        parts: list[Part] = []
        for step, step_cols in self.replicates.steps("aggregate", code):
            assert step is not None, "checked before"
            layer = layers[str(step.get("children", "aggregates"))]
            own_cols = step_cols if cols is None else np.intersect1d(step_cols, cols)
            for tree, tree_cols in self.replicates.trees(code, own_cols):
                columns = [
                    take_columns(layer[c.code], tree_cols) for c in tree.children(code)
                ]
                block = ReplicateColumn(
                    np.stack([column.values for column in columns]),
                    np.stack([column.states for column in columns]),
                )
                weights = self._child_weights(
                    tree, code, step, cols=tree_cols, block=block
                )
                parts.append((tree_cols, _average_children(block, weights, step)))
        means = join_columns(parts, (len(rows), len(self.sample)))
        values, states = input_values(self.plan.dataset, rows, code)
        has_own_value = states == State.VALUE
        means[0][has_own_value] = values[has_own_value, None]
        means[1][has_own_value] = State.VALUE
        return means

    def _child_weights(
        self,
        tree: Framework,
        code: str,
        step: Step,
        cols: np.ndarray,
        block: ReplicateColumn,
    ) -> list[float] | Matrix:
        """Return weights of a node's children: one each, or (replicates, children); NaN for none.

        They are given, drawn, or derived by a step of the replicate's recipe. Derived ones follow
        from the scores of the first group of units that is scored together and are kept in
        `weights_from_data` for the other groups. Pairwise judgements of children that `tree` leaves
        out are dropped.

        Parameters
        ----------
        tree, cols
            The framework of some replicates, less what they leave out, and their numbers.
        code, step
            The node, and the step that aggregates it.
        block
            (children, units, replicates) what is aggregated.
        """
        weights = self._given_weights(tree, code, step, cols)
        all_children = [child.code for child in self.plan.framework.children(code)]
        omitted = [child for child in all_children if child not in tree]
        for given_step, step_cols in self.replicates.steps("weight", code):
            if given_step is None:
                continue
            steps = drop_judgements(given_step, all_children, omitted), step
            weigh = weight_step(replace(self.plan.recipe, steps=steps), code)
            if weigh is None:
                continue
            shape = (len(cols), len(block.values))
            weights = np.array(np.broadcast_to(weights, shape))
            for position in np.flatnonzero(np.isin(cols, step_cols)).tolist():
                key = code, int(cols[position])
                if key not in self.weights_from_data:
                    scores = _replicate_block(block, position)
                    derived, error, _ = find_weights(tree, code, *scores, weigh)
                    self.weights_from_data[key] = (
                        [np.nan] if error is not None else derived
                    )
                weights[position] = self.weights_from_data[key]
        return weights

    def _given_weights(
        self, tree: Framework, code: str, step: Step, cols: np.ndarray
    ) -> list[float] | Matrix:
        """Return a node's given weights of its children, or (replicates, children) drawn ones.

        Where `tree` leaves children out, the others share their drawn weights. `step` aggregates
        the node, `cols` are the numbers of the replicates.
        """
        drawn = self.sample.weights
        if drawn is None or step.get("weights") == "leaves":
            return child_weights(tree, code, step)
        children = [child.code for child in tree.children(code)]
        all_children = [child.code for child in self.plan.framework.children(code)]
        weights = np.stack([drawn[child][cols] for child in children], axis=-1)
        if len(children) < len(all_children):
            group_sum = sum(drawn[child][cols] for child in all_children)
            weights = weights * (group_sum / weights.sum(axis=1))[:, None]
        return weights


def _average_children(
    block: ReplicateColumn, weights: list[float] | Matrix, step: Step
) -> ReplicateColumn:
    """Return a node's (units, replicates) values and states, aggregated from its children.

    Methods that look at several units at once take one replicate after the other.

    Parameters
    ----------
    block
        (children, units, replicates) scores of the children and their states.
    weights
        One per child, or (replicates, children).
    step
        The step that aggregates the node.
    """
    k, n, count = block.values.shape  # children, units, replicates
    if (
        find_method(Aggregation, step.method).whole_sample
        or step.get("missing") == "refuse"
    ):
        nodes = [
            aggregate_children(*_replicate_block(block, replicate), own, step)
            for replicate, own in enumerate(np.broadcast_to(weights, (count, k)))
        ]
        return ReplicateColumn(
            np.stack([node.values for node in nodes], axis=1),
            np.stack([node.states for node in nodes], axis=1),
        )
    if isinstance(weights, np.ndarray):
        for_each_unit = np.broadcast_to(weights.T[:, None], (k, n, count))
        weights = for_each_unit.reshape(k, -1).T
    # Children lie one after the other in memory: sums over few children are fast then.
    values = block.values.reshape(k, -1).T
    states = block.states.reshape(k, -1).T
    node_means = aggregate_children(values, states, weights, step)
    return ReplicateColumn(
        node_means.values.reshape(n, count), node_means.states.reshape(n, count)
    )


def _replicate_block(block: ReplicateColumn, replicate: int) -> ReplicateColumn:
    """Return one replicate of a (children, units, replicates) block as (units, children)."""
    values, states = (part[:, :, replicate].T for part in block)
    return ReplicateColumn(np.ascontiguousarray(values), np.ascontiguousarray(states))


def _rescale_part(step: Step, part: ReplicateColumn) -> ReplicateColumn:
    """Return (units, replicates) values and states of a node, rescaled by a step."""
    rescaled = rescale_node(*part, step)
    return ReplicateColumn(rescaled.values, rescaled.states)
