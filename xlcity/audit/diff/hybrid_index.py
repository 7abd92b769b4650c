"""Two indices mixed: each cause of change taken from the one or the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from xlcity.index.compute import compute
from xlcity.index.result import IndexResult
from xlcity.methods.registry import STEPS
from xlcity.model.dataset import Dataset, Item, Link, State
from xlcity.model.framework import Framework, Node
from xlcity.model.recipe import Recipe, Step

CAUSES = ("data", "weights", "recipe", "framework", "sample")


@dataclass(frozen=True)
class IndexInputs:
    """What an index is made from."""

    framework: Framework
    recipe: Recipe
    dataset: Dataset

    @cached_property
    def rows(self) -> dict[str, int]:
        """Unit -> its row in the dataset."""
        return {unit.id: row for row, unit in enumerate(self.dataset.units)}

    def cell(self, unit: str, code: str) -> tuple[float, int] | None:
        """Return value and state; ``None`` where the index knows no such unit or input."""
        if code not in self.framework.inputs or unit not in self.rows:
            return None
        if code not in self.dataset.codes:
            return math.nan, State.BLANK
        at = self.rows[unit], self.dataset.codes.index(code)
        return float(self.dataset.values[at]), int(self.dataset.states[at])


@dataclass(frozen=True, slots=True)
class CauseSelection:
    """What is taken from the second index.

    `codes` and `groups` narrow *data* and *weights* to some indicators, or to the children of some
    nodes; ``None`` is all of them.
    """

    causes: frozenset[str] = frozenset()
    codes: frozenset[str] | None = None
    groups: frozenset[str] | None = None

    def data(self, code: str) -> bool:
        """Tell whether an indicator's values are the second's."""
        return "data" in self.causes and (self.codes is None or code in self.codes)

    def weights(self, parent: str) -> bool:
        """Tell whether the weights of a node's children are the second's."""
        return "weights" in self.causes and (self.groups is None or parent in self.groups)


@dataclass(frozen=True)
class HybridIndex:
    """Two indices, `a` before and `b` after."""

    a: IndexInputs
    b: IndexInputs
    _known: dict[CauseSelection, IndexResult] = field(default_factory=dict, repr=False)

    def result(self, taken: CauseSelection) -> IndexResult:
        """Compute the mixed index; each mixture once.

        Raises
        ------
        XlcityError
            If the mixture is no index: a recipe that does not fit the framework.
        """
        if taken not in self._known:
            framework = self._framework(taken)
            recipe = self._recipe(taken, framework)
            self._known[taken] = compute(framework, recipe, self._dataset(taken, framework))
        return self._known[taken]

    def _sides(self, second: bool) -> tuple[IndexInputs, IndexInputs]:
        return (self.b, self.a) if second else (self.a, self.b)

    def _framework(self, taken: CauseSelection) -> Framework:
        own, _ = self._sides("framework" in taken.causes)
        nodes = []
        for node in own.framework.nodes:
            second = taken.weights(node.parent or "")
            first, spare = self._sides(second)
            nodes.append(replace(node, weight=_weight(node, first, spare)))
        return replace(own.framework, nodes=tuple(nodes))

    def _recipe(self, taken: CauseSelection, framework: Framework) -> Recipe:
        """Return a recipe that fits: steps for codes that are not there go, missing ones come."""
        first, spare = self._sides("recipe" in taken.causes)
        own, other = first.recipe, spare.recipe
        steps = [found for step in own.steps if (found := _fitting(step, framework)) is not None]
        fitted = replace(own, steps=tuple(steps))
        for do in STEPS:
            for node in framework.nodes:
                step = other.step_for(do, node.code)
                if step is None:
                    continue
                # A node that only the other index has comes with the step that is its own there.
                foreign = node.code not in first.framework and bool(step.codes)
                needed = do in ("normalise", "aggregate") and not fitted.step_for(do, node.code)
                if foreign or needed:
                    steps.append(replace(step, codes=(node.code,)))
        steps.sort(key=lambda step: STEPS.index(step.do))
        populations = tuple(dict.fromkeys((*own.populations, *other.populations)))
        weights = own.weights
        if weights == "shares" and framework.share_problems():
            # The cells divide by the sum: so does the index where shares do not sum to 1.
            weights = "relative"
        return replace(
            own, steps=tuple(steps), weights=weights, populations=populations, options=()
        )

    def _dataset(self, taken: CauseSelection, framework: Framework) -> Dataset:
        own, _ = self._sides("sample" in taken.causes)
        units = own.dataset.units
        both = dict.fromkeys((*self.a.dataset.codes, *self.b.dataset.codes))
        codes = tuple(code for code in both if code in framework.inputs)
        shape = (len(units), len(codes))
        values = np.full(shape, math.nan)
        states = np.full(shape, State.BLANK, dtype=np.uint8)
        for place, code in enumerate(codes):
            first, spare = self._sides(taken.data(_indicator(framework, code)))
            for row, unit in enumerate(units):
                found = first.cell(unit.id, code) or spare.cell(unit.id, code)
                if found is not None:
                    values[row, place], states[row, place] = found
        basis = np.full(shape, "", dtype="<U12")
        here = {unit.id for unit in units}

        def which(code: str) -> _LineChoice:
            return self._lines(taken, code, here)

        return Dataset(
            units,
            codes,
            values,
            states,
            basis,
            {code: items for code in self._listed("items") if (items := which(code).items(code))},
            {code: links for code in self._listed("links") if (links := which(code).links(code))},
        )

    def _listed(self, name: str) -> tuple[str, ...]:
        sides = (getattr(side.dataset, name) for side in (self.a, self.b))
        return tuple(dict.fromkeys(code for lines in sides for code in lines))

    def _lines(self, taken: CauseSelection, code: str, units: set[str]) -> _LineChoice:
        """Return from which index the lines of an indicator come, city by city."""
        first, spare = self._sides(taken.data(code))
        known = set(first.rows) if code in first.framework.inputs else set()
        return _LineChoice(first.dataset, spare.dataset, known, units)


@dataclass(frozen=True, slots=True)
class _LineChoice:
    """Lines of lists: of the first index where it knows all their cities, else of the other."""

    first: Dataset
    spare: Dataset
    known: set[str]
    here: set[str]

    def choose(self, cities: set[str], first: bool) -> bool:
        if not cities <= self.here:
            return False
        return (cities <= self.known) == first

    def items(self, code: str) -> tuple[Item, ...]:
        sides = ((self.first, True), (self.spare, False))
        return tuple(
            item
            for side, first in sides
            for item in side.items.get(code, ())
            if self.choose({item.unit}, first)
        )

    def links(self, code: str) -> tuple[Link, ...]:
        sides = ((self.first, True), (self.spare, False))
        return tuple(
            link
            for side, first in sides
            for link in side.links.get(code, ())
            if self.choose({link.start, link.end}, first)
        )


def _weight(node: Node, first: IndexInputs, spare: IndexInputs) -> float:
    for side in (first, spare):
        if node.code in side.framework:
            return side.framework[node.code].weight
    return node.weight


def _fitting(step: Step, framework: Framework) -> Step | None:
    if not step.codes:
        return step
    codes = tuple(code for code in step.codes if code in framework)
    return replace(step, codes=codes) if codes else None


def _indicator(framework: Framework, code: str) -> str:
    """Return the indicator that an input belongs to: an ingredient's is its owner."""
    node = framework.inputs[code]
    return code if isinstance(node, Node) else node.of
