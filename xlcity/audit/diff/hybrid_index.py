"""Two indices mixed: each cause of change taken from the one or the other."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlcity.index.compute import compute
from xlcity.index.result import IndexResult
from xlcity.methods.registry import STEPS
from xlcity.model.dataset import Dataset, FloatArray
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.reading.template import Template

CAUSES = ("data", "weights", "recipe", "framework", "sample")


@dataclass(frozen=True)
class IndexInputs:
    """What an index is made from."""

    framework: Framework
    recipe: Recipe
    dataset: Dataset

    @classmethod
    def of(cls, template: Template) -> IndexInputs:
        """Return what a template holds."""
        return cls(template.framework, template.recipe, template.dataset)


@dataclass(frozen=True, slots=True)
class CauseSelection:
    """What is taken from the second index.

    One of the causes may be narrowed: *data* to some indicators, *weights* to the children of some
    nodes.
    """

    causes: frozenset[str] = frozenset()
    narrowed: str = ""
    names: frozenset[str] = frozenset()

    def has(self, cause: str, name: str) -> bool:
        """Tell whether data of an indicator, or weights below a node, are the second's."""
        return cause in self.causes and (cause != self.narrowed or name in self.names)


def _fill_column(
    dataset: Dataset, column: int, source: Dataset, rows: NDArray[np.bool_]
) -> None:
    """Take values and states of some rows of a column from another dataset."""
    dataset.values[rows, column] = source.values[rows, column]
    dataset.states[rows, column] = source.states[rows, column]


def _known_cities(side: IndexInputs, code: str) -> Collection[str]:
    """Return the cities of which an index may have data of an indicator."""
    return side.dataset.rows.keys() if code in side.framework.inputs else ()


@dataclass(frozen=True)
class HybridIndex:
    """Two indices, `a` before and `b` after, with the causes that differ between them."""

    a: IndexInputs
    b: IndexInputs
    changed: frozenset[str]
    _results: dict[CauseSelection, IndexResult] = field(
        default_factory=dict, repr=False
    )

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The cities that both score."""
        theirs = {unit.id for unit in self.b.dataset.units if unit.is_scored}
        return tuple(
            u.id for u in self.a.dataset.units if u.is_scored and u.id in theirs
        )

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that both score."""
        shared = {node.code for node in self.b.framework.composites}
        return tuple(n.code for n in self.a.framework.composites if n.code in shared)

    def scores(self, taken: CauseSelection) -> FloatArray:
        """Return (units, nodes) scores of the mixed index, NaN where there are none."""
        # What did not change is the same in both: fewer mixtures to compute.
        result = self._result(replace(taken, causes=taken.causes & self.changed))
        rows = [result.dataset.rows[unit] for unit in self.units]
        columns = [result.node_codes.index(node) for node in self.nodes]
        scores: FloatArray = result.scores[np.ix_(rows, columns)]
        return scores

    def _result(self, taken: CauseSelection) -> IndexResult:
        """Compute the mixed index; each mixture once.

        Raises
        ------
        XlcityError
            If the mixture is not an index: a recipe that does not fit the framework.
        """
        if taken not in self._results:
            framework = self._framework(taken)
            recipe = self._recipe(taken, framework)
            self._results[taken] = compute(
                framework, recipe, self._dataset(taken, framework)
            )
        return self._results[taken]

    def _sides(self, second: bool) -> tuple[IndexInputs, IndexInputs]:
        return (self.b, self.a) if second else (self.a, self.b)

    def _framework(self, taken: CauseSelection) -> Framework:
        own, _ = self._sides("framework" in taken.causes)
        nodes = []
        for node in own.framework.nodes:
            sides = self._sides(taken.has("weights", node.parent or ""))
            nodes_there = (
                s.framework[node.code] for s in sides if node.code in s.framework
            )
            nodes.append(replace(node, weight=next(nodes_there, node).weight))
        return replace(own.framework, nodes=tuple(nodes))

    def _recipe(self, taken: CauseSelection, framework: Framework) -> Recipe:
        """Return a recipe that fits: steps for unknown codes go, missing steps are added."""
        first, spare = self._sides("recipe" in taken.causes)
        own = first.recipe
        other = spare.recipe
        steps = shared_steps(own, framework)
        fitted = replace(own, steps=tuple(steps))
        for do, node in product(STEPS, framework.nodes):
            step = other.step_for(do, node.code)
            if step is None:
                continue
            # A node that only the other index has comes with the step that is its own there.
            foreign = node.code not in first.framework and bool(step.codes)
            is_needed = do in ("normalise", "aggregate")
            if foreign or (is_needed and not fitted.step_for(do, node.code)):
                steps.append(replace(step, codes=(node.code,)))
        steps.sort(key=lambda step: STEPS.index(step.do))
        populations = tuple(dict.fromkeys((*own.populations, *other.populations)))
        mixed = replace(own, steps=tuple(steps), populations=populations, options=())
        if own.weights == "shares" and framework.share_problems():
            # The cells divide by the sum: so does the index where shares do not sum to 1.
            return replace(mixed, weights="relative")
        return mixed

    def _dataset(self, taken: CauseSelection, framework: Framework) -> Dataset:
        own, _ = self._sides("sample" in taken.causes)
        units = own.dataset.units
        both = dict.fromkeys(chain(self.a.dataset.codes, self.b.dataset.codes))
        codes = tuple(code for code in both if code in framework.inputs)
        dataset = empty_dataset(units, codes)
        ids = [unit.id for unit in units]
        sides = (
            self.a.dataset.reindexed(units, codes),
            self.b.dataset.reindexed(units, codes),
        )
        for column, code in enumerate(codes):
            second = taken.has("data", indicator_of(framework, code))
            first, _ = self._sides(second)
            cities = _known_cities(first, code)
            covered = np.array([unit in cities for unit in ids], dtype=bool)
            _fill_column(dataset, column, sides[second], covered)
            _fill_column(dataset, column, sides[not second], ~covered)
        return replace(
            dataset,
            items=self._lines("items", taken, own.dataset.rows),
            links=self._lines("links", taken, own.dataset.rows),
        )

    def _lines(
        self, kind: str, taken: CauseSelection, here: Collection[str]
    ) -> dict[str, Any]:
        """Return lists or links of the cities that are here.

        A line is that of the first index where this knows all its cities, else of the other.
        """
        mine = getattr(self.a.dataset, kind)
        theirs = getattr(self.b.dataset, kind)
        lines_by_code = {}
        for code in dict.fromkeys((*mine, *theirs)):
            first, spare = self._sides(taken.has("data", code))
            cities = {*_known_cities(first, code)}
            own = getattr(first.dataset, kind).get(code, ())
            others = getattr(spare.dataset, kind).get(code, ())
            lines = [line for line in own if line.cities <= cities]
            lines += [line for line in others if not line.cities <= cities]
            lines = [line for line in lines if line.cities.issubset(here)]
            if lines:
                lines_by_code[code] = tuple(lines)
        return lines_by_code


def shared_steps(recipe: Recipe, codes: Container[str]) -> list[Step]:
    """Return the steps of a recipe for some codes alone, without those for other codes."""
    shared = []
    for step in recipe.steps:
        own = tuple(code for code in step.codes if code in codes)
        if own or not step.codes:
            shared.append(replace(step, codes=own))
    return shared


def indicator_of(framework: Framework, code: str) -> str:
    """Return the indicator that an input belongs to: an ingredient's is its owner."""
    node = framework.inputs[code]
    return code if isinstance(node, Node) else node.of
