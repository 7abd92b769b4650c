"""What plain functions of Python gave, as values: cells have no formula for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xlcity.functions.session import callable_of_plain, is_plain
from xlcity.index.result import IndexResult, StepResult
from xlcity.methods.aggregate.means import ARITHMETIC
from xlcity.methods.normalise.none import NONE
from xlcity.methods.registry import STEPS
from xlcity.model.dataset import Dataset, State, Status
from xlcity.model.framework import Framework
from xlcity.model.nodes import Direction, Node
from xlcity.model.recipe import Recipe, Step


@dataclass(frozen=True)
class FixedIndex:
    """An index in which values stand for what plain functions gave.

    Attributes
    ----------
    framework, recipe, dataset
        What it is made from.
    functions
        Code -> the name in Python of the function that gave its values.
    """

    framework: Framework
    recipe: Recipe
    dataset: Dataset
    functions: dict[str, str]


def fix_plain(result: IndexResult) -> FixedIndex:
    """Return an index whose scores are the same and need no plain function."""
    dataset = result.dataset
    nodes = {node.code: node for node in result.framework.nodes}
    recipe = result.recipe
    functions: dict[str, str] = {}
    for made in result.steps:
        if not is_plain(made.step.method):
            continue
        name = callable_of_plain(made.step.method)
        functions |= dict.fromkeys(made.codes, name)
        dataset = _with_values(dataset, made)
        recipe = _without_steps(recipe, result.framework, made)
        for code in made.codes:
            nodes[code] = _fixed_node(nodes[code], made.step, name)
    framework = replace(result.framework, nodes=tuple(nodes.values()))
    return FixedIndex(framework, recipe, dataset, functions)


def _fixed_node(node: Node, step: Step, function: str) -> Node:
    """Return a node whose values a function gave: they are turned already, and of no measure."""
    if step.do == "aggregate":
        return node
    source = f"Python: {function}"
    bare = replace(node, valid_low=None, valid_high=None)
    if step.do == "normalise":
        bare = replace(bare, direction=Direction.POSITIVE)
    return replace(bare, no_data=None, source=source, source_zh=source)


def _with_values(dataset: Dataset, made: StepResult) -> Dataset:
    """Return a dataset with what a step made in place of what it has of the same codes."""
    codes = tuple(dict.fromkeys((*dataset.codes, *made.codes)))
    filled = dataset.reindexed(dataset.units, codes)
    for position, code in enumerate(made.codes):
        column = filled.column(code)
        states = made.states[:, position]
        filled.values[:, column] = made.values[:, position]
        filled.states[:, column] = states
        is_value = states == State.VALUE
        filled.basis[:, column] = np.where(is_value, Status.DERIVED, "")
    return filled


def _without_steps(recipe: Recipe, framework: Framework, made: StepResult) -> Recipe:
    """Return a recipe that does nothing to the codes of a step that has been done."""
    done = made.step.do
    if done == "aggregate":
        steps = [step for step in recipe.steps if step != made.step]
        plain = Step(ARITHMETIC.step, ARITHMETIC.name, {"missing": "renormalise"})
        return _ordered(recipe, [*steps, replace(plain, codes=made.codes)])
    leaves = tuple(node.code for node in framework.indicators)
    earlier = STEPS[: STEPS.index(done) + 1]
    steps = []
    for step in recipe.steps:
        left: Step | None = step
        if step.do in earlier:
            left = _for_other_codes(step, made.codes, step.codes or leaves)
        if left is not None:
            steps.append(left)
    if done == "normalise":
        steps.append(Step(NONE.step, NONE.name, codes=made.codes))
    return _ordered(recipe, steps)


def _for_other_codes(
    step: Step, done: Collection[str], codes: tuple[str, ...]
) -> Step | None:
    """Return a step of some codes for those that are not done; None where all are."""
    left = tuple(code for code in codes if code not in done)
    if left == codes:
        return step
    return replace(step, codes=left) if left else None


def _ordered(recipe: Recipe, steps: Sequence[Step]) -> Recipe:
    """Return a recipe with other steps, in the order of the work."""
    in_order = sorted(steps, key=lambda step: STEPS.index(step.do))
    return replace(recipe, steps=tuple(in_order), options=())
