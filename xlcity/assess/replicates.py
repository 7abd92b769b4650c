"""Columns of replicates, and which of them share a step of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from xlcity.assess.plan import Plan, Sample
from xlcity.functions.block import Matrix
from xlcity.model.dataset import State, StateArray, as_slice
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
    """Return the columns `cols`, ascending numbers, of a (units, replicates) block.

    Columns beside each other come as a view, which is not copied.
    """
    columns = as_slice(cols)
    return block[:, columns] if isinstance(columns, slice) else np.take(block, cols, axis=1)


def write_columns(column: Column, cols: np.ndarray, part: Column) -> None:
    """Write values and states of some replicates into `column`, in place.

    Both are pairs of (units, replicates) arrays; those of `part` go to the replicates `cols`,
    ascending numbers.
    """
    columns = as_slice(cols)
    column[0][:, columns], column[1][:, columns] = part


def step_key(step: Step | None) -> object:
    """Return the method and the parameters of a step: steps with the same do the same."""
    return None if step is None else (step.method, tuple(sorted(step.params.items())))


def apply_kernel(column: Column, cols: np.ndarray, kernel: Callable[[Column], Column]) -> Column:
    """Return the values and states that a kernel computes of some replicates.

    A kernel never gets fewer than two: sums of a single column may be taken in another order, and
    a replicate must not depend on those that are computed with it.

    Parameters
    ----------
    column
        (units, replicates) values and states.
    cols
        Numbers of the replicates, ascending.
    kernel
        Takes and returns values and states of these replicates.
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
        """Find the distinct recipes of the replicates: those that differ by options of steps."""
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
        """Codes of the nodes that options leave out, after "" for none."""
        options = [option for choice in self.plan.choices for option in choice.variations]
        return list(dict.fromkeys(["", *(option.omit for option in options)]))

    @cached_property
    def omitted_number(self) -> np.ndarray:
        """(replicates,) the node that each leaves out, as its position in `omitted`; 0 is none."""
        omitted_number = np.zeros(self.count, dtype=np.int64)
        for position, choice in enumerate(self.plan.choices):
            if any(variation.omit for variation in choice.variations):
                numbers = [self.omitted.index(variation.omit) for variation in choice.variations]
                omitted_number = np.array(numbers)[self.sample.options[:, position]]
        return omitted_number

    def distinct_steps(self, do: str, code: str) -> tuple[list[Step | None], np.ndarray]:
        """Return the different steps that recipes have for a node, and which recipe has which.

        Parameters
        ----------
        do, code
            What the step does, such as "normalise"; code of the node.

        Returns
        -------
        tuple
            The steps, None for recipes without, and (recipes,) positions among them.
        """
        number_by_key: dict[object, tuple[int, Step | None]] = {}
        step_numbers = []
        for recipe in self.recipes:
            step = recipe.step_for(do, code)
            numbered = number_by_key.setdefault(step_key(step), (len(number_by_key), step))
            step_numbers.append(numbered[0])
        return [step for _, step in number_by_key.values()], np.array(step_numbers)

    def steps(self, do: str, code: str) -> Iterator[tuple[Step | None, np.ndarray]]:
        """Yield the different steps for a node, each with the numbers of the replicates it is of.

        `do` is what the steps do, such as "normalise"; None stands for replicates without a step.
        """
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
        """Yield the frameworks that replicates have below a node, each with these replicates.

        Replicates differ by the node that they leave out, and only one above or below the node
        matters. Those of `cols` without the node itself are skipped.
        """
        if len(self.omitted) == 1:
            yield self.plan.framework, cols
            return
        is_related = np.array(
            [omitted != "" and self.plan.is_related(code, omitted) for omitted in self.omitted]
        )
        # 0 is the whole framework.
        tree_number = np.where(is_related, np.arange(len(is_related)), 0)[self.omitted_number[cols]]
        for number in np.unique(tree_number).tolist():
            tree = self.plan.tree_without(self.omitted[number])
            if code in tree:
                yield tree, cols[tree_number == number]
