"""Compute an index: Recipe x Dataset -> IndexResult, population by population."""

from __future__ import annotations

import math

import numpy as np

from xlcity.errors import FrameworkError, Problem, RecipeError, Where
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import NA
from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import round_excel
from xlcity.index.normalise import FAILS, SAME, Column, normalise
from xlcity.index.result import Bounds, IndexResult, Mark, StepResult
from xlcity.model.dataset import Dataset, FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step
from xlcity.model.recipe_toml import code_problems

#: Digits of the rank key where a recipe has no rank step.
RANK_DIGITS = 9


def compute(framework: Framework, recipe: Recipe, dataset: Dataset) -> IndexResult:
    """Compute an index.

    Parameters
    ----------
    framework, recipe
        What is computed, and how.
    dataset
        Values of indicators; a column for a composite node gives it values of its own, which are
        used whatever is below it.

    Raises
    ------
    FrameworkError
        If the recipe takes weights as shares and a group does not sum to 1, or a group's relative
        weights are all 0.
    RecipeError
        If the recipe names codes that are no nodes, or leaves an indicator or node without a step.
    """
    _refuse_unusable(framework, recipe)
    return _Computation(framework, recipe, dataset).run()


def _refuse_unusable(framework: Framework, recipe: Recipe) -> None:
    weights = list(framework.share_problems()) if recipe.weights == "shares" else []
    for node in framework.composites:
        if not any(child.weight for child in framework.children(node.code)):
            where = Where(file=framework.file, indicator=node.code)
            message = f"all weights under {node.code} are 0."
            weights.append(Problem("XC211", message, "Give at least one child a weight.", where))
    if weights:
        raise FrameworkError(weights)
    problems = list(code_problems(recipe, framework))
    for do, nodes in (("normalise", framework.indicators), ("aggregate", framework.composites)):
        for node in nodes:
            if recipe.step_for(do, node.code) is None:
                where = Where(indicator=node.code)
                message = f"no step of the recipe says how to {do} {node.code}."
                problems.append(Problem("XC256", message, "Add a step.", where))
    if problems:
        raise RecipeError(problems)


class _Computation:
    """Holds the arrays while they are filled."""

    def __init__(self, framework: Framework, recipe: Recipe, dataset: Dataset) -> None:
        self.framework, self.recipe, self.dataset = framework, recipe, dataset
        self.codes = [node.code for node in framework.tree_order]
        shape = (len(dataset.units), len(self.codes))
        #: Scores of all nodes, leaves normalised.
        self.values: FloatArray = np.full(shape, np.nan)
        self.states: StateArray = np.full(shape, State.BLANK, dtype=np.uint8)
        self.bounds: list[Bounds] = []
        self.marks: list[Mark] = []
        self.failures: list[Problem] = []
        self.notes: list[Problem] = []

    def run(self) -> IndexResult:
        populations = dict.fromkeys(u.population for u in self.dataset.units if u.population)
        for population in populations:
            rows = np.array(
                [i for i, unit in enumerate(self.dataset.units) if unit.population == population]
            )
            for node in self.framework.indicators:
                self._normalise(population, rows, node.code)
            for node in reversed(self.framework.composites):
                self._aggregate(rows, node.code)
        return self._result()

    def _input(self, rows: np.ndarray, code: str) -> tuple[FloatArray, StateArray]:
        if code not in self.dataset.codes:
            return np.full(len(rows), np.nan), np.full(len(rows), State.BLANK, dtype=np.uint8)
        at = self.dataset.codes.index(code)
        return self.dataset.values[rows, at], self.dataset.states[rows, at].copy()

    def _step(self, do: str, code: str) -> Step:
        step = self.recipe.step_for(do, code)
        assert step is not None, "checked before"
        return step

    def _normalise(self, population: str, rows: np.ndarray, code: str) -> None:
        step = self._step("normalise", code)
        values, states = self._input(rows, code)
        if self.recipe.blank == "missing":
            states[states == State.BLANK] = State.MISSING
        direction = float(self.framework[code].direction)
        done = normalise(Column(values, states, direction), step)
        at = self.codes.index(code)
        self.values[rows, at], self.states[rows, at] = done.values, done.states
        for row, kind in done.marks:
            detail = f"{step.method}: {kind} -> {done.values[row]:.10g}"
            self.marks.append(Mark(kind, self._unit(rows, row), code, detail))
        numbers = values[states == State.VALUE]
        self.bounds.append(
            Bounds(
                population,
                code,
                count=numbers.size,
                minimum=float(numbers.min()) if numbers.size else math.nan,
                maximum=float(numbers.max()) if numbers.size else math.nan,
                mean=float(numbers.mean()) if numbers.size else math.nan,
                low=done.low,
                high=done.high,
            )
        )
        if done.constant == FAILS and self.bounds[-1].minimum < self.bounds[-1].maximum:
            message = f"{step.method} leaves {code} no room in {population}: "
            message += f"low {done.low:g}, high {done.high:g}, {numbers.size} numbers."
            hint = "Correct the bounds in the recipe's step."
            self.failures.append(Problem("XC353", message, hint, Where(indicator=code)))
        elif done.constant:
            self._tell_constant(population, code, step, float(numbers[0]), done.constant)

    def _tell_constant(
        self, population: str, code: str, step: Step, value: float, kind: str
    ) -> None:
        where = Where(indicator=code)
        same = f"every unit of {population} has the same value {value:g} in {code}"
        if kind == FAILS:
            message = f"{same}: {step.method} has no result."
            hint = "Check the data, or set lower or constant in the recipe's step."
            self.failures.append(Problem("XC350", message, hint, where))
        elif kind == SAME:
            self.notes.append(Problem("XC351", f"{same}.", "It moves no rank.", where))

    def _aggregate(self, rows: np.ndarray, code: str) -> None:
        step = self._step("aggregate", code)
        children = self.framework.children(code)
        at = np.array([self.codes.index(child.code) for child in children])
        values, states = self.values[np.ix_(rows, at)], self.states[np.ix_(rows, at)]
        missing = str(step.get("missing", "na"))
        block = weighted_index(
            values,
            [child.weight for child in children],
            step.method,
            missing,
            step.number("power", 1.0),
            states=states,
        )
        scores = block.values[:, 0].copy()
        found = np.where(np.isnan(scores), State.MISSING, State.VALUE).astype(np.uint8)
        found[(states == State.BLANK).any(axis=1)] = State.BLANK
        own_values, own_states = self._input(rows, code)
        for row in range(len(rows)):
            unit = self._unit(rows, row)
            if own_states[row] == State.VALUE:
                scores[row], found[row] = own_values[row], State.VALUE
                self.marks.append(Mark("direct", unit, code, "a value of its own"))
            elif found[row] == State.VALUE and (states[row] == State.MISSING).any():
                kind = "renormalised" if missing == "renormalise" else "zero"
                gone = [c.code for c, s in zip(children, states[row], strict=True) if s]
                self.marks.append(Mark(kind, unit, code, f"missing: {', '.join(gone)}"))
            elif np.isnan(scores[row]) and block.errors[row, 0] != NA:
                found[row] = State.BLANK
                message = f"{step.method} has no result: {block.error(row, 0)}."
                hint = "Values of 0 or less have no geometric or harmonic mean."
                where = Where(indicator=code, unit=unit)
                self.failures.append(Problem("XC352", message, hint, where))
        here = self.codes.index(code)
        self.values[rows, here], self.states[rows, here] = scores, found

    def _unit(self, rows: np.ndarray, row: int) -> str:
        return self.dataset.units[int(rows[row])].id

    def _result(self) -> IndexResult:
        leaves = [self.codes.index(node.code) for node in self.framework.indicators]
        nodes = [self.codes.index(node.code) for node in self.framework.composites]
        scores, states = self.values[:, nodes], self.states[:, nodes]
        keys, ranks, positions = self._rank(scores, states)
        return IndexResult(
            framework=self.framework,
            recipe=self.recipe,
            dataset=self.dataset,
            bounds=tuple(self.bounds),
            normalised=self.values[:, leaves],
            normalised_states=self.states[:, leaves],
            scores=scores,
            score_states=states,
            keys=keys,
            ranks=ranks,
            positions=positions,
            steps=self._steps(ranks),
            marks=tuple(self.marks),
            failures=tuple(self.failures),
            notes=tuple(self.notes),
        )

    def _rank(
        self, scores: FloatArray, states: StateArray
    ) -> tuple[FloatArray, np.ndarray, np.ndarray]:
        digits = np.array(
            [
                step.number("digits", RANK_DIGITS) if step is not None else RANK_DIGITS
                for step in (
                    self.recipe.step_for("rank", node.code) for node in self.framework.composites
                )
            ]
        )
        keys = round_excel(scores, digits.astype(int))
        ranks = np.zeros(scores.shape, dtype=np.int64)
        positions = np.zeros(scores.shape, dtype=np.int64)
        populations = np.array([unit.population for unit in self.dataset.units])
        for population in set(populations.tolist()) - {""}:
            rows = np.flatnonzero(populations == population)
            for ties, places in (("min", ranks), ("ordinal", positions)):
                found = rank_competition(keys[rows], ties=ties, states=states[rows]).values
                places[rows] = np.nan_to_num(found, nan=0).astype(np.int64)
        return keys, ranks, positions

    def _steps(self, ranks: np.ndarray) -> tuple[StepResult, ...]:
        composites = [node.code for node in self.framework.composites]
        acted = {"normalise": self.framework.indicators, "aggregate": self.framework.composites}
        found = []
        for step in self.recipe.steps:
            if step.do == "rank":
                states = np.where(ranks > 0, State.VALUE, State.BLANK).astype(np.uint8)
                places = np.where(ranks > 0, ranks, np.nan)
                found.append(StepResult(step, tuple(composites), places, states))
                continue
            nodes = acted.get(step.do, ())
            codes = [n.code for n in nodes if self.recipe.step_for(step.do, n.code) is step]
            at = [self.codes.index(code) for code in codes]
            found.append(StepResult(step, tuple(codes), self.values[:, at], self.states[:, at]))
        return tuple(found)
