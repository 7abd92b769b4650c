"""Columns of replicates, and which of them share a step of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from xlcity.assess.plan import Plan, Sample
from xlcity.functions.block import Matrix
from xlcity.model.dataset import State, StateArray, as_slice
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step


class ReplicateColumn(NamedTuple):
    """Values and states of units x replicates, or of more than one column of them."""

    values: Matrix
    states: StateArray


#: Some replicates by their numbers, which ascend, and their column.
Part = tuple[np.ndarray, ReplicateColumn]


def blank_column(units: int, replicates: int) -> ReplicateColumn:
    """Return a column of blanks: (units, replicates) values and states."""
    shape = (units, replicates)
    states = np.full(shape, State.BLANK, dtype=np.uint8)
    return ReplicateColumn(np.full(shape, np.nan), states)


def take_cells(column: ReplicateColumn, cells: Any) -> ReplicateColumn:
    """Return values and states of some cells, given by what both arrays are indexed with."""
    return ReplicateColumn(column.values[cells], column.states[cells])


def take_columns(column: ReplicateColumn, cols: np.ndarray) -> ReplicateColumn:
    """Return the replicates `cols`, ascending numbers; replicates are the last axis.

    Those beside each other come as views, which are not copied.
    """
    columns = as_slice(cols)
    if isinstance(columns, slice):
        return take_cells(column, np.s_[..., columns])
    values = np.take(column.values, cols, axis=-1)
    return ReplicateColumn(values, np.take(column.states, cols, axis=-1))


def join_columns(parts: Sequence[Part], shape: tuple[int, int]) -> ReplicateColumn:
    """Return a (units, replicates) column of parts; replicates that are in none are blank."""
    is_blank = np.ones(shape[1], dtype=np.bool_)
    for cols, _ in parts:
        is_blank[cols] = False
    if is_blank.any():
        blank_cols = np.flatnonzero(is_blank)
        parts = [*parts, (blank_cols, blank_column(shape[0], len(blank_cols)))]
    if len(parts) == 1:
        return parts[0][1]
    # Far faster than to write the parts into their replicates.
    order = np.argsort(np.concatenate([cols for cols, _ in parts]))
    values = np.concatenate([column[0] for _, column in parts], axis=1)
    states = np.concatenate([column[1] for _, column in parts], axis=1)
    in_order = np.take(values, order, axis=1)
    return ReplicateColumn(in_order, np.take(states, order, axis=1))


def step_key(step: Step | None) -> object:
    """Return the method and the parameters of a step: steps with the same do the same."""
    if step is None:
        return None
    return step.method, tuple(sorted(step.params.items()))


#: The different steps for a node, each with the numbers of the replicates it is of.
_Steps = list[tuple[Step | None, np.ndarray]]


def _steps_key(recipe: Recipe, do: str) -> tuple[object, ...]:
    """Return what a recipe's steps of a kind do, and to which nodes."""
    return tuple((step.codes, step_key(step)) for step in recipe.steps_doing(do))


def repeat_single(cols: np.ndarray) -> np.ndarray:
    """Return numbers of replicates, a single one twice, for a kernel.

    Sums of a single column may be taken in another order than those of several, and a replicate
    must not depend on those that are computed with it.
    """
    return cols if len(cols) > 1 else np.repeat(cols, 2)


def apply_kernel(
    column: ReplicateColumn,
    cols: np.ndarray,
    kernel: Callable[[ReplicateColumn], ReplicateColumn],
) -> ReplicateColumn:
    """Return the values and states that a kernel computes of some replicates.

    Parameters
    ----------
    column
        (units, replicates) values and states.
    cols
        Numbers of the replicates, ascending.
    kernel
        Takes and returns values and states of these replicates.
    """
    values, states = kernel(take_columns(column, repeat_single(cols)))
    return ReplicateColumn(values[:, : len(cols)], states[:, : len(cols)])


class Replicates:
    """Some replicates, by what they have in common.

    Parameters
    ----------
    plan, sample
        What is assessed, and what each replicate drew.
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        """Find the distinct recipes of the replicates: those that differ by options of steps."""
        self.plan = plan
        self.sample = sample
        self.count = len(sample)
        varies = [
            position
            for position, choice in enumerate(plan.choices)
            if choice.is_of_steps
        ]
        step_options = np.zeros_like(sample.options)
        step_options[:, varies] = sample.options[:, varies]
        rows, inverse = np.unique(step_options, axis=0, return_inverse=True)
        #: The recipes that occur, and which one each replicate has.
        self.recipes: list[Recipe] = [
            plan.recipe_of(tuple(row)) for row in rows.tolist()
        ]
        self.recipe_number = inverse.ravel()
        #: Answers of `distinct_recipes` and `steps`.
        self._distinct_recipes: dict[str, list[tuple[Recipe, np.ndarray]]] = {}
        self._steps: dict[tuple[object, ...], _Steps] = {}

    @cached_property
    def omitted(self) -> list[str]:
        """Codes of the nodes that options leave out, after "" for none."""
        omitted = (variation.omit for variation in self.plan.variations)
        return list(dict.fromkeys(["", *omitted]))

    @cached_property
    def omitted_number(self) -> np.ndarray:
        """(replicates,) the node that each leaves out, as its position in `omitted`; 0 is none."""
        omitted_number = np.zeros(self.count, dtype=np.int64)
        for position, choice in enumerate(self.plan.choices):
            if any(variation.omit for variation in choice.variations):
                numbers = [
                    self.omitted.index(variation.omit)
                    for variation in choice.variations
                ]
                omitted_number = np.array(numbers)[self.sample.options[:, position]]
        return omitted_number

    def distinct_recipes(self, do: str) -> list[tuple[Recipe, np.ndarray]]:
        """Return a recipe for each different set of steps of a kind, and the replicates of each.

        `do` is what the steps do, such as "normalise"; numbers of replicates ascend.
        """
        if do not in self._distinct_recipes:
            keys = [_steps_key(recipe, do) for recipe in self.recipes]
            numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
            number_of_recipe = np.array([numbers[key] for key in keys])
            number_of_replicate = number_of_recipe[self.recipe_number]
            self._distinct_recipes[do] = [
                (
                    self.recipes[keys.index(key)],
                    np.flatnonzero(number_of_replicate == number),
                )
                for key, number in numbers.items()
            ]
        return self._distinct_recipes[do]

    def steps(self, do: str, code: str) -> _Steps:
        """Return the different steps for a node, each with the numbers of the replicates it is of.

        `do` is what the steps do, such as "normalise"; None stands for replicates without a step.
        Nodes with the same steps get one and the same list.
        """
        steps = [recipe.step_for(do, code) for recipe, _ in self.distinct_recipes(do)]
        ids = do, *map(id, steps)
        if ids not in self._steps:
            parts: dict[object, tuple[Step | None, list[np.ndarray]]] = {}
            for step, (_, cols) in zip(steps, self.distinct_recipes(do), strict=True):
                parts.setdefault(step_key(step), (step, []))[1].append(cols)
            split = [
                (step, np.sort(np.concatenate(groups)))
                for step, groups in parts.values()
            ]
            self._steps[ids] = self._steps.setdefault(
                (do, *map(step_key, steps)), split
            )
        return self._steps[ids]

    def trees(
        self, code: str, cols: np.ndarray
    ) -> Iterator[tuple[Framework, np.ndarray]]:
        """Yield the frameworks that replicates have below a node, each with these replicates.

        Replicates differ by the node that they leave out, and only one above or below the node
        matters. Those of `cols` without the node itself are skipped.
        """
        if len(self.omitted) == 1:
            yield self.plan.framework, cols
            return
        is_related = np.array(
            [
                omitted != "" and self.plan.is_related(code, omitted)
                for omitted in self.omitted
            ]
        )
        # 0 is the whole framework.
        tree_number = np.where(is_related, np.arange(len(is_related)), 0)[
            self.omitted_number[cols]
        ]
        for number in np.unique(tree_number).tolist():
            tree = self.plan.tree_without(self.omitted[number])
            if code in tree:
                yield tree, cols[tree_number == number]
