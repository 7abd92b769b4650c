"""Compute an index: Recipe x Dataset -> IndexResult, population by population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from xlcity.errors import CellError, Problem, Where, first_of
from xlcity.functions.arguments import EVERYONE
from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import find_key_decimals, round_excel
from xlcity.index.checks import note_methods, note_odd_names, refuse_unusable
from xlcity.index.construct import RawValues, input_values, pair_data
from xlcity.index.prepare import PREPARATION_STEPS, Preparation
from xlcity.index.result import Bounds, IndexResult, PairResult, StepResult
from xlcity.index.steps import (
    MOST_INCONSISTENT,
    aggregate_children,
    child_weights,
    find_weights,
    impute_scores,
    normalise_column,
    overall_reading,
    rescale_node,
    span_of,
    weight_step,
    with_weights,
)
from xlcity.index.workspace import ComputationLog, Layer, gap_marks
from xlcity.messages import Message, joined
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.normalise.record import FAILS, OWN, Indicator, Normalisation
from xlcity.methods.rank import COMPETITION
from xlcity.methods.record import Settings
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import MEAN_OF_SCALED, SCALED
from xlcity.model.dataset import Dataset, FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step

#: How a node is ranked that no step names.
_DEFAULT_RANK_STEP = Step(COMPETITION.step, COMPETITION.name)
#: Units named of each indicator that a refused node waits for.
MOST_UNITS_NAMED = 5


def rank_keys(
    recipe: Recipe, nodes: Sequence[str], scores: FloatArray
) -> tuple[FloatArray, list[str]]:
    """Return (units, nodes) keys to rank by, and the rule for ties of each node.

    Keys are the scores, rounded as the node's step *rank* says. `scores` are (units, nodes).
    """
    keys = np.empty(scores.shape)
    rules = []
    for column, node in enumerate(nodes):
        keys[:, column], rule = rank_key(recipe, node, scores[:, column])
        rules.append(rule)
    return keys, rules


def rank_key(recipe: Recipe, node: str, scores: FloatArray) -> tuple[FloatArray, str]:
    """Return the keys that a node is ranked by, and its rule for ties, such as "min".

    Keys are its scores, rounded as its step *rank* says.

    Parameters
    ----------
    scores
        Scores of any shape; keys have the same.
    """
    settings = rank_settings(recipe, node)
    keys = round_excel(scores, find_key_decimals(scores, settings.number("digits")))
    if (coarse := settings.optional("round_to")) is not None:
        keys = round_excel(keys, int(coarse))
    return keys, settings.text("ties")


def tie_rule(recipe: Recipe, code: str) -> str:
    """Return the rule for ties, such as "min" or "ordinal", of a node or an indicator."""
    return rank_settings(recipe, code).text("ties")


def rank_settings(recipe: Recipe, code: str) -> Settings:
    """Return the parameters by which a node or an indicator is ranked."""
    return (recipe.step_for("rank", code) or _DEFAULT_RANK_STEP).settings()


def rank_units(
    dataset: Dataset, keys: FloatArray, ties: Sequence[str], states: StateArray
) -> np.ndarray:
    """Return (n, nodes) ranks inside each group of units, 1 for the best; 0 without a score.

    Parameters
    ----------
    keys, ties
        (n, nodes) rounded scores, and the rule for ties of each node.
    states
        (n, nodes) states of the scores.
    """
    units = dataset.units
    # One group of all needs no names; a unit without a group has no rank.
    is_one_group = any(len(rows) == len(units) for rows in dataset.populations.values())
    groups = None if is_one_group else [unit.population for unit in units]
    ranks = rank_competition(keys, ties=ties, groups=groups, states=states).values
    return np.nan_to_num(ranks).astype(np.int64)


def rank_among(
    result: IndexResult, code: str, rows: Sequence[int], keys: FloatArray | None = None
) -> list[int]:
    """Return the ranks of some scored units among themselves, by the rule that ranks a node.

    Parameters
    ----------
    code
        The node.
    rows
        Positions of the units in the dataset; ranks come back in this order.
    keys
        (all units,) what is ranked; None: the node's rounded scores.
    """
    # The order of the units may settle ties.
    sorted_rows = np.sort(np.array(rows, dtype=np.int64))
    all_keys = result.keys[:, result.node_codes.index(code)] if keys is None else keys
    ranks = rank_competition(
        all_keys[sorted_rows], ties=tie_rule(result.recipe, code)
    ).values.ravel()
    rank_of_row = dict(zip(sorted_rows.tolist(), ranks.tolist(), strict=True))
    return [int(rank_of_row[row]) for row in rows]


def compute(framework: Framework, recipe: Recipe, dataset: Dataset) -> IndexResult:
    """Compute an index.

    Parameters
    ----------
    framework, recipe
        What is computed, and how.
    dataset
        Values of indicators and ingredients. A column for a constructed indicator or for a
        composite node gives it values of its own, which are used whatever is below it; those of a
        node stand in for its aggregate, before rescaling.

    Raises
    ------
    FrameworkError
        If the recipe takes weights as shares and a group does not sum to 1, or a group's relative
        weights are all 0.
    RecipeError
        If the recipe does not fit the framework: see `refuse_unusable`.
    """
    refuse_unusable(framework, recipe, dataset)
    with np.errstate(all="ignore"):  # what overflows has no score
        return _Computation(framework, recipe, dataset).run()


class _Computation:
    """Fills the layers of an index step by step, and collects its result.

    A layer holds values and states of units x nodes after some step, see `Layer`. In its methods
    `rows` are the rows of one group of units in the dataset, `population` its name.
    """

    def __init__(self, framework: Framework, recipe: Recipe, dataset: Dataset) -> None:
        """Make the layers of an index, still without any value."""
        self.framework = framework
        self.recipe = recipe
        self.dataset = dataset
        self.codes = [node.code for node in framework.tree_order]
        self.column_of = {code: column for column, code in enumerate(self.codes)}
        self.leaf_columns = [self.column_of[node.code] for node in framework.indicators]
        self.node_columns = [self.column_of[node.code] for node in framework.composites]
        shape = (len(dataset.units), len(self.codes))
        self.log = ComputationLog(dataset.units)
        self.values = RawValues(framework, recipe, dataset, self.log)
        #: Layers, columns as in `codes`. Of indicators `raw` has the values, `prepared` these once
        #: prepared, `normalised` the scores, `aggregates` and `scores` these with gaps imputed.
        #: Of nodes above them `aggregates` has the means, `scores` these after rescaling.
        self.raw = self.prepared = self.values.layer
        #: Step before normalising, such as "treat" -> indicators after it.
        self.snapshots: dict[str, Layer] = {}
        #: Weights that the step *weight* found: node -> one per child.
        self.weights: dict[str, list[float]] = {}
        # Layers that cannot differ are one: values of large data are not held twice.
        self.aggregates = Layer(shape)
        imputes = any(not s.is_idle for s in recipe.steps_doing("impute_scores"))
        self.normalised = Layer(shape) if imputes else self.aggregates
        self.scores = Layer(shape) if recipe.steps_doing("rescale") else self.aggregates
        self.bounds: list[Bounds] = []

    def run(self) -> IndexResult:
        """Return the index, computed group by group and from the indicators up."""
        for rows in self.dataset.populations.values():
            self.values.construct_all(rows)
        populations = self._prepare(self.dataset.populations)
        for population, rows in populations.items():
            for node in self.framework.indicators:
                pool = self._pool_rows(population, populations, node.code)
                self._normalise(population, rows, node.code, pool)
            self._impute_scores(rows)
            for node in reversed(self.framework.composites):
                self._aggregate(population, rows, node.code)
                self._rescale(population, rows, node.code)
        return self._collect_result()

    def _prepare(
        self, populations: Mapping[str, np.ndarray]
    ) -> Mapping[str, np.ndarray]:
        """Take the steps before normalising; return group -> rows of the units that are kept.

        Denominates, screens, imputes and treats. Sets `prepared`, and puts a copy of the indicators
        after each of these steps into `snapshots`.
        """
        steps_to_do = [do for do in PREPARATION_STEPS if self.recipe.steps_doing(do)]
        if not steps_to_do:
            return populations
        # A copy, so that `raw` stays what the indicators were worth.
        self.prepared = self.raw.copy()
        remaining = dict(populations)
        for do in steps_to_do:
            for population, rows in remaining.items():
                # Methods of `Preparation` have the names of the steps; screening says who is kept.
                is_kept = getattr(self._preparation(self.prepared, rows), do)()
                if do == "screen":
                    remaining[population] = rows[is_kept]
            if do != steps_to_do[-1]:
                self.snapshots[do] = self.prepared.copy()
        self.snapshots[steps_to_do[-1]] = self.prepared
        self._log_screened(remaining)
        return {population: rows for population, rows in remaining.items() if len(rows)}

    def _preparation(self, layer: Layer, rows: np.ndarray) -> Preparation:
        """Return what takes the steps before normalising of a group's rows in a layer."""
        return Preparation(
            framework=self.framework,
            recipe=self.recipe,
            layer=layer,
            columns=self.leaf_columns,
            units=[self.dataset.units[int(row)] for row in rows],
            rows=rows,
            read=partial(self.values.read, rows),
            log=self.log,
        )

    def _log_screened(self, remaining: Mapping[str, np.ndarray]) -> None:
        """Log the units that screening left out, and groups of which no unit remains.

        `remaining` has the rows of each group that are kept.
        """
        screened = [mark.unit for mark in self.log.marks if mark.kind == "screened"]
        if not screened:
            return
        self.log.notes.append(Problem.of("XC356.left_out", units=screened))
        for population, rows in remaining.items():
            if not len(rows):
                self.log.failures.append(
                    Problem.of("XC356.none_left", population=population)
                )

    def _pool_rows(
        self, population: str, populations: Mapping[str, np.ndarray], code: str
    ) -> np.ndarray | None:
        """Return the rows whose statistics (bounds, means) normalise one indicator of a group.

        The step's parameter `pool` says it. None for those of the group itself, which the recipe's
        first group always takes. `populations` has the rows of every group.
        """
        pool = str(self.recipe.required_step("normalise", code).get("pool", OWN))
        if pool == OWN or population == self.recipe.populations[0]:
            return None
        if pool == EVERYONE:
            return np.concatenate(list(populations.values()))
        return populations.get(pool, np.array([], dtype=np.int64))

    def _normalise(
        self, population: str, rows: np.ndarray, code: str, pool: np.ndarray | None
    ) -> None:
        """Normalise one indicator of a group, and log marks, bounds and a constant column.

        Parameters
        ----------
        pool
            Rows whose statistics count; None = those of the group.
        """
        step = self.recipe.required_step("normalise", code)
        column = self.column_of[code]
        node = self.framework[code]
        values, states = self.prepared.read(rows, column)
        measured_by = None if pool is None else self.prepared.read(pool, column)
        reference = self._reference_value(step, column)
        # VALUE is 0: without any other state all are numbers.
        numbers = values[states == State.VALUE] if states.any() else values
        span = span_of(values, states)
        indicator = Indicator(
            values=values,
            states=states,
            direction=float(node.direction),
            span=span,
            pool=measured_by,
            reference=reference,
        )
        scored = normalise_column(indicator, step, node)
        self.normalised.write(rows, column, scored.values, scored.states)
        for row, kind in scored.marks:
            detail = f"{step.method}: {kind} -> {scored.values[row]:.10g}"
            self.log.mark(kind, rows, row, code=code, detail=detail)
        self.bounds.append(
            Bounds(
                code,
                numbers.size,
                *span,
                population=population,
                mean=float(numbers.mean()) if numbers.size else np.nan,
                low=float(scored.low),
                high=float(scored.high),
            )
        )
        if scored.constant == FAILS and span[0] < span[1]:
            self._log_failed_column(step, self.bounds[-1])
        elif scored.constant:
            equal = Message(
                "constant.value", population=population, value=numbers[0], code=code
            )
            self.log.note_constant(code, step.method, equal, scored.constant)

    def _log_failed_column(self, step: Step, bounds: Bounds) -> None:
        """Log that an indicator whose values differ has no result, and what its method needs."""
        needs = find_method(Normalisation, step.method).needs
        no_result = np.isnan(bounds.low)
        problem = Problem.of(
            "XC353.no_result" if no_result else "XC353.no_room",
            Where(indicator=bounds.code),
            hint=Message(needs, method=step.method),
            method=step.method,
            code=bounds.code,
            population=bounds.population,
            minimum=bounds.minimum,
            maximum=bounds.maximum,
            low=bounds.low,
            high=bounds.high,
            count=bounds.count,
        )
        self.log.failures.append(problem)

    def _reference_value(self, step: Step, column: int) -> float | None:
        """Return the value of the city that a step measures all others by, in one column.

        None where the step names no city, or the city has no value.
        """
        unit = str(step.get("unit", ""))
        row = self.dataset.rows.get(unit)
        if row is None:
            return None
        values, states = self.prepared.read(np.array([row]), column)
        return float(values[0]) if states[0] == State.VALUE else None

    def _impute_scores(self, rows: np.ndarray) -> None:
        """Write a group's scores of indicators, gaps imputed, into `aggregates` and `scores`.

        Nothing is to be done where both layers are the layer `normalised` itself.
        """
        if self.normalised is self.aggregates and self.scores is self.aggregates:
            return
        values, states = self.normalised.read_block(rows, self.leaf_columns)
        steps = [
            self.recipe.step_for("impute_scores", node.code)
            for node in self.framework.indicators
        ]
        imputed = impute_scores(values, states, self.framework, steps)
        for leaf, column in enumerate(self.leaf_columns):
            # Indicators are not rescaled: both layers hold the same for them.
            for layer in (self.aggregates, self.scores):
                layer.write(
                    rows, column, imputed.values[:, leaf], imputed.states[:, leaf]
                )
        for row, leaf, dimension in imputed.marks:
            code = self.framework.indicators[leaf].code
            detail = f"mean of the other scores in {dimension} -> {imputed.values[row, leaf]:.10g}"
            self.log.mark("imputed", rows, row, code=code, detail=detail)

    def _aggregate(self, population: str, rows: np.ndarray, code: str) -> None:
        """Write a group's scores of one node into `aggregates`, the mean of its children's.

        A value of the node's own replaces the mean. Missing children are logged, and a node that
        the recipe refuses to compute because of them.
        """
        step = self.recipe.required_step("aggregate", code)
        layer = self.scores if step.get("children") == "scores" else self.aggregates
        scores, states, child_states = self._combine_children(layer, rows, code, step)
        own_values, own_states = input_values(self.dataset, rows, code)
        missing = str(step.get("missing", "na"))
        direct = own_states == State.VALUE
        scores[direct], states[direct] = own_values[direct], State.VALUE
        self.log.mark_direct(rows, code, direct)
        children = [child.code for child in self.framework.children(code)]
        scored = ~direct & (states == State.VALUE)
        gaps = gap_marks(
            children,
            missing,
            states=child_states,
            weights=self._weights_that_count(code, step),
            scored=scored,
        )
        for row, kind, detail in gaps:
            self.log.mark(kind, rows, row, code=code, detail=detail)
        self.aggregates.write(rows, self.column_of[code], scores, states)
        if missing == "refuse" and (states != State.VALUE).any():
            self._note_refusal(population, rows, code)

    def _weights_that_count(self, code: str, step: Step) -> FloatArray:
        """Return the weights of a node's children, 1 each where its method reads none."""
        if not find_method(Aggregation, step.method).weighted:
            return np.ones(len(self.framework.children(code)))
        given = child_weights(self.framework, code, step)
        return np.asarray(self.weights.get(code, given), dtype=np.float64)

    def _note_refusal(self, population: str, rows: np.ndarray, code: str) -> None:
        """Note which cells keep a node from being computed for a group of units."""
        cells = []
        for leaf in self.framework.leaves_below(code):
            states = self.raw.states[rows, self.column_of[leaf.code]]
            lacking = np.flatnonzero(states != State.VALUE).tolist()
            units = [self.log.unit_id(rows, row) for row in lacking]
            if units:
                cells.append(
                    Message(
                        "refused.cells",
                        code=leaf.code,
                        number=len(units),
                        total=len(rows),
                        units=first_of(units, MOST_UNITS_NAMED),
                    )
                )
        self.log.notes.append(
            Problem.of(
                "XC355.not_computed",
                Where(indicator=code),
                code=code,
                population=population,
                missing=joined(cells) if cells else Message("refused.no_score"),
            )
        )

    def _combine_children(
        self, layer: Layer, rows: np.ndarray, code: str, step: Step
    ) -> tuple[FloatArray, StateArray, StateArray]:
        """Return means of a node's children in a layer, their states, and the children's states.

        Each is (rows,) but for the last, (rows, children). Rows without a mean are logged, unless
        they have a value of their own.
        """
        columns = [
            self.column_of[child.code] for child in self.framework.children(code)
        ]
        values, states = layer.view_block(rows, columns)
        means = aggregate_children(
            values, states, self._child_weights(code, step, values, states), step
        )
        _, own_states = input_values(self.dataset, rows, code)
        # Where no weights were found, that is the fault, not the scores of each city.
        has_weights = not np.isnan(self.weights.get(code, [])).any()
        for row, error in means.block.failures():
            if own_states[row] != State.VALUE and has_weights:
                method = find_method(Aggregation, step.method)
                needs = method.needs
                if error is CellError.DIV0 and not method.whole_sample:
                    needs = "needs.weights_above_zero"
                where = Where(indicator=code, unit=self.log.unit_id(rows, row))
                problem = Problem.of(
                    "XC352.no_result",
                    where,
                    hint=Message(needs, method=step.method),
                    method=step.method,
                    error=error,
                )
                self.log.failures.append(problem)
        return means.values, means.states, states

    def _child_weights(
        self, code: str, step: Step, values: FloatArray, states: StateArray
    ) -> list[float]:
        """Return one weight for each child of a node.

        Those that a step *weight* derives follow from the scores of the first group, are kept in
        `weights` and serve all groups. Where it finds none they are NaN, and that is logged, as are
        inconsistent judgements.

        Parameters
        ----------
        step
            The step that aggregates the node.
        values, states
            (rows, children) scores of the children and their states.
        """
        if (weighting := weight_step(self.recipe, code)) is None:
            return child_weights(self.framework, code, step)
        if code not in self.weights:
            weights, error, ratio = find_weights(
                self.framework, code, values, states, step=weighting
            )
            if error is not None:
                problem = Problem.of(
                    "XC357.no_weights",
                    Where(indicator=code),
                    method=weighting.method,
                    code=code,
                    error=error,
                )
                self.log.failures.append(problem)
                weights = [np.nan] * values.shape[1]
            elif ratio > MOST_INCONSISTENT:
                problem = Problem.of(
                    "XC357.inconsistent",
                    Where(indicator=code),
                    code=code,
                    ratio=ratio,
                    most=MOST_INCONSISTENT,
                )
                self.log.notes.append(problem)
            self.weights[code] = weights
        return self.weights[code]

    def _rescale(self, population: str, rows: np.ndarray, code: str) -> None:
        """Write a node of a group into `scores`, rescaled by its step.

        The root is read as the step's `overall` says: scaled like other nodes, the mean of its
        children's scaled scores, or not scaled at all.
        """
        column = self.column_of[code]
        values, states = self.aggregates.read(rows, column)
        step = self.recipe.step_for("rescale", code)
        reading = overall_reading(step) if code == self.framework.root.code else SCALED
        if step is not None and reading == MEAN_OF_SCALED:
            has_own_value = input_values(self.dataset, rows, code)[1] == State.VALUE
            means, mean_states, _ = self._combine_children(
                self.scores, rows, code, self.recipe.required_step("aggregate", code)
            )
            values = np.where(has_own_value, values, means)
            states = np.where(has_own_value, states, mean_states).astype(np.uint8)
        elif step is not None and reading == SCALED:
            scaled = rescale_node(values, states, step)
            if scaled.constant:
                number = values[states == State.VALUE][0]
                equal = Message(
                    "constant.aggregate", population=population, value=number, code=code
                )
                self.log.note_constant(code, step.method, equal, scaled.constant)
            values = scaled.values
            states = scaled.states
        self.scores.write(rows, column, values, states)

    def _collect_result(self) -> IndexResult:
        """Return the index from the filled layers and the log, with its ranks."""
        scores, states = self.scores.columns(self.node_columns)
        raw, raw_states = self.raw.columns(self.leaf_columns)
        imputed, imputed_states = self.aggregates.columns(self.leaf_columns)
        nodes = [node.code for node in self.framework.composites]
        keys, rules = rank_keys(self.recipe, nodes, scores)
        ranks = rank_units(self.dataset, keys, rules, states)
        normalised = {
            self.codes[column]: self.normalised.values[:, column]
            for column in self.leaf_columns
        }
        self.log.notes += note_methods(
            self.framework, self.recipe, tuple(self.bounds), normalised
        )
        self.log.notes += note_odd_names(self.framework, self.dataset)
        return IndexResult(
            framework=with_weights(self.framework, self.weights),
            recipe=self.recipe,
            dataset=self.dataset,
            bounds=tuple(self.bounds),
            raw=raw,
            raw_states=raw_states,
            normalised=imputed,
            normalised_states=imputed_states,
            aggregates=self.aggregates.columns(self.node_columns)[0],
            scores=scores,
            score_states=states,
            keys=keys,
            ranks=ranks,
            # Ranks that units do not share, in the order of the data.
            positions=rank_units(self.dataset, keys, ["ordinal"] * len(nodes), states),
            steps=tuple(self._step_results(ranks)),
            marks=tuple(self.log.marks),
            failures=tuple(self.log.failures),
            notes=tuple(self.log.notes),
            pairs=self._score_pairs(),
        )

    def _step_results(self, ranks: np.ndarray) -> Iterator[StepResult]:
        """Yield what each step made of the codes it acts on.

        Steps that make no values of units (weight, screen, pairs) are left out.
        """
        of_nodes = {"aggregate": self.aggregates, "rescale": self.scores}
        of_indicators = {
            "construct": self.raw,
            "normalise": self.normalised,
            "impute_scores": self.aggregates,
            **{do: layer for do, layer in self.snapshots.items() if do != "screen"},
        }
        for step in self.recipe.steps:
            if step.do == "rank":
                yield self._rank_result(step, ranks)
            elif step.do in of_nodes:
                nodes = self.framework.composites
                yield self._layer_result(step, nodes, of_nodes[step.do])
            elif step.do in of_indicators:
                nodes = self.framework.indicators
                yield self._layer_result(step, nodes, of_indicators[step.do])

    def _rank_result(self, step: Step, ranks: np.ndarray) -> StepResult:
        """Return the ranks of all nodes as what a step made; 0 is not a rank."""
        codes = tuple(node.code for node in self.framework.composites)
        is_ranked = ranks > 0
        states = np.where(is_ranked, State.VALUE, State.BLANK)
        return StepResult(step, codes, np.where(is_ranked, ranks, np.nan), states)

    def _layer_result(
        self, step: Step, nodes: Sequence[Node], layer: Layer
    ) -> StepResult:
        """Return what a layer holds of those of some nodes that a step acts on."""
        codes = tuple(
            node.code
            for node in nodes
            if self.recipe.step_for(step.do, node.code) is step
        )
        values, states = layer.columns([self.column_of[code] for code in codes])
        return StepResult(step, codes, values, states)

    def _score_pairs(self) -> PairResult | None:
        """Return scores of pairs of cities, each scored as a unit is; None if not asked for."""
        if (
            pair_inputs := pair_data(self.framework, self.recipe, self.dataset)
        ) is None:
            return None
        pair_recipe, pair_dataset = pair_inputs
        scored = _Computation(self.framework, pair_recipe, pair_dataset).run()
        # The aliases of such a unit are the ids of both cities.
        ends = tuple(unit.aliases for unit in scored.dataset.units)
        shared_fields = (
            "leaf_codes",
            "node_codes",
            "normalised",
            "scores",
            "ranks",
            "positions",
        )
        return PairResult(
            ends,
            strengths=scored.raw,
            **{name: getattr(scored, name) for name in shared_fields},
        )
