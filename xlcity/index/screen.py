"""The step *screen*: which units have enough values, in all or in a group of indicators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.index.result import IndexResult
from xlcity.model.dataset import FloatArray, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step


@dataclass(frozen=True, slots=True)
class ScreenGroup:
    """Indicators of which a unit must have enough values.

    Attributes
    ----------
    step
        With the shares that are asked for.
    node
        The node above them, or the indicator itself.
    indicators
        Their codes, in tree order.
    number
        Its place among the nodes that steps name, from 1, in tree order; 0 for all indicators.
    """

    step: Step
    node: str
    indicators: tuple[str, ...]
    number: int


def screen_groups(framework: Framework, recipe: Recipe) -> tuple[ScreenGroup, ...]:
    """Return the groups of indicators that units are screened by: all, then those named."""
    steps = recipe.steps_doing("screen")
    named = {code: step for step in steps for code in step.codes}
    codes = [node.code for node in framework.tree_order if node.code in named]
    found = [(step, framework.root.code, 0) for step in steps if not step.codes][-1:]
    found += [(named[code], code, number) for number, code in enumerate(codes, start=1)]
    return tuple(
        ScreenGroup(step, code, tuple(leaf.code for leaf in framework.leaves_below(code)), number)
        for step, code, number in found
        if step.method != "none"
    )


def has_enough(step: Step, known: FloatArray, zeros: FloatArray, k: int | FloatArray) -> np.ndarray:
    """Return which units have the shares that a step asks for.

    Parameters
    ----------
    known, zeros
        (n,) or (n, m) values of k indicators that are there, and how many of them are 0.
    """
    least, nonzero = step.number("data"), step.number("nonzero")
    with np.errstate(all="ignore"):
        # Where all indicators of a group are left out there is nothing to have.
        shares = np.where(np.asarray(k) > 0, known / k, 1.0)
        filled = np.where(known > 0, 1 - zeros / known, 1.0)
    return np.asarray((shares >= least - 1e-12) & (filled >= nonzero - 1e-12))


def force(groups: Sequence[ScreenGroup], units: Sequence[Unit], kept: np.ndarray) -> None:
    """Keep and leave out the units that steps name, whatever they have, in place."""
    for word, names in forced_units(groups):
        for place, unit in enumerate(units):
            if unit.id in names:
                kept[place] = word == "keep"


def forced_units(groups: Sequence[ScreenGroup]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield "keep" and "drop" with the units that any step names for it."""
    steps = {id(group.step): group.step for group in groups}.values()
    for word in ("keep", "drop"):
        names = dict.fromkeys(name for s in steps for name in s.settings().texts(word))
        if names:
            yield word, tuple(names)


def availability(result: IndexResult) -> dict[str, FloatArray]:
    """Return by node the share of the indicators below it that each unit has.

    Nothing is missing below a node that has a value of its own.
    """
    tree, dataset, place = result.framework, result.dataset, result.leaf_codes.index
    below = {n.code: [place(leaf.code) for leaf in tree.leaves_below(n.code)] for n in tree.nodes}
    there = result.raw_states == State.VALUE
    for node in tree.composites:
        if node.code in dataset.codes:
            given = dataset.states[:, dataset.column(node.code)] == State.VALUE
            there[:, below[node.code]] |= given[:, None]
    return {code: there[:, columns].mean(axis=1) for code, columns in below.items()}
