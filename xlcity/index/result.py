"""The result of an index: every step's numbers, what happened to which cell, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, compress, product, repeat

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import Problem
from xlcity.methods.construct.record import REFERENCE, Construction
from xlcity.methods.normalise.record import Extent
from xlcity.methods.registry import find_method
from xlcity.model.dataset import UNFILLED, Dataset, FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step, is_by_links


def referred_codes(step: Step, framework: Framework) -> tuple[str, ...]:
    """Return the codes of the other indicators whose values a construct step reads."""
    # They do not depend on the indicator that is constructed: its code may be left open.
    names = _referenced_codes(_named_inputs("", step) or ())
    return tuple(name for name in names if not _is_ingredient(name, framework))


def ingredient_codes(code: str, framework: Framework, step: Step) -> tuple[str, ...]:
    """Return the ingredients that a step reads to construct the indicator `code`.

    An ingredient is a column of the data that is not a node.
    """
    if (names := _named_inputs(code, step)) is None:
        return tuple(ingredient.code for ingredient in framework.ingredients_of(code))
    own_codes = tuple(name for name in names if not name.startswith(REFERENCE))
    return (
        *own_codes,
        *(name for name in _referenced_codes(names) if _is_ingredient(name, framework)),
    )


def is_relative(code: str, recipe: Recipe) -> bool:
    """Tell whether an indicator is made relative to the other cities of its edition, as by rank."""
    step = recipe.step_for("construct", code)
    return step is not None and find_method(Construction, step.method).relative


def _named_inputs(code: str, step: Step) -> tuple[str, ...] | None:
    """Return the inputs that a construct step names for an indicator.

    Ingredients by their codes, other indicators by `REFERENCE` and their codes. None if the step's
    method takes all ingredients of the indicator.
    """
    list_inputs = find_method(Construction, step.method).inputs
    return None if list_inputs is None else list_inputs(code, step.settings())


def _referenced_codes(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of indicators among names of inputs: what begins with `REFERENCE`."""
    return tuple(
        name.removeprefix(REFERENCE) for name in names if name.startswith(REFERENCE)
    )


def _is_ingredient(code: str, framework: Framework) -> bool:
    """Tell whether a code is an ingredient: a column of the data that is not a node of the tree."""
    return code in framework.inputs and code not in framework


IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Bounds(Extent):
    """Statistics of one indicator in one population, over its numbers.

    `low` and `high` are the bounds that the method used, NaN where it uses none.
    """

    population: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something a rule did to one cell, to be shown beside it.

    `kind` is "screened", "treated", "imputed" (also of raw values), "unrated", "lowest", "clipped",
    "floor" (normalise; "clipped" also of an ingredient), "renormalised", "zero" (aggregate,
    construct) or "direct" (a node or a constructed indicator with a value of its own).
    """

    kind: str
    unit: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class StepResult:
    """What one step made of the codes it acts on: (n, k) values and states."""

    step: Step
    codes: tuple[str, ...]
    values: FloatArray
    states: StateArray


@dataclass(frozen=True, slots=True, eq=False)
class PairResult:
    """Scores of pairs, parallel to those of units and neither made from the other.

    Parameters
    ----------
    pairs
        The m pairs as ids, in the order of the units.
    strengths, normalised
        (m, leaves), what counts of the links, and its scores among the pairs.
    scores, ranks, positions
        (m, composites), as of `IndexResult`.
    """

    pairs: tuple[tuple[str, ...], ...]
    leaf_codes: tuple[str, ...]
    node_codes: tuple[str, ...]
    strengths: FloatArray
    normalised: FloatArray
    scores: FloatArray
    ranks: IntArray
    positions: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SupplementaryScores:
    """(units, indices) scores and ranks of supplementary indices; NaN and 0 where there is none."""

    codes: tuple[str, ...]
    scores: FloatArray
    ranks: IntArray

    def column(self, code: str) -> FloatArray:
        """Return (units,) scores of the supplementary index with this code."""
        return self.scores[:, self.codes.index(code)]


@dataclass(frozen=True, eq=False)
class IndexResult:
    """An index computed from framework, recipe and dataset.

    Rows are the dataset's units; those left out of every population have no result.

    Parameters
    ----------
    raw, raw_states
        (n, leaves) values of the indicators in their uom, constructed ones included.
    normalised, normalised_states
        (n, leaves) scores of the indicators, in tree order, after imputation; the step *normalise*
        has them without.
    aggregates
        (n, composites) scores before rescaling; the same as `scores` where nothing is rescaled.
    scores, score_states
        (n, composites), in the order of `Framework.composites`; NaN exactly where the state is not
        VALUE. BLANK is not computed (an input is not filled, or a column failed); MISSING is a
        confirmed gap.
    keys
        (n, composites) scores rounded for ranking.
    ranks, positions
        (n, composites) competition ranks inside the population, and the places in a table that
        keeps every unit (ties in the order of the units); 0 where there is no score.
    failures
        What could not be computed, such as a constant column under min-max.
    notes
        What a reader should know though it was computed.
    """

    framework: Framework
    recipe: Recipe
    dataset: Dataset
    bounds: tuple[Bounds, ...]
    raw: FloatArray
    raw_states: StateArray
    normalised: FloatArray
    normalised_states: StateArray
    aggregates: FloatArray
    scores: FloatArray
    score_states: StateArray
    keys: FloatArray
    ranks: IntArray
    positions: IntArray
    steps: tuple[StepResult, ...]
    marks: tuple[Mark, ...]
    failures: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    #: Scores of pairs of units, where the recipe asks for them.
    pairs: PairResult | None = None

    def __repr__(self) -> str:
        return f"<IndexResult: {self.framework!r}, {self.dataset!r}>"

    @cached_property
    def leaf_codes(self) -> tuple[str, ...]:
        """Codes of the indicators: the columns of `raw` and `normalised`."""
        return tuple(node.code for node in self.framework.indicators)

    @cached_property
    def node_codes(self) -> tuple[str, ...]:
        """Codes of the nodes above indicators: the columns of `scores`, `keys` and `ranks`."""
        return tuple(node.code for node in self.framework.composites)

    @cached_property
    def supplementary(self) -> SupplementaryScores:
        """Scores and ranks of the indices that a report has beside the tree."""
        codes = tuple(index.code for index in self.framework.supplementary)
        shape = (len(self.dataset.units), len(codes))
        table = SupplementaryScores(
            codes, np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
        )
        if self.framework.score_supplementary is not None:
            self.framework.score_supplementary(self, table)
        return table

    @cached_property
    def populations(self) -> tuple[str, ...]:
        """The populations, in the order in which the units name them."""
        return tuple(self.dataset.populations)

    def column(self, code: str) -> FloatArray:
        """Return the scores of a node: a composite's, or an indicator's normalised ones."""
        if code in self.node_codes:
            return self.scores[:, self.node_codes.index(code)]
        return self.normalised[:, self.leaf_codes.index(code)]

    def aggregate(self, code: str) -> FloatArray:
        """Return the scores of a node before it is rescaled; indicators never are."""
        if code in self.node_codes:
            return self.aggregates[:, self.node_codes.index(code)]
        return self.column(code)

    def states(self, code: str) -> StateArray:
        """Return (n,) states of a node's scores: VALUE, BLANK or MISSING."""
        if code in self.node_codes:
            return self.score_states[:, self.node_codes.index(code)]
        return self.normalised_states[:, self.leaf_codes.index(code)]

    def rank(self, code: str) -> IntArray:
        """Return (n,) ranks by a node above indicators; 0 without a score."""
        return self.ranks[:, self.node_codes.index(code)]

    def order(self, code: str, population: str = "main") -> tuple[str, ...]:
        """Return the ids of a population from the first place to the last that has a score."""
        positions = self.positions[:, self.node_codes.index(code)]
        position_and_id = [
            (position, unit.id)
            for position, unit in zip(
                positions.tolist(), self.dataset.units, strict=True
            )
            if position and unit.population == population
        ]
        return tuple(unit_id for _, unit_id in sorted(position_and_id))

    @cached_property
    def own_values(self) -> frozenset[tuple[str, str]]:
        """Pairs of a city's id and the code of a computed node that has a value of its own."""
        return frozenset(
            (mark.unit, mark.code) for mark in self.marks if mark.kind == "direct"
        )

    @cached_property
    def unfilled(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a city's id and the code of an input of it that is still to be filled.

        Where the recipe takes a blank as missing, only those of cities and indicators without any
        value. Blanks below a node with a value of its own need not be filled.
        """
        empty_units, empty_codes = self.without_values
        fills_all_blanks = self.recipe.blank == "draft"
        if not (fills_all_blanks or empty_units or empty_codes):
            return ()
        unfilled: list[tuple[str, str]] = []
        for row, unit in enumerate(self.dataset.units):
            if not unit.is_scored:
                continue
            asks_unit = fills_all_blanks or unit.id in empty_units
            for code in self.leaf_codes if asks_unit else empty_codes:
                unfilled += self._blanks_to_fill(row, unit.id, code)
        return tuple(unfilled)

    @cached_property
    def blanks_as_missing(self) -> int:
        """How many blanks of cities with scores count as missing: 0 where they make a draft."""
        if self.recipe.blank == "draft":
            return 0
        scored = [unit.is_scored for unit in self.dataset.units]
        blanks = int((self.dataset.states[scored] == State.BLANK).sum())
        return blanks - len(self.unfilled)

    def _blanks_to_fill(
        self, row: int, unit: str, code: str
    ) -> Iterator[tuple[str, str]]:
        """Yield a city and each blank input of an indicator without a value given above it."""
        blanks = self._blanks(row, code)
        if blanks and not self._is_given_above(unit, code):
            yield from zip(repeat(unit), blanks, strict=False)

    def _is_given_above(self, unit: str, code: str) -> bool:
        """Tell whether a city has a value of its own for an indicator or a node above it."""
        path = self.framework.path(code)
        return any((unit, node.code) in self.own_values for node in path)

    @cached_property
    def without_values(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Ids of scored cities, and codes of indicators, with no value at all and some blank.

        A node's own value counts for all indicators below it; a cell that is confirmed missing is
        not a blank.
        """
        scored = np.array([unit.is_scored for unit in self.dataset.units], dtype=bool)
        scored_rows = np.flatnonzero(scored).tolist()
        has_value = self.dataset.states == State.VALUE
        has_raw_value = self.raw_states == State.VALUE
        row_has_value = has_value.any(axis=1) | has_raw_value.any(axis=1)
        units = tuple(
            self.dataset.units[row].id
            for row in scored_rows
            if not row_has_value[row] and self._any_blank([row], self.leaf_codes)
        )
        given = has_value[scored].any(axis=0).tolist()
        given_codes = set(compress(self.dataset.codes, given))
        leaf_has_value = has_raw_value[scored].any(axis=0).tolist()
        codes = []
        for code, is_given in zip(self.leaf_codes, leaf_has_value, strict=True):
            path = {node.code for node in self.framework.path(code)}
            if is_given or path & given_codes:
                continue
            if self._any_blank(scored_rows, [code]):
                codes.append(code)
        return units, tuple(codes)

    def _any_blank(self, rows: Sequence[int], codes: Sequence[str]) -> bool:
        """Tell whether some city, by its row, has a blank in what makes one of some indicators."""
        return any(self._blanks(row, code) for row, code in product(rows, codes))

    @cached_property
    def without_total(self) -> tuple[str, ...]:
        """Ids of the scored cities without a total; none where no total is computed of nodes."""
        root = self.framework.root.code
        step = self.recipe.step_for("aggregate", root)
        if step is None or step.is_idle:
            return ()
        ranks = zip(self.dataset.units, self.rank(root).tolist(), strict=True)
        return tuple(unit.id for unit, rank in ranks if unit.is_scored and not rank)

    def _blanks(self, row: int, code: str) -> tuple[str, ...]:
        """Return the codes of an indicator's blank inputs for the unit in a row.

        Its own code; or, where it is constructed, those of the ingredients that are blank.
        """
        if not self._is_blank(row, code):
            return ()
        return tuple(
            name for name in self._inputs_by_code[code] if self._is_blank(row, name)
        )

    @cached_property
    def _inputs_by_code(self) -> dict[str, tuple[str, ...]]:
        """Code of an indicator -> the codes of what is to be filled where it has no value."""
        return {code: self._find_inputs(code) for code in self.leaf_codes}

    def _find_inputs(self, code: str) -> tuple[str, ...]:
        """Return the codes of what is to be filled where an indicator has no value."""
        step = self.recipe.step_for("construct", code)
        if step is None:
            return (code,)
        if find_method(Construction, step.method).items:
            return () if self.dataset.items.get(code) else (code,)
        if is_by_links(step):
            return () if self.dataset.links.get(code) else (code,)
        return ingredient_codes(code, self.framework, step)

    def _is_blank(self, row: int, code: str) -> bool:
        """Tell whether an input's cell in a row is still to be filled.

        Without a column of that code all cells are.
        """
        is_blank_by_row = self._blank_rows.get(code)
        return is_blank_by_row is None or is_blank_by_row[row]

    @cached_property
    def _blank_rows(self) -> dict[str, list[bool]]:
        """Code of a data column -> for each unit whether its cell is still to be filled."""
        blank = np.isin(self.dataset.states, UNFILLED).T.tolist()
        return dict(zip(self.dataset.codes, blank, strict=True))

    def gaps_below(self, code: str) -> tuple[tuple[str, str], ...]:
        """Return the inputs without a number below a node: (unit, code), of scored cities."""
        leaves = self.framework.leaves_below(code)
        inputs = set(chain.from_iterable(self._inputs_by_code[x.code] for x in leaves))
        is_gap = self.dataset.states != State.VALUE
        found = []
        for unit, gaps in zip(self.dataset.units, is_gap, strict=True):
            names = compress(self.dataset.codes, gaps) if unit.is_scored else ()
            found += [(unit.id, name) for name in names if name in inputs]
        return tuple(found)

    @property
    def draft(self) -> bool:
        """Whether some inputs are not filled yet, or there is nothing to score."""
        return bool(self.unfilled) or not self.populations
