"""Columns of replicates, and which of them share a step of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.plan import Plan, Sample
from xlcity.functions.block import Matrix
from xlcity.model.dataset import State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: Values and states of units x replicates.
Column = tuple[Matrix, StateArray]

_Kind = TypeVar("_Kind", bound=np.generic)


def blank_column(units: int, replicates: int) -> Column:
    """Return a column of blanks: (units, replicates) values and states."""
    shape = (units, replicates)
    return np.full(shape, np.nan), np.full(shape, State.BLANK, dtype=np.uint8)


def take_columns(block: NDArray[_Kind], cols: np.ndarray) -> NDArray[_Kind]:
    """Return the columns of some replicates, ascending; neighbours are not copied."""
    if cols.size and cols[-1] - cols[0] + 1 == cols.size:
        return block[:, cols[0] : cols[-1] + 1]
    return np.take(block, cols, axis=1)


def write_columns(column: Column, cols: np.ndarray, part: Column) -> None:
    """Write `part` into the columns of some replicates, ascending, in place."""
    columns: np.ndarray | slice = cols
    if cols.size and cols[-1] - cols[0] + 1 == cols.size:
        columns = slice(cols[0], cols[-1] + 1)
    column[0][:, columns], column[1][:, columns] = part


def apply_kernel(column: Column, cols: np.ndarray, kernel: Callable[[Column], Column]) -> Column:
    """Return what a kernel makes of some replicates of a column.

    A kernel never gets fewer than two: sums of a single column may be taken in another order, and
    a replicate must not depend on those that are computed with it.

    Parameters
    ----------
    cols
        Numbers of the replicates, ascending.
    kernel
        The kernel: takes and gives values and states.
    """
    two_cols = cols if len(cols) > 1 else np.repeat(cols, 2)
    values, states = kernel((take_columns(column[0], two_cols), take_columns(column[1], two_cols)))
    return values[:, : len(cols)], states[:, : len(cols)]


class Replicates:
    """Some replicates, by what they have in common.

    Parameters
    ----------
    plan, sample
        What is assessed, and what each replicate drew.
    """

    def __init__(self, plan: Plan, sample: Sample) -> None:
        self.plan, self.sample = plan, sample
        self.count = len(sample)
        varies = [position for position, choice in enumerate(plan.choices) if choice.is_of_steps]
        step_options = np.zeros_like(sample.options)
        step_options[:, varies] = sample.options[:, varies]
        rows, inverse = np.unique(step_options, axis=0, return_inverse=True)
        plan.forget_recipes()
        #: The recipes that occur, and which one each replicate has.
        self.recipes: list[Recipe] = [plan.recipe_of(tuple(row)) for row in rows.tolist()]
        self.recipe_number = inverse.ravel()

    @cached_property
    def omitted(self) -> list[str]:
        """The nodes that options leave out, as `omitted_number` counts them; "" comes first."""
        return [
            "",
            *{
                variation.omit
                for c in self.plan.choices
                for variation in c.variations
                if variation.omit
            },
        ]

    @cached_property
    def omitted_number(self) -> np.ndarray:
        """(replicates,) which node each leaves out, as its position in `omitted`."""
        node_numbers = np.zeros(self.count, dtype=np.int64)
        for position, choice in enumerate(self.plan.choices):
            if any(variation.omit for variation in choice.variations):
                node_number_of_option = np.array(
                    [self.omitted.index(variation.omit) for variation in choice.variations]
                )
                node_numbers = node_number_of_option[self.sample.options[:, position]]
        return node_numbers

    def distinct_steps(self, do: str, code: str) -> tuple[list[Step | None], np.ndarray]:
        """Return the different steps of a kind for a node, and (recipes,) which of them each has.

        Parameters
        ----------
        do, code
            What the step does, such as "normalise"; code of the node.
        """
        number_by_key: dict[object, tuple[int, Step | None]] = {}
        step_numbers = []
        for recipe in self.recipes:
            step = recipe.step_for(do, code)
            key = None if step is None else (step.method, tuple(sorted(step.params.items())))
            step_numbers.append(number_by_key.setdefault(key, (len(number_by_key), step))[0])
        return [step for _, step in number_by_key.values()], np.array(step_numbers)

    def steps(self, do: str, code: str) -> Iterator[tuple[Step | None, np.ndarray]]:
        """Yield the different steps of a kind for a node, each with the replicates that have it."""
        steps, step_numbers = self.distinct_steps(do, code)
        if len(steps) == 1:
            yield steps[0], np.arange(self.count)
            return
        step_of_replicate = step_numbers[self.recipe_number]
        for number, step in enumerate(steps):
            cols = np.flatnonzero(step_of_replicate == number)
            if cols.size:
                yield step, cols

    def trees(self, code: str, cols: np.ndarray) -> Iterator[tuple[Framework, np.ndarray]]:
        """Yield the frameworks below a node, each with those of the replicates `cols` that have it.

        What is left out elsewhere does not matter; replicates without the node itself are skipped.
        """
        if len(self.omitted) == 1:
            yield self.plan.framework, cols
            return
        is_related = np.array([o != "" and self.plan.is_related(code, o) for o in self.omitted])
        # 0 is the whole framework.
        tree_number = np.where(is_related, np.arange(len(is_related)), 0)[self.omitted_number[cols]]
        for number in np.unique(tree_number).tolist():
            tree = self.plan.tree_without(self.omitted[number])
            if code in tree:
                yield tree, cols[tree_number == number]
